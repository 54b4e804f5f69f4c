"""Robust scaling of numbers with smooth clipping: centred, scaled, outliers limited to 3.

As in RealMLP (Holzmüller, Grinsztajn & Steinwart 2024, "Better by default", arXiv:2407.04491,
section 3).

Or numbers as they are, without any of it: for networks whose weights another program fitted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.cluster.stored_fields import StoredFields
from thalweg.data.cells import LARGEST
from thalweg.data.encoding.encoder_arrays import Arrays, StoredArrays, is_vector
from thalweg.data.encoding.encoder_part import FitColumn, OutputScaling, RowBlock
from thalweg.data.encoding.few_row_encoding import Ramps
from thalweg.data.encoding.number_formulas import (
    FAR,
    FARTHEST,
    FARTHEST_AS_IS,
    clipped,
    ramp,
)

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Scaling(StoredFields):
    """An output for each number: with z = scale · (x - center) it is z / √(1 + (z/3)²).

    It is in [-3, 3]; a missing number becomes 0, like the median. Or each number as it is, up to
    1e15 in size; who gives rows to such an encoder refuses larger and missing ones.

    Parameters
    ----------
    numbers : ndarray of int
        The positions of the columns that are numbers, increasing.
    center : ndarray of float64, shape (n_features,)
        0 for a category.
    scale : ndarray of float64, shape (n_features,)
        0 for a category. With 0 the output is always 0.
    low, high : ndarray of float64, shape (n_features,), or None
        The smallest and the largest training value of each number; NaN if there was none, and for
        a category. None from files of format 1, which do not have them, and where no training row
        is known.
    as_they_are : bool
        Whether numbers are not changed at all; then ``center`` is 0 and ``scale`` 1.
    """

    numbers: Places
    center: Floats
    scale: Floats
    low: Floats | None = None
    high: Floats | None = None
    as_they_are: bool = False

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""
        return len(self.numbers)

    def encode(self, block: RowBlock, into: NDArray[np.floating]) -> None:
        """Write the outputs of some rows."""
        values, missing = block
        if len(self.numbers) < len(self.center):
            values, missing = values[:, self.numbers], missing[:, self.numbers]
        if self.as_they_are:
            into[:] = ramp(values, *self._of_numbers, -FARTHEST_AS_IS, FARTHEST_AS_IS, missing)
        else:
            into[:] = clipped(values, *self._of_numbers, missing)

    @cached_property
    def _of_numbers(self) -> tuple[Floats, Floats]:
        return self.center[self.numbers], self.scale[self.numbers]

    def is_within_a_day(self, column: int) -> bool:
        """Whether a date, as far as it was seen, is a clock time alone."""
        return (
            self.low is not None
            and self.high is not None
            and bool(self.low[column] >= 0 and self.high[column] < 1)
        )

    def output_names(self, names: Sequence[str], levels: Sequence[Sequence[str]]) -> list[str]:
        """The names of the numbers."""
        return [names[j] for j in self.numbers.tolist()]

    def output_columns(self) -> list[int | None]:
        """The column of each output."""
        return list(self.numbers.tolist())

    def output_scaling(self) -> OutputScaling:
        """How each output is scaled."""
        no_end = np.full(self.n_outputs, np.nan)
        return OutputScaling(*self._of_numbers, no_end, no_end)

    def output_bounds(self) -> Floats:
        """The largest size of each output."""
        return np.full(self.n_outputs, FARTHEST_AS_IS if self.as_they_are else FARTHEST)

    def form(self) -> Ramps:
        """Its outputs as a form of a panel."""
        center, scale = self._of_numbers
        n, none = self.n_outputs, np.empty(0)
        if self.as_they_are:
            far = np.full(n, FARTHEST_AS_IS)
            return Ramps(self.numbers, center, center, scale, -far, far, 0, np.zeros(n), np.ones(n))
        far = np.full(n, FAR)
        return Ramps(self.numbers, center, center, scale / 3.0, -far, far, n, none, none)

    def arrays(self) -> Arrays:
        """``center``, ``scale``; ``low`` and ``high`` if they are known."""
        arrays: Arrays = {"center": self.center, "scale": self.scale}
        if self.low is not None and self.high is not None:
            arrays |= {"low": self.low, "high": self.high}
        return arrays

    @classmethod
    def from_arrays(cls, stored: StoredArrays, *, as_they_are: bool = False) -> "Scaling":
        """Rebuild the part from the arrays of a file, which says whether numbers are scaled."""
        center, scale = stored.take("center", "scale")
        ends = stored.take_known("low", "high")
        n = stored.n_features
        rules = {
            "center": is_vector(center, n) and bool(np.isfinite(center).all()),
            "scale": is_vector(scale, n) and bool((np.isfinite(scale) & (scale >= 0)).all()),
        }
        if ends is not None:
            rules["low and high"] = all(
                is_vector(end, n) and bool(((abs(end) <= LARGEST) | np.isnan(end)).all())
                for end in ends
            ) and not bool((ends[0] > ends[1]).any())
        numbers = np.flatnonzero(np.array(stored.n_levels) <= 0)
        if as_they_are:
            rules["center and scale"] = not center.any() and bool((scale[numbers] == 1).all())
        why = (
            "All must be float64 vectors of equal length, center and scale finite, scale not "
            "negative"
        )
        stored.require(rules, why)
        low, high = ends or (None, None)
        return cls(numbers, center.copy(), scale.copy(), low, high, as_they_are)


class ScalingFit:
    """Measures the centre, scale and range of each number.

    The centre is the median. The scale is 1 / (interquartile range); if that range is 0,
    2 / (max - min); if that is 0 too, 0. All quantiles are weighted. Of numbers as they are, only
    the range is measured.
    """

    def __init__(self, *, as_they_are: bool = False) -> None:
        self._as_they_are = as_they_are
        self._numbers: list[int] = []
        self._measures: list[tuple[float, float, float, float]] = []

    def see(self, column: FitColumn) -> None:
        """Measure the next column."""
        statistics, ends = (0.0, 0.0), (np.nan, np.nan)
        if not column.is_category:
            self._numbers.append(column.place)
            statistics = (0.0, 1.0) if self._as_they_are else column.center_and_scale
            ends = column.ends
        self._measures.append((*statistics, *ends))

    def part(self) -> Scaling:
        """The part of all columns seen."""
        numbers = np.array(self._numbers, dtype=np.intp)
        center, scale, low, high = np.array(self._measures).T.copy()
        return Scaling(numbers, center, scale, low, high, self._as_they_are)
