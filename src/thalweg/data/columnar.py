"""Parquet files: columns that know their types, and numbers that stay numbers."""

import contextlib
import importlib
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from thalweg.errors import DataError
from thalweg.wording import counted

# What a table may take in memory, in bytes: a few kilobytes can promise more rows than any
# memory holds.
LARGEST = 1 << 33
# How pandas names a column of row labels that has no name.
_ROW_LABELS = "__index_level_"


def read_parquet(
    data: bytes, name: str, *, skip: Collection[str] = ()
) -> tuple[pd.DataFrame, list[str]]:
    """Read a Parquet file.

    Numbers, truth values and times become arrays of NumPy's types. Text becomes ``str``, whether
    it is stored as text, as bytes or as a dictionary. All else (decimals, lists, structures)
    becomes objects, for the schema to read or to name.

    Parameters
    ----------
    data : bytes
    name : str
        What errors call the file.
    skip : collection of str
        Columns that are not looked at: all their cells are None.

    Returns
    -------
    frame : DataFrame
    notes : list of str

    Raises
    ------
    DataError
        If the file is damaged, or unfolds to more than `LARGEST` bytes.
    """
    arrow = _library("pyarrow", name)
    parquet = _library("pyarrow.parquet", name)
    try:
        table = _table(arrow, parquet, data, name)
        names = table.column_names
        left_out = [each for each in names if each.startswith(_ROW_LABELS)]
        columns = {
            j: np.full(len(table), None)
            if each in skip
            else _cells(arrow, table.column(j), f'{name}, column "{each}"')
            for j, each in enumerate(names)
            if each not in left_out
        }
    except (DataError, MemoryError):
        raise
    except Exception as error:  # in a damaged file, a reader meets what nobody foresaw
        raise DataError(
            f"The Parquet file cannot be read: {(str(error) or repr(error)).splitlines()[0][:200]}",
            where=name,
            why="It is damaged, or holds what this reader does not know",
            fix="write the file again, or give the table as CSV",
        ) from error
    frame = pd.DataFrame(columns, index=range(len(table)))
    frame.columns = pd.Index([names[j] for j in columns], dtype=object)
    notes = [f'Left out "{each}": row labels without a name.' for each in left_out]
    return frame, ["Read as Parquet.", *notes]


def _library(module: str, name: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise DataError(
            "Parquet cannot be read here, since pyarrow is not installed",
            where=name,
            fix="install pyarrow, or give the table as CSV",
        ) from error


def _table(arrow: Any, parquet: Any, data: bytes, name: str) -> Any:
    """The table as Arrow has it; texts as dictionaries, so that no cell is a copy."""
    options = {"page_checksum_verification": True, "pre_buffer": False}
    head = parquet.ParquetFile(arrow.BufferReader(data), **options)
    _require_sound_sizes(head, name)
    texts = [each.name for each in head.schema_arrow if _is_text(arrow, each.type)]
    file = parquet.ParquetFile(arrow.BufferReader(data), read_dictionary=texts, **options)
    table = file.read(use_threads=False)
    table.validate(full=True)
    if len(table) != head.metadata.num_rows:
        raise _miscounted(name, head.metadata.num_rows, len(table))
    return table


def _require_sound_sizes(head: Any, name: str) -> None:
    """Refuse a file that contradicts itself about its rows, or is beyond the memory.

    Arrow takes memory for as many rows as it is told, before it reads the first. (What a file
    tells of its single columns is left alone: where that is damaged, Arrow 26 ends the process.)
    """
    n_rows, n_columns = head.metadata.num_rows, head.metadata.num_columns
    groups = [head.metadata.row_group(i) for i in range(head.metadata.num_row_groups)]
    found = [group.num_rows for group in groups]
    if sum(found) != n_rows or min(found, default=0) < 0:
        raise _miscounted(name, n_rows, sum(found))
    size = 8 * n_rows * n_columns + sum(max(group.total_byte_size, 0) for group in groups)
    if size > LARGEST:
        raise _too_large(f"{name}: {counted(n_rows, 'row')}, {counted(n_columns, 'column')}", size)


def _too_large(where: str, size: int) -> DataError:
    return DataError(
        f"Parquet that would unfold to {size / 2**30:,.1f} GiB",
        where=where,
        why=f"At most {LARGEST / 2**30:g} GiB are read at once",
        fix="give fewer rows or columns; if it has not so many, write the file again",
    )


def _miscounted(name: str, promised: int, found: int) -> DataError:
    return DataError(
        "The Parquet file contradicts itself about its number of rows",
        where=f"{name}: {promised:,} are promised, {found:,} found",
        fix="it is damaged; write it again",
    )


def _is_text(arrow: Any, kind: Any) -> bool:
    return kind in (arrow.string(), arrow.large_string(), arrow.binary(), arrow.large_binary())


def _cells(arrow: Any, column: Any, where: str) -> np.ndarray | pd.Series:
    """The cells of a column, of type object (and not what pandas finds out) if not of NumPy's."""
    values = _values(arrow, column, where)
    return pd.Series(values, dtype=object) if values.dtype == object else values


def _values(arrow: Any, column: Any, where: str) -> np.ndarray:
    kind, types = column.type, arrow.types
    if types.is_dictionary(kind) and _is_text(arrow, kind.value_type):
        return _texts(column, where)
    if types.is_primitive(kind):
        values: np.ndarray = column.to_numpy()
        return values
    return np.fromiter(column.to_pylist(), dtype=object, count=len(column))


def _texts(column: Any, where: str) -> np.ndarray:
    """The cells of a dictionary of texts: ``str``, or None; bytes only if they are no UTF-8."""
    parts, size = [np.empty(0, dtype=object)], 0
    for chunk in column.chunks:
        words = chunk.dictionary.to_pylist()
        if any(isinstance(word, bytes) for word in words):
            with contextlib.suppress(UnicodeDecodeError):  # no text: the schema names the column
                words = [word if word is None else word.decode() for word in words]
        codes = chunk.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
        # Equal cells are one object here, but whoever joins them meets the whole.
        size += int(np.array([*map(len, words), 0])[codes].sum())
        if size > LARGEST:
            raise _too_large(where, size)
        parts.append(np.array([*words, None], dtype=object)[codes])
    return np.concatenate(parts)
