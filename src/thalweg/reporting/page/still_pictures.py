"""Static SVG pictures of the report: predicted against true values, and a histogram."""

import math
from collections.abc import Sequence

from thalweg.reporting.html_pieces import compact, text
from thalweg.wording import count_text

# Both pictures are about equally wide, so that their labels are equally large beside each other.
_SIDE, _LEFT, _BOTTOM = 360, 76, 44
_WIDTH, _HEIGHT = 360, 200
_SHADES = 4


def cells_svg(
    counts: Sequence[Sequence[float]], low: float, high: float, across: str, up: str
) -> str:
    """Counts of rows by two numbers on one scale: a square of cells, with the line x = y.

    Parameters
    ----------
    counts : sequence of sequence of numbers
        ``counts[i][j]``: rows in bin i upwards and in bin j across.
    low, high : float
        The ends of both axes.
    across, up : str
        Their labels.
    """
    n = len(counts)
    # Room for the longer number left of the picture, in the widest font that a browser may take.
    left = max(_LEFT, 12 + 9 * max(len(compact(low)), len(compact(high)), len(up)))
    most = max(map(max, counts)) or 1
    size = _SIDE / n
    parts = []
    for i, row in enumerate(counts):
        for j, count in enumerate(row):
            if count:
                x, y = left + j * size, (n - 1 - i) * size + 8
                parts.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{size:.1f}" height="{size:.1f}" '
                    f'class="cell-of" fill-opacity="{_shade(count, most):.2f}">'
                    f"<title>{count_text(count)}</title></rect>"
                )
    foot = _SIDE + 8
    frame = (
        f'<path d="M{left} 8V{foot}H{left + _SIDE}" class="axis" fill="none"/>'
        f'<path d="M{left} {foot}L{left + _SIDE} 8" class="even" fill="none"/>'
    )
    words = (
        f'<text x="{left}" y="{foot + 18}" class="mark">{compact(low)}</text>'
        f'<text x="{left + _SIDE}" y="{foot + 18}" class="mark end">{compact(high)}</text>'
        f'<text x="{left + _SIDE / 2}" y="{foot + 34}" class="mark middle">{text(across)}</text>'
        f'<text x="{left - 6}" y="{foot}" class="mark end">{compact(low)}</text>'
        f'<text x="{left - 6}" y="18" class="mark end">{compact(high)}</text>'
        f'<text x="{left - 6}" y="{foot / 2}" class="mark end">{text(up)}</text>'
    )
    said = f"{text(up)} against {text(across)}; darker: more rows; dashed: equal"
    body = "".join(parts) + frame + words + _key(most, foot + 50, left)
    return drawing(left + _SIDE + 24, foot + _BOTTOM + 26, said, body)


def _shade(count: float, most: float) -> float:
    """How dark a cell with so many rows is; the cell with most rows is darkest."""
    return 0.15 + 0.85 * math.sqrt(count / most)


def _key(most: float, y: float, left: float) -> str:
    """The key of the shades: rows per cell."""
    steps = range(1, _SHADES + 1)
    counts = sorted({max(1, round(most * (k / _SHADES) ** 2)) for k in steps})
    parts = [f'<text x="{left}" y="{y + 10}" class="mark">rows per cell</text>']
    for k, count in enumerate(counts):
        x = left + 104 + 62 * k
        parts.append(
            f'<path d="M{x} {y}h12v12h-12z" class="cell-of" '
            f'fill-opacity="{_shade(count, most):.2f}"/>'
            f'<text x="{x + 17}" y="{y + 10}" class="mark">{count:,}</text>'
        )
    return "".join(parts)


def bars_svg(counts: Sequence[float], low: float, high: float, across: str) -> str:
    """A histogram: counts of rows as bars between two ends, with a line at 0.

    The count of the tallest bar is beside it, and the axis begins at 0 rows.
    """
    most, left, top = max(counts) or 1, 52, 20
    width = _WIDTH / len(counts)
    parts = []
    for k, count in enumerate(counts):
        height = (_HEIGHT - top) * count / most
        if count:
            parts.append(
                f'<rect x="{left + k * width:.1f}" y="{_HEIGHT - height:.1f}" '
                f'width="{width - 1:.1f}" height="{height:.1f}" class="cell-of">'
                f"<title>{count_text(count)}</title></rect>"
            )
    right = left + _WIDTH
    zero = left + _WIDTH * (0 - low) / (high - low) if high > low else left + _WIDTH / 2
    frame = (
        f'<path d="M{left} {top}V{_HEIGHT}H{right}" class="axis" fill="none"/>'
        f'<path d="M{zero:.1f} 10V{_HEIGHT}" class="even" fill="none"/>'
    )
    words = (
        f'<text x="{left}" y="{_HEIGHT + 18}" class="mark">{compact(low)}</text>'
        f'<text x="{right}" y="{_HEIGHT + 18}" class="mark end">{compact(high)}</text>'
        f'<text x="{left + _WIDTH / 2}" y="{_HEIGHT + 34}" class="mark middle">{text(across)}'
        "</text>"
        f'<text x="{left - 6}" y="{_HEIGHT}" class="mark end">0</text>'
        f'<text x="{left - 6}" y="{top + 4}" class="mark end">{count_text(most)}</text>'
        f'<text x="{left - 6}" y="{top + 20}" class="mark end">rows</text>'
    )
    return drawing(
        right + 20, _HEIGHT + _BOTTOM, f"rows by {text(across)}", "".join(parts) + frame + words
    )


def drawing(width: float, height: float, said: str, body: str) -> str:
    """A picture of this size, from what is in it and what it shows in words."""
    return (
        f'<svg class="still" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img"><title>{said}</title>{body}</svg>'
    )
