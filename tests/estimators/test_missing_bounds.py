"""A missing cell of a column with bounds is missing, however it is written."""

import numpy as np
import pandas as pd
import pytest

import thalweg
from thalweg import ThalwegClassifier


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(0)
    n = 240
    value = rng.lognormal(size=n)
    cells = [f"{each:.2f}" if each > 0.5 else "<0.50" for each in value]
    for k in np.flatnonzero(rng.random(n) < 0.4):
        cells[k] = "k.A."
    X = pd.DataFrame({"CRP": cells, "x": rng.normal(size=n)})
    y = np.where(np.log(value) + X["x"] + rng.normal(size=n) > 0, "ja", "nein")
    model = ThalwegClassifier((6,), max_iter=10, random_state=0, missing={"CRP": ["k.A."]})
    return model.fit(X, y), X, y


@pytest.mark.parametrize("missing", ["", None, np.nan, "NA"])
@pytest.mark.parametrize("n", [5, 32, 33, 240])
def test_each_way_to_write_a_missing_cell_has_the_same_answer(fitted, missing, n):
    model, X, _ = fitted
    other = X.assign(CRP=[missing if each == "k.A." else each for each in X["CRP"]])
    expected = model.predict_proba(X)
    assert np.array_equal(model.predict_proba(other[:n]), expected[:n])
    assert np.array_equal(model.predict_proba(X[:n]), expected[:n])


def test_the_same_rows_are_known_as_training_rows(fitted):
    model, X, y = fitted
    other = X.assign(CRP=["" if each == "k.A." else each for each in X["CRP"]])
    assert len(model._origin_of(other, y).left) == len(model._origin_of(X, y).left)
    drift = thalweg.drift(model, other)
    assert "CRP" not in " ".join(str(each) for each in drift.drifted)
