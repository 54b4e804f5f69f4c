"""Texts to days, against datetime and pandas: random dates in each notation."""

import datetime
import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slow_cases import slow_but
from thalweg.data.dates.date_cells import DateReader
from thalweg.data.dates.date_decision import TextColumn, decide_dates
from thalweg.data.dates.date_grammar import LONGEST, looks_like_date, what_is_said
from thalweg.data.dates.date_numbers import datetime64_moments, days_of, moments
from thalweg.data.dates.date_reading import DateReading
from thalweg.data.dates.date_texts import minutes_of_zone, read_date_texts, zone_of_minutes
from thalweg.data.dates.date_words import MONTHS
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError

N = 30_000
EPOCH = datetime.date(1970, 1, 1).toordinal()

DATES = {
    "2024-12-31": "%Y-%m-%d",
    "2024/12/31": "%Y/%m/%d",
    "2024.12.31": "%Y.%m.%d",
    "31.12.2024": "%d.%m.%Y",
    "31/12/2024": "%d/%m/%Y",
    "12/31/2024": "%m/%d/%Y",
    "31-12-2024": "%d-%m-%Y",
    "31 Dec 2024": "%d %b %Y",
    "31 December 2024": "%d %B %Y",
    "31-Dec-2024": "%d-%b-%Y",
    "Dec 31, 2024": "%b %d, %Y",
    "December 31 2024": "%B %d %Y",
    "2024 Dec 31": "%Y %b %d",
}
CLOCKS = {
    "T13:45:00": "T%H:%M:%S",
    " 13:45": " %H:%M",
    " 1:45 PM": " %I:%M %p",
    "T13:45:00.123456": "T%H:%M:%S.%f",
}


def moments_drawn(n, *, since, until, unit="D", seed=0):
    rng = np.random.default_rng(seed)
    low, high = (np.datetime64(each, unit).astype(int) for each in (since, until))
    return rng.integers(low, high, n).astype(f"datetime64[{unit}]")


def column(texts):
    different = list(dict.fromkeys(texts))
    return TextColumn("d", different, np.ones(len(different)), np.arange(1, len(different) + 1))


def as_texts(values, form):
    return pd.DatetimeIndex(values).strftime(form).tolist()


@pytest.mark.parametrize("n", slow_but((5_000,), (5_000, N)))
@pytest.mark.parametrize("form", DATES.values(), ids=DATES)
def test_many_dates_in_each_notation(form, n):
    values = moments_drawn(n, since="1700-01-01", until="2250-01-01")
    texts = as_texts(values, form)
    reading = decide_dates(column(texts))
    assert (reading.grain, reading.zone) == ("day", "")
    found = read_date_texts(reading, texts)
    assert not found.unread.any()
    assert (found.values == datetime64_moments(values)).all()


TOGETHER = list(
    itertools.product(["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %b %Y"], CLOCKS.values())
)


# Every third has each of the dates and each of the clock times.
@pytest.mark.parametrize(("date", "clock"), slow_but(TOGETHER[::3], TOGETHER))
def test_dates_with_clock_times(date, clock):
    unit = "us" if "%f" in clock else "s" if "%S" in clock else "m"
    values = moments_drawn(20_000, since="1990-01-01", until="2040-01-01", unit=unit)
    texts = as_texts(values.astype("datetime64[us]"), date + clock)
    reading = decide_dates(column(texts))
    assert reading.grain == "moment"
    assert (read_date_texts(reading, texts).values == datetime64_moments(values)).all()


@pytest.mark.parametrize("east", [-570, -60, 0, 120, 345])
def test_a_zone_is_kept_and_other_zones_are_moved_to_it(east):
    zone = datetime.timezone(datetime.timedelta(minutes=east))
    values = moments_drawn(2000, since="1990-01-01", until="2040-01-01", unit="s")
    local = pd.DatetimeIndex(values, tz="UTC").tz_convert(zone)
    texts = [each.isoformat() for each in local]
    reading = decide_dates(column(texts))
    assert reading.zone == ("UTC" if not east else texts[0][-6:])
    expected = datetime64_moments(local.tz_localize(None).to_numpy())
    assert (read_date_texts(reading, texts).values == expected).all()
    # The same moments, written on another clock.
    for other in (0, 330, -480):
        elsewhere = local.tz_convert(datetime.timezone(datetime.timedelta(minutes=other)))
        moved = read_date_texts(reading, [each.isoformat() for each in elsewhere])
        assert (moved.values == expected).all()
    one = DateReader(reading)
    assert [one(each) for each in texts[:50]] == expected[:50].tolist()
    assert [one(each) for each in local[:50]] == expected[:50].tolist()


