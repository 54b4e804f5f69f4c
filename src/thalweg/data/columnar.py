"""Parquet files: columns that know their types, and numbers that stay numbers."""

import contextlib
import importlib
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from thalweg.data.budget import Budget
from thalweg.data.pages import Chunk, chunks
from thalweg.errors import DataError

# What an object of Python takes in memory, and what refers to it, in bytes, about.
_OBJECT, _REFERENCE = 64, 8
# How long cells may be on average, in bytes, beside 2 MB for a column of few: as long as the
# longest in CSV.
_LONGEST_TEXT = 1 << 17
# Words that share their beginnings are unpacked so many bytes at a time, at most.
_AT_ONCE = 1 << 22
# How pandas names a column of row labels that has no name.
_ROW_LABELS = "__index_level_"


def read_parquet(
    data: bytes, budget: Budget, *, skip: Collection[str] = ()
) -> tuple[pd.DataFrame, list[str]]:
    """Read a Parquet file.

    Numbers, truth values and times become arrays of NumPy's types. Text becomes ``str``, whether
    it is stored as text, as bytes or as a dictionary. All else (decimals, lists, structures)
    becomes objects, for the schema to read or to name.

    Parameters
    ----------
    data : bytes
    budget : Budget
        What it may cost, and what errors call it.
    skip : collection of str
        Columns that are not looked at: all their cells are None.

    Returns
    -------
    frame : DataFrame
    notes : list of str

    Raises
    ------
    DataError
        If the file is damaged, or unfolds to more than is allowed.
    """
    name = budget.name
    arrow = _library("pyarrow", name)
    parquet = _library("pyarrow.parquet", name)
    try:
        table = _table(arrow, parquet, data, budget)
        names = table.column_names
        left_out = [each for each in names if each.startswith(_ROW_LABELS)]
        columns = {
            j: np.full(len(table), None)
            if each in skip
            else _cells(arrow, table.column(j), budget, f'{name}, column "{each}"')
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


def _table(arrow: Any, parquet: Any, data: bytes, budget: Budget) -> Any:
    """The table as Arrow has it; texts as dictionaries, so that no cell is a copy."""
    options = {"page_checksum_verification": True, "pre_buffer": False}
    head = parquet.ParquetFile(arrow.BufferReader(data), **options)
    name = budget.name
    _require_sound_sizes(head, name)
    told = list(chunks(data))
    memory = _memory(arrow, head, told, name)
    n_rows, n_columns = head.metadata.num_rows, head.metadata.num_columns
    budget.require(memory, f"{n_rows:,} rows, {n_columns:,} columns")
    shared = {chunk.path[0]: chunk.shared for chunk in told if chunk.shared}
    texts = [each.name for each in head.schema_arrow if _is_text(arrow, each.type)]
    texts = [each for each in texts if each not in shared]
    file = parquet.ParquetFile(arrow.BufferReader(data), read_dictionary=texts, **options)
    table = (
        _in_steps(arrow, file, max(shared.values()), budget)
        if shared
        else file.read(use_threads=False)
    )
    table.validate(full=True)
    if len(table) != head.metadata.num_rows:
        raise _miscounted(name, head.metadata.num_rows, len(table))
    return table


def _in_steps(arrow: Any, file: Any, largest: int, budget: Budget) -> Any:
    """The table, so few rows at a time that words can be counted before the next are unpacked."""
    batches = []
    for batch in file.iter_batches(max(_AT_ONCE // largest, 1), use_threads=False):
        # As Arrow has it, and as Python will.
        budget.unpack(2 * batch.nbytes, "texts told by what they share with the text before")
        batches.append(batch)
    return arrow.Table.from_batches(batches, None if batches else file.schema_arrow)


def _require_sound_sizes(head: Any, name: str) -> None:
    """Refuse a file that contradicts itself about its rows.

    Arrow takes memory for as many rows as it is told, before it reads the first. (What a file
    tells of its single columns is not asked of Arrow: where that is damaged, Arrow 26 ends the
    process.)
    """
    n_rows = head.metadata.num_rows
    groups = [head.metadata.row_group(i) for i in range(head.metadata.num_row_groups)]
    found = [group.num_rows for group in groups]
    if sum(found) != n_rows or min(found, default=0) < 0:
        raise _miscounted(name, n_rows, sum(found))


def _memory(arrow: Any, head: Any, told: list[Chunk], name: str) -> int:
    """What the table takes, about, in bytes: as Arrow has it and as pandas has it."""
    kinds = {field.name: field.type for field in head.schema_arrow}
    memory = 0
    for chunk in told:
        kind = kinds.get(chunk.path[0])
        if kind is None or len(chunk.path) > 1 or arrow.types.is_nested(kind):
            memory += chunk.n_bytes + (_OBJECT + 2 * _REFERENCE) * max(chunk.n_values, chunk.n_rows)
            continue
        if chunk.n_values != chunk.n_rows:
            raise _miscounted(name, chunk.n_rows, chunk.n_values)
        if chunk.n_bytes > _LONGEST_TEXT * (chunk.n_values + 16):
            raise _too_long(f'{name}, column "{chunk.path[0]}"', chunk)
        if _is_text(arrow, kind) or arrow.types.is_dictionary(kind):
            memory += chunk.n_bytes + 2 * _REFERENCE * chunk.n_rows
        elif arrow.types.is_primitive(kind):
            memory += 2 * max(kind.bit_width // 8, 1) * chunk.n_rows
        else:
            memory += chunk.n_bytes + (_OBJECT + 2 * _REFERENCE) * chunk.n_rows
    return memory


def _too_long(where: str, chunk: Chunk) -> DataError:
    return DataError(
        f"Cells of {chunk.n_bytes // max(chunk.n_values, 1):,} bytes on average",
        where=f"{where}: {chunk.n_values:,} cells in {chunk.n_bytes:,} bytes",
        why=f"No column of such cells can be learned from; {_LONGEST_TEXT:,} are allowed",
        fix="leave the column out when the file is made",
    )


def _miscounted(name: str, promised: int, found: int) -> DataError:
    return DataError(
        "The Parquet file contradicts itself about its number of rows",
        where=f"{name}: {promised:,} are promised, {found:,} found",
        fix="it is damaged; write it again",
    )


def _is_text(arrow: Any, kind: Any) -> bool:
    return kind in (arrow.string(), arrow.large_string(), arrow.binary(), arrow.large_binary())


def _cells(arrow: Any, column: Any, budget: Budget, where: str) -> np.ndarray | pd.Series:
    """The cells of a column, of type object (and not what pandas finds out) if not of NumPy's."""
    values = _values(arrow, column, budget, where)
    return pd.Series(values, dtype=object) if values.dtype == object else values


def _values(arrow: Any, column: Any, budget: Budget, where: str) -> np.ndarray:
    kind, types = column.type, arrow.types
    if types.is_dictionary(kind) and _is_text(arrow, kind.value_type):
        return _texts(column, budget, where)
    if types.is_primitive(kind):
        values: np.ndarray = column.to_numpy()
        return values
    return np.fromiter(column.to_pylist(), dtype=object, count=len(column))


def _texts(column: Any, budget: Budget, where: str) -> np.ndarray:
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
        budget.require(size, "texts, joined", where)
        parts.append(np.array([*words, None], dtype=object)[codes])
    return np.concatenate(parts)
