"""Noise that all networks learned has no direction; what is larger than noise has."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import thalweg
from moved_rows import Members, curves_of
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.evaluation.effects.claims.network_spread import CurveSize, are_real
from thalweg.evaluation.effects.curve_sentence import claims_something

ROWS = np.random.default_rng(0).normal(size=(400, 3))


def sentences(slopes, n_folds, **wanted):
    """Of networks Σ slope x, one for each row of slopes."""
    functions = [lambda X, own=own: X @ own for own in np.array(slopes, float)]
    source = Members(functions, ROWS, n_folds=n_folds)
    return {each.column: each.sentence for each in curves_of(None, ROWS, source=source, **wanted)}


def test_a_slope_that_other_rows_could_have_given_is_none():
    # The variance is 0.75 · 4 · 0.005 = 0.015: 0.3² has F = 6 with 1 and 4 degrees of freedom.
    one = [(k, 0, 0) for k in (0.2, 0.25, 0.3, 0.35, 0.4)]
    assert stats.f.sf(6, 1, 4) > 0.05
    of_one = {"columns": ["x0"]}
    assert sentences(one, 0, **of_one)["x0"] == "rises throughout"
    assert sentences(one, 5, **of_one)["x0"] == "no clear direction: the networks differ too much"
    larger = [(k + 0.2, 0, 0) for k, *_ in one]  # F = 16.7
    assert sentences(larger, 5, **of_one)["x0"] == "rises throughout"


def test_a_page_of_more_columns_knows_more_of_the_networks_and_has_more_tests():
    x0 = np.array([0.2, 0.25, 0.3, 0.35, 0.4])
    noise = np.array([0.1, -0.08, 0.03, 0.0, -0.05])
    several = np.stack([1.6 * x0, noise, noise[::-1]], axis=1)
    found = sentences(several, 5)
    assert found["x0"] == "rises throughout"
    assert not any(claims_something(found[name]) for name in ("x1", "x2"))


def test_p_values_and_their_correction_are_those_of_the_formulas():
    squares, variances = [4.0, 3.0, 0.4], [0.5, 1.5, 1.0]
    sizes = [CurveSize(*each) for each in zip(squares, variances, strict=True)]
    averaged = (2 * 1.0 + np.array(variances)) / 3
    p = stats.f.sf(np.array(squares) / averaged, 1, 12)
    for n_tests in (3, 4, 6, 40):
        adjusted = stats.false_discovery_control(np.append(p, np.ones(n_tests - 3)))[:3]
        assert are_real(sizes, [""] * 3, 5, n_tests) == (adjusted <= 0.05).tolist()
    assert are_real(sizes, [""] * 3, 0, 3) == [True] * 3


def test_curves_that_were_not_drawn_count_as_tests():
    slopes = [(0.38 + k, 0, 0) for k in (-0.1, -0.05, 0.0, 0.05, 0.1)]
    order = {"columns": ["x0", "x1", "x2"], "most": 1}
    assert list(sentences(slopes, 5, **order)) == ["x0"]
    assert sentences(slopes, 5, columns=["x0"])["x0"] == "rises throughout"
    assert not claims_something(sentences(slopes, 5, **order)["x0"])


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_columns_of_pure_noise_seldom_have_a_direction(kind):
    noise, real = [], []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X = pd.DataFrame(rng.normal(size=(300, 5)), columns=[*"rabcd"])
        answer = X["r"].to_numpy()
        if kind == "classes":
            y = rng.random(300) < 1 / (1 + np.exp(-1.5 * answer))
            model = ThalwegClassifier(random_state=seed).fit(X, np.where(y, "yes", "no"))
        else:
            model = ThalwegRegressor(random_state=seed).fit(X, answer + rng.normal(size=300))
        for each in thalweg.effects(model, X).effects:
            (real if each.column == "r" else noise).append(claims_something(each.sentence))
    assert sum(noise) <= 1  # of 20; without the rule more than a third
    assert sum(real) >= 4  # of 5
