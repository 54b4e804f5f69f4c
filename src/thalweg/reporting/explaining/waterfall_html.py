"""The waterfall for a notebook: HTML with a drawing, without scripts and requests."""

from typing import TYPE_CHECKING

from thalweg.reporting.explaining.contribution_bars import Waterfall, waterfall_of
from thalweg.reporting.explaining.contribution_words import (
    answer_text,
    base_in_words,
    footer,
    gain_text,
    notes_on,
    sentence,
)
from thalweg.reporting.html_pieces import text
from thalweg.reporting.network_svg import DOWN, UP
from thalweg.wording import counted

if TYPE_CHECKING:
    from thalweg.reporting.explaining.explanation import Explanation

_WIDTH, _LEFT, _LINE = 640, 230, 22
# The widest a character of a number is, when bold; what is between a bar and its number.
_CHARACTER, _GAP = 7.5, 5


def explanation_html(explanation: "Explanation", row: int = 0, label: str | None = None) -> str:
    """The waterfall of a row with its sentence and notes; a line says how many rows follow."""
    waterfall = waterfall_of(explanation, row, label)
    base = base_in_words(explanation, waterfall)
    words = [sentence(waterfall), *base, *notes_on(explanation, row, label)]
    more = len(explanation) - 1
    if more:
        words.append(f"{counted(more, 'more row is', 'more rows are')} in it: .plot(row)")
    said = "".join(f"<p>{text(each, 600)}</p>" for each in words)
    small = f"<p><small>{text(footer(explanation, row), 400)}</small></p>"
    return (
        f'<div style="font:13px/1.5 sans-serif;max-width:{_WIDTH}px;margin:.8em 0">'
        f"{waterfall_svg(waterfall)}{said}{small}</div>"
    )


def waterfall_svg(waterfall: Waterfall) -> str:
    """The bars, from the base above to the row below."""
    low, high = waterfall.ends
    spread = (high - low) or 1.0
    label, decimals, y = waterfall.label, waterfall.decimals, 0
    base, answer = waterfall.base, waterfall.answer
    told = [answer_text(each, label, decimals) for each in (base, answer)]
    gains = [gain_text(bar.value, label, decimals) for bar in waterfall.printed.bars]
    # No picture is wider than the page, so the longest number has its room at the right end.
    room = _WIDTH - _LEFT - _GAP - _CHARACTER * max(map(len, (*told, *gains)))

    def x(value: float) -> float:
        return _LEFT + room * (value - low) / spread

    parts = [_line(waterfall.base_name, told[0], y, x(base), x(base))]
    for bar, gain in zip(waterfall.bars, gains, strict=True):
        y += _LINE
        first, last = sorted((x(bar.start), x(bar.end)))
        color = UP if bar.value > 0 else DOWN
        parts.append(
            f'<rect x="{first:.1f}" y="{y + 4}" width="{max(last - first, 1):.1f}" '
            f'height="{_LINE - 8}" fill="{color}"/>'
        )
        if waterfall.n_networks > 1:
            ends = x(bar.start + bar.low), x(bar.start + bar.high)
            parts.append(
                f'<path d="M{ends[0]:.1f} {y + _LINE / 2}H{ends[1]:.1f}" '
                'stroke="currentColor" stroke-width="1.5"/>'
            )
        right = max(last, x(bar.start + bar.high), x(bar.start + bar.low))
        parts.append(_words(bar.name, gain, y, right))
    y += _LINE
    parts.append(_line("this row", told[1], y, x(answer), 0))
    height = y + _LINE
    title = text(f"Row {waterfall.row}: {sentence(waterfall)}", 400)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="100%" '
        f'role="img" fill="currentColor" font-size="12"><title>{title}</title>'
        f"{''.join(parts)}</svg>"
    )


def _line(name: str, told: str, y: int, at: float, right: float) -> str:
    mark = f'<path d="M{at:.1f} {y + 3}V{y + _LINE - 3}" stroke="currentColor" stroke-width="1.5"/>'
    return mark + _words(name, told, y, max(at, right), bold=True)


def _words(name: str, told: str, y: int, right: float, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    middle = y + _LINE / 2 + 4
    return (
        f'<text x="{_LEFT - 8}" y="{middle}" text-anchor="end"{weight}>{text(name, 32)}</text>'
        f'<text x="{right + _GAP:.1f}" y="{middle}"{weight}>{text(told)}</text>'
    )
