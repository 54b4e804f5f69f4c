"""What an answer has to become by a change, and by what margin.

A limit is the threshold of two classes, another class, or a number. The margin keeps changes out
that only just do: of two classes the probability is at least a tenth of the way from the threshold
to 0 or 1, of more the predicted class leads by 5 points, and a number is at least a twentieth of
the target's standard deviation beyond its limit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.estimators.deciding.decision_rule import CallsClasses
from thalweg.estimators.explaining.counterfactual_search import Beyond
from thalweg.estimators.explaining.explained_answer import ExplainedAnswer
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.wording import amount, offered, parameter

if TYPE_CHECKING:
    from thalweg.estimators.network_estimator import NetworkEstimator

_MARGIN_OF_TWO, _MARGIN_OF_SEVERAL, _MARGIN_OF_NUMBERS = 0.1, 0.05, 0.05


class AlreadyThere(SettingsError):
    """The answer is so already: ``goal`` is what it should become."""

    goal = ""


def _already(goal: str, what: str, fix: str, where: str = "") -> AlreadyThere:
    error = AlreadyThere(what, where=where, fix=fix)
    error.goal = goal
    return error


@contextmanager
def of_row(row: int) -> Iterator[None]:
    """Inside the block, the error of a goal that is reached already names the row."""
    try:
        yield
    except AlreadyThere as error:
        what, where, _, fix = error.unspelled
        place = f"row {row:,}"
        raise _already(error.goal, what, fix, f"{place}; {where}" if where else place) from error


def goal_of(
    model: "NetworkEstimator",
    answer: ExplainedAnswer,
    matrix: NDArray[np.float64],
    to: object,
    below: float | None,
    above: float | None,
) -> tuple[Beyond, str]:
    """What the answers have to be beyond, and its name in a sentence."""
    outputs = answer.fitted.outputs
    if not isinstance(outputs, Classes):
        now = float(answer.predicted(matrix)[0, 0])
        return _goal_of_number(now, answer.target_scale, to, below, above)
    if below is not None or above is not None:
        what = "below" if below is not None else "above"
        raise SettingsError(
            f"{parameter(what)} is for predicted numbers, and the model predicts classes",
            fix=f"leave out {parameter(what)}; {parameter('to')} names a class",
        )
    assert isinstance(model, CallsClasses)
    labels = [str(each) for each in outputs.labels]
    if to is not None and str(to) not in labels:
        raise SettingsError(
            f"{parameter('to', str(to))} is no class of the model",
            fix=f"take {offered('to', labels)}",
        )
    if len(labels) == 2:
        return _goal_of_two(model, answer, matrix, labels, None if to is None else str(to))
    return _goal_of_several(answer, outputs, matrix, labels, None if to is None else str(to))


def _require_other(to: str | None, now: str) -> None:
    if to == now:
        what = f"{parameter('to', to)} is what the model answers already"
        raise _already(now, what, f"leave out {parameter('to')}, or name another class")


def _goal_of_two(
    model: CallsClasses,
    answer: ExplainedAnswer,
    matrix: NDArray[np.float64],
    labels: list[str],
    to: str | None,
) -> tuple[Beyond, str]:
    threshold = model.threshold_
    assert threshold is not None
    positive = str(answer.fitted.positive)
    other = labels[1 - labels.index(positive)]
    is_above = bool(answer.predicted(matrix)[0, 0] > threshold)
    _require_other(to, positive if is_above else other)
    low = threshold * (1 - _MARGIN_OF_TWO)
    high = threshold + _MARGIN_OF_TWO * (1 - threshold)

    def beyond(answers: Floats) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = answers[:, 0] <= low if is_above else answers[:, 0] >= high
        return found

    return beyond, other if is_above else positive


def _goal_of_several(
    answer: ExplainedAnswer,
    outputs: Classes,
    matrix: NDArray[np.float64],
    labels: list[str],
    to: str | None,
) -> tuple[Beyond, str]:
    now = int(outputs.call(answer.predicted(matrix))[0])
    _require_other(to, labels[now])

    def beyond(answers: Floats) -> NDArray[np.bool_]:
        weighed = answers * outputs.costs
        weighed = weighed / weighed.sum(axis=1, keepdims=True)
        order = np.sort(weighed, axis=1)
        first = weighed.argmax(axis=1)
        leads = order[:, -1] - order[:, -2] >= _MARGIN_OF_SEVERAL
        found: NDArray[np.bool_] = leads & (
            first != now if to is None else first == labels.index(to)
        )
        return found

    return beyond, to if to is not None else f"another class than {labels[now]}"


def _goal_of_number(
    now: float, scale: float, to: object, below: float | None, above: float | None
) -> tuple[Beyond, str]:
    if to is not None or (below is None) == (above is None):
        raise SettingsError(
            "It is not said what the predicted number should become",
            fix=f"give {parameter('below')} or {parameter('above')}, and not both",
        )
    name, sign = ("below", -1.0) if below is not None else ("above", 1.0)
    limit = float(below if below is not None else above or 0)
    if sign * (now - limit) > 0:
        raise _already(
            f"{name} {amount(limit, 5)}",
            f"The model answers {amount(now, 5)}, which is {name} {amount(limit, 5)} already",
            f"give a {'smaller' if below is not None else 'larger'} number",
            parameter(name, limit),
        )
    margin = _MARGIN_OF_NUMBERS * scale

    def beyond(answers: Floats) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = sign * (answers[:, 0] - limit) >= margin
        return found

    return beyond, f"{name} {amount(limit, 5)}"
