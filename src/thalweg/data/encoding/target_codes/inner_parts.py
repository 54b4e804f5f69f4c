"""Inner parts of training rows: the code of a row is computed from the other parts."""

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import generator

Parts = NDArray[np.intp]

PARTS = 5


def parts_of_blocks(blocks: NDArray[np.integer]) -> Parts:
    """The part of each row; rows of one block are in one part.

    Parameters
    ----------
    blocks : ndarray of int, shape (n_rows,)
        The number of a row's block, such as a rank by the hash of its inputs.

    Returns
    -------
    ndarray of int, shape (n_rows,)
        0 … 4. Each part has a fifth of the blocks, however many rows they have: equal rows are the
        same as one row.
    """
    _, block = np.unique(blocks, return_inverse=True)
    return np.asarray(block % PARTS, dtype=np.intp)


def parts_of_groups(groups: NDArray[np.integer]) -> Parts:
    """The part of each row; rows of one group are in one part, and groups are dealt at random.

    Each part has a fifth of the rows, as far as groups of unequal size allow.
    """
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = generator(0, "inner parts").permutation(len(sizes))
    middle = np.cumsum(sizes[order]) - sizes[order] / 2
    part = np.empty(len(sizes), dtype=np.intp)
    part[order] = middle * PARTS / len(groups)
    return part[group]


def windows_of_rows(times: NDArray[np.float64]) -> Parts:
    """The part of each row: five windows of time, with a fifth of the rows each; 0 is earliest.

    Rows of one time are in one window.
    """
    first = np.searchsorted(np.sort(times), times)
    return first * PARTS // len(times)
