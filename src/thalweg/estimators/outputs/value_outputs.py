"""The output of a network for a number: the target, centred and scaled by the training rows."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.data.target_kind import require_numbers
from thalweg.errors import DataError
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.network.formulas.losses import loss
from thalweg.wording import parameter

# The end of the range of a network whose training targets are not known: nothing is clipped, and a
# model file holds finite numbers only.
UNBOUNDED = 1e300


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
