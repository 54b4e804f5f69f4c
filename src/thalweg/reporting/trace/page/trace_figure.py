"""The picture of a trace as a figure: the network at the last stop, and its chain of factors."""

import math
from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path

from thalweg.reporting.figures.picture import WIDTH, Palette, Picture, balanced
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.trace.page.trace_still import (
    LETTERS,
    PILL,
    PILL_HEIGHT,
    STILL_WIDTH,
    filling,
    laid_out,
)
from thalweg.reporting.trace.page.trace_story import story
from thalweg.reporting.trace.tables.digits import number
from thalweg.wording import counted

Facts = Mapping[str, Any]

_LINE = 15


def trace_figure(data: Facts, *, dark: bool = False) -> Picture:
    """The network with the derivatives of the first row, and the chain rule of the weight.

    Parameters
    ----------
    data : mapping
        From `thalweg.reporting.trace.trace_data.trace_data`.
    dark : bool, default False
    """
    found = laid_out(data)
    scale = WIDTH / STILL_WIDTH
    words = [line for each in chain_words(data) for line in balanced(each, 96)]
    room = _LINE * len(words) + 34
    picture = Picture(
        story(data),
        "The last stop. X is the row as the network sees it, ∂Z how the loss changes with the sum "
        "of a unit; a line is ∂Loss/∂W. Orange is above 0, blue below.",
        math.ceil(found.height * scale) + room,
        dark,
    )
    axes = picture.axes_at(0, room, WIDTH, found.height * scale)
    axes.set_axis_off()
    axes.set_xlim(0, STILL_WIDTH)
    axes.set_ylim(found.height, 0)
    colors = picture.palette
    for line in found.lines:
        a, b = line.start.x + PILL / 2, line.end.x - PILL / 2
        middle = (a + b) / 2
        ends = [(a, line.start.y), (middle, line.start.y), (middle, line.end.y), (b, line.end.y)]
        way = Path(ends, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
        style = {"edgecolor": _of_sign(line.value, colors), "facecolor": "none", "alpha": 0.85}
        axes.add_patch(PathPatch(way, linewidth=line.width * scale * 0.72, **style))
    for own, numbers, head in zip(found.columns, found.values, found.heads, strict=True):
        axes.text(own[0].x, 12, head, ha="center", va="center", fontsize=8, color=colors.soft)
        for pill in own:
            _draw_pill(axes, pill, numbers, colors)
    for place, said in enumerate(words):
        picture.write(20, room - 12 - _LINE * place, said, size=8.5, va="top")
    return picture


def chain_words(data: Facts) -> list[str]:
    """The factors of the strongest path of the first row, and what the derivative adds to it."""
    chain = data["chain"]
    row = chain["rows"][0]
    path = row["paths"][0]
    factors = [*path["factors"], *row["local"]]
    names = " · ".join(each["name"] for each in factors)
    numbers = " · ".join(_number(each["value"]) for each in factors)
    product = math.prod(float(each["value"]) for each in factors)
    said = [f"{names} = {numbers} = {_number(product)}"]
    n_paths = len(row["paths"]) + row["n_more"]
    if n_paths > 1:
        said.append(f"{counted(n_paths, 'path')} of the row together: {_number(row['value'])}.")
    if len(chain["rows"]) > 1:
        said.append(f"The mean of {counted(len(chain['rows']), 'row')} is part of the derivative.")
    penalty = sum(float(each["value"]) for each in chain["penalties"])
    more = f", with {_number(penalty)} from the penalty" if chain["penalties"] else ""
    return [*said, f"{chain['derivative']} = {_number(chain['value'])}{more}"]


def _number(value: float) -> str:
    return number(value).replace("-", "−")


def _of_sign(value: float, colors: Palette) -> str:
    return colors.orange if value > 0 else colors.blue


def _draw_pill(axes: Axes, pill: Any, numbers: Any, colors: Palette) -> None:
    opacity, words = filling(pill, numbers)
    corner = (pill.x - PILL / 2, pill.y - PILL_HEIGHT / 2)
    shape = f"round,pad=0,rounding_size={PILL_HEIGHT / 2}"
    for face, edge, alpha in (
        (colors.page, "none", 1.0),
        (_of_sign(pill.value, colors) if pill.value else "none", "none", opacity),
        ("none", colors.soft, 0.7),
    ):
        axes.add_patch(
            FancyBboxPatch(
                corner, PILL, PILL_HEIGHT, facecolor=face, edgecolor=edge, alpha=alpha, zorder=3,
                linewidth=0.7, linestyle="--" if pill.value == 0 else "-", boxstyle=shape,
            )
        )  # fmt: skip
    axes.text(
        pill.x, pill.y, words, ha="center", va="center", fontsize=7.5, color=colors.ink, zorder=4
    )
    if pill.name:
        axes.text(
            0.03 * STILL_WIDTH, pill.y, clipped(pill.name, LETTERS), va="center", fontsize=8,
            color=colors.ink, parse_math=False,
        )  # fmt: skip
