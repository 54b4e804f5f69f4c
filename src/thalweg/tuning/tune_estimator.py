"""``tune``: search settings of an estimator, and say honestly what that was worth."""

import hashlib
import math
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from sklearn.base import clone

from thalweg.cluster.cluster_watch import require_usable
from thalweg.counter_based_random import seed_from
from thalweg.data.typing import (
    GroupsLike,
    TableLike,
    TargetLike,
    TimesLike,
    WeightsLike,
)
from thalweg.errors import SettingsError, UnfinishedWarning, outer_level
from thalweg.estimators.fitted import Fitted, OfTrials
from thalweg.estimators.from_others.named_tables import Rows, TargetNames, rows_with_target
from thalweg.estimators.learning.fit_plan import GivenRows
from thalweg.estimators.parameters.parameter import CLASSIFIER, Seed
from thalweg.evaluation.answers import STOPPED
from thalweg.parallel_map import usable_threads
from thalweg.tuning.honest_score import select_and_score
from thalweg.tuning.running.asked_sampler import require_sampler
from thalweg.tuning.running.search_bounds import Bounds
from thalweg.tuning.running.study_differences import Facts
from thalweg.tuning.running.trial_runs import TrialRuns
from thalweg.tuning.search_rounds import Search, TrialDone
from thalweg.tuning.search_spaces import Space, space_of
from thalweg.tuning.studies.journal_lines import OF_TABLE
from thalweg.tuning.study_journal import Record, SearchStudy, open_study
from thalweg.tuning.trial_fits import Model, TrialFit, TrialTable, require_plain, require_taken
from thalweg.tuning.trial_store import TrialStore
from thalweg.tuning.tuned_model import Tuned
from thalweg.tuning.unseen_score import UnseenRows, unseen_score
from thalweg.wording import amount, parameter

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

_COSTS = ("seconds", "microseconds", "bytes")


def tune(
    estimator: Model, X: Rows, y: TargetLike | None = None, sample_weight: WeightsLike = None, *,
    target: TargetNames | None = None, groups: GroupsLike = None, time_column: TimesLike = None,
    time_limit: float | None = None, n_trials: int | None = None,
    space: str | Mapping[str, Any] = "small", keep: int = 8,
    study: str | os.PathLike[str] | None = None, n_jobs: int | None = None,
    random_state: Seed = None, sampler: "str | BaseSampler" = "tpe",
    max_row_microseconds: float | None = None, max_size: float | None = None,
    if_unclear: Literal["default", "tuned"] = "default",
    listener: Callable[[TrialDone], None] | None = None, client: Any = None,
    X_test: TableLike | None = None, y_test: TargetLike | None = None,
    sample_weight_test: WeightsLike = None, groups_test: GroupsLike = None,
) -> Tuned:  # fmt: skip
    """Search settings, and fit the best ensemble of trials; docs/tuning.md has examples.

    The model is trial 0, the estimator as it is, unless the ensemble is shown to be better on rows
    that chose nothing. It needs Optuna: ``pip install "thalweg[tune]"``.

    Parameters
    ----------
    estimator : ThalwegClassifier or ThalwegRegressor
    X, y, sample_weight, target, groups, time_column
        As in ``fit``; one target.
    time_limit, n_trials : float and int, optional
        Seconds for everything, and the number of trials. Trial 0 is always finished.
    space : {"small", "wide", "article"} or dict, default "small"
        A dict has for each parameter a list of values, ``(low, high)``, ``(low, high, "log")``, or
        a distribution of Optuna.
    keep : int, default 8: the most slots of the ensemble, each with the networks of a trial
    study : str or path, optional: a journal of Optuna, from which the same call again goes on
    n_jobs : int, optional, the number of threads, on which the result does not depend
    random_state : int, RandomState instance or None
        The seed of the search; and of the fits, if the estimator has none.
    sampler : {"tpe", "random"} or a sampler of Optuna, with a seed of its own, default "tpe"
    max_row_microseconds, max_size : float, optional
        The most that the model may take to predict a row of many, and bytes of its arrays.
    if_unclear : {"default", "tuned"}, the model if the ensemble is not shown to be better
    listener : callable, optional, called with a `TrialDone` after each trial
    client : Client of Dask, optional: the trials of a round run there (docs/cluster.md)
    X_test, y_test, sample_weight_test, groups_test
        Rows that choose nothing, on which the tuned model and the default are evaluated.

    Raises
    ------
    DataError, SettingsError, UnfinishedError
        The last for Ctrl-C before trial 0 was finished. Later, it ends the search with the others.
    """
    began = time.monotonic()
    bounds = Bounds(n_trials, time_limit, keep, max_row_microseconds, max_size)
    require_plain(estimator)
    kind, way = estimator._kind, {"sampler": sampler, "if_unclear": if_unclear, "client": client}
    require_search(**vars(bounds), **way, space=space, kind=kind)
    unseen = _unseen_rows(X_test, y_test, sample_weight_test, groups_test)
    X, y = rows_with_target(X, y, target, of_classes=kind == CLASSIFIER, is_new=True)
    given = GivenRows(X, y, sample_weight, None, None, groups, time_column)  # type: ignore[arg-type]
    asked = space_of(space, kind), random_state, sampler
    hears = listener or (_prints if estimator.verbose else None)
    threads = usable_threads(estimator.n_jobs if n_jobs is None else n_jobs)
    with _begun(estimator, given, study, asked, bounds) as (table, opened):
        return _searched(table, opened, (threads, client), bounds, hears, began, unseen, if_unclear)


