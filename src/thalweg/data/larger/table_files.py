"""The files of a table that may be larger than memory, as one stream of batches of rows."""

import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pandas as pd

from thalweg.data.cells import missing_cells
from thalweg.data.column_names import likely, listed
from thalweg.data.formats.any_format import Format
from thalweg.data.formats.budget import text_memory
from thalweg.data.formats.parquet import library
from thalweg.data.formats.sniff import Kind, kind_of
from thalweg.data.streams.file_identity import identity
from thalweg.data.streams.parquet_batches import ParquetBatches
from thalweg.data.streams.read_batch import BatchSource
from thalweg.data.streams.text_batches import TextBatches, changed
from thalweg.errors import DataError
from thalweg.wording import counted, parameter

_HEAD, _BLOCK = 1 << 12, 1 << 22
_ENDINGS = {Kind.PARQUET: (".parquet", ".pq"), Kind.TEXT: (".csv", ".tsv", ".tab", ".txt")}
_ALL_ENDINGS = tuple(each for many in _ENDINGS.values() for each in many)
# What the names of the files of a folder end in, as a list in a sentence.
ENDINGS = " or ".join([", ".join(_ALL_ENDINGS[:-1]), _ALL_ENDINGS[-1]])
# A group of rows of Parquet takes a quarter of the memory at most.
_SHARE = 4
# A number of a table in memory, in bytes.
_NUMBER = 8


# Hears how far a reading is: its name, the rows that are read, and all rows (0: not known yet).
Passed: TypeAlias = Callable[[str, int, int], None]


def unheard(name: str, done: int, total: int) -> None:
    """Nobody hears it."""
    del name, done, total


class Stamp(NamedTuple):
    """What tells that a file has changed."""

    name: str
    size: int
    changed: int
    ends: str

    @classmethod
    def of(cls, path: str) -> "Stamp":
        """The stamp of a file as it is now."""
        found = identity(path)
        return cls(os.path.basename(path), found["size"], found["time"], found["ends"])


class Batch(NamedTuple):
    """Rows that follow one another in one file, and where the first of them is."""

    frame: pd.DataFrame
    name: str
    first: int

    def row(self, place: int) -> str:
        """Where a row of the batch is, in words."""
        return f"row {self.first + place + 1:,} of {self.name}"


