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

from thalweg.data.encoding.encoder_part import DATE
from thalweg.data.matrix_view import Numbers
from thalweg.data.names import likely, listed, repeated
from thalweg.data.notation.date_reading import DateReading, require_form
from thalweg.data.schema.column_floats import Column, Reader, reader
from thalweg.data.schema.frames import FEW, AnyTable, table_of
from thalweg.data.schema.kinds import KINDS, find_kind
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
    def date_forms(self) -> dict[str, str]:
        """How dates are read, of each column whose cells do not tell by themselves."""
        return {
            column.name: column.dates.form
            for column in self.columns
            if column.dates is not None and column.dates.form
        }

    @property
    def codings(self) -> tuple[str, ...]:
        """What decides what the numbers of each column mean: its kind, and its levels."""
        return tuple(
            json.dumps([column.kind, *column.levels])
            if column.levels
            else f"{column.kind} {column.dates.zone}".rstrip()
            if column.dates
            else column.kind
            for column in self.columns
        )

    def __str__(self) -> str:
        width = max(len(column.name) for column in self.columns)
        kinds = [f"{self.kinds.count(kind)} {kind}" for kind in KINDS if kind in self.kinds]
        lines = [f"{counted(len(self.columns), 'column')}: {', '.join(kinds)}"]
        for column in self.columns:
            lines.append(f"  {column.name:<{width}}  {column.kind}{_remark(column)}")
        return "\n".join(map(printable, lines))

    @cached_property
    def _names(self) -> list[str]:
        return list(self.names)  # a list is quicker to compare with a list

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
            require_count(len(self.columns), table)
        if places is None and self._only_numbers:
            block = table.block()
            if block is not None:
                return Taken(whole(block, self.columns))
        read = by_row if table.n_rows <= FEW else by_column
        order = range(len(self.columns)) if places is None else places
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
        return where_it_lies(table, self.columns, self._readers)

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
        return cls(columns, named)


def infer_schema(
    X: AnyTable, weights: ArrayLike | None = None, dates: Mapping[str, str] | None = None
) -> Schema:
    """Find out what the columns of a table are.

    A column whose cells are all true or false (or missing) is boolean; one whose cells are all
    numbers, or text that reads as numbers, is a number. Other texts make a category, whose levels
    they are; texts that are dates or times, and the dates of a table that knows its types, make a
    date (`thalweg.data.notation`). A category is whatever the table itself declares one (a pandas
    category, a polars
    Categorical or Enum, an Arrow dictionary). Text of more than 20 levels with less than two rows
    a level is an identifier, unless it is declared a category: nothing counts of it but whether it
    is there.

    Parameters
    ----------
    X : GivenTable, or what `thalweg.data.schema.frames.table_of` takes
        Features only.
    weights : array-like of float, shape (n_rows,), optional
        Not negative. A row of weight 2 counts as the row twice, one of 0 not at all.
    dates : mapping of str to str, optional
        Columns that hold dates, and how they are read: "dmy", "mdy", "ymd", a format such as
        ``"%d.%m.%Y"``, "excel", "excel-1904", "unix" or "unix-ms".

    Returns
    -------
    Schema
        The same for every order of the rows.

    Raises
    ------
    DataError
        If there is no column, a name stands twice, a cell is infinite or the like, or dates can be
        read in several ways. All columns that are wrong stand in the one error.
    SettingsError
        If ``dates`` has a form without a meaning.
    """
    table = table_of(X)
    said = dates or {}
    _require_dates(said, table.all_names())
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
    block = table.block() if table.n_rows > FEW and not said else None
    if block is not None and is_moderate(block):  # to look at all columns at once is quicker
        empty = np.isnan(block[:1]).any(axis=0) if block.dtype.kind == "f" else [False]
        if not np.any(empty):
            names = table.all_names()
            return Schema(tuple(Column(name, "number") for name in names), table.named)
    columns, problems = [], []
    for place, name in enumerate(table.all_names()):
        try:
            kind = find_kind(name, table.column(place), counts, said.get(name, ""))
            columns.append(Column(name, *kind))
        except DataError as problem:
            problems.append(problem)
    if problems:
        raise together(problems)
    return Schema(tuple(columns), table.named)


def _require_dates(said: Mapping[str, str], names: Sequence[str]) -> None:
    """Raise where a column that is said to hold dates is not there, or its form has no meaning."""
    for name, form in said.items():
        require_form(name, form)
        if name not in names:
            guess = likely(name, names)
            raise DataError(
                f'There is no feature "{name}" to hold dates',
                where=f"the table has {listed(names)}",
                why=f'Did you mean "{guess}"?' if guess else "",
                fix="use one of these names, spelled as it is there",
            )


def _remark(column: Column) -> str:
    if column.dates is not None:
        return f": {column.dates}"
    if column.kind == "category":
        shown = ", ".join(column.levels[:_SHOWN])
        more = "…" if len(column.levels) > _SHOWN else ""
        return f" of {len(column.levels)}: {shown}{more}"
    return {"identifier": ": only whether it is there", "empty": ": not looked at"}.get(
        column.kind, ""
    )


def _entry(column: Column) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column.name, "kind": column.kind}
    if column.dates is not None:
        return entry | {"dates": column.dates.to_plain()}
    return entry | {"levels": list(column.levels)} if column.kind == "category" else entry


def _column(entry: Any, place: int) -> Column:
    """A column of what `_entry` gave."""
    kind = entry.get("kind") if isinstance(entry, Mapping) else None
    keys = {"name", "kind", *_MORE_KEYS.get(str(kind), ())}
    if kind not in KINDS or set(entry) != keys or not isinstance(entry["name"], str):
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
    dates = DateReading.from_plain(entry["dates"]) if kind == "date" else None
    return Column(entry["name"], kind, tuple(levels), dates)


# What an entry has beside name and kind.
_MORE_KEYS = {"category": ("levels",), "date": ("dates",)}
