"""Robust scaling and smooth clipping of one column, and the weighted quantiles they rest on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Cumulative weights this close to a quantile's share, relative to their total, count as equal
# to it: sums of weights are rounded.
_TIE = 1e-9
# Differences below the smallest normal number count as none: their inverse is not finite.
_TINY = np.finfo(np.float64).tiny
# Of so many values a sample tells where the quantiles are, by six standard errors of the median.
_MANY, _SAMPLE, _MARGIN = 2**16, 2**12, 192
# From here on the bent value is exactly 3, and its square is still exact.
FAR = 1e8
# How far from 0 a bent value can lie.
FARTHEST = 3.0


def held(
    values: NDArray[np.floating],
    start: Floats,
    per_unit: Floats,
    least: Any,
    most: Any,
    missing: NDArray[np.bool_] | None = None,
) -> Floats:
    """(value - start) · per_unit, held between two ends; what is missing counts as the start.

    Parameters
    ----------
    values : ndarray of float, shape (n_samples, n_columns)
        Not above 1e300 in size.
    start, per_unit : ndarray of float64, shape (n_columns,)
    least, most : float, or ndarray of float64, shape (n_columns,)
    missing : ndarray of bool, shape (n_samples, n_columns), optional
        Where ``values`` is NaN; None where nowhere.
    """
    found = values - start
    if missing is not None and missing.any():
        np.copyto(found, 0.0, where=missing)
    # A product beyond the floats lies far outside, one below them is a zero.
    with np.errstate(over="ignore", under="ignore"):
        found *= per_unit
    np.minimum(np.maximum(found, least, out=found), most, out=found)
    return found


def bend(third: Floats) -> None:
    """3 t / √(1 + t²), in the place of t, which is at most `FAR` in size."""
    with np.errstate(under="ignore"):  # the square of a tiny number
        third /= np.sqrt(1.0 + third * third)
    third *= FARTHEST


def bent(
    values: NDArray[np.floating],
    center: Floats,
    scale: Floats,
    missing: NDArray[np.bool_] | None = None,
) -> Floats:
    """z / √(1 + (z/3)²) with z = scale · (value - center), in [-3, 3]; 0 where one is missing.

    Parameters
    ----------
    values : ndarray of float, shape (n_samples, n_columns)
        Not above 1e300 in size.
    center, scale : ndarray of float64, shape (n_columns,)
    missing : ndarray of bool, shape (n_samples, n_columns), optional
        Where ``values`` is NaN; None where nowhere.
    """
    third = held(values, center, scale / 3.0, -FAR, FAR, missing)
    bend(third)
    return third


def center_and_scale(values: Floats, weights: Floats) -> tuple[float, float]:
    """Weighted median of a column, and one over its spread.

    Parameters
    ----------
    values, weights : ndarray of float64, shape (n_samples,)
        No NaN; at least one value, all weights above zero.

    Returns
    -------
    center : float
        The median.
    scale : float
        1 / (interquartile range); where that range is 0, 2 / (max - min); where that is 0 too, 0.
    """
    low, median, high = quantiles(values, weights, np.array([0.25, 0.5, 0.75]))
    if high - low >= _TINY:
        return median, 1.0 / (high - low)
    spread = values.max() - values.min()
    return median, 2.0 / spread if spread >= _TINY else 0.0


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
    alike = bool((weights == weights[0]).all())
    if not alike:
        order = np.argsort(values)
        values, weights = values[order], weights[order]
    sums = np.cumsum(weights)
    at_least = np.searchsorted(sums, (shares - _TIE) * sums[-1], side="left")
    more_than = np.searchsorted(sums, (shares + _TIE) * sums[-1], side="right")
    # Where all weights are alike, places are known before the order is: few are looked at.
    chosen = selected(values, at_least, more_than) if alike else values[[at_least, more_than]]
    # One zero: which of -0.0 and 0.0 came first does not matter.
    middle: np.ndarray = (chosen[0] + chosen[1] + 0.0) / 2.0
    return middle


def selected(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Of some values those that stand at ``low``, and at ``high``, once they are sorted.

    Of many values only those near are sorted, between two of a sample (Floyd & Rivest 1975,
    "Expected time bounds for selection", CACM 18).

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        No NaN.
    low, high : ndarray of int, shape (k,)
        Not far apart: the places on either side of a quantile.

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
        if not below <= first <= last < below + len(near):  # the sample was an odd one
            near, below = values, 0
        ordered = np.partition(near, np.unique((first - below, last - below)))
        chosen[:, k] = ordered[first - below], ordered[last - below]
    return chosen
