"""An encoded table that is there, or is made where and when some of its rows are asked for."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from thalweg.data.encoding.encoder import Encoder
from thalweg.data.matrix_view import Numbers

# Of more bytes an encoded table is not kept: rows are encoded whenever a descent comes by.
KEPT_BELOW = 2**27


@dataclass(frozen=True, eq=False)
class Encoded:
    """What an encoder gives for a table, made where and when it is asked for.

    To whoever asks for rows by their numbers it is an array of two dimensions. A network that
    passes over a large table sees a few thousand rows at a time: only these are there.

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
        """Bytes of all of it."""
        return len(self.X) * self.encoder.n_outputs * self.dtype.itemsize

    def __getitem__(self, rows: NDArray[np.intp] | slice) -> Any:
        return self.encoder.encode(self.X.pick(rows), self.dtype)


def inputs_of(encoder: Encoder, X: NDArray[np.floating] | Numbers, dtype: DTypeLike) -> Any:
    """What an encoder gives for a table: an array, or `Encoded` where that would be too large."""
    inputs = Encoded(encoder, Numbers.of(X), np.dtype(dtype))
    return inputs if inputs.nbytes > KEPT_BELOW else inputs[:]
