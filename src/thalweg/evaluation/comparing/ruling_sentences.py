"""What a comparison with a margin shows, in sentences made from its numbers."""

import math
from collections.abc import Sequence

from thalweg.evaluation.comparing.margin_rule import (
    BETTER,
    BETTER_LITTLE,
    EQUIVALENT,
    UNDECIDED,
    WORSE,
    WORSE_LITTLE,
    Ruling,
)
from thalweg.evaluation.comparing.paired_differences import POWER
from thalweg.evaluation.judging.informative_rows import FEWEST_ROWS
from thalweg.evaluation.task_kinds import (
    LOG_LOSS,
    LOGISTIC,
    OWN_LOSS,
    RIDGE,
    RMSE,
    THE_NETWORK,
    TREES,
)
from thalweg.wording import amount, counted, effective_text, even, fixed, with_article

# What gives the simpler models. The penalty of the ridge regression beside a network is chosen by
# leave-one-out; that of the command is 1, or what --alpha says.
_COMMANDS = {
    LOGISTIC: "thalweg fit TABLE --estimator logistic",
    RIDGE: "thalweg fit TABLE --estimator ridge, whose --alpha is 1 if you give none",
}
# The command takes no --loss, and so gives what was compared with another loss, if --loss is left
# out. Of rates (only a deviance has them) and of several quantiles it makes nothing of the kind.
_WITHOUT_LOSS = (
    "thalweg fit TABLE --estimator ridge without --loss, whose --alpha is 1 if you give none"
)
_OF_GRADES = "thalweg fit TABLE --estimator logistic without --loss and --grades"
_OTHER_ADVICE = {
    "deviance": f"{_WITHOUT_LOSS}; with --exposure or --offset no command makes it",
    "pinball loss over all levels": "ridge regression, with the quantiles of its errors; no "
    "command makes it",
}

# What rows are called; those of unknown origin are rows.
_KINDS = {
    "test": "test row",
    "cross-validated": "cross-validated row",
    "out-of-fold": "out-of-fold row",
    "training": "training row",
}


def beside(
    simpler: str, found: Ruling, n_rows: int, best: str | None = None, *, of_grades: bool = False
) -> str:
    """A model compared with a simpler one: the result, the numbers, and what to do.

    Parameters
    ----------
    simpler : str
        The name of the simpler model, inside a sentence.
    found : Ruling
    n_rows : int
        The number of test rows.
    best : str, optional
        A constant answer whose measure is better than those of both: then neither is advised.
    of_grades : bool
        Whether the model is one of grades, which the simpler model knows as classes.
    """
    if found.subject == simpler:
        return _itself(simpler, found, _rows(n_rows, found))
    said = f"{_finding(simpler, found, n_rows)} {_advice(simpler, found, best, of_grades)}".strip()
    if found.verdict == WORSE:
        return f"CAUTION: {said[:1].lower()}{said[1:]}"
    return f"CAUTION: {said}" if found.verdict == WORSE_LITTLE else said


def beside_trees(found: Ruling, n_rows: int) -> str:
    """A model compared with boosted trees, which are no simpler model: the result and numbers."""
    said = _finding(TREES, found, n_rows)
    if found.verdict != WORSE:
        return said
    return f"{said} Consider them: scikit-learn has them (HistGradientBoosting)."


def beside_another(other: str, found: Ruling, n_rows: int) -> str:
    """A model compared with any other one: the result and the numbers."""
    return _finding(other, found, n_rows)


