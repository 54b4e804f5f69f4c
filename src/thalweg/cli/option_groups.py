"""Options that several verbs take together: a group of them is one parameter of a verb.

A verb names the group, a dataclass, as the type of a parameter. `with_groups` shows typer the
options of the group in its place, and gives the verb what was said of them.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thalweg.cli import options

if TYPE_CHECKING:
    from thalweg.jobs.parts.table_source import Columns, Reading

MaxMemory = Annotated[
    str | None,
    typer.Option(
        "--max-memory", metavar="SIZE", help="What a table may take of memory, such as 8GB."
    ),
]
Empty = Annotated[
    list[str] | None,
    typer.Option(
        "--empty",
        metavar="NAME",
        help="A column of the model that the table lacks: no value is known; may be repeated.",
    ),
]


@dataclass(frozen=True)
class ColumnOptions:
    """What some columns of a table are."""

    target: options.Target = None
    positive: options.Positive = None
    drop: options.Drop = None
    category: options.Category = None
    number: options.Number = None
    text: options.FreeText = None

    def columns(self, group: str | None = None) -> "Columns":
        """What a job takes."""
        from thalweg.jobs.parts.table_source import Columns

        drop, category = self.drop or [], self.category or []
        number, text = dict(self.number or []), self.text or []
        return Columns(self.target, self.positive, drop, category, group, number, text)


@dataclass(frozen=True)
class ReadingOptions:
    """How a table is read."""

    separator: options.Separator = None
    decimal: options.Decimal = None
    encoding: options.Encoding = None
    sheet: options.Sheet = None
    header_row: options.HeaderRow = None
    max_memory: MaxMemory = None

    def reading(self) -> "Reading":
        """What a job takes; "-" is what the program is sent."""
        from thalweg.data.read import standard_input
        from thalweg.jobs.parts.table_source import Reading

        return Reading(**vars(self), stdin=standard_input)


def with_groups(verb: Callable[..., None]) -> Callable[..., None]:
    """The verb as typer sees it: each group of options as the options that it is made of."""
    groups: dict[str, type] = {}
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(verb).parameters.values():
        kind = parameter.annotation
        if not (isinstance(kind, type) and is_dataclass(kind)):
            parameters.append(parameter)
            continue
        groups[parameter.name] = kind
        parameters += [
            inspect.Parameter(each.name, parameter.kind, default=each.default, annotation=each.type)
            for each in fields(kind)
        ]

    @wraps(verb)
    def shown(**said: Any) -> None:
        for name, kind in groups.items():
            said[name] = kind(**{each.name: said.pop(each.name) for each in fields(kind)})
        verb(**said)

    signature = inspect.Signature(parameters)
    shown.__signature__ = signature  # type: ignore[attr-defined]
    shown.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": None}
    return shown
