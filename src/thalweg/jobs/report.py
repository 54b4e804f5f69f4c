"""The job of ``thalweg report``: the report of an evaluation, one offline HTML file.

It is that of `fit`, which a model file has, or one on the rows of another table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, cast

import numpy as np

from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.read import Table
from thalweg.data.schema.ranges import without_row_numbers
from thalweg.endings import PAGE, check_ending
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.section_shapes import SectionsData
from thalweg.interrupts import Cancellation
from thalweg.jobs.decide import as_decided
from thalweg.jobs.evaluate import EvaluateModelRequest, OnRows, on_rows
from thalweg.jobs.parts.model_table import (
    features_for,
    known_target,
    refuse_empty,
    refuse_rows,
    rows_of,
)
from thalweg.jobs.parts.rows_of_fit import repeatable_rows
from thalweg.jobs.parts.summary_facts import Facts
from thalweg.jobs.parts.table_options import Reading
from thalweg.jobs.parts.writing import check_outputs, write_page
from thalweg.jobs.recipes.report_recipes import recipes_of_report
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.jobs.targets.opened_model import open_model
from thalweg.jobs.targets.pages_of_targets import overview_page
from thalweg.jobs.trace import traced_rows
from thalweg.landscape.runs.stage_watch import StageWatch
from thalweg.persistence.model_file import ModelFile, read_model
from thalweg.persistence.rebuilt import Model
from thalweg.reporting.model_sections.shown_knowledge import caution_of
from thalweg.reporting.page.report_shapes import AboutTable, LandscapeData, Report, WhatIfData
from thalweg.reporting.tuning.shown_search import ShownSearch
from thalweg.shell_words import in_shell
from thalweg.wording import counted, parameter


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """A saved model, and what its report shows.

    Attributes
    ----------
    model : str
    target : str, optional
        Which of several targets.
    rows : EvaluateModelRequest, optional
        The rows to evaluate it on, instead of the evaluation in its file.
    table, trace : str, optional
        A table, and rows of it to follow through the network: both or neither.
    empty : sequence of str
        Columns of the model that the table lacks.
    landscape : str, optional
        The table that the model was fitted on, to draw its training run.
    reading : Reading
        How the table, and that of the landscape, are read.
    drop_row : sequence of str
        Rows of these tables to leave out, such as ``"3,17-19"``.
    no_what_if : bool
        Whether the page does not hold the model, so that no reader can try rows, and no drawing
        of its weights.
    output : str, optional
        The HTML file to write.
    overwrite : bool
    """

    model: str
    target: str | None = None
    rows: EvaluateModelRequest | None = None
    table: str | None = None
    trace: str | None = None
    empty: Sequence[str] = ()
    landscape: str | None = None
    reading: Reading = field(default_factory=Reading)
    drop_row: Sequence[str] = ()
    no_what_if: bool = False
    output: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportOutcome(Outcome):
    """The report; the plain data contains it if no file was written.

    Attributes
    ----------
    page : bytes
        HTML in UTF-8.
    written : bool
        Whether it was written to a file.
    """

    page: bytes
    written: bool

    def told_result(self) -> dict[str, Any]:
        """The result, with the page unless it was written to a file."""
        return {**(self.result or {}), **({} if self.written else {"page": self.page.decode()})}


def report(
    request: ReportRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> ReportOutcome:
    """Make the report of a model."""
    seed = None if request.rows is None else request.rows.seed
    with JobRun("report", listener, cancellation, seed) as run:
        _check(request)
        result: Facts = {"model": request.model, "file": request.output}
        if (several := _several(request)) is not None:
            return _overview(run, request, several)
        if request.rows is None:
            file = open_model(request.model, request.target, is_column=False)
            data = _of_file(request, file)
        else:
            found = on_rows(run, request.rows)
            run.require_wanted()
            file, result["judgement"] = found.file, found.judgement
            data = _of_rows(request.rows, found)
        if request.no_what_if:
            data = _without_weights(data)
        else:
            data["what_if"] = _what_if(file.model)
            sections = data.get("sections")
            if sections is not None and sections["how"] == "training":
                data["what_if"]["caution"] = caution_of(file.judgement)
        if request.landscape is not None:
            data["landscape"] = _landscape(run, request, request.landscape, file)
        table = request.table or (request.rows and request.rows.table)
        if table and request.trace:
            data["trace"] = traced_rows(
                run, request.model, table, request.trace, request.empty, request.reading,
                request.drop_row, request.target or (request.rows.target if request.rows else None),
            )  # fmt: skip
        data["recipes"] = recipes_of_report(request)
        page = _html(data)
        run.require_wanted()
        run.tell(result=result)
        if request.output is not None:
            write_page(run, request.output, page, overwrite=request.overwrite)
        return run.settle(ReportOutcome, page=page, written=request.output is not None)


def page_of_evaluation(request: ReportRequest) -> dict[str, Any]:
    """The data of the page of the evaluation in a model file, and what it says (``said``)."""
    from thalweg.reporting.page.report_page import data_of_page, said_by_page

    data = _of_file(request, open_model(request.model, request.target, is_column=False))
    data["recipes"] = recipes_of_report(request)
    return {**data_of_page(data), "said": said_by_page(data)}


def _several(request: ReportRequest) -> ModelFile | None:
    """The file of several targets, if none of them is named; else None."""
    named = request.target or (request.rows.target if request.rows else None)
    file = None if named is not None else read_model(request.model, several=True)
    return file if file is not None and file.targets else None


def _overview(run: JobRun, request: ReportRequest, file: ModelFile) -> ReportOutcome:
    """The overview of several targets, from the evaluations in their file."""
    asked = {
        "rows": request.rows, "table": request.table, "landscape": request.landscape,
        "no_what_if": request.no_what_if,
    }  # fmt: skip
    if any(asked.values()):
        open_model(request.model)  # names the targets in its error
    found = {name: file.of_target(name) for name in file.targets}
    if any(each.judgement is None or each.report is None for each in found.values()):
        raise _not_evaluated(request.model)
    page = overview_page(
        file.model,
        {name: cast(VerdictData, as_decided(each)) for name, each in found.items()},
        {name: cast(Facts, each.report) for name, each in found.items()},
        file.together,
        units={
            name: each.target_notation.unit
            for name, each in found.items()
            if each.target_notation is not None
        },
        model_file=request.model,
        recipes=recipes_of_report(request),
    )
    run.tell(result={"model": request.model, "file": request.output})
    if request.output is not None:
        write_page(run, request.output, page, overwrite=request.overwrite)
    return run.settle(ReportOutcome, page=page, written=request.output is not None)


def _not_evaluated(path: str) -> DataError:
    return DataError(
        "The model was saved without an evaluation, and a report shows one",
        where=path,
        fix="name a TABLE of rows to evaluate it on, or train it with thalweg fit TABLE -o "
        "FILE, which evaluates it",
    )


def _of_file(request: ReportRequest, file: ModelFile) -> Report:
    """The report of the evaluation in a model file."""
    if file.level is not None:
        raise SettingsError(
            "A report of one level needs rows",
            where=request.model,
            why="The evaluation in the file is of all levels together",
            fix="name a TABLE of rows to evaluate it on: "
            f"{_command_of_report(request, f'TABLE --target {file.level!r}')}; or make the report "
            f"of all levels: {_command_of_report(request)}",
        )
    if file.judgement is None or file.report is None:
        raise _not_evaluated(request.model)
    judged = as_decided(file) or file.judgement
    return _of_fit(file.model, judged, file.report, file.target_notation)


def _command_of_report(request: ReportRequest, more: str = "") -> str:
    """The command of another report of the same model."""
    words = ["thalweg report", in_shell(request.model), more]
    return " ".join([*filter(None, words), "-o", in_shell(request.output or "report.html")])


def _of_rows(request: EvaluateModelRequest, found: OnRows) -> Report:
    """The report of an evaluation on the rows of a table."""
    from thalweg.reporting.page.report_page import column_facts
    from thalweg.reporting.page.rows_in_words import NOT_KNOWN, TRAINING
    from thalweg.reporting.page.rows_report import rows_report

    verdict, sections = _apart(found.judgement)
    assert sections is not None
    facts, schema = found.facts, found.file.model.schema_
    of_target: Facts = (
        {"target_range": facts["range"]}
        if facts["classes"] is None
        else {"class_counts": facts["classes"]}
    )
    unit = {"unit": facts["unit"]} if facts["unit"] else {}
    about: Facts = {
        "name": facts["name"], "target": facts.get("answer", facts["target"]), **of_target, **unit,
        "notes": [without_row_numbers(note) for note in facts["notes"]],
        "columns": column_facts(schema.names, schema.kinds, found.matrix, schema.levels),
    }  # fmt: skip
    pictures = found.task.shown(found.answers)
    return rows_report(
        verdict,
        cast(AboutTable, about),
        {
            "how": found.answers.how,
            "known": TRAINING if found.answers.how == "training" else NOT_KNOWN,
            "n_rounds": 1,
            "in_folds": False,
            "measure": found.task.measure,
        },
        n_rows=facts["rows"],
        curves=pictures.as_dict() if pictures else None,
        sections=sections,
        seed=request.seed,
        version=version("thalweg"),
        model=found.file.model,
        taught_by=_taught_by(found.file),
    )


def _taught_by(file: ModelFile) -> str:
    """The rows that trained a model, as far as its file tells them."""
    if file.judgement is None or file.report is None:
        return ""
    again = file.judgement.get("refit")
    n_rows = again["n_rows"] if again else file.judgement["n_train"]
    return f"{counted(n_rows, 'row')} of {file.report['table']['name']}"


def _landscape(run: JobRun, request: ReportRequest, name: str, file: ModelFile) -> LandscapeData:
    """The training run on its landscape."""
    # A row without a target was none of the fit.
    fitted = request.reading.table(
        name, target=file.target, missing=file.words(),
        drop_missing=() if file.target is None else (file.target,), drop_row=request.drop_row,
    )  # fmt: skip
    return landscape_part(file.model, fitted, known_target(file, fitted), run.cancelled)


def _check(request: ReportRequest) -> None:
    """Check that the request makes sense, and that the file can be written."""
    of_rows = request.trace is not None and request.rows is not None
    if (request.table is None) != (request.trace is None) and not (of_rows and not request.table):
        raise SettingsError(
            "A trace in the report needs a table and rows of it",
            fix=f"give both, as in {parameter('table', 'new.csv')} {parameter('trace', '17')}"
            + (
                "; or, to evaluate on the table without a trace, name it after the model: thalweg "
                f"report MODEL {in_shell(str(request.table))}"
                if request.trace is None
                else ""
            ),
        )
    rows = None if request.rows is None else request.rows.table
    if request.table is None and rows is None:
        refuse_empty(request.empty)
    if request.table is None and rows is None and request.landscape is None:
        refuse_rows(request.drop_row)
    named = [each for each in (rows, request.table, request.landscape) if each is not None]
    check_outputs({"output": request.output}, [request.model, *named], overwrite=request.overwrite)
    if request.output is not None:
        check_ending(request.output, "A report", PAGE, flag=parameter("output"))


def page_bytes(
    model: Model,
    judgement: VerdictData,
    shown: Facts,
    *,
    notation: NumberNotation | None = None,
    what_if: bool = True,
    recipes: Mapping[str, str] | None = None,
    search: ShownSearch | None = None,
) -> bytes:
    """The page of a fit: a model, its evaluation, the rest of the report (`save_model`).

    The sections of the evaluation, if there are any, are a part of the judgement. The notation of
    a numeric target tells its unit. With ``what_if``, the page holds the model; else no weight.
    ``recipes`` make it again, and can be copied from it. ``search`` is what gave the model.
    """
    data = _of_fit(model, judgement, shown, notation)
    data["recipes"] = dict(recipes or {})
    if not what_if:
        return _html(_without_weights(data), search)
    data["what_if"] = _what_if(model)
    return _html(data, search)


def _without_weights(data: Report) -> Report:
    from thalweg.reporting.page.what_if_data import without_weights

    return without_weights(data)


def _what_if(model: Model) -> WhatIfData:
    from thalweg.reporting.page.what_if_data import what_if_data

    return what_if_data(model)


def _of_fit(
    model: Model, judgement: VerdictData, shown: Facts, notation: NumberNotation | None
) -> Report:
    from thalweg.reporting.page.report_page import report_data

    unit = {"unit": notation.unit} if notation and notation.unit else {}
    verdict, sections = _apart(judgement)
    made_by, table = version("thalweg"), shown["table"] | unit
    data = report_data(model, table, verdict, shown["curves"], version=made_by, sections=sections)
    data["landscape"] = shown.get("landscape")
    return data


def _html(data: Report, search: ShownSearch | None = None) -> bytes:
    from thalweg.reporting.page.report_page import report_html

    return report_html(data, search).encode()


def _apart(judgement: VerdictData) -> tuple[VerdictData, SectionsData | None]:
    """The verdict, and the sections beside it, which files of before do not have."""
    facts: dict[str, Any] = {**judgement}
    sections = facts.pop("sections", None)
    return cast(VerdictData, facts), sections


def landscape_part(
    model: Model, table: Table, y: np.ndarray, watch: StageWatch | None = None
) -> LandscapeData:
    """The landscape in a report: the model's training run, on the rows that it was fitted on.

    ``y`` is the target as the model knows it.
    """
    from thalweg.reporting.landscape.landscape_section import landscape_section
    from thalweg.reporting.landscape.model_landscape import model_landscape

    rows = repeatable_rows(model, table, y)
    if rows is None:
        raise DataError(
            "The model was not fitted on this table, so its training cannot be repeated on it",
            where=table.name,
            why=f"The training of a model that was fitted with {parameter('group')}, "
            f"{parameter('time_column')} or {parameter('weight_column')} cannot be repeated on any "
            "table: a model file does not contain groups, times and weights",
            fix="name the table that thalweg fit was given, or leave out "
            f"{parameter('landscape')} if the model was fitted with one of these",
        )
    X = rows_of(features_for(model, table), rows)
    shown = model_landscape(model, X, y[rows], profiles=(), name=table.name, watch=watch)
    return landscape_section(shown)
