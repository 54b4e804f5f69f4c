"""`WhatIf`: the answers of a model for rows, and for the same rows with some cells changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.schema.given_table import table_of
from thalweg.data.schema.schema import Schema
from thalweg.data.typing import TableLike
from thalweg.estimators.explaining.cell_texts import (
    column_with_cell,
    own_cells,
    shown_cells,
    unknown_levels,
)
from thalweg.estimators.explaining.changed_rows import (
    named_changes,
    read_changed,
    require_own_columns,
    with_changes,
)
from thalweg.estimators.explaining.counterfactual_search import UNLIKE
from thalweg.estimators.explaining.explained_answer import ExplainedAnswer, own_columns
from thalweg.estimators.explaining.unusual_cells import UnusualCells, unusual_cells
from thalweg.estimators.input_tables import read_for_predict
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.reporting.explaining.adding_up import steps_that_add_up
from thalweg.reporting.explaining.answered_labels import predicted_labels
from thalweg.reporting.explaining.contribution_bars import decimals_of
from thalweg.reporting.explaining.contribution_words import (
    CLIPPED,
    answer_text,
    gain_text,
    quantity_of,
    unusual_in_words,
)
from thalweg.reporting.html_pieces import text
from thalweg.wording import amount, counted, parameter, printable

if TYPE_CHECKING:
    from thalweg.estimators.network_estimator import NetworkEstimator

ONLY_THE_ANSWER = "The answer of the model changes; that does not say that the outcome would."
_WIDTH = 80


@dataclass(frozen=True, eq=False)
class WhatIf:
    """Answers before and after a change.

    Attributes
    ----------
    changes : dict
        The text of the new cell of each column that is changed in any row.
    cells : list of dict
        The text of each such cell before, row by row.
    before, after : ndarray of float64, shape (n_rows, n_answers)
        What the model answers: of two classes, the probability of the positive one; of more, that
        of each; or the predicted number.
    members_before, members_after : ndarray of float64, shape (n_networks, n_rows, n_answers)
        What each network alone answers.
    labels : list of tuple of str, or None
        The predicted classes before and after; None for numbers.
    outlier_p : ndarray of float64, shape (n_rows, 2), or None
        Of the rows before and after; None if the model does not know its training rows.
    classes : list of str or None
        As in `Explanation`.
    rows : list of int
        The numbers of the rows in their table, from 1.
    same : list of dict
        Row by row, the text of each cell that was to be changed and is the same as before.
    quantity : str
        What a predicted number is called: "number", or such as "predicted price".
    unusual : list of UnusualCells
        Row by row, of the changed row: numbers and dates outside the range of the training rows,
        and levels that the model was not fitted on.
    texts : list of list of str
        The cells of the changed rows, by the columns ``names``.
    names : list of str
    target_range : tuple of float, or None
        The range of the training targets, to which numbers are clipped: those of the model, and
        those of each network. None for classes.
    n_clipped : ndarray of int, shape (n_rows, 2), or None
        How many networks have computed a number beyond this range, before and after.
    """

    changes: dict[str, str]
    cells: list[dict[str, str]]
    before: Floats
    after: Floats
    members_before: Floats
    members_after: Floats
    labels: list[tuple[str, str]] | None
    outlier_p: Floats | None
    classes: list[str] | None
    rows: list[int]
    same: list[dict[str, str]]
    quantity: str
    unusual: list[UnusualCells]
    texts: list[list[str]]
    names: list[str]
    target_range: tuple[float, float] | None = None
    n_clipped: NDArray[np.intp] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """A line for each row and answer: ``row``, ``class``, ``before``, ``after``, ``change``.

        ``low`` and ``high`` are the least and the largest change of one network; ``outlier_p`` is
        that of the changed row.
        """
        members = self.members_after - self.members_before
        lines = [
            {
                "row": row,
                **({} if self.classes is None else {"class": self.classes[k]}),
                "before": float(self.before[place, k]),
                "after": float(self.after[place, k]),
                "change": float(self.after[place, k] - self.before[place, k]),
                "low": float(members[:, place, k].min()),
                "high": float(members[:, place, k].max()),
                "outlier_p": None if self.outlier_p is None else float(self.outlier_p[place, 1]),
            }
            for place, row in enumerate(self.rows)
            for k in range(self.before.shape[1])
        ]
        return pd.DataFrame(lines)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON: numbers are not rounded."""
        return {
            "changes": dict(self.changes),
            "classes": self.classes,
            "target_range": None if self.target_range is None else list(self.target_range),
            "rows": [self._row_data(place) for place in range(len(self))],
        }

    def _row_data(self, place: int) -> dict[str, Any]:
        p = None if self.outlier_p is None else self.outlier_p[place].tolist()
        return {
            "row": self.rows[place],
            "cells": self.cells[place],
            "before": self.before[place].tolist(),
            "after": self.after[place].tolist(),
            "members_before": self.members_before[:, place].tolist(),
            "members_after": self.members_after[:, place].tolist(),
            "labels": None if self.labels is None else list(self.labels[place]),
            "outlier_p": p,
            **self.unusual[place].as_dict(),
            "clipped": None if self.n_clipped is None else self.n_clipped[place].tolist(),
        }

    def text(self, place: int = 0) -> str:
        """The change of one row in sentences, on 80 columns."""
        return "\n".join(fill(each, _WIDTH) for each in self.sentences(place))

    def sentences(self, place: int = 0) -> list[str]:
        """The change of one row, a line each, as long as it is."""
        cells, same = self.cells[place], self.same[place]
        said = " and ".join(
            f"{column_with_cell(name, new)} instead of {cells[name]}"
            for name, new in self.changes.items()
            if name not in same
        )
        lines = [f"Row {self.rows[place]:,} with {said}:"] if said else []
        if same:
            already = " and ".join(column_with_cell(*each) for each in same.items())
            lines.append(f"Row {self.rows[place]:,} has {already} already.")
        if not said:
            lines.append("Nothing is changed.")
        members = self.members_after - self.members_before
        for k in range(self.before.shape[1]):
            label = None if self.classes is None else self.classes[k]
            what = f"The {self.quantity}" if label is None else f"The probability of {label}"
            before, after = float(self.before[place, k]), float(self.after[place, k])
            own = members[:, place, k]
            gain = after - before
            decimals = decimals_of(label, before, after, [gain])
            told = [answer_text(each, label, decimals) for each in (before, after)]
            if decimals is not None:  # the difference of what is printed
                scale = (1 if label is None else 100) * 10.0**decimals
                gain = steps_that_add_up(before, [gain], after, scale)[0] / scale
            spread = ""
            if len(own) > 1:
                ends = [gain_text(float(each), label, decimals) for each in (own.min(), own.max())]
                spread = f"; {counted(len(own), 'network')}: {' to '.join(ends)}"
            lines.append(
                f"{what} is {told[1]} instead of {told[0]} "
                f"({gain_text(gain, label, decimals)}{spread})."
            )
        return [printable(each) for each in [*lines, *self._ends(place)]]

    def _ends(self, place: int) -> list[str]:
        """What it decides, whether the row is like the training rows, and what it does not say."""
        found = self._clip(place)
        if self.labels is not None:
            old, new = self.labels[place]
            same = f"The predicted class stays {new}."
            found.append(same if old == new else f"The predicted class is {new} instead of {old}.")
        if self.outlier_p is None:
            found.append("Whether the changed row is like the training rows is not known.")
        else:
            p = float(self.outlier_p[place, 1])
            told = "is unlike" if p <= UNLIKE else "is not unlike"
            found.append(f"The changed row {told} the training rows (outlier p {p:.2g}).")
        texts = dict(zip(self.names, self.texts[place], strict=True))
        found += unusual_in_words(self.unusual[place], texts)
        return [*found, ONLY_THE_ANSWER]

    def _clip(self, place: int) -> list[str]:
        if self.n_clipped is None or self.target_range is None or not self.n_clipped[place].any():
            return []
        of = counted(len(self.members_after), "network")
        low, high = (amount(each, 5) for each in self.target_range)
        both = zip(("the row as it is", "the changed row"), self.n_clipped[place], strict=True)
        said = " and ".join(f"{many:,} of {of} for {row}" for row, many in both if many)
        return [
            f"Answers are clipped to the range of the training targets, {low} to {high}: those of "
            f"{said}."
        ]

    def __str__(self) -> str:
        return "\n\n".join(self.text(place) for place in range(len(self)))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """The sentences for a notebook."""
        return "".join(f"<div>{text(line, 400)}</div>" for line in str(self).splitlines())


