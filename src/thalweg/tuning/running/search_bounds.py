"""What a search may take, and what its model may cost."""

from dataclasses import dataclass

from thalweg.tuning.running.study_differences import Facts


@dataclass(frozen=True)
class Bounds:
    """What a search may take, and what its model may cost.

    Attributes
    ----------
    n_trials : int or None
    time_limit : float or None
        Seconds for everything.
    keep : int
    max_row_microseconds, max_size : float or None
    """

    n_trials: int | None
    time_limit: float | None
    keep: int
    max_row_microseconds: float | None = None
    max_size: float | None = None

    def limits(self, facts: Facts) -> dict[str, float]:
        """By how much a trial is above each limit, by its name; at most 0 if it is within."""
        found = {}
        if self.max_row_microseconds is not None:
            found["microseconds a row"] = facts["microseconds"] - self.max_row_microseconds
        if self.max_size is not None:
            found["bytes"] = facts["bytes"] - self.max_size
        return found
