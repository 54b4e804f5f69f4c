"""Columns of dates: found, read as days, and read again in later tables."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.schema import Schema, infer_schema
from thalweg.errors import DataError, SettingsError


@pytest.mark.parametrize(
    ("series", "words", "days"),
    [
        (pd.to_datetime(["2020-01-01", None]), "dates", 18_262),
        (pd.to_datetime(["2020-01-01T06:00", None]), "dates with times", 18_262.25),
        (pd.to_datetime(["2020-01-01", None], utc=True), "dates, time zone UTC", 18_262),
        (
            pd.to_datetime(["2020-01-01T23:00Z", None], utc=True).tz_convert("Europe/Berlin"),
            "dates, time zone Europe/Berlin",
            18_263,
        ),
        (pd.period_range("2020", periods=2, freq="D"), "dates", 18_262),
        (pd.period_range("2020", periods=2, freq="M"), "months", 18_262),
        (np.array(["2020", "2021"], "datetime64[Y]").astype(object), "dates", 18_262),
        ([date(2020, 1, 1), None], "dates", 18_262),
        ([datetime(2020, 1, 1, 12), pd.NaT], "dates with times", 18_262.5),
        ([datetime(2020, 1, 1, 12, tzinfo=UTC)], "dates with times, time zone UTC", 18_262.5),
        ([np.datetime64("2020-01-01"), "02.01.2020"], "dates, day/month/year", 18_262),
        ([datetime(2020, 1, 1, 12).time(), None], "times of day", 0.5),
    ],
)
def test_dates_of_every_type_are_days(series, words, days):
    frame = pd.DataFrame({"when": pd.Series(series)})
    schema = infer_schema(frame)
    assert schema.kinds == ("date",)
    assert schema.columns[0].notation.words == words
    assert str(schema).splitlines()[1] == f"  when  date: {words}"
    matrix = schema.matrix(frame)
    assert matrix[0, 0] == days
    assert np.array_equal(
        schema.matrix(pd.concat([frame] * 40))[: len(frame)], matrix, equal_nan=True
    )
    again = Schema.from_header(schema.to_header())
    assert again == schema
    assert schema.codings[0].startswith("date")


def test_dates_in_an_array():
    days = np.array([["2020-01-01", "2020-01-02"]], "datetime64[D]").T
    schema = infer_schema(days)
    assert (schema.kinds, schema.matrix(days)[:, 0].tolist()) == (("date",), [18_262, 18_263])
    many = np.repeat(days, 40, axis=0)
    assert schema.matrix(many)[:, 0].tolist() == [18_262] * 40 + [18_263] * 40


def test_later_dates_in_another_notation_are_the_same_days_or_refused():
    fitted = infer_schema(pd.DataFrame({"when": ["31/12/2023", "01/02/2024"]}))
    for cells in (
        ["2023-12-31", "2024-02-01"],
        ["31 Dec 2023", "1 February 2024"],
        ["31.12.2023", "1.2.2024"],
        pd.to_datetime(["2023-12-31", "2024-02-01"]),
    ):
        found = fitted.matrix(pd.DataFrame({"when": cells}))
        assert found[:, 0].tolist() == [19_722, 19_754]
    for cell in ("12/31/2023", "2023-12-31T10:00Z", "10:00", "2023-12", "soon", 3, True):
        for n_rows in (1, 50):
            with pytest.raises(DataError) as caught:
                fitted.matrix(pd.DataFrame({"when": [*["31/12/2023"] * n_rows, cell]}))
            assert caught.value.where == f'column "when", row {n_rows + 1}', cell
            assert caught.value.fix


@pytest.mark.parametrize(
    ("form", "cells", "day"),
    [
        ("excel", [45_657, 45_658.5, None], 20_088),
        ("excel", ["45657", "45658.5", ""], 20_088),
        ("excel-1904", [44_195, 44_196.5, None], 20_088),
        ("unix", [1_735_603_200, 1_735_603_201, None], 20_088),
        ("unix-ms", ["1735603200000", "1735603201000", "NA"], 20_088),
        ("%Y%m%d", [20_241_231, 20_250_101, None], 20_088),
        ("%Y%m%d", ["20241231", "20250101", "?"], 20_088),
        ("mdy", ["12/11/2024", "01/02/2024", ""], 20_068),
    ],
)
def test_what_is_said_of_dates(form, cells, day):
    frame = pd.DataFrame({"when": cells})
    schema = infer_schema(frame, said=SaidColumns.of(date={"when": form}))
    assert (schema.kinds, schema.date_forms) == (("date",), {"when": form})
    for n_times in (1, 20):
        matrix = schema.matrix(pd.concat([frame] * n_times, ignore_index=True))
        assert matrix[0, 0] == day
        assert np.isnan(matrix[2, 0])
    # The very days as a table with types has them.
    dates = pd.DataFrame({"when": [date(1970, 1, 1) + timedelta(days=day)]})
    assert schema.matrix(dates)[0, 0] == day


def test_what_is_said_and_is_not_so():
    frame = pd.DataFrame({"when": ["45657", "soon"]})
    with pytest.raises(DataError, match=r"none of Excel's serial numbers of days: 'soon'.*row 2"):
        infer_schema(frame, said=SaidColumns.of(date={"when": "excel"}))
    with pytest.raises(DataError, match=r"serial numbers of days: 60.*row 1"):
        infer_schema(pd.DataFrame({"when": [60, 61]}), said=SaidColumns.of(date={"when": "excel"}))
    with pytest.raises(DataError, match='no feature "then" to be a date'):
        infer_schema(frame, said=SaidColumns.of(date={"then": "dmy"}))
    with pytest.raises(SettingsError, match="said to hold two things"):
        SaidColumns.of(category=["when"], date={"when": "dmy"})


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("03/02/2024", "that can be read in several orders: '03/02/2024' is 2024-02-03 as "
         "day/month/year or 2024-03-02 as month/day/year"),
        ("03/02/2024 10:30", "that can be read in several orders: '03/02/2024 10:30' is"),
        ("03/03/2024", "that does not exist, or does not go with the column: '03/03/2024'"),
        ("13/13/2024", "that does not exist, or does not go with the column: '13/13/2024'"),
    ],
)  # fmt: skip
def test_a_later_date_of_two_orders_is_said_to_be_one(cell, said):
    months = ["janvier", "février", "mars", "avril"]
    fitted = pd.DataFrame({"vu": [f"{1 + k % 28} {months[k % 4]} 2024" for k in range(40)]})
    schema = infer_schema(fitted)
    assert schema.kinds[0] == "date"
    for n_rows in (1, 60):
        with pytest.raises(DataError) as told:
            schema.matrix(pd.DataFrame({"vu": [cell] * n_rows}))
        assert told.value.what.startswith(f"A date {said}")
        assert "write the date as in 2024-12-31" in told.value.fix
