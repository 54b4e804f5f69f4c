"""Early stopping: which rows are held out to find the number of epochs.

==================  ===========================================================================
cross-validation    folds find the number of epochs; then networks are trained on all rows
folds               a network of each stops with the others; it keeps its own best epoch
hold-out            one part of the rows stops the training on the others
validation          the rows of ``X_val`` stop the training on the table
none                no row is held out, and the training loss ends training
==================  ===========================================================================

Splits are drawn over canonical rows (which merge equal rows), class by class, so that they depend
neither on the order of the table nor on repeated rows. Rows of one group stay together. Where rows
have times, folds are windows of time, and held-out rows are later than training rows.
"""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import generator
from thalweg.data.dates.time_windows import latest, windows
from thalweg.data.group_folds import dealt_groups
from thalweg.errors import ThalwegWarning, outer_level
from thalweg.estimators.parameters.parameter_presets import PRESETS
from thalweg.estimators.targets.label_folds import label_folds, most_folds
from thalweg.wording import parameter

Rows = NDArray[np.intp]
Split = tuple[Rows, Rows]
Codes = NDArray[np.float64]
Groups = NDArray[np.intp]
Times = NDArray[np.float64]

FOLDS = PRESETS["default"]["n_folds"]
MIN_HELD_OUT = 10
# The ways in which the networks of several folds stop together.
STOP_TOGETHER = ("folds", "cross-validation")
# From so many rows on, five networks probably cost more than they gain; not measured.
SMALL_BELOW = 100_000
# What "auto" does with a small table, and with a large one.
SMALL, LARGE = "folds", "hold-out"
SMALL_IN_TIME = "cross-validation"
# The share of the rows, the earliest, that no window of time holds out.
EARLIEST = 0.5


class Stopping(NamedTuple):
    """How the number of epochs is found: the way, and its splits."""

    way: str
    splits: list[Split]


def stopping(
    early_stopping: bool | str,
    codes: Codes,
    fraction: float,
    seed: int,
    groups: Groups | None = None,
    rounds: int = 1,
    times: Times | None = None,
    n_folds: int = FOLDS,
) -> Stopping:
    """The way and the splits for these rows.

    Parameters
    ----------
    early_stopping : {"auto", True, False, "cross-validation", "folds", "hold-out"}
        "auto" is `SMALL` below 100,000 rows and `LARGE` from there; True is "hold-out".
    codes : ndarray of shape (n_rows,) or (n_rows, n_labels)
        Class of each canonical row, or of each of several labels; all equal in regression.
    fraction : float
        Share of the rows to hold out.
    seed : int
    groups : ndarray of int, shape (n_rows,), optional
        Rows of one group are never split.
    rounds : int, default 1
        How often the rows are divided into folds, if the networks of the folds are kept.
    times : ndarray of float64, shape (n_rows,), optional
        Held-out rows are later than training rows. "auto" is "cross-validation" then below 100,000
        rows: the networks that are kept learn from the latest rows, too.
    n_folds : int, default 5

    Returns
    -------
    Stopping
        ``way`` is one of those above.

    Warns
    -----
    ThalwegWarning
        If a class has too few different rows, or there are too few groups, for the requested way.
    """
    way = _way(early_stopping, len(codes), SMALL if times is None else SMALL_IN_TIME)
    if way == "none":
        return Stopping(way, [])
    if times is not None:
        splits = in_time(way, codes, fraction, times, rounds, n_folds)
    elif way == "hold-out":
        splits = holdout(codes, fraction, seed, groups)
    else:
        n_deals = rounds if way == "folds" else 1
        deals = (folds(codes, seed, groups, deal, n_folds) for deal in range(n_deals))
        splits = [split for deal in deals for split in deal]
    if splits:
        return Stopping(way, splits)
    marked = "groups" if groups is not None else "times" if times is not None else ""
    _warn_of_too_few(marked or bool(np.ptp(codes)))
    return Stopping("none", [])


def _way(early_stopping: bool | str, n_rows: int, small: str) -> str:
    """The way that is asked for, where "auto" is ``small`` or `LARGE`."""
    if early_stopping == "auto":
        return small if n_rows < SMALL_BELOW else LARGE
    if isinstance(early_stopping, str):
        return early_stopping
    return "hold-out" if early_stopping else "none"


# What is lacking, and which kind of rows has to be added.
_TOO_FEW: dict[str | bool, tuple[str, str]] = {
    "groups": ("There are too few groups", " of other groups"),
    "times": ("There are too few different times", " of other times, and of each class early on"),
    True: ("A class has too few different rows", " of each class"),
    False: ("There are too few different rows", ""),
}


def _warn_of_too_few(of_what: str | bool) -> None:
    few, more = _TOO_FEW[of_what]
    warnings.warn(
        f"{few} to hold some out for early stopping, so no row is held out, and the training loss "
        f"ends training. Fix: give more different rows{more}, or switch early stopping off "
        f"({parameter('early_stopping', False)}).",
        ThalwegWarning,
        stacklevel=outer_level(),
    )


