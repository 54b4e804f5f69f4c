"""Parts of a model that a file spells out: labels, scores, history, held to what they are."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.persistence.header import HISTORY, Header
from thalweg.training.history import History


def labels_of(entry: Header, positive: Any) -> tuple[NDArray[Any], Any]:
    """The labels as the array they were, and which of them is the positive one."""
    labels = entry["labels"]
    said = [repr(label) for label in labels]  # tells 1 from 1.0, True and "1"
    try:
        # The length comes first: it bounds what the array can take.
        sound = len(labels) >= 2 and all(a < b for a, b in pairwise(labels))
        classes = np.array(labels if sound else [], dtype=entry["dtype"])
    except (TypeError, OverflowError) as bad:
        raise ValueError(f"its classes are no labels: {bad}") from bad
    if not sound or [repr(label) for label in classes.tolist()] != said:
        raise ValueError("its classes are not labels of one type in sorted order")
    if len(entry["costs"]) != len(labels):
        raise ValueError("its classes have not as many costs as labels")
    if positive is None:
        return classes, None
    if repr(positive) not in said:
        raise ValueError("its positive class is none of its classes")
    return classes, classes[said.index(repr(positive))]


def scores_of(array: NDArray[Any], n_epochs: int) -> tuple[float, ...]:
    """A score for each epoch, or none."""
    if array.dtype != np.float64 or array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError("its scores are no vector of finite numbers")
    if len(array) not in (0, n_epochs):
        raise ValueError("its scores are not as many as its epochs")
    return tuple(array.tolist())


def history_of(array: NDArray[Any]) -> History:
    """The history, a row an epoch."""
    if array.dtype != np.float64 or array.ndim != 2 or array.shape[1] != len(HISTORY):
        raise ValueError(f"its history has shape {array.shape} and type {array.dtype}")
    epochs, steps = array[:, 0], array[:, 1]
    counted = np.array_equal(epochs, np.arange(1, len(array) + 1))
    if not (counted and ((steps >= 1) & (steps <= 2**53) & (steps == np.floor(steps))).all()):
        raise ValueError("its history does not count epochs and steps")
    history = [dict(zip(HISTORY, row, strict=True)) for row in array.tolist()]
    for epoch in history:
        epoch["epoch"], epoch["steps"] = int(epoch["epoch"]), int(epoch["steps"])
        for key in ("valid_loss", "rate"):
            if np.isnan(epoch[key]):
                epoch[key] = None
    return history
