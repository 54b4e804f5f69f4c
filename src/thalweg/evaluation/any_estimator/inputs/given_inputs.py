"""The arguments of `Evaluation.from_predictions`, checked: columns by name, marks of rows."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.column_names import listed
from thalweg.data.label_types import of_one_kind
from thalweg.data.typing import Label
from thalweg.errors import DataError, SettingsError
from thalweg.wording import counted, shown

TASKS = ("auto", "classification", "regression")
# What polars calls columns without a name.
_NO_NAME = re.compile(r"column_\d+")


def predictions_of(p: Any, labels: Sequence[Label], *, named: bool) -> np.ndarray:
    """Predictions as floats, shape (n_samples,) or (n_samples, n_classes).

    Parameters
    ----------
    p : array-like or DataFrame
        A column alone is a list of numbers.
    labels : sequence of label
        The classes in the order of the columns, if their names do not say another.
    named : bool
        Whether a person named this order.

    Raises
    ------
    DataError
        If the predictions are no numbers, or the names of columns are not those of the classes.
    """
    given, names = np.asarray(p), _names(p)
    if given.ndim == 2 and given.shape[1] == 1:
        given = given[:, 0]
    elif names and given.ndim == 2 and given.shape[1] == len(labels):
        given = given[:, _order(names, [str(label) for label in labels], named=named)]
    if given.dtype.kind == "c":
        raise DataError(
            f"The predictions are complex numbers: one is {given.ravel()[:1].tolist()}",
            why="A probability is a real number, and so is the answer of a regression",
            fix="pass their real part, if the imaginary one is rounding: np.real(p)",
        )
    try:
        return given.astype(np.float64)
    except (TypeError, ValueError) as error:
        first = next((each for each in given.ravel().tolist() if isinstance(each, str)), given[:1])
        raise DataError(
            f"The predictions are not numbers: one is {shown(first)}",
            why="Labels do not say how sure a model is",
            fix="pass probabilities, as predict_proba gives them, or the numbers of a regression",
        ) from error


def require_labels(y: Any) -> None:
    """Raise a DataError if a target is missing; NumPy would make the text "nan" of it.

    Parameters
    ----------
    y : array-like, shape (n_samples,)
        As a person gave it.
    """
    cells = y if hasattr(y, "dtype") else np.asarray(y, dtype=object)
    missing = np.asarray(pd.isna(cells))
    if missing.ndim == 1 and missing.any():
        row = int(np.argmax(missing))
        raise DataError(
            "A target is missing",
            where=f"row {row + 1}",
            why="Nothing says what is right in such a row",
            fix="leave out rows without a target, in y and in the predictions",
        )


def name_of_column(p: Any) -> str | None:
    """The name of a single column of predictions, of a frame or a series; None if it has none."""
    if np.ndim(p) == 1 or getattr(p, "columns", None) is None:
        name = getattr(p, "name", None)
        return None if name is None or np.ndim(p) != 1 else str(name)
    names = _names(p)
    return names[0] if len(names) == 1 else None


def _names(p: Any) -> list[str]:
    """The names of the columns of a frame, if it has names of its own."""
    columns = getattr(p, "columns", None)
    if columns is None:
        return []
    found = [*columns]
    default = all(isinstance(each, int | np.integer) for each in found)
    if default and [int(each) for each in found] == list(range(len(found))):
        return []
    names = [str(each) for each in found]
    return [] if all(map(_NO_NAME.fullmatch, names)) else names


def _order(names: list[str], labels: list[str], *, named: bool) -> list[int]:
    """The place of the column of each class."""
    if sorted(names) == sorted(labels):
        if named and names != labels:
            raise DataError(
                "The classes and the columns of the predictions are in two orders",
                where=f"classes={labels}, columns {listed(names)}",
                fix="leave out classes, and the columns are found by their names",
            )
        return [names.index(label) for label in labels]
    if named and not set(names) & set(labels):
        return list(range(len(names)))
    raise DataError(
        "The columns of the predictions are not named as the classes",
        where=f"columns {listed(names)}, classes {listed(labels)}",
        fix="name the columns as the classes, or pass an array with classes=[…] in its order",
    )


def require_classes(y: np.ndarray, named: Sequence[Label]) -> None:
    """Raise a DataError unless each target is one of the classes that a person named."""
    twice = [each for place, each in enumerate(named) if each in named[:place]]
    if twice:
        raise DataError(
            f"The class {shown(twice[0])} is named twice",
            where=f"classes={[*named]!r}",
            fix="name the class of each column once",
        )
    known = np.array([each in {*named} for each in y.tolist()], dtype=np.bool_)
    if not known.all():
        row = int(np.argmin(known))
        raise DataError(
            f"The target {shown(y.tolist()[row])} is not one of the classes",
            where=f"row {row + 1}, classes={[*named]!r}",
            fix="name the class of each column as the targets do: classes="
            f"{np.unique(of_one_kind(y)).tolist()!r} are theirs",
        )


def require_task(task: str, y: np.ndarray, p: np.ndarray, *, named: bool) -> None:
    """Raise where nothing says whether targets are classes or numbers.

    Parameters
    ----------
    task : {"auto", "classification", "regression"}
    y, p : ndarray
        Targets and predictions.
    named : bool
        Whether the classes are named.
    """
    if task not in TASKS:
        raise SettingsError(f"task is {task!r}", fix=f"give one of {', '.join(map(repr, TASKS))}")
    if task != "auto" or named or p.ndim != 1 or y.dtype.kind not in "iuf":
        return
    values = np.unique(y)
    if len(values) == 1:
        raise DataError(
            f"All targets are {values[0]}, so nothing says whether they are a class or a number",
            where=counted(len(y), "row"),
            fix='give task="regression", or name both classes: classes=[…]',
        )
    if len(values) == 2 and not ((p >= 0) & (p <= 1)).all():
        raise DataError(
            "The target has two values, but the predictions are not numbers from 0 to 1",
            where=f"targets {values[0]} and {values[1]}",
            why="Two values are two classes, unless you say otherwise",
            fix='give task="regression", or probabilities of the positive class',
        )


def mark_of(values: Any, name: str, n_rows: int) -> np.ndarray | None:
    """The group or the fold of each row, shape (n_samples,), or None."""
    if values is None:
        return None
    found = np.asarray(unmasked(values))
    if found.shape != (n_rows,):
        raise DataError(
            f"The targets and the {name} do not match",
            where=f"{n_rows:,} targets, {name} of shape {found.shape}",
            fix="pass one of each for every row",
        )
    missing = np.flatnonzero(pd.isna(found))
    if len(missing):
        raise DataError(
            f"The {name} are missing in {counted(len(missing), 'row')}",
            where=f"first in row {missing[0] + 1}",
            fix="give each row one",
        )
    return found.astype(str) if found.dtype == object else found


def columns_by_name(by: Any) -> Mapping[str, Any] | list[str]:
    """What ``by`` names: columns of the table, or columns with their values."""
    if isinstance(by, str):
        return [by]
    if isinstance(by, Mapping):
        return by
    if getattr(by, "columns", None) is not None:
        return {str(name): by[name] for name in by.columns}
    named = isinstance(by, Sequence) and all(isinstance(each, str) for each in by)
    if not named:
        raise SettingsError(
            f"by is {shown(by) if np.ndim(by) == 0 else f'a {type(by).__name__}'}, which names no "
            "columns",
            fix='name columns, as in by="sex", or pass their values: by={"sex": values}',
        )
    return list(by)


def weights_given(weights: Any) -> np.ndarray | None:
    """The weights of rows as numbers; raises a DataError if they are none."""
    if weights is None:
        return None
    try:
        return np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        given = shown(weights) if np.ndim(weights) == 0 else f"a {type(weights).__name__}"
        raise DataError(
            "The weights of the rows are not numbers",
            where=f"sample_weight={given}",
            fix="pass a number for each row, such as a column of the table",
        ) from error


def require_number(name: str, value: Any, example: str) -> float:
    """A number that an argument must be; raises a SettingsError if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise SettingsError(f"{name} is {shown(value)}, not a number", fix=f"give {example}")
    return float(value)
