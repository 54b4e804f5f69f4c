"""The 3-D projection of a landscape: which cell covers which, and where a line is hidden.

It uses parallel projection. Grid cells cover each other in the order of their distance along the
line of sight, so painting the farthest first is exact. To find whether a point of a line is hidden,
walk from it towards the eye.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.ground.scale import Floats, between
from thalweg.reporting.landscape.landscape_sheet import DrawnRun, Sheet

# The height of the block, as a share of its longer side.
TALL = 0.62
# Lines are drawn so far above the surface, as a share of the height.
LIFT = 0.012


@dataclass(frozen=True)
class Camera:
    """The direction of view: rotated about the vertical, and raised, in degrees."""

    azimuth: float = -58.0
    elevation: float = 34.0

    def screen(self, x: Any, y: Any, z: Any) -> tuple[Any, Any]:
        """Right and up on the picture, for points in the block (x and y about 0)."""
        turn, rise = np.radians(self.azimuth), np.radians(self.elevation)
        right = -x * np.sin(turn) + y * np.cos(turn)
        return right, np.asarray(z) * np.cos(rise) + self.depth(x, y) * np.sin(rise)

    def depth(self, x: Any, y: Any) -> Any:
        """The distance from the eye along the ground."""
        turn = np.radians(self.azimuth)
        return -x * np.cos(turn) - y * np.sin(turn)


@dataclass(frozen=True, eq=False)
class Scene:
    """A sheet placed in a block about 0, seen by a camera.

    Attributes
    ----------
    sheet : Sheet
    camera : Camera
    X, Y : ndarray
        Coordinates of the grid in the block.
    Z : ndarray of shape (len(Y), len(X))
        Heights, 0 to ``TALL``; NaN where there is none.
    """

    sheet: Sheet
    camera: Camera
    X: Floats
    Y: Floats
    Z: Floats

    @classmethod
    def of(cls, sheet: Sheet, camera: Camera | None = None) -> "Scene":
        """The scene of a sheet."""
        wide, deep = sheet.aspect
        with np.errstate(invalid="ignore"):
            Z = TALL * sheet.scale.height(sheet.losses)
        return cls(
            sheet,
            camera or best_camera(sheet),
            _in_block(sheet.x, wide),
            _in_block(sheet.y, deep),
            Z,
        )

    @property
    def ring(self) -> Floats:
        """The corners of the floor, the first one again at the end, of shape (5, 2)."""
        x0, x1, y0, y1 = self.X[0], self.X[-1], self.Y[0], self.Y[-1]
        return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)])

    def floor(self) -> tuple[Floats, Floats]:
        """The outline of the floor on the picture, a little below the surface."""
        x, y = self.ring.T
        return self.camera.screen(x, y, np.full(5, -0.02))

    def cells(self) -> tuple[Floats, Floats]:
        """The visible cells, the farthest first.

        Returns
        -------
        corners : ndarray of shape (n, 4, 2)
            Positions on the picture.
        tops : ndarray of shape (n,)
            Mean height, 0 to 1; 2 if a corner lies above the cap.
        """
        X, Y = np.meshgrid(self.X, self.Y)
        right, up = self.camera.screen(X, Y, self.Z)
        points = np.stack([right, up], axis=-1)
        corners = np.stack(
            [points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]], axis=2
        )
        tops = self._corners(self.Z / TALL).mean(axis=-1)
        with np.errstate(invalid="ignore"):
            cut = (self._corners(self.sheet.losses) > self.sheet.cap).any(axis=-1)
        tops = np.where(cut, 2.0, tops).ravel()
        x, y = np.meshgrid((self.X[:-1] + self.X[1:]) / 2, (self.Y[:-1] + self.Y[1:]) / 2)
        order = np.argsort(-self.camera.depth(x, y).ravel(), kind="stable")
        seen = order[np.isfinite(tops[order])]
        return corners.reshape(-1, 4, 2)[seen], tops[seen]

    @staticmethod
    def _corners(values: Floats) -> Floats:
        return np.stack([values[:-1, :-1], values[:-1, 1:], values[1:, 1:], values[1:, :-1]], -1)

    def place(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """From coordinates of the sheet to those of the block."""
        return (
            np.interp(x, self.sheet.x, self.X),
            np.interp(y, self.sheet.y, self.Y),
        )

    def ground(self, x: Floats, y: Floats) -> Floats:
        """The height of the drawn surface at points of the block: between four corners."""
        return between(self.X, self.Y, self.Z, x, y)

    def true(self, line: DrawnRun) -> Floats:
        """The heights of a run's true losses."""
        return np.asarray(TALL * self.sheet.scale.height(line.true))

    def walk(self, line: DrawnRun) -> "SeenRun":
        """A run as it is drawn, with a point wherever it crosses into another cell.

        It lies on the surface; in a profile at its true loss, straight between two points.
        """
        x, y = self.place(line.x, line.y)
        shares = [self._cuts(x, y, i) for i in range(len(x) - 1)]
        time = np.concatenate([*(i + share[:-1] for i, share in enumerate(shares)), [len(x) - 1.0]])
        here = np.arange(len(x))
        x, y = np.interp(time, here, x), np.interp(time, here, y)
        top = self.ground(x, y) if self.sheet.on_ground else np.interp(time, here, self.true(line))
        z = top + LIFT * TALL
        right, up = self.camera.screen(x, y, z)
        return SeenRun(time, right, up, self.hidden(x, y, z))

    def _cuts(self, x: Floats, y: Floats, i: int) -> Floats:
        """Where, from 0 to 1, the step from point i to the next crosses lines of the grid."""
        found = [np.array([0.0, 1.0])]
        for start, end, grid in ((x[i], x[i + 1], self.X), (y[i], y[i + 1], self.Y)):
            between = grid[(grid > min(start, end)) & (grid < max(start, end))]
            if len(between):
                found.append((between - start) / (end - start))
        return np.unique(np.concatenate(found))

    def hidden(self, x: Floats, y: Floats, z: Floats) -> NDArray[np.bool_]:
        """Whether the surface between the eye and points of the block covers them."""
        turn, rise = np.radians(self.camera.azimuth), np.radians(self.camera.elevation)
        # Towards the eye along the ground, rising as steeply as the line of sight.
        reach = np.linspace(0.0, 1.5, 120)[1:, None]
        u, v = x + reach * np.cos(turn), y + reach * np.sin(turn)
        inside = (np.abs(u) <= self.X[-1]) & (np.abs(v) <= self.Y[-1])
        over = self.ground(np.clip(u, *self.X[[0, -1]]), np.clip(v, *self.Y[[0, -1]]))
        with np.errstate(invalid="ignore"):
            return np.asarray(np.any(inside & (over > z + reach * np.tan(rise)), axis=0))


