"""The sections beside a verdict: the same numbers from the job, in the model file, in Python."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

import thalweg
from stored_pages import kept
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.task_judging import task_of
from thalweg.evaluation.verdict_sections import labels_of, sections_of_answers
from thalweg.jobs.evaluate import EvaluateModelRequest, EvaluateRequest
from thalweg.jobs.evaluate import evaluate as evaluate_job
from thalweg.jobs.fit import FitRequest
from thalweg.jobs.fit import fit as fit_job
from thalweg.jobs.parts.table_options import Columns
from thalweg.persistence.model_file import read_model

SMALL = {"hidden_layer_sizes": (4,), "max_iter": 3}


def without_model(sections):
    """The sections without what is about a model, which an `Evaluation` does not compute."""
    about = ("importance", "effects", "explained")
    kept = {key: part for key, part in sections.items() if key not in about}
    left_out = {key: why for key, why in sections["left_out"].items() if key not in about}
    return {**kept, "left_out": left_out}


def table_of(kind, n=150):
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(n, 2)).round(6), columns=["a", "b"])
    z = X["a"] + random.normal(size=n)
    if kind == "numbers":
        return X.assign(y=z.round(6))
    edges = [0.0] if kind == "two" else [-0.6, 0.6]
    return X.assign(y=np.array(["low", "middle", "top"])[np.digitize(z, edges)])


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize("kind", ["two", "three", "numbers"])
def test_fit_file_and_python_have_the_same_sections(kind, tmp_path):
    table = table_of(kind)
    table.to_csv(tmp_path / "t.csv", index=False)
    request = FitRequest(
        table=str(tmp_path / "t.csv"), columns=Columns(target="y"), settings=SMALL, seed=0,
        output=str(tmp_path / "m.safetensors"),
    )  # fmt: skip
    judged = fit_job(request).result["judgement"]
    assert read_model(tmp_path / "m.safetensors").judgement["sections"] == kept(judged["sections"])
    estimator = ThalwegRegressor if kind == "numbers" else ThalwegClassifier
    positive = {"positive": judged["positive"]} if kind == "two" else {}
    model = partial(estimator, random_state=0, **positive)(**SMALL)
    found = thalweg.evaluate(model, table[["a", "b"]], table["y"], seed=0, **positive).as_dict()
    assert found["sections"] == without_model(judged["sections"])
    assert found["judgement"]["network"] == judged["network"]


@pytest.mark.parametrize("kind", ["two", "three"])
def test_no_file_has_the_exact_probability_of_a_row(kind, tmp_path):
    table_of(kind, 600).to_csv(tmp_path / "t.csv", index=False)
    model = str(tmp_path / "m.safetensors")
    judged = fit_job(
        FitRequest(
            table=str(tmp_path / "t.csv"), columns=Columns(target="y"), settings=SMALL,
            output=model, predictions=str(tmp_path / "p.csv"),
        )
    ).result["judgement"]  # fmt: skip
    rows = pd.read_csv(tmp_path / "p.csv")
    exact = {repr(float(p)) for column in rows.filter(like="p_") for p in rows[column]}
    assert len(exact) > 50
    with open(model, "rb") as file:
        text = file.read().decode("latin-1")
    assert not {p for p in exact if p in text}
    found = judged["sections"]["calibration"]["found"]
    for each in found.get("classes", [found]):
        curve = each["curve"]
        assert curve["observed"] == sorted(curve["observed"])
        assert curve["low"] == [round(p, 3) for p in curve["low"]]


def test_the_rule_of_the_model_is_in_the_sections_of_job_and_python(tmp_path):
    table = table_of("two")
    settings = {**SMALL, "class_weight": {"top": 4.0, "low": 1.0}}
    chosen = []
    request = FitRequest(
        table=str(tmp_path / "t.csv"), columns=Columns(target="y", positive="top"),
        settings=settings,
    )  # fmt: skip
    table["y"] = table["y"].replace({"middle": "top"})
    table.to_csv(tmp_path / "t.csv", index=False)
    chosen.append(fit_job(request).result["judgement"]["sections"]["threshold"]["chosen"])
    model = ThalwegClassifier(random_state=0, positive="top", **settings)
    found = thalweg.evaluate(model, table[["a", "b"]], table["y"], positive="top")
    chosen.append(found.as_dict()["sections"]["threshold"]["chosen"])
    for each in chosen:
        assert (each["by"], each["missed"], each["alarm"], each["value"]) == ("costs", 4, 1, 0.2)


def test_cross_validation_has_the_sections_of_its_first_repetition(tmp_path):
    table_of("two").to_csv(tmp_path / "t.csv", index=False)
    asked = partial(
        EvaluateRequest, table=str(tmp_path / "t.csv"), columns=Columns(target="y"),
        settings=SMALL, folds=2,
    )  # fmt: skip
    twice, once = (evaluate_job(asked(repeats=n)).judgement["sections"] for n in (2, 1))
    # Whether the model knows more than a constant answer is the verdict's, of all repetitions.
    said = [each["left_out"].pop("importance") for each in (twice, once)]
    assert all("not shown to know more than a constant answer" in each for each in said)
    assert twice == once
    assert once["how"] == "cross-validated"
    assert once["n_samples"] == 150
    assert once["coverage"]["found"]["refused"] is None


def test_scaled_intervals_of_a_holdout_are_the_models_own(tmp_path):
    table = table_of("numbers", 400)
    table.to_csv(tmp_path / "t.csv", index=False)
    settings, model = {**SMALL, "interval_kind": "scaled"}, str(tmp_path / "m.safetensors")
    judged = fit_job(
        FitRequest(
            table=str(tmp_path / "t.csv"), columns=Columns(target="y"), settings=settings, seed=0,
            output=model,
        )
    ).result["judgement"]  # fmt: skip
    file = read_model(model)
    assert file.judgement["sections"] == kept(judged["sections"])
    found = thalweg.evaluate(
        ThalwegRegressor(random_state=0, **settings), table[["a", "b"]], table["y"], seed=0
    )
    assert found.as_dict()["sections"] == without_model(judged["sections"])
    places = found.verdict.places
    low, high = file.model.predict_interval(table[["a", "b"]].iloc[places]).T
    truth = table["y"].to_numpy()[places]
    inside = np.mean((low <= truth) & (truth <= high))
    coverage = judged["sections"]["coverage"]
    assert coverage["found"]["coverage"]["value"] == pytest.approx(inside)
    assert coverage["sentence"].startswith("Scaled intervals at 90 % hold ")


def test_scaled_intervals_of_a_cross_validation_are_those_of_the_model_of_each_fold(
    tmp_path, monkeypatch
):
    table = table_of("numbers", 400)
    table.to_csv(tmp_path / "t.csv", index=False)
    ends, own = [], ThalwegRegressor.predict_interval

    def seen(self, X, confidence_level=0.9):
        found = own(self, X, confidence_level)
        ends.append((X.index.to_numpy(), found))
        return found

    monkeypatch.setattr(ThalwegRegressor, "predict_interval", seen)
    asked = partial(
        EvaluateRequest, table=str(tmp_path / "t.csv"), columns=Columns(target="y"),
        settings={**SMALL, "interval_kind": "scaled"}, folds=2,
    )  # fmt: skip
    twice, once = (evaluate_job(asked(repeats=n)).judgement["sections"] for n in (2, 1))
    assert twice == once
    assert len(ends) == 4  # of the first repetition alone
    rows = np.concatenate([each for each, _ in ends[2:]])
    low, high = np.concatenate([each for _, each in ends[2:]]).T
    truth = table["y"].to_numpy()[rows]
    assert sorted(rows) == [*range(400)]
    inside = np.mean((low <= truth) & (truth <= high))
    assert once["coverage"]["found"]["coverage"]["value"] == pytest.approx(inside)
    assert once["coverage"]["found"]["mean_width"] == pytest.approx(np.mean(high - low))
    assert once["coverage"]["sentence"].startswith("Scaled intervals at 90 % hold ")


def test_training_rows_measure_no_coverage(tmp_path):
    table = table_of("two")
    table.to_csv(tmp_path / "t.csv", index=False)
    table.assign(a=table["a"] + 1, b=table["b"] - 1).to_csv(tmp_path / "new.csv", index=False)
    model = str(tmp_path / "m.safetensors")
    fit_job(
        FitRequest(
            table=str(tmp_path / "t.csv"), columns=Columns(target="y"), settings=SMALL,
            output=model, predictions=str(tmp_path / "held.csv"),
        )
    )  # fmt: skip
    rows = pd.read_csv(tmp_path / "held.csv")["row"] - 1
    held_out = len(rows)
    table.drop(index=rows).to_csv(tmp_path / "trained.csv", index=False)
    seen, new = (
        evaluate_job(EvaluateModelRequest(model=model, table=str(tmp_path / name), target="y"))
        for name in ("trained.csv", "new.csv")
    )
    assert seen.judgement["sections"]["how"] == "training"
    assert seen.judgement["sections"]["coverage"]["found"]["refused"]
    assert seen.judgement["sections"]["n_samples"] == len(table) - held_out
    assert new.judgement["sections"]["how"] == "test"
    assert new.judgement["sections"]["coverage"]["found"]["refused"] is None


def test_a_model_without_sets_has_no_coverage():
    y = np.array(["a", "b"] * 20)
    task = task_of(y, "a")
    assert labels_of(task) == ["b", "a"]
    answers = answers_of(y == "a", np.full(40, 0.5))
    rows = pd.DataFrame({"x": np.arange(40)})
    assert sections_of_answers(answers, task, object(), rows, 0)["coverage"] is None
    assert sections_of_answers(answers, task, object(), None, 0)["coverage"] is not None
