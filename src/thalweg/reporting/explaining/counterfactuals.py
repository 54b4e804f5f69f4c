"""`Counterfactuals`: the smallest changes of named columns by which a model answers otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from thalweg.data.column_names import own_names
from thalweg.data.schema.given_table import table_of
from thalweg.data.typing import TableLike
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.drifting.known_likeness import why_unknown
from thalweg.estimators.explaining.cell_texts import cell_texts, own_cells
from thalweg.estimators.explaining.changed_rows import require_own_columns
from thalweg.estimators.explaining.counterfactual_search import (
    UNLIKE,
    Searched,
    changeable,
    networks_needed,
    searched,
)
from thalweg.estimators.explaining.explained_answer import ExplainedAnswer
from thalweg.estimators.input_tables import read_for_predict
from thalweg.reporting.explaining.contribution_bars import decimals_of
from thalweg.reporting.explaining.contribution_words import NUMBER, answer_text
from thalweg.reporting.explaining.counterfactual_goals import goal_of, of_row
from thalweg.reporting.explaining.what_if import ReadRows, WhatIf, what_if_of
from thalweg.reporting.html_pieces import text
from thalweg.wording import amount, counted, printable

if TYPE_CHECKING:
    from thalweg.estimators.network_estimator import NetworkEstimator

NOT_THE_CASE = (
    "This is about the answer: changing a number does not change what it was measured on."
)
_MEASURES = (
    "Distances are in interquartile ranges of the training rows, and a change of a level counts as "
    "1. The outlier p is the share of training rows that are at least as unlike the others."
)
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
    is_there : bool
        Whether the answer is so already, so that nothing was tried.
    n_members : int
        How many networks the model has.
    """

    found: list[WhatIf]
    distances: list[float]
    n_networks: list[int]
    columns: list[str]
    goal: str
    row: int
    n_tried: int
    n_unlike: int
    is_there: bool = False
    n_members: int = 1

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
            "is_there": self.is_there,
            "found": [
                {**each.as_dict(), "distance": distance, "networks": agreeing}
                for each, distance, agreeing in self._parts()
            ],
        }

    def text(self) -> str:
        """The changes in sentences, on 80 columns."""
        lines = [_clause(self, *each) for each in self._parts()] or [self._none()]
        ends = [_MEASURES, NOT_THE_CASE] if self.found else []
        return "\n".join(fill(printable(each), _WIDTH) for each in [*lines, *ends])

    def _none(self) -> str:
        if self.is_there:
            return f"Row {self.row:,}: the answer is {self.goal} already."
        of = "of this column" if len(self.columns) == 1 else "of one or two of these columns"
        alike = unlike = ""
        alone = ""
        if self.n_members > 1:
            alone = f", also for {networks_needed(self.n_members):,} of its "
            alone += f"{self.n_members:,} networks alone"
        if self.n_unlike:
            alike = " and keeps the row like the training rows"
            unlike = f"; {self.n_unlike:,} would make it so, but in rows that are unlike the "
            unlike += f"training rows, with an outlier p of at most {UNLIKE:g}"
        return (
            f"Row {self.row:,}: no change {of} ({', '.join(self.columns)}) within what was seen "
            f"makes the answer {self.goal} by a margin{alone}{alike} ({self.n_tried:,} were "
            f"tried{unlike})."
        )

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
        assert what_if.labels is not None
        k = what_if.classes.index(what_if.labels[0][1])
    label = None if what_if.classes is None else what_if.classes[k]
    before, after = float(what_if.before[0, k]), float(what_if.after[0, k])
    of = f"probability of {label} " if label is not None else _quantity(what_if)
    decimals = decimals_of(label, before, after, [after - before])
    told = [answer_text(each, label, decimals) for each in (before, after)]
    n_all = len(what_if.members_after)
    return (
        f"Row {all_of.row:,}: the answer would be {all_of.goal} if {said} "
        f"({of}{told[1]} instead of {told[0]}; "
        f"{agreeing:,} of {counted(n_all, 'network')} alone; outlier p {_p_of(what_if):.2g}; "
        f"distance {amount(distance, 2)})."
    )


def _quantity(what_if: WhatIf) -> str:
    return "" if what_if.quantity == NUMBER else f"{what_if.quantity} "


def counterfactuals_of_model(
    model: "NetworkEstimator",
    X: TableLike,
    change: str | int | Sequence[str | int],
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
    change : str, int or sequence of them
        The columns that may change; a text or a number is the name of one.
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
    names = own_names(change, model.schema_.given_names)
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
        why, fix = why_unknown(fitted)
        raise SettingsError(
            "This model does not know what values its training table had",
            why=why,
            fix=f"{fix}; or ask for single changes by what_if",
        )
    answer = ExplainedAnswer(fitted)
    with of_row(row):
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
        n_members=len(model.members_),
    )
