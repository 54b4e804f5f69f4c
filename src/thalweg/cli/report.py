"""``thalweg report``: the page of a judged model, one offline HTML file."""

from typing import TYPE_CHECKING, Any

from thalweg import __version__
from thalweg.cli import options
from thalweg.cli.outcome import Outcome, write_stdout
from thalweg.cli.reading import check_outputs
from thalweg.cli.trace import traced_rows
from thalweg.errors import DataError, SettingsError
from thalweg.files import write_atomic

if TYPE_CHECKING:
    from thalweg.estimators.classifier import ThalwegClassifier


def report(
    model: options.Model,
    table: options.ReportTable = None,
    trace: options.ReportTrace = None,
    output: options.PageTo = "-",
    force: options.Force = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write the report of a model: one page of HTML that needs no network.

    It shows the table in short, the network and its weights, how it learned and how well it
    judges, with a threshold to move. No row of the table is in it, unless --trace asks for one.
    """
    with Outcome("report", as_json=as_json, quiet=quiet) as outcome:
        from thalweg.persistence.model_file import read_model

        if (table is None) != (trace is None):
            raise SettingsError(
                "A trace in the report needs a table and a row of it",
                fix="give both, as in --table new.csv --trace 17",
            )
        check_outputs({"-o": output}, [model, *([table] if table else [])], force=force)
        file = read_model(model)
        if file.judgement is None or file.report is None:
            raise DataError(
                "The model was saved without a judgement, and a report shows one",
                where=model,
                fix="train it with thalweg fit TABLE -o FILE, which judges it",
            )
        traced = traced_rows(outcome, model, table, trace) if table and trace else None
        page = page_bytes(file.model, file.judgement, file.report, traced)
        outcome.result = {"model": model, "file": None if output == "-" else output}
        if output != "-":
            write_page(outcome, output, page, force)
        elif as_json:
            outcome.result["page"] = page.decode()
        else:
            write_stdout(page)


def page_bytes(
    model: "ThalwegClassifier",
    judgement: dict[str, Any],
    shown: dict[str, Any],
    traced: dict[str, Any] | None = None,
) -> bytes:
    """The page of a model, its judgement, what a report shows beside (`save_model`), a trace."""
    from thalweg.reporting.report import report_data, report_html

    data = report_data(model, shown["table"], judgement, shown["curves"], version=__version__)
    return report_html({**data, "trace": traced} if traced else data).encode()


def write_page(outcome: Outcome, path: str, page: bytes, force: bool) -> None:
    """Write a page, and say so."""
    write_atomic(path, page, overwrite=force)
    outcome.say(f"Wrote the report to {path}: open it in a browser.")
