"""The picture of a trace without a script: the last stop, at which every weight has its derivative.

The lines are those of the weight that the chain rule follows: from the row to its unit, and on to
the loss. The classes are those of ``draw/trace/network.css``.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from thalweg.reporting.html_pieces import clipped, text
from thalweg.reporting.trace.page.traced_page_data import place_of

Facts = Mapping[str, Any]

STILL_WIDTH, PILL, PILL_HEIGHT, _ROW = 780, 62, 22, 29
_MOST, _KEPT, _WIDEST = 18, 15, 9.0
LETTERS = 26


class _Pill(NamedTuple):
    """A pill: which unit or input, where, its number and its name."""

    at: int
    x: float
    y: float
    value: float | None
    name: str


class _Line(NamedTuple):
    """The derivative of a weight, from a pill to one of the next layer; its width in pixels."""

    start: _Pill
    end: _Pill
    value: float
    width: float


class Still(NamedTuple):
    """What the picture has: pills in columns, each with the numbers of its layer, and lines."""

    height: float
    columns: list[list[_Pill]]
    values: list[Sequence[float | None]]
    lines: list[_Line]
    heads: list[str]


def laid_out(data: Facts) -> Still:
    """The last stop: where its pills and lines are, in pixels from the upper left corner."""
    row = data["passes"][0]
    layer, _, _ = place_of(data["chain"]["name"])
    values = [row["X"], *(each["dZ"] for each in row["layers"])]
    kept = [_shown(numbers, _meant(data, place)) for place, numbers in enumerate(values)]
    height = 40 + _ROW * max(9, *(len(each) for each in kept))
    columns = [
        _column(data, place, numbers, kept[place], height) for place, numbers in enumerate(values)
    ]
    heads = ["X", *(f"∂Z{place}" for place in range(1, len(columns)))]
    return Still(height, columns, values, _lines(data, columns, layer), heads)


def still(data: Facts) -> str:
    """The picture as SVG, with a title for readers who do not see it."""
    found = laid_out(data)
    lines = "".join(map(_line, found.lines))
    heads = "".join(
        _head(own[0].x, words) for own, words in zip(found.columns, found.heads, strict=True)
    )
    pills = "".join(
        _pill(each, numbers)
        for numbers, own in zip(found.values, found.columns, strict=True)
        for each in own
    )
    return (
        f'<svg class="net still" viewBox="0 0 {STILL_WIDTH} {found.height}" width="{STILL_WIDTH}" '
        f'height="{found.height}" role="img" aria-label="{text(still_words(data), longest=200)}">'
        f"{lines}{heads}{pills}</svg>"
    )


def still_words(data: Facts) -> str:
    """What the picture shows, for readers who do not see it."""
    return (
        f"The network of row {data['rows'][0]['row']} at the last stop: the derivatives of the "
        f"backward pass, and the chain rule's lines of {data['chain']['name']}"
    )


def _meant(data: Facts, place: int) -> int:
    """The unit of a layer, or the input, that the strongest path goes through, from 0; −1: none."""
    layer, unit, column = place_of(data["chain"]["name"])
    if place == layer:
        return unit - 1
    if place == layer - 1:
        return column - 1
    if place < layer:
        return -1
    units = data["chain"]["rows"][0]["paths"][0]["units"]
    return int(units[len(data["layers"]) - place]) - 1


def _shown(values: Sequence[float | None], meant: int) -> list[int]:
    """All of a few, or those with the largest numbers and the one that is meant."""
    if len(values) <= _MOST:
        return list(range(len(values)))
    order = sorted(range(len(values)), key=lambda k: (k != meant, -abs(values[k] or 0.0)))
    return sorted(order[:_KEPT])


def _column(
    data: Facts, place: int, values: Sequence[float | None], kept: Sequence[int], height: float
) -> list[_Pill]:
    last = len(data["layers"])
    left, right = 206 + PILL / 2, STILL_WIDTH - PILL / 2 - 4
    x = left + (right - left) * place / last
    pitch = (height - 40) / len(kept)
    return [
        _Pill(k, x, 34 + pitch * (i + 0.5), values[k], _name(data, place, k))
        for i, k in enumerate(kept)
    ]


def _name(data: Facts, place: int, k: int) -> str:
    return str(data["columns"][k]["name"]) if place == 0 else ""


def _lines(data: Facts, columns: Sequence[Sequence[_Pill]], layer: int) -> list[_Line]:
    """The derivatives of the weights of the unit, and of those behind it on the strongest path."""
    row, found = data["passes"][0], list[tuple[_Pill, _Pill, float]]()
    for place in range(layer, len(columns)):
        to = next((each for each in columns[place] if each.at == _meant(data, place)), None)
        if to is None:
            continue
        before = row["X"] if place == 1 else row["layers"][place - 2]["A"]
        back = row["layers"][place - 1]["dZ"][to.at]
        # Of grades, rows move no weight of another output than the first.
        is_held = row["grades"] is not None and place == len(row["layers"]) and to.at > 0
        ends = [
            (each, 0.0 if is_held else (back or 0.0) * (before[each.at] or 0.0))
            for each in columns[place - 1]
            if place == layer or each.at == _meant(data, place - 1)
        ]
        found += [(each, to, value) for each, value in ends if value]
    # One scale for all layers.
    top = max((abs(value) for *_, value in found), default=0.0)
    return [_Line(*each, max(0.6, _WIDEST * abs(each[2]) / top)) for each in found]


def _line(line: _Line) -> str:
    start, end, value, width = line
    a, b = start.x + PILL / 2, end.x - PILL / 2
    middle = (a + b) / 2
    way = f"M{a:g} {start.y:.1f}C{middle:g} {start.y:.1f} {middle:g} {end.y:.1f} {b:g} {end.y:.1f}"
    sign = "plus" if value > 0 else "minus"
    return f'<path class="line {sign} strong" d="{way}" stroke-width="{width:.2f}"/>'


def _head(x: float, words: str) -> str:
    return f'<text x="{x:g}" y="16" class="head">{words}</text>'


def _pill(pill: _Pill, values: Sequence[float | None]) -> str:
    value, opacity, words = pill.value, *filling(pill, values)
    sign = "" if not value else "plus" if value > 0 else "minus"
    fill = f' class="{sign}" fill-opacity="{opacity:.3f}"' if sign else ""
    look = "pill off" if value == 0 else "pill"
    name = ""
    if pill.name:
        name = f'<text y="{pill.y + 4:.1f}" class="name">{text(clipped(pill.name, LETTERS))}</text>'
    return (
        f'{name}<g class="{look}" transform="translate({pill.x:g} {pill.y:.1f})"><rect '
        f'x="{-PILL / 2:g}" y="{-PILL_HEIGHT / 2:g}" width="{PILL}" height="{PILL_HEIGHT}" '
        f'rx="11"{fill}/>'
        f'<text y="4">{words}</text></g>'
    )


def filling(pill: _Pill, values: Sequence[float | None]) -> tuple[float, str]:
    """How strong the colour of a pill is, beside the numbers of its layer; and its own number."""
    size = max((abs(each) for each in values if each is not None), default=0.0)
    share = math.sqrt(abs(pill.value) / size) if pill.value and size else 0.0
    return 0.06 + 0.38 * share, _number(pill.value, size)


def _number(value: float | None, size: float) -> str:
    """As the page writes it: so many decimals as the largest of its column needs."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    if not 1e-3 <= size < 1e6:
        return f"{value:.3g}".replace("-", "−")
    digits = max(0, min(5, 3 - max(0, math.floor(math.log10(size))) + (size < 0.1)))
    return f"{value:.{digits}f}".replace("-", "−")
