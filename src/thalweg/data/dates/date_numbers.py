"""Calendar arithmetic: year, month, day and clock time as days since 1970-01-01, and back.

All numbers of days are those of the proleptic Gregorian calendar, as in ISO 8601. A moment is a
whole number of days and a whole number of nanoseconds, and becomes one float64 by one division:
every notation of the same moment gives the same bits.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Nanoseconds of a day, an hour, a minute, a second.
DAY, HOUR, MINUTE, SECOND = 86_400_000_000_000, 3_600_000_000_000, 60_000_000_000, 1_000_000_000
# The days of 0001-01-01 and 9999-12-31: the years that four digits can write.
FIRST_DAY, LAST_DAY = -719_162, 2_932_896
# Two-digit years: 00 to 29 are 2000 to 2029, and 30 to 99 are 1930 to 1999, as in Excel.
PIVOT = 30
# Excel's day 1 is 1900-01-01. Excel counts a day 60, 1900-02-29, that never was.
_EXCEL_EARLY, _EXCEL, _EXCEL_1904 = 25_568, 25_569, 24_107
_LEAP_BUG = 60.0

_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def is_leap(year: Any) -> Any:
    """Whether a year has a 29 February."""
    return (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))


def is_possible(year: Ints, month: Ints, day: Ints) -> NDArray[np.bool_]:
    """Which of these dates exist, for years from 1 to 9999."""
    in_year = (year >= 1) & (year <= 9999) & (month >= 1) & (month <= 12)
    length = _MONTH_DAYS[np.where(in_year, month, 0)] + ((month == 2) & is_leap(year))
    found: NDArray[np.bool_] = in_year & (day >= 1) & (day <= length)
    return found


def days_of(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970-01-01 of dates that exist.

    The year is counted from 1 March, so that the leap day is its last (Hinnant, "chrono-Compatible
    Low-Level Date Algorithms").
    """
    late = month <= 2
    of = year - late
    era = of // 400
    of_era = of - era * 400
    of_year = (153 * (month + np.where(late, 9, -3)) + 2) // 5 + day - 1
    days: Ints = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days


