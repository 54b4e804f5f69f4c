"""How the dates of a column are written: found from all cells, or named, and kept with a model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from thalweg.data.dates.date_formats import require_format
from thalweg.data.dates.date_numbers import PIVOT
from thalweg.errors import DataError, SettingsError
from thalweg.shell_words import in_shell
from thalweg.wording import parameter, shown

# The orders of three numbers, and how a sentence calls them.
ORDERS = {"dmy": "day/month/year", "mdy": "month/day/year", "ymd": "year/month/day"}
# Numbers that count days or seconds, never found without being named.
COUNTS = {
    "excel": "Excel's serial numbers of days",
    "excel-1904": "Excel's serial numbers of days since 1904",
    "unix": "Unix seconds",
    "unix-ms": "Unix milliseconds",
}
# What a cell tells: a month, a day, a day with a clock time, or a clock time alone.
GRAINS = {"month": "months", "day": "dates", "moment": "dates with times", "time": "times of day"}
# An offset, "UTC", or a name of the IANA database.
_ZONE = re.compile(r"UTC|[+-](?:0\d|1[0-4]):[0-5]\d|[A-Za-z][A-Za-z0-9+\-_/]{1,63}", re.ASCII)
_LONGEST_FORM = 64


_KEYS = {"of", "form", "grain", "zone", "two_digits"}  # of the plain data of a reading


@dataclass(frozen=True)
class DateReading:
    """How the cells of one column are read as dates.

    Attributes
    ----------
    form : str
        One of `ORDERS` where three numbers needed one; one of `COUNTS`; a format such as
        ``"%d.%m.%Y"``; empty where every cell tells by itself what it means, as 2024-12-31 does.
    grain : str
        One of `GRAINS`.
    zone : str
        The one time zone of all cells, "UTC", "+02:00" or "Europe/Berlin"; empty where none is
        named. Clock times are those of this zone.
    two_digits : bool
        Whether some years had two digits.
    """

    form: str = ""
    grain: str = "day"
    zone: str = ""
    two_digits: bool = False

    # What plain data calls it.
    name: ClassVar[str] = "dates"

    def as_data(self) -> dict[str, Any]:
        """The reading as plain data, for the header of a file."""
        return {"of": self.name, **vars(self)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "DateReading":
        """The reading of what `as_data` gave; a DataError where that has no meaning."""
        if data.keys() != _KEYS:
            raise DataError("How dates are read has a form, a grain, a zone and two_digits")
        form, grain, zone = data["form"], data["grain"], data["zone"]
        sound = (
            isinstance(form, str)
            and (form == "" or is_form(form))
            and isinstance(grain, str)
            and grain in GRAINS
            and isinstance(zone, str)
            and (zone == "" or is_zone(zone))
            and isinstance(data["two_digits"], bool)
        )
        if not sound:
            raise DataError(f"This is no way to read dates: {shown(dict(data))}")
        return cls(form, grain, zone, data["two_digits"])

    @property
    def words(self) -> str:
        """The reading in words, for a person."""
        said = [GRAINS[self.grain]]
        if self.form:
            said.append(ORDERS.get(self.form) or COUNTS.get(self.form) or self.form)
        if self.two_digits:
            said.append(f"years of two digits are {1900 + PIVOT} to {1999 + PIVOT}")
        if self.zone:
            said.append(f"time zone {self.zone}")
        return ", ".join(said)


def say_date(name: str, *forms: str) -> str:
    """How to say in which form dates are read."""
    flags = " or ".join(f"--date {in_shell(f'{name}={form}')}" for form in forms)
    calls = " or ".join(f"date={ {name: form}!r}" for form in forms)
    return f"{flags} on the command line, {calls} in Python"


@lru_cache(maxsize=1024)  # to look a zone up takes a file; a model file may name very many
def is_zone(zone: str) -> bool:
    """Whether a text names a zone that is known here; nothing but names of zones is looked up."""
    if _ZONE.fullmatch(zone) is None:
        return False
    if zone == "UTC" or zone[0] in "+-":
        return True
    try:
        ZoneInfo(zone)
    except (KeyError, OSError, ValueError):  # KeyError: no such zone
        return False
    return True


@lru_cache(maxsize=1024)  # a model file may name very many
def is_form(form: str) -> bool:
    """Whether a text names a way to read dates."""
    try:
        require_form("", form)
    except SettingsError:
        return False
    return True


def require_form(name: str, form: Any) -> None:
    """Raise a SettingsError unless this is a way in which a person can say that dates are read."""
    if isinstance(form, str) and (form in ORDERS or form in COUNTS):
        return
    if isinstance(form, str) and "%" in form and len(form) <= _LONGEST_FORM:
        require_format(name, form)
        return
    raise SettingsError(
        f"{parameter('date', {name: form})} has no meaning",
        fix=f"write one of {', '.join([*ORDERS, *COUNTS])}, or a format such as %d.%m.%Y",
    )
