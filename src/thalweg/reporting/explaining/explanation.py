"""`Explanation`: why a model answers as it does for some rows, in the user's own columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.schema.given_table import table_of
from thalweg.data.schema.schema import Schema
from thalweg.data.typing import TableLike
from thalweg.errors import SettingsError
from thalweg.estimators.explaining.base_rows import Base, base_rows
from thalweg.estimators.explaining.cell_texts import (
    cell_texts,
    own_cells,
    shown_cells,
    with_numbers,
)
from thalweg.estimators.explaining.explained_answer import ExplainedAnswer
from thalweg.estimators.explaining.explained_rows import Method, explained_rows
from thalweg.estimators.explaining.unusual_cells import UnusualCells, unusual_cells
from thalweg.estimators.input_tables import read_for_predict
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.reporting.explaining.answered_labels import predicted_labels
from thalweg.reporting.explaining.contribution_bars import Waterfall, waterfall_of
from thalweg.reporting.explaining.contribution_words import (
    explanation_text,
    notes_on,
    quantity_of,
)
from thalweg.reporting.explaining.waterfall_html import explanation_html
from thalweg.wording import counted, parameter

if TYPE_CHECKING:
    from thalweg.estimators.network_estimator import NetworkEstimator
    from thalweg.reporting.figures.picture import Picture

METHODS = ("path", "shapley")


@dataclass(frozen=True, eq=False)
class Explanation:
    """Contributions of columns to the answers of a model; the names are those of ``shap``.

    ``base_values + values.sum(axis=1)`` are the answers, to ``sum_error``.

    Attributes
    ----------
    values : ndarray of float64, shape (n_rows, n_columns) or (n_rows, n_columns, n_classes)
        What each column of the user's table adds. Of two classes, to the probability of the
        positive one; of more, to the probability of each; else to the predicted number, before it
        is clipped to the range of the training targets.
    base_values : ndarray of float64, shape (n_rows,) or (n_rows, n_classes)
        The answer for the base.
    data : ndarray, shape (n_rows, n_columns)
        The cells of the table: floats if all columns are numbers, else objects, numbers among them
        as floats.
    feature_names : list of str
    members : ndarray of float64, shape (n_networks, *values.shape)
        The contributions to the answer of each network alone. Their mean is ``values``, unless
        ``calibration_`` corrects the mean of several networks.
    sum_error : float
        How far a base value and its contributions are from the answer, at most.
    method : {"path", "shapley"}
    answers : ndarray of float64, shape of ``base_values``
        In float64; those of `predict` may be of float32.
    predicted : ndarray of float64, shape of ``base_values``
        What the model answers. It differs from ``answers`` where a number is clipped.
    base : str
        What rows are compared with, such as "a typical row".
    classes : list of str or None
        The class, or the classes, of the probabilities; None for numbers.
    labels : list of str or None
        The class that the model predicts for each row; None for numbers.
    rows : list of int
        The numbers of the rows in their table, from 1.
    texts : list of list of str
        The cells as a person reads them.
    base_texts : list of str, or None
        The cells of the base as a person reads them; None for a background of several rows.
    unit : float
        The scale of the answer: 1 for probabilities.
    outlier_p : ndarray of float64, shape (n_rows,), or None
        The share of training rows that are at least as unlike the others as each row; None if the
        model does not know its training rows.
    unusual : list of UnusualCells
        Row by row: numbers and dates outside the range of the training rows, with that range, and
        levels that the model was not fitted on.
    half_categories : list of bool
        Whether a category of each row is another one than that of a row of the base.
    n_base : int
        How many rows the base has.
    quantity : str
        What a predicted number is called: "number", or such as "predicted price".
    """

    values: Floats
    base_values: Floats
    data: NDArray[Any]
    feature_names: list[str]
    members: Floats
    sum_error: float
    method: str
    answers: Floats
    predicted: Floats
    base: str
    classes: list[str] | None
    labels: list[str] | None
    rows: list[int]
    texts: list[list[str]]
    unusual: list[UnusualCells]
    half_categories: list[bool]
    n_base: int
    quantity: str
    base_texts: list[str] | None = None
    unit: float = 1.0
    outlier_p: Floats | None = None

    def __len__(self) -> int:
        return len(self.values)

    def waterfall(self, row: int = 0, label: str | None = None, most: int = 8) -> Waterfall:
        """The bars of one row, from the base to the answer, the largest first.

        Parameters
        ----------
        row : int
            The place of the row in this explanation, from 0.
        label : str, optional
            Of several classes, whose probability; by default that of the predicted one.
        most : int
            So many bars; further columns are one bar together.
        """
        return waterfall_of(self, row, label, most)

    def to_frame(self) -> pd.DataFrame:
        """A line for each row and column (and class, if there are several).

        Returns
        -------
        DataFrame
            ``row`` (from 1), ``class`` for several classes, ``column``, ``cell``,
            ``contribution``, ``low`` and ``high`` (the least and the largest of the networks'),
            ``base`` and ``answer``.
        """
        several = self.values.ndim == 3
        values, members = self.values, self.members
        base, answers = self.base_values, self.answers
        if not several:
            values, members = values[..., None], members[..., None]
            base, answers = base[:, None], answers[:, None]
        n_rows, n_columns, n_answers = values.shape
        low, high = members.min(axis=0), members.max(axis=0)
        lines = [
            (
                self.rows[row],
                *([self.classes[k]] if several and self.classes else []),
                self.feature_names[j],
                self.texts[row][j],
                *(float(each[row, j, k]) for each in (values, low, high)),
                float(base[row, k]),
                float(answers[row, k]),
            )
            for row in range(n_rows)
            for k in range(n_answers)
            for j in range(n_columns)
        ]
        heads = ["row", *(["class"] if several else []), "column", "cell", "contribution"]
        return pd.DataFrame(lines, columns=[*heads, "low", "high", "base", "answer"])

    def notes(self, row: int = 0, label: str | None = None) -> list[str]:
        """What has to be said beside the bars of a row: networks that disagree, unusual cells."""
        return notes_on(self, row, label)

    def plot(self, row: int = 0, *, label: str | None = None, dark: bool = False) -> "Picture":
        """The waterfall of a row as a figure; the parameters are those of `waterfall`."""
        from thalweg.reporting.figures.waterfall_plot import waterfall_figure

        return waterfall_figure(self.waterfall(row, label), self.notes(row, label), dark=dark)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON: numbers are not rounded."""
        return {
            "method": self.method,
            "base": self.base,
            "base_cells": None
            if self.base_texts is None
            else dict(zip(self.feature_names, self.base_texts, strict=True)),
            "classes": self.classes,
            "columns": list(self.feature_names),
            "sum_error": self.sum_error,
            "rows": [self._row_data(place) for place in range(len(self))],
        }

    def _row_data(self, place: int) -> dict[str, Any]:
        return {
            "row": self.rows[place],
            "label": None if self.labels is None else self.labels[place],
            "cells": dict(zip(self.feature_names, self.texts[place], strict=True)),
            "base_value": self.base_values[place].tolist(),
            "answer": self.answers[place].tolist(),
            "predicted": self.predicted[place].tolist(),
            "outlier_p": None if self.outlier_p is None else float(self.outlier_p[place]),
            **self.unusual[place].as_dict(),
            "contributions": self.values[place].tolist(),
            "members": self.members[:, place].tolist(),
            "notes": self.notes(place),
        }

    def __str__(self) -> str:
        return "\n\n".join(explanation_text(self, row) for row in range(min(len(self), 3))) + (
            f"\n\nand {counted(len(self) - 3, 'more row')}" if len(self) > 3 else ""
        )

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """The waterfall of the first row for a notebook: no script, and nothing is loaded."""
        return explanation_html(self)


def explain_model(
    model: "NetworkEstimator",
    X: TableLike,
    *,
    background: TableLike | None = None,
    against: TableLike | None = None,
    method: Method = "path",
) -> Explanation:
    """Explain the answers of a fitted model for the rows of a table.

    Contributions add up: the answer for the base and the contributions of all columns give the
    answer for the row. Without ``background`` and ``against``, the base is the typical row that the
    model keeps: the median of each number or date, the most common level of each category, nothing
    missing.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    X : table
        The rows to explain.
    background : table, optional
        At most 100 rows; contributions are averaged over them, and the base value is the mean of
        their answers.
    against : table of one row, optional
        Another row to compare with.
    method : {"path", "shapley"}
        "path" follows the straight way from the base to the row through all networks; "shapley"
        averages over all orders in which columns can change, for at most 12 columns that differ.

    Returns
    -------
    Explanation

    Raises
    ------
    DataError, SettingsError
        If a table does not fit, or contributions do not add up.
    """
    _require_method(method)
    base = base_rows(model, background, against)
    table = table_of(X)
    matrix = np.asarray(read_for_predict(model, X), np.float64)
    cells = own_cells(model.schema_, table)
    return explanation_of(model, matrix, cells, range(1, len(matrix) + 1), base, method)


def explanation_of(
    model: "NetworkEstimator",
    matrix: NDArray[np.float64],
    cells: NDArray[Any],
    rows: Sequence[int],
    base: Base,
    method: Method,
    target: str = "",
) -> Explanation:
    """The explanation of rows that are read already.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    matrix : ndarray of float64, shape (n_rows, n_features)
    cells : ndarray, shape (n_rows, n_columns)
        The cells of own columns.
    rows : sequence of int
        Their numbers in the table, from 1.
    base : Base
    method : {"path", "shapley"}
    target : str
        The name of the target, "" if it is not known.
    """
    _require_method(method)
    fitted, schema = model._known, model.schema_
    likeness = fitted.likeness
    answer = ExplainedAnswer(fitted)
    found = explained_rows(fitted, matrix, base.matrix, method, rows)
    several = answer.labels is not None and len(answer.labels) > 1

    def shaped(each: Floats) -> Floats:
        return each if several else each[..., 0]

    base_values = np.repeat(found.base_values[None], len(matrix), axis=0)
    return Explanation(
        values=shaped(found.values),
        base_values=shaped(base_values),
        data=with_numbers(schema, matrix, cells),
        feature_names=list(schema.given_names),
        members=shaped(found.members),
        sum_error=found.sum_error,
        method=method,
        answers=shaped(found.answers),
        predicted=shaped(answer.predicted(matrix)),
        base=base.name,
        classes=answer.labels,
        labels=predicted_labels(model, matrix),
        rows=list(rows),
        texts=shown_cells(schema, matrix, cells),
        unusual=unusual_cells(model, matrix, cells, rows),
        half_categories=_half_categories(schema, matrix, base.matrix),
        n_base=len(base.matrix),
        quantity=quantity_of(target, model),
        base_texts=cell_texts(schema, base.matrix)[0] if len(base.matrix) == 1 else None,
        unit=answer.unit,
        outlier_p=None if likeness is None else likeness.outlier_p(matrix),
    )


def _half_categories(
    schema: Schema, matrix: NDArray[np.float64], base: NDArray[np.float64]
) -> list[bool]:
    """Which rows differ from a row of the base in a category, or in whether it is missing."""
    places = [k for k, each in enumerate(schema.columns) if each.kind in ("category", "boolean")]
    rows, bases = matrix[:, None, places], base[None, :, places]
    same = (rows == bases) | (np.isnan(rows) & np.isnan(bases))
    found: list[bool] = (~same).any(axis=(1, 2)).tolist()
    return found


def _require_method(method: str) -> None:
    if method not in METHODS:
        raise SettingsError(
            f"{parameter('method', method)} is not a known method",
            fix=f"take one of {', '.join(METHODS)}",
        )
