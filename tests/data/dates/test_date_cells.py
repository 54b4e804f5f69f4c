"""Cells of every type as dates, against datetime and pandas."""

import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from thalweg.data.dates.date_cells import (
    DateReader,
    date_as_text,
    datetimes_in_zone,
    far_row,
    grain_of_datetimes,
    moment_text,
    moments_of_cells,
    named_zone,
    tz_of,
    whole_as_text,
    without_offset,
    zone_of,
)
from thalweg.data.dates.date_numbers import FIRST_DAY, LAST_DAY, datetime64_moments
from thalweg.data.dates.date_reading import DateReading
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError

BERLIN = ZoneInfo("Europe/Berlin")
DAY, MOMENT = DateReading(), DateReading("", "moment")
NANOSECONDS = 86_400_000_000_000


def day(year, month=1, date=1):
    return (datetime.date(year, month, date) - datetime.date(1970, 1, 1)).days


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (datetime.date(2024, 3, 5), "2024-03-05"),
        (datetime.datetime(2024, 3, 5, 13, 45), "2024-03-05T13:45:00"),
        (datetime.time(13, 45), "13:45:00"),
        (pd.Timestamp("2024-03-05 13:45"), "2024-03-05T13:45:00"),
        (np.datetime64("2024-03-05"), "2024-03-05"),
        (np.datetime64("NaT"), None),
        (pd.Period("2024-03", freq="M"), "2024-03"),
        (pd.Period("2024Q2", freq="Q"), "2024-04"),
        (pd.Period("2024", freq="Y"), "2024-01"),
        (pd.Period("2024-03-05", freq="D"), "2024-03-05T00:00:00"),
        (pd.Period("2024-03-05", freq="W"), "2024-03-04T00:00:00"),
        ("2024-03-05", None),
        (20240305, None),
        (datetime.timedelta(1), None),
        (None, None),
    ],
)
def test_a_date_of_any_type_as_text(cell, text):
    assert date_as_text(cell) == text


class OldZone(datetime.tzinfo):
    """A zone as pytz has them, with its name in another place."""

    zone = "Asia/Tokyo"

    def utcoffset(self, when):
        return None


class NamelessZone(datetime.tzinfo):
    """A zone that nothing but its text names."""

    def utcoffset(self, when):
        return None

    def __str__(self):
        return "tzutc()"


def fixed(**offset):
    return datetime.timezone(datetime.timedelta(**offset))


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        (None, ""),
        (datetime.UTC, "UTC"),
        (ZoneInfo("UTC"), "UTC"),
        (fixed(hours=2), "+02:00"),
        (fixed(hours=-3, minutes=-30), "-03:30"),
        (fixed(seconds=90), "+00:01"),
        (fixed(seconds=-90), "-00:02"),
        (BERLIN, "Europe/Berlin"),
        (OldZone(), "Asia/Tokyo"),
        (NamelessZone(), "UTC"),
    ],
)
def test_the_name_of_a_zone(zone, name):
    assert zone_of(zone) == name


def test_a_column_has_a_named_zone_if_all_cells_are_of_it():
    here, there = (pd.Timestamp("2024-03-05", tz=zone) for zone in ("Europe/Berlin", "Asia/Tokyo"))
    assert named_zone([here, here + pd.Timedelta(1, "h")]) == "Europe/Berlin"
    for cells in (
        [],
        [here, there],
        [here, "2024-03-05"],
        [here, datetime.datetime(2024, 3, 5)],
        [pd.Timestamp("2024-03-05")],
        [pd.Timestamp("2024-03-05", tz="UTC")],
        [datetime.datetime(2024, 3, 5, tzinfo=fixed(hours=2))],
    ):
        assert named_zone(cells) == ""


def test_zones_as_pandas_takes_them():
    assert tz_of("Europe/Berlin") == BERLIN
    assert tz_of("UTC") == datetime.UTC
    assert tz_of("-03:30") == fixed(hours=-3, minutes=-30)


def test_a_text_without_its_offset():
    for offset in ("", "Z", "+02:00", "-03:30", "+00:53:28"):
        assert without_offset(f"2024-03-05T13:45:00{offset}") == "2024-03-05T13:45:00"
    assert without_offset("2024-03-05") == "2024-03-05"


def test_what_an_array_of_datetimes_tells():
    def grain(*texts, unit):
        values = np.array(texts, f"datetime64[{unit}]")
        return grain_of_datetimes(values, datetime64_moments(values))

    assert grain("2024-03", unit="M") == "month"
    assert grain("2024", unit="Y") == "month"
    assert grain("2024-03-05", "NaT", unit="D") == "day"
    assert grain("2024-03-05T00:00", "NaT", unit="us") == "day"
    assert grain("2024-03-05T00:00", "2024-03-05T12:00", "NaT", unit="s") == "moment"
    assert grain("NaT", unit="s") == "day"


