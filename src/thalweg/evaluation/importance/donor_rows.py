"""Donor rows: from which row each row takes a cell, when the cells of a column are permuted."""

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import generator

Rows = NDArray[np.intp]


def donor_rows(
    n_rows: int,
    n_permutations: int,
    seed: int,
    weights: np.ndarray | None = None,
    part: int = 0,
) -> Rows:
    """The donor of each row, in each permutation.

    Without weights, each row is the donor of one row, and never of itself (of two rows or more):
    rows stand in a random circle, and each takes the cell of the next one. So the mean loss is an
    unbiased estimate of that over all pairs of different rows.

    With weights, a row is the donor of its share of the rows, rounded up or down at random
    (systematic sampling), because its cell is so common.

    Parameters
    ----------
    n_rows, n_permutations, seed : int
    weights : ndarray of float64, shape (n_rows,), optional
    part : int, default 0
        The number of these rows among several parts, such as folds, which draw numbers of their
        own.

    Returns
    -------
    ndarray of int, shape (n_permutations, n_rows)
    """
    found = np.empty((n_permutations, n_rows), np.intp)
    for k in range(n_permutations):
        random = generator(seed, "permuted cells", part, k)
        if weights is None:
            order = random.permutation(n_rows)
            found[k, order] = np.roll(order, -1)
        else:
            found[k] = _by_weight(weights, random)
    return found


def _by_weight(weights: np.ndarray, random: np.random.Generator) -> Rows:
    """A donor of each row, as often as its weight says."""
    order = random.permutation(len(weights))
    ends = np.cumsum(weights[order])
    marks = (np.arange(len(weights)) + random.random()) * (ends[-1] / len(weights))
    places = np.searchsorted(ends, marks, side="right").clip(max=len(weights) - 1)
    return np.asarray(random.permutation(order[places]), dtype=np.intp)
