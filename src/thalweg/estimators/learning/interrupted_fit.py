"""Fits that end before they are finished: what is kept, and the warning or error about it."""

import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from thalweg.errors import (
    DivergenceError,
    DivergenceWarning,
    SettingsError,
    Status,
    UnfinishedError,
    UnfinishedWarning,
    outer_level,
)
from thalweg.estimators.fitted import ShowsFitted
from thalweg.interrupts import take_in
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.training.keeping.fit_keeper import FitKeeper
    from thalweg.training.train import Descent

_FIX = "start it again; to end a search around it, too, press Ctrl-C twice within two seconds"
OF_FOLDS = "They are the networks of the folds; those on all rows had no epoch to keep yet."
_AS_BEFORE = "The model is as it was before"
# What else may end a network without an epoch, and what to do.
_CUT = {
    Status.TIME_LIMIT: (
        "The time limit ended training",
        f"set a longer {parameter('time_limit')}, or train fewer and smaller networks",
    ),
    Status.STOPPED: (
        "A callback ended training",
        "let it return True only after an epoch, as from epoch_end",
    ),
}


class Clock:
    """The remaining time of a time limit.

    Parameters
    ----------
    limit : float or None
        Seconds.
    keeper : FitKeeper, optional
        What knows the seconds of earlier processes, as soon as training resumes.
    """

    def __init__(self, limit: float | None, keeper: "FitKeeper | None" = None) -> None:
        self.limit, self.began, self.keeper = limit, time.monotonic(), keeper
        self.before = keeper.seconds_before() if keeper else 0.0

    def share(self, part: float) -> float | None:
        """A part of the whole limit."""
        return None if self.limit is None else part * self.limit

    def left(self) -> float | None:
        """The remaining seconds, always above 0: a network has at least a slice of steps."""
        if self.limit is None:
            return None
        earlier = self.keeper.seconds_before() - self.before if self.keeper else 0.0
        return max(1e-3, self.limit - earlier - (time.monotonic() - self.began))


@contextmanager
def all_or_nothing(estimator: ShowsFitted) -> Iterator[None]:
    """Restore an estimator if the block raises.

    Raises
    ------
    UnfinishedError
        For Ctrl-C, if the block did not end with a partial result.
    """
    before = estimator._fitted
    try:
        yield
    except BaseException as error:
        estimator._adopt(before)
        if not isinstance(error, KeyboardInterrupt):
            raise
        take_in(error)
        raise UnfinishedError(
            "Interrupted before there was anything to keep", why=_AS_BEFORE, fix=_FIX
        ) from None


def report_divergence(descent: "Descent") -> None:
    """Raise if a run diverged before an epoch ended with finite numbers; warn if it did later."""
    if not descent.trouble:
        return
    what, fix = descent.trouble.what, descent.trouble.fix
    if descent.best_epoch == 0:
        raise DivergenceError(what, why="No epoch had ended with finite numbers by then", fix=fix)
    warnings.warn(
        f"{what}. Epoch {descent.best_epoch}, the best before, was kept. Fix: {fix}.",
        DivergenceWarning,
        stacklevel=outer_level(),
    )


def report_interrupt(runs: Sequence["Descent"], more: str = "") -> None:
    """Warn if Ctrl-C ended training runs.

    Parameters
    ----------
    runs : sequence of Descent
        One per network.
    more : str, optional
        Another sentence for the warning.

    Raises
    ------
    UnfinishedError
        If a network has no epoch to keep.
    """
    if not any(each.status is Status.INTERRUPTED for each in runs):
        return
    lacking = [str(i) for i, each in enumerate(runs, 1) if each.best_epoch == 0]
    if lacking:
        raise UnfinishedError(
            "Interrupted before every network had an epoch to keep",
            where=f"network {', '.join(lacking)} of {len(runs)}",
            why=_AS_BEFORE,
            fix=_FIX,
        )
    kept = ", ".join(f"{each.best_epoch} of {len(each.history)}" for each in runs)
    who = "Each network keeps" if len(runs) > 1 else "The network keeps"
    _warn(f"{who} its best epoch so far: {kept}.{more}")


def require_epochs(runs: Sequence["Descent"]) -> None:
    """Refuse networks that a time limit or a callback ended before their first epoch had.

    Raises
    ------
    SettingsError
    """
    for number, run in enumerate(runs, 1):
        if run.best_epoch == 0 and run.status in _CUT:
            what, fix = _CUT[run.status]
            raise SettingsError(
                f"{what} before every network had an epoch to keep",
                where=f"network {number} of {len(runs)}",
                why=_AS_BEFORE,
                fix=fix,
            )


def report_no_scores() -> None:
    """Warn that Ctrl-C came after training, while out-of-fold scores were computed."""
    _warn(
        "All networks were trained; out-of-fold predictions and their score (oof_score_) are "
        "left out."
    )


def report_no_intervals() -> None:
    """Warn that Ctrl-C came after training, while held-out rows were predicted for intervals."""
    _warn("All networks were trained; the model has no intervals or sets of classes.")


def report_no_importance() -> None:
    """Warn that Ctrl-C came after training, while the importance of columns was measured."""
    _warn("All networks were trained; the model has no importance of columns.")


def _warn(what: str) -> None:
    warnings.warn(
        f"The fit was interrupted. {what} A search around it goes on, and counts it like any other "
        "fit; to end the search, too, press Ctrl-C twice within two seconds.",
        UnfinishedWarning,
        stacklevel=outer_level(),
    )
