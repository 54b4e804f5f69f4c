"""Robust scaling of numbers with smooth clipping: centred, scaled, outliers limited to 3.

As in RealMLP (Holzmüller, Grinsztajn & Steinwart 2024, "Better by default", arXiv:2407.04491,
section 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.data.encoding.encoder_arrays import Arrays, StoredArrays, is_vector
from thalweg.data.encoding.encoder_part import FitColumn, OutputScaling, RowBlock
from thalweg.data.encoding.few_row_encoding import Ramps
from thalweg.data.encoding.number_formulas import FAR, FARTHEST, clipped

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Scaling:
    """An output for each number: with z = scale · (x - center) it is z / √(1 + (z/3)²).

    It is in [-3, 3]; a missing number becomes 0, like the median.

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
        a category. None from files of format 1, which do not have them.
    """

    numbers: Places
    center: Floats
    scale: Floats
    low: Floats | None = None
    high: Floats | None = None

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""
        return len(self.numbers)

    def encode(self, block: RowBlock, into: NDArray[np.floating]) -> None:
        """Write the outputs of some rows."""
        values, missing = block
        if len(self.numbers) < len(self.center):
            values, missing = values[:, self.numbers], missing[:, self.numbers]
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
        return np.full(self.n_outputs, FARTHEST)

    def form(self) -> Ramps:
        """Its outputs as a form of a panel."""
        center, scale = self._of_numbers
        n, none = self.n_outputs, np.empty(0)
        far = np.full(n, FAR)
        return Ramps(self.numbers, center, center, scale / 3.0, -far, far, n, none, none)

    def arrays(self) -> Arrays:
        """``center``, ``scale``; ``low`` and ``high`` if they are known."""
        arrays: Arrays = {"center": self.center, "scale": self.scale}
        if self.low is not None and self.high is not None:
            arrays |= {"low": self.low, "high": self.high}
        return arrays

    @classmethod
    def from_arrays(cls, stored: StoredArrays) -> "Scaling":
        """Rebuild the part from the arrays of a file."""
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
        why = (
            "All must be float64 vectors of equal length, center and scale finite, scale not "
            "negative"
        )
        stored.require(rules, why)
        numbers = np.flatnonzero(np.array(stored.n_levels) <= 0)
        return cls(numbers, center.copy(), scale.copy(), *(ends or ()))


class ScalingFit:
    """Measures the centre, scale and range of each number.

    The centre is the median. The scale is 1 / (interquartile range); if that range is 0,
    2 / (max - min); if that is 0 too, 0. All quantiles are weighted.
    """

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._measures: list[tuple[float, float, float, float]] = []

    def see(self, column: FitColumn) -> None:
        """Measure the next column."""
        statistics, ends = (0.0, 0.0), (np.nan, np.nan)
        if not column.is_category:
            self._numbers.append(column.place)
            statistics = column.center_and_scale
            if len(column.values):
                ends = column.values.min(), column.values.max()
        self._measures.append((*statistics, *ends))

    def part(self) -> Scaling:
        """The part of all columns seen."""
        numbers = np.array(self._numbers, dtype=np.intp)
        return Scaling(numbers, *np.array(self._measures).T.copy())
