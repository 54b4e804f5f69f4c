"""The figure of effect curves: small multiples, one panel for each column."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullFormatter

from thalweg.data.column_names import listed
from thalweg.evaluation.effects.effect import Effect
from thalweg.evaluation.effects.effect_source import AnswerUnit
from thalweg.evaluation.section_texts.effect_texts import CAUTION
from thalweg.reporting.effects.effect_words import answer_words, rows_in_words
from thalweg.reporting.figures.effect_panels import (
    MISSING,
    MOST_LEVELS,
    Floats,
    class_column,
    draw_panel,
    level_names,
)
from thalweg.reporting.figures.measured_text import lines_of, shortened, widest, width_of
from thalweg.reporting.figures.picture import (
    LEFT,
    WIDTH,
    ApartFormatter,
    Palette,
    Picture,
)
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.landscape.landscape_looks import RunLook, look
from thalweg.wording import amount, counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from thalweg.reporting.effects.shown_effects import Effects

# Panels of a figure, classes of a figure, bars of a panel that is not as wide as the figure.
MOST_PANELS, _MOST_CLASSES, _FEW_BARS = 12, 6, 6
# Pixels: of a panel, and around it.
_HEIGHT, _BELOW, _LINE, _GAP = 104, 38, 13, 16
_FIRST, _LAST, _RIGHT = 62, 24, 40
_LEGEND, _FOOT, _SLANT = 26, 56, 30
# Of levels in rows: a row, the names of classes above them, the numbers of the axis below.
_ROW, _CLASSES, _NUMBERS, _COLUMN_GAP = 13, 16, 30, 12
# Lines and points of the name of a column, and points of what its curve does.
_NAME_LINES, _NAME_SIZE, _SAID_SIZE = 4, 9, 8.2
_TICK_SIZE = 7.5
# The strip of densities, as a share of the height of a panel.
_STRIP = 0.06


@dataclass
class _Panel:
    """One column: its effects, its head, and where it is in pixels.

    Attributes
    ----------
    effects : list of Effect
        On each class.
    is_wide : bool
        Whether it has a row of its own: levels of several classes, or many levels.
    width, left, top, head : float
        Its width; its left end; the top of its head, and how high that is.
    """

    effects: list[Effect]
    is_wide: bool
    width: float
    name: list[str]
    said: list[str]
    left: float = 0.0
    top: float = 0.0
    head: float = 0.0
    is_first: bool = True
    is_last: bool = False

    @property
    def has_class_columns(self) -> bool:
        """Whether the classes are side by side, and levels one below the other."""
        return bool(self.effects[0].levels) and len(self.effects) > 1

    @property
    def body(self) -> float:
        """The height of what is drawn."""
        if not self.has_class_columns:
            return _HEIGHT
        n = min(len(self.effects[0].levels), MOST_LEVELS)
        return _CLASSES + _ROW * (n + (self.effects[0].missing is not None))

    @property
    def below(self) -> float:
        """The height of the labels below."""
        if self.has_class_columns:
            return _NUMBERS
        return _BELOW + _SLANT * self.is_slanted

    @property
    def is_slanted(self) -> bool:
        """Whether the names of bars are too long to stand side by side."""
        names = level_names(self.effects[0])
        if not names:
            return False
        names += [MISSING] * (self.effects[0].missing is not None)
        return widest(names, _TICK_SIZE) + 8 > self.width / len(names)


def effects_figure(
    found: "Effects", *, target: str = "", caution: str = "", dark: bool = False
) -> Picture:
    """Draw effect curves.

    All panels have one scale, so a column that hardly matters looks flat. The bold line is the
    model's answer, thin lines are its networks, the band is the 95 % interval. A dotted line means
    that most moved rows are unlike the training rows; the strip below shows where the rows are.

    Parameters
    ----------
    found : Effects
        Of more than 12 columns the first ones are drawn.
    target : str
        The name of the target, and its unit, for numbers.
    caution : str
        What a reader must know first: it is the title.
    dark : bool, default False

    Returns
    -------
    Picture
    """
    columns = list(dict.fromkeys(each.column for each in found.effects))
    several = len({each.output for each in found.effects}) > 1
    right = _RIGHT if found.scale == "log-odds" and found.centered else 0
    panels = _panels(found, columns[:MOST_PANELS], WIDTH - _FIRST - _LAST - right)
    height = _place(panels, 34 + _LEGEND * several)
    picture = Picture(caution or _title(found, target), _subtitle(found, columns), height, dark)
    n_classes = len(panels[0].effects)
    looks = [look(k + several, dark=dark) for k in range(n_classes)]
    if not several:
        looks = [RunLook(picture.palette.blue, (), "o")]
    every = [each.effects for each in panels]
    ends, alone = _ends(every, room_below=1.6 * _STRIP), _ends(every, room_below=0.0)
    for panel in panels:
        _write_head(picture, panel)
        if panel.has_class_columns:
            _class_columns(picture, panel, looks, alone, found)
            continue
        axes = picture.axes_at(panel.left, panel.top - panel.head - _HEIGHT, panel.width, _HEIGHT)
        axes.tick_params(labelsize=_TICK_SIZE, pad=3)
        draw_panel(axes, panel.effects, looks, picture.palette, slanted=panel.is_slanted)
        axes.set_ylim(*ends)
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(_numbers(found.unit))
        if not panel.is_first:
            axes.yaxis.set_major_formatter(NullFormatter())
        if right and panel.is_last:
            _percent_axis(axes, found, picture.palette)
    _captions(picture, found, target, height)
    if several:
        _legend(picture, panels[0].effects, looks, height)
    return picture


def _panels(found: "Effects", columns: Sequence[str], room: float) -> list[_Panel]:
    """The panels, two or three in a row; some have a row of their own."""
    n_across = min(len(columns), 2 if len(columns) <= 4 else 3)
    narrow = (room - _GAP * (n_across - 1)) / n_across
    panels = []
    for name in columns:
        own = [each for each in found.effects if each.column == name][:_MOST_CLASSES]
        n_levels = len(own[0].levels)
        is_wide = n_levels > 0 and (len(own) > 1 or n_levels > _FEW_BARS)
        width = room if is_wide else narrow
        first = max(own, key=lambda each: each.size)
        of = f"{clipped(first.output, 16)}: " if len(own) > 1 else ""
        panels.append(
            _Panel(
                own, is_wide, width,
                lines_of(name, width, _NAME_SIZE, _NAME_LINES, bold=True),
                lines_of(of + first.sentence, width, _SAID_SIZE, 12),
            )
        )  # fmt: skip
    return panels


def _place(panels: Sequence[_Panel], above: float) -> int:
    """Set where panels are, and give the height of all.

    A panel goes into the first row that has room for it, as in the report's page.
    """
    n_across = max(round((WIDTH - _FIRST - _LAST) / each.width) for each in panels)
    rows: list[list[_Panel]] = []
    for panel in panels:
        free = [row for row in rows if len(row) < n_across and not row[0].is_wide]
        if panel.is_wide or not free:
            rows.append([panel])
        else:
            free[0].append(panel)
    heights = []
    for row in rows:
        head = _LINE * max(len(each.name) + len(each.said) for each in row) + 6
        heights.append((head, max(each.body for each in row), max(each.below for each in row)))
    total = round(above + _FOOT + sum(sum(each) for each in heights))
    top = total - above
    for row, (head, body, below) in zip(rows, heights, strict=True):
        for k, panel in enumerate(row):
            panel.left, panel.top = _FIRST + k * (panel.width + _GAP), top
            panel.head, panel.is_first, panel.is_last = head, k == 0, k == len(row) - 1
        top -= head + body + below
    return total


def _title(found: "Effects", target: str) -> str:
    columns = list(dict.fromkeys(each.column for each in found.effects))
    if len(found.effects) == 1:
        return found.effects[0].title
    sizes = {c: max(e.size for e in found.effects if e.column == c) for c in columns}
    first = sorted(columns, key=lambda name: -sizes[name])[: 2 if len(columns) > 2 else 1]
    words = answer_words(found, target)
    verb = "varies" if not words.startswith("log-odds") else "vary"
    names = " and ".join(clipped(name, 30) for name in first)
    return f"The {words} {verb} the most with {names}"


def _subtitle(found: "Effects", columns: Sequence[str]) -> str:
    more = len(columns) - MOST_PANELS
    said = [rows_in_words(found)]
    if more > 0:
        said.append(f"{counted(more, 'more column')} not drawn")
    if found.left_out:
        names = listed([clipped(each.column, 24) for each in found.left_out], 4)
        said.append(f"no curve: {names}")
    return "; ".join([*said, CAUTION[:1].lower() + CAUTION[1:-1]])


def _write_head(picture: Picture, panel: _Panel) -> None:
    """The column, and what its greatest curve does."""
    lines = [(line, {"weight": "bold", "size": _NAME_SIZE}) for line in panel.name]
    lines += [(line, {"size": _SAID_SIZE}) for line in panel.said]
    for k, (line, style) in enumerate(lines):
        picture.write(panel.left, panel.top - _LINE * k, line, va="top", **style)


def _numbers(unit: AnswerUnit) -> ApartFormatter:
    """Writes answers in their unit: changes of probabilities in percentage points."""
    return ApartFormatter(lambda value, digits: amount(unit.factor * value, digits), 3)


def _class_columns(
    picture: Picture,
    panel: _Panel,
    looks: Sequence[RunLook],
    ends: tuple[float, float],
    found: "Effects",
) -> None:
    """Levels in rows, classes in columns of dots: in one row they would lie on each other."""
    effects = panel.effects
    names = level_names(effects[0]) + [MISSING] * (effects[0].missing is not None)
    left = min(widest(names, _TICK_SIZE), 0.3 * panel.width) + 8
    room = panel.width + _FIRST - LEFT - left
    width = room / len(effects) - _COLUMN_GAP
    top, height = panel.top - panel.head - _CLASSES, panel.body - _CLASSES
    for k, name in enumerate(names):
        words = shortened(name, left - 8, _TICK_SIZE)
        y = top - _ROW * (k + 0.5)
        picture.write(LEFT + left - 6, y, words, ha="right", va="center", size=_TICK_SIZE)
    for k, (effect, its) in enumerate(zip(effects, looks, strict=True)):
        at = LEFT + left + k * (width + _COLUMN_GAP)
        axes = picture.axes_at(at, top - height, width, height)
        class_column(axes, effect, its, picture.palette, len(names))
        axes.set_xlim(*ends)
        axes.tick_params(labelsize=_TICK_SIZE, pad=3)
        axes.xaxis.set_major_locator(MaxNLocator(3 if width > 90 else 2))
        axes.xaxis.set_major_formatter(_numbers(found.unit))
        words = shortened(effect.output, width, _SAID_SIZE)
        middle = at + width / 2
        picture.write(middle, top + 4, words, ha="center", size=_SAID_SIZE, color=its.color)


def _ends(panels: Sequence[Sequence[Effect]], room_below: float) -> tuple[float, float]:
    """The ends of the common scale: all intervals of what is drawn, and all networks."""
    values: list[Floats] = []
    for each in (effect for own in panels for effect in own):
        values += [each.mean, each.low, each.high, each.members.ravel()]
        if (its := each.missing) is not None:
            values.append(np.array([its.mean, its.low, its.high]))
    every = np.concatenate(values)
    every = every[~np.isnan(every)]  # the ends of an interval that there is not
    low, high = float(every.min()), float(every.max())
    room = (high - low) or 1.0
    return low - (0.06 + room_below) * room, high + 0.06 * room


def _percent_axis(axes: "Axes", found: "Effects", colors: Palette) -> None:
    """The same scale in %, at the mean probability."""
    other: Any = axes.twinx()
    other.set_ylim(axes.get_ylim())
    ticks = [at for at in axes.get_yticks() if axes.get_ylim()[0] <= at <= axes.get_ylim()[1]]
    other.set_yticks(ticks)
    shares = found.percent(np.array(ticks))
    other.set_yticklabels([f"{amount(float(share), 2)} %" for share in shares])
    other.tick_params(colors=colors.soft, labelcolor=colors.soft, labelsize=7.5, length=0, pad=3)
    for spine in other.spines.values():
        spine.set_visible(False)
    other.grid(False)


def _captions(picture: Picture, found: "Effects", target: str, height: int) -> None:
    """What the scales and the lines are."""
    style: dict[str, Any] = {"color": picture.palette.soft, "size": 8.2}
    change = "change of the " if found.centered else ""
    points = ", percentage points" if found.centered and found.scale == "probability" else ""
    axis = f"{change}{answer_words(found, target)}{points}"
    picture.write(LEFT, height - 14, axis, **style)
    if found.scale == "log-odds" and found.centered and found.mean_probability is not None:
        share = f"right: in %, at the mean of {amount(100 * found.mean_probability, 3)} %"
        picture.write(WIDTH - LEFT, height - 14, share, ha="right", **style)
    shown = any(each.has_interval for each in found.effects)
    what = ["bold: the model", "band: 95 % interval over rows" if shown else "no interval"]
    if any(len(each.members) for each in found.effects):
        what.insert(1, "thin: its networks")
    if not all(each.supported.all() for each in found.effects):
        what.append("dotted or pale: most moved rows are unlike the training rows")
    what.append("grey: where the rows are")
    if found.centered:
        what.append("line at 0: the mean over the rows")
    lines = lines_of("; ".join(what), WIDTH - 2 * LEFT, 7.5, 3)
    for k, line in enumerate(reversed(lines)):
        picture.write(LEFT, 25 + 12 * k, line, color=picture.palette.soft, size=7.5)


def _legend(
    picture: Picture, effects: Sequence[Effect], looks: Sequence[RunLook], height: int
) -> None:
    x, room = float(LEFT), (WIDTH - 2 * LEFT) / len(effects)
    for each, its in zip(effects, looks, strict=True):
        name, y = shortened(each.output, room - 50, _SAID_SIZE), (height - 32) / 100
        line = Line2D(
            [x / 100, (x + 26) / 100], [y + 0.03, y + 0.03], color=its.color, linewidth=2,
            linestyle=its.linestyle, transform=picture.dpi_scale_trans,
        )  # fmt: skip
        picture.add_artist(line)
        picture.write(x + 32, height - 32, name, size=_SAID_SIZE)
        x += 48 + width_of(name, _SAID_SIZE)
