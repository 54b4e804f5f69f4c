"""The probabilities of grades as an answer that is explained, with their slopes in the outputs.

P(grade ≤ j) = σ(c_j), and z_k moves c_j by σ(z_k) where j ≥ k (by 1 for k = 1). The slope of the
probability of a grade is that of its end less that of its beginning.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.network.explaining.straight_way import Floats
from thalweg.network.formulas.activations import sigmoid, sigmoid_slope
from thalweg.network.formulas.loss_kind import cumulated, grade_probabilities


@dataclass(frozen=True, eq=False)
class GradeAnswer:
    """The probability of each class of one network with cumulative logits.

    Attributes
    ----------
    ranks : ndarray of intp, shape (n_classes,)
        The place of each class in the order of the grades, from 0.
    """

    ranks: NDArray[np.intp]

    @property
    def unit(self) -> float:
        """The size that errors are compared with."""
        return 1.0

    def value(self, Z: Floats) -> Floats:
        """The answers (n, n_classes) of outputs (1, n, n_outputs)."""
        return np.asarray(grade_probabilities(Z[0].T)[self.ranks].T)

    def slopes(self, Z: Floats) -> Floats:
        """Their slopes in each output, shape (1, n, n_classes, n_outputs)."""
        gaps, C = cumulated(Z[0].T)
        n_outputs, n = C.shape
        reached = np.tril(np.ones((n_outputs, n_outputs)))  # c_j by z_k where j ≥ k
        below = np.zeros((n_outputs + 2, n_outputs, n))
        below[1:-1] = reached[..., None] * sigmoid_slope(C)[:, None] * sigmoid(gaps)
        return np.moveaxis(np.diff(below, axis=0)[self.ranks], 2, 0)[None]

    def mean_slopes(self, left: Floats, right: Floats) -> Floats | None:
        """The means of the slopes along straight lines: in no closed form."""
        del left, right
        return None