def test_a_named_zone_has_summer_and_winter():
    berlin = DateReading("", "moment", "Europe/Berlin")
    texts = ["2024-07-01T10:00:00Z", "2024-12-01T10:00:00Z", "2024-07-01T12:00:00+02:00"]
    hours = (read_date_texts(berlin, texts).values % 1 * 24).round(9)
    assert hours.tolist() == [12, 11, 12]
    assert read_date_texts(berlin, ["2024-07-01T10:00:00"]).unread.tolist() == [True]


def test_times_alone_and_months():
    minutes = np.random.default_rng(0).integers(0, 1440, 1000)
    texts = [f"{each // 60:02d}:{each % 60:02d}" for each in minutes]
    reading = decide_dates(column(texts))
    assert reading == DateReading("", "time")
    nanoseconds = minutes * 60 * 10**9
    assert (read_date_texts(reading, texts).values == moments(0 * minutes, nanoseconds)).all()
    noon = read_date_texts(reading, ["12:00 AM", "12:00 PM", "1:05 pm", "23:59:59.5"]).values
    assert (noon * 86_400).round(6).tolist() == [0, 43_200, 47_100, 86_399.5]
    for form in ("%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%B %Y"):
        values = moments_drawn(500, since="1900", until="2100", unit="M")
        months = as_texts(values.astype("datetime64[s]"), form)
        reading = decide_dates(column(months))
        assert reading.grain == "month", form
        assert (read_date_texts(reading, months).values == datetime64_moments(values)).all()


@given(st.dates(datetime.date(1930, 1, 1), datetime.date(2029, 12, 31)))
def test_years_of_two_digits(date):
    reading = DateReading("dmy", two_digits=True)
    texts = [date.strftime(form) for form in ("%d.%m.%y", "%d/%m/%y", "%d-%b-%y", "%Y-%m-%d")]
    found = read_date_texts(reading, texts)
    assert found.values.tolist() == [float(date.toordinal() - EPOCH)] * 4


@given(st.datetimes(), st.sampled_from(sorted(DATES.values())))
def test_what_is_written_is_read_and_one_cell_as_a_column(when, form):
    if when.year < 1000:  # strftime pads no years
        when = when.replace(year=when.year + 1000)
    order = "mdy" if form.startswith("%m") else "dmy"
    text = when.strftime(form)
    reading = DateReading(order)
    [found] = read_date_texts(reading, [text]).values
    assert found == float(when.toordinal() - EPOCH)
    assert DateReader(reading)(text) == found
    moment = DateReading(order, "moment")
    exact = when.strftime(f"{form} %H:%M:%S.%f")
    assert DateReader(moment)(exact) == read_date_texts(moment, [exact]).values[0]
    assert DateReader(moment)(when) == DateReader(moment)(exact)


def test_months_of_many_languages():
    year, month, day = np.array([2024]), np.array([3]), np.array([5])
    for text in ("5. März 2024", "5 mars 2024", "5 de marzo de 2024", "5 marzo 2024",
                 "5 de março de 2024", "5 maart 2024", "5th March 2024", "5-MAR-24"):  # fmt: skip
        [found] = read_date_texts(DateReading(), [text]).values
        assert found == days_of(year, month, day)[0], text
    # No name means two months, and each has three letters at least: a shape asks for them.
    assert all(3 <= len(name) <= 12 for name in MONTHS)
    assert sorted(set(MONTHS.values())) == list(range(1, 13))


@pytest.mark.parametrize(
    "text",
    ["", "abc", "1.2", "1.2.3", "12", "2024", "31.12.", "2024-1", "10.0.0.1", "1,234",
     "31 Foo 2024", "2024-12-31x", "2024-12-31T", "31/12-2024", "E11.9", "２０２４-12-31",
     "20241231", "13.45", "9" * 100 + "-01-01", "2024-12-31T13", "5 kg 2024"],
)  # fmt: skip
def test_what_is_no_date(text):
    assert not looks_like_date(text)
    assert what_is_said([text]).kind.tolist() == [0]
    assert read_date_texts(DateReading("dmy"), [text]).unread.tolist() == [text != ""]
    assert len(text) < 2 * LONGEST


