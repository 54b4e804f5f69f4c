"""Explained rows that no training row was like: ranges, dates, levels, and bounds as written."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier

NAMES = ["crp", "when", "ward", "age"]


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(3)
    crp = [f"{value:.1f}" if value > 1 else "<1.0" for value in rng.uniform(0, 9, 80)]
    crp[0], crp[1] = "9.5", "<1.0"
    days = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(1, 300, 80), "D")
    X = pd.DataFrame({"crp": crp, "when": days, "ward": rng.choice(["A", "B"], 80)})
    X.loc[[0, 1], "when"] = [pd.Timestamp("2022-01-01"), pd.Timestamp("2022-12-31")]
    X["age"] = rng.integers(30, 80, 80)
    X.loc[[0, 1], "age"] = [20, 90]
    return X[NAMES]


@pytest.fixture(scope="module")
def model(frame):
    y = np.where(frame["age"] + 10 * (frame["ward"] == "A") > 55, "ill", "well")
    said = {"max_iter": 4, "hidden_layer_sizes": (8,), "random_state": 0, "n_folds": 2}
    return ThalwegClassifier(**said, positive="ill").fit(frame, y)


@pytest.fixture(scope="module")
def far(frame):
    row = frame.iloc[[5]].assign(crp="<0.2", ward="Palliative", age=91)
    return row.assign(when=pd.Timestamp("2023-12-31"))


RANGE = (
    "Beyond the range of the training rows (in brackets), where the model extrapolates: "
    "crp = <0.2 (1 to 9.5), when = 2023-12-31 (2022-01-01 to 2022-12-31), age = 91 (20 to 90)."
)
LEVEL = (
    "The model was not fitted on rows with this level, which counts as some other one: "
    "ward = Palliative."
)


def quietly(ask):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ask()


def test_cells_beyond_the_training_rows_are_named_with_the_range(model, frame, far):
    found = quietly(lambda: model.explain(far))
    assert RANGE in found.notes()
    assert LEVEL in found.notes()
    assert " ".join(str(found).split()).count(RANGE) == 1
    said = json.loads(json.dumps(found.as_dict()))["rows"][0]
    assert [each["column"] for each in said["out_of_range"]] == ["crp", "when", "age"]
    assert said["out_of_range"][2] == {
        "row": 1, "column": "age", "value": 91.0, "low": 20.0, "high": 90.0, "distance": 1.0
    }  # fmt: skip
    assert said["unknown_levels"] == {"ward": "Palliative"}
    inside = model.explain(frame.iloc[[0, 1, 5]])
    assert all(not each.out_of_range and not each.unknown_levels for each in inside.unusual)
    assert "Beyond the range" not in str(inside)
    # The ranges are those of the table itself.
    assert found.unusual[0].out_of_range[1].text(found.unusual[0].out_of_range[1].low) == str(
        frame["when"].min().date()
    )


def test_a_changed_row_says_the_same(model, frame, far):
    row = frame.iloc[[5]]
    changes = {name: far[name].iloc[0] for name in NAMES}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the level is said below, with the answer
        found = model.what_if(row, changes)
    text = " ".join(found.text().split())
    assert RANGE in text
    assert LEVEL in text
    said = found.as_dict()["rows"][0]
    assert said["unknown_levels"] == {"ward": "Palliative"}
    assert [each["column"] for each in said["out_of_range"]] == ["crp", "when", "age"]
    assert "Beyond" not in model.what_if(row, {"age": 44}).text()


def test_bounds_are_as_the_table_wrote_them(model, frame):
    bounded = frame.iloc[[5]].assign(crp="<1.0")
    found = model.explain(bounded)
    assert found.texts[0][0] == "<1.0"
    bars = model.explain(bounded, against=frame.iloc[[0]]).waterfall().bars
    assert "crp = <1.0" in [bar.name for bar in bars]
    assert model.explain(bounded.assign(crp="1.0")).texts[0][0] == "1"
    what_if = model.what_if(frame.iloc[[0]], {"crp": "<1.0"})
    assert what_if.text().startswith("Row 1 with crp = <1.0 instead of 9.5:")
    # A page breaks its lines itself.
    assert max(map(len, what_if.sentences())) > 80 >= max(map(len, what_if.text().splitlines()))
    assert " ".join(what_if.sentences()).split() == what_if.text().split()
    # Written otherwise, and read alike, it is no change; the same number without the sign is one.
    assert model.what_if(bounded, {"crp": "< 1.0"}).changes == {}
    assert model.what_if(bounded, {"crp": "1.0"}).changes == {"crp": "1"}
