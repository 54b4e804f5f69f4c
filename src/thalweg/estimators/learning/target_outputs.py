"""The outputs of a network for a target: their number, the loss, encoding and decoding.

`Classes` has one logit for two classes, and a logit per class for more (softmax). `Values` has one
output, the target centred and scaled by the training rows. Networks are averaged here, too:
probabilities for classes, predicted values for regression.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.data.target_kind import require_numbers
from thalweg.data.typing import Label
from thalweg.errors import DataError
from thalweg.estimators.learning.class_codes import codes_of, require_each_class
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_formula, largest_cost
from thalweg.network.formulas.losses import loss, normaliser
from thalweg.wording import parameter

LOGIT = "sigmoid_cross_entropy"
SOFTMAX = "softmax_cross_entropy"

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Classes:
    """Two or more mutually exclusive classes.

    If classes have costs, the loss of a row is multiplied by the cost of its class; the network
    then learns p'ₖ ∝ cₖ pₖ. Decoding removes the factor, log p = log p' - log c + const, so
    that probabilities are those of the rows as they are. Costs only change the predicted class,
    which is the one with the largest cₖ pₖ.

    Parameters
    ----------
    labels : ndarray of shape (n_classes,)
        Sorted.
    costs : ndarray of float64, shape (n_classes,)
        Above 0; all 1 if every class counts the same.
    """

    labels: NDArray[Any]
    costs: Floats

    @classmethod
    def equal(cls, labels: NDArray[Any]) -> "Classes":
        """Classes of equal cost."""
        return cls(labels, np.ones(len(labels)))

    @property
    def n_outputs(self) -> int:
        """One logit for two classes, else one per class."""
        return 1 if len(self.labels) == 2 else len(self.labels)

    @property
    def loss(self) -> str:
        """The cross-entropy."""
        return LOGIT if len(self.labels) == 2 else SOFTMAX

    def numbers(self, y: NDArray[Any]) -> Floats:
        """Labels as their codes, 0 … n_classes - 1; any other label is refused."""
        return codes_of(y, self.labels)

    def require_taught(self, codes: Floats) -> None:
        """Raise if a class has no training row."""
        require_each_class(codes, self.labels)

    def fitted(self, y: Floats, weights: Floats) -> "Classes":
        """Unchanged: nothing depends on the training rows."""
        del y, weights
        return self

    def targets(self, y: Floats) -> Floats:
        """Codes 0 and 1 as they are; more classes one-hot."""
        if len(self.labels) == 2:
            return y[:, None]
        return np.asarray(y[:, None] == np.arange(len(self.labels)), np.float64)

    def costs_of(self, y: Floats) -> Floats:
        """The cost of each row's class."""
        costs: Floats = self.costs[y.astype(np.intp)]
        return costs

    def threshold_of(self, code: int) -> Threshold:
        """For two classes: the probability of one above which predicting it costs less."""
        return by_formula(missed=float(self.costs[code]), alarm=float(self.costs[1 - code]))

    @cached_property
    def shift(self) -> Floats:
        """What the costs add to the outputs; decoding subtracts it. Shape (n_outputs,)."""
        logs: Floats = np.log(self.costs)
        shift: Floats = logs[1:] - logs[0] if len(logs) == 2 else logs
        return shift

    def probabilities(self, outputs: Floats) -> Floats:
        """The mean probability of each class.

        Parameters
        ----------
        outputs : ndarray of shape (n_networks, n_samples, n_outputs)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        shares = self.shares(outputs.reshape(-1, outputs.shape[-1]) - self.shift)
        return average(list(shares.reshape(len(outputs), -1, len(self.labels))))

    def shares(self, logits: Floats) -> Floats:
        """The probabilities of logits without costs.

        Parameters
        ----------
        logits : ndarray of shape (n_samples, n_outputs)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        z = logits.T
        if len(self.labels) == 2:
            # Both from the logit: 1 - p would round the small one of the two away.
            z = np.concatenate((-z, z))
        return np.ascontiguousarray(loss(self.loss).predict(z).T, np.float64)

    def log_shares(self, logits: Floats) -> Floats:
        """The logarithms of `shares`, without the rounding of a probability."""
        return np.ascontiguousarray(self._logs(logits).T, np.float64)

    def _logs(self, logits: Floats) -> NDArray[np.floating]:
        """Logarithms of the probabilities of each class, shape (n_classes, n_samples)."""
        if len(self.labels) == 2:
            logits = np.concatenate((np.zeros_like(logits), logits), axis=-1)
        return _log_shares(logits.T)

    def log_probabilities(self, outputs: Floats) -> Floats:
        """The logarithm of the mean probability of each class, without the rounding of either.

        From the outputs, and never from a probability: with lₖ = log Σₘ exp(log pₘₖ) over the
        networks m, it is the log softmax of l over the classes. That is lₖ - log M for M networks,
        because Σₖ exp(lₖ) = M; but it is also exact for a probability next to 1.

        Parameters
        ----------
        outputs : ndarray of shape (n_networks, n_samples, n_outputs)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        logs = np.stack([self._logs(Z) for Z in outputs - self.shift])
        return np.asarray((logs[0] if len(logs) == 1 else _log_shares(_log_sum(logs))).T)

    def decision(self, outputs: Floats) -> Floats:
        """The logarithm of the probabilities, without their rounding.

        Parameters
        ----------
        outputs : ndarray of shape (n_networks, n_samples, n_outputs)

        Returns
        -------
        ndarray
            For two classes log p₁ - log p₀, shape (n_samples,), which for one network is its
            logit; for more log pₖ, shape (n_samples, n_classes).
        """
        if len(self.labels) > 2:
            return self.log_probabilities(outputs)
        logits = (outputs - self.shift)[..., 0]
        if len(logits) == 1:
            return np.asarray(logits[0])
        minus_log = loss(LOGIT).element
        likely, unlikely = (-minus_log(logits, y, 0.0) for y in (1.0, 0.0))
        return _log_sum(likely) - _log_sum(unlikely)

    def call(self, probabilities: Floats) -> NDArray[np.intp]:
        """The code of the predicted class of each row, if there are more than two classes."""
        return largest_cost(probabilities, self.costs)


@dataclass(frozen=True)
class Values:
    """The numeric target of a regression.

    The network is trained on (y - center) / scale, with mean and standard deviation of the training
    rows; for counts (``poisson``) center is 0, scale is the mean, and the output the logarithm.
    Constants of a loss, such as δ of the Huber loss, are in units of scale. Predictions are clipped
    to the range of the training targets, [low, high].

    Parameters
    ----------
    loss : str
        Text form.
    center, scale, low, high : float
    """

    loss: str
    center: float = 0.0
    scale: float = 1.0
    low: float = -np.inf
    high: float = np.inf

    @property
    def n_outputs(self) -> int:
        """One."""
        return 1

    @property
    def is_count(self) -> bool:
        """Whether targets are counts, and outputs logarithms of their means."""
        return loss(self.loss).name == "poisson"

    def numbers(self, y: NDArray[Any]) -> Floats:
        """Targets as floats; raises for non-numbers, and for numbers that the loss excludes."""
        values = require_numbers(y)
        odd = np.flatnonzero(~(np.abs(values) <= LARGEST))
        if len(odd):
            raise DataError(
                f"A target is {values[odd[0]]:g}: Input y contains NaN, infinity or a number "
                f"above {LARGEST:g}",
                where=f"row {odd[0] + 1}",
                fix="correct it, or leave the row out",
            )
        if self.is_count and (values < 0).any():
            row = int(np.argmax(values < 0))
            raise DataError(
                f"A target is {values[row]:g}, and {parameter('loss', 'poisson')} is for counts",
                where=f"row {row + 1}",
                fix="leave rows below 0 out, or take another loss, such as squared_error",
            )
        return values

    def require_taught(self, values: Floats) -> None:
        """Nothing is required: any rows can be used."""

    def fitted(self, y: Floats, weights: Floats) -> "Values":
        """With center, scale and range of the training rows; equal targets have scale 1."""
        unit = float(np.abs(y).max()) or 1.0  # sums of squares must not overflow
        share = weights / weights.sum()
        mean = float(np.sum(y / unit * share))
        if self.is_count:
            center, scale = 0.0, mean * unit
        else:
            center = mean * unit
            scale = unit * float(np.sqrt(np.sum((y / unit - mean) ** 2 * share)))
        low, high = float(y.min()), float(y.max())
        if not scale > 1e-12 * (high - low) or low == high:
            scale = 1.0 if low == high else high - low
        if low == high and self.is_count:
            scale = low or 1.0
        return replace(self, center=center, scale=scale, low=low, high=high)

    def targets(self, y: Floats) -> Floats:
        """Targets as the network sees them."""
        return ((y - self.center) / self.scale)[:, None]

    def costs_of(self, y: Floats) -> Floats:
        """All 1."""
        return np.ones(len(y))

    def values(self, Z: Floats) -> Floats:
        """The predicted values from the outputs, shape (n_samples,)."""
        with np.errstate(over="ignore"):  # infinity is clipped to the range, too
            found = self.center + self.scale * loss(self.loss).predict(Z[:, 0])
        return np.clip(found, self.low, self.high)


# The outputs for a target. Both classes have n_outputs, loss, numbers, require_taught, fitted,
# targets and costs_of.
Outputs: TypeAlias = Classes | Values


def widened(outputs: Outputs, y: Floats) -> Outputs:
    """Values with a range that includes more targets; classes unchanged."""
    if isinstance(outputs, Classes):
        return outputs
    low, high = min(outputs.low, float(y.min())), max(outputs.high, float(y.max()))
    return replace(outputs, low=low, high=high)


class TargetOutputs(NamedTuple):
    """The outputs for a target, and the decision rule for two classes.

    Attributes
    ----------
    outputs : Classes or Values
    positive : label or None
        The positive one of two classes.
    threshold : Threshold or None
        The probability of the positive class above which predicting it costs less.
    """

    outputs: Outputs
    positive: Label | None = None
    threshold: Threshold | None = None


def average(parts: Sequence[Floats]) -> Floats:
    """The elementwise mean of some arrays, in a fixed order of summation."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total / len(parts)


def _log_shares(z: NDArray[np.floating]) -> NDArray[np.floating]:
    """log softmax over the first axis; exact for the largest one, too, which is near 0."""
    top, others = normaliser(z)
    return np.asarray((z - top) - np.log1p(others))


def _log_sum(logs: NDArray[np.floating]) -> Floats:
    """log Σ exp over the first axis."""
    top, others = normaliser(logs)
    return np.asarray(top + np.log1p(others), np.float64)
