"""The outputs of a network for several quantiles of a number: an output each, put in order.

The networks are trained on the sum of the pinball losses of all levels. Nothing in that keeps the
outputs apart, so that two of them may cross. Predictions are therefore put in ascending order:
first the mean over the networks, then the order. The pinball losses of the levels together never
become larger by it (Chernozhukov, Fernández-Val & Galichon 2010, "Quantile and probability curves
without crossing", Econometrica 78:1093-1125).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.estimators.outputs.class_outputs import Floats, average
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.network.formulas.losses import LOSSES, loss


@dataclass(frozen=True)
class Quantiles:
    """Several quantiles of a numeric target.

    Parameters
    ----------
    number : Values
        The target, with its scale and range; its loss names the levels, as in
        ``quantile:levels=0.1/0.5/0.9``.
    """

    number: Values

    @property
    def loss(self) -> str:
        """The pinball loss of all levels."""
        return self.number.loss

    @property
    def own_loss(self) -> str:
        """The same: no person wrote it as a formula."""
        return self.number.loss

    @property
    def levels(self) -> tuple[float, ...]:
        """The levels, ascending."""
        return loss(self.loss).constants

    @property
    def n_outputs(self) -> int:
        """One for each level."""
        return len(self.levels)

    @property
    def center(self) -> float:
        """The mean of the training targets."""
        return self.number.center

    @property
    def scale(self) -> float:
        """Their standard deviation."""
        return self.number.scale

    @property
    def low(self) -> float:
        """The lowest training target."""
        return self.number.low

    @property
    def high(self) -> float:
        """The highest training target."""
        return self.number.high

    def numbers(self, y: NDArray[Any]) -> Floats:
        """Targets as floats; raises for non-numbers."""
        return self.number.numbers(y)

    def require_taught(self, values: Floats) -> None:
        """Nothing is required: any rows can be used."""

    def fitted(self, y: Floats, weights: Floats) -> "Quantiles":
        """With center, scale and range of the training rows."""
        return Quantiles(self.number.fitted(y, weights))

    def targets(self, y: Floats) -> Floats:
        """Targets as the network sees them: the same for each level."""
        return np.repeat(self.number.targets(y), self.n_outputs, axis=1)

    def costs_of(self, y: Floats) -> Floats:
        """All 1."""
        return self.number.costs_of(y)

    def values(self, Z: Floats) -> Floats:
        """What one network says of each level, (n_samples, n_levels); not in order yet."""
        return np.clip(self.center + self.scale * Z, self.low, self.high)

    def of_level(self, place: int) -> Values:
        """The output of one level alone."""
        one = self.number
        text = f"quantile:{LOSSES['quantile'].constant_name}={self.levels[place]!r}"
        return Values(text, one.center, one.scale, one.low, one.high)


def in_order(values: Sequence[Floats]) -> Floats:
    """The mean of what several networks say of each level, in ascending order.

    Parameters
    ----------
    values : sequence of ndarray of shape (n_samples, n_levels)

    Returns
    -------
    ndarray of shape (n_samples, n_levels)
    """
    return np.sort(average(values), axis=1)


def names_of_levels(levels: Sequence[float]) -> list[str]:
    """The names of columns of predictions, such as ``q0.1``."""
    return [f"q{level!r}" for level in levels]
