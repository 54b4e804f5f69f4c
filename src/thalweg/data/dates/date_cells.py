"""Cells of any type as dates: texts, objects of Python, pandas and NumPy, and counted days."""

import datetime
import re
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.cells import Cell, is_nothing, number_of
from thalweg.data.dates.date_numbers import (
    DAY,
    FIRST_DAY,
    LAST_DAY,
    SECOND,
    Floats,
    clock_text,
    date_text,
    datetime64_moments,
)
from thalweg.data.dates.date_reading import COUNTS, DateReading
from thalweg.data.dates.date_texts import (
    count_moments,
    local_times,
    minutes_of_zone,
    read_date_texts,
    zone_of_minutes,
)

_EPOCH = datetime.date(1970, 1, 1).toordinal()
_OFFSET = re.compile(r"(?:Z|[+-]\d{2}:\d{2}(?::\d{2})?)$")
# Dates as most files have them: 2024-12-31, and a clock time behind it.
_THREE = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}:[0-9]{2})?")


def date_as_text(cell: Cell) -> str | None:
    """A date or time of Python, pandas or NumPy as ISO 8601 writes it; None for anything else."""
    if isinstance(cell, pd.Period):
        start = cell.start_time
        return f"{start.year:04d}-{start.month:02d}" if _is_coarse(cell) else start.isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    if isinstance(cell, np.datetime64) and not np.isnat(cell):
        return str(cell)
    return None


def _is_coarse(period: pd.Period) -> bool:
    return period.freqstr[:1] in ("M", "Q", "Y", "A")


