"""Piecewise linear encoding of numbers: how far a number has come through each of its bins.

It is the encoding of Gorishniy, Rubachev & Babenko 2022, "On embeddings for numerical features in
tabular deep learning", arXiv:2203.05556, but measured from the median. With it, each unit of the
first layer learns a curve of straight pieces for each column: the weights of W1 are the rises of
the pieces. Nothing here uses the target.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from thalweg.cluster.stored_fields import StoredFields
from thalweg.data.dates.date_numbers import plain_text
from thalweg.data.encoding.encoder_arrays import Arrays, StoredArrays, is_bounded
from thalweg.data.encoding.encoder_part import DATE, FitColumn, OutputScaling, RowBlock
from thalweg.data.encoding.few_row_encoding import Ramps
from thalweg.data.encoding.number_formulas import from_median, ramp
from thalweg.data.encoding.quantiles import quantiles
from thalweg.data.row_view import Numbers

Floats = NDArray[np.float64]

# Rows expanded at a time, so that temporary arrays stay in the cache.
_BLOCK = 256
# The inverse of a width below the smallest normal number can be infinite.
_TINY = np.finfo(np.float64).tiny


class Cut(NamedTuple):
    """How columns are cut into bins: the most bins of each column, and the scale of the outputs.

    ``late_days`` says whether dates have an output for the last days of a month; ``as_they_are``
    whether numbers are not scaled, and then they have no bins.
    """

    n_bins: int = 0
    scale: float = 1.0
    late_days: bool = False
    as_they_are: bool = False


UNCUT = Cut()


class Places(NamedTuple):
    """Where the numbers of a table are in their bins.

    ``at`` is the bin of each number, counted from 0 in its column; ``output`` is the output of this
    bin; shapes (n_samples, n_columns), for the columns that have bins.
    """

    at: NDArray[np.uint8]
    output: NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Bins(StoredFields):
    """An output for each bin of each number that has bins.

    With t(x) = (x - low) / (high - low), clipped to between 0 and 1, the output of a bin is
    scale · (t(x) - t(median)). It is 0 if the number is missing, or has not passed the bin's end
    on the side of the median.

    Parameters
    ----------
    feature : ndarray of int64, shape (n_bins,)
        The column of each bin, not decreasing.
    low, high : ndarray of float64, shape (n_bins,)
        The ends of each bin; the bins of a column touch.
    median : ndarray of float64, shape (n_features,)
        The median of each column of numbers. Not stored: it is the ``center`` of `Scaling`.
    scale : float
        The scale of all outputs.
    dates : tuple of int
        The columns that are dates. Not stored: the numbers of levels tell.
    """

    feature: NDArray[np.int64]
    low: Floats
    high: Floats
    median: Floats
    scale: float = 1.0
    dates: tuple[int, ...] = ()

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""
        return len(self.feature)

    @cached_property
    def _per_unit(self) -> Floats:
        """One over the width of each bin."""
        return 1.0 / (self.high - self.low)

    @cached_property
    def shift(self) -> Floats:
        """-t(median) of each bin, never -0.0; adding it to t(x) also turns -0.0 there into 0.0."""
        return 0.0 - self._share(self.median)

    def _share(self, values: Floats) -> Floats:
        """t(x) of the number that each bin encodes."""
        return ramp(values[..., self.feature], self.low, self._per_unit, 0.0, 1.0)

    def encode(self, block: RowBlock, into: NDArray[np.floating]) -> None:
        """Write the outputs of some rows."""
        share = self._share(np.where(block.missing, self.median, block.values))
        from_median(share, self.shift, self.scale)
        into[:] = share

    @cached_property
    def _of_columns(self) -> list[slice]:
        """The bins of each column that has some."""
        counts = np.unique(self.feature, return_counts=True)[1]
        ends = np.cumsum(counts).tolist()
        return [slice(end - n, end) for end, n in zip(ends, counts.tolist(), strict=True)]

    @property
    def n_columns(self) -> int:
        """The number of columns that have bins."""
        return len(self._of_columns)

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """The first bin of each column that has some, and the number of bins."""
        return np.array([*(own.start for own in self._of_columns), self.n_outputs], np.intp)

    @cached_property
    def below(self) -> Floats:
        """The output of each bin, if the number is above it."""
        return self._beside(1.0)

    @cached_property
    def above(self) -> Floats:
        """The output of each bin, if the number is below it."""
        return self._beside(0.0)

    def _beside(self, share: float) -> Floats:
        found = np.full(self.n_outputs, share)
        from_median(found, self.shift, self.scale)
        return found

    @property
    def is_short(self) -> bool:
        """Whether a byte counts the bins of each column, and there are some."""
        return 0 < max((own.stop - own.start for own in self._of_columns), default=0) <= 256

    def none(self) -> "Bins":
        """No bins, for the same columns."""
        return _no_bins(self.median)

    def places_of(self, X: Numbers, dtype: DTypeLike) -> Places:
        """The places of all numbers of a table in their bins."""
        at = np.empty((len(X), self.n_columns), np.uint8)
        output = np.empty(at.shape, dtype)
        for k, own in enumerate(self._of_columns):
            j = self.feature[own.start]
            values = X.column(j)
            np.copyto(values, self.median[j], where=np.isnan(values))
            at[:, k] = np.searchsorted(self.high[own][:-1], values, side="right")
            bin_of = own.start + at[:, k].astype(np.intp)
            share = ramp(values, self.low[bin_of], self._per_unit[bin_of], 0.0, 1.0)
            from_median(share, self.shift[bin_of], self.scale)
            output[:, k] = share
        return Places(at, output)

    def expand(
        self, places: Places, rows: NDArray[np.intp] | slice, into: NDArray[np.floating]
    ) -> None:
        """Write the outputs of some rows, given the places of all.

        They are those of `encode`, but that a number at the end of a bin can differ by a rounding.
        """
        at, output = places.at[rows].astype(np.intp), places.output[rows]
        for columns, own, beside in self._alike:
            table = beside.astype(into.dtype)
            n_bins, n_outputs = table.shape[1], table.shape[0]
            lines = at[:, columns] + np.arange(0, n_outputs, n_bins)
            its_own = output[:, columns]
            starts = np.arange(_BLOCK)[:, None] * n_outputs
            for start in range(0, len(at), _BLOCK):
                block = slice(start, start + _BLOCK)
                line = lines[block]
                found = table.take(line, axis=0).reshape(-1)
                found[line + starts[: len(line)]] = its_own[block]
                into[block, own] = found.reshape(len(line), n_outputs)

    @cached_property
    def _alike(self) -> list[tuple[NDArray[np.intp], NDArray[np.intp] | slice, Floats]]:
        """The columns with equally many bins: which these are, their outputs, and a table.

        Its rows are the outputs of a column whose number is in each of its bins in turn: 1 for the
        bins below, 0 for those above, around the median.
        """
        sizes = np.array([own.stop - own.start for own in self._of_columns])
        found = []
        for n in np.unique(sizes).tolist():
            columns = np.flatnonzero(sizes == n)
            slices = [self._of_columns[k] for k in columns.tolist()]
            share = np.tile(np.tril(np.ones((n, n)), -1), (len(columns), 1))
            from_median(share, np.repeat([self.shift[own] for own in slices], n, 0), self.scale)
            outputs = np.concatenate([np.arange(own.start, own.stop) for own in slices])
            whole = len(outputs) == self.n_outputs
            found.append((columns, slice(None) if whole else outputs, share))
        return found

    def output_names(self, names: Sequence[str], levels: Sequence[Sequence[str]]) -> list[str]:
        """``"age 30…40"`` for a bin; of a date ``"admitted 2024-01-01…2024-03-01"``.

        The ends have six digits, or as many more as tell the ends of the column's bins apart.
        """
        ends = zip(self.feature.tolist(), self.low.tolist(), self.high.tolist(), strict=True)
        digits = {j: self._digits(j) for j in np.unique(self.feature).tolist()}
        return [
            f"{names[j]} {plain_text(low)}…{plain_text(high)}"
            if j in self.dates
            else f"{names[j]} {low:.{digits[j]}g}…{high:.{digits[j]}g}"
            for j, low, high in ends
        ]

    def _digits(self, column: int) -> int:
        """How many digits tell the ends of all bins of a column apart."""
        mine = self.feature == column
        ends = {*self.low[mine].tolist(), *self.high[mine].tolist()}
        apart = (n for n in range(6, 17) if len({f"{end:.{n}g}" for end in ends}) == len(ends))
        return next(apart, 17)

    def output_columns(self) -> list[int | None]:
        """The column of each output."""
        return list(self.feature.tolist())

    def output_scaling(self) -> OutputScaling:
        """How each output is scaled."""
        scale = np.full(self.n_outputs, self.scale)
        return OutputScaling(self.median[self.feature], scale, self.low, self.high)

    def output_bounds(self) -> Floats:
        """The largest size of each output."""
        return np.full(self.n_outputs, self.scale)

    def form(self) -> Ramps:
        """Its outputs as a form of a panel."""
        n = self.n_outputs
        return Ramps(
            self.feature, self.median[self.feature], self.low, self._per_unit,
            np.zeros(n), np.ones(n), 0, self.shift, np.full(n, self.scale),
        )  # fmt: skip

    def arrays(self) -> Arrays:
        """``bin_feature``, ``bin_low``, ``bin_high``, ``bin_scale``; none if there are no bins."""
        if not self.n_outputs:
            return {}
        parts = self.feature, self.low, self.high, np.array([self.scale])
        return dict(zip(_ARRAYS, parts, strict=True))

    @classmethod
    def from_arrays(cls, stored: StoredArrays, median: Floats) -> "Bins":
        """Rebuild the part from the arrays of a file."""
        found = stored.take_known(*_ARRAYS)
        if found is None:
            return _no_bins(median)
        feature, low, high, scale = found
        is_number = np.array(stored.n_levels) <= 0
        rules = {
            "bin_feature": feature.dtype == np.int64
            and feature.ndim == 1
            and bool(((feature >= 0) & (feature < stored.n_features)).all())
            and bool((np.diff(feature) >= 0).all())
            and bool(is_number[feature].all()),
            "bin_low": is_bounded(low, feature.size),
            "bin_high": is_bounded(high, feature.size),
            "bin_scale": is_bounded(scale, 1) and bool((scale > 0).all()),
        }
        if all(rules.values()):
            touch = (np.diff(feature) > 0) | (low[1:] == high[:-1])
            rules["bin_high"] = bool((high - low >= _TINY).all() and touch.all())
        stored.require(rules, "The bins of a column must increase and touch, and have a width")
        dates = tuple(j for j, n in enumerate(stored.n_levels) if n == DATE)
        return cls(feature, low, high, median, float(scale[0]), dates)


_ARRAYS = ("bin_feature", "bin_low", "bin_high", "bin_scale")


def _no_bins(median: Floats) -> Bins:
    return Bins(np.empty(0, np.int64), np.empty(0), np.empty(0), median)


class BinsFit:
    """Cuts each column of numbers into bins.

    Parameters
    ----------
    cut : Cut
    """

    def __init__(self, cut: Cut) -> None:
        self._cut = cut
        self._median: list[float] = []
        self._ends: list[tuple[int, Floats]] = []
        self._dates: list[int] = []

    def see(self, column: FitColumn) -> None:
        """Cut the next column."""
        if column.n_levels == DATE:
            self._dates.append(column.place)
        self._median.append(0.0 if column.is_category else column.center_and_scale[0])
        if not column.is_category and len(column.values):
            ends = bin_ends(column.values, column.weights, self._cut.n_bins)
            self._ends.append((column.place, ends))

    def part(self) -> Bins:
        """The part of all columns seen."""
        features = [place for place, ends in self._ends for _ in ends[1:]]
        median = np.array(self._median)
        if not features:
            return _no_bins(median)
        low, high = (
            np.concatenate([ends[cut] for _, ends in self._ends])
            for cut in (slice(None, -1), slice(1, None))
        )
        feature = np.array(features, dtype=np.int64)
        return Bins(feature, low, high, median, self._cut.scale, tuple(self._dates))


def bin_ends(values: Floats, weights: Floats, n_bins: int) -> Floats:
    """The ends of a column's bins, which have about equally many rows each.

    If there are no more than ``n_bins`` gaps between different values, each gap is a bin. Otherwise
    the ends are quantiles of the values, in which no value counts for more than one bin: a value
    that many rows share takes one bin, and the other bins are for the other values.

    Parameters
    ----------
    values, weights : ndarray of float64, shape (n_samples,)
        No NaN; at least one value, all weights above zero.
    n_bins : int
        The most bins; below 2 there are none.

    Returns
    -------
    ndarray of float64, shape (n_ends,)
        Increasing. Empty if there would be fewer than two bins, which add nothing to the number.
    """
    if n_bins < 2:
        return np.empty(0)
    if (weights == weights[0]).all():  # then the order of equal values does not matter
        values = np.sort(values)
    else:
        order = np.lexsort((weights, values))
        values, weights = values[order], weights[order]
    values = values + 0.0
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
    ends = values[starts]
    if len(ends) > n_bins + 1:
        mass = capped(np.add.reduceat(weights, starts), n_bins)
        inner = quantiles(ends, mass, np.linspace(0.0, 1.0, n_bins + 1)[1:-1])
        ends = np.unique(np.concatenate((ends[:1], inner, ends[-1:])))
    # Of two ends that are too close, the second is dropped.
    ends = ends[np.append(True, np.diff(ends) >= _TINY)]
    return ends if len(ends) > 2 else np.empty(0)


def capped(mass: Floats, n_bins: int) -> Floats:
    """Cap masses at the level where ``n_bins`` bins of mass ``level`` hold exactly their sum.

    Parameters
    ----------
    mass : ndarray of float64, shape (n_values,)
        More values than bins.
    n_bins : int

    Returns
    -------
    ndarray of float64, shape (n_values,)
        min(mass, level): with k masses above it, (n_bins - k) · level is the sum of the others.
    """
    falling = np.sort(mass)[::-1]
    left = falling[::-1].cumsum()[::-1][:n_bins]
    level = left / np.arange(n_bins, 0, -1)
    cut: Floats = np.minimum(mass, level[np.argmax(falling[:n_bins] <= level)])
    return cut
