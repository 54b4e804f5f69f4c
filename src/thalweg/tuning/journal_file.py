"""The journal file of a study: held by one process, and without the torn tail that a kill leaves.

A line that is cut in the middle would be glued to the next one, and then nobody could read the
study any more. So it is removed before anything is appended.
"""

import json
import os
import time
import warnings
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thalweg.errors import OutputError, SettingsError, ThalwegWarning, outer_level
from thalweg.wording import counted, shown

if TYPE_CHECKING:
    import optuna

try:
    import fcntl
except ImportError:  # Windows
    _CAN_LOCK = False
else:
    _CAN_LOCK = True

# How a line of a journal of Optuna begins.
_BEGINS = b'{"op_code"'
# After so many seconds the lock of a killed process is broken; a write holds it for milliseconds.
_GRACE = 5
# A lock of this age, in seconds, is of a killed process.
_OLD = 0.5


def cut_torn_tail(path: str | os.PathLike[str]) -> int:
    """Remove what a killed process or a full disk left of a last line; the number of bytes.

    Raises
    ------
    SettingsError
        If the file is no journal of Optuna, or is damaged before its end.
    """
    with open(path, "rb") as file:
        data = file.read()
    lines = data.split(b"\n")
    sound = data.startswith(_BEGINS[: len(data)]) and (len(lines) > 1 or len(data) < 2**16)
    if data and not sound:
        raise SettingsError(
            "The file is no study",
            where=os.fspath(path),
            why="A study is a journal of Optuna, and this file begins otherwise",
            fix="name another file for the study; a new one is made",
        )
    kept = data[: data.rfind(b"\n") + 1]
    for number, line in enumerate(kept.split(b"\n")[:-1], 1):
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            raise SettingsError(
                f"The study is damaged in line {number:,}",
                where=os.fspath(path),
                why="Another program appended to an incomplete line",
                fix=f"keep a copy, and remove line {number:,} and all lines after it",
            ) from None
        if not (isinstance(said, dict) and isinstance(said.get("op_code"), int)):
            raise _foreign(path, number)
    torn = len(data) - len(kept)
    if torn:
        with open(path, "rb+") as file:
            file.truncate(len(kept))
            os.fsync(file.fileno())
    return torn


def _foreign(path: str | os.PathLike[str], number: int) -> SettingsError:
    return SettingsError(
        f"The study is damaged in line {number:,}",
        where=os.fspath(path),
        why="The line is complete, and says nothing that Optuna reads: another program wrote it",
        fix="move the file and its folder away, or name another file; a new study is then made",
    )


def journal_storage(path: str) -> "optuna.storages.BaseStorage":
    """The storage of a journal, whose torn tail is cut off under its lock."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    lock = JournalFileOpenLock(path, grace_period=_GRACE)  # symbolic links need rights on Windows
    if os.path.exists(path):
        _break_dead_lock(path + ".lock")
        lock.acquire()
        try:
            torn = cut_torn_tail(path)
        finally:
            lock.release()
        if torn:
            warnings.warn(
                f"The last line of the study {path} was incomplete: {counted(torn, 'byte')} of it "
                "were removed. What the line said is done again.",
                ThalwegWarning,
                stacklevel=outer_level(),
            )

    class Counted(JournalFileBackend):
        """Knows how many lines were read."""

        n_read = 0

        def read_logs(self, log_number_from: int) -> "Generator[dict[str, Any], None, None]":
            for log in super().read_logs(log_number_from):
                self.n_read += 1
                yield log

    backend = Counted(path, lock_obj=lock)
    try:
        return JournalStorage(backend)
    except OSError:
        raise
    except Exception as error:  # of any type: Optuna does not check what it reads
        raise _foreign(path, backend.n_read) from error


def _break_dead_lock(path: str) -> None:
    """Remove the lock of a process that was killed while it wrote.

    No other search has the study. A program of Optuna may, and holds its lock for milliseconds.
    """
    with suppress(OSError):
        while (age := time.time() - os.lstat(path).st_mtime) <= _OLD:
            if age < 0:  # the clock was set back
                return
            time.sleep(0.02)
        os.unlink(path)


def folder_of(path: Path) -> Path:
    """The folder of the predictions and networks of a study."""
    if not path.name or path.is_dir():
        raise SettingsError(
            "The study is a folder, and not a file", where=str(path),
            fix=f"name a file in it, such as {shown(str(path / 's.journal'))}",
        )  # fmt: skip
    what, fix = "The study cannot be written", "name a file in a folder that exists"
    if path.exists() and not path.is_file():
        raise OutputError(
            what, where=str(path), why="It is a device or a pipe, and not a file", fix=fix
        )
    folder = path.with_name(path.name + ".trials")
    if os.path.lexists(folder) and not folder.is_dir():
        raise OutputError(
            what, where=str(path), why=f"{folder} is the folder of its trials, and is a file",
            fix="name another file for the study, or move that one away",
        )  # fmt: skip
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        why = f"There is no folder {path.parent}"
        raise OutputError(what, where=str(path), why=why, fix=fix) from error
    except OSError as error:
        raise OutputError(
            what, where=str(path), why=error.strerror or str(error),
            fix="name a file in a folder that you may write in",
        ) from error  # fmt: skip
    return folder


@contextmanager
def held_alone(folder: Path, path: str | os.PathLike[str]) -> Iterator[None]:
    """Keep other processes from the study; the system ends this when the process ends."""
    with ExitStack() as done:
        handle = os.open(folder / "in-use", os.O_RDWR | os.O_CREAT, 0o666)
        done.callback(os.close, handle)
        try:
            _lock(handle)
        except OSError as error:
            if isinstance(error, BlockingIOError | PermissionError):
                raise SettingsError(
                    "Another process works on the study",
                    where=os.fspath(path),
                    fix="wait until it has ended, or name another file",
                ) from None
        yield


def _lock(handle: int) -> None:
    if _CAN_LOCK:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:  # pragma: no cover
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
