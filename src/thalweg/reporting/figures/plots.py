"""Figures of plain numbers for a notebook or a paper: loss history, confusion matrix, ROC curve.

Each is a `matplotlib.figure.Figure` made without pyplot: there is no current figure, no backend is
chosen, and colours do not depend on the user's style. The title says what was found, the subtitle
on which data. Colour-blind readers can tell the colours apart; dashes, markers and words say the
same again.
"""

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.ticker import FuncFormatter, Locator, LogLocator, MaxNLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.judging.shapes import ConfusionData
from thalweg.reporting.figures.picture import LEFT, WIDTH, ApartFormatter, Palette, Picture
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.learning_words import change
from thalweg.reporting.verdict_words import pairs_in_order
from thalweg.training.history import History, column, pass_name
from thalweg.wording import amount, count_text, counted

# A longer name would not fit on the page.
_NAME = 24
# Pixels: height of a cell of a confusion matrix, and of the space below.
_CELL, _FOOT = 84, 34

Floats = NDArray[np.float64]

_PASSES = {
    "epoch": "epoch: one passage over the training rows",
    "iteration": "iteration of L-BFGS",
}


def history_figure(
    history: History,
    best_epoch: int,
    *,
    quantity: str = "mean loss of a row, nats",
    training: str = "training, penalty included",
    held_out: str = "held out",
    subtitle: str = "",
    dark: bool = False,
) -> Picture:
    """The loss of every epoch, with a mark at the epoch that was kept.

    Parameters
    ----------
    history : list of dict
        As in `thalweg.training.history`: at least one epoch, each with ``epoch``, ``train_loss``
        and ``valid_loss``. A loss that is not finite is left out, and a cross marks the last
        finite one before the end.
    best_epoch : int
        The epoch that was kept, from 1.
    quantity : str
        What the loss measures, and its unit.
    training, held_out : str
        The rows of ``train_loss`` and ``valid_loss``.
    subtitle : str
    dark : bool, default False

    Returns
    -------
    Picture
        On a logarithmic scale unless a loss is 0 or below.

    Raises
    ------
    DataError
        If there is no epoch.
    """
    if not history:
        raise DataError("There is no epoch to draw", fix="fit the model first")
    epoch, train, valid = (column(history, k) for k in ("epoch", "train_loss", "valid_loss"))
    what, kept = pass_name(history), epoch == best_epoch
    picture = Picture(_history_title(epoch, train, valid, best_epoch, what), subtitle, 352, dark)
    colors, axes = picture.palette, picture.axes_at(66, 62, WIDTH - 66 - 24, 258)
    _curve(axes, epoch, train, training, colors.blue, "-")
    if np.isfinite(valid).any():
        _curve(axes, epoch, valid, held_out, colors.orange, (0, (5, 2)))
    watched = valid if np.isfinite(valid).any() else train
    axes.axvline(best_epoch, color=colors.soft, linewidth=1, linestyle=":", zorder=1)
    _ring(axes, epoch[kept], watched[kept], colors.page, colors.ink, f"kept: {what} {best_epoch:,}")
    scale = _scale_of_losses(axes, np.concatenate([train, valid]))
    axes.set_xlabel(_PASSES[what], color=colors.soft, fontsize=9)
    picture.write(LEFT, 328, f"{quantity}{scale}", color=colors.soft, size=9)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.margins(x=0.02)
    axes.legend(
        loc="upper right", fontsize=9, labelcolor=colors.ink, handlelength=2.6,
        facecolor=colors.page, edgecolor="none", framealpha=0.85,
    )  # fmt: skip
    return picture


def _history_title(epoch: Floats, train: Floats, valid: Floats, best_epoch: int, what: str) -> str:
    if not np.isfinite(valid).any():
        return (
            f"Training loss {change(train[0], train[-1], 3)} in {counted(int(epoch[-1]), what)}; "
            "no row was held out"
        )
    lowest = int(np.nanargmin(valid))
    title = f"Held-out loss is lowest at {what} {epoch[lowest]:,.0f}: {amount(valid[lowest], 3)}"
    return title if epoch[lowest] == best_epoch else f"{title},\nbut {what} {best_epoch:,} was kept"


def _scale_of_losses(axes: Axes, losses: Floats) -> str:
    """Set the scale, logarithmic if all losses are above 0; returns the words for it."""
    losses = losses[np.isfinite(losses)]
    if not losses.size or losses.min() <= 0:
        return ""
    axes.set_yscale("log")
    decades = np.log10(losses.max() / losses.min())
    if decades > 3:
        marks: Locator = LogLocator(10, subs=(1,), numticks=8)
    elif decades > 0.8:
        marks = LogLocator(10, subs=(1, 2, 5))
    else:  # 1, 2 and 5 would be too few
        marks = MaxNLocator(6)
    axes.yaxis.set_major_locator(marks)
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(ApartFormatter(amount, 6))
    return " (log scale)"


