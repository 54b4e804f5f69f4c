"""Sorted values as fewer ones of equal mass, rounded in the direction that keeps the promise.

A file keeps at most 2,000 values of each list. Each value then stands for the same mass of rows,
and is the most extreme value of these rows. So an interval can only become wider, and a set larger:
above any limit lie at least as many rows as before. A list of at most 2,000 rows is kept exactly.
(The scores of a class share the room of one list over all networks.)
"""

import math

import numpy as np
from numpy.typing import NDArray

from thalweg.evaluation.answers import effective_number

Floats = NDArray[np.float64]

MOST_OF_A_LIST = 2_000


def unit_weights(weights: Floats | None, n_rows: int) -> tuple[Floats, float]:
    """Weights that sum to the effective number of rows, and this number.

    A new row from the weighted rows has on average the weight Σw² / Σw. With this scale it is 1,
    as in the ranks: n + 1 are the rows with the new one. Equal weights become 1.
    Tibshirani, Barber, Candès & Ramdas 2019, "Conformal prediction under covariate shift".
    """
    if weights is None or n_rows == 0 or weights.min() == weights.max():
        return np.ones(n_rows), float(n_rows)
    n = effective_number(weights)
    shares = weights / weights.max()
    return shares * (n / shares.sum()), n


def mass_of(weights: Floats, lists: NDArray[np.intp], n_lists: int) -> float:
    """The mass of each value that is kept: the smallest that keeps every list short enough.

    Rows that weigh 1 are kept as they are, as long as there are at most `MOST_OF_A_LIST` in a list.
    """
    largest = float(np.bincount(lists, weights, n_lists).max()) if len(weights) else 0.0
    if np.all(weights == 1):
        return float(max(1, math.ceil(largest / MOST_OF_A_LIST)))
    return largest / MOST_OF_A_LIST


def kept_values(values: Floats, weights: Floats, mass: float) -> Floats:
    """Values of equal mass, ascending; each is the first of its rows in ascending order.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
    mass : float
        Of each value that is kept. The last one may stand for less.

    Returns
    -------
    ndarray
        For every limit v, mass · #{kept ≤ v} is at least the weight of the values up to v.
    """
    order = np.lexsort((weights, values))
    cumulative = np.cumsum(weights[order])
    if not len(order):
        return np.zeros(0)
    # Rounding of the sum must not add a value.
    count = math.ceil(float(cumulative[-1]) / mass * (1 - 1e-12))
    places = np.searchsorted(cumulative, mass * np.arange(count), side="right")
    kept: Floats = values[order][np.minimum(places, len(order) - 1)]
    return kept
