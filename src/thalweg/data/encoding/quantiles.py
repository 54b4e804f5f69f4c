"""Weighted quantiles of a column, and the centre (median) and scale (interquartile range)."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Cumulative weights this close to a quantile's share, relative to their total, count as equal to
# it, because sums of weights have rounding errors.
_TIE = 1e-9
# Differences below the smallest normal number count as 0: their inverse can be infinite.
_TINY = np.finfo(np.float64).tiny
# From _MANY values on, a sample of about _SAMPLE locates the quantiles to within _MARGIN ranks of
# it, six standard errors of the median.
_MANY, _SAMPLE, _MARGIN = 2**16, 2**12, 192


def center_and_scale(values: Floats, weights: Floats) -> tuple[float, float]:
    """The weighted median of a column, and 1 / spread.

    Parameters
    ----------
    values, weights : ndarray of float64, shape (n_samples,)
        No NaN; at least one value, all weights above zero.

    Returns
    -------
    center : float
        The median.
    scale : float
        1 / (interquartile range); if that range is 0, 2 / (max - min); if that is 0 too, 0.
    """
    low, median, high = quantiles(values, weights, np.array([0.25, 0.5, 0.75]))
    if high - low >= _TINY:
        return median, 1.0 / (high - low)
    return median, scale_between(low, high, values.min(), values.max())


def scale_between(low: float, high: float, least: float, most: float) -> float:
    """The scale of a column: 1 / (high - low); if that is 0, 2 / (most - least); if that is 0, 0.

    Parameters
    ----------
    low, high : float
        The 25 % and the 75 % quantile.
    least, most : float
        The ends.
    """
    if high - low >= _TINY:
        return 1.0 / (high - low)
    spread = most - least
    return 2.0 / spread if spread >= _TINY else 0.0


def quantiles(values: np.ndarray, weights: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Weighted quantiles: the averaged inverse of the distribution function.

    Hyndman & Fan 1996, "Sample quantiles in statistical packages", type 2: the mean of the
    smallest value that has at least the share at or below it, and the smallest that has more.

    Parameters
    ----------
    values, weights : ndarray of float64, shape (n_samples,)
        In any order; no NaN, at least one value, all weights above zero.
    shares : ndarray of float64
        Above 0 and below 1.
    """
    if not (weights == weights[0]).all():
        order = np.argsort(values)
        values, weights = values[order], weights[order]
        return quantiles_of_sorted(values, weights, shares)
    # With equal weights, the ranks are known without sorting, so only few values are sorted.
    return _middle(*selected(values, *_ranks(np.cumsum(weights), shares)))


def quantiles_of_sorted(values: np.ndarray, weights: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The same of values that are sorted, each with its weight."""
    low, high = _ranks(np.cumsum(weights), shares)
    return _middle(values[low], values[high])


def _ranks(sums: np.ndarray, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ranks on either side of each quantile, from the cumulative weights of sorted values."""
    at_least = np.searchsorted(sums, (shares - _TIE) * sums[-1], side="left")
    more_than = np.searchsorted(sums, (shares + _TIE) * sums[-1], side="right")
    return at_least, more_than


def _middle(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    # Adding 0.0 turns -0.0 into 0.0, so that their order does not matter.
    middle: np.ndarray = (low + high + 0.0) / 2.0
    return middle


def selected(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Select the values with the ranks ``low`` and ``high``, without sorting all values.

    Of many values only those between two values of a sample are sorted (Floyd & Rivest 1975,
    "Expected time bounds for selection", CACM 18).

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        No NaN.
    low, high : ndarray of int, shape (k,)
        Ranks that are near each other, on either side of a quantile.

    Returns
    -------
    ndarray of float64, shape (2, k)
    """
    n = len(values)
    if n < _MANY:
        ordered = np.partition(values, np.unique((low, high)))
        return np.stack((ordered[low], ordered[high]))
    sample = np.sort(values[:: n // _SAMPLE])
    chosen = np.empty((2, len(low)))
    for k, (first, last) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
        here = first * len(sample) // n
        floor = sample[max(0, here - _MARGIN)]
        roof = sample[min(len(sample) - 1, here + _MARGIN)]
        near = values[(values >= floor) & (values <= roof)]
        below = int(np.count_nonzero(values < floor))
        if not below <= first <= last < below + len(near):  # the sample was not representative
            near, below = values, 0
        ordered = np.partition(near, np.unique((first - below, last - below)))
        chosen[:, k] = ordered[first - below], ordered[last - below]
    return chosen
