"""The row to trace if none is named: the one whose loss is largest, above the lowest of its target.

A row that the network already answers well has a loss near the lowest that its target allows, and
with it derivatives near 0. The row whose loss lies furthest above has the most to teach. The lowest
is 0, except for losses that leave out a term of the target (poisson, gamma, tweedie): there the
loss alone would choose large targets, and its excess is half the deviance.
"""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

from thalweg.errors import DataError
from thalweg.estimators.learning.fitted_networks import outputs_of
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.estimators.repeated_descent import as_fitted
from thalweg.network.formulas.losses import loss, lowest_losses, smoothed


class LargestLoss(NamedTuple):
    """The row, and among how many it was found.

    Attributes
    ----------
    place : int
        From 0.
    loss : float
        As the first network was trained on it: with label smoothing, and the cost of its class
        divided by the mean cost of the training rows.
    n_rows : int
        How many rows with a target were compared.
    lowest : float
        The lowest loss of its target, which a right answer has.
    """

    place: int
    loss: float
    n_rows: int
    lowest: float = 0.0


def largest_loss(model: NetworkEstimator, matrix: np.ndarray, numbers: Floats) -> LargestLoss:
    """The row with the largest loss in the first network above its lowest; of equals the first.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    matrix : ndarray of shape (n_rows, n_columns)
        The cells as numbers, by the schema of the model.
    numbers : ndarray of shape (n_rows,)
        Codes of classes, or numbers; NaN for a row whose target is not known.

    Raises
    ------
    DataError
        If no row has a target, or no loss is finite.
    """
    check_is_fitted(model)
    there = np.flatnonzero(~np.isnan(numbers))
    if not len(there):
        raise DataError(
            "No row has a target, so no row has a loss",
            fix="give the target of at least one row, or name a row",
        )
    losses = losses_of(model, matrix[there], numbers[there])
    first = model.members_[0].outputs
    lowest = lowest_losses(first.loss, first.targets(numbers[there]))
    finite = np.where(np.isfinite(losses), losses - lowest, -np.inf)
    if not np.isfinite(losses).any():
        raise DataError(
            "No loss of a row is finite, so none is the largest", fix="name a row of the table"
        )
    best = int(np.argmax(finite))
    return LargestLoss(int(there[best]), float(losses[best]), len(there), float(lowest[best]))


def losses_of(model: NetworkEstimator, matrix: np.ndarray, numbers: Floats) -> Floats:
    """The loss of each row in the first network, shape (n_rows,), as in its training."""
    first = model.members_[0]
    Y = network_targets(model, numbers)
    Z = outputs_of([first], matrix)[0]
    with np.errstate(over="ignore"):
        losses = loss(first.outputs.loss).value(Z.T, Y.T)
    found: Floats = np.asarray(losses, np.float64)
    if first.taught is None:
        return found
    mean = first.taught.weight / first.taught.rows
    return found * first.outputs.costs_of(numbers) / mean


def network_targets(model: Any, numbers: Floats) -> Floats:
    """The targets as the first network sees them, with label smoothing; (n_rows, n_outputs)."""
    targets = model.members_[0].outputs.targets(numbers)
    amount = float(getattr(as_fitted(model), "label_smoothing", 0.0))
    return np.asarray(smoothed(targets, amount), np.float64) if amount else targets
