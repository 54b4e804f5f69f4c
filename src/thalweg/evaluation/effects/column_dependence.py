"""How much columns depend on each other, by ranks: whether a PDP may be drawn.

Between numbers (dates, truth values) it is Spearman's correlation; between a number and a category
the correlation ratio η of the ranks; between categories Cramér's V. Ranks are weighted mid-ranks of
the rows that have a value; a pair is measured on the rows that have both.
"""

import numpy as np

from thalweg.evaluation.effects.effect_source import ColumnOfRows, Floats

# A column is independent if no dependence on another reaches this.
INDEPENDENT = 0.3
# A column with more levels than this counts as dependent.
_MOST_LEVELS = 200


def largest_dependence(columns: tuple[ColumnOfRows, ...], counts: Floats) -> Floats:
    """For each column its largest dependence on another one, 0 … 1; shape (n_columns,).

    Parameters
    ----------
    columns : tuple of ColumnOfRows
    counts : ndarray of float64, shape (n_rows,)
        How many rows each stands for.
    """
    numeric = [each.kind != "category" for each in columns]
    ranks = np.stack([_centred_ranks(each.values, counts) for each in columns], axis=1)
    there = np.stack([~np.isnan(each.values) for each in columns], axis=1).astype(np.float64)
    weighted = ranks * counts[:, np.newaxis]
    squares = (weighted * ranks).T @ there
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.abs(weighted.T @ ranks) / np.sqrt(squares * squares.T)
    found = np.nan_to_num(found)
    np.fill_diagonal(found, 0.0)
    for i, column in enumerate(columns):
        if numeric[i]:
            continue
        codes = np.unique(np.nan_to_num(column.values, nan=-1.0), return_inverse=True)[1]
        for j, other in enumerate(columns):
            if i != j:
                both = (there[:, i] * there[:, j]).astype(bool)
                of_numbers = numeric[j]
                measure = _eta if of_numbers else _cramer
                values = ranks[:, j] if of_numbers else other.values
                found[i, j] = found[j, i] = measure(codes[both], values[both], counts[both])
    return np.asarray(found.max(axis=1, initial=0.0), np.float64)


def _centred_ranks(values: Floats, counts: Floats) -> Floats:
    """Weighted mid-ranks minus their mean; 0 for a missing value."""
    found, there = np.zeros(len(values)), ~np.isnan(values)
    if not there.any():
        return found
    different, codes = np.unique(values[there], return_inverse=True)
    sums = np.bincount(codes, counts[there], len(different))
    middle = np.cumsum(sums) - sums / 2
    middle -= (middle * sums).sum() / sums.sum()
    found[there] = middle[codes]
    return found


def _eta(codes: np.ndarray, values: Floats, counts: Floats) -> float:
    """√(variance of the means of the levels / variance)."""
    if not len(codes):
        return 0.0
    values = values - np.average(values, weights=counts)
    total = float(np.sum(counts * values**2))
    sums, n = np.bincount(codes, counts * values), np.bincount(codes, counts)
    between = float(np.sum(sums[n > 0] ** 2 / n[n > 0]))
    return float(np.sqrt(between / total)) if total > 0 else 0.0


def _cramer(codes: np.ndarray, values: Floats, counts: Floats) -> float:
    """Cramér's V, without the bias of many levels (Bergsma 2013)."""
    if not len(codes):
        return 0.0
    others = np.unique(values, return_inverse=True)[1]
    own = np.unique(codes, return_inverse=True)[1]
    r, c, n = int(own.max()) + 1, int(others.max()) + 1, float(counts.sum())
    if min(r, c) < 2:
        return 0.0
    if max(r, c) > _MOST_LEVELS:
        return 1.0
    table = np.bincount(own * c + others, counts, r * c).reshape(r, c)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / n
    phi = float(np.sum((table - expected) ** 2 / np.maximum(expected, 1e-300))) / n
    phi = max(0.0, phi - (r - 1) * (c - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return float(np.sqrt(phi / least)) if least > 0 else 0.0
