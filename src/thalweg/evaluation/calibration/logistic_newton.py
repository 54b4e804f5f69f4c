"""Logistic regression on a few inputs by Newton's method, and whether it has a finite optimum.

The log-likelihood of η = Xβ is ℓ(β) = -Σ w log(1 + exp(-sη)) with s = 1 for positive rows and -1
for negative ones. It is concave, with slope Xᵀ(w (y - σ(η))) and curvature -Xᵀ diag(w σ(1-σ)) X.
Without overlap of the classes it has no finite optimum: Albert & Anderson 1984, "On the existence
of maximum likelihood estimates in logistic regression models", Biometrika 71:1-10.
"""

from typing import NamedTuple

import numpy as np

from thalweg.evaluation.calibration.probability_rows import expit
from thalweg.evaluation.dependent_rows import Codes, sums_of_groups

# Without a finite optimum each step moves the logits by about 1, and there is no end.
_MOST_STEPS = 100
# Twice the gain in likelihood that a step promises: within 1e-10 standard errors of the optimum,
# and the step itself makes the square of it.
_LEAST_GAIN = 1e-20
# Far out on the way to infinity the gain is as small. There, no coefficient is known at all.
_LEAST_SURE = 1e10


class LogisticFit(NamedTuple):
    """A fitted logistic regression.

    Parameters
    ----------
    beta : ndarray, shape (n_inputs,)
    covariance : ndarray, shape (n_inputs, n_inputs)
        The inverse of the information.
    log_likelihood : float
    """

    beta: np.ndarray
    covariance: np.ndarray
    log_likelihood: float


def log_likelihood(eta: np.ndarray, y: np.ndarray, weights: np.ndarray) -> float:
    """-Σ w log(1 + exp(-sη))."""
    with np.errstate(under="ignore"):
        losses = np.logaddexp(0.0, np.where(y > 0, -eta, eta))
    return -float(np.sum(weights * losses))


def slope_and_information(
    X: np.ndarray, eta: np.ndarray, y: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The slope of the log-likelihood, and its curvature with the sign turned."""
    p = expit(eta)
    with np.errstate(under="ignore"):
        variances = weights * p * expit(-eta)
        # Not a matrix product: BLAS may sum in another order with another number of threads.
        slope = np.einsum("ni,n->i", X, weights * (y - p))
        information = np.einsum("ni,nj->ij", X, variances[:, np.newaxis] * X)
    return slope, information


def newton(
    X: np.ndarray, y: np.ndarray, weights: np.ndarray, start: np.ndarray
) -> LogisticFit | None:
    """The β with the largest likelihood; None if it runs away or X does not determine it.

    Parameters
    ----------
    X : ndarray, shape (n_samples, n_inputs)
        Best of size 1.
    y, weights : ndarray, shape (n_samples,)
    start : ndarray, shape (n_inputs,)
    """
    beta = start.astype(np.float64)
    eta = _product(X, beta)
    height = log_likelihood(eta, y, weights)
    for _ in range(_MOST_STEPS):
        slope, information = slope_and_information(X, eta, y, weights)
        step = _solved(information, slope)
        if step is None:
            return None
        gain = float(np.sum(slope * step))
        least = height - 1e-12 * abs(height)  # as much is rounding
        for _ in range(60):
            eta = _product(X, beta + step)
            found = log_likelihood(eta, y, weights)
            if found >= least:
                break
            step = step / 2
        beta, height = beta + step, found
        if gain <= _LEAST_GAIN:
            covariance = covariance_at(X, beta, weights)
            if covariance is not None and np.trace(covariance) > _LEAST_SURE:
                return None
            return None if covariance is None else LogisticFit(beta, covariance, height)
    return None


def covariance_at(X: np.ndarray, beta: np.ndarray, weights: np.ndarray) -> np.ndarray | None:
    """The inverse of the information at β; None if X does not determine β."""
    eta = _product(X, beta)
    _, information = slope_and_information(X, eta, np.zeros(len(eta)), weights)
    return _solved(information, np.eye(len(beta)))


def covariance_of_groups(
    inverse: np.ndarray, X: np.ndarray, errors: np.ndarray, groups: Codes, n_groups: float
) -> np.ndarray:
    """The covariance of β if rows of one group depend on each other (the sandwich).

    I⁻¹ [Σ_g s_g s_gᵀ] I⁻¹ · G / (G - 1), with the sum s_g of the slopes w (y - p) x of the rows of
    a group: Liang & Zeger 1986, "Longitudinal data analysis using generalized linear models".

    Parameters
    ----------
    inverse : ndarray, shape (n_inputs, n_inputs)
        I⁻¹, the covariance of independent rows.
    X : ndarray, shape (n_samples, n_inputs)
    errors : ndarray, shape (n_samples,)
        w (y - p).
    groups : ndarray of int, shape (n_samples,)
    n_groups : float
        The effective number of groups, G.
    """
    slopes = sums_of_groups(X.T * errors, groups)
    between = np.einsum("ig,jg->ij", slopes, slopes) * (n_groups / (n_groups - 1))
    found: np.ndarray = np.einsum("ij,jk,kl->il", inverse, between, inverse)
    return found


def _product(X: np.ndarray, beta: np.ndarray) -> np.ndarray:
    eta: np.ndarray = np.einsum("ni,i->n", X, beta)
    return eta


def _solved(matrix: np.ndarray, right: np.ndarray) -> np.ndarray | None:
    """matrix⁻¹ right, for a positive definite matrix; None if it is none to within rounding."""
    size = np.sqrt(np.diag(matrix))
    if not np.all(size > 0):
        return None
    scaled = matrix / np.outer(size, size)
    if np.linalg.eigvalsh(scaled)[0] < 1e-13:
        return None
    by = size if right.ndim == 1 else size[:, np.newaxis]
    found: np.ndarray = np.linalg.solve(scaled, right / by) / by
    return found


def separated(z: np.ndarray, y: np.ndarray) -> bool:
    """Whether a threshold on z splits the classes, apart from rows at the threshold itself.

    Then the likelihood has no finite optimum in intercept and slope. True if a class has no row.
    """
    positive, negative = z[y > 0], z[y == 0]
    if not len(positive) or not len(negative):
        return True
    return bool(positive.min() >= negative.max() or negative.min() >= positive.max())
