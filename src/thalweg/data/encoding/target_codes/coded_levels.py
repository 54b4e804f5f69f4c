"""Target codes of categories with many levels: numbers that are scaled and cut into bins.

A network must not be trained on codes that contain the target of the same row. So training rows are
dealt into five inner parts, and the codes for the rows of a part come from the other four. All
other rows have the codes that come from all training rows. The rare levels of a category without
target codes differ only by how common they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.encoder_arrays import Arrays, StoredArrays, is_bounded
from thalweg.data.encoding.encoder_part import FitColumn, OutputScaling, RowBlock
from thalweg.data.encoding.few_row_encoding import Lookups
from thalweg.data.encoding.levels import MOST_OUTPUTS
from thalweg.data.encoding.number_formulas import FARTHEST
from thalweg.data.encoding.piecewise_linear import Bins, BinsFit, Cut
from thalweg.data.encoding.scaling import Scaling, ScalingFit
from thalweg.data.encoding.target_codes.inner_parts import PARTS, Parts
from thalweg.data.encoding.target_codes.level_codes import CodeTarget, cross_fitted, level_codes
from thalweg.data.row_view import Numbers

Floats = NDArray[np.float64]

# The codes of a category have at most so many bins in total.
MOST_BINS = 64


@dataclass(frozen=True, eq=False)
class CodedCategory:
    """The codes of one category, and how they are scaled and cut into bins.

    Parameters
    ----------
    feature : int
        The column.
    table : ndarray of float64, shape (n_levels + 1, n_codes)
        The codes of each level from all training rows.
    scaling : Scaling
    bins : Bins
        Each of the codes is a number for them.
    """

    feature: int
    table: Floats
    scaling: Scaling
    bins: Bins

    @property
    def n_outputs(self) -> int:
        """The number of its outputs: the scaled codes, then their bins."""
        return self.scaling.n_outputs + self.bins.n_outputs

    @cached_property
    def outputs(self) -> Floats:
        """The outputs of each level, as `encoded` gives them."""
        return self.encoded(self.table)

    def encoded(self, table: Floats) -> Floats:
        """The outputs of levels that have these codes, shape (n_levels + 2, n_outputs).

        The last row is for a missing level, whose codes are 0, like those of a level not seen.
        """
        codes = np.concatenate((table, np.zeros((1, table.shape[1]))))
        block = RowBlock(codes, np.zeros(codes.shape, dtype=np.bool_))
        outputs = np.empty((len(codes), self.n_outputs))
        self.scaling.encode(block, outputs[:, : self.scaling.n_outputs])
        self.bins.encode(block, outputs[:, self.scaling.n_outputs :])
        return outputs

    def output_names(self, name: str) -> list[str]:
        """``"ward target"`` and its bins; ``"ward target 2"`` for the second of several codes."""
        n_codes = self.table.shape[1]
        names = [f"{name} target{f' {k + 1}' if n_codes > 1 else ''}" for k in range(n_codes)]
        return [*names, *self.bins.output_names(names, ())]

    def output_scaling(self) -> OutputScaling:
        """How each output is scaled; before scaling it is a code."""
        both = self.scaling.output_scaling(), self.bins.output_scaling()
        return OutputScaling(*map(np.concatenate, zip(*both, strict=True)))

    def form(self) -> Lookups:
        """Its outputs as a form of a panel."""
        n_rows, n = self.outputs.shape
        return Lookups(
            np.full(n, self.feature), self.outputs.ravel(), np.arange(n), np.full(n, n),
            np.full(n, float(n_rows - 1)),
        )  # fmt: skip

    def arrays(self) -> Arrays:
        """``target_code/3`` of the category in column 3, and ``code/3/center …`` of its codes."""
        own = self.scaling.arrays() | self.bins.arrays()
        prefix = f"code/{self.feature}/"
        return {_name(self.feature): self.table, **{prefix + key: own[key] for key in own}}

    @classmethod
    def from_arrays(cls, feature: int, stored: StoredArrays) -> "CodedCategory | None":
        """Rebuild a category from the arrays of a file; None if it has no codes."""
        found = stored.take_known(_name(feature))
        if found is None:
            return None
        (table,) = found
        n_codes = table.shape[1] if table.ndim == 2 else 0
        n_rows = stored.n_levels[feature] + 1
        is_table = n_codes > 0 and len(table) == n_rows and is_bounded(table.ravel(), table.size)
        stored.require(
            {_name(feature): is_table and not table[0].any()},
            f"It must be float64 of {n_rows} rows, the first of them 0",
        )
        own = stored.taken_apart(f"code/{feature}/")
        own.require({f"code/{feature}/center": own.n_levels == (0,) * n_codes})
        scaling = Scaling.from_arrays(own)
        own.require({f"code/{feature}/center": is_bounded(scaling.center, n_codes)})
        bins = Bins.from_arrays(own, scaling.center)
        own.require({f"code/{feature}/bin_feature": bins.n_outputs <= MOST_BINS})
        own.require_none_left()
        return cls(feature, table, scaling, bins)


@dataclass(frozen=True, eq=False)
class TargetCodes:
    """The outputs of all codes.

    Parameters
    ----------
    categories : tuple of CodedCategory
        In the order of the columns.
    """

    categories: tuple[CodedCategory, ...] = ()

    @cached_property
    def n_outputs(self) -> int:
        """The number of its outputs."""
        return sum(each.n_outputs for each in self.categories)

    def encode(self, block: RowBlock, into: NDArray[np.floating]) -> None:
        """Write the outputs of some rows that are not training rows."""
        done = 0
        for each in self.categories:
            rows = _places(block.values[:, each.feature], len(each.outputs))
            into[:, done : done + each.n_outputs] = each.outputs[rows]
            done += each.n_outputs

    def output_names(self, names: Sequence[str], levels: Sequence[Sequence[str]]) -> list[str]:
        """``"ward target"`` for a code, ``"ward target -1…0.5"`` for one of its bins."""
        del levels
        return [name for each in self.categories for name in each.output_names(names[each.feature])]

    def output_columns(self) -> list[int | None]:
        """The column of each output."""
        return [each.feature for each in self.categories for _ in range(each.n_outputs)]

    def output_scaling(self) -> OutputScaling:
        """How each output is scaled."""
        all_of = [each.output_scaling() for each in self.categories]
        none = OutputScaling(*[np.empty(0)] * 4)
        return OutputScaling(*map(np.concatenate, zip(none, *all_of, strict=True)))

    def output_bounds(self) -> Floats:
        """The largest size of each output."""
        bounds = [max(FARTHEST, each.bins.scale) for each in self.categories]
        return np.repeat(bounds, [each.n_outputs for each in self.categories]).astype(np.float64)

    def form(self) -> Lookups:
        """Its outputs as a form of a panel."""
        return Lookups.joined([each.form() for each in self.categories])

    def arrays(self) -> Arrays:
        """The arrays of each category that has codes."""
        arrays: Arrays = {}
        for each in self.categories:
            arrays |= each.arrays()
        return arrays

    @classmethod
    def from_arrays(cls, stored: StoredArrays) -> "TargetCodes":
        """Rebuild the part from the arrays of a file."""
        places = [place for place, n in enumerate(stored.n_levels) if n > 0]
        found = [CodedCategory.from_arrays(place, stored) for place in places]
        return cls(tuple(each for each in found if each is not None))


def _name(feature: int) -> str:
    return f"target_code/{feature}"


def _places(levels: NDArray[np.floating], n_rows: int) -> NDArray[np.intp]:
    """The row of each level in a table of outputs; a missing level has the last one."""
    return np.where(np.isnan(levels), float(n_rows - 1), levels).astype(np.intp)


class TargetCodesFit:
    """Computes the codes of each category that has more levels than outputs.

    Parameters
    ----------
    target : CodeTarget or None
        Of the training rows; None: no category has codes.
    cut : Cut
        The bins of numbers.
    """

    def __init__(self, target: CodeTarget | None, cut: Cut) -> None:
        self._target = target
        n_bins = min(cut.n_bins, MOST_BINS // max(1, target.n_codes)) if target else 0
        self._cut = cut._replace(n_bins=n_bins)
        self._categories: list[CodedCategory] = []

    def see(self, column: FitColumn) -> None:
        """Compute the codes of the next column."""
        if self._target is None or column.n_levels <= MOST_OUTPUTS:
            return
        target = self._target if column.present is None else self._target.pick(column.present)
        levels = column.values.astype(np.intp)
        if len(np.unique(levels[levels > 0])) <= MOST_OUTPUTS:
            return
        codes = np.stack(cross_fitted(levels, target, column.n_levels))[target.part, levels]
        if not codes.any():  # they would say nothing in training
            return
        scaling, bins = ScalingFit(), BinsFit(self._cut)
        for place, values in enumerate(codes.T):
            number = FitColumn(place, values, column.weights, 0, has_missing=False)
            scaling.see(number)
            bins.see(number)
        table = level_codes(levels, target, column.n_levels)
        category = CodedCategory(column.place, table, scaling.part(), bins.part())
        self._categories.append(category)

    def part(self) -> TargetCodes:
        """The part of all columns seen."""
        return TargetCodes(tuple(self._categories))


@dataclass(frozen=True, eq=False)
class TrainingCodes:
    """Outputs of the codes for a table with training rows, which have the codes of their part.

    Parameters
    ----------
    codes : TargetCodes
    part : ndarray of int, shape (n_rows,)
        The inner part of each training row, 0 … 4; 5 for any other row of the table.
    outputs : tuple of ndarray of float64, each of shape (6, n_levels + 2, n_outputs)
        For each category the outputs of its levels, for rows of each part and for other rows.
    """

    codes: TargetCodes
    part: Parts
    outputs: tuple[Floats, ...]

    def encode(
        self, X: Numbers, rows: NDArray[np.intp] | slice, into: NDArray[np.floating]
    ) -> None:
        """Write the outputs of some rows.

        Parameters
        ----------
        X : Numbers
            These rows of the table.
        rows : ndarray of int or slice
            Their positions in the table.
        into : ndarray of float, shape (n_rows, n_outputs)
        """
        part, done = self.part[rows], 0
        for each, outputs in zip(self.codes.categories, self.outputs, strict=True):
            places = _places(X.column(each.feature), outputs.shape[1])
            into[:, done : done + each.n_outputs] = outputs[part, places]
            done += each.n_outputs


def training_codes(
    codes: TargetCodes, X: Numbers, training: NDArray[np.intp], target: CodeTarget
) -> TrainingCodes:
    """The codes of a table for training: each training row has those that leave its part out.

    Parameters
    ----------
    codes : TargetCodes
    X : Numbers
        The table, with rows that may not be training rows.
    training : ndarray of int
        The positions of the training rows.
    target : CodeTarget
        Of the training rows.
    """
    part = np.full(len(X), PARTS)
    part[training] = target.part
    rows = X.pick(training)
    outputs = []
    for category in codes.categories:
        levels = rows.column(category.feature)
        known, n_levels = ~np.isnan(levels), len(category.table) - 1
        of_part = cross_fitted(levels[known].astype(np.intp), target.pick(known), n_levels)
        tables = *of_part, category.table
        outputs.append(np.stack([category.encoded(table) for table in tables]))
    return TrainingCodes(codes, part, tuple(outputs))
