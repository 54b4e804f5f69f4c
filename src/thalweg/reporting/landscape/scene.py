"""A sheet seen from aside: which cell covers which, and where a line is hidden.

Parallel projection. Cells of a grid cover each other in the order of their distance along the
line of sight, so that painting the farthest first is exact; whether a point of a line is hidden is
found by walking from it towards the eye.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.ground.scale import Floats, between
from thalweg.reporting.landscape.sheet import DrawnRun, Sheet

# Height of the block, as a part of its longer side.
TALL = 0.62
# A line lies so far above the ground, in parts of the height.
LIFT = 0.012


@dataclass(frozen=True)
class Camera:
    """From where: turned about the vertical, and raised, in degrees."""

    azimuth: float = -58.0
    elevation: float = 34.0

    def screen(self, x: Any, y: Any, z: Any) -> tuple[Any, Any]:
        """Right and up on the picture, of places in the block (x and y about 0)."""
        turn, rise = np.radians(self.azimuth), np.radians(self.elevation)
        right = -x * np.sin(turn) + y * np.cos(turn)
        return right, np.asarray(z) * np.cos(rise) + self.depth(x, y) * np.sin(rise)

    def depth(self, x: Any, y: Any) -> Any:
        """How far away, along the ground."""
        turn = np.radians(self.azimuth)
        return -x * np.cos(turn) - y * np.sin(turn)


@dataclass(frozen=True, eq=False)
class Scene:
    """A sheet put into a block about 0, and looked at.

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

    def cells(self) -> tuple[Floats, Floats]:
        """The cells that can be seen, the farthest first.

        Returns
        -------
        corners : ndarray of shape (n, 4, 2)
            On the picture.
        tops : ndarray of shape (n,)
            Mean height, 0 to 1; 2 where a corner lies above the cap.
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
        """The height of the drawn ground at places of the block: between four corners."""
        return between(self.X, self.Y, self.Z, x, y)

    def true(self, line: DrawnRun) -> Floats:
        """The heights of a run's true losses."""
        return np.asarray(TALL * self.sheet.scale.height(line.true))

    def walk(self, line: DrawnRun) -> "SeenRun":
        """A run on the ground, with a point wherever it crosses into another cell."""
        x, y = self.place(line.x, line.y)
        shares = [self._cuts(x, y, i) for i in range(len(x) - 1)]
        time = np.concatenate([*(i + share[:-1] for i, share in enumerate(shares)), [len(x) - 1.0]])
        here = np.arange(len(x))
        x, y = np.interp(time, here, x), np.interp(time, here, y)
        z = self.ground(x, y) + LIFT * TALL
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
        """Whether the ground between the eye and places of the block covers them."""
        turn, rise = np.radians(self.camera.azimuth), np.radians(self.camera.elevation)
        # Towards the eye along the ground, and as steeply up as the line of sight.
        reach = np.linspace(0.0, 1.5, 120)[1:, None]
        u, v = x + reach * np.cos(turn), y + reach * np.sin(turn)
        inside = (np.abs(u) <= self.X[-1]) & (np.abs(v) <= self.Y[-1])
        over = self.ground(np.clip(u, *self.X[[0, -1]]), np.clip(v, *self.Y[[0, -1]]))
        with np.errstate(invalid="ignore"):
            return np.asarray(np.any(inside & (over > z + reach * np.tan(rise)), axis=0))


def _in_block(places: Floats, side: float) -> Floats:
    """Places of a grid on a side of the block, its middle at 0."""
    return np.asarray(side * ((places - places[0]) / (places[-1] - places[0]) - 0.5))


def best_camera(sheet: Sheet) -> Camera:
    """From where least of the runs is hidden, and most of the ground is turned to the eye.

    A profile is looked at up its valley, from the end.
    """
    # Never along an axis: the ground would look flat.
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
    """A run as it is seen on a scene.

    Attributes
    ----------
    time : ndarray of shape (n,)
        Which point of the run, with parts of a step between two.
    right, up : ndarray of shape (n,)
        On the picture.
    hidden : ndarray of bool, shape (n,)
        Behind the ground.
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
        """Stretches that are hidden or not, each with the first point of the next."""
        bounds = np.flatnonzero(np.diff(self.hidden)) + 1
        for begin, end in pairwise([0, *bounds.tolist(), len(self.hidden)]):
            if end > begin:
                stop = min(end + 1, len(self.hidden))
                yield bool(self.hidden[begin]), self.right[begin:stop], self.up[begin:stop]
