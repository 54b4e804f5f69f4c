"""Where a worker does jobs with models: in an empty folder, with names that the commands have, too.

The jobs read and write files by their names, and so do the commands that a page shows. A table is
read by the readers of the studio, and is given to the job under its name: it has no path here.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thalweg.jobs.parts.table_options import Reading
from thalweg.studio.tasks.opened_tables import OpenedTables
from thalweg.studio.wire.table_choices import OF_READING
from thalweg.studio.wire.table_ids import OPEN
from thalweg.studio.workspace.file_state import table_of
from thalweg.studio.workspace.held_workspace import HeldWorkspace, workspace_of
from thalweg.studio.workspace.kept_files import KeptFile, KeptFiles
from thalweg.studio.workspace.unwritten import unwritten
from thalweg.studio.workspace.work_folder import clear, opened_work_folder, sweep_after

MOST_KEPT = 4_000_000_000
_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class LaidTable:
    """A table as a job gets it.

    Attributes
    ----------
    word : str
        What a command names it by.
    name : str
    reading : Reading
        It has the table.
    """

    word: str
    name: str
    reading: Reading


class Desk:
    """What lies on the desk during one job.

    Parameters
    ----------
    held : HeldWorkspace
    tables : OpenedTables
    """

    def __init__(self, held: HeldWorkspace, tables: OpenedTables) -> None:
        self.held, self._tables = held, tables

    def model(self, model: str) -> KeptFile:
        """A model, whose file lies on the desk under its name in commands.

        Raises
        ------
        DataError
            There is no such model, or its bytes have changed.
        OutputError
            The disk does not take its file.
        """
        kept = self.held.models.about(model)
        _, data = self.held.models.read(model)
        try:
            with open(kept.known["file"], "xb") as file:
                file.write(data)
        except OSError as why:
            what = "Nothing can be written into the workspace"
            raise unwritten(what, self.held.folder, why) from why
        return kept

    def table(self, table: str, choices: Mapping[str, Any]) -> LaidTable:
        """A table, read as the choices say.

        Raises
        ------
        DataError
            There is no such table, or it cannot be read.
        """
        named = self._tables.named(table, choices)
        said = {key: choices[key] for key in OF_READING}
        reading = Reading(**said, known={named.name: named.opened})
        return LaidTable(named.name, named.opened.name, reading)

    def state(self, table: str) -> str | None:
        """The state of the file of the command line, if the table is that one."""
        return self._tables.state(table)

    def table_of(self, model: KeptFile) -> str | None:
        """The id of the table that a model was fitted on; None if that table is not there."""
        return table_of(model, self.state(OPEN))

    def keep(
        self, files: KeptFiles, path: str, name: str, *, renames: bool, **known: str | None
    ) -> KeptFile:
        """Keep a file that a job has written; ``known`` is what is known of it.

        Not ``renames``, of equal bytes that are kept already stays what was known before.

        Raises
        ------
        OutputError
            The disk does not take it.
        """
        upload = files.upload(name, MOST_KEPT, **known)
        try:
            with open(path, "rb") as file:
                while part := file.read(_AT_ONCE):
                    upload.write(part)
            return upload.finish(renames=renames)
        finally:
            upload.abandon()


class WorkerDesk:
    """The desk of a worker, which is the folder that its process works in.

    Parameters
    ----------
    workspace : Path
    folder : Path
        Empty, and of this worker alone.
    tables : OpenedTables
    keeper : str
        The name of the worker, for what it is about to keep.
    """

    def __init__(self, workspace: Path, folder: Path, tables: OpenedTables, keeper: str) -> None:
        self._workspace = workspace
        self.tables, self._keeper = tables, keeper
        with workspace_of(workspace, keeper) as held:
            os.chdir(folder)
            sweep_after(held, keeper)

    @contextmanager
    def cleared(self) -> Iterator[Desk]:
        """The desk for one job: empty before it and after it.

        The process enters it anew, because its folder may have been moved since.
        """
        with (
            workspace_of(self._workspace, self._keeper) as held,
            opened_work_folder(held, self._keeper) as own,
        ):
            clear(own)
            own.enter()
            try:
                yield Desk(held, self.tables)
            finally:
                clear(own)