def what_if_of_model(model: "NetworkEstimator", X: TableLike, changes: Mapping[Any, Any]) -> WhatIf:
    """What a fitted model would answer if some cells of rows were others.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    X : table
    changes : mapping of str or int, or Series
        A cell for each column to change, as the table could have it, such as ``{"age": 50}``; it
        is changed in every row.

    Returns
    -------
    WhatIf

    Raises
    ------
    DataError, SettingsError
        For a column that the model does not have, or a cell that does not fit its column.
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    """
    schema = model.schema_
    changes = named_changes(schema, changes)
    require_own_columns(schema, changes, "changes")
    matrix = np.asarray(read_for_predict(model, X), np.float64)
    cells = own_cells(schema, table_of(X))

    def read(new: Mapping[str, Any]) -> ReadRows:
        table = with_changes(schema, cells, new)
        changed = np.asarray(read_for_predict(model, table), np.float64)
        return ReadRows(changed, own_cells(schema, table_of(table)))

    def spell(name: str, cell: Any) -> str:
        return parameter("changes", {name: cell})

    examples = dict(zip(schema.given_names, cells[0], strict=True))
    after = read_changed(read, changes, spell, examples)
    rows = range(1, len(matrix) + 1)
    return what_if_of(model, ReadRows(matrix, cells), after, list(changes), rows)


