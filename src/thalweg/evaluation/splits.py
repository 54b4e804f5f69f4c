"""Train-test splits and folds, stratified by class, with equal rows or groups on one side.

Equal rows stay together. If groups are named, the rows of one group stay together instead, such as
the visits of one patient; equal rows of different groups then count as different cases.

*Equal rows.* The sets of equal rows are visited in random order. A set goes to the test set if its
rows of each class still fit there. If rows are still lacking after that, because most sets are
large, a set may also overshoot a class by less than the rows it lacks. (scikit-learn's
StratifiedGroupKFold reaches the fraction as well, but it places the largest sets first: on the
Wisconsin table the most common row is in its first test fold for every seed, and never in another.)

*Named groups* are dealt to folds, which balances the folds even with few, large groups. One random
fold is the test set. If no fold is near the fraction, because one group is most of the table,
the test set is the fold, or the union of the smallest folds, that is nearest to it.

*Named times* make the latest rows the test set, and folds into windows of time
(`thalweg.data.dates.time_windows`); rows of one time stay together, and nothing is random.
"""

from typing import Any

import numpy as np

from thalweg.counter_based_random import generator
from thalweg.data.canonical_rows import row_groups
from thalweg.data.dates.time_windows import latest, windows
from thalweg.data.group_folds import cannot_hold_out, dealt_groups, too_few_apart
from thalweg.errors import DataError, SettingsError
from thalweg.wording import counted

Splits = list[tuple[np.ndarray, np.ndarray]]

# Groups are dealt to folds at most so many times, until each class is in more than one fold.
_DEALS = 20


