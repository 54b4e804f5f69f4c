"""Season, weekday and hour of dates, against mpmath and Python's calendar."""

import calendar
import datetime

import mpmath
import numpy as np
import pytest

from thalweg.data.dates.date_numbers import FIRST_DAY, LAST_DAY, days_of
from thalweg.data.encoding.calendar_parts import (
    CALENDAR_BODIES,
    HOUR_COSINE,
    HOUR_SINE,
    LATE,
    WEEKDAY,
    WEEKDAY_SIZE,
    YEAR_COSINE,
    YEAR_SINE,
    CalendarParts,
    calendar_outputs,
    calendar_parts,
    no_dates,
    varying_kinds,
    weekday_mark,
    within_years,
)
from thalweg.data.encoding.encoder import Encoder, fit_encoder
from thalweg.data.encoding.encoder_part import DATE, RowBlock
from thalweg.data.encoding.few_row_encoding import panel_of
from thalweg.data.encoding.piecewise_linear import Cut
from thalweg.errors import DataError
from thalweg.estimators.parameters.resolved_parameters import cut_of

EPOCH = datetime.date(1970, 1, 1).toordinal()
YEAR, HOURS = {YEAR_SINE, YEAR_COSINE}, {HOUR_SINE, HOUR_COSINE}
WEEK = {WEEKDAY + day for day in range(7)}


def day(year, month=1, date=1):
    return datetime.date(year, month, date).toordinal() - EPOCH


def test_phases_against_fifty_digits():
    rng = np.random.default_rng(0)
    days = rng.integers(-40_000, 60_000, 300) + rng.integers(0, 1440, 300) / 1440
    found = calendar_outputs(days)
    with mpmath.workdps(50):
        for one, outputs in zip(days.tolist(), found, strict=True):
            year = 2 * mpmath.pi * (mpmath.mpf(one) - day(2000)) / mpmath.mpf("365.2425")
            hour = 2 * mpmath.pi * (mpmath.mpf(one) - mpmath.floor(one))
            exact = [mpmath.sin(year), mpmath.cos(year), mpmath.sin(hour), mpmath.cos(hour)]
            assert (
                np.abs(outputs[:4] - np.array(exact, float)).max() < 1e-12
            )  # an angle of 600 has so many digits


def test_weekdays_and_late_days_against_the_calendar():
    numbers = np.arange(day(1999), day(2004, 3))
    found = calendar_outputs(numbers + 0.999)
    dates = [datetime.date.fromordinal(number + EPOCH) for number in numbers.tolist()]
    assert found[:, WEEKDAY:].argmax(axis=1).tolist() == [each.weekday() for each in dates]
    assert (np.sort(found[:, WEEKDAY:], axis=1)[:, -2:] == [0, WEEKDAY_SIZE]).all()
    assert found[:, LATE].tolist() == [float(each.day >= 28) for each in dates]
    # What a rare level is, which levels have by their statistics.
    assert pytest.approx(2 / np.sqrt(1 + 4 / 9)) == WEEKDAY_SIZE


def test_a_year_later_the_phase_is_the_same():
    spring = calendar_outputs(np.array([day(year, 4, 1) for year in (1997, 2001, 2005)], float))
    assert np.ptp(spring[:, [YEAR_SINE, YEAR_COSINE]], axis=0).max() < 0.01


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (np.arange(day(2020), day(2022)), YEAR | WEEK),
        (np.arange(day(2020), day(2020, 6)), WEEK),  # half a year tells no season
        (np.arange(day(2020), day(2020, 6), 7), set()),  # one weekday
        (np.array([day(2020, 3, 2), day(2020, 3, 7)]), {WEEKDAY, WEEKDAY + 5}),
        (np.array([day(y, m) for y in (2020, 2021) for m in range(1, 13)]), YEAR),  # months
        (np.array([day(y, m) - 1 for y in (2020, 2021) for m in range(1, 13)]), YEAR),
        (np.array([day(y) for y in range(1990, 2020)]), set()),  # years
        (np.array([day(y, 7, 14) for y in range(1990, 2020)]), WEEK),
        (np.arange(day(2020), day(2022)) + 0.5, YEAR | WEEK),  # always noon
        (np.arange(0, 1, 1 / 24), HOURS),  # times alone
        (np.arange(day(2020), day(2020, 3), 1 / 8), HOURS | WEEK),
        (np.array([day(2020)]), set()),
        (np.array([]), set()),
    ],
)
def test_constant_parts_are_dropped(days, expected):
    assert varying_kinds(np.asarray(days, float), late=False) == expected


