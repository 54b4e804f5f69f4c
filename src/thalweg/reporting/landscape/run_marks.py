"""Marks drawn on a landscape: the paths of runs, their ends, and named places."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox, ScaledTranslation

from thalweg.reporting.figures.picture import Picture
from thalweg.reporting.landscape.landscape_looks import RunLook
from thalweg.reporting.landscape.landscape_sheet import DrawnRun, Sheet
from thalweg.reporting.landscape.parallel_projection import TALL, Scene, SeenRun

# If the true and the drawn loss of a run differ by less than this, a stem would not be visible.
_STEM = 0.02
# The width of a cross with its outline, in points.
_CROSS = 10.5
# How far the points of a run are apart where names and numbers avoid it, in pixels, and half the
# width of its line with the outline.
_SPACING, _HALF_LINE = 3.0, 4.0
# The smallest distance between the numbers of two contours, in pixels.
_APART = 30
# The smallest distance of such a number from a run, a name and the edge, in pixels.
_CLEAR = 14
# The name of a place is so many pixels beside its cross, and its top so many below it; the nearest
# come first. In pixels.
_ARM = 9.0
_BELOW = (5, -19, -7, 19, -32, 32, -46, 46, -60, 60)


def casing(page: str, width: float) -> list[Any]:
    """An outline of two pixels around a line, in the colour of the page."""
    return [
        patheffects.Stroke(linewidth=width + 2.6, foreground=page),
        patheffects.Normal(),
    ]


def draw_walk(axes: Axes, walk: SeenRun, its: RunLook, page: str, *, width: float = 2.2) -> None:
    """A run in 3-D: with an outline where it is visible, dotted and pale where it is hidden."""
    for hidden, right, up in walk.stretches():
        if hidden:
            axes.plot(
                right, up, color=its.color, linewidth=1.1, linestyle=":", alpha=0.75, zorder=6
            )
        else:
            axes.plot(
                right, up, color=its.color, linewidth=width, linestyle=its.linestyle,
                path_effects=casing(page, width), solid_capstyle="round", zorder=7,
            )  # fmt: skip


class Mark(NamedTuple):
    """A mark of a run, and its position on the axes."""

    kind: str
    x: float
    y: float
    its: RunLook


def draw_marks(axes: Axes, marks: Sequence[Mark], picture: Picture) -> None:
    """All marks of all runs; crosses that would lie on each other stand side by side.

    The start, which runs share, is below all other marks.
    """
    crosses = [k for k, mark in enumerate(marks) if mark.kind == "lost"]
    spots: Any = axes.transData.transform([(m.x, m.y) for m in marks]) if marks else []
    points = picture.dpi / 72
    for k, mark in enumerate(marks):
        shift = 0.0
        if mark.kind == "lost":
            same = [j for j in crosses if np.hypot(*(spots[j] - spots[k])) < _CROSS / 2 * points]
            shift = _CROSS * (same.index(k) - (len(same) - 1) / 2)
        draw_mark(axes, *mark, picture, shift)


def draw_mark(
    axes: Axes, kind: str, x: float, y: float, its: RunLook, picture: Picture, shift: float = 0.0
) -> None:
    """A mark: an open circle, a star, the run's marker, or a cross, some points to the right."""
    page, ink = picture.palette.page, picture.palette.ink
    looks: dict[str, dict[str, Any]] = {
        "start": {"marker": "o", "markersize": 8, "markerfacecolor": page, "markeredgecolor": ink},
        "best": {"marker": "*", "markersize": 13, "markerfacecolor": its.color},
        "end": {"marker": its.marker, "markersize": 8, "markerfacecolor": its.color},
        "lost": {"marker": "X", "markersize": 9, "markerfacecolor": its.color},
    }
    style = {"markeredgecolor": page, "markeredgewidth": 1.6, "clip_on": False, **looks[kind]}
    aside = ScaledTranslation(shift / 72, 0, picture.dpi_scale_trans)
    axes.plot(
        [x], [y], linestyle="", zorder={"start": 8.5, "lost": 9.5}.get(kind, 9),
        transform=axes.transData + aside, **style,
    )  # fmt: skip


def marks_of(line: DrawnRun) -> dict[str, int]:
    """The marks of a run, each with its point: a star only where there is no other mark."""
    found = dict(line.marks)
    if found["best"] in (found["start"], found["end"]):
        del found["best"]
    if line.diverged:
        found["lost"] = found.pop("end")
    return found


def draw_upright(
    axes: Axes, scene: Scene, line: DrawnRun, kind: str, point: int, picture: Picture
) -> tuple[float, float]:
    """The stem from the surface to the true loss of a mark's point, if the two can be told apart.

    A diverged run is cut at the edge, or before its loss explodes: its cross is on the surface.

    Returns
    -------
    right, up : float
        The position of the mark on the picture.
    """
    x, y = (each[point : point + 1] for each in scene.place(line.x, line.y))
    low, top = scene.ground(x, y), scene.true(line)[point : point + 1]
    right, high = scene.camera.screen(x, y, top)
    ground_up = scene.camera.screen(x, y, low)[1]
    if kind == "lost":
        return float(right[0]), float(ground_up[0])
    if np.abs(top - low) > _STEM * TALL:
        axes.plot(
            [right[0]] * 2, [ground_up[0], high[0]], color=picture.palette.ink, linewidth=1.2,
            path_effects=casing(picture.palette.page, 1.2), zorder=8,
        )  # fmt: skip
    return float(right[0]), float(high[0])


