"""The folder with the rows of a table: made in two passes, resumed after a kill, and sealed.

==============  ==================================================================================
columns.json    what the table is, and the size, time and ends of its files
rows            the rows as they came, sorted by shard in pieces; removed when the shards are there
shard-0000 …    the rows of each shard, merged and sorted
table.json      the seal of each shard; the cache is complete when this file is there
lock            who works in the folder holds it
==============  ==================================================================================

Every file is written completely or not at all, so what is there can be used.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from thalweg.data.doctor.numbered_rows import NumberedParts, numbered_rows_warning
from thalweg.data.larger.found_table import COLUMNS_READ, FoundTable, LargerColumns, find_table
from thalweg.data.larger.row_records import Layout, Records
from thalweg.data.larger.shard_files import ShardedRows, WrittenShard, shard_name, write_shard
from thalweg.data.larger.spilled_rows import SpilledRows, damaged_cache, write_spill
from thalweg.data.larger.table_files import Passed, Stamp, TableFiles, rows_of_batch, unheard
from thalweg.errors import DataError, outer_level
from thalweg.files import FileLock, filesystem, open_file, write_atomic
from thalweg.wording import counted

_COLUMNS, _ROWS, _TABLE, _LOCK = "columns.json", "rows", "table.json", "lock"
_OURS = re.compile(r"columns\.json|rows|table\.json|lock|shard-[0-9]{4}|\.thalweg-.*\.tmp")
_VERSION = 1
_PASSES = ("Pass 1 of 2", "Pass 2 of 2")
_STEM = ".thalweg-cache-"

Say = Callable[[str], None]


def nobody(text: str) -> None:
    """Nobody hears it."""
    del text


class TableCache:
    """The rows of a table in a folder.

    Parameters
    ----------
    folder : Path
        Is made if it is not there.
    files : TableFiles
    asked : LargerColumns
    max_memory : int
        In bytes. What is written does not depend on it.
    say : callable
        Called with a sentence for each step.
    passed : callable
        Hears how far a step is.

    Raises
    ------
    DataError
        The folder has other files, is used by another process, or is of another table.
    """

    def __init__(
        self,
        folder: Path,
        files: TableFiles,
        asked: LargerColumns,
        max_memory: int,
        say: Say = nobody,
        passed: Passed = unheard,
    ) -> None:
        self.folder, self._files, self._asked = folder, files, asked
        self._memory, self._say, self._passed = max_memory, say, passed
        _require_ours(folder)
        self._lock = _locked(folder)

    def release(self) -> None:
        """Let others use the folder."""
        self._lock.release()

    def rows(self) -> tuple[FoundTable, ShardedRows]:
        """The table and its rows, made as far as they are not there.

        Raises
        ------
        DataError
            The table cannot be read, has changed, or a file of the cache is damaged.
        OutputError
            A file cannot be written.
        """
        of_source = {
            "version": _VERSION, "asked": self._asked.as_data(),
            "files": [list(each) for each in self._files.stamps],
        }  # fmt: skip
        known = self._known(of_source)
        if known is None:
            found = self._found(of_source)
        else:
            found = FoundTable.from_data(known["found"])
        layout = Layout.of(found.small, found.n_rows)
        finished = _read(self.folder / _TABLE)
        if finished is None:
            self._make(found, layout)
            finished = _read(self.folder / _TABLE)
            assert finished is not None
        self._remove_rows()
        shards = ShardedRows(
            self.folder, layout, tuple(finished["n_rows"]), tuple(finished["seals"])
        )
        if numbered := finished.get("numbered"):
            warnings.warn(numbered_rows_warning(dict(numbered)), stacklevel=outer_level())
        return found.settled(finished["empty"]), shards

    def _known(self, of_source: dict[str, Any]) -> dict[str, Any] | None:
        """What the folder says of the table; None if it says nothing yet."""
        known = _read(self.folder / _COLUMNS)
        if known is None:
            if (self.folder / _TABLE).exists() or (self.folder / shard_name(0)).exists():
                raise damaged_cache(self.folder / _COLUMNS)
            return None
        before = known["of"]
        if before["files"] != of_source["files"]:
            raise _changed(self.folder, before["files"], self._files.stamps)
        if before != of_source:
            differ = [key for key in ("version", "asked") if before.get(key) != of_source[key]]
            raise DataError(
                "The cache was made for other columns"
                if "asked" in differ
                else "Another version of thalweg made the cache",
                where=str(self.folder),
                why="Its rows hold the target and the columns that were asked for then",
                fix="name another folder, or remove this one and fit again",
            )
        return known

    def _found(self, of_source: dict[str, Any]) -> FoundTable:
        """What the table is; written to the folder."""
        files = self._files
        self._say(COLUMNS_READ)
        rows = rows_of_batch(len(files.names), self._memory)
        found = find_table(files, self._asked, rows, self._memory // 4, self._passed)
        files.require_unchanged()
        _write(self.folder / _COLUMNS, {"of": of_source, "found": found.as_data()})
        return found

    def _make(self, found: FoundTable, layout: Layout) -> None:
        """The two passes."""
        path = self.folder / _ROWS
        if not path.exists():
            self._say(f"{_PASSES[0]}: {counted(found.n_rows, 'row')}")
            write_spill(path, layout, self._records(found, layout), self._memory // 24)
            self._files.require_unchanged()
            self._files.release()
        spilled = SpilledRows(path, layout)
        self._say(f"{_PASSES[1]}: {counted(layout.n_shards, 'shard')}")
        made: list[WrittenShard] = []
        done = 0
        for number in range(layout.n_shards):
            made.append(write_shard(self.folder, layout, spilled, number))
            done += made[-1].n_equal
            self._passed(_PASSES[1], done, found.n_rows)
        if done != found.n_rows:
            raise damaged_cache(path)
        n_rows, seals = [each.n_rows for each in made], [each.seal for each in made]
        shards = ShardedRows(self.folder, layout, tuple(n_rows), tuple(seals))
        empty = _empty_columns(shards)
        numbered = _numbered_columns(shards, found)
        content = {
            "n_rows": n_rows, "seals": seals, "empty": empty, "numbered": [*numbered.items()],
        }  # fmt: skip
        _write(self.folder / _TABLE, content)

    def _records(self, found: FoundTable, layout: Layout) -> Iterator[Records]:
        rows, done = rows_of_batch(len(found.needed), self._memory), 0
        for batch in self._files.batches(found.needed, rows, _PASSES[0], self._passed):
            done += len(batch.frame)
            yield layout.records(*found.numbers(batch))
        if done != found.n_rows:
            self._files.require_unchanged()
            raise DataError(
                f"{counted(found.n_rows, 'row')} were counted, and {done:,} read",
                where=self._files.paths[0],
                fix="write the file again, and fit again",
            )

    def _remove_rows(self) -> None:
        with suppress(OSError):  # it costs space alone
            filesystem.unlink(self.folder / _ROWS)


def _empty_columns(shards: ShardedRows) -> list[int]:
    """The columns of numbers without a filled cell; reading ends where each has one."""
    left = [*range(len(shards.layout.small))]
    for number in range(shards.n_shards):
        if not left:
            break
        records = shards.read(number)
        left = [j for j in left if np.isnan(shards.layout.column(records, j)).all()]
    return left


def _numbered_columns(shards: ShardedRows, found: FoundTable) -> dict[str, str]:
    """Why a column looks like the number of the row; reading ends where no column may be one."""
    columns = found.schema.columns
    left = {j: NumberedParts() for j, each in enumerate(columns) if each.kind == "number"}
    for number in range(shards.n_shards):
        if not left:
            break
        records = shards.read(number)
        for j in [*left]:
            column = shards.layout.column(records, j)
            if not left[j].see(column[~np.isnan(column)]):
                del left[j]
    reasons = {
        columns[j].name: parts.why(columns[j].name, found.n_rows) for j, parts in left.items()
    }
    return {name: why for name, why in reasons.items() if why}


@contextmanager
def temporary_folder(beside: str | os.PathLike[str] | None = None) -> Iterator[Path]:
    """A folder that is removed at the end; those of processes that were killed are removed, too.

    Parameters
    ----------
    beside : path, optional
        The folder in which it is made; by default that for temporary files.
    """
    parent = Path(tempfile.gettempdir() if beside is None else beside)
    _sweep(parent)
    folder = Path(tempfile.mkdtemp(prefix=_STEM, dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove the temporary caches of processes that have ended; failures are ignored."""
    with suppress(OSError):
        for folder in parent.glob(f"{_STEM}*"):
            lock, held = folder / _LOCK, FileLock()
            if lock.is_file() and folder.stat().st_uid == _own_id() and held.take(lock):
                shutil.rmtree(folder, ignore_errors=True)
            held.release()


