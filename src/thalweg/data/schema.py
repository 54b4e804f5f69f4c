"""What the columns of a table are, and how their cells become numbers.

A schema is learned from the table that a model is fitted on, and reads every later table the
same way: columns are found by name, whatever their order, and a category's levels by their text.
"""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.data.columns import (
    Reader,
    Unseen,
    level_reader,
    misfit,
    nothing_reader,
    number_reader,
    presence_reader,
    read_column,
    require_moderate,
    too_large,
    truth_reader,
    unseen_levels,
)
from thalweg.data.frames import FEW, Cells, Table, table_of
from thalweg.data.kinds import KINDS, find_kind
from thalweg.data.names import likely, listed, repeated
from thalweg.errors import DataError, UnseenLevelWarning

Extra = Literal["ignore", "refuse"]
Floats = NDArray[np.floating]
# Their cells are the same numbers however they are read.
_PLAIN = frozenset({"number", "boolean"})


@dataclass(frozen=True)
class Column:
    """One feature.

    Attributes
    ----------
    name : str
    kind : str
        "number"; "boolean" (only true and false, or 1 and 0); "category" (one of some levels);
        "identifier" (texts that nearly all differ, so that nothing counts but whether there is
        one); "empty" (no cell was known, and none is looked at).
    levels : tuple of str
        Of a category: the texts that stand for a group, sorted.
    """

    name: str
    kind: str
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taken:
    """A table as a schema reads it.

    Attributes
    ----------
    matrix : ndarray of float64 or float32, shape (n_rows, n_columns)
        A row a row of the table, a column a column of the schema, NaN where a cell is missing.
        Booleans are 1 and 0; a category is the number of its level, 1 … K in the order of
        ``levels``, or 0 where the schema does not know the level. It can be a view of the table
        itself, and then cannot be written to; it is float32 only where the table was.
    unseen : tuple of Unseen
        Of each category that holds levels which the schema does not know.
    """

    matrix: Floats
    unseen: tuple[Unseen, ...] = ()


@dataclass(frozen=True)
class Schema:
    """The features of a table, in the order in which a model sees them.

    Attributes
    ----------
    columns : tuple of Column
    named : bool
        Whether the table had names; else columns are found by their place, and called x0, x1, …
    """

    columns: tuple[Column, ...]
    named: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the columns."""
        return tuple(column.kind for column in self.columns)

    @property
    def levels(self) -> tuple[tuple[str, ...], ...]:
        """The levels of each column, none where it is no category."""
        return tuple(column.levels for column in self.columns)

    @property
    def n_levels(self) -> tuple[int | None, ...]:
        """How many levels each column has, None where it is no category."""
        return tuple(
            len(column.levels) if column.kind == "category" else None for column in self.columns
        )

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The columns of which nothing counts but whether a cell is there."""
        return tuple(column.name for column in self.columns if column.kind == "identifier")

    def __str__(self) -> str:
        width = max(len(column.name) for column in self.columns)
        kinds = [f"{self.kinds.count(kind)} {kind}" for kind in KINDS if kind in self.kinds]
        lines = [f"{len(self.columns)} columns: {', '.join(kinds)}"]
        for column in self.columns:
            lines.append(f"  {column.name:<{width}}  {column.kind}{_remark(column)}".rstrip())
        return "\n".join(lines)

    def take(self, X: Any, *, extra: Extra = "ignore") -> Taken:
        """Read the schema's columns from a table.

        Parameters
        ----------
        X : Table, or what `thalweg.data.frames.table_of` takes
            Where both it and the schema have names, its columns may stand in any order.
        extra : {"ignore", "refuse"}
            What to do about named columns that the schema does not know.

        Returns
        -------
        Taken

        Raises
        ------
        DataError
            If columns are absent, superfluous (and refused) or twice there, or a cell does not
            fit its column. All that is wrong stands in the one error.
        """
        table = table_of(X)
        places, problems = self._places(table, extra)
        if places is None and self._is_plain:
            block = table.block()
            if block is not None:
                return Taken(self._whole(block))
        matrix = np.empty((table.n_rows, len(self.columns)))
        fill = self._fill_by_row if table.n_rows <= FEW else self._fill_by_column
        order = range(len(self.columns)) if places is None else places
        unseen = fill(table, order, matrix, problems)
        if problems:
            raise _together(problems)
        return Taken(matrix, unseen)

    def matrix(
        self, X: Any, *, extra: Extra = "ignore", unknown: str = "warn"
    ) -> NDArray[np.float64]:
        """Read the schema's columns from a table into an array of one's own.

        Parameters
        ----------
        X, extra
            As `take` has them.
        unknown : {"warn", "error", "ignore"}
            What to do about levels that the schema does not know.

        Returns
        -------
        ndarray of float64, shape (n_rows, n_columns)
            ``Taken.matrix``, C-contiguous.

        Raises
        ------
        DataError
            As `take` does, or for unknown levels.
        """
        taken = self.take(X, extra=extra)
        report_unseen(taken.unseen, unknown)
        return np.array(taken.matrix, dtype=np.float64, order="C")
