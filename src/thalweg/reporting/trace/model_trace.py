"""Traces a fitted classifier: rows of a raw table, through the network and back."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from thalweg.data.label_types import visibly_known
from thalweg.data.schema.given_table import GivenTable, table_of
from thalweg.data.typing import TableLike, TargetLike
from thalweg.errors import DataError
from thalweg.estimators.deciding.calibrated_predictions import facing, map_of, probabilities_of
from thalweg.estimators.input_tables import read_for_predict
from thalweg.estimators.learning.fitted_networks import outputs_of
from thalweg.estimators.parameters.optimizer_of_fit import fitted_optimizer
from thalweg.estimators.repeated_descent import as_fitted, objective_of, require_two_classes
from thalweg.network.engine import Data, Objective
from thalweg.network.formulas.losses import smoothed
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.trace.encoded_columns import at_the_ends, column_names
from thalweg.reporting.trace.table_rows import TableRows
from thalweg.reporting.trace.trace_data import Facts, Names, chain_data, trace_data, update_data
from thalweg.reporting.trace.trace_display import Shown
from thalweg.tracing.chain_rule import chain, find_weight
from thalweg.tracing.network_check import BATCH, TOLERANCE, ModelCheck, check_model
from thalweg.tracing.planted_faults import FAULTS
from thalweg.tracing.row_trace import Trace, trace

if TYPE_CHECKING:
    from thalweg.estimators.classifier import ThalwegClassifier

# A trace is for a few rows: more would be a table of numbers that nobody reads.
MOST_ROWS = 100


class ModelTrace(Shown):
    """A trace of a fitted classifier; a notebook displays it, ``print`` writes it as text.

    Attributes
    ----------
    data : dict
        Everything that is shown, from `trace_data`.
    trace : Trace
        The numbers as arrays.
    """

    def __init__(self, traced: Trace, names: Names, settings: Facts) -> None:
        self.trace, self._names, self._settings = traced, names, settings
        super().__init__("trace", trace_data(traced, names, **settings))

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
) -> ModelTrace:
    """Trace rows of a raw table through a fitted classifier, and the gradient back.

    Parameters
    ----------
    model : ThalwegClassifier
        A fitted model.
    X : DataFrame, Series or array of shape (n_rows, n_features) or (n_features,)
        One row, or up to 100 as one batch. Rows of a table can be read together with it
        (`table_rows`); then ``rows`` is not needed.
    y : label, or array of shape (n_rows,), optional
        The true labels; default: the predicted classes.
    weight : str, optional
        The weight, ``W1[3,2]`` or ``W1[3,age]``; default: the one with the largest gradient,
        without the penalty.
    optimizer : str, optional
        The optimizer of the update; default: that of the model.
    steps : int, default 3
        How many update steps, from an empty memory.
    rows, subject : sequence of int, str, optional
        The numbers of the rows in their table, from 1, and the table's name.

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
    require_two_classes(model)
    table, y, rows = _as_rows(X, y, rows)
    if table.n_rows > MOST_ROWS:
        raise DataError(
            f"{table.n_rows:,} rows are too many to trace",
            why="Every number of each of them would be shown",
            fix=f"take {MOST_ROWS} rows or fewer",
        )
    matrix, codes = _understood(model, X if isinstance(X, TableRows) else table, y, rows)
    data = at_the_ends(_seen(model, matrix, codes), model.encoder_)
    traced = trace(model.architecture_, _objective(model), model.theta_, data)
    names = column_names(model, table, matrix, codes, rows, supposed=y is None, subject=subject)
    names = replace(names, calibrated=_calibrated(model, matrix, names.rows))
    rule = optimizer or str(fitted_optimizer(model.settings_))
    return ModelTrace(traced, names, {"weight": weight, "optimizer": rule, "steps": steps})