def _own_id() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def _require_ours(folder: Path) -> None:
    """Make the folder; a DataError if it has files that are not those of a cache."""
    try:
        folder.mkdir(exist_ok=True)
        others = [each for each in sorted(os.listdir(folder)) if not _OURS.fullmatch(each)]
    except OSError as error:
        raise DataError(
            "The folder of the cache cannot be made",
            where=str(folder),
            why="The name is taken by a file or a link"
            if isinstance(error, FileExistsError)
            else error.strerror or repr(error),
            fix="name a folder in a folder that you may write in",
        ) from error
    if others:
        raise DataError(
            "The folder of the cache has other files",
            where=f"{folder}, such as {others[0]}",
            why="A cache has a folder of its own",
            fix="name a new folder",
        )


def _locked(folder: Path) -> FileLock:
    """The lock of the folder; a DataError if another process has it."""
    lock, path = FileLock(), folder / _LOCK
    try:
        with suppress(FileExistsError):  # a link is not followed
            path.open("xb").close()
    except OSError as error:
        raise DataError(
            "The cache cannot be locked",
            where=str(path),
            why=error.strerror or repr(error),
            fix="name a folder that you may write in",
        ) from error
    if path.is_symlink():
        raise DataError(
            "The lock of the cache is a link",
            where=str(path),
            why="The file that it leads to may be another's",
            fix="remove the link, and fit again",
        )
    if not lock.take(path):
        raise DataError(
            "Another process uses the cache",
            where=str(folder),
            fix="wait until it has ended, or name another folder",
        )
    return lock


