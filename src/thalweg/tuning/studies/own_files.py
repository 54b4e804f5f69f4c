"""The files of a study: which names they have, and what of all that has these names is the study's.

A study `s.journal` has the journal, the folder `s.journal.trials`, and for milliseconds the lock
`s.journal.lock`. A search changes, replaces and deletes these only. So what has one of the names is
looked at first, without following links, and refused unless it is what a study makes. A link of
this user to a file or a folder elsewhere, such as another disk, is followed once.
"""

import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from thalweg.errors import OutputError, SettingsError
from thalweg.systems.links_of_others import followed, is_anothers
from thalweg.wording import shown

# An empty file of this name says that a folder is that of a study; a search keeps it locked.
MARK = "in-use"
# How a line of a journal of Optuna begins.
BEGINS = b'{"op_code"'
# How the files of trials are called.
_OF_TRIAL = re.compile(r"[0-9]{5,6}\.(npy|safetensors)")
# A lock of this age, in seconds, is of a killed process: a write holds it for milliseconds.
_OLD = 0.5
# The lock of a clock that goes wrong is broken after so many seconds.
_GRACE = 5
# The file itself is opened: no link is followed, and a pipe does not block.
ITSELF = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


class OwnFiles(NamedTuple):
    """The files of a study.

    Attributes
    ----------
    journal : Path
        No link.
    folder : Path
        Of the predictions and networks of trials; no link.
    """

    journal: Path
    folder: Path


def paths_of(path: str | os.PathLike[str]) -> tuple[Path, Path, Path]:
    """Journal, lock and folder of a study; a link to the journal is followed."""
    journal = Path(os.path.realpath(path))
    lock, folder = (journal.with_name(f"{journal.name}{each}") for each in (".lock", ".trials"))
    return journal, lock, folder


def own_files(path: str | os.PathLike[str]) -> OwnFiles:
    """The files of a study; its folder is made if there is none.

    Raises
    ------
    SettingsError, OutputError
        If a folder, a device, or something that is not the study's has one of the names; nothing is
        changed then.
    """
    given = Path(path)
    try:
        if not given.name or given.is_dir():
            raise SettingsError(
                "The study is a folder, and not a file", where=str(given),
                fix=f"name a file in it, such as {shown(str(given / 's.journal'))}",
            )  # fmt: skip
        if "\0" in given.name:
            raise _unwritable(given, "No file has a NUL in its name", "name another file")
        journal = followed(given)
        _require_journal(journal)
        require_own_lock(journal)
        folder = _own_folder(journal)
    except OutputError:
        raise
    except FileNotFoundError as error:
        raise _unwritable(
            given, f"There is no folder {given.parent}", "name a file in a folder that exists"
        ) from error
    except OSError as error:
        fix = "name a file in a folder that you may write in"
        raise _unwritable(given, error.strerror or str(error), fix) from error
    return OwnFiles(journal, folder)


def _unwritable(path: Path, why: str, fix: str) -> OutputError:
    return OutputError("The study cannot be written", where=str(path), why=why, fix=fix)


_AWAY = "name another file for the study, or move that one away"


def _require_journal(journal: Path) -> None:
    """Raise an OutputError for what is no file, or another user's in a shared folder."""
    if journal.parent.suffix == ".trials" and os.path.lexists(journal.with_name(MARK)):
        why = "It would be in the folder of another study"
        raise _unwritable(journal, why, "name a file in another folder")
    try:
        found = os.lstat(journal)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode):
        why = "It is a device or a pipe, and not a file"
        raise _unwritable(journal, why, "name a file in a folder that exists")
    _require_ours(journal, found)
    with open(os.open(journal, os.O_RDONLY | ITSELF), "rb") as file:
        begin = file.read(len(BEGINS))
    if not BEGINS.startswith(begin):
        raise no_study(journal)


def no_study(path: str | os.PathLike[str]) -> SettingsError:
    """The error for a file of another program."""
    return SettingsError(
        "The file is no study",
        where=os.fspath(path),
        why="A study is a journal of Optuna, and this file begins otherwise",
        fix="name another file for the study; a new one is made",
    )


