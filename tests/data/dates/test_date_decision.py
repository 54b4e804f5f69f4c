"""What the cells of a column prove of how its dates are written, and what is asked about."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.data.dates.date_decision import TextColumn, decide_dates
from thalweg.data.dates.date_reading import DateReading
from thalweg.errors import DataError


def decided(*texts, form="", weights=None, name="admitted"):
    given_weights = np.ones(len(texts)) if weights is None else np.array(weights, float)
    rows = np.arange(1, len(texts) + 1)
    return decide_dates(TextColumn(name, texts, given_weights, rows), form)


def refused(*texts, form="", **more):
    with pytest.raises(DataError) as caught:
        decided(*texts, form=form, **more)
    return caught.value


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2024-12-31"], DateReading()),
        (["31.12.2024"], DateReading("dmy")),
        (["01.02.2024"], DateReading("dmy")),  # full stops are day.month.year
        (["12.31.2024"], DateReading("mdy")),
        (["01/02/2024", "31/01/2024"], DateReading("dmy")),
        (["01/02/2024", "01/31/2024"], DateReading("mdy")),
        (["01-02-2024", "01-31-2024"], DateReading("mdy")),
        (["31 Dec 2024", "Dec 30, 2024", "2024-12-29"], DateReading()),
        (["1er janvier 2023", "2 mars 2023", "1er août 2022"], DateReading()),
        (["1º de enero de 2023", "1° gennaio 2023", "1ER MAI 2023"], DateReading()),
        (["31/12/99"], DateReading("dmy", two_digits=True)),
        (["99-12-31"], DateReading("ymd", two_digits=True)),
        (["13:45", "9:00"], DateReading("", "time")),
        (["2024-12", "2023-01"], DateReading("", "month")),
        (["2024-12-31", "2024-12-31T13:00"], DateReading("", "moment")),
        (["2024-12-31T13:00Z", "2024-12-30 13:00 UTC"], DateReading("", "moment", "UTC")),
        (["2024-12-31T13:00+0200"], DateReading("", "moment", "+02:00")),
        (["2024-12-31T13:00-03:30"], DateReading("", "moment", "-03:30")),
    ],
)
def test_what_one_cell_proves_holds_for_all(texts, expected):
    assert decided(*texts) == expected


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["red", "green"],
        ["2024-12-31", "red"],  # few dates and a word: names
        ["12-34-56", "20-00-00", "40-47-84"],  # sort codes
        ["12-31-03", "13-02-03"],  # month/day/year beside either of the two others
        ["2024-01", "2024-17"],  # numbers of a year, and not months
        ["1.2.3", "1.2.4"],
        ["192.168.0.1"],
    ],
)
def test_what_is_no_column_of_dates(texts):
    assert decided(*texts) is None


def test_cells_that_all_allow_both_orders_are_asked_about():
    error = refused("01/02/2024", "03/04/2024", name="when seen")
    assert error.what == (
        "Dates that can be read in 2 orders: '01/02/2024' is 2024-02-01 as day/month/year or "
        "2024-01-02 as month/day/year"
    )
    assert error.where == 'column "when seen", row 1'
    assert error.fix == (
        "say which it is: --date 'when seen=dmy' or --date 'when seen=mdy' on the command line, "
        "date={'when seen': 'dmy'} or date={'when seen': 'mdy'} in Python"
    )
    assert "ymd" in refused("01-02-03", "02-03-04").fix
    for form in ("dmy", "mdy", "ymd"):
        assert decided("01-02-03", "02-03-04", form=form) == DateReading(form, two_digits=True)
    # The very same day in both orders proves nothing of later cells.
    assert "2 orders" in refused("05/05/2024", "06/06/2024").what


def test_orders_that_contradict_each_other():
    error = refused("01/02/2024", "31/12/2024", "12/31/2024")
    assert error.what == "Dates in two orders in one column: '31/12/2024' and '12/31/2024'"
    assert error.where == 'column "admitted", row 3'
    assert error.why.startswith("Row 2 is a date only in one order")
    assert "--drop admitted" in error.fix


def test_a_date_that_does_not_exist():
    days = [f"2024-01-{day:02d}" for day in range(1, 10)]
    error = refused(*days, "2023-02-29")
    assert (error.what, error.where) == (
        "A date that does not exist: '2023-02-29'",
        'column "admitted", row 10',
    )
    assert "leave it empty" in error.fix
    assert "31/04" in refused(*[f"{day}/01/2024" for day in range(13, 30)], "31/04/2024").what
    assert "25:00" in refused(*[f"{hour}:00" for hour in range(10, 20)], "25:00").what


def test_words_among_dates():
    days = [f"2024-01-{day:02d}" for day in range(1, 21)]
    error = refused(*days[:4], "unknown", *days[4:])
    assert (error.what, error.where) == (
        "Text instead of a date: 'unknown'",
        'column "admitted", row 5',
    )
    assert "20 are dates, and 1 is other text" in error.why
    # By the weight of their rows words may be many.
    assert decided(*days, "unknown", weights=[1] * 20 + [6]) is None


def test_what_does_not_go_together():
    assert "A month alone" in refused("2024-12-31", "2024-12").what
    assert "A time alone" in refused("2024-12-31", "12:00").what
    zones = refused("2024-12-31T13:00+01:00", "2024-06-30T13:00+02:00")
    assert "several time zones" in zones.what
    assert zones.where == 'column "admitted", row 2'
    assert "several time zones" in refused("2024-12-31T13:00", "2024-12-31T13:00Z").what


def test_a_form_that_is_said():
    assert decided("20241231", form="%Y%m%d") == DateReading("%Y%m%d")
    assert decided("31.12.24 5h", form="%d.%m.%y %Hh").grain == "moment"
    assert decided("01/02/2024", form="mdy") == DateReading("mdy")
    error = refused("2024-12-31", "soon", form="mdy")
    assert error.what == "Text that is no date: 'soon'"
    assert "month/day/year" in error.why
    assert "31/12/2024" in refused("31/12/2024", form="mdy").what


@given(st.lists(st.dates(), min_size=1, max_size=30), st.sampled_from(["dmy", "mdy"]))
def test_never_silently_the_other_order(dates, order):
    texts = [
        f"{d.day:02d}/{d.month:02d}/{d.year:04d}"
        if order == "dmy"
        else f"{d.month:02d}/{d.day:02d}/{d.year:04d}"
        for d in dict.fromkeys(dates)
    ]
    if all(d.day <= 12 for d in dates):
        assert "2 orders" in refused(*texts).what
    else:
        assert decided(*texts).form == order


@given(st.lists(st.text(max_size=12), max_size=12))
def test_any_texts_are_decided_or_refused(texts):
    known = list(dict.fromkeys(texts))
    try:
        found = decided(*known)
    except DataError:
        return
    assert found is None or isinstance(found, DateReading)


def test_the_messages_say_where_what_and_how_to_fix_it():
    drop = "leave the column out (--drop admitted on the command line)"
    error = refused("31/12/2024", "05/01/2024", "12/31/2024", "06/01/2024")
    assert error.fix == f"write all dates of this column in one order, as in 2024-12-31; or {drop}"
    assert error.why == (
        "Row 1 is a date only in one order of day and month, and this one only in the other, so "
        "cells that allow both cannot be read"
    )
    # Nearly all cells prove one order; the first of the others is named.
    days = [f"{day}/01/2024" for day in range(13, 30)]
    error = refused(*days, "01/31/2024", "02/28/2024")
    assert error.what == "Dates in two orders in one column: '13/01/2024' and '01/31/2024'"
    assert error.where == 'column "admitted", row 18'
    error = refused("01/31/2024", *days)
    assert error.what == "Dates in two orders in one column: '01/31/2024' and '13/01/2024'"
    assert error.where == 'column "admitted", row 2'
    # No order makes a date of it.
    error = refused(*days, "31/31/2024")
    assert error.what == "A date that does not exist: '31/31/2024'"
    assert error.where == 'column "admitted", row 18'
    assert error.why == (
        "The other cells of this column are dates: the column is read as day/month/year; no "
        "calendar or clock has this one"
    )
    assert error.fix == f"correct the cell, or leave it empty if the date is not known; or {drop}"
    error = refused("2024-02-30", form="dmy")
    assert error.why == "No calendar or clock has it"
    error = refused("2024-02-30", "2024-02-28", form="%Y-%m-%d")
    assert error.why == (
        "The other cells of this column are dates: no calendar or clock has this one"
    )


@pytest.mark.parametrize(
    "text",
    ["2024-12-31T25:00", "2024-12-31T13:00:00+15:00", "2024-12-31T13:00+02:60", "2024-12-31T1:75"],
)
def test_a_time_or_an_offset_that_does_not_exist(text):
    error = refused(text, form="dmy")
    assert error.what == f"A time that does not exist: {text!r}"
    assert error.why == "No calendar or clock has it"


def test_offsets_up_to_fourteen_hours_and_59_minutes():
    assert decided("2024-12-31T13:00+14:59").zone == "+14:59"
    assert decided("2024-12-31T13:00-14:59").zone == "-14:59"


def test_what_tells_less_than_the_other_cells():
    drop = "leave the column out (--drop admitted on the command line)"
    error = refused("2024-12-31", "2024-11", "2024-10-31", "2024-09")
    assert error.what == "A month alone in a column of dates: '2024-11'"
    assert error.where == 'column "admitted", row 2'
    assert error.why == "Row 1 holds '2024-12-31', which tells more"
    assert error.fix == (
        "write the same parts of a date in all cells, or leave a cell empty where they are not "
        f"known; or {drop}"
    )
    error = refused("12:00", "2024-12-31")
    assert error.what == "A time alone in a column of dates: '12:00'"
    assert error.why == "Row 2 holds '2024-12-31', which tells more"


def test_cells_of_other_zones_are_named_in_the_order_of_their_rows():
    for texts in (
        ["2024-12-31T13:00+02:00", "2024-06-30T13:00+02:00", "2024-06-30T13:00+01:00"],
        ["2024-12-31T13:00+01:00", "2024-06-30T13:00+01:00", "2024-06-30T13:00+02:00"],
        ["2024-12-31T13:00", "2024-12-30T13:00", "2024-06-30T13:00Z"],
    ):
        error = refused(*texts)
        assert error.what == (
            f"Dates of several time zones in one column: {texts[0]!r} and {texts[2]!r}"
        )
        assert error.where == 'column "admitted", row 3'
        assert error.why == "Row 1 and this one are not on the same clock"
    three = [f"2024-12-31T13:00+0{hours}:00" for hours in (3, 2, 1)]
    error = refused(*three)
    assert error.what.endswith(f"in one column: {three[1]!r} and {three[2]!r}")
    assert error.why == "Row 2 and this one are not on the same clock"
    for texts in (three, three[:2]):
        assert refused(*texts).fix == (
            "write all times of this column in one zone, as in 2024-12-31T12:45:00Z; or leave the "
            "column out (--drop admitted on the command line)"
        )


def test_other_text_among_dates():
    days = [f"2024-01-{day:02d}" for day in range(1, 10)]
    error = refused(*days, "soon", "later")
    assert error.what == "Text instead of a date: 'soon'"
    assert error.why == ("Of the different cells of this column 9 are dates, and 2 are other text")
    rest = (
        "correct these cells, or leave them empty where the date is not known; or leave the "
        "column out (--drop admitted on the command line)"
    )
    assert error.fix == (
        'if they mean "not known", say so: --missing admitted=later '
        "--missing admitted=soon on the command line, missing={'admitted': ['later', 'soon']} in "
        f"Python; if not, {rest}"
    )
    many = [f"2024-01-{day:02d}" for day in range(1, 29)]
    assert refused(*many, "soon", "later", "never", "in a week").fix == rest
    # Eight dates beside a word are levels, and so are nine beside three words: not four to one.
    assert decided(*days[:8], "soon") is None
    assert decided(*days, "soon", "later", "never") is None
    assert decided(*days, "soon", weights=[4] * 9 + [9.5]) is None
    assert "soon" in refused(*days, "soon", weights=[4] * 9 + [9]).what
    error = refused(*days, "soon", "later", form="excel")
    assert error.why == (
        "date={'admitted': 'excel'} says that the column holds dates in Excel's serial numbers "
        "of days"
    )
    assert error.fix == (
        "correct the cell, leave it empty if the date is not known, or name another form"
    )
    error = refused("soon", "later", form="%d.%m.%Y")
    assert error.why.endswith("holds dates in the format %d.%m.%Y")


def test_a_text_is_named_by_its_first_row():
    column = TextColumn("d", ["2024-01-01", "soon", "later"], np.ones(3), np.array([7, 2000, 1500]))
    with pytest.raises(DataError) as caught:
        decide_dates(column, "dmy")
    assert caught.value.what == "Text that is no date: 'later'"
    assert caught.value.where == 'column "d", row 1,500'


def test_the_day_that_differs_is_shown():
    error = refused("05/05/2024", "01/02/2024")
    assert error.what == (
        "Dates that can be read in 2 orders: '01/02/2024' is 2024-02-01 as day/month/year or "
        "2024-01-02 as month/day/year"
    )
    assert error.where == 'column "admitted", row 2'
    assert error.why == "Every cell of this column allows both"
    error = refused("05/05/2024")
    assert "'05/05/2024' is 2024-05-05 as day/month/year or 2024-05-05 as" in error.what
    error = refused("01-02-03", "02-03-04")
    assert error.what == (
        "Dates that can be read in 3 orders: '01-02-03' is 2003-02-01 as day/month/year or "
        "2003-01-02 as month/day/year or 2001-02-03 as year/month/day"
    )
    assert error.why == "Every cell of this column allows all of them"
    # A year of four digits stands last, and so do the others.
    error = refused("01-02-03", "04-05-2024")
    assert "2 orders" in error.what
    assert "ymd" not in error.fix
    assert "two orders" in refused("31-12-03", "12-31-2003").what
    # Beside dates that tell by themselves.
    assert "'01/02/2024' is" in refused("2024-12-31", "01/02/2024").what


def test_midnight_is_a_day():
    assert decided("2024-12-31T00:00", "2024-12-30 00:00:00") == DateReading()
    assert decided("2024-12-31T00:00", "2024-12-30 00:00:00.001").grain == "moment"
