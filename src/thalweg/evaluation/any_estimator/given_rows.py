"""The evaluation of a fitted model on rows that are given, without those that trained it."""

import numpy as np

from thalweg.errors import DataError
from thalweg.evaluation.answers import How
from thalweg.evaluation.any_estimator.given_predictions import verdict_alone
from thalweg.evaluation.any_estimator.row_origin import Origin, which_rows
from thalweg.evaluation.any_estimator.wrapped_estimator import WrappedEstimator, places_table
from thalweg.evaluation.judged_table import NETWORK, JudgedTable, asked_of
from thalweg.evaluation.judged_test_set import Verdict
from thalweg.evaluation.task_judging import Task
from thalweg.wording import counted


def on_given_rows(
    model: WrappedEstimator,
    y: np.ndarray,
    task: Task,
    groups: np.ndarray | None,
    weights: np.ndarray | None,
    seed: int,
    origin: Origin | None,
) -> Verdict:
    """The verdict of a fitted model on rows that it was not trained on, as far as that is known."""
    places = places_table(len(y))
    table = JudgedTable.of(places, y, np.arange(len(y))[:, np.newaxis], (), groups, None, weights)
    rows = np.arange(len(table.y))
    how: How = "test"
    if origin is not None:
        rows, how = rows[np.isin(table.places(rows), origin.used)], origin.how
        require_other_rows(table.y[rows], y, task, origin)
    task = task.of(model)
    asked = asked_of(task, model, table.X.iloc[rows])
    answers = table.answers(task.truth(table.y[rows]), asked, rows, None, how)[NETWORK]
    said = " that it was trained on" if how == "training" else ""
    said = f"A fitted model, evaluated on {counted(len(answers), 'row')}{said}"
    return verdict_alone(answers, task, model, said, table.places_of_answers(rows), seed)


def require_other_rows(used: np.ndarray, y: np.ndarray, task: Task, origin: Origin) -> None:
    """Raise a DataError if no row, or one class only, is left without the training rows."""
    one_class = task.kind.of_classes and len(np.unique(y)) > 1 and len(np.unique(used)) < 2
    if len(used) and not one_class:
        return
    of_one = ", all of one class" if len(used) else ""
    raise DataError(
        "The rows that the model was not trained on cannot evaluate it",
        where=f"{counted(len(used), 'row')} of {len(y):,}{of_one}",
        why=which_rows(origin, "it"),
        fix="give more rows that the model was not trained on",
    )