def _curve(axes: Axes, x: Floats, y: Floats, label: str, color: str, dash: Any) -> None:
    there = np.isfinite(y)
    marker = "." if len(x) < 3 else ""
    axes.plot(
        x[there], y[there], color=color, linestyle=dash, linewidth=2, marker=marker, label=label
    )
    if there.any() and not there[-1]:
        last = np.flatnonzero(there)[-1]
        axes.plot(x[last], y[last], "x", color=color, markersize=10, markeredgewidth=2.5)


def _ring(axes: Axes, x: ArrayLike, y: ArrayLike, page: str, color: str, label: str) -> None:
    axes.plot(
        x, y, "o", markersize=8, markerfacecolor=page, markeredgecolor=color, markeredgewidth=2,
        clip_on=False, zorder=5, label=label,
    )  # fmt: skip


def confusion_figure(
    confusions: Mapping[float, ConfusionData],
    positive: str,
    negative: str,
    *,
    subtitle: str = "",
    dark: bool = False,
) -> Picture:
    """The confusion matrix, at one threshold or at several side by side.

    Parameters
    ----------
    confusions : mapping of float to mapping
        For each threshold, one to three of them, the counts ``true_positive false_negative
        false_positive true_negative`` of the same rows, as in `Judgement.confusion`.
    positive, negative : str
        The names of the classes.
    subtitle : str
    dark : bool, default False

    Returns
    -------
    Picture
        The tint of a cell is its share of the class.

    Raises
    ------
    SettingsError
        If there is no threshold, or more than three.
    """
    if not 1 <= len(confusions) <= 3:
        raise SettingsError(
            f"{len(confusions)} confusion matrices do not fit into one figure",
            fix="choose one to three thresholds",
        )
    positive, negative = clipped(positive, _NAME), clipped(negative, _NAME)
    confusions = dict(sorted(confusions.items()))
    title = _confusion_title(confusions, positive, negative)
    calls = ["called " + name for name in (positive, negative)]
    if len(confusions) > 1:
        calls = ["\n".join(["called", *_lines(name)]) for name in (positive, negative)]
    head = 24 + 14 * max(call.count("\n") for call in calls)
    picture = Picture(title, subtitle, _FOOT + 2 * _CELL + head + 30, dark)
    left, gap, top = 106, 14, _FOOT + 2 * _CELL
    width = (WIDTH - left - LEFT + gap) / len(confusions) - gap
    for name, y in ((positive, 1.5), (negative, 0.5)):
        words = "\n".join(["in truth", *_lines(name)])
        picture.write(left - 12, _FOOT + y * _CELL, words, size=9.5, ha="right", va="center")
    for i, (threshold, counts) in enumerate(confusions.items()):
        x = left + i * (width + gap)
        picture.write(x, top + head, f"threshold {threshold:g}", size=10.5, weight="bold")
        for call, share in zip(calls, (0.25, 0.75), strict=True):
            picture.write(
                x + share * width, top + 6, call, size=9, ha="center",
                color=picture.palette.soft, linespacing=1.1,
            )  # fmt: skip
        _matrix(picture, x, width, counts)
    return picture


def _confusion_title(
    confusions: Mapping[float, ConfusionData], positive: str, negative: str
) -> str:
    """Missed rows and false alarms, as text."""
    thresholds = list(confusions)
    first, last = confusions[thresholds[0]], confusions[thresholds[-1]]
    missed, alarms = first["false_negative"], first["false_positive"]
    n_positive, n_negative = missed + first["true_positive"], alarms + first["true_negative"]
    if len(thresholds) == 1:
        return (
            f"Missed: {count_text(missed)} of {count_text(n_positive)} {positive}; false alarms: "
            f"{count_text(alarms)} of {count_text(n_negative)} {negative}"
        )
    more_missed, fewer = last["false_negative"], last["false_positive"]
    return (
        f"From {thresholds[0]:g} to {thresholds[-1]:g}, missed {positive} go from "
        f"{count_text(missed)} to {count_text(more_missed)} of {count_text(n_positive)},\n"
        f"false alarms from {count_text(alarms)} to {count_text(fewer)} of {count_text(n_negative)}"
    )


