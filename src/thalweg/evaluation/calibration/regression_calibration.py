"""The calibration of predicted numbers: the line of truths on means, the share below quantiles.

Least squares of y on ŷ gives intercept a and slope b, which are 0 and 1 if the mean of y at each
prediction is the prediction (Mincer & Zarnowitz 1969, "The evaluation of economic forecasts").
Their covariance is HC3, which allows noise that differs from row to row: (XᵀX)⁻¹ Xᵀ diag(e² /
(1 - h)²) X (XᵀX)⁻¹ with the residuals e and the leverages h. MacKinnon & White 1985, "Some
heteroskedasticity-consistent covariance matrix estimators", J Econometrics 29:305-325. The joint
test of (0, 1) is Wald's, by the F distribution with 2 and n - 2 degrees of freedom.

If rows of one group depend on each other, n is the number of groups, and the sum of x e of a group
is divided by I - H_g, the leverage of the group, as HC3 divides by that of a row (CR3): Bell &
McCaffrey 2002, "Bias reduction in standard errors for linear regression with multi-stage samples",
Survey Methodology 28:169-181.

*Quantiles.* A prediction q of the quantile at level τ is right if P(y < q) ≤ τ ≤ P(y ≤ q). The
median is the quantile at 0.5. Its mean error and its slope against the truth say nothing: where the
noise is skewed, a right quantile is far from the mean.

The interval of the share is exact: Clopper & Pearson 1934, "The use of confidence or fiducial
limits illustrated in the case of the binomial", Biometrika 26:404-413. The p-value is twice the
smaller of the two tails of the binomial distribution at τ, at most 1. A true value that equals its
prediction counts for neither side. Weighted rows count as Kish's effective number, and rows of
groups as `evaluation.dependent_rows` counts those of their share.
"""

from dataclasses import dataclass

import numpy as np

from thalweg.evaluation.answers import Answers, How, effective_number
from thalweg.evaluation.calibration.calibration_shapes import (
    QuantileCalibrationData,
    RegressionCalibrationData,
    plain_number,
)
from thalweg.evaluation.dependent_rows import (
    Codes,
    group_codes,
    independent_number,
    rows_of_mean,
    sums_of_groups,
)
from thalweg.evaluation.judging.intervals import Estimate, part_of
from thalweg.evaluation.judging.regression_metrics import checked_values

FEWEST_VALUES = 10
_NAN = float("nan")
_NOTHING = Estimate(_NAN, _NAN, _NAN)


@dataclass(frozen=True)
class RegressionCalibration:
    """The line of the true values on the predictions.

    Parameters
    ----------
    how : str
        How the predictions came about, as in `Answers`.
    n_rows : float
        The (effective) number of rows.
    bias : Estimate
        The mean of y - ŷ.
    intercept, slope : Estimate
    p_value : float
        How likely a line so far from (0, 1) is if the predictions are calibrated.
    refused : str, optional
        Why there is no line.
    """

    how: How
    n_rows: float
    bias: Estimate
    intercept: Estimate = _NOTHING
    slope: Estimate = _NOTHING
    p_value: float = _NAN
    refused: str | None = None

    def as_dict(self) -> RegressionCalibrationData:
        """Plain data for JSON."""
        return {
            "n_rows": self.n_rows,
            "bias": self.bias.as_dict(),
            "intercept": self.intercept.as_dict(),
            "slope": self.slope.as_dict(),
            "p_value": plain_number(self.p_value),
            "refused": self.refused,
        }


