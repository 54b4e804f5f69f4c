"""The page of a judged model, one offline HTML file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np

from thalweg.data.read import Table
from thalweg.endings import PAGE, check_ending
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.interrupts import Cancellation
from thalweg.jobs.job_run import JobRun
from thalweg.jobs.listener import Listener
from thalweg.jobs.outcome import Outcome
from thalweg.jobs.parts.facts import Facts
from thalweg.jobs.parts.model_table import features_for, refuse_empty, rows_of
from thalweg.jobs.parts.rows_of_fit import fitted_rows
from thalweg.jobs.parts.table_source import Reading
from thalweg.jobs.parts.writing import check_outputs, write_page
from thalweg.jobs.trace import traced_rows
from thalweg.landscape.runs.race import StageWatch
from thalweg.persistence.model_file import read_model
from thalweg.persistence.rebuilt import Model
from thalweg.reporting.page.report_shapes import LandscapeData


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """A saved model to make the report of.

    Attributes
    ----------
    model : str
    table, trace : str, optional
        A table, and rows of it to follow through the network: both or neither.
    empty : sequence of str
        Columns of the model that the table lacks.
    landscape : str, optional
        The table that the model was fitted on, to draw its descent.
    reading : Reading
        Of it only ``max_memory`` is used, and standard input.
    output : str, optional
        The page to write.
    overwrite : bool
    """

    model: str
    table: str | None = None
    trace: str | None = None
    empty: Sequence[str] = ()
    landscape: str | None = None
    reading: Reading = field(default_factory=Reading)
    output: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportOutcome(Outcome):
    """The page; the plain data has it where no file was written.

    Attributes
    ----------
    page : bytes
        HTML in UTF-8.
    written : bool
        Whether it is in a file.
    """

    page: bytes
    written: bool

    def told_result(self) -> dict[str, Any]:
        """With the page, unless it is in a file."""
        return {**(self.result or {}), **({} if self.written else {"page": self.page.decode()})}


def report(
    request: ReportRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> ReportOutcome:
    """Make the report of a model."""
    with JobRun("report", listener, cancellation) as run:
        _check(request)
        file = read_model(request.model)
        if file.judgement is None or file.report is None:
            raise DataError(
                "The model was saved without a judgement, and a report shows one",
                where=request.model,
                fix="train it with thalweg fit TABLE -o FILE, which judges it",
            )
        shown = file.report
        if request.landscape is not None:
            fitted = request.reading.table(request.landscape, target=file.target)
            shown = {**shown, "landscape": landscape_part(file.model, fitted, run.cancelled)}
        traced = None
        if request.table and request.trace:
            traced = traced_rows(
                run, request.model, request.table, request.trace, request.empty, request.reading
            )
        page = page_bytes(file.model, file.judgement, shown, traced)
        run.require_wanted()
        run.tell(result={"model": request.model, "file": request.output})
        if request.output is not None:
            write_page(run, request.output, page, overwrite=request.overwrite)
        return run.settle(ReportOutcome, page=page, written=request.output is not None)


def _check(request: ReportRequest) -> None:
    """What is asked for goes together, and can be written."""
    if (request.table is None) != (request.trace is None):
        raise SettingsError(
            "A trace in the report needs a table and a row of it",
            fix="give both, as in --table new.csv --trace 17",
        )
    if request.table is None:
        refuse_empty(request.empty)
    named = [each for each in (request.table, request.landscape) if each is not None]
    check_outputs({"-o": request.output}, [request.model, *named], overwrite=request.overwrite)
    if request.output is not None:
        check_ending(request.output, "A report", PAGE, flag="-o")


def page_bytes(
    model: Model, judgement: VerdictData, shown: Facts, traced: Facts | None = None
) -> bytes:
    """The page of a model, its judgement, what a report shows beside (`save_model`), a trace."""
    from thalweg.reporting.page.report_page import report_data, report_html

    made_by = version("thalweg")
    data = report_data(model, shown["table"], judgement, shown["curves"], version=made_by)
    data["landscape"] = shown.get("landscape")
    if traced:
        data["trace"] = traced
    return report_html(data).encode()


def landscape_part(model: Model, table: Table, watch: StageWatch | None = None) -> LandscapeData:
    """What a report shows of the landscape: the model's own descent, over the rows of its fit."""
    from thalweg.reporting.landscape.landscape_section import landscape_section
    from thalweg.reporting.landscape.model_landscape import model_landscape

    rows = fitted_rows(model, table)
    if rows is None:
        raise DataError(
            "The model was not fitted on this table, and its descent cannot be repeated on it",
            where=table.name,
            why="A model that was fitted with --group or --time-column has no descent to repeat on "
            "any table: which rows it trained on was settled by groups or times, and these are not "
            "kept",
            fix="name the table that thalweg fit was given, or leave out --landscape for a model "
            "of groups or times",
        )
    y = np.asarray(table.target, dtype=object)
    X = rows_of(features_for(model, table), rows)
    shown = model_landscape(model, X, y[rows], profiles=(), name=table.name, watch=watch)
    return landscape_section(shown)
