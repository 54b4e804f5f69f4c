"""The tasks about a kept model: what it is, thresholds, explanations, predictions, its report.

Each of them is a job of the command line with what a page has chosen.
"""

import json
from typing import Any

from thalweg.errors import SettingsError
from thalweg.jobs.decide import DecideRequest, decide
from thalweg.jobs.explain import ExplainRequest, explain
from thalweg.jobs.explaining.explained_table_rows import AskedRows, ExplainedTableRows
from thalweg.jobs.explaining.which_columns import AskedColumns
from thalweg.jobs.predict import PredictRequest, predict
from thalweg.jobs.recipes.model_recipes import (
    recipes_of_decide,
    recipes_of_explain,
    recipes_of_predict,
)
from thalweg.jobs.recipes.report_recipes import recipes_of_report
from thalweg.jobs.recipes.request_in_python import PAGE
from thalweg.jobs.report import ReportRequest, page_of_evaluation, report
from thalweg.jobs.running.outcome import finite
from thalweg.jobs.show import ShowRequest, show
from thalweg.reporting.model_sections.explained_section import shown_row
from thalweg.reporting.page.about_model_data import drawn_row
from thalweg.studio.models.asked_model import MOST_ANSWER, kept_beside, laid_table, size_of, told
from thalweg.studio.models.told_progress import ToldProgress
from thalweg.studio.models.worker_desk import Desk, WorkerDesk
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import Task, TaskRun
from thalweg.studio.workspace.kept_files import KeptFile
from thalweg.studio.workspace.safe_names import (
    DECIDED,
    DECIDED_AGAIN,
    PREDICTED,
    REPORTED,
    safe_name_after,
)

Plain = dict[str, Any]
_OF_DECISION = (
    "target",
    "missed",
    "alarm",
    "sensitivity",
    "specificity",
    "f1",
    "confidence",
    "seed",
)
_OF_ROW = ("method", "set", "change", "to", "below", "above")
_OF_PREDICTIONS = (
    "ids", "unknown", "threshold", "label", "digits", "interval", "sets", "abstain", "outside",
    "unlike",
)  # fmt: skip


def model_tasks(worker: WorkerDesk) -> dict[str, Task]:
    """The tasks by their names, for this worker."""
    tasks = {
        "model": _model, "decide": _decide, "explain": _explain, "predict": _predict,
        "report": _report,
    }  # fmt: skip

    def on_desk(does: Any) -> Task:
        def task(run: TaskRun) -> Packet:
            asked = dict(run.asked.head)
            with worker.cleared() as desk:
                found: Packet = does(run, desk, desk.model(asked["model"]), asked)
                return found

        return task

    return {name: on_desk(does) for name, does in tasks.items()}


def _model(run: TaskRun, desk: Desk, kept: KeptFile, asked: Plain) -> Packet:
    """What a model file has, as ``thalweg show`` says it, and the data of its report's page."""
    file, target = kept.known["file"], asked["target"]
    outcome = show(ShowRequest(model=file), ToldProgress(run), run.cancellation)
    targets = list(outcome.targets)
    if targets:  # a page shows one of several targets at a time
        target = targets[0] if target is None else target
        of_one = ShowRequest(model=file, target=target)
        outcome = show(of_one, ToldProgress(run), run.cancellation)
    choices = kept.known["choices"]
    about: Plain = {
        "name": kept.name, "file": file, "bytes": kept.size, "table": desk.table_of(kept),
        "choices": None if choices is None else json.loads(choices),
        "page": None, "targets": targets, "target": target if targets else None,
        "search": json.loads(kept.known.get("search") or "null"),
    }  # fmt: skip
    recipes = {name: kept.known[name] for name in ("command", "python")}
    if outcome.judgement is not None:
        page = finite(page_of_evaluation(ReportRequest(model=file, target=about["target"])))
        if size_of(page) + size_of(outcome.plain()) + size_of(about) < MOST_ANSWER // 2:
            about["page"] = page
    return told(outcome, recipes, **about)


def _decide(run: TaskRun, desk: Desk, kept: KeptFile, asked: Plain) -> Packet:
    """A threshold, as ``thalweg decide`` finds it; it is kept in a new model if that is asked."""
    table = {} if asked["table"] is None else laid_table(desk, kept, asked)
    file = None
    if asked["keeps"]:
        file = safe_name_after(kept.known["file"], DECIDED)
        if file == kept.known["file"]:  # no file is read and written at the same time
            file = safe_name_after(file, DECIDED_AGAIN)
    request = DecideRequest(
        model=kept.known["file"], output=file, **table,
        **{name: asked[name] for name in _OF_DECISION},
    )  # fmt: skip
    outcome = decide(request, ToldProgress(run), run.cancellation)
    recipes = recipes_of_decide(request)
    if file is None:
        return told(outcome, recipes)
    made = desk.keep(  # which may be a model of before: that of the fit, if the threshold is its
        desk.held.models, file, kept.name, renames=False, file=file, **recipes,
        **{name: kept.known.get(name) for name in ("table", "choices", "search", "state")},
    )  # fmt: skip
    return told(outcome, recipes, model=made.id, file=made.known["file"])


