"""Metrics of a group that are means: Brier score, RMSE, MAE and mean error.

The interval of a mean size is that of its logarithm, log(mean) ± t · (standard error / mean): sizes
are above 0 and skewed. A mean of 0 has no interval of this kind, and is not judged.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from thalweg.evaluation.answers import effective_number
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.subgroups import group_contrasts, unnoticed
from thalweg.evaluation.subgroups.group_contrasts import Contrast
from thalweg.evaluation.subgroups.group_measures import Detectable, GroupRows, Measured

_NAN = float("nan")


@dataclass(frozen=True)
class _Moments:
    """The mean of some values, the variance of one, and their effective number."""

    mean: float
    variance: float
    n: float

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        return math.sqrt(self.variance / self.n)

    @property
    def t(self) -> float:
        """The 0.975 quantile of t with n - 1 degrees of freedom."""
        return float(stdtrit(self.n - 1, 0.975)) if self.n > 1 else _NAN


def _moments(values: np.ndarray, weights: np.ndarray) -> _Moments:
    n = effective_number(weights)
    mean = float(np.average(values, weights=weights))
    if n <= 1:
        return _Moments(mean, _NAN, n)
    spread = float(np.average((values - mean) ** 2, weights=weights))
    return _Moments(mean, spread * n / (n - 1), n)


@dataclass(frozen=True)
class SizeMeasure:
    """The mean of a size, or its root.

    Parameters
    ----------
    key, name : str
    value : callable
        Gives the size of each row.
    root : bool, default False
        Whether the root of the mean is meant.
    most : float, default inf
        The largest possible mean.
    tested : bool, default False
        Whether the sizes are tested, by ranks.
    """

    key: str
    name: str
    value: Callable[[GroupRows], np.ndarray]
    root: bool = False
    most: float = math.inf
    tested: bool = False

    def size(self, rows: GroupRows) -> float:
        """The effective number of rows."""
        return rows.answers.effective_n

    def of(self, rows: GroupRows) -> Measured:
        """The mean with its interval."""
        found = _moments(self.value(rows), rows.answers.counts())
        if not found.mean > 0:
            return Measured(Estimate(found.mean, _NAN, _NAN), "all errors are 0: no interval")
        factor = math.exp(min(found.t * found.error / found.mean, 700.0))
        ends = (found.mean, found.mean / factor, min(found.mean * factor, self.most))
        return Measured(Estimate(*(math.sqrt(end) if self.root else end for end in ends)))

    def _ranked(self, rows: GroupRows) -> tuple[np.ndarray, np.ndarray]:
        weights = rows.answers.counts()
        return self.value(rows), weights * (rows.answers.effective_n / weights.sum())

    def contrast(self, parts: Sequence[GroupRows]) -> Contrast:
        """The rank-sum test, or Kruskal-Wallis."""
        return group_contrasts.of_sizes([self._ranked(part) for part in parts])

    def detectable(self, group: GroupRows, rest: GroupRows, level: float) -> Detectable:
        """The mean of the rest times the factor that would have been found."""
        sizes, weights = self._ranked(rest)
        mean = float(np.average(sizes, weights=weights))
        factor = unnoticed.larger_sizes(self.size(group), sizes, weights, level)
        if factor is None:
            return Detectable(mean, _NAN, _NAN)
        return Detectable(mean, mean * factor, mean * (factor - 1))


@dataclass(frozen=True)
class MeanErrorMeasure:
    """The mean of prediction - truth: above 0, predictions are too high."""

    key: str = "mean_error"
    name: str = "mean error"
    tested: bool = True

    def size(self, rows: GroupRows) -> float:
        """The effective number of rows."""
        return rows.answers.effective_n

    def _moments(self, rows: GroupRows) -> _Moments:
        return _moments(rows.answers.answer - rows.answers.truth, rows.answers.counts())

    def of(self, rows: GroupRows) -> Measured:
        """The mean error with its t interval."""
        found = self._moments(rows)
        half = found.t * found.error
        return Measured(Estimate(found.mean, found.mean - half, found.mean + half))

    def contrast(self, parts: Sequence[GroupRows]) -> Contrast:
        """Welch's analysis of variance."""
        moments = [self._moments(part) for part in parts]
        return group_contrasts.of_means([(m.mean, m.variance, m.n) for m in moments])

    def detectable(self, group: GroupRows, rest: GroupRows, level: float) -> Detectable:
        """The distance from the mean error of the rest, in either direction."""
        mine, other = self._moments(group), self._moments(rest)
        a, b = mine.variance / mine.n, other.variance / other.n
        if not a + b > 0:
            return Detectable(other.mean, _NAN, _NAN)
        df = (a + b) ** 2 / (a**2 / (mine.n - 1) + b**2 / (other.n - 1))  # Welch
        far = unnoticed.shift(math.sqrt(a + b), level, df)
        return Detectable(other.mean, other.mean + far, far)
