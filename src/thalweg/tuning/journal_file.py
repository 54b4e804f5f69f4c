"""The journal file of a study: held by one process, and without the torn tail that a kill leaves.

A line that is cut in the middle would be glued to the next one, and then nobody could read the
study any more. So it is removed before anything is appended. Each line is checked before Optuna
reads it.
"""

import errno
import gc
import json
import os
import re
import stat
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thalweg.errors import OutputError, SettingsError, ThalwegWarning, outer_level
from thalweg.tuning.studies.folded_lines import FoldedLines
from thalweg.tuning.studies.journal_lines import NAME, BadLine, JournalLines
from thalweg.tuning.studies.own_files import (
    BEGINS,
    ITSELF,
    OwnFiles,
    journal_lock,
    no_study,
    opened_mark,
)
from thalweg.wording import counted

if TYPE_CHECKING:
    import optuna

try:
    import fcntl
except ImportError:  # Windows
    _CAN_LOCK = False
else:
    _CAN_LOCK = True

# The whole first line of a study.
_FIRST = (b'{"op_code":0,"worker_id":"', b'","study_name":"%s","directions":[1]}' % NAME.encode())
_WORKER = re.compile(rb"[0-9a-f-]*")
# The most bytes of a line and of a journal. A trial takes 4,000 bytes; beyond that the memory and
# the time that Optuna takes are no longer small.
_LONGEST_LINE, _LARGEST = 2**21, 2**26


def cut_torn_tail(path: str | os.PathLike[str]) -> tuple[int, FoldedLines]:
    """Remove what a killed process or a full disk left of a last line.

    Returns
    -------
    int
        How many bytes were removed.
    FoldedLines
        What the journal says.

    Raises
    ------
    SettingsError
        If the file is no journal of a search, or is damaged before its end.
    """
    with open(os.open(path, os.O_RDWR | ITSELF), "rb+") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise no_study(path)
        if found.st_size > _LARGEST:
            raise SettingsError(
                f"The study has {found.st_size:,} bytes",
                where=os.fspath(path),
                why=f"A journal may have {_LARGEST:,}, some ten thousand trials",
                fix="name another file for the study; a new one is made",
            )
        lines, kept, number = JournalLines(), 0, 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            is_torn = not line.endswith(b"\n")
            if number == 1 or is_torn:
                _require_beginning(path, number, line)
            if is_torn:
                break
            _check(path, number, line, lines)
            kept += len(line)
        torn = found.st_size - kept
        if torn > 0:
            file.truncate(kept)
            os.fsync(file.fileno())
        return max(0, torn), lines.folded


def _require_beginning(path: str | os.PathLike[str], number: int, line: bytes) -> None:
    """Raise a SettingsError for the line of another file, torn or not."""
    is_torn = not line.endswith(b"\n")
    if number == 1:
        begin, end = _FIRST
        rest = line[len(begin) :]
        rest = rest[_WORKER.match(rest).end() :]  # type: ignore[union-attr]
        is_first = begin.startswith(line) or (line.startswith(begin) and end.startswith(rest))
        if not (is_first if is_torn else line.startswith(BEGINS)):
            raise no_study(path)
    elif (
        is_torn
        and not (
            len(line) < _LONGEST_LINE
            # After a loss of power some disks have NULs where the line would be.
            and (line.startswith(BEGINS[: len(line)]) or not line.strip(b"\0"))
        )
    ):
        raise _foreign(path, number, "It is no line of a study, and has no end")


def _check(path: str | os.PathLike[str], number: int, line: bytes, lines: JournalLines) -> None:
    """Raise a SettingsError for a complete line that no search writes."""
    try:
        lines.check(line)
    except BadLine as bad:
        raise _foreign(path, number, str(bad)) from None
    except (ValueError, RecursionError):
        raise SettingsError(
            f"The study is damaged in line {number:,}",
            where=os.fspath(path),
            why="Another program appended to an incomplete line",
            fix=f"keep a copy, and remove line {number:,} and all lines after it",
        ) from None


def _foreign(path: str | os.PathLike[str], number: int, why: str) -> SettingsError:
    return SettingsError(
        f"The study is damaged in line {number:,}",
        where=os.fspath(path),
        why=f"{why}: another program wrote it",
        fix="move the file and its folder away, or name another file; a new study is then made",
    )


def journal_storage(path: Path) -> "optuna.storages.BaseStorage":
    """The storage of a journal, which is no link, and whose torn tail is cut off under its lock."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    with _output_errors(path), journal_lock(path):
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | ITSELF, 0o666))
        with _without_collection():
            torn, folded = cut_torn_tail(path)
    if torn:
        warnings.warn(
            f"The last line of the study {path} was incomplete: {counted(torn, 'byte')} of it "
            "were removed. What the line said is done again.",
            ThalwegWarning,
            stacklevel=outer_level(),
        )

    class Journal(JournalFileBackend):
        """Gives one line for each trial of before, and appends all of a line or nothing."""

        def __init__(self, of_before: FoldedLines | None) -> None:
            super().__init__(os.fspath(path))
            self.n_read = 0  # lines
            self._of_before = [] if of_before is None else of_before.logs()
            self._n_more = 0 if of_before is None else of_before.n_lines - len(self._of_before)

        def read_logs(self, log_number_from: int) -> "Generator[dict[str, Any], None, None]":
            yield from self._of_before[log_number_from:]
            first = max(log_number_from, len(self._of_before)) + self._n_more
            for log in super().read_logs(first):
                self.n_read += 1
                yield log

        def append_logs(self, logs: "list[dict[str, Any]]") -> None:
            text = "".join(f"{json.dumps(log, separators=(',', ':'))}\n" for log in logs)
            with _output_errors(path), journal_lock(path):
                _append(path, text.encode())

    try:
        with _without_collection():
            return JournalStorage(Journal(folded))
    except OSError:
        raise
    except Exception:  # of any type: Optuna does not check what it reads
        journal = Journal(None)  # whose number is that of the line
        try:
            return JournalStorage(journal)
        except OSError:
            raise
        except Exception as error:
            raise _foreign(path, journal.n_read, "Optuna cannot read it") from error


@contextmanager
def _without_collection() -> Iterator[None]:
    """Look for no garbage while a large journal becomes objects: all of them stay."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _append(path: Path, data: bytes) -> None:
    """Append bytes to a file; if the disk takes only some of them, none."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | ITSELF)
    try:
        size, rest = os.fstat(handle).st_size, memoryview(data)
        try:
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        except BaseException:
            with suppress(OSError):
                os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)


@contextmanager
def _output_errors(path: Path) -> Iterator[None]:
    """Turn an error of the operating system into an OutputError, which says what to do."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        room = "give it room, and the right to write"
        if error.errno == errno.EFBIG:
            room = "raise the limit of the size of a file, as with ulimit -f unlimited"
        raise OutputError(
            "The study cannot be written",
            where=os.fspath(path),
            why=error.strerror or str(error),
            fix=f"{room}; the same call then goes on with the study",
        ) from error


@contextmanager
def held_alone(files: OwnFiles, path: str | os.PathLike[str]) -> Iterator[None]:
    """Keep other processes from the study; the system ends this when the process ends."""
    with opened_mark(files) as handle:
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
