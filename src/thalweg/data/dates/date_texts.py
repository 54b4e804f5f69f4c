"""From texts to days: what a column's reading makes of each text, and what it cannot read."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.cells import is_missing_text, number_of
from thalweg.data.dates.date_formats import said_by_format
from thalweg.data.dates.date_grammar import (
    FULL,
    LONGEST,
    MONTH,
    NO_DATE,
    NO_ZONE,
    NUMERIC,
    TIME,
    Said,
    what_is_said,
)
from thalweg.data.dates.date_numbers import (
    MINUTE,
    Floats,
    Ints,
    days_of,
    excel_moments,
    full_year,
    is_possible,
    moments,
    unix_moments,
)
from thalweg.data.dates.date_reading import COUNTS, ORDERS, DateReading

Flags = NDArray[np.bool_]
# Of these days every moment is in the years 1 to 9999 on the clock of every zone.
_KNOWN_TO_PYTHON = np.array(["0001-01-03", "9999-12-29"], "datetime64[s]")


class ReadTexts(NamedTuple):
    """Moments of some texts, NaN where a value is missing or unread, and which were unread."""

    values: Floats
    unread: Flags


def read_date_texts(reading: DateReading, texts: Sequence[str]) -> ReadTexts:
    """Read texts as a column's reading has it.

    What tells by itself what it means, such as 2024-12-31, is read whatever the form; so the same
    date in another notation is the same moment.

    Parameters
    ----------
    reading : DateReading
    texts : sequence of str

    Returns
    -------
    ReadTexts
        ``unread`` where a text is no date, an impossible one, or of another grain or zone than
        the column's dates.
    """
    if reading.form in COUNTS:
        counts = np.array([_count(text) for text in texts])
        values = count_moments(reading.form, counts)
        missing = _missing_among(texts, np.isnan(values))
        left = np.isnan(values) & ~missing
        if left.any():  # dates that tell by themselves what they mean
            plain = DateReading(grain=reading.grain)
            values[left] = read_date_texts(
                plain, [texts[i] for i in np.flatnonzero(left).tolist()]
            ).values
        return ReadTexts(values, np.isnan(values) & ~missing)
    said = said_in_form(texts, reading.form)
    order = reading.form if reading.form in ORDERS else ""
    year, month, day, decided = in_order(said, order)
    possible = decided & is_possible(year, month, day) & (said.nanoseconds >= 0)
    is_time = said.kind == TIME
    if reading.grain == "time":
        possible = is_time & (said.nanoseconds >= 0)
    elif reading.grain != "month":
        possible &= said.kind != MONTH
    safe = possible & ~is_time
    days = days_of(*(np.where(safe, each, 1) for each in (year, month, day)))
    days = np.where(is_time, 0, days)
    values, in_zone = to_zone(days, said.nanoseconds, said.east, reading.zone)
    possible &= in_zone
    values[~possible] = np.nan
    return ReadTexts(values, ~possible & ~_missing_among(texts, ~possible))


def _missing_among(texts: Sequence[str], unread: Flags) -> Flags:
    """Which of the texts that could not be read are missing values."""
    missing = np.zeros(len(texts), np.bool_)
    for place in np.flatnonzero(unread).tolist():
        missing[place] = is_missing_text(texts[place])
    return missing


def said_in_form(texts: Sequence[str], form: str) -> Said:
    """What texts say by a format, where there is one; and else, or where it does not match."""
    if "%" not in form:
        return what_is_said(texts)
    said = said_by_format(texts, form)
    left = np.flatnonzero(said.kind == NO_DATE)
    if len(left):
        plain = what_is_said([texts[i] for i in left.tolist()])
        tells = plain.kind == FULL
        for name, values in vars(plain).items():
            getattr(said, name)[left[tells]] = values[tells]
    return said


def in_order(said: Said, order: str) -> tuple[Ints, Ints, Ints, Flags]:
    """Year, month and day with three numbers put in order, and where that order is known.

    Without an order, full stops mean day.month.year; other three numbers are decided only where
    one order alone makes a date of them.
    """
    year, month, day = said.year, said.month, said.day
    decided = np.isin(said.kind, (FULL, MONTH))
    year = full_year(year, said.two_digits & decided)
    day = np.where(said.kind == MONTH, 1, day)
    numeric = said.kind == NUMERIC
    if numeric.any():
        orders = [order] if order else ["dmy"]
        of_row = np.full(len(year), orders[0])
        known = numeric.copy()
        if not order:
            known &= said.dotted
            one, other = (is_possible(*numbers_in_order(said, each)) for each in ("dmy", "mdy"))
            alone = numeric & ~said.dotted & (one != other) & ~(said.dashed & said.two_digits)
            of_row[alone & other] = "mdy"
            known |= alone
        for each in set(of_row[known].tolist()):
            here = known & (of_row == each)
            ordered = numbers_in_order(said, each)
            year, month, day = (
                np.where(here, new, old)
                for new, old in zip(ordered, (year, month, day), strict=True)
            )
        decided = decided | known
    return year, month, day, decided


def numbers_in_order(said: Said, order: str) -> tuple[Ints, Ints, Ints]:
    """Year, month and day of three numbers in one order of `ORDERS`."""
    first, second, third = said.year, said.month, said.day
    named = dict(zip(order, (first, second, third), strict=True))
    # Three numbers that begin with a year have two digits there; with four, it is `FULL`.
    return full_year(named["y"], said.two_digits), named["m"], named["d"]


def to_zone(days: Ints, nanoseconds: Ints, east: Ints, zone: str) -> tuple[Floats, Flags]:
    """Moments on the clock of a zone, and which of the cells can be placed in it.

    Parameters
    ----------
    days, nanoseconds : ndarray of int64
        On the clock of the cell's own zone.
    east : ndarray of int64
        Its minutes east of Greenwich; `NO_ZONE` where none is named.
    zone : str
        Of the column; empty: cells that name a zone cannot be placed.
    """
    no_zone = east == NO_ZONE
    if not zone:
        return moments(days, nanoseconds), no_zone
    known = ~no_zone & (abs(east) <= 14 * 60 + 59)
    minutes = minutes_of_zone(zone)
    if minutes is not None:
        return moments(days, nanoseconds, np.where(known, east - minutes, 0)), known
    of_day = np.where(known, nanoseconds - east * MINUTE, 0)
    seconds = days * 86_400 + of_day // 1_000_000_000
    moved = local_times(seconds.astype("datetime64[s]"), ZoneInfo(zone)).astype(np.int64) - seconds
    return moments(days, of_day + moved * 1_000_000_000), known


def local_times(times: NDArray[Any], zone: tzinfo) -> NDArray[Any]:
    """An array of datetime64 in UTC on the clock of a zone, in the same unit."""

    def converted(known: NDArray[Any]) -> NDArray[Any]:
        stamps = pd.DatetimeIndex(known, tz="UTC").tz_convert(zone).tz_localize(None)
        return stamps.to_numpy(times.dtype)

    try:
        return converted(times)
    except (OverflowError, NotImplementedError):
        # The last hours of 9999 are in 10000 there, and Python's calendar ends before. Many files
        # mean "never" by such a moment.
        near = np.clip(times, *_KNOWN_TO_PYTHON.astype(times.dtype))
        found: NDArray[Any] = times + (converted(near) - near)
        return found


def minutes_of_zone(zone: str) -> int | None:
    """How far east a zone of a fixed offset is; None for a named zone, whose offset varies."""
    if zone == "UTC":
        return 0
    if zone[:1] not in ("+", "-"):
        return None
    size = 60 * int(zone[1:3]) + int(zone[4:6])
    return size if zone[0] == "+" else -size


def zone_of_minutes(east: int) -> str:
    """The name of a fixed offset, "UTC" or "+02:00"."""
    if not east:
        return "UTC"
    return f"{'-' if east < 0 else '+'}{abs(east) // 60:02d}:{abs(east) % 60:02d}"


def count_moments(form: str, counts: Floats) -> Floats:
    """Moments of numbers that count days or seconds, as one of `COUNTS` has them."""
    if form.startswith("excel"):
        return excel_moments(counts, since_1904=form == "excel-1904")
    return unix_moments(counts, 1000 if form == "unix-ms" else 1)


def _count(text: str) -> float:
    value = number_of(text) if len(text) <= LONGEST else None
    return np.nan if value is None or isinstance(value, bool) else value
