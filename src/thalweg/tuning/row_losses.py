"""The loss of each row by which trials are compared, and the second measure beside it.

Trials are averaged before they are evaluated, so a loss takes a mean of predictions: probabilities
of all classes, values, or several quantiles.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from thalweg.estimators.learning.encoded_training_data import Lesson
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.evaluation.judging.regression_loss import measure_of_loss

# The smallest probability: a loss stays finite where a network is wrong and sure of it.
_LEAST = 1e-38


@dataclass(frozen=True, eq=False)
class RowLosses:
    """How predictions of some rows are evaluated.

    Attributes
    ----------
    name, second_name : str
        Of the loss, and of the second measure, of which more is better; "" if there is none.
    y, weights : ndarray of float64, shape (n_rows,)
        Of canonical rows.
    groups : ndarray of int, shape (n_rows,), or None
    by : callable
        Maps y and means of predictions, shape (…, n_rows) or (…, n_rows, n_answers), to losses,
        shape (…, n_rows).
    second_by : callable
        Maps y, a mean and weights to the second measure; NaN if it has none.
    """

    name: str
    second_name: str
    y: Floats
    weights: Floats
    groups: NDArray[np.intp] | None
    by: Callable[[Floats, Floats], Floats]
    second_by: Callable[[Floats, Floats, Floats], float]

    def of(self, rows: NDArray[np.intp]) -> "RowLosses":
        """The same of some rows."""
        groups = None if self.groups is None else self.groups[rows]
        return replace(self, y=self.y[rows], weights=self.weights[rows], groups=groups)

    def losses(self, mean: Floats) -> Floats:
        """The loss of each row."""
        return self.by(self.y, mean)

    def mean(self, predicted: Floats) -> float:
        """The mean loss, by the weights of the rows."""
        return float(self.losses(predicted) @ self.weights / self.weights.sum())

    def second(self, mean: Floats, weights: Floats) -> float:
        """The second measure of rows with these weights."""
        return self.second_by(self.y, mean, weights)


def row_losses(lesson: Lesson, known: NDArray[np.bool_]) -> RowLosses:
    """The losses of the canonical rows that trials predict.

    Parameters
    ----------
    lesson : Lesson
    known : ndarray of bool, shape (n_rows,)
        Whether a row was held out, and so has a prediction.
    """
    y, weights, outputs = lesson.y[known], lesson.weights[known], lesson.outputs
    groups = None if lesson.groups is None else lesson.groups[known]
    if isinstance(outputs, Classes):
        two = len(outputs.labels) == 2
        second = _auc if two else _accuracy
        name = "AUC" if two else "accuracy"
        return RowLosses("log-loss", name, y, weights, groups, _log_losses, second)
    if isinstance(outputs, Quantiles):
        by = _pinball(np.asarray(outputs.levels, np.float64))
        return RowLosses("pinball loss", "", y, weights, groups, by, lambda *_: float("nan"))
    assert isinstance(outputs, Values)
    fitted = outputs.fitted(y, weights)
    measure = measure_of_loss(fitted.loss, fitted.scale)
    if measure.key == "own":
        measure = replace(measure, formula=fitted.formula)

    def losses(y: Floats, mean: Floats) -> Floats:
        return measure.losses(np.broadcast_to(y, mean.shape), mean)

    name = "squared error" if measure.key == "rmse" else measure.name
    return RowLosses(name, "R²", y, weights, groups, losses, _r2)


def _log_losses(y: Floats, mean: Floats) -> Floats:
    share = np.take_along_axis(mean, y.astype(np.intp).reshape(*[1] * (mean.ndim - 2), -1, 1), -1)
    found: Floats = -np.log(np.maximum(share[..., 0], _LEAST))
    return found


def _pinball(levels: Floats) -> Callable[[Floats, Floats], Floats]:
    def losses(y: Floats, mean: Floats) -> Floats:
        lacking = y[:, None] - np.sort(mean, axis=-1)
        found: Floats = np.maximum(levels * lacking, (levels - 1) * lacking).mean(axis=-1)
        return found

    return losses


def _auc(y: Floats, mean: Floats, weights: Floats) -> float:
    counted = weights > 0
    if len(np.unique(y[counted])) < 2:
        return float("nan")
    return float(roc_auc_score(y[counted], mean[counted, 1], sample_weight=weights[counted]))


def _accuracy(y: Floats, mean: Floats, weights: Floats) -> float:
    if not weights.any():
        return float("nan")
    return float(np.average(np.argmax(mean, axis=1) == y, weights=weights))


def _r2(y: Floats, mean: Floats, weights: Floats) -> float:
    if not weights.any():
        return float("nan")
    spread = y - np.average(y, weights=weights)
    total = float(np.sum(weights * spread**2))
    return float("nan") if total <= 0 else 1 - float(np.sum(weights * (y - mean) ** 2)) / total
