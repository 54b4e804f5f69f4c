"""Contributions in words: the sentence, the waterfall for a terminal, and what goes with it."""

from collections.abc import Callable, Mapping
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from thalweg.estimators.explaining.cell_texts import MISSING, column_with_cell
from thalweg.estimators.explaining.counterfactual_search import UNLIKE
from thalweg.estimators.explaining.unusual_cells import UnusualCells
from thalweg.evaluation.judging.regression_loss import predicted_quantity, statistic_of
from thalweg.reporting.explaining.adding_up import PERCENT_DECIMALS
from thalweg.reporting.explaining.contribution_bars import Bar, Waterfall, waterfall_of
from thalweg.wording import amount, counted, printable

if TYPE_CHECKING:
    from thalweg.reporting.explaining.explanation import Explanation

NUMBER = "number"
ONE_BY_ONE = "The numbers are rounded one by one, so they need not add up as printed."
FOOTER = "This is how the model computes, not what causes what."
ON_THE_WAY = "On the straight way between the two rows lie half-categories that no row has."
_ON_THE_WAYS = "On the straight ways from {} to this one lie half-categories that no row has."
_WIDTH, _NAME, _NUMBER = 80, 30, 9
# Bars that a sentence names, and those whose sign networks have to agree on.
_IN_WORDS, _LOOKED_AT = 3, 3
# So far from the predicted number, in units of the answer, the clip is said: beyond float32.
CLIPPED = 1e-4


def answer_text(value: float, label: str | None, decimals: int | None = PERCENT_DECIMALS) -> str:
    """An answer: a probability as a percentage, or a number.

    Of a number, ``decimals`` belong to a waterfall; `number_text` writes one alone.
    """
    if label is None:
        return number_text(value) if decimals is None else _fixed(value, decimals)
    places = PERCENT_DECIMALS if decimals is None else decimals
    steps, whole = round(value * 100 * 10**places), 100 * 10**places
    if (steps == 0 and value > 0) or (steps == whole and value < 1):
        step = 10.0**-places
        return f"under {step:g} %" if steps == 0 else f"over {100 - step:g} %"
    return f"{_fixed(100 * value, places)} %"


def number_text(value: float) -> str:
    """A predicted number alone."""
    return amount(value, 5)


def gain_text(value: float, label: str | None, decimals: int | None = PERCENT_DECIMALS) -> str:
    """A contribution with its sign: points of a percentage, or a number; 0 has none."""
    if label is not None:
        return f"{_fixed(100 * value, decimals or PERCENT_DECIMALS, signed=True)} pt"
    return (
        amount(value, 4, signed=True) if decimals is None else _fixed(value, decimals, signed=True)
    )


def _fixed(value: float, decimals: int, *, signed: bool = False) -> str:
    scale = 10.0**decimals
    steps = round(value * scale)
    sign = "+" if signed and steps > 0 else ""
    return f"{sign}{steps / scale:,.{max(decimals, 0)}f}" if steps else f"{0:.{max(decimals, 0)}f}"


def quantity_of(target: str, model: object) -> str:
    """What a predicted number is called, by the name of the target, "" if it is not known."""
    return predicted_quantity(statistic_of(model), target) or NUMBER


def sentence(waterfall: Waterfall) -> str:
    """The largest contributions of a row in a sentence."""
    said = [each for each in waterfall.printed.bars if each.column][:_IN_WORDS]
    if not said:
        return f"The answer is that of {waterfall.base_name}."
    parts = [_clause(each, waterfall, place == 0) for place, each in enumerate(said)]
    whole = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"Compared with {waterfall.base_name}, {whole}."


def base_in_words(explanation: "Explanation", waterfall: Waterfall) -> list[str]:
    """The cells of the base in the columns that the sentence names; nothing of several rows."""
    if explanation.base_texts is None:
        return []
    cells = dict(zip(explanation.feature_names, explanation.base_texts, strict=True))
    named = [bar.column for bar in waterfall.bars if bar.column][:_IN_WORDS]
    said = [column_with_cell(name, cells[name]) for name in named]
    base = waterfall.base_name
    return [f"{base[:1].upper()}{base[1:]} has {', '.join(said)}."] if said else []


def _clause(bar: Bar, waterfall: Waterfall, first: bool) -> str:
    subject = f"the {MISSING} {bar.column}" if bar.cell == MISSING else bar.name
    gain = gain_text(bar.value, waterfall.label, waterfall.decimals).removesuffix(" pt")
    much = gain.lstrip("+-")
    if not any(digit in much for digit in "123456789"):
        return f"{subject} hardly moves the answer"
    much += " points" if first and waterfall.label is not None else ""
    return f"{subject} adds {much}" if bar.value > 0 else f"{subject} takes {much} away"


