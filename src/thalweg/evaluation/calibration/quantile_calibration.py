"""The calibration of predicted quantiles: the share of true values below them, beside the level.

A prediction q of the quantile at level τ is right if P(y < q) ≤ τ ≤ P(y ≤ q). The median is the
quantile at 0.5. Its mean error and its slope against the truth say nothing: where the noise is
skewed, a right quantile is far from the mean.

The interval of the share is exact: Clopper & Pearson 1934, "The use of confidence or fiducial
limits illustrated in the case of the binomial", Biometrika 26:404-413. The p-value is twice the
smaller of the two tails of the binomial distribution at τ, at most 1. A true value that equals its
prediction counts for neither side. Weighted rows count as Kish's effective number, and rows of
groups as no more than the number of groups.
"""

from dataclasses import dataclass

import numpy as np

from thalweg.evaluation.answers import Answers, How
from thalweg.evaluation.calibration.calibration_shapes import QuantileCalibrationData
from thalweg.evaluation.judging.intervals import Estimate, part_of
from thalweg.evaluation.judging.regression_metrics import checked_values


@dataclass(frozen=True)
class QuantileCalibration:
    """The share of true values below the predictions of a quantile.

    Parameters
    ----------
    how : str
        How the predictions came about, as in `Answers`.
    n_rows : float
        The (effective) number of rows.
    level : float
        The share that should be below: 0.5 of a median.
    below : Estimate
        The share of true values below the prediction; equal ones count half.
    p_value : float
        How likely a share so far from the level is if the predictions are right.
    """

    how: How
    n_rows: float
    level: float
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
    counts = np.sort(answers.counts())
    n = answers.effective_n
    if answers.groups is not None:
        n = min(n, float(len(np.unique(answers.groups))))
    total = float(counts.sum())
    under, up_to = (
        part_of(float(np.sort(answers.counts()[side]).sum()), total, n)
        for side in (y < predicted, y <= predicted)
    )
    low, high = clopper_pearson(under, n)[0], clopper_pearson(up_to, n)[1]
    return QuantileCalibration(
        answers.how, n, level, Estimate((under + up_to) / 2 / n, low, high),
        _p_value(under, up_to, n, level),
    )  # fmt: skip


def clopper_pearson(k: float, n: float) -> tuple[float, float]:
    """The exact 95 % limits of a share, k of n; neither needs to be whole."""
    from scipy.special import betaincinv

    low = float(betaincinv(k, n - k + 1, 0.025)) if k > 0 else 0.0
    return low, float(betaincinv(k + 1, n - k, 0.975)) if k < n else 1.0


def _p_value(under: float, up_to: float, n: float, level: float) -> float:
    """2 min(P(K ≥ under), P(K ≤ up to)), K binomial with n and the level."""
    from scipy.special import betainc

    at_least = float(betainc(under, n - under + 1, level)) if under > 0 else 1.0
    at_most = float(betainc(n - up_to, up_to + 1, 1 - level)) if up_to < n else 1.0
    return min(1.0, 2 * min(at_least, at_most))
