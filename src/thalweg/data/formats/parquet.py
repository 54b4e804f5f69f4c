"""Read Parquet files with pyarrow: typed columns, within a memory budget."""

import contextlib
import importlib
from collections import Counter
from collections.abc import Collection
from types import ModuleType
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from thalweg.data.cells import Unread
from thalweg.data.dates.date_cells import tz_of
from thalweg.data.dates.date_reading import is_zone
from thalweg.data.formats.budget import Budget
from thalweg.data.formats.parquet_pages import Chunk, chunks, leaves
from thalweg.errors import DataError
from thalweg.wording import shown

# pyarrow has no type hints, and is imported only to read a Parquet file.
ArrowColumn: TypeAlias = Any
ArrowType: TypeAlias = Any
# The approximate memory of a Python object and of a reference to it, in bytes.
_OBJECT, _REFERENCE = 64, 8
# That of a decimal, the largest of the objects that are no texts.
_RARE = 112
# The largest mean length of a column's cells, in bytes (and 2 MB more for each column): the length
# of the longest cell in CSV.
_LONGEST_TEXT = 1 << 17
# Texts that share their beginnings are unpacked at most so many bytes at a time.
_AT_ONCE = 1 << 22
# Rows of a dictionary column that are counted at a time.
_ROWS_AT_ONCE = 1 << 20
# pandas gives a nameless column of row labels a name that begins so.
ROW_LABELS = "__index_level_"


def read_parquet(
    data: bytes, budget: Budget, *, skip: Collection[str] = ()
) -> tuple[pd.DataFrame, list[str]]:
    """Read a Parquet file.

    Numbers, booleans and times become arrays of NumPy's types. Text becomes ``str``, whether it is
    stored as text, as bytes or as a dictionary. All else (decimals, times of day) becomes objects,
    which the schema reads or refuses. Nested cells (lists, structures) are `Unread`.

    Parameters
    ----------
    data : bytes
    budget : Budget
        The limits, and the name of the file in errors.
    skip : collection of str
        Columns that are not read: all their cells are None.

    Returns
    -------
    frame : DataFrame
    notes : list of str

    Raises
    ------
    DataError
        The file is damaged, or exceeds the budget.
    """
    name = budget.name
    arrow = library("pyarrow", name)
    parquet = library("pyarrow.parquet", name)
    library("pyarrow.compute", name)
    try:
        fields, found, n_rows = _table(arrow, parquet, data, budget, skip)
        names = [field.name for field in fields]
        left_out = [each for each in names if each.startswith(ROW_LABELS)]
        columns = {
            # Arrow's copy of a column is released when it is converted.
            j: cells_of(arrow, found.pop(j), budget, f'{name}, column "{each}"')
            if j in found
            else np.full(n_rows, None if each in skip else Unread(sort_of(fields[j].type)))
            for j, each in enumerate(names)
            if each not in left_out
        }
    except (DataError, MemoryError):
        raise
    except Exception as error:  # a damaged file can cause any error
        raise damaged(name, error) from error
    frame = pd.DataFrame(columns, index=range(n_rows))
    frame.columns = pd.Index([names[j] for j in columns], dtype=object)
    notes = [f'Left out "{each}": row labels without a name.' for each in left_out]
    return frame, ["Read as Parquet.", *notes]


def damaged(name: str, error: Exception) -> DataError:
    """The error for a file of this name that Arrow cannot read."""
    return DataError(
        f"The Parquet file cannot be read: {(str(error) or repr(error)).splitlines()[0][:200]}",
        where=name,
        why="It is damaged, or has content that this reader does not know",
        fix="write the file again, or give the table as CSV",
    )


