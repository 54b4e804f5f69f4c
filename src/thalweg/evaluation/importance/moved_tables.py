"""Tables of any type with cells of some columns taken from other rows, or without some columns."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import _safe_indexing

from thalweg.data.typing import TableLike
from thalweg.errors import DataError
from thalweg.evaluation.importance.column_groups import Columns


class AnyTable:
    """A table of pandas, polars, NumPy or SciPy, as an estimator takes it.

    Parameters
    ----------
    X : DataFrame, ndarray or sparse matrix

    Raises
    ------
    DataError
        For a table of another type.
    """

    def __init__(self, X: TableLike) -> None:
        if isinstance(X, list | tuple):
            X = np.asarray(X)
        self.X: Any = X
        self._move, self._drop = _ways(X)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns; x0, x1, … without names."""
        if hasattr(self.X, "columns"):
            return tuple(str(name) for name in self.X.columns)
        return tuple(f"x{j}" for j in range(self.X.shape[1]))

    def rows(self, places: np.ndarray) -> Any:
        """Some rows, in this order."""
        return _safe_indexing(self.X, places)

    def moved(self, columns: Columns, donors: np.ndarray) -> Any:
        """The table with the cells of some columns from the donor of each row."""
        return self._move(self.X, columns, donors) if columns else self.X

    def without(self, columns: Columns) -> Any:
        """The table without some columns."""
        kept = [j for j in range(len(self.names)) if j not in columns]
        return self._drop(self.X, kept)


Move = Callable[[Any, Sequence[int], np.ndarray], Any]
Drop = Callable[[Any, Sequence[int]], Any]


def _ways(X: Any) -> tuple[Move, Drop]:
    if isinstance(X, pd.DataFrame):
        return _pandas_moved, lambda table, kept: table.iloc[:, list(kept)]
    if hasattr(X, "with_columns") and hasattr(X, "to_series"):
        return _polars_moved, lambda table, kept: table[:, list(kept)]
    if hasattr(X, "tocsc") and len(X.shape) == 2:
        return _sparse_moved, lambda table, kept: table.tocsc()[:, list(kept)].tocsr()
    if isinstance(X, np.ndarray) and X.ndim == 2:
        return _array_moved, lambda table, kept: table[:, list(kept)]
    raise DataError(
        f"The cells of a {type(X).__name__} cannot be permuted",
        where=f"shape {X.shape}" if hasattr(X, "shape") else "",
        fix="give the table as a DataFrame of pandas or polars, or as an array with two dimensions",
    )


def _pandas_moved(X: pd.DataFrame, columns: Sequence[int], donors: np.ndarray) -> pd.DataFrame:
    found = X.copy(deep=False)
    for j in columns:
        found.isetitem(j, X.iloc[:, j].take(donors).array)
    return found


def _polars_moved(X: Any, columns: Sequence[int], donors: np.ndarray) -> Any:
    return X.with_columns([X.to_series(j).gather(donors) for j in columns])


def _sparse_moved(X: Any, columns: Sequence[int], donors: np.ndarray) -> Any:
    from scipy.sparse import hstack

    by_column, moved = X.tocsc(), set(columns)
    from_donors = X.tocsr()[donors].tocsc()
    parts = [(from_donors if j in moved else by_column)[:, [j]] for j in range(by_column.shape[1])]
    return hstack(parts, format=X.format)


def _array_moved(X: np.ndarray, columns: Sequence[int], donors: np.ndarray) -> np.ndarray:
    found, places = X.copy(), list(columns)
    found[:, places] = X[donors][:, places]
    return found
