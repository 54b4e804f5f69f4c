"""The tables of the workspace: each in a folder named by the hash of its bytes."""

import hashlib
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from thalweg.errors import DataError, OutputError
from thalweg.persistence.plain_data_checks import Form, require, text_of
from thalweg.studio.workspace.content_ids import MOST_LETTERS, is_content_id, plain_name
from thalweg.studio.workspace.inner_folder import InnerFolder

_BYTES, _ABOUT, _PART = "bytes", "about.json", "part-"
_FORM: dict[str, Form] = {"name": text_of(MOST_LETTERS)}
_MOST_ABOUT = 1 << 14


@dataclass(frozen=True)
class KeptTable:
    """A table of the workspace.

    Attributes
    ----------
    id : str
    name : str
        What the user called the file. It is data, and never a part of a path.
    size : int
        Its bytes.
    """

    id: str
    name: str
    size: int

    def as_dict(self) -> dict[str, Any]:
        """The table as a page lists it."""
        return {"id": self.id, "name": self.name, "bytes": self.size}


class KeptTables:
    """All tables of a workspace.

    Parameters
    ----------
    folder : InnerFolder
        The folder of the tables, as long as it is open.
    """

    def __init__(self, folder: InnerFolder) -> None:
        self._folder = folder

    def listed(self) -> list[KeptTable]:
        """All tables by their names; what is no table of ours is passed over."""
        found = []
        for each in filter(is_content_id, self._folder.names()):
            with suppress(DataError):
                found.append(self.about(each))
        return sorted(found, key=lambda table: (table.name, table.id))

    def about(self, table: str) -> KeptTable:
        """The name and the size of a table.

        Raises
        ------
        DataError
            There is no such table.
        """
        try:
            with self._opened(table) as folder:
                with folder.opened(_ABOUT) as file:
                    said = json.loads(file.read(_MOST_ABOUT).decode())
                require(said, _FORM, "table")
                return KeptTable(table, said["name"], folder.size(_BYTES))
        except (OSError, ValueError, RecursionError) as why:
            raise no_such_table() from why

    def read(self, table: str) -> tuple[str, bytes]:
        """The name of a table, and its bytes.

        Raises
        ------
        DataError
            There is no such table, or its bytes are others than those that were kept.
        """
        name = self.about(table).name
        try:
            with self._opened(table) as folder, folder.opened(_BYTES) as file:
                data = file.read()
        except OSError as why:
            raise no_such_table() from why
        if hashlib.sha256(data).hexdigest() != table:
            raise DataError(
                "The table has changed on the disk since it was kept",
                where=name,
                fix="remove it, and add the file again",
            )
        return name, data

    def upload(self, name: str, most: int) -> "Upload":
        """Begin to keep a table that a page sends."""
        return Upload(self._folder, plain_name(name), most)

    def remove(self, table: str) -> None:
        """Remove a table.

        Raises
        ------
        DataError
            There is no such table.
        """
        if not is_content_id(table) or not self._folder.has(table):
            raise no_such_table()
        try:
            self._folder.remove_folder(table)
        except OSError as why:
            raise OutputError(
                "The table cannot be removed", why=why.strerror or "",
                fix="close what has its file open, and try again",
            ) from why  # fmt: skip

    def sweep(self) -> None:
        """Remove what uploads have left behind whose server was killed; nobody else is here."""
        for each in self._folder.names():
            if each.startswith(_PART):
                with suppress(OSError):
                    self._folder.remove_folder(each)

    def _opened(self, table: str) -> Any:
        if not is_content_id(table):
            raise no_such_table()
        return self._folder.folder(table)


def no_such_table() -> DataError:
    """The error for a table that is not in the workspace."""
    return DataError(
        "There is no such table in the workspace",
        fix="choose one of the list, or add the file again",
    )


class Upload:
    """A table while it comes: written and hashed part by part, and kept only when it is whole.

    Parameters
    ----------
    tables : InnerFolder
    name : str
    most : int
        The most bytes.
    """

    def __init__(self, tables: InnerFolder, name: str, most: int) -> None:
        self._tables, self._name, self._most = tables, name, most
        self._part = f"{_PART}{secrets.token_hex(16)}"
        self._hash, self._size = hashlib.sha256(), 0
        self._file: BinaryIO | None = None
        try:
            with tables.folder(self._part, make=True) as folder:
                self._file = folder.created(_BYTES)
        except OSError as why:
            self.abandon()
            raise _not_kept(why) from why

    def write(self, data: bytes) -> None:
        """Take the next part.

        Raises
        ------
        DataError
            The table has more bytes than it may have.
        OutputError
            The disk is full, or does not take it for another reason.
        """
        self._size += len(data)
        if self._size > self._most:
            raise too_large(self._most)
        assert self._file is not None
        self._hash.update(data)
        try:
            self._file.write(data)
        except OSError as why:
            raise _not_kept(why) from why

    def finish(self) -> KeptTable:
        """Keep the table; equal bytes that are kept already get the new name.

        Raises
        ------
        DataError
            It is empty.
        OutputError
            The disk is full, or does not take it for another reason.
        """
        assert self._file is not None
        if not self._size:
            raise DataError(
                "The file is empty", where=self._name, fix="choose a file with a header and rows"
            )
        table, about = self._hash.hexdigest(), json.dumps({"name": self._name}).encode()
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            with self._tables.folder(self._part) as folder:
                folder.write(_ABOUT, about)
            if not self._tables.rename(self._part, table):
                with self._tables.folder(table) as folder:
                    folder.write(_ABOUT, about)
        except OSError as why:
            raise _not_kept(why) from why
        return KeptTable(table, self._name, self._size)

    def abandon(self) -> None:
        """Leave nothing behind of a table that is not kept; of one that is, nothing is left."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        with suppress(OSError):
            self._tables.remove_folder(self._part)


def too_large(most: int) -> DataError:
    """The error for a table with too many bytes."""
    return DataError(
        f"The table has more than {most / 1e6:,.0f} MB",
        why="So much is read into memory several times over",
        fix="train on the file itself with thalweg fit, which reads a larger table from the disk, "
        "or start the studio with the file: thalweg studio FILE",
    )


def _not_kept(why: OSError) -> OutputError:
    return OutputError(
        "The table cannot be kept",
        why=why.strerror or str(why),
        fix="free room on the disk, or start the studio with --workspace on another one",
    )
