"""Find the kind of a column (number, boolean, category …) in the table that a model is fitted on.

It is decided on the distinct cells, so in a long column of few texts each text is read once.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import (
    comma_numbers,
    decimal_numbers,
    is_missing_text,
    level_of,
    number_of,
    trimmed,
)
from thalweg.data.fixes.column_errors import ColumnError, Remedy
from thalweg.data.notation.codes import codes_among, may_be_codes, may_be_thousands
from thalweg.data.notation.column_notation import CODES, YES_NO, YES_NO_FOLDED, ColumnNotation
from thalweg.data.notation.decide_number import Decided, decide_as_said, decide_number
from thalweg.data.notation.durations import duration_among
from thalweg.data.notation.missing_words import few_words, say_missing
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.notation.said_columns import SaidColumns, leave_out, say_category, say_number
from thalweg.data.notation.units import is_unit, unit_key
from thalweg.data.notation.written_number import Written, written
from thalweg.data.notation.yes_no import are_yes_no, levels_of
from thalweg.data.schema.column_floats import Distinct, distinct
from thalweg.data.schema.find_date_columns import find_dates
from thalweg.data.schema.given_table import Cells
from thalweg.data.schema.misfit_messages import (
    counted_texts,
    date_for_number,
    duration,
    is_date_cell,
    misfit,
    require_moderate,
    truth_for_number,
)
from thalweg.errors import DataError
from thalweg.wording import counted, row_number, shown

KINDS = ("number", "boolean", "category", "identifier", "date", "empty", "bound")
# With more different numerals than this and few words, a column is a column of numbers with errors
# in it, not a category.
FEW_NUMERALS = 8
RARE_WORDS = 4  # cells with numerals for each with a word, at least
# Text with more levels than this is an identifier if it has fewer than two rows for each level.
FEW_LEVELS = 20
# Bounds are read as numbers beside more different numbers than this: <1 and >1 alone are levels.
FEW_NUMBERS = 2

Weights = NDArray[np.float64]
ReadsNumber = Callable[[str], Written | None]


@dataclass(frozen=True)
class FoundKind:
    """What a column is, as far as its own cells tell.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    levels : tuple of str
        Of a category, sorted; elsewhere empty.
    notation : ColumnNotation, optional
    doubt : Decided, optional
        Where its cells leave open what a mark means.
    """

    kind: str
    levels: tuple[str, ...] = ()
    notation: ColumnNotation | None = None
    doubt: Decided | None = None

    @classmethod
    def of_notation(cls, notation: NumberNotation) -> "FoundKind":
        """A column of numbers; without a notation where they are plain."""
        return cls("number", notation=None if notation.is_plain else notation)

    @classmethod
    def of_decided(cls, decided: Decided) -> "FoundKind":
        """A column of written numbers, as far as its cells tell."""
        return cls("number", doubt=decided) if decided.doubt else cls.of_notation(decided.notation)


def find_kind(
    name: str, cells: Cells, weights: Weights, said: SaidColumns | None = None
) -> FoundKind:
    """Find the kind of a column, the levels of a category, and how its texts are read.

    Parameters
    ----------
    name : str
    cells : Cells
    weights : ndarray of float64, shape (n_rows,)
        All above zero.
    said : SaidColumns, optional

    Raises
    ------
    DataError
        A cell is infinite, a list or similar; numbers or dates are mixed with a few words; or dates
        have several readings.
    """
    values = cells.values
    said = said or SaidColumns()
    is_moments = values.dtype.kind == "M" and name not in {*said.text, *said.category, *said.number}
    if name in said.date or is_moments:
        form = said.date.get(name, "")
        dates = find_dates(name, cells, distinct(values), weights, form)
        return FoundKind("empty") if dates is None else FoundKind("date", notation=dates)
    cells = cells.without_datetimes()
    values = cells.values
    if name in said.text:
        return FoundKind("identifier")
    # What a person says of a column goes before what the table declares.
    if name in said.category or (cells.declared and name not in said.number):
        different = distinct(values)
        category = _category(name, different)
        is_code = category.levels and not cells.declared and codes_among(_known_texts(different))
        return replace(category, notation=CODES) if is_code else category
    numbers = cells.plain if values.dtype == object else values
    if numbers is None:
        return _of_objects(name, cells, weights, said)
    if values.dtype == object and (found := _of_numerals(name, values, numbers, weights, said)):
        return found
    require_moderate(name, numbers, values)
    # Testing the first cell saves testing all cells of most columns.
    if numbers.dtype.kind == "f" and np.isnan(numbers[:1]).all() and np.isnan(numbers).all():
        return FoundKind("empty")
    if numbers.dtype == np.bool_:
        return _of_truth(name, said)
    if name in said.number and (notation := said.number[name]) is not None:
        # Cells that are numbers are in no notation, but later tables may be texts.
        return FoundKind.of_notation(notation)
    return FoundKind("number")


def _of_truth(name: str, said: SaidColumns) -> FoundKind:
    """A column of true and false; 1 and 0 where it is said to hold numbers."""
    if name not in said.number:
        return FoundKind("boolean")
    if (notation := said.number[name]) is not None:
        raise truth_for_number(name, notation)
    return FoundKind("number")


def _of_numerals(
    name: str, values: NDArray[np.object_], numbers: Weights, weights: Weights, said: SaidColumns
) -> FoundKind | None:
    """What numerals are that Python reads and that may mean something else; None: plain numbers."""
    if name in said.number:
        notation = said.number[name]
        if notation is not None:
            return _as_said(name, distinct(values), notation)
    elif may_be_codes(values, numbers):
        different = distinct(values)
        if codes_among(_known_texts(different)):
            return _codes(name, different, weights)
    if may_be_thousands(values):
        different = distinct(values)
        return FoundKind.of_decided(_decided(name, different, _known_texts(different)))
    return None


def _codes(name: str, different: Distinct, weights: Weights) -> FoundKind:
    """A column of codes: a category, or an identifier where nearly all differ."""
    found = _category(name, different, weights)
    return replace(found, notation=CODES if found.levels else None)


def _known_texts(different: Distinct) -> list[str]:
    """The different texts of a column that are not missing, without spaces around them."""
    words = (trimmed(cell) for cell in different.cells if isinstance(cell, str))
    return list(dict.fromkeys(word for word in words if not is_missing_text(word)))


def _as_said(name: str, different: Distinct, notation: NumberNotation) -> FoundKind:
    """A column of numbers whose notation was named."""
    texts = _known_texts(different)
    return FoundKind.of_notation(decide_as_said(name, texts, _row_of(different), notation))


def _decided(name: str, different: Distinct, texts: list[str], *, bare: bool = False) -> Decided:
    """How written numbers are written."""
    return decide_number(name, texts, _row_of(different), bare=bare)


def _row_of(different: Distinct) -> Callable[[str], int]:
    """What gives the first row of a text, spaces around it aside; asked only for a message."""
    rows: dict[str, int] = {}

    def row_of(text: str) -> int:
        if not rows:
            codes, first = np.unique(different.codes, return_index=True)
            for code, row in zip(codes.tolist(), first.tolist(), strict=True):
                word = trimmed(str(different.cells[code])) if code >= 0 else ""
                row = row_number(row + 1)
                rows[word] = min(rows.get(word, row), row)
        return rows[text]

    return row_of


def _of_objects(name: str, cells: Cells, weights: Weights, said: SaidColumns) -> FoundKind:
    values = cells.values
    if name not in said.number and (numbers := comma_numbers(values)) is not None:
        sure = any(cell.count(",") == 1 and not _may_group(cell) for cell in values[:FEW_LEVELS])
        if sure:  # the fast way for a column of decimal commas
            require_moderate(name, numbers, values)
            return FoundKind("number", notation=NumberNotation(","))
    numbers = None if name in said.date or said.number.get(name) else decimal_numbers(values)
    if numbers is not None and not np.isnan(numbers).all():  # without the hash of each Decimal
        require_moderate(name, numbers, values)
        return FoundKind("number")
    different = replace(distinct(values), rows=cells.rows)
    if name not in said.date and (text := duration_among(_known_texts(different))) is not None:
        raise duration(name, _row_of(different)(text), text)
    # Before numbers are looked for: no cell that looks like a date is a number.
    dates = None if name in said.number else find_dates(name, cells, different, weights)
    if dates is not None:
        return FoundKind("date", notation=dates)
    read = [number_of(cell) for cell in different.cells]
    known = [place for place, value in enumerate(read) if value is None or not math.isnan(value)]
    words = [place for place in known if read[place] is None]
    if words and len(words) == len(known):
        _require_no_date(name, different, words, said)
    for place in words:
        if not isinstance(different.cells[place], str):
            raise misfit(name, "", different.row(place), different.cells[place])
    if words:
        return _of_words(name, different, read, words, weights, said)
    truth = {isinstance(read[place], bool) for place in known}
    if len(truth) == 2:
        raise _both(name, different, read, known)
    require_moderate(name, different.spread([value or 0.0 for value in read]), values)
    if True in truth:
        return _of_truth(name, said)
    if not known:
        return FoundKind("empty")
    texts = [text for place in known if isinstance(text := different.cells[place], str)]
    if name in said.number and (notation := said.number[name]) is not None:
        return _as_said(name, different, notation)
    if texts and may_be_thousands(np.array(texts, dtype=object)):
        return FoundKind.of_decided(_decided(name, different, [trimmed(text) for text in texts]))
    words_alone = len(texts) == len(known) and name not in said.number
    if words_alone and codes_among([trimmed(text) for text in texts]):
        return _codes(name, different, weights)
    return FoundKind("number")


def _require_no_date(name: str, different: Distinct, words: list[int], said: SaidColumns) -> None:
    """Refuse dates in a column that is said to hold numbers, and holds none."""
    if name not in said.number:
        return
    rows = different.first_rows()
    place = min(words, key=lambda each: int(rows[each]))
    if is_date_cell(cell := different.cells[place]):
        raise date_for_number(name, row_number(int(rows[place])), cell, said.number[name])


def _may_group(cell: str) -> bool:
    said = written(cell)
    return said is None or not said.is_sure


def _of_words(
    name: str,
    different: Distinct,
    read: list[float | None],
    words: list[int],
    weights: Weights,
    said: SaidColumns,
) -> FoundKind:
    """What a column is that has texts which Python does not read as numbers."""
    texts = _known_texts(different)
    n_numbers = sum(
        value == value for cell, value in zip(different.cells, read, strict=True)
        if value is not None and not isinstance(cell, str)
    )  # fmt: skip
    numbers = {text: written(text) for text in texts}
    found = [each for each in numbers.values() if each is not None]
    is_said = name in said.number
    if len(found) == len(texts) and (is_said or _are_numbers(found, n_numbers)):
        if is_said and (notation := said.number[name]) is not None:
            return _as_said(name, different, notation)
        if is_said:
            return FoundKind.of_decided(_decided(name, different, texts, bare=True))
        # A number that came as one has no unit.
        bare = [_a_number(different)] if n_numbers and any(cell.unit for cell in found) else []
        return FoundKind.of_decided(_decided(name, different, [*texts, *bare]))
    usual, reads = _usual_unit(found, n_numbers), lambda cell: numbers.get(trimmed(cell))
    each = zip(different.cells, read, strict=True)
    numeral = [is_numeral(cell, value, usual, reads) for cell, value in each]
    others = [place for place in words if not numeral[place]]
    if others:
        _require_few_numerals(name, different, numeral, others, weights, is_said=is_said)
    if are_yes_no(texts) and not n_numbers:
        levels = tuple(sorted(levels_of(texts).values()))
        return FoundKind("category", levels, YES_NO if len(levels) == len(texts) else YES_NO_FOLDED)
    return _category(name, different, weights)


def _a_number(different: Distinct) -> str:
    """A cell that came as a number, as text."""
    numbers = (cell for cell in different.cells if not isinstance(cell, str))
    return next(str(cell) for cell in numbers if not math.isnan(number_of(cell) or 0.0))


def _are_numbers(cells: list[Written], n_numbers: int) -> bool:
    """Whether texts that may all be numbers are meant as such, and not as levels."""
    units = {unit_key(cell.unit) for cell in cells if cell.unit}
    values = {cell.readings for cell in cells if not cell.bound}
    n_values = len(values) + n_numbers
    if any(cell.bound for cell in cells) and n_values <= FEW_NUMBERS:
        return False
    known = all(is_unit(cell.unit) for cell in cells if cell.unit)
    if known:
        return True
    bare = n_numbers or any(not cell.unit for cell in cells)
    return len(units) == 1 and not bare and n_values > FEW_NUMERALS


def _usual_unit(cells: list[Written], n_numbers: int) -> str:
    """The word behind nearly all of the different numbers, known as a unit or not; "" if none."""
    values = {cell.readings: unit_key(cell.unit) for cell in cells}
    unit, count = max(Counter(values.values()).items(), key=lambda each: each[1], default=("", 0))
    others = len(values) + n_numbers - count
    return unit if count > FEW_NUMERALS and RARE_WORDS * others <= count else ""


def is_numeral(
    cell: object, value: float | None, usual: str = "", reads: ReadsNumber = written
) -> bool:
    """Whether a cell is a number, alone or with a known or the usual unit; none is missing."""
    if value is not None:
        return value == value
    if not isinstance(cell, str) or (said := reads(cell)) is None:
        return False
    return not said.unit or is_unit(said.unit) or unit_key(said.unit) == usual


def _category(name: str, different: Distinct, weights: Weights | None = None) -> FoundKind:
    """A category or, if weights are given, perhaps an identifier (never if declared a category)."""
    texts = []
    for place, cell in enumerate(different.cells):
        text = level_of(cell)
        if text is None:
            raise misfit(name, "category", different.row(place), cell)
        texts.append(text)
    levels = tuple(sorted(set(texts) - {""}))
    if weights is not None and len(levels) > FEW_LEVELS:
        known = np.array([*(text != "" for text in texts), False])[different.codes]
        # This sum does not depend on the order of the rows.
        if 2 * len(levels) > math.fsum(weights[known]):
            return FoundKind("identifier")
    return FoundKind("category" if levels else "empty", levels)


def _require_few_numerals(
    name: str,
    different: Distinct,
    is_number: list[bool],
    words: list[int],
    weights: Weights,
    *,
    is_said: bool,
) -> None:
    """Refuse a column of numbers with a few words in it: as levels, numbers lose their order."""
    numerals = [place for place, holds in enumerate(is_number) if holds]
    if len(numerals) <= FEW_NUMERALS and not is_said:
        return
    is_word, of_number = (np.isin(different.codes, places) for places in (words, numerals))
    if RARE_WORDS * math.fsum(weights[is_word]) > math.fsum(weights[of_number]) and not is_said:
        return
    row, place = min((different.row(place), place) for place in words)
    texts = few_words(trimmed(str(different.cells[place])) for place in words)
    if_missing = f'if they mean "not known", say so: {say_missing(name, texts)}; if not, '
    in_place = f", in place of {say_number(name)}" if is_said else ""
    raise ColumnError(
        f"Text instead of a number: {shown(different.cells[place])}",
        where=f'column "{name}", row {row}',
        why=f"In this column {different.counts()[numerals].sum():,} cells are numbers, and "
        f"{counted(int(different.counts()[words].sum()), 'is', 'are')} other text"
        f"{_which(different, words)}",
        fix=f"{if_missing if texts else ''}correct these cells, or leave them empty if the "
        f"value is not known; or {leave_out(name)}; if both numbers and words are names of groups, "
        f"{say_category(name)}{in_place}",
        remedies=[Remedy(said={"missing": texts})] if texts else [],
        row=row if is_word.sum() == 1 else 0,
    )


def _which(different: Distinct, words: list[int]) -> str:
    """Which texts, if there are several, and how many rows have each."""
    texts = [trimmed(str(different.cells[place])) for place in words]
    n_rows = different.counts()[words].tolist()
    return f": {counted_texts(texts, n_rows)}" if len({*texts}) > 1 else ""


def _both(name: str, different: Distinct, read: list[float | None], known: list[int]) -> DataError:
    rows = sorted((different.row(place), place) for place in known)
    (row, first), *others = rows
    other, second = next(
        pair for pair in others if isinstance(read[pair[1]], bool) != isinstance(read[first], bool)
    )
    return DataError(
        "Numbers and true or false in one column",
        where=f'column "{name}", row {other}',
        why=f"Row {row} has {shown(different.cells[first])}, "
        f"this row has {shown(different.cells[second])}",
        fix="write only numbers, or only true and false",
    )