def _searched(
    table: TrialTable,
    study: SearchStudy,
    runs_on: tuple[int, Any],
    bounds: Bounds,
    hears: Callable[[TrialDone], None] | None,
    began: float,
    unseen: UnseenRows | None,
    if_unclear: str,
) -> Tuned:
    """Run a search from its first trial, or from where its study ends."""
    rehearsal = partial(_rehearsed, table, unseen=unseen)
    with TrialStore(table, study.folder) as store, TrialRuns(table, *runs_on) as runs:
        search = Search(table, study, study.space, store, bounds, runs, hears, began, rehearsal)
        n_before = sum(each.state != "running" for each in study.records())
        search.run()
        return replace(_result(search, if_unclear, unseen), n_before=n_before)


@contextmanager
def _begun(
    estimator: Model,
    given: GivenRows,
    path: str | os.PathLike[str] | None,
    asked: "tuple[Space, Seed, str | BaseSampler]",
    bounds: Bounds,
) -> Iterator[tuple[TrialTable, SearchStudy]]:
    """The table, read once, and the study, which is of this search."""
    space, random_state, sampler = asked
    require_taken(space, estimator)
    seed = _seed_given(random_state)
    own = None if estimator.random_state is None else seed_from(estimator.random_state)
    with open_study(path, space, seed, sampler) as study:
        table = _table_of(estimator, study.seed if own is None else own, given)
        timed = ("microseconds",) if bounds.max_row_microseconds is not None else ()
        study.begin(_facts(table, study, bounds), ("seconds", "bytes", "ended_earlier", *timed))
        yield table, study


def _seed_given(random_state: Seed) -> int | None:
    """The seed that is given for a search, if there is one."""
    if random_state is None:
        return None
    if not isinstance(random_state, np.random.RandomState | np.random.Generator):
        whole = isinstance(random_state, int | np.integer) and not isinstance(random_state, bool)
        if not whole or not 0 <= random_state < 2**32:
            raise SettingsError(
                f"{parameter('random_state', random_state)} is no seed",
                fix=f"give a whole number from 0 to {2**32 - 1:,}, or leave it out",
            )
    return seed_from(random_state)


def _table_of(estimator: Model, seed: int, rows: GivenRows) -> TrialTable:
    """The table of a search, read once."""
    model: Model = clone(estimator).set_params(random_state=seed)
    model._validate_params()
    return TrialTable.of(model, rows)


def _facts(table: TrialTable, study: SearchStudy, bounds: Bounds) -> Facts:
    """What the study of this search must have in common with one that it continues."""
    sampler, rows = study.sampler, table.plan.rows
    marks, read = table.plan.marks, table.plan.read
    settings = {
        name: value if isinstance(value, bool | int | float | str | None) else str(value)
        for name, value in table.plan.settings.items()
    }
    return {
        "thalweg": version("thalweg"),
        "table": rows["data_hash"],
        OF_TABLE: {
            "rows": len(table.plan.read.matrix),
            "columns": list(map(str, read.schema.names)),
            "target": hashlib.sha256("\n".join(map(str, np.asarray(read.y))).encode()).hexdigest(),
        },
        "weights": rows["weights_hash"] or "",
        "rows": "" if marks is None else f"{marks.of} {_digest(marks.values)}",
        "estimator": type(table.estimator).__name__,
        "settings": settings,
        "seed of fits": table.plan.recipe.settings.seed,
        "space": study.space.as_text(),
        "sampler": sampler if isinstance(sampler, str) else type(sampler).__name__,
        "keep": int(bounds.keep),
        "max_row_microseconds": bounds.max_row_microseconds,
        "max_size": bounds.max_size,
    }


