"""Which rows judge a descent, and so how many epochs it should have.

==================  ===========================================================================
cross-validation    five folds find the number of epochs; then networks on all rows, cut there
folds               five networks, which stop together; each keeps the best epoch of its own fold
hold-out            one part of the rows stops what learns from the others
validation          rows that were given stop what learns from the table
none                no row is held out, and the training loss ends it
==================  ===========================================================================

Splits are drawn over canonical rows (equal rows are one row by then), class by class, so that
neither the order of the table nor a repeated row has a say. Rows of one group stay together.
"""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.data.group_folds import dealt_groups
from thalweg.errors import ThalwegWarning, outer_level
from thalweg.random import generator

Rows = NDArray[np.intp]
Split = tuple[Rows, Rows]
Codes = NDArray[np.float64]
Groups = NDArray[np.intp]

FOLDS = 5
MIN_HELD_OUT = 10
# From so many rows on, five networks are thought to cost more than they bring; not measured.
SMALL_BELOW = 100_000
# What "auto" does with a small table, and with a large one.
SMALL, LARGE = "folds", "hold-out"


class Stopping(NamedTuple):
    """How the number of epochs is found: the way, and the splits that it takes."""

    way: str
    splits: list[Split]


def stopping(
    early_stopping: bool | str,
    codes: Codes,
    fraction: float,
    seed: int,
    groups: Groups | None = None,
    rounds: int = 1,
) -> Stopping:
    """The way that fits the rows.

    Parameters
    ----------
    early_stopping : {"auto", True, False, "cross-validation", "folds", "hold-out"}
        "auto" is `SMALL` below 100,000 rows and `LARGE` from there; True is "hold-out".
    codes : ndarray of shape (n_rows,)
        Class of each canonical row; all equal where there are none.
    fraction : float
        Share of the rows to hold out.
    seed : int
    groups : ndarray of int, shape (n_rows,), optional
        Rows of one group are never parted.
    rounds : int, default 1
        How often the folds are dealt, where their networks are kept.

    Returns
    -------
    Stopping
        ``way`` is one of those above.

    Warns
    -----
    ThalwegWarning
        Where a class has too few different rows, or there are too few groups, for the way that
        was asked for.
    """
    if early_stopping == "auto":
        way = SMALL if len(codes) < SMALL_BELOW else LARGE
    elif isinstance(early_stopping, str):
        way = early_stopping
    elif early_stopping:
        way = "hold-out"
    else:
        return Stopping("none", [])
    if way == "hold-out":
        splits = holdout(codes, fraction, seed, groups)
    else:
        n_deals = rounds if way == "folds" else 1
        splits = [split for deal in range(n_deals) for split in folds(codes, seed, groups, deal)]
    if splits:
        return Stopping(way, splits)
    few, more = _TOO_FEW["groups" if groups is not None else bool(np.ptp(codes))]
    warnings.warn(
        f"{few} to hold some out and stop by them, so no row is held out, and the training loss "
        f"ends the descent. Fix: give more different rows{more}, or switch early stopping off.",
        ThalwegWarning,
        stacklevel=outer_level(),
    )
    return Stopping("none", [])


# What there is too little of, and of what kind more rows would have to be.
_TOO_FEW: dict[str | bool, tuple[str, str]] = {
    "groups": ("There are too few groups", " of other groups"),
    True: ("A class has too few different rows", " of each class"),
    False: ("There are too few different rows", ""),
}


def holdout(codes: Codes, fraction: float, seed: int, groups: Groups | None = None) -> list[Split]:
    """One split into training rows and held-out rows, with the share of each class kept.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,)
        Class of each row.
    fraction : float
        Share of the rows to hold out; at least 10 rows and one of each class are.
    seed : int
    groups : ndarray of int, shape (n_rows,), optional
        With groups the share is as near as whole groups come.

    Returns
    -------
    list of (rows, held_out)
        Empty where one of two classes, or all, would have no row left to train on. Of several
        classes those that are too rare for that only teach.
    """
    n_rows = len(codes)
    wanted = max(fraction, MIN_HELD_OUT / n_rows)
    if groups is not None:
        return _dealt(codes, groups, max(2, round(1 / wanted)), seed, "holdout")[:1]
    held_out, classes = [], _by_class(codes, seed, "holdout")
    for rows in classes:
        count = max(1, round(wanted * len(rows)))
        if count < len(rows):
            held_out.append(rows[:count])
        elif len(classes) <= 2:
            return []
    if not held_out:
        return []
    judge = np.sort(np.concatenate(held_out))
    return [(np.setdiff1d(np.arange(n_rows), judge), judge)]


def folds(codes: Codes, seed: int, groups: Groups | None = None, deal: int = 0) -> list[Split]:
    """Five splits that hold out every row once, with the share of each class kept.

    Fewer than five where the rarer of two classes has fewer rows, or there are fewer groups; none
    where it has a single one. Of several classes a rare one is not in every fold, and a single row
    only teaches. Each ``deal`` is another one.
    """
    if groups is not None:
        return _dealt(codes, groups, FOLDS, seed, "folds", deal)
    classes = _by_class(codes, seed, "folds", deal)
    sizes = [len(rows) for rows in classes]
    n_folds = min(FOLDS, max(sizes) if len(classes) > 2 else min(sizes))
    if n_folds < 2:
        return []
    fold = np.full(len(codes), -1)
    if len(classes) > 2:
        classes = [rows for rows in classes if len(rows) > 1]
    first = 0
    for rows in classes:
        # Each class goes on dealing where the one before it stopped, so that folds stay even.
        fold[rows] = (first + np.arange(len(rows))) % n_folds
        first += len(rows)
    return _splits(fold, n_folds)


def _dealt(
    codes: Codes, groups: Groups, n_folds: int, seed: int, purpose: str, deal: int = 0
) -> list[Split]:
    """Whole groups dealt to folds, the largest first, each to where it evens out the classes."""
    n_groups = int(groups.max()) + 1
    n_folds = min(n_folds, n_groups)
    if n_folds < 2:
        return []
    place = np.unique(codes, return_inverse=True)[1]
    return _splits(dealt_groups(place, groups, n_folds, _drawn(seed, purpose, 0, deal)), n_folds)


def _splits(fold: Rows, n_folds: int) -> list[Split]:
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(n_folds)]


def _by_class(codes: Codes, seed: int, purpose: str, deal: int = 0) -> list[Rows]:
    """The rows of each class, shuffled."""
    return [
        _drawn(seed, purpose, i, deal).permutation(np.flatnonzero(codes == code))
        for i, code in enumerate(np.unique(codes))
    ]


def _drawn(seed: int, purpose: str, number: int, deal: int) -> np.random.Generator:
    return generator(seed, purpose, deal, number) if deal else generator(seed, purpose, number)
