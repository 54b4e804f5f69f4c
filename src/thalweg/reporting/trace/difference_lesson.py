"""The derivative lesson: its table, and the plot of the error against the step h."""

import base64
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from thalweg.reporting.figures.picture import LEFT, WIDTH, Palette, Picture
from thalweg.reporting.trace.trace_display import Shown
from thalweg.tracing.derivative_limit import (
    DerivativeLesson,
    Function,
    derivative_lesson,
    square,
    square_slope,
)

# An error of exactly 0 has no place on a log scale: it is drawn on the lower edge, with a label.
# Errors at most so small are usual in float64. The words stand below all errors, and the edge below
# the words: so no mark is on a word.
_LOW, _BELOW = 1e-16, 40.0
_KINDS = {"forward": "(f(x+h) - f(x)) / h", "central": "(f(x+h) - f(x-h)) / 2h"}


class ShownLesson(Shown):
    """The derivative lesson with its display."""

    def __init__(self, lesson: DerivativeLesson) -> None:
        self.lesson = lesson
        super().__init__("lesson", lesson_data(lesson))

    def figure(self, *, dark: bool = False) -> Picture:
        """The plot of the error against h."""
        return lesson_figure(self.lesson, dark=dark)

    def _picture(self) -> str:
        """The plot for light and dark pages."""
        alt = self.figure().title
        return "".join(
            (
                '<picture><source media="(prefers-color-scheme: dark)" srcset="',
                _data_uri(self.figure(dark=True)),
                f'"><img width="{WIDTH}" alt="{alt}" src="{_data_uri(self.figure())}"></picture>',
            )
        )


def show_derivative_lesson(
    function: Function = square, slope: Function = square_slope, points: Any = (3.0, -2.0),
    *, name: str = "x²",
) -> ShownLesson:  # fmt: skip
    """The lesson of `thalweg.tracing.derivative_limit.derivative_lesson` with its display."""
    return ShownLesson(derivative_lesson(function, slope, points, name=name))


def lesson_data(lesson: DerivativeLesson) -> dict[str, Any]:
    """The lesson as plain data for JSON."""
    return {
        "name": lesson.name,
        "steps": lesson.steps.tolist(),
        "turns": {kind: lesson.turn(kind) for kind in _KINDS},
        "points": [
            {
                "at": point.at,
                "slope": point.slope,
                **{
                    key: values.tolist()
                    for kind in _KINDS
                    for key, values in (
                        (kind, getattr(point, kind)),
                        (f"{kind}_error", point.error(kind)),
                    )
                },
            }
            for point in lesson.points
        ],
    }


def lesson_figure(lesson: DerivativeLesson, *, dark: bool = False) -> Picture:
    """The error of difference quotients against h, both on log scales.

    Parameters
    ----------
    lesson : DerivativeLesson
    dark : bool, default False
        Whether the page is dark.

    Returns
    -------
    Picture
        An error of exactly 0 is an open mark on the lower edge.
    """
    turn = lesson.turn("forward")
    where = " and ".join(f"{point.at:g}" for point in lesson.points)
    picture = Picture(
        f"The forward quotient is best at h = {turn:g}: above it truncation errs, below rounding",
        f"f(x) = {lesson.name} at x = {where}; float64; h from {lesson.steps[0]:g} down to "
        f"{lesson.steps[-1]:g}",
        396,
        dark,
    )
    colors = picture.palette
    axes = picture.axes_at(66, 62, WIDTH - 66 - 24, 302)
    axes.set_xscale("log")
    axes.set_yscale("log")
    words = min([_LOW, *_errors(lesson)]) / _BELOW
    floor = words / _BELOW
    _curves(axes, lesson, colors, floor)
    _regions(axes, words, turn, colors)
    axes.set_ylim(floor / 2, 1e2)
    axes.yaxis.set_major_locator(FixedLocator([1e-16, 1e-12, 1e-8, 1e-4, 1.0]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlabel("step h (log scale)", color=colors.soft, fontsize=9)
    picture.write(
        LEFT, 372, "error: quotient minus slope, size (log scale)", color=colors.soft, size=9
    )
    axes.legend(
        loc="upper center", fontsize=8.5, ncols=2, labelcolor=colors.ink, handlelength=3,
        facecolor=colors.page, edgecolor="none", framealpha=0.9,
    )  # fmt: skip
    return picture


def _errors(lesson: DerivativeLesson) -> list[float]:
    """All errors that are not exactly 0."""
    found = np.concatenate([point.error(kind) for point in lesson.points for kind in _KINDS])
    return [float(each) for each in found[found > 0]]


def _curves(axes: Axes, lesson: DerivativeLesson, colors: Palette, floor: float) -> None:
    """A curve for each kind of quotient and each point."""
    looks = {"forward": (colors.blue, "-"), "central": (colors.orange, (0, (5, 2)))}
    for kind, (color, dash) in looks.items():
        for k, point in enumerate(lesson.points):
            error = point.error(kind)
            exact = error == 0
            axes.plot(
                lesson.steps[~exact], error[~exact], linestyle=dash, color=color, linewidth=1.8,
                marker="os^D"[k % 4], markersize=4.5, markerfacecolor=color if not k % 2
                else colors.page, label=f"{kind}, x = {point.at:g}",
            )  # fmt: skip
            axes.plot(
                lesson.steps[exact], np.full(exact.sum(), floor), linestyle="none", color=color,
                marker="v", markersize=6, markerfacecolor=colors.page,
            )  # fmt: skip
            if exact.any():
                axes.annotate(
                    "exactly 0", (float(lesson.steps[exact].max()), floor), xytext=(-8, 5),
                    textcoords="offset points", ha="right", fontsize=8, color=colors.soft,
                )  # fmt: skip


def _regions(axes: Axes, height: float, turn: float, colors: Palette) -> None:
    """Labels where truncation and where rounding is the larger part."""
    axes.axvline(turn, color=colors.soft, linewidth=1, linestyle=":", zorder=1)
    for factor, side, words in (
        (0.3, "right", "← rounding"),
        (3.0, "left", "truncation of the forward quotient →"),
    ):
        axes.text(turn * factor, height, words, color=colors.soft, fontsize=9, ha=side)


def _data_uri(figure: Picture) -> str:
    held = BytesIO()
    figure.savefig(held, format="png")
    return f"data:image/png;base64,{base64.b64encode(held.getvalue()).decode()}"
