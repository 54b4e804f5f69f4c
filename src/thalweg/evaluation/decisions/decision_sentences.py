"""Thresholds, floors, net benefit and abstention in words, for a terminal and a page.

A sentence says what the numbers say and no more: which rows they are from, how sure they are, and
what they do not show.
"""

import math
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from thalweg.evaluation.answers import JUDGES, OF_FOLDS, OUT_OF_FOLD, UNKNOWN, How
from thalweg.evaluation.comparing.rounded_limits import on_its_side
from thalweg.evaluation.decisions.abstention import Abstention
from thalweg.evaluation.decisions.chosen_threshold import Rule, Spread, Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.decisions.decision_curve import DecisionCurve
from thalweg.evaluation.decisions.operating_point import OperatingPoint
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.wording import amount, cost, count_text, counted, fixed, words_of_two

_DIGITS = 4


def threshold_sentence(
    chosen: Threshold, point: OperatingPoint | None = None, classes: Sequence[str] = ()
) -> str:
    """Which threshold, by which rule, and what it does on the rows that evaluate it.

    Parameters
    ----------
    chosen : Threshold
    point : OperatingPoint, optional
        The threshold on rows that did not choose it.
    classes : sequence of str, optional
        The names of the classes, the negative one first.
    """
    if chosen.refused is not None:
        said = f"No threshold. {chosen.refused}"
        by_labels = point is not None and point.threshold is None
        if not by_labels or point is None:
            return said
        return f"{said} {point_sentence(point, classes)}"
    parts = [f"Threshold {threshold_and_rule(chosen, classes)}"]
    if chosen.floor is not None:
        parts += _confidence(chosen, words_of_two(classes))
    if chosen.beta is not None:
        parts.append(
            "It is right for calibrated probabilities and for this share of "
            f"{words_of_two(classes)[1]} rows; among rows with another share, another threshold "
            "is best."
        )
    if chosen.by == "tuned costs" and chosen.missed is not None and chosen.alarm is not None:
        formula = by_costs(chosen.missed, chosen.alarm)
        parts.append(
            "It was tuned on these rows. With calibrated probabilities the formula is better: "
            f"{threshold_text(formula)}."
        )
    if chosen.spread is not None:
        parts.append(_spread(chosen.spread, chosen.by, tuned=chosen.how is None))
    if point is not None:
        parts.append(point_sentence(point, classes))
    return " ".join(parts)


def threshold_text(chosen: Threshold) -> str:
    """The threshold with four digits, or "none".

    One that keeps a floor is rounded to the side that keeps it: whoever types these digits gets no
    less than the floor.
    """
    if chosen.value is None:
        return "none"
    return _kept(chosen.value, chosen.by)


def _kept(value: float, by: Rule) -> str:
    """A threshold with four digits, rounded to the side that keeps a floor."""
    if float(f"{value:.{_DIGITS}g}") == value:  # 0.02 is a little above 2 / 100
        return amount(value, _DIGITS)
    side = {"sensitivity": ROUND_FLOOR, "specificity": ROUND_CEILING}.get(by)
    rounded = Context(prec=_DIGITS, rounding=side).create_decimal(Decimal(value))
    return amount(float(rounded), _DIGITS)


def threshold_and_rule(chosen: Threshold, classes: Sequence[str] = ()) -> str:
    """The threshold and the rule that it follows from: ``0.1: a missed …``."""
    return f"{threshold_text(chosen)}{_rule(chosen, words_of_two(classes)[1])}"


def counts_sentence(point: OperatingPoint, classes: Sequence[str] = ()) -> tuple[str, str]:
    """What is found, and what is a false alarm, as the two halves of a sentence."""
    negative, positive = words_of_two(classes)
    n_positive = point.true_positive + point.false_negative
    n_negative = point.false_positive + point.true_negative
    weighted = by_weight(point.true_positive, n_positive, point.false_positive, n_negative)
    return (
        f"{count_text(point.true_positive)} of {count_text(n_positive)} {positive} rows are found"
        f"{weighted}",
        f"{count_text(point.false_positive)} of {count_text(n_negative)} {negative} ones are "
        "false alarms",
    )


def point_sentence(point: OperatingPoint, classes: Sequence[str] = ()) -> str:
    """What a threshold does on some rows, in counts."""
    found, alarms = counts_sentence(point, classes)
    said = (
        f"On {_kind_of_rows(point)}, {found} ({_interval(point.sensitivity)}), "
        f"and {alarms} (specificity {_interval(point.specificity)})"
    )
    if point.cost is not None:
        said += (
            f"; a row costs {_interval(point.cost)} on average, where a false alarm costs "
            f"{cost(point.alarm or 0)}"
        )
    return f"{said}. {_caution(point.how)}".strip()


