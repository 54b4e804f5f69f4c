"""Options about the run of a verb: where it keeps its state, and where it computes."""
