"""Evaluate settings on a whole table by repeated cross-validation.

In each repetition, every row is predicted once, by a network that was not trained on it. The
result says how good the *settings* are on such tables; `validate` says how good one trained network
is.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from thalweg.data.dates.time_windows import TimeOrder
from thalweg.data.typing import Label
from thalweg.evaluation.answers import Answers, How
from thalweg.evaluation.any_estimator.decided_labels import decided_labels
from thalweg.evaluation.comparing.compared_answers import compare_answers, rounds_of
from thalweg.evaluation.comparing.margin_rule import require_margin
from thalweg.evaluation.judged_table import NETWORK, JudgedTable, asked_of, said_of_weights
from thalweg.evaluation.judged_test_set import Verdict
from thalweg.evaluation.judging.conclusion_sentences import cannot_judge_alike, different_rows
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.model_protocol import JudgedModel, rulings_of, subject_fact
from thalweg.evaluation.on_cluster.folds_on_cluster import FoldFit, fits_of_folds
from thalweg.evaluation.splits import Splits
from thalweg.evaluation.task_judging import (
    AnyJudgement,
    Task,
    task_of_all,
    two_classes,
)
from thalweg.wording import counted

CROSS: How = "cross-validated"


def judge_by_folds(
    make_model: Callable[[int], JudgedModel],
    X: pd.DataFrame,
    y: np.ndarray,
    *,
    positive: Label | None = None,
    task: Task | None = None,
    seed: int,
    matrix: np.ndarray,
    n_levels: Sequence[int] = (),
    n_folds: int = 5, n_repeats: int = 3,
    groups: np.ndarray | None = None, times: TimeOrder | None = None,
    sample_weight: np.ndarray | None = None,
    given: Sequence[Splits] | None = None,
    margin: float | None = None,
    trees: bool = True, strata: np.ndarray | None = None,
    on_fold: Callable[[JudgedModel, np.ndarray], None] = lambda model, test: None,
    client: Any = None,
) -> Verdict:  # fmt: skip
    """Evaluate a kind of model, and the baselines, by repeated cross-validation.

    Parameters
    ----------
    make_model : callable, which makes an unfitted model from a seed; called once per fold
    seed : int: of the splits, the models and the intervals
    X, y, positive, task, matrix, n_levels, groups, times, sample_weight, margin, trees, strata
        As in `thalweg.evaluation.judged_test_set.judge_on_holdout`.
    n_folds, n_repeats : int
    given : the training and test rows of each fold of each repetition, instead of the two numbers
    on_fold : callable
        Called with the fitted model of a fold and the positions of its test rows.
    client : Client of Dask, optional: it fits the models and the baselines

    Returns
    -------
    Verdict
        Metrics and their interval ends are means over the repetitions, which make no interval
        narrower: the rows are the same. Differences are means over all folds, by the corrected t.

    Raises
    ------
    DataError, SettingsError
        As in `fold_splits`, `other_class` and `require_margin`.
    """
    require_margin(margin)
    task = task or two_classes(y, positive)
    table = JudgedTable.of(X, y, matrix, n_levels, groups, times, sample_weight)
    strata, truth = table.strata_of(task, strata), task.truth(table.y)
    splits = [table.given_splits(each) for each in given or ()]
    splits = splits or [table.folds(strata, n_folds, seed + k) for k in range(n_repeats)]
    table, no_trees = table.with_trees(task, [*chain(*splits)], wanted=trees)
    models = [partial(make_model, seed + k) for k in range(len(splits))]
    ahead = fits_of_folds(client, table, task, truth, models, splits)
    rounds = [
        _round(table, task, truth, models[k], on_fold, each, ahead[k])
        for k, each in enumerate(splits)
    ]
    how = _how_given(given) if given else _how(table, n_folds, n_repeats, splits[-1])
    kind: How = "test" if given and max(map(len, given)) == 1 else CROSS
    return _of_rounds(rounds, table, truth, kind, how, seed, margin, no_trees)


def _of_rounds(
    rounds: "Sequence[_Round]",
    table: JudgedTable,
    truth: np.ndarray,
    kind: How,
    how: str,
    seed: int,
    margin: float | None,
    no_trees: str,
) -> Verdict:
    """The verdict of all repetitions, with their answers."""
    asked = task_of_all([each for done in rounds for each in done.tasks])
    answered = [done.answers(table, truth, kind) for done in rounds]
    n_train = round(np.mean([table.n_rows(train) for train, _ in rounds[-1].splits]))
    n_different = table.n_cases(np.arange(len(truth)))
    taught = tuple(
        np.array([table.n_rows(train) for train, _ in done.splits], dtype=np.intp)
        for done in rounds
    )
    verdict = _verdict(
        asked, answered, rounds[-1].model, seed, how, n_train, n_different, taught, margin
    )
    places = table.places_of_answers(_test_rows(rounds[0].splits))
    return replace(
        verdict,
        answered=tuple(answered),
        places=places,
        taught=taught,
        n_different=n_different,
        sentence=f"{verdict.sentence} {no_trees}".strip(),
    )


class _Round(NamedTuple):
    """What the models of a repetition predict for all rows, and the last of them."""

    predicted: dict[str, np.ndarray]
    fold: np.ndarray
    tasks: list[Task]
    splits: Splits
    model: JudgedModel | None

    def answers(self, table: JudgedTable, truth: np.ndarray, how: How) -> dict[str, Answers]:
        """The answers for the test rows: in time order, the others were never test rows."""
        tested = _test_rows(self.splits)
        answers = {name: answer[tested] for name, answer in self.predicted.items()}
        folds = None if how == "test" else self.fold[tested]
        return table.answers(truth[tested], answers, tested, folds, how)


def _round(
    table: JudgedTable,
    task: Task,
    truth: np.ndarray,
    make_model: Callable[[], JudgedModel],
    on_fold: Callable[[JudgedModel, np.ndarray], None],
    splits: Splits,
    ahead: list[FoldFit],
) -> _Round:
    """Fit a model on the training rows of each fold, and ask it for the test rows.

    ``ahead`` has the fits that a cluster made, if there is one.
    """
    tasks, model = list[Task](), None
    predicted: dict[str, np.ndarray] = {}
    fold = np.empty(len(truth), dtype=np.intp)
    for k, (train, test) in enumerate(splits):
        fold[test] = k
        model = make_model()
        if ahead:
            model = ahead[k].put_into(model)
        else:
            table.fit(model, train)
        tasks.append(task.of(model))
        found = (
            {**asked_of(tasks[-1], model, table.X.iloc[test]), **ahead[k].baselines}
            if ahead
            else table.predictions(tasks[-1], model, truth, train, test)
        )
        _fill(predicted, found, test, truth)
        on_fold(model, table.places(test))
    return _Round(predicted, fold, tasks, splits, model)


def _how(table: JudgedTable, n_folds: int, n_repeats: int, splits: Splits) -> str:
    if table.times is not None:
        return _how_in_time(table, table.times, n_folds, n_repeats, _test_rows(splits))
    repeated = "once" if n_repeats == 1 else f"repeated {n_repeats} times"
    groups = table.groups
    grouped = "" if groups is None else f" of {counted(len(np.unique(groups)), 'group')}"
    return f"Evaluated by {n_folds}-fold cross-validation{grouped}, {repeated}"


def _how_given(given: Sequence[Splits]) -> str:
    n_splits = sum(map(len, given))
    if n_splits == 1:
        return "Evaluated on the test rows of the given split"
    again = "" if len(given) == 1 else f", in {counted(len(given), 'repetition')}"
    return f"Evaluated by {n_splits} given splits{again}"


def _test_rows(splits: Splits) -> np.ndarray:
    """The rows that are a test row of some fold: in time order not the earliest ones."""
    return np.sort(np.concatenate([test for _, test in splits]))


def _how_in_time(
    table: JudgedTable, times: TimeOrder, n_folds: int, n_repeats: int, judged: np.ndarray
) -> str:
    again = "" if n_repeats == 1 else f", repeated {n_repeats} times"
    n_judged = table.n_rows(judged)
    share = 100 * n_judged / table.n_rows(np.arange(len(times.values)))
    return (
        f"Evaluated on {counted(n_folds, 'window')} of time, each by what learned from the rows "
        f"before it{again}: the latest {n_judged:,} rows ({share:.0f} %), from "
        f"{times.text(float(times.values[judged].min()))} on"
    )


def _fill(
    predicted: dict[str, np.ndarray],
    found: dict[str, np.ndarray],
    rows: np.ndarray,
    truth: np.ndarray,
) -> None:
    """Write the predictions for some rows into the arrays of all rows."""
    for name, answer in found.items():
        predicted.setdefault(name, np.empty((len(truth), *answer.shape[1:])))[rows] = answer


def _verdict(
    task: Task,
    rounds: list[dict[str, Answers]],
    model: JudgedModel | None,
    seed: int,
    how: str,
    n_train: int,
    n_different: int,
    taught: Sequence[np.ndarray],
    margin: float | None,
) -> Verdict:
    """The mean evaluation over the repetitions."""
    first, always = rounds[0][NETWORK], task.kind.constant
    judged = {
        name: _mean_judgement(
            [
                decided_labels(task, each[name], model, seed=seed, constant=name == always)
                for each in rounds
            ]
        )
        for name in rounds[0]
    }
    network = judged.pop(NETWORK)
    against = {
        name: compare_answers(
            task,
            rounds_of(rounds, NETWORK, rounds, name),
            taught=taught,
            margin=margin,
            seed=seed,
            n_different=n_different,
        )
        for name in judged
    }
    if alike := different_rows(len(first), n_different):
        how += f", on {counted(len(first), 'row')}{alike}"
    caution = cannot_judge_alike(len(first), n_different, "add a column in which the rows differ")
    differences = rulings_of(model, against)
    return Verdict(
        task=task.kind.name,
        how=how + said_of_weights(first),
        n_train=n_train,
        n_test=len(first),
        network=network,
        baselines=judged,
        differences=differences,
        sentence=f"{task.sentence(network, judged, differences)} {caution}".strip(),
        facts={**task.facts(), **subject_fact(model)},
    )


# What evaluations have of a mean over repetitions.
_AVERAGED = ("confusion", "metrics", "recall", "precision", "pinball", "below", "between")


def _mean_judgement(judgements: Sequence[AnyJudgement]) -> AnyJudgement:
    """The mean of every count and estimate, at any depth."""
    first = judgements[0]
    mean: AnyJudgement = replace(
        first,
        **{
            name: _mean_of([getattr(each, name) for each in judgements])
            for name in _AVERAGED
            if hasattr(first, name)
        },
    )
    return mean


def _mean_of(values: Sequence[Any]) -> Any:
    first = values[0]
    if isinstance(first, dict):
        return {name: _mean_of([each[name] for each in values]) for name in first}
    if isinstance(first, tuple):
        return tuple(_mean_of([each[k] for each in values]) for k in range(len(first)))
    return _mean_estimate(values) if isinstance(first, Estimate) else _mean(values)


def _mean_estimate(estimates: Sequence[Estimate]) -> Estimate:
    return Estimate(
        *(_mean(getattr(each, end) for each in estimates) for end in ("value", "low", "high"))
    )


def _mean(values: Iterable[float]) -> float:
    with np.errstate(invalid="ignore"):  # ∞ - ∞ is NaN
        return float(np.mean(list(values)))
