"""What reports say about a model: the numbers of importance, effects and explain; and refusals."""

import json
import re

import numpy as np
import pandas as pd
import pytest

import thalweg
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.evaluation.any_estimator.row_origin import Origin
from thalweg.reporting.model_sections import about_evaluation
from thalweg.reporting.model_sections.about_model import about_model
from thalweg.reporting.model_sections.described_rows import DescribedRows

QUICK = {"hidden_layer_sizes": (8,), "max_iter": 60, "n_ensemble": 2, "random_state": 0}


def table(task, n=500, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 3)).round(3), columns=["a", "b", "c"])
    X["twin"] = (X["a"] + 0.1 * rng.normal(size=n)).round(3)
    X["kind"] = rng.choice(["u", "v", "w"], n)
    z = X["a"] + 0.7 * (X["kind"] == "u") + 0.5 * rng.normal(size=n)
    if task == "number":
        return X, z.to_numpy()
    edges = [0.2] if task == "two" else [-0.4, 0.6]
    return X, np.array(["low", "mid", "top"])[np.digitize(z, edges)]


@pytest.fixture(scope="module", params=["two", "several", "number"])
def described(request):
    X, y = table(request.param)
    model = (ThalwegRegressor if request.param == "number" else ThalwegClassifier)(**QUICK)
    model.fit(X[:350], y[:350])
    return DescribedRows(model, X[350:], y[350:], "test", 0, numbers=np.arange(1, 151))


@pytest.fixture(scope="module")
def about(described):
    return about_model(described)


def test_the_importance_is_that_of_python(described, about):
    from thalweg.estimators.importance.importance_of_model import find_importance

    nothing = Origin(len(described), np.empty(0, np.intp))
    found = find_importance(described.model, described.X, described.y, origin=nothing)
    assert about["left_out"] == {}
    lines = about["importance"]["lines"]
    frame = found.frame()
    assert [line["name"] for line in lines] == frame["column"].tolist()
    for end in ("value", "low", "high"):
        assert [line[end] for line in lines] == frame[end].tolist()
    assert about["importance"]["title"].startswith("What the network leans on: a, twin together")


def test_the_effects_are_those_of_python_in_the_order_of_importance(described, about):
    effects = thalweg.effects(described.model, described.X)
    section = about["effects"]
    columns = list(dict.fromkeys(each["column"] for each in section["curves"]))
    assert set(columns[:2]) == {"a", "twin"}
    assert sorted(columns) == ["a", "b", "c", "kind", "twin"]
    for curve in section["curves"]:
        (own,) = (e for e in effects if (e.column, e.output) == (curve["column"], curve["output"]))
        assert curve["mean"] == pytest.approx(own.mean.tolist(), rel=1e-5, abs=1e-12)
        assert curve["low"] == pytest.approx(own.low.tolist(), rel=1e-5, abs=1e-12)
        assert curve["sentence"] == own.sentence


def test_the_explained_rows_are_those_of_python(described, about):
    section = about["explained"]
    assert len(section["rows"]) == 3
    found = described.model.explain(described.X)
    for row in section["rows"]:
        k = (
            0
            if row["label"] is None or found.values.ndim == 2
            else found.classes.index(row["label"])
        )
        answers = found.answers.reshape(len(found), -1)[:, k]
        place = int(np.argmin(np.abs(answers - row["answer"])))
        values = found.values.reshape(*found.values.shape[:2], -1)[place, :, k]
        bars = {bar["column"]: bar["value"] for bar in row["bars"]}
        own = dict(zip(found.feature_names, values, strict=True))
        step = found.unit / 1000
        assert answers[place] == pytest.approx(row["answer"], abs=step)
        for name, value in bars.items():
            assert own[name] == pytest.approx(value, abs=step)
        total = row["base"] + sum(bars.values())
        assert total == pytest.approx(row["answer"], abs=5 * step)


def test_the_sections_are_the_same_for_any_order_of_rows(described, about):
    order = np.random.default_rng(3).permutation(len(described))
    again = about_model(
        DescribedRows(
            described.model, described.X.iloc[order], described.y[order], "test", 0,
            numbers=order + 1,
        )
    )  # fmt: skip
    assert json.dumps(again["explained"]) == json.dumps(about["explained"])
    assert again["importance"]["lines"] == about["importance"]["lines"]


def test_no_row_is_explained_unless_rows_are_asked_for(described, about):
    """Bars without cells would tell them: effect curves turn contributions into cells."""
    found = about_model(DescribedRows(described.model, described.X, described.y, "test", 0))
    assert found["explained"] is None
    assert "report(path, rows=True) explains three rows" in found["left_out"]["explained"]
    assert found["importance"] == about["importance"]
    rows = about["explained"]["rows"]
    cells = [bar["cell"] for row in rows for bar in row["bars"]]
    assert any(cell is not None for cell in cells)
    for row in rows:
        own = described.X.iloc[row["row"] - 1]
        assert row["truth"] == str(described.y[row["row"] - 1])
        for bar in row["bars"]:
            if bar["cell"] is not None:
                cell = own[bar["column"]]
                assert bar["cell"] == (cell if bar["column"] == "kind" else f"{cell:g}")


def test_below_fifty_rows_there_is_a_sentence_and_no_ranking(described):
    few = DescribedRows(
        described.model, described.X[:40], described.y[:40], "test", 0, elsewhere="Look there.",
        numbers=np.arange(1, 41),
    )  # fmt: skip
    found = about_model(few)
    assert found["importance"] is found["effects"] is None
    assert "at least 50" in found["left_out"]["importance"]
    assert found["left_out"]["importance"].endswith("Look there.")
    assert "too few for effect curves" in found["left_out"]["effects"]
    assert "weighs most" not in found["explained"]["title"]
    assert found["explained"]["title"].endswith("from so few rows, much of it may be noise")
    assert found["explained"]["notes"][0].startswith("Fewer than 50 rows evaluated the model")