def by_weight(*counts: float) -> str:
    """That counts are sums of weights, where some are no whole numbers; else ""."""
    return "" if all(float(each).is_integer() for each in counts) else " (sums of their weights)"


def benefit_sentence(
    curve: DecisionCurve,
    threshold: float,
    classes: Sequence[str] = (),
    *,
    costs_named: bool = False,
) -> str:
    """The net benefit at the threshold in force, and what it does not show.

    ``costs_named`` says whether the costs of the two mistakes give the threshold.
    """
    if curve.refused is not None:
        return curve.refused
    k = nearest_threshold(curve.thresholds, threshold)
    at, gain = curve.thresholds[k], curve.gain[k]
    elsewhere = outside_of_curve(curve.thresholds, threshold)
    against, positive = call_of_baseline(curve.all[k]), words_of_two(classes)[1]
    rows = f"{_kind_of_rows(curve)}, {curve.n_positive:,} of them {positive}"
    if gain.value == 0 and curve.few[k]:
        parts = [
            f"At a threshold of {amount(at, _DIGITS)}, the model decides as calling {against} "
            f"{positive} does, but for fewer than 5 rows, and no gain is shown ({rows})."
        ]
        return " ".join([*elsewhere, *parts, _caution(curve.how)]).strip()
    more, least, most = more_cases(gain.value, gain.low, gain.high)
    parts = [
        *elsewhere,
        f"At a threshold of {amount(at, _DIGITS)}, the model is as if {more} "
        f"{positive} rows were found in every 100 rows than by calling {against} {positive} (or "
        f"{other_call(against)}, if that is better), with no more false alarms (95 % interval: "
        f"{least} to {most}; "
        f"{rows}).",
    ]
    if curve.few[k]:
        parts.append("This rests on fewer than 5 rows, and shows next to nothing.")
    elif gain.low <= 0 <= gain.high:
        parts.append(
            "The interval includes 0, so these rows do not show that the model helps, nor that it "
            "does not; the higher net benefit is still the better guess."
        )
    parts.append(
        "It assumes that the probabilities are calibrated."
        if costs_named
        else "It does not show which threshold is right: that is a question of what the two "
        "mistakes cost. And it assumes that the probabilities are calibrated."
    )
    if not curve.named and not costs_named:
        parts.append(
            f"Nobody named the thresholds: {amount(curve.thresholds[0])} to "
            f"{amount(curve.thresholds[-1])} is a default. Which are sensible here?"
        )
    return " ".join([*parts, _caution(curve.how)]).strip()


def call_of_baseline(benefit_of_all: float) -> str:
    """What the better of two answers without a model calls positive: all rows, or no row."""
    return "all rows" if benefit_of_all > 0 else "no row"


def other_call(call: str) -> str:
    """The other of the two answers without a model; a gain is over the better one of them."""
    return "no row" if call == "all rows" else "all rows"


def outside_of_curve(thresholds: Sequence[float], threshold: float) -> list[str]:
    """That the threshold in force is not among those that were named, as a sentence, or none."""
    first, last = thresholds[0], thresholds[-1]
    if first <= threshold <= last:
        return []
    return [
        f"The threshold in force, {amount(threshold, _DIGITS)}, is outside the range that was "
        f"named, {amount(first)} to {amount(last)}."
    ]


def nearest_threshold(thresholds: Sequence[float], at: float) -> int:
    """The place of the drawn threshold that is nearest to one."""
    return min(range(len(thresholds)), key=lambda k: abs(thresholds[k] - at))


def more_cases(*benefits: float) -> list[str]:
    """Net benefits in cases for each 100 rows: ``4.3 more``; what rounding leaves is none."""
    cases = [round(100 * each, 9) for each in benefits]
    sizes = on_its_side([abs(each) for each in cases], 0, 3)
    return [
        f"{size} {'more' if each >= 0 else 'fewer'}"
        for size, each in zip(sizes, cases, strict=True)
    ]


def abstention_sentence(found: Abstention, *, default: bool = False) -> str:
    """How many rows are answered, and how many of the answers are wrong.

    Parameters
    ----------
    found : Abstention
    default : bool, default False
        Whether nobody named the price.
    """
    share = f"{amount(100 * found.answered.value, 3)} %"
    price = priced(found.price)
    if found.n_answered == 0:
        rows = counted(found.n_samples, f"{_how(found.how)} row")
        said = f"{price}, none of {rows} is answered."
    else:
        said = (
            f"{price}, {advised_answers(found.wrong.high, found.price)} {share}: "
            f"{found.n_wrong:,} of {found.n_answered:,} wrong "
            f"({_interval(found.wrong, beside=found.price)}; {_how(found.how)} rows)."
            f"{answers_not_supported(found.wrong.value, found.wrong.high, found.price)} "
            f"{counted(found.n_samples - found.n_answered, 'row gets', 'rows get')} no answer."
        )
    if default:
        said += " Nobody named this price: it is a default."
    return f"{said} {_caution(found.how)}".strip()


