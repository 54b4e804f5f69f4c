"""The tables that a worker reads: those of the workspace, the bundled ones, and a named file.

A page names a table by an id. Only the file of the command line has a path, and it is given to the
worker by its server.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from thalweg.data.formats.any_format import Format, read_bytes
from thalweg.data.formats.budget import Budget
from thalweg.data.formats.bundled_tables import bundled_tables, bytes_of_bundled, table_card
from thalweg.data.read import Opened, opened
from thalweg.errors import DataError
from thalweg.studio.wire.table_choices import OF_READING
from thalweg.studio.wire.table_ids import OPEN, sample_of
from thalweg.studio.workspace.content_ids import is_content_id
from thalweg.studio.workspace.held_workspace import tables_of


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
        reading = {key: choices[key] for key in OF_READING}
        asked = (table, *reading.values(), *self._state_of(table))
        if self._last is None or self._last[0] != asked:
            self._last = None  # two tables at once may be too many for the memory
            self._last = (asked, self._read(table, reading))
        return self._last[1]

    def _state_of(self, table: str) -> tuple[int, ...]:
        """What changes when somebody writes the file of the command line anew."""
        if table != OPEN or self._file is None or not os.path.exists(self._file):
            return ()
        found = os.stat(self._file)
        return (found.st_ino, found.st_size, found.st_mtime_ns)

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


def _no_table(table: str) -> DataError:
    return DataError("There is no such table", where=table, fix="choose one of the list")


def _as_word(name: str) -> str:
    """The name as a command may have it: one that begins like an option is a file here."""
    return f"./{name}" if name.startswith("-") else name