def regression_calibration(answers: Answers) -> RegressionCalibration:
    """Bias, intercept and slope of predicted numbers.

    Parameters
    ----------
    answers : Answers
        For a numeric target.

    Returns
    -------
    RegressionCalibration
        The same for every order of the rows.
    """
    y, predicted = checked_values(answers.truth, answers.answer)
    counts, groups = answers.counts(), group_codes(answers.groups)
    order = np.lexsort((*(() if groups is None else (groups,)), counts, y, predicted))
    y, predicted, counts = y[order], predicted[order], counts[order]
    groups = None if groups is None else groups[order]
    weights, n_rows = counts / counts.max(), effective_number(counts)
    n = n_rows if groups is None else independent_number(len(y), weights, groups)
    size = max(float(np.abs(y).max()), float(np.abs(predicted).max())) or 1.0
    y, predicted = y / size, predicted / size  # squares of 1e200 would overflow
    bias = _scaled(mean_with_t(y - predicted, weights, groups), size)
    if n < FEWEST_VALUES:
        kind = "rows" if groups is None else "groups of rows"
        refused = f"a line needs {FEWEST_VALUES} {kind}; there are {int(n)}"
    elif predicted[0] == predicted[-1]:
        refused = "all predictions are equal, so there is no slope to measure"
    else:
        refused = None
    line = None if refused else _line(y, predicted, weights, n, groups)
    if line is None:
        refused = refused or "all predictions but one are equal, or differ by rounding alone"
        return RegressionCalibration(answers.how, n_rows, bias, refused=refused)
    intercept, slope, p_value = line
    return RegressionCalibration(
        answers.how, n_rows, bias, _scaled(intercept, size), slope, p_value
    )


def _scaled(found: Estimate, size: float) -> Estimate:
    return Estimate(found.value * size, found.low * size, found.high * size)