def _matrix(picture: Picture, x: float, width: float, counts: ConfusionData) -> None:
    """Four cells, each with its count, its meaning, and its share of the class."""
    blue, orange, bold = picture.palette.blue, picture.palette.orange, {"weight": "bold"}
    rows = (
        ((counts["true_positive"], "found", blue), (counts["false_negative"], "missed", orange)),
        (
            (counts["false_positive"], "false alarms", orange),
            (counts["true_negative"], "cleared", blue),
        ),
    )
    for r, row in enumerate(rows):
        total = sum(count for count, _, _ in row)
        for c, (count, words, color) in enumerate(row):
            share = count / total if total else 0.0
            left, low = x + c * width / 2, _FOOT + (1 - r) * _CELL
            # The root, so that a few missed rows among hundreds are visible.
            tint = _between(
                picture.palette.page, color, 0.06 + 0.34 * share**0.5 if count else 0.04
            )
            picture.box(left + 1.5, low + 1.5, width / 2 - 3, _CELL - 3, tint)
            picture.box(left + 1.5, low + 1.5, 4, _CELL - 3, color)
            middle = left + 2 + width / 4
            said = count_text(count)
            for words_here, y, style in (
                # A bold figure is 0.84 pixels wide a point.
                (said, 58, {"size": min(16, (width / 2 - 10) / 0.84 / len(said)), **bold}),
                (words, 35, {"size": 9.5 if width > 200 else 8.5}),
                (_percent(share) if total else "no row", 17, {"size": 8.5}),
            ):
                picture.write(middle, low + y, words_here, ha="center", va="center", **style)


def _lines(name: str) -> list[str]:
    """A name for a narrow place."""
    return wrap(name, 11, max_lines=2, placeholder="…")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _between(page: str, color: str, share: float) -> tuple[float, ...]:
    """A mixture of two colours."""
    both = zip(to_rgb(page), to_rgb(color), strict=True)
    return tuple(p + share * (c - p) for p, c in both)


def roc_figure(
    false_positive: ArrayLike,
    true_positive: ArrayLike,
    auc: tuple[float, float, float],
    *,
    positive: str = "positive",
    negative: str = "negative",
    at: tuple[float, float, float] | None = None,
    subtitle: str = "",
    dark: bool = False,
) -> Picture:
    """The ROC curve; if its area is large, with the upper left corner enlarged beside it.

    Parameters
    ----------
    false_positive, true_positive : array of int, shape (n_vertices,)
        The curve as numbers of rows, from (0, 0) to (all negative rows, all positive rows), as
        in `thalweg.evaluation.judging.threshold_curves`.
    auc : (float, float, float)
        The area under the curve and the ends of its 95 % interval.
    positive, negative : str
        The names of the classes.
    at : (float, float, float), optional
        A threshold, and the numbers of false and true positives above it.
    subtitle : str
    dark : bool, default False

    Returns
    -------
    Picture

    Raises
    ------
    DataError
        If a class has no row.
    """
    x, y = np.asarray(false_positive, float), np.asarray(true_positive, float)
    n_negative, n_positive = x[-1], y[-1]
    if not (n_negative and n_positive):
        what = "Rows of only one class have no ROC curve"
        raise DataError(what, fix="give rows of both classes")
    positive, negative = clipped(positive, _NAME), clipped(negative, _NAME)
    value, low, high = auc
    title = pairs_in_order(value, y, x, positive, negative)
    said = f"AUC {value:.3f}, 95 % interval {low:.3f} to {high:.3f}"
    picture = Picture(title, "; ".join(filter(None, (said, subtitle))), 384, dark)
    rates = x / n_negative, y / n_positive
    point = None if at is None else (at[1] / n_negative, at[2] / n_positive)
    _roc(picture.axes_at(66, 62, 282, 282), picture.palette, *rates, point)
    style: dict[str, Any] = {"color": picture.palette.soft, "fontsize": 9}
    picture.write(LEFT, 358, f"found, share of {positive}", **style)
    picture.axes[0].set_xlabel(f"false alarms, share of {negative}", parse_math=False, **style)
    if value >= 0.9:
        corner = 0.1 if value >= 0.97 else 0.25
        _roc(picture.axes_at(426, 62, 190, 190), picture.palette, *rates, point, corner)
        picture.write(426, 260, f"the corner, {1 / corner:g} times", size=9)
    if at is not None and point is not None:
        _say_point(picture, at[0], *point)
    return picture


def _say_point(picture: Picture, threshold: float, false_alarms: float, found: float) -> None:
    """The meaning of the ring, to the right of the curve."""
    picture.write(426, 344, f"○ threshold {threshold:g}", size=9, va="top")
    picture.write(426, 325, f"{_percent(found)} found", size=9, va="top")
    picture.write(426, 306, f"{_percent(false_alarms)} false alarms", size=9, va="top")


def _roc(
    axes: Axes,
    colors: Palette,
    x: Floats,
    y: Floats,
    point: tuple[float, float] | None,
    corner: float = 1.0,
) -> None:
    """The curve in the upper left corner of the unit square, or in the whole square."""
    axes.plot([0, 1], [0, 1], color=colors.soft, linewidth=1, linestyle=(0, (4, 3)))
    # Clip the curve at the edge of the corner, but not in the square, where it lies on the border.
    axes.plot(x, y, color=colors.blue, linewidth=2, clip_on=corner < 1)
    axes.set(xlim=(0, corner), ylim=(1 - corner, 1))
    if point is not None and point[0] <= corner and point[1] >= 1 - corner:
        _ring(axes, [point[0]], [point[1]], colors.page, colors.orange, "threshold")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
