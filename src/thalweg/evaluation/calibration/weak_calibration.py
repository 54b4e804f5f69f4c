"""Weak calibration: intercept and slope of the truth on the logit, with a joint test, and O/E.

The model is logit P(y = 1) = a + b z, with the logit z of the predicted probability. Calibrated
predictions have (a, b) = (0, 1). A slope below 1 says that they are too far from the base rate
(too sure), one above 1 that they are too near. Cox 1958, "Two further applications of a model for
binary regression", Biometrika 45:562-565; Van Calster et al. 2016, J Clin Epidemiol 74:167-176.

*Calibration in the large.* The intercept a with the slope fixed at 1 makes the sum of σ(a + z)
equal to the observed number of positives. Its interval is the set of a for which the observed
number O is within 1.96 standard deviations of what σ(a + z) leads to expect:
|O - Σ σ(a + z)| ≤ 1.96 √(Σ σ (1 - σ)). O/E has the same interval, as Σ σ(a + z) / E, so the two
never disagree. If all predictions are equal, it is Wilson's interval of a share, divided by the
prediction.

*Groups.* If rows of one group depend on each other, 1.96 becomes Student's t times the root of the
design effect, the slope has the sandwich covariance (`logistic_newton.covariance_of_groups`), and
χ² is divided by the mean design effect of intercept and slope: Rao & Scott 1984, "On chi-squared
tests for multiway contingency tables with cell proportions estimated from survey data", Annals of
Statistics 12:46-60. With fewer than three groups there is no slope and no test.
"""

import math
from dataclasses import dataclass

import numpy as np

from thalweg.evaluation.calibration.calibration_shapes import WeakData, plain_number
from thalweg.evaluation.calibration.logistic_newton import (
    covariance_of_groups,
    log_likelihood,
    newton,
    separated,
)
from thalweg.evaluation.calibration.probability_rows import ProbabilityRows, expit
from thalweg.evaluation.dependent_rows import design_effect, independent_number, z_by_t
from thalweg.evaluation.judging.intervals import Estimate

Z = 1.959963984540054
FEWEST_GROUPS = 3
_NAN = float("nan")


@dataclass(frozen=True)
class WeakCalibration:
    """Intercept, slope and joint test.

    Parameters
    ----------
    intercept : Estimate
        With the slope fixed at 1, in logits; above 0, more rows are positive than predicted.
    slope : Estimate
    intercept_at_slope : float
        The intercept that was fitted together with the slope.
    chi2, p_value : float
        2 (ℓ(a, b) - ℓ(0, 1)), and how likely so much or more is if the predictions are calibrated,
        P(χ²₂ ≥ chi2).
    refused : str, optional
        Why there is no slope and no test.
    """

    intercept: Estimate
    slope: Estimate
    intercept_at_slope: float
    chi2: float
    p_value: float
    refused: str | None = None

    def as_dict(self) -> WeakData:
        """Plain data for JSON."""
        return {
            "intercept": self.intercept.as_dict(),
            "slope": self.slope.as_dict(),
            "intercept_at_slope": plain_number(self.intercept_at_slope),
            "chi2": plain_number(self.chi2),
            "p_value": plain_number(self.p_value),
            "refused": self.refused,
        }


def weak_calibration(rows: ProbabilityRows) -> WeakCalibration:
    """Intercept, slope and joint test of the rows of two classes.

    A row with a probability of exactly 0 or 1 that is right has the likelihood 1 under every slope
    above 0, and is left out. If one is wrong, its likelihood is 0 whatever intercept and slope are.
    """
    intercept = large_scale(rows)[0]
    refused = why_no_slope(rows)
    fit = None if refused else _fitted(rows)
    if fit is None:
        refused = refused or "the likelihood has no optimum within the reach of rounding"
        return WeakCalibration(intercept, Estimate(_NAN, _NAN, _NAN), _NAN, _NAN, _NAN, refused)
    a, b, error, chi2 = fit
    half = Z * error
    slope = Estimate(b, b - half, b + half)
    return WeakCalibration(intercept, slope, a, chi2, math.exp(-chi2 / 2))


def why_no_slope(rows: ProbabilityRows) -> str | None:
    """Why the rows do not determine a slope; None if they do."""
    if rows.groups is not None and n_groups_of(rows) < FEWEST_GROUPS:
        return f"the rows belong to fewer than {FEWEST_GROUPS} groups"
    if min(rows.n_positive, rows.n_negative) == 0:
        return "all rows are of one class"
    if rows.certain_and_wrong:
        return (
            f"{rows.certain_and_wrong:,} of the predictions are exactly 0 or 1, and wrong: "
            "no intercept and no slope can explain that"
        )
    z, y = rows.z[rows.finite], rows.y[rows.finite]
    if not len(z):
        return "all predictions are exactly 0 or 1"
    if z[0] == z[-1]:
        return "all predictions are equal, so there is no slope to measure"
    if separated(z, y):
        return (
            "a threshold on the predictions separates the classes without error, so the likeliest "
            "slope is infinite"
        )
    return None


