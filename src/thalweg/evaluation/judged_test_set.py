"""Evaluate a model and its baselines on held-out test rows, which the model has not seen."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import cast

import numpy as np
import pandas as pd

from thalweg.data.canonical_rows import row_groups
from thalweg.data.dates.time_windows import TimeOrder
from thalweg.data.typing import Label
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.any_estimator.decided_labels import decided_labels
from thalweg.evaluation.comparing.compared_answers import compare_answers
from thalweg.evaluation.comparing.margin_rule import Ruling, require_margin
from thalweg.evaluation.judged_table import NETWORK, JudgedTable, said_of_weights
from thalweg.evaluation.judging.conclusion_sentences import cannot_judge_alike, different_rows
from thalweg.evaluation.judging.informative_rows import FEWEST_ROWS
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.model_protocol import JudgedModel, fitted_model, rulings_of, subject_fact
from thalweg.evaluation.task_judging import (
    AnyJudgement,
    Judgements,
    Pictures,
    Rulings,
    Task,
    two_classes,
)
from thalweg.wording import counted


@dataclass(frozen=True)
class Verdict:
    """A network and its baselines, evaluated on the same rows.

    Parameters
    ----------
    task : str
        Its name in `thalweg.evaluation.task_kinds.TASKS`.
    how : str
        How test rows were separated from training rows, as the beginning of a sentence.
    n_train, n_test : int
    network : Judgement, ClassesJudgement or ValuesJudgement
    baselines : dict of str to the same
        On the same rows, with the same decision rule: the threshold or the costs of the network.
    differences : dict of str to Ruling
        The network compared with each baseline.
    sentence : str
        The conclusion in words.
    facts : dict
        The classes as text: ``positive`` and ``negative``, or ``classes``; empty for regression.
    shown : Curves, Residuals or None
        Counts for pictures; None after cross-validation.
    answered : tuple of mapping of str to Answers
        The answers of the network (as `NETWORK`) and of each baseline, for each repetition.
    places : ndarray of int or None
        The row of the given table that each answer of the first repetition is for.
    taught : tuple of ndarray of int
        The training rows of each fold, for each repetition of cross-validation.
    n_different : float
        How many of the test rows differ, where equal ones are never split.
    """

    task: str
    how: str
    n_train: int
    n_test: int
    network: AnyJudgement
    baselines: dict[str, AnyJudgement]
    differences: dict[str, Ruling]
    sentence: str
    facts: dict[str, str | list[str]] = field(default_factory=dict)
    shown: Pictures | None = field(default=None, compare=False)
    answered: tuple[Mapping[str, Answers], ...] = field(default=(), compare=False, repr=False)
    places: np.ndarray | None = field(default=None, compare=False, repr=False)
    taught: tuple[np.ndarray, ...] = field(default=(), compare=False, repr=False)
    n_different: float = field(default=math.inf, compare=False, repr=False)

    @property
    def answers(self) -> Answers:
        """The answers of the network, in the first repetition."""
        return self.answered[0][NETWORK]

    @property
    def others(self) -> dict[str, Answers]:
        """The answers of each baseline for the same rows."""
        return {name: each for name, each in self.answered[0].items() if name != NETWORK}

    def as_dict(self) -> VerdictData:
        """The verdict as plain data for JSON, without the counts for pictures."""
        return plain_verdict(
            self.task,
            self.how,
            self.facts,
            self.network,
            self.sentence,
            baselines=self.baselines,
            differences=self.differences,
            sizes={"n_train": self.n_train, "n_test": self.n_test},
        )


def plain_verdict(
    task: str,
    how: str,
    facts: Mapping[str, str | list[str]],
    network: AnyJudgement,
    sentence: str,
    *,
    baselines: Judgements = MappingProxyType({}),
    differences: Rulings = MappingProxyType({}),
    sizes: Mapping[str, int] = MappingProxyType({}),
) -> VerdictData:
    """A verdict as plain data; that of a saved model has no ``n_train`` and no baselines.

    Parameters
    ----------
    task, how, facts, network, sentence, baselines, differences
        As in `Verdict`.
    sizes : mapping of str to int
        ``n_train``, where it is known, and ``n_test``.
    """
    plain = {
        "task": task,
        "how": how,
        **sizes,
        **facts,
        "network": network.as_dict(),
        "baselines": {name: judged.as_dict() for name, judged in baselines.items()},
        "differences": {name: each.as_dict() for name, each in differences.items()},
        "sentence": sentence,
    }
    # The task decides which of the shapes it is; a test checks this for every task.
    return cast(VerdictData, plain)


def judge_on_holdout(
    model: JudgedModel,
    X: pd.DataFrame,
    y: np.ndarray,
    *,
    positive: Label | None = None,
    task: Task | None = None,
    seed: int,
    fraction: float = 0.2,
    matrix: np.ndarray,
    n_levels: Sequence[int] = (),
    groups: np.ndarray | None = None,
    times: TimeOrder | None = None,
    sample_weight: np.ndarray | None = None,
    margin: float | None = None,
    trees: bool = True,
    strata: np.ndarray | None = None,
    on_test: Callable[[JudgedModel, np.ndarray], None] = lambda model, test: None,
) -> Verdict:
    """Fit a model on one part of a table, and evaluate it and the baselines on the rest.

    Parameters
    ----------
    model : JudgedModel: is fitted in place, on the training rows only
    X, y : pandas.DataFrame, shape (n_samples, n_features), and ndarray, shape (n_samples,)
        The table as the model takes it; class labels, or numbers.
    positive, task : label and Task, optional
        The positive class, or the task if it is not two classes (`task_judging.task_of`).
    seed, fraction : the seed of the split and of the intervals; the share of test rows, 0.2
    matrix, n_levels : ndarray of float64, shape (n_samples, n_features), and sequence of int
        The same table as numbers, NaN where one is missing; how many levels each column has, or 0.
    groups, times : ndarray of shape (n_samples,) and TimeOrder, optional
        Rows of one group are never split; the latest rows are held out: here, and inside the fit.
    sample_weight : ndarray of float, shape (n_samples,), optional
        For the fit, the baselines and the metrics. A whole-number weight is so many equal rows.
    margin, trees : ``asked`` of `margin_rule.margin_of`; whether boosted trees are a baseline
    strata : ndarray of shape (n_samples,), optional: what the split balances; default: classes
    on_test : callable: is called with the fitted model and the positions of the test rows

    Raises
    ------
    SettingsError, DataError
        As in `holdout_split`, `other_class`, `answers_of` and `require_margin`.
    """
    require_margin(margin)
    task = task or two_classes(y, positive)
    table = JudgedTable.of(X, y, matrix, n_levels, groups, times, sample_weight)
    strata, truth = table.strata_of(task, strata), task.truth(table.y)
    train, test = split = table.holdout(strata, fraction, seed)
    table, no_trees = table.with_trees(task, [split], wanted=trees)
    table.fit(model, train)
    on_test(model := fitted_model(model), table.places(test))
    task = task.of(model)
    asked = table.answers(truth[test], table.predictions(task, model, truth, train, test), test)
    how, caution = _how(table, train, test, fraction)
    n_different = table.n_cases(test)
    caution = caution or _of_few_different(strata, table, test, n_different)
    verdict = _verdict(task, model, asked, table.n_rows(train), seed, how, n_different, margin)
    said = " ".join(part for part in (verdict.sentence, no_trees, caution) if part)
    return replace(verdict, sentence=said, answered=(asked,), places=table.places_of_answers(test))


def _of_few_different(
    strata: np.ndarray, table: JudgedTable, test: np.ndarray, n_different: int
) -> str:
    """A caution where few of the test rows differ; else ""."""
    if n_different >= FEWEST_ROWS:
        return ""
    alike = row_groups(table.matrix)  # equal rows have one number
    # The fix has to work: each fold needs different rows of each class.
    most = min(len(np.unique(alike[strata == label])) for label in np.unique(strata))
    folds = f" and --folds {most}" if most < 5 else ""
    fix = f"cross-validate over all rows, with thalweg evaluate{folds}"
    if len(np.unique(alike)) < FEWEST_ROWS:
        fix = "add a column in which the rows differ"
    return cannot_judge_alike(table.n_rows(test), n_different, fix)


def _how(
    table: JudgedTable, train: np.ndarray, test: np.ndarray, fraction: float
) -> tuple[str, str]:
    """How the test rows were separated, and a caution or nothing."""
    n_train, n_test = table.n_rows(train), table.n_rows(test)
    share = n_test / (n_train + n_test)
    if table.times is not None:
        first = table.times.text(float(table.times.values[test].min()))
        return (
            f"Trained on {counted(n_train, 'row')}, evaluated on the latest {n_test:,} "
            f"({100 * share:.0f} % of the rows), from {first} on"
        ), ""
    if table.groups is None:
        return f"Trained on {counted(n_train, 'row')}, evaluated on {n_test:,} held out", ""
    taught, asked = (len(np.unique(table.groups[rows])) for rows in (train, test))
    how = f"Trained on {counted(n_train, 'row')} of {counted(taught, 'group')}, "
    how += f"evaluated on {n_test:,} of {counted(asked, 'other')}"
    return how, _of_few_groups(share, fraction, taught, asked)


def _of_few_groups(share: float, fraction: float, taught: int, asked: int) -> str:
    """A caution with its fix where groups make a poor test set; else ""."""
    faults = []
    if not fraction / 2 <= share <= min(2 * fraction, 1 - (1 - fraction) / 2):
        faults.append(
            f"the test set has {100 * share:.0f} % of the rows and not {100 * fraction:.0f} %, "
            "because groups are not split"
        )
    if asked == 1:
        faults.append("all test rows are of one group, and say nothing about other groups")
    if not faults:
        return ""
    return (
        f"CAUTION: {'; '.join(faults)}. Fix: cross-validate over the groups, with thalweg "
        f"evaluate, the same --group and --folds {min(5, taught + asked)}."
    )


def _verdict(
    task: Task,
    model: JudgedModel,
    asked: Mapping[str, Answers],
    n_train: int,
    seed: int,
    how: str,
    n_different: int,
    margin: float | None,
) -> Verdict:
    """The predictions of a model and of the baselines, evaluated."""
    judged = {
        name: decided_labels(task, rows, model, seed=seed, constant=name == task.kind.constant)
        for name, rows in asked.items()
    }
    network, ours = judged.pop(NETWORK), asked[NETWORK]
    against = {
        name: compare_answers(
            task, [(ours, asked[name])], margin=margin, seed=seed, n_different=n_different
        )
        for name in judged
    }
    differences = rulings_of(model, against)
    return Verdict(
        task=task.kind.name,
        how=how + different_rows(len(ours), n_different) + said_of_weights(ours),
        n_train=n_train,
        n_test=len(ours),
        network=network,
        baselines=judged,
        differences=differences,
        sentence=task.sentence(network, judged, differences),
        facts={**task.facts(), **subject_fact(model)},
        shown=task.shown(ours),
        n_different=n_different,
    )
