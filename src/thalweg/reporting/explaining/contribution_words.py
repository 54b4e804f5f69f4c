"""Contributions in words: the sentence, the waterfall for a terminal, and what goes with it."""

import math
from collections.abc import Callable
from textwrap import fill
from typing import TYPE_CHECKING

from thalweg.estimators.explaining.cell_texts import MISSING
from thalweg.estimators.explaining.counterfactual_search import UNLIKE
from thalweg.reporting.explaining.contribution_bars import Bar, Waterfall, waterfall_of
from thalweg.wording import amount, counted, printable

if TYPE_CHECKING:
    from thalweg.reporting.explaining.explanation import Explanation

NUMBER = "number"
FOOTER = "This is how the model computes, not what causes what."
ON_THE_WAY = "On the straight way between the two rows lie half-categories that no row has."
_ON_THE_WAYS = "On the straight ways from {} to this one lie half-categories that no row has."
_WIDTH, _NAME, _NUMBER = 80, 30, 9
# Bars that a sentence names, and those whose sign networks have to agree on.
_IN_WORDS, _LOOKED_AT = 3, 3
# Sizes of numbers that are written without a power of ten.
_LEAST, _MOST = 1e-4, 1e9
# So far from the predicted number, in units of the answer, the clip is said: beyond float32.
CLIPPED = 1e-4


def answer_text(value: float, label: str | None) -> str:
    """An answer: a probability as a percentage, or a number."""
    if label is None:
        return amount(value, 5)
    percent = 100 * value
    if 0 < percent < 0.05 or 99.95 < percent < 100:
        return "under 0.1 %" if percent < 50 else "over 99.9 %"
    return f"{percent:.1f} %"


def quantity_of(target: str) -> str:
    """What a predicted number is called, by the name of the target, "" if it is not known."""
    return f"predicted {target}" if target else NUMBER


def gain_text(value: float, label: str | None, largest: float = 0.0) -> str:
    """A contribution with its sign: points of a percentage, or a number.

    Numbers below each other have the decimals of the ``largest``, which has four digits.
    """
    if label is not None:
        return f"{100 * value:+.1f} pt"
    if not _LEAST <= largest < _MOST:
        return amount(value, 4, signed=True)
    decimals = max(0, 3 - math.floor(math.log10(largest)))
    return f"{value:+,.{decimals}f}"


def sentence(waterfall: Waterfall) -> str:
    """The largest contributions of a row in a sentence."""
    said = [each for each in waterfall.bars if each.column][:_IN_WORDS]
    if not said:
        return f"The answer is that of {waterfall.base_name}."
    parts = [_clause(each, waterfall.label, place == 0) for place, each in enumerate(said)]
    whole = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"Compared with {waterfall.base_name}, {whole}."


def _clause(bar: Bar, label: str | None, first: bool) -> str:
    subject = f"the {MISSING} {bar.column}" if bar.cell == MISSING else bar.name
    size = abs(bar.value)
    if label is None:
        much = amount(size, 3)
    else:
        points = 100 * size
        much = f"{points:.0f}" if points >= 9.95 else f"{points:.1f}" if points >= 0.05 else ""
        if not much:
            return f"{subject} {'adds' if bar.value > 0 else 'takes away'} less than 0.1 points"
        much += f" {'point' if much == '1' else 'points'}" if first else ""
    return f"{subject} adds {much}" if bar.value > 0 else f"{subject} takes {much} away"


def notes_on(explanation: "Explanation", row: int, label: str | None) -> list[str]:
    """What has to be said beside the bars of a row."""
    waterfall = waterfall_of(explanation, row, label)
    return [*_disagreement(waterfall), *_clip(explanation, row), *_unlike(explanation, row)]


def _unlike(explanation: "Explanation", row: int) -> list[str]:
    if explanation.outlier_p is None or explanation.outlier_p[row] > UNLIKE:
        return []
    p = float(explanation.outlier_p[row])
    return [
        f"The row is unlike the training rows: at most {100 * p:.2g} % of them are as unlike the "
        f"others (outlier p {p:.2g})."
    ]


