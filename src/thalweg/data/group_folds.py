"""Groups of rows in folds and parts: each fold its share of every class, or why that cannot be."""

from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.errors import DataError
from thalweg.wording import counted, parameter, shown


def cannot_hold_out(
    y: NDArray[Any], sets: NDArray[np.intp], groups: NDArray[Any] | None = None
) -> DataError | None:
    """Why no test set can be held out that has rows of each class; None if it can.

    `thalweg.evaluation.splits.holdout_split` raises this, and the table doctor finds it.

    Parameters
    ----------
    y : ndarray, shape (n_rows,)
        The classes, or one value for all rows.
    sets : ndarray of int, shape (n_rows,)
        Rows of one number are never split.
    groups : ndarray, shape (n_rows,), optional
        The names of the sets, if these are groups and not equal rows.
    """
    if len(np.unique(sets)) == 1:
        return _one_set(len(sets), groups)
    for label in np.unique(y):
        if len(np.unique(sets[y == label])) < 2:
            return too_few_apart(label, y, sets, groups)
    return None


def require_several_groups(groups: object) -> None:
    """Raise a DataError for the name of a column in the place of the groups of rows."""
    if isinstance(groups, str | Integral):
        raise DataError(
            f"groups={shown(groups)} is one value, not the group of each row",
            why="In Python, groups takes the values of each row, not the name of a column",
            fix=f"give the column, as in groups=df[{shown(groups)}]",
        )


def require_group_of_each(groups: NDArray[Any]) -> None:
    """Raise a DataError if the group of a row is missing."""
    missing = np.flatnonzero(pd.isna(groups))
    if len(missing):
        raise DataError(
            f"groups has {counted(len(missing), 'missing value')} (NaN or None)",
            where=f"first in row {missing[0] + 1}",
            why="A split could separate such a row from the rows that it belongs to",
            fix="fill it in (with a unique name for a row that belongs to no other), or leave "
            "these rows out",
        )


def _one_set(n_rows: int, groups: NDArray[Any] | None) -> DataError:
    if n_rows == 1:
        return DataError(
            "The table has one row",
            why="One row is not enough to learn from and to hold out others",
            fix="give a table with more rows",
        )
    if groups is None:
        return DataError(
            f"All {n_rows:,} rows are equal in every feature",
            where="constant columns, empty ones, and texts that only identify rows do not count",
            why="Nothing can be learned from features that do not differ, and equal rows are never "
            "split, so none can be held out",
            fix="give a column in which the rows differ",
        )
    return DataError(
        f'All {n_rows:,} rows are of one group: "{groups[0]}"',
        why="Rows of one group are never split, so none can be held out",
        fix="name another column for the groups, or none",
    )


def too_few_apart(
    label: object, y: NDArray[Any], sets: NDArray[np.intp], groups: NDArray[Any] | None = None
) -> DataError:
    """The error for a class whose rows cannot be in both parts."""
    n_rows, n_apart = int((y == label).sum()), len(np.unique(sets[y == label]))
    are_equal = groups is None and n_apart == 1 and n_rows > 1
    together = "equal rows" if groups is None else "rows of one group"
    cases = f"; if they are different cases, {parameter('group', 'NAME')} with a column that names "
    return DataError(
        f'There are too few rows of class "{label}" to hold out a test set',
        where=f"{n_rows} in the table, in {counted(n_apart, 'set')} that cannot be split",
        why=f"Both parts need rows of each class, and {together} stay in one part",
        fix=f"add rows of this class{f'{cases}the case of each row' if are_equal else ''}",
    )


def dealt_groups(
    codes: NDArray[np.intp],
    groups: NDArray[np.intp],
    n_folds: int,
    random: np.random.Generator,
) -> NDArray[np.intp]:
    """Assign the groups one by one, the largest first, to the fold that balances the classes best.

    Let s be the share of each class that the group has, and L the share that a fold has so far.
    The group goes to the fold with the lowest Σ L s over the classes, where Σ L² grows least; in a
    tie, to the fold with the fewest rows, so no fold stays empty. Groups of equal size are taken
    in random order.

    Parameters
    ----------
    codes : ndarray of int, shape (n_rows,)
        The class of each row, 0 … n_classes - 1.
    groups : ndarray of int, shape (n_rows,)
        The group of each row, 0 … n_groups - 1.
    n_folds : int
        At most as many as there are groups.
    random : Generator

    Returns
    -------
    ndarray of int, shape (n_rows,)
        The fold of each row; none is empty.
    """
    n_groups = int(groups.max()) + 1
    share = np.zeros((n_groups, int(codes.max()) + 1))
    np.add.at(share, (groups, codes), 1.0)
    sizes = share.sum(axis=1)
    order = random.permutation(n_groups)
    order = order[np.argsort(-sizes[order], kind="stable")]
    share /= share.sum(axis=0)
    load, n_rows = np.zeros((n_folds, share.shape[1])), np.zeros(n_folds)
    fold_of = np.empty(n_groups, np.intp)
    for group in order:
        fold = fold_of[group] = np.lexsort((n_rows, (load * share[group]).sum(axis=1)))[0]
        load[fold] += share[group]
        n_rows[fold] += sizes[group]
    return fold_of[groups]
