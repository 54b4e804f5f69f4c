"""Marks drawn on a landscape: the paths of runs, their ends, and named places."""

from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes

from thalweg.reporting.figures.picture import Picture
from thalweg.reporting.landscape.landscape_looks import RunLook
from thalweg.reporting.landscape.landscape_sheet import DrawnRun, Sheet
from thalweg.reporting.landscape.parallel_projection import TALL, Scene, SeenRun

# If the true and the drawn loss of a run differ by less than this, a stem would not be visible.
_STEM = 0.02


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


def draw_mark(axes: Axes, kind: str, x: float, y: float, its: RunLook, picture: Picture) -> None:
    """A mark: an open circle, a star, the run's marker, or a cross."""
    page, ink = picture.palette.page, picture.palette.ink
    looks: dict[str, dict[str, Any]] = {
        "start": {"marker": "o", "markersize": 8, "markerfacecolor": page, "markeredgecolor": ink},
        "best": {"marker": "*", "markersize": 13, "markerfacecolor": its.color},
        "end": {"marker": its.marker, "markersize": 8, "markerfacecolor": its.color},
        "lost": {"marker": "X", "markersize": 9, "markerfacecolor": its.color},
    }
    style = {"markeredgecolor": page, "markeredgewidth": 1.6, "clip_on": False, **looks[kind]}
    axes.plot([x], [y], linestyle="", zorder=9, **style)


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


def draw_places(axes: Axes, sheet: Sheet, picture: Picture, scene: Scene | None = None) -> None:
    """Minima, passes and hills with their names, and the valley floors as thin lines."""
    page, ink = picture.palette.page, picture.palette.ink
    for course in sheet.courses:
        x, y = _seen(scene, course.a, course.b)
        axes.plot(
            x, y, color="#ffffff", linewidth=1.6, linestyle=(0, (1, 1.6)), zorder=5,
            path_effects=[patheffects.withStroke(linewidth=3, foreground="#00000060")],
        )  # fmt: skip
    for place in sheet.places:
        x, y = _seen(scene, np.array([place.a]), np.array([place.b]))
        axes.plot(x, y, "+", color=ink, markersize=7, markeredgewidth=1.4, zorder=10,
                  path_effects=casing(page, 1.4))  # fmt: skip
        right = place.a > sheet.x[0] + 0.68 * np.ptp(sheet.x)
        axes.annotate(
            place.kind, (float(x[0]), float(y[0])), (-7 if right else 7, -4),
            textcoords="offset points", fontsize=7.5, color=ink, zorder=11, va="top",
            ha="right" if right else "left", annotation_clip=False,
            path_effects=[patheffects.withStroke(linewidth=2.6, foreground=page)],
        )  # fmt: skip


def _seen(scene: Scene | None, a: Any, b: Any) -> tuple[Any, Any]:
    """Positions of points of the sheet on the picture: on the map, or on the 3-D surface."""
    if scene is None:
        return a, b
    inside = (a >= scene.sheet.x[0]) & (a <= scene.sheet.x[-1])
    inside &= (b >= scene.sheet.y[0]) & (b <= scene.sheet.y[-1])
    x, y = scene.place(a[inside], b[inside])
    return scene.camera.screen(x, y, scene.ground(x, y) + 0.01 * TALL)
