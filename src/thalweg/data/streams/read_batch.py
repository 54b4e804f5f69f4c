"""What a stream of a table is made of: batches of rows, and what is known of the whole table."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd

# Cells and rows of a batch, at most.
CELLS, ROWS = 1 << 21, 1 << 16


@dataclass(frozen=True, eq=False)
class ReadBatch:
    """Some rows of a table, which follow one another.

    Attributes
    ----------
    first : int
        The position of the first row in the table, from 0.
    n_rows : int
        May be 0 in a group without rows.
    group : int
        The group of rows of the file; its rows are written together.
    n_bytes : int
        About the memory of the cells.
    frame : callable
        Makes the rows as a DataFrame; called once, in the thread that uses it.
    carried : callable
        The cells of columns as Arrow has them in the file, by their names; None if the file has no
        types.
    """

    first: int
    n_rows: int
    group: int
    n_bytes: int
    frame: Callable[[], pd.DataFrame]
    carried: Callable[[str], Any] | None = None


@dataclass
class SourceNotes:
    """What was recognised in a file, sentences; some are known only at its end."""

    before: list[str] = field(default_factory=list)
    after: Callable[[], list[str]] = list


class BatchSource(Protocol):
    """A file that is read in batches, as often as needed.

    Attributes
    ----------
    name : str
        What messages call it.
    names : list of str
        All of its columns.
    n_rows : int or None
        None where it is not known before the file is read.
    """

    name: str
    names: list[str]
    n_rows: int | None

    def batches(
        self, needed: Collection[str] | None, rows: int, *, as_whole: Collection[str] = ()
    ) -> Iterator[ReadBatch]:
        """All rows in order; the columns that are needed, None: all.

        ``rows`` is the most of a batch; ``as_whole`` are columns whose cells shall not depend on
        where the batch ends.
        """

    def notes(self) -> list[str]:
        """What was recognised; complete after the last batch."""

    def schema_of(self, name: str) -> Any:
        """The Arrow type of a column; None if the file has no types."""


def rows_at_once(n_columns: int) -> int:
    """The rows of a batch for a table of so many columns."""
    return max(1, min(ROWS, CELLS // max(n_columns, 1)))
