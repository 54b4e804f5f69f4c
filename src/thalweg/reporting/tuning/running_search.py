"""The picture of a search that still runs: its trials so far, and the line of the default."""

from collections.abc import Mapping

from thalweg.evaluation.judging.intervals import Estimate
from thalweg.reporting.tuning.search_pictures import NARROW, course, legend
from thalweg.reporting.tuning.shown_search import ShownSearch, ShownTrial

# In pixels: as wide as the middle column of a page with three columns.
_MIDDLE = 560
_UNKNOWN = Estimate(0.0, 0.0, 0.0)
_LOSS = "out-of-fold loss"


def running_course(trials: Mapping[int, float | None]) -> str:
    """The trials in their order, as two pictures of which a page shows one, and what marks mean.

    Parameters
    ----------
    trials : mapping of int to float or None
        The loss of each trial by its number; None if it diverged.

    Returns
    -------
    str
        Markup; "" without a trial that has a loss.
    """
    if all(loss is None for loss in trials.values()):
        return ""
    shown = ShownSearch(
        "", "", (), _LOSS, _UNKNOWN, _UNKNOWN, _UNKNOWN, "", (),
        [_trial(number, trials[number]) for number in sorted(trials)],
    )  # fmt: skip
    return course(shown, _MIDDLE) + course(shown, NARROW) + legend(shown, shown.trials)


def _trial(number: int, loss: float | None) -> ShownTrial:
    state = "diverged" if loss is None else "complete"
    return ShownTrial(number, state, loss, True, 0.0, None, {}, {})
