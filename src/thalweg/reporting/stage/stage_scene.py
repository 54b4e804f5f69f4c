"""A sheet before a camera: its painted ground, and the courses of its runs in pixels."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.ground.scale import Floats
from thalweg.reporting.landscape.landscape_looks import INKS, Ink
from thalweg.reporting.landscape.landscape_sheet import Sheet
from thalweg.reporting.relief.relief_camera import Margins, ReliefCamera, make_camera
from thalweg.reporting.relief.relief_ground import ReliefGround
from thalweg.reporting.relief.relief_raster import PaintedGround, paint_ground
from thalweg.reporting.stage.run_course import RunCourse, course_of
from thalweg.reporting.stage.sheet_ground import best_azimuth, ground_of
from thalweg.reporting.stage.stage_looks import stage_looks

# A point of a map is so far above its ground.
_FLAT = 0.003
# Pixels of a page that are free around the ground of a map.
_MAP_ROOM = Margins(58, 16, 26, 44)


class View(NamedTuple):
    """What is seen of a sheet, and how.

    Attributes
    ----------
    flat : bool
        A map instead of a block.
    laid : bool
        Runs lie on the slice, instead of at their true loss.
    logarithmic : bool
    azimuth, elevation : float, optional
        By default the best azimuth, and 40 degrees.
    """

    flat: bool = False
    laid: bool = False
    logarithmic: bool = False
    azimuth: float | None = None
    elevation: float | None = None


class MapFrame(NamedTuple):
    """Where a map is on its picture, in pixels; ``side`` are those of a side of the block."""

    left: float
    top: float
    wide: float
    tall: float
    side: float
    middle: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Scene:
    """A painted sheet.

    Attributes
    ----------
    sheet : Sheet
    view : View
    ground : ReliefGround
    camera : ReliefCamera
    painted : PaintedGround
    courses : tuple of RunCourse
        Of the runs of the sheet, in their order.
    width, height : int
    unit : float
        Pixels of the picture in a pixel of a page.
    dark : bool
    frame : MapFrame or None
        Of a map.
    """

    sheet: Sheet
    view: View
    ground: ReliefGround
    camera: ReliefCamera
    painted: PaintedGround
    courses: tuple[RunCourse, ...]
    width: int
    height: int
    unit: float
    dark: bool
    frame: MapFrame | None

    @classmethod
    def of(
        cls, sheet: Sheet, width: int, height: int, *, unit: float = 1.0, dark: bool = False,
        view: View | None = None,
    ) -> "Scene":  # fmt: skip
        """A sheet in a picture of so many pixels."""
        view = view or View()
        ground = ground_of(sheet, logarithmic=view.logarithmic)
        leaps = sheet.kind == "plane"
        free = tuple(course_of(ground, each, laid=False, leaps=leaps) for each in sheet.lines)
        frame = _map_frame(ground, width, height, unit) if view.flat else None
        if frame is not None:
            camera = _map_camera(ground, frame)
        else:
            azimuth = best_azimuth(sheet) if view.azimuth is None else view.azimuth
            camera = make_camera(
                ground, width, height, azimuth=azimuth, elevation=view.elevation,
                margins=Margins(max(56 * unit, 0.05 * width), 14 * unit, 26 * unit, 34 * unit),
                more=np.concatenate([np.empty((0, 3)), *(each.flying for each in free)]),
            )  # fmt: skip
        painted = paint_ground(ground, camera, width, height, "dark" if dark else "light")
        view = view._replace(laid=view.flat or (view.laid and sheet.kind == "plane"))
        courses = free
        if view.laid:
            courses = tuple(course_of(ground, each, laid=True, leaps=leaps) for each in sheet.lines)
        return cls(
            sheet, view, ground, camera, painted, courses, width, height, unit, dark, frame
        )  # fmt: skip

    def without_runs(self) -> "Scene":
        """The same without runs."""
        return replace(self, sheet=replace(self.sheet, lines=()), courses=())

    @property
    def ink(self) -> Ink:
        """The colours of its words."""
        return INKS["dark" if self.dark else "light"]

    @property
    def picture(self) -> NDArray[np.uint8]:
        """The ground on its page; a map without what lies beyond its frame."""
        picture = self.painted.picture
        if self.frame is not None:
            left, top, wide, tall = (round(each) for each in self.frame[:4])
            inside = np.zeros(picture.shape[:2], bool)
            inside[top : top + tall, left : left + wide] = True
            picture[~inside] = self.painted.page
        return picture

    def project(self, x: Floats, y: Floats, h: Floats) -> Floats:
        """Places in the block to pixels and depth."""
        return self.camera.project(x, y, np.full_like(h, _FLAT) if self.view.flat else h)

    def on_ground(self, a: Floats, b: Floats) -> Floats:
        """Points of the ground, given on the axes of the sheet, in pixels, of shape (n, 3)."""
        x, y = self.ground.place(np.asarray(a, np.float64), np.asarray(b, np.float64))
        top = np.nan_to_num(self.ground.height_at(x, y)) + stage_looks()["course"]["lift"]
        return self.project(x, y, top).T

    def hidden(self, points: Floats) -> NDArray[np.bool_]:
        """Whether the ground is before points of shape (n, ≥ 3); on a map it never is."""
        x, y = points[:, 0], points[:, 1]
        inside = (x >= 0) & (y >= 0) & (x < self.width) & (y < self.height)
        if self.view.flat:
            return np.zeros(len(points), bool)
        return inside & self.painted.is_hidden(points[:, :3].T)


def _map_frame(ground: ReliefGround, width: int, height: int, unit: float) -> MapFrame:
    left, right, top, bottom = (each * unit for each in _MAP_ROOM)
    w, d = ground.sides
    side = min((width - left - right) / w, (height - top - bottom) / d)
    wide, tall = side * w, side * d
    start = left + (width - left - right - wide) / 2
    middle = start + wide / 2, top + (height - top - bottom) / 2
    return MapFrame(start, middle[1] - tall / 2, wide, tall, side, middle)


def _map_camera(ground: ReliefGround, frame: MapFrame) -> ReliefCamera:
    """A camera that looks straight down, without perspective; light comes from the upper left."""
    side, (x0, y0) = frame.side, frame.middle
    matrix = np.array(
        [[side, 0, 0, x0], [0, -side, 0, y0], [0, 0, -1, ground.tall], [0, 0, 0, 1]], np.float64
    )
    light = np.array(stage_looks()["map_light"])
    above = np.array([0.0, 0.0, 1.0])
    return ReliefCamera(
        matrix, side, above, np.array([1.0, 0.0, 0.0]), above, light / np.linalg.norm(light), 1.0
    )  # fmt: skip
