"""What every part of an encoder is, and what it is handed: columns to fit, and rows to encode.

An encoder is a sequence of parts. Each part makes outputs of the columns in one way, and stands
in a file of its own: `thalweg.data.encoding.scaling`, ``piecewise_linear``, ``calendar_parts``,
``levels`` and ``missing``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.panel import Form
from thalweg.data.encoding.quantiles import center_and_scale
from thalweg.data.encoding.stored_arrays import Arrays

Floats = NDArray[np.float64]

# What stands for a number of levels where a column is no category but a date.
DATE = -1


class OutputScaling(NamedTuple):
    """How outputs are scaled: vectors of one length.

    ``low`` and ``high`` are the ends of a bin, whose ``center`` is the column's median and whose
    ``scale`` is that of all bins; NaN elsewhere.
    """

    center: Floats
    scale: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class FitColumn:
    """A column as parts are fitted to it.

    Parameters
    ----------
    place : int
        Its place in the table.
    values : ndarray of float64
        What is there: no NaN. Of a category the number of the level.
    weights : ndarray of float64
        Of the same rows, all above zero.
    n_levels : int
        0 where it is no category; `DATE` where it is a date, a number of days.
    has_missing : bool
    """

    place: int
    values: Floats
    weights: Floats
    n_levels: int
    has_missing: bool

    @classmethod
    def of(cls, place: int, values: Floats, n_levels: int, weights: Floats) -> "FitColumn":
        """A column with NaN where a value is missing."""
        missing = np.isnan(values)
        has_missing = bool(missing.any())
        if has_missing:
            values, weights = values[~missing], weights[~missing]
        return cls(place, values, weights, n_levels, has_missing)

    @property
    def is_category(self) -> bool:
        """Whether its values are numbers of levels."""
        return self.n_levels > 0

    @cached_property
    def center_and_scale(self) -> tuple[float, float]:
        """Of a number: `center_and_scale`, 0 and 0 where no value is there."""
        return center_and_scale(self.values, self.weights) if len(self.values) else (0.0, 0.0)


class RowBlock(NamedTuple):
    """Rows to encode, and where a value of them is missing; shapes (n_samples, n_features)."""

    values: NDArray[np.floating]
    missing: NDArray[np.bool_]


class EncoderPart(Protocol):
    """One way to make outputs of columns; some parts have no outputs in some tables."""

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""

    def encode(self, block: RowBlock, into: NDArray[np.floating]) -> None:
        """Write the outputs of some rows, shape (n_samples, n_outputs)."""

    def output_names(self, names: Sequence[str], levels: Sequence[Sequence[str]]) -> list[str]:
        """Name the outputs, given the names of the columns and the levels of each category."""

    def output_columns(self) -> list[int | None]:
        """The place of the column that each output reads; None for a mere indicator."""

    def output_scaling(self) -> OutputScaling | None:
        """How each output is scaled; None for outputs that are not. These stand last."""

    def output_bounds(self) -> Floats:
        """How large each output can be in size, whatever the row."""

    def arrays(self) -> Arrays:
        """The part as plain arrays, for a file.

        Each part has ``from_arrays``, which takes its own out of `StoredArrays`, and raises a
        DataError if one is absent, or not of the right type, shape or range.
        """

    def form(self) -> Form:
        """Its place in a panel: the same outputs, bit for bit, of a few rows, and quickly."""


Part = TypeVar("Part", bound=EncoderPart, covariant=True)


class PartFit(Protocol[Part]):
    """What becomes a part once it has seen each column of the training rows, in their order."""

    def see(self, column: FitColumn) -> None:
        """Measure the next column."""

    def part(self) -> Part:
        """The part of all columns seen."""
