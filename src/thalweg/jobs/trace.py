"""The job of ``thalweg trace``: rows through the network and back, or a gradient check."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from thalweg.data.fixes.named_rows import rows_named
from thalweg.endings import PAGE, check_ending
from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import Settings
from thalweg.interrupts import Cancellation
from thalweg.jobs.parts.model_table import refuse_empty, refuse_rows
from thalweg.jobs.parts.summary_facts import Facts
from thalweg.jobs.parts.table_options import Columns, Reading
from thalweg.jobs.parts.training_table import TrainingRequest
from thalweg.jobs.parts.writing import check_outputs, write_shown
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.jobs.targets.opened_model import open_model
from thalweg.jobs.traces.trace_command import check_copies, trace_copies
from thalweg.jobs.traces.trace_subject import (
    TraceSubject,
    labels_named_in_fix,
    row_to_learn_from,
    saved_subject,
    trained_subject,
)
from thalweg.reporting.trace.model_trace import check_model_gradient, trace_model
from thalweg.reporting.trace.table_rows import rows_of_matrix, table_rows, whole_matrix
from thalweg.reporting.trace.trace_display import Shown
from thalweg.wording import parameter, rows_counted_as_in_file

# What `fit` takes of the columns, and a saved model has already.
_OF_FIT = ("positive", "drop", "category", "text", "date", "drop_missing")


@dataclass(frozen=True, kw_only=True)
class TraceRequest:
    """Rows to trace, or a gradient to check.

    Attributes
    ----------
    table, model : str, optional
        With a table alone, a network is trained on all of its rows; a model alone can only be
        checked.
    row : str, optional
        ``"17"`` or ``"3,17-19"``, counted from 1, each row once; default: the row with the largest
        loss.
    weight, update, steps
        As in `thalweg.reporting.trace.model_trace.trace_model`; ``update`` is its ``optimizer``.
    check : bool
        Whether to check the gradient instead.
    plant : str, optional
        A fault to plant, which the check has to detect.
    columns, reading, settings, seed
        For the table, and for the network that is trained on it.
    task : {"auto", "classification", "regression"}
        What the target of a table alone is.
    article : bool
        Whether the network that is trained is the article's, without the rows that have a missing
        cell; ``settings`` come on top.
    empty : sequence of str
        Columns of the model that the table lacks.
    output : str, optional
        The HTML file to write.
    overwrite : bool
    """

    table: str | None = None
    model: str | None = None
    row: str | None = None
    weight: str | None = None
    update: str | None = None
    steps: int = 3
    check: bool = False
    plant: str | None = None
    columns: Columns = field(default_factory=Columns)
    reading: Reading = field(default_factory=Reading)
    settings: Settings = field(default_factory=dict)
    task: str = "auto"
    article: bool = False
    empty: Sequence[str] = ()
    seed: int = 0
    output: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class TraceOutcome(Outcome):
    """A trace or a gradient check.

    Attributes
    ----------
    shown : Shown
    """

    shown: Shown


def trace(
    request: TraceRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> TraceOutcome:
    """Trace rows through a network and back, or check its gradient."""
    with JobRun("trace", listener, cancellation) as run:
        output = request.output
        named = [each for each in (request.model, request.table) if each is not None]
        check_outputs({"output": output}, named, overwrite=request.overwrite)
        if output is not None:
            check_ending(output, "A trace", PAGE, flag=parameter("output"))
        subject = _subject(run, request)
        run.require_wanted()
        checks = request.check or request.plant is not None
        shown = _checked(subject, request) if checks else _traced(subject, request)
        passed = not checks or bool(shown.data["passes"])
        run.tell(result={"kind": shown.kind, "file": output, shown.kind: shown.data})
        if output is not None:
            write_shown(run, output, shown.to_html(), overwrite=request.overwrite)
        return run.settle(TraceOutcome, shown=shown, passed=passed)


def _subject(run: JobRun, request: TraceRequest) -> TraceSubject:
    """The given model and table, or a model trained on the table."""
    if request.model is None or request.table is None:
        refuse_empty(request.empty)
    if request.model is None and request.table is not None:
        run.tell(seed=request.seed)
        asked = TrainingRequest(
            table=request.table, columns=request.columns, reading=request.reading,
            task=request.task, evaluated=False,
        )  # fmt: skip
        return trained_subject(run, asked, request.settings, request.seed, article=request.article)
    if request.model is None or not (request.table or request.check or request.plant):
        raise SettingsError(
            "No table is named" if request.model is None else "A model alone has no rows to trace",
            fix=f"name TABLE, or MODEL TABLE; a MODEL alone with {parameter('check')}",
        )
    _refuse_settings(request)
    of_table = request.columns
    if request.table is None:
        refuse_rows(of_table.drop_row)
        return TraceSubject(
            open_model(request.model, of_table.target).model, None, None, request.model
        )
    return saved_subject(
        run, request.model, request.table, of_table.target, request.reading, request.empty,
        of_table.number, of_table.missing, of_table.drop_row,
    )  # fmt: skip


def _refuse_settings(request: TraceRequest) -> None:
    """Refuse what only a network that is trained first can use."""
    of_fit = {name: getattr(request.columns, name) for name in _OF_FIT}
    of_fit["task"] = "" if request.task == "auto" else request.task
    of_fit["preset"] = request.article
    unfit = [name for name, value in {**of_fit, **request.settings}.items() if value]
    unfit += [name for name in request.settings if name not in unfit]
    if unfit:
        raise SettingsError(
            f"A saved model has its own settings, columns and positive class: "
            f"{', '.join(map(parameter, unfit))} cannot be used here",
            fix="name MODEL and TABLE without that, or TABLE alone",
        )


def traced_rows(
    run: JobRun,
    model: str,
    table: str,
    rows: str,
    empty: Sequence[str],
    reading: Reading,
    drop_row: Sequence[str] = (),
    target: str | None = None,
) -> Facts:
    """The trace of rows of a table through a saved model, as plain data."""
    subject = saved_subject(run, model, table, target, reading, empty, drop_row=drop_row)
    return _traced(subject, TraceRequest(row=rows)).data


def _traced(subject: TraceSubject, request: TraceRequest) -> Shown:
    assert subject.X is not None
    with rows_counted_as_in_file(subject.kept), labels_named_in_fix(subject):
        whole = whole_matrix(subject.model, subject.X)
        picked = None if request.row else row_to_learn_from(subject, whole)
        rows = _rows(request.row or "", subject) if picked is None else [picked.place]
        taken = rows_of_matrix(subject.model, subject.X, whole, rows)
        return trace_model(
            subject.model,
            taken,
            subject.targets(rows),
            weight=request.weight,
            optimizer=request.update,
            steps=request.steps,
            subject=subject.name,
            picked=picked,
            copies=trace_copies(request, subject, taken.rows),
        )


def _rows(text: str, subject: TraceSubject) -> list[int]:
    """``"17"`` or ``"3,17-19"``, as the file counts them from 1; as positions from 0."""
    assert subject.X is not None
    kept = np.arange(len(subject.X)) if subject.kept is None else subject.kept
    places = {int(row): place for place, row in enumerate(kept)}
    n_rows = max(places) + 1
    found = rows_named(text, n_rows, "row", once=True).tolist()
    if gone := [row for row in found if row not in places]:
        raise SettingsError(
            f"Row {gone[0] + 1:,} is left out of the table",
            where=parameter("row", text),
            fix="name another row",
        )
    return [places[row] for row in found]


def _checked(subject: TraceSubject, request: TraceRequest) -> Shown:
    for name, value in (("weight", request.weight), ("update", request.update)):
        if value is not None:
            said = parameter(name)
            raise SettingsError(f"{said} is for a trace", fix=f"leave out {said}, or the check")
    X, y = None, None
    if subject.X is not None:
        rows = _rows(request.row, subject) if request.row else list(range(len(subject.X)))
        with rows_counted_as_in_file(subject.kept):
            X = table_rows(subject.model, subject.X, rows)
            y = subject.targets(rows)
    elif request.row:
        raise SettingsError("There is no table to take rows from", fix="name MODEL TABLE")
    with labels_named_in_fix(subject):
        found = check_model_gradient(subject.model, X, y, fault=request.plant, seed=request.seed)
    return Shown(found.kind, found.data, check_copies(request))