def holdout(codes: Codes, fraction: float, seed: int, groups: Groups | None = None) -> list[Split]:
    """One split into training rows and held-out rows, with the share of each class kept.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,)
        Class of each row.
    fraction : float
        Share of the rows to hold out; at least 10 rows, and one of each class.
    seed : int
    groups : ndarray of int, shape (n_rows,), optional
        With groups, the share is as near as whole groups allow.

    Returns
    -------
    list of (rows, held_out)
        Empty if one of two classes, or all classes, would have no training row left. Of several
        classes, those that are too rare have training rows only.
    """
    n_rows = len(codes)
    wanted = max(fraction, MIN_HELD_OUT / n_rows)
    if groups is not None:
        return _dealt(codes, groups, max(2, round(1 / wanted)), seed, "holdout")[:1]
    if codes.ndim == 2:
        share = min(0.5, wanted)
        fold = label_folds(codes, np.array([1.0 - share, share]), _drawn(seed, "holdout", 0, 0))
        return _labels_apart(codes, [(np.flatnonzero(fold != 1), np.flatnonzero(fold == 1))])
    held_out, classes = [], _by_class(codes, seed, "holdout")
    for rows in classes:
        count = max(1, round(wanted * len(rows)))
        if count < len(rows):
            held_out.append(rows[:count])
        elif len(classes) <= 2:
            return []
    if not held_out:
        return []
    judges = np.zeros(n_rows, bool)
    judges[np.concatenate(held_out)] = True
    return [(np.flatnonzero(~judges), np.flatnonzero(judges))]


def folds(
    codes: Codes, seed: int, groups: Groups | None = None, deal: int = 0, n_folds: int = FOLDS
) -> list[Split]:
    """Splits that hold out every row once, with the share of each class kept.

    There are fewer than ``n_folds`` if the rarer of two classes has fewer rows, or there are fewer
    groups; none if it has a single one. With several classes, a rare class is not in every fold,
    and the only row of a class is a training row in all. Each ``deal`` gives different folds.
    """
    if groups is not None:
        return _dealt(codes, groups, n_folds, seed, "folds", deal)
    if codes.ndim == 2:
        n_folds = min(n_folds, most_folds(codes))
        if n_folds < 2:
            return []
        shares = np.full(n_folds, 1.0 / n_folds)
        fold = label_folds(codes, shares, _drawn(seed, "folds", 0, deal))
        return _labels_apart(codes, _splits(fold, n_folds))
    classes = _by_class(codes, seed, "folds", deal)
    sizes = [len(rows) for rows in classes]
    n_folds = min(n_folds, max(sizes) if len(classes) > 2 else min(sizes))
    if n_folds < 2:
        return []
    fold = np.full(len(codes), -1)
    if len(classes) > 2:
        classes = [rows for rows in classes if len(rows) > 1]
    first = 0
    for rows in classes:
        # Dealing continues where the previous class stopped, so that the folds have equal sizes.
        fold[rows] = (first + np.arange(len(rows))) % n_folds
        first += len(rows)
    return _splits(fold, n_folds)


def in_time(
    way: str, codes: Codes, fraction: float, times: Times, rounds: int = 1, n_folds: int = FOLDS
) -> list[Split]:
    """Splits in which the held-out rows are later than those that teach.

    "hold-out" takes the latest rows. Folds are windows of the later half of the rows, each
    taught by all rows before it. A split whose training rows lack a class of its held-out rows, or
    have one class alone, is left out.
    """
    if way == "hold-out":
        held_out = latest(times, max(fraction, MIN_HELD_OUT / len(times)))
        splits = [] if held_out is None else [(np.flatnonzero(~held_out), np.flatnonzero(held_out))]
    else:
        splits = windows(times, n_folds, EARLIEST)
    if codes.ndim == 2:
        return _labels_apart(codes, splits, all_of_them=False) * (rounds if way == "folds" else 1)
    n_classes = min(2, len(np.unique(codes)))
    taught = [np.unique(codes[rows]) for rows, _ in splits]
    sound = [
        split
        for split, known in zip(splits, taught, strict=True)
        if len(known) >= n_classes and np.isin(codes[split[1]], known).all()
    ]
    return sound * (rounds if way == "folds" else 1)


def _dealt(
    codes: Codes, groups: Groups, n_folds: int, seed: int, purpose: str, deal: int = 0
) -> list[Split]:
    """Whole groups dealt to folds, the largest first, so that classes are balanced."""
    n_groups = int(groups.max()) + 1
    n_folds = min(n_folds, n_groups)
    if n_folds < 2:
        return []
    # Of several labels, the combinations of their classes are balanced.
    place = np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1)
    dealt = dealt_groups(place, groups, n_folds, _drawn(seed, purpose, 0, deal))
    return _labels_apart(codes, _splits(dealt, n_folds))


def _labels_apart(codes: Codes, splits: list[Split], *, all_of_them: bool = True) -> list[Split]:
    """Splits of several labels whose training rows have both classes of each label.

    Without them a label cannot be learned. Either all splits are sound, or there are none; with
    ``all_of_them`` false, those that are sound. Splits of one target stay as they are.
    """
    if codes.ndim == 1:
        return splits
    sound = [split for split in splits if (np.ptp(codes[split[0]], axis=0) > 0).all()]
    return sound if len(sound) == len(splits) or not all_of_them else []


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
