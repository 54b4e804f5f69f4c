"""What is asked of a model, and so how it is judged: two classes, several, or a number.

A task turns a target into what can be compared, asks a model for its answer, and knows what is
simpler than a network (`baselines`), how answers are judged, and what follows from the comparison.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd

from thalweg.data.labels import of_one_kind
from thalweg.data.names import listed
from thalweg.errors import DataError
from thalweg.evaluation.judging.baselines import (
    BASELINES,
    COMMONER,
    COMMONEST,
    LOGISTIC,
    OF_CLASSES,
    RIDGE,
    RidgeBehindEncoder,
)
from thalweg.evaluation.judging.classes import (
    ClassesJudgement,
    checked_classes,
    judge_classes,
    log_losses,
)
from thalweg.evaluation.judging.comparison import LOG_LOSS, Comparison, compare, metric_of
from thalweg.evaluation.judging.curves import curves
from thalweg.evaluation.judging.intervals import Estimate, paired_mean
from thalweg.evaluation.judging.measures import Measure, measure_of
from thalweg.evaluation.judging.metrics import Judgement, judge, paired_difference
from thalweg.evaluation.judging.sentences import conclusion, constant_answer, worst_class
from thalweg.evaluation.judging.values import (
    ValuesJudgement,
    judge_values,
    residuals,
)
from thalweg.wording import counted, parameter

AnyJudgement = Judgement | ClassesJudgement | ValuesJudgement
Judgements = Mapping[str, AnyJudgement]
Comparisons = Mapping[str, Comparison]


class Shown(Protocol):
    """Counts for pictures."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""


