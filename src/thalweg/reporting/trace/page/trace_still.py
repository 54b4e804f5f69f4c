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

_WIDTH, _PILL, _HIGH, _ROW = 780, 62, 22, 29
_MOST, _KEPT, _WIDEST = 18, 15, 9.0
_LETTERS = 26


class _Pill(NamedTuple):
    """A pill: which unit or input, where, its number and its name."""

    at: int
    x: float
    y: float
    value: float | None
    name: str


def still(data: Facts) -> str:
    """The picture as SVG, with a title for readers who do not see it."""
    row = data["passes"][0]
    layer, _, _ = place_of(data["chain"]["name"])
    values = [row["X"], *(each["dZ"] for each in row["layers"])]
    kept = [_shown(numbers, _meant(data, place)) for place, numbers in enumerate(values)]
    height = 40 + _ROW * max(9, *(len(each) for each in kept))
    columns = [
        _column(data, place, numbers, kept[place], height) for place, numbers in enumerate(values)
    ]
    lines = _lines(data, columns, layer)
    heads = [_head(columns[0][0].x, "X")]
    heads += [_head(each[0].x, f"∂Z{place}") for place, each in enumerate(columns[1:], start=1)]
    pills = "".join(_pill(each, numbers) for numbers, own in zip(values, columns, strict=True)
                    for each in own)  # fmt: skip
    label = text(
        f"The network of row {data['rows'][0]['row']} at the last stop: the derivatives of the "
        f"backward pass, and the chain rule's lines of {data['chain']['name']}",
        longest=200,
    )
    return (
        f'<svg class="net still" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'height="{height}" role="img" aria-label="{label}">{lines}{"".join(heads)}{pills}</svg>'
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
    left, right = 206 + _PILL / 2, _WIDTH - _PILL / 2 - 4
    x = left + (right - left) * place / last
    pitch = (height - 40) / len(kept)
    return [
        _Pill(k, x, 34 + pitch * (i + 0.5), values[k], _name(data, place, k))
        for i, k in enumerate(kept)
    ]


def _name(data: Facts, place: int, k: int) -> str:
    return str(data["columns"][k]["name"]) if place == 0 else ""


def _lines(data: Facts, columns: Sequence[Sequence[_Pill]], layer: int) -> str:
    """The derivatives of the weights of the unit, and of those behind it on the strongest path."""
    row, found = data["passes"][0], list[tuple[_Pill, _Pill, float]]()
    for place in range(layer, len(columns)):
        to = next((each for each in columns[place] if each.at == _meant(data, place)), None)
        if to is None:
            continue
        before = row["X"] if place == 1 else row["layers"][place - 2]["A"]
        back = row["layers"][place - 1]["dZ"][to.at]
        ends = [
            (each, (back or 0.0) * (before[each.at] or 0.0))
            for each in columns[place - 1]
            if place == layer or each.at == _meant(data, place - 1)
        ]
        found += [(each, to, value) for each, value in ends if value]
    top = max((abs(value) for *_, value in found), default=0.0)  # one scale for all layers
    return "".join(_line(*each, top) for each in found)


def _line(start: _Pill, end: _Pill, value: float, top: float) -> str:
    a, b = start.x + _PILL / 2, end.x - _PILL / 2
    middle = (a + b) / 2
    way = f"M{a:g} {start.y:.1f}C{middle:g} {start.y:.1f} {middle:g} {end.y:.1f} {b:g} {end.y:.1f}"
    sign = "plus" if value > 0 else "minus"
    width = max(0.6, _WIDEST * abs(value) / top)
    return f'<path class="line {sign} strong" d="{way}" stroke-width="{width:.2f}"/>'


def _head(x: float, words: str) -> str:
    return f'<text x="{x:g}" y="16" class="head">{words}</text>'


def _pill(pill: _Pill, values: Sequence[float | None]) -> str:
    size = max((abs(each) for each in values if each is not None), default=0.0)
    value = pill.value
    share = math.sqrt(abs(value) / size) if value and size else 0.0
    sign = "" if not value else "plus" if value > 0 else "minus"
    fill = f' class="{sign}" fill-opacity="{0.06 + 0.38 * share:.3f}"' if sign else ""
    look = "pill off" if value == 0 else "pill"
    name = ""
    if pill.name:
        name = (
            f'<text y="{pill.y + 4:.1f}" class="name">{text(clipped(pill.name, _LETTERS))}</text>'
        )
    return (
        f'{name}<g class="{look}" transform="translate({pill.x:g} {pill.y:.1f})"><rect '
        f'x="{-_PILL / 2:g}" y="{-_HIGH / 2:g}" width="{_PILL}" height="{_HIGH}" rx="11"{fill}/>'
        f'<text y="4">{_number(value, size)}</text></g>'
    )


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
