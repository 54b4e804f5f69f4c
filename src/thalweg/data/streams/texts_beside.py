"""What the texts of a whole table prove of its numbers, while only some of its rows are in hand.

A text such as ``1,234`` has two readings, and other cells of the table may prove one of them, or
speak against it. Of a table that is read in parts, one text of each form is kept for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

from thalweg.data.notation.written_number import Written, written
from thalweg.wording import row_number

# What decides how a text is read beside others: whether it is sure, and the marks of its readings.
_Form: TypeAlias = tuple[tuple[str, str], ...]


class Unsettled(Exception):
    """The reading of a part depends on texts of the whole table, which are not known yet."""


class TextsOfTable:
    """For each column of numbers, the first text of each form, with its row."""

    def __init__(self) -> None:
        self._found: dict[str, dict[_Form, tuple[str, int]]] = {}

    def add(self, column: str, cells: Iterable[Any]) -> None:
        """Look at the cells of a column in further rows; the first one is row 1 of these."""
        known = self._found.setdefault(column, {})
        seen: set[str] = set()
        for row, cell in enumerate(cells, start=1):
            if type(cell) is not str or cell in seen:
                continue
            seen.add(cell)
            said = written(cell)
            if said is not None:
                known.setdefault(_form(said), (cell, row_number(row)))

    def of(self, column: str) -> dict[str, int]:
        """The texts of a column and their rows, in the order of the rows."""
        found = sorted(self._found.get(column, {}).values(), key=lambda each: each[1])
        return dict(found)


def _form(said: Written) -> _Form:
    return tuple((each.decimal, each.thousands) for each in said.readings)


_NOBODY: Mapping[str, int] = {}
# None: the table in hand is whole. Otherwise the texts of the whole table, or None in the tuple
# where they are not known yet.
_BESIDE: ContextVar[tuple[TextsOfTable | None] | None] = ContextVar("texts_beside", default=None)


@contextmanager
def part_of_a_table(texts: TextsOfTable | None) -> Iterator[None]:
    """Inside the block, what is read is a part of a table with these texts.

    ``texts`` is None if nobody has looked at them: a part that depends on them raises `Unsettled`.
    """
    before = _BESIDE.set((texts,))
    try:
        yield
    finally:
        _BESIDE.reset(before)


def is_part() -> bool:
    """Whether what is read is a part of a table."""
    return _BESIDE.get() is not None


def are_known() -> bool:
    """Whether the texts of the whole table are known, of which a part is read."""
    part = _BESIDE.get()
    return part is not None and part[0] is not None


def texts_beside(column: str) -> Mapping[str, int]:
    """The texts of a column in the whole table, and their rows; none if the whole is in hand.

    Raises
    ------
    Unsettled
        They are not known.
    """
    part = _BESIDE.get()
    if part is None:
        return _NOBODY
    if part[0] is None:
        raise Unsettled
    return part[0].of(column)
