"""Calendar arithmetic against Python's datetime, pandas and Excel's own rules."""

import calendar
import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.data.dates.date_numbers import (
    DAY,
    FIRST_DAY,
    LAST_DAY,
    calendar_of,
    clock_text,
    date_text,
    datetime64_moments,
    days_of,
    excel_moments,
    full_year,
    is_leap,
    is_possible,
    moments,
    plain_text,
    plain_texts,
    unix_moments,
    weekday_of,
)

EPOCH = datetime.date(1970, 1, 1).toordinal()


def test_every_day_of_ten_thousand_years_but_one():
    days = np.arange(FIRST_DAY, LAST_DAY + 1)
    year, month, day = calendar_of(days)
    assert (days_of(year, month, day) == days).all()
    assert is_possible(year, month, day).all()
    some = np.random.default_rng(0).integers(FIRST_DAY, LAST_DAY + 1, 100_000)
    for number in some.tolist():
        date = datetime.date.fromordinal(number + EPOCH)
        at = number - FIRST_DAY
        assert (date.year, date.month, date.day) == (year[at], month[at], day[at])
    weekdays = [datetime.date.fromordinal(n + EPOCH).weekday() for n in some.tolist()]
    assert weekday_of(some).tolist() == weekdays


def test_dates_that_do_not_exist():
    years = np.arange(1, 10_000)
    assert is_leap(years).tolist() == [calendar.isleap(year) for year in years.tolist()]
    for month in range(1, 13):
        last = np.array([calendar.monthrange(year, month)[1] for year in years.tolist()])
        assert is_possible(years, np.full(9999, month), last).all()
        assert not is_possible(years, np.full(9999, month), last + 1).any()
    odd = [(0, 1, 1), (10_000, 1, 1), (2024, 0, 1), (2024, 13, 1), (2024, 1, 0), (2023, 2, 29)]
    assert not is_possible(*np.array([*odd, (1900, 2, 29), (2100, 2, 29)]).T).any()
    assert is_possible(*np.array([[2000], [2], [29]]))[0]


def test_years_of_two_digits():
    year = np.array([0, 29, 30, 99, 1829])
    two = np.array([True, True, True, True, False])
    assert full_year(year, two).tolist() == [2000, 2029, 1930, 1999, 1829]


