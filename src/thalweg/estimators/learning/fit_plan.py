"""The plan of a fit, made before its first step, and the `Fitted` that results from it."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier

from thalweg.counter_based_random import seed_from
from thalweg.data.canonical_rows import RowDigests, canonical_rows, data_hash
from thalweg.data.likeness.table_likeness import Likeness
from thalweg.data.row_view import stacked
from thalweg.data.typing import GroupsLike, TableLike, TargetLike, TimesLike, WeightsLike
from thalweg.errors import SettingsError
from thalweg.estimators.conformal.error_scales import SCALED, ErrorScales
from thalweg.estimators.conformal.held_out_errors import held_out_errors
from thalweg.estimators.conformal.scale_training import ScalePlan, error_scales, scale_plan
from thalweg.estimators.deciding.fitted_calibration import (
    asked_of,
    calibration_of_fit,
    require_calibration,
)
from thalweg.estimators.drifting.lesson_likeness import (
    likeness_of_lesson,
    of_target,
    with_constant,
)
from thalweg.estimators.fitted import FitSettings, Fitted, OutOfFold
from thalweg.estimators.importance.asked_importance import importance_of_fit, require_importance
from thalweg.estimators.input_tables import Learnable, labels_of_rows, read_validation
from thalweg.estimators.learning.early_stopping_splits import (
    STOP_TOGETHER,
    Stopping,
    stopping,
)
from thalweg.estimators.learning.encoded_training_data import (
    Lesson,
    RowMarks,
    group_marks,
    time_marks,
)
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.learning.out_of_fold import (
    networks_by_others,
    out_of_fold,
    places_in_table,
)
from thalweg.estimators.learning.scoring import require_score_for
from thalweg.estimators.learning.train_networks import Learned, Recipe
from thalweg.estimators.offsets.given_offsets import AskedOffset
from thalweg.estimators.offsets.offset_of_fit import no_intervals
from thalweg.estimators.offsets.rates_of_fit import Rates, require_apt
from thalweg.estimators.offsets.rows_in_rates import (
    lesson_in_rates,
    networks_in_rates,
    of_unit,
    read_rows,
    unit_of,
)
from thalweg.estimators.outputs.target_outputs import OutputsOf, TargetOutputs
from thalweg.estimators.parameters.resolved_parameters import (
    HasParameters,
    fit_settings,
    recipe_of,
    stopping_together,
)
from thalweg.estimators.targets.fit_of_targets import outcome_of_targets
from thalweg.estimators.targets.settings_of_targets import with_settings_of_targets
from thalweg.estimators.targets.target_of_fit import require_one_for_scales
from thalweg.evaluation.conformal.class_scores import ClassScores
from thalweg.evaluation.conformal.residual_store import HeldOutResiduals
from thalweg.training.checkpoint import Checkpoint

# The path of a checkpoint, or how it is written.
CheckpointLike: TypeAlias = str | os.PathLike[str] | Checkpoint | None


class GivenRows(NamedTuple):
    """The arguments of `fit`, unchanged."""

    X: TableLike
    y: TargetLike
    sample_weight: WeightsLike = None
    X_val: TableLike | None = None
    y_val: TargetLike | None = None
    groups: GroupsLike = None
    time_column: TimesLike = None
    offset: AskedOffset | None = None
    checkpoint: CheckpointLike = None


# What intervals or sets need.
HeldOutErrors: TypeAlias = ErrorScales | HeldOutResiduals | ClassScores | None


class SharedRows(NamedTuple):
    """What several targets of one fit know of its rows.

    Attributes
    ----------
    likeness : Likeness
        Its target is none of theirs.
    row_digests : RowDigests or None
        With the checksum of one target.
    places : ndarray of int, shape (n_samples,)
        Which canonical row each row of the table is: rows that are equal in all targets.
    """

    likeness: Likeness
    row_digests: RowDigests | None
    places: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class FitPlan:
    """A table that was read, and how networks are trained on it.

    Attributes
    ----------
    given : GivenRows
    read : Learnable
        The table.
    target : TargetOutputs
        The outputs for its target.
    lesson : Lesson
        The canonical rows for training.
    stopping : Stopping
        How the number of epochs is found.
    recipe : Recipe
    settings : dict
        The parameters that the result depends on.
    marks : RowMarks or None
        The group or the time of each row of the table.
    scale : ScalePlan or None
        How the scale of the errors is learned, for scaled intervals.
    rates : Rates or None
        If rows have offsets.
    shared : SharedRows or None
        For one of several targets: what all targets know of the rows.
    """

    given: GivenRows
    read: Learnable
    target: TargetOutputs
    lesson: Lesson
    stopping: Stopping
    recipe: Recipe
    settings: FitSettings
    marks: RowMarks | None
    scale: ScalePlan | None = None
    rates: Rates | None = None
    shared: "SharedRows | None" = None

    @property
    def unit(self) -> float | None:
        """The mean rate, if rows have exposures."""
        return None if self.rates is None else self.rates.unit

    @cached_property
    def likeness(self) -> Likeness:
        """Summaries of the rows that may be training rows."""
        if self.shared is not None:
            return of_target(self.shared.likeness, self.lesson)
        return likeness_of_lesson(self.lesson, self.read)

    @cached_property
    def rows(self) -> dict[str, Any]:
        """The hashes of the rows."""
        # Rows of validation chose the epochs, and would pass for rows that nothing has used.
        own = known_rows(self.read, digests=self.given.X_val is None and self.shared is None)
        if self.shared is not None and self.shared.row_digests is not None:
            own["row_digests"] = self.shared.row_digests
        return own

    def fitted(
        self, networks: Sequence[Network], way: str, found: OutOfFold | None = None
    ) -> Fitted:
        """The result of the fit with these networks."""
        return Fitted(
            tuple(networks),
            self.read.schema,
            self.recipe.settings.seed,
            self.settings,
            way,
            **self.rows,
            positive=self.target.positive,
            threshold=self.target.threshold,
            also=None if self.marks is None else self.marks.of,
            out_of_fold=found,
            likeness=with_constant(self.likeness, self.lesson, networks),
            offset=None if self.rates is None else self.rates.offset,
        )

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """Which canonical row each row of the table is; -1 for a row of weight 0."""
        read, unit = self.read, self.unit
        if unit is not None:
            read = replace(read, y=of_unit(self.target.outputs.numbers(read.y), unit) * unit)
        return places_in_table(self.lesson, read, self.marks)

    def in_rates(self, learned: Learned) -> tuple["FitPlan", Learned]:
        """The same after training, with a lesson and networks of rates in their own unit."""
        networks = networks_in_rates(learned.networks, self.unit)
        plan = replace(self, lesson=lesson_in_rates(self.lesson, self.unit))
        return plan, learned._replace(networks=networks)

    def outcome(self, learned: Learned) -> Fitted:
        """The result of the fit, with out-of-fold results; of several targets, those of each."""
        if self.target.parts:
            return outcome_of_targets(self, learned)
        if self.unit is not None:
            plan, learned = self.in_rates(learned)
            return plan._outcome(learned)
        return self._outcome(learned)

    def _out_of_fold(self, learned: Learned) -> OutOfFold | None:
        """The out-of-fold results; predictions are of the rows with their exposures."""
        places = self.places if self.shared is None else self.shared.places
        found = out_of_fold(self.lesson, learned, places, self.target.positive)
        if found is None or found.predictions is None or self.rates is None:
            return found
        predictions = self.rates.of_rows(found.predictions, self.target.outputs.loss)
        return replace(found, predictions=predictions)

    def _outcome(self, learned: Learned) -> Fitted:
        found = self._out_of_fold(learned)
        seed = self.recipe.settings.seed
        calibration = calibration_of_fit(asked_of(self.settings), found, learned.way)
        # The same networks that the out-of-fold results are of: no fold chose its own epoch.
        networks = networks_by_others(learned)
        moved = None if calibration is None else calibration.map
        offset = None if self.rates is None else self.rates.offset
        errors: HeldOutErrors = None
        if self.scale is not None:
            errors = error_scales(self.lesson, learned, networks, self.scale, seed, moved)
        elif no_intervals(offset, self.target.outputs.loss) is None:
            errors = held_out_errors(self.lesson, learned, networks, seed, moved)
        fitted = self.fitted(learned.networks, learned.way, found)
        importance, why_none = importance_of_fit(
            fitted, self.lesson, learned, networks, self.recipe
        )
        return replace(
            fitted,
            conformal=errors,
            calibration=calibration,
            importance=importance,
            why_no_importance=why_none,
        )


def fit_plan(
    estimator: HasParameters, given: GivenRows, outputs_of: OutputsOf, seed: int | None = None
) -> FitPlan:
    """Read a table, and decide everything that a fit decides before its first step.

    Parameters
    ----------
    estimator : HasParameters
    given : GivenRows
    outputs_of : callable
        Maps the target and the sample weights to the outputs.
    seed : int, optional
        Of the fit that resumes, if the estimator names none.

    Returns
    -------
    FitPlan

    Raises
    ------
    DataError, SettingsError
        If table or parameters are not valid.
    """
    read, target, offset, sizes = read_rows(
        estimator, given.X, given.y, given.sample_weight, given.offset, outputs_of
    )
    if seed is None:
        seed = seed_from(estimator.random_state)
    unit = unit_of(offset, target.outputs, read)
    rates = None if offset is None else Rates(offset, sizes, unit)
    require_apt(estimator, rates, target.outputs.loss, with_validation=given.X_val is not None)
    require_score_for(estimator.scoring, of_classes=is_classifier(estimator))
    marks = marks_of(given, read)
    lesson, judges = lesson_of(estimator, read, target, given, marks, unit)
    n_targets, shape = len(target.parts) or 1, (lesson.n_lessons, lesson.X.shape[1])
    estimator = with_settings_of_targets(estimator, n_targets, shape, with_folds=judges is None)
    recipe = recipe_of(estimator, lesson.n_lessons, lesson.n_numbers, seed)
    way = judges or stopping_of_fit(estimator, lesson, seed, recipe.n_folds)
    if target.parts:  # the loss is a sum over the targets, and the tolerance is of their mean
        tol = recipe.settings.tol * len(target.parts)
        recipe = replace(recipe, settings=replace(recipe.settings, tol=tol))
    if way.way in STOP_TOGETHER:
        recipe = stopping_together(estimator, recipe)
    in_time = lesson.times is not None and way.way == "cross-validation"
    if in_time and estimator.early_stopping == "auto":  # as many networks as folds would be
        recipe = replace(recipe, n_networks=recipe.n_folds * recipe.n_networks)
    settings, scale = fit_settings(estimator.get_params()), None
    require_calibration(asked_of(settings), target.first, way.way)
    require_importance(settings, way.way, in_time=lesson.times is not None)
    if settings.get("interval_kind") == SCALED:
        require_one_for_scales(target)
        if recipe.time_limit is not None:  # a half for each of the two
            recipe = replace(recipe, time_limit=recipe.time_limit / 2)
        scale = scale_plan(estimator, lesson, way, recipe)
    return FitPlan(given, read, target, lesson, way, recipe, settings, marks, scale, rates)


def marks_of(given: GivenRows, read: Learnable) -> RowMarks | None:
    """The group or the time of each row, if there are some."""
    if given.groups is not None and given.time_column is not None:
        raise SettingsError(
            "groups and time_column exclude each other",
            why="Rows of one group would have to stay together, and in time order, too",
            fix="leave one of them out",
            where="fit",
        )
    if given.groups is not None:
        return group_marks(given.groups, len(read.matrix))
    if given.time_column is not None:
        return time_marks(given.time_column, read.schema, read.matrix)
    return None


def hashes(read: Learnable) -> tuple[str, str]:
    """The SHA-256 of a table, and of its sample weights."""
    schema = read.schema
    table = data_hash(schema.names, schema.codings, read.matrix, labels_of_rows(read.y))
    return table, weights_hash(read.weights)


def known_rows(read: Learnable, *, digests: bool = True) -> dict[str, Any]:
    """What a `Fitted` keeps of the rows: the hashes of the table, and of each row if asked."""
    table, weights = hashes(read)
    rows = RowDigests.of(table, read.matrix, labels_of_rows(read.y)) if digests else None
    return {"data_hash": table, "weights_hash": weights, "row_digests": rows}


def weights_hash(weights: np.ndarray) -> str:
    """The SHA-256 of sample weights, shape (n_samples,); "" if all are 1, as without weights."""
    if np.all(weights == 1):
        return ""
    return hashlib.sha256(weights.astype("<f8").tobytes()).hexdigest()


def lesson_of(
    estimator: HasParameters,
    read: Learnable,
    target: TargetOutputs,
    given: GivenRows,
    marks: RowMarks | None = None,
    unit: float | None = None,
) -> tuple[Lesson, Stopping | None]:
    """The canonical rows for training, with ``X_val`` at the end, and its split if there is one.

    Rates are in units of their mean ``unit``.
    """
    outputs = target.outputs
    numbers = of_unit(outputs.numbers(read.y), unit)
    if (given.X_val is None) != (given.y_val is None):
        raise SettingsError("X_val and y_val go together", fix="give both, or neither", where="fit")
    if marks is None:
        rows = canonical_rows(read.matrix, numbers, read.weights)
        y, codes, times = rows.y, None, None
    else:
        rows = canonical_rows(read.matrix, np.column_stack((numbers, marks.values)), read.weights)
        y, told = rows.y[:, :-1].reshape(len(rows.y), *numbers.shape[1:]), rows.y[:, -1].copy()
        y = y.copy()
        times = told if marks.of == "times" else None
        codes = np.unique(told, return_inverse=True)[1] if marks.of == "groups" else None
    lesson = Lesson(rows.X, y, rows.weights, outputs, read.schema.n_levels, codes, times=times)
    outputs.require_taught(y)
    if given.X_val is None or given.y_val is None:
        return lesson, None
    matrix, values = read_validation(
        estimator, read.schema, outputs.numbers, given.X_val, given.y_val, read.names
    )
    judge = canonical_rows(matrix, values, np.ones(len(values)))
    n_rows, n_given = len(rows.X), len(judge.X)
    joined = Lesson(
        stacked((rows.X, judge.X)),
        np.concatenate((y, judge.y)),
        np.concatenate((rows.weights, judge.weights)),
        outputs,
        read.schema.n_levels,
        n_given=n_given,
    )
    split = np.arange(n_rows), np.arange(n_rows, n_rows + n_given)
    return joined, Stopping("validation", [split])


def stopping_of_fit(estimator: HasParameters, lesson: Lesson, seed: int, n_folds: int) -> Stopping:
    """How the number of epochs is found, and which rows are held out for it."""
    asked = estimator.early_stopping
    if estimator.scoring is not None and not isinstance(asked, str) and not asked:
        raise SettingsError(
            "scoring needs held-out rows, and early_stopping=False holds none out",
            fix="leave scoring out, or leave early_stopping at its default",
        )
    return stopping(
        asked,
        lesson.codes,
        estimator.validation_fraction,
        seed,
        lesson.groups,
        int(estimator.n_ensemble),
        lesson.times,
        n_folds,
    )
