"""``evaluate_tuning``: what tuning is worth on a table, by nested cross-validation.

In each outer fold, the default is fitted and a search is run on the training rows, with inner folds
of its own. The test rows of the fold, which no search has seen, evaluate both. So the whole search
is evaluated, with the choice that it makes at its end.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils import _safe_indexing

from thalweg.data.dates.time_windows import TimeOrder
from thalweg.data.row_view import Numbers
from thalweg.data.schema.given_table import table_of
from thalweg.data.schema.schema import infer_schema
from thalweg.data.typing import GroupsLike, TableLike, TargetLike, TimesLike, WeightsLike
from thalweg.errors import SettingsError, Status, UnfinishedError
from thalweg.estimators.checked_target import labels_of_target
from thalweg.estimators.from_others.named_tables import Rows, TargetNames, rows_with_target
from thalweg.estimators.learning.encoded_training_data import time_marks
from thalweg.estimators.parameters.parameter import CLASSIFIER
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.any_estimator.inputs.asked_numbers import check_numbers, seed_given
from thalweg.evaluation.any_estimator.inputs.asked_rows import (
    checked_groups,
    checked_target,
    checked_task,
)
from thalweg.evaluation.any_estimator.inputs.given_inputs import weights_given
from thalweg.evaluation.any_estimator.wrapped_estimator import places_table
from thalweg.evaluation.comparing.compared_answers import compare_answers, rounds_of
from thalweg.evaluation.comparing.margin_rule import Ruling
from thalweg.evaluation.judged_table import JudgedTable
from thalweg.evaluation.repeated_cross_validation import CROSS
from thalweg.evaluation.splits import Splits, of_rows
from thalweg.evaluation.task_judging import Task, task_of_all
from thalweg.tuning.honest_score import HonestScore
from thalweg.tuning.losses_of_trials import SQUARED_ERROR
from thalweg.tuning.nested.tuning_worth import DEFAULT, ENSEMBLE, TUNED, TuningWorth, mean_losses
from thalweg.tuning.trial_fits import Model
from thalweg.tuning.tune_estimator import tune
from thalweg.tuning.tuned_model import Tuned
from thalweg.wording import counted

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


class SearchDone(NamedTuple):
    """What a listener hears after a search.

    Attributes
    ----------
    n_done, n_searches : int
    chosen : {"default", "tuned"}
    seconds : float
        Since the first one began.
    """

    n_done: int
    n_searches: int
    chosen: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class EachSearch:
    """What each search is asked for; the parameters of `tune`."""

    time_limit: float | None = None
    n_trials: int | None = None
    space: str | Mapping[str, Any] = "small"
    keep: int = 8
    sampler: "str | BaseSampler" = "tpe"


def evaluate_tuning(
    estimator: Model, X: Rows, y: TargetLike | None = None, *,
    target: TargetNames | None = None, time_limit: float | None = None,
    n_trials: int | None = None, space: str | Mapping[str, Any] = "small", keep: int = 8,
    sampler: "str | BaseSampler" = "tpe", folds: int = 5, repeats: int = 1,
    groups: GroupsLike = None, time_column: TimesLike = None, sample_weight: WeightsLike = None,
    seed: int = 0, random_state: int | None = None, margin: float | None = None,
    listener: Callable[[SearchDone], None] | None = None, client: Any = None,
) -> TuningWorth:  # fmt: skip
    """What tuning is worth on a table, by nested cross-validation; docs/tuning.md has an example.

    It takes ``folds · repeats · time_limit`` seconds, and as many fits of the default. It needs
    Optuna: ``pip install "thalweg[tune]"``.

    Parameters
    ----------
    estimator : ThalwegClassifier or ThalwegRegressor, unfitted: the default
    X, y, target : as in ``fit``; one target
    time_limit, n_trials : float and int, optional
        Of each search; at least one of the two. Only with ``n_trials`` alone is the result the same
        again.
    space, keep, sampler
        As in `tune`.
    folds, repeats : int, default 5 and 1
        Of the outer cross-validation. The inner folds are those of the estimator.
    groups, time_column, sample_weight : optional
        As in ``fit``, and the outer folds keep them, too: groups are not split, and in time order
        each window is predicted from the rows before it.
    seed, random_state : int, default 0
        Of the splits, the searches, and of the fits, if the estimator has none: two names of one
        number.
    margin : float, optional, as in `thalweg.evaluate`
    listener : callable, optional, called with a `SearchDone` after each search
    client : Client of Dask, optional, as in `tune`

    Returns
    -------
    TuningWorth
        The difference of the losses with its 95 % interval, which is corrected for training rows
        that folds have in common (Nadeau & Bengio 2003).

    Raises
    ------
    DataError, SettingsError
    UnfinishedError
        For Ctrl-C: some of the folds are not what was asked for.
    """
    check_numbers(repeats, folds, margin)
    seed = seed_given(seed, random_state)
    if groups is not None and time_column is not None:
        raise SettingsError("groups and time_column exclude each other", fix="give one of them")
    asked = EachSearch(
        time_limit=time_limit, n_trials=n_trials, space=space, keep=keep, sampler=sampler
    )
    of_classes = getattr(estimator, "_kind", CLASSIFIER) == CLASSIFIER
    rows, y = rows_with_target(X, y, target, of_classes=of_classes, is_new=True)
    labels_of_target(estimator, y)
    table, task = _table_and_task(estimator, rows, y, groups, time_column, sample_weight)
    nested = Nested(estimator, rows, table, task, asked, seed, listener, client)
    return nested.worth(folds, repeats, margin)


def _table_and_task(
    estimator: Model,
    X: TableLike,
    y: TargetLike,
    groups: GroupsLike,
    time_column: TimesLike,
    weights: WeightsLike,
) -> tuple[JudgedTable, Task]:
    """The numbers of the rows with what is known of them, and the task of the target."""
    regression = getattr(estimator, "_kind", CLASSIFIER) != CLASSIFIER
    given = table_of(X)
    schema = infer_schema(given)
    matrix = schema.matrix(given)
    target = checked_target(np.asarray(y), len(matrix), regression=regression)
    times = None
    if time_column is not None:
        marks = time_marks(time_column, schema, Numbers.of(matrix))
        times = TimeOrder("time", marks.values)
    table = JudgedTable.of(
        places_table(len(matrix)), target, np.asarray(matrix), schema.n_levels,
        checked_groups(groups, len(matrix)), times, weights_given(weights),
    )  # fmt: skip
    return table, checked_task(estimator, target, None, regression=regression, given=False)


@dataclass(frozen=True, eq=False)
class Nested:
    """A nested cross-validation.

    Attributes
    ----------
    estimator : ThalwegClassifier or ThalwegRegressor
        The default, unfitted.
    X : table
        All rows.
    table : JudgedTable
        The numbers of the rows in ``X``, and what else is known of them.
    task : Task
    asked : EachSearch
    seed : int
    listener : callable or None
    client : Client of Dask, or None
    """

    estimator: Model
    X: Any
    table: JudgedTable
    task: Task
    asked: EachSearch
    seed: int
    listener: Callable[[SearchDone], None] | None = None
    client: Any = None

    def worth(self, n_folds: int, n_repeats: int, margin: float | None) -> TuningWorth:
        """Run all searches, and compare."""
        table = self.table
        strata = table.strata_of(self.task, None)
        truth = self.task.truth(table.y)
        rounds: list[dict[str, Answers]] = []
        taught, records, tasks = list[np.ndarray](), list[dict[str, Any]](), list[Task]()
        every = [table.folds(strata, n_folds, self.seed + k) for k in range(n_repeats)]
        for k, splits in enumerate(every):
            found = self._round(k, splits, truth, tasks, records, n_folds * n_repeats)
            rounds.append(found)
            taught.append(np.array([table.n_rows(train) for train, _ in splits], dtype=np.intp))
        task = task_of_all(tasks)
        folds = _with_losses(pd.DataFrame(records), task, rounds)
        n_different = table.n_cases(np.arange(len(truth)))

        def ruling(name: str) -> Ruling:
            return compare_answers(
                task, rounds_of(rounds, name, rounds, DEFAULT), taught=taught, margin=margin,
                seed=self.seed, n_different=n_different,
            )  # fmt: skip

        return TuningWorth(
            task.measure,
            mean_losses(folds, (TUNED, ENSEMBLE, DEFAULT)),
            ruling(TUNED),
            ruling(ENSEMBLE),
            folds,
            len(rounds[0][DEFAULT]),
            self._how(n_folds, n_repeats),
            self.seed,
        )

    def _round(
        self,
        repetition: int,
        splits: Splits,
        truth: np.ndarray,
        tasks: list[Task],
        records: list[dict[str, Any]],
        n_searches: int,
    ) -> dict[str, Answers]:
        """The answers of one repetition, by name; adds its tasks and records."""
        table, predicted = self.table, dict[str, np.ndarray]()
        fold = np.empty(len(truth), dtype=np.intp)
        for k, (train, test) in enumerate(splits):
            fold[test] = k
            default, found = self._fitted(train, self.seed + repetition)
            tasks.append(self.task.of(default))
            shown = found.chosen == TUNED and found.honest.is_better
            models = {DEFAULT: default, ENSEMBLE: found.model}
            rows = self._rows(test)
            answers = {name: tasks[-1].ask(each, rows) for name, each in models.items()}
            answers[TUNED] = answers[ENSEMBLE if shown else DEFAULT]
            for name, answer in answers.items():
                empty = np.empty((len(truth), *answer.shape[1:]))
                predicted.setdefault(name, empty)[test] = answer
            records.append(
                {"repetition": repetition + 1, "fold": k + 1, "chosen": TUNED if shown else DEFAULT,
                 "expected": _expected(found.honest), "n_trials": len(found.trials),
                 "n_resamples": found.honest.n_resamples, "is_cut": found.honest.is_cut,
                 "n_train": table.n_rows(train), "n_test": table.n_rows(test),
                 "seconds": found.seconds}
            )  # fmt: skip
            if self.listener is not None:
                done = sum(each["seconds"] for each in records)
                self.listener(SearchDone(len(records), n_searches, records[-1]["chosen"], done))
        tested = np.sort(np.concatenate([test for _, test in splits]))
        kept = {name: answer[tested] for name, answer in predicted.items()}
        return table.answers(truth[tested], kept, tested, fold[tested], CROSS)

    def _fitted(self, train: np.ndarray, seed: int) -> tuple[Model, Tuned]:
        """The default, and a search, on some rows."""
        table = self.table
        more = of_rows(table.groups, None if table.times is None else table.times.values, train)
        if table.weights is not None:
            more["sample_weight"] = table.weights[train]
        estimator: Model = clone(self.estimator)
        if estimator.random_state is None:
            estimator.set_params(random_state=seed)
        X, y = self._rows(train), table.y[train]
        found = tune(
            estimator, X, y, **more, **vars(self.asked), random_state=seed, if_unclear="tuned",
            client=self.client,
        )  # fmt: skip
        if found.ended_by == "interrupt":
            raise _ended()
        if found.chosen == DEFAULT:
            return found.model, found
        default: Model = clone(estimator)
        default.fit(X, y, **more)
        if default.status_ is Status.INTERRUPTED:
            raise _ended()
        return default, found

    def _rows(self, rows: np.ndarray) -> Any:
        return _safe_indexing(self.X, self.table.places(rows))

    def _how(self, n_folds: int, n_repeats: int) -> str:
        repeated = "once" if n_repeats == 1 else f"repeated {n_repeats} times"
        if self.table.times is not None:
            return (
                f"Evaluated on {counted(n_folds, 'window')} of time, {repeated}, each by a search "
                "on the rows before it"
            )
        grouped = "" if self.table.groups is None else " of groups"
        return (
            f"Evaluated by nested cross-validation: {n_folds} folds{grouped}, {repeated}, each "
            "with a search on its training rows"
        )


def _ended() -> UnfinishedError:
    return UnfinishedError(
        "The evaluation of tuning was ended before its last search",
        why="Some of the folds are not what was asked for",
        fix="start it again",
    )


def _expected(found: HonestScore) -> float:
    """The difference that a search expects, in the unit of the losses of the folds.

    A search decides by squared errors, and a fold has their root.
    """
    if found.loss_name != SQUARED_ERROR:
        return found.difference.value
    return math.sqrt(found.loss.value) - math.sqrt(found.default_loss.value)


def _with_losses(folds: pd.DataFrame, task: Task, rounds: list[dict[str, Answers]]) -> pd.DataFrame:
    """The folds with the loss of each model on their test rows."""
    for name in (DEFAULT, TUNED, ENSEMBLE):
        losses = []
        for repetition, fold in zip(folds.repetition, folds.fold, strict=True):
            answers = rounds[int(repetition) - 1][name]
            rows = np.flatnonzero(answers.folds == int(fold) - 1)
            losses.append(task.alone(answers.rows(rows)))
        folds[name] = losses
    first = ["repetition", "fold", DEFAULT, TUNED, ENSEMBLE]
    return folds[[*first, *(each for each in folds if each not in first)]]
