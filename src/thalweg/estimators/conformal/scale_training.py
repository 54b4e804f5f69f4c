"""Train the networks of `ErrorScales` on the errors of held-out rows, after those of a model.

Folds stay what they are: the network of a fold learns from the errors on the other folds, stops by
the errors on its own, and gives the scale of its own rows. If one part of the rows was held out,
its rows are divided into folds.
"""

import warnings
from dataclasses import dataclass, replace

import numpy as np

from thalweg.counter_based_random import generator
from thalweg.data.row_view import Numbers
from thalweg.errors import SettingsError, Status, ThalwegWarning, outer_level
from thalweg.estimators.conformal.error_scales import (
    LOSS_OF_ERRORS,
    PLAIN,
    SCALED,
    ErrorScales,
    sigma_of,
)
from thalweg.estimators.deciding.calibrated_predictions import calibrated_values
from thalweg.estimators.learning.early_stopping_splits import Rows, Split, Stopping, folds
from thalweg.estimators.learning.encoded_training_data import Lesson
from thalweg.estimators.learning.fitted_networks import Network, predicted_values
from thalweg.estimators.learning.interrupted_fit import (
    report_divergence,
    report_no_intervals,
    require_epochs,
)
from thalweg.estimators.learning.out_of_fold import networks_by_others
from thalweg.estimators.learning.train_networks import Learned, Recipe, learn
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.parameters.resolved_parameters import (
    HasParameters,
    recipe_of,
    stopping_together,
)
from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.calibration.recalibration_map import Calibration
from thalweg.evaluation.conformal.residual_store import HeldOutResiduals, residuals_of
from thalweg.interrupts import take_in
from thalweg.wording import counted, parameter

# With fewer rows, scaled intervals are refused; with fewer than the second number, a warning says
# what they cost (measured by `bench.scaled_intervals`).
FEWEST_ROWS, RECOMMENDED_ROWS = 100, 300
# An error counts as larger by this share of the standard deviation of the target, so that a
# small one has no great influence on the logarithm.
_SHARE = 1e-3
_LEAVE_OUT = f"leave out {parameter('interval_kind')}"


@dataclass(frozen=True, eq=False)
class ScalePlan:
    """How the networks of the scale are trained, decided before a fit.

    Attributes
    ----------
    rows : ndarray of int
        The canonical rows that were held out.
    splits : list of (rows, held_out)
        Positions in ``rows``.
    recipe : Recipe
    """

    rows: Rows
    splits: list[Split]
    recipe: Recipe


def scale_plan(
    estimator: HasParameters, lesson: Lesson, way: Stopping, recipe: Recipe
) -> ScalePlan:
    """The plan for the rows of a fit.

    Parameters
    ----------
    estimator : HasParameters
    lesson : Lesson
    way : Stopping
        How the networks of the model are stopped.
    recipe : Recipe
        Of the networks of the model.

    Returns
    -------
    ScalePlan

    Raises
    ------
    SettingsError
        If no rows are held out, if they are in time order, or if there are too few.

    Warns
    -----
    ThalwegWarning
        If there are fewer than 300 held-out rows.
    """
    seed = recipe.settings.seed
    rows, splits = np.arange(lesson.n_lessons), way.splits
    if way.way == "hold-out":
        rows = way.splits[0][1]
        splits = _folds_of(lesson, rows, seed, recipe.n_folds)
    _require_enough(lesson, way, len(rows), splits)
    if way.way == "hold-out":
        limit = recipe.time_limit
        recipe = recipe_of(estimator, len(rows), lesson.n_numbers, seed)
        recipe = replace(stopping_together(estimator, recipe), time_limit=limit)
    own = int(generator(seed, "scale of errors").integers(2**32))
    recipe = replace(
        recipe, settings=replace(recipe.settings, seed=own), scoring=None, callbacks=(),
        positive=None, title="Scale of errors",
    )  # fmt: skip
    return ScalePlan(rows, splits, recipe)


def _folds_of(lesson: Lesson, rows: Rows, seed: int, n_folds: int) -> list[Split]:
    groups = None
    if lesson.groups is not None:
        groups = np.unique(lesson.groups[rows], return_inverse=True)[1].reshape(-1)
    return folds(np.zeros(len(rows)), seed, groups, n_folds=n_folds)


