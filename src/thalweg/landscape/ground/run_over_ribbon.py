"""A run over the ground of its profile: the true losses of its steps, and the drawn ground's gap.

The ground is computed at some cuts, and drawn straight between them. A run makes many steps there.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.ground.scale import Scale
from thalweg.landscape.ground.terrain import Heights
from thalweg.landscape.plain_data import fields_of, finite_or_none
from thalweg.landscape.planes.distortion import (
    EXACT,
    MISLEADING,
    gaps,
    misfit_of,
    off_by,
    said_of_points,
    verdict,
)
from thalweg.landscape.planes.plane import Vector


@dataclass(frozen=True, eq=False)
class RunOverRibbon:
    """The recorded points of a run, and the gap of the ground that its profile draws below them.

    Attributes
    ----------
    name : str
    steps : ndarray of int, shape (n_points,)
    along : ndarray of shape (n_points,)
        The path length from the start.
    true : ndarray of shape (n_points,)
        The loss of the run.
    gap : ndarray of shape (n_points,)
        |drawn - true| / true, where drawn is the loss of the ground, straight between two cuts on
        the scale of its heights.
    """

    name: str
    steps: NDArray[np.intp]
    along: Vector
    true: Heights
    gap: Vector

    @classmethod
    def over(
        cls,
        name: str,
        points: tuple[NDArray[np.intp], Vector, Heights],
        cuts: NDArray[np.intp],
        scale: Scale,
    ) -> "RunOverRibbon":
        """The run of these ``points`` (steps, path length, true loss) over cuts at some of them."""
        steps, along, true = points
        ground = np.interp(along, along[cuts], scale.height(true[cuts]))
        gap = gaps(true, scale.loss(ground))
        gap[cuts] = 0.0  # but for the rounding of the scale
        return cls(name, steps, along, true, gap)

    @property
    def best(self) -> int:
        """The point with the lowest loss."""
        return int(np.argmin(self.true))

    @property
    def misfit(self) -> float:
        """The largest of three gaps, as for a plane: at the start, at the end, and the median."""
        return misfit_of(self.gap)

    @property
    def verdict(self) -> str:
        """The misfit as a word; "exact" if there is no gap at any point."""
        return verdict(self.misfit) if self.gap.any() else EXACT

    @property
    def far(self) -> float:
        """The share of the points whose gap is larger than acceptable."""
        return float(np.mean(self.gap > MISLEADING))

    @property
    def worst(self) -> int:
        """The point with the largest gap."""
        return int(np.argmax(self.gap))

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {
            **fields_of(self),
            "misfit": finite_or_none(self.misfit),
            "verdict": self.verdict,
            "worst_step": int(self.steps[self.worst]),
            "worst_gap": finite_or_none(float(self.gap[self.worst])),
            "far": self.far,
        }

    def sentences(self, cuts: int) -> list[str]:
        """What is exact, and how far the ground is off between its cuts."""
        line = f"In 3-D the line has the true loss at all of its {len(self.steps):,} points"
        if not self.gap.any():
            return [f"{line}, and the ground too."]
        size, step = float(self.gap[self.worst]), int(self.steps[self.worst])
        return [
            f"{line}.",
            f"The ground has the true loss at its {cuts:,} cuts, and is straight between them.",
            f"Between its cuts the ground below the line is off by {off_by(self.misfit)} overall.",
            said_of_points((self.name, step, size), (self.name, self.far)),
        ]
