"""How dates are read, as plain data and as a person says it."""

import pytest

from thalweg.data.dates.date_formats import said_by_format
from thalweg.data.dates.date_grammar import FULL, MONTH, NO_DATE, NO_ZONE, TIME
from thalweg.data.dates.date_reading import (
    COUNTS,
    ORDERS,
    DateReading,
    is_form,
    is_zone,
    require_form,
    say_date,
)
from thalweg.errors import DataError, SettingsError

READINGS = [
    DateReading(),
    DateReading("mdy", "moment", "+05:30", True),
    DateReading("%d.%m.%Y %H:%M", "moment", "Europe/Berlin"),
    DateReading("excel"),
    DateReading("", "time"),
]


@pytest.mark.parametrize("reading", READINGS)
def test_plain_data_and_back(reading):
    assert DateReading.from_data(reading.as_data()) == reading


@pytest.mark.parametrize(
    "change",
    [
        {"form": "dym"}, {"form": "%Q"}, {"form": "%d" * 80}, {"form": 3}, {"grain": "year"},
        {"zone": "a b"}, {"zone": "x" * 65}, {"zone": "+25:00"}, {"zone": "Europe/Nowhere"},
        {"zone": None},
        {"zone": "dateutil//etc/passwd"}, {"zone": "../../etc/passwd"}, {"two_digits": 1},
        {"more": 1},
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused(change):
    with pytest.raises(DataError):
        DateReading.from_data({**DateReading().as_data(), **change})


def test_words():
    assert DateReading().words == "dates"
    assert READINGS[1].words == (
        "dates with times, month/day/year, years of two digits are 1930 to 2029, time zone +05:30"
    )
    assert READINGS[2].words == ("dates with times, %d.%m.%Y %H:%M, time zone Europe/Berlin")
    assert READINGS[3].words == "dates, Excel's serial numbers of days"
    assert READINGS[4].words == "times of day"
    assert DateReading("", "month").words == "months"


def test_how_to_say_in_which_form_dates_are_read():
    assert say_date("my day", "dmy", "mdy") == (
        "--date 'my day=dmy' or --date 'my day=mdy' on the command line, date={'my day': 'dmy'} "
        "or date={'my day': 'mdy'} in Python"
    )


@pytest.mark.parametrize(
    ("zone", "known"),
    [
        ("UTC", True), ("+00:00", True), ("-14:59", True), ("+14:00", True), ("+15:00", False),
        ("+05:60", False), ("+5:30", False), ("5:30", False), ("Europe/Berlin", True),
        ("Asia/Tokyo", True), ("Nowhere", False), ("", False), ("A" * 65, False), ("é", False),
        ("Etc/GMT+5", True), ("../UTC", False), ("Europe", False),
    ],
)  # fmt: skip
def test_which_zones_are_known(zone, known):
    assert is_zone(zone) == known


def test_a_format_has_64_characters_at_most():
    assert is_form("%d.%m.%Y" + "x" * 56)
    assert not is_form("%d.%m.%Y" + "x" * 57)


def test_forms_that_can_be_said():
    for form in (*ORDERS, *COUNTS, "%Y%m%d", "%d.%m.%y", "%H:%M", "%b %Y", "%I:%M %p"):
        require_form("a", form)
    for form in ("", "dd.mm.yyyy", "%d.%m", "%Y", "%d.%m.%Y %d", "%Q", "%I:%M", "%m %H", None, 3):
        assert not is_form(form)
    with pytest.raises(SettingsError, match="write one of dmy, mdy, ymd, excel") as caught:
        require_form("admitted", "dym")
    assert caught.value.what == "date={'admitted': 'dym'} has no meaning"
    with pytest.raises(SettingsError, match="%Q is not known; the codes are %Y"):
        require_form("admitted", "%Q-%m")


def test_formats():
    said = said_by_format(["31.12.2024", "1.2.2024", "31.13.2024", "31-12-2024"], "%d.%m.%Y")
    assert said.kind.tolist() == [FULL, FULL, FULL, NO_DATE]
    assert said.month.tolist()[:3] == [12, 2, 13]
    said = said_by_format(["Dec 24 at 1:45 PM +02:00"], "%b %y at %I:%M %p %z")
    assert (said.kind[0], said.month[0], said.year[0], said.east[0]) == (MONTH, 12, 24, 120)
    assert said.nanoseconds[0] == (13 * 60 + 45) * 60 * 10**9
    assert said.two_digits[0]
    said = said_by_format(["25:00", "7:30"], "%H:%M")
    assert (said.kind.tolist(), said.nanoseconds.tolist()[0]) == ([TIME, TIME], -1)
    assert said.east.tolist() == [NO_ZONE, NO_ZONE]
    assert said_by_format(["100%"], "%d%%%m%Y").kind.tolist() == [NO_DATE]
    assert said_by_format(["31 Foo 2024"], "%d %B %Y").kind.tolist() == [NO_DATE]
