"""Durations are refused, with the hours that one of them is; clock times and units are not."""

import pandas as pd
import pytest

from thalweg.data.notation.durations import duration_among, hours_of
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
        ("90 min", 1.5), ("36 s", 0.01),
    ],
)  # fmt: skip
def test_the_hours_of_a_duration(text, hours):
    assert hours_of(text) == pytest.approx(hours)


@pytest.mark.parametrize(
    "text",
    ["", "36", "12:75", "1:100", "a:15", "P", "PT", "3 apples", "5 kg 3 h", "h", "1 d 3", "1:2:3"],
)
def test_no_other_text_is_one(text):
    assert hours_of(text) is None


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
    assert "for hours" in caught.value.fix
    assert "--drop wait" in caught.value.fix
    assert caught.value.where.startswith('column "wait", row ')
    hours = frame.assign(wait=[hours_of(text) or 0 for text in texts])
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
