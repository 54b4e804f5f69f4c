"""A text that says a number as people write it: its parts, and each number that it may mean.

``-1.234,56 €`` has one reading. ``1,234`` has two: a comma may stand before decimals or between
thousands. Nothing is decided here; a column decides (`decide_number`).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from thalweg.data.cells import INVISIBLE, trimmed
from thalweg.data.notation.units import CURRENCY, may_be_unit

# All spaces that stand between groups of digits, all apostrophes, all signs of a negative number.
_AS_PLAIN = str.maketrans(
    {
        **dict.fromkeys(INVISIBLE, None),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " "),
        **dict.fromkeys("\u2019\u02bc\u2032", "'"),
        **dict.fromkeys("\u2212\ufe63\uff0d", "-"),
        **{chr(0xFEE0 + ord(sign)): sign for sign in "0123456789.,%+/()$'"},  # of full width
        "\uffe5": "\u00a5",
        "\u2264": "<=",
        "\u2a7d": "<=",
        "\u2265": ">=",
        "\u2a7e": ">=",
    }
)
_BODY = r"(?P<body>\d+(?:[.,']\d+| \d{3}(?!\d))*(?:[.,](?=\s*$|[eE]))?|[.,]\d+)"
# A unit begins with a sign that no number has; 10^9/L is one that begins with digits.
_UNIT = (
    r"(?P<unit>(?:[x*\u00d7\u00b7] ?)?10(?:\^|\*\*?|[\u2070\u00b9\u00b2\u00b3\u2074-\u207b])\S*|"
)
_UNIT += r"[^\W\d_].*|[%\u2030\u00b0$\u20a0-\u20bf\u00a3\u00a5].*|/(?![\d/]).*)"
_CELL = re.compile(
    r"(?P<bound><=|>=|=<|=>|<|>)? ?(?P<sign>[+-])? ?"
    rf"(?P<money>{CURRENCY})? ?(?P<sign2>[+-])? ?"
    rf"{_BODY}(?P<exponent>[eE][+-]?\d{{1,3}}(?![^\W_]))?(?P<over>\+)?(?P<after>-)? *{_UNIT}?"
)
_BODY_ALONE = re.compile(_BODY)
_BRACKETS = re.compile(
    rf"(?P<money>{CURRENCY})? ?\((?P<inside>[^()+-]+)\) ?(?P<unit>%|{CURRENCY})?"
)
_BOUNDS = {"<": -1, "<=": -1, "=<": -1, ">": 1, ">=": 1, "=>": 1}
# Longer texts are no numbers.
LONGEST_CELL = 64


class NumberReading(NamedTuple):
    """One number that a text may mean.

    Attributes
    ----------
    value : float
    decimal : str
        The decimal mark, "" where there is none.
    thousands : str
        What stands between groups of digits; " " for every space, "'" for every apostrophe.
    """

    value: float
    decimal: str
    thousands: str


@dataclass(frozen=True)
class Written:
    """The parts of a written number.

    Attributes
    ----------
    readings : tuple of NumberReading
        At least one, at most two.
    unit : str
        A currency, per cent or a unit, as it is written; "" where there is none.
    before : bool
        Whether the unit, a currency, stands before the number.
    bound : int
        -1 for ``<0.5``, 1 for ``>200``, 0 for the number itself.
    """

    readings: tuple[NumberReading, ...]
    unit: str = ""
    before: bool = False
    bound: int = 0

    @property
    def mark(self) -> str:
        """The mark of a number of two readings, a point or a comma; "" where there is none."""
        return self.readings[0].thousands or self.readings[0].decimal

    @property
    def is_sure(self) -> bool:
        """Whether it means one number alone."""
        return len(self.readings) == 1


@lru_cache(maxsize=4096)
def written(text: str) -> Written | None:
    """The parts of a text that says a number; None for any other text."""
    word = trimmed(text)
    if not word or len(word) > LONGEST_CELL or not any(map(str.isdecimal, word)):
        return None
    word = word.translate(_AS_PLAIN).strip()
    if word[0] == "\u2013":  # a dash for a minus
        word = "-" + word[1:]
    if word.isascii() is False and any(c.isdecimal() and not c.isascii() for c in word):
        return None
    negative = False
    if "(" in word and (inner := _BRACKETS.fullmatch(word)):  # of accountants: (5.00) is -5
        negative = True
        word = f"{inner['money'] or ''}{inner['inside'].strip()}{inner['unit'] or ''}"
    found = _CELL.fullmatch(word)
    return found and _of_parts(found, negative)


def _of_parts(found: re.Match[str], negative: bool) -> Written | None:
    sign, sign2, after, over = (found[name] for name in ("sign", "sign2", "after", "over"))
    unit, money = (found["unit"] or "").strip(), found["money"]
    if (sign and sign2) or (after and (sign or sign2 or over)) or not may_be_unit(unit):
        return None
    if over and found["bound"]:
        return None
    if after and not any(mark in found["body"] for mark in ".,"):
        return None  # 5- is the beginning of a range, 5,00- an amount
    minus = negative != ("-" in (sign, sign2, after))
    if negative and "-" in (sign, sign2, after):
        return None
    readings = readings_of(found["body"], found["exponent"] or "")
    if not readings:
        return None
    if minus:
        readings = tuple(each._replace(value=-each.value) for each in readings)
    bound = 1 if over else _BOUNDS.get(found["bound"], 0)
    said = f"{money} {unit}" if money and unit else money or unit
    return Written(readings, said, bool(money), bound)


def plain_text(text: str, reading: NumberReading) -> str:
    """A written number as Python writes it, in one of its readings; what is around it stays."""
    word = text.translate(_AS_PLAIN)
    found = _BODY_ALONE.search(word)
    assert found is not None
    body = found["body"].replace(reading.thousands or "\0", "")
    body = body.replace(reading.decimal or "\0", ".")
    return word[: found.start("body")] + body + word[found.end("body") :]


def readings_of(body: str, exponent: str = "") -> tuple[NumberReading, ...]:
    """The numbers that digits with separators may mean, without sign and unit."""
    marks = [mark for mark in body if not mark.isdecimal()]
    if not marks:
        return (NumberReading(float(body + exponent), "", ""),)
    found = []
    if len(set(marks)) == 1 and not exponent and _are_groups(body, marks[0]):
        found.append(NumberReading(float(body.replace(marks[0], "")), "", marks[0]))
    last = marks[-1]
    if last in ".," and marks.count(last) == 1:
        before, _, behind = body.rpartition(last)
        others = set(marks[:-1])
        mark = marks[0] if others else ""
        if not others or (len(others) == 1 and not exponent and _are_groups(before, mark)):
            plain = f"{before.replace(mark, '') if mark else before or '0'}.{behind or '0'}"
            found.append(NumberReading(float(plain + exponent), last, mark))
    return tuple(found)


def _are_groups(digits: str, mark: str) -> bool:
    """Whether a mark parts digits into groups: by three, or as in India 12,34,567."""
    first, *others = digits.split(mark)
    if first.startswith("0") or not first or len(first) > 3:
        return False
    if all(len(each) == 3 for each in others):
        return True
    inner = all(len(each) == 2 for each in others[:-1])
    return mark == "," and len(others) > 1 and len(first) < 3 and inner and len(others[-1]) == 3
