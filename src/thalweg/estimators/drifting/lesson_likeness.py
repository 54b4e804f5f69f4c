"""The likeness of a fit: summaries of its rows, and when training on further rows keeps them."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np

from thalweg.data.canonical_rows import canonical_rows
from thalweg.data.likeness.table_likeness import Likeness, likeness_of
from thalweg.data.row_view import Numbers
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.input_tables import Learnable, labels_of_rows
from thalweg.estimators.learning.encoded_training_data import Lesson
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.several_outputs import SeveralOutputs
from thalweg.estimators.outputs.target_outputs import Outputs
from thalweg.evaluation.answers import number_of_rows
from thalweg.evaluation.judging.regression_loss import is_of_mean, measure_of
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.network.blas import one_blas_thread


def likeness_of_lesson(lesson: Lesson, read: Learnable) -> Likeness:
    """Summaries of the rows that may be training rows, with those that folds hold out in turn.

    Rows of validation (``X_val``) are not among them.
    """
    last = lesson.n_lessons
    X = Numbers.of(lesson.X)
    groups = None if lesson.groups is None else lesson.groups[:last]
    with one_blas_thread():  # the bits do not depend on the number of cores
        return likeness_of(
            read.schema.kinds,
            X if last == len(X) else X.pick(slice(0, last)),
            lesson.weights[:last],
            number_of_rows(read.weights),
            _target_of(lesson, last),
            groups,
        )


def of_target(likeness: Likeness, lesson: Lesson) -> Likeness:
    """The likeness of the rows of several targets, for the lesson of one of them."""
    return replace(likeness, target=_target_of(lesson, lesson.n_lessons))


def with_constant(likeness: Likeness, lesson: Lesson, networks: Sequence[Network]) -> Likeness:
    """With the best constant answer of these rows, where it is not their mean.

    Parameters
    ----------
    likeness : Likeness
    lesson : Lesson
        Its rows.
    networks : sequence of Network
        Of the fit: the unit of a Huber loss is the mean of theirs.
    """
    outputs, last = lesson.outputs, lesson.n_lessons
    if isinstance(outputs, Classes | SeveralOutputs) or is_of_mean(outputs.loss):
        return likeness
    own = measure_of(cast(JudgedModel, SimpleNamespace(members_=networks)))
    constant = own.constant_for(lesson.y[:last], lesson.weights[:last])
    return replace(likeness, target=np.append(likeness.target[:2], constant))


def likeness_of_batch(read: Learnable, outputs: Outputs, networks: Sequence[Network]) -> Likeness:
    """Summaries of the first batch of `partial_fit`."""
    rows = canonical_rows(read.matrix, outputs.numbers(read.y), read.weights)
    lesson = Lesson(rows.X, rows.y, rows.weights, outputs, read.schema.n_levels)
    return with_constant(likeness_of_lesson(lesson, read), lesson, networks)


def _target_of(lesson: Lesson, last: int) -> Floats:
    """The share of each class, or the mean and the standard deviation of a number."""
    if isinstance(lesson.outputs, SeveralOutputs):  # each target has one of its own: `of_target`
        return np.empty(0)
    y, shares = lesson.y[:last], lesson.weights[:last] / lesson.weights[:last].sum()
    if isinstance(lesson.outputs, Classes):
        counts = np.bincount(y.astype(np.intp), shares, len(lesson.outputs.labels))
        return counts.astype(np.float64)
    largest = max(1.0, float(np.abs(y).max()))  # squares of large numbers overflow
    mean = float(shares @ (y / largest))
    deviation = float(np.sqrt(shares @ (y / largest - mean) ** 2))
    return np.array([mean, deviation]) * largest


def after_more_rows(fitted: Fitted, read: Learnable, own: dict[str, object]) -> Likeness | None:
    """The likeness after training on some rows: the same if they are those of the fit.

    Otherwise None: the rows of before are not there to be summarised with the new ones.

    Parameters
    ----------
    fitted : Fitted
        Before.
    read : Learnable
        The new rows.
    own : dict
        Their ``data_hash`` and ``weights_hash``.
    """
    if fitted.likeness is None:
        return None
    seen = fitted.row_digests
    same = own["data_hash"] == fitted.data_hash or (
        seen is not None and seen.are(seen.of_rows(read.matrix), labels_of_rows(read.y))
    )
    return fitted.likeness if same and own["weights_hash"] == (fitted.weights_hash or "") else None
