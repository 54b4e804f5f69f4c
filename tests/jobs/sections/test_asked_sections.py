"""What is asked of the sections: groups of any column, costs, and a range of thresholds."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.decisions.decision_curve import decision_curve
from thalweg.evaluation.subgroups.group_judging import judge_groups
from thalweg.jobs.decide import DecideRequest, decide
from thalweg.jobs.evaluate import EvaluateModelRequest, EvaluateRequest, evaluate
from thalweg.jobs.fit import FitRequest, fit
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.sections.asked_sections import AskedSections
from thalweg.persistence.model_file import read_model

SMALL = {"hidden_layer_sizes": (4,), "max_iter": 3, "n_folds": 2}
COSTS = AskedSections(missed=9, alarm=1)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """Tables of two and three classes and of a number; later rows of the first."""
    folder = tmp_path_factory.mktemp("asked")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=360).round(6), "b": rng.normal(size=360).round(6)})
    frame["town"] = rng.choice(["Bern", "Chur", ""], 360)
    frame["dose"] = rng.integers(0, 90, 360)
    frame["day"] = pd.date_range("2024-01-01", periods=360)
    u = frame["a"] + rng.normal(size=360)
    two = frame.assign(y=np.where(u > 0.3, "ill", "well"))
    two[:240].drop(columns="day").to_csv(folder / "two.csv", index=False)
    two[:240].to_parquet(folder / "two.parquet")
    two[240:].to_csv(folder / "later.csv", index=False)
    kinds = np.array(["low", "middle", "top"])[np.digitize(u, [-0.6, 0.6])]
    frame.assign(y=kinds)[:150].to_parquet(folder / "three.parquet")
    frame.assign(y=u.round(6))[:150].to_parquet(folder / "number.parquet")
    return folder


def request(kind, here, name, **more):
    columns = Columns(target="y", drop=("town", "dose", *(() if "csv" in name else ("day",))))
    return kind(table=str(here / name), columns=columns, settings=SMALL, **more)


@pytest.fixture(scope="module")
def plain(here):
    """A model of the defaults, in a file."""
    fit(request(FitRequest, here, "two.csv", output=str(here / "plain")))
    return here / "plain"


def test_costs_of_a_fit_are_the_rule_that_decide_stores(here, plain):
    told = fit(request(FitRequest, here, "two.csv", output=str(here / "m"), sections=COSTS))
    decide(DecideRequest(model=str(plain), missed=9, alarm=1, output=str(here / "decided")))
    own, theirs = (read_model(here / name).model for name in ("m", "decided"))
    assert own._chosen == theirs._chosen == by_costs(9, 1)
    assert own.settings_ == theirs.settings_
    assert np.array_equal(own.theta_, theirs.theta_)
    judged = told.result["judgement"]
    for each in (judged["network"], *judged["baselines"].values()):
        assert each["threshold"] == 1 / (1 + 9)
    assert judged["sections"]["threshold"]["chosen"] == by_costs(9, 1).as_dict()
    point = judged["sections"]["threshold"]["point"]
    assert (point["threshold"], point["missed"], point["alarm"]) == (1 / 10, 9, 1)


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize("how", ["table", "model", "refit"])
def test_costs_decide_in_every_evaluation_and_after_a_refit(here, plain, how):
    if how == "table":
        asked = request(EvaluateRequest, here, "two.csv", folds=2, repeats=1, sections=COSTS)
        judged = evaluate(asked).judgement
    elif how == "model":
        judged = evaluate(
            EvaluateModelRequest(model=str(plain), table=str(here / "later.csv"), sections=COSTS)
        ).judgement
    else:
        told = fit(request(FitRequest, here, "two.csv", refit=True, sections=COSTS))
        judged = told.result["judgement"]
        assert told.model._chosen == by_costs(9, 1)
    assert judged["network"]["threshold"] == 1 / 10
    assert judged["sections"]["threshold"]["chosen"]["by"] == "costs"


def test_groups_are_those_of_any_column_even_a_dropped_one(here, plain):
    by, missing = ("town", "dose", "a"), "missing"
    asked = partial(request, here=here, sections=AskedSections(by=by))
    tables = {
        name: fit(asked(FitRequest, name=name)).result["judgement"]["sections"]["subgroups"]
        for name in ("two.csv", "two.parquet")
    }
    assert tables["two.csv"] == tables["two.parquet"]
    town, dose, a = tables["two.csv"]["tables"]
    assert [town["column"], dose["column"], a["column"]] == [*by]
    assert [each["name"] for each in town["groups"]] == ["Bern", "Chur", missing]
    assert len(dose["groups"]) == 3  # thirds of a number
    assert sum(each["n"] for each in town["groups"]) == 48


def test_groups_of_a_saved_model_are_those_of_the_rows_that_it_answers(here, plain):
    later = pd.read_csv(here / "later.csv")
    found = evaluate(
        EvaluateModelRequest(
            model=str(plain), table=str(here / "later.csv"), sections=AskedSections(by=("town",))
        )
    ).judgement["sections"]["subgroups"]
    model = read_model(plain).model
    place = list(model.classes_).index(model.positive_)
    answers = answers_of(
        (later["y"] == model.positive_).to_numpy(), model.predict_proba(later[["a", "b"]])[:, place]
    )
    town = later["town"].astype(object).where(later["town"].notna(), None).to_numpy()
    names = sorted(model.classes_, key=model.positive_.__eq__)
    assert found == judge_groups(answers, {"town": town}, classes=names).as_dict()


def test_groups_of_a_cross_validation_are_those_of_its_rows(here):
    sections = AskedSections(by=("town",))
    asked = request(EvaluateRequest, here, "two.csv", folds=2, repeats=2, sections=sections)
    (town,) = evaluate(asked).judgement["sections"]["subgroups"]["tables"]
    cells = pd.read_csv(here / "two.csv")["town"].fillna("missing")
    assert {each["name"]: each["n"] for each in town["groups"]} == cells.value_counts().to_dict()


def test_weights_keep_each_value_beside_its_answer(here, tmp_path):
    table = pd.read_csv(here / "two.csv")
    table.assign(w=np.arange(240) % 3).to_csv(tmp_path / "w.csv", index=False)
    columns = Columns(target="y", drop=("town", "dose"), weight="w")
    asked = FitRequest(
        table=str(tmp_path / "w.csv"), columns=columns, settings=SMALL,
        sections=AskedSections(by=("w",)),
    )  # fmt: skip
    (by_weight,) = fit(asked).result["judgement"]["sections"]["subgroups"]["tables"]
    assert {each["name"] for each in by_weight["groups"]} == {"1", "2"}


def test_the_range_of_net_benefit_is_named(here):
    sections = AskedSections(first=0.05, last=0.3)
    asked = request(FitRequest, here, "two.csv", sections=sections)
    curve = fit(asked).result["judgement"]["sections"]["benefit"]["curve"]
    rows = answers_of([True, False] * 20, [0.4] * 40)
    assert curve["thresholds"] == list(decision_curve(rows, 0.05, 0.3).thresholds)
    assert curve["named"]


REFUSED = [
    ("three.parquet", COSTS, "are for two classes"),
    ("number.parquet", COSTS, "are for two classes"),
    ("number.parquet", AskedSections(first=0.1, last=0.2), "are for two classes"),
    ("two.csv", AskedSections(missed=9), "One of two costs"),
    ("two.csv", AskedSections(missed=0, alarm=1), "The cost of a missed positive row is 0"),
    ("two.csv", AskedSections(first=0.1), "One end of the range"),
    ("two.csv", AskedSections(first=0.4, last=0.2), "not in order"),
    ("two.csv", AskedSections(by=("y",)), "The target names no groups"),
    ("two.csv", AskedSections(by=("tow",)), 'Did you mean "town"'),
    ("two.parquet", AskedSections(by=("day",)), "A column of dates names no groups"),
]


@pytest.mark.parametrize(("name", "asked", "says"), REFUSED)
def test_what_a_table_does_not_have_is_refused_before_the_training(
    here, name, asked, says, monkeypatch
):
    monkeypatch.setattr(
        "thalweg.jobs.fitting.evaluated_fit.judge_on_holdout",
        lambda *_, **__: pytest.fail("trained"),
    )
    with pytest.raises((DataError, SettingsError), match=says) as error:
        fit(request(FitRequest, here, name, sections=asked))
    assert error.value.fix


def test_two_rules_for_one_threshold_are_refused(here):
    asked = FitRequest(
        table=str(here / "two.csv"), columns=Columns(target="y"), settings={"threshold": 0.2},
        sections=COSTS,
    )  # fmt: skip
    with pytest.raises(SettingsError, match="two rules for one threshold"):
        fit(asked)
