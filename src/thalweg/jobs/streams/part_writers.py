"""Write predictions batch by batch: as CSV, or as Parquet with the groups of rows of the input."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from thalweg.data.formats.parquet import library
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.jobs.predictions.answering import Answering
from thalweg.jobs.predictions.predicted_columns import Cells, PredictedColumns
from thalweg.jobs.predictions.predicted_rows import PREDICTION, ROW, csv_bytes

Write = Callable[[bytes | memoryview], None]


@dataclass(frozen=True, eq=False)
class MadePart:
    """The predictions of a batch, as they are written.

    Attributes
    ----------
    group : int
        Of the input.
    n_rows : int
    content : bytes or Arrow table
        None without rows.
    header : bytes
        The names of the columns, for a CSV.
    """

    group: int
    n_rows: int
    content: Any
    header: bytes = b""


class PartWriter(Protocol):
    """Makes parts in many threads, and writes them in order in one."""

    def made(self, columns: PredictedColumns, carried: Mapping[str, Any], group: int) -> MadePart:
        """A part; ``carried`` are columns of the input in their own type."""

    def write(self, part: MadePart) -> None:
        """Write a part behind the others."""

    def write_names(self, part: MadePart) -> None:
        """Write the columns of a part without its rows: all that a table without rows has."""

    def close(self) -> None:
        """Write what is left."""


class CsvWriter:
    """Predictions as CSV: the bytes do not depend on where a part ends."""

    def __init__(self, write: Write) -> None:
        self._write, self._begun = write, False

    def made(self, columns: PredictedColumns, carried: Mapping[str, Any], group: int) -> MadePart:
        """The lines of a part."""
        names = csv_bytes(columns.columns, [])
        return MadePart(group, columns.n_rows, columns.csv(header=False), names)

    def write(self, part: MadePart) -> None:
        """Write the lines; before the first ones the names."""
        if part.n_rows:
            self._write(part.content if self._begun else part.header + part.content)
            self._begun = True

    def write_names(self, part: MadePart) -> None:
        """Write the names of the columns alone."""
        self._write(part.header)

    def close(self) -> None:
        """Nothing is left."""


class ParquetWriter:
    """Predictions as Parquet, a group of rows for each of the input.

    Parameters
    ----------
    write : callable
    kinds : mapping of str to Arrow type
        The types of columns whose cells do not say it: labels, and what is carried along.
    """

    def __init__(self, write: Write, kinds: Mapping[str, Any]) -> None:
        self._arrow = library("pyarrow", "the output", written=True)
        self._parquet = library("pyarrow.parquet", "the output", written=True)
        self._sink, self._kinds = _Sink(write), kinds
        self._writer: Any = None
        self._held: list[MadePart] = []
        self._group, self._n_empty = 0, 0

    def made(self, columns: PredictedColumns, carried: Mapping[str, Any], group: int) -> MadePart:
        """A part as an Arrow table."""
        arrays = [
            carried[name] if name in carried else self._array(name, cells)
            for name, cells in zip(columns.columns, columns.cells, strict=True)
        ]
        table = self._arrow.table(arrays, names=columns.columns)
        return MadePart(group, columns.n_rows, table)

    def _array(self, name: str, cells: Cells) -> Any:
        kind = self._kinds.get(name)
        if kind is not None:
            as_text = kind == self._arrow.string()
            texts = [_text(each) for each in cells] if as_text else list(cells)
            return self._arrow.array(texts, kind)
        if name == ROW:
            return self._arrow.array(cells, self._arrow.int64())
        if isinstance(cells, np.ndarray):
            return self._arrow.array(np.ascontiguousarray(cells, dtype=np.float64))
        kind = self._arrow.string() if any(type(c) is str for c in cells) else None
        return self._arrow.array(cells, kind or self._arrow.float64())

    def write(self, part: MadePart) -> None:
        """Keep a part until its group is complete."""
        if part.group != self._group:
            self._flush()
            self._group = part.group
        self._held.append(part)

    def write_names(self, part: MadePart) -> None:
        """Begin the file, with the columns of this part."""
        self._writer = self._parquet.ParquetWriter(
            self._arrow.PythonFile(self._sink, mode="w"), part.content.schema
        )

    def _flush(self) -> None:
        held, self._held = [each.content for each in self._held if each.n_rows], []
        if not held:
            self._n_empty += 1  # a group of no rows is written, too, once its columns are known
            return
        table = self._arrow.concat_tables(held).combine_chunks()
        if self._writer is None:
            self.write_names(MadePart(self._group, 0, table))
        self._write_empty(table.schema)
        self._writer.write_table(table, row_group_size=len(table))

    def _write_empty(self, schema: Any) -> None:
        for _ in range(self._n_empty):
            self._writer.write_table(schema.empty_table())
        self._n_empty = 0

    def close(self) -> None:
        """Write the last group and the end of the file."""
        self._flush()
        if self._writer is not None:
            self._write_empty(self._writer.schema)
            self._writer.close()


class _Sink(io.RawIOBase):
    """A file for Arrow that is written by a function; nothing else can be done with it."""

    def __init__(self, write: Write) -> None:
        super().__init__()
        self._write, self._size = write, 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        self._write(view)
        self._size += len(view)
        return len(view)

    def tell(self) -> int:
        return self._size


def _text(cell: Any) -> str | None:
    return None if cell is None else str(cell).encode("utf-8", "backslashreplace").decode()


def kinds_of(answerings: Mapping[str, Answering], ids: Mapping[str, Any]) -> dict[str, Any]:
    """The Arrow types of labels and of columns that are carried along.

    Parameters
    ----------
    answerings : mapping of str to Answering
        By the prefix of their columns.
    ids : mapping of str to Arrow type or None
        None where the input has no types: these cells are text.
    """
    arrow = library("pyarrow", "the output", written=True)
    kinds = {name: arrow.string() if kind is None else kind for name, kind in ids.items()}
    for prefix, each in answerings.items():
        for last in ("set", "outside"):
            kinds[f"{prefix}{last}"] = arrow.string()
        if isinstance(each.model, ThalwegClassifier):
            kinds[f"{prefix}{PREDICTION}"] = _kind_of_labels(arrow, each)
    kinds["outside"] = arrow.string()
    return kinds


def _kind_of_labels(arrow: Any, asked: Answering) -> Any:
    """Numbers and truth values stay what they are, unless words may stand beside them."""
    labels = asked.model.classes_.tolist()
    kinds = {type(each) for each in labels}
    if asked.words or asked.abstains or len(kinds) > 1:
        return arrow.string()
    known = {bool: arrow.bool_(), int: arrow.int64(), float: arrow.float64()}
    return known.get(kinds.pop(), arrow.string())
