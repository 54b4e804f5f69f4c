"""The shrunk covariance, beside scikit-learn's, and its inverse factor."""

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf

from thalweg.data.likeness.shrunk_covariance import inverse_factor, ledoit_wolf_share, shrunk


def moments(X, weights=None):
    weights = np.ones(len(X)) if weights is None else weights
    n = weights.sum()
    away = X - weights @ X / n
    squares = (away * weights[:, None]).T @ away / n
    return squares, float(weights @ (away**2).sum(axis=1) ** 2) / n, n


@pytest.mark.parametrize(("n", "d"), [(40, 3), (200, 12), (15, 20)])
def test_it_is_that_of_scikit_learn(n, d):
    rng = np.random.default_rng(n)
    X = rng.normal(size=(n, d)) @ rng.normal(size=(d, d))
    squares, fourth, n_rows = moments(X)
    expected, share = ledoit_wolf(X)
    found = ledoit_wolf_share(squares, fourth, n_rows)
    assert found == pytest.approx(share, abs=1e-12)
    np.testing.assert_allclose(
        shrunk(squares, found), expected, atol=1e-12 * np.abs(expected).max()
    )


def test_a_weight_is_so_many_rows():
    rng = np.random.default_rng(0)
    X, weights = rng.normal(size=(30, 4)), rng.integers(1, 5, 30).astype(float)
    once, often = moments(X, weights), moments(np.repeat(X, weights.astype(int), axis=0))
    assert ledoit_wolf_share(*once) == pytest.approx(ledoit_wolf_share(*often), rel=1e-12)


def test_one_column_is_not_shrunk():
    X = np.random.default_rng(1).normal(size=(50, 1))
    assert ledoit_wolf_share(*moments(X)) == 0.0


def test_the_factor_inverts_the_matrix_with_one_row_more():
    rng = np.random.default_rng(2)
    squares, _, n = moments(rng.normal(size=(60, 5)))
    factor = inverse_factor(squares, n)
    assert (np.triu(factor, 1) == 0).all()
    prior = (n * squares + np.eye(5)) / (n + 1)
    np.testing.assert_allclose(factor.T @ factor @ prior, np.eye(5), atol=1e-10)


def test_columns_that_do_not_vary_have_a_factor():
    factor = inverse_factor(np.zeros((3, 3)), 8.0)
    np.testing.assert_allclose(factor, 3.0 * np.eye(3))
    np.testing.assert_allclose(inverse_factor(np.zeros(3), 8.0), np.full(3, 3.0))
