"""Traces a fitted model: rows of a raw table, through the network and back."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.schema.given_table import GivenTable, table_of
from thalweg.data.typing import TableLike, TargetLike
from thalweg.errors import DataError
from thalweg.estimators.input_tables import read_for_predict
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.parameters.optimizer_of_fit import fitted_optimizer
from thalweg.estimators.repeated_descent import objective_of
from thalweg.network.engine import Data, Objective
from thalweg.reporting.trace.encoded_columns import at_the_ends, column_names
from thalweg.reporting.trace.page.changeable_row import changeable_row, row_formulas
from thalweg.reporting.trace.table_rows import TableRows
from thalweg.reporting.trace.targets.calibrated_steps import calibrated_steps
from thalweg.reporting.trace.targets.largest_loss import (
    LargestLoss,
    largest_loss,
    network_targets,
)
from thalweg.reporting.trace.targets.traced_target import numbers_of_rows
from thalweg.reporting.trace.trace_data import Facts, Names, chain_data, trace_data, update_data
from thalweg.reporting.trace.trace_display import Shown
from thalweg.tracing.chain_rule import chain, find_weight
from thalweg.tracing.network_check import BATCH, TOLERANCE, ModelCheck, check_model
from thalweg.tracing.planted_faults import FAULTS
from thalweg.tracing.row_trace import Trace, trace

if TYPE_CHECKING:
    from thalweg.reporting.figures.picture import Picture

# A trace is for a few rows: more would be a table of numbers that nobody reads.
MOST_ROWS = 100
# Of its page inside a notebook, in pixels.
_HEIGHT = 1020


class ModelTrace(Shown):
    """A trace of a fitted model; a notebook displays it, ``print`` writes it as text.

    Attributes
    ----------
    data : dict
        Everything that is shown, from `trace_data`.
    trace : Trace
        The numbers as arrays.
    """

    def __init__(
        self,
        traced: Trace,
        names: Names,
        settings: Facts,
        page: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self.trace, self._names, self._settings = traced, names, settings
        self._page = page
        super().__init__("trace", trace_data(traced, names, **settings))

    def figure(self, *, dark: bool = False) -> "Picture":
        """The network at the last stop, with the chain rule of the weight, as a figure."""
        from thalweg.reporting.trace.page.trace_figure import trace_figure

        return trace_figure(self.data, dark=dark)

    def _of_page(self) -> dict[str, Any]:
        return self._page()

    def _ipython_display_(self) -> None:
        from thalweg.reporting.notebook.framed_page import FramedPage

        FramedPage(self.to_html(), self.figure(), height=_HEIGHT, words=str(self)).display()

    def chain(self, weight: str) -> Shown:
        """The derivative of the loss with respect to one weight, with every factor.

        Parameters
        ----------
        weight : str
            ``W1[3,2]``: layer, unit, column, each counted from 1; in the first layer also by the
            column's name, ``W1[3,age]``. ``b1[3]`` is a bias.
        """
        factors = chain(self.trace, weight, inputs=self._names.inputs)
        return Shown("chain", chain_data(self.trace, factors, self._names))

    def update(self, weight: str, optimizer: str | None = None, steps: int = 3) -> Shown:
        """The update steps of an optimizer with that derivative, from an empty memory.

        Parameters
        ----------
        weight : str
        optimizer : str, optional
            Such as ``"sgd:lr=0.1,momentum=0.9"``; default: that of the model.
        steps : int, default 3
        """
        name = find_weight(self.trace, weight, self._names.inputs).name
        text = optimizer or str(self._settings["optimizer"])
        return Shown("update", {**update_data(self.trace, name, text, steps), "name": name})


def trace_model(
    model: Any,
    X: TableLike | TableRows,
    y: TargetLike | None = None,
    *,
    weight: str | None = None,
    optimizer: str | None = None,
    steps: int = 3,
    rows: Sequence[int] | None = None,
    subject: str = "",
    largest: bool = False,
    picked: LargestLoss | None = None,
    copies: Mapping[str, str] | None = None,
) -> ModelTrace:
    """Trace rows of a raw table through a fitted model, and the gradient back.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        A fitted model.
    X : DataFrame, Series or array of shape (n_rows, n_features) or (n_features,)
        One row, or up to 100 as one batch; or rows read with their table (`table_rows`).
    y : label or number, or array of shape (n_rows,), optional
        The true labels; default: the predicted classes. The true numbers of a regression, which has
        no default: with its own prediction as the truth, every derivative would be 0.
    weight : str, optional
        The weight, ``W1[3,2]`` or ``W1[3,age]``; default: the one with the largest gradient,
        without the penalty.
    optimizer, steps : str, optional, and int, default 3
        The optimizer of the update (default: that of the model); how many steps, from an empty
        memory.
    rows, subject : sequence of int, str, optional
        The numbers of the rows in their table, from 1, and the table's name.
    largest : bool, default False
        Trace only the row with the largest loss in this network, of any number of rows.
    picked, copies : LargestLoss, mapping, optional
        Why this row is traced, if `largest_loss` chose it before; for the page, ``command`` and
        ``python`` that make the trace again.

    Returns
    -------
    ModelTrace
        The trace of the first network, with the training loss of this network: its penalties, class
        costs and label smoothing are included, dropout is not. Rows are encoded as new rows: where
        a category has target codes, training had others for its own rows.

    Raises
    ------
    DataError, SettingsError
        If the rows or their labels do not fit the model; if weight or optimizer is not valid.
    """
    check_is_fitted(model)
    read = _read(model, X, y, rows, picked, largest=largest)
    data = at_the_ends(_seen(model, read.matrix, read.numbers), model.encoder_)
    traced = trace(model.architecture_, _objective(model), model.theta_, data)
    rule = optimizer or str(fitted_optimizer(model.settings_))
    settings = {"weight": weight, "optimizer": rule, "steps": steps}
    page = partial(_of_page, model, read.matrix, copies)
    return ModelTrace(traced, _names(model, read, subject), settings, page)


def _of_page(
    model: NetworkEstimator, matrix: np.ndarray, copies: Mapping[str, str] | None
) -> dict[str, Any]:
    """What a page needs to encode a changed row, and what can be copied from it."""
    changed, formulas = changeable_row(model, matrix), row_formulas(model)
    return {"changed": changed, "formulas": formulas, "copies": copies}


class _Read(NamedTuple):
    """Rows to trace: their cells as given and as numbers, targets, and their own numbers."""

    table: GivenTable
    matrix: np.ndarray
    numbers: np.ndarray
    rows: Sequence[int] | None
    supposed: bool
    picked: LargestLoss | None


def _read(
    model: NetworkEstimator,
    X: TableLike | TableRows,
    y: TargetLike | None,
    rows: Sequence[int] | None,
    picked: LargestLoss | None,
    *,
    largest: bool,
) -> _Read:
    """The rows to trace; only that with the largest loss, if it is asked for."""
    table, y, rows = _as_rows(X, y, rows)
    if table.n_rows > MOST_ROWS and not largest:
        raise DataError(
            f"{table.n_rows:,} rows are too many to trace",
            why="Every number of each of them would be shown",
            fix=f"take {MOST_ROWS} rows or fewer, or largest=True for the one with the largest "
            "loss",
        )
    matrix, numbers = _understood(model, X if isinstance(X, TableRows) else table, y, rows)
    if largest:
        picked = largest_loss(model, matrix, numbers)
        one = np.array([picked.place])
        rows = [picked.place + 1 if rows is None else rows[picked.place]]
        table, matrix, numbers = table.take(one), matrix[one], numbers[one]
    return _Read(table, matrix, numbers, rows, y is None, picked)


def _names(model: Any, read: _Read, subject: str) -> Names:
    """The names of rows and columns, why a row was taken, and the step of the calibration."""
    table, matrix, numbers, rows, supposed, picked = read
    names = column_names(model, table, matrix, numbers, rows, supposed=supposed, subject=subject)
    chosen = None
    if picked is not None:
        chosen = {
            "row": names.rows[0], "loss": picked.loss, "n_rows": picked.n_rows,
            "lowest": picked.lowest,
        }  # fmt: skip
    return replace(names, calibrated=calibrated_steps(model, matrix, names.rows), picked=chosen)


def check_model_gradient(
    model: Any,
    X: TableLike | TableRows | None = None,
    y: TargetLike | None = None,
    *,
    fault: str | None = None,
    seed: int = 0,
) -> Shown:
    """Check the gradient of a fitted model against finite differences of its loss.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        A fitted model.
    X : DataFrame or array of shape (n_rows, n_features), optional
        Rows for the check; default: random rows.
    y : array of shape (n_rows,), optional
        The true labels or numbers; default: the predicted classes. Needed for numbers.
    fault : str, optional
        The name of a fault to plant in the gradient, which the check must detect
        (`thalweg.tracing.planted_faults`).
    seed : int, default 0
        The random seed of random rows, and of the order of the rows.

    Returns
    -------
    Shown
        ``data["passes"]`` says whether the largest relative error is at most 1e-6.

    Raises
    ------
    DataError
        If the rows or their labels do not fit the model.
    SettingsError
        If there is no such fault, or it does not show in this network.
    """
    check_is_fitted(model)
    data = None
    if X is not None:
        table, y, rows = _as_rows(X, y)
        matrix, numbers = _understood(model, X if isinstance(X, TableRows) else table, y, rows)
        data = _seen(model, matrix, numbers)
    problem = (model.architecture_, _objective(model), model.theta_, data)
    found = check_data(check_model(*problem, fault=fault, seed=seed), fault)
    return Shown("check", {**found, "objective_known": model.members_[0].taught is not None})


def check_data(check: ModelCheck, fault: str | None) -> Facts:
    """A gradient check as plain data; numbers that are not finite are None."""

    def plain(value: float) -> float | None:
        return value if math.isfinite(value) else None

    return {
        "passes": check.passes,
        "compares": check.compares,
        "worst": plain(check.worst),
        "tolerance": TOLERANCE,
        "batch": BATCH,
        "n_parameters": check.n_parameters,
        "n_rows": check.n_rows,
        "drawn": check.drawn,
        "fault": fault,
        "fault_text": FAULTS[fault].text if fault else "",
        "parts": [
            {
                "part": part.part,
                "errors": {name: plain(error) for name, error in part.errors.items()},
                "apart": {name: plain(error) for name, error in part.apart.items()},
                "worst": plain(part.worst),
                "compared": part.compared,
                "shortened": part.shortened,
                "redrawn": part.redrawn,
                "left_out": part.left_out,
                "unseen": list(part.unseen),
                "absent": list(part.absent),
            }
            for part in check.parts
        ],
    }


def _objective(model: NetworkEstimator) -> Objective:
    """The training loss of the first network, without dropout; without penalty if unknown."""
    found = objective_of(model)
    if found is None:
        return Objective(model.members_[0].outputs.loss)
    return replace(found, dropout=0.0)


def _seen(model: NetworkEstimator, matrix: np.ndarray, numbers: np.ndarray) -> Data:
    """Rows as the first network was trained on them: encoded, with label smoothing and costs."""
    first = model.members_[0]
    costs = first.outputs.costs_of(numbers) if first.taught else None
    return Data.of(first.encoder.encode(matrix), network_targets(model, numbers), costs)


def _as_rows(
    X: TableLike | TableRows, y: TargetLike | None, rows: Sequence[int] | None = None
) -> tuple[GivenTable, TargetLike | None, Sequence[int] | None]:
    """A table, in which a Series or a vector is one row; its labels, and its row numbers."""
    rows = None if rows is None else [int(each) for each in rows]  # JSON has no numbers of NumPy
    labels = None if y is None else np.atleast_1d(np.asarray(unmasked(y)))
    if isinstance(X, TableRows):
        return X.table, labels, X.rows
    if isinstance(X, pd.Series):
        X = X.to_frame().T
    elif isinstance(X, list | tuple | np.ndarray) and np.ndim(X) == 1:
        X = np.array(X, dtype=object).reshape(1, -1)  # texts and numbers stay what they are
    return table_of(X), labels, rows


def _understood(
    model: NetworkEstimator,
    table: GivenTable | TableRows,
    y: TargetLike | None,
    rows: Sequence[int] | None,
) -> tuple[np.ndarray, np.ndarray]:
    """The cells as numbers, and the code of the class, or the number, of each row."""
    if isinstance(table, TableRows):
        matrix = table.matrix
    else:
        matrix = np.asarray(read_for_predict(model, table), dtype=np.float64)
    return matrix, numbers_of_rows(model, y, matrix, rows or range(1, len(matrix) + 1))
