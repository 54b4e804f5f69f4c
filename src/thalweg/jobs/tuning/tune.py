"""The job of ``thalweg tune``: search settings on a part of a table, and evaluate on the rest."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from thalweg.errors import SettingsError
from thalweg.evaluation.judged_table import JudgedTable
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.interrupts import Cancellation
from thalweg.jobs.fit import FitRequest, check_request
from thalweg.jobs.fitting.cluster_client import connected, require_address
from thalweg.jobs.fitting.evaluated_fit import (
    judged_on_test,
    require_storable_fit,
    shown_of,
    with_all_sections,
)
from thalweg.jobs.fitting.fit_outcome import FitOutcome
from thalweg.jobs.fitting.written_fit import EvaluatedFit, write_files
from thalweg.jobs.parts.estimator import estimator_for
from thalweg.jobs.parts.summary_facts import model_facts
from thalweg.jobs.parts.training_table import TrainingTable, read_training_table
from thalweg.jobs.parts.writing import what_it_replaces
from thalweg.jobs.predictions.held_out_rows import HeldOutRows, nothing_kept
from thalweg.jobs.recipes.report_recipes import recipes_of_tune
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.tuning.searched_model import SearchAsked, SearchedModel
from thalweg.tuning.studies.own_files import paths_of
from thalweg.tuning.tune_estimator import require_search
from thalweg.tuning.tuned_model import Tuned
from thalweg.tuning.unseen_score import UnseenRows
from thalweg.wording import parameter

_FRACTION = 0.2


@dataclass(frozen=True, kw_only=True)
class TuneRequest(FitRequest):
    """A table, the estimator that is trial 0, the search, and the files to write.

    Attributes
    ----------
    search : SearchAsked
    scheduler : str, optional
        The address of the scheduler of a Dask cluster, on which the trials run.
    """

    search: SearchAsked = field(default_factory=SearchAsked)
    scheduler: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class TuneOutcome(FitOutcome):
    """An evaluated model of a search.

    Attributes
    ----------
    found : Tuned
    """

    found: Tuned


def tune(
    request: TuneRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> TuneOutcome:
    """Search settings on four fifths of a table, and evaluate the model on the others.

    A cancellation ends the search with the trials so far, and the model is made of them.
    """
    with JobRun("tune", listener, cancellation, request.seed) as run:
        _check(request)
        table = read_training_table(run, request)
        run.require_wanted()
        estimator = estimator_for(table, request.settings, request.seed)
        if request.output is not None:
            require_storable_fit(estimator, table)
        held_out = HeldOutRows(table)
        kept = held_out.add if request.predictions else nothing_kept

        def on_test(fitted: JudgedModel, test: np.ndarray) -> None:
            request.sections.decide(fitted)
            kept(fitted, test)

        unseen = _held_out(table, request.seed)
        with connected(request.scheduler) as client:
            searched = SearchedModel(estimator, request.search, request.seed, unseen, run, client)
            verdict = judged_on_test(run, searched, table, request, on_test)
        model, found = searched.found_model, searched.found
        judged = with_all_sections(verdict, table, model, request)
        result = {
            "file": None, "report": None, "predictions": None, "search": found.as_dict(),
            "model": model_facts(model), "judgement": judged,
        }  # fmt: skip
        outcome = run.settle(TuneOutcome, result=result, model=model, found=found)
        search = None if request.report is None else found.shown(str(table.facts["name"]))
        fit = EvaluatedFit(model, table, judged, shown_of(table, verdict), held_out, search)
        return write_files(run, request, fit, outcome, recipes_of_tune(request))


def _held_out(table: TrainingTable, seed: int) -> UnseenRows:
    """The rows that the evaluation holds out: the search does not get them."""
    every = JudgedTable.of(
        table.table.frame, table.y, table.matrix, table.schema.n_levels, table.groups, table.times,
        table.weights,
    )  # fmt: skip
    test = every.holdout(every.strata_of(table.task, None), _FRACTION, seed)[1]
    return UnseenRows(
        every.X.iloc[test],
        every.y[test],
        None if every.weights is None else every.weights[test],
        None if every.groups is None else every.groups[test],
    )


def _replaces(study: str, table: str, outputs: list[str]) -> bool:
    """Whether a file of the study is where another file of the search is or comes.

    Another file may also be in the folder of the study, and the study in a table that is a folder.
    """
    names = paths_of(study)
    own = {each for name in names for each in (name, _real(str(name)))}
    within = any(own & {each, *each.parents} for each in map(_real, (table, *outputs)))
    return within or _real(table) in names[0].parents or bool(what_it_replaces(study, [table]))


def _real(path: str) -> Path:
    return Path(os.path.realpath(path))


def _check(request: TuneRequest) -> None:
    """Check before the search what can be checked."""
    check_request(request)
    require_search(**vars(request.search))
    require_address(request.scheduler)
    columns = request.columns
    given = {
        "refit": request.refit, "landscape": request.landscape, "checkpoint": request.checkpoint,
        "exposure": columns.exposure, "offset": columns.offset, "targets": columns.targets,
        "estimator": request.estimator if request.estimator != "network" else None,
    }  # fmt: skip
    for name, value in given.items():
        if value:
            raise SettingsError(
                f"A search does not take {parameter(name)}",
                fix="leave it out, or fit without a search, with thalweg fit",
            )
    study = request.search.study
    outputs = [each for each in (request.output, request.report, request.predictions) if each]
    if study is not None and _replaces(study, request.table, outputs):
        raise SettingsError(
            f"{parameter('study', study)} would replace another file of this search",
            fix=f"name another file for {parameter('study')}",
        )
