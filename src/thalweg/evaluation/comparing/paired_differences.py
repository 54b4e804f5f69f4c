"""The difference of two models on the same rows, with the intervals of 95 % and of 90 %.

The interval of 95 % shows that there is a difference. That of 90 % shows that there is none that
matters: it lies within a margin if, and only if, two one-sided tests at 5 % exclude a difference
of the margin in both directions.
Schuirmann 1987, "A comparison of the two one-sided tests procedure and the power approach for
assessing the equivalence of average bioavailability", J. Pharmacokinetics and Biopharmaceutics
15:657-680.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from thalweg.evaluation.dependent_rows import group_codes, independent_number
from thalweg.evaluation.judging.informative_rows import FEWEST_ROWS
from thalweg.evaluation.judging.intervals import (
    Estimate,
    estimate,
    means,
    multiplicities,
    once,
    sorted_with,
    tail_level,
)


@dataclass(frozen=True)
class PairedDifference:
    """A difference of two models, and its intervals.

    Parameters
    ----------
    at_95, at_90 : Estimate
        The same value with its 95 % and its 90 % interval. NaN ends: the interval is unknown.
    sd : float, default nan
        The standard deviation of the difference of one row; NaN if it is unknown.
    """

    at_95: Estimate
    at_90: Estimate
    sd: float = math.nan

    @classmethod
    def of_95(cls, at_95: Estimate) -> "PairedDifference":
        """The difference where only the 95 % interval is known, which then stands for both."""
        return cls(at_95, at_95)

    @property
    def value(self) -> float:
        """The difference itself."""
        return self.at_95.value

    def mirrored(self) -> "PairedDifference":
        """The difference of the two models the other way round."""
        return PairedDifference(_mirrored(self.at_95), _mirrored(self.at_90), self.sd)


def paired_difference(
    mine: np.ndarray,
    other: np.ndarray,
    seed: int,
    weights: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> PairedDifference:
    """The mean of ``mine - other`` over the rows, with percentile bootstrap intervals.

    The 95 % interval is that of `judging.intervals.paired_mean`, and the 90 % interval is of the
    same resamples, with the levels for this number of rows.

    Parameters
    ----------
    mine, other : ndarray of float, shape (n_samples,)
        The loss of each row.
    seed : int
    weights : ndarray of float64, shape (n_samples,), optional
        The mean of each resample is then weighted, Σ c w d / Σ c w. Its variance is that of as many
        rows as Kish's effective number.
    groups : ndarray, shape (n_samples,), optional
        Rows of one group depend on each other: groups are drawn (`evaluation.dependent_rows`).

    Returns
    -------
    PairedDifference
        NaN if both losses are infinite in a row.
    """
    with np.errstate(invalid="ignore"):  # ∞ - ∞ is NaN, as the docstring says
        difference = mine - other
    difference, shares, codes = sorted_with(difference, weights, group_codes(groups))
    shares = None if shares is None else shares / shares.max()
    value = float(_weighted(once(len(difference)), difference, shares)[0])
    drawn = [_weighted(c, difference, shares) for c in multiplicities(len(difference), seed, codes)]
    resampled = np.concatenate(drawn)
    n = independent_number(len(difference), shares, codes)
    if codes is not None and n <= 1:  # one group says nothing about others
        unknown = Estimate(value, -math.inf, math.inf)
        return PairedDifference(unknown, unknown, _sd(difference, shares))
    at_95, at_90 = (estimate(value, resampled, tail_level(n, tail)) for tail in (0.025, 0.05))
    return PairedDifference(at_95, at_90, _sd(difference, shares))


def _mirrored(found: Estimate) -> Estimate:
    return Estimate(-found.value, -found.high, -found.low)


def _weighted(counts: np.ndarray, values: np.ndarray, shares: np.ndarray | None) -> np.ndarray:
    """The weighted mean of each resample; NaN and infinite values as in `means`."""
    if shares is None:
        return means(counts, values)
    found: np.ndarray = means(counts, values * shares) / means(counts, shares)
    return found


def _sd(difference: np.ndarray, shares: np.ndarray | None) -> float:
    """The standard deviation of the difference of a row, with n - 1; NaN if it is undefined."""
    w = np.ones(len(difference)) if shares is None else shares
    n = w.sum() ** 2 / np.sum(w**2)
    if n <= 1 or not np.isfinite(difference).all():
        return math.nan
    centred = difference - np.average(difference, weights=w)
    return math.sqrt(np.average(centred**2, weights=w) * n / (n - 1))


def rows_for_equivalence(sd: float, margin: float, power: float = 0.8) -> int | None:
    """The rows that show two equally good models to be as good, with this power.

    n = ((z(0.95) + z((1 + power) / 2)) sd / margin)²: both one-sided tests at 5 % then reject with
    this probability if the true difference is 0.
    Julious 2004, "Sample sizes for clinical trials with normal data", Statistics in Medicine
    23:1921-1986, section 5.

    Parameters
    ----------
    sd : float
        The standard deviation of the paired difference of one row.
    margin : float
    power : float, default 0.8

    Returns
    -------
    int or None
        None if the standard deviation is unknown, or no number of rows would do.
    """
    if not (math.isfinite(sd) and math.isfinite(margin) and margin > 0):
        return None
    z = float(ndtri(0.95) + ndtri((1 + power) / 2))
    return max(FEWEST_ROWS, math.ceil((z * sd / margin) ** 2))