class Task(Protocol):
    """A kind of question."""

    @property
    def name(self) -> str:
        """``binary``, ``multiclass`` or ``regression``."""

    def of(self, model: Any) -> "Task":
        """The task as a fitted model was taught it: of numbers, by the loss of its own."""

    def strata(self, y: np.ndarray) -> np.ndarray:
        """What splits keep in proportion, shape (n_samples,)."""

    def truth(self, y: np.ndarray) -> np.ndarray:
        """The target as it is compared, shape (n_samples,)."""

    def ask(self, model: Any, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """The answer of a fitted model."""

    def baselines(self) -> Mapping[str, Any]:
        """Classes with ``fit(X, truth, weights)``, by name."""

    def ask_baseline(self, baseline: Any, X: np.ndarray) -> np.ndarray:
        """The answer of a fitted baseline."""

    def judge(
        self,
        truth: np.ndarray,
        answer: np.ndarray,
        model: Any,
        seed: int,
        folds: np.ndarray | None = None,
    ) -> AnyJudgement:
        """The judgement of an answer, called by the rule of the model that was trained.

        With ``folds`` each of them was answered by a model of its own.

        The rule goes by what mistakes cost, and is the same for the answers of the model and of
        its baselines.
        """

    @property
    def measure(self) -> str:
        """What is compared, in words: ``log-loss``, or of numbers the loss of the model."""

    def difference(self, truth: np.ndarray, a: np.ndarray, b: np.ndarray, seed: int) -> Estimate:
        """By how much the measure of answer a exceeds that of b, paired."""

    def shown(self, truth: np.ndarray, answer: np.ndarray) -> Shown | None:
        """Counts for pictures."""

    def facts(self) -> dict[str, Any]:
        """What a verdict says of the task."""

    def sentence(self, judged: Any, baselines: Judgements, against: Comparisons) -> str:
        """What follows from a network, its baselines, and what they show beside each other."""


@dataclass(frozen=True)
class TwoClasses:
    """Whether a row is of the positive class."""

    positive: Any
    negative: Any
    name: str = "binary"
    measure: str = LOG_LOSS

    def of(self, model: Any) -> Task:
        """The same, whatever the model."""
        del model
        return self

    def strata(self, y: np.ndarray) -> np.ndarray:
        """The labels."""
        return y

    def truth(self, y: np.ndarray) -> np.ndarray:
        """Whether each row is of the positive class."""
        return np.asarray(y == self.positive)

    def ask(self, model: Any, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """What a fitted model gives to the class that is looked for, shape (n_samples,)."""
        column = list(model.classes_).index(self.positive)
        return np.asarray(model.predict_proba(X))[:, column]

    def baselines(self) -> Mapping[str, Any]:
        """Logistic regression, and the commoner class."""
        return BASELINES

    def ask_baseline(self, baseline: Any, X: np.ndarray) -> np.ndarray:
        """The probability of the positive class."""
        return np.asarray(baseline.predict_positive(X))

    def judge(
        self,
        truth: np.ndarray,
        answer: np.ndarray,
        model: Any,
        seed: int,
        folds: np.ndarray | None = None,
    ) -> Judgement:
        """At the model's threshold; at one half, if it has none."""
        threshold = getattr(model, "threshold_", None)
        threshold = 0.5 if threshold is None else threshold
        return judge(truth, answer, threshold=threshold, seed=seed, folds=folds)

    def difference(self, truth: np.ndarray, a: np.ndarray, b: np.ndarray, seed: int) -> Estimate:
        """Of log-loss."""
        return paired_difference(truth, a, b, seed)

    def shown(self, truth: np.ndarray, answer: np.ndarray) -> Shown:
        """Counts at every threshold."""
        return curves(truth, answer)

    def facts(self) -> dict[str, Any]:
        """The names of the classes."""
        return {"positive": str(self.positive), "negative": str(self.negative)}

    def sentence(self, judged: Any, baselines: Judgements, against: Comparisons) -> str:
        """What the comparisons mean."""
        names = (str(self.positive), str(self.negative))
        constant = (constant_answer(COMMONER, baselines, names), against[COMMONER])
        return conclusion(judged, (LOGISTIC, against[LOGISTIC]), constant)


@dataclass(frozen=True, eq=False)
class SeveralClasses:
    """Which of several classes a row is of."""

    labels: np.ndarray
    name: str = "multiclass"
    measure: str = LOG_LOSS

    def of(self, model: Any) -> Task:
        """The same, whatever the model."""
        del model
        return self

    @cached_property
    def _names(self) -> list[str]:
        return [str(label) for label in self.labels.tolist()]

    def strata(self, y: np.ndarray) -> np.ndarray:
        """The labels."""
        return y

    def truth(self, y: np.ndarray) -> np.ndarray:
        """The place of each label."""
        known = np.isin(y, self.labels)
        if not known.all():
            row = int(np.argmin(known))
            raise DataError(
                f'The label "{y[row]}" is none of the classes',
                where=f"row {row + 1}",
                fix=f"they are {', '.join(self._names)[:200]}",
            )
        return np.searchsorted(self.labels, y)

    def ask(self, model: Any, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """Probabilities, columns in the order of the labels; 0 for a class not learned."""
        given = np.asarray(model.predict_proba(X))
        found = np.zeros((len(given), len(self.labels)))
        found[:, np.searchsorted(self.labels, model.classes_)] = given
        return found

    def baselines(self) -> Mapping[str, Any]:
        """Logistic regression (softmax), and the commonest class."""
        return OF_CLASSES

    def ask_baseline(self, baseline: Any, X: np.ndarray) -> np.ndarray:
        """Probabilities, columns in the order of the labels."""
        return np.asarray(baseline.predict_proba(X, len(self.labels)))

    def judge(
        self,
        truth: np.ndarray,
        answer: np.ndarray,
        model: Any,
        seed: int,
        folds: np.ndarray | None = None,
    ) -> ClassesJudgement:
        """The class of the largest cost times probability is called."""
        own = getattr(getattr(model, "_classes", None), "costs", None)
        if own is None:
            return judge_classes(truth, answer, seed=seed, folds=folds)
        costs = np.ones(len(self.labels))
        costs[np.searchsorted(self.labels, model.classes_)] = own
        return judge_classes(truth, answer, costs, seed=seed, folds=folds)

    def difference(self, truth: np.ndarray, a: np.ndarray, b: np.ndarray, seed: int) -> Estimate:
        """Of log-loss."""
        truth, a = checked_classes(truth, a)
        _, b = checked_classes(truth, b)
        return paired_mean(log_losses(truth, a), log_losses(truth, b), seed)

    def shown(self, truth: np.ndarray, answer: np.ndarray) -> None:
        """The confusion matrix is shown, and it is in the judgement."""

    def facts(self) -> dict[str, Any]:
        """The names of the classes."""
        return {"classes": self._names}

    def sentence(self, judged: Any, baselines: Judgements, against: Comparisons) -> str:
        """What the comparisons mean, and which class is found worst."""
        constant = (constant_answer(COMMONEST, baselines, self._names), against[COMMONEST])
        said = conclusion(judged, (LOGISTIC, against[LOGISTIC]), constant)
        return f"{said} {worst_class(judged, self._names)}".strip()


@dataclass(frozen=True)
class Numbers:
    """How much it is.

    Parameters
    ----------
    own : Measure
        The loss that the model descended on; RMSE, where no model is known.
    name : str
    """

    own: Measure = field(default_factory=Measure)
    name: str = "regression"

    def of(self, model: Any) -> Task:
        """Judged by the loss of the model."""
        return Numbers(measure_of(model))

    @property
    def measure(self) -> str:
        """The loss of the model in words."""
        return self.own.name

    def strata(self, y: np.ndarray) -> np.ndarray:
        """All rows are of one class."""
        return np.full(len(y), "any")

    def truth(self, y: np.ndarray) -> np.ndarray:
        """The numbers."""
        return np.asarray(y, dtype=np.float64)

    def ask(self, model: Any, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """What the model predicts."""
        return np.asarray(model.predict(X), dtype=np.float64)

    def baselines(self) -> Mapping[str, Any]:
        """Ridge regression, and the constant with the lowest loss on the training part."""
        return {RIDGE: RidgeBehindEncoder, **dict([self.own.best_constant()])}

    def ask_baseline(self, baseline: Any, X: np.ndarray) -> np.ndarray:
        """What it predicts."""
        return np.asarray(baseline.predict(X))

    def judge(
        self,
        truth: np.ndarray,
        answer: np.ndarray,
        model: Any,
        seed: int,
        folds: np.ndarray | None = None,
    ) -> ValuesJudgement:
        """RMSE, MAE and R², and the model's own loss where it is none of these."""
        del model, folds
        judged = judge_values(truth, answer, seed=seed)
        if self.own.key in judged.metrics:
            return judged
        own = {self.own.key: self.own.value(truth, answer, seed)}
        return replace(judged, metrics=judged.metrics | own)

    def difference(self, truth: np.ndarray, a: np.ndarray, b: np.ndarray, seed: int) -> Estimate:
        """Of the model's own loss."""
        return self.own.difference(truth, a, b, seed)

    def shown(self, truth: np.ndarray, answer: np.ndarray) -> Shown:
        """Counts by true and predicted value."""
        return residuals(truth, answer)

    def facts(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def sentence(self, judged: Any, baselines: Judgements, against: Comparisons) -> str:
        """What the comparisons mean."""
        del baselines
        name, _ = self.own.best_constant()
        always = name.replace("always", "always answering")
        return conclusion(judged, (RIDGE, against[RIDGE]), (always, against[name]))


def compared(
    task: Task, against: Mapping[str, Estimate], judged: Judgements, truth: np.ndarray
) -> dict[str, Comparison]:
    """What is shown of a network beside each baseline.

    Parameters
    ----------
    task : Task
    against : mapping of str to Estimate
        The difference (network minus baseline) of the task's measure, by the baseline's name.
    judged : mapping of str to judgement
        Of each baseline.
    truth : ndarray, shape (n_rows,)
        Of the rows that were judged.
    """
    counts = np.bincount(truth.astype(np.intp)).tolist() if task.measure == LOG_LOSS else []
    metric, n_rows = metric_of(task.measure), len(truth)
    return {
        name: compare(task.measure, difference, judged[name].metrics[metric].value, n_rows, counts)
        for name, difference in against.items()
    }


def task_of(y: np.ndarray, positive: object = None, *, regression: bool = False) -> Task:
    """The task of a target.

    Parameters
    ----------
    y : ndarray, shape (n_samples,)
    positive : label, optional
        Of two classes the one that is looked for; the last in sorted order, if not named.
    regression : bool, default False
        Whether the target is a number.
    """
    if regression:
        return Numbers()
    labels = np.unique(of_one_kind(y))
    if len(labels) == 2:
        positive = labels[1] if positive is None else positive
        return TwoClasses(positive, other_class(y, positive))
    if len(labels) < 2 or positive is not None:
        other_class(y, positive)
    return SeveralClasses(labels)


def other_class(y: np.ndarray, positive: object) -> object:
    """The other one of two classes; a DataError where there are not two, or not this one."""
    classes = np.unique(of_one_kind(y)).tolist()
    named = listed(map(str, classes), 6)
    if len(classes) > 2 and positive is not None:
        raise DataError(
            f"A positive class is named, and the target has {len(classes):,} different values",
            where=named,
            why="Of two classes one is the positive one; of more, or of a number, none is",
            fix=f"leave out {parameter('positive')}",
        )
    if len(classes) != 2:
        raise DataError(
            f"The target has {counted(len(classes), 'class', 'classes')}, "
            "and the judgement needs two",
            where=named,
            fix="keep the rows of two classes, or choose another target",
        )
    if positive not in classes:
        raise DataError(
            f'The positive class "{positive}" is not in the target',
            fix=f"choose one of {named}",
        )
    return classes[1 - classes.index(positive)]
