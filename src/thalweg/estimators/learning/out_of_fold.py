"""Out-of-fold predictions and their score: each row is predicted by networks not trained on it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from thalweg.data.canonical_rows import row_groups
from thalweg.data.typing import Label
from thalweg.estimators.fitted import OutOfFold
from thalweg.estimators.input_tables import Learnable
from thalweg.estimators.learning.early_stopping_splits import Split
from thalweg.estimators.learning.encoded_training_data import Lesson, RowMarks
from thalweg.estimators.learning.fitted_networks import Network, outputs_of, predicted_values
from thalweg.estimators.learning.interrupted_fit import report_no_scores
from thalweg.estimators.learning.scoring import d2_of_levels
from thalweg.estimators.learning.train_networks import Learned
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.evaluation.answers import OUT_OF_FOLD, STOPPED, Answers, How, answers_of
from thalweg.interrupts import take_in
from thalweg.training.descent.others_epochs import deals_of


def out_of_fold(
    lesson: Lesson,
    learned: Learned,
    places: NDArray[np.intp],
    positive: Label | None = None,
) -> OutOfFold | None:
    """The out-of-fold results of a fit, if there were folds.

    Parameters
    ----------
    lesson : Lesson
    learned : Learned
    places : ndarray of int, shape (n_samples,)
        As `places_in_table` gives them.
    positive : label or None
        The positive one of two classes.

    Returns
    -------
    OutOfFold or None
        Only the loss if folds only found the number of epochs, or after Ctrl-C.
    """
    if learned.way != "folds" and learned.curve is None:
        return None
    found = losses_of_folds(lesson, learned)
    if learned.way != "folds":
        return found
    networks, splits = networks_by_others(learned), held_out_of(learned)
    try:
        predicted, score = judged(networks, splits, lesson)
        predictions = _in_the_tables_order(predicted, places)
    except KeyboardInterrupt as sign:
        take_in(sign)
        report_no_scores()
        return found
    answers = out_of_fold_answers(predicted, lesson, splits, found.how, positive)
    return replace(found, score=score, predictions=predictions, answers=answers)


def networks_by_others(learned: Learned) -> list[Network]:
    """The networks of folds at the epoch that the other folds find best, if it was kept."""
    unseen = learned.unseen
    if unseen is None or learned.way != "folds":  # other networks than those of the folds are kept
        return learned.networks
    return [
        replace(network, theta=theta, best_epoch=epoch)
        for network, theta, epoch in zip(
            learned.networks, unseen.thetas, unseen.epochs, strict=True
        )
    ]


def out_of_fold_answers(
    predicted: Floats,
    lesson: Lesson,
    splits: Sequence[Split],
    how: How = OUT_OF_FOLD,
    positive: Label | None = None,
) -> Answers:
    """Targets and out-of-fold predictions of the rows that were held out, in canonical order.

    Parameters
    ----------
    predicted : ndarray
        Of canonical rows, as `judged` gives them: NaN for rows that were never held out.
    lesson : Lesson
    splits : sequence of (rows, held_out)
    how : How
    positive : label or None
        The positive one of two classes.

    Returns
    -------
    Answers
        With folds, if the rows were divided once: else several networks predicted each row.
    """
    known = np.isfinite(predicted if predicted.ndim == 1 else predicted[:, 0])
    truth, answer, outputs = lesson.y, predicted, lesson.outputs
    if isinstance(outputs, Classes) and len(outputs.labels) == 2:
        code = int(np.flatnonzero(outputs.labels == positive)[0]) if positive is not None else 1
        truth, answer = truth == code, predicted[:, code]
    elif isinstance(outputs, Classes):
        truth = truth.astype(np.intp)
    folds = None
    if len(deals_of([held_out for _, held_out in splits])) == 1:
        folds = np.zeros(len(truth), np.intp)
        for number, (_, held_out) in enumerate(splits):
            folds[held_out] = number
        folds = folds[known]
    groups = None if lesson.groups is None else lesson.groups[known]
    return answers_of(
        truth[known], answer[known], lesson.weights[known], folds=folds, groups=groups, how=how
    )


def losses_of_folds(lesson: Lesson, learned: Learned) -> OutOfFold:
    """The loss, and how it came about."""
    unseen, splits = learned.unseen, held_out_of(learned)
    share: Sequence[float] = [lesson.weights[held_out].sum() for _, held_out in splits]
    if unseen is not None:
        share = share or unseen.shares  # the networks are not those of folds
        loss = float(np.average(unseen.losses, weights=share))
        return OutOfFold(loss, how=OUT_OF_FOLD, n_ended_earlier=unseen.n_ended_earlier)
    if learned.curve is not None:
        return OutOfFold(float(np.min(learned.curve)), how=STOPPED)
    losses = [each.history[each.best_epoch - 1]["valid_loss"] for each in learned.networks]
    return OutOfFold(float(np.average(losses, weights=share)), how=STOPPED)


def held_out_of(learned: Learned) -> list[Split]:
    """The splits that hold rows out."""
    return [(rows, held_out) for rows, held_out in learned.splits if held_out is not None]


def judged(
    networks: Sequence[Network], splits: Sequence[Split], lesson: Lesson
) -> tuple[Floats, float]:
    """The mean prediction for each row by networks not trained on it, and its score."""
    if isinstance(lesson.outputs, Classes):
        return _classes_judged(lesson.outputs, networks, splits, lesson)
    return _values_judged(networks, splits, lesson)


def _classes_judged(
    outputs: Classes, networks: Sequence[Network], splits: Sequence[Split], lesson: Lesson
) -> tuple[Floats, float]:
    """Probabilities, and their accuracy."""
    total = np.zeros((len(lesson.X), len(outputs.labels)))
    for network, (_, held_out) in zip(networks, splits, strict=True):
        total[held_out] += outputs.probabilities(outputs_of([network], lesson.X[held_out]))
    known = total.any(axis=1)  # the only row of a class is never held out
    probability = np.full_like(total, np.nan)
    probability[known] = total[known] / total[known].sum(axis=1, keepdims=True)
    right = outputs.call(probability[known]) == lesson.y[known]
    return probability, float(np.average(right, weights=lesson.weights[known]))


def _values_judged(
    networks: Sequence[Network], splits: Sequence[Split], lesson: Lesson
) -> tuple[Floats, float]:
    """Values, and their R²; of several quantiles, their D²."""
    outputs, times = lesson.outputs, np.zeros(len(lesson.X))
    of_levels = isinstance(outputs, Quantiles)
    total = np.zeros((len(lesson.X), outputs.n_outputs) if of_levels else len(lesson.X))
    for network, (_, held_out) in zip(networks, splits, strict=True):
        total[held_out] += predicted_values([network], lesson.X[held_out])
        times[held_out] += 1
    known = times > 0  # windows of time never hold out the earliest rows
    predicted = np.full_like(total, np.nan)
    predicted[known] = (total[known].T / times[known]).T
    y, weights = lesson.y[known], lesson.weights[known]
    if isinstance(outputs, Quantiles):
        same = float(np.ptp(y)) == 0
        return predicted, 0.0 if same else d2_of_levels(
            y, predicted[known], outputs.levels, weights
        )
    spread = y - np.average(y, weights=weights)
    unit = np.max(np.abs(spread))  # squares of 1e250 would overflow
    if not unit > 0:
        return predicted, 0.0
    left = np.sum(weights * ((y - predicted[known]) / unit) ** 2)
    return predicted, float(1.0 - left / np.sum(weights * (spread / unit) ** 2))


def places_in_table(lesson: Lesson, read: Learnable, marks: RowMarks | None) -> NDArray[np.intp]:
    """Which canonical row each row of the table is; -1 if its weight is 0.

    Parameters
    ----------
    lesson : Lesson
    read : Learnable
        The table, in its order.
    marks : RowMarks or None
        The group or the time of each of its rows.
    """
    numbers = lesson.outputs.numbers(read.y)
    canonical, table = [lesson.X[:], lesson.y], [read.matrix[:], numbers]
    if lesson.groups is not None and marks is not None:
        # Equal rows of two groups are separate: the network that predicts one may have been
        # trained on the other.
        present = np.unique(marks.values[read.weights > 0])
        known = np.isin(marks.values, present)
        canonical.append(lesson.groups.astype(np.float64))
        table.append(np.where(known, np.searchsorted(present, marks.values), -1.0))
    if lesson.times is not None and marks is not None:
        canonical.append(lesson.times)
        table.append(marks.values)
    rows = [np.column_stack(each) for each in (canonical, table)]
    both = row_groups(np.concatenate(rows))
    places = np.full(int(both.max()) + 1, -1)
    places[both[: len(rows[0])]] = np.arange(len(rows[0]))
    return np.asarray(places[both[len(rows[0]) :]], np.intp)


def _in_the_tables_order(predicted: Floats, places: NDArray[np.intp]) -> Floats:
    """Predictions of canonical rows for each row of the table; NaN if its weight is 0."""
    found = np.full((len(places), *predicted.shape[1:]), np.nan)
    found[places >= 0] = predicted[places[places >= 0]]
    return found