def beside_constant(answer: str, found: Ruling) -> str:
    """A model compared with a constant answer, which any model should beat."""
    who = found.subject
    ends = f"95 % interval of the difference of {found.measure}: {_interval(found)}"
    if found.verdict == BETTER:
        return f"{capital(who)} is better than {answer}."
    if found.verdict == BETTER_LITTLE:
        little = f"but by less than the margin of {margin(found, answer)}"
        return f"CAUTION: {who} is better than {answer}, {little} ({ends})."
    if found.verdict in (WORSE, WORSE_LITTLE):
        return f"CAUTION: {answer} is better than {who} ({ends})."
    if found.verdict == EQUIVALENT:
        limit = f"margin {margin(found, answer)}"
        return f"CAUTION: for practical purposes, {answer} is as good as {who} ({ends}; {limit})."
    if found.is_of_few or math.isnan(found.difference.value) or not _has_ends(found):
        return f"CAUTION: no difference from {answer} is shown."
    return f"CAUTION: no difference from {answer} is shown ({ends})."


def _itself(simpler: str, found: Ruling, rows: str) -> str:
    """What is known of a model that is the simpler model; none is better than itself."""
    said = f"This model is {simpler} itself, and no network"
    if math.isnan(found.difference.value):
        return f"{said}."
    chosen = ", whose penalty is chosen by leave-one-out," if simpler == RIDGE else ""
    size = _size(found)
    ends = f" (95 % interval of the difference: {_interval(found)})" if _has_ends(found) else ""
    return (
        f"{said}: on {rows}, its {found.measure} and that of the {simpler} beside it{chosen} "
        f"differ by {size}{ends}."
    )


def _finding(other: str, found: Ruling, n_rows: int) -> str:
    """Which one is better, by how much, what the 90 % interval excludes, and the probabilities."""
    who, rows = found.subject, _rows(n_rows, found)
    if found.verdict in (BETTER, BETTER_LITTLE):
        said = f"{capital(who)} is better than {other} on {rows}: its{_by(found)}."
    elif found.verdict in (WORSE, WORSE_LITTLE):
        are, its = ("are", "their") if other == TREES else ("is", "its")
        said = f"{capital(other)} {are} better than {who} on {rows}: {its}{_by(found)}."
    elif found.verdict == EQUIVALENT:
        said = (
            f"For practical purposes, {who} and {other} are equally good on {rows}: "
            f"{_beyond(found)}, and the 90 % interval of that difference, {_at_90(found)}, is "
            f"within the margin of {margin(found, other)}{_method(found)}."
        )
    else:
        said = _undecided(other, found, n_rows)
    return " ".join(part for part in (said, _little(other, found), _chances(found, other)) if part)


def _undecided(other: str, found: Ruling, n_rows: int) -> str:
    do, are = ("does" if n_rows == 1 else "do"), ("are" if other == TREES else "is")
    which = f"whether {found.subject} or {other} {are} better"
    opening = f"{capital(_rows(n_rows, found))} {do} not show {which}"
    if found.is_of_few:
        return f"{opening}: {too_few(found, n_rows)}."
    if math.isnan(found.difference.value):
        return (
            f"{opening}: both had an infinite {found.measure} in a row, and infinities cannot be "
            "compared."
        )
    if not _has_ends(found):
        return (
            f"{opening}: {_beyond(found)}, but the differences of the folds are all the same or "
            "infinite, so they do not show how sure this is."
        )
    return (
        f"{opening}: {_beyond(found)} (95 % interval of that difference: {_interval(found)}"
        f"{_method(found)}). {_not_excluded(other, found)}"
    )


def _not_excluded(other: str, found: Ruling) -> str:
    """Which differences of the margin the 90 % interval does not exclude."""
    at_90, limit = found.difference.at_90, found.margin.value
    lower, higher = not at_90.low >= -limit, not at_90.high <= limit
    size = margin(found, other)
    if lower and higher:
        return f"A difference of {size} or more in either direction is not excluded."
    side = "higher" if higher else "lower"
    measure = with_article(found.measure)
    return f"A{measure[1:]} that is {side} by {size} or more is not excluded."


def _little(other: str, found: Ruling) -> str:
    if found.verdict not in (BETTER_LITTLE, WORSE_LITTLE):
        return ""
    return (
        f"That is less than matters: the 90 % interval, {_at_90(found)}, is within the margin of "
        f"{margin(found, other)}."
    )


