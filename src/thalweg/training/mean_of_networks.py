"""The mean losses of several networks at their best epochs, for the last line of the progress.

The network that reports last depends on the threads, so its losses differ between equal runs.
"""

from collections.abc import Callable, Sequence

import numpy as np

from thalweg.training.descent_inputs import Member
from thalweg.training.history import Epoch
from thalweg.training.progress import Silent, Told
from thalweg.training.train import Descent


def told_in_the_mean(
    run: Callable[[], list[Descent]],
    progress: Silent | Told,
    members: Sequence[Member],
    best_epochs: Callable[[list[Descent]], Sequence[int]],
) -> list[Descent]:
    """Train networks, and give the progress the mean of their best epochs.

    Parameters
    ----------
    run : callable
        Trains the members.
    progress : Silent or Told
    members : sequence of Member
    best_epochs : callable
        The best epoch of each result, counted from 1; 0 if there is none.

    Returns
    -------
    list of Descent
        What ``run`` returns.
    """
    descents = run()
    if isinstance(progress, Told) and len(members) > 1:
        progress.mean = mean_record(members, descents, best_epochs(descents))
    return descents


def mean_record(
    members: Sequence[Member], descents: Sequence[Descent], best_epochs: Sequence[int]
) -> Epoch | None:
    """The losses of the best epochs, weighted by the rows that they are measured on.

    A network without a best epoch does not count; None if no network has one.
    """
    kept = [
        (member, descent.history[best - 1])
        for member, descent, best in zip(members, descents, best_epochs, strict=True)
        if 0 < best <= len(descent.history)
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
