"""Several encoders over the same few rows, in one pass: what a single row has to be quick for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encode import Encoder
from thalweg.data.scaling import bent

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Panel:
    """Encoders whose outputs mean the same, one below the other.

    Parameters
    ----------
    numbers : ndarray of int, shape (n_numbers,)
        The columns that are numbers; ``every`` says that all are.
    every : bool
    categories : ndarray of int, shape (n_categories,)
    center, scale : ndarray of float64, shape (n_encoders, 1, n_numbers)
    of_missing : ndarray of float64, shape (n_categories,)
        What stands for a missing level.
    texts : ndarray of float64
        The outputs of all levels of all categories of all encoders, in one row.
    first : ndarray of int, shape (n_encoders, 1, n_outputs_of_categories)
        Where in ``texts`` the outputs of level 0 stand.
    step, place : ndarray of int, shape (n_outputs_of_categories,)
        How far it is to the next level, and which of the categories it is.
    indicator : ndarray of int
        The columns that have one.
    """

    numbers: Places
    every: bool
    categories: Places
    center: Floats
    scale: Floats
    of_missing: Floats
    texts: Floats
    first: Places
    step: Places
    place: Places
    indicator: Places

    def encode(self, X: NDArray[np.floating], dtype: Any = np.float64) -> NDArray[Any]:
        """Encode a few rows.

        Parameters
        ----------
        X : ndarray of float, shape (n_samples, n_features)
        dtype : {float64, float32}

        Returns
        -------
        ndarray of ``dtype``, shape (n_encoders, n_samples, n_outputs)
            Bit for bit what each of the encoders gives.
        """
        missing = np.isnan(X)
        if self.every:
            found = bent(X, self.center, self.scale, missing)
            if not len(self.indicator):
                return found.astype(dtype, copy=False)
            parts = [found]
        else:
            numbers = X.take(self.numbers, 1)
            parts = [bent(numbers, self.center, self.scale, missing.take(self.numbers, 1))]
            codes = X.take(self.categories, 1)
            codes = np.where(missing.take(self.categories, 1), self.of_missing, codes)
            places = codes.astype(np.intp).take(self.place, 1)
            places *= self.step
            parts.append(self.texts.take(self.first + places))
        n_encoders, n_samples, done = len(self.center), len(X), 0
        widths = [part.shape[2] for part in parts]
        encoded = np.empty((n_encoders, n_samples, sum(widths) + len(self.indicator)), dtype)
        for part, width in zip(parts, widths, strict=True):
            encoded[:, :, done : done + width] = part
            done += width
        encoded[:, :, done:] = missing.take(self.indicator, 1)
        return encoded


@lru_cache(maxsize=16)
def panel_of(encoders: tuple[Encoder, ...]) -> Panel | None:
    """These encoders as a panel; None where their outputs do not mean the same.

    An encoder never changes, and is known here by itself and not by what is in it.
    """
    one = encoders[0]
    layout = _layout(one)
    if any(_layout(other) != layout for other in encoders[1:]):
        return None
    categories = np.array([book.feature for book in one.books], dtype=np.intp)
    numbers = np.setdiff1d(np.arange(len(one.center)), categories)
    widths = [book.n_outputs for book in one.books]
    tables = [book.outputs for encoder in encoders for book in encoder.books]
    begins = np.cumsum([0, *(table.size for table in tables)])[:-1].reshape(len(encoders), -1)
    within = np.concatenate([np.arange(width) for width in widths]) if widths else np.empty(0)
    place = np.repeat(np.arange(len(widths)), widths)
    return Panel(
        numbers=numbers,
        every=not one.books,
        categories=categories,
        center=np.stack([encoder.center[None, numbers] for encoder in encoders]),
        scale=np.stack([encoder.scale[None, numbers] for encoder in encoders]),
        of_missing=np.array([book.n_levels + 1.0 for book in one.books]),
        texts=np.concatenate([np.empty(0), *(table.ravel() for table in tables)]),
        first=(begins[:, place] + within).astype(np.intp)[:, None, :],
        step=np.array(widths, dtype=np.intp)[place],
        place=place,
        indicator=np.flatnonzero(one.indicator),
    )


def _layout(encoder: Encoder) -> Sequence[Any]:
    books = [(book.feature, book.n_levels, book.n_outputs) for book in encoder.books]
    return [len(encoder.center), encoder.indicator.tolist(), books]
