"""The data of the what-if panel: what it holds of a table, and when there is none."""

import json

import numpy as np
import pandas as pd
import pytest

from in_page import classifier, mixed_table, regressor
from thalweg.reporting.page import what_if_data as data_module
from thalweg.reporting.page.what_if_data import what_if_data

pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")

N = 200
FRAME = mixed_table(N, seed=4, n_levels=5)
NOISE = np.random.default_rng(4).normal(size=N)
SIZE = np.nan_to_num(FRAME["age"].to_numpy()) + 5 * NOISE
TWO = np.where(SIZE > 50, "yes", "no")
SMALL = {"hidden_layer_sizes": (4,), "max_iter": 4, "n_folds": 2}


@pytest.fixture(scope="module")
def model():
    return classifier(**SMALL, positive="yes").fit(
        FRAME.assign(id=[f"p{k}" for k in range(N)]), TWO
    )


def test_each_column_has_a_control_of_its_kind(model):
    controls = {each["name"]: each for each in what_if_data(model)["panel"]["controls"]}
    kinds = {name: each["as"] for name, each in controls.items()}
    assert kinds == {
        "age": "number", "dose": "number", "count": "number", "smoker": "truth", "ward": "list",
        "sex": "list", "seen": "moment", "id": "filled",
    }  # fmt: skip
    assert controls["age"]["missing"]
    assert not controls["id"]["missing"]
    ages = FRAME["age"].dropna()
    points = controls["age"]["points"]
    assert (points[0], points[-1], len(points)) == (ages.min(), ages.max(), 21)
    assert controls["count"]["whole"]
    assert not controls["age"]["whole"]
    assert sorted(controls["ward"]["listed"]) == [0, 1, 2, 3, 4]
    assert controls["ward"]["typical"] == FRAME["ward"].value_counts().index[0]
    assert controls["seen"]["low"] == FRAME["seen"].min().strftime("%Y-%m-%dT%H:%M")


def test_the_panel_is_json_and_holds_no_row(model):
    found = what_if_data(model)
    text = json.dumps(found["panel"], allow_nan=False)
    assert '"p17"' not in text  # an identifier
    # Of the doses, which all differ, there are 21 quantiles.
    doses = [repr(each) for each in FRAME["dose"].dropna().tolist()]
    assert sum(each in text for each in doses) <= 21
    assert found["n_weights"] == sum(each.theta.size for each in model.members_)
    assert "export const FORMULAS" in found["formulas"]


def test_of_many_columns_those_come_first_that_move_the_answer():
    random = np.random.default_rng(5)
    frame = pd.DataFrame(random.normal(size=(N, 20)), columns=[f"x{k}" for k in range(20)])
    model = regressor(hidden_layer_sizes=(), max_iter=60).fit(frame, 9 * frame.x7 + 3 * frame.x13)
    first = what_if_data(model)["panel"]["first"]
    assert first[:2] == [7, 13]
    assert len(first) == data_module.FIRST_COLUMNS


def test_a_large_model_and_one_without_a_summary_have_no_panel_but_a_reason(model, monkeypatch):
    monkeypatch.setattr(data_module, "MOST_WEIGHTS", 100)
    found = what_if_data(model)
    assert "panel" not in found
    assert "a page holds at most 100" in found["why_not"]
    batches = classifier(**SMALL).partial_fit(FRAME, TWO, classes=["no", "yes"])
    if batches._known.likeness is None:
        assert "no summary of its training table" in what_if_data(batches)["why_not"]


def test_scores_and_residuals_are_those_that_count(model):
    scores = what_if_data(model)["panel"]["scores"]
    whole = model._known.conformal
    assert scores["least"] == whole.least_counts(0.9).tolist()
    number = regressor(**SMALL).fit(FRAME, SIZE)
    residuals = what_if_data(number)["panel"]["residuals"]
    assert residuals["rank"] == int(0.1 * (N + 1))
    without = classifier(**SMALL, early_stopping=False).fit(FRAME, TWO)
    assert {"scores", "residuals", "scaled"}.isdisjoint(what_if_data(without)["panel"])


def test_too_many_held_out_rows_are_left_out(model, monkeypatch):
    monkeypatch.setattr(data_module, "MOST_HELD_OUT", 3)
    assert "scores" not in what_if_data(model)["panel"]


def test_quantiles_say_whether_numbers_are_whole_or_years():
    frame = pd.DataFrame(
        {"built": np.arange(N) % 120 + 1900, "half": np.arange(N) % 9 / 4, "n": np.arange(N)}
    )
    model = regressor(**SMALL).fit(frame, NOISE)
    built, half, n = what_if_data(model)["panel"]["controls"]
    assert (built["whole"], built["years"]) == (True, True)
    assert not half["whole"]
    assert (n["whole"], n["years"]) == (True, False)
