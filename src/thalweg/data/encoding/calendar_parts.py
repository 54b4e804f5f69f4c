"""Dates as a network likes them: the phase of the year, the weekday, the hour of the day.

The days themselves, the trend, are a number with bins as any other (`scaling`,
`piecewise_linear`). A phase is a sine and a cosine, so that December lies beside January. Nothing
here looks at the target.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.cluster.stored_fields import StoredFields
from thalweg.data.dates.date_numbers import FIRST_DAY, LAST_DAY, calendar_of, weekday_of
from thalweg.data.encoding.encoder_arrays import Arrays, StoredArrays
from thalweg.data.encoding.encoder_part import DATE, FitColumn, RowBlock
from thalweg.data.encoding.few_row_encoding import Places
from thalweg.elementary_functions import cos, floor, maximum, minimum, sin, where

Floats = NDArray[np.float64]

# Days of a year in the Gregorian calendar, and the day on which its phase is 0: 2000-01-01.
YEAR_DAYS, PHASE_FROM = 365.2425, 10_957
# Dates that span less tell nothing of the seasons: the phase of the year would be one more trend,
# and could not be trusted beyond it.
SEASONS_FROM = 330.0
# Dates of one phase: at most two days apart, as the first of January is from year to year.
_SAME_PHASE = 0.04
# A training part of so many rows or fewer has no output for the last days of a month.
LATE_FROM, LATE_DAY = 20_000, 28
# A weekday is 1 where it stands and 0 elsewhere, then scaled and clipped as a rare level is.
WEEKDAY_SIZE = 2.0 / (1.0 + (2.0 / 3.0) ** 2) ** 0.5

# What an output is: these, and from `WEEKDAY` on one weekday each, from Monday.
YEAR_SINE, YEAR_COSINE, HOUR_SINE, HOUR_COSINE, LATE, WEEKDAY = range(6)
_N_KINDS = WEEKDAY + 7
_NAMES = ("year sine", "year cosine", "hour sine", "hour cosine", "day 28 or later")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# The bits of `date_parts` in a file, and the outputs that each stands for.
_BITS = ((YEAR_SINE, YEAR_COSINE), (HOUR_SINE, HOUR_COSINE), (LATE,))


# The angle that a day of the year, and of a day, stands for.
_ANGLE_OF_DAY, _ANGLE_OF_CLOCK = 2.0 * np.pi / YEAR_DAYS, 2.0 * np.pi


def within_years(days: Floats) -> Floats:
    """Days since 1970-01-01, held to the years 1 to 9999."""
    return minimum(maximum(days, float(FIRST_DAY)), LAST_DAY + 1.0)


def year_sine(days: Floats) -> Floats:
    """The sine of the phase of the year."""
    return sin(_ANGLE_OF_DAY * (days - PHASE_FROM))


def year_cosine(days: Floats) -> Floats:
    """The cosine of the phase of the year."""
    return cos(_ANGLE_OF_DAY * (days - PHASE_FROM))


def hour_sine(days: Floats) -> Floats:
    """The sine of the phase of the day."""
    return sin(_ANGLE_OF_CLOCK * (days - floor(days)))


def hour_cosine(days: Floats) -> Floats:
    """The cosine of the phase of the day."""
    return cos(_ANGLE_OF_CLOCK * (days - floor(days)))


def late_in_month(days: Floats) -> Floats:
    """1 from day `LATE_DAY` of a month on, 0 before: the day is that of `calendar_of`."""
    shifted = floor(days) + 719_468.0
    of_era = shifted - 146_097.0 * floor(shifted / 146_097.0)
    leaps = floor(of_era / 1460.0) - floor(of_era / 36_524.0) + floor(of_era / 146_096.0)
    year = floor((of_era - leaps) / 365.0)
    of_year = of_era - (365.0 * year + floor(year / 4.0) - floor(year / 100.0))
    from_march = floor((5.0 * of_year + 2.0) / 153.0)
    day = of_year - floor((153.0 * from_march + 2.0) / 5.0) + 1.0
    return where(day < LATE_DAY, 0.0, 1.0)


def weekday_mark(days: Floats, weekday: Floats) -> Floats:
    """`WEEKDAY_SIZE` on this weekday, 0 for Monday to 6 for Sunday; 0 on all others."""
    from_monday = floor(days) + 3.0
    return where(from_monday - 7.0 * floor(from_monday / 7.0) == weekday, WEEKDAY_SIZE, 0.0)


# The bodies of all kinds of outputs but the weekdays, in the order of the kinds.
CALENDAR_BODIES = (year_sine, year_cosine, hour_sine, hour_cosine, late_in_month)


@dataclass(frozen=True, eq=False)
class CalendarForm(StoredFields):
    """Outputs of dates as a panel computes them. A vector has an element an output.

    Parameters
    ----------
    column : ndarray of int
        The column of each output.
    kind : ndarray of int
        What it is: `YEAR_SINE` and so on.
    """

    column: Places
    kind: Places

    turn = 0

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""
        return len(self.column)

    @cached_property
    def _dates(self) -> tuple[Places, Places]:
        """The columns, each once, and the place of each output's column among them."""
        columns, places = np.unique(self.column, return_inverse=True)
        return columns, places

    @cached_property
    def _has_late(self) -> bool:
        return bool((self.kind == LATE).any())

    def encode(self, X: Floats, missing: NDArray[np.bool_], *, whole: bool) -> Floats:
        """The outputs of a few rows."""
        columns, places = self._dates
        found = calendar_outputs(X[:, columns], late=self._has_late)
        if not whole:
            found[missing[:, columns]] = 0.0
        outputs: Floats = found[:, places, self.kind]
        return outputs

    @classmethod
    def joined(cls, forms: Sequence["CalendarForm"]) -> "CalendarForm":
        """Forms side by side."""
        none = np.empty(0, np.intp)
        return cls(
            np.concatenate([none, *(form.column for form in forms)]),
            np.concatenate([none, *(form.kind for form in forms)]),
        )


