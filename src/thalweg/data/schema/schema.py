"""What the columns of a table are, and how their cells become numbers.

A schema is learned from the table that a model is fitted on, and reads every later table the
same way: columns are found by name, whatever their order, and a category's levels by their text.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thalweg.data.dates.date_reading import DateReading
from thalweg.data.encoding.encoder_part import DATE
from thalweg.data.matrix_view import Numbers
from thalweg.data.names import listed, repeated
from thalweg.data.notation.column_notation import CODES, YES_NO, notation_from_data
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.column_floats import Column, Reader, reader
from thalweg.data.schema.find_columns import find_columns, notes_of, with_bounds
from thalweg.data.schema.frames import FEW, AnyTable, table_of
from thalweg.data.schema.kinds import KINDS
from thalweg.data.schema.matching import (
    Extra,
    Taken,
    Wanted,
    by_column,
    by_row,
    is_moderate,
    places_of,
    report_unseen,
    require_count,
    where_it_lies,
    whole,
)
from thalweg.data.schema.misfit_messages import together
from thalweg.errors import DataError
from thalweg.wording import counted, printable

# Levels of a category that are shown, the rest as a number.
_SHOWN = 6


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

    @cached_property
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
    def n_levels(self) -> tuple[int, ...]:
        """How many levels each column has: 0 where it is no category, `DATE` where it is a date."""
        return tuple(
            DATE if column.dates is not None else len(column.levels) for column in self.columns
        )

    @property
    def dates(self) -> tuple[DateReading | None, ...]:
        """How each column of dates is read; None for other columns."""
        return tuple(column.dates for column in self.columns)

    @property
    def date_forms(self) -> dict[str, str]:
        """How dates are read, of each column whose cells do not tell by themselves."""
        return {
            column.name: column.dates.form
            for column in self.columns
            if column.dates is not None and column.dates.form
        }

    @property
    def codings(self) -> tuple[str, ...]:
        """What decides what the numbers of each column mean: its kind, and its levels or zone."""
        return tuple(map(_coding, self.columns))

    def __str__(self) -> str:
        width = max(len(column.name) for column in self.columns)
        kinds = [f"{self.kinds.count(kind)} {kind}" for kind in KINDS if kind in self.kinds]
        lines = [f"{counted(len(self.columns), 'column')}: {', '.join(kinds)}"]
        for column in self.columns:
            lines.append(f"  {column.name:<{width}}  {column.kind}{_remark(column)}")
        return "\n".join(map(printable, lines))

    @cached_property
    def given(self) -> tuple[Column, ...]:
        """The columns that a table has; the others are read from one of these once more."""
        return tuple(column for column in self.columns if not column.source)

    @cached_property
    def given_names(self) -> tuple[str, ...]:
        """The names of the columns that a table has."""
        return tuple(column.name for column in self.given)

    @property
    def notes(self) -> list[str]:
        """How each column is read whose texts are not plain numbers or levels, a sentence each."""
        return notes_of(self.given)

    @property
    def said(self) -> SaidColumns:
        """What says of the columns that they are what they are here."""
        of = {kind: {c.name for c in self.given if c.kind == kind} for kind in self.kinds}
        numbers = {
            column.name: column.notation if isinstance(column.notation, NumberNotation) else None
            for column in self.given
            if column.kind == "number"
        }
        folding = {column.name for column in self.given if column.notation == YES_NO}
        category = frozenset(of.get("category", set()) - folding)
        text = frozenset(of.get("identifier", ()))
        return SaidColumns(numbers, category, text, self.date_forms)

    def pinned(self, said: SaidColumns) -> SaidColumns:
        """What is said of single columns, and how all others are written that are not plain.

        A part of the table is read by it as the whole table is: its own cells may prove less.
        """
        number, category = dict(said.number), set(said.category)
        for column in self.given:
            if isinstance(column.notation, NumberNotation):
                number[column.name] = column.notation
            elif column.notation == CODES:
                category.add(column.name)
        return SaidColumns(number, frozenset(category), said.text, self.date_forms | {**said.date})

    @cached_property
    def _names(self) -> list[str]:
        return list(self.given_names)  # a list is quicker to compare with a list

    @cached_property
    def _sources(self) -> list[int]:
        """The place among the given columns of each column that is read from one once more."""
        return [self._names.index(column.source) for column in self.columns if column.source]

    @cached_property
    def _readers(self) -> tuple[Reader, ...]:
        return tuple(map(reader, self.columns))

    @cached_property
    def _only_numbers(self) -> bool:
        return set(self.kinds) == {"number"}

    def take(self, X: AnyTable, *, extra: Extra = "ignore") -> Taken:
        """Read the schema's columns from a table.

        Parameters
        ----------
        X : GivenTable, or what `thalweg.data.schema.frames.table_of` takes
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
        places: list[int] | None = None
        problems: list[DataError] = []
        if self.named and table.named:
            places, problems = places_of(self._names, table, extra)
        else:
            require_count(len(self.given), table)
        if places is None and self._only_numbers:
            block = table.block()
            if block is not None:
                return Taken(whole(block, self.columns))
        read = by_row if table.n_rows <= FEW else by_column
        order = self._order(range(len(self.given)) if places is None else places)
        taken = read(table, Wanted(order, self.columns, self._readers), problems)
        if problems:
            raise together(problems)
        return taken

    def numbers(self, X: AnyTable) -> Numbers:
        """Read the table that the schema was inferred from, where it lies.

        Parameters
        ----------
        X : GivenTable, or what `thalweg.data.schema.frames.table_of` takes

        Returns
        -------
        Numbers
            What ``take(X).matrix`` has, without a copy of what is a float already.

        Raises
        ------
        DataError
            If a cell of a row of weight 0, which was not looked at, does not fit its column.
        """
        table = table_of(X)
        block = table.block() if self._only_numbers else None
        if block is not None:
            return Numbers.of(whole(block, self.columns))
        order = self._order(range(len(self.given)))
        return where_it_lies(table, Wanted(order, self.columns, self._readers))

    def _order(self, places: Sequence[int]) -> Sequence[int]:
        """The place in a table of every column, from those of the given columns."""
        return [*places, *(places[j] for j in self._sources)] if self._sources else places

    def matrix(
        self, X: AnyTable, *, extra: Extra = "ignore", unknown: str = "warn"
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

    def to_header(self) -> dict[str, Any]:
        """The schema as plain data, for the header of a file; ``named`` is kept apart."""
        return {"columns": [_entry(column) for column in self.columns]}

    @classmethod
    def from_header(cls, header: Any, *, named: bool = True) -> "Schema":
        """Rebuild a schema from what `to_header` gave.

        Raises
        ------
        DataError
            If anything is absent, superfluous, of the wrong type or without meaning.
        """
        entries = header.get("columns") if isinstance(header, Mapping) else None
        if not isinstance(entries, list) or not entries or set(header) != {"columns"}:
            raise DataError("A schema is a list of at least one column, and nothing else")
        columns = tuple(_column(entry, place) for place, entry in enumerate(entries, start=1))
        names = [column.name for column in columns]
        if len(set(names)) < len(names):
            raise DataError(f"A schema names a column twice: {listed(repeated(names))}")
        if columns != with_bounds([column for column in columns if not column.source]):
            raise DataError(
                "A schema has a bound for each column whose notation has one, at its end"
            )
        return cls(columns, named)


def infer_schema(
    X: AnyTable, weights: ArrayLike | None = None, said: SaidColumns | None = None
) -> Schema:
    """Find out what the columns of a table are.

    A column whose cells are all true or false (or missing) is boolean; one whose cells are all
    numbers, or text that reads as numbers, is a number; it may be written as people write numbers
    (`thalweg.data.notation`). Dates and times, also those of a table that knows its types, are
    dates (`thalweg.data.dates`). Other texts make a category, whose levels they are; so do codes
    such as ``01234``, and whatever the table itself declares one (a pandas category, a polars
    Categorical or Enum, an Arrow dictionary). Text of more than 20 levels with less than two rows
    a level is an identifier, unless it is declared a category: nothing counts of it but whether it
    is there.

    Parameters
    ----------
    X : GivenTable, or what `thalweg.data.schema.frames.table_of` takes
        Features only.
    weights : array-like of float, shape (n_rows,), optional
        Not negative. A row of weight 2 counts as the row twice, one of 0 not at all.
    said : SaidColumns, optional
        What single columns hold, as far as somebody has said it.

    Returns
    -------
    Schema
        The same for every order of the rows.

    Raises
    ------
    DataError
        If there is no column, a name stands twice, or a cell is infinite or the like; or if a
        number or a date may be read in two ways. All columns that are wrong stand in the one error.
    """
    table = table_of(X)
    if not table.n_columns:
        raise DataError(
            "The table has no feature columns: "
            f"0 feature(s) (shape=({table.n_rows}, 0)) while a minimum of 1 is required",
            why="There is nothing to predict from",
            fix="give a table with at least one column besides the target",
        )
    counts = np.ones(table.n_rows) if weights is None else np.asarray(weights, dtype=np.float64)
    if not (counts > 0).all():
        table, counts = table.take(np.flatnonzero(counts > 0)), counts[counts > 0]
    if said is not None:
        said.require_known(table.all_names())
    block = table.block() if table.n_rows > FEW and not (said and said.names) else None
    if block is not None and is_moderate(block):  # to look at all columns at once is quicker
        empty = np.isnan(block[:1]).any(axis=0) if block.dtype.kind == "f" else [False]
        if not np.any(empty):
            names = table.all_names()
            return Schema(tuple(Column(name, "number") for name in names), table.named)
    found = find_columns(table, counts, said or SaidColumns())
    problems = [each for each in found if isinstance(each, DataError)]
    if problems:
        raise together(problems)
    return Schema(with_bounds([each for each in found if isinstance(each, Column)]), table.named)


def _coding(column: Column) -> str:
    if column.dates is not None:
        return f"{column.kind} {column.dates.zone}".rstrip()
    return json.dumps([column.kind, *column.levels]) if column.levels else column.kind


def _remark(column: Column) -> str:
    if column.kind == "category":
        shown = ", ".join(column.levels[:_SHOWN])
        more = "…" if len(column.levels) > _SHOWN else ""
        return f" of {len(column.levels)}: {shown}{more}"
    if isinstance(column.notation, NumberNotation | DateReading):
        return f": {column.notation.words}"
    return {
        "identifier": ": only whether it is there",
        "empty": ": not looked at",
        "bound": f': -1, 0 or 1, whether "{column.source}" is a bound',
    }.get(column.kind, "")


def _entry(column: Column) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column.name, "kind": column.kind}
    if column.kind == "category":
        entry["levels"] = list(column.levels)
    if column.notation is not None:
        entry["notation"] = column.notation.as_data()
    return entry | {"of": column.source} if column.source else entry


def _column(entry: Any, place: int) -> Column:
    """A column of what `_entry` gave."""
    kind = entry.get("kind") if isinstance(entry, Mapping) else None
    keys = {"name", "kind"} | ({"levels"} if kind == "category" else set())
    keys |= {"of"} if kind == "bound" else set()
    sound = kind in KINDS and set(entry) - {"notation"} == keys
    if not sound or not isinstance(entry["name"], str):
        raise DataError(
            "A column of a schema has a name, and a kind that is " + " or ".join(KINDS),
            where=f"column {place}",
        )
    levels = entry.get("levels", [])
    sound = isinstance(levels, list) and all(isinstance(each, str) and each for each in levels)
    if not sound or levels != sorted(set(levels)) or (kind == "category") != bool(levels):
        raise DataError(
            "The levels of a category in a schema are different texts, sorted, at least one",
            where=f"column {place}",
        )
    if kind == "date" and "notation" not in entry:
        raise DataError(
            "A column of dates in a schema says how it is read", where=f"column {place}"
        )
    told = entry.get("notation")
    notation = None if told is None else notation_from_data(told, kind)
    return Column(entry["name"], kind, tuple(levels), notation, entry.get("of", ""))
