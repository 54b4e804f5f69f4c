"""The network as an SVG drawing: a circle for each unit, a line for each weight.

A line is orange if the weight is above 0, and blue and dashed if it is below. The larger the weight
relative to the largest of its layer, the wider and stronger the line. A circle is filled by its
bias in the same way. Text has the colour of the surrounding text, for light and dark pages.
"""

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.reporting.html_pieces import clipped, text
from thalweg.reporting.network_drawing_data import FIRST_UNITS, merged, path_shares, unit_name
from thalweg.wording import counted

UP, DOWN = "#d55e00", "#0072b2"
# A layer with more units, or more layers, would only be a grey cloud.
MOST_UNITS = FIRST_UNITS
MOST_COLUMNS = 6

_WIDTH, _TOP, _STEP, _RADIUS = 640, 44, 21, 6.5
_LEFT, _RIGHT = 178, 468
_ROOM = 160  # pixels for a name beside the drawing
_STRENGTHS = 8  # line strengths from a weight that is not drawn to the largest of its layer

Floats = NDArray[np.floating]


class _Column(NamedTuple):
    """The drawn units of one layer, with the inputs as layer 0."""

    layer: int
    x: float
    units: NDArray[np.intp]
    y: Floats
    n_units: int


def network_svg(
    layers: Sequence[tuple[Floats, Floats]],
    activations: Sequence[str],
    inputs: Sequence[str],
    outputs: Sequence[str],
    groups: Sequence[NDArray[np.intp] | list[int]] = (),
) -> str:
    """Draw a network.

    Parameters
    ----------
    layers : sequence of (W, b)
        W (n_out, n_in) and b (n_out, 1) of each layer.
    activations : sequence of str
        The activation of each layer.
    inputs, outputs : sequence of str
        Names, of any length and content.
    groups : sequence of ndarray, optional
        The inputs that are drawn as one (`input_groups`), in the order of the drawing.

    Returns
    -------
    str
        An ``<svg>`` element for an HTML page, 640 pixels wide: the first 16 inputs in their order,
        in any other layer the 16 units with the largest path shares (`path_shares`), and with more
        than 5 layers the outer ones. Inner units are in the order of their effect on the first
        output; pointing at a circle shows which unit it is.
    """
    n_inputs = layers[0][0].shape[1]
    if not groups:
        groups = np.arange(n_inputs)[:, np.newaxis].tolist()
    heads = {
        0: counted(n_inputs, "input") + (", by column" if len(groups) < n_inputs else ""),
        len(layers): counted(len(outputs), "output"),
    }
    columns = _columns([W for W, _ in layers], len(groups))
    inputs = [inputs[group[0]] for group in groups]
    layers = [(merged(layers[0][0], groups), layers[0][1]), *layers[1:]]
    bottom = max(column.y[-1] for column in columns) + _RADIUS
    parts = [_legend(bottom + 44)]
    for left, right in pairwise(columns):
        if right.layer == left.layer + 1:
            parts.append(_connections(layers[left.layer][0], left, right))
        else:
            parts += _skipped(left, right, bottom)
    for column in columns:
        last = column.layer == len(layers)
        names = inputs if not column.layer else outputs if last else ()
        hidden = f"{column.n_units:,} {activations[column.layer - 1]}"
        parts.append(_words(column.x, 16, heads.get(column.layer, hidden)))
        biases = layers[column.layer - 1][1][:, 0] if column.layer else None
        parts.append(_units(column, names, biases, len(layers)))
    sizes = (n_inputs, len(layers), len(outputs))
    said = ", ".join(map(counted, sizes, ("input", "layer", "output")))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {bottom + 56:g}" '
        f'width="{_WIDTH}" role="img" font-family="sans-serif" font-size="12" '
        'fill="currentColor" style="max-width:100%;height:auto">'
        f"<title>The network: {said}</title>{''.join(parts)}</svg>"
    )


def _skipped(left: _Column, right: _Column, bottom: float) -> list[str]:
    """The text in place of layers that are left out."""
    x, y = (left.x + right.x) / 2, (_TOP + bottom) / 2
    skipped = right.layer - left.layer - 1
    lines = (f"{skipped:,} more", "layer" if skipped == 1 else "layers", "⋯")
    return [_words(x, y + 16 * i - 12, line) for i, line in enumerate(lines)]


