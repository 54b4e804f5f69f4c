"""The output of a network for a number: the target, centred and scaled by the training rows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.data.target_kind import require_numbers
from thalweg.errors import DataError
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.network.formulas.expressions.checked_loss import units_of
from thalweg.network.formulas.expressions.scaled_formula import Units
from thalweg.network.formulas.losses import loss, own_text
from thalweg.wording import parameter

# The end of the range of a network whose training targets are not known: nothing is clipped, and a
# model file holds finite numbers only.
UNBOUNDED = 1e300


@dataclass(frozen=True)
class Values:
    """The numeric target of a regression.

    The network is trained on (y - center) / scale, with mean and standard deviation of the training
    rows. For the losses of counts and amounts (``poisson``, ``gamma``, ``tweedie``) center is 0,
    scale is the mean, and the output the logarithm of what is expected.
    Constants of a loss, such as δ of the Huber loss, are in units of scale. Predictions are clipped
    to the range of the training targets, [low, high].

    Parameters
    ----------
    loss : str
        Text form; of a formula that a person wrote with the units of this network.
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
    def own_loss(self) -> str:
        """The loss as its user wrote it."""
        return own_text(self.loss)

    @property
    def formula(self) -> Callable[[Floats, Floats], Floats] | None:
        """(predictions, targets) -> losses, if a person wrote the loss; it can be pickled."""
        written = loss(self.loss).written
        return None if written is None else written.value

    @property
    def size(self) -> float:
        """What the loss of a formula is divided by; 1 for others."""
        return loss(self.loss).units.size

    @property
    def of_logarithm(self) -> bool:
        """Whether outputs are logarithms of the mean of counts or amounts."""
        return loss(self.loss).of_logarithm

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
        if self.of_logarithm:
            _require_amounts(loss(self.loss).name, values)
        return values

    def require_taught(self, values: Floats) -> None:
        """Nothing is required: any rows can be used."""

    def fitted(self, y: Floats, weights: Floats) -> "Values":
        """With center, scale and range of the training rows; equal targets have scale 1."""
        unit = float(np.abs(y).max()) or 1.0  # sums of squares must not overflow
        share = weights / weights.sum()
        mean = float(np.sum(y / unit * share))
        if self.of_logarithm:
            center, scale = 0.0, mean * unit
        else:
            center = mean * unit
            scale = unit * float(np.sqrt(np.sum((y / unit - mean) ** 2 * share)))
        low, high = float(y.min()), float(y.max())
        if not scale > 1e-12 * (high - low) or low == high:
            scale = 1.0 if low == high else high - low
        if low == high and self.of_logarithm:
            scale = low or 1.0
        return replace(self, center=center, scale=scale, low=low, high=high)._in_units(y, share)

    def _in_units(self, y: Floats, share: Floats) -> "Values":
        """A formula that a person wrote gets the units of the network; other losses have none."""
        written = loss(self.own_loss).written
        if written is None:
            return self
        return self.with_units(units_of(written, y, share, self.center, self.scale))

    def with_units(self, units: Units) -> "Values":
        """The same for a formula in these units."""
        return replace(self, loss=str(replace(loss(self.own_loss), units=units)))

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


# What targets a loss of logarithms is for.
_FOR = {"poisson": "counts", "gamma": "amounts above 0", "tweedie": "amounts from 0 on"}


def other_loss(name: str, lowest: float) -> str:
    """What to train by instead, as a fix."""
    squared = parameter("loss", "squared_error")
    if name == "gamma" and lowest == 0:
        amounts = parameter("loss", "tweedie:power=1.5")
        return f"take {amounts} if 0 is an amount that occurs, or {squared}"
    return f"take {squared}"


def no_amounts(name: str, values: Floats) -> NDArray[np.bool_]:
    """Which targets a loss of logarithms is not for: those below 0; for gamma, also 0."""
    return np.asarray(values <= 0 if name == "gamma" else values < 0)


def _require_amounts(name: str, values: Floats) -> None:
    """Raise unless all targets are from 0 on; for gamma, above it."""
    if (odd := no_amounts(name, values)).any():
        rows, first = np.flatnonzero(odd), float(values[odd][0])
        raise DataError(
            f"A target is {first:g}, and {parameter('loss', name)} is for {_FOR[name]}",
            where=f"row {int(rows[0]) + 1:,}"
            + (f", the first of {len(rows):,} such rows" if rows[1:].size else ""),
            fix=f"{other_loss(name, float(values.min()))}; or leave such rows out",
        )
