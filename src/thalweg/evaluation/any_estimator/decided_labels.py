"""The labels that a model decides for: those of `predict`, and the threshold that explains them.

A model may call rows positive at another threshold than 0.5: its own, that of scikit-learn's
``FixedThresholdClassifier`` or ``TunedThresholdClassifierCV``, or that of the last step of a
pipeline. It is looked for in the model, and proven by `predict` on the evaluated rows. Where no
threshold explains `predict`, the labels count themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from thalweg.data.typing import Label
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.judging.multiclass_metrics import ClassesJudgement
from thalweg.evaluation.judging.two_class_metrics import Judgement
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.evaluation.task_judging import AnyJudgement, SeveralClasses, Task, TwoClasses
from thalweg.wording import amount, counted

# The metrics of several classes that depend on the predicted class.
OF_CALLED_CLASSES = ("accuracy", "balanced_accuracy", "grade_mae", "kappa")
_HALF = Threshold(0.5, "given")
# 1 - p and p in float32 are rounded: a threshold may be so far from the one that a model names.
_ROUNDED = 1e-7
_DEEPEST = 20
_LABELS_OF_PREDICT = "The labels are those of the model's predict"


def decided_labels(
    task: Task, rows: Answers, model: JudgedModel | None, *, seed: int, constant: bool = False
) -> AnyJudgement:
    """As `Task.judge`, but rows with a predicted class are counted by it.

    Only what depends on labels differs: the confusion matrix, accuracy, sensitivity, specificity,
    balanced accuracy, recall and precision; of grades also their MAE and kappa.
    """
    plain = replace(rows, predicted=None)
    found = task.judge(plain, model, seed=seed, constant=constant)
    if rows.predicted is None or np.array_equal(_by_rule(rows, found), rows.predicted):
        return found
    labels = task.judge(replace(plain, answer=certain(rows)), None, seed=seed, constant=constant)
    if isinstance(found, ClassesJudgement) and isinstance(labels, ClassesJudgement):
        return replace(
            found,
            confusion=labels.confusion,
            metrics=_mixed(
                found,
                labels,
                [key for key in OF_CALLED_CLASSES if key in found.metrics],
            ),
            recall=labels.recall,
            precision=labels.precision,
        )
    assert isinstance(found, Judgement)
    assert isinstance(labels, Judgement)
    return replace(
        found,
        confusion=labels.confusion,
        metrics=_mixed(found, labels, ("accuracy", "sensitivity", "specificity")),
    )


def _by_rule(rows: Answers, found: AnyJudgement) -> np.ndarray:
    """The labels by the threshold or the costs of an evaluation."""
    if isinstance(found, Judgement):
        return np.asarray(rows.answer > found.threshold)
    assert isinstance(found, ClassesJudgement)
    return np.asarray(np.argmax(rows.answer * np.array(found.costs), axis=1))


def _mixed(found: AnyJudgement, labels: AnyJudgement, names: Sequence[str]) -> dict[str, Any]:
    return {**found.metrics, **{name: labels.metrics[name] for name in names}}


def certain(rows: Answers) -> np.ndarray:
    """The predicted classes as probabilities of 0 and 1, which every decision rule keeps."""
    assert rows.predicted is not None
    if rows.answer.ndim == 1:
        return rows.predicted.astype(np.float64)
    return np.asarray(rows.predicted[:, np.newaxis] == np.arange(rows.answer.shape[1]), np.float64)


def most_probable(rows: Answers) -> bool:
    """Whether each row is predicted as its most probable class."""
    if rows.predicted is None:
        return True
    by_half = rows.answer > 0.5 if rows.answer.ndim == 1 else np.argmax(rows.answer, axis=1)
    return np.array_equal(by_half, rows.predicted)


def inner_models(model: Any) -> Iterator[Any]:
    """A model, and the models in it that decide: the last step, the best one of a search."""
    for _ in range(_DEEPEST):
        yield model
        steps = getattr(model, "steps", None)
        if isinstance(steps, list) and steps:
            model = steps[-1][1]
            continue
        names = ("best_estimator_", "estimator_", "estimator")
        inside = [getattr(model, name, None) for name in names]
        model = next((each for each in inside if hasattr(each, "fit")), None)
        if model is None:
            return


def own_positive(model: Any) -> Label | None:
    """The class that a model calls positive, if it names one."""
    found = (_positive_of(each) for each in inner_models(model))
    return next((each for each in found if each is not None), None)


def _positive_of(model: Any) -> Label | None:
    if (scorer := getattr(model, "_curve_scorer", None)) is not None:
        named: Label | None = scorer._get_pos_label()
        return named
    names = ["pos_label"]
    if type(model).__module__.startswith("thalweg."):
        names = ["positive_", "positive"]  # of scikit-learn's, it is another parameter
    found = (getattr(model, name, None) for name in names)
    return next((each for each in found if each is not None), None)


def _named(model: Any, positive: Label) -> list[Threshold]:
    """The thresholds that a fitted model and the models in it name, for a positive class."""
    found = []
    for each in inner_models(model):
        if len(getattr(each, "classes_", ())) != 2:
            continue  # not fitted itself, as the estimator that a bagging copies
        chosen = getattr(each, "_chosen", None)
        if not isinstance(chosen, Threshold):
            names = ["best_threshold_", "threshold_"]
            names += ["threshold"] if hasattr(each, "pos_label") else []
            values = (getattr(each, name, None) for name in names)
            numbers = (float(value) for value in values if isinstance(value, Real))
            value = next((number for number in numbers if 0 <= number <= 1), None)
            chosen = None if value is None else Threshold(value, "given")
        if chosen is None or chosen.value is None:
            continue
        own = _positive_of(each)
        own = np.asarray(each.classes_).tolist()[1] if own is None else own
        found.append(chosen if own == positive else _turned(chosen))
    return found


def _turned(chosen: Threshold) -> Threshold:
    """The same decisions as a threshold of the other class."""
    if chosen.by == "costs" and chosen.missed is not None and chosen.alarm is not None:
        return by_costs(chosen.alarm, chosen.missed)
    assert chosen.value is not None
    # In decimals, so that 1 - 0.9 is 0.1.
    return Threshold(float(1 - Decimal(repr(chosen.value))), "given")


class OwnDecision:
    """How the fitted models of an evaluation decide, from all the rows that they predicted.

    Parameters
    ----------
    task : Task
    beside : bool
        Whether baselines are evaluated, too.
    """

    def __init__(self, task: Task, *, beside: bool) -> None:
        self._task, self._beside = task, beside
        self._answers, self._called = list[np.ndarray](), list[np.ndarray]()
        self._rules = list[list[Any]]()

    def add(self, model: Any, answer: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Keep what a fitted model predicts for its rows; the labels in the codes of the task.

        Parameters
        ----------
        model : object
        answer : ndarray of float, shape (n_samples,) or (n_samples, n_classes)
        labels : ndarray, shape (n_samples,)
            Of `predict`.
        """
        called = self._task.truth(labels)
        self._answers.append(answer)
        self._called.append(called)
        if isinstance(self._task, TwoClasses):
            self._rules.append([*_named(model, self._task.positive), _HALF])
        else:
            self._rules.append([*self._costs_in(model), np.ones(answer.shape[1])])
        return called

    def threshold(self) -> Threshold | None:
        """Of two classes: the threshold that explains the labels; None without any rows."""
        if not self._called or not isinstance(self._task, TwoClasses):
            return None
        answer, called = np.concatenate(self._answers), np.concatenate(self._called)
        for chosen in [each for rules in self._rules for each in rules]:
            if (found := explaining(chosen, answer, called)) is not None:
                return found
        low, high = _gap(answer, called)
        if 0 <= low < high <= 1:
            return Threshold(_shortest(low, high), "given")
        own = self._of_each()
        if own is None:
            return Threshold(None, "given", refused=self._unexplained())
        ends = f"from {amount(min(own))} to {amount(max(own))}"
        return Threshold(
            None,
            "given",
            refused=f"{_LABELS_OF_PREDICT}. Each of the {len(own)} models has a threshold of its "
            f"own, {ends}{self._of_baselines('their mean, ' + amount(float(np.mean(own))))}.",
        )

    def at(self) -> float:
        """Of two classes: the threshold of the baselines, too."""
        chosen = self.threshold()
        if chosen is not None and chosen.value is not None:
            return chosen.value
        own = self._of_each()
        return 0.5 if own is None else float(np.mean(own))

    def costs(self) -> np.ndarray | None:
        """Of several classes: the costs that explain the labels; None if none do."""
        if not self._called or not isinstance(self._task, SeveralClasses):
            return None
        answer, called = np.concatenate(self._answers), np.concatenate(self._called)
        for costs in [each for rules in self._rules for each in rules]:
            if np.array_equal(np.argmax(answer * costs, axis=1), called):
                return np.asarray(costs)
        return None

    def costs_of(self, classes: np.ndarray) -> np.ndarray | None:
        """`costs` of the classes of one model; None if all are equal."""
        costs = self.costs()
        if costs is None or len(np.unique(costs)) == 1:
            return None
        assert isinstance(self._task, SeveralClasses)
        return costs[np.searchsorted(self._task.labels, classes)]

    def sentence(self) -> str:
        """How the labels come about, where a threshold that the model names does not say it."""
        if not self._called:
            return ""
        if isinstance(self._task, SeveralClasses):
            return "" if self.costs() is not None else self._unlikely()
        chosen = self.threshold()
        if chosen is None:
            return ""
        if chosen.refused is not None or chosen.value is None:
            return chosen.refused or ""
        answer, called = np.concatenate(self._answers), np.concatenate(self._called)
        known = (explaining(each, answer, called) for rules in self._rules for each in rules)
        if any(each is not None for each in known):
            return ""
        low, high = _gap(answer, called)
        return (
            f"The model names no threshold: on these rows, every one from {amount(low)} to below "
            f"{amount(high)} gives the labels of its predict, such as {amount(chosen.value)}."
        )

    def _of_each(self) -> list[float] | None:
        """The threshold of each fitted model, if it names the one that explains its labels."""
        own = []
        for answer, called, rules in zip(self._answers, self._called, self._rules, strict=True):
            found = (explaining(each, answer, called) for each in rules)
            chosen = next((each for each in found if each is not None), None)
            if chosen is None or chosen.value is None:
                return None
            own.append(chosen.value)
        return own if len(own) > 1 else None

    def _unexplained(self) -> str:
        return (
            f"{_LABELS_OF_PREDICT}, which no threshold of its probabilities explains"
            f"{self._of_baselines('0.5')}."
        )

    def _unlikely(self) -> str:
        answer, called = np.concatenate(self._answers), np.concatenate(self._called)
        other = int(np.sum(np.argmax(answer, axis=1) != called))
        return (
            f"{_LABELS_OF_PREDICT}: {other:,} of {counted(len(called), 'row')} "
            f"{'does' if other == 1 else 'do'} not get the most probable class."
        )

    def _of_baselines(self, threshold: str) -> str:
        return f"; the baselines are evaluated at {threshold}" if self._beside else ""

    def _costs_in(self, model: Any) -> Iterator[np.ndarray]:
        """The costs of the classes that a fitted thalweg classifier has, also inside a model."""
        assert isinstance(self._task, SeveralClasses)
        for each in inner_models(model):
            own = getattr(getattr(each, "_classes", None), "costs", None)
            if own is not None and set(each.classes_) <= set(self._task.labels.tolist()):
                costs = np.ones(len(self._task.labels))
                costs[np.searchsorted(self._task.labels, each.classes_)] = own
                yield costs