def _t(n: float) -> float:
    """The 97.5 % quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(n, 0.975))


def mean_with_t(
    values: np.ndarray, weights: np.ndarray | None = None, groups: Codes | None = None
) -> Estimate:
    """The mean of values in a fixed order, with Student's interval; NaN ends below two rows.

    Weighted values count as Kish's effective number of them, and those of groups as in
    `evaluation.dependent_rows`.
    """
    weights = np.ones(len(values)) if weights is None else weights / weights.max()
    n, size = independent_number(len(values), weights, groups), float(np.abs(values).max()) or 1.0
    shares, values = weights / weights.sum(), values / size  # squares of 1e200 would overflow
    mean = float(np.sum(shares * values))
    if n < 2:
        return Estimate(mean * size, _NAN, _NAN)
    # Σ shares² is 1 / n.
    squares = shares**2 * (values - mean) ** 2
    if groups is not None:
        squares = sums_of_groups(shares * (values - mean), groups) ** 2
    error = float(np.sqrt(np.sum(squares) * n / (n - 1)))
    half = _t(n - 1) * error
    return _scaled(Estimate(mean, mean - half, mean + half), size)


def _line(
    y: np.ndarray, predicted: np.ndarray, weights: np.ndarray, n: float, groups: Codes | None
) -> tuple[Estimate, Estimate, float] | None:
    """Intercept, slope and the p-value of the joint test."""
    shares = weights / weights.sum()
    centre = float(np.sum(shares * predicted))
    spread = float(np.sqrt(np.sum(shares * (predicted - centre) ** 2)))
    if spread <= 1e-14:
        return None
    u = (predicted - centre) / spread  # mean 0, mean square 1: 1 and u are orthogonal
    level, tilt = float(np.sum(shares * y)), float(np.sum(shares * u * y))
    away = y - level - tilt * u
    # A row of leverage 1 decides the line alone, and nothing is known about its noise.
    leverage = shares * (1 + u * u)
    if leverage.max() > 1 - 1e-6:
        return None
    X = np.stack([np.ones(len(u)), u])
    if groups is None:
        scores = X * (shares * away / (1 - leverage))
    else:
        found = _of_groups(X, shares, away, groups)
        if found is None:
            return None
        scores = found
    covariance = np.einsum("in,jn->ij", scores, scores)
    slope, intercept = tilt / spread, level - tilt / spread * centre
    half = _t(n - 2)
    of_intercept = np.array([1.0, -centre / spread])
    half_intercept = half * np.sqrt(max(0.0, of_intercept @ covariance @ of_intercept))
    half_slope = half * np.sqrt(covariance[1, 1]) / spread
    return (
        Estimate(intercept, intercept - half_intercept, intercept + half_intercept),
        Estimate(slope, slope - half_slope, slope + half_slope),
        _p_value(np.array([level - centre, tilt - spread]), covariance, n),
    )


def _of_groups(
    X: np.ndarray, shares: np.ndarray, away: np.ndarray, groups: Codes
) -> np.ndarray | None:
    """(I - A_g)⁻¹ Σ w x e of each group, shape (2, n_groups); A_g = Σ w x xᵀ has sum I over groups.

    That is Xᵀ (I - H_g)⁻¹ e of a group. None if a group decides the line alone.
    """
    sums = sums_of_groups(X * (shares * away), groups)
    a, b, c = sums_of_groups(np.stack([X[0], X[1], X[1] ** 2]) * shares, groups)
    determinant = (1 - a) * (1 - c) - b**2
    if determinant.min() < 1e-6:
        return None
    across = np.stack([(1 - c) * sums[0] + b * sums[1], b * sums[0] + (1 - a) * sums[1]])
    return np.asarray(across / determinant)


def _p_value(away: np.ndarray, covariance: np.ndarray, n: float) -> float:
    """P(F₂,ₙ₋₂ ≥ awayᵀ covariance⁻¹ away / 2), which has a closed form."""
    if np.all(np.abs(away) <= 1e-12):
        return 1.0  # the predictions are the truth, to within rounding
    determinant = covariance[0, 0] * covariance[1, 1] - covariance[0, 1] ** 2
    if determinant <= 1e-12 * covariance[0, 0] * covariance[1, 1]:
        return 0.0  # a line without noise, and another one
    inverse = np.array(
        [[covariance[1, 1], -covariance[0, 1]], [-covariance[0, 1], covariance[0, 0]]]
    )
    wald = float(away @ inverse @ away) / determinant
    return float((1 + wald / (n - 2)) ** (-(n - 2) / 2))


@dataclass(frozen=True)
class QuantileCalibration:
    """The share of true values below the predictions of a quantile.

    Parameters
    ----------
    level : float
        The share that should be below: 0.5 of a median.
    how, n_rows : str and float
        Those of the rows, as in `RegressionCalibration`.
    below : Estimate
        The share of true values below the prediction; equal ones count half.
    p_value : float
        How likely a share so far from the level is if the predictions are right.
    """

    level: float
    how: How
    n_rows: float
    below: Estimate
    p_value: float

    def as_dict(self) -> QuantileCalibrationData:
        """Plain data for JSON."""
        return {
            "n_rows": self.n_rows,
            "level": self.level,
            "below": self.below.as_dict(),
            "p_value": self.p_value,
        }


def quantile_calibration(answers: Answers, level: float) -> QuantileCalibration:
    """The share of true values below predicted quantiles, with an exact interval and test.

    Parameters
    ----------
    answers : Answers
        For a numeric target.
    level : float
        The level of the quantile, between 0 and 1.

    Returns
    -------
    QuantileCalibration
        The same for every order of the rows.
    """
    y, predicted = checked_values(answers.truth, answers.answer)
    sides, marks = np.stack([y < predicted, y <= predicted]), answers.counts()
    codes = group_codes(answers.groups)
    order = np.lexsort((*(() if codes is None else (codes,)), marks, *sides))
    sides, counts = sides[:, order], marks[order]
    codes = None if codes is None else codes[order]
    total = float(counts.sum())
    # A true value that equals its prediction counts as half below.
    n = rows_of_mean(sides.mean(axis=0), counts, codes)
    under, up_to = (part_of(float(counts[side].sum()), total, n) for side in sides)
    low, high = clopper_pearson(under, n)[0], clopper_pearson(up_to, n)[1]
    return QuantileCalibration(
        level, answers.how, answers.effective_n, Estimate((under + up_to) / 2 / n, low, high),
        p_of_share(under, up_to, n, level),
    )  # fmt: skip


def clopper_pearson(k: float, n: float) -> tuple[float, float]:
    """The exact 95 % limits of a share, k of n; neither needs to be whole."""
    from scipy.special import betaincinv

    low = float(betaincinv(k, n - k + 1, 0.025)) if k > 0 else 0.0
    return low, float(betaincinv(k + 1, n - k, 0.975)) if k < n else 1.0


def p_of_share(under: float, up_to: float, n: float, level: float) -> float:
    """2 min(P(K ≥ under), P(K ≤ up to)), at most 1, K binomial with n and the level."""
    from scipy.special import betainc

    at_least = float(betainc(under, n - under + 1, level)) if under > 0 else 1.0
    at_most = float(betainc(n - up_to, up_to + 1, 1 - level)) if up_to < n else 1.0
    return min(1.0, 2 * min(at_least, at_most))
