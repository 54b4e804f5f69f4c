"""Tests of whether two samples are of one distribution: of numbers, of levels, and of shares.

Of the first sample only its summary is known.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, kolmogorov

from thalweg.data.likeness.column_summary import ColumnSummary

Floats = NDArray[np.float64]

# Parts with fewer expected rows in a sample are joined: below, χ² has no χ² distribution.
_FEWEST_EXPECTED = 5.0
# The time of the exact test grows with the number of rows.
_MOST_EXACT = 1_000_000


def kolmogorov_smirnov(summary: ColumnSummary, values: Floats) -> float:
    """The p-value of the largest difference between two distribution functions, where known.

    They are compared at the different quantiles from 5 to 95 %, just below the smallest and at the
    largest value of the first sample. The largest difference at these is at most the largest one
    anywhere, whose p-value by the limit of Kolmogorov therefore keeps its level: p is rather too
    large than too small, also where values repeat.

    Parameters
    ----------
    summary : ColumnSummary
        Of numbers; with at least one value.
    values : ndarray of float64, shape (n_present,)
        Of the second sample; no NaN, at least one.
    """
    n, m = summary.n_present, len(values)
    gap = float(np.max(np.abs(np.diff(distributions(summary, values), axis=0))))
    return float(kolmogorov(gap * np.sqrt(n * m / (n + m))))


def distributions(summary: ColumnSummary, values: Floats) -> Floats:
    """Both distribution functions where the first is known, shape (2, n_edges + 2)."""
    ordered = np.sort(values)
    least, most = summary.quantiles[0], summary.quantiles[-1]
    places = [
        np.searchsorted(ordered, [least], "left"),
        np.searchsorted(ordered, np.append(summary.edges, most), "right"),
    ]
    then = np.concatenate(([0.0], summary.below, [1.0]))
    return np.stack([then, np.concatenate(places) / len(ordered)])


def same_levels(then: Floats, now: Floats, n_joined: int = 0) -> float:
    """The p-value of a χ² test that two samples have the same shares of levels.

    Rare levels are joined, until each part has at least 5 expected rows in both samples. Two parts
    have Fisher's exact test. NaN if there is one part.

    Parameters
    ----------
    then, now : ndarray of float64, shape (n_levels,)
        Rows.
    n_joined : int, default 0
        The last so many are always among the rare levels: those that the first sample alone chose,
        because it has few rows of them or none. Which others are rare is up to both samples alike,
        as a χ² test needs it.
    """
    both = then + now
    share = min(then.sum(), now.sum()) / both.sum()
    chosen = len(both) - n_joined
    order = np.append(np.argsort(-both[:chosen], kind="stable"), np.arange(chosen, len(both)))
    then, now, expected = then[order], now[order], both[order] * share
    many = int(np.count_nonzero(expected[:chosen] >= _FEWEST_EXPECTED))
    if many < len(then):
        rest = np.arange(len(then)) >= many
        # The rest is a part of its own, or too small for one.
        at = many if expected[rest].sum() >= _FEWEST_EXPECTED or many < 2 else many - 1
        then = np.append(then[:at], then[at:].sum())
        now = np.append(now[:at], now[at:].sum())
    filled = then + now > 0
    then, now = then[filled], now[filled]
    if len(then) < 2:
        return float("nan")
    if len(then) == 2:
        return same_share(float(then[1]), float(then.sum()), float(now[1]), float(now.sum()))
    both, n, m = then + now, then.sum(), now.sum()
    chi2 = 0.0
    for rows, own in ((then, n), (now, m)):
        expected = both * own / (n + m)
        chi2 += float(np.sum((rows - expected) ** 2 / expected))
    return float(chdtrc(len(then) - 1, chi2))


def same_share(then: float, n: float, now: float, m: float) -> float:
    """The p-value of Fisher's exact test: ``then`` of n rows, ``now`` of m; counts are rounded.

    Of more than a million rows it is that of χ², which is then the same to three digits, and takes
    no time that grows with their number.

    NaN if no row or all rows of both have it.
    """
    from scipy.stats import fisher_exact  # SciPy's statistics take long to import

    if n + m > _MOST_EXACT:
        both = np.array([then + now, n + m - then - now])
        if both.min() <= 0:
            return float("nan")
        chi2 = sum(
            (rows - share * own) ** 2 / (share * own)
            for own, hits in ((n, then), (m, now))
            for rows, share in zip((hits, own - hits), both / (n + m), strict=True)
        )
        return float(chdtrc(1, chi2))
    a, b = round(then), round(now)
    table = [[a, max(0, round(n) - a)], [b, max(0, round(m) - b)]]
    if 0 in np.sum(table, axis=0):
        return float("nan")
    return float(min(1.0, fisher_exact(table)[1]))
