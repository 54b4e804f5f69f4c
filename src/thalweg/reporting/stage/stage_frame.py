"""The axes around a stage: losses and names beside a block, numbers around a map."""

import math
from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from thalweg.landscape.ground.scale import Floats
from thalweg.landscape.numbers_in_words import written
from thalweg.reporting.relief.relief_ground import ReliefGround
from thalweg.reporting.relief.relief_looks import ground_looks
from thalweg.reporting.stage.label_places import Box, points_along
from thalweg.reporting.stage.run_strokes import POINT, draw_line
from thalweg.reporting.stage.stage_looks import stage_looks
from thalweg.reporting.stage.stage_scene import Scene
from thalweg.wording import apart

# The sides of a block: the corners that they join, the way outwards, and the axis along them.
_SIDES = ((0, 1, 0, -1, 0), (1, 2, 1, 0, 1), (2, 3, 0, 1, 0), (3, 0, -1, 0, 1))


def loss_ticks(ground: ReliefGround, count: float, *, logarithmic: bool) -> list[float]:
    """Round losses from the bottom of a ground to its top, about so many."""
    low, high = ground.heights.low, ground.heights.high
    decades = float(np.log10(high / low)) if logarithmic and low > 0 else 0.0
    if decades > 0.7:
        steps = (1.0,) if decades > 4 else (1.0, 2.0, 5.0)
        stride = max(1, int(np.ceil(decades / 8)))
        powers = range(int(np.floor(np.log10(low))), int(np.floor(np.log10(high))) + 1, stride)
        found = [float(f"{step * 10.0**power:.3g}") for power in powers for step in steps]
    else:
        several = max(2, min(8, round(count)))
        ticks = MaxNLocator(several, steps=[1, 2, 5, 10]).tick_values(low, high)
        found = [float(each) for each in ticks]
    return [each for each in found if low <= each <= high]


def _words(axes: Axes, x: float, y: float, words: str, scene: Scene, **style: Any) -> None:
    size = stage_looks()["text_px"]["axis"] * POINT
    style = {"fontsize": size, "color": scene.ink.soft, "zorder": 7.5, **style}
    axes.text(
        x, y, words, parse_math=False,
        path_effects=[patheffects.withStroke(linewidth=2.4, foreground=scene.ink.page)], **style,
    )  # fmt: skip


def _wide(words: str, scene: Scene) -> float:
    size: float = stage_looks()["text_px"]["axis"]
    return 0.58 * size * scene.unit * len(words)


def draw_block_frame(axes: Axes, scene: Scene) -> list[Box]:
    """The height axis at the leftmost edge of the block, and the names of the sides in front."""
    ground, camera, unit, ink = scene.ground, scene.camera, scene.unit, scene.ink
    u, v = ground.sides[0] / 2, ground.sides[1] / 2
    corners = np.array([[-u, -v], [u, -v], [u, v], [-u, v]])
    lefts = camera.project(corners[:, 0], corners[:, 1], np.zeros(4))[0]
    x, y = corners[int(np.argmin(lefts))]
    foot, head = (camera.project(x, y, np.array(h)) for h in (0.0, ground.tall))
    draw_line(axes, np.array([foot, head]), ink.soft, 1, zorder=2)
    size = stage_looks()["text_px"]["axis"] * unit
    taken: list[Box] = []

    def put(words: str, right: float, middle: float) -> None:
        box = Box(right - _wide(words, scene), middle - size / 2, _wide(words, scene), size)
        if all(abs(other.y - box.y) >= size for other in taken):
            taken.append(box)
            _words(axes, right, middle, words, scene, ha="right", va="center")

    log = scene.view.logarithmic
    title = "loss" if not log else "loss, log scale"
    if log and scene.sheet.relief["base"] < 0:
        title = "loss, log above the lowest"
    left = max(float(head[0]) + 10 * unit, _wide(title, scene) + 4 * unit)
    put(title, left, max(size, float(head[1]) - 1.3 * size))
    losses = loss_ticks(ground, float(foot[1] - head[1]) / (35 * unit), logarithmic=log)
    for loss, words in zip(losses, apart(losses, written, 3), strict=True):
        px, py, _ = camera.project(x, y, ground.height_of(np.array(loss)))
        draw_line(axes, np.array([[px - 5 * unit, py], [px, py]]), ink.soft, 1, zorder=2)
        put(words.replace("-", "−"), float(px) - 8 * unit, float(py))
    base = ground_looks()["heights"]["base"]
    for one, other, out_x, out_y, axis in _SIDES:
        a, b = corners[one], corners[other]
        if camera.facing(a[:1], a[1:], np.array([out_x]), np.array([out_y]))[0]:
            ends = camera.project(
                np.array([a[0], b[0]]), np.array([a[1], b[1]]), np.full(2, base)
            ).T
            taken += _name_side(axes, scene, ends, scene.sheet.axes[axis], bool(b[axis] > a[axis]))
    return taken


