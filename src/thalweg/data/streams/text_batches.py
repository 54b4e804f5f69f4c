"""Read a delimited text of any size in batches of rows, by the strict reader of small ones."""

import os
import stat
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

import pandas as pd

from thalweg.data.formats.any_format import Format
from thalweg.data.formats.budget import Budget
from thalweg.data.formats.delimited import OpenedText
from thalweg.data.formats.gzip_blocks import BLOCK
from thalweg.data.formats.sniff import Kind, name_notes
from thalweg.data.header_row import without_units
from thalweg.data.streams.read_batch import ReadBatch
from thalweg.errors import DataError

# A text has no groups of rows: so many count as one.
ROWS_OF_GROUP = 1 << 17
# The rows that decide whether there is a row of units, and the memory of a cell in bytes.
_LEAST, _CELL = 256, 72


class TextBatches:
    """A delimited text file as a `BatchSource`.

    Parameters
    ----------
    path, name : str
        The file, and what messages call it.
    max_memory : int or str, optional
        For the rows that are held.
    form : Format

    Raises
    ------
    DataError
        It cannot be read.
    """

    def __init__(self, path: str, name: str, max_memory: int | str | None, form: Format) -> None:
        self.name, self._path, self._form, self._max_memory = name, path, form, max_memory
        self.n_rows: int | None = None
        self._notes: list[str] = []
        self.names = self._opened()[1]

    def _opened(self) -> tuple[OpenedText, list[str], list[str], Iterator[list[str]]]:
        """The text, the names, the cells of the first rows, and further batches."""
        budget = Budget(self._path, os.path.getsize(self._path), self._max_memory)
        blocks = partial(_blocks, self._path, budget)
        form = self._form
        text = OpenedText(blocks, budget, form.separator, form.encoding, form.header_row)
        batches = text.batches(_LEAST)
        first = list(next(batches, []))
        return text, text.header, first, batches

    def notes(self) -> list[str]:
        """What was recognised; complete after the last batch."""
        return self._notes

    def schema_of(self, name: str) -> Any:
        """None: a text has no types."""
        return None

    def batches(
        self, needed: Collection[str] | None, rows: int, *, as_whole: Collection[str] = ()
    ) -> Iterator[ReadBatch]:
        """All rows in order, as `BatchSource` says; cells are texts, and need no ``as_whole``."""
        text, header, cells, more = self._opened()
        width = len(header)
        frame = pd.DataFrame(
            {j: pd.Series(cells[j::width], dtype=object) for j in range(width)}
        )  # fmt: skip
        frame.columns = pd.Index(header, dtype=object)
        kept, units = without_units(frame)
        if len(kept) < len(frame):
            cells = cells[width:]
        places = [j for j, name in enumerate(header) if needed is None or name in needed]
        n_done = 0
        held, is_end = cells, False
        while not is_end:
            # A batch ends with its group, so that groups do not depend on the size of batches.
            want = min(rows, ROWS_OF_GROUP - n_done % ROWS_OF_GROUP) * width
            while len(held) < want and not is_end:
                following = next(more, None)
                is_end = following is None
                held += following or []
            while len(held) >= want or (is_end and held):
                now, held = held[:want], held[want:]
                yield _batch(header, places, now, n_done)
                n_done += len(now) // width
                want = min(rows, ROWS_OF_GROUP - n_done % ROWS_OF_GROUP) * width
        self.n_rows = n_done
        notes = name_notes(self._path, Kind.TEXT)
        self._notes = [*notes, *text.notes(), *units]


def _batch(header: list[str], places: list[int], cells: list[str], first: int) -> ReadBatch:
    width = len(header)
    n_rows = len(cells) // width
    columns = {j: cells[j::width] for j in places}

    def frame() -> pd.DataFrame:
        made = pd.DataFrame(
            {j: pd.Series(each, dtype=object) for j, each in columns.items()}, index=range(n_rows)
        )
        made.columns = pd.Index([header[j] for j in columns], dtype=object)
        return made

    size = sum(map(len, map("".join, columns.values()))) + _CELL * n_rows * len(places)
    return ReadBatch(first, n_rows, first // ROWS_OF_GROUP, size, frame)


def _blocks(path: str, budget: Budget) -> Iterator[bytes]:
    """The bytes of a file; an error if it changes while it is read."""
    with open(path, "rb") as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise DataError("This is not a file", where=repr(path), fix="name a file")
        budget.size = before.st_size
        while block := file.read(BLOCK):
            yield block
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise changed(path)


def changed(path: str) -> DataError:
    """The error for a file that changed while it was read."""
    return DataError(
        "The file changed while it was read",
        where=repr(path),
        fix="wait until it is complete, and read it again",
    )
