"""Training rows, encoded with statistics of the training rows only, and the starting point θ₀."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray

from thalweg.counter_based_random import generator
from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.canonical_rows import row_groups
from thalweg.data.column_names import likely, listed
from thalweg.data.dates.time_windows import require_times
from thalweg.data.encoding.encoder import Encoder, fit_encoder
from thalweg.data.encoding.lazy_encoded import inputs_of
from thalweg.data.encoding.levels import MOST_OUTPUTS
from thalweg.data.encoding.piecewise_linear import UNCUT, Cut
from thalweg.data.encoding.target_codes.coded_levels import training_codes
from thalweg.data.encoding.target_codes.inner_parts import (
    parts_of_blocks,
    parts_of_groups,
    windows_of_rows,
)
from thalweg.data.encoding.target_codes.level_codes import CodeTarget
from thalweg.data.group_folds import require_group_of_each, require_several_groups
from thalweg.data.label_types import plain_texts
from thalweg.data.row_view import Numbers
from thalweg.data.schema.schema import Schema, infer_schema
from thalweg.data.typing import GroupsLike, TimesLike
from thalweg.errors import DataError
from thalweg.estimators.learning.early_stopping_splits import Rows
from thalweg.estimators.learning.fitted_networks import Taught
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.outputs.several_outputs import SeveralOutputs
from thalweg.estimators.outputs.target_outputs import Outputs
from thalweg.network.architecture import Architecture, initial_theta, initialisers_of
from thalweg.network.engine import Data


@dataclass(frozen=True, eq=False)
class Lesson:
    """Canonical rows, and the outputs of a network for their target.

    Attributes
    ----------
    X : Numbers, or ndarray of float, shape (n_rows, n_features)
    y : ndarray of float64, shape (n_rows,), or (n_rows, n_targets) for several targets
        Codes of classes, or values.
    weights : ndarray of float64, shape (n_rows,)
        Without the costs of classes, which only the loss includes.
    outputs : Classes or Values
    n_levels : tuple of int, length n_features
        The number of levels of each column, 0 if it is not a category.
    groups : ndarray of int, shape (n_rows,), or None
    times : ndarray of float64, shape (n_rows,), or None
        What rows are ordered by.
    n_given : int
        The number of validation rows (``X_val``) at the end, which are not trained on.
    """

    X: Numbers | Floats
    y: Floats
    weights: Floats
    outputs: Outputs
    n_levels: tuple[int, ...] = ()
    groups: NDArray[np.intp] | None = None
    n_given: int = 0
    times: Floats | None = None

    @property
    def n_lessons(self) -> int:
        """The number of rows that may be training rows."""
        return len(self.X) - self.n_given

    @property
    def n_numbers(self) -> int:
        """The number of columns that are not categories."""
        return int(self.X.shape[1]) - sum(n > 0 for n in self.n_levels)

    @property
    def codes(self) -> Floats:
        """The classes by which splits are stratified; all 0 in regression."""
        y, outputs = self.y[: self.n_lessons], self.outputs
        of_classes = isinstance(outputs, Classes)
        if isinstance(outputs, SeveralOutputs):
            of_classes = outputs.of_classes
        return y if of_classes else np.zeros(len(y))

    @property
    def has_codes(self) -> bool:
        """Whether a category may have target codes, because it has many levels."""
        return max(self.n_levels, default=0) > MOST_OUTPUTS

    @cached_property
    def _blocks(self) -> NDArray[np.int64]:
        """Numbers that rows share if their inputs are equal: ranks by a hash of the inputs."""
        return row_groups(self.X)

    def code_target(self, outputs: Outputs, training: Rows) -> CodeTarget:
        """What the target codes of levels are computed from: the training rows alone.

        Rows of one group, and rows with equal inputs, are in one inner part. With times the parts
        are windows.
        """
        y, weights = self.y[training], self.weights[training]
        is_classes = isinstance(outputs, Classes)
        values = outputs.one_hot(y) if isinstance(outputs, Classes) else outputs.targets(y)
        if isinstance(outputs, Quantiles):
            values = values[:, :1]  # the same for each level
        if isinstance(outputs, SeveralOutputs):  # a code for each target, as of numbers
            mean = np.average(values, axis=0, weights=weights)
            spread = np.sqrt(np.average((values - mean) ** 2, axis=0, weights=weights))
            values = (values - mean) / np.where(spread > 0, spread, 1.0)
        if self.times is not None:
            part = windows_of_rows(self.times[training])
        elif self.groups is not None:
            part = parts_of_groups(self.groups[training])
        else:
            part = parts_of_blocks(self._blocks[training])
        return CodeTarget(values, weights / weights.mean(), part, is_classes)


class Place(NamedTuple):
    """Rows as inputs of a network, encoded with statistics of the training rows only."""

    encoder: Encoder
    outputs: Outputs
    data: Data
    taught: Taught


def place(
    lesson: Lesson, training: Rows, dtype: str, cut: Cut = UNCUT, *, coded: bool = True
) -> Place:
    """Encode canonical rows with statistics of the training rows only.

    Parameters
    ----------
    lesson : Lesson
    training : ndarray of int
        The training rows.
    dtype : {"float32", "float64"}
        Of θ, and of the encoded rows.
    cut : Cut, default none
        The bins of numbers.
    coded : bool, default True
        Whether categories may have target codes.

    Returns
    -------
    Place
    """
    X = Numbers.of(lesson.X).pick(training)
    outputs = lesson.outputs.fitted(lesson.y[training], lesson.weights[training])
    target = lesson.code_target(outputs, training) if coded and lesson.has_codes else None
    encoder = fit_encoder(X, lesson.weights[training], lesson.n_levels, cut, target)
    data = seen_by(encoder, outputs, lesson, np.dtype(dtype), training)
    return Place(encoder, outputs, data, taught_by(lesson, data, training))


def seen_by(
    encoder: Encoder,
    outputs: Outputs,
    lesson: Lesson,
    dtype: np.dtype[Any],
    training: Rows | None,
) -> Data:
    """The encoded rows of a lesson, with their targets and weights for the loss.

    Training rows have target codes from other training rows. With None all rows are encoded like
    new ones.
    """
    codes = None
    if training is not None and encoder.codes.n_outputs:
        target = lesson.code_target(outputs, training)
        codes = training_codes(encoder.codes, Numbers.of(lesson.X), training, target)
    n_training = None if training is None else len(training)
    return Data.of(
        inputs_of(encoder, lesson.X, dtype, codes, n_training),
        outputs.targets(lesson.y),
        lesson.weights * outputs.costs_of(lesson.y),
    )


def taught_by(lesson: Lesson, data: Data, training: Rows | None = None) -> Taught:
    """The total weight of the training rows (default: all), without and with costs of classes."""
    rows = np.arange(len(data.weights)) if training is None else training
    rows_weight, weight = (
        float(np.sum(each[rows], dtype=np.float64)) for each in (lesson.weights, data.weights)
    )
    return Taught(rows_weight, weight)


def starting_point(
    where: Place,
    hidden: tuple[int, ...],
    activation: str | Sequence[str],
    seed: int,
    member: int = 0,
) -> tuple[Architecture, NDArray[np.floating]]:
    """The architecture for encoded rows, and θ₀, which differs between members of one seed."""
    n_outputs = where.outputs.n_outputs
    architecture = Architecture.dense(where.encoder.n_outputs, hidden, n_outputs, activation)
    theta = first_theta(architecture, activation, seed, member, where.data.X.dtype)
    if isinstance(where.outputs, Grades):
        where.outputs.start(architecture, theta)
    return architecture, theta


def first_theta(
    architecture: Architecture,
    activation: str | Sequence[str],
    seed: int,
    member: int,
    dtype: DTypeLike,
) -> NDArray[np.floating]:
    """θ₀ of one network of a fit."""
    initialisers = initialisers_of(activation, architecture.n_layers - 1)
    drawn = initial_theta(architecture, initialisers, generator(seed, "weights", member))
    return drawn.astype(dtype)


def member_seed(seed: int, member: int) -> int:
    """The seed of one of several networks with the same rows; the first has ``seed`` itself."""
    return int(generator(seed, "member", member).integers(2**32)) if member else seed


# --- what is said of rows beside the table ------------------------------------------------------


@dataclass(frozen=True, eq=False)
class RowMarks:
    """A number for each row of a table.

    Attributes
    ----------
    of : {"groups", "times"}
        Whether equal numbers mean one group, or numbers are an order in time.
    values : ndarray of float64, shape (n_samples,)
    """

    of: Literal["groups", "times"]
    values: Floats


def group_marks(groups: GroupsLike, n_rows: int) -> RowMarks:
    """The groups of rows, numbered; a DataError if one is missing."""
    require_several_groups(groups)
    marks = _of_rows("groups", groups, n_rows, "the group")
    require_group_of_each(marks)
    return RowMarks(
        "groups", np.unique(marks.astype(str), return_inverse=True)[1].astype(np.float64)
    )


def time_marks(times: TimesLike, schema: Schema, matrix: Numbers) -> RowMarks:
    """The times of rows: a column of the table, or an array of dates or numbers.

    Raises
    ------
    DataError
        If there is no such column, it is no time, or a time is missing.
    """
    if isinstance(times, str | Integral):
        name = str(times)
        if name not in schema.names:
            guess = likely(name, schema.names)
            raise DataError(
                f'There is no column "{name}" to order the rows by',
                where=f"the table has {listed(schema.names)}",
                why=f'Did you mean "{guess}"?' if guess else "",
                fix="use one of these names, spelled as it is there; or give the time of each row",
            )
        place = schema.names.index(name)
        kind, values = schema.kinds[place], matrix.column(place)
    else:
        given = _of_rows("time_column", times, len(matrix), "the time")
        name = "time_column"
        kind, values = _read_times(name, given)
    try:
        require_times(name, kind, values)
    except DataError as error:
        if isinstance(times, str | Integral):
            raise
        raise _of_array(name, error, error.unspelled[3]) from error
    return RowMarks("times", values.astype(np.float64))


def _read_times(name: str, given: NDArray[Any]) -> tuple[str, Floats]:
    """The kind of an array of times, and its numbers."""
    frame = pd.DataFrame({name: given})
    try:
        schema = infer_schema(frame)
        return schema.kinds[0], schema.matrix(frame)[:, 0]
    except DataError as error:  # its fix is for a column of a table
        fix = (
            "read the times yourself: time_column=pd.to_datetime(times, utc=True), with "
            "dayfirst=True where the day is written before the month"
        )
        raise _of_array(name, error, fix) from error


def _of_array(name: str, error: DataError, fix: str) -> DataError:
    """The error of a column as one of an array that is an argument."""
    what, where, why, _ = error.unspelled
    return DataError(
        what.replace("This column is", "This array is").replace("in one column", "in one array"),
        where=where.replace(f'column "{name}"', f"the array {name}"),
        why=why.replace("cell of this column", "cell of it"),
        fix=fix.replace("name a column", "give an array"),
    )


def _of_rows(what: str, given: Any, n_rows: int, of_each: str) -> NDArray[Any]:
    marks = plain_texts(np.asarray(unmasked(given)))
    if marks.ndim != 1 or len(marks) != n_rows:
        raise DataError(
            f"{what} of shape {marks.shape} {'do' if what == 'groups' else 'does'} not belong to "
            f"{n_rows} rows",
            fix=f"give {of_each} of each row",
        )
    return marks