def notes_on(explanation: "Explanation", row: int, label: str | None) -> list[str]:
    """What has to be said beside the bars of a row."""
    waterfall = waterfall_of(explanation, row, label)
    texts = dict(zip(explanation.feature_names, explanation.texts[row], strict=True))
    return [
        *_by_costs(explanation, row),
        *_disagreement(waterfall),
        *([ONE_BY_ONE] if waterfall.decimals is None else []),
        *_clip(explanation, row),
        *unusual_in_words(explanation.unusual[row], texts),
        *_unlike(explanation, row),
    ]


def _by_costs(explanation: "Explanation", row: int) -> list[str]:
    """That the model answers another class than the most probable one, and why."""
    classes, labels = explanation.classes, explanation.labels
    if classes is None or labels is None or len(classes) == 1:
        return []
    likely = int(np.argmax(explanation.answers[row]))
    if classes[likely] == labels[row]:
        return []
    share = answer_text(float(explanation.answers[row, likely]), classes[likely])
    return [
        f"The model answers {printable(labels[row])}, because the costs of mistakes decide: "
        f"{printable(classes[likely])} is the most probable class ({share})."
    ]


def unusual_in_words(unusual: UnusualCells, texts: Mapping[str, str]) -> list[str]:
    """The cells of a row that no training row was like."""
    said, found = unusual.out_of_range, []
    if said:
        names = [
            f"{column_with_cell(each.column, texts[each.column])} ({each.text(each.low)} to "
            f"{each.text(each.high)})"
            for each in said
        ]
        found.append(
            f"Beyond the range of the training rows (in brackets), where the model extrapolates: "
            f"{', '.join(names)}."
        )
    if unusual.unknown_levels:
        levels = [column_with_cell(*each) for each in unusual.unknown_levels.items()]
        found.append(
            f"The model was not fitted on rows with this level, which counts as some other one: "
            f"{', '.join(levels)}."
        )
    return found


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
        for bar in waterfall.printed.bars[:_LOOKED_AT]
        if bar.column and bar.value and bar.n_up and bar.n_down
    ]
    if not found:
        return []
    of = counted(waterfall.n_networks, "network")
    which = "this column raises" if len(found) == 1 else "these columns raise"
    lower = "lowers" if len(found) == 1 else "lower"
    return [f"The {of} disagree whether {which} or {lower} the answer: {', '.join(found)}."]


def _clip(explanation: "Explanation", row: int) -> list[str]:
    if explanation.classes is not None:
        return []
    answer, predicted = float(explanation.answers[row]), float(explanation.predicted[row])
    if abs(answer - predicted) <= CLIPPED * max(explanation.unit, abs(answer)):
        return []
    return [
        f"The contributions add up to {number_text(answer)}; the model answers "
        f"{number_text(predicted)}, because it clips to the range of the training targets."
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
    words = [
        sentence(waterfall),
        *base_in_words(explanation, waterfall),
        *notes_on(explanation, row, label),
        footer(explanation, row),
    ]
    return "\n".join([*lines, "", *(fill(printable(each), _WIDTH) for each in words)])


def waterfall_lines(waterfall: Waterfall, *, ascii: bool = False) -> list[str]:
    """The waterfall as lines of at most 80 characters: a bar a column, with the networks' spread.

    ``█`` is the contribution; ``─`` is from the start of the bar on what one network alone adds,
    from the least to the most. A network has a start of its own, so this is no answer of it.
    """
    full, thin, mark = "#-|" if ascii else "█─│"
    label, decimals = waterfall.label, waterfall.decimals
    told = [answer_text(each, label, decimals) for each in (waterfall.base, waterfall.answer)]
    gains = [gain_text(bar.value, label, decimals) for bar in waterfall.printed.bars]
    number = max(_NUMBER, *map(len, [*told, *gains]))
    room = _WIDTH - _NAME - number - 2
    place = _scale(*waterfall.ends, room)
    head = f"Row {waterfall.row:,}: {printable(waterfall.what)} {told[1]}"

    def line(name: str, value: str, drawn: str) -> str:
        return f"{_cut(printable(name), _NAME):<{_NAME}} {value:>{number}} {drawn}".rstrip()

    lines = [_cut(head, _WIDTH)]
    lines.append(line(waterfall.base_name, told[0], f"{' ' * place(waterfall.base)}{mark}"))
    for bar, gain in zip(waterfall.bars, gains, strict=True):
        cells = [" "] * room
        ends = place(bar.start + bar.low), place(bar.start + bar.high)
        for at in range(min(ends), max(ends) + 1):
            cells[at] = thin
        first, last = sorted((place(bar.start), place(bar.end)))
        for at in range(first, max(last, first + 1)):
            cells[min(at, room - 1)] = full
        lines.append(line(bar.name, gain, "".join(cells)))
    lines.append(line("this row", told[1], f"{' ' * place(waterfall.answer)}{mark}"))
    if waterfall.n_networks > 1:
        each = f"{thin * 2} what one of {counted(waterfall.n_networks, 'network')} adds"
        lines.append(line("", "", _cut(each, room)))
    return lines


def _scale(low: float, high: float, room: int) -> Callable[[float], int]:
    spread = (high - low) or 1.0
    return lambda value: min(room - 1, max(0, round((value - low) / spread * (room - 1))))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
