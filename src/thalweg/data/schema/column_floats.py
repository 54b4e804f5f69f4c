"""Convert a column to floats by its kind: number, boolean, category, identifier or empty."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.arrays.small_floats import is_small
from thalweg.data.cells import (
    TRUTH,
    Cell,
    comma_numbers,
    decimal_numbers,
    is_nothing,
    level_of,
    number_of,
    whole_text,
)
from thalweg.data.dates.date_cells import (
    DateReader,
    datetimes_in_zone,
    far_row,
    moments_of_cells,
)
from thalweg.data.dates.date_reading import DateReading
from thalweg.data.notation.column_notation import ColumnNotation, is_yes_no
from thalweg.data.notation.number_notation import PLAIN, NumberNotation
from thalweg.data.notation.read_number import NumberReader, Uncertain, bound_of
from thalweg.data.notation.yes_no import folded
from thalweg.data.schema.given_table import Cells
from thalweg.data.schema.misfit_messages import (
    far_date,
    misread,
    no_date,
    require_moderate,
    uncertain,
)
from thalweg.data.streams.texts_beside import texts_beside
from thalweg.wording import row_number

Floats = NDArray[np.float64]
# The float for a cell; None if the cell does not fit the column.
Reader = Callable[[Any], float | None]

# Rows that are searched at a time, if there are so many times as many rows as distinct cells.
_AT_ONCE, _FEW = 1 << 16, 8
_FIRST = 1000  # rows that are searched for examples
MOST_EXAMPLES = 3


@dataclass(frozen=True)
class Column:
    """One feature: its name, kind and levels.

    Attributes
    ----------
    name : str
    kind : str
        "number"; "boolean" (only true and false, or 1 and 0); "category" (one of some levels);
        "identifier" (texts that nearly all differ, so only whether a cell is filled counts);
        "date" (a date, a time, or both); "empty" (all cells were missing, and later tables' cells
        are ignored); "bound" (whether a number is a bound, such as ``<0.5``: -1, 0 or 1).
    levels : tuple of str
        The levels of a category as texts, sorted; empty for other kinds.
    notation : ColumnNotation, optional
        How its texts are read, unless they are plain numbers or levels.
    source : str
        For a bound, the column of the table that it is read from.
    """

    name: str
    kind: str
    levels: tuple[str, ...] = ()
    notation: ColumnNotation | None = None
    source: str = ""

    @property
    def dates(self) -> DateReading | None:
        """Of a date: how its cells are read."""
        return self.notation if isinstance(self.notation, DateReading) else None


@dataclass(frozen=True)
class Unseen:
    """Cells of a category with levels that the schema does not know.

    Attributes
    ----------
    column : str
    count : int
        How many rows.
    examples : tuple of str
        Up to three different levels, in the order of the rows.
    row : int
        The first row, counted from 1.
    """

    column: str
    count: int
    examples: tuple[str, ...]
    row: int


@dataclass(frozen=True)
class Distinct:
    """The distinct cells of a column, and the rows that have them.

    Attributes
    ----------
    cells : list
        Sorted if the column is an array of numbers; otherwise in the order of their first rows.
    codes : ndarray of int, shape (n_rows,)
        Position in ``cells``; -1 for a missing cell. Of the smallest type that holds them.
    plain : bool
        Whether the column is an array of numbers that are all float64 numbers.
    rows : ndarray of float64, shape (n_rows,), optional
        How many rows of the table each row stands for; by default one.
    """

    cells: list[Any]
    codes: NDArray[np.signedinteger]
    plain: bool = False
    rows: Floats | None = None

    def counts(self) -> NDArray[np.intp]:
        """How many rows of the table have each cell."""
        known = self.codes >= 0
        rows = None if self.rows is None else self.rows[known]
        return np.bincount(self.codes[known], rows, minlength=len(self.cells)).astype(np.intp)

    def row(self, place: int) -> int:
        """The first row of a cell, counted from 1, as messages number it."""
        return row_number(int(np.argmax(self.codes == place)) + 1)

    def row_of(self, cell: Cell) -> int:
        """The first row of an equal cell, counted from 1."""
        return self.row(self.cells.index(cell))

    def first_rows(self) -> NDArray[np.intp]:
        """The first row of each cell, counted from 1."""
        rows = np.zeros(len(self.cells) + 1, dtype=np.intp)
        rows[self.codes[::-1]] = np.arange(len(self.codes), 0, -1)  # the first one is written last
        return rows[:-1]

    def spread(self, values: list[float]) -> Floats:
        """The value of each row, from a value for each distinct cell; NaN if missing."""
        spread: Floats = np.array([*values, math.nan], dtype=np.float64)[self.codes]
        return spread


def distinct(values: NDArray[Any]) -> Distinct:
    """The distinct cells of a column; 1 and True, equal in Python, are two different cells."""
    if values.dtype != object:
        return _distinct_numbers(values)
    if pd.api.types.infer_dtype(values, skipna=True) in ("string", "boolean", "integer"):
        codes, cells = pd.factorize(values)
        return Distinct(list(cells), codes.astype(_smallest(len(cells)), copy=False))
    places: dict[Any, int] = {}
    found: list[Any] = []
    codes = np.full(len(values), -1, dtype=np.intp)
    for row, cell in enumerate(values):
        if is_nothing(cell):
            continue
        try:
            place = places.setdefault((type(cell), cell), len(found))
        except (TypeError, ValueError):  # a list or the like, or a duration without a unit
            place = len(found)
        if place == len(found):
            found.append(cell)
        codes[row] = place
    return Distinct(found, codes.astype(_smallest(len(found)), copy=False))


def _distinct_numbers(values: NDArray[Any]) -> Distinct:
    """The distinct cells of an array that is not of objects."""
    known = ~pd.isna(values) if values.dtype.kind in "fM" else np.ones(len(values), np.bool_)
    cells = np.unique(values[known])
    codes = np.full(len(values), -1, dtype=_smallest(len(cells)))
    if len(cells) * _FEW < len(values):  # a search in few cells takes no memory, unlike a sort
        for start in range(0, len(values), _AT_ONCE):
            there, some = known[start : start + _AT_ONCE], values[start : start + _AT_ONCE]
            codes[start : start + _AT_ONCE][there] = np.searchsorted(cells, some[there])
    else:
        codes[known] = np.unique(values[known], return_inverse=True)[1]
    # Python would make an integer of a moment in nanoseconds, and another text of a small float.
    found = list(cells) if cells.dtype.kind == "M" or is_small(cells.dtype) else cells.tolist()
    size = {"b": 1, "f": 8, "i": 4, "u": 4}.get(values.dtype.kind, 0)
    return Distinct(found, codes, plain=values.dtype.itemsize <= size)


def _smallest(n: int) -> type[np.signedinteger]:
    """The smallest type of the numbers -1 … n."""
    kinds = (np.int8, np.int16, np.int32)
    return next((kind for kind in kinds if n < np.iinfo(kind).max), np.int64)


# --- reading ------------------------------------------------------------------------------------


def reader(column: Column) -> Reader:
    """The function that converts a cell of this column to a float.

    A number is itself; true and false are 1 and 0; a level is its position, 1 … K, or 0 if it is
    not known; any text of an identifier is 0; a date is the days since 1970-01-01; a missing cell
    is NaN.
    """
    if column.kind == "number":
        notation = column.notation
        return NumberReader(notation) if isinstance(notation, NumberNotation) else number_of
    if column.kind == "bound":
        return bound_of
    if column.kind == "boolean":
        return _truth
    if column.dates is not None:
        return DateReader(column.dates)
    if column.kind == "identifier":
        return _presence
    if column.kind == "empty":
        return _nothing
    places = level_codes(column)
    if is_yes_no(column.notation):
        return partial(_folded_code, {folded(level): code for level, code in places.items()})
    return partial(_code, places)  # not a closure, which could not be pickled


def level_codes(column: Column) -> dict[str, float]:
    """The number of the level, 1 … K, that each text of a category stands for."""
    places = {level: float(place) for place, level in enumerate(column.levels, start=1)}
    return _truth_spellings(places) | {whole_text(each): places[each] for each in places} | places


def _truth_spellings(places: dict[str, float]) -> dict[str, float]:
    """The spellings of true and false: pandas writes True into a CSV file, polars true.

    None where two levels differ by their capitals alone.
    """
    known: dict[str, list[float]] = {}
    for level, code in places.items():
        known.setdefault(level.casefold(), []).append(code)
    return {
        spelling: known[word][0]
        for word in TRUTH
        if len(known.get(word, ())) == 1
        for spelling in (word, word.title(), word.upper())
    }


def _code(places: dict[str, float], cell: Cell) -> float | None:
    text = level_of(cell)
    if not text:
        return None if text is None else math.nan
    code = places.get(text)
    return places.get(whole_text(text), 0.0) if code is None else code


def _folded_code(places: dict[str, float], cell: Cell) -> float | None:
    text = level_of(cell)
    return math.nan if text == "" else None if text is None else places.get(folded(text), 0.0)


def _truth(cell: Cell) -> float | None:
    value = number_of(cell)
    return value if value in (0.0, 1.0) or value != value else None


def _presence(cell: Cell) -> float:
    return math.nan if level_of(cell) == "" else 0.0


def _nothing(cell: Cell) -> float:
    return math.nan


def read_column(column: Column, read: Reader, cells: Cells) -> Floats:
    """The cells of a column as floats, as `floats_of` gives them, in a new array."""
    found = np.asarray(floats_of(column, read, cells), dtype=np.float64)
    return found.copy() if np.may_share_memory(found, cells.values) else found


def floats_of(column: Column, read: Reader, cells: Cells) -> NDArray[np.floating]:
    """The cells of a column as floats, NaN for a missing cell.

    Parameters
    ----------
    column : Column
    read : Reader
        The column's `reader`.
    cells : Cells

    Returns
    -------
    ndarray of float64 or float32, shape (n_rows,)
        The cells themselves if they are such floats; float32 if it represents them exactly.

    Raises
    ------
    DataError
        A cell does not fit; the first one is reported.
    """
    cells = cells if column.dates is not None else cells.without_datetimes()
    name, kind, values = column.name, column.kind, cells.values
    if kind == "empty":
        return np.full(len(values), np.nan, np.float32)
    if kind == "number" or (kind == "boolean" and values.dtype == np.bool_):
        numbers = quick_numbers(column, cells) if values.dtype == object else values
        if numbers is not None:
            require_moderate(name, numbers, values)
            if numbers.dtype in (np.float32, np.float64):
                return numbers
            small = numbers.dtype.itemsize <= 2  # booleans, 16-bit integers and floats
            return numbers.astype(np.float32 if small else np.float64)
    dates = column.dates
    if dates is not None and values.dtype.kind == "M":
        return _of_datetimes(name, dates, cells)
    different = distinct(values)
    if dates is None:
        read = of_table(column, read, different.cells, different.row_of)
        read_cells = list(map(read, different.cells))
    else:
        read_cells = moments_of_cells(dates, different.cells)
    odd = [(different.row(place), place) for place, each in enumerate(read_cells) if each is None]
    if odd:
        row, place = min(odd)
        raise misread(name, kind, column.notation, row, different.cells[place])
    spread = different.spread([each for each in read_cells if each is not None])
    if kind == "number":
        require_moderate(name, spread, values)
    if kind in ("number", "date"):
        return spread
    return spread.astype(np.float32)  # exact: no column has that many levels


def _of_datetimes(name: str, dates: DateReading, cells: Cells) -> Floats:
    """An array of datetime64 on the clock of the column."""
    moments = datetimes_in_zone(cells.values, cells.zone, dates.zone)
    if moments is None:
        known = np.flatnonzero(~np.isnat(cells.values))
        if len(known):
            first = replace(cells, values=cells.values[known[:1]]).without_datetimes().values[0]
            raise no_date(name, row_number(int(known[0]) + 1), first, dates)
        return np.full(len(cells.values), np.nan)
    row = far_row(moments)
    if row is not None:
        raise far_date(name, row_number(row), cells.values[row - 1])
    return moments


def of_table(
    column: Column, read: Reader, cells: Sequence[Any], row_of: Callable[[Any], int]
) -> Reader:
    """The reader for all cells of one table: together they may say more than each alone.

    Raises
    ------
    DataError
        If they contradict the notation of the column.
    """
    if column.kind != "number" or not any(isinstance(cell, str) for cell in cells):
        return read
    reads = read if isinstance(read, NumberReader) else NumberReader(PLAIN)
    beside = texts_beside(column.name)
    try:
        reads = reads.for_table([*beside, *cells])
    except Uncertain as found:
        row = beside.get(found.text) or row_of(found.text)
        raise uncertain(column.name, reads.notation, found, row) from None
    return reads if isinstance(read, NumberReader) else partial(_plain_or_written, reads)


def _plain_or_written(read: NumberReader, cell: Cell) -> float | None:
    value = number_of(cell)
    return read(cell) if value is None and isinstance(cell, str) else value


def quick_numbers(column: Column, cells: Cells) -> Floats | None:
    """The numbers of a column of nothing but numerals, with a decimal point or comma."""
    values = cells.values
    if isinstance(next((cell for cell in values if cell is not None), None), Decimal):
        return decimal_numbers(values)
    notation = column.notation
    if not isinstance(notation, NumberNotation):
        return cells.plain
    if notation.is_plain:
        return cells.plain
    if notation.decimal != "," or notation.thousands or notation.unit or notation.bounded:
        return None
    return comma_numbers(values)


def unseen_levels(name: str, codes: Floats, cell_at: Callable[[int], Any]) -> Unseen | None:
    """The cells with unknown levels (code 0); None if there are none."""
    rows = np.flatnonzero(codes == 0.0)
    if not len(rows):
        return None
    levels = dict.fromkeys(str(level_of(cell_at(int(row)))) for row in rows[:_FIRST])
    return Unseen(name, len(rows), tuple(levels)[:MOST_EXAMPLES], int(rows[0]) + 1)
