"""A group of options is one parameter of a verb, and many of the command line."""

import inspect
from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from thalweg.cli.options.option_groups import ColumnOptions, ReadingOptions, with_groups
from thalweg.jobs.parts.table_options import Columns, Reading

Size = Annotated[int, typer.Option("--size", min=1)]


@dataclass(frozen=True)
class Shape:
    size: Size = 3
    colour: Annotated[str | None, typer.Option("--colour")] = None


def verb_and_calls():
    calls = []

    @with_groups
    def paint(
        what: Annotated[str, typer.Argument()],
        *,
        shape: Shape,
        twice: Annotated[bool, typer.Option("--twice")] = False,
    ) -> None:
        """Paint it."""
        calls.append((what, shape, twice))

    app = typer.Typer()
    app.command()(paint)
    return app, paint, calls


@pytest.mark.parametrize(
    ("line", "given"),
    [
        (["wall"], ("wall", Shape(), False)),
        (["wall", "--size", "5", "--twice"], ("wall", Shape(5), True)),
        (["--colour", "red", "wall"], ("wall", Shape(3, "red"), False)),
    ],
)
def test_a_verb_gets_its_groups(line, given):
    app, _, calls = verb_and_calls()
    assert CliRunner().invoke(app, line).exit_code == 0
    assert calls == [given]


def test_options_stand_where_their_group_does_and_keep_their_limits():
    app, paint, calls = verb_and_calls()
    assert list(inspect.signature(paint).parameters) == ["what", "size", "colour", "twice"]
    assert paint.__doc__ == "Paint it."
    assert CliRunner().invoke(app, ["wall", "--size", "0"]).exit_code == 2
    assert calls == []


def test_an_option_of_two_groups_is_refused():
    @dataclass(frozen=True)
    class Other:
        size: Size = 3

    with pytest.raises(ValueError, match="duplicate parameter name"):

        @with_groups
        def paint(*, shape: Shape, other: Other) -> None:
            """Never called."""


def test_what_a_job_takes_of_a_group():
    assert ColumnOptions("y", drop=["a"]).columns(str, "g") == Columns("y", None, ["a"], [], "g")
    reading = ReadingOptions(separator=";", max_memory="1GB").reading()
    assert isinstance(reading, Reading)
    assert (reading.separator, reading.decimal, reading.max_memory) == (";", None, "1GB")
