"""Read a sheet of an Excel workbook (.xlsx): the values as they were stored.

An .xlsx is a zip archive of XML parts (ECMA-376, "Office Open XML", part 1, chapter 18). Only the
parts that have cells are read. Nothing is calculated, and nothing outside the archive is opened.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from thalweg.data.column_names import OTHER_SHEETS, likely, listed
from thalweg.data.formats.budget import Budget
from thalweg.data.formats.excel.number_formats import BUILT_IN, sort_of, time_text
from thalweg.data.formats.excel.xml_parts import Parts, Unsound, attribute, tag_of, whole_of
from thalweg.data.header_row import header_place, likely_place, say_header, titles_note
from thalweg.errors import DataError
from thalweg.wording import parameter

# The most cells of a table with few filled ones, and how many more for each filled cell.
_SPARSE, _SPARSE_TIMES = 1 << 24, 256
_ALL_FORMATS = 1 << 20
# Rows in which a title may stand.
_FIRST_ROWS = 24
_LAST_ROW, _LAST_COLUMN = 1 << 20, 1 << 14

# A row of a sheet: its number, and the values of its filled cells by column, both from 1.
_Row = tuple[int, dict[int, Any]]


@dataclass(frozen=True)
class _Book:
    parts: Parts
    name: str
    sheets: dict[str, str]  # the part of each sheet
    hidden: frozenset[str]
    strings: list[str]
    times: list[str]  # for each style "date", "time", "duration" or ""
    epoch: datetime


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
            book = _open(Parts(archive, budget))
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


# --- the choice of the sheet ------------------------------------------------------------------


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


def _choose(book: _Book, sheet: str | None) -> tuple[str, list[_Row]]:
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
    first: tuple[str, list[_Row]] | None = None
    for each in sheets:
        rows = list(_rows(book, each))
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


def _is_table(rows: Iterable[_Row]) -> bool:
    """Whether there are two filled rows, and one with two filled cells; looks no further."""
    widest = 0
    for count, (_, cells) in enumerate(rows, start=1):
        widest = max(widest, len(cells))
        if count > 1 and widest > 1:
            return True
    return False


def _other_tables(book: _Book, chosen: str) -> list[str]:
    """The other sheets that are not hidden and have a table, or cannot be read."""
    found = []
    for sheet in book.sheets:
        if sheet == chosen or sheet in book.hidden:
            continue
        try:
            has_table = _is_table(_rows(book, sheet))
        except MemoryError:
            raise
        except Exception:  # it is damaged, or too large: whoever names it hears of it
            has_table = True
        if has_table:
            found.append(sheet)
    return found


def _from_header(
    rows: list[_Row], header_row: int | None, where: str
) -> tuple[list[_Row], list[str]]:
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
    titles = [str(next(iter(cells.values()))) for _, cells in rows[:place]]
    return rows[place:], [titles_note(titles, rows[place][0])] if titles else []


def _first_texts(rows: list[_Row]) -> list[list[str]]:
    """The cells of the first rows as text; none of a sheet that is very wide."""
    left, right = min(min(cells) for _, cells in rows), max(max(cells) for _, cells in rows)
    columns = range(left, right + 1) if right - left < _LAST_COLUMN // 16 else ()
    return [[str(cells.get(j, "")) for j in columns] for _, cells in rows[:_FIRST_ROWS] if columns]


def _frame(rows: list[_Row], where: str, budget: Budget) -> pd.DataFrame:
    """The table below the first filled row."""
    top, header = rows[0]
    likely = likely_place(_first_texts(rows))  # of names below those of groups, for an error
    instead = None if likely is None else rows[likely][0]
    left, right = min(min(cells) for _, cells in rows), max(header)
    names = [str(header.get(j, "")).strip() for j in range(left, right + 1)]
    for j in range(left + 1, right + 1):
        if not names[j - left]:
            raise DataError(
                f"Column {_letters(j)} has no name",
                where=f"{where}, row {top}",
                why="A column is identified by its name",
                fix="name it in the header, or delete the column if it is no part of the table"
                + say_header(instead),
            )
    _require_room(rows, len(names), where, budget)
    table = np.full((len(rows) - 1, len(names)), None, dtype=object)
    for i, (number, cells) in enumerate(rows[1:]):
        for j, value in cells.items():
            if j > right:
                raise DataError(
                    f"Cell {_letters(j)}{number} has no column name above it",
                    where=where,
                    why=f"The header is the first filled row, row {top}, and ends at column "
                    f"{_letters(right)}",
                    fix="name the column, or remove what is above or beside the table"
                    + say_header(instead),
                )
            table[i, j - left] = value
    return pd.DataFrame(table, columns=pd.Index(names, dtype=object), dtype=object)


def _require_room(rows: list[_Row], n_columns: int, where: str, budget: Budget) -> None:
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


# --- the parts of a workbook ------------------------------------------------------------------


def _links(parts: Parts, part: str) -> dict[str, tuple[str, str]]:
    """The type and the target part of each link of a part, by its id."""
    folder, base = posixpath.split(part)
    links = {}
    source = posixpath.join(folder, "_rels", f"{base}.rels")
    for link in parts.elements(source, "Relationship"):
        named, sort = attribute(link, "Target", source), attribute(link, "Type", source)
        target = posixpath.normpath(posixpath.join("/", folder, named))
        links[attribute(link, "Id", source)] = (posixpath.basename(sort), target[1:])
    return links


def _open(parts: Parts) -> _Book:
    home = dict(_links(parts, "").values()).get("officeDocument")
    if home is None:
        raise Unsound("_rels/.rels names no officeDocument, which is the workbook itself")
    links = _links(parts, home)
    sheets: dict[str, str] = {}
    hidden, epoch = set(), datetime(1899, 12, 30)
    for element in parts.elements(home, "workbookPr", "sheet"):
        if tag_of(element) == "workbookPr":
            if element.get("date1904") in ("1", "true"):
                epoch = datetime(1904, 1, 1)
            continue
        name = attribute(element, "name", home)
        found = [element.attrib[key] for key in element.attrib if key.endswith("}id")]
        if len(found) != 1 or found[0] not in links:
            raise Unsound(f'{home} does not say which part is the sheet "{name}"')
        sort, part = links[found[0]]
        if sort == "worksheet" and part in sheets.values():
            raise Unsound(f"two sheets are the same part, {part}")
        if sort == "worksheet":
            sheets[name] = part
            if element.get("state", "visible") != "visible":
                hidden.add(name)
    others = dict(links.values())
    strings = _strings(parts, others["sharedStrings"]) if "sharedStrings" in others else []
    times = _times(parts, others["styles"]) if "styles" in others else []
    return _Book(parts, parts.name, sheets, frozenset(hidden), strings, times, epoch)


def _strings(parts: Parts, part: str) -> list[str]:
    strings = []
    different = set()
    for element in parts.elements(part, "si"):
        strings.append(_text(element))
        if strings[-1] not in different:  # a sound file has each text once, and cells refer to it
            different.add(strings[-1])
            parts.filled(1)
    return strings


def _text(element: ElementTree.Element) -> str:
    """A text in one piece, or in runs of different fonts; without its phonetic spelling."""
    runs = [element, *(child for child in element if tag_of(child) == "r")]
    return _plain(
        "".join(piece.text or "" for run in runs for piece in run if tag_of(piece) == "t")
    )


def _plain(text: str) -> str:
    """Decode control characters: _x000D_ is a return, and _x005F_x000D_ is the text _x000D_."""
    return re.sub("_x(00[0-9A-Fa-f]{2})_", lambda code: chr(int(code[1], 16)), text)


def _times(parts: Parts, part: str) -> list[str]:
    formats: dict[int, str] = {}
    for element in parts.elements(part, "numFmt", "cellXfs"):
        if tag_of(element) == "cellXfs":
            ids = [whole_of(style.get("numFmtId", "0"), f"numFmtId in {part}") for style in element]
            used = {each: formats.get(each, "") for each in ids if each not in BUILT_IN}
            if (n := sum(map(len, used.values()))) > _ALL_FORMATS:
                raise Unsound(f"number formats of {n:,} characters")
            sorts = BUILT_IN | {each: sort_of(code) for each, code in used.items()}
            return [sorts[each] for each in ids]
        number = whole_of(attribute(element, "numFmtId", part), f"numFmtId in {part}")
        formats[number] = element.get("formatCode", "")
    return []


# --- cells ------------------------------------------------------------------------------------

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_TRUTH = {"0": False, "1": True, "false": False, "true": True}
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def _rows(book: _Book, sheet: str) -> Iterator[_Row]:
    """The rows of a sheet with at least one filled cell."""
    last = 0
    for row in book.parts.elements(book.sheets[sheet], "row"):
        number = whole_of(row.get("r", str(last + 1)), f'of a row of sheet "{sheet}"')
        if not last < number <= _LAST_ROW:
            raise Unsound(f'row {number} of sheet "{sheet}" comes after row {last}')
        last = number
        cells, column = {}, 0
        for cell in row:
            place = cell.get("r") or f"{_letters(column + 1)}{number}"
            if not (match := _PLACE.fullmatch(place)) or int(match[2]) != number:
                raise Unsound(f'cell {place} in row {number} of sheet "{sheet}"')
            before, column = column, _column(match[1])
            if not before < column <= _LAST_COLUMN:
                raise Unsound(f'the cells of row {number} of sheet "{sheet}" are out of order')
            value = _value(book, cell, sheet, place)
            if value not in (None, ""):
                cells[column] = value
        if cells:
            words = sum(len(value) for value in cells.values() if type(value) is str)
            book.parts.filled(len(cells), words)
            yield number, cells


def _value(book: _Book, cell: ElementTree.Element, sheet: str, place: str) -> Any:
    """The value of a cell; None or "" if it is empty."""
    inside = {tag_of(child): child for child in cell}
    sort = cell.get("t", "n")
    if sort == "inlineStr":
        return _text(inside["is"]) if "is" in inside else None
    stored = (inside["v"].text or "") if "v" in inside else ""
    if not stored and "f" in inside and sort != "str":
        raise DataError(
            "A formula without a stored value",
            where=f'{book.name}, sheet "{sheet}", cell {place}',
            why="The program that wrote the file did not calculate it",
            fix="open it in Excel or LibreOffice and save it again, or replace it with the value",
        )
    if not stored or sort in ("e", "d"):
        return stored
    if sort == "s" and stored.isdecimal():
        number = whole_of(stored, f'cell {place} of sheet "{sheet}"')
        if number >= len(book.strings):
            raise Unsound(
                f'cell {place} of sheet "{sheet}" refers to shared text {number + 1:,}, and the '
                f"workbook has {len(book.strings):,}"
            )
        return book.strings[number]
    if sort == "str":
        return _plain(stored)
    if sort == "b" and stored in _TRUTH:
        return _TRUTH[stored]
    if sort != "n" or not _NUMBER.fullmatch(stored):
        raise Unsound(
            f'{stored[:40]!r} is not a value of type {sort!r} (cell {place} of sheet "{sheet}")'
        )
    style = whole_of(cell.get("s", "0"), f'the style of cell {place} of sheet "{sheet}"')
    kind = book.times[style] if style < len(book.times) else ""
    if kind:
        return time_text(float(stored), kind, book.epoch)
    return int(stored) if _WHOLE.fullmatch(stored) else float(stored)


def _letters(column: int) -> str:
    """The letters of a column: A is 1, Z is 26, AA is 27."""
    letters = ""
    while column:
        column, last = divmod(column - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
