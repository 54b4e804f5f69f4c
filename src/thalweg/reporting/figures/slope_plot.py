"""Two points make a slope: a curve with its tangents, and lines through two of its points."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.reporting.figures.picture import WIDTH, Picture

Floats = NDArray[np.floating[Any]]
Function = Callable[[Floats], Floats]


def slope_figure(
    function: Function,
    slope: Function,
    points: Sequence[float],
    step: float = 1.0,
    *,
    name: str = "f(x)",
    dark: bool = False,
) -> Picture:
    """A curve; at each point its tangent, and the line through it and the point a step further.

    Parameters
    ----------
    function, slope : callable
        Of arrays.
    points : sequence of float
    step : float, default 1.0
    name : str
        Of the function.
    dark : bool, default False

    Returns
    -------
    Picture
        Its title has both slopes at the first point.
    """
    at = np.asarray(points, float)
    two = (function(at + step) - function(at)) / step
    own = slope(at)
    title = (
        f"Two points of {name}, {_signed(step)} apart, give the slope {_signed(two[0])} at x = "
        f"{_signed(at[0])};\nthe tangent there has the slope {_signed(own[0])}"
    )
    rest = "; ".join(
        f"at x = {_signed(x)}: {_signed(a)} and {_signed(b)}"
        for x, a, b in zip(at[1:], two[1:], own[1:], strict=True)
    )
    about = "Orange: the line through two points. Blue, dashed: the tangent."
    picture = Picture(title, f"{about} {rest.capitalize()}." if rest else about, 372, dark)
    colors = picture.palette
    axes = picture.axes_at(56, 54, WIDTH - 56 - 24, 300)
    low, high = min(at.min(), (at + step).min()), max(at.max(), (at + step).max())
    room = 0.25 * (high - low or 1.0)
    x = np.linspace(low - room, high + room, 301)
    y = function(x)
    spread = 0.12 * float(np.ptp(y))
    axes.plot(x, y, color=colors.ink, linewidth=2)
    near = np.array([-0.35, 1.0]) * max(room, 1.3 * abs(step))
    for point, through, tangent in zip(at, two, own, strict=True):
        height = function(np.array([point]))[0]
        for rate, color, style in ((through, colors.orange, "-"), (tangent, colors.blue, "--")):
            axes.plot(point + near, height + rate * near, color=color, linestyle=style, linewidth=2)
        ends = np.array([point, point + step])
        axes.plot(ends, function(ends), "o", color=colors.orange, markersize=6, linestyle="none")
        axes.plot([point], [height], "o", color=colors.blue, markersize=7)
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(float(y.min()) - spread, float(y.max()) + spread)
    axes.set_xlabel("x", color=colors.soft, fontsize=9)
    picture.write(20, 360, name, color=colors.soft, size=9)
    return picture


def _signed(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")
