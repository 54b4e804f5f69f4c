"""Read a Parquet file of any size in batches, a group of rows after the other.

`ParquetFile.iter_batches` is used, and not `dataset.to_batches`, which keeps what it has read
(apache/arrow #39808).
"""

import math
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from thalweg.data.cells import Unread
from thalweg.data.column_names import require_different
from thalweg.data.formats.budget import Budget, memory_of, of_bytes
from thalweg.data.formats.parquet import (
    ROW_LABELS,
    cells_of,
    damaged,
    how_read,
    library,
    memory_of_columns,
    require_sound_sizes,
    rows_of_repeated,
    sort_of,
)
from thalweg.data.formats.parquet_pages import Chunk, chunks, leaves
from thalweg.data.streams.file_window import FileWindow
from thalweg.data.streams.read_batch import ReadBatch
from thalweg.errors import DataError
from thalweg.wording import counted, parameter

# The unpacked bytes of a group of rows from which on it is refused, of the columns that are read.
LARGEST_GROUP = 1 << 30
# Texts that may repeat one another are held up to so many bytes.
_TEXTS_AT_ONCE = 1 << 23
_OPTIONS = {"page_checksum_verification": True, "pre_buffer": False}


class ParquetBatches:
    """A Parquet file as a `BatchSource`.

    Parameters
    ----------
    path : str
    name : str
        What messages call it.
    max_memory : int or str, optional
        For the table.
    share : int, optional
        A group of rows takes one part of so many of it at most.

    Raises
    ------
    DataError
        It is damaged, two of its columns have one name, or pyarrow is not installed.
    """

    def __init__(self, path: str, name: str, max_memory: int | str | None, share: int = 1) -> None:
        size = os.path.getsize(path)
        self.name, self._path = name, path
        self._size, self._max_memory = size, max_memory
        self._share, self._largest = share, LARGEST_GROUP
        if max_memory is not None:
            self._largest = min(LARGEST_GROUP, memory_of(max_memory) // share)
        self._arrow = library("pyarrow", path)
        self._parquet = library("pyarrow.parquet", path)
        library("pyarrow.compute", path)
        with _damage(path), open(path, "rb") as file, self._opened() as source:
            head = self._parquet.ParquetFile(source, **_OPTIONS)
            require_sound_sizes(head, path)
            window = FileWindow(file, size)
            self._chunks = list(chunks(window))
            self._owners = leaves(window)
            self._fields = list(head.schema_arrow)
            self.n_rows: int | None = head.metadata.num_rows
            n_groups = head.metadata.num_row_groups
            self._groups = [head.metadata.row_group(g).num_rows for g in range(n_groups)]
        self._kinds = {f.name: f.type for f in reversed(self._fields)}
        self._left_out = [f.name for f in self._fields if f.name.startswith(ROW_LABELS)]
        self.names = [f.name for f in self._fields if not f.name.startswith(ROW_LABELS)]
        try:
            require_different(self.names)
        except DataError as error:
            what, where, why, fix = error.unspelled
            raise DataError(what, where=f"{path}: {where}", why=why, fix=fix) from None

    def _opened(self) -> Any:
        """The file as Arrow reads it; as bytes, its name need not be UTF-8."""
        return self._arrow.OSFile(os.fsencode(self._path))

    def notes(self) -> list[str]:
        """What was recognised."""
        labels = [f'Left out "{each}": row labels without a name.' for each in self._left_out]
        return ["Read as Parquet.", *labels]

    def memory(self) -> int:
        """About what the whole table takes in memory, in bytes."""
        budget = Budget(self._path, self._size)
        return memory_of_columns(self._arrow, self._fields, self._chunks, budget)

    def schema_of(self, name: str) -> Any:
        """The Arrow type of a column."""
        return self._kinds[name]

    def batches(
        self, needed: Collection[str] | None, rows: int, *, as_whole: Collection[str] = ()
    ) -> Iterator[ReadBatch]:
        """All rows in order, as `BatchSource` says."""
        skip = frozenset(() if needed is None else self.names) - frozenset(needed or ())
        with _damage(self._path), self._opened() as source:
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
                    # Arrow decodes a code of a text that names none, and reads beside it later.
                    batch.validate(full=True)
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
        own = self._chunks[group * len(self._owners) : (group + 1) * len(self._owners)]
        n_rows = rows_of_repeated(own, how.plain)
        batches = opened.reader.iter_batches(
            min(rows, n_rows or rows), [group], column_indices=how.leaves, use_threads=False
        )
        yield from batches if n_rows is None else self._joined(batches, rows)

    def _joined(self, batches: Iterator[Any], rows: int) -> Iterator[Any]:
        """Batches of few rows as larger ones, which end where their texts become too long."""
        held: list[Any] = []
        n_held = size = 0
        for batch in chain(batches, [None]):
            is_full = batch is None or n_held + len(batch) > rows or size > _TEXTS_AT_ONCE
            if held and is_full:
                yield from self._arrow.Table.from_batches(held).combine_chunks().to_batches()
                held, n_held, size = [], 0, 0
            if batch is not None:
                held.append(batch)
                n_held, size = n_held + len(batch), size + batch.nbytes

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
                budget = Budget(self._path, self._size)
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

    def require_small_groups(self, names: Collection[str]) -> None:
        """Refuse a group of rows of these columns that would not fit into memory beside others."""
        is_nested, named = self._arrow.types.is_nested, frozenset(names)
        fields = enumerate(self._fields)
        self._require_small_groups(
            {j for j, f in fields if f.name in named and not is_nested(f.type)}
        )

    def _require_small_groups(self, columns: Collection[int]) -> None:
        n_leaves, sizes = len(self._owners), []
        for group in range(len(self._groups)):
            own = self._chunks[group * n_leaves : (group + 1) * n_leaves]
            read: list[Chunk] = [each for each in own if each.column in columns]
            sizes.append(sum(each.n_bytes for each in read))
            budget = Budget(self._path, self._size, self._max_memory)
            memory_of_columns(self._arrow, self._fields, read, budget)
        largest = max(range(len(sizes)), key=sizes.__getitem__, default=0)
        if sizes and sizes[largest] >= self._largest:
            raise self._too_large(largest, sizes[largest])

    def _too_large(self, group: int, size: int) -> DataError:
        n_rows, most = self._groups[group], self._largest
        more = ""
        if size < LARGEST_GROUP:
            enough = math.ceil(1.1 * self._share * size / 1e6)
            more = f"; or allow more memory: {parameter('max_memory', f'{enough}MB')}"
        of_it = "" if self._share == 1 else f", 1/{self._share} of the memory"
        return DataError(
            f"A group of {counted(n_rows, 'row')} that unpacks to {of_bytes(size)}",
            where=f"{self._path}, row group {group + 1} of {len(self._groups)}",
            why=f"A group of rows is held in memory; below {of_bytes(most)} are allowed{of_it}, of "
            "the columns that are read",
            fix="write the file again with smaller groups, as in pandas: "
            f"table.to_parquet(path, row_group_size={_smaller(n_rows, size, most):_}){more}",
        )

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


def _smaller(n_rows: int, size: int, most: int) -> int:
    """Rows of a group that unpacks to a sixteenth of what is allowed."""
    fits = max(1, n_rows * (most // 16) // size)
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
