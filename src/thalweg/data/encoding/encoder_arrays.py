"""The arrays of an encoder from a model file: each part takes its own and checks them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.errors import DataError

# An array from a file, before it is checked: of any type and shape.
Array = NDArray[Any]
Arrays = dict[str, Array]


class StoredArrays:
    """The arrays of an encoder from a file, from which each part takes its own.

    Parameters
    ----------
    arrays : mapping of str to ndarray

    Raises
    ------
    DataError
        ``n_levels`` is not valid.
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._left = dict(arrays)
        self.n_features = self._left["center"].size if "center" in self._left else 0
        n_levels = self._left.pop("n_levels", np.zeros(self.n_features, dtype=np.int64))
        self.require(
            {
                "n_levels": n_levels.dtype == np.int64
                and n_levels.shape == (self.n_features,)
                and bool((n_levels >= -1).all())
            }
        )
        self.n_levels: tuple[int, ...] = tuple(n_levels.tolist())

    def take(self, *names: str) -> list[Array]:
        """Remove and return arrays that must be there."""
        if not self._left.keys() >= set(names):
            noun = "arrays" if len(names) > 1 else "array"
            raise DataError(
                "An array of the encoder is absent",
                where=f"{noun} {', '.join(names)}",
                why=f"found {sorted(self._left)}"[:300],
            )
        return [self._left.pop(name) for name in names]

    def take_known(self, *names: str) -> list[Array] | None:
        """Remove and return arrays; None if all are absent, a DataError if only some are."""
        return self.take(*names) if self._left.keys() & set(names) else None

    def require(self, rules: Mapping[str, bool], why: str = "") -> None:
        """Raise a DataError for the first array, given by name, whose rule does not hold."""
        for name, holds in rules.items():
            if not holds:
                raise DataError(
                    "An array of the encoder has the wrong type, shape or range",
                    where=f'array "{name}"',
                    why=why,
                )

    def require_none_left(self) -> None:
        """Raise a DataError if there are arrays that belong to no part."""
        if self._left:
            raise DataError(
                "An array belongs to no part of the encoder",
                where=f"found {sorted(self._left)}"[:300],
            )


def is_vector(array: Array, length: int) -> bool:
    """Whether an array is a vector of float64 of this length."""
    return array.dtype == np.float64 and array.shape == (length,)


def is_bounded(array: Array, length: int) -> bool:
    """Whether it is such a vector, of numbers that a table may have (finite, at most `LARGEST`)."""
    return is_vector(array, length) and bool((abs(array) <= LARGEST).all())
