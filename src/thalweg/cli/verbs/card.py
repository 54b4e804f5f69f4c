"""``thalweg card``: the options of the card of a model."""

from typing import Annotated

import typer

from thalweg.cli.console_listener import Talk, file_of, write_stdout
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import verb_options
from thalweg.cli.options.option_groups import (
    Empty,
    NewRowOptions,
    ReadingOptions,
    SectionOptions,
    with_groups,
)
from thalweg.errors import SettingsError
from thalweg.wording import unescaped

_Rows = Annotated[
    str | None, typer.Argument(metavar="TABLE", help="Rows to evaluate the model on, too.")
]
_About = Annotated[
    str | None,
    typer.Option("--about", metavar="FILE", help="The TOML file with what only you know."),
]
_WriteAbout = Annotated[
    str | None,
    typer.Option(
        "--write-about", metavar="FILE", help="Write this TOML file with all keys, empty."
    ),
]
_Check = Annotated[
    str | None,
    typer.Option("--check", metavar="CARD", help="Say whether this card belongs to MODEL."),
]
_HuggingFace = Annotated[
    bool, typer.Option("--hugging-face", help="Begin the Markdown with model-index in YAML.")
]
_To = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write card.md, card.json or card.html, by its ending.",
    ),
]


@with_groups
def card(
    model: verb_options.Model,
    rows: _Rows = None,
    *,
    about: _About = None,
    write_about: _WriteAbout = None,
    check: _Check = None,
    hugging_face: _HuggingFace = False,
    said: NewRowOptions,
    reading: ReadingOptions,
    empty: Empty = None,
    drop_row: verb_options.DropRow = None,
    sections: SectionOptions,
    output: _To = "-",
    force: verb_options.Force = False,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Write the card of a model: what it is, how it was made, how well it predicts, for whom.

    In the order of TRIPOD+AI. The program fills what the model file and a TABLE tell; the rest is
    yours (--about), and is "not stated" until you state it. A card belongs to one model file:
    --check says whether it still does, and ends with 3 if not.
    """
    with Talk("card", as_json=as_json, quiet=quiet) as talk:
        from thalweg.jobs.card import CardRequest
        from thalweg.jobs.card import card as job

        given = [*said.given(), *sections.given()]
        if rows is None:
            given = [each for each in given if each != "--target"]  # of several
        if rows is None and given:
            raise SettingsError(
                f"{given[0]} is about rows to evaluate the model on, and none are named",
                fix=f"name MODEL and TABLE, or leave out {given[0]}",
            )
        lacks = [*map(unescaped, empty or [])]
        evaluated = None
        if rows is not None:
            from thalweg.jobs.evaluate import EvaluateModelRequest

            read = reading.reading()
            named = names_of(rows, read)
            evaluated = EvaluateModelRequest(
                model=model, table=rows, reading=read, empty=lacks,
                sections=sections.asked(named), **said.asked(named, drop_row),
            )  # fmt: skip
        request = CardRequest(
            model=model, rows=evaluated, target=said.target, about=about,
            write_about=write_about, check=check,
            hugging_face=hugging_face, output=file_of(output), overwrite=force,
        )  # fmt: skip
        outcome = job(request, talk)
        if not outcome.written and not as_json:
            write_stdout(outcome.text)
