"""The difference of two models on the same rows, with the intervals of 95 % and of 90 %.

The interval of 95 % shows that there is a difference. That of 90 % shows that there is none that
matters: it lies within a margin if, and only if, two one-sided tests at 5 % exclude a difference
of the margin in both directions.
Schuirmann 1987, "A comparison of the two one-sided tests procedure and the power approach for
assessing the equivalence of average bioavailability", J. Pharmacokinetics and Biopharmaceutics
15:657-680.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from thalweg.evaluation.dependent_rows import Codes, design_effect, group_codes, independent_number
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

# The probability with which as many rows as are named show that two models are equally good.
POWER = 0.8
# The root of the most rows that are a useful answer.
_MOST_ROOT = 1e15**0.5


@dataclass(frozen=True)
class PairedDifference:
    """A difference of two models, and its intervals.

    Parameters
    ----------
    at_95, at_90 : Estimate
        The same value with its 95 % and its 90 % interval. NaN ends: the interval is unknown.
    sd : float, default nan
        The standard deviation of the difference of one row (times the root of the design effect,
        where rows belong to groups); NaN if it is unknown.
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

    Pairing removes what makes a row hard for both models, so it shows differences that two separate
    intervals would hide. Both intervals are of the same resamples, with the levels for this number
    of rows (`judging.intervals`).

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
        Infinite if one of the two losses is infinite in a row, NaN if both are: two infinities
        cannot be compared.
    """
    with np.errstate(invalid="ignore"):  # ∞ - ∞ is NaN, as the docstring says
        difference = mine - other
    difference, shares, codes = sorted_with(difference, weights, group_codes(groups))
    shares = None if shares is None else shares / shares.max()
    return bootstrapped_difference(
        lambda counts: _weighted(counts, difference, shares),
        len(difference),
        seed,
        (shares, codes),
        sd_of_rows(difference, shares, codes),
    )


def bootstrapped_difference(
    measure: Callable[[np.ndarray], np.ndarray],
    n: int,
    seed: int,
    marks: tuple[np.ndarray | None, Codes | None],
    sd: float,
) -> PairedDifference:
    """A difference that is measured on a sample, with both intervals of the same resamples.

    Parameters
    ----------
    measure : callable
        Maps multiplicities of shape (n_resamples, n) to differences of shape (n_resamples,).
    n, seed : int
        Rows of the sample, and the seed of the resamples.
    marks : tuple of ndarray or None
        The weights of the rows, whose effective number counts, and their groups.
    sd : float
        As in `PairedDifference`.
    """
    weights, groups = marks
    value = float(measure(once(n))[0])
    n_independent = independent_number(n, weights, groups)
    if groups is not None and n_independent <= 1:  # one group says nothing about others
        unknown = Estimate(value, -math.inf, math.inf)
        return PairedDifference(unknown, unknown, sd)
    resampled = np.concatenate([measure(counts) for counts in multiplicities(n, seed, groups)])
    at_95, at_90 = (
        estimate(value, resampled, tail_level(n_independent, tail)) for tail in (0.025, 0.05)
    )
    return PairedDifference(at_95, at_90, sd)


def _mirrored(found: Estimate) -> Estimate:
    return Estimate(-found.value, -found.high, -found.low)


def _weighted(counts: np.ndarray, values: np.ndarray, shares: np.ndarray | None) -> np.ndarray:
    """The weighted mean of each resample; NaN and infinite values as in `means`."""
    if shares is None:
        return means(counts, values)
    found: np.ndarray = means(counts, values * shares) / means(counts, shares)
    return found


def sd_of_rows(
    difference: np.ndarray, shares: np.ndarray | None, groups: Codes | None = None
) -> float:
    """The standard deviation of the difference of a row, with n - 1; NaN if it is undefined.

    Of rows in groups it is that of independent rows that know the mean as well.
    """
    w = np.ones(len(difference)) if shares is None else shares
    n = w.sum() ** 2 / np.sum(w**2)
    if n <= 1 or not np.isfinite(difference).all():
        return math.nan
    centred = difference - np.average(difference, weights=w)
    n_groups = independent_number(len(w), w, groups)
    effect = design_effect(w * centred, groups, n, n_groups)
    return math.sqrt(np.average(centred**2, weights=w) * n / (n - 1) * effect)


def rows_for_equivalence(sd: float, margin: float, power: float = POWER) -> int | None:
    """The rows that show two equally good models to be equivalent, with this power.

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
        None if the standard deviation is unknown, or more than 10¹⁵ rows would be needed.
    """
    if not (math.isfinite(sd) and math.isfinite(margin) and margin > 0):
        return None
    root = float(ndtri(0.95) + ndtri((1 + power) / 2)) * (sd / margin)
    return max(FEWEST_ROWS, math.ceil(root**2)) if root < _MOST_ROOT else None
