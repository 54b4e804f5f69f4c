"""A table that was read as a whole, as a source of batches: workbooks, archives, small texts."""

from collections.abc import Callable, Collection, Iterator
from typing import Any

import pandas as pd

from thalweg.data.column_names import column_names
from thalweg.data.read import Opened
from thalweg.data.streams.read_batch import ReadBatch
from thalweg.data.streams.text_batches import ROWS_OF_GROUP

_CELL = 16


class TableInMemory:
    """A table in memory as a `BatchSource`.

    Parameters
    ----------
    opened : Opened
    """

    def __init__(self, opened: Opened) -> None:
        self.name, self._frame, self._notes = opened.name, opened.frame, opened.notes
        self.card = opened.card
        self.names = column_names(opened.frame)
        self.n_rows: int | None = len(opened.frame)

    def notes(self) -> list[str]:
        """What was recognised."""
        return self._notes

    def schema_of(self, name: str) -> Any:
        """None: the table is no file with types."""
        return None

    def batches(
        self, needed: Collection[str] | None, rows: int, *, as_whole: Collection[str] = ()
    ) -> Iterator[ReadBatch]:
        """All rows in order, with all columns, whatever is needed."""
        first = 0
        while first < len(self._frame):
            n = min(rows, ROWS_OF_GROUP - first % ROWS_OF_GROUP, len(self._frame) - first)
            size = n * len(self.names) * _CELL
            yield ReadBatch(first, n, first // ROWS_OF_GROUP, size, self._part(first, n))
            first += n

    def _part(self, first: int, n: int) -> Callable[[], pd.DataFrame]:
        return lambda: self._frame.iloc[first : first + n].reset_index(drop=True)