def _disagreement(waterfall: Waterfall) -> list[str]:
    found = [
        f"{bar.column} ({bar.n_up} up, {bar.n_down} down)"
        for bar in waterfall.bars[:_LOOKED_AT]
        if bar.column and bar.n_up and bar.n_down
    ]
    if not found:
        return []
    of = counted(waterfall.n_networks, "network")
    return [f"The {of} disagree whether it raises or lowers the answer: {', '.join(found)}."]


def _clip(explanation: "Explanation", row: int) -> list[str]:
    if explanation.classes is not None:
        return []
    answer, predicted = float(explanation.answers[row]), float(explanation.predicted[row])
    if abs(answer - predicted) <= CLIPPED * max(explanation.unit, abs(answer)):
        return []
    return [
        f"The contributions add up to {amount(answer, 5)}; the model answers "
        f"{amount(predicted, 5)}, because it clips to the range of the training targets."
    ]


def footer(explanation: "Explanation", row: int) -> str:
    """What a contribution does not say; and what lies on the way, if a category changes on it."""
    if explanation.method != "path" or not explanation.half_categories[row]:
        return FOOTER
    if explanation.n_base == 1:
        return f"{FOOTER} {ON_THE_WAY}"
    return f"{FOOTER} {_ON_THE_WAYS.format(f'the {explanation.n_base:,} rows')}"


def explanation_text(
    explanation: "Explanation", row: int, label: str | None = None, *, ascii: bool = False
) -> str:
    """The waterfall of a row on 80 columns, its sentence and its notes."""
    waterfall = waterfall_of(explanation, row, label)
    lines = waterfall_lines(waterfall, ascii=ascii)
    words = [sentence(waterfall), *notes_on(explanation, row, label), footer(explanation, row)]
    return "\n".join([*lines, "", *(fill(printable(each), _WIDTH) for each in words)])


def waterfall_lines(waterfall: Waterfall, *, ascii: bool = False) -> list[str]:
    """The waterfall as lines of at most 80 characters: a bar a column, with the networks' spread.

    ``█`` is the contribution; ``─`` reaches from the least to the largest end that one network
    alone would give the bar, from the same start.
    """
    full, thin, mark = "#-|" if ascii else "█─│"
    label = waterfall.label
    low, high = waterfall.ends
    room = _WIDTH - _NAME - _NUMBER - 2
    place = _scale(low, high, room)
    what = waterfall.quantity if label is None else f"probability of {label}"
    head = f"Row {waterfall.row:,}: {printable(what)} {answer_text(waterfall.answer, label)}"
    lines = [_cut(head, _WIDTH), _ended(waterfall.base_name, waterfall.base, label, place, mark)]
    for bar in waterfall.bars:
        cells = [" "] * room
        ends = place(bar.start + bar.low), place(bar.start + bar.high)
        for at in range(min(ends), max(ends) + 1):
            cells[at] = thin
        first, last = sorted((place(bar.start), place(bar.end)))
        for at in range(first, max(last, first + 1)):
            cells[min(at, room - 1)] = full
        name, gain = (
            _cut(printable(bar.name), _NAME),
            gain_text(bar.value, label, waterfall.largest),
        )
        lines.append(f"{name:<{_NAME}} {gain:>{_NUMBER}} {''.join(cells)}".rstrip())
    lines.append(_ended("this row", waterfall.answer, label, place, mark))
    if waterfall.n_networks > 1:
        each = f"{thin * 2} where {counted(waterfall.n_networks, 'network')} would end the bar"
        lines.append(f"{'':<{_NAME}} {'':>{_NUMBER}} {_cut(each, room)}")
    return lines


def _scale(low: float, high: float, room: int) -> Callable[[float], int]:
    spread = (high - low) or 1.0
    return lambda value: min(room - 1, max(0, round((value - low) / spread * (room - 1))))


def _ended(
    name: str, value: float, label: str | None, place: Callable[[float], int], mark: str
) -> str:
    told = answer_text(value, label)
    return f"{_cut(name, _NAME):<{_NAME}} {told:>{_NUMBER}} {' ' * place(value)}{mark}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
