"""A camera before a ground: perspective, a frame that the block fills, and the light.

The twin of the page's ``draw/ground/camera.js``: each formula is there again, and tests compare
them.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from thalweg.landscape.ground.scale import Floats
from thalweg.reporting.relief.relief_ground import ReliefGround
from thalweg.reporting.relief.relief_looks import ground_looks


class Margins(NamedTuple):
    """Pixels that the block leaves free."""

    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, eq=False)
class ReliefCamera:
    """From the block to pixels.

    Attributes
    ----------
    matrix : ndarray of shape (4, 4)
        Its rows give pixels from the left, from the top, depth, and the divisor of all three.
    scale : float
        Pixels of a side of the block, at its middle.
    eye, right, towards, light : ndarray of shape (3,)
        In the block; ``towards`` is the unit vector to the eye, ``light`` that to the light.
    distance : float
        From the eye to the middle.
    """

    matrix: Floats
    scale: float
    eye: Floats
    right: Floats
    towards: Floats
    light: Floats
    distance: float

    def project(self, x: Floats, y: Floats, h: Floats) -> Floats:
        """Points in the block to pixels from the upper left, and depth.

        Depth is about how far a point is behind the middle of the block, in sides of the block:
        distance · (1 - distance / w), where w is how far the point is before the eye. It is linear
        along lines in the picture, and what has less of it is in front.

        Returns
        -------
        ndarray of shape (3, …)
        """
        x, y, h = np.broadcast_arrays(x, y, h)
        m = self.matrix
        rows = [m[k, 0] * x + m[k, 1] * y + m[k, 2] * h + m[k, 3] for k in range(4)]
        return np.asarray(np.stack(rows[:3]) / rows[3])

    def facing(self, x: Floats, y: Floats, out_x: Floats, out_y: Floats) -> Floats:
        """Whether the eye sees the outer side of upright faces through (x, y)."""
        return np.asarray(out_x * (self.eye[0] - x) + out_y * (self.eye[1] - y) > 0)


def make_camera(
    ground: ReliefGround,
    width: int,
    height: int,
    *,
    azimuth: float = 0.0,
    elevation: float | None = None,
    zoom: float = 1.0,
    margins: Margins | None = None,
    more: Floats | None = None,
) -> ReliefCamera:
    """A camera whose picture the ground fills, whatever way it is turned.

    Parameters
    ----------
    ground : ReliefGround
    width, height : int
        Of the picture, in pixels.
    azimuth : float, default 0
        Degrees; at 0 the reader looks along y, at 90 against x.
    elevation : float, optional
        Degrees above the horizon; by default 40.
    zoom : float, default 1
    margins : Margins, optional
    more : ndarray of shape (n, 3), optional
        Points that the picture has to hold, too.
    """
    looks = ground_looks()["camera"]
    distance = looks["distance"]
    raised = looks["elevation"] if elevation is None else elevation
    right, up, towards = _ways(azimuth, raised)
    eye = towards * distance + np.array([0.0, 0.0, ground.tall * looks["middle"]])
    focal = 1 / np.tan(np.radians(looks["field"]) / 2)
    last = np.append(-towards, towards @ eye)
    depth = distance * last - np.array([0.0, 0.0, 0.0, distance**2])
    sideways = focal * np.append(right, -right @ eye)
    downwards = -focal * np.append(up, -up @ eye)
    margins = margins or _usual_margins(width, height)
    hull = ground.hull if more is None else np.concatenate([ground.hull, more])
    seen = np.column_stack([hull, np.ones(len(hull))])
    free = (
        (sideways, margins.left, width - margins.left - margins.right),
        (downwards, margins.top, height - margins.top - margins.bottom),
    )
    frames = [(seen @ row) / (seen @ last) for row, _, _ in free]
    factor = zoom * min(
        max(1.0, size) / np.ptp(frame) for frame, (_, _, size) in zip(frames, free, strict=True)
    )
    shifted = [
        factor * row
        + (start + max(1.0, size) / 2 - factor * (frame.min() + frame.max()) / 2) * last
        for frame, (row, start, size) in zip(frames, free, strict=True)
    ]
    return ReliefCamera(
        np.array([*shifted, depth, last]), float(factor * focal / distance), eye, right, towards,
        _light(right), distance,
    )  # fmt: skip


def _usual_margins(width: int, height: int) -> Margins:
    share = ground_looks()["camera"]["margins"]
    return Margins(
        share["left"] * width, share["right"] * width,
        share["top"] * height, share["bottom"] * height,
    )  # fmt: skip


def _light(right: Floats) -> Floats:
    """The unit vector towards the light, which turns with the reader."""
    lamp = ground_looks()["camera"]["light"]
    ahead = np.array([-right[1], right[0], 0.0])
    light = lamp["right"] * right + lamp["forward"] * ahead + [0.0, 0.0, lamp["up"]]
    return np.asarray(light / np.linalg.norm(light))


def _ways(azimuth: float, elevation: float) -> tuple[Floats, Floats, Floats]:
    """Unit vectors to the right and up, as the reader sees them, and towards the reader."""
    turn, rise = np.radians(azimuth), np.radians(elevation)
    right = np.array([np.cos(turn), np.sin(turn), 0.0])
    towards = np.array([np.sin(turn) * np.cos(rise), -np.cos(turn) * np.cos(rise), np.sin(rise)])
    return right, np.cross(towards, right), towards


def azimuth_of(start: Floats, ends: Floats) -> float:
    """The azimuth from which a start is at the back and the ends in front, a little to the side.

    Parameters
    ----------
    start : ndarray of shape (2,)
        In the block.
    ends : ndarray of shape (n_ends, 2)

    Returns
    -------
    float
        Degrees.
    """
    turn: float = ground_looks()["camera"]["turn"]
    x, y = np.mean(ends, axis=0) - start
    angle = 0.0 if np.hypot(x, y) < 1e-9 else np.floor(np.degrees(np.arctan2(x, -y)) + 0.5)
    # Of the two ways, the one from which the block shows a corner more than a face.
    return float(min((angle - turn, angle + turn), key=lambda each: abs(each % 90 - 45)))
