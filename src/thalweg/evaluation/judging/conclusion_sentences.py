"""Conclusions in words: whether a network is better than its baselines, and what to do."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from thalweg.evaluation.judging.comparison_rule import (
    AS_GOOD,
    BETTER,
    LOG_LOSS,
    WORSE,
    Comparison,
)
from thalweg.evaluation.judging.informative_rows import FEWEST_ROWS
from thalweg.evaluation.judging.multiclass_metrics import ClassesJudgement
from thalweg.evaluation.judging.regression_metrics import ValuesJudgement
from thalweg.evaluation.judging.shapes import ClassesData, TwoClassesData
from thalweg.evaluation.judging.two_class_metrics import Judgement
from thalweg.evaluation.task_kinds import LOGISTIC, RIDGE
from thalweg.wording import amount, counted

# What gives the simpler models. The penalty of the ridge regression beside a network is chosen by
# leave-one-out; that of the command is 1, or what --alpha says.
_COMMANDS = {
    LOGISTIC: "thalweg fit TABLE --estimator logistic",
    RIDGE: "thalweg fit TABLE --estimator ridge, whose --alpha is 1 if you give none",
}


def conclusion(
    network: Judgement | ClassesJudgement | ValuesJudgement,
    simpler: tuple[str, Comparison],
    constant: tuple[str, Comparison],
) -> str:
    """How good a network is, compared with a simpler model and with a constant answer.

    Parameters
    ----------
    network : Judgement, ClassesJudgement or ValuesJudgement
    simpler : (str, Comparison)
        The name of the simpler model, such as ``"ridge regression"``, and the comparison with it.
    constant : (str, Comparison)
        The constant answer in words, such as ``"always answering the mean"``, and the comparison.
    """
    said = [
        *cannot_judge(network.n_samples, network.n_effective),
        beside(*simpler, network.n_samples),
    ]
    if "log_loss" in network.metrics and np.isinf(network.metrics["log_loss"].value):
        said.append(
            f"CAUTION: {simpler[1].subject} gave a wrong answer with certainty (a probability of "
            "exactly 0 or 1), so its log-loss is infinite."
        )
    return " ".join([*said, _beside_constant(*constant)])


def cannot_judge(n_rows: int, n_effective: float | None = None) -> list[str]:
    """That so few rows cannot judge a model, as a sentence; nothing if they are enough.

    ``n_effective`` is their effective number, where they have weights.
    """
    if min(n_rows, n_rows if n_effective is None else n_effective) >= FEWEST_ROWS:
        return []
    alike = "" if n_effective is None else f" that count {as_rows_of_equal_weight(n_effective)}"
    return [
        f"CAUTION: {counted(n_rows, 'test row')}{alike} cannot judge a model, whatever the "
        "numbers say, and intervals from so few rows are too narrow."
    ]


def as_rows_of_equal_weight(n_effective: float) -> str:
    """Kish's effective number of weighted rows in words: ``as 83 rows of equal weight``."""
    number_of_rows = amount(n_effective, 2) if n_effective < 10 else f"{whole_rows(n_effective):,}"
    return f"as {number_of_rows} row{'' if number_of_rows == '1' else 's'} of equal weight"


def whole_rows(n_effective: float) -> int:
    """An effective number of rows in words: rounded down, so that no limit seems to be reached."""
    return math.floor(n_effective + 1e-9)


def different_rows(n_rows: int, n_different: int) -> str:
    """How many of the test rows differ, where most do not, behind the number of all; else ""."""
    if n_different >= n_rows or (n_different >= FEWEST_ROWS and 3 * n_different >= n_rows):
        return ""
    return f" ({_alike(n_different)}; equal rows stay together)"


def _alike(n_different: int) -> str:
    return "all equal" if n_different == 1 else f"only {counted(n_different, 'different row')}"


def cannot_judge_alike(n_rows: int, n_different: int, fix: str) -> str:
    """That test rows with so few different ones cannot judge a model; "" if they are enough."""
    if n_different >= FEWEST_ROWS or n_rows < FEWEST_ROWS:
        return ""
    return (
        f"CAUTION: these {n_rows:,} test rows are {_alike(n_different)}, as equal rows are never "
        "split. They cannot judge a model, whatever the numbers say, and the intervals are too "
        f"narrow, because they count every row. Fix: {fix}."
    )


