"""Predictions as a stream: of one large file, or of every file of a folder."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from thalweg.data.schema.matching import report_unseen
from thalweg.endings import PARQUET
from thalweg.jobs.predictions.answering import Answering
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.streams.stream_sources import is_large
from thalweg.jobs.streams.streamed_file import FileCounts, StreamedFile
from thalweg.jobs.targets.opened_model import open_model
from thalweg.jobs.targets.tables_of_targets import notes_together, quiet_run
from thalweg.persistence.model_file import read_model
from thalweg.wording import counted

if TYPE_CHECKING:
    from thalweg.jobs.predict import PredictRequest


def streams(request: "PredictRequest") -> bool:
    """Whether a table is read in batches: a large file, or one whose predictions are Parquet.

    The predictions are the same either way.
    """
    output = request.output
    if output is None or not os.path.isfile(request.table):
        return output is not None and output.lower().endswith(PARQUET)
    large = request.rows_at_once is not None or is_large(request.table)
    return large or output.lower().endswith(PARQUET)


def answerings_of(request: "PredictRequest") -> dict[str, Answering]:
    """The targets that are asked for, by their names; one of the name "" if there is one."""
    file = read_model(request.model, several=True)
    if not file.targets or request.target is not None:
        return {"": Answering(request, open_model(request.model, request.target, is_column=False))}
    shared = replace(request, outside=False, unlike=False)
    last = file.targets[-1]
    # What is said of rows, and not of a target, stands once behind the others.
    return {
        name: Answering(request if name == last else shared, file.of_target(name))
        for name in file.targets
    }


def predict_file(run: JobRun, request: "PredictRequest") -> tuple[int, dict[str, Any]]:
    """Predict one file; the number of predictions, and what is said of them."""
    assert request.output is not None
    answerings = answerings_of(request)
    stream = StreamedFile(request, answerings, request.table)
    size = stream.n_rows or 0

    def look(done: int) -> None:
        run.stage("rows", done, max(size, done))
        run.require_wanted()

    counts = stream.predicted(request.output, overwrite=request.overwrite, look=look)
    told = report(run, answerings, counts)
    run.say(f"Wrote {counted(counts.n_rows, 'prediction')} to {request.output}.")
    return counts.n_rows, told


def report(run: JobRun, answerings: Mapping[str, Answering], counts: FileCounts) -> dict[str, Any]:
    """Say what was read and predicted, and give the facts for JSON."""
    if len(answerings) == 1:
        [asked] = answerings.values()
        return _report_one(run, asked, counts, 0)
    said: dict[str, list[str]] = {}
    told = []
    data: dict[str, Any] | None = None
    for place, (name, asked) in enumerate(answerings.items()):
        quiet = quiet_run(run)
        told.append({"target": name, **_report_one(quiet, asked, counts, place)})
        said[name], data = quiet.listener.said, data or quiet.outcome.data
    run.say(*notes_together(said))
    run.tell(data=data)
    return {"targets": told}


def _report_one(run: JobRun, asked: Answering, counts: FileCounts, place: int) -> dict[str, Any]:
    table, found = counts.header[place], counts.answers[place]
    notes = (*counts.notes, *table.notes)
    worst = [*found.outside.worst.values()]
    run.read(*asked.told_of_table(table, notes, found.outside, worst))
    columns = [each.name for each in asked.model.schema_.columns]
    report_unseen(found.unseen.of(columns), asked.model.unknown)
    facts, more = asked.told(found)
    run.say(*more)
    return {"threshold": asked.threshold, **facts}
