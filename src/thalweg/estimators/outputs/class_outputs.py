"""The outputs of a network for classes: a logit for two classes, a logit each for more (softmax).

The probabilities of several networks are averaged here, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.cluster.stored_fields import StoredFields
from thalweg.estimators.learning.class_codes import codes_of, require_each_class
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_formula, largest_cost
from thalweg.network.formulas.loss_bodies import log_of_sum, log_share, normaliser
from thalweg.network.formulas.losses import loss

LOGIT = "sigmoid_cross_entropy"
SOFTMAX = "softmax_cross_entropy"

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Classes(StoredFields):
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
        return self.one_hot(y)

    def one_hot(self, y: Floats) -> Floats:
        """1 for the class of each row, shape (n_samples, n_classes)."""
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
        outputs : ndarray
            As in `probabilities`.

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


def average(parts: Sequence[Floats]) -> Floats:
    """The elementwise mean of some arrays, in a fixed order of summation."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total / len(parts)


def _log_shares(z: NDArray[np.floating]) -> NDArray[np.floating]:
    """log softmax over the first axis; exact for the largest one, too, which is near 0."""
    top, others = normaliser(z)
    return np.asarray(log_share(z - top, others))


def _log_sum(logs: NDArray[np.floating]) -> Floats:
    """log Σ exp over the first axis."""
    top, others = normaliser(logs)
    return np.asarray(log_of_sum(top, others), np.float64)
