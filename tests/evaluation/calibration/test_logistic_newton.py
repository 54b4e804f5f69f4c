"""Newton's method for logistic regression, against fifty digits and scikit-learn."""

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from sklearn.linear_model import LogisticRegression

from planted import expit
from thalweg.evaluation.calibration.logistic_newton import log_likelihood, newton, separated


def drawn(n=40, seed=0):
    random = np.random.default_rng(seed)
    X = np.stack([np.ones(n), random.normal(size=n), random.normal(size=n)], axis=1)
    y = (random.random(n) < expit(X @ [0.3, 1.2, -0.5])).astype(float)
    return X, y, random.uniform(0.5, 2.0, n)


def test_the_fit_agrees_with_fifty_digits():
    X, y, weights = drawn()
    fit = newton(X, y, weights, np.zeros(3))
    with mpmath.workdps(50):
        rows = [[mpf(float(each)) for each in row] for row in X]

        def slope(*beta):
            residuals = [
                mpf(float(w)) * (mpf(float(t)) - 1 / (1 + mpmath.exp(-mpmath.fdot(row, beta))))
                for row, t, w in zip(rows, y, weights, strict=True)
            ]
            return [mpmath.fsum(r * row[k] for r, row in zip(residuals, rows, strict=True))
                    for k in range(3)]  # fmt: skip

        exact = mpmath.findroot(slope, tuple(fit.beta), tol=1e-80)
        information = -mpmath.inverse(mpmath.calculus.optimization.jacobian(mpmath, slope, exact))
        errors = [float(abs(mpf(float(b)) / e - 1)) for b, e in zip(fit.beta, exact, strict=True)]
        assert max(errors) < 1e-14
        for k in range(3):
            # The Jacobian of mpmath is a difference quotient, good to some 20 digits.
            assert float(abs(information[k, k] / mpf(float(fit.covariance[k, k])) + 1)) < 1e-12 or (
                float(abs(information[k, k] / mpf(float(fit.covariance[k, k])) - 1)) < 1e-12
            )


def test_the_fit_agrees_with_scikit_learn():
    X, y, weights = drawn(300, 1)
    fit = newton(X, y, weights, np.zeros(3))
    other = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    other.fit(X[:, 1:], y, sample_weight=weights)
    np.testing.assert_allclose(fit.beta, [other.intercept_[0], *other.coef_[0]], rtol=1e-6)


@pytest.mark.parametrize("start", [-3.0, 1.0, 5.0])
def test_the_fit_does_not_depend_on_the_start(start):
    X, y, weights = drawn()
    fit = newton(X, y, weights, np.full(3, start))
    np.testing.assert_allclose(fit.beta, newton(X, y, weights, np.zeros(3)).beta, rtol=1e-12)


def test_no_weight_in_nearby_beta_is_likelier():
    X, y, weights = drawn()
    fit = newton(X, y, weights, np.zeros(3))
    for move in np.random.default_rng(0).normal(size=(20, 3)) * 1e-3:
        assert log_likelihood(X @ (fit.beta + move), y, weights) < fit.log_likelihood


def test_separated_classes_and_equal_columns_have_no_fit():
    z = np.linspace(-2, 2, 20)
    y = (z > 0.1).astype(float)
    X = np.stack([np.ones(20), z], axis=1)
    assert newton(X, y, np.ones(20), np.zeros(2)) is None
    other = (np.arange(20) % 3 == 0).astype(float)
    assert newton(X[:, [0, 0]], other, np.ones(20), np.zeros(2)) is None
    assert newton(X, other, np.ones(20), np.zeros(2)) is not None


@pytest.mark.parametrize(
    ("z", "y", "is_so"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1], True),
        ([1, 2, 3, 4], [1, 1, 0, 0], True),
        ([1, 2, 2, 3], [0, 0, 1, 1], True),  # apart from a tie
        ([1, 2, 3, 4], [0, 1, 0, 1], False),
        ([1, 2, 2, 3, 3, 4], [0, 0, 1, 0, 1, 1], False),
        ([1, 2], [1, 1], True),
    ],
)
def test_separation_is_known_exactly(z, y, is_so):
    z, y = np.array(z, float), np.array(y, float)
    assert separated(z, y) is is_so
    X = np.stack([np.ones(len(z)), z], axis=1)
    assert (newton(X, y, np.ones(len(z)), np.zeros(2)) is None) is is_so