class TableFiles:
    """A Parquet file, a text, or a folder of them, read in batches as often as needed.

    Parameters
    ----------
    path : str or path
    form : Format
        How texts are written, as far as it is said.
    max_memory : int
        In bytes; a group of rows of Parquet takes a quarter of it at most.

    Attributes
    ----------
    left_out : list of str
        The names in the folder that are no table; without hidden ones, and marks as ``_SUCCESS``.
    names : list of str
        The columns, in the order of the first file.
    typed : frozenset of str
        The columns that are numbers or true and false by their type in every file.
    small : frozenset of str
        Those of them that float32 holds exactly.
    truths : frozenset of str
        Those of them that are true and false in every file.

    Raises
    ------
    DataError
        There is no such file, the columns of two files differ, or a file cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str], form: Format, max_memory: int) -> None:
        self.paths, self.left_out = files_of(path)
        self.stamps = [Stamp.of(each) for each in self.paths]
        self._max_memory = max_memory
        self._sources = [_source(each, form, max_memory) for each in self.paths]
        self.names = list(self._sources[0].names)
        for source in self._sources[1:]:
            _require_same(self.names, source, self._sources[0].name)
        kinds = {name: self._kinds(name) for name in self.names}
        self.typed = frozenset(name for name, kind in kinds.items() if "other" not in kind)
        self.small = frozenset(n for n, kind in kinds.items() if kind <= {"small", "truth"})
        self.truths = frozenset(name for name, kind in kinds.items() if kind == {"truth"})

    def _kinds(self, name: str) -> set[str]:
        """What the type of a column is in the files."""
        return {_kind_of_type(source.schema_of(name)) for source in self._sources}

    @property
    def n_rows(self) -> int | None:
        """The rows of all files; None if one is a text."""
        known = [source.n_rows for source in self._sources]
        return None if None in known else sum(each for each in known if each is not None)

    def notes(self) -> list[str]:
        """What was recognised in the first file, sentences."""
        return self._sources[0].notes()

    def batches(
        self, needed: Collection[str], rows: int, name: str = "", passed: Passed = unheard
    ) -> Iterator[Batch]:
        """All rows in order, with the columns that are needed, in the order of `names`.

        ``passed`` hears of the rows that are read, under a ``name``.
        """
        needed = frozenset(needed)
        whole, done, total = needed & self.typed, 0, self.n_rows or 0
        for source in self._sources:
            for batch in source.batches(needed, rows, as_whole=whole):
                if batch.n_rows:
                    frame = batch.frame()
                    ordered = [name for name in self.names if name in frame.columns]
                    yield Batch(frame[ordered], source.name, batch.first)
                    done += batch.n_rows
                    passed(name, done, total)

    def require_small_groups(self, needed: Collection[str]) -> None:
        """Raise a DataError if a group of rows of Parquet with these columns is too large."""
        for source in self._sources:
            if isinstance(source, ParquetBatches):
                source.require_small_groups(needed)

    def release(self) -> None:
        """Give the memory back that Arrow keeps for further batches."""
        if any(isinstance(source, ParquetBatches) for source in self._sources):
            library("pyarrow", self.paths[0]).default_memory_pool().release_unused()

    def require_unchanged(self) -> None:
        """Raise a DataError if a file is not what it was when this was made."""
        for path, before in zip(self.paths, self.stamps, strict=True):
            if not os.path.exists(path) or Stamp.of(path) != before:
                raise changed(path)

    def memory(self) -> int:
        """About what the whole table takes in memory, in bytes, as its readers count it."""
        total = 0
        for path, source, stamp in zip(self.paths, self._sources, self.stamps, strict=True):
            if isinstance(source, ParquetBatches):
                total += source.memory()
            else:
                total += text_memory(stamp.size, _lines(path) * len(source.names))
        return total


def files_of(path: str | os.PathLike[str]) -> tuple[list[str], list[str]]:
    """The files of a table, and what is left out of a folder.

    Returns
    -------
    paths : list of str
        One file, or those of a folder in the order of their names.
    left_out : list of str
        The other names in the folder, but for those that begin with ``.`` or ``_``.

    Raises
    ------
    DataError
        There is no such file, none in the folder that can be read in batches, a part of 0 bytes, or
        a link that leads nowhere.
    """
    path = os.fspath(path)
    if not os.path.isdir(path):
        if os.path.isfile(path):
            return [path], []
        raise DataError("There is no such file", where=repr(path), fix="name a file or a folder")
    there = [each for each in sorted(Path(path).iterdir()) if each.name[0] not in "._"]
    found = [each for each in there if _is_table(each)]
    if not found:
        raise DataError(
            "The folder has no table",
            where=repr(path),
            why=f"Files that end in {ENDINGS} are read",
            fix="name a folder with such files, or one file",
        )
    return [str(each) for each in found], [each.name for each in there if each not in found]


def _is_table(path: Path) -> bool:
    if not path.name.lower().endswith(_ALL_ENDINGS):
        return False
    require_whole_part(path)
    return path.is_file()


def require_whole_part(path: str | os.PathLike[str]) -> None:
    """Raise a DataError for what shows that a part is gone: a link to no file, or 0 bytes."""
    if os.path.islink(path) and not os.path.exists(path):
        raise DataError(
            "A link that leads nowhere",
            where=repr(os.fspath(path)),
            why="It has the name of a table, so a part of the table may be gone",
            fix="put back the file that it leads to, or remove the link",
        )
    if os.path.isfile(path) and not os.path.getsize(path):
        raise DataError(
            "A part of the folder has 0 bytes",
            where=repr(os.fspath(path)),
            why="Even a part without rows has a header, so its rows may be gone",
            fix="write this part again, or remove it from the folder",
        )


def can_be_streamed(path: str | os.PathLike[str]) -> bool:
    """Whether a table is a folder, a Parquet file or a plain text: nothing else is read so."""
    path = os.fspath(path)
    return os.path.isdir(path) or (os.path.isfile(path) and _kind(path) is not None)


def _kind(path: str) -> Kind | None:
    with open(path, "rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, os.path.getsize(path) - 4))
        kind = kind_of(head + file.read(4), path)
    return kind if kind in _ENDINGS else None


def _source(path: str, form: Format, max_memory: int) -> BatchSource:
    kind, name = _kind(path), os.path.basename(path).encode("utf-8", "backslashreplace").decode()
    if kind is Kind.PARQUET:
        return ParquetBatches(path, name, max_memory, _SHARE)
    if kind is Kind.TEXT and form.decimal is None and form.sheet is None:
        return TextBatches(path, name, None, form)
    raise DataError(
        "This file cannot be read in batches",
        where=repr(path),
        why="Parquet and plain text can; workbooks, archives, and text with a decimal sign for "
        "the whole file are read as a whole",
        fix=f"write it as Parquet, or allow more memory ({parameter('max_memory')})",
    )


def _require_same(names: list[str], source: BatchSource, first: str) -> None:
    """Raise a DataError if a further file has other columns than the first."""
    absent = [name for name in names if name not in source.names]
    further = [name for name in source.names if name not in names]
    if absent or further:
        what = f"has no {listed(absent)}" if absent else f"has {listed(further)}, too"
        raise DataError(
            "The files of a table have different columns",
            where=f"{source.name} {what}; {first} has {listed(names)}",
            fix="give all files the same columns, or move this one out of the folder",
        )


def _kind_of_type(kind: Any) -> str:
    """What a type is: "truth" for true and false, "small" or "wide" numbers, or "other"."""
    if kind is None:
        return "other"
    types = library("pyarrow", "").types
    if types.is_boolean(kind):
        return "truth"
    if types.is_float32(kind) or types.is_float16(kind):
        return "small"
    if types.is_integer(kind):
        return "small" if kind.bit_width <= 16 else "wide"
    return "wide" if types.is_float64(kind) else "other"


def _lines(path: str) -> int:
    """The line ends of a text."""
    count = 0
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            count += block.count(b"\n")
    return max(count, 1)


def require_target(target: str, names: list[str], where: str) -> None:
    """Raise a DataError unless the table has this column, and another one."""
    if target not in names:
        guess = likely(target, names)
        raise DataError(
            f'There is no column "{target}"',
            where=f"{where} has {listed(names)}",
            why=f'Did you mean "{guess}"?' if guess else "",
            fix="name one of these as target, spelled as it is there",
        )


def require_rows(n_rows: int, files: TableFiles) -> None:
    """Raise a DataError for a table without rows."""
    if not n_rows:
        more = f" and {counted(len(files.paths) - 1, 'file')} more" if len(files.paths) > 1 else ""
        raise DataError(
            "The table is empty",
            where=f"{files.paths[0]}{more}: 0 rows, {counted(len(files.names), 'column')}",
            fix="give a table with rows and columns",
        )


def require_cells(cells: pd.Series, batch: Batch) -> None:
    """Raise a DataError if a cell of the target is missing."""
    missing = missing_cells(cells).nonzero()[0]
    if len(missing):
        raise DataError(
            "The target is missing",
            where=f'column "{cells.name}", {batch.row(int(missing[0]))}'
            + (f", and {counted(len(missing) - 1, 'row')} near it" if len(missing) > 1 else ""),
            why="A model cannot learn from a row without a target value",
            fix="leave these rows out when the file is made, or fill them in",
        )


def rows_of_batch(n_columns: int, max_memory: int) -> int:
    """The rows that are read at a time: they take about a sixteenth of the memory."""
    of_a_row = 6 * _NUMBER * max(n_columns, 1)  # Arrow's, pandas' and ours, with copies
    return max(256, min(1 << 16, max_memory // 16 // of_a_row))
