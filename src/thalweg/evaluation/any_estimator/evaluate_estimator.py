"""`evaluate`: evaluate any estimator on a table, with baselines and all sections.

The estimator is copied before each fit, and stays as it is.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from sklearn.base import is_regressor

from thalweg.data.column_names import listed
from thalweg.data.label_types import of_one_kind
from thalweg.data.schema.given_table import table_of
from thalweg.data.schema.schema import infer_schema
from thalweg.data.typing import GroupsLike, Label, TableLike, TargetLike, WeightsLike
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.any_estimator.evaluation import By, Evaluation, Held
from thalweg.evaluation.any_estimator.given_predictions import columns_for, threshold_of
from thalweg.evaluation.any_estimator.given_splits import given_splits
from thalweg.evaluation.any_estimator.task_alone import TaskAlone
from thalweg.evaluation.any_estimator.wrapped_estimator import (
    WrappedEstimator,
    copy_of,
    places_table,
    wrapping,
)
from thalweg.evaluation.judged_table import NETWORK, JudgedTable, said_of_weights
from thalweg.evaluation.judged_test_set import Verdict, judge_on_holdout
from thalweg.evaluation.model_protocol import subject_fact
from thalweg.evaluation.repeated_cross_validation import judge_by_folds
from thalweg.evaluation.task_judging import SeveralClasses, Task, TwoClasses, task_of
from thalweg.evaluation.task_kinds import ONE_NUMBER
from thalweg.wording import counted

_WAYS = ("holdout", "cross-validation", "given")


def evaluate(
    model: Any,
    X: TableLike,
    y: TargetLike,
    *,
    how: str | Any | Iterable[tuple[Any, Any]] = "holdout",
    positive: Label | None = None,
    groups: GroupsLike = None,
    repeats: int = 1,
    folds: int = 5,
    seed: int = 0,
    random_state: int | None = None,
    baselines: str | None = "default",
    costs: Mapping[str, float] | None = None,
    margin: float | None = None,
    sample_weight: WeightsLike = None,
    by: By | None = None,
) -> Evaluation:
    """Evaluate an estimator on a table.

    Parameters
    ----------
    model : estimator
        With ``fit`` and ``predict``, and ``predict_proba`` for classes: of thalweg, scikit-learn or
        another library, also a pipeline. It is never fitted itself: a copy is.
    X : table, shape (n_samples, n_features)
        The estimator gets rows of it in its own type.
    y : array-like, shape (n_samples,)
        Labels, or numbers if the estimator is a regressor.
    how : {"holdout", "cross-validation", "given"}, splitter or iterable, default "holdout"
        "holdout" trains on four fifths of the rows, and tests on the others. "given" tests a
        fitted model on all rows, which it must not have been trained on. A splitter of
        scikit-learn, or pairs of training and test rows, say which rows are split.
    positive : label, optional
        The positive one of two classes.
    groups : array-like, shape (n_samples,), optional
        Rows of one group are never split.
    repeats, folds : int, default 1 and 5
        Of cross-validation. Metrics are means over the repetitions. Sections are computed from the
        first one.
    seed : int, default 0
        Of splits and intervals. ``random_state`` is another name of it.
    baselines : {"default", None}, default "default"
        Logistic or ridge regression and the best constant; None: no baselines.
    costs : {"missed": float, "alarm": float}, optional
        What the two mistakes cost: the threshold is then the one that they give.
    margin : float, optional
        The largest difference to the simpler model that does not matter. Choose it before you see
        the result.
    sample_weight : array-like, shape (n_samples,), optional
    by : str, sequence of str, or mapping of str to array-like, optional
        Columns whose groups of rows are evaluated.

    Returns
    -------
    Evaluation

    Raises
    ------
    SettingsError, DataError
        If an argument or the table cannot be evaluated.

    Examples
    --------
    >>> import thalweg
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> table = thalweg.load_table("wisconsin")
    >>> found = thalweg.evaluate(
    ...     RandomForestClassifier(random_state=0), table.frame, table.target, positive="malignant"
    ... )
    >>> found.thresholds(missed=9, alarm=1).value
    0.1
    """
    seed = _seed(seed, random_state)
    target, n_rows = np.asarray(y), _n_rows(X)
    _check(how, target, n_rows, baselines, repeats, folds)
    regression = is_regressor(model) or not (
        hasattr(model, "predict_proba") or hasattr(model, "classes_") or _says_classes(model)
    )
    wrap = wrapping(model, of_classes=not regression)
    task = task_of(target, positive, regression=regression)
    target = task.truth(target) if regression else of_one_kind(target)
    chosen = threshold_of(task, costs)
    threshold = None if costs is None or chosen is None else chosen.value
    asked = task if baselines is not None and how != "given" else TaskAlone(task)
    groups, weights = _marks(groups, sample_weight)
    runs: list[tuple[WrappedEstimator, np.ndarray]] = []

    def made(member: int) -> WrappedEstimator:
        del member
        return wrap(copy_of(model), X, threshold)

    def keep(fitted: Any, test: np.ndarray) -> None:
        runs.append((fitted, test))

    common: dict[str, Any] = {
        "task": asked,
        "seed": seed,
        "groups": groups,
        "sample_weight": weights,
    }
    places = places_table(n_rows)
    if isinstance(how, str) and how == "given":
        verdict = _on_given_rows(wrap(model, X, threshold), target, asked, groups, weights, seed)
        runs.append((wrap(model, X, threshold), np.arange(n_rows)))
    elif isinstance(how, str) and how == "holdout":
        common |= _matrix(X, n_rows, needed=baselines is not None)
        verdict = judge_on_holdout(made(seed), places, target, on_test=keep, **common)
    else:
        common |= _matrix(X, n_rows, needed=baselines is not None)
        if not isinstance(how, str):
            common["given"] = given_splits(how, X, target, groups)
        verdict = judge_by_folds(
            made, places, target, n_folds=folds, n_repeats=repeats, on_fold=keep, **common
        )
    return _evaluation(verdict, task, runs, X, n_rows, costs, margin, by, seed)


def _evaluation(
    verdict: Verdict,
    task: Task,
    runs: list[tuple[WrappedEstimator, np.ndarray]],
    X: Any,
    n_rows: int,
    costs: Mapping[str, float] | None,
    margin: float | None,
    by: By | None,
    seed: int,
) -> Evaluation:
    last, places = runs[-1][0], verdict.places
    assert places is not None
    columns, classes = columns_for(X, n_rows, places), _classes(task)
    alone = last if len(runs) == 1 else None
    return Evaluation(
        verdict,
        task.of(last),
        classes,
        threshold_of(task, costs, last.threshold_),
        _costs(task, last),
        seed,
        margin,
        None if alone is None else alone.estimator,
        {} if by is None else columns(by),
        columns,
        None if alone is None else _held(task, alone, places),
    )


def _on_given_rows(
    model: WrappedEstimator,
    y: np.ndarray,
    task: Task,
    groups: np.ndarray | None,
    weights: np.ndarray | None,
    seed: int,
) -> Verdict:
    """The verdict of a fitted model on rows that it was not trained on."""
    places = places_table(len(y))
    table = JudgedTable.of(places, y, np.arange(len(y))[:, np.newaxis], (), groups, None, weights)
    rows = np.arange(len(table.y))
    task = task.of(model)
    answers = table.answers(task.truth(table.y), {NETWORK: task.ask(model, table.X)}, rows)[NETWORK]
    return Verdict(
        task=task.kind.name,
        how=f"A fitted model, evaluated on {counted(len(answers), 'row')}"
        + said_of_weights(answers),
        n_train=0,
        n_test=len(answers),
        network=task.judge(answers, model, seed=seed),
        baselines={},
        comparisons={},
        sentence="",
        facts={**task.facts(), **subject_fact(model)},
        shown=task.shown(answers),
        answered=({NETWORK: answers},),
        places=table.places_of_answers(rows),
    )


def _held(task: Task, model: WrappedEstimator, places: np.ndarray) -> Held | None:
    """The model's own intervals or sets of the evaluated rows, if it has them."""
    name = "predict_interval" if task.kind is ONE_NUMBER else "predict_set"
    if not hasattr(model.estimator, name):
        return None

    def held(level: float) -> np.ndarray:
        found = np.asarray(model.asked(name, places, confidence_level=level))
        if task.kind is ONE_NUMBER:
            return found
        own, labels = [*model.estimator.classes_], _labels(task)
        return np.stack([found[:, own.index(label)] for label in labels], axis=1)

    return held


