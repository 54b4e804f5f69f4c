"""The encoder: turns the columns of a table into the inputs of a network, and is fitted here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count, repeat

import numpy as np
from numpy.typing import DTypeLike, NDArray

from thalweg.cluster.stored_fields import StoredFields
from thalweg.data.encoding.calendar_parts import CalendarFit, CalendarParts
from thalweg.data.encoding.encoder_arrays import Array, Arrays, StoredArrays
from thalweg.data.encoding.encoder_part import (
    EncoderPart,
    FitColumn,
    OutputScaling,
    PartFit,
    RowBlock,
)
from thalweg.data.encoding.few_row_encoding import Form
from thalweg.data.encoding.levels import Levels, LevelsFit
from thalweg.data.encoding.missing_indicators import MissingFit, MissingIndicators
from thalweg.data.encoding.piecewise_linear import UNCUT, Bins, BinsFit, Cut
from thalweg.data.encoding.scaling import Scaling, ScalingFit
from thalweg.data.encoding.target_codes.coded_levels import TargetCodes, TargetCodesFit
from thalweg.data.encoding.target_codes.level_codes import CodeTarget
from thalweg.data.row_view import Numbers

# Rows encoded at a time, so that temporary arrays stay in the cache.
_BLOCK = 1024


@dataclass(frozen=True, eq=False)
class Encoder(StoredFields):
    """The map from a table, with or without missing values, to the inputs of a network.

    The outputs of its parts are side by side, in the order of the parameters.

    Parameters
    ----------
    scaling : Scaling
        Each number, centred, scaled and smoothly clipped, 0 if missing; or as it is.
    bins : Bins
        How far each number has come through its bins.
    levels : Levels
        The outputs of the categories.
    codes : TargetCodes
        The target codes of levels that share an output.
    calendar : CalendarParts
        The year's phase, the weekday and the hour of each date.
    missing : MissingIndicators
        1 if a value is missing, 0 otherwise.
    """

    scaling: Scaling
    bins: Bins
    levels: Levels
    codes: TargetCodes
    calendar: CalendarParts
    missing: MissingIndicators

    @property
    def parts(self) -> tuple[EncoderPart, ...]:
        """All parts, in the order of their outputs."""
        return self.scaling, self.bins, self.levels, self.codes, self.calendar, self.missing

    @cached_property
    def _places(self) -> list[tuple[EncoderPart, slice]]:
        """The parts that have outputs, and the positions of their outputs."""
        ends = np.cumsum([part.n_outputs for part in self.parts]).tolist()
        placed = zip(self.parts, ends, strict=True)
        return [(p, slice(end - p.n_outputs, end)) for p, end in placed if p.n_outputs]

    @cached_property
    def coded(self) -> slice:
        """The positions of the outputs of target codes."""
        return self._place_of(self.codes)

    def _place_of(self, which: EncoderPart) -> slice:
        return next((own for part, own in self._places if part is which), slice(0))

    @cached_property
    def binned(self) -> slice:
        """The positions of the outputs of bins."""
        return self._place_of(self.bins)

    @property
    def n_features(self) -> int:
        """The number of columns that `encode` takes."""
        return len(self.scaling.center)

    @cached_property
    def n_outputs(self) -> int:
        """The number of columns that `encode` gives."""
        return sum(part.n_outputs for part in self.parts)

    @property
    def n_levels(self) -> tuple[int, ...]:
        """How many levels each column has; 0 if it is not a category, `DATE` if it is a date."""
        return self.levels.n_levels

    def output_names(self, names: Sequence[str], levels: Sequence[Sequence[str]] = ()) -> list[str]:
        """Name the encoded columns.

        Parameters
        ----------
        names : sequence of str, length n_features
        levels : sequence of sequence of str, length n_features
            The levels of each column that is a category. Not needed if there is none.

        Returns
        -------
        list of str
            The names of the numbers; ``"age 30…40"`` for a bin; ``"color=red"`` for a level,
            ``"color=…"`` for all levels that share an output, ``"color common"`` for how common
            the level is; ``"color target"`` for its target code; ``"admitted: days"``,
            ``"admitted: weekday=Mon"`` for the parts of a date;
            then ``"age missing"`` for each indicator.
        """
        days = list(names)
        for j in self.calendar.dates:
            days[j] += ": time of day" if self.scaling.is_within_a_day(j) else ": days"
        return [
            name
            for part in self.parts
            for name in part.output_names(days if part is self.scaling else names, levels)
        ]

    def output_columns(self) -> list[int | None]:
        """The position of the column that each output reads; None for an indicator."""
        return [column for part in self.parts for column in part.output_columns()]

    def output_scaling(self) -> OutputScaling:
        """How each output of numbers and of levels (not target codes) is scaled, in their order."""
        scalings = (part.output_scaling() for part in self.parts)
        scaled = [scaling for scaling in scalings if scaling is not None]
        return OutputScaling(*(np.concatenate(vectors) for vectors in zip(*scaled, strict=True)))

    def output_bounds(self) -> NDArray[np.float64]:
        """The largest size of each output in any row, in the order of the outputs."""
        return np.concatenate([part.output_bounds() for part in self.parts])

    def encode(
        self, X: NDArray[np.floating] | Numbers, dtype: DTypeLike = np.float64
    ) -> NDArray[np.floating]:
        """Encode a table.

        Parameters
        ----------
        X : ndarray of float, or Numbers, shape (n_samples, n_features)
            Not above 1e300 in size; NaN for a missing value. For a category the number of the
            level, 1 … n_levels, or 0 for any other level.
        dtype : {float64, float32}
            The dtype of the result, which is computed in float64.

        Returns
        -------
        ndarray of ``dtype``, shape (n_samples, n_outputs)
            C-contiguous and finite.
        """
        encoded = np.empty((len(X), self.n_outputs), dtype)
        for start in range(0, len(X), _BLOCK):
            rows = slice(start, start + _BLOCK)
            values = X[rows]
            block = RowBlock(values, np.isnan(values))
            for part, own in self._places:
                part.encode(block, encoded[rows, own])
        return encoded

    def forms(self) -> list[Form]:
        """The form of each part, for a panel."""
        return [part.form() for part in self.parts]

    def arrays(self) -> Arrays:
        """The arrays of all parts, for a file."""
        arrays: Arrays = {}
        for part in self.parts:
            arrays |= part.arrays()
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], *, as_they_are: bool = False) -> "Encoder":
        """Rebuild an encoder from what `arrays` gave; which numbers are not scaled is said aside.

        Raises
        ------
        DataError
            An array is absent or superfluous, or has a wrong type, shape or range.
        """
        stored = StoredArrays(arrays)
        scaling = Scaling.from_arrays(stored, as_they_are=as_they_are)
        levels = Levels.from_arrays(stored)
        encoder = cls(
            scaling,
            Bins.from_arrays(stored, scaling.center),
            levels,
            TargetCodes.from_arrays(stored, levels),
            CalendarParts.from_arrays(stored),
            MissingIndicators.from_arrays(stored),
        )
        stored.require_none_left()
        return encoder


def fit_encoder(
    X: NDArray[np.floating] | Numbers,
    weights: NDArray[np.float64],
    n_levels: Sequence[int] = (),
    cut: Cut = UNCUT,
    target: CodeTarget | None = None,
) -> Encoder:
    """Fit each part of an encoder to the columns of a table.

    All statistics are weighted, and a row of weight 2 counts exactly as two equal rows.

    Parameters
    ----------
    X : ndarray of float, or Numbers, shape (n_samples, n_features)
        Not above 1e300 in size; NaN for a missing value; for a category the number of the level.
    weights : ndarray of float64, shape (n_samples,)
        Finite and not negative. Rows of weight 0 do not count, nor do their missing values.
    n_levels : sequence of int, length n_features
        How many levels each column has; 0 if it is not a category, `DATE` if it is a date. Empty:
        all columns are numbers.
    cut : Cut, default none
        How numbers are cut into bins.
    target : CodeTarget, optional
        Of the same rows; without it, no category has target codes.

    Returns
    -------
    Encoder
        The same for every order of the rows (target codes up to rounding), and for weights
        multiplied by any constant.
    """
    numbers = Numbers.of(X)
    counted = weights > 0
    if not counted.all():
        numbers, weights = numbers.pick(np.flatnonzero(counted)), weights[counted]
        target = target and target.pick(counted)
    # Each column is fetched once, for all parts.
    columns = numbers.each_column()
    of_each = n_levels or (0,) * numbers.shape[1]
    return encoder_of(map(FitColumn.of, count(), columns, of_each, repeat(weights)), cut, target)


def encoder_of(
    columns: Iterable[FitColumn], cut: Cut = UNCUT, target: CodeTarget | None = None
) -> Encoder:
    """Fit each part of an encoder to columns that come one by one, in their order.

    Parameters
    ----------
    columns : iterable of FitColumn
    cut : Cut, default none
    target : CodeTarget, optional
        As in `fit_encoder`; for columns that have none of their own.
    """
    scaling = ScalingFit(as_they_are=cut.as_they_are)
    bins, levels, missing = BinsFit(cut), LevelsFit(), MissingFit()
    codes, calendar = TargetCodesFit(levels, target), CalendarFit(late=cut.late_days)
    fits: tuple[PartFit[EncoderPart], ...] = scaling, bins, levels, codes, calendar, missing
    for column in columns:
        for fit in fits:
            fit.see(column)
    return Encoder(
        scaling.part(), bins.part(), levels.part(), codes.part(), calendar.part(), missing.part()
    )