def test_arrays_of_datetimes_in_a_zone():
    values = np.array(["2024-07-01T10:00", "2024-12-01T10:00", "NaT"], "datetime64[s]")
    plain = datetimes_in_zone(values, "", "")
    assert np.array_equal(plain, datetime64_moments(values), equal_nan=True)
    for zone, hours in (("Europe/Berlin", [12, 11]), ("UTC", [10, 10]), ("-03:30", [6.5, 6.5])):
        found = datetimes_in_zone(values, "UTC", zone)
        assert (found[:2] % 1 * 24).round(9).tolist() == hours
        assert np.isnan(found[2])
    assert datetimes_in_zone(values, "", "UTC") is None
    assert datetimes_in_zone(values, "UTC", "") is None


def test_the_first_row_of_a_year_that_cannot_be_written():
    ends = np.array([FIRST_DAY, LAST_DAY, np.nan, LAST_DAY + 0.999])
    assert far_row(ends) is None
    assert far_row(np.append(ends, [LAST_DAY + 1, FIRST_DAY - 1])) == 5
    assert far_row(np.array([FIRST_DAY - 0.001])) == 1


@pytest.mark.parametrize(
    ("reading", "cell", "moment"),
    [
        (DAY, "2024-03-05", day(2024, 3, 5)),
        (DAY, "2024-02-30", None),
        (DAY, " 2024-03-05 ", day(2024, 3, 5)),
        (DAY, "2024-03-05 12:00:00", day(2024, 3, 5) + 0.5),
        (DAY, "31/12/2024", day(2024, 12, 31)),
        (DAY, "01/02/2024", None),
        (DateReading("dmy"), "1/2/2024", day(2024, 2, 1)),
        (DateReading("mdy"), "1/2/2024", day(2024, 1, 2)),
        (DateReading("dmy"), "12/31/2024", None),
        (DateReading("mdy"), "31-12-2024", None),
        (DateReading("dmy"), "31.12/2024", None),
        (DateReading("ymd", two_digits=True), "24-03-05", day(2024, 3, 5)),
        (DateReading("", "time"), "2024-03-05", None),
        (DateReading("", "time"), "06:00", 0.25),
        (DateReading("", "time"), datetime.time(6), 0.25),
        (DateReading("", "time"), datetime.datetime(2024, 3, 5), None),
        (DateReading("", "month"), "2024-03", day(2024, 3)),
        (DateReading("", "month"), pd.Period("2024-03", freq="M"), day(2024, 3)),
        (DAY, pd.Period("2024-03", freq="M"), None),
        (DAY, datetime.date(2024, 3, 5), day(2024, 3, 5)),
        (MOMENT, datetime.datetime(2024, 3, 5, 6), day(2024, 3, 5) + 0.25),
        (MOMENT, np.datetime64("2024-03-05T06:00"), day(2024, 3, 5) + 0.25),
        (DAY, 20240305, None),
        (DAY, 45_000.0, None),
        (DAY, True, None),
        (DAY, [], None),
        # A zone: what names none has no place in it.
        (DateReading("", "moment", "UTC"), "2024-03-05T06:00:00", None),
        (DateReading("", "moment", "UTC"), datetime.datetime(2024, 3, 5, 6), None),
        (DateReading("", "moment", "UTC"), datetime.date(2024, 3, 5), None),
        (DateReading("", "moment", "UTC"), "2024-03-05T06:00:00Z", day(2024, 3, 5) + 0.25),
        (MOMENT, "2024-03-05T06:00:00Z", None),
        (MOMENT, datetime.datetime(2024, 3, 5, 6, tzinfo=datetime.UTC), None),
        # Counts.
        (DateReading("excel"), 45_657, day(2024, 12, 31)),
        (DateReading("excel"), "45657", day(2024, 12, 31)),
        (DateReading("excel"), "2024-12-31", day(2024, 12, 31)),
        (DateReading("excel"), datetime.date(2024, 12, 31), day(2024, 12, 31)),
        (DateReading("excel"), True, None),
        (DateReading("excel"), "true", None),
        (DateReading("excel"), -5, None),
        (DateReading("excel"), "soon", None),
        (DateReading("excel-1904"), 1.5, day(1904, 1, 2) + 0.5),
        (DateReading("unix"), 86_400, 1),
        (DateReading("unix-ms"), 86_400_000, 1),
        (DateReading("unix"), 10**400, None),
        # Digits by a format.
        (DateReading("%Y%m%d"), 20240305, day(2024, 3, 5)),
        (DateReading("%Y%m%d"), 20240305.0, day(2024, 3, 5)),
        (DateReading("%Y%m%d"), 20240305.5, None),
        (DateReading("%Y%m%d"), 20241305, None),
        (DateReading("%Y%m%d"), True, None),
        (DateReading("%Y%m%d"), float("inf"), None),
        (DateReading("%Y%m%d"), 10**400, None),
        (DateReading("%Y%m%d"), "20240305", day(2024, 3, 5)),
    ],
)
def test_the_moment_of_a_cell(reading, cell, moment):
    assert DateReader(reading)(cell) == moment


