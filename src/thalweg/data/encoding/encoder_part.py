"""The interface of an encoder's parts, and their data: columns to fit, rows to encode.

An encoder is a sequence of parts. Each part encodes the columns in one way, in a module of its own:
`thalweg.data.encoding.scaling`, ``piecewise_linear``, ``levels``, ``target_codes``,
``calendar_parts`` and ``missing_indicators``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.encoder_arrays import Arrays
from thalweg.data.encoding.few_row_encoding import Form
from thalweg.data.encoding.quantiles import center_and_scale
from thalweg.data.encoding.target_codes.level_codes import CodeTarget

Floats = NDArray[np.float64]

# What stands for a number of levels where a column is no category but a date.
DATE = -1


class OutputScaling(NamedTuple):
    """How outputs are scaled: vectors of equal length.

    ``low`` and ``high`` are the ends of a bin, NaN for other outputs. The ``center`` of a bin is
    the median of the column, its ``scale`` is that of all bins.
    """

    center: Floats
    scale: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class FitColumn:
    """A column for fitting the parts of an encoder.

    Parameters
    ----------
    place : int
        Its position in the table.
    values : ndarray of float64
        The values that are not missing; for a category the numbers of the levels.
    weights : ndarray of float64
        The weights of the same rows, all above zero.
    n_levels : int
        0 if it is not a category; `DATE` if it is a date, a number of days.
    has_missing : bool
    present : ndarray of bool, or None
        Which of the training rows have a value; None: all.
    known_ends : tuple of float, or None
        The smallest and the largest value of all rows, if ``values`` are a part of them.
    target : CodeTarget, or None
        Of a category whose values stand for many rows each: what its target codes are from.
    """

    place: int
    values: Floats
    weights: Floats
    n_levels: int
    has_missing: bool
    present: NDArray[np.bool_] | None = None
    known_ends: tuple[float, float] | None = None
    target: CodeTarget | None = None

    @classmethod
    def of(cls, place: int, values: Floats, n_levels: int, weights: Floats) -> "FitColumn":
        """From a column with NaN for missing values."""
        missing = np.isnan(values)
        has_missing = bool(missing.any())
        if not has_missing:
            return cls(place, values, weights, n_levels, has_missing)
        there = ~missing
        return cls(place, values[there], weights[there], n_levels, has_missing, there)

    @property
    def is_category(self) -> bool:
        """Whether its values are numbers of levels."""
        return self.n_levels > 0

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest value; NaN if all are missing."""
        if self.known_ends is not None:
            return self.known_ends
        return (self.values.min(), self.values.max()) if len(self.values) else (np.nan, np.nan)

    @cached_property
    def center_and_scale(self) -> tuple[float, float]:
        """For a number: `center_and_scale`, or 0 and 0 if all values are missing."""
        return center_and_scale(self.values, self.weights) if len(self.values) else (0.0, 0.0)


class RowBlock(NamedTuple):
    """Rows to encode, and which of their values are missing; shapes (n_samples, n_features)."""

    values: NDArray[np.floating]
    missing: NDArray[np.bool_]


class EncoderPart(Protocol):
    """One way to encode columns; a part may have no outputs."""

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""

    def encode(self, block: RowBlock, into: NDArray[np.floating]) -> None:
        """Write the outputs of some rows, shape (n_samples, n_outputs)."""

    def output_names(self, names: Sequence[str], levels: Sequence[Sequence[str]]) -> list[str]:
        """Name the outputs, given the names of the columns and the levels of each category."""

    def output_columns(self) -> list[int | None]:
        """The position of the column that each output reads; None for an indicator."""

    def output_scaling(self) -> OutputScaling | None:
        """How each output is scaled; None if they are not. Parts without scaling are last."""

    def output_bounds(self) -> Floats:
        """The largest size of each output in any row."""

    def arrays(self) -> Arrays:
        """The part as plain arrays, for a file.

        Each part also has ``from_arrays``, which takes its own arrays from `StoredArrays`, and
        raises a DataError if one is absent, or has a wrong type, shape or range.
        """

    def form(self) -> Form:
        """Its outputs as a form of a panel: the same bits, faster for a few rows."""


Part = TypeVar("Part", bound=EncoderPart, covariant=True)


class PartFit(Protocol[Part]):
    """Fits a part: it sees each column of the training rows in order, then gives the part."""

    def see(self, column: FitColumn) -> None:
        """Measure the next column."""

    def part(self) -> Part:
        """The part of all columns seen."""