def library(module: str, name: str, *, written: bool = False) -> Any:
    """A module of pyarrow, which is imported for Parquet alone; ``name`` is that of the file."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        done, instead = ("written", "write") if written else ("read", "give the table as")
        raise DataError(
            f"Parquet files cannot be {done}, because pyarrow is not installed",
            where=name,
            fix=f'pip install "thalweg[parquet]", or {instead} CSV',
        ) from error


def _table(
    arrow: ModuleType, parquet: ModuleType, data: bytes, budget: Budget, skip: Collection[str]
) -> tuple[list[Any], dict[int, Any], int]:
    """All fields of the file, the cells of the columns that are read, and the number of rows.

    The cells are given by the position of their column. Texts are read as dictionaries, so that
    no cell is a copy. A nested column, such as one of lists, is not read: a model cannot learn
    from it, and nothing in the file limits the size of its cells.
    """
    options = {"page_checksum_verification": True, "pre_buffer": False}
    head = parquet.ParquetFile(arrow.BufferReader(data), **options)
    name = budget.name
    require_sound_sizes(head, name)
    found_chunks = list(chunks(data))
    fields, n_rows = list(head.schema_arrow), head.metadata.num_rows
    memory = memory_of_columns(arrow, fields, found_chunks, budget)
    budget.require(memory, f"{n_rows:,} rows, {len(fields):,} columns")
    how = how_read(arrow, head, found_chunks, leaves(data), skip)
    columns, which, texts, plain = how.columns, how.leaves, how.texts, how.plain
    file = parquet.ParquetFile(arrow.BufferReader(data), read_dictionary=texts, **options)
    joined = {j for j, kind in columns.items() if j not in plain and _joins(arrow, kind)}
    suspects = {leaf: j for leaf, j in zip(which, columns, strict=True) if j in joined}
    _require_joined(arrow, file, suspects, found_chunks, budget)
    table = _read(arrow, file, which, rows_of_repeated(found_chunks, plain), budget)
    table.validate(full=True)
    if columns and len(table) != n_rows:
        raise _miscounted(name, n_rows, len(table))
    found = dict(zip(columns, table.columns, strict=True))
    return fields, found, n_rows


class HowRead(NamedTuple):
    """Which columns of a file are read, and how their texts are.

    Attributes
    ----------
    columns : dict of int to Arrow type
        By their positions; nested columns and row labels are not among them.
    leaves : list of int
        The leaf of each column.
    texts : list of str
        The paths that Arrow reads as dictionaries.
    plain : set of int
        The columns of text that it cannot read so.
    """

    columns: dict[int, ArrowType]
    leaves: list[int]
    texts: list[str]
    plain: set[int]


def how_read(
    arrow: ModuleType,
    head: Any,
    found_chunks: list[Chunk],
    owners: list[int],
    skip: Collection[str],
) -> HowRead:
    """Which columns of a file are read, and how; ``owners`` is the column of each leaf."""
    columns = {
        j: field.type
        for j, field in enumerate(head.schema_arrow)
        if field.name not in skip
        and not field.name.startswith(ROW_LABELS)
        and not arrow.types.is_nested(field.type)
    }
    which = [leaf for leaf, j in enumerate(owners) if j in columns]
    delta = {chunk.column for chunk in found_chunks if chunk.delta}
    paths = [head.schema.column(leaf).path for leaf in range(head.metadata.num_columns)]
    n_named = Counter(paths)
    texts, plain = [], set()  # paths that Arrow reads as dictionaries; columns that it cannot
    for leaf, (j, kind) in zip(which, columns.items(), strict=True):
        if is_text(arrow, kind) and j not in delta and n_named[paths[leaf]] == 1:
            texts.append(paths[leaf])
        elif is_text(arrow, kind) or isinstance(kind, arrow.BaseExtensionType):
            plain.add(j)
    return HowRead(columns, which, texts, plain)


def _require_joined(
    arrow: ModuleType,
    file: Any,
    suspects: dict[int, int],
    found_chunks: list[Chunk],
    budget: Budget,
) -> None:
    """Count the texts of dictionaries where they could be too long, some rows at a time.

    The page headers tell how long the texts can be: all rows repeat the whole dictionary. Only if
    that is too much is a column read twice. So it is refused before all its rows are in memory.
    ``suspects`` gives the column of each leaf that becomes a dictionary of texts.
    """
    largest: Counter[int] = Counter()
    n_rows: Counter[int] = Counter()
    for chunk in found_chunks:
        largest[chunk.column] += chunk.n_rows * chunk.repeated
        n_rows[chunk.column] += chunk.n_rows
    groups = [*range(file.num_row_groups)]
    for leaf, j in suspects.items():
        if largest[j] <= budget.allowed:
            continue
        size = n_read = 0
        where = f'{budget.name}, column "{file.schema_arrow[j].name}"'
        for batch in file.reader.iter_batches(
            _ROWS_AT_ONCE, groups, column_indices=[leaf], use_threads=False
        ):
            size += _joined_length(arrow, batch.column(0))
            n_read += len(batch)
            budget.share = n_read / max(n_rows[j], 1)
            budget.require(size, "texts, joined", where)
        budget.share = 1.0


def _joined_length(arrow: ModuleType, column: ArrowColumn) -> int:
    """The bytes of all cells of a dictionary of texts, each counted at its full length."""
    words = column.dictionary
    lengths = arrow.compute.fill_null(arrow.compute.binary_length(words), 0).to_numpy()
    codes = column.indices.drop_null().to_numpy()
    return int(lengths.astype(np.int64) @ np.bincount(codes, minlength=len(words)))


def _joins(arrow: ModuleType, kind: ArrowType) -> bool:
    """Whether a column becomes a dictionary of texts, unless Arrow cannot read it as one."""
    return is_text(arrow, kind.value_type if arrow.types.is_dictionary(kind) else kind)


def rows_of_repeated(found_chunks: list[Chunk], plain: Collection[int]) -> int | None:
    """The rows that are read at a time for texts that may repeat one another; None: any number."""
    longest = dict.fromkeys(plain, 0)
    for chunk in found_chunks:
        if chunk.column in plain:
            longest[chunk.column] = max(longest[chunk.column], chunk.repeated)
    size = sum(longest.values())
    return max(_AT_ONCE // size, 1) if size else None


def _read(
    arrow: ModuleType, file: Any, which: list[int], n_rows: int | None, budget: Budget
) -> Any:
    """Read these leaves, ``n_rows`` at a time: texts are counted before the next are unpacked."""
    batches = []
    if n_rows is not None:
        groups = [*range(file.num_row_groups)]
        for batch in file.reader.iter_batches(
            n_rows, groups, column_indices=which, use_threads=False
        ):
            # Twice: the copy of Arrow, and that of Python.
            budget.unpack(2 * batch.nbytes, "texts that repeat one another")
            batches.append(batch)
    if not batches:
        return file.reader.read_all(column_indices=which, use_threads=False)
    return arrow.Table.from_batches(batches)


def require_sound_sizes(head: Any, name: str) -> None:
    """Refuse a file that contradicts itself about its rows.

    Arrow allocates memory for as many rows as the file says, before it reads the first. (What the
    file says about single columns is not read with Arrow: if that is damaged, Arrow 26 ends the
    process.)
    """
    n_rows = head.metadata.num_rows
    groups = [head.metadata.row_group(i) for i in range(head.metadata.num_row_groups)]
    found = [group.num_rows for group in groups]
    if sum(found) != n_rows or min(found, default=0) < 0:
        raise _miscounted(name, n_rows, sum(found))


def memory_of_columns(
    arrow: ModuleType, fields: list[Any], found_chunks: list[Chunk], budget: Budget
) -> int:
    """The approximate memory of the table in bytes: the copies of Arrow and of pandas."""
    memory = 0
    for chunk in found_chunks:
        name, kind = fields[chunk.column].name, fields[chunk.column].type
        if arrow.types.is_nested(kind):  # not read: one reference for each row
            if chunk.n_values < chunk.n_rows:
                raise _miscounted(budget.name, chunk.n_rows, chunk.n_values)
            memory += _REFERENCE * chunk.n_rows
            continue
        if chunk.n_values != chunk.n_rows:
            raise _miscounted(budget.name, chunk.n_rows, chunk.n_values)
        if chunk.n_bytes > _LONGEST_TEXT * (chunk.n_values + 16):
            raise _too_long(f'{budget.name}, column "{name}"', chunk)
        if arrow.types.is_dictionary(kind):
            kind = kind.value_type
        elif isinstance(kind, arrow.BaseExtensionType):
            kind = kind.storage_type
        if is_text(arrow, kind):
            # Each different text is an object, and begins with four bytes for its length.
            n_texts = min(chunk.n_rows, chunk.n_bytes // 4)
            memory += chunk.n_bytes + _OBJECT * n_texts + 2 * _REFERENCE * chunk.n_rows
        elif arrow.types.is_primitive(kind) and not arrow.types.is_time(kind):
            width = max(kind.bit_width // 8, 1)
            # Others than floats are widened on their way: days, integers with missing values.
            copies = width if arrow.types.is_floating(kind) else 2 * _REFERENCE
            copies += _REFERENCE if arrow.types.is_date(kind) else 0
            memory += (width + copies) * chunk.n_rows
        else:
            width = kind.byte_width if arrow.types.is_fixed_size_binary(kind) else 0
            # A dictionary with one such cell can unpack to one for each row.
            budget.unpack(2 * max(width - _OBJECT, 0) * chunk.n_rows, f'column "{name}"')
            memory += chunk.n_bytes + (_RARE + 2 * (_REFERENCE + width)) * chunk.n_rows
    return memory


def _too_long(where: str, chunk: Chunk) -> DataError:
    return DataError(
        f"Cells of {chunk.n_bytes // max(chunk.n_values, 1):,} bytes on average",
        where=f"{where}: {chunk.n_values:,} cells in {chunk.n_bytes:,} bytes",
        why=f"A model cannot learn from such cells; {_LONGEST_TEXT:,} bytes are allowed",
        fix="leave the column out when the file is made",
    )


def _miscounted(name: str, promised: int, found: int) -> DataError:
    return DataError(
        "The Parquet file contradicts itself about its number of rows",
        where=f"{name}: it says {promised:,}, but has {found:,}",
        fix="it is damaged; write it again",
    )


def is_text(arrow: ModuleType, kind: ArrowType) -> bool:
    """Whether a type is text, or bytes that may be text."""
    return kind in (
        *(arrow.string(), arrow.large_string(), arrow.string_view()),
        *(arrow.binary(), arrow.large_binary(), arrow.binary_view()),
    )


def sort_of(kind: ArrowType) -> str:
    """The name of a type, without the types of its parts."""
    return str(kind).partition("<")[0]


def cells_of(
    arrow: ModuleType, column: ArrowColumn, budget: Budget, where: str
) -> np.ndarray | pd.Series:
    """The cells of a column, as objects if they have no NumPy type (pandas would infer another)."""
    values = _values(arrow, column, budget, where)
    if arrow.types.is_timestamp(column.type) and column.type.tz is not None:
        return _in_zone(values, column.type.tz, where)
    return pd.Series(values, dtype=object) if values.dtype == object else values


def _values(arrow: ModuleType, column: ArrowColumn, budget: Budget, where: str) -> np.ndarray:
    kind, types = column.type, arrow.types
    if types.is_dictionary(kind) and is_text(arrow, kind.value_type):
        return _texts(column, budget, where)
    if is_text(arrow, kind):  # Arrow could not read it as a dictionary
        as_bytes = kind in (arrow.binary(), arrow.large_binary(), arrow.binary_view())
        plain = column.cast(arrow.large_binary() if as_bytes else arrow.large_string())
        return _texts(plain.dictionary_encode(), budget, where)
    if types.is_primitive(kind):
        return _of_primitive(column)
    return np.fromiter(column.to_pylist(), dtype=object, count=len(column))


def _of_primitive(column: ArrowColumn) -> np.ndarray:
    """The cells of a column of NumPy's types, a chunk at a time: no chunk is copied twice."""
    if column.num_chunks < 2:
        values: np.ndarray = column.to_numpy()
        return values
    # With missing cells, the type is another one.
    sample = next((each for each in column.chunks if each.null_count), column.chunks[0])
    found = np.empty(len(column), dtype=sample.to_numpy(zero_copy_only=False).dtype)
    at = 0
    for chunk in column.chunks:
        found[at : at + len(chunk)] = chunk.to_numpy(zero_copy_only=False)
        at += len(chunk)
    return found


