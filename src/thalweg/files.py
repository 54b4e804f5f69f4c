"""Atomic file writing: a file is written completely or not at all.

A write goes to a hidden temporary file beside the target. The file is synced, and then moved to
the target's place in one step (Pillai et al. 2014, "All file systems are not created equal",
OSDI '14). The writer keeps it locked. If a later write finds a temporary file that it can lock,
its process no longer exists, and the file is removed.
"""

import errno
import hashlib
import os
import platform
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from thalweg.errors import OutputError
from thalweg.systems.held_files import how_to_release, remove_left_over, replace_patiently
from thalweg.systems.links_of_others import followed

try:
    import fcntl
except ImportError:  # Windows
    _CAN_LOCK = False
else:
    _CAN_LOCK = True


class FileSystem:
    """The operations of a write, one method each; tests replace this class to make them fail."""

    def create(self, path: Path, mode: int) -> int:
        """Create a new file (never open an old one); the umask applies to ``mode``."""
        binary = getattr(os, "O_BINARY", 0)  # only Windows has it, and needs it
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, mode)

    def write(self, handle: int, data: memoryview) -> int:
        """Write some of the bytes; returns how many."""
        return os.write(handle, data)

    def sync(self, handle: int) -> None:
        """Flush the bytes of a file to the disk."""
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """Close a file."""
        os.close(handle)

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name; fails if that name is taken."""
        os.link(source, target)

    def replace(self, source: Path, target: Path) -> None:
        """Rename a file in one step, replacing whatever has the new name."""
        replace_patiently(source, target)

    def unlink(self, path: Path) -> None:
        """Remove a name; it is no error if it is gone already."""
        path.unlink(missing_ok=True)

    def sync_directory(self, directory: Path) -> None:
        """Flush the names in a folder to the disk, where the system offers that."""
        if os.name == "nt":
            return
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as why:
            if why.errno not in _NOT_OFFERED:  # some network disks cannot sync a folder
                raise
        finally:
            os.close(handle)


filesystem = FileSystem()

# The errors of a disk that lacks an operation, such as links (FAT, some network disks).
_NOT_OFFERED = {errno.EPERM, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
_MENDS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space, or write to another disk"),
    **dict.fromkeys((errno.EACCES, errno.EROFS), "choose a folder that you may write in"),
    errno.EFBIG: "the limit of the size of a file is reached: raise it (ulimit -f), or write to a "
    "disk that takes such files",
}


def check_writable(path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Raise now the OutputError that :func:`write_atomic` would raise, except for a full disk."""
    with _output_errors(path), ExitStack() as undo:
        target, mode = _target(path, overwrite)
        temporary = _beside(target)
        undo.callback(filesystem.unlink, temporary)
        filesystem.close(filesystem.create(temporary, mode))
        filesystem.unlink(temporary)


def open_file(path: str | os.PathLike[str], buffering: int = -1) -> IO[bytes]:
    """Open a file to read its bytes; an OSError for a device or a pipe, which might never end."""
    ways = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    file = open(  # noqa: SIM115
        path, "rb", buffering, opener=lambda name, _: os.open(name, ways)
    )
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "It is a device or a pipe, not a file")
    return file


def write_atomic(
    path: str | os.PathLike[str], data: bytes, *, overwrite: bool = False, follow: bool = True
) -> None:
    """Write a file completely or not at all.

    A reader sees either the old file or the new bytes at any time, even after a crash. A link is
    followed, or with ``follow=False`` refused. The permissions of a replaced file are kept (less
    the umask). The folder must exist.

    Raises
    ------
    OutputError
        A file exists and may not be replaced, or an operation failed. The old file is unchanged,
        and no temporary file is left. Only if the disk also refuses the clean-up, a hidden
        ``.thalweg-….tmp`` may stay until the next write in the folder; if the last step failed,
        it contains the old bytes.
    """
    way = {"overwrite": overwrite, "follow": follow}
    with _output_errors(path), written_atomically(path, **way) as write:
        write(data)


