"""The importance of columns from the rows that the networks of a fit held out."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from thalweg.data.schema.schema import Schema
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.importance.asked_networks import AskedFolds
from thalweg.estimators.importance.split_network import Rows, SplitNetwork
from thalweg.estimators.learning.encoded_training_data import Lesson
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.evaluation.answers import OUT_OF_FOLD, How
from thalweg.evaluation.importance.asked_items import PERMUTATIONS, AskedItems, ColumnGroups
from thalweg.evaluation.importance.chosen_rows import MOST_ROWS, chosen_rows, parts_of
from thalweg.evaluation.importance.donor_rows import donor_rows
from thalweg.evaluation.importance.importance_found import Importance
from thalweg.evaluation.importance.loss_rise import require_rows
from thalweg.evaluation.importance.row_losses import RowLosses
from thalweg.evaluation.judging.regression_loss import is_of_mean, measure_of, measure_of_loss
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.evaluation.task_judging import OneNumber, SeveralClasses, Task, TwoClasses
from thalweg.training.progress import counting

OF_THESE_ROWS = (
    "The constant answer is the best one of these rows, because the model does not keep that of "
    "its training rows."
)
# What the progress is called, and counts.
TITLE, UNIT = "Importance", "column"
# All encoded inputs of all networks together have so many numbers at most.
_MOST_INPUTS = 2**27
_LEAST_ROWS = 1000


def owned_columns(schema: Schema) -> tuple[NDArray[np.intp], ...]:
    """The columns of the matrix that each column of the table gives: itself, and its bound."""
    places = {name: j for j, name in enumerate(schema.names)}
    of_source: dict[str, list[int]] = {}
    for j, column in enumerate(schema.columns):
        if column.source:
            of_source.setdefault(column.source, []).append(j)
    return tuple(
        np.array([places[each.name], *of_source.get(each.name, ())], dtype=np.intp)
        for each in schema.given
    )


def most_rows(networks: Sequence[Network], *, each_has_all: bool) -> int:
    """As many rows as are used at most: encoded for the networks, they must fit into memory."""
    widths = [network.encoder.n_outputs for network in networks]
    inputs = sum(widths) if each_has_all else max(widths)
    return min(MOST_ROWS, max(_LEAST_ROWS, _MOST_INPUTS // max(1, inputs)))


def task_of_networks(fitted: Fitted, networks: Sequence[Network]) -> Task:
    """The task of some networks of a model; of numbers with their loss."""
    outputs = fitted.outputs
    if not isinstance(outputs, Classes):
        members = SimpleNamespace(members_=networks)
        return OneNumber(measure_of(cast(JudgedModel, members)))
    labels = outputs.labels.tolist()
    if len(labels) != 2:
        return SeveralClasses(outputs.labels)
    positive = labels[1] if fitted.positive is None else fitted.positive
    return TwoClasses(positive, labels[1 - labels.index(positive)])


def constant_of_fit(fitted: Fitted, task: Task) -> Floats | None:
    """The best constant answer of the training rows, as the one row of an answer.

    None if the model does not keep it: after training on further rows, and in a file of an earlier
    version.
    """
    if fitted.likeness is None:
        return None
    target, outputs = fitted.likeness.target, fitted.outputs
    if isinstance(task, OneNumber):
        own = measure_of_loss(outputs.loss, task.own.unit)
        if (own.key, own.constant) != (task.own.key, task.own.constant):
            return target[:1] if is_of_mean(task.own.key) else None
        return target[:1] if is_of_mean(own.key) else target[2:] if len(target) > 2 else None
    assert isinstance(outputs, Classes)
    if isinstance(task, TwoClasses):
        return target[[outputs.labels.tolist().index(task.positive)]]
    assert isinstance(task, SeveralClasses)
    found = np.zeros((1, len(task.labels)))
    found[0, np.searchsorted(task.labels, outputs.labels)] = target
    return found


def said_of_constant(constant: Floats | None) -> str:
    """That the constant answer is not that of the training rows; "" if it is."""
    return OF_THESE_ROWS if constant is None else ""


def truth_of_codes(fitted: Fitted, task: Task, y: Floats) -> NDArray[Any]:
    """The targets of a lesson as the task compares them with predictions."""
    if isinstance(task, TwoClasses):
        assert isinstance(fitted.outputs, Classes)
        return np.asarray(y == fitted.outputs.labels.tolist().index(task.positive))
    return y.astype(np.intp) if isinstance(task, SeveralClasses) else y


def fold_importance(
    fitted: Fitted,
    lesson: Lesson,
    networks: Sequence[Network],
    held_out: Sequence[Rows],
    how: How,
    *,
    groups: ColumnGroups = "auto",
    n_permutations: int = PERMUTATIONS,
    seed: int = 0,
    threads: int = 1,
    verbose: int = 0,
) -> Importance:
    """The importance of the columns from the rows that each network held out.

    Parameters
    ----------
    fitted : Fitted
        Its schema, classes and positive class.
    lesson : Lesson
        The canonical rows of the fit.
    networks : sequence of Network
        Those that answer; each its own held-out rows, alone.
    held_out : sequence of ndarray of int
    how : How
        `OUT_OF_FOLD`, or `STOPPED` if these rows chose the epochs.
    groups : "auto", list of lists, or None
    n_permutations, seed, threads, verbose : int

    Raises
    ------
    DataError
        Below 50 rows, or if the networks do not know more than a constant answer.
    """
    there = np.unique(np.concatenate(held_out))
    chosen = chosen_rows(
        np.asarray(lesson.X[there], np.float64),
        lesson.y[there],
        seed,
        weights=lesson.weights[there],
        groups=None if lesson.groups is None else lesson.groups[there],
        most=most_rows(networks, each_has_all=False),
    )
    used = replace(chosen.used, of_folds=len({id(rows) for rows in held_out}) > 1)
    require_rows(used)
    places = there[chosen.places]
    matrix = np.asarray(lesson.X[places], np.float64)
    schema, owns = fitted.schema, owned_columns(fitted.schema)
    asked = AskedItems.of(
        schema.given_names, groups, matrix[:, [own[0] for own in owns]],
        [schema.n_levels[own[0]] for own in owns], used, n_permutations, seed,
    )  # fmt: skip
    asks = _asked_folds(fitted, lesson, networks, held_out, places, used.weights, asked)
    also = said_of_constant(asks.losses_of_rows.constant)
    said = " ".join(filter(None, (_said(how, of_folds=used.of_folds), chosen.said, also)))
    with counting(TITLE, len(asked.items), verbose, UNIT) as tell:
        return asked.found(asks, used, how, said, tell=tell, threads=threads)


def _asked_folds(
    fitted: Fitted,
    lesson: Lesson,
    networks: Sequence[Network],
    held_out: Sequence[Rows],
    places: Rows,
    weights: Floats | None,
    asked: AskedItems,
) -> AskedFolds:
    """The networks with their held-out rows among the chosen ones, ``places`` of the lesson."""
    matrix = np.asarray(lesson.X[places], np.float64)
    task = task_of_networks(fitted, networks)
    parts = parts_of(places, held_out)
    return AskedFolds(
        fitted,
        tuple(
            SplitNetwork(network, matrix[part])
            for network, part in zip(networks, parts, strict=True)
        ),
        tuple(parts),
        owned_columns(fitted.schema),
        RowLosses(
            task, truth_of_codes(fitted, task, lesson.y[places]), constant_of_fit(fitted, task)
        ),
        tuple(
            donor_rows(
                len(part),
                asked.n_permutations,
                asked.seed,
                None if weights is None else weights[part],
                k,
            )
            for k, part in enumerate(parts)
        ),
        weights,
    )


def _said(how: How, *, of_folds: bool) -> str:
    """Which rows these are, in sentences."""
    rows, wide = "The rows that were held out are used", ""
    if of_folds:
        rows = "Each row of the fit is answered by the network that held it out"
        wide = (
            " Intervals are wider than those of new rows, since each row trained the networks that "
            "answer other rows."
        )
    if how == OUT_OF_FOLD:
        return f"{rows}, at an epoch that the other folds chose.{wide}"
    return (
        f"{rows}. These rows stopped the training, so that the loss on them is a little too low."
        f"{wide}"
    )
