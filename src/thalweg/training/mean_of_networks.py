"""The mean losses of several networks: of every epoch, and of their best ones."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import DivergenceError
from thalweg.training.descent_inputs import Member
from thalweg.training.history import Epoch
from thalweg.training.progress import Silent, Told
from thalweg.training.train import Descent


class HasBestEpoch(Protocol):
    """What chose the best epoch of a network in place of its loss."""

    best_epoch: int


def report_mean(
    progress: Silent | Told,
    members: Sequence[Member],
    runs: Sequence[Descent],
    judges: Sequence[HasBestEpoch | None] = (),
) -> None:
    """Give the progress the mean of the best epochs of trained networks, for its last line.

    The network that reports last depends on the threads, so its losses differ between equal runs.

    Parameters
    ----------
    progress : Silent or Told
    members : sequence of Member
    runs : sequence of Descent
        What their training gave.
    judges : sequence of HasBestEpoch or None, optional
        What chose the best epoch of each; None: its loss.
    """
    if isinstance(progress, Told) and len(members) > 1:
        chosen = zip(judges or [None] * len(runs), runs, strict=True)
        progress.mean = mean_record(members, runs, [(own or run).best_epoch for own, run in chosen])


def mean_record(
    members: Sequence[Member], runs: Sequence[Descent], best_epochs: Sequence[int]
) -> Epoch | None:
    """The losses of the best epochs, weighted by the rows that they are measured on.

    A network without a best epoch does not count; None if no network has one.
    """
    kept = [
        (member, run.history[best - 1])
        for member, run, best in zip(members, runs, best_epochs, strict=True)
        if 0 < best <= len(run.history)
    ]
    if not kept:
        return None
    taught = [
        float(each.data.weights.sum() if each.rows is None else each.data.weights[each.rows].sum())
        for each, _ in kept
    ]
    mean: Epoch = {
        "train_loss": float(np.average([epoch["train_loss"] for _, epoch in kept], weights=taught)),
        "valid_loss": None,
    }
    judged = [
        (epoch["valid_loss"], float(member.data.weights[member.held_out].sum()))
        for member, epoch in kept
        if epoch["valid_loss"] is not None and member.held_out is not None
    ]
    if judged:
        losses, weights = zip(*judged, strict=True)
        mean["valid_loss"] = float(np.average(losses, weights=weights))
    return mean


def mean_curve(
    runs: Sequence[Descent], curves: Sequence[NDArray[np.float64]], shares: Sequence[float]
) -> NDArray[np.float64]:
    """The mean of the curves of the folds, weighted by the weight of their held-out rows.

    Returns
    -------
    ndarray of shape (n_epochs,)
        As long as the longest; inf from the first epoch that a fold has no number for.

    Raises
    ------
    DivergenceError
        If a fold diverged in its first epoch.
    """
    n_epochs = max(len(run.history) for run in runs)
    total = np.zeros(n_epochs)
    for run, judged, share in zip(runs, curves, shares, strict=True):
        curve = np.full(n_epochs, np.inf)
        n_judged = min(len(run.history), len(judged))
        curve[:n_judged] = judged[:n_judged]
        if run.trouble:  # an epoch that exploded may have a record with any loss, or none
            curve[run.trouble.epoch - 1 :] = np.inf
        total += curve * share
    mean: NDArray[np.float64] = total / np.sum(shares)
    troubles = [run.trouble for run in runs if run.trouble]
    if troubles and not np.any(np.isfinite(mean)):
        raise DivergenceError(troubles[0].what, where="cross-validation", fix=troubles[0].fix)
    return mean
