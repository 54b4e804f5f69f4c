"""Categories as numbers: a row of outputs for each level, looked up by the level's number.

A level is an output of its own, 1 where it stands and 0 elsewhere; these are scaled and bent as
any number is. In front of the first layer that is the same as to learn a vector for each level:
the columns of W1 that belong to the levels are those vectors. Nothing here looks at the target.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.data.encoding.scaling import bent, center_and_scale
from thalweg.errors import DataError

Floats = NDArray[np.float64]

# More levels than this do not each get an output: the commonest do, and the rest share one, told
# apart by how common they are.
MOST_OUTPUTS = 32
# Shares are told apart to so many digits: sums of weights are rounded.
_DIGITS = 9


@dataclass(frozen=True, eq=False)
class Book:
    """What becomes of one category.

    Parameters
    ----------
    feature : int
        The column.
    n_levels : int
    hot : ndarray of int64, shape (n_hot,)
        The levels (1 … n_levels) that have an output of their own, rising; behind them 0 if all
        others share one. Two levels alone have one output between them: 1 for the second, -1 for
        the first, 0 for any other.
    common : ndarray of float64, shape (n_levels + 1,) or (0,)
        Where levels share an output, ln of the share of rows that each level has, and in front
        what a level counts as that was not seen: as the rarest. Empty elsewhere.
    center, scale : ndarray of float64, shape (n_outputs,)
    """

    feature: int
    n_levels: int
    hot: NDArray[np.int64]
    common: Floats
    center: Floats
    scale: Floats

    @property
    def n_outputs(self) -> int:
        """The number of columns that a category becomes."""
        return len(self.center)

    @property
    def of_missing(self) -> int:
        """Which row of `outputs` a missing level has: the one behind all levels."""
        return self.n_levels + 1

    @cached_property
    def outputs(self) -> Floats:
        """The outputs of each level, shape (n_levels + 2, n_outputs).

        In front those of a level that was not seen, behind all others those of a missing one: 0.
        """
        raw = raw_outputs(self.n_levels, self.hot, self.common)
        known = bent(raw, self.center, self.scale, np.zeros(raw.shape, dtype=np.bool_))
        return np.concatenate((known, np.zeros((1, self.n_outputs))))

    def output_names(self, name: str, levels: Sequence[str]) -> list[str]:
        """Name the outputs, ``"color=red"``."""
        hot = self.hot[1:] if _is_pair(self.hot) else self.hot
        named = [f"{name}={levels[level - 1] if level else '…'}" for level in hot.tolist()]
        return [*named, f"{name} common"] if len(self.common) else named

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The book as plain arrays, for a file."""
        return {f"{key}/{self.feature}": getattr(self, field) for key, field in _ARRAYS.items()}

    @classmethod
    def from_arrays(cls, feature: int, n_levels: int, arrays: dict[str, NDArray[Any]]) -> "Book":
        """Rebuild a book from what `arrays` gave, and take these arrays out of the dict.

        Raises
        ------
        DataError
            If an array is absent, or not of the right type, shape or range.
        """
        try:
            found = {field: arrays.pop(f"{key}/{feature}") for key, field in _ARRAYS.items()}
        except KeyError as absent:
            raise DataError(
                "An array of the encoder is absent", where=f"array {absent}"
            ) from absent
        hot, common, center, scale = found.values()
        rules = {
            "hot": hot.dtype == np.int64
            and hot.ndim == 1
            and len(hot) <= MOST_OUTPUTS
            and bool(((hot >= 0) & (hot <= n_levels)).all())
            and bool((np.diff(hot[hot > 0]) > 0).all())
            and (hot == 0)[:-1].sum() == 0,
            "common": common.dtype == np.float64
            and common.shape in ((0,), (n_levels + 1,))
            and bool(((common <= 0) & (common >= -LARGEST)).all()),
        }
        n_outputs = (1 if _is_pair(hot) else len(hot)) + bool(len(common))
        for key, array in (("center", center), ("scale", scale)):
            rules[key] = (
                array.dtype == np.float64
                and array.shape == (n_outputs,)
                and bool((abs(array) <= LARGEST).all())
            )
        rules["scale"] = rules["scale"] and bool((scale >= 0).all())
        for name, holds in rules.items():
            if not holds:
                raise DataError(
                    "An array of the encoder has the wrong type, shape or range",
                    where=f'array "{name}" of the category in column {feature + 1}',
                )
        return cls(feature, n_levels, hot, common, center, scale)


_ARRAYS = {"hot": "hot", "common": "common", "book_center": "center", "book_scale": "scale"}


def fit_book(feature: int, codes: NDArray[np.intp], weights: Floats, n_levels: int) -> Book:
    """Choose the outputs of a category, and scale them.

    Parameters
    ----------
    feature : int
        The column.
    codes : ndarray of int, shape (n_samples,)
        The number of the level, 0 … n_levels; missing ones are left out.
    weights : ndarray of float64, shape (n_samples,)
        All above zero.
    n_levels : int

    Returns
    -------
    Book
        The same for every order of the rows, and for weights multiplied by any constant. A level
        that none of these rows has is one that was not seen.
    """
    shares = _shares(codes, weights, n_levels)
    seen = np.flatnonzero(shares[1:]) + 1
    common = np.empty(0)
    hot = seen
    if len(seen) > MOST_OUTPUTS:
        commonest = seen[np.argsort(-shares[seen], kind="stable")[: MOST_OUTPUTS - 1]]
        hot = np.append(np.sort(commonest), 0)
        rarest = shares[seen].min()
        common = np.log(np.where(shares > 0, shares, rarest))
        common[0] = np.log(rarest)
    raw = raw_outputs(n_levels, hot, common)
    there = np.flatnonzero(shares)
    statistics = np.zeros((2, raw.shape[1]))
    for output in range(raw.shape[1]):
        if len(there):
            statistics[:, output] = center_and_scale(raw[there, output], shares[there])
    return Book(feature, n_levels, hot.astype(np.int64), common, *statistics)


def raw_outputs(n_levels: int, hot: NDArray[np.integer], common: Floats) -> Floats:
    """The outputs of each level before they are scaled, shape (n_levels + 1, n_outputs)."""
    raw = np.zeros((n_levels + 1, len(hot)))
    raw[hot, np.arange(len(hot))] = 1.0
    if len(hot) and hot[-1] == 0:
        raw[:, -1] = raw[:, :-1].sum(axis=1) == 0.0
    if _is_pair(hot):
        raw = raw[:, 1:] - raw[:, :1]
    return np.column_stack((raw, common)) if len(common) else raw


def _is_pair(hot: NDArray[np.integer]) -> bool:
    return len(hot) == 2 and hot[-1] != 0


def _shares(codes: NDArray[np.intp], weights: Floats, n_levels: int) -> Floats:
    """The share of the weight that each level has, of 0 … n_levels, rounded."""
    order = np.lexsort((weights, codes))  # sums that do not depend on the order of the rows
    sums = np.zeros(n_levels + 1)
    found, starts = np.unique(codes[order], return_index=True)
    if len(found):
        sums[found] = np.add.reduceat(weights[order], starts)
        sums /= sums.sum()
    digits = np.floor(np.log10(sums, where=sums > 0, out=np.zeros_like(sums)))
    size = 10.0 ** (_DIGITS - digits)
    rounded: Floats = np.round(sums * size) / size
    return rounded