def holdout_split(
    X: np.ndarray,
    y: np.ndarray,
    *,
    fraction: float = 0.2,
    seed: int,
    groups: np.ndarray | None = None,
    times: np.ndarray | None = None,
    counts: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Split a table in two, each class in proportion, with equal rows or groups on one side.

    Parameters
    ----------
    X : ndarray of float64, shape (n_samples, n_features)
        The raw features, NaN where a value is missing.
    y : ndarray, shape (n_samples,)
        Class labels or codes.
    fraction : float, default 0.2
        The wanted share of test rows of every class: exact to half a row if enough rows differ;
        with groups 1/2, 1/3 … or the rest of the rows, as near as whole groups allow.
    seed : int
    groups : ndarray, shape (n_samples,), optional
        Rows of one group stay together; equal rows of different groups need not.
    times : ndarray of float64, shape (n_samples,), optional
        The latest rows are the test set, as near to the fraction as equal times allow.
    counts : ndarray of int, shape (n_samples,), optional
        How many equal rows each row stands for, 1 or more.

    Returns
    -------
    train, test : ndarray of int64
        Row numbers, ascending. The split does not depend on the order of the table.

    Raises
    ------
    SettingsError
        If the fraction is not between 0 and 1.
    DataError
        If a class would be missing in one part, or there is only one group.
    """
    if not 0 < fraction < 1:
        raise SettingsError(
            f"A test set cannot have the fraction {fraction:g} of the rows",
            fix="choose a fraction between 0 and 1, such as 0.2",
        )
    copies = _copies(len(y), counts)
    classes, codes = np.unique(y[copies], return_inverse=True)
    if times is not None:
        return _parts(_latest_rows(classes, codes, times[copies], fraction), copies)
    rows = row_groups(X) if groups is None else np.unique(groups, return_inverse=True)[1]
    rows, groups = rows[copies], None if groups is None else groups[copies]
    if error := cannot_hold_out(classes[codes], rows, groups):
        raise error
    tested = _tested(codes, rows, fraction, seed, grouped=groups is not None)
    for code in _lacking(codes, tested):
        raise too_few_apart(classes[code], classes[codes], rows, groups)
    return _parts(tested, copies)


def _tested(
    codes: np.ndarray, rows: np.ndarray, fraction: float, seed: int, *, grouped: bool
) -> np.ndarray:
    """The test rows: a share of the different rows of each class, or whole groups."""
    if grouped:
        return _grouped_fold(codes, rows, fraction, seed)
    return _drawn(rows, codes, fraction, seed)


def _copies(n_rows: int, counts: np.ndarray | None) -> np.ndarray:
    """The number of each row, as often as it counts."""
    return np.arange(n_rows) if counts is None else np.repeat(np.arange(n_rows), counts)


def _parts(tested: np.ndarray, copies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Training and test rows. Copies of a row are equal, so they are in one part."""
    return np.unique(copies[~tested]), np.unique(copies[tested])


def count_cases(X: np.ndarray, *marks: object) -> int:
    """The number of rows that count as different cases, where such rows are never split.

    Parameters
    ----------
    X : ndarray of float, shape (n_samples, n_features)
    *marks : groups and times, as far as they are named
        If there are any, each row counts; else only the different ones.
    """
    if any(mark is not None for mark in marks):
        return len(X)
    return int(row_groups(X).max(initial=-1)) + 1


def _latest_rows(
    classes: np.ndarray, codes: np.ndarray, times: np.ndarray, fraction: float
) -> np.ndarray:
    """Which rows are the latest ones."""
    tested = latest(times, fraction)
    if tested is None:
        raise _of_one_time(len(times))
    for code in _lacking(codes, tested):
        part = "earlier" if (codes[tested] == code).any() else "latest"
        raise DataError(
            f'No row of class "{classes[code]}" is among the {part} rows',
            where=f"{np.sum(codes == code)} in the table, {np.sum(~tested):,} earlier and "
            f"{np.sum(tested):,} latest rows",
            why="Both parts need rows of each class, and the latest rows are the test part",
            fix="add rows of this class, or split at random: leave the time column unnamed",
        )
    return tested


def _of_one_time(n_rows: int) -> DataError:
    return DataError(
        f"All {n_rows:,} rows are of one time",
        why="No row is later than the others, so none can be held out",
        fix="name another time column, or none",
    )


def _lacking(codes: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """The classes that have no row in one of the two parts."""
    sizes = np.bincount(codes)
    n_tested = np.bincount(codes[tested], minlength=len(sizes))
    return np.flatnonzero((n_tested == 0) | (n_tested == sizes))


def _drawn(
    groups: np.ndarray, codes: np.ndarray, fraction: float, seed: int, kept: int = 1
) -> np.ndarray:
    """Which rows are in the test set; rows with the same number in ``groups`` stay together.

    At least ``kept`` groups of each class are left for training, if there are so many.
    """
    members = np.zeros((groups.max(initial=-1) + 1, int(codes.max(initial=-1)) + 1), dtype=np.int64)
    np.add.at(members, (groups, codes), 1)
    sizes = members.sum(axis=0)
    order = generator(seed, "holdout").permutation(len(members))
    wanted = np.clip(np.rint(fraction * sizes), 1, sizes - 1)
    return np.asarray(_chosen(members[order], wanted, kept)[np.argsort(order)][groups])


def _chosen(members: np.ndarray, lacking: np.ndarray, kept: int) -> np.ndarray:
    """Which groups make up the test set.

    Parameters
    ----------
    members : ndarray of int64, shape (n_groups, n_classes)
        Rows of each class in each group; groups are visited in this order.
    lacking : ndarray, shape (n_classes,)
        Wanted test rows of each class.
    kept : int
        So many groups with rows of each class are not chosen.

    Returns
    -------
    ndarray of bool, shape (n_groups,)
    """
    chosen = np.zeros(len(members), dtype=np.bool_)
    spare = (members > 0).sum(axis=0) - kept

    def choose(group: int) -> None:
        nonlocal lacking, spare
        chosen[group] = True
        lacking = np.maximum(lacking - members[group], 0)
        spare = spare - (members[group] > 0)

    for stretch in (1, 2):
        for group in np.flatnonzero(~chosen):
            if not lacking.any():
                return chosen
            # 1: at most what is lacking. 2: an overshoot smaller than what is lacking.
            fits = members[group] <= np.maximum(stretch * lacking - (stretch - 1), 0)
            if fits.all() and (spare[members[group] > 0] > 0).all():
                choose(int(group))
    # The last resort, if all groups of a class are large: the one that overshoots least.
    for code in np.argsort(spare, kind="stable"):
        may = ~chosen & (members[:, code] > 0) & ((members == 0) | (spare > 0)).all(axis=1)
        if may.any() and not members[chosen, code].any():
            over = np.maximum(members - lacking, 0).sum(axis=1)
            choose(int(np.flatnonzero(may)[np.argmin(over[may])]))
    return chosen


def _grouped_fold(codes: np.ndarray, groups: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    """Which rows are in the test set: whole groups, with all classes in it and in the rest.

    The first drawn fold that is near the fraction; else the fold, or the union of the smallest
    folds, nearest to it. If none has all classes, groups are drawn in the same way as equal rows.
    """
    n_groups = int(groups.max()) + 1
    wanted = min(fraction, 1 - fraction)
    n_folds = min(round(1 / wanted), n_groups)
    fold = dealt_groups(codes, groups, n_folds, generator(seed, "folds"))
    single = [fold == k for k in generator(seed, "holdout").permutation(n_folds)]
    rising = sorted(single, key=np.count_nonzero)
    smallest = [np.any(rising[: k + 1], axis=0) for k in range(1, n_folds - 1)]
    parts = [part for part in (*single, *smallest) if not len(_lacking(codes, part))]
    if not parts:
        return _drawn(groups, codes, fraction, seed)
    near = (part for part in parts if 0.5 <= n_folds * part.mean() <= 1.5)
    part = next(near, None)
    if part is None:
        part = min(parts, key=lambda part: abs(part.mean() - wanted))
    return np.asarray(part if fraction <= 0.5 else ~part)


def fold_splits(
    X: np.ndarray,
    y: np.ndarray,
    *,
    n_folds: int,
    seed: int,
    groups: np.ndarray | None = None,
    times: np.ndarray | None = None,
    counts: np.ndarray | None = None,
) -> Splits:
    """Split a table into folds, each class in proportion, with equal rows or groups in one fold.

    Each fold is drawn from the remaining rows as in `holdout_split`; named groups are dealt to
    the folds.

    Parameters
    ----------
    X, y, groups, times, counts
        As in `holdout_split`. With times the folds are windows of time: the training rows of each
        are all rows before it, and the rows before the first window are never test rows.
    n_folds : int
        2 or more.
    seed : int

    Returns
    -------
    list of (train, test)
        Row numbers, ascending; every row is a test row once, except for the earliest if there are
        times.

    Raises
    ------
    DataError
        If a class has fewer different rows than folds, or there are fewer groups or times than
        folds.
    """
    copies = _copies(len(y), counts)
    if times is not None:
        windows_of_copies = _windows(y[copies], times[copies], n_folds)
        return [(np.unique(copies[a]), np.unique(copies[b])) for a, b in windows_of_copies]
    if groups is None:
        fold = _folds_of_equal_rows(y[copies], row_groups(X)[copies], n_folds, seed)
    else:
        fold = _folds_of_groups(y[copies], groups[copies], n_folds, seed)
    return [_parts(fold == k, copies) for k in range(n_folds)]


def _folds_of_equal_rows(y: np.ndarray, rows: np.ndarray, n_folds: int, seed: int) -> np.ndarray:
    """The fold of each row; equal rows have one number in ``rows``."""
    classes, codes = np.unique(y, return_inverse=True)
    for code, label in enumerate(classes):
        n_different = len(np.unique(rows[codes == code]))
        if n_different < n_folds:
            raise DataError(
                f'There are too few rows of class "{label}" for {n_folds} folds',
                where=f"{np.sum(codes == code)} in the table, {n_different} of them different",
                why="Each fold needs rows of each class, and equal rows stay in one fold",
                fix="take fewer folds, or add rows of this class",
            )
    fold = np.full(len(y), n_folds - 1)
    left = np.arange(len(y))
    for k in range(n_folds - 1):
        to_come = n_folds - k - 1
        those = np.unique(rows[left], return_inverse=True)[1]
        tested = _drawn(those, codes[left], 1 / (to_come + 1), seed, to_come)
        fold[left[tested]], left = k, left[~tested]
    return fold


def _folds_of_groups(y: np.ndarray, names: np.ndarray, n_folds: int, seed: int) -> np.ndarray:
    """The fold of each row; rows of one group have one name."""
    groups = np.unique(names, return_inverse=True)[1]
    n_groups = int(groups.max()) + 1
    if n_groups < n_folds:
        raise DataError(
            f"There are too few groups for {n_folds} folds",
            where=f"{n_groups:,} in the table",
            why="Rows of one group stay in one fold",
            fix="take fewer folds, or add rows of other groups",
        )
    classes, codes = np.unique(y, return_inverse=True)
    for deal in range(_DEALS):
        fold = dealt_groups(codes, groups, n_folds, generator(seed, "folds", deal))
        alone = [k for k in range(len(classes)) if len(np.unique(fold[codes == k])) < 2]
        if not alone:
            return fold
    raise DataError(
        f'All rows of class "{classes[alone[0]]}" are in one fold',
        where=f"they are in {counted(len(np.unique(groups[codes == alone[0]])), 'group')}",
        why="Rows of one group stay in one fold, and the model that predicts this fold would not "
        "know the class",
        fix="add rows of this class from other groups",
    )


def _windows(y: np.ndarray, times: np.ndarray, n_folds: int) -> Splits:
    """Windows of time, each class of a window among the rows before it."""
    splits = windows(times, n_folds)
    if len(splits) < n_folds:
        if not splits:
            raise _of_one_time(len(times))
        raise DataError(
            f"There are too few different times for {n_folds} windows",
            where=f"{len(np.unique(times)):,} in the table",
            why="Rows of one time stay together",
            fix=f"take fewer folds, at most {len(splits)}",
        )
    for number, (train, test) in enumerate(splits, start=1):
        unknown = np.setdiff1d(y[test], y[train])
        alone = len(unknown) or (len(np.unique(y[train])) < 2 <= len(np.unique(y)))
        if alone:
            label = unknown[0] if len(unknown) else np.setdiff1d(y, y[train])[0]
            raise DataError(
                f'No row of class "{label}" is earlier than window {number}',
                where=f"{np.sum(y == label)} in the table",
                why="What judges a window learns from the rows before it alone",
                fix="take fewer folds, or add earlier rows of this class",
            )
    return splits


def of_rows(
    groups: np.ndarray | None, times: np.ndarray | None, rows: np.ndarray
) -> dict[str, Any]:
    """The keyword arguments of ``fit`` for the groups or the times of some rows."""
    if times is not None:
        return {"time_column": times[rows]}
    return {} if groups is None else {"groups": groups[rows]}
