"""The figure of effect curves: small multiples, one panel for each column."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from thalweg.data.column_names import listed
from thalweg.data.dates.date_numbers import date_text
from thalweg.evaluation.effects.effect import Effect
from thalweg.evaluation.section_texts.effect_texts import CAUTION
from thalweg.reporting.effects.effect_words import answer_words, rows_in_words
from thalweg.reporting.figures.picture import (
    LEFT,
    WIDTH,
    ApartFormatter,
    Palette,
    Picture,
    balanced,
)
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.landscape.landscape_looks import RunLook, look
from thalweg.wording import amount, counted

if TYPE_CHECKING:
    from thalweg.reporting.effects.shown_effects import Effects

Floats = NDArray[np.float64]

# Panels of a figure, bars of a panel, classes of a figure.
MOST_PANELS, _MOST_BARS, _MOST_CLASSES = 12, 8, 6
# Pixels: of a panel, and around it.
_HEIGHT, _BELOW, _LINE, _GAP = 104, 38, 13, 16
_FIRST, _LAST, _RIGHT = 62, 24, 40
_LEGEND, _FOOT, _SLANT = 26, 44, 24
# Letters of the name of a bar.
_NAME = 14
# The strip of densities, as a share of the height of a panel.
_STRIP = 0.06
_DOTS = (0, (1, 1.6))


class _Slot(NamedTuple):
    """The place of a panel in pixels: its left end, the top of its head, the bottom of its axes."""

    left: float
    top: float
    bottom: float
    is_first: bool
    is_last: bool


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
    panels = [
        [each for each in found.effects if each.column == name][:_MOST_CLASSES]
        for name in columns[:MOST_PANELS]
    ]
    several = len(panels[0]) > 1
    right = _RIGHT if found.scale == "log-odds" and found.centered else 0
    n_across = min(len(panels), 2 if len(panels) <= 4 else 3)
    width = (WIDTH - _FIRST - _LAST - right - _GAP * (n_across - 1)) / n_across
    heads = [_head(each, width) for each in panels]
    slots, height = _slots(panels, heads, n_across, width, 34 + _LEGEND * several)
    picture = Picture(caution or _title(found, target), _subtitle(found, columns), height, dark)
    looks = [look(k + several, dark=dark) for k in range(len(panels[0]))]
    if not several:
        looks = [RunLook(picture.palette.blue, (), "o")]
    ends = _ends(panels)
    for own, head, slot in zip(panels, heads, slots, strict=True):
        axes = _panel(picture, slot, width, head)
        _draw(axes, own, looks, picture.palette, ends)
        axes.set_ylim(*ends)
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(ApartFormatter(amount, 3))
        if not slot.is_first:
            axes.yaxis.set_major_formatter(NullFormatter())
        if right and slot.is_last:
            _percent_axis(axes, found, picture.palette)
    _captions(picture, found, target, height)
    if several:
        _legend(picture, panels[0], looks, height)
    return picture


def _slots(
    panels: Sequence[Sequence[Effect]],
    heads: Sequence[Sequence[str]],
    n_across: int,
    width: float,
    above: int,
) -> tuple[list[_Slot], int]:
    """Where panels are, and the height of all. A row is as high as its longest head and labels."""
    places = [range(k, min(k + n_across, len(panels))) for k in range(0, len(panels), n_across)]
    heights = []
    for row in places:
        head = _LINE * max(len(heads[k]) for k in row) + 6
        below = max(_BELOW + _SLANT * _is_slanted(panels[k], width) for k in row)
        heights.append((head, below))
    total = above + _FOOT + sum(head + _HEIGHT + below for head, below in heights)
    top, slots = total - above, []
    for row, (head, below) in zip(places, heights, strict=True):
        for across, place in enumerate(row):
            last = across == n_across - 1 or place == len(panels) - 1
            left = _FIRST + across * (width + _GAP)
            slots.append(_Slot(left, top, top - head - _HEIGHT, across == 0, last))
        top -= head + _HEIGHT + below
    return slots, total


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


def _head(effects: Sequence[Effect], width: float) -> list[str]:
    """The column and what its greatest curve does, in lines for the width of a panel."""
    first = max(effects, key=lambda each: each.size)
    of = f"{clipped(first.output, 16)}: " if len(effects) > 1 else ""
    most = int(width / 5.8)
    return [clipped(first.column, int(width / 6)), *balanced(of + first.sentence, most)]


def _panel(picture: Picture, slot: _Slot, width: float, head: Sequence[str]) -> Axes:
    """The axes of a panel below its head."""
    for k, line in enumerate(head):
        style = {"weight": "bold", "size": 9} if k == 0 else {"size": 8.2}
        picture.write(slot.left, slot.top - _LINE * k, line, va="top", **style)
    axes = picture.axes_at(slot.left, slot.bottom, width, _HEIGHT)
    axes.tick_params(labelsize=7.5, pad=3)
    return axes


def _names(effect: Effect) -> list[str]:
    """The names of the bars that are drawn; long ones lose their end, or their middle."""
    own = effect.levels[:_MOST_BARS]
    names = [clipped(name, _NAME) for name in own]
    if len({*names}) < len(names):
        half = _NAME // 2
        names = [n if len(n) <= _NAME else f"{n[: half - 1]}…{n[-half:]}" for n in own]
    return names


def _is_slanted(effects: Sequence[Effect], width: float) -> bool:
    """Whether the names of bars are too long to stand side by side."""
    names = _names(effects[0])
    return bool(names) and max(map(len, names)) * 5.2 > width / len(names)


def _ends(panels: Sequence[Sequence[Effect]]) -> tuple[float, float]:
    """The ends of the common scale: all intervals of what is drawn, and all networks."""
    values: list[Floats] = []
    for each in (effect for own in panels for effect in own):
        shown = slice(None if not each.levels else _MOST_BARS)
        values += [each.low[shown], each.high[shown], each.members[:, shown].ravel()]
        if each.missing is not None:
            values.append(np.array([each.missing.low, each.missing.high]))
    every = np.concatenate(values)
    low, high = float(every.min()), float(every.max())
    room = (high - low) or 1.0
    return low - (0.06 + 1.6 * _STRIP) * room, high + 0.06 * room


def _draw(
    axes: Axes,
    effects: Sequence[Effect],
    looks: Sequence[RunLook],
    colors: Palette,
    ends: tuple[float, float],
) -> None:
    """Everything in one panel."""
    zero = 0.0 if ends[0] < 0 < ends[1] else None
    if zero is not None:
        axes.axhline(0, color=colors.soft, linewidth=0.8, zorder=1)
    if effects[0].levels:
        _bars(axes, effects, looks, colors)
    else:
        for each, its in zip(effects, looks, strict=True):
            _curve(axes, each, its, alone=len(effects) == 1)
        _strip(axes, effects[0], colors)
        _x_axis(axes, effects[0])
    _missing(axes, effects, looks, colors)


def _curve(axes: Axes, effect: Effect, its: RunLook, *, alone: bool) -> None:
    axes.fill_between(
        effect.x, effect.low, effect.high, color=its.color, alpha=0.2 if alone else 0.12,
        linewidth=0,
    )  # fmt: skip
    for member in effect.members:
        axes.plot(effect.x, member, color=its.color, linewidth=0.6, alpha=0.55 if alone else 0.3)
    for points, supported in _runs(effect):
        axes.plot(
            effect.x[points], effect.mean[points], color=its.color, linewidth=2.0,
            linestyle=its.linestyle if supported else _DOTS, solid_capstyle="butt", zorder=3,
        )  # fmt: skip


def _runs(effect: Effect) -> list[tuple[NDArray[np.intp], bool]]:
    """The pieces of a curve that are solid or dotted: dotted to and from an unsupported point."""
    solid = effect.supported[:-1] & effect.supported[1:]
    cuts = [0, *(np.flatnonzero(np.diff(solid)) + 1).tolist(), len(solid)]
    return [(np.arange(a, b + 1), bool(solid[a])) for a, b in pairwise(cuts)]


def _strip(axes: Axes, effect: Effect, colors: Palette) -> None:
    """Where the rows are: 20 steps, the darker the more rows."""
    edges = np.linspace(effect.x[0], effect.x[-1], len(effect.density) + 1)
    most = effect.density.max()
    for share, left, right in zip(effect.density, edges[:-1], edges[1:], strict=True):
        axes.axvspan(
            left, right, 0, _STRIP, color=colors.ink, alpha=0.75 * float(share / most), linewidth=0
        )


def _x_axis(axes: Axes, effect: Effect) -> None:
    span = effect.x[-1] - effect.x[0]
    axes.set_xlim(effect.x[0] - 0.02 * span, effect.x[-1] + 0.02 * span)
    whole = bool(np.all(effect.x == np.round(effect.x)))
    axes.xaxis.set_major_locator(MaxNLocator(4 if effect.values != "date" else 2, integer=whole))
    if effect.values == "date":
        axes.xaxis.set_major_formatter(FuncFormatter(lambda day, _: date_text(float(day // 1))))
    else:
        axes.xaxis.set_major_formatter(ApartFormatter(amount, 3))


def _bars(axes: Axes, effects: Sequence[Effect], looks: Sequence[RunLook], colors: Palette) -> None:
    """A bar for each level; of several classes side by side."""
    n = min(len(effects[0].levels), _MOST_BARS)
    width = 0.7 / len(effects)
    for k, (each, its) in enumerate(zip(effects, looks, strict=True)):
        x = np.arange(n) + (k - (len(effects) - 1) / 2) * width
        for place, at in enumerate(x):
            axes.bar(
                at, each.mean[place], 0.86 * width, color=its.color,
                alpha=0.75 if each.supported[place] else 0.25, linewidth=0,
            )  # fmt: skip
        axes.vlines(x, each.low[:n], each.high[:n], color=colors.ink, linewidth=1.1, zorder=4)
        for member in each.members:
            axes.plot(
                x + 0.28 * width, member[:n], "_", color=colors.ink, markersize=4,
                markeredgewidth=0.6, alpha=0.8, zorder=4,
            )  # fmt: skip
    most = effects[0].rows_in_bin[:n].max()
    for place, rows in enumerate(effects[0].rows_in_bin[:n]):
        axes.axvspan(
            place - 0.4, place + 0.4, 0, _STRIP, color=colors.ink, linewidth=0,
            alpha=0.75 * float(rows / most),
        )  # fmt: skip
    axes.set_xlim(-0.6, n - 0.4)
    axes.xaxis.set_major_locator(FixedLocator(list(range(n))))
    slanted = _is_slanted(effects, WIDTH * axes.get_position().width)
    style: dict[str, Any] = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticklabels(_names(effects[0]), fontsize=7.5, **(style if slanted else {}))
    axes.grid(False, axis="x")


def _missing(
    axes: Axes, effects: Sequence[Effect], looks: Sequence[RunLook], colors: Palette
) -> None:
    """The point of a missing value, to the right of all others."""
    if effects[0].missing is None:
        return
    low, high = axes.get_xlim()
    span = high - low
    at = high + 0.06 * span
    axes.axvline(high + 0.01 * span, color=colors.grid, linewidth=1)
    for k, (each, its) in enumerate(zip(effects, looks, strict=True)):
        one = each.missing
        assert one is not None
        x = at + 0.03 * span * (k - (len(effects) - 1) / 2)
        axes.vlines(x, one.low, one.high, color=its.color, linewidth=1.2)
        axes.plot(
            x, one.mean, "D", color=its.color, markersize=4.5, zorder=5,
            markerfacecolor=its.color if one.supported else colors.page,
        )  # fmt: skip
    axes.set_xlim(low, high + 0.12 * span)
    axes.annotate(
        "missing", (1, 0), xycoords="axes fraction", xytext=(0, -12),
        textcoords="offset points", ha="right", va="top", fontsize=6.5, color=colors.soft,
        annotation_clip=False,
    )  # fmt: skip


def _percent_axis(axes: Axes, found: "Effects", colors: Palette) -> None:
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
    picture.write(LEFT, height - 14, f"{change}{answer_words(found, target)}", **style)
    if found.scale == "log-odds" and found.centered and found.mean_probability is not None:
        share = f"right: in %, at the mean of {amount(100 * found.mean_probability, 3)} %"
        picture.write(WIDTH - LEFT, height - 14, share, ha="right", **style)
    what = ["bold: the model", "band: 95 % interval over rows"]
    if any(len(each.members) for each in found.effects):
        what.insert(1, "thin: its networks")
    if not all(each.supported.all() for each in found.effects):
        what.append("dotted or pale: most moved rows are unlike the training rows")
    what.append("grey: where the rows are")
    lines = balanced("; ".join(what), 104)
    for k, line in enumerate(reversed(lines)):
        picture.write(LEFT, 25 + 12 * k, line, color=picture.palette.soft, size=7.5)


def _legend(
    picture: Picture, effects: Sequence[Effect], looks: Sequence[RunLook], height: int
) -> None:
    x = float(LEFT)
    for each, its in zip(effects, looks, strict=True):
        name, y = clipped(each.output, 16), (height - 32) / 100
        line = Line2D(
            [x / 100, (x + 26) / 100], [y + 0.03, y + 0.03], color=its.color, linewidth=2,
            linestyle=its.linestyle, transform=picture.dpi_scale_trans,
        )  # fmt: skip
        picture.add_artist(line)
        picture.write(x + 32, height - 32, name, size=8.2)
        x += 46 + 5.4 * len(name)
