"""The task "fit": what ``thalweg fit`` does, with a table of the studio; the model file is kept."""

import json
from collections.abc import Mapping
from typing import Any

from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import Option, Setting
from thalweg.estimators.parameters.parameter_table import BY_NAME
from thalweg.estimators.parameters.setting_texts import reader_of
from thalweg.jobs.fit import FitRequest, fit
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.recipes.report_recipes import recipes_of_model_file
from thalweg.jobs.sections.asked_sections import AskedSections
from thalweg.studio.models.told_progress import ToldProgress, require_wanted
from thalweg.studio.models.worker_desk import WorkerDesk
from thalweg.studio.tasks.table_recipes import columns_of
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.table_choices import all_choices
from thalweg.studio.worker.serving_loop import Task, TaskRun
from thalweg.studio.workspace.safe_names import MODEL, safe_name


def fit_task(worker: WorkerDesk) -> Task:
    """The task, for this worker."""

    def task(run: TaskRun) -> Packet:
        asked = run.asked.head
        choices = all_choices(asked["choices"])
        run.tell(Packet({"what": "Reading the table"}))
        with worker.cleared() as desk:
            state = desk.state(asked["table"])
            table = desk.table(asked["table"], choices)
            request = FitRequest(
                table=table.word, columns=columns_of_fit(choices), reading=table.reading,
                task=choices["task"], settings=settings_of(asked["settings"]),
                seed=asked["seed"], estimator=asked["estimator"], refit=asked["refit"],
                sections=AskedSections(no_trees=asked["no_trees"]),
                output=safe_name(table.name, MODEL),
            )  # fmt: skip
            require_wanted(run)
            fit(request, ToldProgress(run), run.cancellation)
            require_wanted(run)  # what it gave when it was cancelled is not what the command gives
            file = str(request.output)
            kept = desk.keep(
                desk.held.models, file, table.name, renames=True, file=file, table=asked["table"],
                choices=json.dumps(asked["choices"]), state=state, **recipes_of_model_file(request),
            )  # fmt: skip
        return Packet({"model": kept.id})

    return task


def columns_of_fit(choices: Mapping[str, Any]) -> Columns:
    """What the choices say of columns: one that is kept beside predictions is no input of a fit."""
    return columns_of(choices).without_ids()


def settings_of(said: Mapping[str, str]) -> dict[str, Setting]:
    """The settings that texts name, which are those of the options of ``thalweg fit``.

    Raises
    ------
    SettingsError
        There is no such setting, or the text has no meaning.
    """
    found = {}
    for name, text in said.items():
        known = BY_NAME.get(name)
        if known is None or not isinstance(known.option, Option):
            raise SettingsError(
                f"There is no setting {name!r}", fix="take one of docs/parameters.md"
            )
        found[name] = reader_of(known)(text)
    return found
