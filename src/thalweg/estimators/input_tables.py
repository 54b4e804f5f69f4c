"""Reading and checking of tables and sample weights, for a fit and for predictions."""

import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.encoding.number_formulas import FARTHEST_AS_IS
from thalweg.data.row_view import Numbers
from thalweg.data.schema.given_table import GivenTable, table_of
from thalweg.data.schema.identifier_warning import report_identifiers
from thalweg.data.schema.matching import Extra, report_unseen
from thalweg.data.schema.ranges import beyond
from thalweg.data.schema.schema import Schema, infer_schema
from thalweg.data.typing import TableLike, TargetLike, WeightsLike
from thalweg.errors import DataError, ThalwegWarning, outer_level
from thalweg.estimators.drifting.known_likeness import known_likeness
from thalweg.estimators.from_others.mlp_attributes import LikeMLP
from thalweg.estimators.from_others.named_tables import Rows, features_of
from thalweg.estimators.parameters.auto_by_width import alpha_of
from thalweg.estimators.parameters.parameter import Unknown
from thalweg.estimators.parameters.resolved_parameters import HasParameters, said_columns
from thalweg.estimators.targets.read_targets import read_target
from thalweg.evaluation.answers import HEAVIEST, LIGHTEST, require_from_zero, require_one_per_row
from thalweg.wording import parameter

Matrix = NDArray[np.float64]
# What the rows of X_val are for, in a message; and the arguments X and y in the code of a fix.
_VALIDATE = "validate on"
_X_OR_Y = re.compile(r"(?<!['\"])\b([Xy])\b(?!['\"])")


@dataclass(frozen=True)
class Learnable:
    """A training table, read and checked.

    Attributes
    ----------
    schema : Schema
    matrix : Numbers, shape (n_samples, n_features)
        The columns as numbers.
    y : ndarray, shape (n_samples,) or (n_samples, n_targets)
    weights : ndarray of float64, shape (n_samples,)
        Not negative.
    names : tuple of str
        The names of several targets; empty for one.
    """

    schema: Schema
    matrix: Numbers
    y: NDArray[Any]
    weights: Matrix
    names: tuple[str, ...] = ()


class TakesTables(LikeMLP):
    """A mixin of estimators: what they say about a table to predict."""

    unknown: Unknown

    def out_of_range(self, X: TableLike) -> pd.DataFrame:
        """The numbers of a table that are outside the range of the training rows.

        The model extrapolates there. Missing values and levels of categories do not count.

        Parameters
        ----------
        X : as in `fit`

        Returns
        -------
        DataFrame
            A line per number: ``row`` (counted from 1), ``column``, ``value``, ``low`` and ``high``
            (the ends of the training range), ``distance`` (from the nearer end, in the unit of the
            column). Empty if all are inside; also for a model of format 1, which has no ranges.
        """
        check_is_fitted(self)
        schema = self.schema_
        with _fix_for_python():
            taken = schema.take(X)
        found = beyond(schema.names, taken.matrix, *seen_range(self), schema.dates)
        heads = ["row", "column", "value", "low", "high", "distance"]
        return pd.DataFrame([each.as_dict() for each in found], columns=heads)

    def unlike(self, X: TableLike) -> Matrix:
        """The outlier p of each row: how unlike the training rows it is.

        p = (1 + the number of training rows that are at least as unlike the others) / (n + 1). Of
        new rows that are like the training rows, about 5 % have a p of at most 0.05. All numbers,
        levels and missing cells of a row count together, but not its days of the calendar
        (`thalweg.data.likeness`).

        Parameters
        ----------
        X : as in `fit`

        Returns
        -------
        ndarray of float64, shape (n_samples,)
            Above 0 and at most 1.

        Raises
        ------
        SettingsError
            If the model has no summaries of its training rows: an earlier version saved it, or it
            was trained on further rows.
        """
        check_is_fitted(self)
        likeness = known_likeness(self._known)
        return likeness.outlier_p(np.asarray(read_for_predict(self, X), dtype=np.float64))


