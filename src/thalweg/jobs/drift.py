"""The job of ``thalweg drift``: how far a table is from the one that a model was fitted on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from thalweg.data.cells import missing_cells
from thalweg.data.column_roles import require_target, without_named
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Opened, Table
from thalweg.estimators.drifting.model_drift import drift_of_rows
from thalweg.evaluation.drift.table_drift import LEAST, LEVEL, Drift
from thalweg.files import write_atomic
from thalweg.interrupts import Cancellation
from thalweg.jobs.evaluate import target_and_task
from thalweg.jobs.explaining.rows_of_curves import read_with_target
from thalweg.jobs.explaining.which_columns import AskedColumns
from thalweg.jobs.offsets.table_offsets import answers_in_rates
from thalweg.jobs.parts.model_table import features_for, prepared
from thalweg.jobs.parts.rows_of_fit import origin_of
from thalweg.jobs.parts.writing import check_outputs
from thalweg.jobs.predictions.predicted_rows import csv_bytes, require_csv
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.jobs.running.table_of_model import TableOfModel
from thalweg.wording import counted, rows_counted_as_in_file

if TYPE_CHECKING:
    from thalweg.persistence.model_file import ModelFile


@dataclass(frozen=True, kw_only=True)
class DriftRequest(TableOfModel):
    """A saved model, and a later table; the output is a CSV file with a line a column.

    Attributes
    ----------
    target : str, optional
        The column that the model predicts, if it has another name here; it need not be there.
    level : float
        The probability of a false alarm, for all tests together.
    least : float
        The smallest difference that matters.
    """

    target: str | None = None
    level: float = LEVEL
    least: float = LEAST


@dataclass(frozen=True, kw_only=True, eq=False)
class DriftOutcome(Outcome):
    """The comparison; ``passed`` is False if a check failed.

    Attributes
    ----------
    drift : Drift
    """

    drift: Drift


def drift(
    request: DriftRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> DriftOutcome:
    """Compare a table with the training rows of a saved model."""
    from thalweg.jobs.targets.opened_model import open_model

    with JobRun("drift", listener, cancellation) as run:
        check_outputs(
            {"output": request.output}, [request.model, request.table], overwrite=request.overwrite
        )
        require_csv("output", request.output)
        file = open_model(request.model, request.target)
        opened = request.reading.opened(request.table)
        table = _table(request, file, opened)
        # With its groups and weights, by which the table of the fit was split.
        asked = AskedColumns(target=request.target)
        of_fit = read_with_target(request, asked, file, opened)
        with rows_counted_as_in_file(table.kept):
            found = _compared(run, request, file, table, of_fit)
        run.require_wanted()
        run.tell(result={"model": request.model, "file": request.output, **found.as_dict()})
        if request.output is not None:
            lines = found.columns.astype(object).where(found.columns.notna(), None)
            rows = [tuple(row) for row in lines.itertuples(index=False)]
            data = csv_bytes(list(found.columns.columns), rows)
            write_atomic(request.output, data, overwrite=request.overwrite)
            run.say(f"Wrote a line for each column to {request.output}.")
        return run.settle(DriftOutcome, drift=found, passed=found.passed)


def _table(request: DriftRequest, file: "ModelFile", opened: Opened) -> Table:
    """The table, with its target apart if it has it."""
    whole = request.reading.whole(opened)
    frame, kept, told = without_named(whole.frame, request.drop_row)
    target, notes = file.column(request.target), (*whole.notes, *told)
    names = list(frame.columns)
    if request.target is not None and file.level is None:
        require_target(request.target, names, whole.name)
    if target not in names:
        return Table(whole.name, frame, None, target, None, notes, kept=kept)
    words = file.words(request.missing)
    cells = words.emptied(frame[target])
    frame = frame[[name for name in names if name != target]]
    unknown = int(np.count_nonzero(missing_cells(cells)))
    if unknown:
        notes = (
            *notes,
            f'The target "{target}" is missing in {counted(unknown, "row")}, so the loss is not '
            "measured: for that, give the rows whose target is known.",
        )
        return Table(whole.name, frame, None, target, None, notes, kept=kept)
    labels = pd.Series([str(cell).strip() for cell in cells], frame.index, object)
    return Table(whole.name, frame, labels, target, None, notes, kept=kept, target_cells=cells)


def _compared(
    run: JobRun, request: DriftRequest, file: "ModelFile", table: Table, of_fit: Table | None
) -> Drift:
    model = file.model
    table = prepared(table, model, request.empty, request.number, request.missing)
    y: np.ndarray | None = None
    if table.target is not None:
        y, _ = target_and_task(file, table, SaidColumns.of(request.number))
    run.read(
        {
            "name": table.name,
            "rows": len(table.frame),
            "columns": list(table.frame.columns),
            "target": None if y is None else table.target_name,
        },
        [*table.notes, *answers_in_rates(model)],
    )
    X = table.frame if model.schema_.named else features_for(model, table)
    if of_fit is None or len(of_fit.frame) != len(table.frame):
        of_fit = table
    origin = None if y is None else origin_of(file, of_fit, y)
    return drift_of_rows(model, X, y, origin, level=request.level, least=request.least)
