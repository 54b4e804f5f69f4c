"""A stage in Matplotlib's axes: the painted ground, its frame, runs, places and labels."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from thalweg.landscape.ground.scale import Floats
from thalweg.landscape.ground.teaching_function import StationaryPoint
from thalweg.landscape.numbers_in_words import written
from thalweg.reporting.landscape.landscape_looks import run_look
from thalweg.reporting.stage.label_places import Box, Label, place_labels, points_along
from thalweg.reporting.stage.run_strokes import (
    POINT,
    TubeLook,
    draw_ball,
    draw_curtain,
    draw_feet,
    draw_line,
    draw_trace,
    draw_tube,
    line_of,
    put_line,
    side_by_side,
    stretches_of,
)
from thalweg.reporting.stage.stage_frame import draw_block_frame, draw_map_frame
from thalweg.reporting.stage.stage_looks import stage_looks
from thalweg.reporting.stage.stage_scene import Scene

_PLACES = ("global minimum", "local minimum", "pass", "hill")
_MARKS = {"hill": "^", "pass": "x"}


class _Head(NamedTuple):
    """Where a run is: its ball, the point that it stands for, and the line that led there."""

    number: int
    spot: Floats
    point: int
    lost: bool
    faint: bool
    line: Floats
    look: TubeLook


def draw_ground(axes: Axes, scene: Scene) -> list[Box]:
    """The ground with its frame, in axes whose units become its pixels.

    Returns
    -------
    list of Box
        The boxes of the numbers and names, which labels avoid.
    """
    axes.set_axis_off()
    axes.grid(False)
    axes.set_xlim(0, scene.width)
    axes.set_ylim(scene.height, 0)
    axes.imshow(
        scene.picture, extent=(0, scene.width, scene.height, 0), aspect="auto",
        interpolation="antialiased", zorder=1,
    )  # fmt: skip
    frame = draw_map_frame if scene.view.flat else draw_block_frame
    taken = frame(axes, scene)
    for course in scene.sheet.courses:
        inside = (course.a >= scene.sheet.x[0]) & (course.a <= scene.sheet.x[-1])
        inside &= (course.b >= scene.sheet.y[0]) & (course.b <= scene.sheet.y[-1])
        points = scene.on_ground(course.a[inside], course.b[inside])
        for hidden, part in stretches_of(points, scene.hidden) if len(points) else ():
            if not hidden:
                draw_line(axes, part, "#ffffff", 1.6, dash=(1.25, 2.5), zorder=3)
    for place, spot in zip(scene.sheet.places, _spots(scene), strict=True):
        _place(axes, scene, place.kind, spot)
    return taken


def _spots(scene: Scene) -> Floats:
    places = scene.sheet.places
    return scene.on_ground(
        np.array([each.a for each in places]), np.array([each.b for each in places])
    )


def _place(axes: Axes, scene: Scene, kind: str, spot: Floats) -> None:
    ink = scene.ink
    alpha = 0.4 if scene.hidden(spot[None])[0] else 1.0
    marker = _MARKS.get(kind, "+")
    for color, width in ((ink.page, 4.4), (ink.ink, 1.6)):
        put_line(
            axes, [spot[0]], [spot[1]], linestyle="", marker=marker, markersize=9 * POINT,
            color=color,
            markerfacecolor="none", markeredgewidth=width * POINT, alpha=alpha, zorder=8,
        )  # fmt: skip


def draw_runs(axes: Axes, scene: Scene, taken: Iterable[Box], step: float | None = None) -> None:
    """The runs up to a step, with balls and labels.

    Parameters
    ----------
    axes : Axes
    scene : Scene
    taken : iterable of Box
        Of `draw_ground`.
    step : float, optional
        By default the end.
    """
    heads = [_run(axes, scene, number, step) for number in range(len(scene.courses))]
    raised = 0.0 if scene.view.flat else stage_looks()["ball_px"]["raised"] * scene.unit
    lifted = [each.spot - np.array([0, 0 if each.lost else raised, 0]) for each in heads]
    moved = side_by_side(lifted, scene.unit)
    heads = [each._replace(spot=spot) for each, spot in zip(heads, moved, strict=True)]
    start = _start(axes, scene)
    # The farthest first.
    for each in sorted(heads, key=lambda head: -head.spot[2]):
        if each.point or each.lost:
            draw_ball(
                axes, (float(each.spot[0]), float(each.spot[1])), each.look, lost=each.lost,
                faint=each.faint, zorder=9,
            )  # fmt: skip
    _labels(axes, scene, heads, start, taken)


def _run(axes: Axes, scene: Scene, number: int, step: float | None) -> _Head:
    run, whole = scene.sheet.lines[number], scene.courses[number]
    time = float(len(run.x) - 1)
    if step is not None:
        time = float(np.interp(step, run.steps, np.arange(len(run.steps))))
    course = whole.until(time)
    flat, laid = scene.view.flat, scene.view.laid
    its = run_look(run.look, dark=scene.dark)
    look = TubeLook(its.color, scene.ink.page, its.dash, False, not laid)
    line = line_of(course, scene.project)
    if not flat:
        draw_trace(axes, stretches_of(line_of(course, scene.project, laid=True), scene.hidden))
        if not laid:
            draw_curtain(axes, course, scene.project, scene.hidden, look)

    def far(points: Floats) -> Any:
        # On a map nothing is hidden: a run is thin where most of its way is off the plane.
        return run.off[np.floor(np.nan_to_num(points[:, 3]) + 1e-6).astype(np.intp)] > 0.5

    order = 6 + 0.01 * number
    draw_tube(axes, stretches_of(line, far if flat else scene.hidden), look, order)
    draw_feet(axes, course, scene.project, scene.hidden, look, order + 0.005)
    lift = stage_looks()["course"]["lift"]
    head, foot = (
        scene.project(course.x[-1:], course.y[-1:], each[-1:] + lift).T
        for each in (course.h, course.g)
    )
    over = time >= len(run.x) - 1
    faint = bool(scene.hidden(head)[0] and scene.hidden(foot)[0])
    lost = over and run.diverged
    return _Head(number, head[0], int(time + 1e-6), lost, faint, line, look)


def _start(axes: Axes, scene: Scene) -> Floats | None:
    """The mark of the start, which runs share."""
    if not scene.courses:
        return None
    course = scene.courses[0]
    lift = stage_looks()["course"]["lift"]
    spot: Floats = scene.project(course.x[:1], course.y[:1], course.h[:1] + lift).T[0]
    for size, color in ((6.5, scene.ink.page), (5, scene.ink.ink), (2.8, scene.ink.page)):
        put_line(
            axes, [spot[0]], [spot[1]], linestyle="", marker="o", markersize=2 * size * POINT,
            color=color, markeredgewidth=0, zorder=8.5, clip_on=False,
        )  # fmt: skip
    return spot


def _labels(
    axes: Axes, scene: Scene, heads: list[_Head], start: Floats | None, taken: Iterable[Box]
) -> None:
    unit, ink = scene.unit, scene.ink
    radius = stage_looks()["ball_px"]["radius"] * unit
    wanted = []
    for each in heads:
        run = scene.sheet.lines[each.number]
        if not each.point and not each.lost:
            continue
        lost = f"{run.words} ✕ after step {run.steps[each.point]:,}"
        words = lost if each.lost else run.label(each.point)
        wanted.append(
            _label(words, each.spot, radius, unit, each.look.color, must=True, bold=True,
                   alpha=0.7 if each.faint else 1.0)
        )  # fmt: skip
    spots = list(zip(scene.sheet.places, _spots(scene), strict=True))
    spots.sort(key=lambda each: _PLACES.index(each[0].kind) if each[0].kind in _PLACES else 9)
    for place, spot in spots:
        low, behind = place.kind.endswith("minimum"), bool(scene.hidden(spot[None])[0])
        if low or not behind:
            words = f"{place.kind} {written(place.loss, 2)}" if low else place.kind
            wanted.append(
                _label(words, spot, 5 * unit, unit, ink.ink, must=low, bold=low,
                       alpha=0.55 if behind else 1.0)
            )  # fmt: skip
    wanted += _valley(scene, spots)
    if start is not None:
        wanted.append(_label("start", start, 7 * unit, unit, ink.ink, bold=True))
    blocks = [*taken, *(Box.around(each.spot, radius) for each in heads)]
    blocks += [Box.around(spot, 5 * unit) for _, spot in spots]
    frame = Box(0, 0, scene.width, scene.height)
    points = points_along([each.line for each in heads], 5 * unit)
    placed = place_labels(wanted, frame=frame, taken=blocks, points=points, unit=unit)
    for label, box, led in placed:
        if led:
            _leader(axes, label, box, ink.soft)
        axes.text(
            box.x, box.y + box.tall / 2, label.words, color=label.color, alpha=label.alpha,
            fontsize=stage_looks()["text_px"]["label"] * POINT, fontweight=label.weight,
            va="center", ha="left", zorder=11, parse_math=False,
            path_effects=[patheffects.withStroke(linewidth=2.6, foreground=ink.page)],
        )  # fmt: skip


def _valley(scene: Scene, spots: Sequence[tuple[StationaryPoint, Floats]]) -> list[Label]:
    """The name of the floors of valleys, where they are seen and farthest from other marks."""
    floors = [scene.on_ground(each.a, each.b) for each in scene.sheet.courses]
    seen = [points[~scene.hidden(points)] for points in floors]
    points = np.concatenate([np.empty((0, 3)), *seen])
    others = np.array([spot[:2] for _, spot in spots])
    if not len(points) or not len(others):
        return []
    away = np.linalg.norm(points[:, None, :2] - others, axis=2).min(axis=1)
    spot = points[int(np.argmax(away))]
    return [_label("valley", spot, 4 * scene.unit, scene.unit, scene.ink.ink)]


def _leader(axes: Axes, label: Label, box: Box, color: str) -> None:
    near = np.clip(label.spot, (box.x, box.y), (box.x + box.wide, box.y + box.tall))
    way = near - np.array(label.spot)
    first = label.spot + label.reach * way / (float(np.hypot(*way)) or 1.0)
    draw_line(axes, np.array([first, near]), color, 1, zorder=10)


def _label(
    words: str, spot: Floats, reach: float, unit: float, color: str, *, must: bool = False,
    bold: bool = False, alpha: float = 1.0,
) -> Label:  # fmt: skip
    size = stage_looks()["text_px"]["label"]
    weight = "bold" if bold else "normal"
    return Label(
        words, (float(spot[0]), float(spot[1])), reach, text_width(words, size, weight) * unit,
        1.2 * size * unit, must, color, weight, alpha,
    )  # fmt: skip


@cache
def text_width(words: str, size: float, weight: str = "normal") -> float:
    """The width of words in pixels of a page."""
    font = FontProperties(size=size * POINT, weight=weight)
    # $ would begin a formula.
    drawn = TextPath((0, 0), words.replace("$", "S"), prop=font)
    return float(np.ptp(drawn.vertices[:, 0])) / POINT + 2
