"""An `Evaluation` of predictions that some program made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from thalweg.data.label_types import default_positive, of_one_kind
from thalweg.data.typing import Label
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import Answers, How, answers_of
from thalweg.evaluation.any_estimator.evaluation import By, Evaluation
from thalweg.evaluation.comparing.compared_answers import compare_answers
from thalweg.evaluation.comparing.margin_rule import require_margin
from thalweg.evaluation.comparing.ruling_sentences import beside_another
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.judged_table import NETWORK, said_of_weights
from thalweg.evaluation.judged_test_set import Verdict
from thalweg.evaluation.subgroups.named_groups import kept_rows
from thalweg.evaluation.task_judging import OneNumber, SeveralClasses, Task, TwoClasses
from thalweg.evaluation.task_kinds import ONE_NUMBER, TWO_CLASSES
from thalweg.wording import counted

BASELINE = "the baseline"
_HOWS = ("test", "cross-validated", "out-of-fold", "training")
_SAID = {
    "test": "Predictions for {}, evaluated as test rows",
    "cross-validated": "Predictions for {}, evaluated as rows of cross-validation",
    "out-of-fold": "Predictions for {} that training was stopped on, so this does not say how "
    "good the model is on new rows",
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
    by: Mapping[str, Any] | None,
    seed: int,
) -> Evaluation:
    """As `Evaluation.from_predictions`."""
    require_margin(margin)
    if how not in _HOWS:
        raise SettingsError(f"how is {how!r}", fix=f"give one of {', '.join(map(repr, _HOWS))}")
    truth, given = np.asarray(y), np.asarray(p)
    if truth.ndim != 1 or given.ndim not in (1, 2) or len(given) != len(truth):
        raise DataError(
            "The targets and the predictions do not match",
            where=f"shapes {truth.shape} and {given.shape}",
            fix="pass one target and one prediction (or one row of probabilities) for every row",
        )
    found = _understood(truth, given, positive, classes)
    weights = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    marks: dict[str, Any] = {
        "folds": None if fold is None else np.unique(np.asarray(fold), return_inverse=True)[1],
        "groups": None if groups is None else np.asarray(groups),
        "how": how,
    }
    codes = found.task.truth(truth)
    asked = {NETWORK: answers_of(codes, found.read(given), weights, **marks)}
    if baseline is not None:
        theirs = found.read(np.asarray(baseline))
        asked[BASELINE] = answers_of(codes, theirs, weights, **marks)
    places = kept_rows(len(truth), weights)
    threshold = threshold_of(found.task, costs)
    verdict = _verdict(found.task, asked, places, threshold, seed, margin)
    columns = columns_for(None, len(truth), places)
    return Evaluation(
        verdict,
        found.task,
        found.classes,
        threshold,
        seed=seed,
        margin=margin,
        by={} if by is None else columns(by),
        _columns=columns,
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
    differences = {
        name: replace(
            compare_answers(task, [(rows, asked[name])], margin=margin, seed=seed),
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
    )


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


def columns_for(
    X: Any, n_rows: int, places: np.ndarray
) -> Callable[[By], Mapping[str, np.ndarray]]:
    """From names or values of columns to columns beside the answers."""

    def columns(by: By) -> dict[str, np.ndarray]:
        if isinstance(by, str):
            by = [by]
        found = by if isinstance(by, Mapping) else {name: _column(X, name) for name in by}
        for name, values in found.items():
            if len(values) != n_rows:
                raise DataError(
                    "A column of groups and the table do not match",
                    where=f'column "{name}": {len(values):,} values, {n_rows:,} rows',
                    fix="pass one value for every row of the table",
                )
        return {str(name): np.asarray(values)[places] for name, values in found.items()}

    return columns


def _column(X: Any, name: str) -> Any:
    names = [] if getattr(X, "columns", None) is None else [str(each) for each in X.columns]
    if name not in names:
        raise DataError(
            f'The table has no column "{name}"',
            where=f"its columns are {', '.join(names[:8])}" if names else "it has no names",
            fix="name a column of the table, or pass a mapping of names to values",
        )
    return X[next(each for each in X.columns if str(each) == name)]


def _understood(
    y: np.ndarray, p: np.ndarray, positive: Label | None, classes: Sequence[Label] | None
) -> _Understood:
    named = [*classes] if classes is not None else []
    labels = np.unique(of_one_kind(np.asarray(named or y)))
    if p.ndim == 1 and (len(labels) != 2 and not named):
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
