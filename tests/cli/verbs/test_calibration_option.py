"""``--calibration``: terminal, JSON, page, trace and Python say and use the same map."""

import json
import re
from functools import partial

import numpy as np
import pandas as pd
import pytest

from fitted_once import once
from thalweg import load_model
from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.decisions.f_thresholds import by_f
from thalweg.evaluation.decisions.floor_thresholds import by_sensitivity
from thalweg.jobs.parts.choosing_rows import out_of_fold
from thalweg.reporting.notebook_html import html_repr

QUICK = ("--no-trees", "--epochs", "3", "--hidden", "4", "-q", "--bins", "0")


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"dose": np.round(rng.normal(50, 9, 500), 3)})
    frame["age"] = np.round(rng.normal(40, 5, 500), 3)
    u = frame["dose"] - 50 + 9 * rng.normal(size=500)
    frame.assign(ill=np.where(u > 2, "yes", "no")).to_csv("two.csv", index=False)
    frame.assign(ill=np.round(40 + u, 2)).to_csv("number.csv", index=False)
    return frame


def result(cli, *arguments):
    code, out, err = cli(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)["result"]


def fit(cli, name, kind, *more):
    return result(
        partial(once, cli), "fit", f"{name}.csv", "--target", "ill", *QUICK, "--calibration", kind,
        "-o", f"{name}.safetensors", "--force", *more,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["two", "number"])
def test_all_faces_say_the_same(cli, table, name):
    made = fit(cli, name, "affine", "--report", "page.html")["model"]["calibration"]
    model = load_model(f"{name}.safetensors")
    found = model.calibration_
    assert made == {**found.as_dict(), "sentence": found.sentence}
    assert found.map is not None
    shown = result(cli, "show", f"{name}.safetensors")
    assert shown["model"]["calibration"] == made
    assert shown["model"]["training"]["settings"]["calibration"] == "affine"
    assert "calibration affine instead of none" in shown["model"]["training"]["unlike_default"]
    said = " ".join(cli("show", f"{name}.safetensors")[1].split())
    assert f"Calibration {found.sentence}" in said
    with open("page.html", encoding="utf-8") as file:
        assert f"<dt>Calibration</dt><dd>{found.sentence}</dd>" in file.read()
    assert f"<dt>Calibration</dt><dd>{found.sentence}</dd>" in html_repr(model)


@pytest.mark.parametrize("kind", ["none", "auto", "temperature", "affine"])
def test_what_is_predicted_is_corrected(cli, table, kind):
    made = fit(cli, "two", kind)["model"]["calibration"]
    model = load_model("two.safetensors")
    assert (made is None) == (kind == "none")
    code, out, _ = cli("predict", "two.safetensors", "two.csv", "-q")
    assert code == 0
    (place,) = np.flatnonzero(model.classes_ == "yes")
    lines = [line.split(",") for line in out.splitlines()]
    column = lines[0].index("p_yes")
    told = np.array([float(line[column]) for line in lines[1:]])
    np.testing.assert_array_equal(told, model.predict_proba(table)[:, place])
    said = [line[lines[0].index("prediction")] for line in lines[1:]]
    assert said == model.predict(table).tolist()


def test_the_threshold_by_f1_is_one_of_corrected_probabilities(cli, table):
    fit(cli, "two", "none")
    raw = out_of_fold(load_model("two.safetensors"))
    fit(cli, "two", "affine")
    done = load_model("two.safetensors").calibration_.map
    found = result(cli, "decide", "two.safetensors", "--f1")["threshold"]
    expected = by_f(answers_of(raw.truth, done.apply(raw.answer), how="out-of-fold"))
    assert found["value"] == pytest.approx(expected.value, rel=1e-12)
    assert found["value"] != pytest.approx(by_f(raw).value, rel=1e-3)


def test_a_floor_from_held_out_rows_is_one_of_corrected_probabilities(cli, table):
    fit(cli, "two", "none")
    raw = out_of_fold(load_model("two.safetensors"))
    fit(cli, "two", "affine")
    done = load_model("two.safetensors").calibration_.map
    found = result(cli, "decide", "two.safetensors", "--sensitivity", "0.8")["threshold"]
    corrected = answers_of(raw.truth, done.apply(raw.answer), how="out-of-fold")
    assert found["value"] == pytest.approx(by_sensitivity(corrected, 0.8).value, rel=1e-12)
    assert found["value"] != pytest.approx(by_sensitivity(raw, 0.8).value, rel=1e-3)


def test_the_trace_ends_with_the_map(cli, table):
    fit(cli, "two", "affine")
    model = load_model("two.safetensors")
    data = result(cli, "trace", "two.safetensors", "two.csv", "--row", "3,17")["trace"]
    done, found = model.calibration_.map, data["calibration"]
    assert (found["of"], found["kind"]) == ("yes", "affine")
    assert (found["intercept"], found["slope"]) == (done.intercept, done.slope)
    assert [row["row"] for row in found["rows"]] == [3, 17]
    for row in found["rows"]:
        here = table.iloc[[row["row"] - 1]]
        assert row["answer"] == model.predict_proba(here)[0, 1]
        assert row["moved"] == done.intercept + done.slope * row["z"]
        assert row["z"] == pytest.approx(np.log(row["mean"] / (1 - row["mean"])), rel=1e-12)
        assert row["answer"] == pytest.approx(1 / (1 + np.exp(-row["moved"])), rel=1e-14)
    code, out, _ = cli("trace", "two.safetensors", "two.csv", "--row", "3,17")
    assert code == 0
    assert "corrected by its calibration" in " ".join(out.split())
    row = found["rows"][1]
    numbers = [f"{row[key] + 0.0:.6g}" for key in ("mean", "z", "moved", "answer")]
    assert re.search(r"^17 +" + " +".join(map(re.escape, numbers)), out, re.MULTILINE)


def test_a_trace_without_a_map_has_no_such_step(cli, table):
    fit(cli, "two", "none")
    data = result(cli, "trace", "two.safetensors", "two.csv", "--row", "3")["trace"]
    assert data["calibration"] is None
    assert "calibration" not in cli("trace", "two.safetensors", "two.csv", "--row", "3")[1].lower()


def test_folds_of_an_evaluation_have_maps_of_their_own(cli, table, monkeypatch):
    from thalweg.estimators.deciding import fitted_calibration

    rows, on = [], fitted_calibration._on
    monkeypatch.setattr(
        fitted_calibration,
        "_on",
        lambda answers, asked: rows.append(len(answers)) or on(answers, asked),
    )
    result(
        cli, "evaluate", "two.csv", "--target", "ill", *QUICK, "--calibration", "affine",
        "--folds", "2", "--repeats", "1",
    )  # fmt: skip
    assert rows == [250, 250]


def test_a_fit_without_folds_is_refused_with_a_fix(cli, table):
    code, _, err = cli(
        "fit", "two.csv", "--target", "ill", *QUICK, "--calibration", "affine",
        "--early-stopping", "off", "-o", "m.safetensors",
    )  # fmt: skip
    assert code == 2
    said = " ".join(err.split())
    assert "--calibration affine needs out-of-fold predictions" in said
    assert "--early-stopping folds" in said
    code, _, err = cli(
        "fit", "two.csv", "--target", "ill", *QUICK, "--calibration", "auto",
        "--early-stopping", "off", "-o", "m.safetensors",
    )  # fmt: skip
    assert code == 0
    assert "no map was fitted, because no row was held out" in " ".join(err.split())