def _chances(found: Ruling, other: str) -> str:
    if found.chances is None or found.is_of_few:
        return ""
    size, chances = margin(found, other), found.chances
    return (
        f"The probability that {found.subject} is better by more than {size} is "
        f"{_share(chances.better)}, worse by more than that {_share(chances.worse)}, practically "
        f"equal {_share(chances.equal)}."
    )


def _share(probability: float) -> str:
    """A probability that is never rounded to 0 or 1."""
    if 0 < probability < 0.005:
        return "below 0.01"
    return "above 0.99" if 0.995 <= probability < 1 else f"{probability:.2f}"


def _command(simpler: str, found: Ruling, of_grades: bool) -> str:
    """What makes the simpler model, in brackets; or what it was, if no command makes it."""
    # A command of thalweg is no help to the owner of another program's model.
    if simpler not in _COMMANDS or found.subject != THE_NETWORK:
        return ""
    if simpler == LOGISTIC:
        return f" ({_OF_GRADES if of_grades else _COMMANDS[LOGISTIC]})"
    for part, what in _OTHER_ADVICE.items():
        if part in found.measure:
            return f" ({what})"
    if found.measure == OWN_LOSS:
        return f" ({_WITHOUT_LOSS.replace('--loss', '--loss-formula')})"
    return f" ({_COMMANDS[RIDGE] if found.measure == RMSE else _WITHOUT_LOSS})"


def _advice(simpler: str, found: Ruling, best: str | None, of_grades: bool) -> str:
    command = _command(simpler, found, of_grades)
    if found.verdict == BETTER:
        return ""
    if found.verdict == WORSE and best is not None:
        side = "higher" if found.more_is_better else "lower"
        return (
            f"But the {found.measure} of {best} is {side} than those of both, so these rows "
            "support neither. Find out what went wrong."
        )
    if found.verdict == WORSE:
        return f"Use {simpler}{command}, or find out what went wrong."
    if found.verdict != UNDECIDED:
        return f"Prefer the simpler model{command}."
    needed = None if found.is_of_few else found.rows_needed
    rows = (
        ""
        if needed is None
        else f"If they are equally good, about {needed:,} test rows would show with a probability "
        f"of {100 * POWER:.0f} % that they differ by less than {margin(found, simpler)}. "
    )
    return f"{rows}If in doubt, take the simpler model{command}."


def too_few(found: Ruling, n_rows: int) -> str:
    """Why the rows of a ruling are too few for any verdict."""
    if n_rows < FEWEST_ROWS:
        return f"fewer than {FEWEST_ROWS} rows cannot show it"
    if found.n_different < FEWEST_ROWS:
        return f"fewer than {FEWEST_ROWS} different rows cannot show it"
    if found.n_effective < FEWEST_ROWS:
        alike = as_rows_of_equal_weight(found.n_effective)
        return f"they count {alike}, and fewer than {FEWEST_ROWS} cannot show it"
    if found.n_groups < FEWEST_ROWS:
        groups = amount(found.n_groups, 2)
        unit = "group" if groups == "1" else "groups"
        return f"they count as {groups} {unit}, and fewer than {FEWEST_ROWS} cannot show it"
    n_telling = round(found.n_telling)
    of_them = f"only {counted(n_telling, 'row is', 'rows are')}" if n_telling else "no row is"
    other = "of another class than the most common"
    return f"{of_them} {other}, and fewer than {FEWEST_ROWS} such rows cannot show it"


def as_rows_of_equal_weight(n_effective: float) -> str:
    """Kish's effective number of weighted rows in words: ``as 83 rows of equal weight``."""
    number_of_rows = effective_text(n_effective)
    return f"as {number_of_rows} row{'' if number_of_rows == '1' else 's'} of equal weight"


