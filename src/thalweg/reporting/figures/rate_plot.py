"""The figure of a learning rate search: loss against rate, with the suggested rate."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from thalweg.errors import DataError
from thalweg.reporting.figures.picture import LEFT, WIDTH, ApartFormatter, Palette, Picture
from thalweg.training.lr_find import RateSearch
from thalweg.wording import counted

# The room of the legend below the axes, in pixels.
_LEGEND = 44


def rate_figure(
    search: RateSearch,
    *,
    quantity: str = "mean loss of a row, penalties included",
    subtitle: str = "",
    dark: bool = False,
) -> Picture:
    """The loss after each step against the rate of that step, with the suggested rate.

    Parameters
    ----------
    search : RateSearch
        From `thalweg.training.lr_find`.
    quantity : str
        What the loss measures, and its unit.
    subtitle : str
        Data, network, update rule, seed.
    dark : bool, default False
        Light signs on a dark page.

    Returns
    -------
    Picture
        Very large losses, most of them at the end of the search, are cut off, and the text above
        the axes says how many. The legend is below the axes.

    Raises
    ------
    DataError
        If no step had a finite loss.
    """
    if not len(search.rates):
        raise DataError(
            "There is no rate to draw: the loss became NaN or infinite at the first one",
            fix="start the search at a smaller rate",
        )
    limits = _limits(search)
    said = "; ".join(filter(None, (_ended(search), subtitle, _above(search, limits[1]))))
    picture = Picture(_title(search), said, 352 + _LEGEND, dark)
    colors = picture.palette
    axes = picture.axes_at(66, 62 + _LEGEND, WIDTH - 66 - 24, 258)
    _curves(axes, search, colors)
    axes.set_ylim(*limits)
    _scales(axes)
    axes.set_xlabel("learning rate of the step (log scale)", color=colors.soft, fontsize=9)
    picture.write(LEFT, 328 + _LEGEND, quantity, color=colors.soft, size=9)
    # Below the axes, where it hides neither a curve nor a point.
    axes.legend(
        loc="lower left", bbox_to_anchor=(66 / WIDTH, 22 / (352 + _LEGEND)), ncols=3,
        bbox_transform=picture.transFigure, borderpad=0, borderaxespad=0,
        fontsize=9, labelcolor=colors.ink, handlelength=2.6, frameon=False,
    )  # fmt: skip
    return picture


def _limits(search: RateSearch) -> tuple[float, float]:
    """The ends of the axis of losses: the fall is to be seen, not the explosion."""
    low = min(search.start, float(search.losses.min()))
    fall = search.start - low if search.suggestion else 3 * abs(search.start)
    room = max(0.7 * fall, 1e-12)
    top = min(search.start + room, max(search.start, float(search.losses.max())))
    return low - 0.1 * (top - low) - 1e-13, top + 0.05 * (top - low) + 1e-13


def _above(search: RateSearch, top: float) -> str:
    """How many losses lie above the axis, and how far."""
    n, most = int(np.sum(search.losses > top)), f"{search.losses.max():.3g}"
    if n < 2:
        return f"1 loss above the axis, {most}" if n else ""
    return f"{n:,} losses above the axis, up to {most}"


def _curves(axes: Axes, search: RateSearch, colors: Palette) -> None:
    """The curves of a search."""
    axes.set_xscale("log")
    axes.axhline(
        search.start,
        color=colors.soft,
        linewidth=1,
        linestyle=(0, (4, 3)),
        label="before the first step",
    )
    axes.plot(
        search.rates, search.losses, ".", color=colors.soft, markersize=4, label="after each step"
    )
    axes.plot(
        search.rates, search.smoothed, color=colors.blue, linewidth=2, label="median of three"
    )
    if search.suggestion is not None:
        _mark(axes, search, search.suggestion, colors)


def _mark(axes: Axes, search: RateSearch, suggestion: float, colors: Palette) -> None:
    """The suggested rate, and the lowest loss from which it follows."""
    axes.axvline(
        suggestion, color=colors.orange, linewidth=1.5, linestyle=(0, (5, 2)),
        label=f"suggested: {suggestion:.2g}",
    )  # fmt: skip
    lowest = search.lowest
    axes.plot(
        search.rates[lowest], search.smoothed[lowest], "o", markersize=8,
        markerfacecolor=colors.page, markeredgecolor=colors.ink, markeredgewidth=2, zorder=5,
        label=f"lowest: {search.rates[lowest]:.2g}",
    )  # fmt: skip


def _scales(axes: Axes) -> None:
    low, high = axes.get_xlim()
    subs = (1,) if high / low > 100 else (1, 2, 5)
    axes.xaxis.set_major_locator(LogLocator(10, subs=subs, numticks=12))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(ApartFormatter(lambda value, n: f"{value:.{n}g}", 6))


def _title(search: RateSearch) -> str:
    if search.suggestion is None:
        return "No rate lowers the loss below where it began"
    lowest, suggested = search.rates[search.lowest], f"{search.suggestion:.2g}"
    if search.still_falling:
        return (
            f"Loss is still falling at the largest rate tried, {lowest:.2g}; a third of it, "
            f"{suggested}, is suggested"
        )
    return f"Loss is lowest near a rate of {lowest:.2g}; a third of it, {suggested}, is suggested"


def _ended(search: RateSearch) -> str:
    """The rates that the search covered, and how it ended."""
    n, first, last = len(search.rates), f"{search.rates[0]:.2g}", f"{search.rates[-1]:.2g}"
    steps = counted(n, "step")
    if search.exploded:
        return f"{steps} from a rate of {first} on, the loss explodes at {last}"
    return f"{steps} from a rate of {first} to {last}, without an explosion"
