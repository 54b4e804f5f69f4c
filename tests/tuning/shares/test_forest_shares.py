"""Shares by leaves, beside Optuna's own code and a function whose shares are known."""

import numpy as np
import pytest
from optuna.importance._fanova._tree import _FanovaTree

from thalweg.tuning.shares.forest_shares import forest_of, shares_of_forest


def additive(n=150, seed=0):
    random = np.random.default_rng(seed)
    X = random.uniform([0, -2, 5], [1, 2, 6], size=(n, 3))
    return X, 3 * X[:, 0] + X[:, 1], np.array([[0.0, 1.0], [-2.0, 2.0], [5.0, 6.0]])


def test_shares_are_those_of_optuna_for_the_same_trees():
    X, y, ends = additive(60)
    forest = forest_of(X, y + X[:, 0] * X[:, 2], 5, 0)
    others = []
    for tree in forest.estimators_:
        other = _FanovaTree(tree.tree_, ends)
        others.append(
            [other.get_marginal_variance(np.array([j])) / other.variance for j in range(3)]
        )
    assert shares_of_forest(forest, ends) == pytest.approx(np.mean(others, axis=0), rel=1e-9)


def test_shares_of_an_additive_function_are_known():
    X, y, ends = additive(800)
    found = shares_of_forest(forest_of(X, y, 20, 0), ends)
    # Var(3 x) = 9/12 on a side of 1, and 16/12 on a side of 4.
    assert found == pytest.approx([9 / 25, 16 / 25, 0], abs=0.04)


def test_a_box_that_is_smaller_than_the_forest_counts_alone():
    X = np.column_stack((np.repeat([0.1, 0.6, 0.9], 30), np.tile(np.linspace(0, 1, 30), 3)))
    forest = forest_of(X, np.where(X[:, 0] > 0.5, 5.0, X[:, 1]), 5, 0)
    ends = np.array([[0.0, 0.3], [0.0, 1.0]])
    assert shares_of_forest(forest, ends)[1] == pytest.approx(1, abs=1e-9)


def test_constant_trees_have_no_shares():
    X, y, ends = additive(30)
    assert shares_of_forest(forest_of(X, 0 * y, 3, 0), ends).tolist() == [0, 0, 0]