def _in_block(places: Floats, side: float) -> Floats:
    """Positions of grid lines along a side of the block, with the middle at 0."""
    return np.asarray(side * ((places - places[0]) / (places[-1] - places[0]) - 0.5))


def best_camera(sheet: Sheet) -> Camera:
    """The camera that hides the least of the runs, and shows the most of the surface.

    A profile is seen along its valley, from the end.
    """
    # Never along an axis: the surface would look flat.
    turns = (-24.0, -36.0) if sheet.kind == "profile" else (30, 60, 120, 150, -150, -120, -60, -30)
    return min((Camera(float(turn)) for turn in turns), key=lambda camera: _blind(sheet, camera))


def _blind(sheet: Sheet, camera: Camera) -> float:
    """How much a view hides: 0 is nothing."""
    scene = Scene.of(sheet, camera)
    x, y = np.meshgrid(scene.X, scene.Y)
    ground = float(
        np.mean(
            scene.hidden(x[::2, ::2].ravel(), y[::2, ::2].ravel(), scene.Z[::2, ::2].ravel() + LIFT)
        )
    )
    runs = [float(np.mean(scene.walk(line).hidden)) for line in sheet.lines]
    slope = np.nanmean(scene.Z * camera.depth(x, y)) / TALL  # low ground in front shows more
    return ground + 2 * float(np.mean(runs or [0.0])) - float(slope)


class SeenRun(NamedTuple):
    """A run projected to a picture.

    Attributes
    ----------
    time : ndarray of shape (n,)
        The point of the run, with fractions between two points.
    right, up : ndarray of shape (n,)
        Positions on the picture.
    hidden : ndarray of bool, shape (n,)
        Whether the surface hides the point.
    """

    time: Floats
    right: Floats
    up: Floats
    hidden: NDArray[np.bool_]

    def until(self, point: float) -> "SeenRun":
        """The part up to a point of the run."""
        kept = self.time <= point
        return SeenRun(self.time[kept], self.right[kept], self.up[kept], self.hidden[kept])

    def stretches(self) -> Iterator[tuple[bool, Floats, Floats]]:
        """Stretches that are hidden or visible, each with the first point of the next."""
        bounds = np.flatnonzero(np.diff(self.hidden)) + 1
        for begin, end in pairwise([0, *bounds.tolist(), len(self.hidden)]):
            if end > begin:
                stop = min(end + 1, len(self.hidden))
                yield bool(self.hidden[begin]), self.right[begin:stop], self.up[begin:stop]
