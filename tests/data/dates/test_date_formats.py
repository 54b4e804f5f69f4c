"""Dates by a named format, against Python's strptime."""

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.data.dates.date_cells import DateReader, far_row
from thalweg.data.dates.date_decision import TextColumn, decide_dates
from thalweg.data.dates.date_formats import require_format, said_by_format
from thalweg.data.dates.date_grammar import MONTH, NO_ZONE, what_is_said
from thalweg.data.dates.date_numbers import FIRST_DAY, LAST_DAY
from thalweg.data.dates.date_reading import DateReading, is_form
from thalweg.data.dates.date_texts import read_date_texts
from thalweg.errors import SettingsError

FORMATS = [
    "%Y%m%d", "%Y%m%d%H%M%S", "%d.%m.%Y %H:%M:%S.%f", "%I:%M:%S %p on %B %d, %Y", "%d-%b-%y",
    "%H.%M h, %d/%m/%y", "%Y-%m-%dT%H:%M:%S%z", "%m/%d/%Y %I %p", "%Y week of %b %d",
]  # fmt: skip
EPOCH = datetime.datetime(1970, 1, 1)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("form", FORMATS)
@given(when=st.datetimes(datetime.datetime(1930, 1, 1), datetime.datetime(2029, 12, 31)))
def test_what_strftime_writes_is_read_as_strptime_reads_it(form, when):
    zone = datetime.timezone(datetime.timedelta(minutes=-150))
    text = when.replace(tzinfo=zone if "%z" in form else None).strftime(form)
    meant = datetime.datetime.strptime(text, form)
    if "%y" in form and meant.year == 2030:  # not of this test: the pivots differ from 2030 on
        return
    meant = meant.replace(tzinfo=None)
    if "%y" in form:
        meant = meant.replace(year=when.year)
    reading = decide_dates(TextColumn("d", [text], np.ones(1), np.ones(1, int)), form)
    assert reading.zone == ("-02:30" if "%z" in form else "")
    [found] = read_date_texts(reading, [text]).values
    exact = (meant - EPOCH) // datetime.timedelta(microseconds=1)
    days, rest = divmod(exact, 86_400_000_000)
    assert found == days + rest * 1000 / 86_400_000_000_000
    assert DateReader(reading)(text) == found


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %I:%M:%S %p"])
def test_every_hour_minute_and_second_that_exists_and_no_other(form):
    noon = " PM" if "%p" in form else ""
    for place in range(3):
        parts = [3, 4, 5]
        for number in range(100):
            parts[place] = number
            text = "2024-05-06 " + ":".join(f"{each:02d}" for each in parts) + noon
            try:
                datetime.datetime.strptime(text, form)
            except ValueError:
                possible = False
            else:
                possible = number < 60  # strptime takes the second 60 and 61
            assert (said_by_format([text], form).nanoseconds[0] >= 0) == possible, text
            reading = DateReading(form, "moment")
            assert read_date_texts(reading, [text]).unread.tolist() == [not possible]
            # Without a format it is the same.
            plain = DateReading("", "moment")
            assert read_date_texts(plain, [text]).unread.tolist() == [not possible], text


def test_a_time_alone_takes_no_part_of_a_date():
    assert is_form("%H:%M")
    assert is_form("%I %p")
    assert is_form("%M:%S")
    for form in ("%m %H:%M", "%Y %H", "%d", "%S", "%d.%m %H:%M", "%y"):
        assert not is_form(form), form
    reading = decide_dates(TextColumn("d", ["45:10"], np.ones(1), np.ones(1, int)), "%M:%S")
    assert (reading.grain, read_date_texts(reading, ["45:10"]).values[0] * 86_400) == ("time", 2710)


