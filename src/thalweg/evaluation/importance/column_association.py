"""How much two columns tell of each other, from 0 to 1, whatever their kinds.

==================  ============================================================================
columns             association
==================  ============================================================================
two numbers         |Spearman's ρ|, Pearson's correlation of their ranks
two categories      Cramér's V, without its bias
number, category    η of the ranks: the root of the share of their variance between levels,
                    without its bias (ε², Kelley 1935)
==================  ============================================================================

Without a correction, V and η of unrelated columns grow with the number of levels: the mean of η² of
k levels in n rows is then (k - 1) / (n - 1).

Bergsma 2013, "A bias-correction for Cramér's V and Tschuprow's T", Journal of the Korean
Statistical Society 42:323-328. Kelley 1935, "An unbiased correlation ratio measure", PNAS
21:554-559.

A missing cell of a category is a level of its own. Of numbers, rows count in which both are there;
the ranks of a column are those among all of its numbers.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Fewer rows show no association.
_FEWEST_ROWS = 10


def associations(
    matrix: Floats, n_levels: Sequence[int], weights: np.ndarray | None = None
) -> Floats:
    """The association of each pair of columns.

    Parameters
    ----------
    matrix : ndarray of float64, shape (n_rows, n_columns)
        NaN where a cell is missing; for a category the number of the level.
    n_levels : sequence of int, length n_columns
        Above 0 for a category.
    weights : ndarray of float64, shape (n_rows,), optional

    Returns
    -------
    ndarray of float64, shape (n_columns, n_columns)
        Symmetric, with ones on the diagonal; 0 for a column that is constant.
    """
    w = np.ones(len(matrix)) if weights is None else weights / weights.mean()
    of_levels = np.array([n > 0 for n in n_levels], dtype=np.bool_)
    numbers, categories = np.flatnonzero(~of_levels), np.flatnonzero(of_levels)
    found = np.eye(len(n_levels))
    ranks = np.column_stack([_ranks(matrix[:, j], w) for j in numbers] or [np.empty((len(w), 0))])
    found[np.ix_(numbers, numbers)] = _of_numbers(ranks, w)
    levels = {j: _levels(matrix[:, j]) for j in categories.tolist()}
    for place, j in enumerate(categories.tolist()):
        with_numbers = _of_number_and_levels(ranks, levels[j], w)
        found[j, numbers] = found[numbers, j] = with_numbers
        for k in categories[:place].tolist():
            found[j, k] = found[k, j] = cramers_v(levels[j], levels[k], w)
    np.fill_diagonal(found, 1.0)
    return found


def _ranks(values: Floats, w: Floats) -> Floats:
    """Weighted mid-ranks from 0 to 1, NaN for a missing value: the weight below, and half of ties.

    Without weights they are (rank - ½) / n of the usual ranks with ties averaged.
    """
    ranks = np.full(len(values), np.nan)
    there = ~np.isnan(values)
    if not there.any():
        return ranks
    _, place = np.unique(values[there], return_inverse=True)
    of_value = np.bincount(place, w[there])
    middle = np.cumsum(of_value) - of_value / 2
    ranks[there] = (middle / of_value.sum())[place]
    return ranks


def _of_numbers(ranks: Floats, w: Floats) -> Floats:
    """|Pearson's correlation| of each pair of columns of ranks, over rows that have both."""
    there = (~np.isnan(ranks)).astype(np.float64)
    centred = np.where(there > 0, ranks - 0.5, 0.0)  # ranks have the mean ½
    weighted = there * w[:, np.newaxis]
    total, rows = there.T @ weighted, there.T @ there
    sums = (centred * w[:, np.newaxis]).T @ there  # of the first column, over rows that have both
    squares = (centred**2 * w[:, np.newaxis]).T @ there
    products = (centred * w[:, np.newaxis]).T @ centred
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = products - sums * sums.T / total
        variance = squares - sums**2 / total
        found = np.abs(covariance) / np.sqrt(variance * variance.T)
    # A variance that is only rounding is none.
    least = 1e-12 * total
    sound = (rows >= _FEWEST_ROWS) & (variance > least) & (least < variance.T)
    return np.where(sound, np.minimum(found, 1.0), 0.0)


def _levels(values: Floats) -> NDArray[np.intp]:
    """The levels that occur, 0 … k - 1; missing cells are one of them."""
    return np.unique(values, return_inverse=True, equal_nan=True)[1].astype(np.intp)


def _of_number_and_levels(ranks: Floats, levels: NDArray[np.intp], w: Floats) -> Floats:
    """η of each column of ranks, without its bias."""
    found = np.zeros(ranks.shape[1])
    for j, column in enumerate(ranks.T):
        there = ~np.isnan(column)
        if there.sum() < _FEWEST_ROWS:
            continue
        place = np.unique(levels[there], return_inverse=True)[1]
        n, k = int(there.sum()), int(place.max()) + 1
        w_there, values = w[there], column[there]
        of_level = np.bincount(place, w_there)
        centred = values - np.average(values, weights=w_there)
        whole = float(np.sum(w_there * centred**2))
        between = float(np.sum(np.bincount(place, w_there * centred) ** 2 / of_level))
        if n > k > 1 and whole > 1e-12 * n:
            share = 1 - max(0.0, 1 - between / whole) * (n - 1) / (n - k)
            found[j] = np.sqrt(np.clip(share, 0.0, 1.0))
    return found


def cramers_v(one: NDArray[np.intp], other: NDArray[np.intp], w: Floats) -> float:
    """Cramér's V of two columns of levels, without its bias.

    φ̃² = max(0, φ² - (r - 1)(c - 1) / (n - 1)) over min(r̃, c̃) - 1, with
    r̃ = r - (r - 1)² / (n - 1), and the same of c.
    """
    n, r, c = len(one), int(one.max()) + 1, int(other.max()) + 1
    if n < _FEWEST_ROWS or min(r, c) < 2:
        return 0.0
    # Only pairs of levels that occur: φ² = Σ p² / (p_row p_column) - 1.
    pairs, place = np.unique(one * c + other, return_inverse=True)
    share = np.bincount(place, w) / w.sum()
    rows, columns = (np.bincount(each, w) / w.sum() for each in (one, other))
    phi = float(np.sum(share**2 / (rows[pairs // c] * columns[pairs % c]))) - 1
    phi = max(0.0, phi - (r - 1) * (c - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return float(np.sqrt(min(1.0, phi / least))) if least > 0 else 0.0
