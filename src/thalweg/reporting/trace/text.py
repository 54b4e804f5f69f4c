"""A trace as text, for a terminal or a log of 80 columns without colour."""

from collections.abc import Callable, Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from thalweg.reporting.trace.network_check_tables import SECTIONS
from thalweg.reporting.trace.trace_notes import headline, notes
from thalweg.reporting.trace.trace_tables import Section
from thalweg.wording import printable_data

Facts = Mapping[str, Any]


def trace_text(data: Facts) -> Group:
    """A whole trace."""
    parts: list[RenderableType] = [Text(headline(data), style="bold")]
    parts += [Text(note, style="dim") for note in notes(data)]
    return Group(*parts, *_sections("trace", data))


def _sections(kind: str, data: Facts) -> list[RenderableType]:
    return [part for section in SECTIONS[kind](data) for part in ("", *section_text(section))]


def section_text(section: Section) -> list[RenderableType]:
    """A title, sentences and a table."""
    parts: list[RenderableType] = [Text(section.title, style="bold")]
    parts += [Text(words, style="dim") for words in section.words]
    if not section.rows:
        return parts
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 0, 0, 1), pad_edge=False)
    for j, head in enumerate(section.heads):
        numeric = j > 0 and all(_is_number(row[j]) for row in section.rows)
        # A number must not be broken in two: names are shortened instead.
        table.add_column(
            Text(head), justify="right" if numeric else "left", no_wrap=numeric, overflow="fold"
        )
    for i, row in enumerate(section.rows):
        if i == len(section.rows) - section.totals:
            table.add_section()
        table.add_row(*(Text(cell) for cell in row))
    return [*parts, table]


def _is_number(cell: str) -> bool:
    return not cell or cell[-1] in "0123456789‖–" or cell in ("missing", "not finite", "inf")


def _plain(kind: str) -> Callable[[Facts], Group]:
    def text(data: Facts) -> Group:
        return Group(*_sections(kind, data)[1:])

    return text


def _printable(write: Callable[[Facts], Group]) -> Callable[[Facts], Group]:
    return lambda data: write(printable_data(dict(data)))


TEXT: dict[str, Callable[[Facts], Group]] = {
    "trace": _printable(trace_text),
    **{kind: _printable(_plain(kind)) for kind in SECTIONS if kind != "trace"},
}
