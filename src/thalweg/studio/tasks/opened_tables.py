"""The tables that a worker reads: those of the workspace, the bundled ones, and a named file.

A page names a table by an id. Only the file of the command line has a path, and it is given to the
worker by its server.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from thalweg.data.formats.any_format import Format, read_bytes
from thalweg.data.formats.budget import Budget
from thalweg.data.formats.bundled_tables import bundled_tables, bytes_of_bundled, table_card
from thalweg.data.formats.sniff import Kind, kind_of
from thalweg.data.read import Opened, opened
from thalweg.errors import DataError, ThalwegError
from thalweg.studio.wire.table_choices import OF_READING
from thalweg.studio.wire.table_ids import OPEN, sample_of
from thalweg.studio.workspace.content_ids import is_content_id
from thalweg.studio.workspace.file_state import state_of
from thalweg.studio.workspace.held_workspace import tables_of

Plain = dict[str, Any]
# A table with more bytes or cells is read for longer than about a second.
LARGE_FILE, LARGE_TABLE = 2_000_000, 400_000
FIRST_ROWS, _FIRST_BYTES = 1000, 1_000_000


@dataclass(frozen=True)
class NamedTable:
    """A table that is read.

    Attributes
    ----------
    name : str
        What a command names it by.
    opened : Opened
    """

    name: str
    opened: Opened

    def first_rows(self) -> "NamedTable | None":
        """The first rows of a large table; None of a small one."""
        opened = self.opened
        if opened.frame.size <= LARGE_TABLE or len(opened.frame) <= FIRST_ROWS:
            return None
        return NamedTable(self.name, replace(opened, frame=opened.frame.head(FIRST_ROWS)))


class OpenedTables:
    """Reads tables by their ids, and keeps the last one: a page asks of it again and again.

    Parameters
    ----------
    workspace : Path
    file : str, optional
        The file that the command line named.
    place : str, optional
        Its path, if this process works in another folder.
    """

    def __init__(self, workspace: Path, file: str | None = None, place: str | None = None) -> None:
        self._workspace, self._file, self._place = workspace, file, place or file
        self._last: tuple[Any, NamedTable] | None = None

    def named(self, table: str, choices: Mapping[str, Any]) -> NamedTable:
        """A table by its id, read as the choices say.

        Raises
        ------
        DataError
            There is no such table, or it cannot be read.
        """
        if not self.is_held(table, choices):
            reading = _of_reading(choices)
            asked = self._asked(table, reading)
            self._last = None  # two tables at once may be too many for the memory
            self._last = (asked, self._read(table, reading))
        assert self._last is not None
        return self._last[1]

    def is_held(self, table: str, choices: Mapping[str, Any]) -> bool:
        """Whether it is the one that was read last, in the same way."""
        return self._last is not None and self._last[0] == self._asked(table, _of_reading(choices))

    def beginning(self, table: str, choices: Mapping[str, Any]) -> NamedTable | None:
        """The first rows of a large text, without its other ones.

        None if it is small, of another format, or cannot be read so: then the whole table says
        what is wrong.
        """
        try:
            if (found := self._first_bytes(table)) is None:
                return None
            name, file, data = found
            frame, notes = self._of_bytes(file, data, _of_reading(choices))
        except (ThalwegError, OSError):
            return None
        return NamedTable(name, Opened(file, frame.head(FIRST_ROWS), {}, notes))

    def _first_bytes(self, table: str) -> tuple[str, str, bytes] | None:
        """Of a large text: the name of the table, that of its file, and its first lines."""
        if table == OPEN and self._file is not None and self._place is not None:
            name, file = self._file, os.path.basename(self._file)
            if not os.path.isfile(self._place) or os.path.getsize(self._place) <= LARGE_FILE:
                return None
            with open(self._place, "rb") as stream:
                data = stream.read(_FIRST_BYTES)
        elif is_content_id(table):
            with tables_of(self._workspace) as tables:
                about = tables.about(table)
                if about.size <= LARGE_FILE:
                    return None
                with tables.opened(table) as stream:
                    data = stream.read(_FIRST_BYTES)
            name, file = _as_word(about.name), about.name
        else:
            return None
        if kind_of(data, file) is not Kind.TEXT:
            return None
        # The last line may have been cut in two.
        lines = data.split(b"\n", FIRST_ROWS + 1)[:-1]
        return (name, file, b"\n".join(lines) + b"\n") if lines else None

    def _asked(self, table: str, reading: Mapping[str, Any]) -> tuple[Any, ...]:
        return (table, *reading.values(), self.state(table))

    def state(self, table: str) -> str | None:
        """The state of the file of the command line, if the table is that one."""
        return state_of(self._place) if table == OPEN else None

    def _read(self, table: str, reading: Mapping[str, Any]) -> NamedTable:
        if (sample := sample_of(table)) is not None:
            return self._bundled(sample, reading)
        if table == OPEN:
            if self._file is None or self._place is None:
                raise DataError(
                    "The studio was started without a table", fix="choose one of the list"
                )
            return NamedTable(self._file, opened(self._place, **reading))
        if not is_content_id(table):
            raise _no_table(table)
        with tables_of(self._workspace) as tables:
            name, data = tables.read(table)
        frame, notes = self._of_bytes(name, data, reading)
        return NamedTable(_as_word(name), Opened(name, frame, {}, notes))

    def _bundled(self, sample: str, reading: Mapping[str, Any]) -> NamedTable:
        """A bundled table; never the file that a name of a page may have in this folder."""
        if sample not in bundled_tables():
            raise _no_table(sample)
        frame, notes = self._of_bytes(sample, bytes_of_bundled(sample), reading)
        return NamedTable(sample, Opened(sample, frame, table_card(sample), notes))

    def _of_bytes(
        self, name: str, data: bytes, reading: Mapping[str, Any]
    ) -> tuple[pd.DataFrame, list[str]]:
        try:
            return read_bytes(data, name, Format(**reading), budget=Budget(name, len(data)))
        except MemoryError as why:
            raise DataError(
                "The table does not fit into memory",
                where=name,
                fix="give fewer rows or columns; if the table is small, the file is damaged",
            ) from why


def _of_reading(choices: Mapping[str, Any]) -> Plain:
    return {key: choices[key] for key in OF_READING}


def _no_table(table: str) -> DataError:
    return DataError("There is no such table", where=table, fix="choose one of the list")


def _as_word(name: str) -> str:
    """The name as a command may have it: one that begins like an option is a file here."""
    return f"./{name}" if name.startswith("-") else name
