"""``thalweg report``: the options of the HTML report of an evaluated model."""

from typing import TYPE_CHECKING, Annotated

import typer

from thalweg.cli.console_listener import Talk, file_of, write_stdout
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import verb_options
from thalweg.cli.options.option_groups import (
    Empty,
    NewRowOptions,
    NoWhatIf,
    ReadingOptions,
    SectionOptions,
    with_groups,
)
from thalweg.errors import SettingsError
from thalweg.wording import unescaped

if TYPE_CHECKING:
    from thalweg.jobs.evaluate import EvaluateModelRequest

WithRows = Annotated[
    bool, typer.Option("--rows", help="Explain three rows of the TABLE, with their cells.")
]


@with_groups
def report(
    model: verb_options.Model,
    rows: verb_options.RowsOfReport = None,
    *,
    said: NewRowOptions,
    reading: ReadingOptions,
    empty: Empty = None,
    drop_row: verb_options.DropRow = None,
    sections: SectionOptions,
    table: verb_options.ReportTable = None,
    trace: verb_options.ReportTrace = None,
    with_cells: WithRows = False,
    output: verb_options.PageTo = "-",
    landscape: verb_options.LandscapeOf = None,
    no_what_if: NoWhatIf = False,
    force: verb_options.Force = False,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Write the report of a model: one HTML page that works offline.

    It shows how well the network predicts, and for two classes what any threshold does; which
    columns it leans on, and how; how it was trained; a summary of the table; and the weights. With
    a TABLE, the model is evaluated on its rows, as `evaluate` does; without one, the page shows the
    evaluation of `fit`. It contains no row of a table, unless --trace or --rows asks for some.
    """
    with Talk("report", as_json=as_json, quiet=quiet) as talk:
        from thalweg.jobs.report import ReportRequest
        from thalweg.jobs.report import report as job

        lacks = [*map(unescaped, empty or [])]
        request = ReportRequest(
            model=model,
            rows=_rows(
                model, rows, said, reading, sections, lacks, drop_row or [], with_cells=with_cells
            ),
            target=said.target,
            table=table,
            trace=trace,
            empty=lacks,
            landscape=landscape,
            no_what_if=no_what_if,
            reading=reading.reading(),
            drop_row=drop_row or [],
            output=file_of(output),
            overwrite=force,
        )
        outcome = job(request, talk)
        if not outcome.written and not as_json:
            write_stdout(outcome.page)


def _rows(
    model: str,
    table: str | None,
    said: NewRowOptions,
    reading: ReadingOptions,
    sections: SectionOptions,
    lacks: list[str],
    drop_row: list[str],
    *,
    with_cells: bool,
) -> "EvaluateModelRequest | None":
    """The rows to evaluate the model on; what is said of rows needs some."""
    if table is None:
        given = [*said.given(), *sections.given(), *(["--rows"] if with_cells else [])]
        if given := [each for each in given if each != "--target"]:
            raise SettingsError(
                f"{given[0]} is about rows to evaluate the model on, and none are named",
                why="Without a TABLE, the report shows the evaluation that the model file has",
                fix=f"name MODEL and TABLE, or leave out {given[0]}",
            )
        return None
    from thalweg.jobs.evaluate import EvaluateModelRequest

    read = reading.reading()
    named = names_of(table, read)
    return EvaluateModelRequest(
        model=model, table=table, reading=read, empty=lacks,
        sections=sections.asked(named), rows=with_cells, **said.asked(named, drop_row),
    )  # fmt: skip
