"""Inner parts of training rows: the code of a row is computed from the other parts."""

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import generator

Parts = NDArray[np.intp]

PARTS = 5


def parts_of_blocks(blocks: NDArray[np.integer], *, shuffled: bool = False) -> Parts:
    """The part of each row; rows of one block are in one part.

    Parameters
    ----------
    blocks : ndarray of int, shape (n_rows,)
        The number of a row's block, such as the hash of its inputs or its group.
    shuffled : bool, default False
        Whether the order of the numbers says something, and blocks must be dealt at random.

    Returns
    -------
    ndarray of int, shape (n_rows,)
        0 … 4. Each part has a fifth of the rows, as far as blocks of unequal size allow.
    """
    _, block, sizes = np.unique(blocks, return_inverse=True, return_counts=True)
    if not shuffled and len(sizes) == len(blocks):
        return np.asarray(block % PARTS, dtype=np.intp)
    order = np.arange(len(sizes))
    if shuffled:
        order = generator(0, "inner parts").permutation(len(sizes))
    middle = np.cumsum(sizes[order]) - sizes[order] / 2
    part = np.empty(len(sizes), dtype=np.intp)
    part[order] = np.minimum(middle * PARTS / len(blocks), PARTS - 1)
    return part[block]


def windows_of_rows(times: NDArray[np.float64]) -> Parts:
    """The part of each row: five windows of time, with a fifth of the rows each; 0 is earliest.

    Rows of one time are in one window.
    """
    first = np.searchsorted(np.sort(times), times)
    return first * PARTS // max(1, len(times))
