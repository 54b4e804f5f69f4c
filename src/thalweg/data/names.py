"""Names of columns: as text, told apart, and in sentences."""

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence

import pandas as pd

from thalweg.errors import DataError
from thalweg.wording import shown

# How a note begins to tell of the sheets that a table was not read from.
OTHER_SHEETS = "there are also"


def other_sheets(notes: Iterable[str]) -> str:
    """The note that tells which sheet of a workbook was read, where there are others; else ""."""
    return next((note for note in notes if f"; {OTHER_SHEETS} " in note), "")


def column_names(X: pd.DataFrame) -> list[str]:
    """The column names of a table as text.

    Raises
    ------
    DataError
        If names have several levels, or one stands twice.
    """
    if X.columns.nlevels > 1:
        raise DataError(
            f"Column names of {X.columns.nlevels} levels",
            where=f"first column {shown(X.columns[0])}",
            why="A column is known by one name",
            fix='join the levels, as in X.columns = ["_".join(map(str, c)) for c in X.columns]',
        )
    names = [str(name) for name in X.columns.tolist()]
    require_different(names)
    return names


def require_different(names: Sequence[str]) -> None:
    """Raise a DataError if a name stands twice."""
    twice = repeated(names)
    if twice:
        places = [str(place) for place, name in enumerate(names, start=1) if name == twice[0]]
        raise DataError(
            f"Column names that stand twice: {listed(twice)}",
            where=f"columns {' and '.join(places)}",
            why="A column is known by its name",
            fix="rename one of each, or leave it out of the table",
        )


def repeated(names: Sequence[str]) -> list[str]:
    """The names that stand more than once."""
    if len(set(names)) == len(names):
        return []
    return [name for name, times in Counter(names).items() if times > 1]


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names in quotes, separated by commas, the rest as a number."""
    quoted = [f'"{name}"' for name in names]
    more = f" and {len(quoted) - most} more" if len(quoted) > most else ""
    return ", ".join(quoted[:most]) + more


def likely(name: str, known: Iterable[str]) -> str:
    """The known name that a mistyped one was likely meant to be, or nothing."""
    by_fold = {each.strip().casefold(): each for each in known}
    close = difflib.get_close_matches(name.strip().casefold(), by_fold, n=1)
    return by_fold[close[0]] if close else ""
