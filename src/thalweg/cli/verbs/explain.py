"""``thalweg explain``: the options and the output of explaining answers of a model."""

from typing import Annotated

import typer

from thalweg.cli.console_listener import Talk, file_of
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import verb_options
from thalweg.cli.options.explain_options import (
    EffectOptions,
    ExplainedRowOptions,
    WholeModelOptions,
)
from thalweg.cli.options.option_groups import Empty, ReadingOptions, with_groups
from thalweg.wording import unescaped

ExplainedTo = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help=".csv, .json; curves: .png, .svg.")
]


@with_groups
def explain(
    model: verb_options.Model,
    table: verb_options.Table,
    *,
    rows: ExplainedRowOptions,
    curves: EffectOptions,
    reading: ReadingOptions,
    whole: WholeModelOptions,
    empty: Empty = None,
    output: ExplainedTo = "-",
    force: verb_options.Force = False,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Explain a model: which columns it leans on, or with --row what each adds to an answer.

    Without --row the table has the target: exchanging cells of such a column raises the loss. With
    --row contributions add up from a typical row to this one, and no target is needed.
    """
    with Talk("explain", as_json=as_json, quiet=quiet) as talk:
        from thalweg.jobs.explain import ExplainRequest
        from thalweg.jobs.explain import explain as job
        from thalweg.jobs.explaining.which_columns import AskedColumns

        read = reading.reading()
        named = names_of(table, read)
        # It chooses a target for each of these questions.
        of_model = [each for each in whole.given() if each != "--target"]
        of_rows = [f"--{name}" for name in rows.given()]
        request = ExplainRequest(
            model=model,
            table=table,
            rows=None if curves.effects else rows.asked(named, of_model),
            columns=AskedColumns(**whole.columns(named)),
            effects=curves.asked(named, [*of_rows, *of_model]),
            empty=[*map(unescaped, empty or [])],
            number={named(name): example for name, example in whole.number or ()},
            missing=verb_options.missing_words(whole.missing or [], named),
            drop_row=whole.drop_row or [],
            reading=read,
            output=file_of(output),
            overwrite=force,
        )
        talk.when_settled(lambda found: talk.show(found.found.text(ascii=not talk.unicode_page)))
        job(request, talk)
