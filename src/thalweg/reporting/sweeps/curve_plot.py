"""The curve of a setting as a figure: training and held-out loss with bands, the default marked."""

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import NDArray

from thalweg.evaluation.curves.curve_sentences import verdict
from thalweg.evaluation.curves.setting_curve import CurvePoint, SettingCurve
from thalweg.reporting.figures.measured_text import shortened, widest, width_of
from thalweg.reporting.figures.picture import (
    LEFT,
    WIDTH,
    ApartFormatter,
    Palette,
    Picture,
    balanced,
)
from thalweg.reporting.sweeps.curve_page import about, by_logarithm, title
from thalweg.wording import amount

# Pixels: of the axes, of the legend below them, between two words below the axes, and of the
# longest word that stands upright there.
_HIGH, _LEGEND, _APART, _LONGEST = 280, 40, 8.0, 150.0
# Of the legend: columns, rows that always have room, and pixels of each row more.
_COLUMNS, _ROWS, _ROW = 3, 2, 17
# From the left of the axes to the left of the picture, and on the right.
_BESIDE, _MARGIN = 66, 24
_TICK_SIZE, _MOST_TICKS = 9, 8
Floats = NDArray[np.float64]


def curve_figure(curve: SettingCurve, *, dark: bool = False) -> Picture:
    """The loss of each value, with ± 1 standard error over folds.

    Parameters
    ----------
    curve : SettingCurve
    dark : bool, default False
    """
    picture = _drawn(curve, dark, _ROWS)
    rows = math.ceil(len(picture.axes[0].get_legend_handles_labels()[1]) / _COLUMNS)
    return picture if rows <= _ROWS else _drawn(curve, dark, rows)


def _drawn(curve: SettingCurve, dark: bool, rows: int) -> Picture:
    """The figure, with room for so many rows of its legend."""
    lines = balanced(verdict(curve), 104)
    foot = 30 + 13 * len(lines)
    upright = _upright(curve)
    low = foot + _LEGEND + _ROW * (rows - _ROWS) + 48 + round(upright)
    picture = Picture(title(curve), about(curve), low + _HIGH + 38, dark)
    colors = picture.palette
    axes = picture.axes_at(_BESIDE, low, WIDTH - _BESIDE - _MARGIN, _HIGH)
    places = _places(curve)
    _axes(axes, curve, places, colors)
    if upright:
        axes.tick_params(axis="x", labelrotation=90)
    _series(axes, curve, places, "train", colors)
    _series(axes, curve, places, "held", colors)
    _marks(axes, curve, places, colors)
    _constant(axes, curve, colors)
    if by_logarithm(curve):
        axes.yaxis.set_major_locator(FixedLocator(_round_losses(*axes.get_ylim())))
    unit = " (log scale)" if by_logarithm(curve) else ""
    picture.write(
        LEFT, low + _HIGH + 12, f"{curve.loss_name}{unit}; bands or bars: "
        f"± 1 standard error over {curve.n_folds} folds", color=colors.soft, size=9,
    )  # fmt: skip
    height = picture.get_figheight() * 100
    axes.legend(
        loc="lower left", bbox_to_anchor=(_BESIDE / WIDTH, (foot + 4) / height), ncols=_COLUMNS,
        bbox_transform=picture.transFigure, borderpad=0, borderaxespad=0,
        fontsize=8.5, labelcolor=colors.ink, handlelength=2.6, frameon=False, columnspacing=1.6,
    )  # fmt: skip
    for k, line in enumerate(reversed(lines)):
        picture.write(LEFT, 28 + 13 * k, line, size=7.4, color=colors.soft)
    return picture


def _places(curve: SettingCurve) -> Floats:
    """Where each value stands; NaN for a default that has no place among numbers."""
    if not _is_by_place(curve):
        return np.arange(len(curve.points), dtype=np.float64)
    return np.array([np.nan if each.place is None else each.place for each in curve.points])


def _is_by_place(curve: SettingCurve) -> bool:
    return curve.scale != "words" and all(
        each.place is not None or each.is_default for each in curve.points
    )


def _axes(axes: Axes, curve: SettingCurve, places: Floats, colors: Palette) -> None:
    by_place = _is_by_place(curve)
    there = [k for k in range(len(places)) if np.isfinite(places[k])]
    if by_place and curve.scale == "log":
        axes.set_xscale("log")
    if by_logarithm(curve):
        axes.set_yscale("log")
    ends = [_at(axes, float(places[k])) for k in there]
    span = (max(ends) - min(ends)) or 1.0
    shown, free = [], -np.inf
    for k, end in zip(there, ends, strict=True):
        wide = span * (_wide(curve.points[k].label) + _APART) / (WIDTH - _BESIDE - _MARGIN)
        if not by_place or end - wide / 2 >= free:
            shown.append(k)
            free = end + wide / 2
    labels = {
        float(places[k]): shortened(curve.points[k].label, _LONGEST, _TICK_SIZE) for k in shown
    }
    axes.xaxis.set_major_locator(FixedLocator(list(labels)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _near(labels, value)))
    if not by_place:
        axes.set_xlim(-0.5, len(places) - 0.5)
    if not by_logarithm(curve):
        axes.yaxis.set_major_locator(MaxNLocator(6))
        axes.yaxis.set_major_formatter(ApartFormatter(lambda value, n: f"{value:.{n}g}", 6))
    else:
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    scale = " (log scale)" if by_place and curve.scale == "log" else ""
    axes.set_xlabel(f"{curve.setting}{scale}", color=colors.soft, fontsize=9)


def _wide(label: str) -> float:
    return width_of(label, _TICK_SIZE)


