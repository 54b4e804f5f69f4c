"""The arrays of an encoder in a file: each part takes its own, and refuses what cannot be."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.errors import DataError

# An array as a file may have it: of any type and shape before it is checked.
Array = NDArray[Any]
Arrays = dict[str, Array]


class StoredArrays:
    """The arrays of an encoder as a file has them. Each part takes its own out of them.

    Parameters
    ----------
    arrays : mapping of str to ndarray

    Raises
    ------
    DataError
        If they do not say what the columns are.
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
        """Take arrays out that must be there."""
        if not self._left.keys() >= set(names):
            noun = "arrays" if len(names) > 1 else "array"
            raise DataError(
                "An array of the encoder is absent",
                where=f"{noun} {', '.join(names)}",
                why=f"found {sorted(self._left)}"[:300],
            )
        return [self._left.pop(name) for name in names]

    def take_known(self, *names: str) -> list[Array] | None:
        """Take arrays out that are all there, or all absent: then None."""
        return self.take(*names) if self._left.keys() & set(names) else None

    def require(self, rules: Mapping[str, bool], why: str = "") -> None:
        """Refuse the first array, told by its name, whose rule does not hold."""
        for name, holds in rules.items():
            if not holds:
                raise DataError(
                    "An array of the encoder has the wrong type, shape or range",
                    where=f'array "{name}"',
                    why=why,
                )

    def require_none_left(self) -> None:
        """Refuse arrays that belong to no part."""
        if self._left:
            raise DataError(
                "An array belongs to no part of the encoder",
                where=f"found {sorted(self._left)}"[:300],
            )


def is_vector(array: Array, length: int) -> bool:
    """Whether an array of a file is a vector of float64 of that length."""
    return array.dtype == np.float64 and array.shape == (length,)


def is_bounded(array: Array, length: int) -> bool:
    """Whether it is such a vector, of numbers that a table may hold."""
    return is_vector(array, length) and bool((abs(array) <= LARGEST).all())
