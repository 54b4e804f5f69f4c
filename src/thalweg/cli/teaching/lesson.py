"""``thalweg lesson``: the options of a lesson that is tried and checked in a page."""

from typing import Annotated

import typer

from thalweg.cli.console_listener import Talk, file_of
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import verb_options
from thalweg.cli.options.option_groups import (
    Alarm,
    ColumnOptions,
    Empty,
    Missed,
    ReadingOptions,
    with_groups,
)
from thalweg.cli.terminal_tables import page
from thalweg.errors import SettingsError
from thalweg.wording import unescaped

_Name = Annotated[
    str | None, typer.Argument(metavar="NAME", help="The lesson: see --list.", show_default=False)
]
_What = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[MODEL] TABLE",
        help="A saved model and a table, or a table alone; without any, the bundled one.",
        show_default=False,
    ),
]
_Row = Annotated[
    str | None,
    typer.Option("--row", metavar="N", help="The row, from 1.  [default: one with a large loss]"),
]
_List = Annotated[bool, typer.Option("--list", help="List the lessons that there are.")]
_Students = Annotated[
    int | None,
    typer.Option(
        "--students", metavar="N", help="Write N sheets for paper and their key instead of a page."
    ),
]
_To = Annotated[
    str,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write the page to this file; with --students, the sheets into this directory.",
    ),
]
_Seed = Annotated[
    int,
    typer.Option(
        "--seed",
        metavar="N",
        min=0,
        max=2**32 - 1,
        help="Which numbers the lesson has; equal seeds give equal ones.",
    ),
]


@with_groups
def lesson(
    name: _Name = None,
    what: _What = None,
    *,
    row: _Row = None,
    list_them: _List = False,
    seed: _Seed = 0,
    students: _Students = None,
    missed: Missed = None,
    alarm: Alarm = None,
    columns: ColumnOptions,
    reading: ReadingOptions,
    empty: Empty = None,
    output: _To = "-",
    force: verb_options.Force = False,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Write a lesson: one page in which a reader guesses, tries, and has answers checked.

    Nothing is counted or sent. --students writes sheets for paper, each with a seed of its own.
    """
    with Talk("lesson", as_json=as_json, quiet=quiet, seed=seed) as talk:
        from thalweg.jobs.lessons.lesson import LessonRequest
        from thalweg.jobs.lessons.lesson import lesson as job
        from thalweg.jobs.lessons.lesson_command import lesson_command
        from thalweg.jobs.lessons.lesson_subject import SubjectRequest
        from thalweg.jobs.parts.model_table import model_and_table

        if list_them and name is not None:
            raise SettingsError("--list names all lessons", fix="leave out NAME, or --list")
        if name is None and not list_them:
            raise SettingsError("No lesson is named", fix="see thalweg lesson --list")
        model, table = model_and_table(what or [])
        read = reading.reading()
        named = unescaped if table is None else names_of(table, read)
        subject = SubjectRequest(
            model=model, table=table, row=row, missed=missed, alarm=alarm,
            columns=columns.columns(named), reading=read,
            empty=[*map(unescaped, empty or [])],
        )  # fmt: skip
        request = LessonRequest(
            name=name, subject=subject, seed=seed, students=students, output=file_of(output),
            overwrite=force,
        )  # fmt: skip
        outcome = job(request, talk)
        if request.output is None:
            talk.show(page(outcome.lines))
            if name is not None:
                talk.say(f"Write its page with {lesson_command(name, subject)} -o {name}.html.")
