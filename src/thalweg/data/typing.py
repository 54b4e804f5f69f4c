"""What people may hand in: types of tables, targets, weights of rows, groups and labels.

pandas, polars, Arrow, SciPy and NumPy have no class in common, and only pandas and NumPy are
certain to be installed. A table of another library is told by what it can do.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Protocol, TypeAlias

from numpy.typing import ArrayLike, NDArray


class FrameLike(Protocol):
    """A table of named columns: of pandas, polars, Arrow or another library."""

    @property
    def columns(self) -> Iterable[Any]:
        """The names of the columns, or the columns."""


class SparseLike(Protocol):
    """A sparse array of SciPy."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(n_samples, n_features)."""

    def toarray(self) -> NDArray[Any]:
        """The same with its zeros written out."""


# Rows of cells: numbers, truth values and texts may stand in one row.
TableLike: TypeAlias = ArrayLike | FrameLike | SparseLike | Sequence[Sequence[object]]
# A label or a value of each row; a Series or a Column is turned into an array where it is read.
TargetLike: TypeAlias = ArrayLike | Sequence[object]
# What each row counts for; None is 1 each.
WeightsLike: TypeAlias = ArrayLike | None
# The group of each row, by any name; None where there are no groups.
GroupsLike: TypeAlias = ArrayLike | Sequence[object] | None
# A column of the table, or the time of each row; None where rows have no order in time.
TimesLike: TypeAlias = str | ArrayLike | Sequence[object] | None
# The name of a class: text, a number, True or False, and whatever else can be told apart.
Label: TypeAlias = Hashable
