"""How to read a table, and what its columns are, as far as a user has said it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, BinaryIO

import pandas as pd

from thalweg.data.names import likely, listed
from thalweg.data.read import Table, Whole, load_table, load_whole
from thalweg.errors import DataError, SettingsError
from thalweg.jobs.parts.writing import STANDARD_INPUT
from thalweg.wording import parameter


@dataclass(frozen=True)
class Reading:
    """How to read a table; what is not given is detected.

    Attributes
    ----------
    separator, decimal, encoding, sheet, max_memory : str, optional
        As in `thalweg.data.read.load_table`.
    stdin : callable, optional
        Opens standard input, for a table named "-". A job without it has no standard input.
    """

    separator: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    max_memory: str | None = None
    stdin: Callable[[], BinaryIO] | None = None

    def table(self, source: str, **asked: Any) -> Table:
        """The table with its target apart; ``asked`` goes to `load_table`."""
        return load_table(source, **asked, **self._said(source))

    def whole(self, source: str, **asked: Any) -> Whole:
        """The table with all of its columns; ``asked`` goes to `load_whole`."""
        return load_whole(source, **asked, **self._said(source))

    def _said(self, source: str) -> dict[str, Any]:
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        said["stdin"] = None
        if source == STANDARD_INPUT:
            if self.stdin is None:
                raise SettingsError(
                    "There is no standard input here", where='"-"', fix="name a file"
                )
            said["stdin"] = self.stdin()
        return said


@dataclass(frozen=True)
class Columns:
    """What some columns of a table are.

    Attributes
    ----------
    target : str, optional
        The column to predict; a bundled table knows its own.
    positive : str, optional
        The positive one of two classes.
    drop : sequence of str
        Columns to leave out.
    category : sequence of str
        Columns to read as categories, even if their levels are numbers.
    group : str, optional
        The column that says which rows belong together.
    date : mapping of str to str
        How columns of dates are read.
    time : str, optional
        The column that orders the rows in time.
    """

    target: str | None = None
    positive: str | None = None
    drop: Sequence[str] = ()
    category: Sequence[str] = ()
    group: str | None = None
    date: Mapping[str, str] = field(default_factory=dict)
    time: str | None = None


def as_said(table: Table, columns: Columns) -> Table:
    """The table, its columns declared to be what somebody has said."""
    frame = with_categories(table.frame, columns.category)
    return replace(table, frame=frame, dates=columns.date)


def with_categories(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The table with these columns declared categories."""
    for name in names:
        if name not in frame.columns:
            guess = likely(name, frame.columns)
            parts = [part.strip() for part in name.split(",")]
            several = len(parts) > 1 and all(part in frame.columns for part in parts)
            each_apart = " ".join(parameter("category", part) for part in parts)
            raise DataError(
                f'There is no feature "{name}" to be a category',
                where=f"the table has {listed(frame.columns)}",
                why=f'Did you mean "{guess}"?' if guess and not several else "",
                fix=f"name each of them separately: {each_apart}"
                if several
                else "use one of these names, spelled in the same way",
            )
    return frame.astype(dict.fromkeys(names, "category"))
