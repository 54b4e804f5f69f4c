"""How a table is read, and what its columns are, as far as a person has said it."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, BinaryIO

import pandas as pd

from thalweg.data.names import likely, listed
from thalweg.data.read import Table, Whole, load_table, load_whole
from thalweg.errors import DataError, SettingsError
from thalweg.jobs.parts.writing import STANDARD_INPUT


@dataclass(frozen=True)
class Reading:
    """How a table is read, where it is not as it is found to be.

    Attributes
    ----------
    separator, decimal, encoding, sheet, max_memory : str, optional
        As `thalweg.data.read.load_table` takes them.
    stdin : callable, optional
        Gives the bytes of a table that is called "-". A job without it has no standard input.
    """

    separator: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    max_memory: str | None = None
    stdin: Callable[[], BinaryIO] | None = None

    def table(self, source: str, **asked: Any) -> Table:
        """The table, its target set apart, as `load_table` is asked for it."""
        return load_table(source, **asked, **self._said(source))

    def whole(self, source: str, **asked: Any) -> Whole:
        """The table with all of its columns, as `load_whole` is asked for it."""
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
        What is predicted; a bundled table knows its own.
    positive : str, optional
        Of two classes the one that is looked for.
    drop : sequence of str
        To be left out.
    category : sequence of str
        Categories, also where their levels are numbers.
    group : str, optional
        Which rows go together.
    date : mapping of str to str
        How columns of dates are read.
    time : str, optional
        What the rows are ordered by in time.
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
    """The table, these columns declared to be categories."""
    for name in names:
        if name not in frame.columns:
            guess = likely(name, frame.columns)
            parts = [part.strip() for part in name.split(",")]
            several = len(parts) > 1 and all(part in frame.columns for part in parts)
            flags = " ".join(f"--category {shlex.quote(part)}" for part in parts)
            raise DataError(
                f'There is no feature "{name}" to be a category',
                where=f"the table has {listed(frame.columns)}",
                why=f'Did you mean "{guess}"?' if guess and not several else "",
                fix=f"name each one apart: {flags}"
                if several
                else "use one of these names, spelled as it is there",
            )
    return frame.astype(dict.fromkeys(names, "category"))