def test_late_days_need_many_rows():
    days = np.arange(day(2020), day(2022)).astype(float)
    assert LATE in varying_kinds(days, late=True)
    early = days[calendar_outputs(days)[:, LATE] == 0]
    assert LATE not in varying_kinds(early, late=True)
    assert [cut_of(5, n_rows, 3).late_days for n_rows in (20_000, 20_001)] == [False, True]


def encoder(late=False):
    rng = np.random.default_rng(1)
    X = np.column_stack(
        (
            rng.normal(size=500),
            rng.integers(day(2019), day(2023), 500),
            rng.integers(1, 4, 500),
            rng.integers(0, 1440, 500) / 1440,
        )
    )
    X[::9, 1] = X[::7, 3] = np.nan
    return X, fit_encoder(X, np.ones(500), (0, DATE, 3, DATE), Cut(4, 0.5, late))


def test_names_tell_the_part():
    _, made = encoder(late=True)
    names = made.output_names(["x", "admitted", "c", "at"], [(), (), ("a", "b", "c"), ()])
    assert names[:3] == ["x", "admitted: days", "at: time of day"]
    assert names[-14:] == [
        "admitted: year sine", "admitted: year cosine", "admitted: day 28 or later",
        *(f"admitted: weekday={each}" for each in calendar.day_abbr),
        "at: hour sine", "at: hour cosine", "admitted missing", "at missing",
    ]  # fmt: skip
    [first, *_] = [name for name in names if name.startswith("admitted 2")]
    assert first.startswith("admitted 2019-01-0")
    columns = made.output_columns()
    assert columns[-14:] == [1] * 10 + [3, 3, None, None]


def test_what_is_missing_is_0_and_a_file_has_all():
    X, made = encoder(late=True)
    encoded = made.encode(X)
    part = encoded[:, -14:-2]
    assert (part[::9, :10] == 0).all()
    assert (part[::7, 10:] == 0).all()
    assert (abs(part) <= made.calendar.output_bounds()).all()
    again = Encoder.from_arrays(made.arrays())
    assert again.encode(X).tobytes() == encoded.tobytes()
    assert panel_of([made]).encode(X[:20]).tobytes() == encoded[:20].tobytes()
    names = ["x", "admitted", "c", "at"], [(), (), ("a", "b", "c"), ()]
    assert again.output_names(*names) == made.output_names(*names)


def test_a_weekday_that_no_training_row_has_is_no_output():
    days = np.arange(day(2019), day(2021)).astype(float)
    weekend = days[np.isin((days + 3) % 7, (5, 6))]
    made = fit_encoder(weekend[:, None], np.ones(len(weekend)), (DATE,))
    assert made.calendar.n_outputs == 2 + 2
    monday = made.encode(np.array([[day(2024, 1, 1)]], float))
    assert monday[0, -2:].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("date_parts", {"date_parts": np.zeros(1, np.uint8)}),
        ("date_parts", {"date_parts": np.full(2, 8, np.uint8)}),
        ("date_parts", {"date_parts": np.zeros(2)}),
        ("date_weekdays", {"date_weekdays": np.full(2, 128, np.uint8)}),
    ],
)
def test_the_array_that_does_not_fit_is_named(name, change):
    with pytest.raises(DataError, match=f'array "{name}"'):
        Encoder.from_arrays({**encoder()[1].arrays(), **change})


def test_a_file_without_the_bits_of_a_date_is_refused():
    arrays = encoder()[1].arrays()
    del arrays["date_weekdays"]
    with pytest.raises(DataError, match="absent"):
        Encoder.from_arrays(arrays)
    assert isinstance(encoder()[1].calendar, CalendarParts)


def test_later_dates_are_clipped_smoothly():
    X, made = encoder()
    later = X[:1].repeat(3, axis=0)
    later[:, 1] = [day(2030), day(2100), day(9999, 12, 31)]
    encoded = made.encode(later)[:, 1]
    assert encoded[0] < encoded[1] < encoded[2] < 3.0


def test_the_calendar_of_the_test_is_that_of_the_room():
    assert day(2024, 2, 29) == days_of(*np.array([[2024], [2], [29]]))[0]