@pytest.mark.parametrize(
    "text",
    ["2023-02-29", "2024-13-01", "2024-00-01", "2024-01-32", "31.04.2024", "0000-01-01",
     "2024-01-01T24:00", "2024-01-01T12:60", "2024-01-01T12:00:60", "2024-01-01 13:00 PM",
     "2024-01-01T00:00:00+15:00", "2024-01-01T00:00:00+02:75", "13:45", "2024-01"],
)  # fmt: skip
def test_what_cannot_be_a_day_of_a_column_is_unread_and_never_another_day(text):
    for zone in ("", "UTC"):
        reading = DateReading("dmy", "moment", zone)
        found = read_date_texts(reading, [text, "NA", " "])
        assert found.unread.tolist() == [True, False, False]
        assert np.isnan(found.values).all()
        assert DateReader(reading)(text) is None


def test_an_undecided_order_is_read_only_where_one_order_is_possible():
    reading = DateReading()
    texts = ["31/12/2024", "12/31/2024", "01/02/2024", "01.02.2024", "24-12-31", "05/05/2024"]
    found = read_date_texts(reading, texts)
    assert found.unread.tolist() == [False, False, True, False, True, True]
    assert found.values[0] == found.values[1]


def test_compact_clocks_stand_behind_dates_that_begin_with_the_year():
    for text in ("2024-12-31T134507", "20241231T134507", "20241231T1345", "20241231T13:45"):
        [found] = read_date_texts(DateReading("", "moment"), [text]).values
        seconds = (13 * 60 + 45) * 60 + (7 if text.endswith("07") else 0)
        assert found == 20_088 + seconds / 86_400, text
    for text in ("31/12/2024 1345", "2024-12 13:45", "20241231", "13:45Z"):
        assert not looks_like_date(text), text


def test_an_offset_may_have_hours_alone():
    for text, east in (("+02", 120), ("-03", -180), ("+0230", 150), ("Z", 0), (" GMT", 0)):
        assert what_is_said([f"2024-12-31T13:00{text}"]).east.tolist() == [east]


def test_texts_are_read_whatever_stands_before_them():
    assert what_is_said(["soon", "2024-12-31", "?", "13:45"]).kind.tolist() == [0, 1, 0, 4]


def test_a_longer_text_is_no_date():
    text = "2024-12-31"
    assert looks_like_date(text.rjust(64))
    assert what_is_said([text.rjust(64)]).kind.tolist() == [1]
    assert not looks_like_date(text.rjust(65))
    assert what_is_said([text.rjust(65)]).kind.tolist() == [0]


def test_zones_of_a_fixed_offset():
    names = {0: "UTC", 120: "+02:00", -150: "-02:30", 899: "+14:59", -1: "-00:01"}
    for minutes, name in names.items():
        assert zone_of_minutes(minutes) == name
        assert minutes_of_zone(name) == minutes
    assert minutes_of_zone("Europe/Berlin") is None
    assert minutes_of_zone("") is None


def test_counts_as_texts_and_dates_among_them():
    reading = DateReading("unix", "moment")
    texts = ["86400", " 0 ", "1970-01-03", "soon", "true", "", "1e300", "9" * 65, "1970-01"]
    found = read_date_texts(reading, texts)
    assert found.values[:3].tolist() == [1, 0, 2]
    assert found.unread.tolist() == [False, False, False, True, True, False, True, True, True]
    assert np.isnan(found.values[3:]).all()


def test_of_a_month_alone_a_day_is_read_and_of_a_day_no_month():
    texts = ["2024-12", "2024-12-31", "Dec 2024", "13:45", "2024-13"]
    found = read_date_texts(DateReading("", "month"), texts)
    assert found.unread.tolist() == [False, False, False, True, True]
    assert (found.values[1] - found.values[0], found.values[2]) == (30, found.values[0])
    found = read_date_texts(DateReading("", "day"), texts)
    assert found.unread.tolist() == [True, False, True, True, True]
    found = read_date_texts(DateReading("", "time"), [*texts, "24:00"])
    assert found.unread.tolist() == [True, True, True, False, True, True]
    assert found.values[3] == (13 * 60 + 45) / 1440


