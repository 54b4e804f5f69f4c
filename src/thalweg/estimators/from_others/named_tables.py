"""Rows as users of other tools give them: a file and the name of its target, or ``eval_set``."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.column_names import likely, listed
from thalweg.data.target_kind import has_fractions, is_number, number_target
from thalweg.data.typing import Label, TableLike, TargetLike
from thalweg.errors import DataError, SettingsError
from thalweg.wording import shown

if TYPE_CHECKING:
    from thalweg.data.read import Table
    from thalweg.data.schema.schema import Schema

# A table, or the path of a file with one.
Rows: TypeAlias = TableLike | str | os.PathLike[str]
# Held-out rows as other tools take them: a pair (X, y), or a list with one such pair.
# Or the path of a file, whose target has the name that fit was given.
EvalSet: TypeAlias = (
    tuple[Rows, TargetLike] | list[tuple[Rows, TargetLike]] | str | os.PathLike[str] | None
)

# The name of the column of the target, or of several.
TargetNames: TypeAlias = Label | list[Label] | tuple[Label, ...]


def is_path(X: object) -> bool:
    """Whether a table is given as the path of its file, or the name of a bundled one."""
    return isinstance(X, str | os.PathLike)


def rows_with_target(
    X: Rows,
    y: TargetLike | None,
    target: object,
    *,
    of_classes: bool,
    max_memory: int | str | None = None,
    is_new: bool = False,
) -> tuple[Any, Any]:
    """The features and the target of each row, where a column of the table is the target.

    Parameters
    ----------
    X : table or path
        A file is read as the command line reads it: its labels are texts.
    y : array of shape (n_samples,), or None
    target : str, list of str, or None
        The name of the column, or of the columns of several targets; not with ``y``.
    of_classes : bool
        Whether the target is classes, and not a number.
    max_memory : int or str, optional
        That the table of a file may take.
    is_new : bool, default False
        Whether a classifier learns its classes here. In a file they may not be quantities.

    Returns
    -------
    X, y
        Unchanged where no column is named and no file given.
    """
    target = _one_or_several(y, target)
    if is_path(X):
        rows = _of_file(X, y, target, of_classes=of_classes, max_memory=max_memory)
        if of_classes and is_new:
            _require_classes(rows[1])
        return rows
    if target is None:
        return X, unmasked(y)
    columns = getattr(X, "column_names", None)  # Arrow's, whose columns are arrays
    of_arrow = columns is not None
    if columns is None:
        columns = getattr(X, "columns", None)
    if columns is None or not hasattr(X, "drop"):
        raise SettingsError(
            f"target={shown(target)} names a column, and this table has no names",
            fix="give a DataFrame or the path of a file, or give y",
        )
    named = target if isinstance(target, list) else [target]
    for each in named:
        _require_column(each, list(columns))
    table: Any = X
    is_pandas = hasattr(table, "iloc")
    features = table.drop(columns=named) if is_pandas else table.drop(named)
    if of_arrow:
        wanted = table.select(named)
        return features, wanted if len(named) > 1 else wanted.to_pandas().iloc[:, 0]
    if isinstance(target, list):
        return features, table[target] if hasattr(table, "__getitem__") else table.select(target)
    column = table[target]
    return features, column if hasattr(column, "to_numpy") else np.asarray(column)


def _one_or_several(y: object, target: object) -> object:
    """The name of one column, or a list of two or more; not beside an array."""
    if target is not None and y is not None:
        raise SettingsError(
            "y and target exclude each other",
            why=f"target={shown(target)} names a column of the table as the target",
            fix="give one of them",
        )
    if not isinstance(target, list | tuple):
        return target
    if not target or len(set(map(str, target))) < len(target):
        raise SettingsError(
            f"target={shown(list(target))} does not name different columns",
            why="Each target is a column of the table",
            fix='name each once, as in target=["a", "b"]',
        )
    return list(target) if len(target) > 1 else target[0]


def _require_column(target: object, names: list[Any]) -> None:
    if target in names:
        return
    guess = likely(str(target), [str(name) for name in names])
    raise DataError(
        f'There is no column "{target}"',
        where=f"the table has {listed([str(name) for name in names])}",
        why=f'Did you mean "{guess}"?' if guess else "",
        fix="name one of these as target, spelled as it is there",
    )


def _of_file(
    X: Any, y: object, target: object, *, of_classes: bool, max_memory: int | str | None
) -> tuple[Any, Any]:
    """The same for a file."""
    if y is not None:
        raise SettingsError(
            "The path of a file and y exclude each other",
            where=shown(os.fspath(X)),
            why="The rows of a file may be left out or merged when it is read",
            fix='name the column of the file: target="y"',
        )
    if target is None:
        raise SettingsError(
            "The target column of the file is not named",
            where=shown(os.fspath(X)),
            fix='name it, beside the path: target="…"',
        )
    from thalweg.data.read import load_table, opened

    if not isinstance(target, list):
        table = load_table(X, target=str(target), labels=True, max_memory=max_memory)
        return table.frame, _column_of(table, str(target), of_classes=of_classes)
    whole, columns, names = opened(X, max_memory=max_memory), {}, [str(each) for each in target]
    for name in names:
        others = [each for each in names if each != name]
        table = load_table(whole, target=name, labels=True, drop=others)
        columns[name] = _column_of(table, name, of_classes=of_classes)
    if len({len(each) for each in columns.values()}) > 1:
        raise DataError(
            "The targets of the file do not have the same rows",
            where=shown(os.fspath(X)),
            why="Rows that look like totals in one of them are left out",
            fix="read the file, and give a DataFrame",
        )
    return table.frame, pd.DataFrame(columns)


def _column_of(table: "Table", target: str, *, of_classes: bool) -> Any:
    """The target of each row of a file: labels of the type that the file gives them, or numbers."""
    cells = table.target_cells
    if of_classes:
        assert table.target is not None
        is_typed = cells is not None and cells.dtype.kind in "biuf"
        return cells.to_numpy() if is_typed and cells is not None else table.target.to_numpy(str)
    cells = table.target if table.target_cells is None else table.target_cells
    assert cells is not None
    found = number_target(cells, target, task="regression", features=table.frame)
    assert found is not None
    return found.values


def _require_classes(y: Any) -> None:
    """Refuse many different numbers with fractions as classes, where a file has them as texts.

    Raises
    ------
    DataError
        The rule of `thalweg.data.target_kind` takes the target, or one of several, for a number.
    """
    for name, cells in y.items() if isinstance(y, pd.DataFrame) else [("", y)]:
        try:
            values = np.asarray(cells).astype(np.float64)
        except ValueError:
            continue
        known = values[np.isfinite(values)]
        if len(known) and has_fractions(known) and is_number(known):
            of = f'column "{name}" has ' if name else ""
            raise DataError(
                "The target has numbers with fractions, which are not class labels",
                where=f"{of}{len(np.unique(known)):,} different ones, such as {shown(cells[0])}",
                fix="for a numeric target use ThalwegRegressor; for classes read the file, and "
                "give y as text",
            )


def features_of(X: Rows, schema: "Schema") -> Any:
    """The features to predict: those of a file, and others as they are.

    A model that was fitted on an array finds its columns in a file by the names x0, x1, …
    """
    if not is_path(X):
        return X
    from thalweg.data.read import load_table

    frame = load_table(X, need_target=False).frame  # type: ignore[arg-type]
    if schema.named or any(name not in frame.columns for name in schema.given_names):
        return frame
    return frame[list(schema.given_names)].to_numpy()


def held_out_rows(
    X_val: Rows | None, y_val: TargetLike | None, eval_set: EvalSet, target: object = None
) -> tuple[Rows | None, TargetLike | None]:
    """``X_val`` and ``y_val``, also from ``eval_set``, as other tools have it.

    Raises
    ------
    SettingsError
        If both are given, or several sets, or a file without the name of its target.
    """
    if eval_set is None:
        return X_val, y_val
    if X_val is not None or y_val is not None:
        raise SettingsError(
            "eval_set and X_val, y_val exclude each other",
            why="They are two spellings of the same held-out rows",
            fix="give one of them",
            where="fit",
        )
    given: Any = eval_set
    if is_path(given):
        if target is None:
            raise SettingsError(
                "eval_set is the path of a file, and the column of its target is not named",
                where="fit",
                why="target names the column of both tables, and the first came with y",
                fix='read the file and give eval_set=(X_val, y_val); or name target="…", a column '
                "of both, and leave y out",
            )
        return given, None
    if not isinstance(given, list | tuple) or isinstance(given, Mapping):
        raise _no_pair(eval_set)
    if len(given) == 1 and isinstance(given[0], list | tuple):
        (given,) = given
    elif len(given) > 1 and all(isinstance(each, tuple) and len(each) == 2 for each in given):
        raise SettingsError(
            f"eval_set has {len(given)} sets",
            why="Early stopping needs one set of held-out rows",
            fix="give one, as in eval_set=[(X_val, y_val)], and evaluate on the others afterwards",
            where="fit",
        )
    if len(given) != 2:
        raise _no_pair(eval_set)
    X, y = given
    return X, y


def _no_pair(eval_set: object) -> SettingsError:
    return SettingsError(
        f"eval_set of type {type(eval_set).__name__} is no pair of a table and its target",
        fix="give eval_set=(X_val, y_val) or eval_set=[(X_val, y_val)]",
        where="fit",
    )
