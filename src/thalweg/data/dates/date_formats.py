"""Dates by a format that somebody named, such as ``%d.%m.%Y %H:%M``."""

import re
from collections.abc import Sequence
from functools import lru_cache

from thalweg.data.cells import trimmed
from thalweg.data.dates.date_grammar import FULL, MONTH, NO_ZONE, TIME, Said
from thalweg.data.dates.date_numbers import HOUR, MINUTE, SECOND
from thalweg.data.dates.date_words import AFTER_NOON, MONTHS
from thalweg.errors import SettingsError
from thalweg.wording import parameter

# The codes, which are those of Python's strptime, and what they match in lower case.
_CODES = {
    "%Y": r"(?P<year>[0-9]{4})",
    "%y": r"(?P<short>[0-9]{2})",
    "%m": r"(?P<month>[0-9]{1,2})",
    "%b": r"(?P<name>[^\W\d_]{3,10})\.?",
    "%B": r"(?P<name>[^\W\d_]{3,10})\.?",
    "%d": r"(?P<day>[0-9]{1,2})",
    "%H": r"(?P<hour>[0-9]{1,2})",
    "%I": r"(?P<of_noon>[0-9]{1,2})",
    "%M": r"(?P<minute>[0-9]{1,2})",
    "%S": r"(?P<second>[0-9]{1,2})",
    "%f": r"(?P<fraction>[0-9]{1,9})",
    "%p": rf"(?P<noon>{'|'.join(map(re.escape, AFTER_NOON))})",
    "%z": r"(?P<zone>z|utc|gmt|(?P<sign>[-+])(?P<east>[0-9]{2}):?(?P<past>[0-9]{2}))",
    "%%": "%",
}
_PARTS = {code: tuple(re.compile(pattern).groupindex) for code, pattern in _CODES.items()}


def require_format(name: str, form: str) -> None:
    """Raise a SettingsError unless a format is one."""
    why = ""
    # No regular expression: a model file may have very many formats.
    codes = ["%" + rest[:1] for rest in form.replace("%%", "").split("%")[1:]]
    unknown = [code for code in codes if code not in _CODES]
    named = [part for code in codes for part in _PARTS.get(code, ())]
    parts = set(named)
    if unknown:
        why = f"{unknown[0]} is not known; the codes are {' '.join(_CODES)}"
    elif len(parts) < len(named):
        why = "A part of the date is named twice"
    else:
        has_year, has_month = parts & {"year", "short"}, parts & {"month", "name"}
        has_clock = parts & {"hour", "of_noon", "minute"}
        if not (has_year and has_month) and (not has_clock or has_year or has_month):
            why = "A date needs a year and a month; a time alone needs %H or %I or %M"
        elif "of_noon" in parts and "noon" not in parts:
            why = "The hours of %I need %p beside them"
    if why:
        raise SettingsError(
            f"{parameter('date', {name: form})} has no meaning",
            why=why,
            fix="write a format such as %d.%m.%Y or %Y-%m-%d %H:%M",
        )


def said_by_format(texts: Sequence[str], form: str) -> Said:
    """Read texts by a format; what does not match it is no date."""
    said = Said.nothing(len(texts))
    pattern = _pattern(form)
    for place, text in enumerate(texts):
        found = pattern.fullmatch(trimmed(text).casefold())
        if found is not None:
            _write(said, place, {key: part for key, part in found.groupdict().items() if part})
    return said


@lru_cache(maxsize=4096)
def _pattern(form: str) -> re.Pattern[str]:
    pieces = re.split("(%.)", form.strip())
    return re.compile("".join(_CODES.get(each) or re.escape(each.casefold()) for each in pieces))


def _write(said: Said, place: int, parts: dict[str, str]) -> None:
    if "name" in parts and parts["name"] not in MONTHS:
        return
    has_date = "month" in parts or "name" in parts
    said.kind[place] = FULL if "day" in parts else MONTH if has_date else TIME
    said.year[place] = int(parts.get("year") or parts.get("short") or 0)
    said.two_digits[place] = "short" in parts
    said.month[place] = MONTHS[parts["name"]] if "name" in parts else int(parts.get("month", 0))
    said.day[place] = int(parts.get("day", 0))
    said.nanoseconds[place] = _clock(parts)
    said.east[place] = _east(parts)


def _clock(parts: dict[str, str]) -> int:
    hour, minute, second = (int(parts.get(each, 0)) for each in ("hour", "minute", "second"))
    if "of_noon" in parts:
        of_noon = int(parts["of_noon"])
        hour = of_noon % 12 + AFTER_NOON[parts["noon"]] if 1 <= of_noon <= 12 else 24
    if hour > 23 or minute > 59 or second > 59:
        return -1
    nanoseconds = int(parts.get("fraction", "0").ljust(9, "0"))
    return hour * HOUR + minute * MINUTE + second * SECOND + nanoseconds


def _east(parts: dict[str, str]) -> int:
    if "zone" not in parts:
        return NO_ZONE
    if "sign" not in parts:
        return 0
    hours, minutes = int(parts["east"]), int(parts["past"])
    size = 60 * hours + minutes if hours <= 14 and minutes < 60 else -(NO_ZONE // 2)
    return size if parts["sign"] == "+" else -size
