"""What is in a panel of effects: curves, bars of levels, dots of levels for each class."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import NDArray

from thalweg.data.dates.date_numbers import date_text
from thalweg.evaluation.effects.effect import Effect
from thalweg.reporting.figures.picture import ApartFormatter, Palette
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.landscape.landscape_looks import RunLook
from thalweg.wording import amount

Floats = NDArray[np.float64]

# Levels have at most so many bars (`thalweg.evaluation.effects.level_effects`).
MOST_LEVELS = 20
MISSING = "missing"
# Letters of the name of a level.
_NAME = 16
# The strip of densities, as a share of the height of a panel.
_STRIP = 0.06
_DOTS = (0, (1, 1.6))


def level_names(effect: Effect) -> list[str]:
    """The names of levels; long ones lose their end, or their middle."""
    own = effect.levels[:MOST_LEVELS]
    names = [clipped(name, _NAME) for name in own]
    if len({*names}) < len(names):
        half = _NAME // 2
        names = [n if len(n) <= _NAME else f"{n[: half - 1]}…{n[-half:]}" for n in own]
    return names


def draw_panel(
    axes: Axes,
    effects: Sequence[Effect],
    looks: Sequence[RunLook],
    colors: Palette,
    *,
    slanted: bool,
) -> None:
    """Draw a column: curves of one answer or several, or bars of one answer.

    Parameters
    ----------
    axes : Axes
    effects : sequence of Effect
        On each class.
    looks : sequence of RunLook
    colors : Palette
    slanted : bool
        Whether names of bars do not fit side by side.
    """
    axes.axhline(0, color=colors.soft, linewidth=0.8, zorder=1)
    if effects[0].levels:
        _bars(axes, effects[0], looks[0], colors, slanted=slanted)
        return
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
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=whole))
    if effect.values == "date":
        # A date is wide: at an end it would reach into the next panel.
        inside = [round(effect.x[0] + share * span) for share in (0.2, 0.8)]
        axes.xaxis.set_major_locator(FixedLocator(inside))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda day, _: date_text(float(day // 1))))
    else:
        axes.xaxis.set_major_formatter(ApartFormatter(amount, 3))


def _bars(axes: Axes, effect: Effect, its: RunLook, colors: Palette, *, slanted: bool) -> None:
    """A bar for each level, and one for a missing value behind them."""
    n = min(len(effect.levels), MOST_LEVELS)
    rows, names = effect.rows_in_bin[:n], level_names(effect)
    bars = [
        (effect.mean[k], effect.low[k], effect.high[k], effect.members[:, k], effect.supported[k])
        for k in range(n)
    ]
    if effect.missing is not None:
        its_own = effect.missing
        names.append(MISSING)
        rows = np.append(rows, its_own.rows)
        bars.append((its_own.mean, its_own.low, its_own.high, its_own.members, its_own.supported))
        axes.axvline(n - 0.5, color=colors.grid, linewidth=1)
    for at, (mean, low, high, members, supported) in enumerate(bars):
        axes.bar(at, mean, 0.6, color=its.color, alpha=0.75 if supported else 0.25, linewidth=0)
        axes.vlines(at, low, high, color=colors.ink, linewidth=1.1, zorder=4)
        axes.plot(
            np.full(len(members), at + 0.2), members, "_", color=colors.ink, markersize=4,
            markeredgewidth=0.6, alpha=0.8, zorder=4,
        )  # fmt: skip
        axes.axvspan(
            at - 0.4, at + 0.4, 0, _STRIP, color=colors.ink, linewidth=0,
            alpha=0.75 * float(rows[at] / rows.max()),
        )  # fmt: skip
    axes.set_xlim(-0.6, len(bars) - 0.4)
    axes.xaxis.set_major_locator(FixedLocator(list(range(len(bars)))))
    style: dict[str, Any] = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticklabels(names, fontsize=7.5, **(style if slanted else {}))
    axes.grid(False, axis="x")


def class_column(axes: Axes, effect: Effect, its: RunLook, colors: Palette, n_rows: int) -> None:
    """One class: a dot with its interval for each level, one below the other.

    Parameters
    ----------
    axes : Axes
    effect : Effect
    its : RunLook
    colors : Palette
    n_rows : int
        The levels, and a missing value if it has a point.
    """
    n = min(len(effect.levels), MOST_LEVELS)
    dots = [
        (effect.mean[k], effect.low[k], effect.high[k], effect.members[:, k], effect.supported[k])
        for k in range(n)
    ]
    if effect.missing is not None:
        own = effect.missing
        dots.append((own.mean, own.low, own.high, own.members, own.supported))
    axes.axvline(0, color=colors.soft, linewidth=0.8, zorder=1)
    for y, (mean, low, high, members, supported) in enumerate(dots):
        alpha = 1.0 if supported else 0.35
        axes.axhline(y, color=colors.grid, linewidth=0.6, zorder=0)
        # With caps that are higher than the dot, which would hide a narrow interval.
        axes.plot(
            [low, high], [y, y], "-", marker="|", color=its.color, linewidth=1.3, markersize=9,
            markeredgewidth=1.3, alpha=alpha, zorder=6,
        )  # fmt: skip
        axes.plot(
            members, np.full(len(members), y), "|", color=colors.ink, markersize=4,
            markeredgewidth=0.5, alpha=0.6, zorder=4,
        )  # fmt: skip
        axes.plot(
            mean, y, its.marker, color=its.color, markersize=3.5, alpha=alpha, zorder=5,
            markeredgecolor=colors.page, markeredgewidth=0.6,
        )  # fmt: skip
    axes.set_ylim(n_rows - 0.5, -0.5)
    axes.yaxis.set_major_locator(NullLocator())


def _missing(
    axes: Axes, effects: Sequence[Effect], looks: Sequence[RunLook], colors: Palette
) -> None:
    """The point of a missing value, to the right of all others."""
    if effects[0].missing is None:
        return
    low, high = axes.get_xlim()
    span = high - low
    step, half = 0.03 * span, 0.015 * span * (len(effects) - 1)
    at = high + 0.05 * span + half
    axes.axvline(high + 0.01 * span, color=colors.grid, linewidth=1)
    for k, (each, its) in enumerate(zip(effects, looks, strict=True)):
        one = each.missing
        assert one is not None
        x = at - half + step * k
        axes.vlines(x, one.low, one.high, color=its.color, linewidth=1.2)
        axes.plot(
            x, one.mean, "D", color=its.color, markersize=4.5, zorder=5,
            markerfacecolor=its.color if one.supported else colors.page,
        )  # fmt: skip
    axes.set_xlim(low, at + half + 0.04 * span)
    axes.annotate(
        MISSING, (1, 0), xycoords="axes fraction", xytext=(0, -12),
        textcoords="offset points", ha="right", va="top", fontsize=6.5, color=colors.soft,
        annotation_clip=False,
    )  # fmt: skip
