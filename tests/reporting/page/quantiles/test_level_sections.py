"""Several quantiles from the fit to the page, by the jobs of the verbs."""

import csv
import json
import re

import numpy as np
import pandas as pd
import pytest

from thalweg.errors import ModelFileError, SettingsError
from thalweg.jobs.evaluate import EvaluateModelRequest, EvaluateRequest, evaluate
from thalweg.jobs.fit import FitRequest, fit
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.predict import PredictRequest, predict
from thalweg.jobs.report import ReportRequest, report
from thalweg.jobs.sections.asked_sections import AskedSections
from thalweg.jobs.show import ShowRequest, show
from thalweg.persistence.model_file import load_model
from thalweg.reporting.page.quantiles.level_pictures import _apart, _round_values, coverage_svg
from thalweg.sealed_container import seal, unseal

LOSS = "quantile:levels=0.1/0.5/0.9"
SETTINGS = {"hidden_layer_sizes": (6,), "max_iter": 30, "loss": LOSS, "n_folds": 3}
TARGET = Columns(target="y", number={"y": None})


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    folder = tmp_path_factory.mktemp("levels")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.uniform(-1, 1, (360, 3)).round(4), columns=["a", "b", "c"])
    frame["y"] = (2 * frame.b + (0.2 + frame.a.abs()) * rng.normal(size=360)).round(4)
    frame.iloc[:260].to_csv(folder / "t.csv", index=False)
    frame.iloc[260:].to_csv(folder / "new.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def made(here):
    """The outcome of a fit, which wrote a model, a page and predictions."""
    return fit(
        FitRequest(
            table=str(here / "t.csv"), settings=SETTINGS, columns=TARGET,
            output=str(here / "m.safetensors"), report=str(here / "page.html"),
            predictions=str(here / "p.csv"),
        )
    )  # fmt: skip


def test_the_result_is_that_of_several_quantiles(made):
    judged = made.result["judgement"]
    assert judged["task"] == "quantiles"
    assert judged["network"]["levels"] == [0.1, 0.5, 0.9]
    assert {*judged["baselines"]} == {
        "ridge regression", "boosted trees", "always the same quantiles"
    }  # fmt: skip
    left_out = judged["sections"]["left_out"]
    assert "ask about one level, on the command line with --target" in left_out["importance"]
    assert left_out["effects"].endswith("this model predicts several quantiles.")
    assert judged["sections"]["calibration"] is None
    assert judged["sections"]["coverage"] is None


def test_predictions_have_a_column_for_each_level(here, made):
    with open(here / "p.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]] == ["row", "truth", "q0.1", "q0.5", "q0.9"]
    assert all(float(row["q0.1"]) <= float(row["q0.5"]) <= float(row["q0.9"]) for row in rows)
    found = predict(
        PredictRequest(model=str(here / "m.safetensors"), table=str(here / "new.csv"), digits=3)
    )
    assert found.columns == ["q0.1", "q0.5", "q0.9"]
    model = load_model(here / "m.safetensors")
    exact = model.predict(pd.read_csv(here / "new.csv").drop(columns="y"))
    np.testing.assert_allclose(np.array(found.rows), exact, rtol=0.01, atol=1e-9)
    assert (np.diff(np.array(found.rows), axis=1) >= 0).all()


def test_the_page_has_both_pictures_and_says_what_is_left_out(here, made):
    page = (here / "page.html").read_text()
    assert 'id="levels"' in page
    assert 'id="fan"' in page
    assert "points: the median of their true values, which should be near the line of" in page
    assert "<th>true median</th>" in page or ">true median<" in page
    assert "if there are some" not in page
    judged = made.result["judgement"]["network"]
    for level, found in zip(judged["levels"], judged["below"], strict=True):
        assert f"level {level:g}: {100 * found['value']:.3g} % below" in page
    assert "the panel shows one answer, and the model predicts several quantiles" in page
    assert "mean over 3 levels" in page
    assert "undefined" not in re.sub(r"<script.*?</script>", "", page, flags=re.S)


def test_a_level_outside_its_interval_is_drawn_as_a_square():
    def svg(low, high):
        one = {"value": 0.2, "low": low, "high": high}
        return coverage_svg({"levels": [0.1], "below": [one]})

    assert "<rect" in svg(0.15, 0.26)
    assert "<circle" not in svg(0.15, 0.26)
    assert "<circle" in svg(0.05, 0.26)


def test_the_model_is_shown_evaluated_and_reported_from_its_file(here, made):
    file = str(here / "m.safetensors")
    shown = show(ShowRequest(model=file)).result
    assert shown["judgement"]["sentence"] == made.result["judgement"]["sentence"]
    new = evaluate(EvaluateModelRequest(model=file, table=str(here / "new.csv"))).result
    table = pd.read_csv(here / "new.csv")
    exact = load_model(file).predict(table.drop(columns="y"))
    for k, found in enumerate(new["judgement"]["network"]["below"]):
        assert found["value"] == pytest.approx(np.mean(table.y < exact[:, k]), abs=1e-12)
    asked = EvaluateModelRequest(model=file, table=str(here / "new.csv"))
    report(ReportRequest(model=file, rows=asked, output=str(here / "new.html")))
    report(ReportRequest(model=file, output=str(here / "again.html")))
    assert 'id="levels"' in (here / "again.html").read_text()
    assert 'id="fan"' in (here / "new.html").read_text()


def test_cross_validation_has_the_same_numbers_for_each_level(here):
    found = evaluate(
        EvaluateRequest(
            table=str(here / "t.csv"), columns=TARGET, folds=2, repeats=2,
            settings={**SETTINGS, "hidden_layer_sizes": ()},
        )
    ).result  # fmt: skip
    network = found["judgement"]["network"]
    mean = np.mean([each["value"] for each in network["pinball"]])
    assert network["metrics"]["pinball"]["value"] == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda h: h["objective"].update(loss="quantile:levels=0.1/0.9"), "outputs|loss"),
        (lambda h: h["objective"].update(loss="quantile:levels=0.9/0.5/0.1"), "levels|loss"),
        (lambda h: h["objective"].update(loss="quantile:levels=0.1/0.5/0.90"), "standard form"),
        (lambda h: h["objective"].update(loss="quantile:levels=a/b"), "levels|loss"),
        (lambda h: h["objective"].update(loss="quantile:levels=" + "0.1/" * 40_000), "10,000"),
        (lambda h: h["objective"].update(loss="quantile:level=0.5"), "outputs|loss|judgement"),
        (lambda h: h["training"]["settings"].update(loss="huber"), "settings"),
        (lambda h: h["judgement"]["network"].update(levels=[0.1, 0.5, 0.95]), "other levels"),
    ],
)
def test_a_forged_file_is_refused(here, made, change, why):
    header, arrays = unseal((here / "m.safetensors").read_bytes())
    header = json.loads(json.dumps(header))
    change(header)
    (here / "forged.safetensors").write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError) as refused:
        load_model(here / "forged.safetensors")
    assert re.search(why, str(refused.value))


def test_groups_are_refused_before_anything_is_read():
    with pytest.raises(SettingsError, match="is for one answer, and"):
        fit(
            FitRequest(
                table="absent.csv", settings=SETTINGS, columns=TARGET, output="m.safetensors",
                sections=AskedSections(by=("a",)),
            )
        )  # fmt: skip


def test_the_axis_of_a_fan_has_round_values_and_its_levels_do_not_overlap():
    assert _round_values(1.0036, 46.111) == [10, 20, 30, 40]
    assert _round_values(-0.013, 0.02) == pytest.approx([-0.01, 0, 0.01, 0.02])
    assert _round_values(5.0, 5.0) == [5.0]
    for low, high in ((0.0, 1.0), (-3e-9, 7e-9), (99.5, 100.5), (0.0, 2e5), (1.0, 6.5)):
        assert 2 <= len(_round_values(low, high)) <= 6
    assert _apart([300.0, 298.0, 100.0]) == [304.0, 290.0, 104.0]
