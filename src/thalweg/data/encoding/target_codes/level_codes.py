"""The code of each level of a category: a statistic of the target over the rows of the level.

The mean target of a level is shrunk to the mean of all rows by empirical Bayes: with n rows of the
level, it counts as n / (n + σ²/τ²), where σ² is the variance of the target within levels and τ²
that of the levels' true means. Both are moment estimates of a one-way layout with random effects
(Searle, Casella & McCulloch 1992, "Variance components", section 3.6). Of classes, the code is the
log-odds of the shrunk shares.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.target_codes.inner_parts import PARTS, Parts

Floats = NDArray[np.float64]
Levels = NDArray[np.intp]

# Codes of classes are at most so large: a level's odds are at most 55 times those of all rows.
MOST_LOG_ODDS = 4.0
# A category has codes if the variance between levels is above zero by so many standard errors.
_SHOWN = 2.0


@dataclass(frozen=True, eq=False)
class CodeTarget:
    """What the codes of some training rows are computed from.

    Parameters
    ----------
    values : ndarray of float64, shape (n_rows, n_values)
        Of classes a column for each class, 1 for the class of the row; of a numeric target one
        column, standardised.
    counts : ndarray of float64, shape (n_rows,)
        For how many rows each row counts.
    part : ndarray of int, shape (n_rows,)
        The inner part of each row, 0 … 4.
    is_classes : bool
    """

    values: Floats
    counts: Floats
    part: Parts
    is_classes: bool

    @property
    def n_codes(self) -> int:
        """The number of codes of a level."""
        return int(self.values.shape[1]) - self.is_classes

    def pick(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "CodeTarget":
        """The same of some rows."""
        return CodeTarget(self.values[rows], self.counts[rows], self.part[rows], self.is_classes)


def level_codes(levels: Levels, target: CodeTarget, n_levels: int) -> Floats:
    """The codes of each level, from all these rows.

    Parameters
    ----------
    levels : ndarray of int, shape (n_rows,)
        The number of the level, 0 … n_levels.
    target : CodeTarget
        Of the same rows.
    n_levels : int

    Returns
    -------
    ndarray of float64, shape (n_levels + 1, n_codes)
        Of classes, the log-odds of each class against the first, minus those of all rows; of a
        numeric target the shrunk mean minus the mean of all rows. 0 for a level without rows, at
        position 0 (a level that was not seen), and everywhere if the levels do not clearly differ.
    """
    codes = np.zeros((n_levels + 1, target.n_codes))
    counts = _sums(levels, target.counts, len(codes))
    total = counts.sum()
    if not total > 0:
        return codes
    weighted = (target.counts * values for values in target.values.T)
    sums = np.stack([_sums(levels, values, len(codes)) for values in weighted], axis=1)
    mean = sums.sum(axis=0) / total
    seen = np.flatnonzero(counts[1:]) + 1
    squares = float((target.counts @ (target.values - mean) ** 2).sum())
    rows = strength(counts[counts > 0], sums[counts > 0], mean, squares)
    if not np.isfinite(rows):
        return codes
    shrunk = (sums[seen] + rows * mean) / (counts[seen] + rows)[:, None]
    codes[seen] = _log_odds_ratios(shrunk, mean) if target.is_classes else shrunk - mean
    return codes


def strength(counts: Floats, sums: Floats, mean: Floats, squares: float) -> float:
    """σ²/τ²: for how many rows the mean of all rows counts in the shrunk mean of a level.

    Parameters
    ----------
    counts : ndarray of float64, shape (n_levels,)
        The rows of each level, above zero.
    sums : ndarray of float64, shape (n_levels, n_values)
        The sums of the target over the rows of each level.
    mean : ndarray of float64, shape (n_values,)
        The mean target of all rows.
    squares : float
        The sum of the squared distances of the target from that mean.

    Returns
    -------
    float
        Infinite if τ² is not clearly above zero, or cannot be told from σ². With several classes,
        the variances are sums over the classes, so that shrunk shares still have the sum 1.
    """
    n_levels, total = len(counts), float(counts.sum())
    free, between_free = total - n_levels, n_levels - 1
    if not (free > 0 and between_free > 0):
        return np.inf
    between = float((counts @ (sums / counts[:, None] - mean) ** 2).sum())
    within = max(0.0, squares - between) / free
    excess = between / between_free - within
    # The standard error of the mean square between levels, if they do not differ.
    error = within * np.sqrt(2.0 / between_free + 2.0 / free)
    variance = excess * between_free / (total - float((counts**2).sum()) / total)
    return within / variance if excess > _SHOWN * error else np.inf


def cross_fitted(levels: Levels, target: CodeTarget, n_levels: int) -> list[Floats]:
    """The codes of each level for the rows of each part, from the rows of the other parts.

    Returns
    -------
    list of ndarray of float64, shape (n_levels + 1, n_codes)
        One for each part.
    """
    others = (np.flatnonzero(target.part != part) for part in range(PARTS))
    return [level_codes(levels[rows], target.pick(rows), n_levels) for rows in others]


def _sums(levels: Levels, values: Floats, length: int) -> Floats:
    """The sum of some values over the rows of each level, 0 … length - 1."""
    return np.asarray(np.bincount(levels, values, length), dtype=np.float64)


def _log_odds_ratios(shares: Floats, mean: Floats) -> Floats:
    """The log-odds of each class against the first, minus those of all rows; bounded."""
    # Infinite if the level has no row of one of the two classes, NaN if no level has one.
    with np.errstate(divide="ignore", invalid="ignore"):
        logs, of_all = np.log(shares), np.log(mean)
        ratios = (logs[:, 1:] - logs[:, :1]) - (of_all[1:] - of_all[0])
    return np.asarray(np.clip(np.nan_to_num(ratios), -MOST_LOG_ODDS, MOST_LOG_ODDS))