@given(st.integers(-5, 5))
def test_the_years_that_are_read_have_ends(shift):
    for end, inside in ((FIRST_DAY, shift >= 0), (LAST_DAY, shift <= 0)):
        moments = np.array([0.0, np.nan, float(end + shift)])
        assert far_row(moments) == (None if inside else 3)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%Y-%m-%d", "2024-12-31"),
        ("%d %b %y", "31 Dec 24"),
        ("%d. %B %Y", "31. Dezember 2024"),
        ("%Y-%m", "2024-12"),
        ("%b %Y", "Dec 2024"),
        ("%H:%M", "13:45"),
        ("%I:%M %p", "1:45 pm"),
        ("%I:%M %p", "12:45 a.m."),
        ("%I:%M %p", "13:45 pm"),
        ("%Y-%m-%dT%H:%M:%S.%f", "2024-12-31T13:45:07.25"),
        ("%Y-%m-%dT%H:%M:%S.%f", "2024-12-31T13:45:07.123456789"),
        ("%Y-%m-%d %H:%M%z", "2024-12-31 13:45Z"),
        ("%Y-%m-%d %H:%M%z", "2024-12-31 13:45utc"),
        ("%Y-%m-%d %H:%M%z", "2024-12-31 13:45+02:59"),
        ("%Y-%m-%d %H:%M%z", "2024-12-31 13:45-0230"),
        ("%Y-%m-%d %H:%M%z", "2024-12-31 13:45+14:59"),
        ("%Y-%m-%d %H:%M%z", "2024-12-31 13:45+15:00"),
        ("%Y-%m-%d %H:%M%z", "2024-12-31 13:45-02:60"),
        ("%d.%m.%Y", "soon"),
    ],
)
def test_a_format_says_what_the_text_says_by_itself(form, text):
    by_format, by_itself = said_by_format([text], form), what_is_said([text])
    for name, values in vars(by_itself).items():
        assert getattr(by_format, name).tolist() == values.tolist(), name


def test_every_offset_that_exists_and_no_other():
    for hours in range(16):
        for minutes in (0, 1, 30, 58, 59, 60, 61, 99):
            for sign in (1, -1):
                text = f"2024-12-31 12:00 {'+' if sign > 0 else '-'}{hours:02d}:{minutes:02d}"
                east = said_by_format([text], "%Y-%m-%d %H:%M %z").east[0]
                possible = hours <= 14 and minutes < 60
                expected = sign * (60 * hours + minutes) if possible else 5000 * sign
                assert east == expected
                assert what_is_said([text]).east[0] == east
                zone = f"{text[-6:]}" if possible and east else "UTC"
                found = read_date_texts(DateReading("", "moment", zone), [text])
                assert found.unread.tolist() == [not possible]


def test_the_parts_of_a_format():
    assert said_by_format(["2024-12"], "%Y-%m").kind.tolist() == [MONTH]
    assert said_by_format(["2024-12"], "%Y-%m").east.tolist() == [NO_ZONE]
    assert said_by_format([" 5.1.2024 "], " %d.%m.%Y ").day.tolist() == [5]
    for form in ("%Y-%m-%d", "%y %b", "%H", "%M:%S", "%I %p", "%B %Y %%"):
        require_format("d", form)
    for form, why in (
        ("%Q-%m", "%Q is not known; the codes are %Y %y %m %b %B %d %H %I %M %S %f %p %z %%"),
        ("%", "% is not known"),
        ("%Y-%m-%d %Y", "A part of the date is named twice"),
        ("%b %B %Y", "A part of the date is named twice"),
        ("%Y", "A date needs a year and a month; a time alone needs %H or %I or %M"),
        ("%m", "A date needs a year and a month"),
        ("%S", "a time alone needs %H or %I or %M"),
        ("%H %m", "A date needs a year and a month"),
        ("%y %M", "A date needs a year and a month"),
        ("%I:%M", "The hours of %I need %p beside them"),
    ):
        with pytest.raises(SettingsError) as caught:
            require_format("d", form)
        assert why in caught.value.why
        assert caught.value.fix == "write a format such as %d.%m.%Y or %Y-%m-%d %H:%M"
