"""Importance over many tables: noise, the table on which weights misled, and time."""

import time

import numpy as np
import pandas as pd
import pytest

import thalweg
from slow_cases import slow_but
from thalweg import ThalwegClassifier
from thalweg.errors import DataError


def of_weights(seed: int, n: int = 500) -> tuple[pd.DataFrame, np.ndarray]:
    """A label of two categories, beside four columns of pure noise.

    A column of numbers owns many bins, a category is split by levels: sizes of weights ranked the
    noise first.
    """
    random = np.random.default_rng(seed)
    stage = random.choice(["I", "II", "III", "IV"], n)
    smoker = random.choice(["yes", "no"], n)
    z = np.select([stage == "I", stage == "II", stage == "III"], [-3.0, -1.0, 1.0], 3.0)
    z = z + np.where(smoker == "yes", 1.2, -1.2)
    X = pd.DataFrame({f"noise{j}": random.normal(size=n) for j in range(1, 5)})
    X["stage"], X["smoker"] = stage, smoker
    return X, np.where(random.random(n) < 1 / (1 + np.exp(-z)), "ill", "well")


@pytest.mark.parametrize("seed", slow_but((0, 1), range(100)))
def test_what_matters_is_above_all_noise(seed):
    X, y = of_weights(seed)
    model = ThalwegClassifier(random_state=seed).fit(X, y)
    found = model.oof_importance(X, y)
    assert found["column"].tolist()[:2] == ["stage", "smoker"]


def noise_is_covered(seed: int) -> bool | None:
    """Whether the interval of a column of noise has 0; None if the model knows nothing."""
    random = np.random.default_rng(seed)
    X = pd.DataFrame(random.normal(size=(200, 4)), columns=["a", "b", "c", "noise"])
    z = 1.5 * X["a"] - X["b"] + 0.5 * X["c"]
    y = random.random(200) < 1 / (1 + np.exp(-z))
    model = ThalwegClassifier((16,), preset="quick", random_state=0).fit(X, y)
    try:
        found = model.oof_importance(X, y).set_index("column").loc["noise"]
    except DataError:
        return None
    return bool(found["low"] <= 0 <= found["high"])


@pytest.mark.parametrize(("n", "least"), slow_but([(8, 0.6)], [(8, 0.6), (500, 0.9)]))
def test_the_interval_of_a_column_of_noise_has_0(n, least):
    covered = [each for each in map(noise_is_covered, range(n)) if each is not None]
    assert len(covered) >= 0.95 * n
    assert np.mean(covered) >= least


@pytest.mark.slow
def test_10_000_rows_of_30_columns_take_less_than_a_minute():
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(20_000, 30)), columns=[f"c{j}" for j in range(30)])
    y = random.random(20_000) < 1 / (1 + np.exp(-X["c0"] - X["c1"] * X["c2"]))
    model = ThalwegClassifier(random_state=0).fit(X[:10_000], y[:10_000])
    for rows in (slice(0, 10_000), slice(10_000, 20_000)):
        begun = time.process_time()
        thalweg.importance(model, X[rows], y[rows])
        # Two cores for a minute; the time of the processor does not depend on other work.
        assert time.process_time() - begun < 60
