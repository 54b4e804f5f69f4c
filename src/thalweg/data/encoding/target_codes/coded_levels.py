"""Target codes of the levels of a category that share an output, which tell these levels apart.

A network must not be trained on codes that contain the target of the same row. So training rows are
dealt into five inner parts, and the codes for the rows of a part come from the other four. All
other rows have the codes that come from all training rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.cluster.stored_fields import StoredFields
from thalweg.data.encoding.encoder_arrays import Arrays, StoredArrays, is_bounded
from thalweg.data.encoding.encoder_part import FitColumn, RowBlock
from thalweg.data.encoding.few_row_encoding import Lookups
from thalweg.data.encoding.levels import Category, Levels, LevelsFit
from thalweg.data.encoding.number_formulas import FARTHEST, clipped
from thalweg.data.encoding.target_codes.inner_parts import PARTS, Parts
from thalweg.data.encoding.target_codes.level_codes import CodeTarget, cross_fitted, level_codes
from thalweg.data.row_view import Numbers

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CodedCategory(StoredFields):
    """The codes of one category.

    Parameters
    ----------
    category : Category
        Its other outputs. Not stored: it is one of `Levels`.
    table : ndarray of float64, shape (n_levels + 1, n_codes)
        The codes of each level from all training rows; 0 for a level that has an output of its own,
        and for one that was not seen.
    """

    category: Category
    table: Floats

    @property
    def feature(self) -> int:
        """The column."""
        return self.category.feature

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""
        return int(self.table.shape[1])

    @cached_property
    def outputs(self) -> Floats:
        """The outputs of each level, as `encoded` gives them."""
        return self.encoded(self.table)

    def encoded(self, table: Floats) -> Floats:
        """The outputs of levels that have these codes, shape (n_levels + 2, n_outputs).

        They are the codes, smoothly clipped. The last row, 0, is for a missing level.
        """
        known = clipped(table, np.zeros(self.n_outputs), np.ones(self.n_outputs))
        return np.concatenate((known, np.zeros((1, self.n_outputs))))

    def output_names(self, name: str) -> list[str]:
        """``"ward target"``; ``"ward target 2"`` for the second of several codes."""
        numbers = [f" {k + 1}" for k in range(self.n_outputs)] if self.n_outputs > 1 else [""]
        return [f"{name} target{number}" for number in numbers]

    def form(self) -> Lookups:
        """Its outputs as a form of a panel."""
        n_rows, n = self.outputs.shape
        return Lookups(
            np.full(n, self.feature), self.outputs.ravel(), np.arange(n), np.full(n, n),
            np.full(n, float(n_rows - 1)),
        )  # fmt: skip

    def arrays(self) -> Arrays:
        """``target_code/3`` of the category in column 3."""
        return {_name(self.feature): self.table}

    @classmethod
    def from_arrays(cls, category: Category, stored: StoredArrays) -> "CodedCategory | None":
        """Rebuild a category from the arrays of a file; None if it has no codes."""
        name, n_rows = _name(category.feature), category.n_levels + 1
        found = stored.take_known(name)
        if found is None:
            return None
        (table,) = found
        is_table = table.ndim == 2 and len(table) == n_rows and table.size > 0
        sound = is_table and is_bounded(table.ravel(), table.size)
        stored.require(
            {name: sound and not table[[0, *category.hot]].any()},
            f"Codes have {n_rows} rows, which are 0 for a level that has an output of its own",
        )
        return cls(category, table)


@dataclass(frozen=True, eq=False)
class TargetCodes(StoredFields):
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
        """``"ward target"`` for the code of a level of the column ``ward``."""
        del levels
        return [name for each in self.categories for name in each.output_names(names[each.feature])]

    def output_columns(self) -> list[int | None]:
        """The column of each output."""
        return [each.feature for each in self.categories for _ in range(each.n_outputs)]

    def output_scaling(self) -> None:
        """None: a level has no number that is scaled."""

    def output_bounds(self) -> Floats:
        """The largest size of each output."""
        return np.full(self.n_outputs, FARTHEST)

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
    def from_arrays(cls, stored: StoredArrays, levels: Levels) -> "TargetCodes":
        """Rebuild the part from the arrays of a file."""
        sharing = [each for each in levels.categories if each.is_shared]
        found = [CodedCategory.from_arrays(each, stored) for each in sharing]
        return cls(tuple(each for each in found if each is not None))


def _name(feature: int) -> str:
    return f"target_code/{feature}"


def _places(levels: NDArray[np.floating], n_rows: int) -> NDArray[np.intp]:
    """The row of each level in a table of outputs; a missing level has the last one."""
    return np.where(np.isnan(levels), float(n_rows - 1), levels).astype(np.intp)


class TargetCodesFit:
    """Computes the codes of each category in which levels share an output.

    Parameters
    ----------
    levels : LevelsFit
        Has seen a column before this does.
    target : CodeTarget or None
        Of the training rows; None: no category has codes.
    """

    def __init__(self, levels: LevelsFit, target: CodeTarget | None) -> None:
        self._levels, self._target = levels, target
        self._categories: list[CodedCategory] = []

    def see(self, column: FitColumn) -> None:
        """Compute the codes of the next column."""
        target = column.target or self._target
        if target is None or not column.is_category or not self._levels.latest.is_shared:
            return
        category = self._levels.latest
        if column.present is not None:
            target = target.pick(column.present)
        shared = category.share_output(column.values)
        levels, target = column.values[shared].astype(np.intp), target.pick(shared)
        found = np.stack(cross_fitted(levels, target, category.n_levels))[target.part, levels]
        if not found.any():  # they would say nothing in training
            return
        table = level_codes(levels, target, category.n_levels)
        self._categories.append(CodedCategory(category, table))

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
    outputs = [
        outputs_of_parts(each, rows.column(each.feature), target) for each in codes.categories
    ]
    return TrainingCodes(codes, part, tuple(outputs))


def outputs_of_parts(coded: CodedCategory, levels: Floats, target: CodeTarget) -> Floats:
    """The outputs of a category's levels for rows of each part, and for other rows.

    Parameters
    ----------
    coded : CodedCategory
    levels : ndarray of float64, shape (n_samples,)
        Of the training rows, NaN for a missing one.
    target : CodeTarget
        Of the same rows.

    Returns
    -------
    ndarray of float64, shape (6, n_levels + 2, n_outputs)
    """
    n_levels, shared = coded.category.n_levels, coded.category.share_output(levels)
    of_part = cross_fitted(levels[shared].astype(np.intp), target.pick(shared), n_levels)
    return np.stack([coded.encoded(table) for table in (*of_part, coded.table)])
