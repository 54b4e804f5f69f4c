"""The job of ``thalweg predict``: predictions of a saved model for each row of a table."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from thalweg.endings import PREDICTIONS, check_ending
from thalweg.errors import SettingsError
from thalweg.interrupts import Cancellation
from thalweg.jobs.offsets.table_offsets import rows_named_in_fix
from thalweg.jobs.parts.writing import check_outputs
from thalweg.jobs.predictions.answering import AnswerCounts, Answering
from thalweg.jobs.predictions.how_sure import SureFacts
from thalweg.jobs.predictions.predicted_columns import PredictedColumns
from thalweg.jobs.predictions.predicted_rows import (
    PredictedRows,
    Row,
    require_digits,
    write_predictions,
)
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.jobs.running.table_of_model import TableOfModel
from thalweg.jobs.streams.predicted_folder import PredictedFolder
from thalweg.jobs.streams.predicted_stream import predict_file, streams
from thalweg.jobs.targets.opened_model import open_model
from thalweg.jobs.targets.predicted_targets import joined_columns
from thalweg.jobs.targets.tables_of_targets import notes_together, quiet_run
from thalweg.persistence.model_file import ModelFile, read_model
from thalweg.wording import parameter, rows_counted_as_in_file


@dataclass(frozen=True, kw_only=True)
class PredictRequest(TableOfModel):
    """A saved model, and a table or a folder of tables to predict; the output is CSV or Parquet.

    Attributes
    ----------
    target : str, optional
        One of several targets; None: all of them.
    unknown : {"warn", "error", "ignore"}, optional
        What to do about levels that the model was not fitted on.
    threshold : float, optional
        The probability above which the positive class is called, instead of the model's own.
    ids : sequence of str
        Columns of the table that stand unchanged before each prediction.
    label : mapping of str to str
        What is written for classes.
    digits : int, optional
        Decimals of probabilities, and significant digits of predicted numbers.
    interval : float, optional
        For numbers: the level of an interval for each row, such as 0.9.
    sets : float, optional
        For classes: the level of a set of classes for each row, such as 0.9.
    abstain : float, optional
        For classes: what no answer costs, if a wrong one costs 1.
    outside : bool
        Whether a last column names the cells of a row that no training row was like.
    unlike : bool
        Whether a column has the outlier p of each row, and a note says if many rows are unlike.
    part_format : {"csv", "parquet"}, optional
        Of a folder: what its predictions are written as; by default as the files are.
    resume : bool
        Of a folder: whether the parts that an earlier run finished are skipped.
    n_jobs : int, optional
        The threads that predict a large file; by default all cores.
    rows_at_once : int, optional
        The rows that a thread predicts at once; by default by the number of columns.
    """

    target: str | None = None
    unknown: str | None = None
    threshold: float | None = None
    ids: Sequence[str] = ()
    label: Mapping[str, str] = field(default_factory=dict)
    digits: int | None = None
    interval: float | None = None
    sets: float | None = None
    abstain: float | None = None
    outside: bool = False
    unlike: bool = False
    part_format: str | None = None
    resume: bool = False
    n_jobs: int | None = None
    rows_at_once: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class PredictOutcome(Outcome):
    """Predictions; the plain data contains them if no file was written.

    Attributes
    ----------
    columns : list of str
        "prediction", and for each class ``p_LABEL``; "low" and "high", or "set", if they are asked
        for; before them "row", if rows are left out, and the columns that are carried along;
        "unlike" and "outside" last, if they are asked for. None if a stream wrote them.
    rows : list of tuple
    written : bool
        Whether they were written to a file.
    """

    columns: list[str]
    rows: list[Row]
    written: bool

    def csv(self) -> bytes:
        """The predictions as CSV (`csv_bytes`)."""
        return self.made.csv()

    @property
    def made(self) -> PredictedRows:
        """The predictions as rows of a table."""
        return PredictedRows(self.columns, self.rows)

    def told_result(self) -> dict[str, Any]:
        """The result, with the predictions unless they were written to a file."""
        result = dict(self.result or {})
        if not self.written:
            result["predictions"] = self.made.as_dicts()
        return result


def predict(
    request: PredictRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> PredictOutcome:
    """Predict every row of a table, or of every table of a folder."""
    with JobRun("predict", listener, cancellation) as run:
        require_digits(request.digits)
        if os.path.isdir(request.table):
            _require_format(request.part_format)
            return _told(run, request, *PredictedFolder(run, request).predict())
        _require_no_folder(request)
        output = request.output
        check_outputs(
            {"output": output}, [request.model, request.table], overwrite=request.overwrite
        )
        if output is not None:
            check_ending(output, "A file of predictions", PREDICTIONS, flag=parameter("output"))
        if streams(request):
            return _told(run, request, *predict_file(run, request))
        made, told = _all_predictions(run, request)
        run.require_wanted()
        run.tell(result={"rows": made.n_rows, "file": output, **told})
        if output is not None:
            write_predictions(run, output, made, overwrite=request.overwrite)
        rows = made.rows().rows
        return run.settle(
            PredictOutcome, columns=made.columns, rows=rows, written=output is not None
        )


def _told(
    run: JobRun, request: PredictRequest, n_rows: int, told: dict[str, Any]
) -> PredictOutcome:
    """The outcome of a stream, whose predictions are in files alone."""
    run.tell(result={"rows": n_rows, "file": request.output, **told})
    return run.settle(PredictOutcome, columns=[], rows=[], written=True)


def _require_format(name: str | None) -> None:
    if name not in (None, "csv", "parquet"):
        raise SettingsError(
            f"{parameter('part_format', name)} is no format of predictions",
            fix=f"give {parameter('part_format', 'csv')} or {parameter('part_format', 'parquet')}",
        )


def _require_no_folder(request: PredictRequest) -> None:
    """Refuse what only a folder has."""
    for name, value in (("resume", request.resume), ("part_format", request.part_format)):
        if value:
            raise SettingsError(
                f"{parameter(name)} is for a folder of tables, and {request.table} is not a folder",
                why="The predictions of one file are written completely or not at all",
                fix=f"leave it out{', and start again' if name == 'resume' else ''}; or put the "
                "rows into several files of one folder",
            )


def _all_predictions(
    run: JobRun, request: PredictRequest
) -> tuple[PredictedColumns, dict[str, Any]]:
    """The predictions of the target, or of all, and what is said of them."""
    file = read_model(request.model, several=True)
    if not file.targets or request.target is not None:
        file = open_model(request.model, request.target, is_column=False)
        made, threshold, sure = _predictions(run, request, file)
        return made, {"threshold": threshold, **sure}
    names, found, told = file.targets, list[PredictedColumns](), list[dict[str, Any]]()
    said: dict[str, list[str]] = {}
    data: dict[str, Any] | None = None
    shared = replace(request, outside=False, unlike=False)
    for name in names:
        # What is said of rows, and not of a target, stands once behind the others.
        asked = request if name == names[-1] else shared
        quiet = quiet_run(run)
        made, threshold, sure = _predictions(quiet, asked, file.of_target(name))
        said[name], data = quiet.listener.said, data or quiet.outcome.data
        found.append(made)
        told.append({"target": name, "threshold": threshold, **sure})
    run.say(*notes_together(said))
    run.tell(data=data)
    return joined_columns(names, found, request.ids), {"targets": told}


def _predictions(
    run: JobRun, request: PredictRequest, file: ModelFile
) -> tuple[PredictedColumns, float | None, SureFacts]:
    """The predictions, the threshold of the positive class, and the facts of `HowSure`."""
    asked = Answering(request, file)  # before the table is read
    table = request.reading.table(
        request.table, need_target=False, target=file.target, drop_row=request.drop_row,
        ids=request.ids,
    )  # fmt: skip
    with rows_counted_as_in_file(table.kept), rows_named_in_fix(of_target=False):
        read, counts = asked.read(table), AnswerCounts()
        table = read.table
        run.read(*asked.told_of_table(table, table.notes, read.counts, read.outside or []))
        made = asked.answer(read, counts)
        facts, notes = asked.told(counts)
        run.say(*notes)
        made = made.with_ids(table.ids, table.kept)
    return made, asked.threshold, facts
