"""Rows above and below the header that are no part of the table: titles, and a row of units.

Both are left out where they are certain, and that is said. Elsewhere an error names the option that
says in which row the header is.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from thalweg.data.cells import MISSING, Cell, is_moment
from thalweg.data.column_names import listed
from thalweg.data.dates.date_grammar import looks_like_date
from thalweg.data.notation.units import is_unit_cell, like_unit_cell
from thalweg.data.notation.written_number import written
from thalweg.wording import counted, shown

# More rows above a header are no titles.
_MOST_TITLES = 20
# Units that a note names.
_MOST_UNITS = 6
# How a form of a date writes its parts: TT.MM.JJJJ, yyyy-mm-dd, DD/MM/YYYY hh:mm.
_PARTS = r"(?:[td]{1,2}|m{1,2}|j{2,4}|y{2,4}|a{4})"
_FORM = re.compile(
    rf"{_PARTS}(?:([./-]) ?{_PARTS}\1 ?{_PARTS})(?:[ t]h{{1,2}}:m{{2}}(?::s{{2}})?)?", re.IGNORECASE
)
# Year, month and day in German, English, French and Spanish: Jahr, Monat, Tag; jour, mois, année.
_LETTERS = {"jmt", "dmy", "ajm", "adm"}
# Rows below the header that are looked at for numbers.
_LOOKED_AT = 200


def header_place(rows: Sequence[Sequence[str]]) -> int:
    """The place of the header among the first rows of a table; 0 where no title is certain.

    A title is certain where each row above the header has at most one filled cell, the header is
    as wide as all rows below it, and its cells (but perhaps the first) are filled, different, and
    mostly no numbers.

    Parameters
    ----------
    rows : sequence of rows of texts
        Without rows that have no cell.
    """
    first = next((place for place, row in enumerate(rows) if _n_filled(row) > 1), 0)
    if not 0 < first <= _MOST_TITLES:
        return 0
    header, below = rows[first], rows[first + 1 :]
    alike = bool(below) and all(len(row) == len(header) for row in below)
    return first if alike and _may_be_header(header) and _has_words(header) else 0


def likely_place(rows: Sequence[Sequence[str]]) -> int | None:
    """The place of the row that looks most like a header, where it is not the first.

    Below names of groups, such as Before and After, names may be duplicates.
    """
    widths = Counter(len(row) for row in rows[1:])
    width = widths.most_common(1)[0][0] if widths else 0
    full = [
        place
        for place, row in enumerate(rows[: _MOST_TITLES + 1])
        if len(row) == width > 1 and _is_full(row) and _has_words(row)
    ]
    place = next((place for place in full if _may_be_header(rows[place])), None)
    if place is None and full and not _is_full(rows[0]):
        place = full[0]
    return place or None


def _n_filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _has_words(row: Sequence[str]) -> bool:
    """Whether most cells are no numbers."""
    return 2 * sum(written(cell) is None for cell in row) > len(row)


def are_names(row: Sequence[str]) -> bool:
    """Whether most cells of a row are filled, and no numbers: names, or perhaps texts."""
    texts = [cell for cell in row if cell.strip() and written(cell) is None]
    return 2 * len(texts) > len(row)


def _may_be_header(row: Sequence[str]) -> bool:
    names = [cell.strip() for cell in row]
    return len(names) > 1 and _is_full(row) and len(set(names)) == len(names)


def _is_full(row: Sequence[str]) -> bool:
    """Whether all cells, but perhaps the first, are filled."""
    return all(cell.strip() for cell in row[1:])


def say_header(row: int | None) -> str:
    """The option that says where the header is, behind another fix; "" where no row is likely."""
    if row is None:
        return ""
    return f"; or, if the header is in row {row}, say so: --header-row {row} on the command line"


def titles_note(titles: Sequence[str], row: int) -> str:
    """What is said of the rows above the header."""
    words = [title for title in titles if title]
    told = ", ".join(map(shown, words[:3]))
    told += f" and {len(words) - 3} more" if len(words) > 3 else ""
    rows = counted(len(titles), "row")
    return f"The header is in row {row}; left out above it: {told or rows}."


def without_units(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The table without a row of units below its header, and a note where there was one.

    It is certain where all filled cells of the row are units, such as ``%`` or ``(mg/dl)``, and
    below each of them stand numbers; or forms of a date, such as ``TT.MM.JJJJ``, above dates. One
    known unit, or two cells, vouch for units that are not
    known but look like one, such as ``mgKOH/g``.
    """
    if len(frame) < 2:
        return frame, []
    first = [_text(cell) for cell in frame.iloc[0].tolist()]
    units = [
        place for place, word in enumerate(first) if word != "-" and word.casefold() not in MISSING
    ]
    forms = {place for place in units if _is_form(first[place])}
    known = [place in forms or _is_unit(first[place]) for place in units]
    alike = [like_unit_cell(first[place]) for place in units]
    sure = all(known) or any(known) or len(units) > 1
    if not units or not sure or not all(map(max, known, alike)):
        return frame, []
    if not all(
        (_are_dates if place in forms else _are_numbers)(frame.iloc[1:, place]) for place in units
    ):
        return frame, []
    told = listed([first[place] for place in units], _MOST_UNITS)
    note = f"The row below the header holds units ({told}); it is left out, and is not counted."
    return frame.iloc[1:].reset_index(drop=True), [note]


def _is_unit(word: str) -> bool:
    """Whether a cell is a unit and cannot be a value: 10⁹/L is one, 10 kg is none."""
    power = re.match("10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]", word) is not None
    return is_unit_cell(word) and (power or written(word) is None)


def _is_form(word: str) -> bool:
    """Whether a cell says how dates are written, with a year, a month and a day in any order."""
    if not _FORM.fullmatch(word):
        return False
    parts = re.split(r"[./-] ?", word.casefold())
    return "".join(sorted(part[0] for part in parts)) in _LETTERS


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell.strip()
    return "" if cell is None or cell is pd.NA or cell != cell else repr(cell)


def _are_numbers(cells: pd.Series) -> bool:
    """Whether most of the first filled cells are numbers."""
    held = [not isinstance(cell, str) or written(cell) is not None for cell in _filled(cells)]
    return bool(held) and bool(np.mean(held) > 0.5)


def _are_dates(cells: pd.Series) -> bool:
    """Whether most of the first filled cells are dates."""
    held = [
        looks_like_date(cell) if isinstance(cell, str) else is_moment(cell)
        for cell in _filled(cells)
    ]
    return bool(held) and bool(np.mean(held) > 0.5)


def _filled(cells: pd.Series) -> list[Cell]:
    return [
        cell
        for cell in cells.iloc[:_LOOKED_AT].tolist()
        if (word := _text(cell)) and word.casefold() not in MISSING
    ]