def _digest(values: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values, np.float64).tobytes()).hexdigest()


def _unseen_rows(
    X: TableLike | None, y: TargetLike | None, weights: WeightsLike, groups: GroupsLike
) -> UnseenRows | None:
    """The rows that the search does not get, if there are some."""
    if X is None and y is None and weights is None and groups is None:
        return None
    if X is None or y is None:
        raise SettingsError(
            "X_test and y_test belong together",
            fix="give both: the table of the test rows, and the target of each",
        )
    return UnseenRows(X, y, weights, groups)


def _rehearsed(table: TrialTable, fit: TrialFit, unseen: UnseenRows | None) -> None:
    """What comes after the last trial, with the default alone."""
    model = table.with_settings({})
    model._adopt(table.fitted([fit], {}))
    if unseen is not None:
        unseen_score(model, model, unseen, 0)


def _result(search: Search, if_unclear: str, unseen: UnseenRows | None) -> Tuned:
    """Select the ensemble, evaluate it, decide, and make the model."""
    records, table = search.complete(), search.table
    selection = search.selection()
    slots, honest = select_and_score(
        selection, search.study.seed, search.resamples(), search.until()
    )
    if not slots:
        raise _nothing_fits(search.bounds, records, has_file=search.study.folder is not None)
    tuned = not selection.may_be_default or (
        slots != [0] and (honest.is_better or if_unclear == "tuned")
    )
    used = slots if tuned else [0]
    model = _model_of(search, [records[slot] for slot in used], len(records))
    others = {tuple(used): model}
    for each in (slots, [0]) if unseen is not None else ():
        if tuple(each) not in others:
            others[tuple(each)] = _model_of(search, [records[slot] for slot in each], len(records))
    score = None
    if unseen is not None:
        score = unseen_score(others[tuple(slots)], others[(0,)], unseen, search.study.seed)
    if search.ended_by == "interrupt":
        warnings.warn(
            _interrupted(len(records)),
            UnfinishedWarning,
            stacklevel=outer_level(),
        )
    limits = selection.limits
    allowed = np.ones(len(records), bool) if limits is None else limits.allowed([])
    means = np.where(allowed, selection.losses @ table.losses.weights, np.inf)
    best = records[int(np.argmin(means))]
    return Tuned(
        table.estimator,
        model,
        "tuned" if tuned else "default",
        honest,
        tuple(records[slot].place for slot in slots),
        _frame(search, [records[slot].place for slot in slots]),
        search.changes(best),
        search.study.seed,
        _times_default(search, records, used),
        time.monotonic() - search.began,
        search.ended_by,
        score,
        space=search.space,
        bounds=search.bounds,
    )


def _interrupted(n_trials: int) -> str:
    if n_trials == 1:
        return "The search was interrupted. Only trial 0, the default, was complete."
    return f"The search was interrupted. The result is of the {n_trials} trials that were complete."


def _times_default(search: Search, records: Sequence[Record], used: Sequence[int]) -> float:
    """The multiplications of a row in the model over those in the default.

    They are counted, because a time depends on what else the machine does. A network that is in
    several slots is computed once.
    """
    fits = {slot: search.fit_of(records[slot]) for slot in {0, *used}}
    needed = {slot: fit.multiplications for slot, fit in fits.items()}
    return sum(needed[slot] for slot in set(used)) / needed[0]


def _model_of(search: Search, used: Sequence[Record], n_trials: int) -> Model:
    """The fitted estimator of the networks of some trials."""
    table, changes = search.table, search.changes(used[0])
    fits = {each.place: search.fit_of(each) for each in used}
    fitted = table.fitted([fits[each.place] for each in used], changes)
    if [each.place for each in used] != [0]:
        n_networks = len(table.splits)
        places = tuple(each.place for each in used for _ in range(n_networks))
        fitted = _chosen_by_rows(replace(fitted, tuned=OfTrials(n_trials, places)))
    model = table.with_settings(changes)
    model._adopt(fitted)
    return model