def calendar_outputs(days: Floats, *, late: bool = True) -> Floats:
    """All outputs of some dates, in the order of their kinds.

    Parameters
    ----------
    days : ndarray of float64, of any shape
        Days since 1970-01-01; NaN counts as that day.
    late : bool
        Whether the last days of a month are looked for; they take a whole calendar.

    Returns
    -------
    ndarray of float64, one dimension more
    """
    known = within_years(np.nan_to_num(days))
    numbers = np.floor(known).astype(np.int64)
    found = np.zeros((*days.shape, _N_KINDS))
    found[..., YEAR_SINE] = year_sine(known)
    found[..., YEAR_COSINE] = year_cosine(known)
    found[..., HOUR_SINE] = hour_sine(known)
    found[..., HOUR_COSINE] = hour_cosine(known)
    if late:
        found[..., LATE] = calendar_of(numbers)[2] >= LATE_DAY
    weekdays = found[..., WEEKDAY:]
    np.put_along_axis(weekdays, weekday_of(numbers)[..., np.newaxis], WEEKDAY_SIZE, axis=-1)
    return found


@dataclass(frozen=True, eq=False)
class CalendarParts(StoredFields):
    """The outputs of all dates but their days, a missing date 0 throughout.

    Parameters
    ----------
    feature : ndarray of int64, shape (n_outputs,)
        The column of each output, not falling.
    kind : ndarray of int64, shape (n_outputs,)
        What it is; rising in each column.
    dates : tuple of int
        The columns that are dates, with outputs here or not.
    """

    feature: NDArray[np.int64]
    kind: NDArray[np.int64]
    dates: tuple[int, ...] = ()

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""
        return len(self.feature)

    @cached_property
    def _form(self) -> CalendarForm:
        return CalendarForm(self.feature.astype(np.intp), self.kind.astype(np.intp))

    def encode(self, block: RowBlock, into: NDArray[np.floating]) -> None:
        """Write the outputs of some rows."""
        values = block.values.astype(np.float64, copy=False)
        into[:] = self._form.encode(values, block.missing, whole=False)

    def output_names(self, names: Sequence[str], levels: Sequence[Sequence[str]]) -> list[str]:
        """``"admitted: year sine"``, ``"admitted: weekday=Mon"`` and so on."""
        return [
            f"{names[j]}: "
            + (_NAMES[kind] if kind < WEEKDAY else f"weekday={_WEEKDAYS[kind - WEEKDAY]}")
            for j, kind in zip(self.feature.tolist(), self.kind.tolist(), strict=True)
        ]

    def output_columns(self) -> list[int | None]:
        """The column of each output."""
        return list(self.feature.tolist())

    def output_scaling(self) -> None:
        """None: the outputs are not scaled."""

    def output_bounds(self) -> Floats:
        """How large each output can be in size."""
        return np.where(self.kind >= WEEKDAY, WEEKDAY_SIZE, 1.0)

    def form(self) -> CalendarForm:
        """Its place in a panel."""
        return self._form

    def arrays(self) -> Arrays:
        """``date_parts`` and ``date_weekdays``, bits of each date; none where there is no date."""
        if not self.dates:
            return {}
        parts = np.zeros(len(self.dates), np.uint8)
        weekdays = np.zeros(len(self.dates), np.uint8)
        for place, feature in enumerate(self.dates):
            kinds = set(self.kind[self.feature == feature].tolist())
            for bit, (first, *_) in enumerate(_BITS):
                parts[place] |= (first in kinds) << bit
            for day in range(7):
                weekdays[place] |= (WEEKDAY + day in kinds) << day
        return {"date_parts": parts, "date_weekdays": weekdays}

    @classmethod
    def from_arrays(cls, stored: StoredArrays) -> "CalendarParts":
        """Take the part out of the arrays of a file."""
        dates = tuple(place for place, n in enumerate(stored.n_levels) if n == DATE)
        if not dates:
            return no_dates()
        parts, weekdays = stored.take("date_parts", "date_weekdays")
        rules = {
            name: array.dtype == np.uint8
            and array.shape == (len(dates),)
            and bool((array < 2**n_bits).all())
            for name, array, n_bits in (
                ("date_parts", parts, len(_BITS)),
                ("date_weekdays", weekdays, 7),
            )
        }
        stored.require(rules, "They are vectors of bits, one element for each column of dates")
        kinds = []
        for part, days in zip(parts.tolist(), weekdays.tolist(), strict=True):
            own = {kind for bit, some in enumerate(_BITS) if part >> bit & 1 for kind in some}
            kinds.append(own | {WEEKDAY + day for day in range(7) if days >> day & 1})
        return calendar_parts(dates, kinds)


