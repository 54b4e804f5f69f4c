"""The directory of the sheets of a class: checked before training, written as one set."""

import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress

from thalweg.endings import PAGE
from thalweg.errors import OutputError, SettingsError
from thalweg.files import check_writable, write_atomic
from thalweg.jobs.parts.writing import what_it_replaces
from thalweg.jobs.running.job_run import JobRun
from thalweg.wording import parameter

# Sheets, and their key, in any case: some disks do not tell "KEY.html" from "key.html".
_NAME = re.compile(r"(student-\d+|key)\.html", re.IGNORECASE)
# What every page of thalweg has in its head, and how much of a file is read for it.
_MARK, _HEAD = b'<meta name="generator" content="thalweg ', 4096
_REPLACE = (
    "name another directory, or replace the whole set with --force (in Python: overwrite=True)"
)


def check_sheet_folder(directory: str, inputs: Sequence[str], *, overwrite: bool) -> None:
    """Check that a set of sheets can be written, and that it replaces nothing else.

    Parameters
    ----------
    directory : str
    inputs : sequence of str
        The files that are read; not even ``overwrite`` replaces them.
    overwrite : bool
        Whether the sheets of an earlier set may be replaced, all of them.

    Raises
    ------
    OutputError, SettingsError
    """
    if os.path.splitext(directory)[1].lower() in PAGE:
        raise SettingsError(
            "Sheets are several files, and this is the name of one",
            where=parameter("output", directory),
            fix="name a directory, such as sheets",
        )
    nearest = _nearest_directory(directory)
    for name in _sheets_in(directory):
        path = os.path.join(directory, name)
        if replaced := what_it_replaces(path, inputs):
            raise SettingsError(
                f"The sheet {path} would replace {replaced}",
                where=parameter("output", directory),
                fix="name another directory",
            )
        if not overwrite:
            raise OutputError(
                "The sheets cannot be written", where=path, why="A file of that name exists",
                fix=_REPLACE,
            )  # fmt: skip
        if not _is_sheet(path):
            raise OutputError(
                "The sheets cannot be written", where=path,
                why="It has the name of a sheet, and is none that thalweg wrote",
                fix="move it, or name another directory",
            )  # fmt: skip
    check_writable(os.path.join(nearest, _hidden()))


def write_sheets(
    run: JobRun, directory: str, pages: Mapping[str, str], inputs: Sequence[str], *, overwrite: bool
) -> list[str]:
    """Write a set of sheets: all of it or nothing, and no sheet of an earlier set stays.

    Returns
    -------
    list of str
        The paths of the files.
    """
    with _errors_of(directory), ExitStack() as undo:
        for made in _made(directory):
            undo.callback(_remove_if_empty, made)
        room = os.path.join(directory, _hidden())
        undo.callback(shutil.rmtree, room, ignore_errors=True)
        new, old = (os.path.join(room, each) for each in ("new", "old"))
        for each in (room, new, old):
            os.mkdir(each)
        for name, page in pages.items():
            run.require_wanted()
            write_atomic(os.path.join(new, name), page.encode())
        # Again: others may have written here while the network was trained.
        check_sheet_folder(directory, inputs, overwrite=overwrite)
        for name in _sheets_in(directory):
            _move(name, directory, old, undo)
        for name in pages:
            _move(name, new, directory, undo)
        undo.pop_all()
        shutil.rmtree(room, ignore_errors=True)
    return [os.path.join(directory, name) for name in pages]


def _nearest_directory(path: str) -> str:
    """The directory itself, or the one in which it, or a directory above it, is to be made."""
    here = os.path.abspath(path)
    while not os.path.isdir(here):
        if os.path.lexists(here):
            raise OutputError(
                "It is no directory", where=here, fix="name a directory for the sheets"
            )
        here = os.path.dirname(here)
    return here


def _sheets_in(directory: str) -> list[str]:
    """What in a directory has the name of a sheet or of a key."""
    if not os.path.isdir(directory):
        return []
    with _errors_of(directory):
        return sorted(filter(_NAME.fullmatch, os.listdir(directory)))


def _is_sheet(path: str) -> bool:
    """Whether it is a file of its own, no link, and a page of thalweg."""
    with _errors_of(path):
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return False
        with open(path, "rb") as file:
            return _MARK in file.read(_HEAD)


def _made(directory: str) -> list[str]:
    """Make a directory; returns what was made for it, the outermost first."""
    missing, here, nearest = [], os.path.abspath(directory), _nearest_directory(directory)
    while here != nearest:
        missing.append(here)
        here = os.path.dirname(here)
    os.makedirs(directory, exist_ok=True)
    return missing[::-1]


def _remove_if_empty(directory: str) -> None:
    with suppress(OSError):
        os.rmdir(directory)


def _move(name: str, source: str, target: str, undo: ExitStack) -> None:
    here, there = os.path.join(source, name), os.path.join(target, name)
    os.rename(here, there)
    undo.callback(os.rename, there, here)


def _hidden() -> str:
    return f".thalweg-sheets-{secrets.token_hex(8)}.tmp"


@contextmanager
def _errors_of(path: str) -> Iterator[None]:
    """Turn an error of the operating system into an OutputError."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(
            "The sheets cannot be written", where=path, why=error.strerror or repr(error),
            fix="name another directory",
        ) from error  # fmt: skip
