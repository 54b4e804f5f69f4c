"""`evaluate`: evaluate any estimator on a table, with baselines and all sections.

The estimator is copied before each fit, and stays as it is.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Unpack, overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.column_names import listed
from thalweg.data.typing import GroupsLike, Label, TableLike, TargetLike, WeightsLike
from thalweg.errors import SettingsError, UnseenLevelWarning, outer_level
from thalweg.evaluation.any_estimator.decided_labels import OwnDecision
from thalweg.evaluation.any_estimator.evaluation import By, Evaluation
from thalweg.evaluation.any_estimator.given_predictions import (
    threshold_of,
    with_loss,
)
from thalweg.evaluation.any_estimator.given_rows import on_given_rows
from thalweg.evaluation.any_estimator.inputs.asked_numbers import (
    check_numbers,
    matrix_of,
    n_rows_of,
    seed_given,
)
from thalweg.evaluation.any_estimator.inputs.asked_rows import (
    checked_groups,
    checked_target,
    checked_task,
    require_fitted,
)
from thalweg.evaluation.any_estimator.inputs.columns_beside import columns_for
from thalweg.evaluation.any_estimator.inputs.evaluation_options import (
    EvaluationOptions,
    SeveralTargets,
)
from thalweg.evaluation.any_estimator.inputs.given_inputs import weights_given
from thalweg.evaluation.any_estimator.inputs.given_splits import given_splits, require_two_classes
from thalweg.evaluation.any_estimator.inputs.own_held import OwnHeld
from thalweg.evaluation.any_estimator.reportable import Given, Known
from thalweg.evaluation.any_estimator.row_origin import Origin, origin_for, which_rows
from thalweg.evaluation.any_estimator.task_alone import TaskAlone
from thalweg.evaluation.any_estimator.wrapped_estimator import (
    WrappedEstimator,
    copy_of,
    places_table,
    predicts_numbers,
    wrapping,
)
from thalweg.evaluation.judged_test_set import Verdict, judge_on_holdout
from thalweg.evaluation.model_protocol import require_one_target
from thalweg.evaluation.on_cluster.folds_on_cluster import require_folds
from thalweg.evaluation.quantiles.levels_of_loss import require_levels_at_end
from thalweg.evaluation.rates.given_exposures import (
    loss_of_rates,
    per_exposure,
    rates_evaluated,
    require_no_exposure,
    why_no_intervals,
)
from thalweg.evaluation.repeated_cross_validation import judge_by_folds
from thalweg.evaluation.several.asked_targets import asked_targets, targets_given
from thalweg.evaluation.several.evaluations import Evaluations
from thalweg.evaluation.task_judging import Task, task_of_all
from thalweg.evaluation.verdict_sections import costs_of, labels_of
from thalweg.wording import counted

_WAYS = ("holdout", "cross-validation", "given")


@overload
def evaluate(
    model: Any, X: TableLike, y: "pd.Series[Any]", **options: Unpack[EvaluationOptions]
) -> Evaluation: ...


@overload
def evaluate(
    model: Any, X: TableLike, y: SeveralTargets, **options: Unpack[EvaluationOptions]
) -> Evaluations: ...


@overload
def evaluate(
    model: Any, X: TableLike, y: TargetLike, **options: Unpack[EvaluationOptions]
) -> Evaluation: ...


def evaluate(
    model: Any, X: TableLike, y: TargetLike | SeveralTargets, *,
    how: str | Any | Iterable[tuple[Any, Any]] = "holdout", positive: Label | None = None,
    groups: GroupsLike = None, repeats: int = 1, folds: int = 5, seed: int = 0,
    random_state: int | None = None, baselines: str | None = "default",
    costs: Mapping[str, float] | None = None, margin: float | None = None, loss: str | None = None,
    sample_weight: WeightsLike = None, by: By | None = None,
    exposure: str | ArrayLike | None = None, client: Any = None,
) -> Evaluation | Evaluations:  # fmt: skip
    """Evaluate an estimator on a table; docs/estimators.md has examples.

    Parameters
    ----------
    model : estimator with ``fit``, ``predict``, for classes ``predict_proba``; a copy is fitted
    X, y : table, shape (n_samples, n_features), and array-like, shape (n_samples,)
        Or several targets, shape (n_samples, n_targets).
    how : {"holdout", "cross-validation", "given"}, splitter or iterable, default "holdout"
        A fifth is held out; ``folds`` folds, ``repeats`` times; a fitted model on all rows, which
        it has not seen; or the splits of scikit-learn, as a splitter or pairs of row numbers.
    positive, groups, sample_weight : optional
        The positive one of two classes (default: that of the model, if it names one); rows that are
        never split, also inside the fit; how much each row counts.
    seed, random_state : int, default 0
        Of splits and intervals: two names of one number.
    baselines : {"default", "simple", None}
        Logistic or ridge regression, trees, the best constant; "simple": no trees; or none.
    costs : {"missed": float, "alarm": float}, optional
        Of the two mistakes: they give the threshold.
    margin : float, optional
        The largest difference that does not matter, chosen in advance: nats of log-loss, and in
        regression a share of the loss of the other model. Default: 0.01, of rare classes less.
    loss : str, optional
        Of numbers: what models are compared by. Default: a thalweg model's own; RMSE of others.
    by, exposure : optional
        Columns whose groups are evaluated; of what size a row is: y / exposure is evaluated.
    client : distributed.Client, optional
        Of a Dask cluster, which fits the folds (docs/cluster.md).

    Returns
    -------
    Evaluation, or Evaluations by the names of several targets
        Metrics are means over the repetitions; sections are of the first one.
    """
    check_numbers(repeats, folds, margin)
    seed = seed_given(seed, random_state)
    X, y, groups, sample_weight = map(unmasked, (X, y, groups, sample_weight))
    if (Y := targets_given(y)) is not None:
        require_no_exposure(exposure)
    require_folds(client, how, several=Y is not None)
    without = why_no_intervals(model, exposure, loss)
    loss = loss_of_rates(model, exposure, loss)
    model, X, y, sample_weight = per_exposure(model, X, y, sample_weight, exposure, loss)
    ask = partial(_Asked.of, X=X, how=how, groups=groups, weights=sample_weight,
                  baselines=baselines, costs=costs, loss=loss, by=by)  # fmt: skip
    if Y is not None:
        return _of_targets(ask, model, X, Y, how, positive, (folds, repeats, seed, margin), by)
    asked = ask(model, y=y, positive=positive)
    verdict, runs = asked.judged(how, folds, repeats, seed, margin, client)
    found = asked.evaluation(verdict, runs, how, margin, by, seed)
    return replace(found, _no_intervals=without, _rates=rates_evaluated(model, exposure, loss))


def _of_targets(
    ask: Callable[..., "_Asked"],
    model: Any,
    X: Any,
    Y: pd.DataFrame,
    how: Any,
    positive: Any,
    numbers: tuple[int, int, int, float | None],
    by: By | None,
) -> Evaluations:
    """The evaluations of several targets."""
    splits = how if isinstance(how, str) or hasattr(how, "split") else list(how)
    *_, seed, margin = numbers
    found = {}
    for name, each in asked_targets(model, X, Y, splits, positive, ask).items():
        verdict, runs = each.judged(splits, *numbers)
        found[name] = each.evaluation(verdict, runs, splits, margin, by, seed)
    return Evaluations(found)


@dataclass(frozen=True, eq=False)
class _Asked:
    """A model and a table, understood.

    Parameters
    ----------
    model : object
    X, y : table and ndarray
        The target as labels of one type, or as numbers.
    task : Task
    groups, weights : ndarray or None
    baselines : {"default", "simple", None}
    costs : mapping or None
    named : array-like
        The target as it was given, perhaps with a name.
    make : callable, optional
        Makes an unfitted model from a seed: one of several targets, whose fit is that of all.
    strata : ndarray, optional
        As in `judge_on_holdout`.
    """

    model: Any
    X: Any
    y: np.ndarray
    task: Task
    groups: np.ndarray | None
    weights: np.ndarray | None
    baselines: str | None
    costs: Mapping[str, float] | None
    named: Any
    make: Callable[[int], Any] | None = None
    strata: np.ndarray | None = None

    @cached_property
    def _runs(self) -> "_Runs":
        decision = OwnDecision(self.task, beside=self.baselines is not None)
        asked = self.task.kind.of_classes and self.costs is None
        return _Runs(self.task, decision if asked else None)

    @cached_property
    def _origin(self) -> Origin | None:
        """What a fitted model knows of the rows that are given."""
        found = origin_for(self.model, self.X, self.y)
        return None if found is None or found.behind_steps else found

    @classmethod
    def of(
        cls,
        model: Any,
        X: Any,
        y: Any,
        how: Any,
        positive: Label | None,
        groups: Any,
        weights: Any,
        baselines: str | None,
        costs: Mapping[str, float] | None,
        loss: str | None,
        by: By | None,
    ) -> "_Asked":
        """The same, checked."""
        require_one_target(model)
        if not hasattr(model, "fit") and not hasattr(model, "predict"):
            raise SettingsError(
                f"A {type(model).__name__} is no estimator",
                fix="pass an object with fit and predict, such as LogisticRegression()",
            )
        if isinstance(how, str) and how not in _WAYS:
            raise SettingsError(
                f"how is {how!r}", fix=f"give {listed(_WAYS)}, a splitter, or pairs of row numbers"
            )
        if baselines not in ("default", "simple", None):
            raise SettingsError(
                f"baselines is {baselines!r}", fix='give "default", "simple" or None'
            )
        regression, given = predicts_numbers(model), isinstance(how, str) and how == "given"
        target, n_rows = np.asarray(y), n_rows_of(X)
        target = checked_target(target, n_rows, regression=regression)
        if given:
            require_fitted(
                model, X, where='how="given"', why="A given model is evaluated as it is",
                fix='fit it on other rows, or give how="holdout" or how="cross-validation"',
            )  # fmt: skip
        wrapping(model, of_classes=not regression, fitted=given)
        require_levels_at_end(model)
        task = checked_task(model, target, positive, regression=regression, given=given)
        threshold_of(task, costs)
        if by is not None:  # before the fits, which may take long
            columns_for(X, n_rows, np.arange(0))(by)
        return cls(
            model,
            X,
            target,
            with_loss(task, loss, target),
            checked_groups(groups, n_rows),
            weights_given(weights),
            None if given else baselines,
            costs,
            y,
        )

    def judged(
        self, how: Any, folds: int, repeats: int, seed: int, margin: float | None,
        client: Any = None,
    ) -> tuple[Verdict, "_Runs"]:  # fmt: skip
        """The verdict, and the models that answered."""
        runs, places, make = self._runs, places_table(len(self.y)), self.make or self._made
        task = TaskAlone(self.task) if self.baselines is None else self.task
        if isinstance(how, str) and how == "given":
            runs.add(self.wrapped(self.model))
            marks = self.groups, self.weights
            verdict = on_given_rows(runs.last, self.y, task, *marks, seed, self._origin)
            return verdict, runs
        common: dict[str, Any] = {
            "task": task,
            "seed": seed,
            "groups": self.groups,
            "sample_weight": self.weights,
            "margin": margin,
            "trees": self.baselines == "default",
            "strata": self.strata,
            **matrix_of(self.X, len(self.y), needed=self.baselines is not None),
        }
        if isinstance(how, str) and how == "holdout":
            model = make(seed)
            return judge_on_holdout(model, places, self.y, on_test=runs.add, **common), runs
        if not isinstance(how, str):
            common["given"] = given_splits(how, self.X, self.y, self.groups)
            if self.task.kind.of_classes:
                require_two_classes(common["given"], self.y)
        common |= {"n_folds": folds, "n_repeats": repeats, "client": client}
        verdict = judge_by_folds(make, places, self.y, on_fold=runs.add, **common)
        return verdict, runs

    def _made(self, seed: int) -> WrappedEstimator:
        """A copy that is not fitted; its own seed stays."""
        del seed
        return self.wrapped(copy_of(self.model))

    def wrapped(self, estimator: Any) -> WrappedEstimator:
        """A model as the evaluation asks it."""
        chosen = threshold_of(self.task, self.costs)
        threshold = None if self.costs is None or chosen is None else chosen.value
        wrap = wrapping(self.model, of_classes=self.task.kind.of_classes)
        return wrap(estimator, self.X, threshold, self._runs.decision, self._runs.unseen)

    def _given(self, verdict: Verdict, how: Any) -> Given:
        """What a report can say of the rows and of the model."""
        found = Given.of_model(self.model, self.X, self.y, self.named, verdict.answers.how)
        found = replace(found, weights=self.weights)
        if not isinstance(how, str) or how != "given":
            return found
        origin = self._origin
        if origin is None or (origin.n_trained == len(self.y) and origin.exact):
            return found if found.known == "training" else replace(found, known="not known")
        known: Known = "training" if origin.how == "training" else "not known"
        return replace(found, known=known, which=which_rows(origin, "it"))

    def evaluation(
        self,
        verdict: Verdict,
        runs: "_Runs",
        how: Any,
        margin: float | None,
        by: By | None,
        seed: int,
    ) -> Evaluation:
        """The evaluation of what the models answered."""
        runs.warn_of_unseen()
        task, alone, places = runs.task, runs.alone, verdict.places
        assert places is not None
        columns, decision = columns_for(self.X, len(self.y), places), runs.decision
        return Evaluation(
            verdict,
            task,
            _classes(task),
            threshold_of(task, self.costs, None if decision is None else decision.threshold()),
            costs_of(task, runs.last),
            seed,
            margin,
            None if alone is None else alone.estimator,
            {} if by is None else columns(by),
            columns,
            None if alone is None else OwnHeld.of(task, alone, places),
            "" if decision is None else decision.sentence(),
            self._given(verdict, how),
        )


class _Runs:
    """The tasks of the fitted models, and the last of these."""

    def __init__(self, task: Task, decision: OwnDecision | None) -> None:
        self._task, self._tasks = task, list[Task]()
        self.decision = decision
        self.unseen: dict[str, None] = {}
        self.last: Any = None

    def warn_of_unseen(self) -> None:
        """Warn of levels that models were not fitted on: one warning for all models."""
        if not self.unseen:
            return
        first, *others = self.unseen
        more = f" It is so of {counted(len(others), 'other model')}, with other rows."
        said = first + (more if others else "")
        warnings.warn(said, UnseenLevelWarning, stacklevel=outer_level())

    def add(self, fitted: Any, test: np.ndarray | None = None) -> None:
        """Another fitted model; of one of several targets, its view."""
        del test
        fitted = getattr(fitted, "view", fitted)
        self._tasks.append(self._task.of(fitted))
        self.last = fitted

    @property
    def task(self) -> Task:
        """The task for what all of them predicted."""
        return task_of_all(self._tasks)

    @property
    def alone(self) -> Any:
        """The model, if there is a single one; else None."""
        return self.last if len(self._tasks) == 1 else None


def _classes(task: Task) -> tuple[str, ...]:
    return tuple(str(label) for label in labels_of(task))
