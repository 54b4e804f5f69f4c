"""The figure of a waterfall: what each column adds, from the answer for the base to that of a row.

A bar a column, the largest first. The thin line of a bar is, from its start on, what one network
alone adds, from the least to the most. A network has a start of its own, so this is no answer of
it, and it may reach beyond 100 %; the axis ends there. Bars that rise and fall differ in colour and
in hatching, and their signed numbers say the same.
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
from thalweg.wording import amount

_BEYOND = (
    "Below 0 % and above 100 % are no probabilities: what one network or column adds is drawn from "
    "the start of its bar, and others take it back."
)
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
    beyond = [_BEYOND] if _is_beyond(waterfall) else []
    below = [line for note in (*notes, *beyond, FOOTER) for line in balanced(note, 100)]
    foot = 62 + 15 * len(below)
    picture = Picture(sentence(waterfall), _subtitle(waterfall), foot + _BAR * n_lines + 8, dark)
    axes = picture.axes_at(LEFT + _NAMES, foot, WIDTH - LEFT - _NAMES - _NUMBERS, _BAR * n_lines)
    low, high = waterfall.ends
    margin = 0.03 * (high - low or 1.0)
    axes.set(xlim=(low - margin, high + margin), ylim=(n_lines - 0.5, -0.5))
    _draw_bars(axes, waterfall, picture)
    axes.set_yticks(range(n_lines), _names(waterfall), fontsize=9)
    axes.grid(False, axis="y")
    axes.xaxis.set_major_locator(_Shares(5) if waterfall.label is not None else MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _tick(x, waterfall.label)))
    label = waterfall.label
    what = clipped(waterfall.quantity) if label is None else f"probability of {clipped(label)}"
    axes.set_xlabel(what, color=picture.palette.soft, fontsize=9, parse_math=False)
    for place, line in enumerate(reversed(below)):
        picture.write(LEFT, 26 + 15 * place, line, color=picture.palette.soft, size=8.5)
    return picture


class _Shares(MaxNLocator):
    """Ticks of probabilities: none below 0 or above 1."""

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """The ticks."""
        return [each for each in super().tick_values(vmin, vmax) if -1e-9 < each < 1 + 1e-9]


def _is_beyond(waterfall: Waterfall) -> bool:
    """Whether something of probabilities is drawn below 0 or above 1."""
    low, high = waterfall.ends
    return waterfall.label is not None and (low < -1e-9 or high > 1 + 1e-9)


def _subtitle(waterfall: Waterfall) -> str:
    several = waterfall.n_networks > 1
    lines = f"; lines: what one of {waterfall.n_networks:,} networks adds" if several else ""
    base, answer = (
        answer_text(each, waterfall.label, waterfall.decimals)
        for each in (waterfall.base, waterfall.answer)
    )
    return f"Row {waterfall.row:,}: {answer}, {waterfall.base_name}: {base}{lines}"


def _names(waterfall: Waterfall) -> list[str]:
    return [
        waterfall.base_name,
        *(clipped(bar.name, _NAME).replace("$", r"\$") for bar in waterfall.bars),
        "this row",
    ]


def _draw_bars(axes: Axes, waterfall: Waterfall, picture: Picture) -> None:
    colors, label, decimals = picture.palette, waterfall.label, waterfall.decimals
    both = zip(waterfall.bars, waterfall.printed.bars, strict=True)
    for y, (bar, printed) in enumerate(both, start=1):
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
        _number(axes, y, gain_text(printed.value, label, decimals), colors.ink)
    last = len(waterfall.bars) + 1
    for y, value in ((0, waterfall.base), (last, waterfall.answer)):
        axes.plot([value, value], [y - 0.36, y + 0.36], color=colors.ink, linewidth=2)
        _number(axes, y, answer_text(value, label, decimals), colors.ink, bold=True)
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