def _in_zone(values: np.ndarray, zone: str, where: str) -> pd.Series:
    """Moments in UTC as those of a time zone."""
    if not is_zone(zone):
        raise DataError(
            f"A time zone that is not known here: {shown(zone)}",
            where=where,
            fix="write the column in UTC, or without a zone, when the file is made",
        )
    return pd.Series(pd.DatetimeIndex(values, tz="UTC").tz_convert(tz_of(zone)))


def _texts(column: ArrowColumn, budget: Budget, where: str) -> np.ndarray:
    """The cells of a dictionary of texts: ``str`` or None; bytes only if they are not UTF-8."""
    cells, at, size = np.empty(len(column), dtype=object), 0, 0
    for chunk in column.chunks:
        words = chunk.dictionary.to_pylist()
        if any(isinstance(word, bytes) for word in words):
            with contextlib.suppress(UnicodeDecodeError):  # not text: the schema refuses the column
                words = [word if word is None else word.decode() for word in words]
        codes = chunk.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
        # Equal cells are one object here, but joined they take their full length.
        lengths = np.array([*(len(word or "") for word in words), 0])
        size += int(lengths @ np.bincount(codes, minlength=len(lengths)))
        budget.require(size, "texts, joined", where)
        cells[at : at + len(codes)] = np.array([*words, None], dtype=object)[codes]
        at += len(codes)
    return cells