def check_model_gradient(
    model: Any,
    X: TableLike | TableRows | None = None,
    y: TargetLike | None = None,
    *,
    fault: str | None = None,
    seed: int = 0,
) -> Shown:
    """Check the gradient of a fitted classifier against finite differences of its loss.

    Parameters
    ----------
    model : ThalwegClassifier
        A fitted model.
    X : DataFrame or array of shape (n_rows, n_features), optional
        Rows for the check; default: random rows.
    y : array of shape (n_rows,), optional
        The true labels; default: the predicted classes.
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
    require_two_classes(model)
    data = None
    if X is not None:
        table, y, rows = _as_rows(X, y)
        matrix, codes = _understood(model, X if isinstance(X, TableRows) else table, y, rows)
        data = _seen(model, matrix, codes)
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


def _objective(model: "ThalwegClassifier") -> Objective:
    """The training loss of the first network, without dropout; without penalty if unknown."""
    found = objective_of(model)
    if found is None:
        return Objective(model.members_[0].outputs.loss)
    return replace(found, dropout=0.0)


def _seen(model: "ThalwegClassifier", matrix: np.ndarray, codes: np.ndarray) -> Data:
    """Rows as the first network was trained on them: encoded, with label smoothing and costs."""
    first = model.members_[0]
    Y = smoothed(first.outputs.targets(codes), float(as_fitted(model).label_smoothing))
    costs = first.outputs.costs_of(codes) if first.taught else None
    return Data.of(first.encoder.encode(matrix), Y, costs)


def _calibrated(
    model: "ThalwegClassifier", matrix: np.ndarray, rows: Sequence[int]
) -> Facts | None:
    """The last step of the model's own prediction: the map of its calibration, row by row."""
    known = model._known
    calibration = map_of(known)
    if calibration is None:
        return None
    raw, place = outputs_of(known.networks, matrix), int(facing(known) > 0)
    z = facing(known) * model._classes.decision(raw)
    mean, answer = model._classes.probabilities(raw), probabilities_of(known, raw)
    steps = zip(
        rows, mean[:, place].tolist(), z.tolist(), calibration.line(z).tolist(),
        answer[:, place].tolist(), strict=True,
    )  # fmt: skip
    return {
        "of": clipped(model.positive_),
        "kind": calibration.kind,
        "intercept": calibration.intercept,
        "slope": calibration.slope,
        "rows": [dict(zip(("row", "mean", "z", "moved", "answer"), each, strict=True))
                 for each in steps],
    }  # fmt: skip


def _as_rows(
    X: TableLike | TableRows, y: TargetLike | None, rows: Sequence[int] | None = None
) -> tuple[GivenTable, TargetLike | None, Sequence[int] | None]:
    """A table, in which a Series or a vector is one row; its labels, and its row numbers."""
    labels = None if y is None else np.atleast_1d(np.asarray(y))
    if isinstance(X, TableRows):
        return X.table, labels, X.rows
    if isinstance(X, pd.Series):
        X = X.to_frame().T
    elif isinstance(X, list | tuple | np.ndarray) and np.ndim(X) == 1:
        X = np.array(X, dtype=object).reshape(1, -1)  # texts and numbers stay what they are
    return table_of(X), labels, rows


def _understood(
    model: "ThalwegClassifier",
    table: GivenTable | TableRows,
    y: TargetLike | None,
    rows: Sequence[int] | None,
) -> tuple[np.ndarray, np.ndarray]:
    """The cells as numbers, and 0 or 1 for each row."""
    if isinstance(table, TableRows):
        matrix = table.matrix
    else:
        matrix = np.asarray(read_for_predict(model, table), dtype=np.float64)
    if y is None:
        y = model.called(probabilities_of(model._known, outputs_of(model.members_, matrix)))
    return matrix, _codes(model, y, rows or range(1, len(matrix) + 1))


def _codes(model: "ThalwegClassifier", labels: TargetLike, rows: Sequence[int]) -> np.ndarray:
    """0.0 or 1.0 for each row, from its label; a message names the row by its number."""
    told = np.asarray(labels)
    if told.shape != (len(rows),):
        raise DataError(
            f"{told.size} labels do not fit {len(rows)} rows", fix="give one label for each row"
        )
    # Compare as text, too: a table that was read from a file has labels as text.
    known = [str(label) for label in model.classes_.tolist()]
    texts = visibly_known([str(label) for label in told.tolist()], known)
    for row, label in zip(rows, texts, strict=True):
        if label not in known:
            raise DataError(
                f'The label "{clipped(label)}" is not one of the model\'s',
                where=f"row {row:,}",
                fix=f'give labels that are "{known[0]}" or "{known[1]}"',
            )
    return np.array([float(known.index(label)) for label in texts])