@contextmanager
def written_atomically(
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    synced: bool = True,
    follow: bool = True,
) -> Iterator[Callable[[bytes | memoryview], None]]:
    """A file that the block writes piece by piece, completely or not at all, as `write_atomic`.

    The block gets the function that writes the next bytes. If the block raises, there is no file.
    Not ``synced``, a file that is there may still be incomplete after a loss of power, though never
    after the end of a process: for files with a seal that can be made again.

    Raises
    ------
    OutputError
        As in `write_atomic`; other errors are those of the block.
    """
    with ExitStack() as held, _undoing(path) as undo:
        with _output_errors(path):
            target, mode = _target(path, overwrite, follow)
            _sweep(target.parent)
            temporary = _beside(target)
            undo.callback(filesystem.unlink, temporary)
            handle = filesystem.create(temporary, mode)

        def write(data: bytes | memoryview) -> None:
            with _output_errors(path):
                _write_all(handle, data)

        try:
            _hold(handle, held)
            yield write
            if synced:
                with _output_errors(path):
                    filesystem.sync(handle)
        finally:
            with _output_errors(path):
                filesystem.close(handle)
        with _output_errors(path):
            if not synced and overwrite:
                filesystem.replace(temporary, target)
            elif overwrite and os.path.lexists(target):
                _replace(temporary, target, undo, held)
            else:
                _settle(temporary, target, mode, undo)
        undo.pop_all()


@contextmanager
def _undoing(path: str | os.PathLike[str]) -> Iterator[ExitStack]:
    """What is undone if the block raises."""
    undo = ExitStack()
    try:
        yield undo
    except BaseException:
        with _output_errors(path):
            undo.close()
        raise


def _write_all(handle: int, data: bytes | memoryview) -> None:
    rest = memoryview(data)
    while rest:
        written = filesystem.write(handle, rest)
        if written == 0:
            raise OSError(errno.EIO, "The disk takes no more bytes")
        rest = rest[written:]


def _replace(temporary: Path, target: Path, undo: ExitStack, held: ExitStack) -> None:
    """Move the new file to the place of the old, which keeps a second name until all is done."""
    old = _beside(target)
    undo.callback(filesystem.unlink, old)
    if _link(target, old):
        undo.callback(filesystem.replace, old, target)
        if _CAN_LOCK:
            with suppress(OSError), ExitStack() as done:
                _hold(_opened(old, os.O_RDONLY, done), held)
    filesystem.replace(temporary, target)
    filesystem.sync_directory(target.parent)
    filesystem.unlink(old)


def _settle(temporary: Path, target: Path, mode: int, undo: ExitStack) -> None:
    """Move the new file to a free name; fail if another file appeared there meanwhile."""
    if _link(temporary, target):
        undo.callback(filesystem.unlink, target)
        filesystem.unlink(temporary)
    else:
        # Without links an empty file claims the name: only in this case a crash can leave it.
        handle = filesystem.create(target, mode)
        undo.callback(filesystem.unlink, target)
        filesystem.close(handle)
        filesystem.replace(temporary, target)
    filesystem.sync_directory(target.parent)


def with_second_name(source: Path, second: Path) -> None:
    """Let another name lead to what a file contains now, in place of what had that name.

    The file itself stays where it is. On a disk without links the second name gets a copy.

    Raises
    ------
    OutputError
        An operation failed; both names are as they were.
    """
    with _output_errors(second), ExitStack() as undo:
        if second.exists() and second.samefile(source):
            return  # to move one link onto another of the same file does nothing, and leaves both
        temporary = _beside(second)
        undo.callback(filesystem.unlink, temporary)
        if _link(source, temporary):
            filesystem.replace(temporary, second)
        else:
            write_atomic(second, source.read_bytes(), overwrite=True)
        undo.pop_all()


