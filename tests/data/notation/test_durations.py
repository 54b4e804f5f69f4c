"""Durations are refused, with the number that one of them is; clock times and units are not."""

import pandas as pd
import pytest

from thalweg.data.notation.durations import duration_among, duration_of
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("36:15:00", 36.25), ("36:15", 36.25), ("-1:30:00", -1.5), ("100:00:36", 100.01),
        ("1 d 3 h", 27), ("1d3h", 27), ("2 h 30 min", 2.5), ("2h30m", 2.5),
        ("1 day, 03:15:00", 27.25), ("2 Tage 6 Std.", 54), ("PT36H15M", 36.25), ("P1DT12H", 36),
        ("1,5 h 15 min", 1.75),
        ("90 min", 1.5), ("36 sec", 0.01), ("2 j 3 h", 51), ("1 h 5 m 36 s", 1.0933333), ("3 h", 3),
        ("1 saat 30 dk", 1.5), ("2 hours and 30 minutes", 2.5), ("P1W", 168),
    ],
)  # fmt: skip
def test_the_hours_of_a_duration(text, hours):
    found = duration_of(text)
    assert found.value == pytest.approx(hours)
    assert found.unit == "hours"
    # 59:56 may be minutes and seconds: then it is as many minutes.
    short_clock = text.count(":") == 1
    assert found.or_minutes == short_clock
    assert ("or for minutes if it is minutes and seconds" in found.in_words) == short_clock


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("2 Jahre 5 Monate", 29), ("1 Jahr und 1 Monat", 13), ("4 ans 3 mois", 51), ("P1Y2M", 14),
        ("7 yıl 3 ay", 87), ("7 YIL 3 AY", 87), ("2 años y 3 meses", 27), ("1 yr 6 mos.", 18),
        ("2 anni e 3 mesi", 27), ("2 jaar, 3 maanden", 27), ("3 lata 2 miesiące", 38),
    ],
)  # fmt: skip
def test_years_and_months_are_durations_in_months(text, months):
    found = duration_of(text)
    assert (found.value, found.unit) == (months, "months")
    assert found.in_words == f", here {months} for months"
    assert duration_among([text, *(text.replace("2", str(k)) for k in range(9))]) is not None


@pytest.mark.parametrize(
    "text",
    ["9 J. 11 M.", "9J 11M", "3 j 2 m", "3 d 2 m", "90 m 30 s", "3 a 2 m", "2 t 3 m", "2 y 5 m",
     "1 year 2 days", "P1Y2D", "3 Monate 2 Wochen"],
)  # fmt: skip
def test_no_number_is_said_where_a_letter_is_a_unit_in_several_languages(text):
    found = duration_of(text)
    assert (found.value, found.unit, found.in_words) == (0, "", "")
    frame = pd.DataFrame({"since": [text] * 20, "x": range(20)})
    with pytest.raises(DataError, match="A duration") as caught:
        infer_schema(frame)
    assert "or write numbers in one unit; if the cells" in caught.value.fix


@pytest.mark.parametrize(
    "text",
    ["", "36", "12:75", "1:100", "a:15", "P", "PT", "3 apples", "5 kg 3 h", "h", "1 d 3", "1:2:3"],
)
def test_no_other_text_is_one(text):
    assert duration_of(text) is None


@pytest.mark.parametrize(
    "texts",
    [
        [f"{k}:{k % 60:02}:00" for k in range(40)], [f"{k + 10}:{k % 60:02}" for k in range(40)],
        [f"{k % 5} h {k % 60} min" for k in range(40)], [f"PT{k}M" for k in range(40)],
        ["20 min", "1 h", "1 h 20 min"] * 12,
        ["38:14", "47:58", "12:10", "10:10", "k.A."] * 4, ["k.A.", *(f"{k}:20" for k in range(40))],
    ],
)  # fmt: skip
def test_a_column_of_durations_is_refused_with_a_fix_that_works(texts):
    frame = pd.DataFrame({"wait": texts, "x": range(len(texts))})
    with pytest.raises(DataError, match="A duration, which is not read") as caught:
        infer_schema(frame)
    assert " for hours" in caught.value.fix
    assert "--drop wait" in caught.value.fix
    assert caught.value.where.startswith('column "wait", row ')
    found = [duration_of(text) for text in texts]
    hours = frame.assign(wait=[each.value if each else 0 for each in found])
    assert infer_schema(hours).kinds == ("number", "number")
    assert infer_schema(frame, said=SaidColumns.of(category=["wait"])).kinds[0] == "category"
    assert infer_schema(frame, said=SaidColumns.of(text=["wait"])).kinds[0] == "identifier"


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        ([f"{k % 24}:{k % 60:02}" for k in range(40)], "date"),
        ([f"{k} h" for k in range(40)], "number"),
        ([f"{k}:{60 + k % 40}" for k in range(40)], "identifier"),  # results of games
        (["1 h 20 min", "a while"] * 20, "category"),
        (["18:14", "7:58", "12:10", "10:10", "k.A."] * 4, "category"),
        (["2024-01-03 10:00", "2024-01-04 11:30"] * 20, "date"),
    ],
)
def test_what_is_no_column_of_durations_stays_what_it_is(texts, kind):
    assert duration_among(texts) is None
    assert infer_schema(pd.DataFrame({"x": texts})).kinds == (kind,)
