"""Interpret a single cell of a table: a number, a boolean, the level of a category, or missing."""

import datetime
import math
import numbers
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

# A cell of a table can be any object.
Cell: TypeAlias = Any
# Text cells that are missing values, besides None, NaN, pd.NA and NaT. Case and surrounding
# spaces do not matter.
MISSING = frozenset({"", "na", "n/a", "nan", "null", "?"})
# Signs that take no room: zero-width spaces and joiners, the soft hyphen, the byte order mark, and
# those that say in which direction a text runs.
INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
_SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
AROUND = _SPACES + INVISIBLE
_NO_MARKS = dict.fromkeys(map(ord, INVISIBLE))
TRUTH = {"true": True, "false": False}
# The largest number allowed in a table. The difference of two such numbers is finite.
LARGEST = 1e300

_TIME = r"[T ]\d{1,2}:?\d{2}(:?\d{2}([.,]\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})?"
_DATE = re.compile(
    rf"(\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}([-/.])\d{{1,2}}\2\d{{2,4}}|\d{{8}}(?=T))"
    rf"({_TIME})?",
    re.ASCII,
)
_MOMENTS = (
    datetime.date,  # includes datetime and Timestamp
    datetime.time,
    datetime.timedelta,
    np.datetime64,
    np.timedelta64,
    pd.Period,
)
_WHOLE_TEXT = re.compile(r"(-?(?:0|[1-9][0-9]*))\.0+")
# Texts that are joined at a time; no numeral that is read fast has more characters than this.
_AT_ONCE = 1 << 16
_LONGEST_NUMERAL = 1 << 10
# Whole floats below this are exact integers.
_WHOLE = 2.0**53


@dataclass(frozen=True)
class Unread:
    """Stands for a nested cell, such as a list, that was not read; a model cannot use it.

    Attributes
    ----------
    sort : str
        The type of the cell, in a word.
    """

    sort: str

    def __repr__(self) -> str:
        return "not read"


def trimmed(text: str) -> str:
    """A text without spaces and invisible marks around it, which nobody sees in a table."""
    return text.strip(AROUND)


def without_marks(text: str) -> str:
    """A text without the invisible marks in it."""
    return text.translate(_NO_MARKS)


def is_missing_text(text: str) -> bool:
    """Whether a text is a missing value in every table."""
    # Most cells begin with a digit, and none of these words does.
    return not text[:1].isdecimal() and trimmed(text).casefold() in MISSING


def missing_cells(cells: pd.Series) -> np.ndarray:
    """Which cells are missing: None, NaN, pd.NA, NaT or one of the words in `MISSING`."""
    return np.fromiter(
        (isinstance(cell, str) and is_missing_text(cell) for cell in cells),
        dtype=np.bool_,
        count=len(cells),
    ) | cells.isna().to_numpy(dtype=np.bool_)


def is_nothing(cell: Cell) -> bool:
    """Whether a cell is None, NaN, pd.NA or NaT; never true for text."""
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return True
    if isinstance(cell, float | np.floating):
        return math.isnan(cell)
    if isinstance(cell, Decimal):
        return cell.is_qnan()
    return isinstance(cell, np.datetime64 | np.timedelta64) and bool(np.isnat(cell))


def is_date(word: str) -> bool:
    """Whether a text is a date, with or without a time."""
    return _DATE.fullmatch(trimmed(word)) is not None


def is_moment(cell: Cell) -> bool:
    """Whether a cell is a date, a time, a duration or a period."""
    return isinstance(cell, _MOMENTS)


def number_of(cell: Cell) -> float | None:
    """The number in a cell of any type.

    Returns
    -------
    float, bool or None
        A bool for true and false, NaN for a missing cell, inf for a number too large for a float,
        None for anything that is not a number.
    """
    if type(cell) is float:  # the most common type first: a single row should be fast
        return cell
    if isinstance(cell, str):
        return _number_of_text(cell)
    if isinstance(cell, np.timedelta64):  # a subclass of np.integer
        return math.nan if np.isnat(cell) else None
    if isinstance(cell, float | np.integer):  # np.float64 is a subclass of float
        return float(cell)
    if is_nothing(cell):
        return math.nan
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    if not isinstance(cell, numbers.Real | Decimal):
        return None
    try:
        return float(cell)
    except OverflowError:  # an integer or fraction too large for a float
        return math.inf
    except ValueError:  # a signalling NaN of Decimal
        return None


