"""The target of a traced model: its classes, or a number in its own unit and as a network sees it.

A network never sees a number in its own unit. It learns Y = (target - center) / scale, and its loss
and all derivatives are of Y. So the scale belongs to a trace as the loss does.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.column_names import listed
from thalweg.data.label_types import visibly_known
from thalweg.data.typing import TargetLike
from thalweg.errors import DataError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.deciding.calibrated_predictions import probabilities_of
from thalweg.estimators.learning.fitted_networks import outputs_of
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.estimators.outputs.target_outputs import one_answer
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.evaluation.task_kinds import ONE_NUMBER, kind_of_labels
from thalweg.network.formulas.losses import loss, own_text
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.network_drawing_data import is_turned
from thalweg.reporting.trace.tables.digits import exact
from thalweg.tracing.grade_steps import true_grade
from thalweg.tracing.row_trace import Trace

Facts = dict[str, Any]


def target_of(model: NetworkEstimator) -> Facts:
    """What the outputs of the first network mean, as plain data.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.

    Returns
    -------
    dict
        ``task`` (`thalweg.evaluation.task_kinds`), ``classes`` in the order of the outputs (two
        classes share one output, the probability of the second) or of the grades, ``positive``,
        ``scale`` (None for
        classes, else ``center scale low high of_logarithm``), and of the loss ``loss formula slope
        link constant``.
    """
    outputs = one_answer(model.members_[0].outputs, "A trace")
    found = plain_target(outputs.loss) | {"loss": own_text(outputs.loss)}
    if isinstance(outputs, Values):
        scale = {
            name: getattr(outputs, name)
            for name in ("center", "scale", "low", "high", "of_logarithm")
        }
        return {**found, "task": ONE_NUMBER.name, "scale": scale}
    labels = (outputs.order if isinstance(outputs, Grades) else outputs.labels).tolist()
    positive = model._known.positive
    return {
        **found,
        "task": kind_of_labels(labels).name,
        "classes": [clipped(label) for label in labels],
        "positive": None if positive is None else clipped(positive),
    }


def plain_target(text: str) -> Facts:
    """The same of a loss alone, without a model: no task, no names, and no scale."""
    formula = loss(text)
    constant = formula.constant_name and {
        "name": formula.constant_name,
        "value": formula.constant,
    }
    return {
        "task": None,
        "classes": [],
        "positive": None,
        "scale": None,
        "loss": str(formula),
        "formula": formula.formula,
        "slope": formula.slope_formula,
        "link": formula.link.__name__,
        "constant": constant or None,
    }


def output_words(model: NetworkEstimator) -> tuple[str, str]:
    """What Yh is, and the other one of two classes if that is the positive one."""
    outputs = one_answer(model.members_[0].outputs, "A trace")
    if isinstance(outputs, Values):
        return "prediction, in the scale of the network", ""
    if isinstance(outputs, Grades):
        return "probability of at most each grade but the last", ""
    if outputs.n_outputs > 1:
        return "probability of each class", ""
    other = clipped(model._known.positive) if is_turned(model) else ""
    return f"probability of {clipped(outputs.labels[1])}", other


def target_texts(model: NetworkEstimator, numbers: Floats) -> list[str]:
    """The label of the class of each row, or its number with all digits; of a rate with six."""
    outputs = one_answer(model.members_[0].outputs, "A trace")
    if isinstance(outputs, Values):
        # A rate is a quotient, whose digits nobody wrote.
        text = exact if model._known.offset is None else "{:.6g}".format
        return [text(float(value)) for value in numbers]
    return [str(outputs.labels[int(code)]) for code in numbers]


def row_answers(target: Facts, traced: Trace, values: Sequence[float] | None) -> list[Facts]:
    """What the target and the prediction of each row are to a user.

    For classes ``class``, the place of the true class from 1 (of grades in their order); for a
    number ``value``, ``unclipped``
    (center + scale · Yh) and ``answer``, which is clipped to the range of the training targets.
    """
    scale, known = target["scale"], {"class": None, "value": None, "unclipped": None}
    blank: Facts = {**known, "answer": None}
    if values is None:
        return [blank] * traced.n_rows
    if target["link"] == "at_most":
        return [{**blank, "class": true_grade(y) + 1} for y in traced.data.Y]
    if scale is None:
        return [{**blank, "class": int(code) + 1} for code in values]
    own = (scale["center"] + scale["scale"] * traced.prediction[0]).tolist()
    return [
        {
            **blank,
            "value": float(value),
            "unclipped": each,
            "answer": min(max(each, scale["low"]), scale["high"]),
        }
        for value, each in zip(values, own, strict=True)
    ]


def numbers_of_rows(
    model: NetworkEstimator, y: TargetLike | None, matrix: np.ndarray, rows: Sequence[int]
) -> Floats:
    """The code of the class of each row, or its number; without ``y`` the predicted class.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    y : labels or numbers, one for each row, or None
    matrix : ndarray of shape (n_rows, n_columns)
    rows : sequence of int
        The numbers of the rows in their table, for messages.

    Raises
    ------
    DataError
        If a target does not fit the model; if it is missing and the model predicts numbers.
    """
    outputs = one_answer(model.members_[0].outputs, "A trace")
    if isinstance(outputs, Values):
        if y is None:
            raise no_target(f"row {rows[0]:,}")
        return _values(outputs, _one_each(y, rows, "numbers"), rows)
    if y is None:
        raw = outputs_of(model.members_, matrix)
        assert isinstance(model, ThalwegClassifier)
        y = model.called(probabilities_of(model._known, raw))
    return _codes(outputs, _one_each(y, rows, "labels"), rows)


def no_target(where: str) -> DataError:
    """The error that a number is traced of which the truth is not known."""
    return DataError(
        "The true target is not known, and the model predicts numbers",
        where=where,
        why="With the predicted number as the target, the loss and all derivatives would be 0",
        fix="give the target: the column that the model was trained to predict, in Python y",
    )


def _one_each(y: TargetLike, rows: Sequence[int], what: str) -> np.ndarray:
    given = np.asarray(unmasked(y))
    if given.shape != (len(rows),):
        one = what.removesuffix("s")
        raise DataError(
            f"{given.size} {what} do not fit {len(rows)} rows", fix=f"give one {one} for each row"
        )
    return given


def _values(outputs: Values, given: np.ndarray, rows: Sequence[int]) -> Floats:
    """The numbers; a message names the row by its number."""
    try:
        return outputs.numbers(given)
    except DataError:
        for row, value in zip(rows, given, strict=True):
            try:
                outputs.numbers(np.array([value]))
            except DataError as error:
                what, _, why, fix = error.unspelled
                raise DataError(what, where=f"row {row:,}", why=why, fix=fix) from error
        raise


class StrangeLabel(DataError):
    """A label that the model does not know.

    Attributes
    ----------
    label : str
    """

    def __init__(self, label: str, what: str, *, where: str, fix: str) -> None:
        self.label = label
        super().__init__(what, where=where, fix=fix)


def _codes(outputs: Classes, given: np.ndarray, rows: Sequence[int]) -> Floats:
    """0.0, 1.0, … for each row, from its label; a message names the row by its number."""
    # Compare as text, too: a table that was read from a file has labels as text.
    known = [str(label) for label in outputs.labels.tolist()]
    place = {label: float(code) for code, label in enumerate(known)}
    texts = visibly_known([str(label) for label in given.tolist()], known)
    for row, label in zip(rows, texts, strict=True):
        if label not in place:
            choice = f'"{known[0]}" or "{known[1]}"' if len(known) == 2 else listed(known)
            raise StrangeLabel(
                label,
                f'The label "{clipped(label)}" is not one of the model\'s',
                where=f"row {row:,}",
                fix=f"give labels that are {choice if len(known) == 2 else f'one of {choice}'}",
            )
    return np.array([place[label] for label in texts])