def _fitted(rows: ProbabilityRows) -> tuple[float, float, float, float] | None:
    """Intercept, slope, its standard error (times t / z, of groups), and χ² of the joint test."""
    z, y, weights = (each[rows.finite] for each in (rows.z, rows.y, rows.weights))
    centre = float(np.sum(weights * z) / weights.sum())
    spread = float(np.sqrt(np.sum(weights * (z - centre) ** 2) / weights.sum()))
    if spread == 0:
        return None
    X = np.stack([np.ones(len(z)), (z - centre) / spread], axis=1)
    fit = newton(X, y, weights, np.array([centre, spread]))
    if fit is None:
        return None
    b = float(fit.beta[1]) / spread
    a = float(fit.beta[0]) - b * centre
    chi2 = 2 * (fit.log_likelihood - log_likelihood(z, y, weights))
    covariance = fit.covariance
    if rows.groups is not None:
        n = n_groups_of(rows)
        errors = weights * (y - expit(np.einsum("ni,i->n", X, fit.beta)))
        covariance = covariance_of_groups(covariance, X, errors, rows.groups[rows.finite], n)
        chi2 /= max(1.0, float(np.trace(np.linalg.solve(fit.covariance, covariance))) / 2)
        covariance = covariance / z_by_t(n)
    return a, b, math.sqrt(covariance[1, 1]) / spread, max(0.0, chi2)


def n_groups_of(rows: ProbabilityRows) -> float:
    """The effective number of groups, or of rows without groups."""
    return independent_number(len(rows.p), rows.weights, rows.groups)


def _reach(rows: ProbabilityRows, shift: float) -> float:
    """1.96, or of groups t times the root of the design effect of Σ w (y - σ(shift + z))."""
    if rows.groups is None:
        return Z
    p = rows.p.copy()
    with np.errstate(invalid="ignore"):
        p[rows.finite] = expit(rows.z[rows.finite] + shift)
    terms = rows.weights * (rows.y - p)
    n_groups = n_groups_of(rows)
    return Z * math.sqrt(design_effect(terms, rows.groups, rows.n, n_groups) / z_by_t(n_groups))


def large_scale(rows: ProbabilityRows) -> tuple[Estimate, Estimate]:
    """The intercept with the slope fixed at 1, and O/E, the observed by the expected number."""
    observed, expected = (float(np.sum(rows.weights * each)) for each in (rows.y, rows.p))
    middle = _shift(rows, 0.0)
    reach = _reach(rows, middle)
    ends = [middle, *(_shift(rows, sign * reach) for sign in (-1, 1))]
    intercept = Estimate(*ends)
    if expected == 0:
        return intercept, Estimate(math.inf if observed else _NAN, _NAN, _NAN)
    low, high = (_expected_in_all(rows, a) / expected for a in ends[1:])
    return intercept, Estimate(observed / expected, low, high)


def _expected_in_all(rows: ProbabilityRows, shift: float) -> float:
    """Σ σ(a + z) over all rows; probabilities of exactly 0 and 1 stay."""
    p = rows.p.copy()
    p[rows.finite] = expit(rows.z[rows.finite] + shift)
    return float(np.sum(rows.weights * p))


def _shift(rows: ProbabilityRows, far: float) -> float:
    """The a with Σ σ(a + z) - far · √(Σ σ (1 - σ)) = O, over rows with a finite logit.

    Rows with a probability of exactly 1 are expected, whatever a is: O is without so many.
    """
    from scipy.optimize import brentq

    z, weights = rows.z[rows.finite], rows.weights[rows.finite]
    if not len(z):
        return _NAN
    observed = float(np.sum(weights * rows.y[rows.finite]))
    if rows.certain_and_wrong:
        rest = ~rows.finite
        observed += float(np.sum(rows.weights[rest] * (rows.y[rest] - rows.p[rest])))
    if far <= 0 and observed <= 0:
        return -math.inf
    if far >= 0 and observed >= float(np.sum(weights)):
        return math.inf

    def excess(shift: float) -> float:
        p, q = expit(z + shift), expit(-z - shift)
        return float(np.sum(weights * p) - far * np.sqrt(np.sum(weights * p * q)) - observed)

    low, high = -35.0 - float(z[-1]), 35.0 - float(z[0])
    if excess(low) >= 0:
        return -math.inf
    if excess(high) <= 0:
        return math.inf
    return float(brentq(excess, low, high, xtol=1e-13, rtol=1e-14))