def seen_range(model: TakesTables) -> tuple[Matrix | None, Matrix | None]:
    """The smallest and the largest training value of each column, over all networks.

    Returns
    -------
    low, high : ndarray of float64, shape (n_features,), or None
        NaN for a column without a number; None for a model of format 1, which has no ranges.
    """
    seen = [network.encoder.scaling for network in model.members_]
    lows = [each.low for each in seen if each.low is not None]
    highs = [each.high for each in seen if each.high is not None]
    if len(lows) < len(seen) or len(highs) < len(seen):
        return None, None
    return np.fmin.reduce(lows), np.fmax.reduce(highs)  # both ignore NaN


def read_for_fit(
    estimator: HasParameters, X: TableLike, y: TargetLike, sample_weight: WeightsLike
) -> Learnable:
    """Read a table, infer its schema, and check target and sample weights.

    Raises
    ------
    DataError
        If the table cannot be used for training.
    ValueError
        From scikit-learn's own checks of targets and weights.
    """
    labels, names = read_target(estimator, y)
    table = _table(X)
    _require_rows(table, "fit")
    if len(labels) != table.n_rows:
        raise _unequal(table.n_rows, len(labels))
    weights = _weights_of(sample_weight, table.n_rows)
    if sample_weight is not None:
        _warn_of_light_weights(weights, alpha_of(estimator.get_params(deep=False)))
    schema = infer_schema(table, weights, said_columns(estimator))
    report_identifiers(schema.given, schema.table(table), weights, estimator.text)
    # Levels that only rows of weight 0 have are not learned; no warning is needed for them.
    matrix = schema.numbers(table)
    if estimator.scaling == "none":
        _require_plain(schema, matrix)
    _require_normal_spread(schema, matrix)
    return Learnable(schema, matrix, labels, weights, names)


def read_for_predict(model: TakesTables, X: Rows | GivenTable) -> NDArray[np.floating]:
    """The table, or that of a file, as numbers, its columns in the order of the fit.

    Columns are matched by name, in any order, if model and table have names; columns that the
    model was not fitted on are ignored. The model's ``unknown`` decides how unseen levels are
    handled.

    Returns
    -------
    ndarray of float64 or float32, shape (n_samples, n_features)
        Do not write to it: it may be the table itself.
    """
    schema = model._known.schema
    table = X if isinstance(X, GivenTable) else features_of(X, schema)
    matrix = _read_by(schema, model, table, "ignore")
    require_takeable(model, matrix)
    return matrix


def require_takeable(model: TakesTables, matrix: NDArray[np.floating]) -> None:
    """Raise a DataError if a network that takes numbers as they are cannot take these rows."""
    known = model._known
    if known.first.encoder.scaling.as_they_are:
        _require_plain(known.schema, Numbers.of(matrix))


def _read_by(
    schema: Schema,
    asks: HasParameters | TakesTables,
    X: TableLike | GivenTable,
    extra: Extra,
    verb: str = "predict",
) -> NDArray[np.floating]:
    """The columns of a schema; other columns are ignored, or refused (``extra``)."""
    table = _table(X)
    if table.named != schema.named:
        _warn_of_names(type(asks).__name__, named=table.named)
    _require_rows(table, verb)
    with _fix_for_python():
        taken = schema.take(table, extra=extra)
    if taken.unseen:
        report_unseen(taken.unseen, asks.unknown)
    matrix: NDArray[np.floating] = taken.matrix
    return matrix


def _is_dict(X: object) -> bool:
    return isinstance(X, Mapping) and not hasattr(X, "shape")  # a sparse matrix may be a dict


