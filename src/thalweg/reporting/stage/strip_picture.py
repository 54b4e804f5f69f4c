"""The losses of runs by step, below a picture, with its cursor."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter

from thalweg.landscape.numbers_in_words import written
from thalweg.reporting.landscape.drawn_run import DrawnRun
from thalweg.reporting.landscape.landscape_looks import INKS, run_look
from thalweg.wording import apart

_FEW_DECADES, _SOME_DECADES = 1.5, 3.0


def draw_strip(axes: Axes, lines: Sequence[DrawnRun], *, dark: bool) -> float:
    """The curves of all runs; a run that diverged does not crush the others.

    Returns
    -------
    float
        The last step.
    """
    ink = INKS["dark" if dark else "light"]
    calm = [each for each in lines if not each.diverged] or list(lines)
    losses = np.concatenate([each.true for each in calm])
    low, high = float(losses.min()), float(losses.max())
    is_log = low > 0 and high > 1.5 * low
    last = max(int(each.steps[-1]) for each in lines)
    top = high * (high / low) ** 0.05 if is_log else high + 0.05 * ((high - low) or 1.0)
    bottom = low * (low / high) ** 0.03 if is_log else low - 0.03 * ((high - low) or 1.0)
    if is_log:
        axes.set_yscale("log")
    axes.set_xlim(0, last or 1)
    axes.set_ylim(bottom, top)
    ticks = _ticks(low, high, is_log=is_log)
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_minor_locator(FixedLocator([]))
    axes.set_yticklabels([each.replace("-", "−") for each in apart(ticks, written, 2)])
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]))
    axes.tick_params(labelsize=7.5, labelcolor=ink.soft, pad=3)
    axes.grid(False, axis="x")
    for each in lines:
        its = run_look(each.look, dark=dark)
        axes.plot(
            each.steps, np.minimum(each.true, top), color=its.color, linewidth=1.2,
            linestyle=its.linestyle, solid_joinstyle="round",
        )  # fmt: skip
        if each.diverged:
            axes.plot(
                [each.steps[-1]], [min(float(each.true[-1]), top)], marker="x", markersize=6,
                markeredgewidth=2, color=its.color, clip_on=False,
            )  # fmt: skip
    is_whole = all(each.steps[-1] - each.steps[0] == len(each.steps) - 1 for each in lines)
    true = "true at every step" if is_whole else "true at the recorded steps"
    name = f"↑ loss by step{', log scale' if is_log else ''}: {true}"
    axes.set_title(name, fontsize=7.5, color=ink.soft, loc="left", pad=4)
    return float(last)


def _ticks(low: float, high: float, *, is_log: bool) -> list[float]:
    """Losses of the axis: on a log scale round ones, few a decade."""
    if is_log:
        decades = float(np.log10(high / low))
        several = (
            (1, 2, 5) if decades < _FEW_DECADES else (1, 3) if decades < _SOME_DECADES else (1,)
        )
        stride = int(np.ceil(decades / 4))
        powers = range(int(np.floor(np.log10(low))), int(np.floor(np.log10(high))) + 1, stride)
        found = [float(f"{step * 10.0**power:.2g}") for power in powers for step in several]
        inside = [each for each in found if low <= each <= high]
        if len(inside) > 1:
            return inside
    return [float(e) for e in MaxNLocator(3).tick_values(low, high) if low <= e <= high]
