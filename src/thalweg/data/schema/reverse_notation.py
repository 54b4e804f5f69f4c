"""Later tables whose other columns prove the reverse of the notation that a model was fitted on."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from thalweg.data.notation.as_said import contradicts
from thalweg.data.notation.number_notation import PLAIN, NumberNotation
from thalweg.data.notation.written_number import Written, written
from thalweg.data.schema.column_floats import Column
from thalweg.data.schema.given_table import FEW, GivenTable
from thalweg.data.schema.misfit_messages import reversed_beside
from thalweg.data.streams.texts_beside import are_known, is_part, texts_beside
from thalweg.errors import DataError
from thalweg.wording import row_number


class _Texts(NamedTuple):
    """The texts of a column of numbers that have a comma or a point, and how the model reads it."""

    column: Column
    notation: NumberNotation
    rows: dict[str, int]

    @property
    def sure(self) -> Iterator[tuple[str, Written]]:
        """The texts of one reading that has a mark."""
        for text in self.rows:
            cell = written(text)
            if cell is not None and cell.is_sure and _marks(cell):
                yield text, cell

    @property
    def open(self) -> Iterator[tuple[str, Written]]:
        """The texts of two readings."""
        for text in self.rows:
            cell = written(text)
            if cell is not None and not cell.is_sure:
                yield text, cell


def _know_marks(columns: Sequence[Column]) -> bool:
    """Whether a model knows what a comma or a point means in some column."""
    return any(
        isinstance(column.notation, NumberNotation)
        and {column.notation.decimal, column.notation.thousands} & {".", ","}
        for column in columns
    )


def reversed_columns(
    table: GivenTable, places: Sequence[int], columns: Sequence[Column]
) -> list[DataError]:
    """The columns of two readings beside others that are written in the reverse notation.

    A cell of two readings is what the notation of the model says, unless the table speaks against
    it: cells of other columns have one reading, and a comma or a point in it stands for the other
    thing than the model knows of these columns; and no other column agrees with the model.

    Parameters
    ----------
    table : GivenTable
    places : sequence of int
        The place in the table of each column, -1 where it is absent.
    columns : sequence of Column
    """
    if not _know_marks(columns):
        return []
    found = list(_texts_of(table, places, columns))
    against: dict[str, tuple[str, Written]] = {}  # of each column a text that contradicts
    agree = set()
    for each in found:
        for text, cell in each.sure:
            if contradicts(cell, each.notation):
                against.setdefault(each.column.name, (text, cell))
            else:
                agree.add(each.column.name)
    if not against or agree:
        return []
    problems: list[DataError] = []
    for each in found:
        name = each.column.name
        others = [(other, *pair) for other, pair in against.items() if other != name]
        if name in against or not others:  # its own cells are compared when it is read
            continue
        other, proof, said = others[0]
        for text, cell in each.open:
            chosen = each.notation.chosen(cell)
            if chosen is not None and _is_reverse(said, chosen.decimal, chosen.thousands):
                problems.append(
                    reversed_beside(name, each.notation, text, each.rows[text], other, proof)
                )
                break
    return problems


def _texts_of(
    table: GivenTable, places: Sequence[int], columns: Sequence[Column]
) -> Iterator[_Texts]:
    few = table.objects() if table.n_rows <= FEW else None
    for place, column in zip(places, columns, strict=True):
        if place < 0 or column.kind != "number":
            continue
        notation = column.notation if isinstance(column.notation, NumberNotation) else PLAIN
        rows: dict[str, int] = {}
        cells = table.column(place).values if few is None else few[:, place]
        if cells.dtype == np.object_:
            for row, cell in enumerate(cells, start=1):
                if type(cell) is str and cell not in rows and _has_mark(cell):
                    rows[cell] = row_number(row)
        if is_part() and (rows or are_known()):  # all of the table counts, not these rows alone
            beside = texts_beside(column.name)
            rows = {text: beside[text] for text in beside if _has_mark(text)}
        if rows:
            yield _Texts(column, notation, rows)


def _has_mark(text: str) -> bool:
    return "," in text or "." in text


def _marks(cell: Written) -> set[str]:
    reading = cell.readings[0]
    return {reading.decimal, reading.thousands} & {".", ","}


def _is_reverse(proof: Written, decimal: str, thousands: str) -> bool:
    """Whether marks are read in another role than a cell of one reading has them in."""
    reading = proof.readings[0]
    known = {reading.decimal: "decimal", reading.thousands: "thousands"}
    known = {mark: role for mark, role in known.items() if mark in (".", ",")}
    wrong = {decimal: "thousands", thousands: "decimal"}
    if any(known.get(mark) == role for mark, role in wrong.items() if mark):
        return True
    # Two marks cannot both stand before decimals, nor both between thousands.
    return bool(
        (reading.decimal and decimal and decimal != reading.decimal)
        or (reading.thousands in (".", ",") and thousands and thousands != reading.thousands)
    )
