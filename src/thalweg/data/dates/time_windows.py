"""Splits in time order: the latest rows are held out, and rows of one time stay together."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.data.dates.date_cells import moment_text
from thalweg.data.dates.date_reading import DateReading
from thalweg.errors import DataError
from thalweg.wording import amount, counted, row_number

Rows: TypeAlias = NDArray[np.intp]
Splits: TypeAlias = list[tuple[Rows, Rows]]


def latest(times: NDArray[Any], fraction: float) -> NDArray[np.bool_] | None:
    """Which rows are the latest ones, as near to a fraction of all as equal times allow.

    Parameters
    ----------
    times : ndarray, shape (n_rows,)
        What the rows are ordered by; none is missing.
    fraction : float
        The wanted share of the latest rows.

    Returns
    -------
    ndarray of bool, shape (n_rows,), or None
        None where all rows have one time.
    """
    found, counts = np.unique(times, return_counts=True)
    if len(found) < 2:
        return None
    # The share of the rows from each time on, the first of all left out: some rows are earlier.
    share = counts[::-1].cumsum()[::-1][1:] / len(times)
    start = found[1:][np.argmin(np.abs(share - fraction))]
    late: NDArray[np.bool_] = times >= start
    return late


def windows(times: NDArray[Any], n_windows: int, first: float | None = None) -> Splits:
    """Windows of time, each evaluated by what learned from all rows before it.

    The rows are cut in time order into a first part and ``n_windows`` windows, all windows as
    large as each other, or as near as equal times allow. Rows of the first part are
    never test rows.

    Parameters
    ----------
    times : ndarray, shape (n_rows,)
        What the rows are ordered by; none is missing.
    n_windows : int
    first : float, optional
        The share of the rows in the first part; by default it is as large as a window.

    Returns
    -------
    list of (train, test)
        Row numbers, rising: ``train`` has all rows before the window, ``test`` those in it. Fewer
        windows where there are too few different times.
    """
    found, places = np.unique(times, return_inverse=True)
    before = np.bincount(places).cumsum()  # rows up to each time
    share = 1.0 / (n_windows + 1) if first is None else first
    wanted = len(times) * (share + (1.0 - share) * np.arange(n_windows) / n_windows)
    # After which time each window begins; the last time cannot be before one.
    ends = np.abs(before[:-1, np.newaxis] - wanted).argmin(axis=0) if len(found) > 1 else []
    starts = [*np.unique(ends).tolist(), len(found) - 1]
    return [
        (np.flatnonzero(places <= start), np.flatnonzero((places > start) & (places <= end)))
        for start, end in pairwise(starts)
    ]


@dataclass(frozen=True, eq=False)
class TimeOrder:
    """The times of the rows of a table.

    Attributes
    ----------
    name : str
        The column that tells.
    values : ndarray of float64, shape (n_rows,)
        Days since 1970-01-01, or other numbers.
    reading : DateReading or None
        Of dates.
    """

    name: str
    values: NDArray[np.float64]
    reading: DateReading | None = None

    def text(self, value: float) -> str:
        """A time as a person reads it."""
        return amount(value, 6) if self.reading is None else moment_text(self.reading, value)


def require_times(
    name: str,
    kind: str,
    values: NDArray[np.floating],
    fix: str = "fill it in, or leave these rows out",
) -> None:
    """Raise a DataError where a column cannot order rows: it is no time, or one is missing.

    ``fix`` says what to do about a missing one.
    """
    if kind not in ("date", "number"):
        raise DataError(
            "This column is no time: rows cannot be ordered by it",
            where=f'column "{name}"',
            why=f"It is of the kind {kind}, and dates or numbers have an order",
            fix="name a column of dates or numbers",
        )
    missing = np.flatnonzero(np.isnan(values))
    if len(missing):
        raise DataError(
            f"The time is missing in {len(missing):,} of {counted(len(values), 'row')}",
            where=f'column "{name}", first in row {row_number(int(missing[0]) + 1):,}',
            why="Such a row has no place in time order",
            fix=fix,
        )