def _number_of_text(text: str) -> float | None:
    word = trimmed(text).casefold()
    if word in MISSING:
        return math.nan
    if word in TRUTH:
        return TRUTH[word]
    if "_" in word:  # float() reads 12_34 as a number, but in a table it is a name
        return None
    try:
        return float(word)
    except ValueError:
        return None


def level_of(cell: Cell) -> str | None:
    """The level of a category in a cell of any type, as text.

    A level is identified by its text: the number 3, the float 3.0 and the word "3" are one level,
    so a table and its CSV agree: a float of 32 or 16 bits has the shortest text that identifies it
    in its own type, "0.1". Surrounding spaces do not count.

    Returns
    -------
    str or None
        "" for a missing cell; None for what cannot be a level, such as a list.
    """
    if isinstance(cell, str):
        word = trimmed(cell)
        return "" if word.casefold() in MISSING else str(word)
    if is_nothing(cell):
        return ""
    if isinstance(cell, np.datetime64):
        return _level_of_moment(cell)
    if isinstance(cell, bool | np.bool_ | pd.Interval) or is_moment(cell):
        return str(cell)
    if isinstance(cell, numbers.Integral):
        return _level_of_whole(int(cell))
    value = number_of(cell)
    if value is None:
        return None
    if abs(value) < _WHOLE and value == int(value):
        return str(int(value))
    return repr(float(str(cell)) if isinstance(cell, np.float32 | np.float16) else value)


def whole_text(text: str) -> str:
    """The text of a level without the decimals of a whole number: "1" for "1.0", all else as it is.

    A table with a missing cell often has 1.0 where the same one without has 1.
    """
    found = _WHOLE_TEXT.fullmatch(text)
    return found[1] if found else text


def _level_of_moment(cell: np.datetime64) -> str:
    try:
        return str(pd.Timestamp(cell))
    except pd.errors.OutOfBoundsDatetime:
        return str(cell)


def _level_of_whole(cell: int) -> str | None:
    try:
        return str(cell)
    except ValueError:  # Python writes no more than some thousand digits
        return None


def _joined(cells: np.ndarray) -> Iterator[str]:
    """Texts, joined some at a time: equal ones are one object, but joined take their full length.

    Raises
    ------
    TypeError
        A cell is no text.
    ValueError
        A cell is longer than any numeral.
    """
    for start in range(0, len(cells), _AT_ONCE):
        some = cells[start : start + _AT_ONCE]
        if max(map(len, some), default=0) > _LONGEST_NUMERAL:
            raise ValueError
        yield "\0".join(some)


def plain_numbers(cells: np.ndarray) -> np.ndarray | None:
    """Several times faster than `number_of`, for a column of only numerals and empty cells."""
    try:
        if any("_" in joined for joined in _joined(cells)):
            return None
        return np.where(cells == "", "nan", cells).astype(np.float64)
    except (TypeError, ValueError):  # not all text, or not all numerals: read them one by one
        return None


def decimal_numbers(cells: np.ndarray) -> np.ndarray | None:
    """The fast way for a column of nothing but Decimals and None: their hashes take far longer."""
    if not all(type(cell) is Decimal or cell is None for cell in cells):
        return None
    try:
        return np.array([math.nan if cell is None else float(cell) for cell in cells], np.float64)
    except ValueError:  # a signalling NaN
        return None


def comma_numbers(cells: np.ndarray) -> np.ndarray | None:
    """The fast way for a column of nothing but numerals with decimal commas, and empty cells."""
    words: list[str] = []
    try:
        for joined in _joined(cells):
            if "." in joined or "_" in joined:
                return None
            words += joined.replace(",", ".").split("\0")
        if len(words) != len(cells):  # a cell has this character, too
            return None
        found = np.array(words, dtype=object)
        return np.where(found == "", "nan", found).astype(np.float64)
    except (TypeError, ValueError):
        return None
