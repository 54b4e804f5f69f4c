"""`Counterfactuals`: the smallest changes of named columns with which a model answers otherwise.

A limit is the threshold of two classes, another class, or a number. The margin keeps changes out
that only just do: of two classes the probability is at least a tenth of the way from the threshold
to 0 or 1, of more the predicted class leads by 5 points, and a number is at least a twentieth of
the target's standard deviation beyond its limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.schema.given_table import table_of
from thalweg.data.typing import TableLike
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.deciding.decision_rule import CallsClasses
from thalweg.estimators.explaining.cell_texts import cell_texts, own_cells
from thalweg.estimators.explaining.changed_rows import require_own_columns
from thalweg.estimators.explaining.counterfactual_search import (
    UNLIKE,
    Beyond,
    Searched,
    changeable,
    searched,
)
from thalweg.estimators.explaining.explained_answer import ExplainedAnswer
from thalweg.estimators.input_tables import read_for_predict
from thalweg.estimators.learning.target_outputs import Classes, Floats
from thalweg.reporting.explaining.contribution_words import NUMBER, answer_text
from thalweg.reporting.explaining.what_if import ReadRows, WhatIf, what_if_of
from thalweg.reporting.html_pieces import text
from thalweg.wording import amount, counted, parameter, printable

if TYPE_CHECKING:
    from thalweg.estimators.network_estimator import NetworkEstimator

NOT_THE_CASE = (
    "This is about the answer: changing a number does not change what it was measured on."
)
_MARGIN_OF_TWO, _MARGIN_OF_SEVERAL, _MARGIN_OF_NUMBERS = 0.1, 0.05, 0.05
_WIDTH = 80


@dataclass(frozen=True, eq=False)
class Counterfactuals:
    """Changes of one row that change its answer.

    Attributes
    ----------
    found : list of WhatIf
        At most three, of one column first, then by distance.
    distances : list of float
        In interquartile ranges; a change of a level counts as 1.
    n_networks : list of int
        How many networks alone answer beyond the limit, too.
    columns : list of str
        The columns that could change.
    goal : str
        What the answer had to become, such as "benign".
    row : int
        The number of the row in its table, from 1.
    n_tried : int
    n_unlike : int
        How many changes would do, but for rows that are unlike the training rows.
    """

    found: list[WhatIf]
    distances: list[float]
    n_networks: list[int]
    columns: list[str]
    goal: str
    row: int
    n_tried: int
    n_unlike: int

    def __len__(self) -> int:
        return len(self.found)

    def to_frame(self) -> pd.DataFrame:
        """A line for each changed cell: ``change`` (from 1), ``column``, ``cell``, ``instead_of``.

        Then ``distance``, ``networks`` (that agree) and ``outlier_p``.
        """
        lines = [
            (place, name, new, each.cells[0][name], distance, agreeing, _p_of(each))
            for place, (each, distance, agreeing) in enumerate(self._parts(), start=1)
            for name, new in each.changes.items()
        ]
        heads = ["change", "column", "cell", "instead_of", "distance", "networks", "outlier_p"]
        return pd.DataFrame(lines, columns=heads)

    def _parts(self) -> list[tuple[WhatIf, float, int]]:
        return list(zip(self.found, self.distances, self.n_networks, strict=True))

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON: numbers are not rounded."""
        return {
            "row": self.row,
            "goal": self.goal,
            "columns": list(self.columns),
            "tried": self.n_tried,
            "unlike": self.n_unlike,
            "found": [
                {**each.as_dict(), "distance": distance, "networks": agreeing}
                for each, distance, agreeing in self._parts()
            ],
        }

    def text(self) -> str:
        """The changes in sentences, on 80 columns."""
        lines = [_clause(self, *each) for each in self._parts()] or [self._none()]
        ends = [NOT_THE_CASE] if self.found else []
        return "\n".join(fill(printable(each), _WIDTH) for each in [*lines, *ends])

    def _none(self) -> str:
        of = "of this column" if len(self.columns) == 1 else "of one or two of these columns"
        said = (
            f"Row {self.row:,}: no change {of} ({', '.join(self.columns)}) within what was seen "
            f"makes the answer {self.goal} by a margin ({self.n_tried:,} were tried)."
        )
        if self.n_unlike:
            of_them = counted(self.n_unlike, "change")
            said += f" {of_them} would, but the changed rows are unlike the training rows"
            said += f" (outlier p at most {UNLIKE:g})."
        return said

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """The sentences for a notebook."""
        return "".join(f"<div>{text(line, 400)}</div>" for line in str(self).splitlines())


def _p_of(what_if: WhatIf) -> float:
    assert what_if.outlier_p is not None
    return float(what_if.outlier_p[0, 1])


