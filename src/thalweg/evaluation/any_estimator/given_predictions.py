"""An `Evaluation` of predictions that some program made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.label_types import default_positive, of_one_kind
from thalweg.data.typing import Label
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import (
    Answers,
    How,
    answers_of,
    checked_weights,
    require_comparable_weights,
)
from thalweg.evaluation.any_estimator.decided_labels import decided_labels
from thalweg.evaluation.any_estimator.evaluation import Evaluation
from thalweg.evaluation.any_estimator.inputs.columns_beside import columns_for
from thalweg.evaluation.any_estimator.inputs.given_inputs import (
    mark_of,
    name_of_column,
    predictions_of,
    require_classes,
    require_labels,
    require_task,
    weights_given,
)
from thalweg.evaluation.any_estimator.reportable import Given
from thalweg.evaluation.comparing.compared_answers import compare_answers
from thalweg.evaluation.comparing.margin_rule import require_margin
from thalweg.evaluation.comparing.ruling_sentences import beside_another
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.judged_table import NETWORK, said_of_weights
from thalweg.evaluation.judged_test_set import Verdict
from thalweg.evaluation.judging.regression_loss import measure_of_named
from thalweg.evaluation.model_protocol import subject_fact
from thalweg.evaluation.subgroups.named_groups import kept_rows
from thalweg.evaluation.task_judging import OneNumber, SeveralClasses, Task, TwoClasses
from thalweg.evaluation.task_kinds import ONE_NUMBER, TWO_CLASSES
from thalweg.evaluation.verdict_sections import costs_of, labels_of
from thalweg.wording import counted, shown

BASELINE = "the baseline"
_HOWS = ("test", "cross-validated", "out-of-fold", "training")
_SAID = {
    "test": "Predictions for {}, evaluated as test rows",
    "cross-validated": "Predictions for {}, evaluated as rows of cross-validation",
    "out-of-fold": "Predictions for {} by models of folds, and not by the model that is used, so "
    "this does not say how good that one is on new rows",
    "training": "Predictions for {} that the model was trained on, so this does not say how good "
    "it is on new rows",
}


@dataclass(frozen=True, eq=False)
class _Understood:
    """A task, and how predictions for it are read."""

    task: Task
    classes: tuple[str, ...]
    read: Callable[[Any], np.ndarray]


def of_predictions(
    y: Any,
    p: Any,
    *,
    fold: Any,
    groups: Any,
    sample_weight: Any,
    how: How,
    positive: Label | None,
    classes: Sequence[Label] | None,
    baseline: Any,
    costs: Mapping[str, float] | None,
    margin: float | None,
    loss: str | None,
    by: Mapping[str, Any] | None,
    seed: int,
    task: str = "auto",
) -> Evaluation:
    """As `Evaluation.from_predictions`."""
    require_margin(margin)
    y, p, baseline, sample_weight = map(unmasked, (y, p, baseline, sample_weight))
    if how not in _HOWS:
        raise SettingsError(f"how is {how!r}", fix=f"give one of {', '.join(map(repr, _HOWS))}")
    require_labels(y)
    truth, named = np.asarray(y), classes is not None
    order = [*classes] if classes is not None else np.unique(of_one_kind(truth)).tolist()
    given = predictions_of(p, order, named=named)
    _require_rows(truth, given)
    require_task(task, truth, given, named=named)
    found = _understood(truth, given, positive, classes, task)
    for each in (p, baseline):
        _require_positive(each, found.task)
    found = replace(found, task=with_loss(found.task, loss, truth))
    weights = weights_given(sample_weight)
    if weights is not None:
        require_comparable_weights(checked_weights(weights, len(truth)))
    marks = _marks(fold, groups, how, len(truth))
    codes = found.task.truth(truth)
    asked = {NETWORK: answers_of(codes, found.read(given), weights, **marks)}
    _require_folds(asked[NETWORK])
    if baseline is not None:
        theirs = found.read(predictions_of(baseline, order, named=named))
        asked[BASELINE] = answers_of(codes, theirs, weights, **marks)
    places = kept_rows(len(truth), weights)
    columns = columns_for(None, len(truth), places)
    beside = {} if by is None else columns(by)
    threshold = threshold_of(found.task, costs)
    verdict = _verdict(found.task, asked, places, threshold, seed, margin)
    return Evaluation(
        verdict,
        found.task,
        found.classes,
        threshold,
        seed=seed,
        margin=margin,
        by=beside,
        _given=Given.of_predictions(how, truth),
        _columns=columns,
    )


def _marks(fold: Any, groups: Any, how: How, n_rows: int) -> dict[str, Any]:
    """What is known of the rows beside their targets and predictions, as `answers_of` takes it."""
    folds = mark_of(fold, "folds", n_rows)
    return {
        "folds": folds if folds is None else np.unique(folds, return_inverse=True)[1],
        "groups": mark_of(groups, "groups", n_rows),
        "how": how,
    }


def _require_folds(rows: Answers) -> None:
    """Raise a DataError if rows of cross-validation are in a single fold."""
    if rows.how != "cross-validated" or rows.folds is None or len(np.unique(rows.folds)) > 1:
        return
    raise DataError(
        "All rows are in one fold, and cross-validation has two or more",
        where=f"fold={shown(rows.folds[0])} in {counted(len(rows), 'row')}",
        why="The model of a fold is trained on the rows of the others, and the verdict compares "
        "folds",
        fix="give the fold of each row; or, if one model predicted all rows and was trained on "
        'none of them, leave out fold and give how="test"',
    )


def _require_positive(p: Any, task: Task) -> None:
    """Raise a DataError if a single column of probabilities has the name of the other class."""
    if isinstance(task, TwoClasses) and name_of_column(p) == str(task.negative):
        raise DataError(
            "The column of probabilities is named after the other class",
            where=f'column "{task.negative}"; the positive class is "{task.positive}"',
            why="One column is read as the probabilities of the positive class",
            fix=f"give positive={task.negative!r}, or the column of {task.positive!r}",
        )


def _require_rows(truth: np.ndarray, given: np.ndarray) -> None:
    """Raise a DataError unless there is a prediction for every target."""
    if truth.ndim != 1 or given.ndim not in (1, 2) or len(given) != len(truth):
        raise DataError(
            "The targets and the predictions do not match",
            where=f"shapes {truth.shape} and {given.shape}",
            fix="pass one target and one prediction (or one row of probabilities) for every row",
        )


def of_own_answers(
    answers: Answers, task: Task, model: Any, how: str, given: Given, seed: int = 0
) -> Evaluation:
    """An evaluation of answers that a fitted model has of its own, such as those of its folds.

    Parameters
    ----------
    answers : Answers
    task : Task
    model : object
        It decides by its own threshold or costs.
    how : str
        How the rows were evaluated, as the beginning of a sentence.
    given : Given
    seed : int, default 0
        Of the intervals.
    """
    places = np.arange(len(answers))
    verdict = verdict_alone(answers, task, model, how, places, seed)
    names = tuple(str(label) for label in labels_of(task))
    threshold = threshold_of(task, None, getattr(model, "_chosen", None))
    return Evaluation(
        verdict, task, names, threshold, costs_of(task, model), seed, model=model, _given=given,
        _columns=columns_for(None, len(answers), places),
    )  # fmt: skip


def verdict_alone(
    answers: Answers, task: Task, model: Any, how: str, places: np.ndarray, seed: int
) -> Verdict:
    """The verdict of a fitted model, without baselines; ``places`` are the rows of the table."""
    return Verdict(
        task=task.kind.name,
        how=how + said_of_weights(answers),
        n_train=0,
        n_test=len(answers),
        network=decided_labels(task, answers, model, seed=seed),
        baselines={},
        differences={},
        sentence="",
        facts={**task.facts(), **subject_fact(model)},
        shown=task.shown(answers),
        answered=({NETWORK: answers},),
        places=places,
    )


def _verdict(
    task: Task,
    asked: dict[str, Answers],
    places: np.ndarray,
    threshold: Threshold | None,
    seed: int,
    margin: float | None,
) -> Verdict:
    model: Any = SimpleNamespace(threshold_=None if threshold is None else threshold.value)
    judged = {name: task.judge(rows, model, seed=seed) for name, rows in asked.items()}
    network, rows = judged.pop(NETWORK), asked[NETWORK]
    facts: dict[str, Any] = {**task.facts(), "subject": "the model"}
    taught = _taught(rows)
    differences = {
        name: replace(
            compare_answers(task, [(rows, asked[name])], taught=taught, margin=margin, seed=seed),
            subject=facts["subject"],
        )
        for name in judged
    }
    return Verdict(
        task=task.kind.name,
        how=_SAID[rows.how].format(counted(len(rows), "row")) + said_of_weights(rows),
        n_train=0,
        n_test=len(rows),
        network=network,
        baselines=judged,
        differences=differences,
        sentence=" ".join(beside_another(*each, len(rows)) for each in differences.items()),
        facts=facts,
        answered=(asked,),
        places=places,
        taught=taught,
    )


def _taught(rows: Answers) -> tuple[np.ndarray, ...]:
    """The training rows of each fold of cross-validation: those of the other folds."""
    if rows.how != "cross-validated" or rows.folds is None or len(np.unique(rows.folds)) < 2:
        return ()
    return (len(rows) - np.bincount(rows.folds),)


def threshold_of(
    task: Task, costs: Mapping[str, float] | None, own: Threshold | float | None = None
) -> Threshold | None:
    """The threshold of two classes: by costs, or that of the model, or 0.5."""
    if task.kind is not TWO_CLASSES:
        if costs is not None:
            raise SettingsError(
                "costs= are those of two classes",
                where=f"the task is {task.kind.name}",
                fix="leave out costs",
            )
        return None
    if costs is None:
        if isinstance(own, Threshold):
            return own
        return Threshold(0.5 if own is None else float(own), "given")
    if not isinstance(costs, Mapping) or set(costs) != {"missed", "alarm"}:
        raise SettingsError(
            "The costs are not those of the two mistakes",
            where=f"costs={costs!r}",
            fix='give costs={"missed": 9, "alarm": 1}',
        )
    return by_costs(costs["missed"], costs["alarm"])


def with_loss(task: Task, loss: str | None, y: np.ndarray) -> Task:
    """The task, in regression with the loss that a person named."""
    if loss is None:
        return task
    if not isinstance(loss, str):
        raise SettingsError(
            f"loss is {shown(loss)}, not the name of a loss",
            fix='give loss="absolute_error", for example',
        )
    if not isinstance(task, OneNumber):
        raise SettingsError(
            "loss= is for numbers, and classes are compared by their log-loss",
            where=f"loss={loss!r}; the task is {task.kind.name}",
            fix="leave out loss",
        )
    return OneNumber(measure_of_named(loss, np.asarray(y, dtype=np.float64)))


def _understood(
    y: np.ndarray,
    p: np.ndarray,
    positive: Label | None,
    classes: Sequence[Label] | None,
    task: str,
) -> _Understood:
    named = [*classes] if classes is not None else []
    labels = np.unique(of_one_kind(np.asarray(named or y)))
    if named:
        require_classes(y, named)
    alike = p.ndim == 1 and len(labels) != 2 and not named and task == "auto"
    if task == "regression" or alike:
        if p.ndim != 1 or named:
            raise SettingsError(
                "A regression has one number for each row, and no classes",
                where=f"predictions of shape {p.shape}",
                fix='pass p with shape (n_samples,) without classes, or task="classification"',
            )
        return _numbers(y, positive)
    if p.ndim == 2 and p.shape[1] != len(labels):
        raise DataError(
            "The probabilities do not match the classes",
            where=f"{p.shape[1]} columns, {len(labels)} classes",
            fix="name the class of each column: classes=[…]",
        )
    columns = np.searchsorted(labels, np.asarray(named)) if named else np.arange(len(labels))
    of_label = np.argsort(columns)
    if len(labels) == 2:
        return _two(labels, positive, of_label)
    if p.ndim == 1:
        raise DataError(
            f"Probabilities of {len(labels)} classes need a column for each",
            where=f"predictions of shape {p.shape}",
            fix="pass p with shape (n_samples, n_classes)",
        )
    if positive is not None:
        raise SettingsError(
            f"A positive class is named, but there are {len(labels)} classes",
            fix="leave out positive",
        )
    names = tuple(map(str, labels.tolist()))
    return _Understood(SeveralClasses(labels), names, lambda given: _columns(given, of_label))


def _two(labels: np.ndarray, positive: Label | None, of_label: np.ndarray) -> _Understood:
    found: list[Label] = labels.tolist()
    positive = default_positive(found)[0] if positive is None else positive
    if positive not in found:
        raise DataError(
            f'The positive class "{positive}" is not in the target',
            fix=f"choose one of {found[0]}, {found[1]}",
        )
    place = found.index(positive)
    negative = found[1 - place]

    def read(given: np.ndarray) -> np.ndarray:
        if given.ndim == 1:
            return np.asarray(given, dtype=np.float64)
        return _columns(given, of_label)[:, place]

    return _Understood(TwoClasses(positive, negative), (str(negative), str(positive)), read)


def _columns(given: np.ndarray, of_label: np.ndarray) -> np.ndarray:
    if given.ndim != 2 or given.shape[1] != len(of_label):
        raise DataError(
            "Predictions do not have a column for each class",
            where=f"shape {given.shape}, {len(of_label)} classes",
            fix="pass p with shape (n_samples, n_classes)",
        )
    sums = given.sum(axis=1)
    odd = ~(abs(sums - 1) <= 1e-6)
    if odd.any():
        row = int(np.argmax(odd))
        raise DataError(
            f"The probabilities {given[row].tolist()} do not have the sum 1",
            where=f"row {row + 1}",
            fix="pass the probability of each class, as predict_proba gives them",
        )
    return np.asarray(given, dtype=np.float64)[:, of_label]


def _numbers(y: np.ndarray, positive: Label | None) -> _Understood:
    if y.dtype.kind not in "iuf" or positive is not None:
        raise DataError(
            f"The target has {counted(len(np.unique(of_one_kind(y))), 'class', 'classes')}, and "
            "the predictions are a single number for each row",
            fix="pass the probabilities of all classes, with classes=[…] if the target lacks one",
        )
    task = OneNumber()
    assert task.kind is ONE_NUMBER
    return _Understood(task, (), lambda given: np.asarray(given, dtype=np.float64))