def _labels(task: Task) -> list[Any]:
    if isinstance(task, TwoClasses):
        return [task.negative, task.positive]
    return [*task.labels] if isinstance(task, SeveralClasses) else []


def _classes(task: Task) -> tuple[str, ...]:
    return tuple(str(label) for label in _labels(task))


def _costs(task: Task, model: WrappedEstimator) -> np.ndarray | None:
    """What a mistake on each of several classes costs a thalweg classifier."""
    own = getattr(model._classes, "costs", None)
    if own is None or not isinstance(task, SeveralClasses):
        return None
    costs = np.ones(len(task.labels))
    costs[np.searchsorted(task.labels, model.estimator.classes_)] = own
    return costs


def _seed(seed: int, random_state: int | None) -> int:
    if random_state is not None and seed not in (0, random_state):
        raise SettingsError(
            "seed and random_state are two names of the same number",
            where=f"seed={seed}, random_state={random_state}",
            fix="give one of them",
        )
    found = seed if random_state is None else random_state
    if isinstance(found, bool) or not isinstance(found, int | np.integer) or found < 0:
        raise SettingsError(f"The seed is {found!r}", fix="give a whole number from 0 on")
    return int(found)


def _check(
    how: Any, y: np.ndarray, n_rows: int, baselines: str | None, repeats: int, folds: int
) -> None:
    if isinstance(how, str) and how not in _WAYS:
        raise SettingsError(
            f"how is {how!r}", fix=f"give {listed(_WAYS)}, a splitter, or pairs of row numbers"
        )
    if baselines not in ("default", None):
        raise SettingsError(f"baselines is {baselines!r}", fix='give "default" or None')
    if y.ndim != 1 or len(y) != n_rows:
        raise DataError(
            "The table and the target do not match",
            where=f"{n_rows:,} rows, a target of shape {y.shape}",
            fix="pass one target for every row",
        )
    for name, number, least in (("repeats", repeats, 1), ("folds", folds, 2)):
        if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < least:
            raise SettingsError(f"{name} is {number!r}", fix=f"give a whole number from {least} on")


def _says_classes(model: Any) -> bool:
    return getattr(model, "_estimator_type", None) == "classifier"


def _n_rows(X: Any) -> int:
    shape = getattr(X, "shape", None)
    if shape is not None and len(shape):
        return int(shape[0])
    try:
        return len(X)
    except TypeError as error:
        raise DataError(
            f"A {type(X).__name__} is no table", fix="pass an array or a DataFrame"
        ) from error


def _marks(groups: Any, weights: Any) -> tuple[np.ndarray | None, np.ndarray | None]:
    return (
        None if groups is None else np.asarray(groups),
        None if weights is None else np.asarray(weights, dtype=np.float64),
    )


def _matrix(X: Any, n_rows: int, *, needed: bool) -> dict[str, Any]:
    """The table as numbers, for the baselines and to find equal rows."""
    try:
        table = table_of(X)
        schema = infer_schema(table)
        return {"matrix": schema.matrix(table), "n_levels": schema.n_levels}
    except DataError as error:
        if needed:
            raise DataError(
                f"The baselines cannot read the table: {error}",
                fix="give numbers, categories or dates, or evaluate with baselines=None",
            ) from error
        return {"matrix": np.arange(n_rows, dtype=np.float64)[:, np.newaxis], "n_levels": ()}
