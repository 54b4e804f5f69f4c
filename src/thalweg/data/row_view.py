"""A view of a table's numbers in any order of rows, without a copy.

A large table is not copied to be sorted, split or scaled: a few rows at a time are read from it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Columns read together: neighbouring numbers of a row are in one cache line.
_TOGETHER = 4

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Numbers:
    """Rows of a table of numbers; a number is copied only when it is read.

    Parameters
    ----------
    whole : ndarray of float, shape (n_there, n_features), or None
        The table, if each of its rows is contiguous.
    columns : tuple of ndarray of float, each of shape (n_there,)
        Otherwise its columns.
    places : ndarray of int, shape (n_rows,), or None
        The positions of these rows in the table; None for all, in its order.
    """

    whole: NDArray[np.floating] | None
    columns: tuple[NDArray[np.floating], ...] = ()
    places: Places | None = None

    @classmethod
    def of(cls, X: "Numbers | NDArray[np.floating]") -> "Numbers":
        """An array as `Numbers`, without a copy."""
        if isinstance(X, Numbers):
            return X
        if X.strides[1] == X.itemsize or X.shape[1] < 2 or X.shape[0] == 1:
            return cls(X)
        return cls(None, tuple(X.T))

    def __len__(self) -> int:
        if self.places is not None:
            return len(self.places)
        return len(self.columns[0] if self.whole is None else self.whole)

    @property
    def shape(self) -> tuple[int, int]:
        """(n_rows, n_features)."""
        return len(self), len(self.columns) if self.whole is None else self.whole.shape[1]

    def pick(self, rows: NDArray[Any] | slice) -> "Numbers":
        """The rows at these positions, in this order."""
        if self.places is not None:
            rows = self.places[rows]
        elif isinstance(rows, slice):
            rows = np.arange(*rows.indices(len(self)))
        return replace(self, places=rows)

    def __getitem__(self, rows: NDArray[Any] | slice) -> Floats:
        """Some rows as a new array, shape (n, n_features); -0.0 becomes 0.0."""
        there = rows if self.places is None else self.places[rows]
        if self.whole is not None:
            found = self.whole[there].astype(np.float64)
        else:
            parts = [column[there] for column in self.columns]
            found = np.empty((len(parts[0]), len(parts)))
            for j, part in enumerate(parts):
                found[:, j] = part
        found += 0.0
        return found

    def column(self, j: int) -> Floats:
        """One column as a new array, shape (n_rows,); -0.0 becomes 0.0."""
        column = self.columns[j] if self.whole is None else self.whole[:, j]
        found: Floats = (column if self.places is None else column[self.places]).astype(np.float64)
        found += 0.0
        return found

    def each_column(self) -> Iterator[Floats]:
        """All columns in order, as `column` gives them."""
        if self.whole is None or self.places is None:
            yield from map(self.column, range(self.shape[1]))
            return
        for first in range(0, self.shape[1], _TOGETHER):
            for column in self.whole[:, first : first + _TOGETHER].take(self.places, 0).T:
                found = column.astype(np.float64)
                found += 0.0
                yield found

    def ends(self) -> tuple[Floats, Floats]:
        """The smallest and the largest number of each column; NaN if it has none."""
        if self.places is not None:
            low, high = np.array([_ends(self.column(j)) for j in range(self.shape[1])]).T
        elif self.whole is None:
            low, high = np.array([_ends(column) for column in self.columns], np.float64).T
        else:
            low, high = _ends(self.whole)
        return low.astype(np.float64), high.astype(np.float64)


def _ends(array: NDArray[np.floating]) -> tuple[Any, Any]:
    low, high = array.min(axis=0), array.max(axis=0)
    if np.isnan(low).any():  # there are missing values
        low, high = np.fmin.reduce(array), np.fmax.reduce(array)
    return low, high


def stacked(parts: Sequence[Numbers]) -> Numbers:
    """Several tables, one below the other, copied to one."""
    return Numbers(np.concatenate([part[slice(None)] for part in parts]))
