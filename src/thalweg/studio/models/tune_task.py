"""The task "tune": what ``thalweg tune`` does, with a study in the workspace; the model is kept."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from thalweg.jobs.recipes.report_recipes import recipes_of_model_file
from thalweg.jobs.sections.asked_sections import AskedSections
from thalweg.jobs.tuning.searched_model import OF_SECONDS, SearchAsked
from thalweg.jobs.tuning.tune import TuneOutcome, TuneRequest, tune
from thalweg.reporting.page.page_tree import tree_of
from thalweg.reporting.tuning.running_search import running_course
from thalweg.reporting.tuning.search_page import search_part
from thalweg.studio.models.fit_task import columns_of_fit, settings_of
from thalweg.studio.models.told_progress import ToldProgress, require_wanted
from thalweg.studio.models.worker_desk import LaidTable, WorkerDesk
from thalweg.studio.wire.model_requests import OF_TUNE, asked_id
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.table_choices import all_choices
from thalweg.studio.worker.serving_loop import Task, TaskRun
from thalweg.studio.workspace.kept_studies import KeptStudy, running_study
from thalweg.studio.workspace.safe_names import TUNED, safe_name
from thalweg.training.progress import ProgressStep

# Of what a page shows of a search; the table of very many trials is left out of a larger one.
MOST_SEARCH = 300_000


def tune_task(worker: WorkerDesk) -> Task:
    """The task, for this worker."""

    def task(run: TaskRun) -> Packet:
        asked = {key: run.asked.head[key] for key in OF_TUNE}
        run.tell(Packet({"what": "Reading the table"}))
        with ExitStack() as held:
            desk = held.enter_context(worker.cleared())
            state = desk.state(asked["table"])
            of_study = study_id(asked, state), {**asked, "state": state}
            study = held.enter_context(running_study(desk.held.folder, *of_study, run.deserted))
            table = desk.table(asked["table"], all_choices(asked["choices"]))
            request = _request(table, asked, study.journal)
            require_wanted(run)
            # As Ctrl-C ends the command: with the trials so far, and the model is made of them.
            outcome = tune(request, ToldSearch(run, study), run.finish)
            require_wanted(run)  # what it gave when it was cancelled is not what the command gives
            file = str(request.output)
            again = replace(request, search=replace(request.search, study=None))
            kept = desk.keep(
                desk.held.models, file, table.name, renames=True, file=file, table=asked["table"],
                choices=json.dumps(asked["choices"]), search=_shown(outcome), state=state,
                **recipes_of_model_file(again, "tune"),
            )  # fmt: skip
        return Packet({"model": kept.id})

    return task


def study_id(asked: Mapping[str, Any], state: str | None = None) -> str:
    """The id of the study of a search.

    More minutes go on with the same one. A number of trials has one of its own: with more trials
    than it asks for, a model would be another than that of the command. So has each ``state`` of
    the file that the command line names: other rows are another search.
    """
    told = {key: each for key, each in asked.items() if key != "minutes"}
    return asked_id(told if state is None else {**told, "state": state})


def _request(table: LaidTable, asked: Mapping[str, Any], journal: str) -> TuneRequest:
    choices, minutes = all_choices(asked["choices"]), asked["minutes"]
    search = SearchAsked(
        time_limit=None if minutes is None else 60.0 * minutes, n_trials=asked["trials"],
        space=asked["space"], study=journal,
    )  # fmt: skip
    return TuneRequest(
        table=table.word, columns=columns_of_fit(choices), reading=table.reading,
        task=choices["task"], settings=settings_of(asked["settings"]), seed=asked["seed"],
        sections=AskedSections(no_trees=asked["no_trees"]), search=search,
        output=safe_name(table.name, TUNED),
    )  # fmt: skip


def _shown(outcome: TuneOutcome) -> str | None:
    """What a page shows of the search: that of the report, without a word on the held-out rows.

    They are locked in a page until somebody reveals them.
    """
    shown = replace(outcome.found, unseen=None).shown()
    for markup in (search_part(shown), running_course({t.number: t.loss for t in shown.trials})):
        if (tree := _short(markup)) is not None:
            return json.dumps(tree)
    return None


def _short(markup: str) -> list[Any] | None:
    """A picture as `page_tree` gives it; None if it is too long for a page."""
    tree = tree_of(markup)
    return tree if len(json.dumps(tree)) <= MOST_SEARCH else None


class ToldSearch(ToldProgress):
    """The same listener for a search: it also draws the trials so far.

    Parameters
    ----------
    run : TaskRun
    study : KeptStudy
        It knows the trials of before.
    """

    def __init__(self, run: TaskRun, study: KeptStudy) -> None:
        super().__init__(run)
        self._study, self._trials = study, study.trials()
        if self._trials:
            self._draw()

    def progress(self, step: ProgressStep) -> None:
        """Tell it; with a new trial, tell the picture of all."""
        if step.trial is not None:
            self._trials[step.trial[0]] = step.trial[1]
            self._study.note(self._trials)
            self._draw()
        if step.title == OF_SECONDS:
            step = replace(step, title="Search", unit="second")
        super().progress(step)

    def _draw(self) -> None:
        if (drawn := _short(running_course(self._trials))) is not None:
            self._run.tell(Packet({"course": drawn, "trials": len(self._trials)}))
