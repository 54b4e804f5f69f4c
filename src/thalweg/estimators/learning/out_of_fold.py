"""Out-of-fold predictions and their score: each row is predicted by networks not trained on it."""

from collections.abc import Sequence

import numpy as np

from thalweg.data.canonical_rows import row_groups
from thalweg.estimators.fitted import OutOfFold
from thalweg.estimators.input_tables import Learnable
from thalweg.estimators.learning.early_stopping_splits import Split
from thalweg.estimators.learning.encoded_training_data import Lesson, RowMarks
from thalweg.estimators.learning.fitted_networks import Network, outputs_of, predicted_values
from thalweg.estimators.learning.interrupted_fit import report_no_scores
from thalweg.estimators.learning.target_outputs import Classes, Floats
from thalweg.estimators.learning.train_networks import Learned
from thalweg.interrupts import take_in


def out_of_fold(
    lesson: Lesson, learned: Learned, read: Learnable, marks: RowMarks | None
) -> OutOfFold | None:
    """The out-of-fold results of a fit, if there were folds.

    Parameters
    ----------
    lesson : Lesson
    learned : Learned
    read : Learnable
        The table, in its order.
    marks : RowMarks or None
        The group or the time of each of its rows.

    Returns
    -------
    OutOfFold or None
        Only the loss if folds only found the number of epochs, or after Ctrl-C.
    """
    if learned.way != "folds":
        return None if learned.curve is None else OutOfFold(float(np.min(learned.curve)))
    splits = [(rows, held_out) for rows, held_out in learned.splits if held_out is not None]
    share = [lesson.weights[held_out].sum() for _, held_out in splits]
    losses = [each.history[each.best_epoch - 1]["valid_loss"] for each in learned.networks]
    loss = float(np.average(losses, weights=share))
    try:
        predicted, score = judged(learned.networks, splits, lesson)
        predictions = _in_the_tables_order(predicted, lesson, read, marks)
    except KeyboardInterrupt as sign:
        take_in(sign)
        report_no_scores()
        return OutOfFold(loss)
    return OutOfFold(loss, score, predictions)


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
    """Values, and their R²."""
    total, times = np.zeros(len(lesson.X)), np.zeros(len(lesson.X))
    for network, (_, held_out) in zip(networks, splits, strict=True):
        total[held_out] += predicted_values([network], lesson.X[held_out])
        times[held_out] += 1
    known = times > 0  # windows of time never hold out the earliest rows
    predicted = np.full_like(total, np.nan)
    predicted[known] = total[known] / times[known]
    y, weights = lesson.y[known], lesson.weights[known]
    spread = y - np.average(y, weights=weights)
    unit = np.max(np.abs(spread))  # squares of 1e250 would overflow
    if not unit > 0:
        return predicted, 0.0
    left = np.sum(weights * ((y - predicted[known]) / unit) ** 2)
    return predicted, float(1.0 - left / np.sum(weights * (spread / unit) ** 2))


def _in_the_tables_order(
    predicted: Floats, lesson: Lesson, read: Learnable, marks: RowMarks | None
) -> Floats:
    """Predictions of canonical rows for each row of the table; NaN if its weight is 0."""
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
    of_row = places[both[len(rows[0]) :]]
    found = np.full((len(numbers), *predicted.shape[1:]), np.nan)
    found[of_row >= 0] = predicted[of_row[of_row >= 0]]
    return found
