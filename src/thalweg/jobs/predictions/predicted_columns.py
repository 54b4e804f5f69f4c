"""Predictions column by column, as streams write them, without rows of Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.deciding.predicts_levels import levels_asked
from thalweg.estimators.outputs.level_outputs import names_of_levels
from thalweg.evaluation.decisions.abstention import doubt_of
from thalweg.jobs.predictions.predicted_rows import (
    CANNOT_TELL,
    PREDICTION,
    Cell,
    PredictedRows,
    carried_columns,
    cell_texts,
    csv_bytes,
    rounded_number,
    rounded_probability,
)

if TYPE_CHECKING:
    from thalweg.jobs.parts.model_table import Features
    from thalweg.persistence.rebuilt import Model

# The cells of a column: numbers as an array, or texts, numbers and None.
Cells: TypeAlias = Sequence[Cell] | np.ndarray


@dataclass(frozen=True, eq=False)
class PredictedColumns:
    """Columns of predictions.

    Attributes
    ----------
    columns : list of str
        All different.
    cells : list of sequence or ndarray of float64
        Those of each column.
    """

    columns: list[str]
    cells: list[Cells]

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.cells[0])

    def of(self, column: str) -> Cells:
        """The cells of a column."""
        return self.cells[self.columns.index(column)]

    def with_last(self, column: str, cells: Cells) -> "PredictedColumns":
        """The same with a further column behind the others."""
        return PredictedColumns([*self.columns, column], [*self.cells, cells])

    def with_ids(self, ids: pd.DataFrame, places: np.ndarray | None = None) -> "PredictedColumns":
        """The same after the columns that are carried along, as `PredictedRows.with_ids`."""
        first, cells = carried_columns(self.columns, ids, places)
        return PredictedColumns([*first, *self.columns], [*cells, *self.cells])

    def rows(self) -> PredictedRows:
        """The same as rows."""
        lists = [each.tolist() if isinstance(each, np.ndarray) else each for each in self.cells]
        return PredictedRows(self.columns, [*zip(*lists, strict=True)])

    def csv(self, *, header: bool = True) -> bytes:
        """As `predicted_rows.csv_bytes` writes the rows."""
        lines = map(",".join, zip(*map(cell_texts, self.cells), strict=True))
        text = "".join([f"{line}\n" for line in lines]).encode("utf-8", "backslashreplace")
        return csv_bytes(self.columns, []) + text if header else text


def predicted_columns(
    model: "Model",
    X: "Features",
    classes: np.ndarray | None = None,
    *,
    digits: int | None = None,
    words: Mapping[str, str] | None = None,
    abstain: float | None = None,
) -> PredictedColumns:
    """The label and the probability of each class, or the number or quantiles, for each row.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    X : DataFrame or ndarray
    classes : ndarray, optional
        The classes that have a column, if the model may know fewer of them; by default its own,
        sorted, or grades in their order.
    digits : int, optional
        As in `rounded_probability` and `rounded_number`.
    words : mapping of str to str, optional
        What is written for a class, by its label.
    abstain : float, optional
        The price of no answer: rows whose expected error is above it are not called.
    """
    if not isinstance(model, ThalwegClassifier):
        if levels := levels_asked(model):
            return _quantiles(np.asarray(model.predict(X)), levels, digits)
        numbers = np.asarray(model.predict(X))
        return PredictedColumns([PREDICTION], [_rounded_numbers(numbers, digits)])
    words, own = words or {}, model.classes_
    if classes is None:  # grades have an order, and its columns have it, too
        classes = np.asarray(getattr(model, "grades_", own))
    probability = model.predict_proba(X)
    labels = [words.get(str(each), each) for each in model.called(probability).tolist()]
    if abstain is not None:
        unsure = (doubt_of(probability) > abstain).tolist()
        labels = [CANNOT_TELL if no else label for label, no in zip(labels, unsure, strict=True)]
    found = np.zeros((len(labels), len(classes)))
    sorter = np.argsort(classes)
    found[:, sorter[np.searchsorted(classes, own, sorter=sorter)]] = probability
    probabilities: list[Cells] = [*found.T]
    if digits is not None:
        probabilities = [
            [rounded_probability(p, digits) for p in column.tolist()] for column in found.T
        ]
    columns = [PREDICTION, *(f"p_{words.get(str(each), each)}" for each in classes.tolist())]
    return PredictedColumns(columns, [labels, *probabilities])


def _quantiles(values: np.ndarray, levels: Sequence[float], digits: int | None) -> PredictedColumns:
    """A column for each level; rounding keeps their order."""
    cells = [_rounded_numbers(column, digits) for column in values.T]
    return PredictedColumns(names_of_levels(levels), cells)


def _rounded_numbers(numbers: np.ndarray, digits: int | None) -> Cells:
    if digits is None:
        return numbers
    return [rounded_number(each, digits) for each in numbers.tolist()]


def predicted(
    model: "Model", X: "Features", classes: np.ndarray | None = None, **asked: Any
) -> PredictedRows:
    """The rows of `predicted_columns`, which has the same parameters."""
    return predicted_columns(model, X, classes, **asked).rows()
