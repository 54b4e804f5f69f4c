"""``thalweg predict``: the options and the CSV output of predictions."""

from typing import Annotated

import typer

from thalweg.cli.console_listener import Talk, file_of, write_data
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import target_options, verb_options
from thalweg.cli.options.option_groups import Empty, PredictionOptions, ReadingOptions, with_groups
from thalweg.cli.options.stream_options import StreamOptions
from thalweg.wording import unescaped

_Rows = Annotated[
    str,
    typer.Argument(
        metavar="TABLE", help="CSV, Excel or Parquet; - for stdin; bundled; or a folder of files."
    ),
]


@with_groups
def predict(
    model: verb_options.Model,
    table: _Rows,
    *,
    target: target_options.TargetOfModel = None,
    reading: ReadingOptions,
    empty: Empty = None,
    number: verb_options.Number = None,
    missing: verb_options.Missing = None,
    drop_row: verb_options.DropRow = None,
    unknown: verb_options.Unknown = None,
    shown: PredictionOptions,
    streamed: StreamOptions,
    output: verb_options.PredictionsTo = "-",
    force: verb_options.Force = False,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Predict every row of a table, as CSV or Parquet.

    A line contains the label and the probability of each class, or the number. Columns are found
    by their names. The target need not be there, and columns that the model does not know are
    ignored. A folder of tables becomes a folder of predictions, a file for each file.
    """
    with Talk("predict", as_json=as_json, quiet=quiet) as talk:
        from thalweg.jobs.predict import PredictRequest
        from thalweg.jobs.predict import predict as job

        read = reading.reading()
        named = names_of(table, read)
        request = PredictRequest(
            model=model,
            table=table,
            target=None if target is None else named(target),
            empty=[*map(unescaped, empty or [])],
            number={named(name): example for name, example in number or ()},
            missing=verb_options.missing_words(missing or [], named),
            drop_row=drop_row or [],
            unknown=unknown,
            reading=read,
            output=file_of(output),
            overwrite=force,
            **shown.asked(named),
            **streamed.asked(),
        )
        outcome = job(request, talk)
        if not outcome.written and not as_json:
            write_data(outcome.csv())