def _name_side(axes: Axes, scene: Scene, ends: Floats, name: str, grows: bool) -> list[Box]:
    """The name of a side below its edge, with an arrow the way it grows; boxes along it."""
    size = stage_looks()["text_px"]["axis"] * scene.unit
    start, end = ends[:, :2] if ends[0, 0] < ends[1, 0] else ends[::-1, :2]
    right = grows == bool(ends[0, 0] < ends[1, 0])
    short = name.split(" (", maxsplit=1)[0]
    words = f"{short} →" if right else f"← {short}"
    wide = _wide(words, scene)
    way = (end - start) / np.hypot(*(end - start))
    if np.hypot(*(end - start)) < 0.8 * wide:
        return []
    x, y = (start + end) / 2 + 1.2 * size * np.array([-way[1], way[0]])
    if y + abs(way[1]) * wide / 2 + size > scene.height:
        return []
    slope = float(np.degrees(np.arctan2(way[1], way[0])))
    _words(
        axes, float(x), float(y), words, scene, rotation=-slope, rotation_mode="anchor",
        ha="center", va="center",
    )  # fmt: skip
    # Also around the last letter.
    far = np.linspace(-wide / 2, wide / 2, 1 + math.ceil(wide / size))
    return [Box.around((x + t * way[0], y + t * way[1]), size / 2) for t in far]


def draw_map_frame(axes: Axes, scene: Scene) -> list[Box]:
    """The edge of a map: numbers and names of both axes, losses on every fifth contour."""
    frame, unit, ink, sheet = scene.frame, scene.unit, scene.ink, scene.sheet
    assert frame is not None
    left, top, wide, tall = frame[:4]
    axes.add_patch(
        Rectangle((left, top), wide, tall, fill=False, edgecolor=ink.soft, linewidth=POINT)
    )
    size = stage_looks()["text_px"]["axis"] * unit
    taken: list[Box] = []
    for axis, (grid, room) in enumerate(((sheet.x, wide / 80), (sheet.y, tall / 45))):
        low, high = float(grid[0]), float(grid[-1])
        several = max(2, round(room / unit))
        ticks = MaxNLocator(several, steps=[1, 2, 5, 10]).tick_values(low, high)
        inside = [float(each) for each in ticks if low <= each <= high]
        for value, words in zip(inside, apart(inside, written, 3), strict=True):
            share, said = (value - low) / (high - low), words.replace("-", "−")
            long = _wide(said, scene)
            if axis:
                at = left - 6 * unit, top + tall * (1 - share)
                _words(axes, *at, said, scene, ha="right", va="center")
                taken.append(Box(at[0] - long, at[1] - size / 2, long, size))
            else:
                at = left + wide * share, top + tall + 5 * unit
                _words(axes, *at, said, scene, ha="center", va="top")
                taken.append(Box(at[0] - long / 2, at[1], long, size))
    name = f"↑ {sheet.axes[1]}"
    start = max(4 * unit, left - 46 * unit)
    across = f"{sheet.axes[0]} →"
    _words(axes, left + wide, top + tall + 24 * unit, across, scene, ha="right", va="top")
    long = _wide(across, scene)
    taken.append(Box(left + wide - long, top + tall + 24 * unit, long, size))
    _words(axes, start, top - 6 * unit, name, scene, ha="left", va="bottom")
    runs = [scene.project(each.x, each.y, each.g).T for each in scene.courses]
    places = scene.on_ground(
        np.array([each.a for each in sheet.places]), np.array([each.b for each in sheet.places])
    )
    avoid = np.concatenate([points_along(runs, 6 * unit), places[:, :2]])
    taken += [Box(start, top - 6 * unit - size, _wide(name, scene), size)]
    for spot, loss in level_numbers(scene, avoid):
        words, (x, y) = written(loss, 2), spot.tolist()
        half = _wide(words, scene) / 2
        taken.append(Box(x - half, y - size / 2, 2 * half, size))
        _words(axes, x, y, words, scene, ha="center", va="center", color=ink.ink)
    return taken


def level_numbers(scene: Scene, avoid: Floats) -> list[tuple[Floats, float]]:
    """For every fifth contour a place for its loss: on it, off the runs and the other numbers."""
    ground, frame, unit = scene.ground, scene.frame, scene.unit
    assert frame is not None
    major, lines = ground_looks()["lines"]["major"], ground.lines
    stride = max(1, len(ground.Y) // 40)
    level = ground.level[::stride]
    first, second = level[:, :-1], level[:, 1:]
    with np.errstate(invalid="ignore"):
        whole = np.ceil(np.minimum(first, second) / major) * major
        j, i = np.nonzero(whole < np.maximum(first, second))
    n, p, q = whole[j, i], first[j, i], second[j, i]
    x = ground.X[i] + (n - p) / (q - p) * (ground.X[i + 1] - ground.X[i])
    y = ground.Y[::stride][j]
    at = np.column_stack([frame.middle[0] + frame.side * x, frame.middle[1] - frame.side * y])
    inside = (at[:, 0] > frame.left + 26 * unit) & (at[:, 0] < frame.left + frame.wide - 26 * unit)
    inside &= (at[:, 1] > frame.top + 14 * unit) & (at[:, 1] < frame.top + frame.tall - 14 * unit)
    found: list[tuple[Floats, float]] = []
    for wanted in np.unique(n):
        places = at[(n == wanted) & inside]
        others = np.concatenate([avoid, *(each[None] for each, _ in found)])
        if not len(places):
            continue
        room = np.full(len(places), 60 * unit)
        if len(others):
            away = np.hypot(
                (others[None, :, 0] - places[:, None, 0]) / 1.6,
                others[None, :, 1] - places[:, None, 1],
            )
            room = np.minimum(room, away.min(axis=1))
        if room.max() > 22 * unit:
            sums = np.exp(wanted / lines.c) if lines.log else wanted
            top = np.array((sums - lines.a) / lines.b)
            found.append((places[int(np.argmax(room))], float(ground.loss_of(top))))
    return found
