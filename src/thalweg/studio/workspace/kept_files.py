"""Files of the workspace that are kept by content: each in a folder named by the hash of its bytes.

Tables, models, predictions and reports are kept in the same way (`kept_kinds`).
"""

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from thalweg.errors import DataError, OutputError
from thalweg.persistence.plain_data_checks import require
from thalweg.studio.workspace.content_ids import is_content_id, plain_name
from thalweg.studio.workspace.inner_folder import InnerFolder
from thalweg.studio.workspace.kept_kinds import FileKind
from thalweg.studio.workspace.unwritten import gone_workspace, unwritten

_BYTES, _ABOUT, _PART = "bytes", "about.json", "part-"
_MOST_ABOUT = 1 << 20


@dataclass(frozen=True)
class KeptFile:
    """A file of the workspace.

    Attributes
    ----------
    id : str
    known : dict
        What is known of it, such as its name. It is data, and never a part of a path.
    size : int
        Its bytes.
    """

    id: str
    known: Mapping[str, Any]
    size: int

    @property
    def name(self) -> str:
        """What the user called the file, or the table that it was made of."""
        return str(self.known["name"])

    def as_dict(self) -> dict[str, Any]:
        """The file as a page lists it."""
        return {"id": self.id, "name": self.name, "bytes": self.size}


class KeptFiles:
    """All files of a kind in a workspace.

    Parameters
    ----------
    folder : InnerFolder
        Their folder, as long as it is open.
    kind : FileKind
    keeper : str
        Who keeps: `sweep` of one leaves alone what another one is about to keep.
    """

    def __init__(self, folder: InnerFolder, kind: FileKind, keeper: str = "") -> None:
        self._folder, self.kind = folder, kind
        self._part = f"{_PART}{keeper}"

    def listed(self) -> list[KeptFile]:
        """All files by their names; what is no file of ours is passed over."""
        found = []
        for each in filter(is_content_id, self._folder.names()):
            with suppress(DataError):
                found.append(self.about(each))
        return sorted(found, key=lambda file: (file.name, file.id))

    def about(self, id_: str) -> KeptFile:
        """What is known of a file, and its size.

        Raises
        ------
        DataError
            There is no such file.
        """
        try:
            with self._opened(id_) as folder:
                with folder.opened(_ABOUT) as file:
                    said = json.loads(file.read(_MOST_ABOUT).decode())
                known = self._known(said)
                require(known, self.kind.form, self.kind.word)
                return KeptFile(id_, known, folder.size(_BYTES))
        except (OSError, ValueError, RecursionError) as why:
            raise self._absent() from why

    def read(self, id_: str) -> tuple[str, bytes]:
        """The name of a file, and its bytes.

        Raises
        ------
        DataError
            There is no such file, or its bytes are others than those that were kept.
        """
        name = self.about(id_).name
        with self.opened(id_) as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != id_:
            raise DataError(
                f"The {self.kind.word} has changed on the disk since it was kept",
                where=name,
                fix=f"remove it, and {self.kind.again}",
            )
        return name, data

    def opened(self, id_: str) -> BinaryIO:
        """The bytes of a file, for reading; a DataError if there is none. The caller closes it."""
        place = self._opened(id_)
        try:
            with place as folder:
                return folder.opened(_BYTES)
        except OSError as why:
            raise self._absent() from why

    def upload(self, name: str, most: int, **known: str | None) -> "Upload":
        """Begin to keep a file that comes in parts; ``known`` is kept beside its name."""
        return Upload(self, self._folder, self._part, {**known, "name": plain_name(name)}, most)

    def remove(self, id_: str) -> None:
        """Remove a file.

        Raises
        ------
        DataError
            There is no such file.
        """
        if not is_content_id(id_) or not self._folder.has(id_):
            raise self._absent()
        try:
            self._folder.remove_folder(id_)
        except OSError as why:
            raise OutputError(
                f"The {self.kind.word} cannot be removed", why=why.strerror or "",
                fix="close what has its file open, and try again",
            ) from why  # fmt: skip

    def sweep(self, keeper: str = "") -> None:
        """Remove what a keeper has left behind that was killed; "" stands for all of them."""
        for each in self._folder.names():
            if each.startswith(f"{_PART}{keeper}"):
                with suppress(OSError):
                    self._folder.remove_folder(each)

    def _known(self, said: Any) -> Any:
        """What this version knows of a file: a later version may have written more."""
        if not isinstance(said, dict):
            return said
        return {key: value for key, value in said.items() if key in self.kind.form}

    def _absent(self) -> DataError | OutputError:
        """The error for a file that is not there: alone, or with the whole workspace."""
        return gone_workspace(self._folder.path) if self._folder.is_gone() else self.kind.absent()

    def _opened(self, id_: str) -> AbstractContextManager[InnerFolder]:
        if not is_content_id(id_):
            raise self.kind.absent()
        return self._folder.folder(id_)