def _require_ours(path: Path, found: os.stat_result) -> None:
    if is_anothers(found, os.stat(path.parent)):
        raise _unwritable(
            path,
            "It is of another user, in a folder that everyone may write to",
            "name a file in a folder of your own",
        )


def _own_folder(journal: Path) -> Path:
    """The folder of a study, made if needed, without anything that a study does not make."""
    name = journal.with_name(f"{journal.name}.trials")
    folder = followed(name)
    try:
        found = os.lstat(folder)
    except FileNotFoundError:
        if folder != name:
            why = f"{name} is the folder of its trials, and is a link to {folder}, which is missing"
            raise _unwritable(journal, why, "make that folder, or remove the link") from None
        os.mkdir(folder)
        return folder
    if not stat.S_ISDIR(found.st_mode):
        why = f"{name} is the folder of its trials, and is a file"
        raise _unwritable(journal, why, _AWAY)
    _require_ours(folder, found)
    with os.scandir(folder) as entries:
        kinds = {each.name: each.stat(follow_symlinks=False) for each in entries}
    for each in sorted(kinds):
        if each == MARK or _OF_TRIAL.fullmatch(each):
            _require_trial_file(folder / each, kinds[each])
    if kinds and MARK not in kinds:
        why = f"{name} is the folder of its trials, and has other files, such as "
        raise _unwritable(journal, f"{why}{shown(min(kinds))}", _AWAY)
    return folder


def _require_trial_file(path: Path, found: os.stat_result) -> None:
    """Raise an OutputError for a link, a folder, a pipe; and for a mark that says something."""
    why = ""
    if stat.S_ISLNK(found.st_mode):
        why = "It is a link, and the file that it leads to may be another's"
    elif not stat.S_ISREG(found.st_mode):
        why = "It is a folder, a device or a pipe, and not a file"
    elif path.name == MARK and found.st_size:
        why = "It has a content, and that of a study is empty"
    if why:
        raise _unwritable(path, why, "move it away, and try again")


@contextmanager
def opened_mark(files: OwnFiles) -> Iterator[int]:
    """The handle of the file that says that a folder is a study's, made if needed."""
    path = files.folder / MARK
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | ITSELF, 0o666)
    except OSError as error:
        fix = "name a file in a folder that you may write in"
        raise _unwritable(path, error.strerror or str(error), fix) from error
    try:
        _require_trial_file(path, os.fstat(handle))
        yield handle
    finally:
        os.close(handle)


def require_own_lock(journal: Path) -> None:
    """Raise an OutputError if something else than a lock of Optuna has the name of the lock."""
    path = Path(f"{journal}.lock")
    with suppress(FileNotFoundError):
        found = os.lstat(path)
        is_lock = stat.S_ISREG(found.st_mode) and not found.st_size
        if stat.S_ISLNK(found.st_mode):  # the dashboard of Optuna makes such ones
            is_lock = os.path.basename(os.readlink(path)) == journal.name
        if not is_lock:
            why = f"{path} is the lock of its journal, and is something else"
            raise _unwritable(journal, why, _AWAY)
        _require_ours(path, found)


@contextmanager
def journal_lock(journal: Path) -> Iterator[None]:
    """Hold the lock of Optuna, which other programs take to write into a journal.

    No other search has the study. The lock of a process that was killed while it wrote is removed;
    what is no lock is not.
    """
    path = f"{journal}.lock"
    began = time.monotonic()
    while True:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | ITSELF, 0o666)
            break
        except FileExistsError:
            require_own_lock(journal)
            with suppress(FileNotFoundError):
                age = time.time() - os.lstat(path).st_mtime
                if age > _OLD or time.monotonic() - began > _GRACE:
                    os.unlink(path)
            time.sleep(0.002)
    try:
        made = os.fstat(handle)
        os.close(handle)
        yield
    finally:
        with suppress(FileNotFoundError):  # somebody thought that this process was killed
            if os.path.samestat(os.lstat(path), made):
                os.unlink(path)
