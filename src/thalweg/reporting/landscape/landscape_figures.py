"""Figures of landscapes in matplotlib: the 3-D block, the map, and the notes below them.

They draw a `Sheet` and know no model. Lines have outlines and dashes; start, best and end have
marks. Where there is no finite loss the picture is blank and hatched; above the cap it is flat and
hatched. Both are counted.
"""

from collections.abc import Sequence
from textwrap import wrap

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox
from PIL import Image

from thalweg.errors import SettingsError
from thalweg.landscape.numbers_in_words import written
from thalweg.reporting.figures.picture import LEFT, WIDTH, ApartFormatter, Picture, balanced
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.landscape.landscape_looks import (
    RunLook,
    few_colors,
    ground,
    look,
    palette_image,
)
from thalweg.reporting.landscape.landscape_sheet import DrawnRun, Sheet, beside
from thalweg.reporting.landscape.parallel_projection import Camera, Scene
from thalweg.reporting.landscape.run_marks import (
    Mark,
    casing,
    draw_marks,
    draw_places,
    draw_upright,
    draw_walk,
    lines_in_pixels,
    marks_of,
    number_places,
)
from thalweg.wording import apart

# The views of a sheet, and their heights in pixels.
HEIGHTS = {"surface": 400, "map": 396}
VIEWS = ("both", *HEIGHTS)
# The height of a line in the legend and in the sentences below it, and of their heads.
_ROW, _SAID, _HEAD = 18, 14, 22
_NAME = 14
# The room for a number on an axis, in pixels.
_WIDE, _TALL = 64, 30
# Shades of the surface in a picture with few colours.
_SHADES = 40


class Ground(Picture):
    """A picture with much detail: a notebook stores it at a lower resolution."""

    notebook_dpi = 150
    looks: tuple[RunLook, ...] = ()

    def in_few_colors(self, image: Image.Image) -> Image.Image:
        """The image in the colours of page, runs and surface."""
        palette = palette_image(few_colors(self.palette, self.looks, _SHADES))
        return image.quantize(palette=palette, dither=Image.Dither.NONE)


def landscape_figure(
    sheet: Sheet,
    *,
    view: str = "both",
    subtitle: str = "",
    camera: Camera | None = None,
    dark: bool = False,
    runs: bool = True,
    words: bool = True,
) -> Picture:
    """A sheet as a picture.

    Parameters
    ----------
    sheet : Sheet
    view : {"both", "surface", "map"}
        The 3-D block, the map, or both.
    subtitle : str
        Data, network, random seed.
    camera : Camera, optional
    dark : bool, default False
    runs : bool, default True
        Whether the runs are drawn; their legend always is.
    words : bool, default True
        Whether to write title and figures; if not, the page has to show them.

    Returns
    -------
    Picture

    Raises
    ------
    SettingsError
        For an unknown view, or if no loss is finite.
    """
    if view not in VIEWS:
        raise SettingsError(
            f"There is no view {view!r} of a landscape", fix=f"take one of {', '.join(VIEWS)}"
        )
    shown = [each for each in HEIGHTS if view in (each, "both")]
    said = [line for sentence in sheet.sentences for line in balanced(sentence, 102)]
    badge = 34 + _SAID * len(said) + _HEAD if words else 24
    foot = badge + _ROW * len(sheet.lines) + (_HEAD if sheet.lines else 0)
    height = foot + sum(HEIGHTS[each] for each in shown)
    heads = (sheet.finding, subtitle) if words else ("", "")
    picture = Ground(*heads, height, dark)
    picture.looks = tuple(look(line.look, dark=dark) for line in sheet.lines)
    if words:
        _honesty(picture, sheet, said)
    _legend(picture, sheet, badge + 8, shown)
    bottom = foot
    for each in reversed(shown):
        if each == "map":
            _map(picture, sheet, bottom, runs=runs)
        else:
            _block(
                picture, Scene.of(sheet, camera), bottom, scale_bar="map" not in shown, runs=runs
            )
        bottom += HEIGHTS[each]
    return picture


# ------------------------------------------------------------------ below the picture


def _honesty(picture: Picture, sheet: Sheet, said: list[str]) -> None:
    """The badge: the verdict as a word, and the figures behind it."""
    y = 34 + _SAID * len(said)
    head = {"exact": "exact", "not measured": "not measured"}.get(sheet.verdict, sheet.verdict)
    picture.write(LEFT, y, f"Is this picture honest? {head.capitalize()}.", size=9, weight="bold")
    for line in said:
        y -= _SAID
        picture.write(LEFT, y, line, size=7.2, color=picture.palette.soft)


