"""The notations of dates and times: what a text says before its order of day and month is decided.

A column holds many texts of few shapes. A shape is the text in lower case with each digit written
as 0, such as ``00.00.0000``. One regular expression looks at each shape, once; the digits of all
texts of that shape are then read at once, as columns of an array.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.cells import trimmed
from thalweg.data.dates.date_numbers import HOUR, MINUTE, SECOND
from thalweg.data.dates.date_words import AFTER_NOON, MONTHS

Ints = NDArray[np.int64]

# What a text is. NUMERIC: three numbers whose order the text does not tell, such as 01/02/2024.
NO_DATE, FULL, NUMERIC, MONTH, TIME = range(5)
# Minutes east of Greenwich where a text names no zone.
NO_ZONE = -10_000
# No notation of a date is longer.
LONGEST = 64
# From so many texts on, those of one shape are found as arrays: so many texts at a time, and so
# many shapes of them (twelve months have as many names).
_MANY, _BLOCK, _FEW_SHAPES = 64, 1 << 16, 16
_NO_ASCII = 128

_DIGITS = str.maketrans("123456789", "000000000")
_NAME = "".join(sorted({letter for name in MONTHS for letter in name}))
_YEAR = "0000"
_DAY = r"(?P<day>00?)(?:\.|st|nd|rd|th|er|[º°])?"  # 1er janvier, 1º de enero, 1° gennaio
_WORD = rf"(?P<name>[{_NAME}]{{3,{max(map(len, MONTHS))}}})\.?"
_DATES = {
    FULL: (
        rf"(?P<year>{_YEAR})(?P<separator>[-/.])(?P<month>00?)(?P=separator)(?P<day>00?)",
        rf"(?P<year>{_YEAR})(?P<month>00)(?P<day>00)(?=t)",
        rf"{_DAY}[ ./-]?(?:de )?{_WORD}[ ./-]?,? ?(?:de )?(?P<year>{_YEAR}|'?00)",
        rf"{_WORD}[ -]?{_DAY},? ?(?P<year>{_YEAR})",
        rf"(?P<year>{_YEAR})[ /-]{_WORD}[ /-]{_DAY}",
    ),
    NUMERIC: (
        rf"(?P<first>00?)(?P<separator>[-/.])(?P<second>00?)(?P=separator)(?P<third>{_YEAR}|00)",
    ),
    MONTH: (
        rf"(?P<year>{_YEAR})[-/](?P<month>00)",
        rf"(?P<month>00?)[-/](?P<year>{_YEAR})",
        rf"{_WORD}[ ./-]?,? ?(?:de )?(?P<year>{_YEAR})",
    ),
}
_NOON = "|".join(re.escape(word) for word in AFTER_NOON)
_CLOCK = (
    rf"(?P<hour>00?):(?P<minute>00)(?::(?P<second_>00)(?:[.,](?P<fraction>0{{1,9}}))?)?"
    rf"(?: ?(?P<noon>{_NOON}))?"
)
_COMPACT = r"(?P<hour>00)(?P<minute>00)(?:(?P<second_>00)(?:[.,](?P<fraction>0{1,9}))?)?"
_ZONE = r"(?: ?(?P<zone>z|utc|gmt|(?P<sign>[-+\u2212])(?P<east>00)(?::?(?P<past>00))?))?"
_SHAPES = [
    (kind, re.compile(rf"{date}(?:(?:t|,? +)(?:{clock}){_ZONE})?"))
    for kind, dates in _DATES.items()
    for date in dates
    for clock in ((_CLOCK, _COMPACT) if kind == FULL else (_CLOCK,))
    if kind != MONTH
] + [(MONTH, re.compile(date)) for date in _DATES[MONTH]]
_SHAPES.append((TIME, re.compile(_CLOCK)))


@dataclass(frozen=True, eq=False)
class Said:
    """What each of some texts says. A vector has an element a text.

    Attributes
    ----------
    kind : ndarray of int64
        `NO_DATE`, `FULL` (year, month and day), `NUMERIC` (three numbers), `MONTH` (year and
        month) or `TIME` (a clock time alone).
    year, month, day : ndarray of int64
        Of `NUMERIC` the three numbers in the order of the text.
    two_digits : ndarray of bool
        Whether the year, the last of three numbers, has two digits.
    dotted, dashed : ndarray of bool
        Of `NUMERIC`: whether full stops, or dashes, stand between the numbers.
    nanoseconds : ndarray of int64
        Of the day; -1 where that clock time does not exist; 0 where there is none.
    east : ndarray of int64
        Minutes east of Greenwich; `NO_ZONE` where no zone is named.
    """

    kind: Ints
    year: Ints
    month: Ints
    day: Ints
    two_digits: NDArray[np.bool_]
    dotted: NDArray[np.bool_]
    dashed: NDArray[np.bool_]
    nanoseconds: Ints
    east: Ints

    @classmethod
    def nothing(cls, n_texts: int) -> "Said":
        """Of texts that are no dates."""
        flags = ("two_digits", "dotted", "dashed")
        made: dict[str, Any] = {
            each.name: np.zeros(n_texts, np.bool_ if each.name in flags else np.int64)
            for each in fields(cls)
        }
        made["east"][:] = NO_ZONE
        return cls(**made)

    def take(self, which: NDArray[Any]) -> "Said":
        """Of the texts at these places."""
        return Said(**{each.name: getattr(self, each.name)[which] for each in fields(self)})


def shape_of(text: str) -> str:
    """A text with every digit written as 0, in lower case, without spaces around it."""
    return _small(text).translate(_DIGITS)


def _small(text: str) -> str:
    """A text in lower case, without spaces around it: each letter one sign, each i with its dot.

    MAYIS and MAYİS are the capitals of mayıs where a computer does not know Turkish.
    """
    word = trimmed(text).casefold()
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", word).replace("i\u0307", "i").replace("\u0131", "i")


def looks_like_date(text: str) -> bool:
    """Whether a text has the shape of a date or a time, whatever its numbers."""
    return len(text) <= LONGEST and _matched(shape_of(text)) is not None


def what_is_said(texts: Sequence[str]) -> Said:
    """Read texts as dates and times.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    Said
    """
    said = Said.nothing(len(texts))
    if len(texts) < _MANY:
        _read_each(said, np.arange(len(texts)), texts)
        return said
    for start in range(0, len(texts), _BLOCK):
        block = texts[start : start + _BLOCK]
        left = _read_alike(said, start, block)
        _read_each(said, start + left, [block[i] for i in left.tolist()])
    return said


def _read_alike(said: Said, start: int, texts: Sequence[str]) -> NDArray[np.intp]:
    """Read texts of a few shapes, all of a shape at once; the places of the texts that are left.

    It gives what `_read_each` gives, several times faster. Texts with other letters than those of
    ASCII, or with spaces around them, are left.
    """
    # An array of texts loses a NUL at their end, and no date has one.
    known = [text if len(text) <= LONGEST and "\0" not in text else "" for text in texts]
    letters = np.array(known, dtype=np.str_)
    wide = letters.view(np.uint32).reshape(len(texts), -1)
    others = np.flatnonzero((wide >= _NO_ASCII).any(axis=1))
    codes = wide.astype(np.uint8)
    codes += 32 * ((codes >= ord("A")) & (codes <= ord("Z"))).astype(np.uint8)
    shapes = np.where((codes >= ord("1")) & (codes <= ord("9")), np.uint8(ord("0")), codes)
    here = np.delete(np.arange(len(texts)), others)
    for _ in range(_FEW_SHAPES):
        if not len(here):
            break
        first = shapes[here[0]]
        alike = (shapes[here] == first).all(axis=1)
        members, here = here[alike], here[~alike]
        shape = first.tobytes().rstrip(b"\0").decode("ascii")
        if shape != trimmed(shape):
            others = np.concatenate([others, members])
            continue
        matched = _matched(shape)
        if matched is not None:
            _read_shape(said, start + members, codes[members, : len(shape)], *matched)
    return np.concatenate([others, here])


def _read_each(said: Said, places: NDArray[np.intp], texts: Sequence[str]) -> None:
    """Read texts one by one as far as their shapes, and write what they say to their places."""
    words = [_small(text) if len(text) <= LONGEST else "" for text in texts]
    codes, shapes = pd.factorize(np.array([word.translate(_DIGITS) for word in words], object))
    for code, shape in enumerate(shapes):
        matched = _matched(shape)
        if matched is None:
            continue
        members = np.flatnonzero(codes == code) if len(shapes) > 1 else np.arange(len(texts))
        letters = np.array([words[i] for i in members.tolist()], dtype=f"U{len(shape)}")
        letters = letters.view(np.uint32).reshape(len(members), -1)
        _read_shape(said, places[members], letters, *matched)


def _matched(shape: str) -> tuple[int, re.Match[str]] | None:
    """What a shape is, and its parts."""
    if "0" not in shape:
        return None
    for kind, pattern in _SHAPES:
        found = pattern.fullmatch(shape)
        if found is not None and found.groupdict().get("name", "may") in MONTHS:
            return kind, found
    return None


def _read_shape(
    said: Said, members: NDArray[np.intp], codes: NDArray[Any], kind: int, found: re.Match[str]
) -> None:
    """Write what the texts of one shape say to their places; ``codes`` are their letters."""
    parts = found.groupdict()

    def number(name: str) -> Ints:
        start, end = found.span(name)
        value = np.zeros(len(codes), np.int64)
        for place in range(start, end):
            if found.string[place] == "0":  # an apostrophe may stand before two digits
                value = value * 10 + codes[:, place].astype(np.int64) - ord("0")
        return value

    said.kind[members] = kind
    if kind == NUMERIC:
        names = ("first", "second", "third")
        said.dotted[members] = parts["separator"] == "."
        said.dashed[members] = parts["separator"] == "-"
    else:
        names = ("year", "month", "day")
    year = parts.get("third") or parts.get("year") or _YEAR
    said.two_digits[members] = year.count("0") == 2
    for name, into in zip(names, (said.year, said.month, said.day), strict=True):
        if parts.get(name):
            into[members] = number(name)
    if parts.get("name"):
        said.month[members] = MONTHS[parts["name"]]
    if parts.get("hour"):
        said.nanoseconds[members] = _clock(parts, number)
    if parts.get("zone"):
        said.east[members] = _east(parts, number)


def _clock(parts: dict[str, str | None], number: Any) -> Ints:
    """Nanoseconds of the day; -1 for a clock time that does not exist."""
    hour, minute = number("hour"), number("minute")
    second = number("second_") if parts.get("second_") else 0 * hour
    possible = (minute < 60) & (second < 60)
    noon = parts.get("noon")
    if noon:
        possible &= (hour >= 1) & (hour <= 12)
        hour = hour % 12 + AFTER_NOON[noon]
    nanoseconds = hour * HOUR + minute * MINUTE + second * SECOND
    fraction = parts.get("fraction")
    if fraction:
        nanoseconds += number("fraction") * 10 ** (9 - len(fraction))
    return np.where(possible & (hour < 24), nanoseconds, -1)


def _east(parts: dict[str, str | None], number: Any) -> Ints:
    """Minutes east of Greenwich; half of `NO_ZONE` for an offset that does not exist."""
    if not parts.get("sign"):
        return np.int64(0)  # type: ignore[return-value]
    hours = number("east")
    minutes = number("past") if parts.get("past") else 0 * hours
    size = np.where((hours <= 14) & (minutes < 60), 60 * hours + minutes, -(NO_ZONE // 2))
    return size if parts["sign"] == "+" else -size
