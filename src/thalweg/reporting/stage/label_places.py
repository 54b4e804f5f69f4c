"""Labels that avoid each other, balls, numbers and runs.

The twin of the page's ``draw/stage/labels.js``.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from thalweg.landscape.ground.scale import Floats
from thalweg.reporting.stage.stage_looks import stage_looks


class Box(NamedTuple):
    """A box on a picture, in pixels from the upper left."""

    x: float
    y: float
    wide: float
    tall: float

    def overlaps(self, other: "Box", gap: float = 0.0) -> bool:
        """Whether two boxes are less than a gap apart."""
        return (
            self.x < other.x + other.wide + gap
            and other.x < self.x + self.wide + gap
            and self.y < other.y + other.tall + gap
            and other.y < self.y + self.tall + gap
        )

    @classmethod
    def around(cls, spot: Sequence[float] | Floats, size: float) -> "Box":
        """The square around a spot."""
        return cls(float(spot[0]) - size, float(spot[1]) - size, 2 * size, 2 * size)


class Label(NamedTuple):
    """Words for a spot of a picture.

    Attributes
    ----------
    words : str
    spot : (float, float)
    reach : float
        The radius of what is drawn there.
    wide, tall : float
    must : bool
        Whether it stays where there is hardly any room.
    color : str
    weight : str
    alpha : float
    """

    words: str
    spot: tuple[float, float]
    reach: float
    wide: float
    tall: float
    must: bool
    color: str
    weight: str = "normal"
    alpha: float = 1.0


class PlacedLabel(NamedTuple):
    """A label, its box, and whether a line leads there."""

    label: Label
    box: Box
    led: bool


def place_labels(
    labels: Sequence[Label], *, frame: Box, taken: Sequence[Box], points: Floats, unit: float
) -> list[PlacedLabel]:
    """Put labels beside their spots, the most important first.

    Each has places at so many angles and distances. A place costs what it covers: labels, balls
    and numbers; points of runs; a frame that it leaves; its distance. No two labels overlap: one
    without room is left out.

    Parameters
    ----------
    labels : sequence of Label
    frame : Box
    taken : sequence of Box
    points : ndarray of shape (n, 2)
        Points of runs.
    unit : float
        Pixels of the picture in a pixel of a page.
    """
    looks = stage_looks()["labels"]
    known, found = list(taken), list[PlacedLabel]()
    for label in labels:
        best: tuple[Box, bool] | None = None
        least = np.inf
        near: list[float] = looks["rings_px"]
        rings = [*near, *looks["more_rings_px"]] if label.must else near
        for n, ring in enumerate(rings):
            if n >= len(near) and least < looks["overlap"]:
                break
            for k in range(looks["angles"]):
                box = _box_at(label, 2 * np.pi * k / looks["angles"], label.reach + ring * unit)
                cost = _cost(box, frame, known, points, unit) + ring
                if cost < least - 1e-9:
                    best, least = (box, n >= looks["leader_from"]), cost
        most = looks["overlap"] if label.must else looks["give_up"] + near[1]
        if best is not None and least < most:
            found.append(PlacedLabel(label, *best))
            known.append(best[0])
    return found


def _box_at(label: Label, angle: float, reach: float) -> Box:
    c, s = float(np.cos(angle)), float(np.sin(angle))

    def shift(way: float) -> float:
        return 0.0 if way > 0.3 else -1.0 if way < -0.3 else -0.5

    return Box(
        label.spot[0] + reach * c + shift(c) * label.wide,
        label.spot[1] + reach * s + shift(s) * label.tall,
        label.wide,
        label.tall,
    )


def _cost(box: Box, frame: Box, known: Sequence[Box], points: Floats, unit: float) -> float:
    looks = stage_looks()["labels"]
    gap = looks["gap_px"] * unit
    cost = looks["overlap"] * sum(box.overlaps(other, gap) for other in known)
    x, y = points.T
    covered = (x > box.x - gap) & (x < box.x + box.wide + gap)
    covered &= (y > box.y - gap) & (y < box.y + box.tall + gap)
    inside = (
        box.x >= frame.x
        and box.y >= frame.y
        and box.x + box.wide <= frame.x + frame.wide
        and box.y + box.tall <= frame.y + frame.tall
    )
    outside = 0.0 if inside else looks["off_frame"] + looks["overlap"]
    return float(cost + looks["per_point"] * covered.sum() + outside)


def points_along(lines: Sequence[Floats], step: float) -> Floats:
    """Points of lines on a raster of so many pixels, each once, of shape (n, 2).

    That is what labels avoid. Rows of NaN part the pieces of a line.
    """
    found = [np.empty((0, 2))]
    for line in lines:
        whole = np.isfinite(line[:, 0])
        for piece in np.split(line[:, :2], np.flatnonzero(~whole)):
            corners = piece[np.isfinite(piece[:, 0])]
            if len(corners) < 2:
                continue
            along = np.append(0, np.cumsum(np.hypot(*np.diff(corners, axis=0).T)))
            # A line may go far beyond the picture: such a piece has few points there.
            far = np.linspace(0, along[-1], 2 + min(20_000, int(along[-1] / step)))
            found.append(np.column_stack([np.interp(far, along, each) for each in corners.T]))
    return np.asarray(np.unique(np.round(np.concatenate(found) / step), axis=0) * step)