def _legend(picture: Picture, sheet: Sheet, bottom: int, views: Sequence[str]) -> None:
    if not sheet.lines:
        return
    y = bottom + _ROW * len(sheet.lines)
    soft = picture.palette.soft
    words = "○ start   ★ lowest   ● end"
    if any(line.diverged for line in sheet.lines):
        words += "   ✕ diverged"
    dotted = ["hidden"] if "surface" in views else []  # on a map nothing hides a run
    if "map" in views and sheet.kind == "plane" and sheet.verdict != "exact":
        dotted.append("more than half of its distance off the plane")
    if dotted:
        words += f"   dotted: {', or '.join(dotted)}"
    if sheet.courses:
        words += "   dotted white: thalweg"
    picture.write(LEFT, y + 2, words, size=7.6, color=soft)
    room = max(92.0, 10 + 8.6 * max(len(clipped(line.name, _NAME)) for line in sheet.lines))
    for line in sheet.lines:
        y -= _ROW
        its = look(line.look, dark=picture.palette.page != "#ffffff")
        _key(picture, its, y + 3)
        picture.write(LEFT + 52, y, clipped(line.name, _NAME), size=8.6, weight="bold")
        picture.write(LEFT + 52 + room, y, beside(line), size=7.6)


def _key(picture: Picture, its: RunLook, y: float) -> None:
    """A piece of line with its marker."""
    dpi = 100
    for x, marker in (((LEFT, LEFT + 42), ""), ((LEFT + 21,), its.marker)):
        picture.add_artist(
            Line2D(
                [each / dpi for each in x], [y / dpi] * len(x), color=its.color, linewidth=2.2,
                linestyle=its.linestyle if not marker else "", marker=marker, markersize=6,
                markeredgecolor=picture.palette.page, transform=picture.dpi_scale_trans,
            )
        )  # fmt: skip


# ------------------------------------------------------------------ the 3-D block


def _block(picture: Picture, scene: Scene, bottom: int, *, scale_bar: bool, runs: bool) -> None:
    """The 3-D block."""
    height = HEIGHTS["surface"]
    room = 78 if scale_bar else 0
    axes = draw_ground(picture, scene, (LEFT, bottom + 26, WIDTH - 2 * LEFT - room, height - 40))
    dark, lines = picture.palette.page != "#ffffff", scene.sheet.lines if runs else ()
    for line in lines:
        its = look(line.look, dark=dark)
        draw_walk(axes, scene.walk(line), its, picture.palette.page)
    marks = [
        Mark(kind, *draw_upright(axes, scene, line, kind, at, picture), look(line.look, dark=dark))
        for line in lines
        for kind, at in marks_of(line).items()
    ]
    draw_marks(axes, marks, picture)
    if scale_bar:
        bar = picture.axes_at(WIDTH - LEFT - 62, bottom + 70, 13, height - 150)
        _color_bar(picture, bar, scene.sheet)


def draw_ground(picture: Picture, scene: Scene, box: tuple[float, float, float, float]) -> Axes:
    """The block without its lines, with the names of its axes, in a box given in pixels."""
    axes = picture.axes_at(*box)
    axes.set_axis_off()
    corners, tops = scene.cells()
    colors = ground()(np.clip(tops, 0, 1))
    edges = colors.copy()
    edges[:, :3] *= 0.86
    cut = tops > 1
    for some, hatch in ((~cut, None), (cut, "////////")):
        axes.add_collection(
            PolyCollection(
                list(corners[some]), facecolors=colors[some],
                edgecolors=edges[some] if hatch is None else to_rgb(picture.palette.soft),
                linewidths=0.35 if hatch is None else 0.0, hatch=hatch, zorder=2,
                rasterized=True,
            )
        )  # fmt: skip
    _frame(picture, axes, scene)
    draw_places(axes, scene.sheet, picture, scene)
    return axes


