"""Numbers once more, piece by piece: how far a number has come through each of its bins.

What Gorishniy, Rubachev & Babenko 2022, "On embeddings for numerical features in tabular deep
learning", arXiv:2203.05556, call piecewise linear encoding, here counted from the median on. In
front of the first layer it is the same as to learn a curve of straight pieces for each unit and
column: the weights of W1 are the rises of its pieces. Nothing here looks at the target.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.data.encoding.scaling import held, quantiles
from thalweg.errors import DataError

Floats = NDArray[np.float64]

# A bin narrower than the smallest normal number has no finite inverse.
_TINY = np.finfo(np.float64).tiny


class Cut(NamedTuple):
    """How columns are cut into bins: how many each has at most, and the scale of their outputs."""

    n_bins: int = 0
    scale: float = 1.0


UNCUT = Cut()


@dataclass(frozen=True, eq=False)
class Bins:
    """The bins of all columns that have some.

    With t(x) = (x - low) / (high - low), held between 0 and 1, a bin's output is
    scale · (t(x) - t(median)): 0 where the number lies on the median's side of it, and for a
    missing one.

    Parameters
    ----------
    feature : ndarray of int64, shape (n_bins,)
        The column of each bin, not falling.
    low, high : ndarray of float64, shape (n_bins,)
        Its ends; a column's bins touch.
    scale : float
        Of all outputs.
    """

    feature: NDArray[np.int64]
    low: Floats
    high: Floats
    scale: float = 1.0

    def __len__(self) -> int:
        return len(self.feature)

    @cached_property
    def per_unit(self) -> Floats:
        """One over the width of each bin."""
        return 1.0 / (self.high - self.low)

    def outputs(self, values: NDArray[np.floating], center: Floats) -> Floats:
        """How far each number has come through its bins, from the centre on.

        Parameters
        ----------
        values : ndarray of float, shape (n_samples, n_features)
            Not above 1e300 in size; the centre where one is missing.
        center : ndarray of float64, shape (n_features,)

        Returns
        -------
        ndarray of float64, shape (n_samples, n_bins)
            Between -scale and scale.
        """
        shift = self.shift(center)
        share = _share(values[:, self.feature], self.low, self.per_unit)
        from_median(share, shift, self.scale)
        return share

    def shift(self, center: Floats) -> Floats:
        """-t(median) of each bin, and no zero with a sign: to add it takes that from a share."""
        return 0.0 - _share(center[self.feature], self.low, self.per_unit)

    def output_names(self, names: Sequence[str]) -> list[str]:
        """Name the outputs, ``"age 30…40"``."""
        ends = zip(self.feature.tolist(), self.low.tolist(), self.high.tolist(), strict=True)
        return [f"{names[j]} {low:.6g}…{high:.6g}" for j, low, high in ends]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The bins as plain arrays, for a file; none where there are none."""
        if not len(self):
            return {}
        parts = self.feature, self.low, self.high, np.array([self.scale])
        return dict(zip(_ARRAYS, parts, strict=True))


def _share(values: NDArray[np.floating], low: Floats, per_unit: Floats) -> Floats:
    """t(x) of the number that each bin looks at."""
    return held(values, low, per_unit, 0.0, 1.0)


def from_median(share: Floats, shift: Floats, scale: Any) -> None:
    """scale · (t(x) - t(median)), in the place of t(x).

    Parameters
    ----------
    share : ndarray of float64, shape (n_samples, n_bins)
    shift : ndarray of float64, shape (n_bins,)
        `Bins.shift`.
    scale : float, or ndarray of float64, shape (n_bins,)
    """
    share += shift
    share *= scale


_ARRAYS = ("bin_feature", "bin_low", "bin_high", "bin_scale")
NO_BINS = Bins(np.empty(0, np.int64), np.empty(0), np.empty(0))


