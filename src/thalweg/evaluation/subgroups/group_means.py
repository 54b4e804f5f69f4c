"""Metrics of a group that are means: Brier score, RMSE, MAE and mean error.

Each interval is that of all rows: Hall's of a mean size, and Student's of the mean error. A mean
size of 0 in a group is not judged.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from thalweg.evaluation.answers import effective_number
from thalweg.evaluation.calibration.regression_calibration import mean_with_t
from thalweg.evaluation.judging.closed_form_intervals import mean_loss
from thalweg.evaluation.judging.intervals import Estimate, sorted_with
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
    estimate : callable, optional
        Gives the mean of some rows with its interval; default: that of losses of numbers.
    tested : bool, default False
        Whether the sizes are tested, by ranks.
    """

    key: str
    name: str
    value: Callable[[GroupRows], np.ndarray]
    root: bool = False
    estimate: Callable[[GroupRows], Estimate] | None = None
    tested: bool = False

    def size(self, rows: GroupRows) -> float:
        """The effective number of rows."""
        return rows.answers.effective_n

    def of(self, rows: GroupRows) -> Measured:
        """The mean with its interval."""
        if self.estimate is None:
            sizes, weights, _ = sorted_with(self.value(rows), rows.answers.weights)
            found = mean_loss(sizes, 0, weights)
        else:
            found = self.estimate(rows)
        why = "" if found.value > 0 else "all errors are 0"
        return Measured(found.at(math.sqrt) if self.root else found, why)

    def _ranked(self, rows: GroupRows) -> tuple[np.ndarray, np.ndarray]:
        weights = rows.answers.counts()
        return self.value(rows), weights * (rows.answers.effective_n / weights.sum())

    def contrast(self, parts: Sequence[GroupRows]) -> Contrast:
        """The rank-sum test, or Kruskal-Wallis."""
        return group_contrasts.of_sizes([self._ranked(part) for part in parts])

    def larger(self, group: GroupRows, rest: GroupRows) -> float:
        """In how many of the pairs of a row of the group and one of the rest it is larger."""
        return group_contrasts.larger_share(self._ranked(group), self._ranked(rest))

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
        answers = rows.answers
        errors, weights, _ = sorted_with(answers.answer - answers.truth, answers.weights)
        return Measured(mean_with_t(errors, weights))

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
