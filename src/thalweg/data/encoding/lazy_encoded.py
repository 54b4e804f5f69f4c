"""A lazily encoded table: rows of a large table are encoded only when training reads them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from thalweg.data.encoding.encoder import Encoder
from thalweg.data.row_view import Numbers

# An encoded table of more bytes is not kept in memory: rows are encoded each time they are read.
KEPT_BELOW = 2**27


@dataclass(frozen=True, eq=False)
class Encoded:
    """An encoded table whose rows are encoded when they are read.

    It can be indexed by rows like an array of two dimensions. Training reads a few thousand rows
    of a large table at a time, so only these are in memory.

    Parameters
    ----------
    encoder : Encoder
    X : Numbers
    dtype : dtype
    """

    encoder: Encoder
    X: Numbers
    dtype: np.dtype[Any]

    def __len__(self) -> int:
        return len(self.X)

    @property
    def shape(self) -> tuple[int, int]:
        """(n_samples, n_outputs)."""
        return len(self.X), self.encoder.n_outputs

    @property
    def nbytes(self) -> int:
        """The bytes of the complete encoded table."""
        return len(self.X) * self.encoder.n_outputs * self.dtype.itemsize

    def __getitem__(self, rows: NDArray[np.intp] | slice) -> Any:
        return self.encoder.encode(self.X.pick(rows), self.dtype)


def inputs_of(encoder: Encoder, X: NDArray[np.floating] | Numbers, dtype: DTypeLike) -> Any:
    """The encoded table: an array, or `Encoded` if the array would be too large."""
    inputs = Encoded(encoder, Numbers.of(X), np.dtype(dtype))
    return inputs if inputs.nbytes > KEPT_BELOW else inputs[:]
