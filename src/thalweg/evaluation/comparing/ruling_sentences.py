"""What a comparison with a margin shows, in sentences made from its numbers."""

import math

from thalweg.evaluation.comparing.margin_rule import (
    BETTER_LITTLE,
    WORSE_LITTLE,
    Ruling,
)
from thalweg.evaluation.judging.comparison_rule import AS_GOOD, BETTER, WORSE
from thalweg.wording import amount

_DIGITS = 2


def ruling_sentence(
    ruling: Ruling, mine: str = "the network", other: str = "logistic regression"
) -> str:
    """What the comparison shows, the numbers, and what to do.

    Parameters
    ----------
    ruling : Ruling
    mine, other : str
        The names of the model and of the simpler model, inside a sentence.

    Returns
    -------
    str
    """
    parts = [f"{_opening(ruling, mine, other)}{_numbers(ruling, mine)}."]
    parts += [_excluded(ruling), _probabilities(ruling, mine), _advice(ruling)]
    return " ".join(part for part in parts if part)


def _opening(ruling: Ruling, mine: str, other: str) -> str:
    return {
        BETTER: f"{_capital(mine)} is better than {other}",
        BETTER_LITTLE: f"{_capital(mine)} is better than {other}, but by less than matters",
        WORSE: f"{_capital(mine)} is worse than {other}",
        WORSE_LITTLE: f"{_capital(mine)} is worse than {other}, but by less than matters",
        AS_GOOD: f"For practical purposes, {mine} and {other} are equally good",
    }.get(ruling.verdict, f"These rows do not show whether {mine} or {other} is better")


def _numbers(ruling: Ruling, mine: str) -> str:
    if math.isnan(ruling.difference.value):
        return f": the difference of their {ruling.measure} is undefined"
    at_95 = ruling.difference.at_95
    said = f": the {ruling.measure} of {mine} is {_beside(at_95.value)}"
    if math.isnan(at_95.low) or math.isnan(at_95.high):
        return f"{said}, and its uncertainty is unknown"
    return f"{said} (95 % interval: {_beside(at_95.low)} to {_beside(at_95.high)})"


def _beside(difference: float) -> str:
    """A difference as ``0.02 lower``."""
    if difference == 0:
        return "the same"
    size = "infinitely" if math.isinf(difference) else amount(abs(difference), _DIGITS)
    return f"{size} {'higher' if difference > 0 else 'lower'}"


def _excluded(ruling: Ruling) -> str:
    """What the 90 % interval excludes, and what it does not."""
    at_90, margin = ruling.difference.at_90, ruling.margin.value
    size = amount(margin, _DIGITS)
    if ruling.is_of_few:
        return "They are too few to show a difference, or that there is none."
    if ruling.verdict in (AS_GOOD, BETTER_LITTLE, WORSE_LITTLE):
        return f"A difference of more than {size} is excluded (90 % interval)."
    if ruling.verdict in (BETTER, WORSE):
        return ""
    lower, higher = not at_90.low >= -margin, not at_90.high <= margin
    if lower and higher:
        return f"A difference of {size} or more in either direction is not excluded."
    side = "higher" if higher else "lower"
    return f"A {ruling.measure} that is {side} by {size} or more is not excluded."


def _probabilities(ruling: Ruling, mine: str) -> str:
    if ruling.chances is None:
        return ""
    size, chances = amount(ruling.margin.value, _DIGITS), ruling.chances
    return (
        f"The probability that {mine} is better by more than {size} is {_share(chances.better)}, "
        f"worse by more than that {_share(chances.worse)}, practically equal "
        f"{_share(chances.equal)}."
    )


def _share(probability: float) -> str:
    """A probability that is never rounded to 0 or 1."""
    if 0 < probability < 0.005:
        return "below 0.01"
    return "above 0.99" if 0.995 <= probability < 1 else f"{probability:.2f}"


def _advice(ruling: Ruling) -> str:
    if ruling.verdict == BETTER:
        return ""
    if ruling.verdict in (WORSE, WORSE_LITTLE, AS_GOOD, BETTER_LITTLE):
        return "Prefer the simpler model."
    needed = ruling.rows_needed
    rows = (
        ""
        if needed is None or ruling.is_of_few
        else f"If they are equally good, about {needed:,} test rows would be needed to show it. "
    )
    return f"{rows}If in doubt, take the simpler model."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
