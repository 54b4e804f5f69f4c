"""The schema of a table: the kind of each column, inferred at the fit and used to read tables.

A schema is inferred from the table that a model is fitted on, and reads every later table the
same way: columns are matched by name, in any order, and the levels of a category by their text.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thalweg.cluster.stored_fields import StoredFields
from thalweg.data.column_names import listed, repeated
from thalweg.data.dates.date_reading import DateReading
from thalweg.data.encoding.encoder_part import DATE
from thalweg.data.fixes.column_errors import in_one
from thalweg.data.fixes.table_syntax import AtHand
from thalweg.data.notation.column_notation import CODES, is_yes_no, notation_from_data
from thalweg.data.notation.missing_words import MissingWords, missing_from_data
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.row_view import Numbers
from thalweg.data.schema.column_floats import Column, Reader, reader
from thalweg.data.schema.emptied_table import emptied
from thalweg.data.schema.find_columns import find_columns, notes_of, with_bounds
from thalweg.data.schema.given_table import FEW, AnyTable, GivenTable, table_of
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
from thalweg.data.schema.misfit_messages import no_features, together
from thalweg.data.schema.reverse_notation import reversed_columns
from thalweg.errors import DataError
from thalweg.wording import counted, printable

# Levels of a category that are printed.
_SHOWN = 6


@dataclass(frozen=True)
class Schema(StoredFields):
    """The features of a table, in the order of a model's inputs.

    Attributes
    ----------
    columns : tuple of Column
    named : bool
        Whether the table had names; if not, columns are matched by position, and called x0, x1, …
    missing : MissingWords
        Further words for a missing value.
    """

    columns: tuple[Column, ...]
    named: bool = True
    missing: MissingWords = field(default_factory=MissingWords)

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
        """The levels of each column; none if it is not a category."""
        return tuple(column.levels for column in self.columns)

    @property
    def n_levels(self) -> tuple[int, ...]:
        """How many levels each column has; 0 if it is not a category, `DATE` if it is a date."""
        return tuple(
            DATE if column.dates is not None else len(column.levels) for column in self.columns
        )

    @property
    def dates(self) -> tuple[DateReading | None, ...]:
        """How each column of dates is read; None for other columns."""
        return tuple(column.dates for column in self.columns)

    @property
    def date_forms(self) -> dict[str, str]:
        """The form in which dates are read, of each column whose cells do not tell it."""
        return {
            column.name: column.dates.form
            for column in self.columns
            if column.dates is not None and column.dates.form
        }

    @property
    def codings(self) -> tuple[str, ...]:
        """The kind and the levels or zone of each column; they say what its numbers mean."""
        return tuple(map(_coding, self.columns))

    def __str__(self) -> str:
        width = max(len(column.name) for column in self.columns)
        kinds = [f"{self.kinds.count(kind)} {kind}" for kind in KINDS if kind in self.kinds]
        lines = [f"{counted(len(self.columns), 'column')}: {', '.join(kinds)}"]
        lines += [f"  {c.name:<{width}}  {c.kind}{remark_of(c)}" for c in self.columns]
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
        return [*notes_of(self.given), *self.missing.notes]

    @property
    def said(self) -> SaidColumns:
        """What says of the columns that they are what they are here."""
        of = {kind: {c.name for c in self.given if c.kind == kind} for kind in self.kinds}
        numbers = {
            column.name: column.notation if isinstance(column.notation, NumberNotation) else None
            for column in self.given
            if column.kind == "number"
        }
        folding = {column.name for column in self.given if is_yes_no(column.notation)}
        category = frozenset(of.get("category", set()) - folding)
        text = frozenset(of.get("identifier", ()))
        return SaidColumns(numbers, category, text, self.date_forms, self.missing)

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
        dates = self.date_forms | {**said.date}
        return SaidColumns(number, frozenset(category), said.text, dates, said.missing)

    @cached_property
    def _names(self) -> list[str]:
        return list(self.given_names)  # it is compared with a list

    @cached_property
    def _sources(self) -> list[int]:
        """The place among the given columns of each column that is read from one once more."""
        places = {name: place for place, name in enumerate(self._names)}
        return [places[column.source] for column in self.columns if column.source]

    @cached_property
    def _readers(self) -> tuple[Reader, ...]:
        return tuple(map(reader, self.columns))

    @cached_property
    def _only_numbers(self) -> bool:
        return set(self.kinds) == {"number"}

    def table(self, X: AnyTable) -> GivenTable:
        """A table as its cells are read: those that are a word for a missing value are missing."""
        table = table_of(X)
        by_name = self.named and table.named
        names = table.names if by_name else self._names
        return emptied(table, self.missing, names, self.given)

    def take(self, X: AnyTable, *, extra: Extra = "ignore") -> Taken:
        """Read the schema's columns from a table.

        Parameters
        ----------
        X : GivenTable, or what `thalweg.data.schema.given_table.table_of` takes
            If both it and the schema have names, its columns may have any order.
        extra : {"ignore", "refuse"}
            What to do about named columns that the schema does not have.

        Returns
        -------
        Taken

        Raises
        ------
        DataError
            Columns are absent, superfluous (and refused) or duplicate, or a cell does not fit its
            column. One error reports all problems.
        """
        table = self.table(X)
        places: list[int] | None = None
        problems: list[DataError] = []
        if by_name := self.named and table.named:
            places, problems = places_of(self._names, table, extra)
        else:
            require_count(len(self.given), table)
        block = table.block() if places is None and self._only_numbers else None
        if block is not None:
            return Taken(whole(block, self.columns))
        read = by_row if table.n_rows <= FEW else by_column
        order = self._order(range(len(self.given)) if places is None else places)
        with AtHand(table, () if by_name else self._names):
            taken = read(table, Wanted(order, self.columns, self._readers), problems)
            problems = problems or reversed_columns(table, order, self.columns)
            if problems:
                raise together(problems)
        return taken

    def numbers(self, X: AnyTable) -> Numbers:
        """Read the table that the schema was inferred from, without a copy of its floats.

        Parameters
        ----------
        X : GivenTable, or what `thalweg.data.schema.given_table.table_of` takes

        Returns
        -------
        Numbers
            The numbers of ``take(X).matrix``.

        Raises
        ------
        DataError
            A cell in a row of weight 0, which was not used to infer the schema, does not fit.
        """
        table = self.table(X)
        block = table.block() if self._only_numbers else None
        if block is not None:
            return Numbers.of(whole(block, self.columns))
        order = self._order(range(len(self.given)))
        with AtHand(table):
            return where_it_lies(table, Wanted(order, self.columns, self._readers))

    def _order(self, places: Sequence[int]) -> Sequence[int]:
        """The place in a table of every column, from those of the given columns."""
        return [*places, *(places[j] for j in self._sources)] if self._sources else places

    def matrix(
        self, X: AnyTable, *, extra: Extra = "ignore", unknown: str = "warn"
    ) -> NDArray[np.float64]:
        """Read the schema's columns from a table into a new array.

        Parameters
        ----------
        X, extra
            As in `take`.
        unknown : {"warn", "error", "ignore"}
            What to do about levels that the schema does not know.

        Returns
        -------
        ndarray of float64, shape (n_rows, n_columns)
            ``Taken.matrix``, C-contiguous.

        Raises
        ------
        DataError
            As in `take`, or for unknown levels.
        """
        taken = self.take(X, extra=extra)
        report_unseen(taken.unseen, unknown)
        return np.array(taken.matrix, dtype=np.float64, order="C")

    def to_header(self) -> dict[str, Any]:
        """The schema as plain data, for the header of a file; without ``named``."""
        missing = {"missing": self.missing.as_setting()} if self.missing else {}
        return {"columns": [_entry(column) for column in self.columns], **missing}

    @classmethod
    def from_header(cls, header: Any, *, named: bool = True) -> "Schema":
        """Rebuild a schema from what `to_header` gave.

        Raises
        ------
        DataError
            Something is absent, superfluous, or of a wrong type or value.
        """
        entries = header.get("columns") if isinstance(header, Mapping) else None
        if not isinstance(entries, list) or not entries or set(header) - {"missing"} != {"columns"}:
            raise DataError("A schema must be a list of at least one column, and nothing else")
        columns = tuple(_column(entry, place) for place, entry in enumerate(entries, start=1))
        names = [column.name for column in columns]
        if len(set(names)) < len(names):
            raise DataError(f"A schema has duplicate column names: {listed(repeated(names))}")
        if columns != with_bounds([column for column in columns if not column.source]):
            raise DataError(
                "A schema has a bound for each column whose notation has one, at its end"
            )
        return cls(columns, named, missing_from_data(header.get("missing", [])))


def infer_schema(
    X: AnyTable, weights: ArrayLike | None = None, said: SaidColumns | None = None
) -> Schema:
    """Infer the kinds of the columns of a table.

    A column of true and false (and missing cells) is boolean. A column of numbers, or of text that
    reads as numbers, is a number, in any notation that its cells prove (`thalweg.data.notation`).
    Dates and times, as text or as a table with types has them, are dates (`thalweg.data.dates`).
    Other text is a category, and its different texts are the levels; so are codes such as
    ``01234``, and a column that the table itself declares a category (a pandas category, a polars
    Categorical or Enum, an Arrow dictionary). Text with more than 20 levels and fewer than two
    rows for each level is an identifier, unless it is declared a category: only whether a cell is
    filled counts.

    Parameters
    ----------
    X : GivenTable, or what `thalweg.data.schema.given_table.table_of` takes
        Features only.
    weights : array-like of float, shape (n_rows,), optional
        Not negative. A row of weight 2 counts as two equal rows, a row of weight 0 does not count.
    said : SaidColumns, optional
        What the user said of single columns.

    Returns
    -------
    Schema
        The same for every order of the rows.

    Raises
    ------
    DataError
        There is no column, or a column cannot be read. One error reports all such columns.
    """
    table = table_of(X)
    if not table.n_columns:
        raise no_features(table.n_rows)
    counts = np.ones(table.n_rows) if weights is None else np.asarray(weights, dtype=np.float64)
    if not (counts > 0).all():
        table, counts = table.take(np.flatnonzero(counts > 0)), counts[counts > 0]
    if said is not None:
        said.require_known(table.all_names())
        table = emptied(table, said.missing, table.all_names())
    missing = said.missing if said else MissingWords()
    block = table.block() if table.n_rows > FEW and not (said and said.names) else None
    if block is not None and is_moderate(block):  # faster: all columns at once
        empty = np.isnan(block[:1]).any(axis=0) if block.dtype.kind == "f" else [False]
        if not np.any(empty):
            names = table.all_names()
            return Schema(tuple(Column(name, "number") for name in names), table.named, missing)
    with AtHand(table):
        found = find_columns(table, counts, said or SaidColumns())
        named = zip(table.all_names(), found, strict=True)
        if problems := [(name, each) for name, each in named if isinstance(each, DataError)]:
            raise in_one(problems)
    columns = with_bounds([each for each in found if isinstance(each, Column)])
    return Schema(columns, table.named, missing)


def _coding(column: Column) -> str:
    if column.dates is not None:
        return f"{column.kind} {column.dates.zone}".rstrip()
    return json.dumps([column.kind, *column.levels]) if column.levels else column.kind


def remark_of(column: Column) -> str:
    """What is said behind the kind of a column: levels, how it is read, what of it counts."""
    if column.kind == "category":
        shown = ", ".join(column.levels[:_SHOWN]) + "…" * (len(column.levels) > _SHOWN)
        return f" of {len(column.levels)}: {shown}"
    if isinstance(column.notation, NumberNotation | DateReading):
        return f": {column.notation.words}"
    return {
        "identifier": ": only whether a cell is filled",
        "empty": ": not used",
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
    """Rebuild a column from what `_entry` gave."""
    kind = entry.get("kind") if isinstance(entry, Mapping) else None
    keys = {"name", "kind"} | ({"levels"} if kind == "category" else set())
    keys |= {"of"} if kind == "bound" else set()
    sound = kind in KINDS and set(entry) - {"notation"} == keys
    if not sound or not isinstance(kind, str) or not isinstance(entry["name"], str):
        raise DataError(
            "A column of a schema must have a name, and a kind that is " + " or ".join(KINDS),
            where=f"column {place}",
        )
    levels = entry.get("levels", [])
    sound = isinstance(levels, list) and all(isinstance(each, str) and each for each in levels)
    if not sound or levels != sorted(set(levels)) or (kind == "category") != bool(levels):
        raise DataError(
            "The levels of a category in a schema must be different texts, sorted, at least one",
            where=f"column {place}",
        )
    if kind == "date" and "notation" not in entry:
        raise DataError(
            "A column of dates in a schema says how it is read", where=f"column {place}"
        )
    told = entry.get("notation")
    notation = None if told is None else notation_from_data(told, kind)
    return Column(entry["name"], kind, tuple(levels), notation, entry.get("of", ""))