def _chosen_by_rows(fitted: Fitted) -> Fitted:
    """The same where it is said that the out-of-fold rows chose the trials."""
    found = fitted.out_of_fold
    if found is None:
        return fitted
    answers = None if found.answers is None else replace(found.answers, how=STOPPED)
    return replace(fitted, out_of_fold=replace(found, how=STOPPED, answers=answers))


def _frame(search: Search, slots: Sequence[int]) -> pd.DataFrame:
    """The trials as a table."""
    rows: list[dict[str, Any]] = []
    for each in search.study.records():
        if each.state == "running":
            continue
        row: dict[str, Any] = {"number": each.place, "state": each.state, "loss": each.loss}
        row |= {name: each.facts[name] for name in _COSTS if name in each.facts}
        row["weight"] = slots.count(each.place) / len(slots)
        rows.append(row | (each.values if each.place else search.shown_default))
    return pd.DataFrame(rows)


def _nothing_fits(bounds: Bounds, records: Sequence[Record], *, has_file: bool) -> SettingsError:
    """No trial is within the limits."""
    least = {
        name: min(each.facts[key] for each in records)
        for name, key, most in (
            ("max_row_microseconds", "microseconds", bounds.max_row_microseconds),
            ("max_size", "bytes", bounds.max_size),
        )
        if most is not None
    }
    said = " and ".join(
        parameter(name, each if isinstance(each, int) else math.ceil(1000 * each) / 1000)
        for name, each in least.items()
    )
    return SettingsError(
        "No trial is within the limits",
        why=f"The least that a trial takes is {said}",
        fix=f"give larger limits{' and another study' if has_file else ''}, or more trials with a "
        "space that has smaller networks",
    )


def _prints(done: TrialDone) -> None:
    """Print a line about a trial on standard error."""
    of = "" if done.n_trials is None else f" of {done.n_trials}"
    loss = "diverged" if done.loss is None else f"loss {amount(done.loss)}"
    left = "" if done.seconds_left is None else f", {max(0.0, done.seconds_left):.0f} s left"
    print(
        f"Trial {done.number}: {loss}; {done.n_done}{of} done, best {amount(done.best_loss)} "
        f"(trial {done.best_number}){left}",
        file=sys.stderr,
    )


def require_search(
    *, n_trials: int | None, time_limit: float | None, keep: int,
    max_row_microseconds: float | None, max_size: float | None, sampler: "str | BaseSampler",
    if_unclear: str, space: str | Mapping[str, Any], kind: str = CLASSIFIER, client: Any = None,
    **others: object,
) -> None:  # fmt: skip
    """Raise a SettingsError for what `tune` cannot be asked for; ``others`` are not looked at."""
    del others
    if client is not None:
        require_usable(client)
    space_of(space, kind)
    if time_limit is None and n_trials is None:
        limit, trials = parameter("time_limit", 60), parameter("n_trials", 50)
        raise SettingsError(
            "The search does not know when to end", fix=f"give {limit} (seconds) or {trials}"
        )
    for name, value in (
        ("time_limit", time_limit), ("max_row_microseconds", max_row_microseconds),
        ("max_size", max_size),
    ):  # fmt: skip
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (is_number and 0 < value < math.inf):
            raise SettingsError(
                f"{parameter(name, value)} is not a number above 0",
                fix="give one, or leave it out",
            )
    for name, count in (("n_trials", n_trials), ("keep", keep)):
        whole = isinstance(count, int | np.integer) and not isinstance(count, bool)
        if count is not None and not (whole and 0 < count <= 100_000):
            raise SettingsError(
                f"{parameter(name, count)} is not a whole number from 1 to 100,000",
                fix=f"give one, as in {parameter(name, 50 if name == 'n_trials' else 8)}",
            )
    require_sampler(sampler)
    if if_unclear not in ("default", "tuned"):
        raise SettingsError(
            f"{parameter('if_unclear', if_unclear)} has no meaning",
            fix=f"take {parameter('if_unclear', 'default')} or {parameter('if_unclear', 'tuned')}",
        )
