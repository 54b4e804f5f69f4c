"""How unlike some rows a row is: a number from the shape of its numbers and rare levels in it.

s(x) = (u - m)ᵀ C⁻¹ (u - m) - Σ log(share of the level) - Σ log(share filled or missing), where u
are the numbers and clock times as the encoder bends them, into [-3, 3]; a missing number is at its
mean. Days of the calendar are left out: those of later rows are later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.number_formulas import clipped
from thalweg.data.encoding.quantiles import scale_between
from thalweg.data.likeness.column_summary import ColumnSummary
from thalweg.data.likeness.row_slots import Slots, filling_costs
from thalweg.data.likeness.shrunk_covariance import inverse_factor, ledoit_wolf_share, shrunk

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

# With more numbers than this, their correlations are not kept: C is diagonal. The file has
# d (d + 1) / 2 floats of 4 bytes for C, so at most 80 kB.
MOST_TOGETHER = 200
N_PARTS = 5


@dataclass(frozen=True, eq=False)
class Shape:
    """The mean of the bent numbers of some rows, and how they vary together.

    Attributes
    ----------
    mean : ndarray of float64, shape (d,)
    factor : ndarray of float64, shape (d, d) or (d,)
        W with Wᵀ W = C⁻¹, lower triangular; its diagonal if there is nothing else.
    """

    mean: Floats
    factor: Floats

    def distances(self, bent: Floats) -> Floats:
        """|W (u - m)|² of each row; NaN is a number at its mean."""
        away = _away(bent, self.mean)
        turned = away * self.factor if self.factor.ndim == 1 else away @ self.factor.T
        found: Floats = np.einsum("ij,ij->i", turned, turned)
        return found


@dataclass(frozen=True, eq=False)
class Moments:
    """Weighted sums over some rows of bent numbers u, of which none is missing.

    Attributes
    ----------
    n : float
        Rows.
    sums : ndarray of float64, shape (d,)
        Σ u.
    products : ndarray of float64, shape (d, d), or (d,) for the squares alone
        Σ u uᵀ.
    """

    n: float
    sums: Floats
    products: Floats

    @classmethod
    def of(cls, bent: Floats, weights: Floats) -> "Moments":
        """Those of some rows."""
        if bent.shape[1] > MOST_TOGETHER:
            products = weights @ bent**2
        else:
            products = (bent * weights[:, np.newaxis]).T @ bent
        return cls(float(weights.sum()), weights @ bent, products)

    def but(self, part: "Moments") -> "Moments":
        """Without some of the rows."""
        products = self.products - part.products
        return Moments(self.n - part.n, self.sums - part.sums, products)

    @property
    def mean(self) -> Floats:
        """Of u."""
        return self.sums / self.n

    @property
    def covariance(self) -> Floats:
        """Of u; the variances if there are only squares."""
        if self.products.ndim == 1:
            return np.maximum(self.products / self.n - self.mean**2, 0.0)
        return self.products / self.n - np.outer(self.mean, self.mean)


def shapes_of(bent: Floats, weights: Floats, parts: Places) -> tuple[Shape, dict[int, Shape]]:
    """The shape of some rows, and that of the rows of all other parts, for each part.

    A missing number (NaN) is set to the mean of the column, in place.

    Parameters
    ----------
    bent : ndarray of float64, shape (n_rows, d)
    weights : ndarray of float64, shape (n_rows,)
        Their sum is the number of rows.
    parts : ndarray of int, shape (n_rows,)
    """
    missing = np.isnan(bent)
    if missing.any():
        present = np.maximum(weights @ ~missing, 1e-300)
        means = weights @ np.where(missing, 0.0, bent) / present
        bent[missing] = np.broadcast_to(means, bent.shape)[missing]
    among = {part: np.flatnonzero(parts == part) for part in np.unique(parts).tolist()}
    each = {part: Moments.of(bent[rows], weights[rows]) for part, rows in among.items()}
    whole = Moments(
        sum(one.n for one in each.values()),
        np.sum([one.sums for one in each.values()], axis=0),
        np.sum([one.products for one in each.values()], axis=0),
    )
    share, mean = 0.0, whole.mean
    if whole.products.ndim == 2:
        sizes = np.einsum("ij,ij->i", bent, bent) - 2.0 * (bent @ mean) + mean @ mean
        share = ledoit_wolf_share(whole.covariance, float(weights @ sizes**2) / whole.n, whole.n)

    def shape(moments: Moments) -> Shape:
        # With fewer rows, C would be shrunk more, and the scores of held-out rows be too low.
        return Shape(moments.mean, inverse_factor(shrunk(moments.covariance, share), whole.n))

    others = [] if len(each) < 2 else list(each)
    return shape(whole), {part: shape(whole.but(each[part])) for part in others}


def _away(bent: Floats, mean: Floats) -> Floats:
    away = bent - mean
    away[np.isnan(away)] = 0.0
    return away


@dataclass(frozen=True, eq=False)
class Marked:
    """What of some columns enters the score of a row.

    Attributes
    ----------
    columns : sequence of ColumnSummary
    """

    columns: Sequence[ColumnSummary]

    @cached_property
    def numbers(self) -> Places:
        """The numbers and clock times that vary."""
        return np.array(
            [j for j, each in enumerate(self.columns) if each.is_compared and self._scale(each)],
            dtype=np.intp,
        )

    @staticmethod
    def _scale(column: ColumnSummary) -> float:
        found = column.quantiles
        return scale_between(found[5], found[15], found[0], found[-1])

    @cached_property
    def center_and_scale(self) -> tuple[Floats, Floats]:
        """As the encoder has them, from the quantiles."""
        own = [self.columns[j] for j in self.numbers]
        return np.array([each.typical for each in own]), np.array(list(map(self._scale, own)))

    @cached_property
    def slots(self) -> dict[int, Slots]:
        """Those of each column with levels, or with one number."""
        numbers = set(self.numbers.tolist())
        return {
            j: Slots(each)
            for j, each in enumerate(self.columns)
            if j not in numbers and (len(each.codes) or each.is_compared)
        }

    @cached_property
    def filled(self) -> Places:
        """The columns whose missing cells count: a bound is missing where its number is."""
        kinds = enumerate(each.kind for each in self.columns)
        return np.array([j for j, kind in kinds if kind not in ("empty", "bound")], dtype=np.intp)

    def bent(self, matrix: Floats) -> Floats:
        """The numbers as the encoder bends them; NaN where one is missing."""
        own = matrix[:, self.numbers]
        missing = np.isnan(own)
        found = clipped(own, *self.center_and_scale, missing)
        if missing.any():
            found[missing] = np.nan
        return found

    def costs(self, matrix: Floats, left_out: float = 0.0) -> Floats:
        """-Σ log of the shares of levels and of missing cells, by the whole table.

        ``left_out`` is 1 for rows of the table, whose own cells then do not count.
        """
        n = self.columns[0].n
        rates = np.array([self.columns[j].missing for j in self.filled])
        full, none = filling_costs(n * rates, n, left_out)
        found: Floats = full.sum() + np.isnan(matrix[:, self.filled]) @ (none - full)
        for j, slots in self.slots.items():
            there = ~np.isnan(matrix[:, j])
            found[there] += slots.costs(slots.counts, left_out)[slots.of(matrix[there, j])]
        return found

    def crossed_costs(self, matrix: Floats, weights: Floats, parts: Places) -> Floats:
        """The same, where the shares of each part are those of the other parts, for groups."""
        missing = np.isnan(matrix[:, self.filled])
        some = missing.any(axis=0)
        among = _of_others(np.eye(N_PARTS)[parts] * weights[:, np.newaxis])
        n_other = among.sum(axis=1)
        lacking = among @ missing[:, some]
        full, none = filling_costs(lacking, n_other[:, np.newaxis])
        never = filling_costs(np.zeros(N_PARTS), n_other)[0] * np.count_nonzero(~some)
        found: Floats = (never + full.sum(axis=1))[parts]
        found += np.einsum("ij,ij->i", missing[:, some], (none - full)[parts])
        for j, slots in self.slots.items():
            there = ~np.isnan(matrix[:, j])
            own = slots.of(matrix[there, j])
            places, width = parts[there] * slots.n_slots + own, slots.n_slots
            counts = np.bincount(places, weights[there], minlength=N_PARTS * width)
            counts = counts.reshape(N_PARTS, width)
            others = np.maximum(counts.sum(axis=0) - counts, 0.0)
            found[there] += slots.costs(others)[parts[there], own]
        return found


def _of_others(among: Floats) -> Floats:
    """The weight of each row in the parts that it is not in, shape (n_parts, n_rows)."""
    found: Floats = (among.sum(axis=1, keepdims=True) - among).T
    return found
