"""The calibration of several classes: one temperature, and each class against the rest.

The temperature says how sure the probabilities should be. The model is
P(class k) = p_k^b / Σ p_j^b. The exponent b is the slope of the logits, and 1 / b the temperature:
with a slope below 1, the predictions are too sure. ℓ(b) = Σ w [b log p_y - log Σ p_j^b] is concave
in b. If rows of one group depend on each other, the variance of b is the sandwich's, and χ² is
divided by the design effect.
Guo, Pleiss, Sun & Weinberger 2017, "On calibration of modern neural networks", ICML.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from thalweg.evaluation.answers import Answers, How, effective_number
from thalweg.evaluation.calibration.calibration_shapes import (
    MulticlassCalibrationData,
    TemperatureData,
    plain_number,
)
from thalweg.evaluation.calibration.two_class_calibration import (
    TwoClassCalibration,
    two_class_calibration,
)
from thalweg.evaluation.calibration.weak_calibration import FEWEST_GROUPS, Z
from thalweg.evaluation.dependent_rows import (
    Codes,
    group_codes,
    independent_number,
    sums_of_groups,
    z_by_t,
)
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.judging.multiclass_metrics import checked_classes

_NAN = float("nan")


@dataclass(frozen=True)
class TemperatureTest:
    """The slope of the logits of several classes.

    Parameters
    ----------
    slope : Estimate
        1 / temperature.
    chi2, p_value : float
        2 (ℓ(b) - ℓ(1)), and how likely so much or more is if the slope is 1, P(χ²₁ ≥ chi2).
    refused : str, optional
        Why there is no slope.
    """

    slope: Estimate
    chi2: float
    p_value: float
    refused: str | None = None

    def as_dict(self) -> TemperatureData:
        """Plain data for JSON."""
        return {
            "slope": self.slope.as_dict(),
            "chi2": plain_number(self.chi2),
            "p_value": plain_number(self.p_value),
            "refused": self.refused,
        }


def temperature_test(answers: Answers) -> TemperatureTest:
    """The slope of the logits with its interval, and the likelihood ratio test of 1.

    Parameters
    ----------
    answers : Answers
        For several classes.
    """
    L, right, weights, groups = _log_rows(answers)
    refused = _why_not(L, right)
    n_groups = independent_number(len(L), weights, groups)
    if groups is not None and n_groups < FEWEST_GROUPS:
        refused = f"the rows belong to fewer than {FEWEST_GROUPS} groups"
    fit = None if refused else fit_slope(L, right, weights)
    if fit is None:
        nothing = Estimate(_NAN, _NAN, _NAN)
        return TemperatureTest(nothing, _NAN, _NAN, refused or "the likeliest slope is not above 0")
    b, error, chi2 = fit
    if groups is not None:
        effect = _design_effect(L, right, weights, groups, b) * n_groups / (n_groups - 1)
        error, chi2 = error * math.sqrt(effect / z_by_t(n_groups)), chi2 / max(1.0, effect)
    slope = Estimate(b, b - Z * error, b + Z * error)
    return TemperatureTest(slope, chi2, math.erfc(math.sqrt(chi2 / 2)))


def _design_effect(
    L: np.ndarray, right: np.ndarray, weights: np.ndarray, groups: Codes, b: float
) -> float:
    """The variance of the slope if rows of one group depend on each other, by that of the model.

    Σ_g (Σ w (log p_y - Σ q_k log p_k))² by Σ w Var_q(log p): the sandwich of one parameter.
    """
    finite = np.where(np.isfinite(L), L, 0.0)
    with np.errstate(under="ignore"):
        e = np.where(np.isfinite(L), np.exp(b * (finite - L.max(axis=1, keepdims=True))), 0.0)
    q = e / e.sum(axis=1, keepdims=True)
    mean = np.sum(q * finite, axis=1)
    variance = np.sum(q * (finite - mean[:, np.newaxis]) ** 2, axis=1)
    slopes = sums_of_groups(weights * (finite[right] - mean), groups)
    return float(np.sum(slopes**2) / np.sum(weights * variance))


def _log_rows(answers: Answers) -> tuple[np.ndarray, np.ndarray, np.ndarray, Codes | None]:
    """log p, the true classes as truth values, weights and groups; in a fixed order."""
    codes, p = checked_classes(answers.truth, answers.answer)
    counts = answers.counts()
    groups = group_codes(answers.groups)
    order = np.lexsort((*(() if groups is None else (groups,)), counts, *p.T, codes))
    codes, p, counts = codes[order], p[order], counts[order]
    groups = None if groups is None else groups[order]
    weights = counts / counts.max()
    weights = weights * (effective_number(counts) / weights.sum())
    with np.errstate(divide="ignore"):
        L = np.log(p)
    return L, codes[:, np.newaxis] == np.arange(p.shape[1]), weights, groups


def _why_not(L: np.ndarray, right: np.ndarray) -> str | None:
    of_truth = L[right]
    if not np.all(np.isfinite(of_truth)):
        return (
            f"{int(np.sum(~np.isfinite(of_truth))):,} of the rows have a probability of exactly 0 "
            "for their true class: no temperature can explain that"
        )
    largest, finite = L.max(axis=1), np.isfinite(L)
    least = np.where(finite, L, np.inf).min(axis=1)
    if np.all(largest == least):
        return "all classes are equally probable in each row, so there is no slope to measure"
    if np.all(of_truth == largest):
        return (
            "the true class has the largest probability in each row, so the likeliest slope is "
            "infinite"
        )
    return None


def fit_slope(
    L: np.ndarray, right: np.ndarray, weights: np.ndarray
) -> tuple[float, float, float] | None:
    """The slope, its standard error and the χ² of the test of 1, by Newton's method.

    None if the slope with the largest likelihood is not above 0.
    """
    shifted = np.where(np.isfinite(L), L - L.max(axis=1, keepdims=True), -np.inf)
    size = float(np.sqrt(np.max(np.where(np.isfinite(shifted), shifted, 0.0) ** 2)))
    shifted = shifted / size

    def at(b: float) -> tuple[float, float, float]:
        """The log-likelihood, its slope and its curvature with the sign turned."""
        with np.errstate(invalid="ignore", under="ignore"):
            scaled = np.where(np.isfinite(shifted), b * shifted, -np.inf)
            e = np.exp(scaled)
            total = e.sum(axis=1)
            q = e / total[:, np.newaxis]
            finite = np.where(np.isfinite(shifted), shifted, 0.0)
            mean = np.sum(q * finite, axis=1)
            variance = np.sum(q * (finite - mean[:, np.newaxis]) ** 2, axis=1)
        truth = finite[right]
        return (
            float(np.sum(weights * (b * truth - np.log(total)))),
            float(np.sum(weights * (truth - mean))),
            float(np.sum(weights * variance)),
        )

    if at(0.0)[1] <= 0:
        return None
    b = size
    height, slope, information = start = at(b)
    for _ in range(200):
        # At most ten times as much, at least half: the slope stays above 0.
        step = slope / information if information > 0 else math.copysign(math.inf, slope)
        step = min(max(step, -b / 2), 9 * b)
        least = height - 1e-12 * abs(height)  # as much is rounding
        while (found := at(b + step))[0] < least:
            step /= 2
        gain, b = slope * step, b + step
        height, slope, information = found
        if gain <= 1e-20:
            error = 1 / math.sqrt(information)
            return b / size, error / size, max(0.0, 2 * (height - start[0]))
    return None


@dataclass(frozen=True, eq=False)
class MulticlassCalibration:
    """How far the probabilities of several classes agree with the truth.

    There is no number for all classes together but the temperature: a mean of calibration errors
    over classes hides those of the rare ones.

    Parameters
    ----------
    how : str
        How the predictions came about, as in `Answers`.
    n_rows : float
        The (effective) number of rows.
    temperature : TemperatureTest
    classes : tuple of TwoClassCalibration
        Each class against the rest, in the order of the columns.
    """

    how: How
    n_rows: float
    temperature: TemperatureTest
    classes: tuple[TwoClassCalibration, ...]

    def as_dict(self) -> MulticlassCalibrationData:
        """Plain data for JSON."""
        return {
            "n_rows": self.n_rows,
            "temperature": self.temperature.as_dict(),
            "classes": [each.as_dict() for each in self.classes],
        }


def multiclass_calibration(answers: Answers, seed: int = 0) -> MulticlassCalibration:
    """The calibration of the probabilities of several classes.

    Parameters
    ----------
    answers : Answers
        For several classes.
    seed : int, default 0
        Of the draws of calibrated predictions.

    Returns
    -------
    MulticlassCalibration
        The same for every order of the rows.
    """
    temperature = temperature_test(answers)
    classes = (
        two_class_calibration(
            replace(answers, truth=answers.truth == k, answer=answers.answer[:, k]), seed
        )
        for k in range(answers.answer.shape[1])
    )
    return MulticlassCalibration(answers.how, answers.effective_n, temperature, tuple(classes))
