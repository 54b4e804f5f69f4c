"""A plane that follows a run: its two directions stay, and it goes through the run's own weights.

A fixed plane draws a run at the loss of its projection. Here the slice is laid anew through θ_t at
some steps t of the run, so that the middle of each slice has the true loss, exactly.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.landscape.ground.surface import Surface
from thalweg.landscape.ground.terrain import Facts, Heights, Terrain, heights
from thalweg.landscape.numbers_in_words import percent
from thalweg.landscape.plain_data import fields_of
from thalweg.landscape.planes.distortion import Trail, gaps
from thalweg.landscape.planes.plane import Vector, lengths
from thalweg.landscape.runs.path import DescentPath
from thalweg.wording import counted

# Frames of a run, and points along each side of a slice; an odd number has a point in the middle.
FRAMES, POINTS = 12, 21


@dataclass(frozen=True, eq=False)
class Frame:
    """The slice through one point of a run.

    Attributes
    ----------
    step : int
    point : int
        Of the trail that is drawn.
    true : float
        The loss of the run there.
    losses : ndarray of shape (n_b, n_a)
        ``losses[j, i]`` at θ_t + a[i] · basis[0] + b[j] · basis[1]; the middle is ``true``. NaN
        where it is not finite.
    fixed_gap : float
        By how much the loss that the fixed plane draws there is off, as a share of the true one.
    """

    step: int
    point: int
    true: float
    losses: Heights
    fixed_gap: float

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return fields_of(self)


@dataclass(frozen=True, eq=False)
class FollowedPlane:
    """The slices along a run.

    Attributes
    ----------
    name : str
        The run.
    trail : Trail
        Its drawn part, as the fixed plane has it.
    a, b : ndarray
        Distances from the middle of each slice along the two directions: half the window of the
        fixed plane to each side.
    axes : (str, str)
        What the directions are; those of the fixed plane.
    frames : tuple of Frame
        In the order of steps; the first is the start, the last the end.
    facts : Facts
    """

    name: str
    trail: Trail
    a: Vector
    b: Vector
    axes: tuple[str, str]
    frames: tuple[Frame, ...]
    facts: Facts

    @property
    def middle_gap(self) -> float:
        """The largest relative gap between the middle of a slice and the run: 0."""
        drawn = np.array([each.losses[len(self.b) // 2, len(self.a) // 2] for each in self.frames])
        return float(np.max(gaps(np.array([each.true for each in self.frames]), drawn)))

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, and the sentences."""
        return {
            **fields_of(self, "trail"), "middle_gap": self.middle_gap,
            "sentences": self.sentences(),
        }  # fmt: skip

    def sentences(self) -> list[str]:
        """What changes from slice to slice, what stays, and how true each is."""
        off = [each.fixed_gap for each in self.frames]
        worst = int(np.argmax(off))
        count, masked = len(self.frames), self.masked
        said = [
            "Each slice goes through the run's own weights at its step: in the middle the ground "
            f"has the true loss (gap {percent(self.middle_gap)}), and the ball lies on it.",
            "From slice to slice only its place changes. The two directions, the size of the "
            "window, the heights and the contours stay.",
            f"At the same {counted(count, 'step')} the fixed plane is off by "
            f"{percent(float(np.median(off)))} (median), at worst by {percent(off[worst])} at "
            f"step {self.frames[worst].step:,}.",
            f"{counted(count, 'slice')} of {counted(len(self.trail.steps), 'point')}, spread over "
            "the length of the way and over the change of the loss; the cursor shows the last "
            "slice at or before its step.",
            "The way up to the ball is drawn at its true loss, as far back as it stays in the "
            "window; away from the middle it need not lie on the slice.",
            f"Between its {len(self.a)} × {len(self.b)} computed points a slice is a curve through "
            "them: no computed loss is changed.",
        ]  # fmt: skip
        if masked:
            said.append(f"{masked:,} points of the slices have no finite loss.")
        return [*said, f"Height: {self.facts.height}{self.facts.over}."]

    @property
    def masked(self) -> int:
        """Points of all slices without a finite loss."""
        return sum(int(np.sum(~np.isfinite(each.losses))) for each in self.frames)


def follow(
    terrain: Terrain,
    path: DescentPath,
    surface: Surface,
    *,
    frames: int = FRAMES,
    points: int = POINTS,
    threads: int | None = None,
) -> FollowedPlane:
    """Lay the plane of a surface through points of one of its runs.

    Parameters
    ----------
    terrain : Terrain
    path : DescentPath
        A run of the surface.
    surface : Surface
    frames : int, default 12
        At most so many slices.
    points : int, default 21
        Points along each side, an odd number.
    threads : int, optional

    Returns
    -------
    FollowedPlane

    Raises
    ------
    SettingsError
        For a function of two parameters, which a plane contains anyway.
    """
    if terrain.n_parameters == len(surface.plane.basis):
        raise SettingsError(
            "A plane cannot follow a run here",
            why="A function of two parameters lies in one plane, which shows all of it",
            fix="take the view plane, or a table",
        )
    trail = surface.trail(path.name).drawn_part
    thetas = np.asarray(path.thetas[np.searchsorted(path.steps, trail.steps)], np.float64)
    sides = np.arange(points) - points // 2
    a, b = (sides / (points // 2) * np.ptp(axis) / 2 for axis in (surface.a, surface.b))
    chosen = telling_points(thetas, trail.true, frames)
    i, j = np.tile(np.arange(points), points), np.repeat(np.arange(points), points)
    u, v = surface.plane.basis
    found = []
    for k in chosen:
        theta = thetas[k]

        def at(first: int, last: int, theta: Vector = theta) -> Vector:
            along, beside = a[i[first:last]], b[j[first:last]]
            across: Vector = np.multiply.outer(along, u) + beside[:, None] * v
            return theta + across

        losses = heights(terrain, points * points, at, threads=threads)
        assert losses is not None  # there is no ``watch``
        losses = np.where(np.isfinite(losses), losses, np.nan).reshape(points, points)
        place = int(trail.steps[k]), int(k), float(trail.true[k])
        found.append(Frame(*place, losses, float(trail.gap[k])))
    return FollowedPlane(path.name, trail, a, b, surface.plane.axes, tuple(found), terrain.facts)


def telling_points(thetas: Vector, true: Heights, most: int) -> NDArray[np.intp]:
    """At most so many points of a run: the first, the last, and those where most happens.

    They are evenly spaced in the mean of two shares: of the length of the way, and of the sum of
    all changes of the logarithm of the loss (of the loss itself, where it is not above 0).

    Returns
    -------
    ndarray of int
        Ascending, without repetition.
    """
    if len(thetas) <= most:
        return np.arange(len(thetas))
    told = np.log(true) if np.all(true > 0) else true
    shares = [np.cumsum(each) for each in (lengths(np.diff(thetas, axis=0)), np.abs(np.diff(told)))]
    moved = [each / each[-1] for each in shares if each[-1] > 0]
    if not moved:
        return np.array([0, len(thetas) - 1])
    along = np.append(0, np.mean(moved, axis=0))
    wanted = np.linspace(0, along[-1], most)
    nearest = np.argmin(np.abs(along - wanted[:, None]), axis=1)
    nearest[-1] = len(thetas) - 1
    return np.unique(nearest)
