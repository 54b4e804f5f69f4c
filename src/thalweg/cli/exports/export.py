"""``thalweg export``: the options of writing a model for another language."""

from typing import Annotated

import typer

from thalweg.cli.console_listener import Talk, require_files
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import target_options, verb_options
from thalweg.cli.options.option_groups import Empty, ReadingOptions, with_groups
from thalweg.wording import unescaped

_HELP = (
    "The file to write; its ending is the language: .onnx, .c, .mjs (or .js), .d.mts (or .d.ts) "
    "for the types of that module, .py or .sql."
)
_To = Annotated[str, typer.Option("--output", "-o", metavar="FILE", help=_HELP)]
_NUMBER = "The opset of an ONNX file, from 13 to 28.  [default: 13]"
_Opset = Annotated[int | None, typer.Option("--opset", metavar="N", help=_NUMBER)]
_RUN = "Run the file on these rows, and compare with the model."
_Check = Annotated[str | None, typer.Option("--check", metavar="TABLE", help=_RUN)]


@with_groups
def export(
    model: verb_options.Model,
    *,
    target: target_options.TargetOfModel = None,
    check: _Check = None,
    opset: _Opset = None,
    reading: ReadingOptions,
    empty: Empty = None,
    number: verb_options.Number = None,
    missing: verb_options.Missing = None,
    drop_row: verb_options.DropRow = None,
    output: _To,
    force: verb_options.Force = False,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Write a model for a program that is not Python, or that has no thalweg.

    The file takes the cells of a row as they are, missing ones and unknown levels too, and gives
    the answer. What it expects is printed, and stands at its beginning. With --check the exit code
    is 3 if its answers are not those of the model.
    """
    with Talk("export", as_json=as_json, quiet=quiet) as talk:
        from rich.console import Group
        from rich.text import Text

        from thalweg.jobs.exports.export import ExportRequest
        from thalweg.jobs.exports.export import export as job

        require_files(**{"--output": output})
        read = reading.reading()
        named = unescaped if check is None else names_of(check, read)
        request = ExportRequest(
            model=model,
            output=output,
            target=None if target is None else unescaped(target),
            check=check,
            empty=[*map(unescaped, empty or [])],
            number={named(name): example for name, example in number or ()},
            missing=verb_options.missing_words(missing or [], named),
            drop_row=drop_row or [],
            reading=read,
            opset=opset,
            overwrite=force,
        )
        outcome = job(request, talk)
        lines = outcome.lines
        if outcome.check is not None:
            lines = [*lines, "", *outcome.check.sentences()]
        talk.show(Group(*map(Text, lines)))