def _changed(folder: Path, before: list[Any], now: list[Stamp]) -> DataError:
    """The error for a table that is not the one whose rows the cache has."""
    known = {each[0]: tuple(each) for each in before}
    there = {each.name: tuple(each) for each in now}
    names = sorted({*known, *there})
    name = next(each for each in names if known.get(each) != there.get(each))
    what = "is new" if name not in known else "is gone" if name not in there else "has changed"
    return DataError(
        "The table is not the one whose rows the cache has",
        where=f"{name} {what} since {folder} was made",
        fix="remove the folder and fit again, or name another folder",
    )


def _write(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, sort_keys=True)
    seal = hashlib.sha256(text.encode()).hexdigest()
    data = json.dumps({"content": text, "sha256": seal}).encode()
    write_atomic(path, data, overwrite=True, follow=False)


def _read(path: Path) -> dict[str, Any] | None:
    """What `_write` has written; None if the file is not there."""
    try:
        with open_file(path) as file:
            data = json.loads(file.read())
        text, seal = data["content"], data["sha256"]
        if hashlib.sha256(text.encode()).hexdigest() != seal:
            raise damaged_cache(path)
        found: dict[str, Any] = json.loads(text)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise error if isinstance(error, DataError) else damaged_cache(path) from error
    return found
