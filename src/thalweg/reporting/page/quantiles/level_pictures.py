"""Static SVG pictures of several quantiles: coverage by level, and a fan of predictions."""

import math
from collections.abc import Sequence

from thalweg.evaluation.judging.shapes import FanData, QuantilesData
from thalweg.reporting.html_pieces import compact, text
from thalweg.reporting.page.still_pictures import drawing

_SIDE, _LEFT, _TOP = 300, 64, 12
_WIDTH = 420
_LABEL = 14


def coverage_svg(judged: QuantilesData) -> str:
    """The share of rows below each predicted quantile over its level; dashed: both are equal.

    A level whose interval excludes it is a square, the others are points.
    """
    foot, parts = _TOP + _SIDE, []
    for level, found in zip(judged["levels"], judged["below"], strict=True):
        value, low, high = (float(found[end] or 0.0) for end in ("value", "low", "high"))
        x, y, top, end = (
            _LEFT + level * _SIDE, *(foot - share * _SIDE for share in (value, high, low))
        )  # fmt: skip
        said = f"<title>level {level:.10g}: {100 * value:.3g} % below</title>"
        parts.append(f'<path d="M{x:.1f} {top:.1f}V{end:.1f}" class="axis"/>')
        if low <= level <= high:
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="down">{said}</circle>')
        else:
            parts.append(
                f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" class="cell-of">'
                f"{said}</rect>"
            )
    frame = (
        f'<path d="M{_LEFT} {_TOP}V{foot}H{_LEFT + _SIDE}" class="axis" fill="none"/>'
        f'<path d="M{_LEFT} {foot}L{_LEFT + _SIDE} {_TOP}" class="even" fill="none"/>'
    )
    words = "".join(
        f'<text x="{_LEFT + share * _SIDE:.1f}" y="{foot + 18}" class="mark middle">{share:g}'
        "</text>"
        f'<text x="{_LEFT - 6}" y="{foot - share * _SIDE + 4:.1f}" class="mark end">{share:g}'
        "</text>"
        for share in (0, 0.5, 1)
    ) + (
        f'<text x="{_LEFT + _SIDE / 2}" y="{foot + 36}" class="mark middle">level</text>'
        f'<text x="{_LEFT + 8}" y="{_TOP + 10}" class="mark">share of rows below</text>'
    )
    said = "share of rows below each predicted quantile over its level, with 95 % intervals"
    return drawing(_LEFT + _SIDE + 24, foot + 46, said, frame + "".join(parts) + words)


def fan_svg(fan: FanData, levels: Sequence[float], target: str) -> str:
    """The predicted quantiles of groups of rows as bands, and that of their true values as points.

    Groups are in the order of the predicted middle level, and the points are of this level.
    """
    every = [*fan["truth"], *(value for line in fan["predicted"] for value in line)]
    low, high = min(every), max(every)
    left = max(_LEFT, 12 + 9 * max(len(compact(low)), len(compact(high))))
    n, foot = len(fan["truth"]), _TOP + _SIDE

    def at(k: int, value: float) -> str:
        x = left + (k + 0.5) * _WIDTH / n
        # Halved, because the width of a range may overflow.
        share = (value / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.5
        return f"{x:.1f} {foot - share * _SIDE:.1f}"

    lines = [[at(k, value) for k, value in enumerate(line)] for line in fan["predicted"]]
    parts = []
    for k in range(len(lines) // 2):
        lower, upper = lines[k], lines[-1 - k]
        parts.append(
            f'<path d="M{"L".join([*lower, *reversed(upper)])}z" class="cell-of" '
            'fill-opacity="0.2"/>'
        )
    parts += [
        f'<path d="M{"L".join(line)}" class="axis" fill="none">'
        f"<title>level {level:.10g}</title></path>"
        for level, line in zip(levels, lines, strict=True)
    ]
    for k, value in enumerate(fan["truth"]):
        x, y = at(k, value).split()
        parts.append(f'<circle cx="{x}" cy="{y}" r="3" class="up"/>')
    frame = f'<path d="M{left} {_TOP}V{foot}H{left + _WIDTH}" class="axis" fill="none"/>'
    ticks = _round_values(low, high)
    words = "".join(
        f'<text x="{left - 6}" y="{float(at(0, value).split()[1]) + 4:.1f}" class="mark end">'
        f"{compact(value)}</text>"
        for value in ticks
    ) + "".join(
        f'<text x="{left + (n - 0.5) * _WIDTH / n + 8:.1f}" y="{y:.1f}" class="mark">{level:.10g}'
        "</text>"
        for level, y in zip(levels, _apart([float(line[-1].split()[1]) for line in lines]),
                            strict=True)
    )  # fmt: skip
    words += (
        f'<text x="{left + _WIDTH / 2}" y="{foot + 18}" class="mark middle">'
        f"groups of rows, by the predicted {levels[len(levels) // 2]:.10g} quantile</text>"
        f'<text x="{left + 8}" y="{_TOP + 10}" class="mark">{text(target or "target")}</text>'
    )
    said = (
        "predicted quantiles of groups of rows as bands; points: the "
        f"{levels[len(levels) // 2]:.10g} quantile of their true values"
    )
    wide = 14 + 8 * max(len(f"{level:.10g}") for level in levels)
    return drawing(left + _WIDTH + wide, foot + 46, said, "".join(parts) + frame + words)


def _round_values(low: float, high: float) -> list[float]:
    """Round numbers from the lowest to the highest, at most six; both ends if none is between."""
    span = high / 2 - low / 2
    if not (0 < span < math.inf):
        return [low]
    power = 10.0 ** math.floor(math.log10(span))
    for step in (each * power for each in (0.2, 0.5, 1.0, 2.0)):
        first, last = math.ceil(low / step), math.floor(high / step)
        if 2 <= last - first + 1 <= 6:
            return [k * step for k in range(first, last + 1)]
    return [low, high]


def _apart(heights: Sequence[float]) -> list[float]:
    """The heights of labels, from the bottom to the top, moved up where two would overlap."""
    found: list[float] = []
    for y in heights:
        found.append(min(y + 4, found[-1] - _LABEL) if found else y + 4)
    return found
