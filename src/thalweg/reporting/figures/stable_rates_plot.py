"""The losses of one network on several kinds of inputs, each at its own learning rate."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.ticker import LogLocator, NullLocator, ScalarFormatter

from thalweg.reporting.figures.picture import WIDTH, Picture


class RateRun(NamedTuple):
    """A run: its loss at some steps, and the rate of its steps."""

    losses: Sequence[float]
    rate: float


def stable_rates_figure(
    steps: Sequence[int], runs: Mapping[str, RateRun], *, subtitle: str = "", dark: bool = False
) -> Picture:
    """The loss by step, on a log scale, with the name and the rate of each run at its end.

    Parameters
    ----------
    steps : sequence of int
        Of the losses.
    runs : mapping of str to RateRun
        At most three.
    subtitle : str
    dark : bool, default False

    Returns
    -------
    Picture
        Its title has the last losses of all runs.
    """
    ends = {name: run.losses[-1] for name, run in runs.items()}
    parts = [f"{_few(end)} on {name} columns" for name, end in ends.items()]
    listed = ", ".join(parts[:-1]) + f" and {parts[-1]}" if len(parts) > 1 else parts[0]
    title = f"Each at its largest stable rate, {steps[-1]} steps lead to the loss {listed}"
    picture = Picture(title, subtitle, 350, dark)
    colors = picture.palette
    axes = picture.axes_at(60, 54, WIDTH - 60 - 150, 270)
    axes.set_yscale("log")
    looks = ((colors.orange, "-"), (colors.ink, (0, (5, 2))), (colors.blue, (0, (2, 1.2))))
    lowest = min(min(run.losses) for run in runs.values())
    highest = max(max(run.losses) for run in runs.values())
    axes.set_ylim(0.85 * lowest, 1.15 * highest)
    axes.set_xlim(0, steps[-1])
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(ScalarFormatter())
    taken: list[float] = []
    for (name, run), (color, dash) in zip(
        sorted(runs.items(), key=lambda each: -each[1].losses[-1]),
        [looks[list(runs).index(name)] for name in sorted(runs, key=lambda n: -ends[n])],
        strict=True,
    ):
        axes.plot(list(steps), list(run.losses), color=color, linestyle=dash, linewidth=2)
        height = 54 + 270 * float(axes.transAxes.inverted().transform(
            axes.transData.transform((steps[-1], run.losses[-1])))[1])  # fmt: skip
        height = min([height, *(each - 30 for each in taken)])
        taken.append(height)
        place = WIDTH - 150 + 8
        picture.write(place, height + 2, name, color=color, size=9, weight="bold")
        picture.write(place, height - 12, f"rate {run.rate:g}", color=colors.soft, size=8.5)
    axes.set_xlabel("step", color=colors.soft, fontsize=9)
    picture.write(20, 334, "mean loss of a training row, log scale", color=colors.soft, size=9)
    return picture


def _few(value: float) -> str:
    return f"{value:.3g}"