def bins_from_arrays(arrays: dict[str, NDArray[Any]], is_number: NDArray[np.bool_]) -> Bins:
    """Rebuild bins from what `Bins.arrays` gave, and take these arrays out of the dict.

    Parameters
    ----------
    arrays : dict
    is_number : ndarray of bool, shape (n_features,)
        Which columns may have bins.

    Raises
    ------
    DataError
        If some of the arrays are absent, or one is not of the right type, shape or range.
    """
    found = [arrays.pop(name, None) for name in _ARRAYS]
    if all(array is None for array in found):
        return NO_BINS
    feature, low, high, scale = found
    if feature is None or low is None or high is None or scale is None:
        raise DataError("An array of the encoder is absent", where=f"arrays {', '.join(_ARRAYS)}")
    shape = feature.shape
    rules = {
        "bin_feature": feature.dtype == np.int64
        and feature.ndim == 1
        and bool(((feature >= 0) & (feature < len(is_number))).all())
        and bool((np.diff(feature) >= 0).all()),
        "bin_low": _are_ends(low, shape),
        "bin_high": _are_ends(high, shape),
        "bin_scale": _are_ends(scale, (1,)) and bool((scale > 0).all()),
    }
    rules["bin_feature"] = rules["bin_feature"] and bool(is_number[feature].all())
    if all(rules.values()):
        touch = (np.diff(feature) > 0) | (low[1:] == high[:-1])
        rules["bin_high"] = bool((high - low >= _TINY).all() and touch.all())
    for name, holds in rules.items():
        if not holds:
            raise DataError(
                "An array of the encoder has the wrong type, shape or range",
                where=f'array "{name}"',
                why="The bins of a column rise and touch, and each has a width",
            )
    return Bins(feature, low, high, float(scale[0]))


def _are_ends(array: NDArray[Any], shape: tuple[int, ...]) -> bool:
    right = array.dtype == np.float64 and array.shape == shape
    return right and bool((abs(array) <= LARGEST).all())


def bins_between(edges: Sequence[tuple[int, Floats]], scale: float) -> Bins:
    """The bins of all columns, each with the ends that `bin_ends` gives."""
    features = [feature for feature, ends in edges for _ in ends[1:]]
    if not features:
        return NO_BINS
    lows, highs = (np.concatenate([ends[cut] for _, ends in edges]) for cut in _LOW_AND_HIGH)
    return Bins(np.array(features, dtype=np.int64), lows, highs, scale)


_LOW_AND_HIGH = slice(None, -1), slice(1, None)


def bin_ends(values: Floats, weights: Floats, n_bins: int) -> Floats:
    """Where the bins of a column begin and end, each holding about as many rows.

    Where there are no more than ``n_bins`` gaps between different values, each gap is a bin. Else
    the ends are quantiles of the values, of which none counts for more than its bin would hold: a
    value that many rows share takes one bin, and the others are left to the rest.

    Parameters
    ----------
    values, weights : ndarray of float64, shape (n_samples,)
        No NaN; at least one value, all weights above zero.
    n_bins : int
        The most; below 2 there are none.

    Returns
    -------
    ndarray of float64, shape (n_ends,)
        Rising. Empty where there are fewer than two bins, which would tell nothing new.
    """
    if n_bins < 2:
        return np.empty(0)
    order = np.lexsort((weights, values))
    ends, starts = np.unique(values[order] + 0.0, return_index=True)
    if len(ends) > n_bins + 1:
        mass = capped(np.add.reduceat(weights[order], starts), n_bins)
        inner = quantiles(ends, mass, np.linspace(0.0, 1.0, n_bins + 1)[1:-1])
        ends = np.unique(np.concatenate((ends[:1], inner, ends[-1:])))
    # Of two ends that lie too close the second is none.
    ends = ends[np.append(True, np.diff(ends) >= _TINY)]
    return ends if len(ends) > 2 else np.empty(0)


def capped(mass: Floats, n_bins: int) -> Floats:
    """Masses cut down to the level at which ``n_bins`` bins of that size hold them all.

    Parameters
    ----------
    mass : ndarray of float64, shape (n_values,)
        More of them than bins.
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
