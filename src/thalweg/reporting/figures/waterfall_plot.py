"""The figure of a waterfall: what each column adds, from the answer for the base to that of a row.

A bar a column, the largest first. The thin line of a bar reaches from the least to the largest end
that one network alone would give it. Bars that rise and fall differ in colour and in hatching, and
their signed numbers say the same.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from thalweg.reporting.explaining.contribution_bars import Waterfall
from thalweg.reporting.explaining.contribution_words import (
    FOOTER,
    answer_text,
    gain_text,
    sentence,
)
from thalweg.reporting.figures.picture import LEFT, WIDTH, Picture, balanced
from thalweg.reporting.html_pieces import clipped
from thalweg.wording import amount, counted

# Pixels: the height of a bar with its space, and the space for names and for the numbers.
_BAR, _NAMES, _NUMBERS, _NAME = 26, 200, 82, 30


def waterfall_figure(
    waterfall: Waterfall, notes: Sequence[str] = (), *, dark: bool = False
) -> Picture:
    """Draw a waterfall.

    Parameters
    ----------
    waterfall : Waterfall
        As `thalweg.reporting.explaining.contribution_bars.waterfall_of` gives it.
    notes : sequence of str
        What is written below it.
    dark : bool, default False

    Returns
    -------
    Picture
    """
    n_lines = len(waterfall.bars) + 2
    below = [line for note in (*notes, FOOTER) for line in balanced(note, 100)]
    foot = 62 + 15 * len(below)
    picture = Picture(sentence(waterfall), _subtitle(waterfall), foot + _BAR * n_lines + 8, dark)
    axes = picture.axes_at(LEFT + _NAMES, foot, WIDTH - LEFT - _NAMES - _NUMBERS, _BAR * n_lines)
    low, high = waterfall.ends
    margin = 0.03 * (high - low or 1.0)
    axes.set(xlim=(low - margin, high + margin), ylim=(n_lines - 0.5, -0.5))
    _draw_bars(axes, waterfall, picture)
    axes.set_yticks(range(n_lines), _names(waterfall), fontsize=9)
    axes.grid(False, axis="y")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _tick(x, waterfall.label)))
    label = waterfall.label
    what = clipped(waterfall.quantity) if label is None else f"probability of {clipped(label)}"
    axes.set_xlabel(what, color=picture.palette.soft, fontsize=9, parse_math=False)
    for place, line in enumerate(reversed(below)):
        picture.write(LEFT, 26 + 15 * place, line, color=picture.palette.soft, size=8.5)
    return picture


def _subtitle(waterfall: Waterfall) -> str:
    several = waterfall.n_networks > 1
    lines = f"; lines: the ends for {counted(waterfall.n_networks, 'network')}" if several else ""
    told = answer_text(waterfall.answer, waterfall.label)
    return (
        f"Row {waterfall.row:,}: {told}, {waterfall.base_name}: "
        f"{answer_text(waterfall.base, waterfall.label)}{lines}"
    )


def _names(waterfall: Waterfall) -> list[str]:
    return [
        waterfall.base_name,
        *(clipped(bar.name, _NAME).replace("$", r"\$") for bar in waterfall.bars),
        "this row",
    ]


def _draw_bars(axes: Axes, waterfall: Waterfall, picture: Picture) -> None:
    colors, label = picture.palette, waterfall.label
    for y, bar in enumerate(waterfall.bars, start=1):
        rises = bar.value > 0
        axes.barh(
            y, bar.value, left=bar.start, height=0.62,
            color=colors.orange if rises else colors.blue,
            hatch="" if rises else "////", edgecolor=colors.page, linewidth=0,
        )  # fmt: skip
        if waterfall.n_networks > 1:
            ends = [bar.start + bar.low, bar.start + bar.high]
            axes.plot(ends, [y, y], color=colors.ink, linewidth=1.4, solid_capstyle="butt")
        axes.plot([bar.end, bar.end], [y, y + 1], color=colors.soft, linewidth=0.8)
        _number(axes, y, gain_text(bar.value, label, waterfall.largest), colors.ink)
    last = len(waterfall.bars) + 1
    for y, value in ((0, waterfall.base), (last, waterfall.answer)):
        axes.plot([value, value], [y - 0.36, y + 0.36], color=colors.ink, linewidth=2)
        _number(axes, y, answer_text(value, label), colors.ink, bold=True)
    if waterfall.bars:
        axes.plot([waterfall.base] * 2, [0, 1], color=colors.soft, linewidth=0.8)


def _number(axes: Axes, y: int, told: str, color: str, *, bold: bool = False) -> None:
    """A number at the right of the bars."""
    axes.annotate(
        told, (1.0, y), xycoords=axes.get_yaxis_transform(), xytext=(8, 0),
        textcoords="offset points", va="center", fontsize=9, color=color,
        fontweight="bold" if bold else "normal", annotation_clip=False,
    )  # fmt: skip


def _tick(x: float, label: str | None) -> str:
    return amount(x, 4) if label is None else f"{np.round(100 * x, 6):g} %"
