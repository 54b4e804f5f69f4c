"""The outputs of a network for grades, which are classes in an order: cumulative logits.

With K grades the network has K - 1 outputs z. The logit of P(grade ≤ k) is c_1 = z_1, and
c_k = c_{k-1} + softplus(z_k), so that it rises from grade to grade. The rows move the first output
alone, and so all of them alike (proportional odds; McCullagh 1980, J. R. Stat. Soc. B 42).
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.parameters.rows.class_parameters import ORDINAL
from thalweg.network.architecture import Architecture
from thalweg.network.formulas.activations import Array, sigmoid, softplus
from thalweg.network.formulas.loss_kind import cumulated
from thalweg.network.held_weights import held

# What each share of a grade has besides, so that thresholds of a grade without rows are finite.
_LEAST_SHARE = 1e-3


@dataclass(frozen=True, eq=False)
class Grades(Classes):
    """Three or more classes in an order.

    Costs of classes change the predicted class alone, which is the one with the largest cₖ pₖ.
    They are no factors of the loss: no cumulative model could take them out of its probabilities
    again.

    Parameters
    ----------
    labels : ndarray of shape (n_classes,)
        Sorted, as those of `Classes`.
    costs : ndarray of float64, shape (n_classes,)
    ranks : ndarray of intp, shape (n_classes,)
        The place of each label in the order of the grades, from 0.
    shares_of_rows : ndarray of float64, shape (n_classes,), or None
        The share of each grade in the training rows, in the order of the grades; the start of a
        fit alone needs it.
    """

    ranks: NDArray[np.intp]
    shares_of_rows: Floats | None = None

    @property
    def order(self) -> NDArray[Any]:
        """The labels in the order of the grades."""
        return self.labels[np.argsort(self.ranks)]

    @property
    def n_outputs(self) -> int:
        """One for each threshold between two grades."""
        return len(self.labels) - 1

    @property
    def loss(self) -> str:
        """Minus the logarithm of the probability of the grade."""
        return ORDINAL

    @property
    def shift(self) -> Floats:
        """Costs add nothing to the outputs."""
        return np.zeros(self.n_outputs)

    def fitted(self, y: Floats, weights: Floats) -> "Grades":
        """With the share of each grade in the training rows."""
        sums = np.bincount(self.ranks[y.astype(np.intp)], weights, len(self.labels))
        shares = sums / weights.sum() + _LEAST_SHARE
        return replace(self, shares_of_rows=shares / shares.sum())

    def targets(self, y: Floats) -> Floats:
        """1 at the output where the grade ends, -1 where it begins; (n_samples, n_outputs)."""
        grade = self.ranks[y.astype(np.intp)][:, None]
        outputs = np.arange(self.n_outputs)
        ends, begins = outputs == grade, outputs == grade - 1
        return np.asarray(ends.astype(np.float64) - begins.astype(np.float64))

    def costs_of(self, y: Floats) -> Floats:
        """All 1."""
        return np.ones(len(y))

    def shares(self, logits: Floats) -> Floats:
        """The probability of each class, shape (n_samples, n_classes).

        A product of three, and no difference, which could be 0 or below: see
        `thalweg.network.formulas.rising_bodies`.
        """
        gaps, C = cumulated(logits.T.astype(np.float64))
        return self._by_label(sigmoid(C), sigmoid(-C), sigmoid(gaps), np.multiply, 1.0)

    def _logs(self, logits: Floats) -> NDArray[np.floating]:
        """Logarithms of the probabilities of each class, shape (n_classes, n_samples)."""
        gaps, C = cumulated(logits.T.astype(np.float64))
        return self._by_label(-softplus(-C), -softplus(C), -softplus(-gaps), np.add, 0.0).T

    def _by_label(
        self, below: Array, above: Array, gap: Array, joined: np.ufunc, nothing: float
    ) -> Floats:
        """The three parts of each grade joined, in the order of the labels."""
        ends = np.full((1, below.shape[1]), nothing)
        upper = joined(np.concatenate((below, ends)), np.concatenate((gap, ends)))
        grades = joined(upper, np.concatenate((ends, above)))
        return np.ascontiguousarray(grades[self.ranks].T, np.float64)

    def start(self, architecture: Architecture, theta: NDArray[np.floating]) -> None:
        """Set a drawn θ₀ to a start of this model, in place.

        The held weights are 0, and the thresholds those of the shares of the training rows.
        """
        theta[held(architecture, ORDINAL)] = 0
        if self.shares_of_rows is None:
            return
        below = np.cumsum(self.shares_of_rows)[:-1]
        above = np.cumsum(self.shares_of_rows[::-1])[::-1][1:]
        C = np.log(below) - np.log(above)
        b = architecture.layers(theta)[-1][1]
        b[0] = C[0]
        b[1:, 0] = np.log(np.expm1(np.diff(C)))
