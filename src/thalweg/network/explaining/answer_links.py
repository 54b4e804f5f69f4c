"""From outputs z to the answer that is explained: its slope, and its mean slope along a line.

Along a piece z goes in a straight line from l to r. What the answer f gains there is the mean
slope of f times r - l, so the mean slope is (f(r) - f(l)) / (r - l). It is computed without that
difference, which would lose all digits where r is near l: with d = |r - l|, h the higher of
the two ends and w the lower one,

    sigmoid    σ(h) σ(-w) · q(d)        exp    exp(h) · q(d)        q(d) = (1 - exp(-d)) / d
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from thalweg.network.explaining.straight_way import Floats
from thalweg.network.formulas.activations import sigmoid
from thalweg.network.formulas.loss_bodies import as_it_is, mean, probability
from thalweg.network.formulas.loss_kind import Loss


class Answer(Protocol):
    """What is explained, as a function of the outputs of one network or of several."""

    @property
    def unit(self) -> float:
        """The size that errors are compared with: 1 for probabilities, else the scale."""

    def value(self, Z: Floats) -> Floats:
        """The answers (n, n_answers) of outputs (n_networks, n, n_outputs)."""

    def slopes(self, Z: Floats) -> Floats:
        """Their slopes in each output, shape (n_networks, n, n_answers, n_outputs)."""

    def mean_slopes(self, left: Floats, right: Floats) -> Floats | None:
        """The means of the slopes along the straight lines from left to right, each (n, n_outputs).

        Of a single network, shape (n, n_answers, n_outputs); None if there is no closed form.
        """


@dataclass(frozen=True)
class LinkAnswer:
    """The answer of one network: factor · link(z).

    Attributes
    ----------
    loss : Loss
        Its link says what z means.
    factor : float
        The scale of predicted numbers; 1 for probabilities.
    """

    loss: Loss
    factor: float = 1.0

    @property
    def unit(self) -> float:
        """The scale."""
        return abs(self.factor)

    def value(self, Z: Floats) -> Floats:
        """The answers (n, n_answers) of outputs (1, n, n_outputs)."""
        return np.asarray(self.factor * self.loss.predict(Z[0].T).T, np.float64)

    def slopes(self, Z: Floats) -> Floats:
        """Their slopes, shape (1, n, n_answers, n_outputs)."""
        if self.loss.coupled:
            return self.factor * shares_slopes(self.value(Z) / self.factor)[None]
        steep = self.factor * self.loss.predict_slope(Z)
        return np.asarray(steep, np.float64)[..., None]

    def mean_slopes(self, left: Floats, right: Floats) -> Floats | None:
        """The means of the slopes along straight lines, in closed form if there is one."""
        high, low = np.maximum(left, right), np.minimum(left, right)
        link, found = self.loss.link, np.ones(left.shape)
        if link is probability:
            found = np.asarray(sigmoid(high) * sigmoid(-low), np.float64)
        elif link is mean:
            found = np.asarray(np.exp(high), np.float64)
        elif link is not as_it_is:
            return None
        if link is not as_it_is:
            found *= share_of_end(high - low)
        return (self.factor * found)[..., None]


def share_of_end(d: Floats) -> Floats:
    """q(d) = (1 - exp(-d)) / d of distances d ≥ 0: the mean of exp(-t) for t from 0 to d."""
    far = d > 0
    found: Floats = np.where(far, -np.expm1(-d) / np.where(far, d, 1.0), 1.0)
    return found


def shares_slopes(shares: Floats) -> Floats:
    """dpₖ/dzⱼ = pₖ (δₖⱼ - pⱼ) of a softmax: (…, n) to (…, n, n)."""
    own = np.eye(shares.shape[-1])
    found: Floats = shares[..., :, None] * (own - shares[..., None, :])
    return found
