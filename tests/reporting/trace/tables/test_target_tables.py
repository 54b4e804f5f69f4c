"""The tables of the target: the step of a calibration, the scale of a number, the softmax."""

import numpy as np
import pytest

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.reporting.trace.tables.digits import number
from thalweg.reporting.trace.tables.network_check_tables import SECTIONS

SMALL = {"hidden_layer_sizes": (4,), "max_iter": 4, "random_state": 1, "n_folds": 3}


def table_of(model, X, y, rows):
    found = model.trace(X[rows], y[rows])
    return found, {section.title: section for section in SECTIONS["trace"](found.data)}


def test_the_calibration_of_several_classes_ends_at_the_models_probabilities():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 2))
    y = np.array(["a", "b", "c"])[
        np.clip(X[:, 0] + 1.5 + rng.normal(size=90) / 2, 0, 2).astype(int)
    ]
    model = ThalwegClassifier(**SMALL, calibration="temperature").fit(X, y)
    rows = [4, 9]
    found, tables = table_of(model, X, y, rows)
    calibration = found.data["calibration"]
    assert (calibration["task"], calibration["of"]) == ("multiclass", None)
    answers = np.array([row["answer"] for row in calibration["rows"]])
    assert answers == pytest.approx(model.predict_proba(X[rows]), rel=1e-12)
    moved = np.array([row["moved"] for row in calibration["rows"]])
    powers = np.exp(moved - moved.max(axis=1, keepdims=True))
    assert answers == pytest.approx(powers / powers.sum(axis=1, keepdims=True), rel=1e-12)
    z = np.array([row["z"] for row in calibration["rows"]])
    assert moved == pytest.approx(calibration["slope"] * z)
    section = tables["Calibration"]
    assert "the answer is softmax(z')" in section.words[0]
    own = [model.classes_.tolist().index(y[row]) for row in rows]
    assert [line[-1] for line in section.rows] == [
        number(answers[k, code]) for k, code in enumerate(own)
    ]


def test_the_calibration_of_a_number_ends_at_the_models_prediction():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(90, 2))
    y = 50 + 10 * X[:, 0] + rng.normal(size=90)
    model = ThalwegRegressor(**SMALL, calibration="affine").fit(X, y)
    found, tables = table_of(model, X, y, [2, 3, 8])
    steps = found.data["calibration"]["rows"]
    assert [row["answer"] for row in steps] == pytest.approx(model.predict(X[[2, 3, 8]]))
    a, b = (found.data["calibration"][key] for key in ("intercept", "slope"))
    assert [row["moved"] for row in steps] == pytest.approx([a + b * row["z"] for row in steps])
    assert tables["Calibration"].heads == ("row", "z", "z' = a + b z", "answer")
    assert "clipped to the range of the training targets" in tables["Calibration"].words[0]


def test_a_clipped_prediction_has_a_column_of_its_own_and_delta_its_unit():
    X = np.linspace(-1, 1, 60)[:, None]
    y = 100 + 20 * X[:, 0]
    given = {"early_stopping": False, "max_iter": 30, "n_bins": 0}
    model = ThalwegRegressor("huber:delta=0.5", **{**SMALL, **given}).fit(X, y)
    far = np.array([[40.0]])
    found = model.trace(far, [500.0])
    (row,) = found.data["rows"]
    assert row["answer"] == pytest.approx(model.predict(far)[0])
    assert row["answer"] in (80.0, 120.0)
    assert row["unclipped"] != row["answer"]
    (section,) = [s for s in SECTIONS["trace"](found.data) if s.title.startswith("The target")]
    assert section.heads[-1] == "clipped"
    assert f"δ = 0.5 is {number(0.5 * y.std())} in the unit of the target." in section.words


def test_the_products_of_the_softmax_add_up_as_printed():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(80, 3))
    y = np.array([*"abcdefghijklmn"])[rng.integers(14, size=80)]
    given = {"early_stopping": False, "label_smoothing": 0.2}
    model = ThalwegClassifier(**{**SMALL, **given}).fit(X, y)
    found = model.trace(X[[5, 6]], y[[5, 6]])
    (section,) = [s for s in SECTIONS["trace"](found.data) if s.title.startswith("The softmax")]
    *terms, total = [line[-1] for line in section.rows]
    assert sum(map(float, terms)) == pytest.approx(float(total), abs=1e-12)
    assert any("more" in line[0] for line in section.rows)
    assert "0.5 · -Y[k] / Yh[k]" in section.words[0]
    for one in found.data["passes"]:
        assert one["softmax"]["jacobian"] is None  # more than 12 classes
        assert len(one["softmax"]["column"]) == 14
    assert "and 2 more" in " ".join(str(found).split())
