"""Fit one network on the rows of a table in shards."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import seed_from
from thalweg.data.canonical_rows import data_hash
from thalweg.data.cells import plain_numbers
from thalweg.data.encoding.encoder import Encoder
from thalweg.data.larger.counted_encoder import CountedColumns
from thalweg.data.larger.found_table import FoundTable
from thalweg.data.larger.row_records import Records
from thalweg.data.larger.shard_files import ShardedRows
from thalweg.data.larger.training_counts import TargetCounts, TrainingCounts, count_rows
from thalweg.data.likeness.table_likeness import likeness_of
from thalweg.data.row_view import Numbers
from thalweg.data.target_kind import REGRESSION, is_number
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.conformal.held_out_errors import held_out_errors
from thalweg.estimators.deciding.fitted_calibration import (
    asked_of,
    calibration_of_fit,
    require_calibration,
)
from thalweg.estimators.drifting.lesson_likeness import with_constant
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.importance.asked_importance import importance_of_fit, require_importance
from thalweg.estimators.larger.refused_settings import (
    require_apt,
    require_apt_target,
    require_batches,
)
from thalweg.estimators.larger.shard_windows import (
    MOST_AHEAD,
    TOGETHER,
    EncodedRows,
    ShardWindows,
)
from thalweg.estimators.learning.class_codes import twice
from thalweg.estimators.learning.early_stopping_splits import MIN_HELD_OUT
from thalweg.estimators.learning.encoded_training_data import (
    Lesson,
    Place,
    starting_point,
)
from thalweg.estimators.learning.fitted_networks import Taught
from thalweg.estimators.learning.interrupted_fit import (
    report_divergence,
    report_interrupt,
    require_epochs,
)
from thalweg.estimators.learning.train_networks import Learned, Recipe, Trial, learned_of, race
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.estimators.outputs.target_outputs import Outputs, TargetOutputs
from thalweg.estimators.parameters.resolved_parameters import fit_settings, recipe_of
from thalweg.network.blas import one_blas_thread
from thalweg.training.descent.network_memory import require_memory_for
from thalweg.training.descent_inputs import Member
from thalweg.wording import counted, parameter

WAY = "hold-out"
# The cells of training rows, and of held-out rows, that are in memory for what the model keeps of
# them: summaries, and how wrong its answers are. The rows are those with the smallest hashes.
_CELLS, _MOST_ROWS = 1 << 18, 50_000


def fit_on_shards(
    estimator: Any, found: FoundTable, shards: ShardedRows, max_memory: int
) -> Fitted:
    """Train one network on the canonical rows of a table, with held-out rows.

    Parameters
    ----------
    estimator : ThalwegClassifier or ThalwegRegressor
    found : FoundTable
    shards : ShardedRows
    max_memory : int
        In bytes. The result does not depend on it.

    Returns
    -------
    Fitted

    Raises
    ------
    DataError, SettingsError
        If rows or parameters are not valid.
    """
    require_apt(estimator)
    seed, n_rows = seed_from(estimator.random_state), sum(shards.n_rows)
    share = max(float(estimator.validation_fraction), MIN_HELD_OUT / n_rows)
    n_levels = found.schema.n_levels
    recipe = recipe_of(estimator, n_rows, sum(n <= 0 for n in n_levels), seed)
    require_batches(recipe)
    counts = count_rows(shards, n_levels, len(found.counts), share, max_memory // 4)
    _require_rows(counts, found)
    target = _target(estimator, found, counts)
    settings = fit_settings(estimator.get_params())
    require_calibration(asked_of(settings), target.first, WAY)
    require_importance(settings, WAY, in_time=False)
    outputs = _fitted_outputs(target.outputs, counts.target)
    columns = CountedColumns(shards, counts, n_levels, outputs.targets, max_memory // 8)
    encoder = columns.encoder(recipe.cut)
    rows = EncodedRows(
        shards, encoder, columns.training_codes(encoder), outputs, np.dtype(recipe.dtype)
    )
    sample = _Sample(rows, counts, n_levels)
    ahead = _ahead(shards, encoder, max_memory)
    with closing(ShardWindows(rows, counts, ahead)) as windows:
        learned = _learn(recipe, sample, windows)
    fitted = Fitted(
        tuple(learned.networks), found.schema, seed, settings, WAY,
        data_hash=_hash_of_rows(found, shards), weights_hash="", positive=target.positive,
        threshold=target.threshold,
    )  # fmt: skip
    return sample.with_summaries(fitted, learned, recipe, counts)


def _require_rows(counts: TrainingCounts, found: FoundTable) -> None:
    """Raise a DataError if training rows or held-out rows lack something."""
    if not sum(counts.n_training) or not sum(counts.n_held_out):
        raise DataError(
            f"{counted(sum(counts.n_training), 'different row')} to train on, and "
            f"{sum(counts.n_held_out):,} to hold out",
            why="Training ends by the loss on held-out rows",
            fix="give more different rows",
        )
    absent = [
        label
        for label, n in zip(found.classes, counts.target.of_classes.tolist(), strict=False)
        if not n
    ]
    if absent:
        raise DataError(
            f'The class "{absent[0]}" has no training row',
            why="Its few rows are among those that are held out",
            fix="give more rows of it, or leave its rows out" + _if_number(found.classes),
        )


def _if_number(classes: list[str]) -> str:
    """What to do if these classes are numbers that nobody calls classes."""
    numbers = plain_numbers(np.array(classes, dtype=object))
    if numbers is None or not is_number(numbers):
        return ""
    return (
        f"; or, if the target is a number, fit a {REGRESSION} "
        f"(in Python ThalwegRegressor, on the command line {parameter('task', REGRESSION)})"
    )


def _target(estimator: Any, found: FoundTable, counts: TrainingCounts) -> TargetOutputs:
    """The outputs for the target: of classes by all rows, as a fit in memory has them."""
    if found.labels is not None:
        weights = np.array([found.counts[each] for each in found.classes]) * 1.0
        target = estimator._target(twice(found.labels_of_type), twice(weights / 2))
    else:
        ends = np.array([counts.target.low, counts.target.high])
        target = estimator._target(ends, np.ones(2))
        target.outputs.numbers(ends)
    require_apt_target(target)
    checked: TargetOutputs = target
    return checked


def _fitted_outputs(outputs: Outputs, target: TargetCounts) -> Outputs:
    """The outputs with what they take from the training rows.

    A number has the mean and the deviation of all rows if half of them are one deviation above
    the mean, and half of them below it.
    """
    if len(target.of_classes):
        codes = np.arange(len(target.of_classes), dtype=np.float64)
        return outputs.fitted(codes, target.of_classes)
    y = target.mean + target.deviation * np.array([-1.0, 1.0])
    ends = np.array([target.low, target.high])
    return outputs.fitted(np.concatenate((ends, y)), np.array([0.0, 0.0, 0.5, 0.5]))


def _ahead(shards: ShardedRows, encoder: Encoder, max_memory: int) -> int:
    """How many windows can be read ahead; a SettingsError if not even one fits."""
    rows = TOGETHER * max(shards.n_rows)
    record = shards.layout.record.itemsize
    # Records and their shuffled copy, and their numbers; then what is encoded of them.
    making = rows * (2 * record + 8 * encoder.n_features)
    made = rows * (record + 8 * encoder.n_features)
    if making + made > max_memory:
        raise SettingsError(
            f"A window of {rows:,} rows does not fit into {parameter('max_memory', max_memory)}",
            fix=f"allow more: {parameter('max_memory', making + made)}",
        )
    return int(min(MOST_AHEAD, (max_memory - making - made) // (4 * made)))


class _Sample:
    """Some training rows, and behind them some held-out rows, in memory.

    Parameters
    ----------
    rows : EncodedRows
    counts : TrainingCounts
    n_levels : tuple of int
    """

    def __init__(
        self, rows: EncodedRows, counts: TrainingCounts, n_levels: tuple[int, ...]
    ) -> None:
        self.rows = rows
        most = min(_MOST_ROWS, max(1000, _CELLS // len(n_levels)))
        training = _smallest(rows.shards, counts.n_held_out, counts.n_training, most)
        starts = [0] * len(counts.n_held_out)
        held_out = _smallest(rows.shards, starts, counts.n_held_out, most)
        both = np.concatenate((training, held_out))
        self.n_training = len(training)
        self.lesson = Lesson(
            Numbers(rows.shards.layout.matrix(both)), both["y"].copy(), both["weight"].copy(),
            rows.outputs, n_levels,
        )  # fmt: skip
        self.training = np.arange(self.n_training)
        self.held_out = np.arange(self.n_training, len(both))
        self.data = rows.data(both, training=False)

    def with_summaries(
        self, fitted: Fitted, learned: Learned, recipe: Recipe, counts: TrainingCounts
    ) -> Fitted:
        """The result of the fit, with what the model keeps of its rows."""
        lesson, seed, last = self.lesson, recipe.settings.seed, self.n_training
        with one_blas_thread():  # the bits do not depend on the number of cores
            likeness = likeness_of(
                fitted.schema.kinds, Numbers.of(lesson.X).pick(slice(0, last)),
                lesson.weights[:last], float(lesson.weights[:last].sum()),
                _target_shares(counts.target),
            )  # fmt: skip
        some = replace(lesson, n_given=len(self.held_out))
        likeness = with_constant(likeness, some, learned.networks)
        calibration = calibration_of_fit(asked_of(fitted.settings), None, WAY)
        errors = held_out_errors(lesson, learned, learned.networks, seed)
        fitted = replace(fitted, likeness=likeness, calibration=calibration, conformal=errors)
        importance, why_none = importance_of_fit(fitted, lesson, learned, learned.networks, recipe)
        return replace(fitted, importance=importance, why_no_importance=why_none)


def _target_shares(target: TargetCounts) -> Floats:
    """The share of each class, or mean and standard deviation, of the training rows."""
    if len(target.of_classes):
        shares: Floats = target.of_classes / target.of_classes.sum()
        return shares
    return np.array([target.mean, target.deviation])


def _smallest(
    shards: ShardedRows, starts: Sequence[int], counts: Sequence[int], most: int
) -> Records:
    """The rows with the smallest hashes, of these rows of each shard, sorted by hash."""
    # Of each shard there are about equally many among them; twice as many are enough.
    share = 2 * most // shards.n_shards + 100
    parts = [
        shards.read(number, start, start + min(n, share))
        for number, (start, n) in enumerate(zip(starts, counts, strict=True))
    ]
    found = np.concatenate(parts)
    return found[np.argsort(found["hash"], kind="stable")[:most]]


def _learn(recipe: Recipe, sample: _Sample, windows: ShardWindows) -> Learned:
    """Train the network."""
    rows = sample.rows
    taught = Taught(windows.counts.weight, windows.weight)
    here = Place(rows.encoder, rows.outputs, sample.data, taught)
    ends = rows.encoder.n_outputs, rows.outputs.n_outputs
    require_memory_for(recipe.memory(*ends, 1, 1))
    network = starting_point(here, recipe.hidden, recipe.activation, recipe.settings.seed, 0)
    member = Member(
        *network, sample.data, rows.outputs.loss, recipe.alpha, recipe.settings,
        sample.training, sample.held_out, windows,
    )  # fmt: skip
    trials = [Trial(here, member, None)]
    title = "Training on shards"
    with race(trials, recipe, recipe.time_limit, title=title) as (run, tell):
        descents = run()
        tell(descents)
    part: tuple[NDArray[np.intp], NDArray[np.intp]] = sample.training, sample.held_out
    learned = learned_of(trials, descents, [(part, 0)], WAY)
    for descent in descents:
        report_divergence(descent)
    require_epochs(descents)
    report_interrupt(descents)
    return learned


def _hash_of_rows(found: FoundTable, shards: ShardedRows) -> str:
    """The SHA-256 of the columns and of the canonical rows, whatever their order was."""
    labels = [] if found.labels is None else found.classes
    schema = found.schema
    none = np.empty((len(shards.seals) + len(labels), 0))
    return data_hash(schema.names, schema.codings, none, [*labels, *shards.seals])