def margin(found: Ruling, other: str) -> str:
    """The margin in words: ``0.01 nats``, ``6 (1 % of the RMSE of ridge regression)``."""
    if found.measure == LOG_LOSS:
        less = " (5 % of what there is to know)" if found.is_narrow else ""
        return f"{found.margin.value:.2g} nats{less}"
    size = number(found.measure, found.margin.value)
    if found.margin.share is None:
        return size
    return f"{size} ({amount(100 * found.margin.share)} % of the {found.measure} of {other})"


def number(measure: str, size: float) -> str:
    """A size in the units of a measure: four decimals of log-loss, four digits of an RMSE."""
    if measure == LOG_LOSS:
        return f"{size:.4f}"
    return amount(size)


def numbers(measure: str, sizes: Sequence[float]) -> list[str]:
    """Sizes in the units of a measure, with the same number of decimals."""
    if measure == LOG_LOSS:
        return fixed(sizes, 4)
    return even(sizes)


def signed(measure: str, sizes: Sequence[float]) -> list[str]:
    """Differences in the units of a measure, with their signs."""
    said = numbers(measure, [abs(size) for size in sizes])
    return [f"{'-' if size < 0 else '+'}{text}" for size, text in zip(sizes, said, strict=True)]


def capital(words: str) -> str:
    """The words at the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def _rows(n_rows: int, found: Ruling) -> str:
    kind = _KINDS.get(found.how, "row")
    return f"these {counted(n_rows, kind)}" if n_rows != 1 else f"this one {kind}"


def _method(found: Ruling) -> str:
    """How intervals of folds are made, behind them; "" for those of rows."""
    if found.n_folds is None:
        return ""
    return f", corrected resampled t over {found.n_folds:,} folds"


def _by(found: Ruling) -> str:
    """By how much the measure of the better one differs; without a number if it is infinite."""
    side = "higher" if found.more_is_better else "lower"
    ends = sorted(abs(end) for end in (found.difference.at_95.low, found.difference.at_95.high))
    size, low, high = _above_0(found.measure, [abs(found.difference.value), *ends])
    if math.isinf(found.difference.value):
        return (
            f" {found.measure} is {side}, since the other one is infinite (95 % interval {low} to "
            f"{high})"
        )
    interval = f"95 % interval {low} to {high}{_method(found)}"
    return f" {found.measure} is {side} by {size} ({interval})"


def _above_0(measure: str, sizes: Sequence[float]) -> list[str]:
    """An estimate and the ends of an interval without 0, which must not be rounded to 0."""
    said = numbers(measure, sizes)
    if not any(
        size and float(text.replace(",", "")) == 0 for size, text in zip(sizes, said, strict=True)
    ):
        return said
    said = even(sizes, 2)
    return [
        amount(size, 2) if size and float(text.replace(",", "")) == 0 else text
        for size, text in zip(sizes, said, strict=True)
    ]


def _beyond(found: Ruling) -> str:
    """The measure of the model beside that of the other one: ``its log-loss is 0.002 lower``."""
    who = found.subject
    its = f"{who}'s {found.measure}" if not who.endswith("s") else f"the {found.measure} of {who}"
    value = found.difference.value
    if value == 0:
        return f"{its} is the same"
    size = "infinitely" if math.isinf(value) else _size(found)
    return f"{its} is {size} {'higher' if value > 0 else 'lower'}"


def _all(found: Ruling) -> list[str]:
    """The difference, and the ends of its intervals at 95 % and at 90 %."""
    its = found.difference
    ends = (its.at_95.low, its.at_95.high, its.at_90.low, its.at_90.high)
    return signed(found.measure, (its.value, *ends))


def _size(found: Ruling) -> str:
    return _all(found)[0][1:]


def _interval(found: Ruling) -> str:
    return " to ".join(_all(found)[1:3])


def _at_90(found: Ruling) -> str:
    return " to ".join(_all(found)[3:])


def _has_ends(found: Ruling) -> bool:
    return not (math.isnan(found.difference.at_95.low) or math.isnan(found.difference.at_95.high))
