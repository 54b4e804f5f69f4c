"""Splits in time order: the latest rows are held out, and rows of one time stay together."""

from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

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


def windows(times: NDArray[Any], n_windows: int) -> Splits:
    """Windows of time, each judged by what learned from all rows before it.

    The rows are cut in time order into a first part and ``n_windows`` windows, each as large as
    the others, or as near as equal times allow. Rows of the first part are never judged.

    Parameters
    ----------
    times : ndarray, shape (n_rows,)
        What the rows are ordered by; none is missing.
    n_windows : int

    Returns
    -------
    list of (train, test)
        Row numbers, rising: ``train`` has all rows before the window, ``test`` those in it. Fewer
        windows where there are too few different times.
    """
    found, places = np.unique(times, return_inverse=True)
    before = np.bincount(places).cumsum()  # rows up to each time
    wanted = len(times) * np.arange(1, n_windows + 1) / (n_windows + 1)
    # After which time each window begins; the last time cannot be before one.
    ends = np.abs(before[:-1, np.newaxis] - wanted).argmin(axis=0) if len(found) > 1 else []
    starts = [*np.unique(ends).tolist(), len(found) - 1]
    return [
        (np.flatnonzero(places <= start), np.flatnonzero((places > start) & (places <= end)))
        for start, end in pairwise(starts)
    ]