def zone_of(zone: Any) -> str:
    """The name of a tzinfo object: "UTC", "+02:00" or "Europe/Berlin"; empty for None."""
    if zone is None:
        return ""
    fixed = zone.utcoffset(None)
    if fixed is not None:
        return zone_of_minutes(int(fixed.total_seconds() // 60))
    name = getattr(zone, "key", None) or getattr(zone, "zone", None) or str(zone)
    return "UTC" if name in ("UTC", "tzutc()") else str(name)


def named_zone(cells: Sequence[Cell]) -> str:
    """The one zone of these cells if it has a name and no fixed offset; else empty."""
    zones = {zone_of(cell.tzinfo) if isinstance(cell, datetime.datetime) else "" for cell in cells}
    zone = zones.pop() if len(zones) == 1 else ""
    return "" if minutes_of_zone(zone) is not None else zone


def without_offset(text: str) -> str:
    """An ISO text on its own clock: without the offset at its end."""
    return _OFFSET.sub("", text)


def grain_of_datetimes(values: NDArray[Any], moments: Floats) -> str:
    """What an array of datetime64 tells: months, days, or days with clock times."""
    if np.datetime_data(values.dtype)[0] in ("Y", "M"):
        return "month"
    known = moments[~np.isnan(moments)]
    return "moment" if (known != np.floor(known)).any() else "day"


def datetimes_in_zone(values: NDArray[Any], zone: str, wanted: str) -> Floats | None:
    """An array of datetime64 as moments on the clock of a zone.

    Parameters
    ----------
    values : ndarray of datetime64
        In UTC, if ``zone`` is not empty.
    zone : str
        Of the values; empty where they have none.
    wanted : str
        Of the result.

    Returns
    -------
    ndarray of float64, or None
        None where only one of the two is a zone.
    """
    if bool(zone) != bool(wanted):
        return None
    if wanted:
        values = local_times(values, tz_of(wanted))
    return datetime64_moments(values)


def far_row(moments: Floats) -> int | None:
    """The first row, from 1, of a date outside the years 1 to 9999; None if there is none."""
    with np.errstate(invalid="ignore"):
        far = np.flatnonzero((moments < FIRST_DAY) | (moments >= LAST_DAY + 1))
    return int(far[0]) + 1 if len(far) else None


def tz_of(zone: str) -> Any:
    """What pandas takes for a zone of a reading."""
    minutes = minutes_of_zone(zone)
    if minutes is None:
        return ZoneInfo(zone)
    return datetime.timezone(datetime.timedelta(minutes=minutes))


def changes_clocks(zone: str) -> bool:
    """Whether the clocks of a zone were ever changed, so that hours occur twice or never."""
    its = tz_of(zone)
    days = (datetime.datetime(year, month, 1) for year in range(1900, 2100) for month in (1, 7))
    return len({its.utcoffset(day) for day in days}) > 1


class DateReader:
    """Makes a moment of one cell, as `read_date_texts` does of many texts.

    It gives NaN where the cell is missing, and None where it cannot be read.

    Parameters
    ----------
    reading : DateReading
    """

    def __init__(self, reading: DateReading) -> None:
        self.reading = reading
        # One cell is read without arrays, where nothing but a date can stand in it.
        self._is_plain = not reading.zone and reading.grain in ("day", "moment")
        self._order = reading.form if reading.form in ("dmy", "mdy") else ""

    def __call__(self, cell: Cell) -> float | None:
        """The moment that a cell says."""
        if isinstance(cell, str):
            if self._is_plain:
                if _ISO.fullmatch(cell):
                    return _of_iso(cell)
                if self._order and (found := _THREE.fullmatch(cell)):
                    return _of_three(found, self._order)
            return self._of_text(cell)
        if is_nothing(cell):
            return float("nan")
        if self._is_plain and isinstance(cell, datetime.datetime) and cell.tzinfo is None:
            return _of_datetime(cell)
        text = date_as_text(cell)
        if text is not None:
            here = self.reading.zone
            if here and zone_of(getattr(cell, "tzinfo", None)) == here:
                # On the column's own clock: no offset has to be looked up.
                return DateReader(DateReading("", self.reading.grain))(without_offset(text))
            return self._of_text(text)
        if self.reading.form not in COUNTS:
            return self._of_number_by_format(cell)
        value = number_of(cell)
        if value is None or isinstance(value, bool):
            return None
        moment = float(count_moments(self.reading.form, np.array([value], np.float64))[0])
        return None if moment != moment else moment

    def _of_text(self, text: str) -> float | None:
        values, unread = read_date_texts(self.reading, [text])
        return None if unread[0] else float(values[0])

    def _of_number_by_format(self, cell: Cell) -> float | None:
        """A whole number by a format of digits alone, as 20241231 by ``%Y%m%d``."""
        if "%" not in self.reading.form:
            return None
        digits = whole_as_text(cell)
        return None if digits is None else self._of_text(digits)


def whole_as_text(cell: Cell) -> str | None:
    """The digits of a whole number; None for anything else."""
    value = number_of(cell)
    if value is None or isinstance(value, bool) or not value.is_integer():
        return None
    return str(int(value))


def _of_iso(text: str) -> float | None:
    try:
        return _of_datetime(datetime.datetime.fromisoformat(text))
    except ValueError:
        return None


def _of_three(found: re.Match[str], order: str) -> float | None:
    day, month = (int(found[1]), int(found[3]))[:: 1 if order == "dmy" else -1]
    try:
        return float(datetime.date(int(found[4]), month, day).toordinal() - _EPOCH)
    except ValueError:
        return None


def _of_datetime(moment: datetime.datetime) -> float:
    seconds = 3600 * moment.hour + 60 * moment.minute + moment.second
    nanoseconds = seconds * SECOND + 1000 * moment.microsecond + getattr(moment, "nanosecond", 0)
    return moment.toordinal() - _EPOCH + nanoseconds / float(DAY)


def moment_text(reading: DateReading, moment: float) -> str:
    """A moment as a person reads it, no finer than the column tells."""
    if reading.grain == "time":
        return clock_text(round(moment * 86_400))
    if reading.grain == "month":
        return date_text(moment, clock=False)[:7]
    return date_text(moment, clock=False if reading.grain == "day" else None)


def moments_of_cells(reading: DateReading, cells: Sequence[Cell]) -> list[float | None]:
    """A moment for each cell, NaN where it is missing, None where it cannot be read."""
    if not all(isinstance(cell, str) for cell in cells):
        return list(map(DateReader(reading), cells))
    values, unread = read_date_texts(reading, cells)
    return [None if bad else value for value, bad in zip(values.tolist(), unread, strict=True)]
