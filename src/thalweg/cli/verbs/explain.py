"""``thalweg explain``: the options and the output of explaining answers of a model."""

from typing import Annotated, Any

import typer

from thalweg.cli import verb_options
from thalweg.cli.console_listener import Talk, file_of
from thalweg.cli.escaped_names import names_of, unescaped
from thalweg.cli.option_groups import (
    EffectOptions,
    Empty,
    ReadingOptions,
    WholeModelOptions,
    with_groups,
)
from thalweg.errors import SettingsError


def _option(flag: str, metavar: str, what: str) -> Any:
    return typer.Option(flag, metavar=metavar, help=what)


Row = Annotated[str | None, _option("--row", "ROWS", "Rows to explain, from 1: 17, or 3,17-19.")]
Against = Annotated[str | None, _option("--against", "ROW", "Another row to compare with.")]
Background = Annotated[
    str | None, _option("--background", "TABLE", "Compare with the mean of at most 100 rows.")
]
Method = Annotated[
    Any,
    verb_options.setting(
        "--method",
        verb_options.one_of("path", "shapley"),
        "NAME",
        "path",
        "How contributions are computed: path, or shapley for at most 12 columns.",
    ),
]
Set = Annotated[
    list[str] | None,
    _option("--set", "NAME=CELL", "What if this cell were another? May be repeated."),
]
Change = Annotated[
    list[str] | None,
    _option("--change", "NAMES", "Which changes of columns (a,b) change the answer?"),
]
To = Annotated[str | None, _option("--to", "CLASS", "With --change: the class to become.")]
Below = Annotated[float | None, _option("--below", "X", "With --change: a number below this.")]
Above = Annotated[float | None, _option("--above", "X", "With --change: a number above this.")]
ExplainedTo = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help=".csv, .json; curves: .png, .svg.")
]


@with_groups
def explain(
    model: verb_options.Model,
    table: verb_options.Table,
    *,
    row: Row = None,
    against: Against = None,
    background: Background = None,
    method: Method = None,
    cells: Set = None,
    change: Change = None,
    to: To = None,
    below: Below = None,
    above: Above = None,
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
        from thalweg.jobs.explaining.explained_table_rows import AskedRows
        from thalweg.jobs.explaining.which_columns import AskedColumns, require_asked

        read = reading.reading()
        named = names_of(table, read)
        require_asked(
            row, whole.given(), against=against, background=background, method=method, set=cells,
            change=change, to=to, below=below, above=above,
        )  # fmt: skip
        asked = None
        if row is not None:
            asked = AskedRows(
                row=row, against=against, background=background, method=method or "path",
                set={named(name): cell for name, cell in map(_cell, cells or ())},
                change=[*map(named, change or ())], to=to, below=below, above=above,
            )  # fmt: skip
        request = ExplainRequest(
            model=model,
            table=table,
            rows=asked,
            columns=AskedColumns(**whole.columns(named)),
            effects=curves.asked(
                named,
                row,
                against,
                background,
                cells,
                change,
                to,
                below,
                above,
                whole.groups,
                whole.refit or None,
            ),
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


def _cell(text: str) -> tuple[str, str]:
    """``"age=50"`` as a column and its cell; ``"age="`` empties it."""
    name, equals, cell = text.rpartition("=")
    if not (name and equals):
        raise SettingsError(
            f'"{text}" does not say what a cell should be',
            where="--set",
            fix="write a column and its cell, as in --set age=50",
        )
    return name, cell