def constant_answer(
    name: str,
    baselines: Mapping[str, Judgement | ClassesJudgement | ValuesJudgement],
    classes: Sequence[str],
) -> str:
    """A constant answer in words: the class that it predicts under the decision rule.

    With costs, it need not be the most common class; in folds, it need not be the same class.

    Parameters
    ----------
    name : str
        The key of the baseline.
    baselines : mapping of str to judgement
    classes : sequence of str
        The positive one first if there are two.
    """
    judged = baselines[name]
    assert not isinstance(judged, ValuesJudgement)
    found = only_called(judged.as_dict(), classes)
    return "a constant answer" if found is None else f'always answering "{found}"'


def only_called(judged: TwoClassesData | ClassesData, classes: Sequence[str]) -> str | None:
    """The class that was predicted for every row, or None; from an evaluation as plain data."""
    counts = judged["confusion"]
    if isinstance(counts, list):
        called = [sum(column) for column in zip(*counts, strict=True)]
    else:
        called = [
            counts["true_positive"] + counts["false_positive"],
            counts["true_negative"] + counts["false_negative"],
        ]
    of_all = (k for k, n_rows in enumerate(called) if n_rows == sum(called))
    place = next(of_all, None)
    return None if place is None else classes[place]


def worst_class(network: ClassesJudgement, names: Sequence[str]) -> str:
    """A sentence about the class with the lowest recall; empty if all rows are recognised.

    Of several such classes, the one with the most rows.
    """
    found = [(each.value, -sum(network.confusion[k]), k) for k, each in enumerate(network.recall)]
    recall, rows, k = min(each for each in found if not math.isnan(each[0]))
    if recall == 1:
        return ""
    found_rows = network.confusion[k][k]  # in cross-validation the mean over the repetitions
    if network.n_effective is not None:
        return f'Worst recognised is "{names[k]}": {100 * recall:.0f} % of its rows by weight.'
    mean = "" if float(found_rows).is_integer() else "on average "
    of_rows = f"{mean}{amount(found_rows)} of {counted(round(-rows), 'row')}"
    return f'Worst recognised is "{names[k]}": {of_rows}.'


def beside(simpler: str, found: Comparison, n_rows: int) -> str:
    """The network compared with a simpler model: the result, the numbers, and what to do."""
    measure, name, who = found.measure, _capital(simpler), found.subject
    rows = f"these {counted(n_rows, 'test row')}" if n_rows != 1 else "this one test row"
    if who == simpler:
        return _itself(simpler, found, rows)
    if found.comparison == BETTER:
        return (
            f"{_capital(who)} is better than {simpler} on {rows}: its {measure} is lower"
            f"{_by(found)}.{_little(found)}"
        )
    if found.comparison == WORSE:
        return (
            f"CAUTION: {simpler} is better than {who} on {rows}: its {measure} is lower"
            f"{_by(found)}.{_little(found)} Use {simpler}{_command(simpler)}, or find out what "
            "went wrong."
        )
    its = f"{who}'s {measure}" if not who.endswith("s") else f"the {measure} of {who}"
    beyond = f"{its} is {_side(found)}"
    if found.comparison == AS_GOOD:
        return (
            f"{name} is as good as {who} on {rows}: {beyond}, and the 95 % interval of "
            f"that difference, {_interval(found)}, lies within the margin of {margin(found)}. "
            f"Prefer the simpler model{_command(simpler)}."
        )
    if found.is_of_few:
        why = _too_few(found, n_rows)
    elif math.isnan(found.difference.value):
        why = (
            f"both {who} and {simpler} were certain of a wrong answer, and infinite "
            f"{measure}es cannot be compared"
        )
    else:
        why = (
            f"{beyond}, and the 95 % interval of that difference, {_interval(found)}, holds 0 "
            f"and reaches beyond the margin of {margin(found)}"
        )
    return f"No difference shown by {rows} between {who} and {simpler}: {why}."