def test_a_model_that_knows_nothing_has_no_order_of_columns_and_no_curves():
    X, _ = table("two")
    y = np.random.default_rng(9).permutation(np.repeat(["u", "v"], 250))
    model = ThalwegClassifier(**{**QUICK, "max_iter": 3}).fit(X[:350], y[:350])
    found = about_model(DescribedRows(model, X[350:], y[350:], "test", 0))
    assert found["importance"] is found["effects"] is None
    assert "not shown to know more than a constant" in found["left_out"]["importance"]
    assert "noise" in found["left_out"]["effects"]
    assert found["explained"] is None
    assert "noise" in found["left_out"]["explained"]


def test_an_evaluation_says_whether_knowledge_is_shown():
    from thalweg.reporting.model_sections.shown_knowledge import CAUTION, OF_FEW_ROWS, caution_of

    def verdict(said, n=100, **sections):
        found = {"constant": {"verdict": said}, "boosted trees": {"verdict": "worse"}}
        own = {"n_samples": n}
        return {"network": own, "differences": found, "sections": sections or None}

    assert caution_of(None) == caution_of(verdict("better")) == ""
    assert caution_of(verdict("undecided")) == caution_of(verdict("equivalent")) == CAUTION
    assert caution_of(verdict("undecided", n=49)) == CAUTION
    # Few rows that show that the model knows something are not said to show nothing.
    assert caution_of(verdict("better", n=49)) == OF_FEW_ROWS
    few = {"importance": "There are too few rows for the importance of columns: at least 50"}
    assert caution_of(verdict("better", left_out=few)) == OF_FEW_ROWS
    assert caution_of(verdict("undecided", importance={"title": ""})) == ""
    refused = "The model is not shown to know more than a constant answer, so there is nothing"
    assert caution_of(verdict("better", left_out={"importance": refused})) == CAUTION


def test_training_rows_do_not_say_what_a_model_leans_on(described):
    found = about_model(DescribedRows(described.model, described.X, described.y, "training", 0))
    assert found["importance"] is None
    assert "trained it" in found["left_out"]["importance"]


def test_of_many_rows_some_are_asked_and_it_is_said(described, monkeypatch):
    from thalweg.reporting.model_sections import described_rows

    monkeypatch.setattr(described_rows, "_MOST_WORK", 10)
    monkeypatch.setattr(described_rows, "_LEAST_ROWS", 120)
    found = about_model(described)
    assert found["importance"]["found"]["n_rows"] == 120
    assert "120 of 150 rows were used" in found["importance"]["found"]["rows"]


def test_whether_a_model_knows_anything_is_asked_of_all_rows_and_not_of_those_permuted(monkeypatch):
    from thalweg.reporting.model_sections import described_rows

    monkeypatch.setattr(described_rows, "_MOST_WORK", 10)
    monkeypatch.setattr(described_rows, "_LEAST_ROWS", 60)
    rng = np.random.default_rng(4)
    X = pd.DataFrame(rng.normal(size=(2400, 2)), columns=["a", "b"])
    y = np.where(rng.random(2400) < 0.5 + 0.12 * np.sign(X["a"]), "ill", "well")
    model = ThalwegClassifier(**{**QUICK, "max_iter": 5, "n_ensemble": 1}).fit(X[:400], y[:400])
    few = DescribedRows(model, X[400:460], y[400:460], "test", 0)
    assert "not shown to know more" in about_model(few)["left_out"]["importance"]
    found = about_model(DescribedRows(model, X[400:], y[400:], "test", 0))
    assert found["importance"]["found"]["n_rows"] == 60
    assert "60 of 2,000 rows were used" in found["importance"]["found"]["rows"]


def test_another_estimator_has_importance_and_curves_and_no_contributions():
    from sklearn.linear_model import LogisticRegression

    X, y = table("two")
    X = X[["a", "b", "c", "twin"]]
    model = LogisticRegression().fit(X[:350], y[:350])
    found = about_model(DescribedRows(model, X[350:], y[350:], "test", 0, subject="the model"))
    assert found["importance"]["title"].startswith("What the model leans on: a, twin together")
    assert {each["column"] for each in found["effects"]["curves"]} == {"a", "b", "c", "twin"}
    assert found["explained"] is None
    assert "networks of thalweg alone" in found["left_out"]["explained"]


def test_no_word_says_that_a_column_causes_something(about):
    said = [about["importance"]["title"], about["effects"]["title"], about["explained"]["title"]]
    said += [each["sentence"] for each in about["effects"]["curves"]]
    said += [row["sentence"] for row in about["explained"]["rows"]]
    for each in said:
        assert not re.search(r"\b(cause|because|due to|leads to|drives|effect of taking)", each)


def test_groups_of_a_weighted_evaluation_are_found_in_all_given_rows(monkeypatch):
    """Columns that go together in the weighted table may not in the evaluated rows."""
    X, y = table("two")
    rng = np.random.default_rng(5)
    X.loc[350:, "twin"] = rng.normal(size=150)
    weights = np.where(np.arange(500) < 350, 4.0, 1.0)
    model = ThalwegClassifier(**QUICK).fit(X[:350], y[:350])
    asked = []
    monkeypatch.setattr(about_evaluation, "about_model", asked.append)
    for sample_weight, groups in ((weights, [["a", "twin"]]), (1 / weights**2, [])):
        found = thalweg.evaluate(model, X, y, how="given", sample_weight=sample_weight)
        about_evaluation.about_evaluation(found, "", rows=False)
        assert len(asked[-1]) <= 150  # of the rows that did not train the model
        assert asked[-1].column_groups() == groups
