"""The scale of heights on which a landscape is measured between its computed points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError

Floats = NDArray[np.float64]

# Heights are better clipped above the start's loss times this, or above this percentile.
CAP, CAP_PERCENTILE = 1.5, 98.0


@dataclass(frozen=True)
class Scale:
    """From losses to heights, 0 … 1, clipped above: equal differences are equal heights.

    Attributes
    ----------
    low, high : float
        The losses at heights 0 and 1.
    """

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
        return cls(low, high)

    def height(self, losses: Any) -> Any:
        """0 at ``low``, 1 at ``high`` and above; NaN stays NaN."""
        return (np.clip(losses, self.low, self.high) - self.low) / (self.high - self.low)

    def loss(self, heights: Any) -> Any:
        """The loss at a height, from ``low`` to ``high``."""
        return self.low + (self.high - self.low) * np.asarray(heights)


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
