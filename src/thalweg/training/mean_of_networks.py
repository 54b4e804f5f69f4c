"""The mean losses of several networks at their best epochs, for the last line of the progress.

The network that reports last depends on the threads, so its losses differ between equal runs.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from thalweg.training.descent_inputs import Member
from thalweg.training.history import Epoch
from thalweg.training.progress import Silent, Told
from thalweg.training.train import Descent


def report_mean(
    progress: Silent | Told,
    members: Sequence[Member],
    runs: Sequence[Descent],
    best_epochs: Sequence[int],
) -> None:
    """Give the progress the mean of the best epochs of trained networks.

    Parameters
    ----------
    progress : Silent or Told
    members : sequence of Member
    runs : sequence of Descent
        What their training gave.
    best_epochs : sequence of int
        Of each, counted from 1; 0 if there is none.
    """
    if isinstance(progress, Told) and len(members) > 1:
        progress.mean = mean_record(members, runs, best_epochs)


class HasBestEpoch(Protocol):
    """What chose the best epoch of a network in place of its loss."""

    best_epoch: int


def reported(
    progress: Silent | Told,
    members: Sequence[Member],
    judges: Sequence[HasBestEpoch | None],
    runs: list[Descent],
) -> list[Descent]:
    """The results, after the progress has the mean of their best epochs."""
    best = [(judge or each).best_epoch for judge, each in zip(judges, runs, strict=True)]
    report_mean(progress, members, runs, best)
    return runs


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
