"""The answers of any estimator, or of a function, about rows in which one column was moved.

A row is moved by giving it the cell of another row, so the model gets a table of the same type with
the same kinds of cells. A table is a DataFrame of pandas or polars, or what NumPy converts to an
array. Columns of numbers and dates have curves, all others have levels.
"""

import math
import numbers as number_types
from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy.sparse import issparse

from thalweg.data.column_names import require_different
from thalweg.data.dates.date_numbers import datetime64_moments
from thalweg.data.fixes.not_a_table import no_table
from thalweg.data.label_types import default_positive, of_one_kind
from thalweg.data.typing import Label, TableLike
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.any_estimator.decided_labels import own_positive
from thalweg.evaluation.any_estimator.wrapped_estimator import (
    predicts_numbers,
    require_probabilities,
)
from thalweg.evaluation.effects.effect_source import ColumnOfRows, Floats, Rows, Scale
from thalweg.wording import parameter, printable, shown

AskedScale: TypeAlias = Literal["auto", "log-odds", "probability"]
# Rows that a model is asked about at a time.
_PIECE = 50_000
# What a model of another library raises for a table of another kind than that of its fit.
_OF_ANOTHER_TABLE = (TypeError, ValueError, AttributeError, LookupError)


class CertainAnswerError(Exception):
    """A probability is exactly 0 or 1, so there are no log-odds."""


def require_scale(scale: str) -> None:
    """Raise a SettingsError for an unknown scale."""
    if scale not in ("auto", "log-odds", "probability"):
        raise SettingsError(
            f"{parameter('scale', scale)} is no scale of answers",
            fix='give "auto", "log-odds" (of two classes) or "probability"',
        )


class TableSource:
    """A model of any library, and rows of a table.

    Parameters
    ----------
    model : estimator or callable
        With ``predict_proba`` and ``classes_``, or ``predict``; or a function of a table that
        gives a number for each row.
    X : DataFrame or array
    positive : label, optional
        The positive one of two classes.
    scale : {"auto", "log-odds", "probability"}
        Of the answers of two classes.
    """

    def __init__(
        self, model: Any, X: TableLike, positive: Label | None = None, scale: AskedScale = "auto"
    ) -> None:
        self._X = as_table(X)
        self._ask, self.outputs, self.scale = _asking(model, positive, scale)

    @cached_property
    def columns(self) -> tuple[ColumnOfRows, ...]:
        """All columns, in the order of the table."""
        if isinstance(self._X, pd.DataFrame):
            return tuple(
                _column(str(name), self._X.iloc[:, j]) for j, name in enumerate(self._X.columns)
            )
        if _is_polars(self._X):
            return tuple(_column(each.name, pd.Series(each.to_numpy())) for each in self._X)
        return tuple(_column(f"x{j}", pd.Series(self._X[:, j])) for j in range(self._X.shape[1]))

    @property
    def too_few_taught(self) -> tuple[str, ...]:
        """Not known: other models do not say how many rows of a class they were trained on."""
        return ("",) * len(self.outputs)

    @property
    def n_folds(self) -> int:
        """0: other models are asked as one answer."""
        return 0

    @property
    def knows_likeness(self) -> bool:
        """False: other models do not keep what their training rows were like."""
        return False

    @cached_property
    def own(self) -> Floats:
        """The answers to the rows themselves."""
        try:
            return self._answers(self._X)
        except _OF_ANOTHER_TABLE as error:
            raise DataError(
                "The model cannot answer the rows of this table",
                where=f"{type(error).__name__}: {printable(str(error))[:200]}",
                why=f"It gets rows of the type of table that is given, here {_called(self._X)}",
                fix="give the table in the type and with the columns that the model was fitted on, "
                "as in X.to_pandas() or polars.from_pandas(X)",
            ) from error

    def answers(self, column: int, rows: Rows, values: Floats) -> Floats:
        """The answers to some rows after a column was set to these values."""
        cells = self._row_with(column, values)
        pieces = [slice(start, start + _PIECE) for start in range(0, len(rows), _PIECE)]
        found = [self._answers(self._moved(column, rows[piece], cells[piece])) for piece in pieces]
        return np.concatenate(found, axis=1)

    def outlier_p(self, column: int, rows: Rows, values: Floats) -> None:
        """Not known: other models do not keep what their training rows were like."""
        del column, rows, values

    def _row_with(self, column: int, values: Floats) -> Rows:
        """For each value a row that has it in the column."""
        own = self.columns[column].values
        different, first = np.unique(own, return_index=True)  # NaN is the last, once
        found: Rows = first[np.searchsorted(different, values)]
        return found

    def _moved(self, column: int, rows: Rows, donors: Rows) -> Any:
        if isinstance(self._X, pd.DataFrame):
            moved = self._X.iloc[rows].copy()
            moved.isetitem(column, self._X.iloc[donors, column].array)
            return moved
        if _is_polars(self._X):
            return self._X[rows].with_columns(self._X.to_series(column).gather(donors))
        array = self._X[rows]
        array[:, column] = self._X[donors, column]
        return array

    def _answers(self, X: Any) -> Floats:
        found = self._ask(X)
        if len(found) != len(X) or not np.isfinite(found).all():
            raise DataError(
                "The model gives no finite number for each row",
                where=f"shape {found.shape[:1]} for {len(X):,} rows"
                if len(found) != len(X)
                else shown(found[~np.isfinite(found)][0]),
                fix="give a model that predicts a finite number, or probabilities, for each row",
            )
        return found[np.newaxis]


