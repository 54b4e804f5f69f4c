"""How a model is evaluated for each task: predictions, metrics, baselines, conclusion.

A task knows how to compare a target with predictions, how to ask a model for predictions, and which
baselines it has.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Protocol

import numpy as np
import pandas as pd

from thalweg.data.column_names import listed
from thalweg.data.label_types import default_positive, of_one_kind
from thalweg.data.typing import Label
from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.dependent_rows import group_codes, independent_number
from thalweg.evaluation.judging.baselines import (
    Baseline,
    commoner_class,
    commonest_class,
    logistic_regression,
    ridge_regression,
    softmax_regression,
)
from thalweg.evaluation.judging.comparison_rule import LOG_LOSS, Comparison, compare, metric_of
from thalweg.evaluation.judging.conclusion_sentences import conclusion, constant_answer, worst_class
from thalweg.evaluation.judging.informative_rows import FEWEST_ROWS, weighted_rows_that_tell
from thalweg.evaluation.judging.intervals import Estimate, paired_mean
from thalweg.evaluation.judging.multiclass_metrics import (
    ClassesJudgement,
    checked_classes,
    judge_classes,
    log_losses,
)
from thalweg.evaluation.judging.regression_loss import Measure, measure_of, measure_of_all
from thalweg.evaluation.judging.regression_metrics import (
    Residuals,
    ValuesJudgement,
    judge_values,
    residuals,
)
from thalweg.evaluation.judging.threshold_curves import Curves, curves
from thalweg.evaluation.judging.two_class_metrics import Judgement, judge, paired_difference
from thalweg.evaluation.model_protocol import JudgedModel, class_model
from thalweg.evaluation.task_kinds import ONE_NUMBER, SEVERAL_CLASSES, TWO_CLASSES, TaskKind
from thalweg.wording import counted, parameter

AnyJudgement = Judgement | ClassesJudgement | ValuesJudgement
Judgements = Mapping[str, AnyJudgement]
Comparisons = Mapping[str, Comparison]
Pictures = Curves | Residuals


class Task(Protocol):
    """Classification with known classes, or regression."""

    @property
    def kind(self) -> TaskKind:
        """Its row in the table of tasks."""

    def of(self, model: JudgedModel) -> "Task":
        """The task for a fitted model: in regression, the model is evaluated by its own loss."""

    def truth(self, y: np.ndarray) -> np.ndarray:
        """The target in the form that predictions are compared with, shape (n_samples,)."""

    def ask(self, model: JudgedModel, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """The predictions of a fitted model."""

    def baselines(self) -> Mapping[str, Baseline]:
        """The baselines by name."""

    def judge(
        self, rows: Answers, model: JudgedModel | None, *, seed: int, constant: bool = False
    ) -> AnyJudgement:
        """Evaluate predictions, with the decision rule of the trained model.

        The rule depends on what mistakes cost. It is the same for the predictions of the model and
        of its baselines. ``seed`` is that of the bootstrap. ``constant`` says that the model
        answers the same for every row (of a fold).
        """

    @property
    def measure(self) -> str:
        """What is compared, in words: ``log-loss``, or in regression the loss of the model."""

    def difference(self, a: Answers, b: Answers, seed: int) -> Estimate:
        """By how much the measure of predictions a exceeds that of b for the same rows, paired."""

    def shown(self, rows: Answers) -> Pictures | None:
        """Counts for pictures."""

    def facts(self) -> dict[str, str | list[str]]:
        """The keys with which a verdict names the classes."""

    def sentence(self, judged: AnyJudgement, baselines: Judgements, against: Comparisons) -> str:
        """The conclusion in words, from a network, its baselines and the comparisons."""


@dataclass(frozen=True)
class TwoClasses:
    """Whether a row is of the positive class."""

    positive: Label
    negative: Label
    kind: TaskKind = TWO_CLASSES
    measure: str = LOG_LOSS

    def of(self, model: JudgedModel) -> Task:
        """The same, whatever the model."""
        del model
        return self

    def truth(self, y: np.ndarray) -> np.ndarray:
        """Whether each row is of the positive class."""
        return np.asarray(y == self.positive)

    def ask(self, model: JudgedModel, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """The predicted probability of the positive class, shape (n_samples,)."""
        asked = class_model(model)
        column = list(asked.classes_).index(self.positive)
        return np.asarray(asked.predict_proba(X))[:, column]

    def baselines(self) -> Mapping[str, Baseline]:
        """Logistic regression, and the more common class."""
        return {self.kind.rival: logistic_regression, self.kind.constant: commoner_class}

    def judge(
        self, rows: Answers, model: JudgedModel | None, *, seed: int, constant: bool = False
    ) -> Judgement:
        """At the threshold of the model, or 0.5 if it has none."""
        del constant
        threshold = getattr(model, "threshold_", None)
        threshold = 0.5 if threshold is None else threshold
        return judge(
            rows.truth, rows.answer, rows.in_rows(), threshold=threshold, seed=seed,
            folds=rows.folds, groups=rows.groups,
        )  # fmt: skip

    def difference(self, a: Answers, b: Answers, seed: int) -> Estimate:
        """Of log-loss."""
        return paired_difference(a.truth, a.answer, b.answer, seed, a.in_rows(), a.groups)

    def shown(self, rows: Answers) -> Curves:
        """Counts at every threshold."""
        return curves(rows.truth, rows.answer, rows.in_rows())

    def facts(self) -> dict[str, str | list[str]]:
        """The names of the classes."""
        return {"positive": str(self.positive), "negative": str(self.negative)}

    def sentence(self, judged: AnyJudgement, baselines: Judgements, against: Comparisons) -> str:
        """What the comparisons mean."""
        always, rival = self.kind.constant, self.kind.rival
        constant = constant_answer(always, baselines, (str(self.positive), str(self.negative)))
        return conclusion(judged, (rival, against[rival]), (constant, against[always]))


@dataclass(frozen=True, eq=False)
class SeveralClasses:
    """Which of several classes a row has."""

    labels: np.ndarray
    kind: TaskKind = SEVERAL_CLASSES
    measure: str = LOG_LOSS

    def of(self, model: JudgedModel) -> Task:
        """The same, whatever the model."""
        del model
        return self

    @cached_property
    def _names(self) -> list[str]:
        return [str(label) for label in self.labels.tolist()]

    def truth(self, y: np.ndarray) -> np.ndarray:
        """The index of each label."""
        known = np.isin(y, self.labels)
        if not known.all():
            row = int(np.argmin(known))
            raise DataError(
                f'The label "{y[row]}" is not one of the classes',
                where=f"row {row + 1}",
                fix=f"use one of {', '.join(self._names)[:200]}",
            )
        return np.searchsorted(self.labels, y)

    def ask(self, model: JudgedModel, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """Probabilities, in the order of the labels; 0 for a class the model was not fitted on."""
        asked = class_model(model)
        given = np.asarray(asked.predict_proba(X))
        found = np.zeros((len(given), len(self.labels)))
        found[:, np.searchsorted(self.labels, asked.classes_)] = given
        return found

    def baselines(self) -> Mapping[str, Baseline]:
        """Logistic regression (softmax), and the most common class."""
        n_classes = len(self.labels)
        return {
            self.kind.rival: partial(softmax_regression, n_classes=n_classes),
            self.kind.constant: partial(commonest_class, n_classes=n_classes),
        }

    def judge(
        self, rows: Answers, model: JudgedModel | None, *, seed: int, constant: bool = False
    ) -> ClassesJudgement:
        """The class with the largest cost times probability is predicted."""
        costs, own = None, getattr(getattr(model, "_classes", None), "costs", None)
        if own is not None:
            costs = np.ones(len(self.labels))
            costs[np.searchsorted(self.labels, getattr(model, "classes_", ()))] = own
        return judge_classes(
            rows.truth, rows.answer, costs, rows.in_rows(), seed=seed, folds=rows.folds,
            groups=rows.groups, constant=constant,
        )  # fmt: skip

    def difference(self, a: Answers, b: Answers, seed: int) -> Estimate:
        """Of log-loss."""
        truth, of_a = checked_classes(a.truth, a.answer)
        _, of_b = checked_classes(b.truth, b.answer)
        of_a, of_b = (log_losses(truth, each) for each in (of_a, of_b))
        return paired_mean(of_a, of_b, seed, a.in_rows(), a.groups)

    def shown(self, rows: Answers) -> None:
        """None: the confusion matrix is shown, which is part of the evaluation."""

    def facts(self) -> dict[str, str | list[str]]:
        """The names of the classes."""
        return {"classes": self._names}

    def sentence(self, judged: AnyJudgement, baselines: Judgements, against: Comparisons) -> str:
        """What the comparisons mean, and which class is recognised worst."""
        assert isinstance(judged, ClassesJudgement)
        always, rival = self.kind.constant, self.kind.rival
        constant = constant_answer(always, baselines, self._names)
        said = conclusion(judged, (rival, against[rival]), (constant, against[always]))
        return f"{said} {worst_class(judged, self._names)}".strip()


@dataclass(frozen=True)
class OneNumber:
    """Regression.

    Parameters
    ----------
    own : Measure
        The loss of the model; RMSE if no model is known.
    kind : TaskKind
    """

    own: Measure = field(default_factory=Measure)
    kind: TaskKind = ONE_NUMBER

    def of(self, model: JudgedModel) -> Task:
        """Evaluated by the loss of the model."""
        return OneNumber(measure_of(model))

    @property
    def measure(self) -> str:
        """The loss of the model in words."""
        return self.own.name

    def truth(self, y: np.ndarray) -> np.ndarray:
        """The numbers."""
        return np.asarray(y, dtype=np.float64)

    def ask(self, model: JudgedModel, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """The predictions of the model."""
        return np.asarray(model.predict(X), dtype=np.float64)

    def baselines(self) -> Mapping[str, Baseline]:
        """Ridge regression, and the constant with the lowest loss on the training rows."""
        return {self.kind.rival: ridge_regression, **dict([self.own.best_constant()])}

    def judge(
        self, rows: Answers, model: JudgedModel | None, *, seed: int, constant: bool = False
    ) -> ValuesJudgement:
        """RMSE, MAE and R², and the loss of the model if it is none of these."""
        del model, constant
        weights = rows.in_rows()
        judged = judge_values(rows.truth, rows.answer, weights, seed=seed, groups=rows.groups)
        if self.own.key in judged.metrics:
            return judged
        own = self.own.value(rows.truth, rows.answer, seed, weights, rows.groups)
        return replace(judged, metrics=judged.metrics | {self.own.key: own})

    def difference(self, a: Answers, b: Answers, seed: int) -> Estimate:
        """Of the loss of the model."""
        return self.own.difference(a.truth, a.answer, b.answer, seed, a.in_rows(), a.groups)

    def shown(self, rows: Answers) -> Residuals:
        """Counts by true and predicted value."""
        return residuals(rows.truth, rows.answer, rows.in_rows())

    def facts(self) -> dict[str, str | list[str]]:
        """Nothing."""
        return {}

    def sentence(self, judged: AnyJudgement, baselines: Judgements, against: Comparisons) -> str:
        """What the comparisons mean."""
        del baselines
        name, _ = self.own.best_constant()
        always = name.replace("always", "always answering")
        rival = self.kind.rival
        return conclusion(judged, (rival, against[rival]), (always, against[name]))


def task_of_all(tasks: Sequence[Task]) -> Task:
    """The task for what several models predicted, from the task of each (`Task.of`)."""
    own = [task.own for task in tasks if isinstance(task, OneNumber)]
    return OneNumber(measure_of_all(own)) if own else tasks[-1]


def compared(
    task: Task,
    against: Mapping[str, Estimate],
    judged: Judgements,
    rows: Answers,
    n_different: float = math.inf,
) -> dict[str, Comparison]:
    """Compare a network with each baseline.

    Parameters
    ----------
    task : Task
    against : mapping of str to Estimate
        The difference (network minus baseline) of the task's measure, by the baseline's name.
    judged : mapping of str to judgement
        The evaluation of each baseline.
    rows : Answers
        Of the test rows; their targets count.
    n_different : float, optional
        How many of them differ, where equal rows are never split.
    """
    weights, n_effective, counts = rows.in_rows(), rows.effective_n, []
    weighted = None if weights is None else (n_effective, n_effective)
    if task.measure == LOG_LOSS:
        codes = rows.truth.astype(np.intp)
        counts = np.bincount(codes, weights).tolist()
        if weights is not None:
            weighted = weighted_rows_that_tell(codes, weights), n_effective
    metric, n_rows = metric_of(task.measure), len(rows)
    n_groups = independent_number(n_rows, weights, group_codes(rows.groups))
    if n_groups < min(n_rows, FEWEST_ROWS):  # so few groups show no difference
        weighted = (math.inf if weighted is None else weighted[0]), n_groups
    values = {name: judged[name].metrics[metric].value for name in against}
    return {
        name: compare(task.measure, found, values[name], n_rows, counts, n_different, weighted)
        for name, found in against.items()
    }


def task_of(y: np.ndarray, positive: Label | None = None, *, regression: bool = False) -> Task:
    """The task of a target.

    Parameters
    ----------
    y : ndarray, shape (n_samples,)
    positive : label, optional
        The positive one of two classes; that of `default_positive`, if not named.
    regression : bool, default False
        Whether the target is a number.
    """
    if regression:
        return OneNumber()
    labels = np.unique(of_one_kind(y))
    if len(labels) == 2:
        positive = default_positive(list(labels))[0] if positive is None else positive
        return two_classes(y, positive)
    if len(labels) < 2 or positive is not None:
        other_class(y, positive)
    return SeveralClasses(labels)


def two_classes(y: np.ndarray, positive: Label | None) -> TwoClasses:
    """The task of two classes with a positive one; raises the errors of `other_class`."""
    negative = other_class(y, positive)
    assert positive is not None
    return TwoClasses(positive, negative)


def other_class(y: np.ndarray, positive: Label | None) -> Label:
    """The other one of two classes.

    Raises
    ------
    DataError
        If there are not two classes, or ``positive`` is not one of them.
    """
    classes: list[Label] = np.unique(of_one_kind(y)).tolist()
    named = listed(map(str, classes), 6)
    if len(classes) > 2 and positive is not None:
        raise DataError(
            f"A positive class is named, but the target has {len(classes):,} different values",
            where=named,
            why="Only a target of two classes has a positive class",
            fix=f"leave out {parameter('positive')}",
        )
    if len(classes) != 2:
        raise DataError(
            f"The target has {counted(len(classes), 'class', 'classes')}, "
            "and the evaluation needs two",
            where=named,
            fix="keep the rows of two classes, or choose another target",
        )
    if positive not in classes:
        raise DataError(
            f'The positive class "{positive}" is not in the target',
            fix=f"choose one of {named}",
        )
    return classes[1 - classes.index(positive)]