def _upright(curve: SettingCurve) -> float:
    """How far below the axes words reach that stand upright; 0 if they fit side by side."""
    if _is_by_place(curve):
        return 0.0
    labels = [each.label for each in curve.points]
    room = (WIDTH - _BESIDE - _MARGIN) / len(labels)
    longest = widest(labels, _TICK_SIZE)
    return 0.0 if longest + _APART <= room else min(longest, _LONGEST)


def _round_losses(low: float, high: float) -> list[float]:
    """Round losses between two; few if there are many powers of ten, and never less than two."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found: list[float] = []
    for steps in ((1,), (1, 3), (1, 2, 5), range(1, 10)):
        ticks = [m * 10.0**p for p in powers for m in steps if low <= m * 10.0**p <= high]
        if len(found) >= 2 and len(ticks) > _MOST_TICKS:
            break
        found = ticks
    return found[:: math.ceil(len(found) / _MOST_TICKS) or 1]


def _at(axes: Axes, value: float) -> float:
    return float(np.log10(value)) if axes.get_xscale() == "log" else value


def _near(labels: dict[float, str], value: float) -> str:
    return next((each for place, each in labels.items() if np.isclose(place, value)), "")


def _series(axes: Axes, curve: SettingCurve, places: Floats, which: str, colors: Palette) -> None:
    held = which == "held"
    color, marker = (colors.blue, "s") if held else (colors.soft, "o")
    label = "held-out rows" if held else "training rows"
    known = [
        k for k, each in enumerate(curve.points) if each.loss is not None and np.isfinite(places[k])
    ]
    if not known:
        return
    x = places[known]
    loss = np.array([_loss(curve.points[k], held=held) for k in known])
    error = np.array([_error_of(curve.points[k], held=held) for k in known])
    low = loss - error
    if by_logarithm(curve):
        low = np.maximum(low, loss.min() / 2)
    style: dict[str, Any] = {"color": color, "marker": marker, "markersize": 5.5 if held else 4}
    if _is_by_place(curve):
        axes.fill_between(x, low, loss + error, color=color, alpha=0.16, linewidth=0)
        dash = (0, (5, 2)) if held else "-"
        axes.plot(x, loss, linestyle=dash, linewidth=1.8, label=label, **style)
    else:
        aside = 0.07 if held else -0.07
        both = np.array([loss - low, error])
        axes.errorbar(x + aside, loss, both, linestyle="none", linewidth=1.5, label=label, **style)
    if held:
        gone = [k for k in known if not curve.points[k].is_compared]
        if gone:
            aside = 0.0 if _is_by_place(curve) else 0.07
            y = [_loss(curve.points[k], held=True) for k in gone]
            axes.plot(
                places[gone] + aside, y, "x", color=colors.orange, markersize=9,
                markeredgewidth=2.2, linestyle="none", zorder=5, label="diverged later",
            )  # fmt: skip
        worse = [k for k in known if curve.standing(curve.points[k]) == "shown to be worse"]
        if worse:
            aside = 0.0 if _is_by_place(curve) else 0.07
            axes.plot(
                places[worse] + aside, [_loss(curve.points[k], held=True) for k in worse],
                linestyle="none", marker="s", markersize=5.5, markerfacecolor=colors.page,
                markeredgecolor=color, markeredgewidth=1.6, zorder=4,
                label="hollow: shown to be worse",
            )  # fmt: skip


def _marks(axes: Axes, curve: SettingCurve, places: Floats, colors: Palette) -> None:
    """The default, the lowest, and values that diverged."""
    for k, each in enumerate(curve.points):
        is_there = np.isfinite(places[k])
        if each.is_default:
            dashed: dict[str, Any] = {
                "color": colors.orange, "linewidth": 1.4, "linestyle": (0, (4, 2)), "zorder": 1,
                "label": "default" if each.label == "default" else f"default: {each.label}",
            }  # fmt: skip
            if is_there:
                axes.axvline(float(places[k]), **dashed)
            elif each.loss is not None:
                axes.axhline(each.loss, **dashed)
        if each is curve.lowest and is_there and each.loss is not None:
            aside = 0.0 if _is_by_place(curve) else 0.07
            axes.plot(
                places[k] + aside, each.loss, "o", markersize=12, markerfacecolor="none",
                markeredgecolor=colors.ink, markeredgewidth=1.8, zorder=5, linestyle="none",
                label=f"lowest: {each.label}",
            )  # fmt: skip
    lost = [
        k for k, each in enumerate(curve.points) if each.loss is None and np.isfinite(places[k])
    ]
    if lost:
        axes.plot(
            places[lost], [0.96] * len(lost), "x", transform=axes.get_xaxis_transform(),
            color=colors.orange, markersize=8, markeredgewidth=2.2, linestyle="none",
            label="diverged: no loss",
        )  # fmt: skip


def _constant(axes: Axes, curve: SettingCurve, colors: Palette) -> None:
    """The loss of a constant answer, if it is inside of the picture: the losses decide its ends."""
    low, high = axes.get_ylim()
    if curve.constant is None or not low <= curve.constant <= high:
        return
    axes.axhline(
        curve.constant, color=colors.soft, linewidth=1.4, linestyle=(0, (1.5, 3)), zorder=1,
        label=f"a constant answer: {amount(curve.constant, in_column=True)}",
    )  # fmt: skip
    axes.set_ylim(low, high)


def _loss(point: CurvePoint, *, held: bool) -> float:
    found = point.loss if held else point.train_loss
    assert found is not None
    return found


def _error_of(point: CurvePoint, *, held: bool) -> float:
    return (point.error if held else point.train_error) or 0.0
