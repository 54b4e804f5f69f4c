"""Private directories that other users cannot write into, and files opened inside them.

Files in such a directory can be trusted as much as the user's own code. Checking the directory
alone is not enough: whoever may write to a directory above it can rename it and put another in its
place, before or after the check. So the path is walked from the root of the disk. Each directory
is opened through the handle of the one before, without following links, and checked after it is
open. A file is opened through the handle of the last directory, and checked after it is open.
"""

import os
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from thalweg.shell_words import in_shell

# Elsewhere (Windows), access rights that the mode does not show protect a user's directories.
HAS_HANDLES = os.open in os.supports_dir_fd and hasattr(os, "geteuid")
_ROOT = 0
_OTHERS_WRITE, _OTHERS = 0o022, 0o077
# A directory on the path may allow passing through but not listing. Linux can open such a one.
_DIRECTORY = (
    getattr(os, "O_PATH", os.O_RDONLY)
    | getattr(os, "O_DIRECTORY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
)
# A file that is being written. No writer takes so many seconds.
_PART, _ABANDONED = ".part", 600.0
# A pipe in the place of a file must not block the reader.
_FILE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class NotPrivateError(OSError):
    """Another user may change what is there; the message says where and how to fix it."""


class Private(NamedTuple):
    """A private directory. ``handle`` is None where the system cannot open by handle."""

    path: Path
    handle: int | None

    def read(self, name: str) -> bytes:
        """The bytes of a file, if this user owns it and nobody else may change it."""
        opened = os.open(self.at(name), os.O_RDONLY | _FILE, dir_fd=self.handle)
        with os.fdopen(opened, "rb") as file:
            if self.handle is not None:
                _check_file(os.fstat(opened), self.path / name)
            return file.read()

    def write(self, name: str, data: bytes) -> None:
        """Write a private file with these bytes, completely or not at all."""
        self._sweep()
        part = f"{name}.{secrets.token_hex(8)}{_PART}"
        opened = os.open(
            self.at(part), os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FILE, 0o600, dir_fd=self.handle
        )
        try:
            with os.fdopen(opened, "wb") as file:
                file.write(data)
            os.replace(self.at(part), self.at(name), src_dir_fd=self.handle, dst_dir_fd=self.handle)
        except BaseException:
            with suppress(OSError):
                os.unlink(self.at(part), dir_fd=self.handle)
            raise

    def _sweep(self) -> None:
        """Remove what writers that were killed have left behind."""
        with suppress(OSError):
            for name in self._names():
                if name.endswith(_PART):
                    found = os.stat(self.at(name), dir_fd=self.handle, follow_symlinks=False)
                    if time.time() - found.st_mtime > _ABANDONED:
                        os.unlink(self.at(name), dir_fd=self.handle)

    def _names(self) -> list[str]:
        if self.handle is None:
            return os.listdir(self.path)
        # The handle of a directory on the way may be one that cannot list.
        listing = os.open(".", os.O_RDONLY | getattr(os, "O_DIRECTORY", 0), dir_fd=self.handle)
        try:
            return os.listdir(listing)
        finally:
            os.close(listing)

    def at(self, name: str) -> str:
        """What the system calls a file: its name beside the handle, or its path without one."""
        return str(self.path / name) if self.handle is None else name


@contextmanager
def private(path: Path) -> Iterator[Private]:
    """The private directory at an absolute path; it and those above are created if needed.

    Raises
    ------
    NotPrivateError
        Another user may change it, or a directory above it.
    OSError
        It cannot be created or opened.
    """
    # Links are followed once, here. A link that appears later is refused during the walk.
    real = Path(os.path.realpath(path))
    if not HAS_HANDLES:
        real.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield Private(real, None)
        return
    handle = _walked(real)
    try:
        yield Private(real, handle)
    finally:
        os.close(handle)


def _walked(real: Path) -> int:
    """The handle of the last directory, after checking it and all directories above it."""
    here = Path(real.anchor)
    handle = os.open(here, _DIRECTORY)
    try:
        above = os.fstat(handle)
        _check_owner(above, here)
        for name in real.parts[1:]:
            below = _opened(name, handle)
            os.close(handle)
            handle, found = below, os.fstat(below)
            _check_writers(above, here)
            here /= name
            _check_owner(found, here)
            above = found
        _check_last(above, here)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _opened(name: str, handle: int) -> int:
    """The handle of a directory in another one, created if needed."""
    with suppress(FileNotFoundError):
        return os.open(name, _DIRECTORY, dir_fd=handle)
    with suppress(FileExistsError):  # another process was faster
        os.mkdir(name, 0o700, dir_fd=handle)
    return os.open(name, _DIRECTORY, dir_fd=handle)


def _check_owner(found: os.stat_result, path: Path) -> None:
    """Require that a directory on the path belongs to this user or to the system."""
    if found.st_uid not in (os.geteuid(), _ROOT):
        raise NotPrivateError(f"{path} belongs to another user; {elsewhere()}")


def _check_writers(found: os.stat_result, path: Path) -> None:
    """Require that nobody else may rename the entries of a directory on the path.

    In a sticky directory, only the owner of an entry may do so, and the owner is checked next.
    """
    if found.st_mode & _OTHERS_WRITE and not found.st_mode & stat.S_ISVTX:
        mend = f"chmod go-w {in_shell(str(path))}" if found.st_uid == os.geteuid() else elsewhere()
        raise NotPrivateError(f"Others may write to {path}; {mend}")


def _check_last(found: os.stat_result, path: Path) -> None:
    if found.st_uid != os.geteuid():
        raise NotPrivateError(f"{path} belongs to another user; {elsewhere()}")
    if found.st_mode & _OTHERS:
        raise NotPrivateError(f"Others may enter {path}; rm -r {in_shell(str(path))}")


def _check_file(found: os.stat_result, path: Path) -> None:
    ours = found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_WRITE
    if not (ours and stat.S_ISREG(found.st_mode)):
        raise NotPrivateError(f"{path} is no file that is ours alone")


def elsewhere() -> str:
    """The fix for a directory that this user cannot change."""
    name = "HOME" if sys.platform == "darwin" else "XDG_CACHE_HOME"
    return f"set {name} to a directory of your own"
