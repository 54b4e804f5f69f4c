"""The loss of each row by which trials are compared, and the second measure beside it.

Trials are averaged before they are evaluated, so a loss takes a mean of predictions: probabilities
of all classes, values, or several quantiles.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from thalweg.estimators.learning.encoded_training_data import Lesson
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.comparing.compared_answers import ruling_of
from thalweg.evaluation.comparing.margin_rule import Margin
from thalweg.evaluation.comparing.paired_differences import PairedDifference
from thalweg.evaluation.comparing.ruling_sentences import too_few
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.judging.regression_loss import measure_of_loss

# The smallest probability: a loss stays finite where a network is wrong and sure of it.
_LEAST = 1e-38
SQUARED_ERROR = "squared error"
_NO_DIFFERENCE = PairedDifference.of_95(Estimate(0.0, 0.0, 0.0))


@dataclass(frozen=True, eq=False)
class TrialLosses:
    """How predictions of some rows are evaluated.

    Attributes
    ----------
    name, second_name : str
        Of the loss, and of the second measure, of which more is better; "" if there is none.
    y, weights : ndarray of float64, shape (n_rows,)
        Of canonical rows.
    groups : ndarray of int, shape (n_rows,), or None
    part_by : callable
        Maps y and predictions, shape (…, n_rows) or (…, n_rows, n_answers), to the part of them
        that a loss depends on, and whose mean is that of the mean prediction.
    by : callable
        Maps y and means of such parts to losses, shape (…, n_rows).
    second_by : callable
        Maps y, a mean and weights to the second measure; NaN if it has none.
    constant_by : callable
        Maps y and weights to the constant answer with the lowest loss.
    """

    name: str
    second_name: str
    y: Floats
    weights: Floats
    groups: NDArray[np.intp] | None
    part_by: Callable[[Floats, Floats], Floats]
    by: Callable[[Floats, Floats], Floats]
    second_by: Callable[[Floats, Floats, Floats], float]
    constant_by: Callable[[Floats, Floats], Floats]

    def of(self, rows: NDArray[np.intp]) -> "TrialLosses":
        """The same of some rows."""
        groups = None if self.groups is None else self.groups[rows]
        return replace(self, y=self.y[rows], weights=self.weights[rows], groups=groups)

    @property
    def units(self) -> NDArray[np.intp]:
        """What is drawn: rows, or groups of rows; shape (n_rows,)."""
        if self.groups is None:
            return np.arange(len(self.y))
        found: NDArray[np.intp] = np.unique(self.groups, return_inverse=True)[1]
        return found

    @property
    def too_few(self) -> str:
        """Why these rows are too few for any verdict, by the one rule; "" unless they are."""
        rows = answers_of(self.y, self.y, self.weights, groups=self.groups)
        found = ruling_of(self.name, rows, _NO_DIFFERENCE, Margin(0.0), len(self.y))
        return too_few(found, len(rows)) if found.is_of_few else ""

    def parts(self, predicted: Floats) -> Floats:
        """What of predictions a loss depends on."""
        return self.part_by(self.y, predicted)

    def losses(self, parts: Floats) -> Floats:
        """The loss of each row."""
        return self.by(self.y, parts)

    def mean(self, predicted: Floats) -> float:
        """The mean loss of predictions, by the weights of the rows."""
        losses = self.losses(self.parts(predicted))
        return float(losses @ self.weights / self.weights.sum())

    def second(self, mean: Floats, weights: Floats) -> float:
        """The second measure of rows with these weights."""
        return self.second_by(self.y, mean, weights)


def row_losses(lesson: Lesson, known: NDArray[np.bool_]) -> TrialLosses:
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
        n_labels = len(outputs.labels)
        return TrialLosses(
            "log-loss", name, y, weights, groups, _of_truth, _log_losses, second,
            lambda y, weights: class_shares(y.astype(np.intp), weights, n_labels),
        )  # fmt: skip
    if isinstance(outputs, Quantiles):
        by = _pinball(np.asarray(outputs.levels, np.float64))
        each = [measure_of_loss(f"quantile:level={level}", 1.0) for level in outputs.levels]
        return TrialLosses(
            "pinball loss", "", y, weights, groups, _all, by, _none,
            lambda y, weights: np.array([one.constant_for(y, weights) for one in each]),
        )  # fmt: skip
    assert isinstance(outputs, Values)
    fitted = outputs.fitted(y, weights)
    measure = measure_of_loss(fitted.loss, fitted.scale)
    if measure.key == "own":
        measure = replace(measure, formula=fitted.formula)

    def losses(y: Floats, mean: Floats) -> Floats:
        return measure.losses(np.broadcast_to(y, mean.shape), mean)

    name = SQUARED_ERROR if measure.key == "rmse" else measure.name
    return TrialLosses(
        name, "R²", y, weights, groups, _all, losses, _r2,
        lambda y, weights: np.float64(measure.constant_for(y, weights)),  # type: ignore[arg-type, return-value]
    )  # fmt: skip


def class_shares(places: NDArray[np.intp], weights: Floats, n_labels: int) -> Floats:
    """The weighted share of each class: the constant answer with the lowest log-loss."""
    found: Floats = np.bincount(places, weights, n_labels) / weights.sum()
    return found


def _all(y: Floats, predicted: Floats) -> Floats:
    del y
    return predicted


def _of_truth(y: Floats, predicted: Floats) -> Floats:
    """The probability of the true class of each row."""
    places = y.astype(np.intp).reshape(*[1] * (predicted.ndim - 2), -1, 1)
    return np.ascontiguousarray(np.take_along_axis(predicted, places, -1)[..., 0])


def _log_losses(y: Floats, share: Floats) -> Floats:
    del y
    found: Floats = -np.log(np.maximum(share, _LEAST))
    return found


def _pinball(levels: Floats) -> Callable[[Floats, Floats], Floats]:
    def losses(y: Floats, mean: Floats) -> Floats:
        lacking = y[:, None] - np.sort(mean, axis=-1)
        found: Floats = np.maximum(levels * lacking, (levels - 1) * lacking).mean(axis=-1)
        return found

    return losses


def _none(y: Floats, mean: Floats, weights: Floats) -> float:
    del y, mean, weights
    return float("nan")


def _auc(y: Floats, mean: Floats, weights: Floats) -> float:
    """The weighted share of pairs in the right order; a tie is half right."""
    score = mean[:, 1]
    order = np.argsort(score)
    score, positive = score[order], np.where(y[order] == 1, weights[order], 0.0)
    negative = weights[order] - positive
    starts = np.flatnonzero(np.concatenate(([True], score[1:] != score[:-1])))
    of_ties, others = np.add.reduceat(positive, starts), np.add.reduceat(negative, starts)
    pairs = positive.sum() * negative.sum()
    right = np.sum(of_ties * (np.cumsum(others) - others / 2))
    return float(right / pairs) if pairs > 0 else float("nan")


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