class Upload:
    """A file while it comes: written and hashed part by part, and kept only when it is whole.

    Parameters
    ----------
    files : KeptFiles
    folder : InnerFolder
        That of all files of the kind.
    part : str
        How the name of its folder begins until it is kept.
    known : dict
        What is kept beside the bytes.
    most : int
        The most bytes.
    """

    def __init__(
        self, files: KeptFiles, folder: InnerFolder, part: str, known: Mapping[str, Any], most: int
    ) -> None:
        require(known, files.kind.form, files.kind.word)
        self._files, self._kind = files, files.kind
        self._folder, self._known, self._most = folder, known, most
        self._part = f"{part}{secrets.token_hex(16)}"
        self._hash, self._size = hashlib.sha256(), 0
        self._file: BinaryIO | None = None
        if folder.is_gone():  # one that was moved would take the file elsewhere
            raise gone_workspace(folder.path)
        try:
            with folder.folder(self._part, make=True) as own:
                self._file = own.created(_BYTES)
        except OSError as why:
            self.abandon()
            raise self._not_kept(why) from why

    def write(self, data: bytes) -> None:
        """Take the next part.

        Raises
        ------
        DataError
            The file has more bytes than it may have.
        OutputError
            The disk is full, or does not take it for another reason.
        """
        self._size += len(data)
        if self._size > self._most:
            raise self._kind.too_large(self._most)
        assert self._file is not None
        self._hash.update(data)
        try:
            self._file.write(data)
        except OSError as why:
            raise self._not_kept(why) from why

    def finish(self, *, renames: bool = True) -> KeptFile:
        """Keep the file; equal bytes that are kept already get the new name.

        Parameters
        ----------
        renames : bool
            Whether they do. Otherwise what was known of them before stays.

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
                "The file is empty",
                where=str(self._known["name"]),
                fix="choose a file with a header and rows",
            )
        id_, about = self._hash.hexdigest(), json.dumps(self._known).encode()
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            with self._folder.folder(self._part) as folder:
                folder.write(_ABOUT, about)
            if not self._is_new(id_):
                if not renames:
                    return self._files.about(id_)
                before = {} if (old := self._before(id_)) is None else old.known
                about = json.dumps({**before, **self._known}).encode()
                with self._folder.folder(id_) as folder:
                    folder.write(_ABOUT, about)
        except OSError as why:
            raise self._not_kept(why) from why
        return KeptFile(id_, self._known, self._size)

    def _is_new(self, id_: str) -> bool:
        """Give the file its place; False if equal bytes are there. What lacks its bytes goes."""
        if self._folder.rename(self._part, id_):
            return True
        try:
            with self._folder.folder(id_) as folder, folder.opened(_BYTES) as file:
                if os.fstat(file.fileno()).st_size == self._size:
                    return False
        except OSError:  # a removal that met an upload, or that was killed, left the rest
            pass
        self._folder.remove_folder(id_)
        return self._folder.rename(self._part, id_)

    def _before(self, id_: str) -> KeptFile | None:
        """What was known of equal bytes: what is not said anew, stays. None if that is damaged."""
        try:
            return self._files.about(id_)
        except DataError:
            return None

    def abandon(self) -> None:
        """Leave nothing behind of a file that is not kept; of one that is, nothing is left."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        with suppress(OSError):
            self._folder.remove_folder(self._part)

    def _not_kept(self, why: OSError) -> OutputError:
        return unwritten(f"The {self._kind.word} cannot be kept", self._folder, why)
