"""``thalweg report``: the page of a judged model, one offline HTML file."""

from typing import TYPE_CHECKING, Any

import numpy as np

from thalweg import __version__
from thalweg.cli import options
from thalweg.cli.outcome import Outcome, write_stdout
from thalweg.cli.reading import check_outputs
from thalweg.errors import DataError
from thalweg.files import write_atomic

if TYPE_CHECKING:
    from thalweg.data.read import Table
    from thalweg.estimators.classifier import ThalwegClassifier


def report(
    model: options.Model,
    output: options.PageTo = "-",
    landscape: options.LandscapeOf = None,
    force: options.Force = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write the report of a model: one page of HTML that needs no network.

    It shows the table in short, the network and its weights, how it learned and how well it
    judges, with a threshold to move. No row of the table is in it.
    """
    with Outcome("report", as_json=as_json, quiet=quiet) as outcome:
        from thalweg.persistence.model_file import read_model

        check_outputs({"-o": output}, [model, *([landscape] if landscape else [])], force=force)
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

            table = load_table(landscape, target=file.target)
            shown = {**shown, "landscape": landscape_part(file.model, table)}
        page = page_bytes(file.model, file.judgement, shown)
        outcome.result = {"model": model, "file": None if output == "-" else output}
        if output != "-":
            write_page(outcome, output, page, force)
        elif as_json:
            outcome.result["page"] = page.decode()
        else:
            write_stdout(page)


def page_bytes(
    model: "ThalwegClassifier", judgement: dict[str, Any], shown: dict[str, Any]
) -> bytes:
    """The page of a model, its judgement, and what a report shows beside (`save_model`)."""
    from thalweg.reporting.report import report_data, report_html

    data = report_data(model, shown["table"], judgement, shown["curves"], version=__version__)
    return report_html({**data, "landscape": shown.get("landscape")}).encode()


def landscape_part(model: "ThalwegClassifier", table: "Table") -> dict[str, Any]:
    """What a report shows of the landscape: the model's own descent, over the rows of its fit."""
    from thalweg.cli.landscape import fitted_rows
    from thalweg.reporting.landscape_model import model_landscape
    from thalweg.reporting.landscape_section import landscape_section

    rows = fitted_rows(model, table)
    if rows is None:
        raise DataError(
            "The model was not fitted on this table, and its descent cannot be repeated on it",
            where=table.name,
            fix="name the table that thalweg fit was given",
        )
    y = np.asarray(table.target, dtype=object)
    frame = table.frame.iloc[rows]
    shown = model_landscape(model, frame, y[rows], profiles=(), name=table.name)
    return landscape_section(shown)


def write_page(outcome: Outcome, path: str, page: bytes, force: bool) -> None:
    """Write a page, and say so."""
    write_atomic(path, page, overwrite=force)
    outcome.say(f"Wrote the report to {path}: open it in a browser.")