def _table(X: TableLike | GivenTable) -> GivenTable:
    """The table; the fix for what is none, but has names, keeps them: a DataFrame."""
    records = isinstance(X, list | tuple) and isinstance(next(iter(X), None), Mapping)
    named = isinstance(X, np.ndarray) and X.dtype.names is not None and X.ndim == 1
    a_dict = _is_dict(X)
    if not (records or named or a_dict or isinstance(X, pd.Series)):
        return table_of(X)
    if isinstance(X, pd.Series):
        what, fix = "A Series", "make it a DataFrame: X.to_frame().T if it is one row, "
        fix += "X.to_frame() if it is one column"
    else:
        what = "A list of dicts" if records else "A record array" if named else "A dict"
        fix = "make it a DataFrame: pd.DataFrame(X)"
    shape = "0D" if a_dict else "1D"
    raise DataError(
        f"Expected 2D array, got {shape} array instead: {what} is not a table",
        why="A table has rows and named or numbered columns",
        fix=fix,
    )


@contextmanager
def _fix_for_python() -> Iterator[None]:
    """Complete a fix that only names an option: a fitted model keeps its own ``number``."""
    try:
        yield
    except DataError as error:
        what, where, why, fix = error.unspelled
        if "--number" not in fix or "command line, number=" in fix:
            raise
        fix += "; in Python give the column as floats in the unit of the model"
        raise DataError(what, where=where, why=why, fix=fix) from error


def read_more(
    estimator: HasParameters,
    schema: Schema,
    X: TableLike,
    y: TargetLike,
    sample_weight: WeightsLike = None,
    *,
    extra: Extra = "ignore",
    targets: Sequence[str] = (),
) -> Learnable:
    """Read a table with target and sample weights by an existing schema, and known targets."""
    matrix = Numbers.of(_read_by(schema, estimator, X, extra, "fit"))
    if estimator.scaling == "none":
        _require_plain(schema, matrix)
    labels, names = read_target(estimator, y, targets)
    if len(labels) != len(matrix):
        raise _unequal(len(matrix), len(labels))
    weights = _weights_of(sample_weight, len(labels))
    return Learnable(schema, matrix, labels, weights, names)


def read_validation(
    estimator: HasParameters,
    schema: Schema,
    numbers_of: Callable[[NDArray[Any]], Matrix],
    X: TableLike,
    y: TargetLike,
    targets: Sequence[str] = (),
) -> tuple[Numbers, Matrix]:
    """``X_val`` and ``y_val`` as numbers, by what the training rows are."""
    with _about("X_val"):
        matrix = Numbers.of(_read_by(schema, estimator, X, "ignore", _VALIDATE))
        if estimator.scaling == "none":
            _require_plain(schema, matrix)
    with _about("y_val"):
        numbers = numbers_of(read_target(estimator, y, targets)[0])
    if len(numbers) != len(matrix):
        with _about("X_val and y_val"):
            raise _unequal(len(matrix), len(numbers))
    return matrix, numbers


@contextmanager
def _about(argument: str) -> Iterator[None]:
    """Errors in the block name the argument of `fit` that they are about, and so do their fixes."""
    try:
        yield
    except DataError as error:
        what, where, why, fix = error.unspelled
        where = f"{argument}: {where}" if where else argument
        raise type(error)(what, where=where, why=why, fix=_X_OR_Y.sub(r"\1_val", fix)) from error


def labels_of_rows(y: NDArray[Any]) -> NDArray[Any]:
    """The target of each row as it is hashed: of several targets, the list of them as a text."""
    return y if y.ndim == 1 else np.array([str(row) for row in y.tolist()], dtype=object)


def _weights_of(sample_weight: WeightsLike, n_rows: int) -> Matrix:
    """The weight of each row, 1 if none is given; a DataError for what is none."""
    given: Any = unmasked(sample_weight)
    if given is not None:
        try:
            numbers = np.asarray(given, dtype=np.float64)
        except (TypeError, ValueError) as error:
            what, fix = "sample_weight is not numbers", "sample_weight=values, one for each row"
            raise DataError(what, why=str(error), fix=f"give {fix}") from error
        if numbers.ndim:
            require_one_per_row(numbers, n_rows)
            require_from_zero(numbers)
    no_cells = np.empty((n_rows, 0))
    weights: Matrix = _check_sample_weight(
        given, no_cells, dtype=np.float64, ensure_non_negative=True
    )
    require_sound_weights(weights)
    return weights