def test_the_outputs_of_the_first_and_the_last_day_that_can_be_written():
    found = calendar_outputs(np.array([FIRST_DAY, LAST_DAY, 0.0, np.nan], float))
    assert found.shape == (4, 12)
    # Python's calendar: 0001-01-01 is a Monday, 9999-12-31 a Friday, 1970-01-01 a Thursday.
    assert found[:, WEEKDAY:].argmax(axis=1).tolist() == [0, 4, 3, 3]
    assert found[:, LATE].tolist() == [0, 1, 0, 0]
    # What is beyond has the outputs of the end.
    beyond = calendar_outputs(np.array([FIRST_DAY - 500.0, LAST_DAY + 1.0, LAST_DAY + 500.0]))
    assert np.array_equal(beyond[0], found[0])
    assert np.array_equal(beyond[1], beyond[2])
    assert beyond[2, WEEKDAY:].argmax() == 5
    assert np.array_equal(calendar_outputs(np.zeros((2, 3))), np.broadcast_to(found[2], (2, 3, 12)))
    early = calendar_outputs(np.array([float(LAST_DAY)]), late=False)
    assert early[0, LATE] == 0
    assert np.array_equal(np.delete(early[0], LATE), np.delete(found[1], LATE))


@pytest.mark.parametrize(("span", "has_year"), [(329.0, False), (329.99, False), (330.0, True)])
def test_eleven_months_tell_the_season(span, has_year):
    days = np.array([day(2020), day(2020) + 100.0, day(2020) + span])
    assert (varying_kinds(days, late=False) >= YEAR) == has_year


def test_dates_of_one_phase_have_no_season():
    # The phase turns by 2 pi in 365.2425 days: two days are 0.034, and three days 0.052.
    for apart, has_year in ((0, False), (2, False), (3, True)):
        days = np.array([day(2001, 7, 1), day(2005, 7, 1), day(2009, 7, 1 + apart)], float)
        assert (varying_kinds(days, late=False) >= YEAR) == has_year


def test_the_bits_of_a_file():
    kinds = [YEAR | {WEEKDAY, WEEKDAY + 6}, HOURS | {LATE}, set()]
    part = calendar_parts((1, 4, 5), kinds)
    assert part.feature.tolist() == [1] * 4 + [4] * 3
    assert part.kind.tolist() == sorted(kinds[0]) + sorted(kinds[1])
    arrays = part.arrays()
    assert arrays["date_parts"].tolist() == [0b001, 0b110, 0]
    assert arrays["date_weekdays"].tolist() == [0b1000001, 0, 0]
    assert part.output_columns() == part.feature.tolist()
    assert part.output_bounds().tolist() == [1, 1, WEEKDAY_SIZE, WEEKDAY_SIZE, 1, 1, 1]
    assert part.output_scaling() is None
    assert no_dates().arrays() == {}
    assert no_dates().n_outputs == 0
    assert calendar_parts((2,), [set()]).arrays()["date_parts"].tolist() == [0]


def test_a_table_of_single_precision_has_the_outputs_of_its_rounded_days():
    part = calendar_parts((0,), [YEAR | HOURS])
    values = np.array([[day(2024, 3, 5) + 0.3], [np.nan]], np.float32)
    into = np.full((2, 4), np.nan, np.float32)
    part.encode(RowBlock(values, np.isnan(values)), into)
    exact = calendar_outputs(values[:1, 0].astype(float))[0, : HOUR_COSINE + 1]
    assert into[0].tolist() == exact.astype(np.float32).tolist()
    assert into[1].tolist() == [0, 0, 0, 0]


def test_bodies_have_the_bits_of_the_calendar():
    random = np.random.default_rng(6)
    whole = np.arange(FIRST_DAY, LAST_DAY + 2, 37.0)
    around = np.arange(-200_000.0, 200_000.0)  # every day of 1,095 years
    days = np.concatenate((whole, around, around[:9000] + random.uniform(size=9000), [-1e9, 1e9]))
    expected = calendar_outputs(days)
    held = within_years(days)
    for kind, body in enumerate(CALENDAR_BODIES):
        np.testing.assert_array_equal(body(held), expected[:, kind])
    for day in range(7):
        np.testing.assert_array_equal(weekday_mark(held, float(day)), expected[:, WEEKDAY + day])
