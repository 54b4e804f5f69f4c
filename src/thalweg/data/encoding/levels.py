"""Encode categories: one-hot outputs for the most common levels, one frequency output for the rest.

Each level has an output, 1 for the level and 0 otherwise, scaled and smoothly clipped like any
number. For the first layer this is the same as a learned vector for each level (an embedding): the
columns of W1 that belong to the levels are these vectors. Nothing here uses the
target: `thalweg.data.encoding.target_codes` tells the levels apart that share an output.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.cluster.stored_fields import StoredFields
from thalweg.data.cells import LARGEST
from thalweg.data.encoding.encoder_arrays import Arrays, StoredArrays, is_bounded
from thalweg.data.encoding.encoder_part import FitColumn, OutputScaling, RowBlock
from thalweg.data.encoding.few_row_encoding import Lookups
from thalweg.data.encoding.number_formulas import FARTHEST, clipped
from thalweg.data.encoding.quantiles import center_and_scale

Floats = NDArray[np.float64]

# With more levels than this, only the most common ones have an output each. The others share one,
# and differ by how common they are.
MOST_OUTPUTS = 32
# Shares are rounded to this many digits, because sums of weights have rounding errors.
_DIGITS = 9


@dataclass(frozen=True, eq=False)
class Category(StoredFields):
    """The encoding of one category.

    Parameters
    ----------
    feature : int
        The column.
    n_levels : int
    hot : ndarray of int64, shape (n_hot,)
        The levels (1 … n_levels) that have an output each, increasing; then 0 if all others share
        one. Exactly two levels have one output together: 1 for the second, -1 for the first, 0
        for any other.
    common : ndarray of float64, shape (n_levels + 1,) or (0,)
        If levels share an output: ln of the share of each level in the rows whose cell is not
        missing, and at position 0 that of a level that was not seen, which counts as the rarest.
        Otherwise empty.
    center, scale : ndarray of float64, shape (n_outputs,)
    """

    feature: int
    n_levels: int
    hot: NDArray[np.int64]
    common: Floats
    center: Floats
    scale: Floats

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""
        return len(self.center)

    @property
    def is_shared(self) -> bool:
        """Whether some levels share one output."""
        return len(self.hot) > 0 and bool(self.hot[-1] == 0)

    @property
    def is_pair(self) -> bool:
        """Whether it has two levels, with one output together."""
        return _is_pair(self.hot)

    def share_output(self, levels: Floats) -> NDArray[np.bool_]:
        """Which of these levels share one output: neither a missing one, nor one of the others."""
        return ~(np.isnan(levels) | np.isin(levels, self.hot[:-1]))

    @property
    def of_missing(self) -> int:
        """The row of `outputs` for a missing level: the last one."""
        return self.n_levels + 1

    @cached_property
    def outputs(self) -> Floats:
        """The outputs of each level, shape (n_levels + 2, n_outputs).

        The first row is for a level that was not seen, the last row, 0, for a missing one.
        """
        raw = raw_outputs(self.n_levels, self.hot, self.common)
        known = clipped(raw, self.center, self.scale, np.zeros(raw.shape, dtype=np.bool_))
        return np.concatenate((known, np.zeros((1, self.n_outputs))))

    def output_names(self, name: str, levels: Sequence[str]) -> list[str]:
        """Name the outputs, ``"color=red"``."""
        hot = self.hot[1:] if _is_pair(self.hot) else self.hot
        named = [f"{name}={levels[level - 1] if level else '…'}" for level in hot.tolist()]
        return [*named, f"{name} common"] if len(self.common) else named

    def form(self) -> Lookups:
        """Its outputs as a form of a panel."""
        n = self.n_outputs
        return Lookups(
            np.full(n, self.feature), self.outputs.ravel(), np.arange(n), np.full(n, n),
            np.full(n, float(self.of_missing)),
        )  # fmt: skip

    def arrays(self) -> Arrays:
        """``hot/3 common/3 book_center/3 book_scale/3`` of the category in column 3."""
        values = self.hot, self.common, self.center, self.scale
        return dict(zip(_names(self.feature), values, strict=True))

    @classmethod
    def from_arrays(cls, feature: int, stored: StoredArrays) -> "Category":
        """Rebuild a category from the arrays of a file."""
        names, n_levels = _names(feature), stored.n_levels[feature]
        hot, common, center, scale = stored.take(*names)
        # If these two are valid, they give the length of the others.
        sound = (
            hot.dtype == np.int64
            and hot.ndim == 1
            and len(hot) <= MOST_OUTPUTS
            and bool(((hot >= 0) & (hot <= n_levels)).all())
            and bool((np.diff(hot[hot > 0]) > 0).all())
            and not (hot[:-1] == 0).any(),
            common.dtype == np.float64
            and common.shape in ((0,), (n_levels + 1,))
            and bool(((common <= 0) & (common >= -LARGEST)).all()),
        )
        n_outputs = (1 if _is_pair(hot) else len(hot)) + bool(len(common)) if all(sound) else 0
        fits = (
            is_bounded(center, n_outputs),
            is_bounded(scale, n_outputs) and bool((scale >= 0).all()),
        )
        stored.require(dict(zip(names, sound + fits, strict=True)))
        return cls(feature, n_levels, hot, common, center, scale)


def _names(feature: int) -> list[str]:
    return [f"{key}/{feature}" for key in ("hot", "common", "book_center", "book_scale")]


@dataclass(frozen=True, eq=False)
class Levels(StoredFields):
    """The outputs of all categories; all are 0 for a missing level.

    Parameters
    ----------
    n_levels : tuple of int, length n_features
        How many levels each column has; 0 if it is not a category, `DATE` if it is a date.
    categories : tuple of Category
        In the order of the columns.
    """

    n_levels: tuple[int, ...]
    categories: tuple[Category, ...] = ()

    @cached_property
    def n_outputs(self) -> int:
        """The number of its outputs."""
        return sum(category.n_outputs for category in self.categories)

    @cached_property
    def _columns(self) -> NDArray[np.intp]:
        return np.array([category.feature for category in self.categories], dtype=np.intp)

    @cached_property
    def _of_missing(self) -> Floats:
        return np.array([float(category.of_missing) for category in self.categories])

    def encode(self, block: RowBlock, into: NDArray[np.floating]) -> None:
        """Write the outputs of some rows."""
        missing, levels = block.missing[:, self._columns], block.values[:, self._columns]
        # The last row of the outputs is that of a missing level.
        codes = np.where(missing, self._of_missing, levels).T.astype(np.intp)
        done = 0
        for category, rows in zip(self.categories, codes, strict=True):
            into[:, done : done + category.n_outputs] = category.outputs[rows]
            done += category.n_outputs

    def output_names(self, names: Sequence[str], levels: Sequence[Sequence[str]]) -> list[str]:
        """``"color=red"`` for a level, ``"color=…"`` for all others, ``"color common"``."""
        return [
            name
            for category in self.categories
            for name in category.output_names(names[category.feature], levels[category.feature])
        ]

    def output_columns(self) -> list[int | None]:
        """The column of each output."""
        return [each.feature for each in self.categories for _ in range(each.n_outputs)]

    def output_scaling(self) -> OutputScaling:
        """How each output is scaled; before scaling it is 1 for its level, and 0 otherwise."""
        none, no_end = np.empty(0), np.full(self.n_outputs, np.nan)
        return OutputScaling(
            np.concatenate((none, *(category.center for category in self.categories))),
            np.concatenate((none, *(category.scale for category in self.categories))),
            no_end,
            no_end,
        )

    def output_bounds(self) -> Floats:
        """The largest size of each output."""
        return np.full(self.n_outputs, FARTHEST)

    def form(self) -> Lookups:
        """Its outputs as a form of a panel."""
        return Lookups.joined([category.form() for category in self.categories])

    def arrays(self) -> Arrays:
        """``n_levels`` (int64) and the arrays of each category; none if all columns are numbers."""
        if not any(self.n_levels):
            return {}
        arrays: Arrays = {"n_levels": np.array(self.n_levels, dtype=np.int64)}
        for category in self.categories:
            arrays |= category.arrays()
        return arrays

    @classmethod
    def from_arrays(cls, stored: StoredArrays) -> "Levels":
        """Rebuild the part from the arrays of a file."""
        places = [place for place, n in enumerate(stored.n_levels) if n > 0]
        return cls(stored.n_levels, tuple(Category.from_arrays(j, stored) for j in places))


class LevelsFit:
    """Chooses the outputs of each category."""

    def __init__(self) -> None:
        self._n_levels: list[int] = []
        self._categories: list[Category] = []

    def see(self, column: FitColumn) -> None:
        """Choose the outputs of the next column."""
        place, n_levels = column.place, column.n_levels
        self._n_levels.append(n_levels)
        if column.is_category:
            codes = column.values.astype(np.intp)
            self._categories.append(fit_category(place, codes, column.weights, n_levels))

    @property
    def latest(self) -> Category:
        """The last category seen."""
        return self._categories[-1]

    def part(self) -> Levels:
        """The part of all columns seen."""
        return Levels(tuple(self._n_levels), tuple(self._categories))


def fit_category(feature: int, codes: NDArray[np.intp], weights: Floats, n_levels: int) -> Category:
    """Choose the outputs of a category, and measure their centre and scale.

    Parameters
    ----------
    feature : int
        The column.
    codes : ndarray of int, shape (n_samples,)
        The number of the level, 0 … n_levels, without missing ones.
    weights : ndarray of float64, shape (n_samples,)
        All above zero.
    n_levels : int

    Returns
    -------
    Category
        The same for every order of the rows, and for weights multiplied by any constant. A level
        that none of these rows has counts as not seen.
    """
    shares = _shares(codes, weights, n_levels)
    seen = np.flatnonzero(shares[1:]) + 1
    common = np.empty(0)
    hot = seen
    if len(seen) > MOST_OUTPUTS:
        most_common = seen[np.argsort(-shares[seen], kind="stable")[: MOST_OUTPUTS - 1]]
        hot = np.append(np.sort(most_common), 0)
        rarest = shares[seen].min()
        common = np.log(np.where(shares > 0, shares, rarest))
        common[0] = np.log(rarest)
    raw = raw_outputs(n_levels, hot, common)
    there = np.flatnonzero(shares)
    statistics = np.zeros((2, raw.shape[1]))
    for output in range(raw.shape[1]):
        if len(there):
            statistics[:, output] = center_and_scale(raw[there, output], shares[there])
    return Category(feature, n_levels, hot.astype(np.int64), common, *statistics)


def raw_outputs(n_levels: int, hot: NDArray[np.integer], common: Floats) -> Floats:
    """The outputs of each level before scaling, shape (n_levels + 1, n_outputs)."""
    raw = np.zeros((n_levels + 1, len(hot)))
    raw[hot, np.arange(len(hot))] = 1.0
    if len(hot) and hot[-1] == 0:
        raw[:, -1] = raw[:, :-1].sum(axis=1) == 0.0
    if _is_pair(hot):
        raw = raw[:, 1:] - raw[:, :1]
    return np.column_stack((raw, common)) if len(common) else raw


def _is_pair(hot: NDArray[np.integer]) -> bool:
    return len(hot) == 2 and hot[-1] != 0


def _shares(codes: NDArray[np.intp], weights: Floats, n_levels: int) -> Floats:
    """The share of the total weight that each level 0 … n_levels has, rounded."""
    order = np.lexsort((weights, codes))  # so that sums do not depend on the order of the rows
    sums = np.zeros(n_levels + 1)
    found, starts = np.unique(codes[order], return_index=True)
    if len(found):
        sums[found] = np.add.reduceat(weights[order], starts)
        sums /= sums.sum()
    digits = np.floor(np.log10(sums, where=sums > 0, out=np.zeros_like(sums)))
    size = 10.0 ** (_DIGITS - digits)
    rounded: Floats = np.round(sums * size) / size
    return rounded