def _clause(all_of: Counterfactuals, what_if: WhatIf, distance: float, agreeing: int) -> str:
    said = " and ".join(
        f"{name} were {new} instead of {what_if.cells[0][name]}"
        for name, new in what_if.changes.items()
    )
    k = 0
    if what_if.classes is not None and len(what_if.classes) > 1:
        k = int(np.argmax(what_if.after[0]))
    label = None if what_if.classes is None else what_if.classes[k]
    before, after = float(what_if.before[0, k]), float(what_if.after[0, k])
    of = f"probability of {label} " if label is not None else _quantity(what_if)
    n_all = len(what_if.members_after)
    return (
        f"Row {all_of.row:,}: the answer would be {all_of.goal} if {said} "
        f"({of}{answer_text(after, label)} instead of {answer_text(before, label)}; "
        f"{agreeing:,} of {counted(n_all, 'network')} alone; outlier p {_p_of(what_if):.2g}; "
        f"distance {amount(distance, 2)})."
    )


def _quantity(what_if: WhatIf) -> str:
    return "" if what_if.quantity == NUMBER else f"{what_if.quantity} "


def counterfactuals_of_model(
    model: "NetworkEstimator",
    X: TableLike,
    change: str | Sequence[str],
    *,
    to: object = None,
    below: float | None = None,
    above: float | None = None,
) -> Counterfactuals:
    """The smallest changes of one row with which a fitted model answers otherwise.

    Every change of one of the named columns is tried, then every change of two, with the values
    that the training table had: 21 quantiles of a number or date, or the levels. A change counts if
    the answer goes beyond its limit by a margin, also for four of five networks alone, and if the
    outlier p of the changed row is above 0.05.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    X : table of one row
    change : str or sequence of str
        The columns that may change; a text is the name of one.
    to : label, optional
        Of several classes, the class to be predicted; by default any other one than now.
    below, above : float, optional
        Of a regression: the number that the answer has to be below, or above.

    Returns
    -------
    Counterfactuals

    Raises
    ------
    DataError, SettingsError
        For a table without one row, an unknown column, a goal that does not fit or is reached
        already, or a model of an earlier version, which does not know what its training table had.
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    """
    matrix = np.asarray(read_for_predict(model, X), np.float64)
    if len(matrix) != 1:
        raise DataError(
            f"There are {counted(len(matrix), 'row')}",
            why="Changes are searched for one row",
            fix="give a table of one row, as in frame.iloc[[0]]",
        )
    names = [change] if isinstance(change, str) else list(change)
    read = ReadRows(matrix, own_cells(model.schema_, table_of(X)))
    return counterfactuals_of(model, read, 1, names, to=to, below=below, above=above)


def counterfactuals_of(
    model: "NetworkEstimator",
    own: ReadRows,
    row: int,
    change: Sequence[str],
    *,
    to: object = None,
    below: float | None = None,
    above: float | None = None,
    target: str = "",
) -> Counterfactuals:
    """The same of one row that is read already, and its number, from 1."""
    fitted, schema = model._known, model.schema_
    require_own_columns(schema, list(change), "change")
    if fitted.likeness is None:
        raise SettingsError(
            "This model does not know what values its training table had",
            why="It was fitted by an earlier version, or trained in batches",
            fix="fit the model again, or ask for single changes by what_if",
        )
    answer = ExplainedAnswer(fitted)
    beyond, goal = goal_of(model, answer, own.matrix, to, below, above)
    columns = changeable(schema, fitted.likeness, list(change))
    result = searched(answer, fitted.likeness, own.matrix[0], columns, beyond)
    return _counterfactuals(model, own, row, list(change), goal, result, target)


def _counterfactuals(
    model: "NetworkEstimator",
    own: ReadRows,
    row: int,
    change: list[str],
    goal: str,
    result: Searched,
    target: str,
) -> Counterfactuals:
    schema = model.schema_
    old = cell_texts(schema, own.matrix)[0]
    found = []
    for each in result.found:
        new = cell_texts(schema, each.row[None])[0]
        names = [
            name
            for name, one, other in zip(schema.given_names, old, new, strict=True)
            if one != other or schema.names.index(name) in each.columns
        ]
        found.append(
            what_if_of(model, own, ReadRows(each.row[None], own.cells), names, [row], target)
        )
    return Counterfactuals(
        found,
        [each.distance for each in result.found],
        [each.n_networks for each in result.found],
        list(dict.fromkeys(change)),
        goal,
        row,
        result.n_tried,
        result.n_unlike,
    )


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
            fix=f"take one of {', '.join(labels)}",
        )
    if len(labels) == 2:
        return _goal_of_two(model, answer, matrix, labels, None if to is None else str(to))
    return _goal_of_several(answer, outputs, matrix, labels, None if to is None else str(to))


def _require_other(to: str | None, now: str) -> None:
    if to == now:
        raise SettingsError(
            f"{parameter('to', to)} is what the model answers already",
            fix=f"leave out {parameter('to')}, or name another class",
        )


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
        raise SettingsError(
            f"The model answers {amount(now, 5)}, which is {name} {amount(limit, 5)} already",
            where=parameter(name, limit),
            fix=f"give a {'smaller' if below is not None else 'larger'} number",
        )
    margin = _MARGIN_OF_NUMBERS * scale

    def beyond(answers: Floats) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = sign * (answers[:, 0] - limit) >= margin
        return found

    return beyond, f"{name} {amount(limit, 5)}"
