"""Read a sheet of an Excel workbook (.xlsx): the values as they were stored.

An .xlsx is a zip archive of XML parts (ECMA-376, "Office Open XML", part 1, chapter 18). Only the
parts that have cells are read. Nothing is calculated, and nothing outside the archive is opened.
"""

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from thalweg.data.column_names import OTHER_SHEETS, likely, listed, require_different
from thalweg.data.formats.budget import Budget
from thalweg.data.formats.excel.book import LAST_COLUMN, Book, Row, letters_of, open_book, rows_of
from thalweg.data.formats.excel.xml_parts import Parts, Unsound
from thalweg.data.header_row import header_place, likely_place, say_header, titles_note
from thalweg.errors import DataError
from thalweg.wording import parameter

# The most cells of a table with few filled ones, and how many more for each filled cell.
_SPARSE, _SPARSE_TIMES = 1 << 24, 256
# Rows in which a title may stand.
_FIRST_ROWS = 24


def read_workbook(
    data: bytes, budget: Budget, *, sheet: str | None = None, header_row: int | None = None
) -> tuple[pd.DataFrame, list[str]]:
    """Read one sheet of an Excel workbook.

    Its first filled row below titles is the header. Numbers stay numbers, text stays text. A date
    becomes text, such as ``2021-03-14``, and so do a duration, such as ``36 h 15 min``, and an
    error, such as ``#N/A``.

    Parameters
    ----------
    data : bytes
    budget : Budget
        The limits, and the name of the file in errors.
    sheet : str, optional
        Default: the first sheet that is not hidden and has a table, that is at least two filled
        rows, and two filled cells in one of them.
    header_row : int, optional
        The row of the header; rows above it are left out.

    Returns
    -------
    frame : DataFrame
        All columns of type object; None for an empty cell.
    notes : list of str
        Which sheet was read.

    Raises
    ------
    DataError
        It is not such a workbook, or is damaged; there is no such sheet; a cell has no column
        name above it, or a formula without a stored value; it exceeds the budget.
    """
    name = budget.name
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _require_workbook(archive, name)
            book = open_book(Parts(archive, budget))
            chosen, rows = _choose(book, sheet)
            others = _other_tables(book, chosen) if sheet is None else []
            n_tables = len(others) + 1
            among = f", the first of {n_tables} with a table" if others else ""
            more = f"; {OTHER_SHEETS} {listed(others, 6)}" if others else ""
            rows, titles = _from_header(rows, header_row, f'{name}, sheet "{chosen}"')
            return _frame(rows, f'{name}, sheet "{chosen}"', budget), [
                f'Read from the Excel sheet "{chosen}"{among}{more}.',
                *titles,
            ]
    except (DataError, MemoryError):
        raise
    except Exception as error:  # a damaged file can cause any error
        raise DataError(
            f"The workbook cannot be read: {_in_words(error)}",
            where=name,
            why="It is damaged, locked, or not a workbook as Excel writes it",
            fix="open it in Excel or LibreOffice, and save it as .xlsx or CSV",
        ) from error


def _in_words(error: Exception) -> str:
    if isinstance(error, Unsound):
        return str(error).splitlines()[0][:200]
    if isinstance(error, zipfile.BadZipFile | zlib.error | EOFError):
        return "its zip archive is damaged"
    if isinstance(error, RuntimeError):  # of zipfile
        return "a part of it is encrypted"
    return "a part of it is not as in other workbooks"


def _require_workbook(archive: zipfile.ZipFile, name: str) -> None:
    parts = archive.namelist()
    if len({*parts}) < len(parts):
        twice = next(part for part, n in Counter(parts).items() if n > 1)
        raise Unsound(f"two parts have the name {twice[:80]}, and each may be the one")
    what, fix = "", "open it in the program that made it, and save the table as .xlsx or CSV"
    if "mimetype" in parts:
        what = "an OpenDocument file (such as .ods)"
    elif "xl/workbook.bin" in parts:
        what = "a binary Excel workbook (.xlsb)"
    elif "[Content_Types].xml" not in parts:
        what, fix = "a zip archive", "unpack it, and give the file in it"
    if what:
        raise DataError(
            f"This is {what}; a table cannot be read from it",
            where=name,
            why="Tables are read from delimited text, Parquet and Excel (.xlsx)",
            fix=fix,
        )