def _frame(picture: Picture, axes: Axes, scene: Scene) -> None:
    """The outline of the floor, the names of the axes, and the limits of the view."""
    ring = scene.ring
    right, up = scene.floor()
    axes.plot(right, up, color=picture.palette.soft, linewidth=0.8, zorder=1)
    X, Y = np.meshgrid(scene.X, scene.Y)
    trues = [
        scene.camera.screen(*scene.place(each.x, each.y), scene.true(each))[1]
        for each in scene.sheet.lines
    ]
    tops = np.concatenate([scene.camera.screen(X, Y, scene.Z)[1].ravel(), up, *trues])
    top = float(np.nanmax(tops)) + 0.03
    _hatched_floor(picture, axes, scene)
    low, high = float(up.min()), top
    wide = float(np.ptp(right))
    width, height = axes.bbox.width, axes.bbox.height
    unit = max(wide / (width * 0.94), (high - low) / (height * 0.86))
    middle = float(right.max() + right.min()) / 2
    # Text is below the floor; the remaining space is divided.
    spare = (0.95 * height - (high - low) / unit) / 2
    axes.set_xlim(middle - unit * width / 2, middle + unit * width / 2)
    axes.set_ylim(low - unit * (0.05 * height + spare), high + unit * spare)
    # The two nearest edges of the floor have the names.
    for which, along in enumerate(((0, 1), (1, 2), (2, 3), (3, 4))):
        ends = ring[list(along)]
        if float(scene.camera.depth(*ends.mean(axis=0))) >= 0:
            continue
        _edge_name(picture, axes, scene, ends, scene.sheet.axes[which % 2])


def _edge_name(picture: Picture, axes: Axes, scene: Scene, ends: np.ndarray, words: str) -> None:
    right, up = scene.camera.screen(ends[:, 0], ends[:, 1], np.full(2, -0.02))
    if right[0] > right[1]:
        right, up = right[::-1], up[::-1]
    slope = float(np.degrees(np.arctan2(up[1] - up[0], right[1] - right[0])))
    drop = axes.get_ylim()[1] - axes.get_ylim()[0]
    axes.text(
        float(right.mean()), float(up.mean()) - 0.025 * drop, _short(words), rotation=slope,
        rotation_mode="anchor", ha="center", va="top", fontsize=8, color=picture.palette.soft,
        parse_math=False,
    )  # fmt: skip


def _short(words: str) -> str:
    """The name of an axis without its unit, which the map shows."""
    return words.split(" (")[0]


def _hatched_floor(picture: Picture, axes: Axes, scene: Scene) -> None:
    """Cells without a finite loss: they are left empty, and their floor is hatched."""
    blank = ~np.isfinite(scene._corners(scene.Z)).all(axis=-1)
    j, i = np.nonzero(blank)
    if not len(i):
        return
    x = np.stack([scene.X[i], scene.X[i + 1], scene.X[i + 1], scene.X[i]], axis=1)
    y = np.stack([scene.Y[j], scene.Y[j], scene.Y[j + 1], scene.Y[j + 1]], axis=1)
    right, up = scene.camera.screen(x, y, np.full(x.shape, -0.02))
    axes.add_collection(
        PolyCollection(
            list(np.stack([right, up], axis=-1)), facecolors=picture.palette.grid,
            edgecolors=picture.palette.soft, linewidths=0.0, hatch="xxxx", zorder=1.5,
        )
    )  # fmt: skip


# ------------------------------------------------------------------ the map


def _map(picture: Picture, sheet: Sheet, bottom: int, *, runs: bool) -> None:
    """The map: bands of colour, contours with their losses, the runs."""
    left, low = LEFT + 62, bottom + 46
    wide, top = WIDTH - left - LEFT - 84, HEIGHTS["map"] - 66
    box: tuple[float, float, float, float] = (left, low, wide, top)
    if sheet.kind == "plane":  # the units of a and b have the same length
        ratio = sheet.aspect[0] / sheet.aspect[1]
        across, up = min(wide, top * ratio), min(top, wide / ratio)
        box = (left + (wide - across) / 2, low + (top - up) / 2, across, up)
    axes = picture.axes_at(*box)
    axes.grid(False)
    axes.set_xlim(sheet.x[0], sheet.x[-1])
    axes.set_ylim(sheet.y[0], sheet.y[-1])
    names = draw_places(axes, sheet, picture)
    _ground_map(picture, axes, sheet, names)
    dark, page = picture.palette.page != "#ffffff", picture.palette.page
    lines = sheet.lines if runs else ()
    for line in lines:
        its = look(line.look, dark=dark)
        _map_line(axes, line, its, page)
    marks = [
        Mark(kind, float(line.x[at]), float(line.y[at]), look(line.look, dark=dark))
        for line in lines
        for kind, at in marks_of(line).items()
    ]
    draw_marks(axes, marks, picture)
    axes.set_xlabel(sheet.axes[0], color=picture.palette.soft, fontsize=8)
    axes.set_ylabel("\n".join(wrap(sheet.axes[1], 44)), color=picture.palette.soft, fontsize=8)
    axes.tick_params(labelsize=8)
    for axis, side in ((axes.xaxis, box[2] / _WIDE), (axes.yaxis, box[3] / _TALL)):
        axis.set_major_locator(MaxNLocator(max(2, int(side)), steps=[1, 2, 5, 10]))
        axis.set_major_formatter(ApartFormatter(_on_axis, 3))
    _color_bar(picture, picture.axes_at(WIDTH - LEFT - 62, bottom + 46, 13, top - 26), sheet)


