"""The parts of a workbook that say what is in its sheets, and the cells of a sheet."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from xml.etree import ElementTree

from thalweg.data.formats.excel.number_formats import BUILT_IN, sort_of, time_text
from thalweg.data.formats.excel.xml_parts import Parts, Unsound, attribute, tag_of, whole_of
from thalweg.errors import DataError

_ALL_FORMATS = 1 << 20
_LAST_ROW, LAST_COLUMN = 1 << 20, 1 << 14

# A row of a sheet: its number, and the values of its filled cells by column, both from 1.
Row: TypeAlias = tuple[int, dict[int, Any]]


@dataclass(frozen=True)
class Book:
    """What the cells of a workbook refer to, and where its sheets are."""

    parts: Parts
    name: str
    sheets: dict[str, str]  # the part of each sheet
    hidden: frozenset[str]
    strings: list[str]
    times: list[str]  # for each style "date", "time", "duration" or ""
    epoch: datetime


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


def open_book(parts: Parts) -> Book:
    """Read which sheets there are, the shared texts, and the styles of times."""
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
    return Book(parts, parts.name, sheets, frozenset(hidden), strings, times, epoch)


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


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_TRUTH = {"0": False, "1": True, "false": False, "true": True}
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def rows_of(book: Book, sheet: str) -> Iterator[Row]:
    """The rows of a sheet with at least one filled cell."""
    last = 0
    for row in book.parts.elements(book.sheets[sheet], "row"):
        number = whole_of(row.get("r", str(last + 1)), f'of a row of sheet "{sheet}"')
        if not last < number <= _LAST_ROW:
            raise Unsound(f'row {number} of sheet "{sheet}" comes after row {last}')
        last = number
        cells, column = {}, 0
        for cell in row:
            place = cell.get("r") or f"{letters_of(column + 1)}{number}"
            if not (match := _PLACE.fullmatch(place)) or int(match[2]) != number:
                raise Unsound(f'cell {place} in row {number} of sheet "{sheet}"')
            before, column = column, _column(match[1])
            if not before < column <= LAST_COLUMN:
                raise Unsound(f'the cells of row {number} of sheet "{sheet}" are out of order')
            value = _value(book, cell, sheet, place)
            if value not in (None, ""):
                cells[column] = value
        if cells:
            words = sum(len(value) for value in cells.values() if type(value) is str)
            book.parts.filled(len(cells), words)
            yield number, cells


def _value(book: Book, cell: ElementTree.Element, sheet: str, place: str) -> Any:
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
                f'cell {place} of sheet "{sheet}" refers to shared text {stored[:40]}, counted '
                f"from 0, and the workbook has {len(book.strings):,}"
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


def letters_of(column: int) -> str:
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
