"""The job of ``thalweg evaluate --tune``: what tuning is worth, by nested cross-validation."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from thalweg.errors import SettingsError
from thalweg.estimators.parameters.simpler_model import NETWORK
from thalweg.evaluation.any_estimator.wrapped_estimator import places_table
from thalweg.evaluation.judged_table import JudgedTable
from thalweg.interrupts import Cancellation, heeding
from thalweg.jobs.fitting.cluster_client import connected, require_address
from thalweg.jobs.parts.estimator import estimator_for
from thalweg.jobs.parts.training_table import TrainingTable, read_training_table
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.tuning.nested.evaluate_tuning import EachSearch, Nested, SearchDone
from thalweg.tuning.nested.tuning_worth import TuningWorth, announced, duration
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.jobs.evaluate import EvaluateRequest


@dataclass(frozen=True, kw_only=True, eq=False)
class TuningWorthOutcome(Outcome):
    """What tuning is worth.

    Attributes
    ----------
    worth : TuningWorth
    """

    worth: TuningWorth


def evaluate_tuning(
    request: "EvaluateRequest",
    search: EachSearch,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> TuningWorthOutcome:
    """Evaluate a search and the default on rows that no search has seen.

    Parameters
    ----------
    request : EvaluateRequest
    search : EachSearch
        What each search is asked for.
    listener, cancellation : optional
    """
    with JobRun("evaluate", listener, cancellation, request.seed) as run:
        _require_possible(request)
        table = read_training_table(run, request)
        run.require_wanted()
        nested = _nested(run, request, search, table)
        searches = request.folds * request.repeats
        again = "once" if request.repeats == 1 else f"{request.repeats} times"
        of_folds = f" ({request.folds} folds, {again})"
        run.say(announced(searches, search.time_limit, search.n_trials, of_folds))
        with heeding(run.cancellation), connected(request.scheduler) as client:
            worth = replace(nested, client=client).worth(
                request.folds, request.repeats, request.sections.margin
            )
        run.tell(result={"tuning": worth.as_dict()})
        return run.settle(TuningWorthOutcome, worth=worth)


def _nested(
    run: JobRun, request: "EvaluateRequest", search: EachSearch, table: TrainingTable
) -> Nested:
    """The nested cross-validation of a table that is read."""
    if table.offset is not None:
        raise SettingsError(
            f"{parameter('tune')} takes no exposures",
            why="A search compares trials without them",
            fix=f"leave out {parameter('exposure')} and {parameter('offset')}",
        )
    settings = {**request.settings, "unknown": "ignore"}
    estimator = estimator_for(table, settings, request.seed).set_params(random_state=None)
    rows = JudgedTable.of(
        places_table(len(table.y)), table.y, table.matrix, table.schema.n_levels, table.groups,
        table.times, table.weights,
    )  # fmt: skip

    def on_search(done: SearchDone) -> None:
        run.require_wanted()
        left = done.seconds / done.n_done * (done.n_searches - done.n_done)
        later = f", about {duration(left)} left" if left else ""
        run.say(f"Search {done.n_done} of {done.n_searches}: {done.chosen}{later}.")

    return Nested(estimator, table.table.frame, rows, table.task, search, request.seed, on_search)


def _require_possible(request: "EvaluateRequest") -> None:
    """Raise a SettingsError for what no nested cross-validation has."""
    sections = request.sections
    require_address(request.scheduler)
    if request.columns.targets:
        raise SettingsError(
            f"{parameter('tune')} takes one target",
            fix=f"name one with {parameter('target')}",
        )
    given = [
        name for name, is_given in (
            ("predictions", request.predictions is not None),
            ("id", bool(request.columns.ids)),
            ("estimator", request.estimator != NETWORK),
            ("by", bool(sections.by)),
            ("missed", sections.missed is not None),
            ("alarm", sections.alarm is not None),
            ("from", sections.first is not None),
            ("to", sections.last is not None),
            ("no_trees", sections.no_trees),
        ) if is_given
    ]  # fmt: skip
    if given:
        said = " and ".join(parameter(name) for name in given)
        raise SettingsError(
            f"{said} cannot be said together with {parameter('tune')}",
            why="It compares two ways to get a network, by their loss alone",
            fix=f"leave out {said}, or {parameter('tune')}",
        )
