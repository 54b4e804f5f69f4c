"""A lazily encoded table: rows of a large table are encoded only when training reads them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from thalweg.data.encoding.encoder import Encoder
from thalweg.data.encoding.piecewise_linear import Places
from thalweg.data.encoding.target_codes.coded_levels import TrainingCodes
from thalweg.data.row_view import Numbers

# An encoded table of more bytes is not kept in memory as it is. The bins of a number are then kept
# as five bytes, if all is below the second limit: so are at most 35 million numbers in "auto" bins
# of float32 (`resolved_parameters`). Else rows are encoded each time they are read, which takes
# about as long as the steps on them.
KEPT_BELOW, COMPACT_BELOW = 180_000_000, 350_000_000
# From so many rows on, whose batches are large, and so many bins of a number, steps are faster if
# the engine is told the bins (`network.made_inputs.InBins`), whatever fits into memory.
MANY_ROWS, MANY_BINS = 100_000, 12


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


@dataclass(frozen=True, eq=False)
class Compact:
    """An encoded table that keeps, of all bins of a number, the bin it is in and this output.

    All bins below that one are full, and all above it are empty. So an engine needs no more than
    this (`network.made_inputs.InBins`). Expanding a row copies a short vector for each number,
    which takes about half the time of encoding it.

    Parameters
    ----------
    encoder : Encoder
    places : Places
        The places of all numbers in their bins.
    others : ndarray, shape (n_samples, n_others)
        The outputs of all other parts.
    """

    encoder: Encoder
    places: Places
    others: NDArray[np.floating]

    def __len__(self) -> int:
        return len(self.others)

    @property
    def shape(self) -> tuple[int, int]:
        """(n_samples, n_outputs)."""
        return len(self), self.encoder.n_outputs

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the encoded rows."""
        return self.others.dtype

    @property
    def nbytes(self) -> int:
        """The bytes of the complete encoded table."""
        return len(self) * self.encoder.n_outputs * self.dtype.itemsize

    @property
    def at(self) -> NDArray[np.uint8]:
        """The bin of each number, counted from 0 in its column."""
        return self.places.at

    @property
    def output(self) -> NDArray[np.floating]:
        """The output of this bin."""
        return self.places.output

    @property
    def first(self) -> int:
        """How many of the others are before the bins."""
        return int(self.encoder.binned.start)

    @property
    def starts(self) -> NDArray[np.intp]:
        """The first bin of each column, and the number of bins."""
        return self.encoder.bins.starts

    @property
    def below(self) -> NDArray[np.float64]:
        """The output of each bin, if the number is above it."""
        return self.encoder.bins.below

    @property
    def above(self) -> NDArray[np.float64]:
        """The output of each bin, if the number is below it."""
        return self.encoder.bins.above

    def __getitem__(self, rows: NDArray[np.intp] | slice) -> Any:
        others = self.others[rows]
        encoded = np.empty((len(others), self.encoder.n_outputs), self.dtype)
        own = self.encoder.binned
        encoded[:, : own.start] = others[:, : own.start]
        self.encoder.bins.expand(self.places, rows, encoded[:, own])
        encoded[:, own.stop :] = others[:, own.start :]
        return encoded

    @classmethod
    def of(cls, made: Encoded) -> "Compact":
        """Keep the rows of this table."""
        bins, encoder = made.encoder.bins, made.encoder
        others = replace(made, encoder=replace(encoder, bins=bins.none()))
        return cls(encoder, bins.places_of(made.X, made.dtype), others[:])

    @staticmethod
    def bytes_of(made: Encoded) -> int:
        """The bytes that it would keep of this table."""
        bins, size = made.encoder.bins, made.dtype.itemsize
        n_others = made.encoder.n_outputs - bins.n_outputs
        return len(made) * (n_others * size + bins.n_columns * (size + 1))


def inputs_of(
    encoder: Encoder,
    X: NDArray[np.floating] | Numbers,
    dtype: DTypeLike,
    codes: TrainingCodes | None = None,
    n_training: int | None = None,
) -> Any:
    """The encoded table: an array; or `Compact`, or `Encoded`, if that would be too large.

    Steps on bins end at other last bits than steps on an array or on `Encoded`. So whether they
    take bins depends on the number of training rows alone (default: all), not on the rows beside
    them.
    """
    inputs = Encoded(encoder, Numbers.of(X), np.dtype(dtype), codes)
    bins, n_training = encoder.bins, len(X) if n_training is None else n_training
    n_bytes = n_training * encoder.n_outputs * inputs.dtype.itemsize
    is_faster = n_training >= MANY_ROWS and bins.n_outputs >= MANY_BINS * bins.n_columns
    is_small = Compact.bytes_of(inputs) * n_training <= COMPACT_BELOW * len(X)
    if bins.is_short and is_small and (is_faster or n_bytes > KEPT_BELOW):
        return Compact.of(inputs)
    return inputs[:] if inputs.nbytes <= KEPT_BELOW else inputs
