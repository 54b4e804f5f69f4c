"""Match the columns of a later table to those a model was fitted on, and read its cells.

A table of few rows is read row by row, a long one column by column. Both use the same reader for
each cell, so both give the same numbers for a row.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.data.column_names import likely, listed
from thalweg.data.fixes.table_syntax import AtHand, library_at_hand, with_missing_columns
from thalweg.data.notation.read_number import NumberReader
from thalweg.data.row_view import Numbers
from thalweg.data.schema.column_floats import (
    MOST_EXAMPLES,
    Column,
    Reader,
    Unseen,
    floats_of,
    of_table,
    read_column,
    unseen_levels,
)
from thalweg.data.schema.given_table import GivenTable
from thalweg.data.schema.misfit_messages import misread, require_moderate, together, too_large
from thalweg.errors import DataError, SettingsError, UnseenLevelWarning, outer_level
from thalweg.shell_words import in_shell
from thalweg.wording import counted, parameter, row_number

Extra = Literal["ignore", "refuse"]

POLICIES = ("warn", "error", "ignore")
# Rows at a time in the search for numbers that are too large.
_BLOCK = 4096


@dataclass(frozen=True)
class Taken:
    """A table as a schema reads it.

    Attributes
    ----------
    matrix : ndarray of float64 or float32, shape (n_rows, n_columns)
        Rows as in the table, columns as in the schema, NaN for a missing cell. Booleans are 1
        and 0; a category is the number of its level, 1 … K in the order of its levels, or 0 if
        the schema does not know the level; an identifier is 0. It can be a read-only view of the
        table; it is float32 only if the table is.
    unseen : tuple of Unseen
        One for each category with levels that the schema does not know.
    """

    matrix: NDArray[np.floating]
    unseen: tuple[Unseen, ...] = ()


class Wanted(NamedTuple):
    """The columns of a schema: the position of each in a table (-1 if absent), and its reader."""

    places: Sequence[int]
    columns: Sequence[Column]
    readers: Sequence[Reader]


def places_of(
    names: Sequence[str], table: GivenTable, extra: Extra
) -> tuple[list[int] | None, list[DataError]]:
    """The positions of columns in a table, and the problems with its column names.

    Parameters
    ----------
    names : sequence of str
        The columns to find.
    table : GivenTable
        With names.
    extra : {"ignore", "refuse"}
        What to do about columns of other names.

    Returns
    -------
    places : list of int or None
        -1 for an absent column; None if the table has exactly these columns, in this order.
    problems : list of DataError
    """
    if table.names == names:
        return None, []
    there = {name: place for place, name in enumerate(table.names)}
    places = [there.get(name, -1) for name in names]
    absent = [name for name, place in zip(names, places, strict=True) if place < 0]
    unknown = sorted(there.keys() - set(names), key=there.__getitem__)
    with AtHand(table):
        problems = [_absent(absent, table.names, no_kin(names, table.names))] if absent else []
    if unknown and extra == "refuse":
        problems.append(
            DataError(
                f"There are columns that the model was not fitted on: {listed(unknown)}",
                fix="leave them out",
            )
        )
    return places, problems


def no_kin(names: Sequence[str], found: Sequence[str]) -> bool:
    """Whether a table has so few of these columns that it is probably the wrong table."""
    return sum(name in found for name in names) < 0.1 * len(names)


def _absent(absent: Sequence[str], found: Sequence[str], other: bool) -> DataError:
    guesses = [(name, likely(name, found)) for name in absent]
    hints = [f'"{guess}" may be meant for "{name}"' for name, guess in guesses if guess]
    flags = " ".join(f"--empty {in_shell(name)}" for name in absent)
    library = {"polars": "polars", "arrow": "Arrow"}.get(library_at_hand(), "pandas")
    return DataError(
        f"Columns that the model was fitted on are not in the table: {listed(absent)}",
        where=f"it has {listed(found)}",
        why=", ".join(hints),
        fix="give the table, or the sheet of a workbook, that has the columns of the model"
        if other
        else "add them under these names; or, if none of their values is known, add them as "
        f"missing: {flags} on the command line, {with_missing_columns(absent)} in {library}",
    )


def require_count(n_columns: int, table: GivenTable) -> None:
    """Raise a DataError if a table that is matched by position has another number of columns."""
    if table.n_columns != n_columns:
        # scikit-learn's own checks look for these words.
        raise DataError(
            f"X has {table.n_columns} features, but thalweg is expecting {n_columns} features as "
            "input",
            why="If the table or the model has no column names, columns are matched by position",
            fix="give the columns that the model was fitted on, in their order",
        )


def whole(block: NDArray[Any], columns: Sequence[Column]) -> NDArray[np.floating]:
    """A table that is one array of numbers, as floats, for columns that are all numbers."""
    if block.dtype == np.float64 or block.dtype == np.float32:
        matrix = block.view()
        matrix.flags.writeable = False
    else:
        with np.errstate(over="ignore"):  # a long double may be too large for float64
            matrix = block.astype(np.float64)
    if matrix.size and not is_moderate(matrix):
        problems = []
        for column, cells in zip(columns, matrix.T, strict=True):
            try:
                require_moderate(column.name, cells, cells)
            except DataError as problem:
                problems.append(problem)
        raise together(problems)
    return matrix


def is_moderate(matrix: NDArray[Any]) -> bool:
    """Whether no number is infinite or far too large; NaN is allowed."""
    if float(matrix.min()) >= -LARGEST and float(matrix.max()) <= LARGEST:
        return True
    # Either there is NaN, or a number is too large.
    rows = matrix if matrix.flags.c_contiguous else matrix.T
    return all(
        float(np.fmax.reduce(np.abs(rows[start : start + _BLOCK]), axis=None, initial=0.0))
        <= LARGEST
        for start in range(0, len(rows), _BLOCK)
    )


def by_column(table: GivenTable, wanted: Wanted, problems: list[DataError]) -> Taken:
    """Read a long table column by column; cells that do not fit are added to the problems."""
    matrix = np.empty((table.n_rows, len(wanted.columns)))
    unseen = []
    for j, (place, column, reader) in enumerate(zip(*wanted, strict=True)):
        if place < 0:
            continue
        cells = table.column(place)
        try:
            matrix[:, j] = read_column(column, reader, cells)
        except DataError as problem:
            problems.append(problem)
            continue
        if column.kind == "category":
            unseen.append(unseen_levels(column.name, matrix[:, j], cells.values.__getitem__))
    return Taken(matrix, tuple(each for each in unseen if each))


def where_it_lies(table: GivenTable, wanted: Wanted) -> Numbers:
    """Read the table that the columns were inferred from; floats are not copied.

    Raises
    ------
    DataError
        Cells do not fit; one error reports the first of each column.
    """
    read, problems = [], []
    for place, column, reader in zip(*wanted, strict=True):
        try:
            read.append(floats_of(column, reader, table.column(place)))
        except DataError as problem:
            problems.append(problem)
    if problems:
        raise together(problems)
    return Numbers(None, tuple(read))


def by_row(table: GivenTable, wanted: Wanted, problems: list[DataError]) -> Taken:
    """Read a table of few rows row by row; cells that do not fit are added to the problems."""
    places, columns, readers = wanted
    cells = table.objects().tolist()
    if problems:  # absent columns are reported already; look for other problems in the rest
        present = [j for j, place in enumerate(places) if place >= 0]
        places = [places[j] for j in present]
        columns, readers = [columns[j] for j in present], [readers[j] for j in present]
    n_before = len(problems)
    if NumberReader in map(type, readers):
        readers = _of_table(cells, places, columns, readers, problems)
    rows = [
        [read(row[place]) for read, place in zip(readers, places, strict=True)] for row in cells
    ]
    if any(None in row for row in rows):
        _read_again(cells, rows, Wanted(places, columns, readers), problems)
    matrix = np.array(rows, dtype=np.float64).reshape(len(rows), len(columns))
    with np.errstate(invalid="ignore"):
        moderate = not (np.abs(matrix) > LARGEST).any()
    if not moderate or any(None in row for row in rows):
        # A column whose cells contradict each other is reported once.
        told = {problem.where.rpartition(", row ")[0] for problem in problems[n_before:]}
        wrong = _wrong_cells(cells, rows, places, columns)
        problems.extend(each for each in wrong if each.where.rpartition(", row ")[0] not in told)
    if matrix.all():  # an unknown level would be 0
        return Taken(matrix)
    unseen = []
    for j, (column, place) in enumerate(zip(columns, places, strict=True)):
        if column.kind == "category":
            unseen.append(
                unseen_levels(column.name, matrix[:, j], [row[place] for row in cells].__getitem__)
            )
    return Taken(matrix, tuple(each for each in unseen if each))


def _of_table(
    cells: list[list[Any]],
    places: Sequence[int],
    columns: Sequence[Column],
    readers: Sequence[Reader],
    problems: list[DataError],
) -> list[Reader]:
    """The readers, each of written numbers with what its cells prove together."""
    found = []
    for place, column, read in zip(places, columns, readers, strict=True):
        texts = [row[place] for row in cells]
        rows = {
            cell: row_number(row)
            for row, cell in reversed([*enumerate(texts, 1)])
            if type(cell) is str
        }
        try:
            found.append(of_table(column, read, texts, rows.__getitem__))
        except DataError as problem:
            problems.append(problem)
            found.append(read)
    return found


def _read_again(
    cells: list[list[Any]],
    rows: list[list[float | None]],
    wanted: Wanted,
    problems: list[DataError],
) -> None:
    """Read columns of plain numbers once more, in place, where a cell is written in another way."""
    for j, (place, column, read) in enumerate(zip(*wanted, strict=True)):
        if column.kind != "number" or isinstance(read, NumberReader):
            continue
        if all(row[j] is not None for row in rows):
            continue
        [reader] = _of_table(cells, [place], [column], [read], problems)
        for row, line in zip(rows, cells, strict=True):
            row[j] = reader(line[place])


def _wrong_cells(
    cells: list[list[Any]],
    rows: list[list[float | None]],
    places: Sequence[int],
    columns: Sequence[Column],
) -> list[DataError]:
    """The first cell of each column that does not fit it."""
    problems = []
    for j, (column, place) in enumerate(zip(columns, places, strict=True)):
        for number, row in enumerate(rows, start=1):
            value, cell = row[j], cells[number - 1][place]
            if value is None:
                told = misread(column.name, column.kind, column.notation, row_number(number), cell)
                problems.append(told)
            elif abs(value) > LARGEST:
                problems.append(too_large(column.name, row_number(number), cell))
            else:
                continue
            break
    return problems


# The end of the warning of unknown levels. Of the commands, only predict has such an option.
STOPS_WARNING = f"; {parameter('unknown', 'ignore')} stops this warning"


def unseen_in_words(unseen: Sequence[Unseen]) -> str:
    """The columns with unknown levels, the levels, and the first row of each."""
    return "; ".join(
        f'column "{each.column}": {counted(each.count, "row")} '
        f"({listed(each.examples)}, first in row {row_number(each.row):,})"
        for each in unseen
    )


# Takes the unknown levels of a part of a table, whose other parts are not read yet.
_COLLECTS: ContextVar[Callable[[Sequence[Unseen]], None] | None] = ContextVar(
    "collects", default=None
)


@contextmanager
def unseen_collected(collects: Callable[[Sequence[Unseen]], None]) -> Iterator[None]:
    """Inside the block, unknown levels are given to this function in place of a warning."""
    before = _COLLECTS.set(collects)
    try:
        yield
    finally:
        _COLLECTS.reset(before)


class UnseenCounts:
    """The unknown levels of a table whose parts are read one after another."""

    def __init__(self) -> None:
        self._found: dict[str, Unseen] = {}

    def add(self, unseen: Sequence[Unseen]) -> None:
        """Count those of further rows; their first rows are numbered as in the whole table."""
        for each in unseen:
            known = self._found.get(each.column)
            if known is not None:
                examples = (*dict.fromkeys((*known.examples, *each.examples)),)[:MOST_EXAMPLES]
                each = Unseen(each.column, known.count + each.count, examples, known.row)
            self._found[each.column] = each

    def all(self) -> list[Unseen]:
        """Those that there are."""
        return [*self._found.values()]

    def of(self, columns: Sequence[str]) -> list[Unseen]:
        """Those that there are, in the order of these columns."""
        return [self._found[name] for name in columns if name in self._found]


def report_unseen(unseen: Sequence[Unseen], policy: str, *, settable: bool = True) -> None:
    """Report unknown levels as the policy says.

    Parameters
    ----------
    unseen : sequence of Unseen
    policy : {"warn", "error", "ignore"}
        ``"warn"``: an `UnseenLevelWarning`. ``"error"``: a DataError.
    settable : bool, default True
        Whether whoever reads it can set another policy there.

    Raises
    ------
    DataError
        There are unknown levels, and the policy is ``"error"``.
    SettingsError
        There is no such policy.
    """
    if policy not in POLICIES:
        raise SettingsError(
            f"{parameter('unknown', policy)} is not a policy for unseen levels",
            fix='take "warn", "error" or "ignore"',
        )
    if not unseen or policy == "ignore":
        return
    collects = _COLLECTS.get()
    if collects is not None and policy == "warn":
        collects(unseen)
        return
    where = unseen_in_words(unseen)
    what = "Levels that the model was not fitted on"
    if policy == "error":
        raise DataError(
            what,
            where=where,
            why="The model has not learned what they mean for the target",
            fix="correct the cells, fit on rows that have these levels, or set "
            f"{parameter('unknown', 'warn')}: they then count as some other, rare level"
            if settable
            else "correct the cells, or fit on rows that have these levels",
        )
    stops = STOPS_WARNING if settable else ""
    warnings.warn(
        f"{what} count as some other level ({where}). Fix: correct the cells, or fit on rows "
        f"that have these levels{stops}.",
        UnseenLevelWarning,
        stacklevel=outer_level(),
    )
