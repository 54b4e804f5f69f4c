"""A folder inside the workspace, in which nothing is opened that is not in it.

Every name is one plain part of a path, and is opened through the handle of its folder, without
following links. So nothing outside is opened, also if someone puts a link or another folder in the
place of one of ours at any moment. A file with a second name (a hard link) is refused, too: it may
be a file of elsewhere.
"""

import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from thalweg.private_directories import HAS_HANDLES, Private, private

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}(\.[a-z]{1,8})?")
_FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_FILE = (
    getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)  # fmt: skip


class NotOursError(OSError):
    """What has one of our names is no file or folder of the workspace."""


class InnerFolder:
    """A folder of the workspace while it is open.

    Parameters
    ----------
    path : Path
    handle : int or None
        None where the system cannot open by handle (Windows).
    """

    def __init__(self, path: Path, handle: int | None) -> None:
        self.path, self._handle = path, handle

    @contextmanager
    def folder(self, name: str, *, make: bool = False) -> Iterator["InnerFolder"]:
        """The folder of this name inside; ``make`` makes it if there is none."""
        if make:
            with suppress(FileExistsError):
                os.mkdir(self._at(name), 0o700, dir_fd=self._handle)
        self._require(name, stat.S_ISDIR)
        if self._handle is None:
            yield InnerFolder(self.path / name, None)
            return
        handle = os.open(self._at(name), os.O_RDONLY | _FOLDER, dir_fd=self._handle)
        try:
            yield InnerFolder(self.path / name, handle)
        finally:
            os.close(handle)

    def names(self) -> list[str]:
        """The names in this folder that may be ours, sorted."""
        found = os.listdir(self.path if self._handle is None else self._handle)
        return sorted(name for name in found if _NAME.fullmatch(name))

    def opened(self, name: str) -> BinaryIO:
        """A file, for reading.

        Raises
        ------
        NotOursError
            It is a link, has a second name, or is no file.
        OSError
            It is not there, or cannot be opened.
        """
        self._require(name, stat.S_ISREG)
        handle = os.open(self._at(name), os.O_RDONLY | _FILE, dir_fd=self._handle)
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            os.close(handle)
            raise NotOursError(f"{name} is no file of the workspace alone")
        return os.fdopen(handle, "rb")

    def created(self, name: str) -> BinaryIO:
        """A new file, for writing, that nobody else may read; there must be none of this name."""
        way = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FILE
        return os.fdopen(os.open(self._at(name), way, 0o600, dir_fd=self._handle), "wb")

    def write(self, name: str, data: bytes) -> None:
        """Write a file, completely or not at all; an older one of this name is replaced."""
        part = f"{name.partition('.')[0]}.part"
        self.remove(part)
        try:
            with self.created(part) as file:
                file.write(data)
            os.replace(
                self._at(part), self._at(name), src_dir_fd=self._handle, dst_dir_fd=self._handle
            )
        except BaseException:
            with suppress(OSError):
                self.remove(part)
            raise

    def rename(self, old: str, new: str) -> bool:
        """Rename a folder; False if there is one of the new name."""
        try:
            os.rename(
                self._at(old), self._at(new), src_dir_fd=self._handle, dst_dir_fd=self._handle
            )
        except OSError:
            if self.has(new):
                return False
            raise
        return True

    def has(self, name: str) -> bool:
        """Whether there is something of this name."""
        try:
            os.stat(self._at(name), dir_fd=self._handle, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        """The bytes of a file."""
        return self.state(name)[1]

    def state(self, name: str) -> tuple[float, int]:
        """When a file was written last, and its bytes."""
        found = os.stat(self._at(name), dir_fd=self._handle, follow_symlinks=False)
        return found.st_mtime, found.st_size

    def touch(self, name: str, written: float) -> None:
        """Say when a file or a folder was written, where the system can; of a link nothing."""
        found = os.stat(self._at(name), dir_fd=self._handle, follow_symlinks=False)
        if stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink == 1):
            with suppress(OSError, NotImplementedError):
                os.utime(
                    self._at(name), (written, written), dir_fd=self._handle, follow_symlinks=False
                )

    def remove(self, name: str) -> None:
        """Remove a file or a link, if there is one."""
        with suppress(FileNotFoundError):
            os.unlink(self._at(name), dir_fd=self._handle)

    def remove_folder(self, name: str) -> None:
        """Remove a folder and the files of ours in it, if there is one; never what a link names."""
        try:
            with self.folder(name) as inner:
                for each in inner.names():
                    inner.remove(each)
        except FileNotFoundError:
            return
        except NotOursError:
            self.remove(name)
            return
        os.rmdir(self._at(name), dir_fd=self._handle)

    def clear(self) -> None:
        """Remove everything in this folder, whatever its name, and nothing that a link names."""
        for name in os.listdir(self.path if self._handle is None else self._handle):
            at = Private(self.path, self._handle).at(name)
            found = os.stat(at, dir_fd=self._handle, follow_symlinks=False)
            if stat.S_ISDIR(found.st_mode):
                shutil.rmtree(at, dir_fd=self._handle)
            else:
                os.unlink(at, dir_fd=self._handle)

    def enter(self) -> None:
        """Make it the folder in which this process works."""
        os.chdir(self.path if self._handle is None else self._handle)

    def is_gone(self) -> bool:
        """Whether its path leads elsewhere by now, or nowhere: removed, moved or unmounted."""
        try:
            found = os.stat(self.path)
            if self._handle is None:
                return not stat.S_ISDIR(found.st_mode)
            return not os.path.samestat(found, os.fstat(self._handle))
        except OSError:
            return True

    def remove_if_empty(self, name: str) -> None:
        """Remove a folder in which nothing could be written."""
        with suppress(OSError):
            os.rmdir(self._at(name), dir_fd=self._handle)

    def _require(self, name: str, is_kind: Callable[[int], bool]) -> None:
        """Look before opening: where the system has no handles this is all, elsewhere a reason."""
        found = os.stat(self._at(name), dir_fd=self._handle, follow_symlinks=False)
        if not is_kind(found.st_mode):
            raise NotOursError(f"{name} is not what the studio has put there")

    def _at(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise NotOursError(f"{name[:80]!r} is no name in the workspace")
        return Private(self.path, self._handle).at(name)


@contextmanager
def outer_folder(path: Path) -> Iterator[InnerFolder]:
    """The workspace itself: a folder that this user alone may enter; it is made if needed.

    Raises
    ------
    NotPrivateError
        Another user may change it, or a folder above it.
    """
    with private(path) as found:
        if not HAS_HANDLES or found.handle is None:
            yield InnerFolder(found.path, None)
            return
        # The handle of a private directory may be one that cannot list.
        handle = os.open(".", os.O_RDONLY | _FOLDER, dir_fd=found.handle)
        try:
            yield InnerFolder(found.path, handle)
        finally:
            os.close(handle)
