"""The job of ``thalweg explain``: what a saved model computes, in the columns of a table."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from thalweg.data.read import Opened, Table
from thalweg.endings import TABLE_OF_TEXT, check_ending
from thalweg.errors import DataError
from thalweg.estimators.explaining.base_rows import Base
from thalweg.files import write_atomic
from thalweg.interrupts import Cancellation
from thalweg.jobs.explaining.effect_curves import (
    PICTURES,
    AskedEffects,
    EffectCurvesOfTable,
    effect_curves_of_table,
    require_effect_ending,
    require_rows_or_effects,
)
from thalweg.jobs.explaining.explained_table_rows import (
    AskedRows,
    ExplainedTableRows,
    base_of_table,
    explained_table_rows,
    require_one_base,
)
from thalweg.jobs.explaining.rows_of_curves import RowsOfCurves, curves_table, read_with_target
from thalweg.jobs.explaining.which_columns import AskedColumns, FoundColumns, which_columns
from thalweg.jobs.offsets.table_offsets import answer_name, answers_in_rates
from thalweg.jobs.parts.known_roles import groups_of_rows, role_notes
from thalweg.jobs.parts.model_table import Features, checked_features, prepared
from thalweg.jobs.parts.writing import check_outputs
from thalweg.jobs.predictions.predicted_rows import csv_bytes
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome, finite
from thalweg.jobs.running.table_of_model import TableOfModel
from thalweg.jobs.targets.opened_model import open_model
from thalweg.persistence.model_file import ModelFile
from thalweg.reporting.model_sections.shown_knowledge import caution_of
from thalweg.wording import counted, parameter, rows_counted_as_in_file

# The answers to what can be asked.
Explained: TypeAlias = ExplainedTableRows | FoundColumns | EffectCurvesOfTable

_ENDINGS = (*TABLE_OF_TEXT, ".json")


@dataclass(frozen=True, kw_only=True)
class ExplainRequest(TableOfModel):
    """A saved model, a table, and what is asked; the output is CSV, JSON, or a picture of curves.

    Attributes
    ----------
    rows : AskedRows, optional
        What is asked of single rows; None: which columns the model leans on.
    columns : AskedColumns
        What is asked of the whole model, and of the rows with a target that answer it.
    effects : AskedEffects, optional
        What is asked of effect curves.
    """

    rows: AskedRows | None = None
    columns: AskedColumns = field(default_factory=AskedColumns)
    effects: AskedEffects | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class ExplainOutcome(Outcome):
    """What was found.

    Attributes
    ----------
    found : ExplainedTableRows, FoundColumns or EffectCurvesOfTable
    """

    found: Explained


def explain(
    request: ExplainRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> ExplainOutcome:
    """Explain the answers of a saved model."""
    seed = None if request.rows is not None else request.columns.seed
    with JobRun("explain", listener, cancellation, seed) as run:
        output, inputs = request.output, [request.model, request.table]
        if request.rows is not None and request.rows.background is not None:
            inputs.append(request.rows.background)
        check_outputs({"output": output}, inputs, overwrite=request.overwrite)
        require_rows_or_effects(rows=request.rows is not None, effects=request.effects is not None)
        if request.effects is not None:
            require_effect_ending(output)
        elif output is not None:
            flag = parameter("output")
            check_ending(output, "An explanation", _ENDINGS, flag=flag, bare=False)
        found = _explained(run, request)
        run.require_wanted()
        run.tell(result={**found.as_dict(), "file": output})
        settled = run.settle(ExplainOutcome, found=found)
        if output is not None:
            _write(run, output, found, overwrite=request.overwrite)
        return settled


def _explained(run: JobRun, request: ExplainRequest) -> Explained:
    """What is asked of the rows of a table, or of the whole model."""
    asked = request.rows
    if request.effects is not None:
        return _curves(run, request, request.effects)
    if asked is None:
        return which_columns(run, request, request.columns)
    require_one_base(asked)
    file = open_model(request.model, request.columns.target, is_column=False)
    table, X = _read(request, file, request.table, request.drop_row)
    notes = [*table.notes, *answers_in_rates(file.model)]
    run.read({"name": table.name, "rows": len(table.frame)}, notes)
    background = None if asked.background is None else _background(request, file, asked.background)
    with rows_counted_as_in_file(table.kept):
        return explained_table_rows(
            file.model, X, table.kept, asked, background,
            target=answer_name(file.model, file.target or ""), caution=caution_of(file.judgement),
        )  # fmt: skip


def _background(request: ExplainRequest, file: ModelFile, source: str) -> Base:
    """The rows to compare with; rows that are left out of a table are left out of it here, too."""
    is_same = source == request.table or (
        os.path.exists(source) and os.path.exists(request.table)
        and os.path.samefile(source, request.table)
    )  # fmt: skip
    try:
        table, X = _read(request, file, source, request.drop_row if is_same else ())
        with rows_counted_as_in_file(table.kept):
            return base_of_table(file.model, X)
    except DataError as error:
        what, where, why, fix = error.unspelled
        name = parameter("background", source)
        where = f"{where}; in {name}" if where else f"in {name}"
        if not is_same and request.drop_row:
            fix += (
                f"; {parameter('drop_row')} holds for the table itself, and for a background that "
                "is the same file: delete other rows from the file of the background"
            )
        raise type(error)(what, where=where, why=why, fix=fix) from error


def _curves(run: JobRun, request: ExplainRequest, asked: AskedEffects) -> EffectCurvesOfTable:
    """Effect curves on all rows of a table."""
    file = open_model(request.model, request.columns.target, is_column=False)
    whole = request.reading.opened(request.table)
    table, X, weights = curves_table(request, request.columns, file, whole)
    notes = [*table.notes, *role_notes(table, file)]
    run.read({"name": table.name, "rows": len(table.frame)}, notes)
    unit = file.target_notation.unit if file.target_notation else ""
    target = answer_name(file.model, file.target or ""), unit

    def on_column(done: int, total: int) -> None:
        run.stage("effects of columns", done, total)
        run.require_wanted()

    with rows_counted_as_in_file(table.kept):
        rows = RowsOfCurves(
            file=file, X=X, judged=read_with_target(request, request.columns, file, whole),
            number=request.number, missing=request.missing, seed=asked.seed, weights=weights,
            groups=groups_of_rows(table),
        )  # fmt: skip
        return effect_curves_of_table(file.model, rows, asked, target, on_column)


def _read(
    request: ExplainRequest, file: ModelFile, source: str | Opened, drop_row: Sequence[str]
) -> tuple[Table, Features]:
    """A table, and its features as the model reads them."""
    table = request.reading.table(source, need_target=False, target=file.target, drop_row=drop_row)
    with rows_counted_as_in_file(table.kept):
        table = prepared(table, file.model, request.empty, request.number, request.missing)
        return table, checked_features(file.model, table)


def _write(run: JobRun, path: str, found: Explained, *, overwrite: bool) -> None:
    """Write the numbers as CSV, everything as JSON, or curves as a picture."""
    ending = check_ending(path, "An explanation", (*_ENDINGS, *PICTURES), bare=False)
    if isinstance(found, EffectCurvesOfTable) and ending in PICTURES:
        write_atomic(path, found.picture(ending), overwrite=overwrite)
    elif ending == ".json":
        text = json.dumps(finite(found.as_dict()), indent=2, allow_nan=False)
        write_atomic(path, f"{text}\n".encode(), overwrite=overwrite)
    else:
        frame = found.frame()
        lines = list(frame.itertuples(index=False, name=None))
        write_atomic(path, csv_bytes(list(frame.columns), lines), overwrite=overwrite)
    what = "the importance of the columns"
    if isinstance(found, ExplainedTableRows):
        what = f"the explanation of {counted(len(found.explanation), 'row')}"
    elif isinstance(found, EffectCurvesOfTable):
        what = counted(len(found.effects), "effect curve")
    run.say(f"Wrote {what} to {path}.")