def lines_in_pixels(axes: Axes, sheet: Sheet, scene: Scene | None = None) -> np.ndarray:
    """Points of all runs, and of the floor's outline, close together, in pixels.

    Returns
    -------
    ndarray of shape (n_points, 2)
    """
    found = [np.empty((0, 2))]
    if scene is None:
        ways = [(line.x, line.y) for line in sheet.lines]
    else:
        ways = [(walk.right, walk.up) for walk in map(scene.walk, sheet.lines)]
        ways.append(scene.floor())
    for right, up in ways:
        corners = axes.transData.transform(np.column_stack([right, up]))
        # A run may go far beyond the picture, or where the surface has no finite loss.
        corners = np.clip(
            corners[np.isfinite(corners).all(axis=1)], *axes.bbox.padded(50).get_points()
        )
        if not len(corners):
            continue
        along = np.append(0, np.cumsum(np.hypot(*np.diff(corners, axis=0).T)))
        far = np.arange(0, along[-1] + _SPACING, _SPACING)
        found.append(np.column_stack([np.interp(far, along, each) for each in corners.T]))
    return np.concatenate(found)


def draw_places(
    axes: Axes, sheet: Sheet, picture: Picture, scene: Scene | None = None
) -> list[Bbox]:
    """Minima, passes and hills with their names, and the valley floors as thin lines.

    Returns
    -------
    list of Bbox
        The boxes of the names, in pixels.
    """
    page, ink = picture.palette.page, picture.palette.ink
    for course in sheet.courses:
        x, y = _seen(scene, course.a, course.b)
        axes.plot(
            x, y, color="#ffffff", linewidth=1.6, linestyle=(0, (1, 1.6)), zorder=5,
            path_effects=[patheffects.withStroke(linewidth=3, foreground="#00000060")],
        )  # fmt: skip
    spots = []
    for place in sheet.places:
        x, y = _seen(scene, np.array([place.a]), np.array([place.b]))
        axes.plot(x, y, "+", color=ink, markersize=7, markeredgewidth=1.4, zorder=10,
                  path_effects=casing(page, 1.4))  # fmt: skip
        spots.append((float(x[0]), float(y[0])))
    pixels = axes.transData.transform(spots) if spots else np.empty((0, 2))
    crosses = [Bbox([spot, spot]).padded(_ARM) for spot in pixels]
    runs, names = lines_in_pixels(axes, sheet, scene), list[Bbox]()
    for k, place in enumerate(sheet.places):
        said = axes.annotate(
            place.kind, spots[k], (0, 0), textcoords="offset points", fontsize=7.5, color=ink,
            zorder=11, va="bottom", ha="left", annotation_clip=False,
            path_effects=[patheffects.withStroke(linewidth=2.6, foreground=page)],
        )  # fmt: skip
        size = said.get_window_extent()
        taken = [*names, *crosses[:k], *crosses[k + 1 :]]
        names.append(_room_for(size, pixels[k], axes.bbox, taken, runs))
        said.set_position((names[k].p0 - pixels[k]) * 72 / picture.dpi)
    return names


def _room_for(
    size: Bbox, spot: np.ndarray, inside: Bbox, taken: Sequence[Bbox], runs: np.ndarray
) -> Bbox:
    """The nearest box beside a spot that is free, or the one that covers the least of the runs.

    It is not on another name or cross, if there is such a place, and inside the picture.
    """
    wide, tall = size.width, size.height
    boxes = [
        Bbox.from_bounds(spot[0] + across, spot[1] - below - tall, wide, tall)
        for below in _BELOW
        for across in (_ARM, -_ARM - wide, -wide / 2)
        if across != -wide / 2 or not -tall - _ARM < below < _ARM
    ]

    def covered(box: Bbox) -> tuple[int, int]:
        over = sum(box.padded(2).overlaps(other) for other in taken)
        out = not (inside.contains(*box.p0) and inside.contains(*box.p1))
        wider = box.padded(_HALF_LINE)
        hidden = (runs > wider.p0) & (runs < wider.p1)
        return over + out, int(hidden.all(axis=1).sum())

    return min(boxes, key=covered)


def number_places(
    axes: Axes, lines: Sequence[Sequence[np.ndarray]], runs: np.ndarray, taken: Sequence[Bbox]
) -> list[tuple[float, float]]:
    """The place on the longest line of each level that is free, and the nearest to its middle.

    No other number, no run and no name is close to it. A level without such a place has no number.
    """
    found: list[Any] = []
    inside = axes.bbox.padded(-_CLEAR)

    def is_free(place: np.ndarray) -> bool:
        return (
            inside.contains(*place)
            and all(np.hypot(*(place - other)) > _APART for other in found)
            and not (np.hypot(*(runs - place).T) < _CLEAR).any()
            and not any(box.padded(_CLEAR).contains(*place) for box in taken)
        )

    for pieces in lines:
        ways = [axes.transData.transform(piece) for piece in pieces if len(piece) > 1]
        if not ways:
            continue
        longest = max(ways, key=lambda way: np.hypot(*np.diff(way, axis=0).T).sum())
        middle = len(longest) // 2
        nearest = sorted(range(len(longest)), key=lambda k: abs(k - middle))
        free = next((longest[k] for k in nearest if is_free(longest[k])), None)
        if free is not None:
            found.append(free)
    return [tuple(axes.transData.inverted().transform(each)) for each in found]


def _seen(scene: Scene | None, a: Any, b: Any) -> tuple[Any, Any]:
    """Positions of points of the sheet on the picture: on the map, or on the 3-D surface."""
    if scene is None:
        return a, b
    inside = (a >= scene.sheet.x[0]) & (a <= scene.sheet.x[-1])
    inside &= (b >= scene.sheet.y[0]) & (b <= scene.sheet.y[-1])
    x, y = scene.place(a[inside], b[inside])
    return scene.camera.screen(x, y, scene.ground(x, y) + 0.01 * TALL)
