"""The animated GIF of a landscape: balls roll along the training paths.

The surface is drawn once. Each frame adds the runs up to the current step, and a ball for each run
at its true loss. All runs share one clock, in steps.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from thalweg.reporting.figures.picture import LEFT, Picture
from thalweg.reporting.landscape.landscape_figures import landscape_figure
from thalweg.reporting.landscape.landscape_looks import RGB, few_colors, look, palette_image
from thalweg.reporting.landscape.landscape_sheet import DrawnRun, Sheet
from thalweg.reporting.landscape.parallel_projection import Camera, Scene, SeenRun
from thalweg.reporting.landscape.run_marks import Mark, draw_marks, draw_upright, draw_walk

# The number of frames, and how long each is shown, in hundredths of a second; the last one longer.
FRAMES, LASTS, STAYS = 64, 8, 280
# The first steps are long and the last ones short, so the clock starts slowly.
PACE = 1.7


def landscape_film(
    sheet: Sheet,
    *,
    view: str = "surface",
    subtitle: str = "",
    camera: Camera | None = None,
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
    camera : Camera, optional
    dark : bool, default False
    frames : int, default 64
    watch : callable, optional
        ``watch(done, all)``, called for every frame.

    Returns
    -------
    bytes
    """
    picture = landscape_figure(
        sheet, view=view, subtitle=subtitle, camera=camera, dark=dark, runs=False
    )
    scene = Scene.of(sheet, camera) if view == "surface" else None
    walks = [scene.walk(line) if scene else _flat(line) for line in sheet.lines]
    canvas: Any = FigureCanvasAgg(picture)
    canvas.draw()
    empty = canvas.copy_from_bbox(picture.bbox)
    last = max((int(line.steps[-1]) for line in sheet.lines), default=0)
    clock = [round(last * (k / max(1, frames - 1)) ** PACE) for k in range(frames)]
    pictures = []
    for number, step in enumerate(clock):
        canvas.restore_region(empty)
        _draw(picture, canvas, scene, sheet, walks, step, last)
        shown = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy(), "RGB")
        pictures.append(shown)
        if watch is not None:
            watch(number + 1, frames)
    looks = [look(line.look, dark=dark) for line in sheet.lines]
    return _gif(pictures, few_colors(picture.palette, looks))


def _flat(line: DrawnRun) -> SeenRun:
    """A run as it is drawn on the map."""
    return SeenRun(np.arange(len(line.x), dtype=float), line.x, line.y, line.off > 0.5)


def _draw(
    picture: Picture,
    canvas: Any,
    scene: Scene | None,
    sheet: Sheet,
    walks: list[SeenRun],
    step: int,
    last: int,
) -> None:
    """One frame, on top of the surface."""
    axes: Axes = picture.axes[0]
    before = {*axes.get_children()}
    dark = picture.palette.page != "#ffffff"
    for line, walk in zip(sheet.lines, walks, strict=True):
        its = look(line.look, dark=dark)
        # The position of the run at that step, between two stored points.
        point = float(np.interp(step, line.steps, np.arange(len(line.steps))))
        draw_walk(axes, walk.until(point), its, picture.palette.page, width=2.4)
    marks = []
    for line in sheet.lines:
        here = int(np.searchsorted(line.steps, step, side="right")) - 1
        over = here == len(line.steps) - 1
        kind = "lost" if over and line.diverged else "end"
        for mark, at in (("start", 0), (kind, here)):
            if scene is None:
                x, y = float(line.x[at]), float(line.y[at])
            else:
                x, y = draw_upright(axes, scene, line, mark, at, picture)
            marks.append(Mark(mark, x, y, look(line.look, dark=dark)))
    draw_marks(axes, marks, picture)
    new = [each for each in axes.get_children() if each not in before]
    for each in sorted(new, key=lambda artist: artist.get_zorder()):
        axes.draw_artist(each)
        each.remove()
    said = picture.text(
        LEFT / 640, 0.0, f"step {step:,} of {last:,}", size=10, weight="bold",
        color=picture.palette.ink, transform=axes.transAxes, va="top",
    )  # fmt: skip
    said.set_position((0.0, 1.0))
    picture.draw_artist(said)
    said.remove()


def _gif(pictures: list[Image.Image], colors: list[RGB]) -> bytes:
    """A GIF with few colours, the same in all frames; each frame stores only what has changed."""
    palette = palette_image(colors)
    # One more number stands for "unchanged".
    flat, same = [part for color in colors for part in color], len(colors)
    before: Any = None
    frames = []
    for each in pictures:
        now = np.asarray(each.quantize(palette=palette, dither=Image.Dither.NONE))
        now = np.minimum(now, same - 1)
        changed = now if before is None else np.where(now == before, same, now)
        before = now
        frame = Image.fromarray(changed.astype(np.uint8), "P")
        frame.putpalette(flat + flat[-3:])
        frames.append(frame)
    times = [10 * LASTS] * (len(frames) - 1) + [10 * STAYS]
    film = BytesIO()
    frames[0].save(
        film, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0,
        optimize=False, disposal=1, transparency=same,
    )  # fmt: skip
    return film.getvalue()
