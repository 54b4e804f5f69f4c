"""``thalweg report``: the options of the HTML report of an evaluated model."""

from thalweg.cli import verb_options
from thalweg.cli.console_listener import Talk, file_of, write_stdout
from thalweg.cli.escaped_names import unescaped
from thalweg.cli.option_groups import Empty, ReadingOptions, with_groups


@with_groups
def report(
    model: verb_options.Model,
    *,
    reading: ReadingOptions,
    table: verb_options.ReportTable = None,
    trace: verb_options.ReportTrace = None,
    empty: Empty = None,
    output: verb_options.PageTo = "-",
    landscape: verb_options.LandscapeOf = None,
    drop_row: verb_options.DropRow = None,
    force: verb_options.Force = False,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Write the report of a model: one HTML page that works offline.

    It shows how well the network predicts, compared with simpler models and for any threshold; how
    it was trained; a summary of the table; and the weights. It contains no row of the table, unless
    --trace asks for some.
    """
    with Talk("report", as_json=as_json, quiet=quiet) as talk:
        from thalweg.jobs.report import ReportRequest
        from thalweg.jobs.report import report as job

        request = ReportRequest(
            model=model,
            table=table,
            trace=trace,
            empty=[*map(unescaped, empty or [])],
            landscape=landscape,
            reading=reading.reading(),
            drop_row=drop_row or [],
            output=file_of(output),
            overwrite=force,
        )
        outcome = job(request, talk)
        if not outcome.written and not as_json:
            write_stdout(outcome.page)
