"""What a target is to a network: how many outputs, which loss, and the way there and back.

`Classes` has a logit for two classes, and a logit for each of more (softmax). `Values` has one
output, the target centred and scaled by the training rows. Networks are averaged here too:
probabilities for classes, values for values.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.data.target import require_numbers
from thalweg.data.typing import Label
from thalweg.errors import DataError
from thalweg.estimators.learning.class_codes import codes_of, require_each_class
from thalweg.network.formulas.losses import loss, normaliser

LOGIT = "sigmoid_cross_entropy"
SOFTMAX = "softmax_cross_entropy"

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Classes:
    """Classes that exclude each other, at least two.

    Where classes have costs, the loss of a row is multiplied by the cost of its class; a network
    then learns p'ₖ ∝ cₖ pₖ. The way back divides it out again, log p = log p' - log c + const, so
    that probabilities are those of the rows as they are; what costs decide is the *call*, which
    goes to the class with the largest cₖ pₖ.

    Parameters
    ----------
    labels : ndarray of shape (n_classes,)
        Sorted.
    costs : ndarray of float64, shape (n_classes,)
        Above 0; all 1 where no class counts for more than another.
    """

    labels: NDArray[Any]
    costs: Floats

    @classmethod
    def equal(cls, labels: NDArray[Any]) -> "Classes":
        """Classes of equal cost."""
        return cls(labels, np.ones(len(labels)))

    @property
    def n_outputs(self) -> int:
        """One logit for two classes, else one a class."""
        return 1 if len(self.labels) == 2 else len(self.labels)

    @property
    def loss(self) -> str:
        """The cross-entropy."""
        return LOGIT if len(self.labels) == 2 else SOFTMAX

    def numbers(self, y: NDArray[Any]) -> Floats:
        """Labels as their codes, 0 … n_classes - 1; any other label is refused."""
        return codes_of(y, self.labels)

    def require_taught(self, codes: Floats) -> None:
        """Raise where a class has no row to learn from."""
        require_each_class(codes, self.labels)

    def fitted(self, y: Floats, weights: Floats) -> "Classes":
        """Nothing of classes depends on the training rows."""
        del y, weights
        return self

    def targets(self, y: Floats) -> Floats:
        """Codes 0 … n_classes - 1 as they are, or as ones among zeros."""
        if len(self.labels) == 2:
            return y[:, None]
        return np.asarray(y[:, None] == np.arange(len(self.labels)), np.float64)

    def costs_of(self, y: Floats) -> Floats:
        """The cost of each row's class."""
        costs: Floats = self.costs[y.astype(np.intp)]
        return costs

    def threshold_of(self, code: int) -> float:
        """Of two classes: the probability of one above which it is the cheaper call."""
        return float(self.costs[1 - code] / self.costs.sum())

    @cached_property
    def _shift(self) -> Floats:
        """What the costs add to the outputs."""
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
        predict = loss(self.loss).predict
        z = (outputs.reshape(-1, outputs.shape[-1]) - self._shift).T
        if len(self.labels) == 2:
            # Both from the logit: 1 - p would round the small one of the two away.
            z = np.concatenate((-z, z))
        shares: Floats = np.ascontiguousarray(predict(z).T, np.float64)
        return average(list(shares.reshape(len(outputs), -1, len(self.labels))))

    def decision(self, outputs: Floats) -> Floats:
        """The logarithm of the probabilities, without their rounding.

        Parameters
        ----------
        outputs : ndarray of shape (n_networks, n_samples, n_outputs)

        Returns
        -------
        ndarray
            Of two classes log p₁ - log p₀, shape (n_samples,), which for one network is its logit;
            of more log pₖ, shape (n_samples, n_classes).
        """
        shifted = outputs - self._shift
        if len(self.labels) == 2:
            logits = shifted[..., 0]
            if len(logits) == 1:
                return np.asarray(logits[0])
            minus_log = loss(LOGIT).element
            likely, unlikely = (-minus_log(logits, y, 0.0) for y in (1.0, 0.0))
            return _log_sum(likely) - _log_sum(unlikely)
        logs = np.stack([_log_shares(Z.T).T for Z in shifted])
        if len(logs) == 1:
            return np.asarray(logs[0])
        return np.asarray(_log_sum(logs) - np.log(len(logs)))

    def call(self, probabilities: Floats) -> NDArray[np.intp]:
        """The code of the class that each row is called, where there are more than two."""
        return np.asarray(np.argmax(probabilities * self.costs, axis=1))


@dataclass(frozen=True)
class Values:
    """Numbers.

    The network sees (y - center) / scale, with mean and standard deviation of the training rows;
    for counts (``poisson``) center is 0, scale the mean, and the output its logarithm. Constants
    of a loss, such as δ of Huber's, are in units of scale. Predictions are kept within what the
    training rows had, [low, high]: a network has no grounds to leave it.

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
        """Targets as floats; what is no number, or none that this loss takes, is refused."""
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
                f"A target is {values[row]:g}, and the loss poisson is for counts",
                where=f"row {row + 1}",
                fix="leave rows below 0 out, or take another loss, such as squared_error",
            )
        return values

    def require_taught(self, values: Floats) -> None:
        """Nothing: any rows will do."""

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
        """One each."""
        return np.ones(len(y))

    def values(self, Z: Floats) -> Floats:
        """The way back, shape (n_samples,)."""
        with np.errstate(over="ignore"):  # what is beyond the floats is beyond the range
            found = self.center + self.scale * loss(self.loss).predict(Z[:, 0])
        return np.clip(found, self.low, self.high)


# What a target is to a network. Both have n_outputs, loss, numbers, require_taught, fitted, targets
# and costs_of.
Outputs: TypeAlias = Classes | Values


class TargetOutputs(NamedTuple):
    """What an estimator makes of a target: the outputs, and how rows of two classes are called.

    Attributes
    ----------
    outputs : Classes or Values
    positive : label or None
        Of two classes the one that the threshold is about.
    threshold : float or None
        The probability of the positive class above which it is the cheaper call.
    """

    outputs: Outputs
    positive: Label | None = None
    threshold: float | None = None


def average(parts: Sequence[Floats]) -> Floats:
    """The mean of some arrays; each number depends on its own place alone, to the last bit."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total / len(parts)


def _log_shares(z: NDArray[np.floating]) -> NDArray[np.floating]:
    """log softmax over the first axis; of the largest, which is near 0, every digit is right."""
    top, others = normaliser(z)
    return np.asarray((z - top) - np.log1p(others))


def _log_sum(logs: NDArray[np.floating]) -> Floats:
    """log Σ exp over the first axis."""
    top, others = normaliser(logs)
    return np.asarray(top + np.log1p(others), np.float64)
