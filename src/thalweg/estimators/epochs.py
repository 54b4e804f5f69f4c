"""Which rows judge a descent, and how many epochs it should have.

Splits are drawn over canonical rows (equal rows are one row by then), class by class, so that
neither the order of the table nor a repeated row has a say.
"""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import DivergenceError, ThalwegWarning
from thalweg.random import generator
from thalweg.training.course import Member
from thalweg.training.history import column
from thalweg.training.many import train_many
from thalweg.training.progress import Progress

Rows = NDArray[np.intp]
Split = tuple[Rows, Rows]

FOLDS = 5
MIN_HELD_OUT = 10
# Below so many rows a hold-out is too small to stop by: cross-validation finds the epochs.
CROSS_VALIDATE_BELOW = 2_000


class Stopping(NamedTuple):
    """How the number of epochs is found: the way, and the splits that it takes."""

    way: str
    splits: list[Split]


def stopping(
    early_stopping: bool | str, codes: NDArray[np.float64], fraction: float, seed: int
) -> Stopping:
    """The way that fits the rows.

    Parameters
    ----------
    early_stopping : {"auto", True, False}
        "auto" cross-validates below 2,000 rows and holds out from there; True holds out.
    codes : ndarray of shape (n_rows,)
        Class of each canonical row.
    fraction : float
        Share of the rows to hold out.
    seed : int

    Returns
    -------
    Stopping
        ``way`` is "cross-validation", "hold-out" or "none".

    Warns
    -----
    ThalwegWarning
        Where a class has too few different rows for the way that was asked for.
    """
    if early_stopping != "auto" and not early_stopping:
        return Stopping("none", [])
    if early_stopping == "auto" and len(codes) < CROSS_VALIDATE_BELOW:
        way, splits = "cross-validation", folds(codes, seed)
    else:
        way, splits = "hold-out", holdout(codes, fraction, seed)
    if splits:
        return Stopping(way, splits)
    warnings.warn(
        "A class has too few different rows to hold some out and stop by them, so no row is held "
        "out, and the training loss ends the descent. Mend: give more different rows of each "
        "class, or switch early stopping off.",
        ThalwegWarning,
        stacklevel=4,
    )
    return Stopping("none", [])


def holdout(codes: NDArray[np.float64], fraction: float, seed: int) -> list[Split]:
    """One split into training rows and held-out rows, with the share of each class kept.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,)
        Class of each row.
    fraction : float
        Share of the rows to hold out; at least 10 rows and one of each class are.
    seed : int

    Returns
    -------
    list of (rows, held_out)
        Empty where a class would have no row left to train on.
    """
    n_rows = len(codes)
    wanted = max(fraction, MIN_HELD_OUT / n_rows)
    held_out = []
    for rows in _by_class(codes, seed, "holdout"):
        count = max(1, round(wanted * len(rows)))
        if count >= len(rows):
            return []
        held_out.append(rows[:count])
    judge = np.sort(np.concatenate(held_out))
    return [(np.setdiff1d(np.arange(n_rows), judge), judge)]


def folds(codes: NDArray[np.float64], seed: int) -> list[Split]:
    """Five splits that hold out every row once, with the share of each class kept.

    Fewer than five where the rarest class has fewer rows; none where it has a single one.
    """
    classes = _by_class(codes, seed, "folds")
    n_folds = min(FOLDS, *(len(rows) for rows in classes))
    if n_folds < 2:
        return []
    fold = np.empty(len(codes), np.intp)
    first = 0
    for rows in classes:
        # Each class goes on dealing where the one before it stopped, so that folds stay even.
        fold[rows] = (first + np.arange(len(rows))) % n_folds
        first += len(rows)
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(n_folds)]


def cross_validated_curve(
    members: Sequence[Member], weights: NDArray[np.float64], progress: Progress | None = None
) -> NDArray[np.float64]:
    """Mean loss on the rows held out, epoch by epoch; the folds run side by side.

    Parameters
    ----------
    members : sequence of Member
        One a fold, with its held-out rows.
    weights : ndarray of shape (n_rows,)
    progress : Progress, optional

    Returns
    -------
    ndarray of shape (n_epochs,)
        The weighted mean over the folds, so that every row counts by its weight; inf from the
        epoch on that a fold diverged in.

    Raises
    ------
    DivergenceError
        Where a fold diverged in its first epoch.
    """
    runs = train_many(members, progress=progress)
    n_epochs = max(len(run.history) for run in runs)
    total = np.zeros(n_epochs)
    for run, member in zip(runs, members, strict=True):
        curve = np.full(n_epochs, np.inf)
        curve[: len(run.history)] = column(run.history, "valid_loss")
        if run.trouble:  # the epoch that exploded has a record, and any number or none for a loss
            curve[run.trouble.epoch - 1 :] = np.inf
        total += curve * weights[member.held_out].sum()
    mean: NDArray[np.float64] = total / weights.sum()
    troubles = [run.trouble for run in runs if run.trouble]
    if troubles and not np.any(np.isfinite(mean)):
        raise DivergenceError(troubles[0].what, where="cross-validation", fix=troubles[0].fix)
    return mean


def _by_class(codes: NDArray[np.float64], seed: int, purpose: str) -> list[Rows]:
    """The rows of each class, shuffled."""
    return [
        generator(seed, purpose, i).permutation(np.flatnonzero(codes == code))
        for i, code in enumerate(np.unique(codes))
    ]
