"""Splits that a user gives: a splitter of scikit-learn, or pairs of training and test rows."""

from typing import Any

import numpy as np

from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.any_estimator.inputs.fit_arguments import ignores_groups
from thalweg.evaluation.splits import Splits
from thalweg.wording import counted, shown


def given_splits(how: Any, X: Any, y: np.ndarray, groups: np.ndarray | None) -> list[Splits]:
    """The splits of each repetition: one ends before the first row that would be a test row again.

    Parameters
    ----------
    how : object with ``split``, or iterable of pairs of arrays of int
    X, y, groups
        The table, for a splitter.

    Raises
    ------
    SettingsError
        If ``how`` is neither.
    DataError
        If a split is empty, has rows that are not there, rows in both parts, or divides a group.
    """
    if hasattr(how, "split") and not isinstance(how, str):
        how = _of_splitter(how, X, y, groups)
    try:
        pairs = [(np.asarray(train), np.asarray(test)) for train, test in how]
    except (TypeError, ValueError) as error:
        raise SettingsError(
            "The way to evaluate is not known",
            where=f"how is a {type(how).__name__}",
            fix='give how="holdout", how="cross-validation", how="given", a splitter of '
            "scikit-learn, or a list of pairs (training rows, test rows)",
        ) from error
    if not pairs:
        raise DataError("There is no split", fix="give at least one pair of training and test rows")
    splits = [_checked(*pair, len(y), k + 1) for k, pair in enumerate(pairs)]
    if groups is not None:
        for k, split in enumerate(splits):
            _require_whole(groups, *split, k + 1)
    repetitions: list[Splits] = []
    seen = np.ones(len(y), dtype=bool)
    for train, test in splits:
        if seen[test].any():
            repetitions.append([])
            seen = np.zeros(len(y), dtype=bool)
        seen[test] = True
        repetitions[-1].append((train, test))
    return repetitions


def require_two_classes(repetitions: list[Splits], y: np.ndarray) -> None:
    """Raise a DataError if the training rows of a split are of a single class."""
    for number, (train, _) in enumerate([each for splits in repetitions for each in splits]):
        if len(train) and (y[train] == y[train[0]]).all():
            raise DataError(
                f"The training rows of a split are all of class {shown(y[train[0]])}",
                where=f"split {number + 1}",
                why="A classifier needs rows of two classes at least",
                fix="give splits with all classes in training, such as StratifiedKFold(5)",
            )


def _of_splitter(how: Any, X: Any, y: np.ndarray, groups: np.ndarray | None) -> list[Any]:
    try:
        return list(how.split(X, y, None if ignores_groups(how) else groups))
    except (TypeError, ValueError) as error:
        name, said = type(how).__name__, str(error).strip()
        fix = "give a splitter that fits the table, or another way to evaluate"
        if groups is None and "group" in said.lower():
            fix = f"pass groups=, which a {name} needs: the group of every row"
        raise SettingsError(
            f"The splitter {name} cannot split the table: {said}", fix=fix
        ) from error


def _require_whole(groups: np.ndarray, train: np.ndarray, test: np.ndarray, number: int) -> None:
    """Raise a DataError if some group has rows in both parts of a split."""
    tested = np.unique(groups[test])
    divided = np.isin(tested, groups[train])
    if divided.any():
        raise DataError(
            f"The split divides groups: {shown(tested[divided][0])} has training and test rows",
            where=f"split {number}: {int(divided.sum()):,} of "
            f"{counted(len(tested), 'tested group')}",
            why="The evaluation would be too good for new groups",
            fix="give a splitter that keeps groups together, such as GroupKFold(5), or "
            'how="cross-validation"; or leave out groups',
        )


def _checked(
    train: np.ndarray, test: np.ndarray, n_rows: int, number: int
) -> tuple[np.ndarray, np.ndarray]:
    parts = []
    for name, rows in (("training", train), ("test", test)):
        rows = np.flatnonzero(rows) if rows.dtype == np.bool_ and len(rows) == n_rows else rows
        if rows.ndim != 1 or not len(rows) or rows.dtype.kind not in "iu":
            fault = f"The {name} rows of a split are not a list of row numbers"
        elif rows.min() < 0 or rows.max() >= n_rows:
            fault = f"The {name} rows of a split are not all in the table"
        else:
            parts.append(rows.astype(np.intp))
            continue
        raise DataError(
            fault, where=f"split {number}, {n_rows:,} rows", fix="count rows from 0, without gaps"
        )
    if np.isin(parts[1], parts[0]).any():
        raise DataError(
            "A test row is a training row, too",
            where=f"split {number}",
            why="The evaluation would be too good",
            fix="give splits whose two parts have no row in common",
        )
    if len(np.unique(parts[1])) < len(parts[1]):
        raise DataError(
            "A test row is named twice", where=f"split {number}", fix="name each test row once"
        )
    return parts[0], parts[1]
