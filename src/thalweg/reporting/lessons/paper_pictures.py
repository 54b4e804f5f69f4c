"""Pictures for paper: what a student draws or writes into."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from thalweg.landscape.ground.teaching_function import StationaryPoint, TeachingGround

_CONTOURS = 22  # about so many


def empty_log_plot(width: int = 520, height: int = 330) -> str:
    """The empty scales of error against h, both logarithmic, as SVG."""
    left, right, top, bottom = 52, width - 12, 22, height - 42
    marks = []
    for power in range(-16, 1, 4):
        words = "1" if power == 0 else f'10<tspan dy="-5" font-size="8">−{-power}</tspan>'
        x = left + (power + 16) / 16 * (right - left)
        y = bottom - (power + 16) / 17 * (bottom - top)
        marks.append(
            f'<path d="M{x:.0f} {top}V{bottom}M{left} {y:.0f}H{right}"/>'
            f'<text x="{x:.0f}" y="{bottom + 18}" text-anchor="middle">{words}</text>'
            f'<text x="{left - 6}" y="{y + 4:.0f}" text-anchor="end">{words}</text>'
        )
    return (
        f'<svg class="empty" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-label="Empty scales of the error against h">'
        f'{"".join(marks)}<text x="2" y="12">error</text>'
        f'<text x="{right}" y="{height - 6}" text-anchor="end">step h</text></svg>'
    )


def contour_map(
    ground: TeachingGround, start: tuple[float, float], places: Sequence[StationaryPoint],
    size: int = 400,
) -> str:  # fmt: skip
    """Contours of a ground as SVG, with its start, minima, passes and hills: to draw a run into.

    Parameters
    ----------
    ground : TeachingGround
    start : (float, float)
        Where the run begins.
    places : sequence of StationaryPoint
        What is named.
    size : int, default 400
        Pixels along each side.
    """
    seen = ground.seen
    x, y = np.linspace(*seen[:2], 61), np.linspace(*seen[2:], 61)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    losses = ground.hills.losses(points).reshape(len(y), len(x))
    found = Figure().subplots().contour(x, y, losses, levels=_CONTOURS)

    def at(u: float, v: float) -> str:
        across = (u - seen.a_low) / (seen.a_high - seen.a_low)
        up = (v - seen.b_low) / (seen.b_high - seen.b_low)
        return f"{size * across:.0f} {size * (1 - up):.0f}"

    lines = []
    for number, pieces in enumerate(found.allsegs):
        width = 1.4 if number % 5 == 0 else 0.6
        path = "".join(
            "M" + "L".join(at(*point) for point in piece) for piece in pieces if len(piece)
        )
        if path:
            lines.append(f'<path d="{path}" fill="none" stroke="#888" stroke-width="{width}"/>')
    marks = []
    for each in places:
        x_px, y_px = map(int, at(each.a, each.b).split())
        words = f"{each.kind} {each.loss:.2f}" if each.kind.endswith("minimum") else each.kind
        left = x_px > 0.7 * size
        side, gap = ("end", -7) if left else ("start", 7)
        marks.append(
            f'<path d="M{x_px - 4} {y_px}h8M{x_px} {y_px - 4}v8" stroke="#000"/>'
            f'<text x="{x_px + gap}" y="{y_px + 4}" text-anchor="{side}" '
            f'font-size="11">{words}</text>'
        )
    u, v = at(*start).split()
    marks.append(
        f'<circle cx="{u}" cy="{v}" r="5" fill="none" stroke="#000" stroke-width="2"/>'
        f'<text x="{int(u) + 9}" y="{int(v) + 4}" font-size="11">start</text>'
    )
    return (
        f'<svg class="empty" viewBox="-2 -2 {size + 4} {size + 4}" width="{size}" height="{size}" '
        'role="img" aria-label="Contours of the ground, with the start">'
        f'<rect width="{size}" height="{size}" fill="none" stroke="#888"/>'
        f"{''.join(lines)}{''.join(marks)}</svg>"
    )