class ReadRows(NamedTuple):
    """Rows of a table as a model reads them.

    Attributes
    ----------
    matrix : ndarray of float64, shape (n_rows, n_features)
    cells : ndarray, shape (n_rows, n_columns)
        Of own columns, as the table has them.
    """

    matrix: NDArray[np.float64]
    cells: NDArray[Any]


def what_if_of(
    model: "NetworkEstimator",
    before: ReadRows,
    after: ReadRows,
    names: list[str],
    rows: Sequence[int],
    target: str = "",
) -> WhatIf:
    """The same of rows that are read already, before and after; ``names`` are the changed columns.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    before, after : ReadRows
    names : list of str
    rows : sequence of int
    target : str
        The name of the target, "" if it is not known.
    """
    fitted, schema = model._known, model.schema_
    answer, likeness = ExplainedAnswer(fitted), fitted.likeness
    matrix, changed = before.matrix, after.matrix
    old, new = (shown_cells(schema, each.matrix, each.cells) for each in (before, after))
    differs = _differs(schema, before, after)
    places = {name: schema.given_names.index(name) for name in names}
    told, then = (predicted_labels(model, each) for each in (matrix, changed))
    p = None
    if likeness is not None:
        p = np.column_stack([likeness.outlier_p(each) for each in (matrix, changed)])
    return WhatIf(
        changes={name: new[0][place] for name, place in places.items() if differs[:, place].any()},
        cells=[{name: own[place] for name, place in places.items()} for own in old],
        before=answer.predicted(matrix),
        after=answer.predicted(changed),
        members_before=answer.predicted_by_each(matrix),
        members_after=answer.predicted_by_each(changed),
        labels=None if told is None or then is None else [*zip(told, then, strict=True)],
        outlier_p=p,
        classes=answer.labels,
        rows=list(rows),
        same=[
            {name: own[place] for name, place in places.items() if not differs[row, place]}
            for row, own in enumerate(old)
        ],
        quantity=quantity_of(target, model),
        unusual=unusual_cells(model, changed, after.cells, rows),
        texts=new,
        names=list(schema.given_names),
        target_range=answer.target_range,
        n_clipped=_n_clipped(answer, matrix, changed),
    )


def _differs(schema: Schema, before: ReadRows, after: ReadRows) -> NDArray[np.bool_]:
    """Where own columns are read otherwise, also as a bound or as another unknown level.

    Shape (n_rows, n_columns).
    """
    matrix, changed = before.matrix, after.matrix
    found = np.zeros((len(matrix), len(schema.given)), dtype=bool)
    both_missing = np.isnan(matrix) & np.isnan(changed)
    for place, own in enumerate(own_columns(schema)):
        found[:, own] |= (matrix[:, place] != changed[:, place]) & ~both_missing[:, place]
    levels = (unknown_levels(schema, each.matrix, each.cells) for each in (before, after))
    pairs = list(zip(*levels, strict=True))
    for place, name in enumerate(schema.given_names):
        found[:, place] |= [one.get(name) != other.get(name) for one, other in pairs]
    return found


def _n_clipped(
    answer: ExplainedAnswer, matrix: NDArray[np.float64], changed: NDArray[np.float64]
) -> NDArray[np.intp] | None:
    """How many networks compute a number beyond the range, shape (n_rows, 2); None for classes."""
    if answer.labels is not None:
        return None
    found = []
    for rows in (matrix, changed):
        whole, cut = answer.unclipped_by_each(rows), answer.predicted_by_each(rows)
        far = np.abs(whole - cut) > CLIPPED * np.maximum(answer.unit, np.abs(whole))
        found.append(far[..., 0].sum(axis=0))
    return np.column_stack(found)
