"""``thalweg decide``: the rule, the rows that choose, and the file that keeps the threshold."""

import json
import shutil
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.calibration.calibration_gate import calibration_gate
from thalweg.evaluation.decisions.floor_thresholds import by_sensitivity, by_specificity
from thalweg.jobs.fit import FitRequest, fit
from thalweg.jobs.parts.table_options import Columns
from thalweg.persistence.model_file import load_model, read_model

QUICK = ("--no-trees", "--epochs", "3", "--hidden", "4", "-q", "--bins", "0")


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Models of two classes, of three and of a number; later rows of the first."""
    here = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"dose": np.round(rng.normal(50, 9, 600), 3)})
    frame["age"] = np.round(rng.normal(40, 5, 600), 3)
    u = frame["dose"] - 50 + 9 * rng.normal(size=600)
    two = frame.assign(ill=np.where(u > 2, "yes", "no"))
    two[:300].to_csv(here / "two.csv", index=False)
    two[300:].to_csv(here / "later.csv", index=False)
    kinds = np.array(["low", "middle", "high"])[np.digitize(u, [-5, 6])]
    frame.assign(ill=kinds)[:150].to_csv(here / "three.csv", index=False)
    frame.assign(ill=np.round(40 + u, 2))[:150].to_csv(here / "number.csv", index=False)
    settings = {"hidden_layer_sizes": (4,), "max_iter": 3}
    for name in ("two", "three", "number"):
        columns = Columns(target="ill")
        table, model = (str(here / each) for each in (f"{name}.csv", name))
        fit(FitRequest(table=table, columns=columns, settings=settings, output=model))
    return here


@pytest.fixture
def said(cli):
    """What the command line says."""
    return lambda *arguments: Said(*cli(*arguments))


@pytest.fixture
def models(said, made):
    """The models and tables in the folder in which the command line runs."""
    shutil.copytree(made, ".", dirs_exist_ok=True)


def decide(said, *arguments):
    told = said("decide", *arguments, "--json")
    assert told.code == 0, told.err
    return json.loads(told.out)["result"]


def later(model):
    table = pd.read_csv("later.csv")
    p = model.predict_proba(table[["dose", "age"]])[:, list(model.classes_).index("yes")]
    return answers_of((table["ill"] == "yes").to_numpy(), p)


def test_costs_are_the_formula_and_everything_uses_the_file(said, models):
    found = decide(said, "two", "--missed", "9", "--alarm", "1", "-o", "decided")
    exact = 1.0 / (1.0 + 9.0)
    assert found["threshold"]["value"] == exact
    assert (found["threshold"]["by"], found["point"], found["file"]) == ("costs", None, "decided")
    assert found["before"]["value"] == 0.5
    model = load_model("decided")
    assert model.threshold_ == exact
    table = pd.read_csv("later.csv")
    p = model.predict_proba(table)[:, 1]
    assert np.array_equal(model.predict(table) == "yes", p > exact)
    told = json.loads(said("predict", "decided", "later.csv", "--json").out)["result"]
    assert told["threshold"] == exact
    assert [row["prediction"] == "yes" for row in told["predictions"]] == (p > exact).tolist()
    judged = json.loads(said("evaluate", "decided", "later.csv", "--json").out)["result"]
    assert judged["judgement"]["network"]["threshold"] == exact
    shown = said("show", "decided")
    assert "yes above a probability of 0.1" in shown.out
    assert 'a missed "yes" row costs as much as 9 false alarms' in shown.out
    assert "the threshold was 0.5. Now it is 0.1" in " ".join(shown.out.split())
    said("report", "decided", "-o", "r.html")
    with open("r.html", encoding="utf-8") as page:
        assert "the threshold was 0.5. Now it is 0.1" in page.read()
    # All else is that of the model before.
    before, after = read_model("two"), read_model("decided")
    assert after.judgement == before.judgement
    assert np.array_equal(after.model.theta_, before.model.theta_)


def test_costs_are_evaluated_on_a_table_with_its_calibration(said, models):
    found = decide(said, "two", "later.csv", "--missed", "9", "--alarm", "1")
    rows = later(load_model("two"))
    point, called = found["point"], rows.answer > 0.1
    assert point["true_positive"] == (rows.truth & called).sum()
    assert point["false_positive"] == (~rows.truth & called).sum()
    cost = (9 * (rows.truth & ~called).sum() + (~rows.truth & called).sum()) / len(rows)
    assert point["cost"]["value"] == pytest.approx(cost)
    assert not found["chose_itself"]
    p_value = calibration_gate(rows).p_value
    assert found["calibration"]["p_value"] == pytest.approx(p_value)
    assert found["calibration"]["rejected"] == (p_value < 0.05)
    assert found["threshold"]["value"] == 0.1  # nothing is tuned
    told = said("decide", "two", "later.csv", "--missed", "9", "--alarm", "1")
    assert "presupposes calibrated probabilities" in " ".join(told.out.split())
    said = "There is no sign that the model was trained on some of these 300 rows: the short hashes"
    assert said in " ".join(told.err.split())


def test_too_few_rows_of_a_class_are_not_tested_as_in_every_other_place(said, models):
    """`fit` gives no slope from fewer than 20 rows of a class; nor does this verb test them."""
    table = pd.read_csv("later.csv", dtype=str)
    target = load_model("two").positive_
    column = next(name for name in table if str(target) in set(table[name]))
    few = pd.concat([table[table[column] == str(target)][:13], table[table[column] != str(target)]])
    few.to_csv("few.csv", index=False)
    found = decide(said, "two", "few.csv", "--missed", "9", "--alarm", "1")["calibration"]
    assert found["p_value"] is None
    assert '13 "yes" and' in found["sentence"]
    assert "are too few: 20 of each are needed" in found["sentence"]


@pytest.mark.parametrize(
    ("option", "rule"), [("--sensitivity", by_sensitivity), ("--specificity", by_specificity)]
)
def test_a_floor_is_chosen_on_the_table_with_confidence(said, models, option, rule):
    found = decide(said, "two", "later.csv", option, "0.9", "--confidence", "0.8", "-o", "m")
    expected = rule(later(load_model("two")), 0.9, 0.8)
    assert found["threshold"]["value"] == expected.value == load_model("m").threshold_
    assert found["threshold"]["confidence"] == 0.8
    assert found["chose_itself"]
    told = said("decide", "two", "later.csv", option, "0.9")
    told = " ".join(told.out.split())
    assert "With 95 % confidence" in told
    assert "so these counts do not evaluate it" in told
    assert found["calibration"] is None  # a floor holds whatever the probabilities are


def test_without_a_table_held_out_rows_choose_and_claim_nothing(said, models):
    found = decide(said, "two", "--sensitivity", "0.9")["threshold"]
    model = load_model("two")
    scores = model._known.conformal.of_all_rows()[1]  # of yes, the positive class
    assert (found["how"], found["confidence"]) == ("out-of-fold", None)
    assert found["n_samples"] == 240  # all training rows were held out once
    assert found["n_class"] == len(scores)
    assert found["not_met"] == (scores <= found["value"]).sum()
    assert np.nextafter(found["value"], 1) in scores
    f = decide(said, "two", "--f1")["threshold"]
    assert (f["by"], f["how"]) == ("f", "out-of-fold")
    assert 0 < f["value"] < 0.5
    assert "No confidence is claimed" in " ".join(
        said("decide", "two", "--sensitivity", "0.9").out.split()
    )


def test_held_out_rows_that_are_not_all_there_are_not_used(said, models):
    table = pd.read_csv("two.csv").assign(ward=np.arange(300) // 3)
    table.to_csv("wards.csv", index=False)
    said("fit", "wards.csv", "--target", "ill", "--group", "ward", "-o", "wards", *QUICK)
    told = said("decide", "wards", "--sensitivity", "0.9")
    assert told.code == 1
    assert "does not have the answers of all held-out rows" in told.err
    assert decide(said, "wards", "later.csv", "--sensitivity", "0.9")["threshold"]["how"] == "test"


def test_rows_of_the_fit_are_left_out_and_a_table_of_nothing_else_is_refused(said, models):
    found = json.loads(said("decide", "two", "two.csv", "--f1", "--json").out)
    assert found["data"]["trained_on"] == 240
    assert found["result"]["threshold"]["n_samples"] == 60
    told = said("fit", "two.csv", "--target", "ill", "--refit", "-o", "again", *QUICK)
    assert told.code == 0, told.err
    told = said("decide", "again", "two.csv", "--f1")
    assert told.code == 1
    assert "was trained on all of these rows" in told.err


def test_the_model_itself_is_replaced_only_by_force(said, models):
    rule = ("--missed", "3", "--alarm", "1")
    told = said("decide", "two", *rule, "-o", "two")
    assert told.code != 0
    assert load_model("two").threshold_ == 0.5
    assert decide(said, "two", *rule, "-o", "two", "--force")["file"] == "two"
    assert load_model("two").threshold_ == 0.25


def test_a_threshold_of_the_fit_is_replaced(said, models):
    asked = ("fit", "two.csv", "--target", "ill", "--threshold", "0.3", "-o", "own", *QUICK)
    told = said(*asked, "--json")
    judged = json.loads(told.out)["result"]["judgement"]
    assert {each["threshold"] for each in (judged["network"], *judged["baselines"].values())} == {
        0.3
    }
    found = decide(said, "own", "--missed", "1", "--alarm", "1", "-o", "m")
    assert found["before"]["by"] == "given"
    assert load_model("m").threshold_ == 0.5
    assert load_model("m").get_params()["threshold"] is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("two",), "No rule for the threshold is given"),
        (("two", "--missed", "9"), "One of two costs is given"),
        (("two", "--f1", "--sensitivity", "0.9"), "2 rules for one threshold"),
        (("two", "--f1", "--confidence", "0.9"), "leave out --confidence"),
        (("two", "--missed", "0", "--alarm", "1"), "The cost of a missed positive row is 0"),
        (("two", "--sensitivity", "1"), "The floor is 1.0, not between 0 and 1"),
        (("two", "--sensitivity", "nan"), "not between 0 and 1"),
        (("two", "--f1", "--target", "age"), "--target age is not the target of this model"),
        (("two", "--f1", "--drop-row", "1"), "--drop-row is about a table"),
        (("two", "--f1", "--empty", "age"), "leave out --empty"),
        (("three", "--f1"), "this model predicts 3 classes"),
        (("three",), "this model predicts 3 classes"),
        (("number", "--f1"), "this model predicts numbers"),
        (("two", "--sensitivity", "0.999"), 'needs 2,995 "yes" rows, and there are'),
        (("two", "later.csv", "--sensitivity", "0.999"), "or lower, or give more rows"),
        (("two", "--f1", "-o", "m.csv"), "m.csv"),
    ],
)
def test_what_cannot_be_decided_is_refused(said, models, arguments, says):
    told = said("decide", *arguments)
    assert told.code in (1, 2)
    assert says in " ".join(told.err.split())
    assert not told.out
