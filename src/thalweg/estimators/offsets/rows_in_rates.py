"""Training tables with offsets, read as rates: what a fit and further training begin with."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from thalweg.data.schema.schema import Schema
from thalweg.data.typing import TableLike, TargetLike, WeightsLike
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.input_tables import Learnable, read_for_fit, read_more
from thalweg.estimators.learning.encoded_training_data import Lesson
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.offsets.given_offsets import (
    AskedOffset,
    sizes_of_fit,
    sizes_of_more,
    taken_apart,
    without_offsets,
)
from thalweg.estimators.offsets.offset_of_fit import (
    Floats,
    OffsetOfFit,
    power_of,
)
from thalweg.estimators.outputs.several_outputs import SeveralOutputs
from thalweg.estimators.outputs.target_outputs import Outputs, OutputsOf, TargetOutputs
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.parameters.resolved_parameters import HasParameters, said_columns
from thalweg.estimators.targets.target_of_fit import target_of
from thalweg.evaluation.answers import unsound_weight
from thalweg.evaluation.rates.rates_of_rows import in_rates, rounded
from thalweg.wording import parameter


def read_rows(
    estimator: HasParameters,
    X: TableLike,
    y: TargetLike,
    sample_weight: WeightsLike,
    asked: AskedOffset | None,
    outputs_of: OutputsOf,
) -> tuple[Learnable, TargetOutputs, OffsetOfFit | None, Floats | None]:
    """A table to train on; with offsets, its targets and weights are those of rates.

    Parameters
    ----------
    estimator, X, y, sample_weight
        As in `read_for_fit`.
    asked : AskedOffset or None
        The offset or exposure that was given.
    outputs_of : callable
        Maps the target and the sample weights to the outputs.

    Returns
    -------
    read : Learnable
    target : TargetOutputs
    offset : OffsetOfFit or None
        None without offsets.
    sizes : ndarray of float64, shape (n_samples,), or None
        The exposures, or the offsets of a loss without rates; None if targets came as rates.
    """
    before: OffsetOfFit | None = getattr(estimator, "_rates_of", None)
    if asked is None:
        read = read_for_fit(estimator, X, y, sample_weight)
        return read, target_of(estimator, read, outputs_of), before, None
    if before is not None:
        raise _are_rates(asked)
    features, cells = taken_apart(X, asked)
    read = read_for_fit(estimator, features, y, sample_weight)
    if read.names:
        raise SettingsError(
            f"{parameter(asked.kind)} is for one target, and y has {len(read.names)} columns",
            why="A row counts by its exposure, and each target may have another one",
            fix=f"fit a model of its own for each column; or leave {asked.kind}= out",
        )
    target = target_of(estimator, read, outputs_of)
    text = target.outputs.loss
    sizes, schema = sizes_of_fit(asked, cells, len(read.y), text, said_columns(estimator))
    read, level = _in_rates(read, target.outputs, sizes)
    return read, target, OffsetOfFit(asked.kind, schema, level), sizes


def read_more_rows(
    estimator: HasParameters,
    offset: OffsetOfFit | None,
    outputs: Outputs,
    schema: Schema,
    X: TableLike,
    y: TargetLike,
    sample_weight: WeightsLike,
    asked: AskedOffset | None,
) -> Learnable:
    """A further table to train on, by the schema and the offsets of a fit."""
    of_rates = getattr(estimator, "_rates_of", None) is not None
    names = outputs.names if isinstance(outputs, SeveralOutputs) else ()
    if asked is not None and of_rates:
        raise _are_rates(asked)
    if (offset is None and asked is None) or of_rates:
        return read_more(estimator, schema, X, y, sample_weight, extra="refuse", targets=names)
    sizes = sizes_of_more(offset, asked, X, outputs.loss)
    assert offset is not None
    features = without_offsets(X, offset, asked)
    read = read_more(estimator, schema, features, y, sample_weight, extra="refuse")
    return _in_rates(read, outputs, sizes, offset.level)[0]


def _in_rates(
    read: Learnable, outputs: Outputs, sizes: Floats, level: float | None = None
) -> tuple[Learnable, float]:
    """The same rows per unit of exposure, and what weights were multiplied by."""
    numbers = outputs.numbers(read.y)
    power = power_of(outputs.loss)
    rates, weights, level = in_rates(numbers, read.weights, sizes, power, level)
    found = unsound_weight(weights)
    if found is not None:
        raise DataError(
            f"The exposure is {sizes[found.row]:g}, too far from the others",
            where=f"row {found.row + 1:,}",
            why=f"A row counts by its exposure. {found.why}",
            fix="correct it, or leave the row out",
        )
    return replace(read, y=rates, weights=weights), level


def _are_rates(asked: AskedOffset) -> SettingsError:
    return SettingsError(
        f"This model is one of rates, and takes no {parameter(asked.kind)}",
        why="per_unit() gives a model whose targets and predictions are those of one unit",
        fix=f"leave {asked.kind}= out, and give rates as y; or take the model itself",
    )


# --- the unit of the exposures -------------------------------------------------------------------


def unit_of(offset: OffsetOfFit | None, outputs: Outputs, read: Learnable) -> float | None:
    """The mean rate, in which rows are put in order and trained on; None without rates.

    Rates of days and of years are then the same numbers, and so are folds and batches.
    """
    if offset is None or power_of(outputs.loss) is None:
        return None
    numbers = outputs.numbers(read.y)
    mean = float(np.average(numbers, weights=read.weights))
    return mean if 0 < mean < np.inf else 1.0


def of_unit(numbers: Floats, unit: float | None) -> Floats:
    """Rates in a unit, with their first bits alone; as they are without a unit."""
    return numbers if unit is None else rounded(numbers / unit)


def lesson_in_rates(lesson: Lesson, unit: float | None) -> Lesson:
    """A lesson in units of the mean rate as one of rates."""
    return lesson if unit is None else replace(lesson, y=lesson.y * unit)


def networks_in_rates(networks: Sequence[Network], unit: float | None) -> list[Network]:
    """Networks that were trained in units of the mean rate as networks of rates."""
    return [replace(each, outputs=_times(each.outputs, unit)) for each in networks]


def _times(outputs: Any, unit: float | None) -> Any:
    if unit is None or not isinstance(outputs, Values):
        return outputs
    scale, low, high = (each * unit for each in (outputs.scale, outputs.low, outputs.high))
    return replace(outputs, scale=scale, low=low, high=high)