def _choose(book: Book, sheet: str | None) -> tuple[str, list[Row]]:
    """The name and the filled rows of the sheet to read."""
    if sheet is not None and sheet not in book.sheets:
        guess = likely(sheet, book.sheets)
        raise DataError(
            f'There is no sheet "{sheet}"',
            where=f"{book.name} has the sheets {listed(book.sheets)}",
            why=f'Did you mean "{guess}"?' if guess else "",
            fix="use one of these names, with exactly this spelling",
        )
    sheets = [sheet] if sheet is not None else [s for s in book.sheets if s not in book.hidden]
    first: tuple[str, list[Row]] | None = None
    for each in sheets:
        rows = list(rows_of(book, each))
        if _is_table(rows):
            return each, rows
        first = first or ((each, rows) if rows else None)
    if first is None:
        raise DataError(
            "There are no filled cells",
            where=f"{book.name}, sheets {listed(sheets)}",
            fix=f"give a workbook with a table, or name another sheet ({parameter('sheet')})",
        )
    return first


def _is_table(rows: Iterable[Row]) -> bool:
    """Whether there are two filled rows, and one with two filled cells; looks no further."""
    widest = 0
    for count, (_, cells) in enumerate(rows, start=1):
        widest = max(widest, len(cells))
        if count > 1 and widest > 1:
            return True
    return False


def _other_tables(book: Book, chosen: str) -> list[str]:
    """The other sheets that are not hidden and have a table, or cannot be read."""
    found = []
    for sheet in book.sheets:
        if sheet == chosen or sheet in book.hidden:
            continue
        try:
            has_table = _is_table(rows_of(book, sheet))
        except MemoryError:
            raise
        except Exception:  # it is damaged, or too large: whoever names it hears of it
            has_table = True
        if has_table:
            found.append(sheet)
    return found


def _from_header(
    rows: list[Row], header_row: int | None, where: str
) -> tuple[list[Row], list[str]]:
    """The rows from the header on, and a note on what stands above it."""
    if header_row is not None:
        place = next((i for i, (number, _) in enumerate(rows) if number == header_row), None)
        if place is None:
            raise DataError(
                f"The header is said to be in row {header_row:,}, which is empty",
                where=where,
                fix="name the row of the sheet in which the header stands (--header-row)",
            )
    else:
        place = header_place(_first_texts(rows))
    titles = [", ".join(map(str, cells.values())) for _, cells in rows[:place]]
    return rows[place:], [titles_note(titles, rows[place][0])] if titles else []


def _first_texts(rows: list[Row]) -> list[list[str]]:
    """The cells of the first rows as text; none of a sheet that is very wide."""
    left, right = min(min(cells) for _, cells in rows), max(max(cells) for _, cells in rows)
    columns = range(left, right + 1) if right - left < LAST_COLUMN // 16 else ()
    return [[str(cells.get(j, "")) for j in columns] for _, cells in rows[:_FIRST_ROWS] if columns]


def _frame(rows: list[Row], where: str, budget: Budget) -> pd.DataFrame:
    """The table below the first filled row."""
    top, header = rows[0]
    likely = likely_place(_first_texts(rows))  # of names below those of groups, for an error
    instead = None if likely is None else rows[likely][0]
    left, right = min(min(cells) for _, cells in rows), max(header)
    names = [str(header.get(j, "")).strip() for j in range(left, right + 1)]
    for j in range(left + 1, right + 1):
        if not names[j - left]:
            raise DataError(
                f"Column {letters_of(j)} has no name",
                where=f"{where}, row {top}",
                why="A column is identified by its name",
                fix="name it in the header, or delete the column if it is no part of the table"
                + say_header(instead),
            )
    if instead is not None:  # names of groups above the header
        require_different(names, say_header(instead))
    _require_room(rows, len(names), where, budget)
    table = np.full((len(rows) - 1, len(names)), None, dtype=object)
    for i, (number, cells) in enumerate(rows[1:]):
        for j, value in cells.items():
            if j > right:
                raise DataError(
                    f"Cell {letters_of(j)}{number} has no column name above it",
                    where=where,
                    why=f"The header is the first filled row, row {top}, and ends at column "
                    f"{letters_of(right)}",
                    fix="name the column, or remove what is above or beside the table"
                    + say_header(instead),
                )
            table[i, j - left] = value
    return pd.DataFrame(table, columns=pd.Index(names, dtype=object), dtype=object)


def _require_room(rows: list[Row], n_columns: int, where: str, budget: Budget) -> None:
    """Refuse a table that is nearly empty, or takes too much memory."""
    n_cells, n_filled = len(rows) * n_columns, sum(len(cells) for _, cells in rows)
    what = f"{len(rows):,} rows, {n_columns:,} columns"
    if n_cells > _SPARSE + _SPARSE_TIMES * n_filled:
        raise DataError(
            f"A table of {n_cells:,} cells, of which {n_filled:,} are filled",
            where=f"{where}: {what}",
            why="Nearly all of the memory would be for empty cells",
            fix="remove the empty columns, or cells far from the table; or save it as CSV",
        )
    budget.require(16 * n_cells, what, where)
