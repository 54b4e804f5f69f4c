"""What the intervals and sets of a model need from its fit: how wrong held-out rows were.

Folds give CV+, and cross-conformal prediction of classes: each network has the residuals or scores
of its own held-out rows. With ``n_ensemble`` above 1, each row is held out from several networks
(`residuals_of` and `class_scores_of`, repeats). One held-out part gives split conformal prediction:
the residuals or scores of the mean of all networks.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from thalweg.estimators.deciding.calibrated_predictions import calibrated_values
from thalweg.estimators.learning.early_stopping_splits import Rows, Split
from thalweg.estimators.learning.encoded_training_data import Lesson
from thalweg.estimators.learning.fitted_networks import Network, outputs_of, predicted_values
from thalweg.estimators.learning.interrupted_fit import report_no_intervals
from thalweg.estimators.learning.train_networks import Learned
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.calibration.recalibration_map import Calibration
from thalweg.evaluation.conformal.class_scores import ClassScores, class_scores_of
from thalweg.evaluation.conformal.residual_store import HeldOutResiduals, residuals_of
from thalweg.interrupts import take_in


def held_out_errors(
    lesson: Lesson,
    learned: Learned,
    networks: Sequence[Network],
    seed: int,
    calibration: Calibration | None = None,
) -> HeldOutResiduals | ClassScores | None:
    """The residuals or scores of the held-out rows of a fit.

    Parameters
    ----------
    lesson : Lesson
    learned : Learned
    networks : sequence of Network
        Those that predict the held-out rows, one for each network that is kept: the kept ones, or
        each of them at an epoch that its held-out rows did not choose.
    seed : int
        Of the fit.
    calibration : Calibration, optional
        The map of the predictions. Residuals are those of corrected numbers, as `intervals_of`
        corrects each network. Scores of classes stay: sets compare them by rank alone.

    Returns
    -------
    HeldOutResiduals, ClassScores or None
        None if no row was held out from a network that is kept, if rows have times (new rows are
        then later ones, and not like these), after Ctrl-C, and of several quantiles, between which
        rows are anyway.
    """
    if isinstance(lesson.outputs, Quantiles):
        return None
    if learned.way not in ("folds", "hold-out") or lesson.times is not None:
        return None
    splits = [(rows, held_out) for rows, held_out in learned.splits if held_out is not None]
    try:
        if isinstance(lesson.outputs, Classes):
            if learned.way == "hold-out":
                return _scores_of_the_mean(lesson, lesson.outputs, networks, splits[0], seed)
            return _scores(lesson, lesson.outputs, networks, splits, seed)
        if learned.way == "hold-out":
            return _residuals_of_the_mean(lesson, networks, splits[0], seed)
        return _residuals(lesson, networks, splits, seed, calibration)
    except KeyboardInterrupt as sign:
        take_in(sign)
        report_no_intervals()
        return None


def _residuals(
    lesson: Lesson,
    networks: Sequence[Network],
    splits: Sequence[Split],
    seed: int,
    calibration: Calibration | None,
) -> HeldOutResiduals:
    predicted = [
        calibrated_values(networks, calibration, predicted_values([network], lesson.X[held_out]))
        for network, (_, held_out) in zip(networks, splits, strict=True)
    ]
    answers, repeats = _of_each_network(lesson, predicted, splits)
    return residuals_of(answers, repeats=repeats, seed=seed)


def _residuals_of_the_mean(
    lesson: Lesson, networks: Sequence[Network], split: Split, seed: int
) -> HeldOutResiduals:
    rows = split[1]
    predicted = predicted_values(networks, lesson.X[rows])
    return residuals_of(_answers(lesson, rows, predicted), seed=seed)


def _scores(
    lesson: Lesson,
    outputs: Classes,
    networks: Sequence[Network],
    splits: Sequence[Split],
    seed: int,
) -> ClassScores:
    predicted = [
        outputs.probabilities(outputs_of([network], lesson.X[held_out]))
        for network, (_, held_out) in zip(networks, splits, strict=True)
    ]
    answers, repeats = _of_each_network(lesson, predicted, splits)
    return class_scores_of(answers, repeats=repeats, seed=seed)


def _scores_of_the_mean(
    lesson: Lesson, outputs: Classes, networks: Sequence[Network], split: Split, seed: int
) -> ClassScores:
    rows = split[1]
    predicted = outputs.probabilities(outputs_of(networks, lesson.X[rows]))
    return class_scores_of(_answers(lesson, rows, predicted), seed=seed)


def _of_each_network(
    lesson: Lesson, predicted: Sequence[Floats], splits: Sequence[Split]
) -> tuple[Answers, int]:
    """The answers of each network for its held-out rows, and how often a row is among them."""
    rows = np.concatenate([held_out for _, held_out in splits])
    numbers = np.repeat(np.arange(len(splits)), [len(held_out) for _, held_out in splits])
    answers = _answers(lesson, rows, np.concatenate(predicted), numbers)
    return answers, int(np.bincount(rows).max())


def _answers(
    lesson: Lesson, rows: Rows, predicted: Floats, folds: NDArray[np.intp] | None = None
) -> Answers:
    groups = None if lesson.groups is None else lesson.groups[rows]
    y, weights = lesson.y[rows], lesson.weights[rows]
    return answers_of(y, predicted, weights, folds=folds, groups=groups, how="out-of-fold")