def advised_answers(high: float, price: float) -> str:
    """The advice of the rule, or only what it says if these rows do not bear it out.

    ``high`` is the upper end of the interval of the share of errors.
    """
    return "answer the surest" if high <= price else "the rule would answer the surest"


def answers_not_supported(wrong: float, high: float, price: float) -> str:
    """That the answers had, or may have, too many errors, as a sentence after another one.

    Answers pay if their share of errors is at most the price of no answer.
    """
    if high <= price:
        return ""
    pays = f"answers pay if up to {amount(100 * price, 3)} % are wrong."
    if wrong > price:
        return f" These rows do not support that: {pays}"
    return f" These rows are too few to show that it pays: {pays}"


def priced(price: float) -> str:
    """What no answer costs, in words."""
    if price == 0:
        return "If no answer costs nothing"
    return f"If an error costs as much as {amount(1 / price, 3)} rows without an answer"


def _rule(chosen: Threshold, positive: str) -> str:
    if chosen.missed is not None and chosen.alarm is not None:
        ratio = chosen.missed / chosen.alarm
        alarms = "false alarm" if ratio == 1 else "false alarms"
        return f": a missed {positive} row costs as much as {amount(ratio, _DIGITS)} {alarms}."
    if chosen.floor is not None:
        return f": the floor on {chosen.by} is {amount(chosen.floor)}."
    if chosen.beta is not None:
        return f": the best expected F{chosen.beta:g}."
    return "."


def _confidence(chosen: Threshold, words: tuple[str, str]) -> list[str]:
    """What is known of a floor on new rows; a confidence is claimed from untouched rows only."""
    negative, positive = words
    how = "" if chosen.how is None else f"{_how(chosen.how)} "
    of, are = {
        "sensitivity": (f"{positive} {how}rows", "are above it"),
        "specificity": (f"{negative} {how}rows", "are not above it"),
        "precision": (f"{how}rows above it", f"are {positive}"),
    }[chosen.by]
    parts = [
        f"{count_text(chosen.n_class - chosen.not_met)} of {count_text(chosen.n_class)} {of} {are}."
    ]
    if chosen.confidence is not None:
        parts.append(
            f"With {amount(100 * chosen.confidence)} % confidence, new rows keep the floor if they "
            "are like these."
        )
    else:
        parts.append(
            "No confidence is claimed for new rows: that needs independent test rows without "
            "weights, which nothing has used before."
        )
    return parts


def _spread(spread: Spread, by: Rule, *, tuned: bool) -> str:
    said = f"from {_kept(spread.low, by)} to {_kept(spread.high, by)} in 95 % of resamples"
    folds = [each for each in spread.folds if not math.isnan(each)]
    if folds:
        ends = f"from {_kept(min(folds), by)} to {_kept(max(folds), by)}"
        said += f", and {ends} over {counted(len(folds), 'fold')}"
    if tuned:
        return f"Tuned on the rows instead, it would be {said}."
    return f"On other rows like these it would be another one: {said}."


def _caution(how: How) -> str:
    """Rows that have chosen something say little about new rows."""
    if how in JUDGES:
        return ""
    if how == "training":
        return "The model was trained on these rows, so new rows may be worse."
    if how == UNKNOWN:
        return (
            "These are rows whose origin is not known: if the model was trained on some of them, "
            "new rows may be worse."
        )
    if how == OUT_OF_FOLD:
        return OF_FOLDS
    return "Training was stopped on these rows, so new rows may be worse."


def _kind_of_rows(found: OperatingPoint | DecisionCurve | Abstention) -> str:
    """How many rows of which kind: ``1 test row``."""
    return counted(found.n_samples, f"{_how(found.how)} row")


def _how(how: How) -> str:
    return how.replace(" ", "-")


def _interval(found: Estimate, *, beside: float | None = None) -> str:
    """With two decimals, and more where an end would be rounded to what it is compared with."""
    if math.isnan(found.value):
        return "undefined"
    numbers = (found.value, found.low, found.high)
    said = fixed(numbers, 2) if beside is None else on_its_side(numbers, beside, 2, write=fixed)
    return f"{said[0]} [{said[1]}, {said[2]}]"
