"""How a model is evaluated for each task: predictions, metrics, baselines, conclusion.

A task knows how to compare a target with predictions, how to ask a model for predictions, and which
baselines it has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Protocol

import numpy as np
import pandas as pd

from thalweg.data.label_types import default_positive, of_one_kind, other_class
from thalweg.data.typing import Label
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.comparing.margin_rule import Ruling
from thalweg.evaluation.comparing.paired_differences import (
    PairedDifference,
)
from thalweg.evaluation.comparing.paired_differences import (
    paired_difference as difference_of_rows,
)
from thalweg.evaluation.judging.baselines import (
    Baseline,
    commoner_class,
    commonest_class,
    logistic_regression,
    ridge_regression,
    softmax_regression,
)
from thalweg.evaluation.judging.boosted_trees import (
    boosted_classes,
    boosted_numbers,
    boosted_two_classes,
)
from thalweg.evaluation.judging.conclusion_sentences import (
    conclusion,
    constant_answer,
    mean_of_simpler,
    worst_class,
)
from thalweg.evaluation.judging.intervals import sorted_with
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
from thalweg.evaluation.judging.two_class_metrics import (
    Judgement,
    checked_rows,
    judge,
    log_losses_of_two,
    paired_difference,
)
from thalweg.evaluation.model_protocol import JudgedModel, class_model
from thalweg.evaluation.quantiles.level_metrics import Fan, QuantilesJudgement
from thalweg.evaluation.quantiles.level_task import SeveralQuantiles
from thalweg.evaluation.quantiles.levels_of_loss import levels_of_model
from thalweg.evaluation.rates.last_step import require_one_loss
from thalweg.evaluation.task_kinds import (
    LOG_LOSS,
    ONE_NUMBER,
    SEVERAL_CLASSES,
    TREES,
    TWO_CLASSES,
    TaskKind,
)

AnyJudgement = Judgement | ClassesJudgement | ValuesJudgement | QuantilesJudgement
Judgements = Mapping[str, AnyJudgement]
Rulings = Mapping[str, Ruling]
Pictures = Curves | Residuals | Fan


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

    def difference(self, a: Answers, b: Answers, seed: int) -> PairedDifference:
        """By how much the measure of predictions a exceeds that of b for the same rows, paired."""

    def alone(self, rows: Answers) -> float:
        """The measure without an interval."""

    def shown(self, rows: Answers) -> Pictures | None:
        """Counts for pictures."""

    def facts(self) -> dict[str, str | list[str]]:
        """The keys with which a verdict names the classes."""

    def sentence(self, judged: AnyJudgement, baselines: Judgements, against: Rulings) -> str:
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
        """Logistic regression, boosted trees, and the more common class."""
        return {
            self.kind.rival: logistic_regression,
            TREES: boosted_two_classes,
            self.kind.constant: commoner_class,
        }

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

    def difference(self, a: Answers, b: Answers, seed: int) -> PairedDifference:
        """Of log-loss."""
        return paired_difference(a.truth, a.answer, b.answer, seed, a.in_rows(), a.groups)

    def alone(self, rows: Answers) -> float:
        """The log-loss."""
        return _mean(log_losses_of_two(*checked_rows(rows.truth, rows.answer)), rows)

    def shown(self, rows: Answers) -> Curves:
        """Counts at every threshold."""
        return curves(rows.truth, rows.answer, rows.in_rows())

    def facts(self) -> dict[str, str | list[str]]:
        """The names of the classes."""
        return {"positive": str(self.positive), "negative": str(self.negative)}

    def sentence(self, judged: AnyJudgement, baselines: Judgements, against: Rulings) -> str:
        """What the comparisons mean."""
        always, rival, trees = self.kind.constant, self.kind.rival, against.get(TREES)
        constant = constant_answer(always, baselines, (str(self.positive), str(self.negative)))
        return conclusion(judged, (rival, against[rival]), (constant, against[always]), trees)


@dataclass(frozen=True, eq=False)
class SeveralClasses:
    """Which of several classes a row has."""

    labels: np.ndarray
    kind: TaskKind = SEVERAL_CLASSES
    measure: str = LOG_LOSS
    ranks: np.ndarray | None = None

    def of(self, model: JudgedModel) -> Task:
        """With the order of the labels, if the model knows that they are grades."""
        order = getattr(getattr(model, "_classes", None), "order", None)
        if order is None or set(order.tolist()) != set(self.labels.tolist()):
            return self
        places = {label: place for place, label in enumerate(order.tolist())}
        ranks = np.array([places[label] for label in self.labels.tolist()], np.intp)
        return replace(self, ranks=ranks)

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
        """Logistic regression (softmax), boosted trees, and the most common class."""
        n_classes = len(self.labels)
        return {
            self.kind.rival: partial(softmax_regression, n_classes=n_classes),
            TREES: partial(boosted_classes, n_classes=n_classes),
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
            groups=rows.groups, constant=constant, ranks=self.ranks,
        )  # fmt: skip

    def difference(self, a: Answers, b: Answers, seed: int) -> PairedDifference:
        """Of log-loss."""
        of_a, of_b = (log_losses(*checked_classes(a.truth, each.answer)) for each in (a, b))
        return difference_of_rows(of_a, of_b, seed, a.in_rows(), a.groups)

    def alone(self, rows: Answers) -> float:
        """The log-loss."""
        return _mean(log_losses(*checked_classes(rows.truth, rows.answer)), rows)

    def shown(self, rows: Answers) -> None:
        """None: the confusion matrix is shown, which is part of the evaluation."""

    def facts(self) -> dict[str, str | list[str]]:
        """The names of the classes, and of grades their order."""
        if self.ranks is None:
            return {"classes": self._names}
        return {"classes": self._names, "grades": [self._names[k] for k in np.argsort(self.ranks)]}

    def sentence(self, judged: AnyJudgement, baselines: Judgements, against: Rulings) -> str:
        """What the comparisons mean, and which class is recognised worst."""
        assert isinstance(judged, ClassesJudgement)
        always, rival, trees = self.kind.constant, self.kind.rival, against.get(TREES)
        constant = constant_answer(always, baselines, self._names)
        said = conclusion(judged, (rival, against[rival]), (constant, against[always]), trees)
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
        """Evaluated by the loss that a person named, or by that of the model."""
        if levels := levels_of_model(model):
            if self.own.named:
                raise SettingsError(
                    f"{self.measure} is for one number, and the model predicts several quantiles",
                    fix="leave out loss: they are evaluated by their own",
                )
            return SeveralQuantiles(levels)
        return self if self.own.named else OneNumber(measure_of(model))

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
        """Ridge regression, boosted trees, and the constant with the lowest training loss."""
        trees = partial(boosted_numbers, loss=self.own.key, level=self.own.constant)
        return {
            self.kind.rival: ridge_regression, TREES: trees, **dict([self.own.best_constant()])
        }  # fmt: skip

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

    def difference(self, a: Answers, b: Answers, seed: int) -> PairedDifference:
        """Of the loss of the model."""
        return self.own.difference(a.truth, a.answer, b.answer, seed, a.in_rows(), a.groups)

    def alone(self, rows: Answers) -> float:
        """The loss of the model."""
        return self.own.alone(rows.truth, rows.answer, rows.in_rows())

    def shown(self, rows: Answers) -> Residuals:
        """Counts by true and predicted value."""
        return residuals(rows.truth, rows.answer, rows.in_rows())

    def facts(self) -> dict[str, str | list[str]]:
        """Nothing."""
        return {}

    def sentence(self, judged: AnyJudgement, baselines: Judgements, against: Rulings) -> str:
        """What the comparisons mean."""
        del baselines
        name, _ = self.own.best_constant()
        always = name.replace("always", "always answering")
        rival, trees = self.kind.rival, against.get(TREES)
        said = conclusion(judged, (rival, against[rival]), (always, against[name]), trees)
        return " ".join(part for part in (said, mean_of_simpler(rival, name)) if part)


def _mean(losses: np.ndarray, rows: Answers) -> float:
    """The mean loss by weight, the same for every order of the rows."""
    losses, weights, _ = sorted_with(losses, rows.in_rows())
    return float(np.average(losses, weights=weights))


def task_of_all(tasks: Sequence[Task]) -> Task:
    """The task for what several models predicted, from the task of each (`Task.of`)."""
    own = [task.own for task in tasks if isinstance(task, OneNumber)]
    if own:
        require_one_loss({each.name for each in own})
        return OneNumber(measure_of_all(own))
    graded = [task for task in tasks if isinstance(task, SeveralClasses) and task.ranks is not None]
    return [*tasks, *graded][-1]


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