def _explain(run: TaskRun, desk: Desk, kept: KeptFile, asked: Plain) -> Packet:
    """Why the answer for a row is as it is, as ``thalweg explain --row`` says it."""
    against = asked["against"]
    rows = AskedRows(
        row=str(asked["row"]), against=None if against is None else str(against),
        **{name: asked[name] for name in _OF_ROW},
    )  # fmt: skip
    request = ExplainRequest(
        model=kept.known["file"], rows=rows, columns=AskedColumns(target=asked["target"]),
        **laid_table(desk, kept, asked),
    )  # fmt: skip
    outcome = explain(request, ToldProgress(run), run.cancellation)
    found = outcome.found
    assert isinstance(found, ExplainedTableRows)
    row, networks = shown_row(found.explanation, 0), len(found.explanation.members)
    picture = {**drawn_row(row, networks), "sentence": row["sentence"], "notes": row["notes"]}
    picture["written"] = found.written[0]
    waterfall = found.explanation.waterfall(0)
    picture["explained"] = f"the {waterfall.what}"
    # A predicted number is called by its target, and has the unit of it.
    picture["unit"] = "its unit" if row["label"] is None else "percentage points"
    changed = None if found.what_if is None else "\n".join(found.what_if.sentences(0))
    return told(
        outcome, recipes_of_explain(request), text=found.text(), picture=picture, changed=changed
    )


def _predict(run: TaskRun, desk: Desk, kept: KeptFile, asked: Plain) -> Packet:
    """The predictions of all rows as a CSV file, which is kept."""
    run.tell(Packet({"what": "Reading the table"}))
    table = laid_table(desk, kept, asked)
    # Those of later rows have their name: the name of the model is for the table of its fit.
    is_own = asked["table"] == desk.table_of(kept)
    file = safe_name_after(kept.known["file"] if is_own else table["table"], PREDICTED)
    said = {name: asked[name] for name in _OF_PREDICTIONS}
    said["ids"] = asked["ids"] or kept_beside(kept, table)
    request = PredictRequest(model=kept.known["file"], output=file, **table, **said)
    outcome = predict(request, ToldProgress(run), run.cancellation)
    recipes = recipes_of_predict(request)
    made = desk.keep(
        desk.held.predictions, file, table["table"], renames=True, file=file, **recipes
    )
    return told(outcome, recipes, predictions=made.id, file=file, bytes=made.size)


def _report(run: TaskRun, desk: Desk, kept: KeptFile, asked: Plain) -> Packet:
    """The report of a model as one HTML file, which is kept."""
    request = ReportRequest(
        model=kept.known["file"], output=PAGE, no_what_if=asked["no_what_if"],
        target=asked["target"], **_more_of_report(desk, kept, asked),
    )  # fmt: skip
    outcome = report(request, ToldProgress(run), run.cancellation)
    recipes = recipes_of_report(request)
    file = safe_name_after(kept.known["file"], REPORTED)
    made = desk.keep(desk.held.reports, PAGE, kept.name, renames=True, file=file, **recipes)
    return told(outcome, recipes, report=made.id, file=file, bytes=made.size)


def _more_of_report(desk: Desk, kept: KeptFile, asked: Plain) -> Plain:
    """The fields of a report about a table: rows that it follows, and the training run."""
    if asked["trace"] is None and not asked["landscape"]:
        return {}
    if asked["table"] is None:
        raise SettingsError(
            "Rows and the training run of a report need a table, and none is open",
            fix="open the table in the place Table, or make the report without them",
        )
    table = laid_table(desk, kept, asked)
    if said := [name for name in ("number", "missing") if table.pop(name)]:
        raise SettingsError(
            "The rows of a report are read as the model knows their columns",
            why=f"For this table it is said how it differs: --{said[0]}",
            fix="make the report without rows, and explain a row here or with thalweg explain",
        )
    word = table.pop("table")
    drawn = {"landscape": word} if asked["landscape"] else {}
    followed = {} if asked["trace"] is None else {"table": word, "trace": asked["trace"]}
    return {**table, **drawn, **followed}