def _columns(weights: list[Floats], n_inputs: int) -> list[_Column]:
    """Which layers and units are drawn, and where; the first ones of the inputs."""
    shown = list(range(len(weights) + 1))
    if len(shown) > MOST_COLUMNS:
        half = MOST_COLUMNS // 2
        shown = [*shown[:half], *shown[-half:]]
    shares, signs = path_shares(weights), _effects(weights)
    n_units = [n_inputs, *map(len, weights)]
    drawn = [np.arange(min(n_inputs, MOST_UNITS))]
    for layer in shown[1:]:
        most = np.sort(np.argsort(-shares[layer], kind="stable")[:MOST_UNITS])
        inner = layer < len(weights)
        drawn.append(most[np.argsort(-signs[layer][most], kind="stable")] if inner else most)
    tallest = max(len(units) for units in drawn)
    places = np.linspace(_LEFT, _RIGHT, len(shown)).tolist()
    return [
        # A short column is centred.
        _Column(
            layer, x, units, _TOP + _STEP * (np.arange(len(units)) + (tallest - len(units)) / 2),
            n_units[layer],
        )
        for layer, x, units in zip(shown, places, drawn, strict=True)
    ]  # fmt: skip


def _effects(weights: list[Floats]) -> list[Floats]:
    """The sum of all paths from each unit to the first output, relative to the layer's largest."""
    effects = [np.eye(1, len(weights[-1]))[0]]
    for W in reversed(weights):
        effect = W.T @ effects[-1]
        effects.append(effect / (np.abs(effect).max() or 1.0))
    return effects[::-1]


def _connections(W: Floats, left: _Column, right: _Column) -> str:
    """The weights between two columns, weak ones first: one path for all of one strength."""
    strength = np.rint(np.abs(W) / (np.abs(W).max() or 1.0) * (_STRENGTHS - 1))
    strength, sign = (M[np.ix_(right.units, left.units)] for M in (strength, np.sign(W)))
    start, end = left.x + _RADIUS + 2, right.x - _RADIUS - 2
    paths = []
    for step in range(1, _STRENGTHS):
        for side, look in ((1, f'stroke="{UP}" class="up"'), (-1, _DASHED)):
            chosen = np.argwhere((strength == step) & (sign == side)).tolist()
            if chosen:
                share = step / (_STRENGTHS - 1)
                d = "".join(f"M{start:g} {left.y[i]:g}L{end:g} {right.y[j]:g}" for j, i in chosen)
                width, opacity = 0.4 + 2.4 * share, 0.04 + 0.88 * share**2
                paths.append(
                    f'<path d="{d}" {look} stroke-width="{width:.2g}" opacity="{opacity:.2g}"/>'
                )
    return f'<g fill="none">{"".join(paths)}</g>'


_DASHED = f'stroke="{DOWN}" class="down" stroke-dasharray="6 3"'


def _units(column: _Column, names: Sequence[str], biases: Floats | None, n_layers: int) -> str:
    """The circles of a column, with names beside the first and the last column."""
    largest = 1.0 if biases is None else np.abs(biases).max() or 1.0
    parts = []
    for unit, y in zip(column.units.tolist(), column.y.tolist(), strict=True):
        look, said = 'fill="none"', names[unit] if names else ""
        if biases is not None:
            color, sign = (UP, "up") if biases[unit] > 0 else (DOWN, "down")
            share = 0.9 * abs(biases[unit]) / largest
            look = f'fill="{color}" class="{sign}" fill-opacity="{share:.2f}"'
            said = f"{said or unit_name(column.layer, unit, n_layers)}, bias {biases[unit]:.3g}"
        parts.append(
            f'<circle cx="{column.x:g}" cy="{y:g}" r="{_RADIUS}" stroke="currentColor" '
            f"{look}><title>{text(said, 200)}</title></circle>"
        )
        if names:
            side = _RADIUS + 6 if column.layer else -_RADIUS - 6
            anchor = "start" if column.layer else "end"
            parts.append(_words(column.x + side, y + 4, _fitting(names[unit]), anchor))
    if column.n_units > len(column.units):
        more = f"{column.n_units - len(column.units):,} more"
        parts.append(_words(column.x, column.y[-1] + _RADIUS + 16, more))
    return "".join(parts)


def _legend(y: float) -> str:
    width, wider = 'stroke-width="2"', "wider: larger, relative to the largest of its layer"
    return (
        f'<path d="M8 {y - 4:g}h30" stroke="{UP}" class="up" {width}/>'
        f"{_words(44, y, 'raises', 'start')}"
        f'<path d="M96 {y - 4:g}h30" {_DASHED} {width}/>'
        f"{_words(132, y, 'lowers', 'start')}"
        f"{_words(188, y, f'what comes next; {wider}', 'start')}"
    )


def _fitting(name: str) -> str:
    """A name, cut so that it fits beside the drawing in the widest font that a browser may take."""
    used = np.cumsum([_width(letter) for letter in clipped(name)])
    if not len(used) or used[-1] <= _ROOM:
        return clipped(name)
    return clipped(name, int(np.searchsorted(used, _ROOM - _width("…"))) + 1)


def _width(letter: str) -> float:
    """About how many pixels a letter takes, rather too many."""
    if unicodedata.east_asian_width(letter) in "WFA":
        return 12.5
    return 4.5 if letter in "fijlrt.,:;'|!()[] " else 12 if letter in "mwMW%@—" else 8.2


def _words(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{text(words)}</text>'
