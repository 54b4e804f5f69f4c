"""What a page says of the curves of a column."""

from thalweg.evaluation.section_texts.effect_texts import TitledCurve, title_of
from thalweg.reporting.page.about_model_data import drawn_about, said_of_curves, with_unit
from thalweg.reporting.page.sections.every_task import _ends

UNLIKE = (
    "no statement above 64 (17 % of the rows): most rows moved to 82 are unlike the training rows"
)


def said(*sentences):
    return said_of_curves(
        [
            {"output": name, "sentence": each, "missing": None, "notes": []}
            for name, each in zip("abc", sentences, strict=False)
        ]
    )


def test_of_classes_each_claim_is_said_and_once_where_nothing_is():
    assert said(
        f"rises throughout; lower by 0.2 if missing; {UNLIKE}",
        f"no clear direction: the networks disagree; {UNLIKE}",
        f"higher by 0.2 if missing; a value moves the answer by 0.1 or less; {UNLIKE}",
    ) == [
        "a: rises throughout; lower by 0.2 if missing",
        "c: higher by 0.2 if missing; a value moves the answer by 0.1 or less",
        "b: no clear direction: the networks disagree",
        UNLIKE,
    ]
    few = "no statement: the model learned this class from 5 rows, and fewer than 20 show no "
    few += "direction"
    assert said("rises throughout", few) == ["a: rises throughout", f"b: {few}"]
    nothing = "no statement: most rows moved to other values are unlike the training rows"
    assert said(nothing, nothing) == [f"all classes: {nothing.split(':')[0]}"]
    assert said(f"rises throughout; {UNLIKE}") == [f"rises throughout; {UNLIKE}"]


def section(scale, answer, outputs, mean=None):
    curve = {
        "column": "ward", "kind": "ale", "values": "category", "x": [0.0, 1.0],
        "texts": ["A", "B"], "mean": [-0.1, 0.1], "low": [-0.2, 0.0], "high": [0.0, 0.2],
        "members": [[-0.1, 0.1]], "rows_in_bin": [50, 50], "supported": [True, True],
        "missing": {"mean": 0.05, "low": 0.01, "high": 0.09, "members": [0.05], "rows": 30,
                    "supported": True},
        "density": [], "size": 0.1, "base": 0.2, "sentence": "higher for B than for A", "notes": [],
    }  # fmt: skip
    return {
        "title": "", "answer": answer, "scale": scale, "rows": "", "mean_probability": mean,
        "curves": [{**curve, "output": name} for name in outputs], "n_columns": 1, "without": [],
        "notes": [],
    }  # fmt: skip


def drawn(*given):
    return drawn_about({"effects": section(*given)})["effects"]


def test_effects_have_their_unit_on_the_page():
    odds = drawn("log-odds", "log-odds of yes", ["yes"], 0.354)
    assert (odds["axis"], odds["unit"]) == ("probability of yes", "")
    assert odds["zero"] == "the mean over the rows, 35.4\N{NO-BREAK SPACE}%"
    said = "missing: +0.05 log-odds [+0.01, +0.09], 30 rows"
    assert odds["effects"][0]["said"] == ["higher for B than for A", said]
    price = drawn("number", "predicted price", [""])
    assert price["axis"] == "change of the predicted price"
    assert price["zero"] == "0: the mean over the rows"
    assert price["effects"][0]["said"][1] == "missing: +0.05 units of price [+0.01, +0.09], 30 rows"
    quantile = drawn("number", "predicted 0.9 quantile of price", [""])
    assert quantile["axis"] == "change of the predicted 0.9 quantile of price"
    assert quantile["effects"][0]["said"] == price["effects"][0]["said"]
    assert "missing: +0.05 [" in drawn("number", "predicted number", [""])["effects"][0]["said"][1]
    shares = drawn("probability", "probability of each class", ["a", "b", "c"])
    assert shares["axis"] == "change of the probability of each class, percentage points"
    [effect] = shares["effects"]
    # Levels have their intervals, which curves of several classes have not.
    assert [each["mean"] for each in effect["curves"]] == [[-10, 10]] * 3
    assert effect["curves"][0]["high"] == [0, 20]
    assert "members" not in effect["curves"][0]


def test_curves_are_counted_in_the_unit_of_the_target():
    effects = section("number", "predicted price", [""])
    effects["title"] = "With a, the predicted price hardly matters: 0.2 units of price or less"
    effects["curves"][0]["sentence"] = "a value moves the answer by 0.2 units of price or less"
    report = {"table": {"unit": "EUR"}, "sections": {"effects": effects}}
    shown = with_unit(report)["sections"]["effects"]
    assert shown["title"].endswith("0.2 EUR or less")
    assert drawn_about({"effects": shown})["effects"]["effects"][0]["said"] == [
        "a value moves the answer by 0.2 EUR or less",
        "missing: +0.05 EUR [+0.01, +0.09], 30 rows",
    ]
    assert with_unit({**report, "table": {}})["sections"]["effects"] is effects
    unnamed = section("number", "predicted number", [""])
    shown = with_unit({**report, "sections": {"effects": unnamed}})["sections"]["effects"]
    assert "+0.05 EUR" in drawn_about({"effects": shown})["effects"]["effects"][0]["said"][1]


def test_the_title_speaks_of_the_class_with_the_largest_curve():
    curves = [
        TitledCurve("a", "red", "no clear direction: the networks disagree", 0.4),
        TitledCurve("a", "green", "rises throughout", 0.1),
        TitledCurve("a", "blue", "falls throughout", 0.3),
        TitledCurve("b", "red", "rises throughout", 0.9),
    ]
    assert title_of(curves, "probability") == "With a, the answer for blue falls throughout"


def test_a_column_of_days_has_a_median_that_is_a_day():
    column = {"kind": "date", "low": 18_262.0, "median": 18_262.5, "high": 18_263.0}
    assert _ends(column)[:3] == ("2020-01-01", "2020-01-01", "2020-01-02")