def as_table(X: TableLike) -> Any:
    """A DataFrame of pandas or polars as it is, everything else as an array of two dimensions.

    Raises
    ------
    DataError
        If it is no table, or a name is that of two columns.
    """
    if isinstance(X, pd.DataFrame):
        require_different([str(name) for name in X.columns])
        return X
    if _is_polars(X):
        return X
    if hasattr(X, "collect_schema") or hasattr(X, "columns"):
        fix = "X.collect()" if hasattr(X, "collect") else "X.to_pandas()"
        raise no_table(X, f"make it a DataFrame of pandas or polars, as in {fix}")
    dense: Any = X.toarray() if issparse(X) else X  # type: ignore[union-attr]
    found = np.asarray(dense)
    if found.ndim != 2:
        raise no_table(X, "give a pandas DataFrame, or an array of rows and columns")
    return found


def _is_polars(X: Any) -> bool:
    return hasattr(X, "with_columns") and hasattr(X, "to_series")


def _called(X: Any) -> str:
    """What a table is, in a sentence."""
    if isinstance(X, np.ndarray):
        return "an array"
    return f"a DataFrame of {'polars' if _is_polars(X) else 'pandas'}"


def _column(name: str, cells: pd.Series) -> ColumnOfRows:
    """A column by what its cells are."""
    there = cells.notna().to_numpy()
    if pd.api.types.is_bool_dtype(cells.dtype):
        return ColumnOfRows(
            name, _floats(cells, there), "boolean", {0.0: str(False), 1.0: str(True)}
        )
    if isinstance(cells.dtype, pd.DatetimeTZDtype) or cells.dtype.kind == "M":
        return ColumnOfRows(name, datetime64_moments(cells.to_numpy("datetime64[ns]")), "date")
    known = cells[there]
    if pd.api.types.is_numeric_dtype(cells.dtype) or all(map(_is_number, known)):
        return ColumnOfRows(name, _floats(cells, there))
    try:
        codes, levels = pd.factorize(cells)
    except TypeError:
        return ColumnOfRows(name, np.zeros(len(cells)), unusable="its cells are no single values")
    order = np.argsort(np.array([str(each) for each in levels]), kind="stable")
    rank = np.empty(len(order))
    rank[order] = np.arange(len(order))
    values = np.where(codes >= 0, np.append(rank, np.nan)[codes], np.nan)
    texts = {float(k): str(levels[place]) for k, place in enumerate(order)}
    return ColumnOfRows(name, values, "category", texts)


def _is_number(cell: object) -> bool:
    return isinstance(cell, number_types.Real) and not isinstance(cell, bool | np.bool_)


def _floats(cells: pd.Series, there: np.ndarray) -> Floats:
    found = np.full(len(cells), np.nan)
    found[there] = cells[there].to_numpy(np.float64)
    return found


def _asking(
    model: Any, positive: Label | None, scale: AskedScale
) -> tuple[Callable[[Any], Floats], tuple[str, ...], Scale]:
    """A function that gives (n_rows, n_outputs), the names of the outputs, and their scale."""
    require_scale(scale)
    if not hasattr(model, "predict") and callable(model):
        return lambda X: _numbers(model(X)), ("",), "number"
    if not hasattr(model, "predict"):
        raise SettingsError(
            f"A {type(model).__name__} cannot be asked",
            fix="give a fitted estimator, or a function of a table",
        )
    if predicts_numbers(model):
        return lambda X: _numbers(model.predict(X)), ("",), "number"
    require_probabilities(model)
    classes = of_one_kind(np.asarray(model.classes_))
    labels = classes.tolist()
    if len(labels) != 2 or scale == "probability":
        names = tuple(map(str, labels))
        if len(labels) != 2:
            refuse_log_odds(scale)
            return lambda X: _numbers(model.predict_proba(X), len(labels)), names, "probability"
    place = labels.index(_positive(model, labels, positive))
    name = str(labels[place])
    if scale == "probability":
        return lambda X: _numbers(model.predict_proba(X)[:, place]), (name,), "probability"
    return lambda X: _log_odds(np.asarray(model.predict_proba(X)), place), (name,), "log-odds"


def refuse_log_odds(scale: AskedScale) -> None:
    """Raise a SettingsError if log-odds are asked for of more than two classes."""
    if scale == "log-odds":
        raise SettingsError(
            f"{parameter('scale', scale)} is for two classes",
            why="Rows for which a class is out of the question would decide its mean log-odds",
            fix='give "auto" or "probability"',
        )


def _positive(model: Any, labels: list[Any], positive: Label | None) -> Label:
    if positive is None:
        positive = own_positive(model)
        return positive if positive in labels else default_positive(labels)[0]
    if positive not in labels:
        raise SettingsError(
            f"{parameter('positive', positive)} is no class of the model",
            where=f"its classes are {shown(labels)}",
            fix="name one of them",
        )
    return positive


def _numbers(found: Any, n_outputs: int = 1) -> Floats:
    numbers = np.asarray(found, np.float64)
    if n_outputs == 1 and numbers.ndim > 1 and math.prod(numbers.shape[1:]) > 1:
        raise DataError(
            f"The model predicts {math.prod(numbers.shape[1:]):,} numbers for each row",
            where=f"shape {numbers.shape}",
            why="A curve is that of one number",
            fix="give a function of one of them, as in lambda X: model.predict(X)[:, 0]",
        )
    return numbers.reshape(-1, n_outputs)


def _log_odds(probabilities: np.ndarray, place: int) -> Floats:
    """log p / (1 - p), from both probabilities, of which the small one is the exact one."""
    if (probabilities <= 0).any():
        raise CertainAnswerError
    logs = np.log(probabilities.astype(np.float64))
    return np.asarray(logs[:, place] - logs[:, 1 - place])[:, np.newaxis]
