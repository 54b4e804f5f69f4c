"""A trace as text, for a terminal or a log of 80 columns without colour."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.table import Table
from rich.text import Text

from thalweg.reporting.trace.tables.network_check_tables import SECTIONS
from thalweg.reporting.trace.tables.trace_notes import headline, notes
from thalweg.reporting.trace.tables.trace_tables import Section
from thalweg.wording import printable_data

Facts = Mapping[str, Any]

# The space between two columns.
_GAP = 2


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
    return [*parts, _Columns(section)]


class _Columns:
    """The table of a section; one that is too wide becomes several, one below the other."""

    def __init__(self, section: Section) -> None:
        self._section = section
        self._numeric = [
            j > 0 and all(_is_number(row[j]) for row in section.rows)
            for j in range(len(section.heads))
        ]

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        for i, shown in enumerate(self._fitting(options.max_width)):
            if i:
                yield ""
            yield self._table(shown)

    def _fitting(self, room: int) -> list[list[int]]:
        """The columns of each table: the first one, and as many others as there is room for.

        Numbers need all of their width, and other cells that of their longest word.
        """
        cells = [self._section.heads, *self._section.rows]
        needs = [
            _GAP + max(cell_len(word) for row in cells for word in row[j].split() or [""])
            for j in range(len(self._numeric))
        ]
        if sum(needs) <= room or not all(self._numeric[1:]):
            return [[*range(len(needs))]]
        tables: list[list[int]] = [[0]]
        for j in range(1, len(needs)):
            if len(tables[-1]) > 1 and sum(needs[k] for k in (*tables[-1], j)) > room:
                tables.append([0])
            tables[-1].append(j)
        return tables

    def _table(self, shown: Sequence[int]) -> Table:
        section = self._section
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 0, 0, 1), pad_edge=False)
        for j in shown:
            # A number must not be broken in two: names are shortened instead.
            table.add_column(
                Text(section.heads[j]),
                justify="right" if self._numeric[j] else "left",
                no_wrap=self._numeric[j],
                overflow="fold",
            )
        for i, row in enumerate(section.rows):
            if i == len(section.rows) - section.totals:
                table.add_section()
            table.add_row(*(Text(row[j]) for j in shown))
        return table


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