@pytest.mark.parametrize(
    "cell", [None, float("nan"), pd.NaT, pd.NA, np.datetime64("NaT"), "", "NA"]
)
@pytest.mark.parametrize("form", ["", "dmy", "excel", "%Y%m%d"])
def test_a_missing_cell_is_nan(cell, form):
    moment = DateReader(DateReading(form))(cell)
    assert moment is not None
    assert np.isnan(moment)


def test_moments_are_exact_to_the_nanosecond():
    stamp = pd.Timestamp("2024-12-31T13:45:07.123456789")
    rest = ((13 * 60 + 45) * 60 + 7) * 10**9 + 123_456_789
    assert DateReader(MOMENT)(stamp) == day(2024, 12, 31) + rest / NANOSECONDS
    values = np.array([stamp.to_datetime64(), np.datetime64("NaT")], "datetime64[ns]")
    assert datetime64_moments(values)[0] == DateReader(MOMENT)(stamp)
    assert DateReader(MOMENT)("1969-12-31T23:59:59") == 86_399 / 86_400 - 1


def test_a_cell_with_a_zone_is_moved_to_that_of_the_column():
    read = DateReader(DateReading("", "moment", "Europe/Berlin"))
    for month, hours in ((7, 2), (12, 1)):
        moment = datetime.datetime(2024, month, 1, 10, tzinfo=datetime.UTC)
        expected = day(2024, month) + (10 + hours) / 24
        for cell in (moment, moment.astimezone(BERLIN), moment.astimezone(fixed(hours=-5))):
            assert read(cell) == pytest.approx(expected, abs=1e-12)
            assert read(cell.isoformat()) == pytest.approx(expected, abs=1e-12)


def test_whole_numbers_as_digits():
    for cell, digits in ((20240305, "20240305"), (7.0, "7"), ("12", "12"), (np.int64(5), "5")):
        assert whole_as_text(cell) == digits
    for cell in (1.5, float("nan"), None, True, "x", [], float("inf"), -float("inf"), 10**400):
        assert whole_as_text(cell) is None


def test_an_infinite_number_in_a_column_of_dates_by_a_format_is_refused():
    said = SaidColumns.of(date={"d": "%Y%m%d"})

    def frame(*cells):
        return pd.DataFrame({"d": pd.Series(cells, dtype=object)})

    schema = infer_schema(frame(20240101, 20240102), said=said)
    for cell in (float("inf"), 10**400):
        for more in (1, 60):
            with pytest.raises(DataError, match='column "d", row 2'):
                schema.matrix(frame(20240101, cell, *[20240102] * more))
        with pytest.raises(DataError, match="Text that is no date"):
            infer_schema(frame(20240101, cell), said=said)


def test_a_moment_as_a_person_reads_it():
    noon = day(2024, 3, 5) + 0.5
    for grain, text in (
        ("time", "12:00:00"),
        ("month", "2024-03"),
        ("day", "2024-03-05"),
        ("moment", "2024-03-05T12:00:00"),
    ):
        moment = 0.5 if grain == "time" else noon
        assert moment_text(DateReading("", grain), moment) == text
    assert moment_text(DateReading("", "time"), 86_399 / 86_400) == "23:59:59"


def test_many_cells_are_read_as_each_alone():
    texts = ["2024-03-05", "NA", "soon", "2024-02-30"]
    expected = [day(2024, 3, 5), np.nan, None, None]
    for cells in (texts, [*texts, datetime.date(2024, 3, 6)]):
        found = moments_of_cells(DAY, cells)
        assert found[0] == expected[0]
        assert np.isnan(found[1])
        assert found[2:4] == [None, None]
        assert found[4:] == [day(2024, 3, 6)] * (len(cells) - 4)