def _itself(simpler: str, found: Comparison, rows: str) -> str:
    """What is known of a model that is the simpler model; none is better than itself."""
    said = f"This model is {simpler} itself, and no network"
    if math.isnan(found.difference.value):
        return f"{said}."
    chosen = ", whose penalty is chosen by leave-one-out," if simpler == RIDGE else ""
    size = number(found.measure, abs(found.difference.value))
    return (
        f"{said}: on {rows}, its {found.measure} and that of the {simpler} beside it{chosen} "
        f"differ by {size} (95 % interval of the difference: {_interval(found)})."
    )


def _command(simpler: str) -> str:
    """The command that gives a simpler model, in brackets; "" if there is none."""
    return f" ({_COMMANDS[simpler]})" if simpler in _COMMANDS else ""


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def margin(found: Comparison) -> str:
    """The margin in words: ``0.01 nats``."""
    if found.measure == LOG_LOSS:
        less = " (5 % of what there is to know)" if found.is_narrow else ""
        return f"{found.margin:.2g} nats{less}"
    return f"{number(found.measure, found.margin)} (1 % of the simpler model's {found.measure})"


def number(measure: str, size: float) -> str:
    """A size in the units of a measure: four decimals of log-loss, four digits of an RMSE."""
    if measure == LOG_LOSS:
        return f"{size:.4f}"
    return amount(size)


def _beside_constant(answer: str, found: Comparison) -> str:
    """The network compared with a constant answer, which any model should beat."""
    if found.comparison == BETTER:
        return f"{_capital(found.subject)} is better than {answer}."
    ends = f"95 % interval of the difference of {found.measure}: {_interval(found)}"
    if found.comparison == WORSE:
        return f"CAUTION: {answer} is better than {found.subject} ({ends})."
    if found.comparison == AS_GOOD:
        return f"CAUTION: {answer} is as good as {found.subject} ({ends}; margin {margin(found)})."
    if found.is_of_few or math.isnan(found.difference.value):
        return f"CAUTION: no difference from {answer} is shown."
    return f"CAUTION: no difference from {answer} is shown ({ends})."


def _too_few(found: Comparison, n_rows: int) -> str:
    if n_rows < FEWEST_ROWS:
        return f"fewer than {FEWEST_ROWS} rows cannot show one"
    if found.n_different < FEWEST_ROWS:
        return f"fewer than {FEWEST_ROWS} different rows cannot show one"
    if found.n_effective < FEWEST_ROWS:
        alike = as_rows_of_equal_weight(found.n_effective)
        return f"they count {alike}, and fewer than {FEWEST_ROWS} cannot show one"
    n_telling = round(found.n_telling)
    of_them = f"only {counted(n_telling, 'row is', 'rows are')}" if n_telling else "no row is"
    other = "of another class than the most common"
    return f"{of_them} {other}, and fewer than {FEWEST_ROWS} such rows cannot show one"


def _by(found: Comparison) -> str:
    """By how much the measure of the better one is lower; without a number if it is infinite."""
    ends = sorted(abs(end) for end in (found.difference.low, found.difference.high))
    low, high = (number(found.measure, end) for end in ends)
    if math.isinf(found.difference.value):
        return f", since the other one is infinite (95 % interval {low} to {high})"
    return (
        f" by {number(found.measure, abs(found.difference.value))} (95 % interval {low} to {high})"
    )


def _little(found: Comparison) -> str:
    if not found.is_within_margin:
        return ""
    return f" That is little: the interval lies within the margin of {margin(found)}."


def _side(found: Comparison) -> str:
    value = found.difference.value
    if value == 0:
        return "the same"
    size = "infinitely" if math.isinf(value) else number(found.measure, abs(value))
    return f"{size} {'higher' if value > 0 else 'lower'}"


def _interval(found: Comparison) -> str:
    return " to ".join(
        f"{'-' if end < 0 else '+'}{number(found.measure, abs(end))}"
        for end in (found.difference.low, found.difference.high)
    )
