"""Conclusions in words: whether a network is better than its baselines, and what to do."""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from thalweg.evaluation.comparing.margin_rule import Ruling
from thalweg.evaluation.comparing.ruling_sentences import (
    as_rows_of_equal_weight,
    beside,
    beside_constant,
    beside_trees,
)
from thalweg.evaluation.judging.informative_rows import FEWEST_ROWS
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.judging.multiclass_metrics import ClassesJudgement
from thalweg.evaluation.judging.shapes import ClassesData, TwoClassesData
from thalweg.evaluation.judging.two_class_metrics import Judgement
from thalweg.wording import amount, counted, in_quotes


class Evaluated(Protocol):
    """What a conclusion needs of an evaluation: its rows, and its metrics."""

    @property
    def n_samples(self) -> int:
        """The rows."""

    @property
    def n_effective(self) -> float | None:
        """Their effective number, where they have weights."""

    @property
    def metrics(self) -> Mapping[str, Estimate]:
        """The metrics by their keys."""


def conclusion(
    network: Evaluated,
    simpler: tuple[str, Ruling],
    constant: tuple[str, Ruling],
    trees: Ruling | None = None,
) -> str:
    """How good a network is, compared with a simpler model, boosted trees and a constant answer.

    Parameters
    ----------
    network : Evaluated
        Such as a Judgement, a ClassesJudgement or a ValuesJudgement.
    simpler : (str, Ruling)
        The name of the simpler model, such as ``"ridge regression"``, and the comparison with it.
    constant : (str, Ruling)
        The constant answer in words, such as ``"always answering the mean"``, and the comparison.
    trees : Ruling, optional
        The comparison with boosted trees, if there were enough rows for them.
    """
    best, of_grades = _best(simpler[1], constant), "grade_mae" in network.metrics
    said = [
        *cannot_judge(network.n_samples, network.n_effective),
        beside(*simpler, network.n_samples, best, of_grades=of_grades),
    ]
    if "log_loss" in network.metrics and np.isinf(network.metrics["log_loss"].value):
        said.append(
            f"CAUTION: {simpler[1].subject} gave a wrong answer with certainty (a probability of "
            "exactly 0 or 1), so its log-loss is infinite."
        )
    if trees is not None:
        said.append(beside_trees(trees, network.n_samples))
    return " ".join([*said, beside_constant(*constant)])


def _best(simpler: Ruling, constant: tuple[str, Ruling]) -> str | None:
    """The constant answer, if it did better on these rows than the simpler model; else None."""
    answer, found = constant
    if found.measure != simpler.measure:
        return None
    # Both differences are those of the network from the other one.
    ahead = found.difference.value - simpler.difference.value
    return answer if (ahead < 0 if found.more_is_better else ahead > 0) else None


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
    baselines: Mapping[str, object],
    classes: Sequence[str],
) -> str:
    """A constant answer in words: probabilities, and the class that they predict.

    It is compared by its log-loss, so it does not answer with a class alone. With costs, the class
    need not be the most common one; in folds, it need not be the same class.

    Parameters
    ----------
    name : str
        The key of the baseline.
    baselines : mapping of str to judgement
    classes : sequence of str
        The positive one first if there are two.
    """
    judged = baselines[name]
    assert isinstance(judged, Judgement | ClassesJudgement)
    return constant_words(judged.as_dict(), classes)


def mean_of_simpler(simpler: str, constant: str) -> str:
    """That a linear model predicts the mean, beside one that predicts a median or a quantile.

    Parameters
    ----------
    simpler : str
        The linear model, such as "ridge regression".
    constant : str
        The name of the constant answer of the same loss, such as "always the 0.9 quantile".
    """
    statistic = constant.removeprefix("always the ")
    if statistic != "median" and not statistic.endswith("quantile"):
        return ""
    return f"{simpler.capitalize()} predicts the mean, and not the {statistic}."


def constant_words(judged: TwoClassesData | ClassesData, classes: Sequence[str]) -> str:
    """As `constant_answer`, from the evaluation of the constant answer as plain data."""
    found = only_called(judged, classes)
    what = "a constant probability" if len(classes) == 2 else "constant probabilities"
    return what if found is None else f"{what} (each row is called {in_quotes(found)})"


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
    worst = f"Worst recognised is {in_quotes(names[k])}"
    if network.n_effective is not None:
        return f"{worst}: {100 * recall:.0f} % of its rows by weight."
    mean = "" if float(found_rows).is_integer() else "on average "
    of_rows = f"{mean}{amount(found_rows)} of {counted(round(-rows), 'row')}"
    return f"{worst}: {of_rows}."
