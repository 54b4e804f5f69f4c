"""A fitted thalweg model as effect curves ask it: only the moved column is encoded anew."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.encoder import Encoder
from thalweg.data.schema.column_floats import Column
from thalweg.errors import SettingsError
from thalweg.estimators.conformal.error_scales import ErrorScales
from thalweg.estimators.deciding.calibrated_predictions import (
    calibrated_values,
    decision_of,
    facing,
    map_of,
    probabilities_of,
)
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.outputs.class_outputs import Classes, Floats, average
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.estimators.outputs.target_outputs import one_answer
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.evaluation.conformal.class_scores import ClassScores
from thalweg.evaluation.effects.any_model_source import AskedScale, refuse_log_odds, require_scale
from thalweg.evaluation.effects.effect_source import ColumnOfRows, Rows, Scale
from thalweg.evaluation.effects.row_counts import too_few_taught
from thalweg.evaluation.section_texts.effect_texts import UNKNOWN_LEVEL
from thalweg.network.engine import Data, choose
from thalweg.wording import parameter

# Rows that a network is asked about at a time.
_PIECE = 2**14
# How a fit stops that holds out each of its rows once.
_OF_ALL_ROWS = ("cross-validation", "folds")


@dataclass(frozen=True, eq=False)
class _EncodedRows:
    """The rows as an encoder gives them, and which outputs read which column."""

    encoder: Encoder
    rows: NDArray[np.floating]
    column: Rows

    @classmethod
    def of(cls, encoder: Encoder, matrix: Floats, dtype: np.dtype[np.floating]) -> "_EncodedRows":
        columns = [np.asarray(form.column) for form in encoder.forms()]
        return cls(encoder, encoder.encode(matrix, dtype), np.concatenate(columns).astype(np.intp))

    def moved(self, rows: Rows, columns: Rows, few: Floats, places: Rows) -> NDArray[np.floating]:
        """Rows whose outputs of some columns are those of a few other rows.

        Parameters
        ----------
        rows : ndarray of int, shape (n,)
        columns : ndarray of int
            The columns that are moved.
        few : ndarray of float64, shape (n_few, n_features)
            Rows that have each value of these columns.
        places : ndarray of int, shape (n,)
            Which of the few each row gets.
        """
        own = np.flatnonzero(np.isin(self.column, columns))
        found = self.rows[rows]
        found[:, own] = self.encoder.encode(few, found.dtype)[:, own][places]
        return found


class FittedSource:
    """A fitted model, and rows of a table.

    Parameters
    ----------
    fitted : Fitted
    matrix : ndarray of float64, shape (n_rows, n_features)
        The rows, as the schema reads them.
    scale : {"auto", "log-odds", "probability"}
        Of the answers of two classes.
    positive : label, optional
        The one of two classes whose answers are shown.
    """

    def __init__(
        self, fitted: Fitted, matrix: Floats, scale: AskedScale = "auto", positive: object = None
    ) -> None:
        require_scale(scale)
        self._known, self._matrix = fitted, matrix
        outputs = one_answer(fitted.outputs, "An effect curve")
        self._facing = 1.0
        self.scale: Scale = "number"
        self.outputs: tuple[str, ...] = ("",)
        self._order: slice | Rows = slice(None)
        if isinstance(outputs, Classes):
            labels = outputs.labels.tolist()
            self.scale = "probability" if len(labels) > 2 or scale == "probability" else "log-odds"
            self.outputs = tuple(map(str, labels))
            if len(labels) > 2:
                refuse_log_odds(scale)
                if isinstance(outputs, Grades):  # readers see them in their order
                    self._order = np.argsort(outputs.ranks)
                    self.outputs = tuple(map(str, outputs.order.tolist()))
            else:
                self._facing = _side(fitted, labels, positive)
                self.outputs = (str(labels[int(self._facing > 0)]),)

    @cached_property
    def _given(self) -> list[int]:
        """The positions of the user's columns in the matrix."""
        return [j for j, each in enumerate(self._known.schema.columns) if not each.source]

    @cached_property
    def columns(self) -> tuple[ColumnOfRows, ...]:
        """The user's columns, in the order of the fit."""
        columns = self._known.schema.columns
        return tuple(_column_of(columns[j], self._matrix[:, j]) for j in self._given)

    @cached_property
    def too_few_taught(self) -> tuple[str, ...]:
        """For each class why its training rows show no direction; "" if they may, or unknown.

        The rows of the fit are counted by the scores that their folds held out.
        """
        scores = self._known.conformal
        if not isinstance(scores, ClassScores) or self._known.stopping not in _OF_ALL_ROWS:
            return ("",) * len(self.outputs)
        of_two = len(self.outputs) == 1
        counts = scores.n.min(keepdims=True) if of_two else scores.n[self._order]
        grouped = self._known.also == "groups"
        return tuple(too_few_taught(n, grouped=grouped, of_two=of_two) for n in counts.tolist())

    @property
    def n_folds(self) -> int:
        """The folds of a fit of which each network was trained without one; else 0."""
        fitted = self._known
        scores = (
            fitted.conformal.residuals
            if isinstance(fitted.conformal, ErrorScales)
            else (fitted.conformal)
        )
        found = len(fitted.networks) // (1 if scores is None else scores.repeats)
        return found if fitted.stopping == "folds" and found > 1 else 0

    @property
    def knows_likeness(self) -> bool:
        """Whether the model keeps summaries of its training rows."""
        return self._known.likeness is not None

    @cached_property
    def own(self) -> Floats:
        """The answers to the rows themselves."""
        return self._answers([self._raw(network, each.rows) for network, each in self._encoded])

    @cached_property
    def _encoded(self) -> list[tuple[Network, _EncodedRows]]:
        """Each network, and the rows as its encoder gives them."""
        known: dict[tuple[int, str], _EncodedRows] = {}
        found = []
        for network in self._known.networks:
            key = id(network.encoder), network.theta.dtype.str
            if key not in known:
                known[key] = _EncodedRows.of(network.encoder, self._matrix, network.theta.dtype)
            found.append((network, known[key]))
        return found

    def answers(self, column: int, rows: Rows, values: Floats) -> Floats:
        """The answers to some rows after a column was set to these values."""
        columns = self._moved_columns(column)
        known = self._matrix[rows][:, columns]
        wanted = np.where(np.isnan(values), np.nan, 0.0)[:, np.newaxis] + np.zeros(len(columns))
        wanted[:, 0] = values  # the other columns are 0: a number that is set is no bound
        found = self.own[:, rows].copy()
        same = (known == wanted) | (np.isnan(known) & np.isnan(wanted))
        moved = np.flatnonzero(~same.all(axis=1))
        for start in range(0, len(moved), _PIECE):
            piece = moved[start : start + _PIECE]
            found[:, piece] = self._moved_answers(rows[piece], columns, values[piece])
        return found

    def _moved_answers(self, rows: Rows, columns: Rows, values: Floats) -> Floats:
        different, places = np.unique(values, return_inverse=True)
        few = np.repeat(self._matrix[:1], len(different), axis=0)
        few[:, columns] = np.where(np.isnan(different), np.nan, 0.0)[:, np.newaxis]
        few[:, columns[0]] = different
        encoded: dict[int, NDArray[np.floating]] = {}
        outputs = []
        for network, each in self._encoded:
            if id(each) not in encoded:
                encoded[id(each)] = each.moved(rows, columns, few, places)
            outputs.append(self._raw(network, encoded[id(each)]))
        return self._answers(outputs)

    def _moved_columns(self, column: int) -> Rows:
        """The positions of a column, and of the column that says whether it is a bound."""
        place = self._given[column]
        name = self._known.schema.columns[place].name
        also = [j for j, each in enumerate(self._known.schema.columns) if each.source == name]
        return np.array([place, *also], np.intp)

    def outlier_p(self, column: int, rows: Rows, values: Floats) -> Floats | None:
        """How unlike the training rows the moved rows are; None if the file does not know it."""
        likeness = self._known.likeness
        if likeness is None:
            return None
        columns = self._moved_columns(column)
        found = np.empty(len(rows))
        for start in range(0, len(rows), _PIECE):
            piece = slice(start, start + _PIECE)
            moved = self._matrix[rows[piece]]
            moved[:, columns] = np.where(np.isnan(values[piece]), np.nan, 0.0)[:, np.newaxis]
            moved[:, columns[0]] = values[piece]
            found[piece] = likeness.outlier_p(moved)
        return found

    def _raw(self, network: Network, encoded: NDArray[np.floating]) -> Floats:
        """The outputs of one network, (n, n_outputs)."""
        found = choose().predict(network.architecture, network.theta, Data.of(encoded))
        return np.asarray(found, np.float64)

    def _answers(self, outputs: list[Floats]) -> Floats:
        """The model's own answer and, of several networks, that of each."""
        raw = np.stack(outputs)
        parts = [raw] if len(raw) == 1 else [raw, *(raw[m : m + 1] for m in range(len(raw)))]
        return np.stack([self._answer(part, m - 1) for m, part in enumerate(parts)])

    def _answer(self, raw: Floats, network: int) -> Floats:
        """The answer of some networks, (n, n_outputs); of one, if its number is not negative."""
        fitted = self._known
        if self.scale == "probability":
            found = probabilities_of(fitted, raw)
            several = len(self.outputs) > 1
            return found[:, self._order if several else [int(self._facing > 0)]]
        if self.scale == "log-odds":
            return (self._facing * decision_of(fitted, raw))[:, np.newaxis]
        networks = fitted.networks if network < 0 else fitted.networks[network : network + 1]
        values = []
        for each, Z in zip(networks, raw, strict=True):
            assert isinstance(each.outputs, Values)
            values.append(each.outputs.values(Z))
        found = calibrated_values(fitted.networks, map_of(fitted), average(values))
        return found[:, np.newaxis]


def _side(fitted: Fitted, labels: list[object], positive: object) -> float:
    """1 if the second of two classes is shown, whose logit a network computes; or -1."""
    if positive is None:
        return facing(fitted)
    if positive not in labels:
        raise SettingsError(
            f"{parameter('positive', positive)} is no class of the model",
            where=f"its classes are {labels[0]!r} and {labels[1]!r}",
            fix="name one of them",
        )
    return 1.0 if labels[1] == positive else -1.0


def _column_of(column: Column, values: Floats) -> ColumnOfRows:
    """A column by its kind in the schema."""
    if column.kind == "date":
        return ColumnOfRows(column.name, values, "date")
    if column.kind == "boolean":
        return ColumnOfRows(column.name, values, "boolean", {0.0: "false", 1.0: "true"})
    if column.kind == "category":
        levels = {float(k): level for k, level in enumerate(column.levels, start=1)}
        levels[0.0] = UNKNOWN_LEVEL
        return ColumnOfRows(column.name, values, "category", levels)
    unusable = ""
    if column.kind == "identifier":
        unusable = "it is free text, of which the model uses only whether a cell is filled"
    if column.kind == "empty":
        unusable = "all its cells were empty in the training table"
    return ColumnOfRows(column.name, values, unusable=unusable)