class FileLock:
    """A lock on a file that a process keeps until it releases it, or ends in any way.

    Where the system or the disk has no locks, everyone gets it.
    """

    def __init__(self) -> None:
        self._held = ExitStack()

    def take(self, path: Path) -> bool:
        """Take the lock, and release the one held before; False if somebody else has it."""
        if not _CAN_LOCK:
            return True
        with ExitStack() as taken:
            try:
                fcntl.flock(_opened(path, os.O_RDONLY, taken), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            except OSError:
                return True
            self._held.close()
            self._held = taken.pop_all()
        return True

    def release(self) -> None:
        """Let others take it."""
        self._held.close()


def _link(source: Path, target: Path) -> bool:
    """Make a link, or say that this disk has no links."""
    try:
        filesystem.link(source, target)
    except OSError as why:
        if why.errno not in _NOT_OFFERED:
            raise
        return False
    return True


def _beside(target: Path) -> Path:
    return target.with_name(f"{_ours()}{secrets.token_hex(8)}.tmp")


def _ours() -> str:
    """How the names of temporary files of this machine begin."""
    return f"{_STEM}{hashlib.sha256(platform.node().encode()).hexdigest()[:8]}-"


_STEM = ".thalweg-"
_TEMPORARY = re.compile(r"\.thalweg-([0-9a-f]{8}-)?[0-9a-f]{16}\.tmp")
# For so many seconds a temporary file is left alone even if it can be locked: its writer may be
# about to lock it. The second number is for files of another machine, whose locks may not be seen.
_NEW, _NEW_ELSEWHERE = 2, 86_400


def _hold(handle: int, held: ExitStack) -> None:
    """Keep a file locked until ``held`` ends; on a disk without locks nobody else has one."""
    if _CAN_LOCK:
        with suppress(OSError):
            kept = os.dup(handle)
            held.callback(os.close, kept)
            fcntl.flock(kept, fcntl.LOCK_SH | fcntl.LOCK_NB)


def _sweep(folder: Path) -> None:
    """Remove the temporary files of processes that have ended; failures here are ignored."""
    with suppress(OSError), os.scandir(folder) as entries:
        names = (each.name for each in entries)
        for name in filter(_TEMPORARY.fullmatch, [*names]):
            with suppress(OSError):
                (_sweep_one if _CAN_LOCK else remove_left_over)(os.path.join(folder, name))


def _sweep_one(path: str) -> None:
    new = _NEW if os.path.basename(path).startswith(_ours()) else _NEW_ELSEWHERE
    with ExitStack() as done:
        try:
            handle = _opened(path, os.O_RDWR, done)  # a lock over a network needs write access
        except PermissionError:
            handle = _opened(path, os.O_RDONLY, done)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found = os.fstat(handle)
        if stat.S_ISREG(found.st_mode) and time.time() - found.st_ctime > new:
            os.unlink(path)


def _opened(path: str | Path, way: int, done: ExitStack) -> int:
    """Open the file itself: no link is followed, and a pipe does not block."""
    handle = os.open(path, way | os.O_NOFOLLOW | os.O_NONBLOCK)
    done.callback(os.close, handle)
    return handle


def _target(path: str | os.PathLike[str], overwrite: bool, follow: bool = True) -> tuple[Path, int]:
    """The real file to write and its permissions, if a file may be written there."""
    if not follow and os.path.islink(path):
        why = "It is a link, and the file that it leads to may be another's"
        raise _refusal(path, why, "remove the link, and try again")
    with suppress(FileNotFoundError):
        # Before the links are followed: that of a pipe (/dev/stdout) leads to no name.
        if not stat.S_ISREG(kind := os.stat(path).st_mode) and not stat.S_ISDIR(kind):
            fix = "name a file, or give - where the result may go to standard output (predict)"
            raise _refusal(path, "It is a device or a pipe, not a file", fix)
    target = followed(path)
    if not target.parent.exists():
        raise FileNotFoundError(errno.ENOENT, f"The folder {target.parent} does not exist")
    try:
        found = os.lstat(target).st_mode
    except FileNotFoundError:
        return target, 0o666
    if not stat.S_ISREG(found):
        raise _refusal(path, "It is a folder, a device or a pipe", "add the name of a file")
    if not overwrite:
        raise FileExistsError
    return target, stat.S_IMODE(found) & 0o777


@contextmanager
def _output_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn an error of the operating system into an OutputError."""
    try:
        yield
    except OutputError:
        raise
    except FileExistsError as why:
        mend = "choose another name, or replace it with --force (in Python: overwrite=True)"
        raise _refusal(path, "A file of that name exists", mend) from why
    except OSError as why:
        other = _MENDS.get(why.errno or 0, "choose another name or folder, or try again")
        mend = how_to_release(why, path) or other
        raise _refusal(path, why.strerror or repr(why), mend) from why


def _refusal(path: str | os.PathLike[str], why: str, fix: str) -> OutputError:
    return OutputError("The result cannot be written", where=os.fspath(path), why=why, fix=fix)