def _on_axis(value: float, digits: int) -> str:
    return written(value, digits).replace("-", "−")


def _ground_map(picture: Picture, axes: Axes, sheet: Sheet, taken: Sequence[Bbox]) -> None:
    """Colours and contours; ``taken`` are the boxes of names, where no number of a contour is."""
    scale = sheet.scale
    heights = np.ma.masked_invalid(scale.height(sheet.losses))
    axes.set_facecolor(picture.palette.grid)
    if sheet.masked:  # show what is blank
        axes.patch.set(hatch="xxxx", edgecolor=picture.palette.soft, linewidth=0)
    axes.contourf(
        sheet.x, sheet.y, heights, levels=np.linspace(0, 1, 49), cmap=ground(), vmin=0, vmax=1
    )
    ticks = scale.ticks()
    names = dict(zip(map(float, scale.height(ticks)), apart(ticks, written, 3), strict=True))
    levels = sorted(names)
    drawn = axes.contour(
        sheet.x, sheet.y, heights, levels=levels, colors="black", linewidths=0.6, alpha=0.5
    )
    places = number_places(axes, drawn.allsegs, lines_in_pixels(axes, sheet), taken)
    for words in axes.clabel(drawn, fmt=names, fontsize=7, inline_spacing=2, manual=places):
        words.set_path_effects([patheffects.withStroke(linewidth=2, foreground="#ffffffb0")])
        words.set_alpha(1)
    if sheet.above:
        axes.contourf(
            sheet.x, sheet.y, np.ma.masked_invalid(sheet.losses), levels=[sheet.cap, np.inf],
            colors="none", hatches=["////"],
        )  # fmt: skip


def _map_line(axes: Axes, line: DrawnRun, its: RunLook, page: str) -> None:
    """A run: wide where it lies on the sheet, thin where it lies off the sheet."""
    near = line.off <= 0.5
    for begin, end in _stretches(near):
        width = 2.2 if near[begin] else 1.3
        axes.plot(
            line.x[begin : end + 1], line.y[begin : end + 1], color=its.color, linewidth=width,
            linestyle=its.linestyle if near[begin] else ":", path_effects=casing(page, width),
            zorder=6,
        )  # fmt: skip


def _stretches(flags: np.ndarray) -> list[tuple[int, int]]:
    bounds = [0, *(np.flatnonzero(np.diff(flags)) + 1).tolist(), len(flags)]
    return [(bounds[i], bounds[i + 1]) for i in range(len(bounds) - 1)]


def _color_bar(picture: Picture, axes: Axes, sheet: Sheet) -> None:
    """The losses of the colours, which are also those of the heights."""
    scale, soft = sheet.scale, picture.palette.soft
    axes.imshow(
        np.linspace(0, 1, 128)[:, None], origin="lower", aspect="auto", cmap=ground(),
        extent=(0, 1, 0, 1), vmin=0, vmax=1,
    )  # fmt: skip
    axes.grid(False)
    axes.set_xticks([])
    axes.yaxis.tick_right()
    ticks = scale.ticks()
    axes.set_yticks([float(scale.height(tick)) for tick in ticks], apart(ticks, written, 3))
    axes.tick_params(labelsize=8, pad=2)
    axes.spines["bottom"].set_visible(False)
    title = "\n".join(["loss,", *wrap(scale.words, 12)])
    axes.set_title(title, fontsize=8, color=soft, loc="left", pad=5)
