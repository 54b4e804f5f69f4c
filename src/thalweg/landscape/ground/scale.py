"""The height scale that all views of one landscape share: heights, colours and contours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError

Floats = NDArray[np.float64]

# A loss of 0 or below has no logarithm: the scale then starts at this share of the range.
FLOOR = 0.01
# The smallest and the largest number of ticks.
FEW, MANY = 4, 8
# Heights are better clipped above the start's loss times this, or above this percentile.
CAP, CAP_PERCENTILE = 1.5, 98.0
# More digits have no room beside an axis, and tell a reader nothing: then one tick is enough.
DIGITS = 6


@dataclass(frozen=True)
class Scale:
    """From losses to heights: log10((loss - base) / unit), scaled to 0 … 1 and clipped above.

    Colours, heights and contours all use this one scale.

    Attributes
    ----------
    base, unit : float
        0 and 1 if all losses are above 0. Otherwise they give log10(1 + (loss - low) / unit).
    low, high : float
        The losses at heights 0 and 1.
    """

    base: float
    unit: float
    low: float
    high: float

    @classmethod
    def of(cls, losses: Floats, cap: float) -> "Scale":
        """The scale of these losses, up to ``cap``."""
        finite = losses[np.isfinite(losses)]
        low = float(finite.min(initial=np.inf))
        if not np.isfinite(low):
            raise SettingsError(
                "There is no finite loss to draw",
                fix="look at a smaller part of the plane, or take another one",
            )
        high = float(min(finite.max(), cap)) if np.isfinite(cap) else float(finite.max())
        if not high > low:
            high = low + (abs(low) or 1.0) * 1e-6
        if low > 0:
            return cls(0.0, 1.0, low, high)
        unit = FLOOR * (high - low)
        return cls(low - unit, unit, low, high)

    def log(self, losses: Any) -> Any:
        """log10((loss - base) / unit)."""
        return np.log10((np.asarray(losses, np.float64) - self.base) / self.unit)

    def height(self, losses: Any) -> Any:
        """0 at ``low``, 1 at ``high`` and above; NaN stays NaN."""
        low, high = self.log(self.low), self.log(self.high)
        return (self.log(np.clip(losses, self.low, self.high)) - low) / (high - low)

    def loss(self, heights: Any) -> Any:
        """The loss at a height, from ``low`` to ``high``."""
        low, high = self.log(self.low), self.log(self.high)
        return self.base + self.unit * 10 ** (low + (high - low) * np.asarray(heights))

    def ticks(self) -> list[float]:
        """Round losses between low and high; one if they need more digits than `DIGITS`."""
        powers = range(int(np.floor(self.log(self.low))) - 1, int(np.ceil(self.log(self.high))) + 1)
        for steps in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)):
            found = [
                self.base + self.unit * step * 10.0**power for power in powers for step in steps
            ]
            inside = [each for each in found if self.low <= each <= self.high]
            if self.base == 0 and len(steps) == 1 and len(inside) > MANY:  # every second, third …
                inside = inside[:: -(-len(inside) // MANY)]
            if self.base == 0 and FEW <= len(inside) <= MANY:
                return [float(f"{each:.3g}") for each in inside]
        # A narrow range, or losses around 0: even steps of the height, with as many digits as
        # needed to tell them apart.
        even = np.linspace(self.log(self.low), self.log(self.high), 5)
        losses = (self.base + self.unit * 10**even)[1:-1]
        for digits in range(3, DIGITS + 1):
            found = [float(f"{each:.{digits}g}") for each in losses]
            if len({*found}) == len(found):
                return sorted(found)
        return [float(losses[len(losses) // 2])]

    @property
    def words(self) -> str:
        """What readers of an axis have to know."""
        return "log scale" if self.base == 0 else "log above the lowest"


def cap_of(losses: Floats, starts: Sequence[float]) -> float:
    """Where a drawing may clip heights; NaN if there is no finite loss.

    The highest start's loss times 1.5 or the 98th percentile, whichever is more.
    """
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        return float("nan")
    return max([float(np.percentile(finite, CAP_PERCENTILE)), *(CAP * each for each in starts)])


def between(x: Floats, y: Floats, values: Floats, u: Floats, v: Floats) -> Floats:
    """The surface that a grid draws between its points: bilinear in the four corners of a cell.

    Parameters
    ----------
    x, y : ndarray
        Coordinates of the grid, rising.
    values : ndarray of shape (len(y), len(x))
    u, v : ndarray of shape (n,)
        Places inside the grid.

    Returns
    -------
    ndarray of shape (n,)
        NaN if a corner is NaN.
    """
    i = np.clip(np.searchsorted(x, u) - 1, 0, len(x) - 2)
    j = np.clip(np.searchsorted(y, v) - 1, 0, len(y) - 2)
    s, t = (u - x[i]) / (x[i + 1] - x[i]), (v - y[j]) / (y[j + 1] - y[j])
    low = values[j, i] * (1 - s) + values[j, i + 1] * s
    high = values[j + 1, i] * (1 - s) + values[j + 1, i + 1] * s
    return np.asarray(low * (1 - t) + high * t)