def require_sound_weights(weights: Matrix) -> None:
    """Raise unless every sample weight is 0, or in a range that sums and quotients can hold."""
    odd = np.flatnonzero((weights != 0) & ((weights < LIGHTEST) | (weights > HEAVIEST)))
    if len(odd):
        raise DataError(
            f"A sample weight is {weights[odd[0]]:g}",
            where=f"row {odd[0] + 1}",
            why="A row of weight 2 counts twice; with this weight it would count as nothing, or "
            "outweigh all others",
            fix=f"give weights from {LIGHTEST:g} to {HEAVIEST:g}, or 0",
        )
    if not weights.any():
        raise DataError(
            "Every sample weight is 0",
            why="There is no row to train on",
            fix="give weights above 0",
        )


def _warn_of_light_weights(weights: Matrix, alpha: float) -> None:
    """Warn if the sample weights are so small that the penalty outweighs the rows."""
    total, n_rows = float(weights.sum()), int(np.count_nonzero(weights))
    # AdaBoost's weights sum to 1 but for rounding, and the default alpha is 1.
    if total <= alpha * (1 + 1e-9) and total < n_rows * (1 - 1e-9):
        warnings.warn(
            f"The sample weights sum to {total:.3g}, so all rows together count as so many rows, "
            f"and the penalty {parameter('alpha', alpha)} outweighs them: the model may predict "
            "little more than the mean. Fix: multiply the weights so that their mean is 1, or "
            f"multiply {parameter('alpha')} by that mean.",
            ThalwegWarning,
            stacklevel=outer_level(),
        )


def _require_plain(schema: Schema, matrix: Numbers) -> None:
    """Refuse what a network cannot take as it is: a missing number, or one above 1e15 in size."""
    for column, cells in zip(schema.columns, matrix.each_column(), strict=True):
        odd = np.flatnonzero(~(np.abs(cells) <= FARTHEST_AS_IS))
        if len(odd) and not column.levels:
            found = float(cells[odd[0]])
            missing = math.isnan(found)
            raise DataError(
                "A number is missing" if missing else f"A number is {found:g}",
                where=f'column "{column.name}", row {odd[0] + 1}',
                why='With scaling="none" numbers enter the network as they are, and it has no '
                + ("input for a missing one" if missing else f"place above {FARTHEST_AS_IS:g}"),
                fix="fill it as in the training of the network, or leave the row out"
                if missing
                else "correct it, or leave the row out",
            )


def _require_normal_spread(schema: Schema, matrix: Numbers) -> None:
    """Refuse a column whose spread has no finite inverse, because columns are scaled by it."""
    for column, low, high in zip(schema.columns, *matrix.ends(), strict=True):
        if column.kind == "number" and 0 < high - low < np.finfo(np.float64).tiny:
            raise DataError(
                f"The numbers are too close to each other: from {low:g} to {high:g}",
                where=f'column "{column.name}"',
                why="Differences below 2.2e-308 have lost digits, and cannot be scaled up",
                fix="give the column in a larger unit, or leave it out",
            )


def _unequal(n_rows: int, n_targets: int) -> DataError:
    return DataError(
        f"Found input variables with inconsistent numbers of samples: [{n_rows}, {n_targets}]",
        why="A table has one target for each row",
        fix="give X and y of the same rows",
    )


def _require_rows(table: GivenTable, verb: str) -> None:
    if not table.n_rows:
        raise DataError(
            f"There is no row to {verb}: Found array with 0 sample(s) "
            f"(shape=(0, {table.n_columns})) while a minimum of 1 is required",
            fix="give at least one row"
            + ("; or leave X_val and y_val out" if verb == _VALIDATE else ""),
        )


def _warn_of_names(estimator: str, *, named: bool) -> None:
    """scikit-learn's warning in its own words, which its checks look for."""
    said = (
        f"X has feature names, but {estimator} was fitted without feature names"
        if named
        else f"X does not have valid feature names, but {estimator} was fitted with feature names"
    )
    warnings.warn(said, UserWarning, stacklevel=outer_level())