def _require_enough(lesson: Lesson, way: Stopping, n_rows: int, splits: list[Split]) -> None:
    """Raise unless errors on held-out rows can be learned; warn if there are few."""
    asked = parameter("interval_kind", SCALED)
    why = "The networks of the scale learn from the errors on held-out rows"
    if lesson.times is not None:
        raise SettingsError(
            f"{asked} is not for rows in time order",
            why="New rows are later than those of the table, and need not be like them",
            fix=f"{_LEAVE_OUT}, or leave out {parameter('time_column')} if the order of the rows "
            "does not matter",
        )
    if way.way == "validation":
        raise SettingsError(
            f"{asked} does not go with X_val",
            why=f"{why}, and X_val has other rows than the table",
            fix=f"{_LEAVE_OUT}, or fit without X_val",
        )
    if n_rows < FEWEST_ROWS:
        held_out = " held-out" if way.way == "hold-out" else ""
        raise SettingsError(
            f"{asked} needs {FEWEST_ROWS} different{held_out} rows, and there are {n_rows:,}",
            why=f"{why}: from fewer they learn too little for intervals that fit a row",
            fix=f"{_LEAVE_OUT}, or fit on a table with more rows",
        )
    if not splits or way.way not in ("folds", "hold-out"):
        folds_asked = parameter("early_stopping", "folds")
        raise SettingsError(
            f"{asked} needs rows that are held out from the networks, and there are none",
            why=why,
            fix=f"{_LEAVE_OUT}, or fit with {folds_asked}"
            + ("" if lesson.groups is None else " and with more groups"),
        )
    if n_rows < RECOMMENDED_ROWS:
        warnings.warn(
            f"Scaled intervals learn the scale of the errors from {counted(n_rows, 'row')}, which "
            f"is little: below {RECOMMENDED_ROWS}, they are wider than plain ones by 5 to 15 % "
            f"where all rows have the same noise. Fix: take {parameter('interval_kind', PLAIN)}, "
            "unless some rows have much more noise than others; or fit on more rows.",
            ThalwegWarning,
            stacklevel=outer_level(),
        )


def error_scales(
    lesson: Lesson,
    learned: Learned,
    networks: list[Network],
    plan: ScalePlan,
    seed: int,
    calibration: Calibration | None = None,
) -> ErrorScales | None:
    """The scale of the errors, learned from the held-out rows of a fit.

    Parameters
    ----------
    lesson : Lesson
    learned : Learned
    networks : list of Network
        Those that predict the held-out rows, as in `held_out_errors`.
    plan : ScalePlan
    seed : int
        Of the fit.
    calibration : Calibration, optional
        The map of the predictions: the errors are those of corrected numbers.

    Returns
    -------
    ErrorScales or None
        None after Ctrl-C.

    Raises
    ------
    DivergenceError, SettingsError
        If a network diverged, or the time limit ended it, before it had an epoch to keep.
    """
    if any(each.status is Status.INTERRUPTED for each in learned.descents):
        return None
    parts = [plan.rows[held_out] for _, held_out in plan.splits]
    try:
        errors = _errors(lesson, learned, networks, parts, calibration)
        found = learn(
            _lesson_of_errors(lesson, plan, errors), plan.recipe, Stopping("folds", plan.splits)
        )
        if any(run.status is Status.INTERRUPTED for run in found.descents):
            report_no_intervals()
            return None
        for run in found.descents:
            report_divergence(run)
        require_epochs(found.descents)
        ratios = [
            error / sigma_of([network], lesson.X[rows])
            for error, network, rows in zip(errors, networks_by_others(found), parts, strict=True)
        ]
    except KeyboardInterrupt as sign:
        take_in(sign)
        report_no_intervals()
        return None
    return ErrorScales(tuple(found.networks), _residuals(lesson, parts, ratios, seed))


def _errors(
    lesson: Lesson,
    learned: Learned,
    networks: list[Network],
    parts: list[Rows],
    calibration: Calibration | None,
) -> list[Floats]:
    """The absolute errors on each part: of the network of its fold, or of the mean of all."""
    found = []
    for k, rows in enumerate(parts):
        own = networks[k : k + 1] if learned.way == "folds" else networks
        values = predicted_values(own, lesson.X[rows])
        found.append(np.abs(lesson.y[rows] - calibrated_values(networks, calibration, values)))
    return found


def _residuals(
    lesson: Lesson, parts: list[Rows], ratios: list[Floats], seed: int
) -> HeldOutResiduals:
    """The errors in units of their scale, as the residuals of each network of the scale."""
    rows, ratio = np.concatenate(parts), np.concatenate(ratios)
    answers = answers_of(
        ratio,
        np.zeros(len(ratio)),
        lesson.weights[rows],
        folds=np.repeat(np.arange(len(parts)), [len(part) for part in parts]),
        groups=None if lesson.groups is None else lesson.groups[rows],
        how="out-of-fold",
    )
    return residuals_of(answers, repeats=int(np.bincount(rows).max()), seed=seed)


def _lesson_of_errors(lesson: Lesson, plan: ScalePlan, errors: list[Floats]) -> Lesson:
    """The held-out rows, with the logarithm of their error as the target.

    If a row has several errors, from several divisions into folds, it is their mean.
    """
    places = np.concatenate([held_out for _, held_out in plan.splits])
    mean = np.bincount(places, np.concatenate(errors)) / np.bincount(places)
    spread = Values(LOSS_OF_ERRORS).fitted(lesson.y, lesson.weights).scale
    # Of the smallest targets, a thousandth may round to 0.
    target = np.log(np.maximum(mean + _SHARE * spread, np.finfo(np.float64).tiny))
    rows = plan.rows
    return Lesson(
        Numbers.of(lesson.X).pick(rows),
        target,
        lesson.weights[rows],
        Values(LOSS_OF_ERRORS),
        lesson.n_levels,
        None if lesson.groups is None else lesson.groups[rows],
    )