def test_a_format_and_what_tells_by_itself_in_one_column():
    reading = DateReading("%d.%m.%y %H h", "moment")
    texts = ["31.12.24 13 h", "2024-12-31", "31 Dec 2024 13:00", "01/02/2024", "2024-12", "soon"]
    found = read_date_texts(reading, texts)
    assert found.unread.tolist() == [False, False, False, True, True, True]
    assert found.values[:3].tolist() == [20_088 + 13 / 24, 20_088, 20_088 + 13 / 24]


def test_a_named_zone_keeps_fractions_of_a_second():
    berlin = DateReading("", "moment", "Europe/Berlin")
    texts = ["2024-07-01T23:59:59.75Z", "1969-12-31T23:59:59.75Z", "2024-07-01T10:00:00+15:00"]
    found = read_date_texts(berlin, texts)
    assert found.unread.tolist() == [False, False, True]
    rest = (2 * 3600 - 0.25) / 86_400
    assert found.values[0] == pytest.approx(19_906 + rest, abs=1e-12)
    assert found.values[1] == pytest.approx((3600 - 0.25) / 86_400, abs=1e-12)


# --- the ends of the calendar -----------------------------------------------------------------

LATE = ["9999-12-31T23:59:59Z", "2021-01-01T10:00:00Z", "9999-12-31T22:00:00-14:00"]


def test_the_last_hours_of_9999_are_read_in_a_named_zone():
    """Many files mean "never" by them; in Berlin they are in the year 10000."""
    values, unread = read_date_texts(DateReading("", "moment", "Europe/Berlin"), LATE)
    assert not unread.any()
    utc, _ = read_date_texts(DateReading("", "moment", "UTC"), LATE)
    assert np.allclose(24 * (values - utc), 1.0)


def test_an_array_of_the_last_hours_of_9999_has_an_error_that_names_the_row():
    moments = np.array(["2021-01-01T10:00", "9999-12-31T23:59:59"] * 5, "datetime64[s]")
    frame = pd.DataFrame({"x": pd.DatetimeIndex(moments, tz="UTC").tz_convert("Europe/Berlin")})
    with pytest.raises(DataError, match=r'column "x", row 2'):
        infer_schema(frame)


def test_no_number_that_is_no_date_breaks_a_format_of_digits():
    for cell in (math.inf, -math.inf, 1e308, 10**5000, math.nan, 20241231.5):
        found = DateReader(DateReading("%Y%m%d"))(cell)
        assert found is None or math.isnan(found)


ALIKE = ["2024-12-31"] * 80
# The last: all of it beyond ASCII, and a date in the lower bytes.
ODD = [
    "2024-12-3\u0131", "2024-12-3\x80", "2024-12-3\x81", "2024-12-30".rjust(64),
    "2024-12-30".rjust(65), "31 M\u00e4rz 2024", "\uff12\uff10\uff12\uff14-12-31", "2024\x0012-31",
    "2024-12-30\0", "2024-12-30 \0", "\x002024-12-30", "\0",
    "31/12/2024 1345", "24:00", "", "".join(chr(256 + ord(each)) for each in "2024-12-30"),
]  # fmt: skip


@pytest.mark.parametrize(
    "odd", [*([each] for each in ODD), ODD, [f"{d} Dec 2024" for d in range(1, 32)]]
)
def test_texts_of_few_shapes_are_read_as_each_alone(odd):
    found = what_is_said([*ALIKE, *odd])
    alone = [what_is_said([text]) for text in odd]
    for name in ("kind", "east"):
        expected = np.concatenate([getattr(each, name) for each in alone])
        np.testing.assert_array_equal(getattr(found, name)[80:], expected, name)
    reading = DateReading("", "day")
    values, unread = read_date_texts(reading, [*ALIKE, *odd])
    one = [read_date_texts(reading, [text]) for text in odd]
    np.testing.assert_array_equal(values[80:], [each.values[0] for each in one])
    np.testing.assert_array_equal(unread[80:], [each.unread[0] for each in one])
    assert not unread[:80].any()


@pytest.mark.parametrize("text", ["", "2024-12-30".rjust(65), "\0"])
def test_many_texts_that_are_no_dates_are_read_as_each_alone(text):
    assert what_is_said([text] * 70).kind.tolist() == what_is_said([text]).kind.tolist() * 70
