"""The cells of rows as a person reads them: numbers, levels, dates, true and false, or missing."""

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.dates.date_cells import date_as_text, moment_text, without_offset
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.schema.column_floats import Column
from thalweg.data.schema.given_table import GivenTable
from thalweg.data.schema.schema import Schema
from thalweg.wording import amount, brief, in_quotes

MISSING, FILLED, UNKNOWN = "missing", "filled", "unknown"
_LONGEST = 40
_SHOWN_NUMBER = re.compile(r"-?\d{1,3}(,\d{3})*(\.\d+)?")


def column_with_cell(column: str, cell: str) -> str:
    """``age = 63``, or ``age missing``; in quotes what has an equals sign or quotes itself."""
    own, its = (in_quotes(each) if {*each} & {*'="'} else each for each in (column, cell))
    return f"{own} {MISSING}" if cell == MISSING else f"{own} = {its}"


def cell_text(column: Column, value: float) -> str:
    """The text of a cell, from its number in the matrix of a schema."""
    if math.isnan(value):
        return MISSING
    if column.kind == "boolean":
        return "true" if value else "false"
    if column.kind == "identifier":
        return FILLED
    if column.levels:
        return brief(column.levels[int(value) - 1], _LONGEST) if value else UNKNOWN
    if column.dates is not None:
        return moment_text(column.dates, value)
    return amount(value, 6)


def cell_texts(schema: Schema, matrix: NDArray[np.floating]) -> list[list[str]]:
    """The texts of the cells of own columns, row by row.

    Parameters
    ----------
    schema : Schema
    matrix : ndarray of float, shape (n_rows, n_features)
        As the schema reads a table.
    """
    places = [schema.names.index(column.name) for column in schema.given]
    return [
        [cell_text(column, row[place]) for column, place in zip(schema.given, places, strict=True)]
        for row in matrix.tolist()
    ]


def own_cells(schema: Schema, table: GivenTable) -> NDArray[Any]:
    """The cells of own columns as the table has them, shape (n_rows, n_columns).

    Of floats if all columns are numbers, else of objects.
    """
    names = table.all_names()
    by_name = schema.named and table.named
    places = [
        names.index(name) if by_name else place for place, name in enumerate(schema.given_names)
    ]
    cells = [table.column(place).without_datetimes().values for place in places]
    if all(each.dtype.kind in "iuf" for each in cells):
        return np.column_stack([each.astype(np.float64) for each in cells])
    found = np.empty((table.n_rows, len(cells)), dtype=object)
    for place, each in enumerate(cells):
        found[:, place] = each
    return found


def with_numbers(schema: Schema, matrix: NDArray[np.floating], cells: NDArray[Any]) -> NDArray[Any]:
    """The cells, with numbers as floats, which a table may have as text.

    A column that has bounds, such as ``<5``, keeps its cells.
    """
    bounded = {column.source for column in schema.columns if column.source}
    is_number = [each.kind == "number" and each.name not in bounded for each in schema.given]
    found = np.empty(cells.shape) if all(is_number) else cells.astype(object)
    for place, column in enumerate(schema.given):
        if is_number[place]:
            found[:, place] = matrix[:, schema.names.index(column.name)]
    return found


def shown_cells(
    schema: Schema, matrix: NDArray[np.floating], cells: NDArray[Any]
) -> list[list[str]]:
    """The texts of own cells; bounds and levels that are not known are as the table has them.

    Parameters
    ----------
    schema : Schema
    matrix : ndarray of float, shape (n_rows, n_features)
    cells : ndarray, shape (n_rows, n_columns)
        From `own_cells`.
    """
    texts = cell_texts(schema, matrix)
    for row, place in zip(*np.nonzero(_bounds(schema, matrix)), strict=True):
        texts[row][place] = brief(str(cells[row, place]).strip(), _LONGEST)
    for row, unknown in enumerate(unknown_levels(schema, matrix, cells)):
        for name, cell in unknown.items():
            texts[row][schema.given_names.index(name)] = cell
    return texts


def written_cells(schema: Schema, texts: Sequence[str], cells: Sequence[Any]) -> dict[str, str]:
    """The cells of a row as a person can write them, by the names of their columns.

    A shown number has commas between thousands, and a decimal point: where a table has decimal
    commas, 1,234 would be read as less than two. A shown time has no offset, and a column with a
    zone takes none without one.

    Parameters
    ----------
    schema : Schema
    texts : sequence of str
        Of the row, from `shown_cells`.
    cells : sequence
        Of the row, from `own_cells`.
    """
    found = {}
    for column, text, cell in zip(schema.given, texts, cells, strict=True):
        found[column.name] = text
        if column.kind == "number" and _SHOWN_NUMBER.fullmatch(text):
            found[column.name] = _written_number(column, text)
        elif column.dates is not None:
            written = date_as_text(cell) or str(cell).strip()
            if without_offset(written) != written and len(written) <= _LONGEST:
                found[column.name] = written
    return found


def _written_number(column: Column, text: str) -> str:
    """A shown number in the notation of its column, without commas between thousands."""
    written, notation = text.replace(",", ""), column.notation
    is_comma = isinstance(notation, NumberNotation) and notation.decimal == ","
    return written.replace(".", ",") if is_comma else written


def unknown_levels(
    schema: Schema, matrix: NDArray[np.floating], cells: NDArray[Any]
) -> list[dict[str, str]]:
    """Row by row, the cells with levels that the model was not fitted on, by their columns."""
    found: list[dict[str, str]] = [{} for _ in range(len(matrix))]
    for place, column in enumerate(schema.given):
        if not column.levels:
            continue
        for row in np.flatnonzero(matrix[:, schema.names.index(column.name)] == 0).tolist():
            found[row][column.name] = brief(str(cells[row, place]), _LONGEST)
    return found


def _bounds(schema: Schema, matrix: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which own cells are bounds, such as ``<5``; shape (n_rows, n_columns)."""
    found = np.zeros((len(matrix), len(schema.given)), dtype=bool)
    for place, column in enumerate(schema.columns):
        if column.source:
            found[:, schema.given_names.index(column.source)] = np.abs(matrix[:, place]) == 1
    return found
