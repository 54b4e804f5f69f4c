"""Figures of landscapes: the stage, the map, the losses by step, and the notes below them.

They draw a `Sheet` and know no model. The ground is painted by `thalweg.reporting.relief`, as on
the page; runs are drawn over it, and its depth says which parts it hides.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.lines import Line2D
from PIL import Image

from thalweg.errors import SettingsError
from thalweg.reporting.figures.picture import DARK, LEFT, LIGHT, WIDTH, Picture, balanced
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.landscape.drawn_run import DrawnRun, beside
from thalweg.reporting.landscape.landscape_looks import INKS, RunLook, in_palette, run_look
from thalweg.reporting.landscape.landscape_sheet import Sheet
from thalweg.reporting.stage.stage_picture import draw_ground, draw_runs
from thalweg.reporting.stage.stage_scene import Scene, View
from thalweg.reporting.stage.strip_picture import draw_strip

# The views of a sheet, and their heights in pixels.
HEIGHTS = {"surface": 420, "map": 420}
VIEWS = ("both", *HEIGHTS)
_STRIP = 108
# The height of a line in the legend and in the sentences below it, and of their heads.
_ROW, _SAID, _HEAD = 18, 14, 22
_NAME = 30
# Pixels of a letter beside a name.
_LETTER = 5.6
# Pixels of the painted ground in a pixel of a page.
UNIT = 1.5


class LandscapePicture(Picture):
    """A picture with much detail, on the page of the relief."""

    notebook_dpi = 150
    modes = (
        LIGHT._replace(**INKS["light"]._asdict()),
        DARK._replace(**INKS["dark"]._asdict()),
    )
    looks: tuple[RunLook, ...] = ()

    def in_few_colors(self, image: Image.Image) -> Image.Image:
        """The image in 256 colours, among them those of page and runs."""
        return in_palette([image], self.palette, self.looks)[0]


def landscape_figure(
    sheet: Sheet,
    *,
    view: str = "both",
    subtitle: str = "",
    dark: bool = False,
    runs: bool = True,
    words: bool = True,
    seen: View | None = None,
    unit: float = UNIT,
) -> Picture:
    """A sheet as a picture.

    Parameters
    ----------
    sheet : Sheet
    view : {"both", "surface", "map"}
        The block in 3-D, the map, or both.
    subtitle : str
        Data, network, random seed.
    dark : bool, default False
    runs : bool, default True
        Whether the runs are drawn; their legend always is.
    words : bool, default True
        Whether to write title and figures; if not, the page has to show them.
    seen : View, optional
        Camera and heights of the block.
    unit : float, default 1.5
        Pixels of the painted ground in a pixel of a page.

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
    marks = balanced(_marks(sheet, shown), 116) if sheet.lines else []
    legend = _legend_of(sheet)
    foot = badge + sum(each.high for each in legend) + (8 + _SAID * len(marks) if marks else 0)
    height = foot + (_STRIP if sheet.lines else 0) + sum(HEIGHTS[each] for each in shown)
    picture = LandscapePicture(*((sheet.finding, subtitle) if words else ("", "")), height, dark)
    picture.looks = tuple(run_look(line.look, dark=dark) for line in sheet.lines)
    if words:
        _honesty(picture, sheet, said)
    _legend(picture, legend, badge + 8, marks)
    bottom = foot + _strip(picture, sheet, foot)
    for each in reversed(shown):
        draw_stage(picture, sheet, bottom, (seen or View(), each), unit, runs=runs)
        bottom += HEIGHTS[each]
    return picture


def _strip(picture: Picture, sheet: Sheet, bottom: float) -> int:
    """The losses by step; returns their height."""
    if not sheet.lines:
        return 0
    axes = picture.axes_at(LEFT + 34, bottom + 26, WIDTH - 2 * LEFT - 40, _STRIP - 50)
    draw_strip(axes, sheet.lines, dark=picture.palette.page == INKS["dark"].page)
    return _STRIP


