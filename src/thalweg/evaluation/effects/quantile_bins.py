"""QuantileBins of a column between quantiles, and the place of each row in them.

A curve is drawn from the 2.5 % to the 97.5 % quantile. Between them are m = min(38, 0.95 n/20)
bins. Their edges are values that the column has: the smallest value with at least the share
0.025 + 0.95 k/m of the rows at or below it, k = 0 … m. Equal edges are merged, and then bins with
fewer than 20 rows, not counting those on their lower edge. The ends that are drawn are edges, so
the model is asked there.

Beyond them is a bin up to the lowest value, and one up to the highest. They are not drawn and may
have fewer rows, but their rows count where the curve is centred. If no bin between the quantiles
has 20 rows, the bins go from the lowest to the highest value, and all of them are drawn.

A bin has both of its edges: a row on an inner edge is in two bins. So the difference between two
neighbouring values of a column of few values is averaged over the rows of both, as the R package
ALEPlot of Apley & Zhu averages it for ordered levels.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from thalweg.evaluation.effects.effect_source import Floats, Rows

MOST_BINS = 38
FEWEST_IN_BIN = 20
_LOW, _HIGH = 0.025, 0.975
# A step between two points that is wider than this share of all of them is a wide one.
_WIDE = 0.5
# Cumulative weights this close to a share of their total count as equal to it.
_TIE = 1e-9


@dataclass(frozen=True, eq=False)
class QuantileBins:
    """QuantileBins of the rows that have a value.

    Attributes
    ----------
    edges : ndarray of float64, shape (n_bins + 1,)
        Ascending.
    values, counts : ndarray of float64, shape (n_rows,)
        Of the rows, and how many rows each stands for.
    drawn : slice
        The edges from the first to the last that is drawn.
    """

    edges: Floats
    values: Floats
    counts: Floats
    drawn: slice

    @property
    def n(self) -> int:
        """The number of bins."""
        return len(self.edges) - 1

    @cached_property
    def place(self) -> Rows:
        """The bin of each row, 0 … n_bins - 1: the lower of two."""
        found = np.searchsorted(self.edges, self.values, side="left") - 1
        return np.asarray(np.clip(found, 0, self.n - 1), np.intp)

    @cached_property
    def along(self) -> Floats:
        """How far each row is through its bin, 0 … 1."""
        low, high = self.edges[self.place], self.edges[self.place + 1]
        found: Floats = (self.values - low) / (high - low)
        return found

    @cached_property
    def pairs(self) -> tuple[Rows, Rows]:
        """Each row with each bin that it is in: rows and bins, sorted by bin and row."""
        rows = np.arange(len(self.values))
        twice = (self.along == 1.0) & (self.place < self.n - 1)
        rows = np.concatenate((rows, np.flatnonzero(twice)))
        bins = np.concatenate((self.place, self.place[twice] + 1))
        order = np.lexsort((rows, bins))
        return rows[order], bins[order]

    @cached_property
    def rows(self) -> Floats:
        """How many rows are above the lower edge of each bin and not above the upper one."""
        found = np.bincount(self.place, self.counts, self.n)
        return np.asarray(found, np.float64)

    @property
    def rows_at_edges(self) -> Floats:
        """The rows of the bin that ends at each edge; for the first edge, of the first bin."""
        return np.concatenate((self.rows[:1], self.rows))

    def interpolation(self) -> tuple[Rows, Rows, Floats]:
        """Weights that interpolate a curve at each row: (row, edge, weight) of each term."""
        rows = np.arange(len(self.values))
        return (
            np.concatenate((rows, rows)),
            np.concatenate((self.place, self.place + 1)),
            np.concatenate((1.0 - self.along, self.along)),
        )


def quantile_bins(values: Floats, counts: Floats) -> QuantileBins | None:
    """The bins of a column; None if no two values have 20 rows between them.

    Parameters
    ----------
    values : ndarray of float64, shape (n_rows,)
        Not missing.
    counts : ndarray of float64, shape (n_rows,)
        How many rows each stands for.
    """
    edges = _edges(values, counts, _LOW, _HIGH)
    if edges is None:
        edges = _edges(values, counts, 0.0, 1.0)
    if edges is None:
        return None
    lowest, highest = values.min(), values.max()
    below, above = edges[:1] > lowest, edges[-1:] < highest
    found = np.concatenate((np.full(1, lowest)[below], edges, np.full(1, highest)[above]))
    start = int(below.sum())
    return QuantileBins(found, values, counts, slice(start, start + len(edges)))


def _edges(values: Floats, counts: Floats, low: float, high: float) -> Floats | None:
    """The edges of the bins between two quantiles; None if no two have 20 rows between them."""
    n_bins = int(np.clip((high - low) * counts.sum() / FEWEST_IN_BIN + _TIE, 1, MOST_BINS))
    shares = low + (high - low) * np.arange(n_bins + 1) / n_bins
    edges = np.unique(lower_quantiles(values, counts, shares))
    ordered = np.argsort(values, kind="stable")
    sums = np.concatenate(([0.0], np.cumsum(counts[ordered])))
    up_to = sums[np.searchsorted(values[ordered], edges, side="right")]
    # Then the rows on the lowest edge are rows of the first bin.
    if edges[0] == values.min() and up_to[0] < FEWEST_IN_BIN:
        up_to[0] = 0.0
    kept = list(range(len(edges)))
    while len(kept) > 1:
        n_rows = np.diff(up_to[kept])
        if n_rows.min() >= FEWEST_IN_BIN * (1 - _TIE):
            found: Floats = edges[kept]
            return found
        if len(kept) == 2:
            break
        small = int(np.argmin(n_rows))
        left = small > 0 and (small == len(n_rows) - 1 or n_rows[small - 1] <= n_rows[small + 1])
        kept.pop(small if left else small + 1)
    return None


def wide_step(values: Floats, x: Floats) -> tuple[float, float] | None:
    """The two neighbouring points that are far apart, with rows between them; None if none are.

    A model is asked at the points alone. Where rows are few, one bin may have most of the values,
    and what a curve does inside of it nobody knows.

    Parameters
    ----------
    values : ndarray of float64, shape (n_rows,)
        Of the column, NaN if missing.
    x : ndarray of float64, shape (n_points,)
        Ascending, at least two.
    """
    at = int(np.argmax(np.diff(x)))
    low, high = float(x[at]), float(x[at + 1])
    is_wide = high - low > _WIDE * (x[-1] - x[0])
    return (low, high) if is_wide and np.any((values > low) & (values < high)) else None


def lower_quantiles(values: Floats, counts: Floats, shares: Floats) -> Floats:
    """The smallest value with at least this share of the rows at or below it, for each share.

    Hyndman & Fan 1996, "Sample quantiles in statistical packages", type 1. A row that stands for
    two counts as two equal rows.
    """
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(counts[order])
    places = np.searchsorted(sums, (shares - _TIE) * sums[-1], side="left")
    found: Floats = values[order][np.clip(places, 0, len(values) - 1)] + 0.0
    return found
