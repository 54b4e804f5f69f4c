"""Fits that Ctrl-C ends: what is kept, what is said, and what is left as it was."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from thalweg.errors import Status, UnfinishedError, UnfinishedWarning, outer_level
from thalweg.estimators.fitted import ShowsFitted
from thalweg.interrupts import take_in
from thalweg.training.train import Descent

_FIX = "start it again; to end a search around it, too, press Ctrl-C twice within two seconds"
OF_FOLDS = "They are those of the folds, since those on all rows had no epoch to keep yet."
_AS_BEFORE = "The model is as it was before"


@contextmanager
def all_or_nothing(estimator: ShowsFitted) -> Iterator[None]:
    """Leave an estimator as it was, unless what is done here comes to its end.

    Raises
    ------
    UnfinishedError
        Where Ctrl-C comes, and nobody inside could end with what there is.
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


def report_interrupt(descents: Sequence[Descent], more: str = "") -> None:
    """Warn where Ctrl-C has cut descents short.

    Parameters
    ----------
    descents : sequence of Descent
        One a network.
    more : str, optional
        What else there is to say then.

    Raises
    ------
    UnfinishedError
        Where a network has no epoch to keep.
    """
    if not any(each.status is Status.INTERRUPTED for each in descents):
        return
    lacking = [str(i) for i, each in enumerate(descents, 1) if each.best_epoch == 0]
    if lacking:
        raise UnfinishedError(
            "Interrupted before every network had an epoch that was judged",
            where=f"network {', '.join(lacking)} of {len(descents)}",
            why=_AS_BEFORE,
            fix=_FIX,
        )
    kept = ", ".join(f"{each.best_epoch} of {len(each.history)}" for each in descents)
    who = "Each network is" if len(descents) > 1 else "The network is"
    _warn(f"{who} that of its best epoch so far: {kept}.{more}")


def report_no_scores() -> None:
    """Warn that Ctrl-C came when all networks had been trained, and only scores were to come."""
    _warn(
        "All networks were trained; out-of-fold predictions and their score (oof_score_) are "
        "left out."
    )


def _warn(what: str) -> None:
    warnings.warn(
        f"The fit was interrupted. {what} A search around it goes on, and counts it as any other; "
        "to end that, too, press Ctrl-C twice within two seconds.",
        UnfinishedWarning,
        stacklevel=outer_level(),
    )
