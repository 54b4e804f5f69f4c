from functools import partial

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeCV
from threadpoolctl import threadpool_info, threadpool_limits

from thalweg.data.encoding.encoder import fit_encoder
from thalweg.evaluation.judging import baselines
from thalweg.evaluation.judging.baselines import (
    TrainingPart,
    commoner_class,
    logistic_regression,
    ridge_regression,
    softmax_regression,
)
from thalweg.evaluation.task_judging import TwoClasses


@pytest.fixture
def table():
    random = np.random.default_rng(0)
    X = random.normal(size=(120, 3)) * [1.0, 50.0, 0.01] + [0.0, 1000.0, 3.0]
    y = random.random(120) < 1 / (1 + np.exp(-2 * X[:, 0]))
    X[random.random(X.shape) < 0.1] = np.nan
    return X, y


def test_the_simpler_model_is_first_and_the_constant_last():
    assert list(TwoClasses("a", "b").baselines()) == [
        "logistic regression",
        "boosted trees",
        "always the commoner class",
    ]


@pytest.mark.parametrize(
    ("y", "weights", "rate"),
    [([1, 0, 0, 0], [1, 1, 1, 1], 0.25), ([1, 0, 0, 0], [9, 1, 1, 1], 0.75), ([1, 0], [2, 2], 0.5)],
)
def test_constant_is_the_weighted_base_rate(y, weights, rate):
    X = np.zeros((len(y), 2))
    answer = commoner_class(TrainingPart(X, np.array(y), np.array(weights, dtype=float)))
    assert answer(np.ones((3, 2))).tolist() == [rate] * 3


def test_logistic_regression_minimises_its_penalised_loss(table):
    X, y = table
    weights = np.random.default_rng(1).uniform(0.5, 2, len(y))
    answer = logistic_regression(TrainingPart(X, y, weights))
    encoded = fit_encoder(X, weights).encode(X)

    def loss(theta):
        z = encoded @ theta[1:] + theta[0]
        return weights @ (np.logaddexp(0, z) - y * z) + theta[1:] @ theta[1:] / 2

    best = minimize(loss, np.zeros(encoded.shape[1] + 1), method="BFGS", options={"gtol": 1e-7})
    wanted = 1 / (1 + np.exp(-(encoded @ best.x[1:] + best.x[0])))
    assert np.abs(answer(X) - wanted).max() < 1e-3
    assert (answer(X) > 0.5).mean() == pytest.approx(y.mean(), abs=0.2)


def test_logistic_regression_gives_the_probability_of_the_positive_class(table):
    X, y = table
    for labels in (y, y.astype(int), y.astype(float)):
        p = logistic_regression(TrainingPart(X, labels, np.ones(len(y))))(X)
        assert p.shape == (120,)
        assert p[y].mean() > p[~y].mean() + 0.2
    turned = logistic_regression(TrainingPart(X, ~y, np.ones(len(y))))(X)
    assert np.abs(turned - (1 - p)).max() < 1e-3


def test_a_weight_of_two_is_the_row_twice(table):
    X, y = table
    weights = np.where(np.arange(120) % 3 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(120), weights.astype(int))
    for baseline in (commoner_class, logistic_regression):
        weighted = baseline(TrainingPart(X, y, weights))(X)
        repeated = baseline(TrainingPart(X[twice], y[twice], np.ones(len(twice))))(X)
        assert weighted == pytest.approx(repeated, abs=1e-4)


def test_separable_and_wild_columns_converge_without_a_warning():
    random = np.random.default_rng(2)
    X = random.normal(size=(200, 5)) * [1e-9, 1.0, 1e9, 1e3, 0.0]
    for j in range(3):
        logistic_regression(TrainingPart(X, X[:, j] > 0, np.ones(200)))


def test_a_descent_that_does_not_converge_says_so(table, monkeypatch):
    monkeypatch.setattr(baselines, "_MAX_ITER", 1)
    with pytest.warns(ConvergenceWarning):
        logistic_regression(TrainingPart(*table, np.ones(120)))


def test_logistic_regression_takes_categories_as_the_network_does():
    rng = np.random.default_rng(0)
    codes = rng.integers(1, 4, 300)
    y = rng.random(300) < np.array([0.1, 0.9, 0.2])[codes - 1]  # no order among the levels
    X, weights = codes[:, None].astype(float), np.ones(300)
    as_number = logistic_regression(TrainingPart(X, y, weights))(X)
    as_category = logistic_regression(TrainingPart(X, y, weights, (3,)))(X)
    rates = np.array([y[codes == level].mean() for level in (1, 2, 3)])[codes - 1]
    assert np.abs(as_category - rates).max() < 0.05
    assert np.abs(as_number - rates).max() > 0.3


@pytest.mark.parametrize(
    "baseline",
    [logistic_regression, partial(softmax_regression, n_classes=2), ridge_regression],
)
def test_a_baseline_is_fitted_by_one_thread_whatever_the_machine_has(table, monkeypatch, baseline):
    threads = []
    for regression in (LogisticRegression, RidgeCV):

        def fit(self, *rows, _fit=regression.fit, **more):
            threads.extend(
                each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"
            )
            return _fit(self, *rows, **more)

        monkeypatch.setattr(regression, "fit", fit)
    X, y = table
    with threadpool_limits(2):
        baseline(TrainingPart(X, y.astype(int), np.ones(len(y))))
    assert set(threads) == {1}
