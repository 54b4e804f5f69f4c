"""Inputs of a network that are no array: they are made when an engine asks for them."""

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from thalweg.network.formulas.activations import Array

Rows = NDArray[np.intp]


class Made(Protocol):
    """Inputs that are made when they are asked for: an array as far as an engine is concerned."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(n_samples, n_features)."""

    @property
    def dtype(self) -> Any:
        """Of what is given."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Rows | slice) -> Array:
        """Some rows, as an array of one's own."""


@runtime_checkable
class InBins(Made, Protocol):
    """Inputs of which many are bins of numbers, one behind the other; an engine may use that.

    A number is in one of the bins of its column, which has an output of its own. The outputs of
    all other bins depend only on whether they are below or above that bin.

    Attributes
    ----------
    at : ndarray of uint8, shape (n_samples, n_columns)
        The bin of each number, counted from 0 in its column.
    output : ndarray of shape (n_samples, n_columns)
        The output of this bin.
    others : ndarray of shape (n_samples, n_others)
        All other inputs, those before the bins and those behind them.
    first : int
        How many of them are before the bins.
    starts : ndarray of intp, shape (n_columns + 1,)
        The first bin of each column, and the number of bins.
    below, above : ndarray of float64, shape (n_bins,)
        The output of a bin below that of a number, and of one above it. They are measured from the
        median: ``below`` is 0 for all bins below the bin of the median, ``above`` for all above it.
    """

    at: NDArray[np.uint8]
    output: Array
    others: Array
    first: int
    starts: Rows
    below: NDArray[np.float64]
    above: NDArray[np.float64]
