"""The file of a table as a source of batches, by its format and size."""

import os

from thalweg.data.formats.any_format import Format
from thalweg.data.formats.sniff import Kind, kind_of
from thalweg.data.streams.parquet_batches import ParquetBatches
from thalweg.data.streams.read_batch import BatchSource
from thalweg.data.streams.table_in_memory import TableInMemory
from thalweg.data.streams.text_batches import TextBatches
from thalweg.jobs.parts.table_options import Reading

# Files from this size on are read in batches, by their format.
LARGE = {Kind.TEXT: 32 << 20, Kind.PARQUET: 8 << 20}
_HEAD = 1 << 12


def kind_of_file(path: str) -> Kind | None:
    """The format of a file that can be read in batches; None for all else."""
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, os.path.getsize(path) - 4))
        kind = kind_of(head + file.read(4), path)
    return kind if kind in LARGE else None


def is_large(path: str) -> bool:
    """Whether a table is read in batches because of its size."""
    kind = kind_of_file(path)
    return kind is not None and os.path.getsize(path) >= LARGE[kind]


def source_of(path: str, reading: Reading, *, large: bool | None = None) -> BatchSource:
    """A table as a source of batches.

    Parameters
    ----------
    path : str
    reading : Reading
    large : bool, optional
        Whether a text is read in batches; by default, if it `is_large`.

    Raises
    ------
    DataError
        It cannot be read.
    """
    kind = kind_of_file(path)
    name = os.path.basename(path).encode("utf-8", "backslashreplace").decode()
    form = Format(
        reading.separator, reading.decimal, reading.encoding, reading.sheet, reading.header_row
    )
    if kind is Kind.PARQUET and not form.said:
        return ParquetBatches(path, name, reading.max_memory)
    # The decimal sign of a file is a matter of each whole column.
    large = is_large(path) if large is None else large
    if kind is Kind.TEXT and large and reading.decimal is None and reading.sheet is None:
        return TextBatches(path, name, reading.max_memory, form)
    return TableInMemory(reading.opened(path))
