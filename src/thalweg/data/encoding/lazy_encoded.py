"""A lazily encoded table: rows of a large table are encoded only when training reads them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from thalweg.data.encoding.encoder import Encoder
from thalweg.data.encoding.target_codes.coded_levels import TrainingCodes
from thalweg.data.row_view import Numbers

# An encoded table of more bytes is not kept in memory: rows are encoded each time they are read,
# which takes about as long as the steps on them. A table in "auto" bins of float32 is below it: at
# most 30 million cells of bins (`resolved_parameters`), and at most half as many numbers.
KEPT_BELOW = 180_000_000


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
    codes : TrainingCodes, optional
        The target codes of training rows.
    """

    encoder: Encoder
    X: Numbers
    dtype: np.dtype[Any]
    codes: TrainingCodes | None = None

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
        X = self.X.pick(rows)
        encoded = self.encoder.encode(X, self.dtype)
        if self.codes is not None:
            self.codes.encode(X, rows, encoded[:, self.encoder.coded])
        return encoded


def inputs_of(
    encoder: Encoder,
    X: NDArray[np.floating] | Numbers,
    dtype: DTypeLike,
    codes: TrainingCodes | None = None,
) -> Any:
    """The encoded table: an array, or `Encoded` if the array would be too large."""
    inputs = Encoded(encoder, Numbers.of(X), np.dtype(dtype), codes)
    return inputs if inputs.nbytes > KEPT_BELOW else inputs[:]
