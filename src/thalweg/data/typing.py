"""Types of what users may pass in: tables, targets, sample weights, groups and labels.

pandas, polars, Arrow, SciPy and NumPy have no class in common, and only pandas and NumPy are
certain to be installed. A table of another library is recognised by its attributes.
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
        """The same as a dense array."""


# Tables of rows: numbers, booleans and texts may be in one row.
TableLike: TypeAlias = ArrayLike | FrameLike | SparseLike | Sequence[Sequence[object]]
# A label or a value of each row; a Series or a column is converted to an array.
TargetLike: TypeAlias = ArrayLike | Sequence[object]
# The weight of each row; None: all are 1.
WeightsLike: TypeAlias = ArrayLike | None
# The group of each row, under any name; None if there are no groups.
GroupsLike: TypeAlias = ArrayLike | Sequence[object] | None
# A column of the table, or the time of each row; None if rows have no order in time.
TimesLike: TypeAlias = str | ArrayLike | Sequence[object] | None
# The label of a class: text, a number, True or False, or any other hashable object.
Label: TypeAlias = Hashable
