"""The animated GIF of a landscape: balls run down the painted ground, losses by step below it.

The ground is drawn once. Each frame adds the runs up to its step, and a ball for each run. All runs
share one clock, in steps: the first ten are shown one by one, because they decide; then as many as
double in even times.
"""

from collections.abc import Callable
from importlib.metadata import version
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from thalweg.reporting.figures.picture import balanced
from thalweg.reporting.landscape.landscape_looks import INKS, in_palette, run_look
from thalweg.reporting.landscape.landscape_sheet import Sheet
from thalweg.reporting.stage.stage_picture import draw_ground, draw_runs
from thalweg.reporting.stage.stage_scene import Scene, View
from thalweg.reporting.stage.strip_picture import draw_strip

WIDTH, HEIGHT = 960, 600
# The number of frames, and how long each is shown, in hundredths of a second; the last one longer.
FRAMES, LASTS, STAYS = 80, 8, 150
# So many steps are shown one by one.
SINGLE = 10
_DPI = 100
# Pixels below the picture: the losses by step, and the source.
_FOOT = 104


def landscape_film(
    sheet: Sheet,
    *,
    view: str = "surface",
    subtitle: str = "",
    dark: bool = False,
    frames: int = FRAMES,
    watch: Callable[[int, int], object] | None = None,
) -> bytes:
    """The runs of a sheet from start to end, as a GIF in a loop.

    Parameters
    ----------
    sheet : Sheet
    view : {"surface", "map"}
    subtitle : str
    dark : bool, default False
    frames : int, default 80
    watch : callable, optional
        ``watch(done, all)``, called for every frame.

    Returns
    -------
    bytes
    """
    ink = INKS["dark" if dark else "light"]
    figure = Figure(
        figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=_DPI, facecolor=ink.page, edgecolor=ink.page
    )
    canvas: Any = FigureCanvasAgg(figure)
    top = _heads(figure, sheet, subtitle, dark)
    axes = _axes(figure, 0, _FOOT, WIDTH, top - _FOOT)
    scene = Scene.of(sheet, WIDTH, round(top - _FOOT), dark=dark, view=View(flat=view == "map"))
    taken = draw_ground(axes, scene)
    strip = _axes(figure, 58, 38, WIDTH - 82, 48)
    strip.spines[["left", "right", "top"]].set_visible(False)
    strip.spines["bottom"].set_color(ink.soft)
    strip.tick_params(length=0)
    last = draw_strip(strip, sheet.lines, dark=dark)
    canvas.draw()
    empty = canvas.copy_from_bbox(figure.bbox)
    pictures = []
    clock = clock_of(int(last), frames)
    for number, step in enumerate(clock):
        canvas.restore_region(empty)
        _draw(figure, axes, strip, scene, taken, step, int(last))
        shown = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy(), "RGB")
        pictures.append(shown)
        if watch is not None:
            watch(number + 1, len(clock))
    looks = [run_look(line.look, dark=dark) for line in sheet.lines]
    return _gif(in_palette(pictures, ink, looks))


def clock_of(last: int, frames: int) -> list[float]:
    """The steps of the frames: the first ones singly, then evenly in the logarithm of the step."""
    single = min(SINGLE, last)
    if frames <= single + 1 or last <= SINGLE:
        return [float(each) for each in np.linspace(0, last, max(2, frames))]
    rest = np.geomspace(single, last, frames - single)[1:]
    return [*map(float, range(single + 1)), *np.floor(rest + 0.5).tolist()]


def _axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    box = (left / WIDTH, bottom / HEIGHT, width / WIDTH, height / HEIGHT)
    return figure.add_axes(box, facecolor="none")


def _heads(figure: Figure, sheet: Sheet, subtitle: str, dark: bool) -> float:
    """One line of finding, or two, and one of source; returns how high the picture may reach."""
    ink = INKS["dark" if dark else "light"]
    style: dict[str, Any] = {"parse_math": False, "va": "top", "color": ink.ink}
    top = HEIGHT - 12.0
    for line in balanced(sheet.finding.replace("\n", " "), 96):
        figure.text(20 / WIDTH, top / HEIGHT, line, fontsize=12.5, fontweight="bold", **style)
        top -= 21
    small = {**style, "color": ink.soft, "fontsize": 7.5, "va": "baseline"}
    honest = f"Is this picture honest? {sheet.verdict.capitalize()}."
    arcs = " An arc is one step; its height means nothing." if sheet.kind == "plane" else ""
    source = f"{subtitle.split('. ')[0].rstrip('.')}. " if subtitle else ""
    name = f"thalweg {version('thalweg')}"
    figure.text(20 / WIDTH, 7 / HEIGHT, f"{source}{honest}{arcs}", **small)
    figure.text(1 - 14 / WIDTH, 7 / HEIGHT, name, ha="right", **small)
    return top


def _draw(
    figure: Figure, axes: Axes, strip: Axes, scene: Scene, taken: list[Any], step: float, last: int
) -> None:
    """One frame, on top of the ground."""
    ink = scene.ink
    before = {*axes.get_children(), *strip.get_children()}
    draw_runs(axes, scene, taken, step)
    axes.text(
        1 - 18 / WIDTH, 0.98, f"step {round(step):,} of {last:,}", fontsize=11, fontweight="bold",
        color=ink.ink, transform=axes.transAxes, va="top", ha="right", zorder=12,
    )  # fmt: skip
    strip.axvline(step, color=ink.soft, linewidth=1.2)
    for line in scene.sheet.lines:
        loss = float(np.interp(step, line.steps, line.true))
        loss = min(loss, strip.get_ylim()[1])
        strip.plot([min(step, line.steps[-1])], [loss], marker="o", markersize=5,
                   color=run_look(line.look, dark=scene.dark).color, clip_on=False)  # fmt: skip
    for where in (axes, strip):
        new = [each for each in where.get_children() if each not in before]
        for each in sorted(new, key=lambda artist: artist.get_zorder()):
            where.draw_artist(each)
            each.remove()


def _gif(frames: list[Image.Image]) -> bytes:
    """A GIF whose frames have one palette; each frame stores only what has changed."""
    same = 255
    before: Any = None
    made = []
    for each in frames:
        now = np.asarray(each)
        changed = now if before is None else np.where(now == before, same, now)
        before = now
        frame = Image.fromarray(changed.astype(np.uint8), "P")
        frame.putpalette(each.getpalette() or [])
        made.append(frame)
    times = [10 * LASTS] * (len(made) - 1) + [10 * STAYS]
    film = BytesIO()
    made[0].save(
        film, "GIF", save_all=True, append_images=made[1:], duration=times, loop=0,
        optimize=False, disposal=1, transparency=same,
    )  # fmt: skip
    return film.getvalue()
