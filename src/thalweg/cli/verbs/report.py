"""``thalweg report``: the page of a judged model, one offline HTML file."""

from typing import TYPE_CHECKING, Any

import numpy as np

from thalweg import __version__
from thalweg.cli import options
from thalweg.cli.empty import Empty, refuse_empty
from thalweg.cli.outcome import Outcome, write_stdout
from thalweg.cli.reading import MaxMemory, check_outputs, features_for, rows_of
from thalweg.cli.verbs.trace import traced_rows
from thalweg.endings import PAGE, check_ending
from thalweg.errors import DataError, SettingsError
from thalweg.files import write_atomic

if TYPE_CHECKING:
    from thalweg.data.read import Table
    from thalweg.estimators.classifier import ThalwegClassifier
    from thalweg.evaluation.judging.shapes import VerdictData
    from thalweg.reporting.page.report_shapes import LandscapeData


def report(
    model: options.Model,
    table: options.ReportTable = None,
    trace: options.ReportTrace = None,
    empty: Empty = None,
    output: options.PageTo = "-",
    landscape: options.LandscapeOf = None,
    max_memory: MaxMemory = None,
    force: options.Force = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write the report of a model: one page of HTML that needs no network.

    It shows how well the network judges, beside simpler models and with a threshold to move, how
    it learned, the table in short, and the weights. No row of the table is in it, unless --trace
    asks for one.
    """
    with Outcome("report", as_json=as_json, quiet=quiet) as outcome:
        from thalweg.persistence.model_file import read_model

        if (table is None) != (trace is None):
            raise SettingsError(
                "A trace in the report needs a table and a row of it",
                fix="give both, as in --table new.csv --trace 17",
            )
        if table is None:
            refuse_empty(empty)
        named = [each for each in (table, landscape) if each is not None]
        check_outputs({"-o": output}, [model, *named], force=force)
        if output != "-":
            check_ending(output, "A report", PAGE, flag="-o")
        file = read_model(model)
        if file.judgement is None or file.report is None:
            raise DataError(
                "The model was saved without a judgement, and a report shows one",
                where=model,
                fix="train it with thalweg fit TABLE -o FILE, which judges it",
            )
        shown = file.report
        if landscape is not None:
            from thalweg.data.read import load_table

            fitted = load_table(landscape, target=file.target, max_memory=max_memory)
            shown = {**shown, "landscape": landscape_part(file.model, fitted)}
        traced = None
        if table and trace:
            traced = traced_rows(outcome, model, table, trace, empty, max_memory)
        page = page_bytes(file.model, file.judgement, shown, traced)
        outcome.result = {"model": model, "file": None if output == "-" else output}
        if output != "-":
            write_page(outcome, output, page, force)
        elif as_json:
            outcome.result["page"] = page.decode()
        else:
            write_stdout(page)


def page_bytes(
    model: "ThalwegClassifier",
    judgement: "VerdictData",
    shown: dict[str, Any],
    traced: dict[str, Any] | None = None,
) -> bytes:
    """The page of a model, its judgement, what a report shows beside (`save_model`), a trace."""
    from thalweg.reporting.page.report_page import report_data, report_html

    data = report_data(model, shown["table"], judgement, shown["curves"], version=__version__)
    data["landscape"] = shown.get("landscape")
    if traced:
        data["trace"] = traced
    return report_html(data).encode()


def landscape_part(model: "ThalwegClassifier", table: "Table") -> "LandscapeData":
    """What a report shows of the landscape: the model's own descent, over the rows of its fit."""
    from thalweg.cli.verbs.landscape import fitted_rows
    from thalweg.reporting.landscape.model_landscape import model_landscape
    from thalweg.reporting.landscape.section import landscape_section

    rows = fitted_rows(model, table)
    if rows is None:
        raise DataError(
            "The model was not fitted on this table, and its descent cannot be repeated on it",
            where=table.name,
            why="A model that was fitted with --group has no descent to repeat on any table: which "
            "rows it trained on was settled by the groups, and these are not kept",
            fix="name the table that thalweg fit was given, or leave out --landscape for a model "
            "of groups",
        )
    y = np.asarray(table.target, dtype=object)
    X = rows_of(model, features_for(model, table), rows)
    shown = model_landscape(model, X, y[rows], profiles=(), name=table.name)
    return landscape_section(shown)


def write_page(outcome: Outcome, path: str, page: bytes, force: bool) -> None:
    """Write a page, and say so."""
    write_atomic(path, page, overwrite=force)
    outcome.say(f"Wrote the report to {path}: open it in a browser.")