def explaining(chosen: Threshold, answer: np.ndarray, called: np.ndarray) -> Threshold | None:
    """A threshold, if it gives these labels; it may differ by the rounding of probabilities.

    Parameters
    ----------
    chosen : Threshold
    answer : ndarray of float, shape (n_samples,)
    called : ndarray of bool, shape (n_samples,)
    """
    if chosen.value is None:
        return None
    if np.array_equal(answer > chosen.value, called):
        return chosen
    # A row may lie on the threshold: others than thalweg call it positive.
    low, high = _gap(answer, called)
    near = min(max(chosen.value, low), float(np.nextafter(high, 0)))
    if low <= near < high and 0 <= near <= 1 and abs(near - chosen.value) <= _ROUNDED:
        return replace(chosen, value=near)
    return None


def _gap(answer: np.ndarray, called: np.ndarray) -> tuple[float, float]:
    """The labels are those of every threshold from the first to below the second, if it is more."""
    low = float(answer[~called].max(initial=-np.inf))
    return low, float(answer[called].min(initial=np.inf))


def _shortest(low: float, high: float) -> float:
    """The number with the fewest digits from ``low`` to below ``high``."""
    for digits in range(1, 17):
        number = float(np.ceil(low * 10.0**digits) / 10.0**digits)
        if low <= number < high:
            return number
    return low