def draw_stage(
    picture: Picture, sheet: Sheet, bottom: float, view: tuple[View, str], unit: float, *,
    runs: bool,
) -> None:  # fmt: skip
    """The stage or the map, so many pixels above the lower edge."""
    seen = view[0]._replace(flat=view[1] == "map")
    wide, high = WIDTH - 2 * LEFT, HEIGHTS[view[1]] - 8
    axes = picture.axes_at(LEFT, bottom, wide, high)
    dark = picture.palette.page == INKS["dark"].page
    scene = Scene.of(sheet, round(wide * unit), round(high * unit), unit=unit, dark=dark, view=seen)
    taken = draw_ground(axes, scene)
    if runs:
        draw_runs(axes, scene, taken)


def _honesty(picture: Picture, sheet: Sheet, said: list[str]) -> None:
    """The badge: the verdict as a word, and the figures behind it."""
    y = 34 + _SAID * len(said)
    verdict = sheet.verdict.capitalize()
    picture.write(LEFT, y, f"Is this picture honest? {verdict}.", size=9, weight="bold")
    for line in said:
        y -= _SAID
        picture.write(LEFT, y, line, size=7.2, color=picture.palette.soft)


def _marks(sheet: Sheet, views: Sequence[str]) -> str:
    """What marks and lines are."""
    said = ["○ start"]
    if any(line.diverged for line in sheet.lines):
        said.append("✕ diverged")
    if "surface" in views:
        said.append("thin and dashed: hidden behind the ground")
    if sheet.kind == "plane":
        if "map" in views and sheet.verdict != "exact":
            said.append("thin and dashed on the map: more than half of its distance off the plane")
        said.append("an arc is one step; its height means nothing; dots: where earlier arcs ended")
    if not sheet.relief["whole"] and "surface" in views:
        said.append("runs fly at their true loss, joined to the ground by a curtain")
    if sheet.courses:
        said.append("dotted white: the floor of a valley (thalweg)")
    return " · ".join(said)


class _Entry(NamedTuple):
    """A run in the legend: its name, how far to the right the text beside it is, and its lines."""

    line: DrawnRun
    name: str
    room: float
    said: list[str]

    @property
    def high(self) -> int:
        return _ROW + _SAID * (len(self.said) - 1)


def _legend_of(sheet: Sheet) -> list[_Entry]:
    names = [clipped(line.words, _NAME) for line in sheet.lines]
    room = max(92.0, 10 + 7.2 * max(map(len, names), default=0))
    most = int((WIDTH - 2 * LEFT - 36 - room) / _LETTER)
    pairs = zip(sheet.lines, names, strict=True)
    return [_Entry(line, name, room, balanced(beside(line), most)) for line, name in pairs]


def _legend(picture: Picture, entries: Sequence[_Entry], bottom: int, marks: Sequence[str]) -> None:
    if not entries:
        return
    y = bottom + sum(each.high for each in entries)
    for number, words in enumerate(reversed(marks)):
        at = y + 2 + _SAID * number
        picture.write(LEFT, at, words, size=7, color=picture.palette.soft)
    dark = picture.palette.page == INKS["dark"].page
    for each in entries:
        y -= each.high
        first = y + each.high - _ROW
        _key(picture, run_look(each.line.look, dark=dark), first + 3)
        picture.write(LEFT + 36, first, each.name, size=8.2, weight="bold")
        for number, words in enumerate(each.said):
            picture.write(LEFT + 36 + each.room, first - _SAID * number, words, size=7.6)


def _key(picture: Picture, its: RunLook, y: float) -> None:
    """A piece of line in the colour of a run."""
    style: dict[str, Any] = {"transform": picture.dpi_scale_trans, "solid_capstyle": "round"}
    picture.add_artist(
        Line2D(
            [(LEFT + 2) / 100, (LEFT + 24) / 100], [y / 100] * 2, color=its.color, linewidth=4,
            linestyle=its.linestyle, **style,
        )
    )  # fmt: skip