def calendar_parts(dates: Sequence[int], kinds: Sequence[set[int]]) -> CalendarParts:
    """The part of some columns of dates, given what outputs each has."""
    features = [feature for feature, own in zip(dates, kinds, strict=True) for _ in own]
    of_each = [kind for own in kinds for kind in sorted(own)]
    return CalendarParts(
        np.array(features, dtype=np.int64), np.array(of_each, dtype=np.int64), tuple(dates)
    )


def no_dates() -> CalendarParts:
    """The part of a table without dates."""
    return calendar_parts((), ())


class CalendarFit:
    """Finds out which parts of each date vary.

    Parameters
    ----------
    late : bool
        Whether there are rows enough for an output of the last days of a month.
    """

    def __init__(self, *, late: bool) -> None:
        self._late = late
        self._dates: list[int] = []
        self._kinds: list[set[int]] = []

    def see(self, column: FitColumn) -> None:
        """Look at the next column."""
        if column.n_levels == DATE:
            self._dates.append(column.place)
            self._kinds.append(varying_kinds(column.values, late=self._late))

    def part(self) -> CalendarParts:
        """The part of all columns seen."""
        return calendar_parts(self._dates, self._kinds)


def varying_kinds(days: Floats, *, late: bool) -> set[int]:
    """The outputs that dates have: those that are not constant, or nearly so.

    The phase of the year needs dates over eleven months; the weekday is left out where all dates
    are the first or all the last of a month, as those of monthly tables are. A weekday that no
    date has is no output.

    Parameters
    ----------
    days : ndarray of float64, shape (n_samples,)
        No NaN.
    late : bool
    """
    kinds: set[int] = set()
    if not len(days):
        return kinds
    low, high = float(days.min()), float(days.max())
    whole = np.floor(days)
    if high - low >= SEASONS_FROM:
        phase = calendar_outputs(days, late=False)[:, [YEAR_SINE, YEAR_COSINE]]
        if (np.ptp(phase, axis=0) > _SAME_PHASE).any():
            kinds |= {YEAR_SINE, YEAR_COSINE}
    if np.ptp(days - whole) > 0:
        kinds |= {HOUR_SINE, HOUR_COSINE}
    numbers = np.unique(whole.astype(np.int64))
    day, next_day = calendar_of(numbers)[2], calendar_of(numbers + 1)[2]
    if (day == 1).all() or (next_day == 1).all():
        return kinds
    seen = np.unique(weekday_of(numbers)).tolist()
    if len(seen) > 1:
        kinds |= {WEEKDAY + each for each in seen}
    if late and len(set((day >= LATE_DAY).tolist())) > 1:
        kinds.add(LATE)
    return kinds
