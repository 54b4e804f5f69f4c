"""Small pictures as SVG that need no script: counts in cells, and counts as bars."""

from collections.abc import Sequence

from thalweg.reporting.pieces import compact, text

_SIDE, _LEFT, _BOTTOM = 360, 76, 44
_WIDTH, _HEIGHT = 480, 200


def cells_svg(
    counts: Sequence[Sequence[int]], low: float, high: float, across: str, up: str
) -> str:
    """Rows of a table by two numbers of one scale, as a square of cells, with the line x = y.

    Parameters
    ----------
    counts : sequence of sequence of int
        ``counts[i][j]``: rows in bin i upwards and in bin j across.
    low, high : float
        The ends of both axes.
    across, up : str
        What stands along them.
    """
    n = len(counts)
    most = max(map(max, counts)) or 1
    size = _SIDE / n
    parts = []
    for i, row in enumerate(counts):
        for j, count in enumerate(row):
            if count:
                x, y = _LEFT + j * size, (n - 1 - i) * size + 8
                share = 0.15 + 0.85 * (count / most) ** 0.5
                parts.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{size:.1f}" height="{size:.1f}" '
                    f'class="cell-of" fill-opacity="{share:.2f}"><title>{count:,}</title></rect>'
                )
    foot = _SIDE + 8
    frame = (
        f'<path d="M{_LEFT} 8V{foot}H{_LEFT + _SIDE}" class="axis" fill="none"/>'
        f'<path d="M{_LEFT} {foot}L{_LEFT + _SIDE} 8" class="even" fill="none"/>'
    )
    words = (
        f'<text x="{_LEFT}" y="{foot + 18}" class="mark">{compact(low)}</text>'
        f'<text x="{_LEFT + _SIDE}" y="{foot + 18}" class="mark end">{compact(high)}</text>'
        f'<text x="{_LEFT + _SIDE / 2}" y="{foot + 34}" class="mark middle">{text(across)}</text>'
        f'<text x="{_LEFT - 6}" y="{foot}" class="mark end">{compact(low)}</text>'
        f'<text x="{_LEFT - 6}" y="18" class="mark end">{compact(high)}</text>'
        f'<text x="{_LEFT - 6}" y="{foot / 2}" class="mark end">{text(up)}</text>'
    )
    said = f"{text(up)} against {text(across)}; darker: more rows; dashed: equal"
    return _drawing(_LEFT + _SIDE + 24, foot + _BOTTOM, said, "".join(parts) + frame + words)


def bars_svg(counts: Sequence[int], low: float, high: float, across: str) -> str:
    """Rows of a table by a number, as bars between two ends, with a line at 0."""
    most = max(counts) or 1
    width = _WIDTH / len(counts)
    parts = []
    for k, count in enumerate(counts):
        height = (_HEIGHT - 20) * count / most
        if count:
            parts.append(
                f'<rect x="{20 + k * width:.1f}" y="{_HEIGHT - height:.1f}" '
                f'width="{width - 1:.1f}" height="{height:.1f}" class="cell-of">'
                f"<title>{count:,}</title></rect>"
            )
    zero = 20 + _WIDTH * (0 - low) / (high - low) if high > low else 20 + _WIDTH / 2
    frame = (
        f'<path d="M20 {_HEIGHT}H{20 + _WIDTH}" class="axis" fill="none"/>'
        f'<path d="M{zero:.1f} 10V{_HEIGHT}" class="even" fill="none"/>'
    )
    words = (
        f'<text x="20" y="{_HEIGHT + 18}" class="mark">{compact(low)}</text>'
        f'<text x="{20 + _WIDTH}" y="{_HEIGHT + 18}" class="mark end">{compact(high)}</text>'
        f'<text x="{20 + _WIDTH / 2}" y="{_HEIGHT + 34}" class="mark middle">{text(across)}</text>'
    )
    return _drawing(
        _WIDTH + 40, _HEIGHT + _BOTTOM, f"rows by {text(across)}", "".join(parts) + frame + words
    )


def _drawing(width: float, height: float, said: str, body: str) -> str:
    return (
        f'<svg class="still" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img"><title>{said}</title>{body}</svg>'
    )