def calendar_of(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month and day of days since 1970-01-01, the inverse of `days_of`."""
    shifted = days + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    from_march = (5 * of_year + 2) // 153
    day = of_year - (153 * from_march + 2) // 5 + 1
    month = from_march + np.where(from_march < 10, 3, -9)
    return year + era * 400 + (month <= 2), month, day


def weekday_of(days: Ints) -> Ints:
    """The weekday, 0 for Monday to 6 for Sunday; 1970-01-01 was a Thursday."""
    found: Ints = (days + 3) % 7
    return found


def full_year(year: Ints, two_digits: NDArray[np.bool_]) -> Ints:
    """Years, with those of two digits completed by `PIVOT`."""
    found: Ints = year + np.where(two_digits, np.where(year < PIVOT, 2000, 1900), 0)
    return found


def moments(days: Ints, nanoseconds: Ints, minutes_east: Ints | int = 0) -> Floats:
    """Days and nanoseconds of the day as one float64 a moment.

    Parameters
    ----------
    days, nanoseconds : ndarray of int64
    minutes_east : ndarray of int64, or int
        To be subtracted: the offset of the zone that is left, less that of the zone to go to.
    """
    nanoseconds = nanoseconds - minutes_east * MINUTE
    found: Floats = days + nanoseconds // DAY + (nanoseconds % DAY) / float(DAY)
    return found


def excel_moments(serials: Floats, *, since_1904: bool = False) -> Floats:
    """Excel's serial numbers of days as moments, to the millisecond; NaN where there is no day.

    Parameters
    ----------
    serials : ndarray of float64
        From 1 (0 with ``since_1904``) to the last day of 9999. What is before, beyond, or the
        29 February 1900 that never was becomes NaN.
    since_1904 : bool
        For workbooks whose day 0 is 1904-01-01.
    """
    with np.errstate(invalid="ignore"):
        shift = np.where(serials < _LEAP_BUG, _EXCEL_EARLY, _EXCEL)
        least = 1.0
        if since_1904:
            shift, least = np.full(len(serials), _EXCEL_1904), 0.0
        outside = ~((serials >= least) & (serials < LAST_DAY + 1 + shift))
        never = (serials >= _LEAP_BUG) & (serials < _LEAP_BUG + 1) & (not since_1904)
    known = np.where(outside, 1.0, serials)
    whole = np.floor(known)
    milliseconds = np.rint((known - whole) * (DAY / 1e6))
    days = whole.astype(np.int64) - shift
    found = moments(days.astype(np.int64), milliseconds.astype(np.int64) * 1_000_000)
    found[outside | never] = np.nan
    return found


def unix_moments(counts: Floats, per_second: int = 1) -> Floats:
    """Seconds (milliseconds, with 1000 ``per_second``) since 1970-01-01 UTC as moments.

    What is outside the years 1 to 9999 becomes NaN.
    """
    a_day = 86_400.0 * per_second
    with np.errstate(invalid="ignore"):
        outside = ~((counts >= FIRST_DAY * a_day) & (counts < (LAST_DAY + 1) * a_day))
    known = np.where(outside, 0.0, counts)
    days = np.floor(known / a_day)
    of_day = np.rint((known - days * a_day) * (SECOND // per_second))
    found = moments(days.astype(np.int64), of_day.astype(np.int64))
    found[outside] = np.nan
    return found


def datetime64_moments(values: NDArray[Any]) -> Floats:
    """A NumPy array of datetime64 as moments; NaN where a value is missing."""
    missing = np.isnat(values)
    if missing.any():
        values = np.where(missing, np.datetime64(0, "D"), values)
    days = values.astype("datetime64[D]")
    unit = np.datetime_data(values.dtype)[0]
    fine = unit in ("ns", "ps", "fs", "as")  # finer than microseconds: their range is small
    of_day = (values - days).astype("timedelta64[ns]" if fine else "timedelta64[us]")
    nanoseconds = of_day.astype(np.int64) * (1 if fine else 1000)
    found = moments(days.astype(np.int64), nanoseconds)
    found[missing] = np.nan
    return found


def date_text(moment: float, *, clock: bool | None = None) -> str:
    """A moment as ISO 8601 writes it, to the second: ``2024-12-31`` or ``2024-12-31T13:45:00``.

    Parameters
    ----------
    moment : float
    clock : bool, optional
        Whether the clock time is written; by default where it is not midnight.
    """
    if not FIRST_DAY <= moment < LAST_DAY + 1:
        return f"{moment:.6g} days from 1970-01-01"
    seconds = round((moment % 1.0) * 86_400)
    days = int(moment // 1.0) + seconds // 86_400
    seconds %= 86_400
    year, month, day = (int(each) for each in calendar_of(np.int64(days)))  # type: ignore[arg-type]
    text = f"{year:04d}-{month:02d}-{day:02d}"
    if not (seconds if clock is None else clock):
        return text
    return f"{text}T{clock_text(seconds)}"


def plain_text(moment: float) -> str:
    """A moment as a person reads it, where no reading tells: ``2024-12-31 13:45``.

    Less than a day is a clock time.
    """
    if 0 <= moment < 1:
        return clock_text(round(moment * 86_400))
    text = date_text(moment)
    return text.replace("T", " ").removesuffix(":00") if "T" in text else text


def plain_texts(moments: Sequence[float], *, days: bool | None = None) -> list[str]:
    """Moments of one column as a person reads them.

    Parameters
    ----------
    moments : sequence of float
        Such as the lowest, the median and the highest.
    days : bool, optional
        Whether all cells of the column are days: then the middle of two has no clock time. By
        default if the first and the last moment are.
    """
    if days is None:
        days = all(each == math.floor(each) for each in (moments[0], moments[-1]))
    return [plain_text(math.floor(each) if days else each) for each in moments]


def clock_text(seconds: int) -> str:
    """``13:45:00`` for seconds since midnight."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
