"""Read a Parquet file of any size in batches, a group of rows after the other.

`ParquetFile.iter_batches` is used, and not `dataset.to_batches`, which keeps what it has read
(apache/arrow #39808).
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from thalweg.data.cells import Unread
from thalweg.data.formats.budget import Budget, of_bytes
from thalweg.data.formats.parquet import (
    ROW_LABELS,
    cells_of,
    damaged,
    how_read,
    library,
    memory_of_columns,
    require_sound_sizes,
    sort_of,
)
from thalweg.data.formats.parquet_pages import Chunk, chunks, leaves
from thalweg.data.streams.file_window import FileWindow
from thalweg.data.streams.read_batch import ReadBatch
from thalweg.errors import DataError
from thalweg.wording import counted

# The unpacked bytes of a group of rows from which on it is refused, of the columns that are read.
LARGEST_GROUP = 1 << 30
_OPTIONS = {"page_checksum_verification": True, "pre_buffer": False}


class ParquetBatches:
    """A Parquet file as a `BatchSource`.

    Parameters
    ----------
    path : str
    name : str
        What messages call it.
    max_memory : int or str, optional
        For a group of rows.

    Raises
    ------
    DataError
        It is damaged, or pyarrow is not installed.
    """

    def __init__(self, path: str, name: str, max_memory: int | str | None) -> None:
        size = os.path.getsize(path)
        self.name, self._path = name, path
        self._budget = Budget(path, size, max_memory)
        self._arrow = library("pyarrow", path)
        self._parquet = library("pyarrow.parquet", path)
        library("pyarrow.compute", path)
        with _damage(path), open(path, "rb") as file, self._arrow.OSFile(path) as source:
            head = self._parquet.ParquetFile(source, **_OPTIONS)
            require_sound_sizes(head, path)
            window = FileWindow(file, size)
            self._chunks = list(chunks(window))
            self._owners = leaves(window)
            self._fields = list(head.schema_arrow)
            self.n_rows: int | None = head.metadata.num_rows
            n_groups = head.metadata.num_row_groups
            self._groups = [head.metadata.row_group(g).num_rows for g in range(n_groups)]
        self._left_out = [f.name for f in self._fields if f.name.startswith(ROW_LABELS)]
        self.names = [f.name for f in self._fields if f.name not in self._left_out]

    def notes(self) -> list[str]:
        """What was recognised."""
        labels = [f'Left out "{each}": row labels without a name.' for each in self._left_out]
        return ["Read as Parquet.", *labels]

    def memory(self) -> int:
        """About what the whole table takes in memory, in bytes."""
        budget = Budget(self._path, self._budget.size)
        return memory_of_columns(self._arrow, self._fields, self._chunks, budget)

    def schema_of(self, name: str) -> Any:
        """The Arrow type of a column."""
        return next(field.type for field in self._fields if field.name == name)

    def batches(
        self, needed: Collection[str] | None, rows: int, *, as_whole: Collection[str] = ()
    ) -> Iterator[ReadBatch]:
        """All rows in order, as `BatchSource` says."""
        skip = [] if needed is None else [each for each in self.names if each not in needed]
        with _damage(self._path), self._arrow.OSFile(self._path) as source:
            head = self._parquet.ParquetFile(source, **_OPTIONS)
            how = how_read(self._arrow, head, self._chunks, self._owners, skip)
            self._require_small_groups(how.columns)
            opened = self._parquet.ParquetFile(source, read_dictionary=how.texts, **_OPTIONS)
            widened = self._with_missing(opened, how, as_whole)
            first = 0
            for group, n_rows in enumerate(self._groups):
                if not n_rows:
                    yield ReadBatch(first, 0, group, 0, pd.DataFrame)
                    continue
                found = 0
                for batch in self._of_group(opened, group, how, rows):
                    yield self._batch(batch, how, widened, skip, first + found, group)
                    found += len(batch)
                if found != n_rows:
                    raise DataError(
                        "The Parquet file contradicts itself about its number of rows",
                        where=f"{self._path}: it says {n_rows:,} of group {group + 1}, but has "
                        f"{found:,}",
                        fix="it is damaged; write it again",
                    )
                first += n_rows

    def _of_group(self, opened: Any, group: int, how: Any, rows: int) -> Iterator[Any]:
        if not how.leaves:  # no column is needed: rows alone
            for first in range(0, self._groups[group], rows):
                n = min(rows, self._groups[group] - first)
                yield self._arrow.record_batch([self._arrow.nulls(n)], names=[""])
            return
        yield from opened.reader.iter_batches(
            rows, [group], column_indices=how.leaves, use_threads=False
        )

    def _batch(
        self, batch: Any, how: Any, widened: set[int], skip: Collection[str], first: int, group: int
    ) -> ReadBatch:
        arrow, n_rows = self._arrow, len(batch)
        columns = dict(zip(how.columns, batch.columns, strict=False))

        def frame() -> pd.DataFrame:
            made: dict[str, Any] = {}
            for j, field in enumerate(self._fields):
                if field.name in skip or field.name in self._left_out:
                    continue
                if j not in columns:
                    made[field.name] = np.full(n_rows, Unread(sort_of(field.type)))
                    continue
                where = f'{self._path}, column "{field.name}"'
                column = arrow.chunked_array([columns[j]])
                budget = Budget(self._path, self._budget.size)
                with _damage(self._path):
                    cells = cells_of(arrow, column, budget, where)
                made[field.name] = cells.astype(np.float64) if j in widened else cells
            found = pd.DataFrame(made, index=range(n_rows))
            found.columns = pd.Index(list(made), dtype=object)
            return found

        def carried(name: str) -> Any:
            place = next(j for j in columns if self._fields[j].name == name)
            column = columns[place]
            return column.cast(self._fields[place].type)

        return ReadBatch(first, n_rows, group, batch.nbytes, frame, carried)

    def _require_small_groups(self, columns: Collection[int]) -> None:
        """Refuse a group of rows that would not fit into memory beside others."""
        n_leaves = len(self._owners)
        for group, n_rows in enumerate(self._groups):
            own = self._chunks[group * n_leaves : (group + 1) * n_leaves]
            read: list[Chunk] = [each for each in own if each.column in columns]
            size = sum(each.n_bytes for each in read)
            if size >= LARGEST_GROUP:
                raise DataError(
                    f"A group of {counted(n_rows, 'row')} that unpacks to {of_bytes(size)}",
                    where=f"{self._path}, row group {group + 1} of {len(self._groups)}",
                    why=f"A stream holds groups of rows in memory; below {of_bytes(LARGEST_GROUP)} "
                    "are allowed, of the columns that are read",
                    fix="write the file again with smaller groups, as in pandas: "
                    f"table.to_parquet(path, row_group_size={_smaller(n_rows, size):_})",
                )
            memory_of_columns(self._arrow, self._fields, read, self._budget)

    def _with_missing(self, opened: Any, how: Any, names: Collection[str]) -> set[int]:
        """The columns of integers among these in which a cell is missing: a table has floats.

        Their cells are floats in every batch then, as in the whole table.
        """
        leaf_of = dict(zip(how.columns, how.leaves, strict=True))
        asked = [
            j
            for j, kind in how.columns.items()
            if self._fields[j].name in names and self._arrow.types.is_integer(kind)
        ]
        groups = [*range(len(self._groups))]
        found = set()
        for j in asked:
            batches = opened.reader.iter_batches(
                1 << 18, groups, column_indices=[leaf_of[j]], use_threads=False
            )
            if any(batch.column(0).null_count for batch in batches):
                found.add(j)
        return found


def _smaller(n_rows: int, size: int) -> int:
    """Rows of a group that unpacks to a sixteenth of what is allowed."""
    fits = max(1, n_rows * (LARGEST_GROUP // 16) // size)
    return int(10 ** (len(str(fits)) - 1))


@contextmanager
def _damage(path: str) -> Iterator[None]:
    """Turn what a damaged file causes into a DataError."""
    try:
        yield
    except (DataError, MemoryError, FileNotFoundError):
        raise
    except Exception as error:
        raise damaged(path, error) from error
