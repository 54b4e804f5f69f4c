"""The section of a landscape page about two connected runs: a still drawing and its sentences."""

from collections.abc import Callable

import numpy as np
from matplotlib.ticker import MaxNLocator

from thalweg.landscape.connections.run_connection import Connection, LineCurve
from thalweg.landscape.numbers_in_words import written
from thalweg.reporting.html_pieces import text
from thalweg.wording import apart

# The drawing, in its own units; a page shows it at most that wide.
_WIDE, _HIGH = 460, 250
_RIGHT, _TOP, _FOOT = 12, 22, 44
# Units of a digit beside the axis.
_DIGIT = 9
PLAIN, MATCHED = "as the runs ended", "units matched"
FORMULA = (
    "Barrier: max L(t) - max(L(0), L(1)), the height above the higher end, with L(t) the loss at "
    "(1 - t) θ₁ + t θ₂. Frankle et al. 2020 (arXiv 1912.05671) and Entezari et al. 2022 (arXiv "
    "2110.06296) measure it above the mean of both ends, or above the line between them; that one "
    "is {}."
)


def connection_html(found: Connection | None, why_not: str = "") -> str:
    """The section, or why there is none, or nothing."""
    if found is None:
        said = f'<section class="badge" id="connection"><p>{text(why_not, 400)}</p></section>'
        return said if why_not else ""
    said = "".join(f"<li>{text(each, 400)}</li>" for each in connection_sentences(found))
    pictures = "".join(
        connection_svg(found, found.curves[k : k + 2]) for k in range(0, len(found.curves), 2)
    )
    return (
        f'<section class="badge connection" id="connection"><h2>{text(found.finding, 200)}</h2>'
        f'<div class="lines">{pictures}</div><ul>{said}</ul></section>'
    )


def connection_sentences(found: Connection) -> list[str]:
    """The sentences of a connection, and the formula of its barrier with its sources."""
    above = " and ".join(
        f"{written(each.above_ends)} ({MATCHED if each.matched else PLAIN})"
        for each in found.curves[:2]
    )
    return [*found.sentences(), FORMULA.format(above)]


def loss_range(curves: tuple[LineCurve, ...]) -> tuple[float, float]:
    """The lowest and the highest finite loss of curves, with some room."""
    losses = np.concatenate([each.losses for each in curves])
    losses = losses[np.isfinite(losses)]
    low, high = (float(losses.min()), float(losses.max())) if len(losses) else (0.0, 1.0)
    room = 0.06 * (high - low) or 0.06 * (abs(high) or 1.0)
    return low - room, high + room


def connection_svg(found: Connection, curves: tuple[LineCurve, ...]) -> str:
    """The losses along both lines over one set of rows, as an SVG without a script."""
    low, high = loss_range(curves)
    marks = [float(each) for each in MaxNLocator(4).tick_values(low, high) if low <= each <= high]
    names = apart(marks)
    left = 14 + _DIGIT * max(map(len, names), default=0)
    wide, tall = _WIDE - left - _RIGHT, _HIGH - _TOP - _FOOT

    def y(loss: float) -> float:
        return _TOP + tall * (high - loss) / (high - low)

    parts = []
    for loss, words in zip(marks, names, strict=True):
        parts.append(f'<path class="grid" d="M{left} {y(loss):.1f}h{wide}"/>')
        parts.append(f'<text x="{left - 6}" y="{y(loss) + 5:.1f}" class="end">{words}</text>')
    plain = curves[0]
    top = max(plain.losses[0], plain.losses[-1])
    parts.append(f'<path class="level" d="M{left} {y(top):.1f}h{wide}"/>')
    if plain.barrier:
        x = left + wide * plain.at
        parts.append(f'<path class="barrier" d="M{x:.1f} {y(top):.1f}V{y(plain.peak):.1f}"/>')
    for each in curves:
        kind = "matched" if each.matched else "plain"
        parts.append(f'<path class="{kind}" d="{_way(each, y, left, wide)}"/>')
    foot = _TOP + tall + 18
    one, other = (text(title, 24) for title in found.titles)
    rows = f"{plain.n_rows:,} {plain.rows}"
    parts.append(f'<text x="{left}" y="{foot}">{one}</text>')
    parts.append(f'<text x="{left + wide}" y="{foot}" class="end">{other}</text>')
    parts.append(f'<text x="{left + wide / 2}" y="{foot + 18}" class="middle">way →</text>')
    parts.append(f'<text x="4" y="13">↑ loss, {rows}</text>')
    label = f"Loss on the straight line between {one} and {other}, {rows}. {text(found.finding)}."
    return (
        f'<figure><svg viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{label}">'
        f'{"".join(parts)}</svg><figcaption><i class="plain"></i>{PLAIN} '
        f'<i class="matched"></i>{MATCHED} · dotted: the higher end</figcaption></figure>'
    )


def _way(curve: LineCurve, y: Callable[[float], float], left: float, wide: float) -> str:
    """The path of a curve; a point without a finite loss is left out of it."""
    found, joined = [], False
    for k, loss in enumerate(curve.losses):
        if not np.isfinite(loss):
            joined = False
            continue
        x = left + wide * k / (len(curve.losses) - 1)
        found.append(f"{'L' if joined else 'M'}{x:.1f} {y(float(loss)):.1f}")
        joined = True
    return "".join(found)
