"""The job of ``thalweg trace``: rows through the network and back, or a gradient check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from thalweg.data.cells import missing_cells, trimmed
from thalweg.data.fixes.named_rows import rows_named
from thalweg.data.notation.missing_words import MissingColumns
from thalweg.data.notation.yes_no import as_known
from thalweg.data.target_kind import CLASSIFICATION
from thalweg.endings import PAGE, check_ending
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.parameters.parameter import Settings
from thalweg.estimators.repeated_descent import require_two_classes
from thalweg.evaluation.task_kinds import TWO_CLASSES
from thalweg.interrupts import Cancellation
from thalweg.jobs.parts.estimator import estimator_for
from thalweg.jobs.parts.model_table import (
    Features,
    features_for,
    prepared,
    refuse_empty,
    refuse_rows,
)
from thalweg.jobs.parts.summary_facts import Facts
from thalweg.jobs.parts.table_options import Columns, Reading
from thalweg.jobs.parts.training_table import TrainingRequest, read_training_table
from thalweg.jobs.parts.writing import check_outputs, write_shown
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.persistence.model_file import read_model
from thalweg.persistence.rebuilt import Model
from thalweg.reporting.trace.model_trace import check_model_gradient, trace_model
from thalweg.reporting.trace.table_rows import table_rows
from thalweg.reporting.trace.trace_display import Shown
from thalweg.wording import counted, parameter, rows_counted_as_in_file

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
        ``"17"`` or ``"3,17-19"``, counted from 1, each row once; default: the first row.
    weight, update, steps
        As in `thalweg.reporting.trace.model_trace.trace_model`; ``update`` is its ``optimizer``.
    check : bool
        Whether to check the gradient instead.
    plant : str, optional
        A fault to plant, which the check has to detect.
    columns, reading, settings, seed
        For the table, and for the network that is trained on it.
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


class _Subject(NamedTuple):
    """A model, and a table to take rows from."""

    model: Model
    X: Features | None
    labels: list[str | None] | None
    name: str
    kept: np.ndarray | None = None  # the rows of the file, if some are left out


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


def _subject(run: JobRun, request: TraceRequest) -> _Subject:
    """The given model and table, or a model trained on the table."""
    if request.model is None or request.table is None:
        refuse_empty(request.empty)
    if request.model is None and request.table is not None:
        run.tell(seed=request.seed)
        return _trained(run, request.table, request)
    if request.model is None or not (request.table or request.check or request.plant):
        raise SettingsError(
            "No table is named" if request.model is None else "A model alone has no rows to trace",
            fix=f"name TABLE, or MODEL TABLE; a MODEL alone with {parameter('check')}",
        )
    of_table = request.columns
    of_fit = {name: getattr(of_table, name) for name in _OF_FIT}
    unfit = [name for name, value in {**of_fit, **request.settings}.items() if value]
    unfit += [name for name in request.settings if name not in unfit]
    if unfit:
        raise SettingsError(
            f"A saved model has its own settings, columns and positive class: "
            f"{', '.join(map(parameter, unfit))} cannot be used here",
            fix="name MODEL and TABLE without that, or TABLE alone",
        )
    if request.table is None:
        refuse_rows(of_table.drop_row)
        return _Subject(read_model(request.model).model, None, None, request.model)
    return _saved(
        run, request.model, request.table, of_table.target, request.reading, request.empty,
        of_table.number, of_table.missing, of_table.drop_row,
    )  # fmt: skip


def _trained(run: JobRun, source: str, request: TraceRequest) -> _Subject:
    """A network, trained on all rows of a table."""
    asked = TrainingRequest(
        table=source, columns=request.columns, reading=request.reading, task=CLASSIFICATION,
        evaluated=False,
    )  # fmt: skip
    read = read_training_table(run, asked)
    if read.task.kind is not TWO_CLASSES:
        raise DataError(
            f'The target "{read.table.target_name}" has '
            f"{counted(len(set(read.y.tolist())), 'class', 'classes')}, and only networks for two "
            "classes can be traced",
            where=read.table.name,
            fix=f"name a target of two classes with {parameter('target')}; a number or several "
            "classes can be made two, such as low and high, in a column of their own",
        )
    table, y, seed = read.table, read.y, request.seed
    with run.training():
        model = estimator_for(read, request.settings, seed).fit(table.frame, y)
    run.say(f"Trained on all {counted(len(y), 'row')} of {table.name}; seed {seed}.")
    return _Subject(model, table.frame, y.tolist(), table.name, table.kept)


def _saved(
    run: JobRun,
    path: str,
    source: str,
    target: str | None,
    reading: Reading,
    empty: Sequence[str],
    number: Mapping[str, str | None] | None = None,
    missing: MissingColumns = None,
    drop_row: Sequence[str] = (),
) -> _Subject:
    """A model from a file, and the table to take rows from."""
    file = read_model(path)
    require_two_classes(file.model)
    # Read every column, the target too: no target can be found from one row with one class.
    table = reading.table(source, need_target=False, target="", drop_row=drop_row)
    with rows_counted_as_in_file(table.kept):
        table = prepared(table, file.model, empty, number, missing)
        X = features_for(file.model, table)
    name, labels = target or file.target, None
    if name in table.frame.columns:
        cells = table.frame[name]
        absent = missing_cells(cells)
        texts = [None if m else trimmed(str(c)) for c, m in zip(cells, absent, strict=True)]
        labels = as_known(texts, getattr(file.model, "classes_", ()))
    elif target is not None:
        raise SettingsError(
            f'There is no column "{target}"', where=table.name, fix="name one that is there"
        )
    run.read({"name": table.name, "rows": len(table.frame)}, table.notes)
    return _Subject(file.model, X, labels, table.name, table.kept)


def traced_rows(
    run: JobRun,
    model: str,
    table: str,
    rows: str,
    empty: Sequence[str],
    reading: Reading,
    drop_row: Sequence[str] = (),
) -> Facts:
    """The trace of rows of a table through a saved model, as plain data."""
    subject = _saved(run, model, table, None, reading, empty, drop_row=drop_row)
    return _traced(subject, TraceRequest(row=rows)).data


def _traced(subject: _Subject, request: TraceRequest) -> Shown:
    assert subject.X is not None
    rows = _rows(request.row, subject)
    with rows_counted_as_in_file(subject.kept):
        taken = table_rows(subject.model, subject.X, rows)
    return trace_model(
        subject.model,
        taken,
        _labels(subject, rows),
        weight=request.weight,
        optimizer=request.update,
        steps=request.steps,
        subject=subject.name,
    )


def _labels(subject: _Subject, rows: list[int]) -> list[str] | None:
    """The labels of the rows, if all of them are known."""
    found = [subject.labels[row] for row in rows] if subject.labels else [None]
    known = [label for label in found if label is not None]
    return known if len(known) == len(found) else None


def _rows(text: str | None, subject: _Subject) -> list[int]:
    """``"17"`` or ``"3,17-19"``, as the file counts them from 1; as positions from 0."""
    assert subject.X is not None
    kept = np.arange(len(subject.X)) if subject.kept is None else subject.kept
    if text is None:
        return [0]
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


def _checked(subject: _Subject, request: TraceRequest) -> Shown:
    for name, value in (("weight", request.weight), ("update", request.update)):
        if value is not None:
            said = parameter(name)
            raise SettingsError(f"{said} is for a trace", fix=f"leave out {said}, or the check")
    X, y = None, None
    if subject.X is not None:
        rows = _rows(request.row, subject) if request.row else list(range(len(subject.X)))
        with rows_counted_as_in_file(subject.kept):
            X = table_rows(subject.model, subject.X, rows)
        y = _labels(subject, rows)
    elif request.row:
        raise SettingsError("There is no table to take rows from", fix="name MODEL TABLE")
    return check_model_gradient(subject.model, X, y, fault=request.plant, seed=request.seed)