@given(st.datetimes(), st.integers(-14 * 60, 14 * 60))
def test_a_moment_is_one_division_and_zones_are_whole_minutes(when, east):
    day = np.array([when.toordinal() - EPOCH])
    of_day = when - datetime.datetime.combine(when.date(), datetime.time())
    nanoseconds = np.array([1000 * (of_day // datetime.timedelta(microseconds=1))])
    [found] = moments(day, nanoseconds)
    assert found == day[0] + nanoseconds[0] / DAY
    [moved] = moments(day, nanoseconds, east)
    exact = (int(day[0]) * DAY + int(nanoseconds[0]) - east * 60 * 10**9) / DAY
    assert moved == pytest.approx(exact, abs=1e-9)
    assert moments(*(each for each in (day, nanoseconds)), 0)[0] == found


def test_excel_1900_and_1904():
    # What Excel shows: 1 is 1900-01-01, 59 is 1900-02-28, 60 never was, 61 is 1900-03-01.
    found = excel_moments(np.array([1.0, 59.0, 61.0, 45_657.5, 2_958_465.0]))
    texts = ["1900-01-01", "1900-02-28", "1900-03-01", "2024-12-31T12:00:00", "9999-12-31"]
    assert [date_text(each) for each in found] == texts
    assert np.isnan(excel_moments(np.array([60.0, 60.9, 0.5, -1.0, 2_958_466.0, np.nan]))).all()
    # The same days in a workbook that counts from 1904: 1,462 less.
    assert excel_moments(np.array([45_657.5 - 1462]), since_1904=True)[0] == found[3]
    assert date_text(excel_moments(np.array([0.0]), since_1904=True)[0]) == "1904-01-01"
    assert date_text(excel_moments(np.array([60.0]), since_1904=True)[0]) == "1904-03-01"
    serials = np.arange(61, 100_000)
    pandas = pd.to_datetime(serials, unit="D", origin="1899-12-30")
    assert (excel_moments(serials.astype(float)) == datetime64_moments(pandas.to_numpy())).all()


def test_excel_times_are_read_to_the_millisecond():
    rng = np.random.default_rng(0)
    milliseconds = rng.integers(0, 86_400_000, 100_000)
    serial = 45_000 + milliseconds / 86_400_000
    exact = moments(np.full(100_000, 45_000 - 25_569), milliseconds * 1_000_000)
    assert (excel_moments(serial) == exact).all()


def test_unix_seconds_and_milliseconds():
    rng = np.random.default_rng(1)
    seconds = rng.integers(-(10**10), 10**10, 100_000)
    expected = datetime64_moments(seconds.astype("datetime64[s]"))
    assert (unix_moments(seconds.astype(float)) == expected).all()
    thousands = seconds * 1000 + rng.integers(0, 1000, 100_000)
    expected = datetime64_moments(thousands.astype("datetime64[ms]"))
    assert (unix_moments(thousands.astype(float), 1000) == expected).all()
    assert np.isnan(unix_moments(np.array([1e15, -1e15, np.nan, np.inf]))).all()


@pytest.mark.parametrize("unit", ["Y", "M", "D", "h", "s", "ms", "us", "ns"])
def test_datetime64_of_every_unit(unit):
    days = np.random.default_rng(2).integers(-50_000, 50_000, 1000)
    values = days.astype("datetime64[D]").astype(f"datetime64[{unit}]")
    found = datetime64_moments(values)
    again = [date_text(each, clock=False) for each in found]
    assert again == [str(each) for each in values.astype("datetime64[D]")]
    values[3] = np.datetime64("NaT")
    assert np.flatnonzero(np.isnan(datetime64_moments(values))).tolist() == [3]


def test_years_beyond_nanoseconds_are_read_in_coarser_units():
    values = np.array(["0001-01-01", "9999-12-31T23:59:59"], dtype="datetime64[us]")
    assert [date_text(each) for each in datetime64_moments(values)] == [
        "0001-01-01",
        "9999-12-31T23:59:59",
    ]


def test_texts():
    assert date_text(19_723.0) == "2024-01-01"
    assert date_text(19_723.0, clock=True) == "2024-01-01T00:00:00"
    assert date_text(19_723.75, clock=False) == "2024-01-01"
    assert date_text(np.nextafter(19_724.0, 0)) == "2024-01-02"
    assert date_text(1e300) == "1e+300 days from 1970-01-01"
    assert clock_text(49_500) == "13:45:00"
    assert clock_text(0) == "00:00:00"
    assert clock_text(86_399) == "23:59:59"
    assert date_text(-0.5) == "1969-12-31T12:00:00"
    assert date_text(-1.0) == "1969-12-31"
    assert date_text(float(FIRST_DAY)) == "0001-01-01"
    assert date_text(LAST_DAY + 0.5) == "9999-12-31T12:00:00"
    assert date_text(LAST_DAY + 1.0) == "2.9329e+06 days from 1970-01-01"
    assert date_text(FIRST_DAY - 0.5) == "-719162 days from 1970-01-01"
    assert date_text(float("nan")) == "nan days from 1970-01-01"


def test_less_than_a_day_is_a_clock_time():
    assert plain_text(0.0) == "00:00:00"
    assert plain_text(0.5) == "12:00:00"
    assert plain_text(86_399 / 86_400) == "23:59:59"
    assert plain_text(1.0) == "1970-01-02"
    assert plain_text(-0.5) == "1969-12-31 12:00"
    assert plain_text(19_723.0) == "2024-01-01"


def test_counts_have_the_ends_of_four_digits():
    first, last = "0001-01-01", "9999-12-31T23:59:59"
    for per_second in (1, 1000):
        ends = np.array([FIRST_DAY * 86_400, (LAST_DAY + 1) * 86_400 - 1.0]) * per_second
        found = unix_moments(ends, per_second)
        assert [date_text(each) for each in found] == [first, last]
        assert np.isnan(unix_moments(np.add(ends, [-1, per_second]), per_second)).all()
    found = excel_moments(np.array([1.0, 2_958_465 + 86_399 / 86_400]))
    assert [date_text(each) for each in found] == ["1900-01-01", last]
    found = excel_moments(np.array([0.0, 2_957_003.0]), since_1904=True)
    assert [date_text(each) for each in found] == ["1904-01-01", "9999-12-31"]
    outside = np.array([-0.001, 2_957_004.0])
    assert np.isnan(excel_moments(outside, since_1904=True)).all()
    assert np.isnan(excel_moments(np.array([0.999, 60.0, 60.999]))).all()
    assert date_text(excel_moments(np.array([60.5]), since_1904=True)[0]).endswith("T12:00:00")


def test_the_middle_of_two_days_is_no_clock_time():
    assert plain_texts([18_262.0, 18_262.5, 18_263.0], days=True)[1] == "2020-01-01"
    assert plain_texts([18_262.0, 18_262.5, 18_263.25], days=False) == [
        "2020-01-01", "2020-01-01 12:00", "2020-01-02 06:00",
    ]  # fmt: skip
