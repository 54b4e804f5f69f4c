"""Simpler models of several quantiles."""

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from thalweg.evaluation.judging.baselines import TrainingPart, ridge_regression
from thalweg.evaluation.quantiles.level_baselines import (
    boosted_quantiles,
    constant_quantiles,
    ridge_quantiles,
)

LEVELS = (0.1, 0.5, 0.9)


def part(n=300):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 2))
    return TrainingPart(X, X[:, 0] + rng.normal(size=n), np.ones(n))


def test_constants_are_quantiles_of_the_training_rows():
    rows = part()
    found = constant_quantiles(rows, LEVELS)(rows.X[:2])
    expected = np.quantile(rows.y, LEVELS, method="inverted_cdf")
    np.testing.assert_array_equal(found, [expected, expected])


def test_weights_are_repetitions():
    rows = part(40)
    weights = np.random.default_rng(1).integers(1, 4, 40)
    weighted = constant_quantiles(rows._replace(weights=weights.astype(float)), LEVELS)
    repeated = np.quantile(np.repeat(rows.y, weights), LEVELS, method="inverted_cdf")
    np.testing.assert_array_equal(weighted(rows.X[:1])[0], repeated)


def test_ridge_regression_has_the_quantiles_of_its_errors():
    rows = part()
    found, mean = ridge_quantiles(rows, LEVELS)(rows.X), ridge_regression(rows)(rows.X)
    shares = (rows.y[:, None] < found).mean(axis=0)
    np.testing.assert_allclose(shares, LEVELS, atol=1 / len(rows.y))
    np.testing.assert_allclose(np.ptp(found - mean[:, None], axis=0), 0, atol=1e-12)


def test_boosted_trees_are_those_of_each_level_in_order():
    rows = part()
    found = boosted_quantiles(rows, LEVELS)(rows.X)
    assert (np.diff(found, axis=1) >= 0).all()
    order = np.lexsort((rows.weights, rows.y, *rows.X.T))
    each = [
        HistGradientBoostingRegressor(loss="quantile", quantile=level, early_stopping=False)
        .fit(rows.X[order], rows.y[order])
        .predict(rows.X)
        for level in LEVELS
    ]
    np.testing.assert_allclose(found, np.sort(np.stack(each, axis=1), axis=1), rtol=1e-12)
