"""Numbers as a network likes them: centred, scaled, far outliers bent in, holes filled.

What RealMLP calls robust scaling and smooth clipping (Holzmüller, Grinsztajn & Steinwart 2024,
"Better by default", arXiv:2407.04491, section 3). Beside them stand the bins that they are cut into
(`thalweg.data.encoding.bins`). Categories become such numbers by their books
(`thalweg.data.encoding.books`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.data.encoding.bins import (
    NO_BINS,
    UNCUT,
    Bins,
    Cut,
    bin_ends,
    bins_between,
    bins_from_arrays,
)
from thalweg.data.encoding.books import Book, fit_book
from thalweg.data.encoding.scaling import FARTHEST, bent, center_and_scale
from thalweg.data.numbers import Numbers
from thalweg.errors import DataError

Floats = NDArray[np.float64]

# Rows encoded at a time: their temporaries stay in the cache.
_BLOCK = 1024


class Scaling(NamedTuple):
    """How outputs are scaled: vectors of one length, as `Encoder` means them.

    ``low`` and ``high`` are the ends of a bin, whose ``center`` is the column's median and whose
    ``scale`` is that of all bins; NaN elsewhere.
    """

    center: Floats
    scale: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class Encoder:
    """The map from a table with holes to the input of a network.

    With z = scale · (x - center) a number becomes z / √(1 + (z/3)²), which lies in [-3, 3]; a
    missing one becomes 0, as the median would. Behind all numbers stand how far each has come
    through its bins, scale · (t(x) - t(median)) as `Bins` has it, then the outputs of the
    categories, a missing one 0 throughout; behind these the indicators: 1 where the value is
    missing, 0 elsewhere.

    Parameters
    ----------
    center : ndarray of float64, shape (n_features,)
        0 for a category.
    scale : ndarray of float64, shape (n_features,)
        0 silences a column. 0 for a category.
    indicator : ndarray of bool, shape (n_features,)
        Which columns have an indicator.
    books : tuple of Book
        What becomes of each category, in the order of the columns.
    low, high : ndarray of float64, shape (n_features,), or None
        The ends of what was seen of each number, NaN where there was none and for a category.
        None in files of format 1, which do not know them.
    bins : Bins
        Of the numbers that have some.
    """

    center: Floats
    scale: Floats
    indicator: NDArray[np.bool_]
    books: tuple[Book, ...] = ()
    low: Floats | None = None
    high: Floats | None = None
    bins: Bins = NO_BINS

    @cached_property
    def n_outputs(self) -> int:
        """The number of columns that `encode` gives."""
        return self._n_numbers + len(self.bins) + self._n_of_books + int(self.indicator.sum())

    @cached_property
    def n_levels(self) -> tuple[int, ...]:
        """How many levels each column has: 0 where it is no category."""
        levels = [0] * len(self.center)
        for book in self.books:
            levels[book.feature] = book.n_levels
        return tuple(levels)

    def output_names(self, names: Sequence[str], levels: Sequence[Sequence[str]] = ()) -> list[str]:
        """Name the encoded columns.

        Parameters
        ----------
        names : sequence of str, length n_features
        levels : sequence of sequence of str, length n_features
            The levels of each column that is a category. Not needed where there is none.

        Returns
        -------
        list of str
            The names of the numbers; ``"age 30…40"`` for a bin; ``"color=red"`` for a level,
            ``"color=…"`` for all others that have no output of their own, ``"color common"`` for
            how common it is; then ``"age missing"`` for each indicator.
        """
        categories = {book.feature for book in self.books}
        named = [name for j, name in enumerate(names) if j not in categories]
        named += self.bins.output_names(names)
        for book in self.books:
            named += book.output_names(names[book.feature], levels[book.feature])
        marked = [f"{name} missing" for name, has in zip(names, self.indicator, strict=True) if has]
        return named + marked

    def output_columns(self) -> list[int | None]:
        """The place of the column that each output reads; None for an indicator."""
        of_books = [book.feature for book in self.books for _ in range(book.n_outputs)]
        numbers = [*self._numbers.tolist(), *self.bins.feature.tolist()]
        return [*numbers, *of_books, *[None] * int(self.indicator.sum())]

    def output_scaling(self) -> Scaling:
        """How each output but the indicators is scaled, in their order.

        An output of a category is 1 where its level stands and 0 elsewhere, and scaled after.
        """
        center, scale = self._of_numbers
        bins, books = self.bins, self.books
        bare = np.full(self._n_of_books, np.nan)
        return Scaling(
            np.concatenate((center, self.center[bins.feature], *(book.center for book in books))),
            np.concatenate(
                (scale, np.full(len(bins), bins.scale), *(book.scale for book in books))
            ),
            np.concatenate((np.full(len(center), np.nan), bins.low, bare)),
            np.concatenate((np.full(len(center), np.nan), bins.high, bare)),
        )

    def output_bounds(self) -> Floats:
        """How large each output can be in size, whatever the row, in their order."""
        kinds = self._n_numbers, len(self.bins), self._n_of_books, int(self.indicator.sum())
        return np.repeat([FARTHEST, self.bins.scale, FARTHEST, 1.0], kinds)

    def encode(self, X: NDArray[np.floating] | Numbers, dtype: Any = np.float64) -> Any:
        """Encode a table.

        Parameters
        ----------
        X : ndarray of float, or Numbers, shape (n_samples, n_features)
            Not above 1e300 in size; NaN where a value is missing. Of a category the number of
            the level, 1 … n_levels, or 0 where it is another.
        dtype : {float64, float32}
            Of what is given; it is computed in float64.

        Returns
        -------
        ndarray of ``dtype``, shape (n_samples, n_outputs)
            C-contiguous and finite.
        """
        encoded = np.empty((len(X), self.n_outputs), dtype)
        for start in range(0, len(X), _BLOCK):
            rows = slice(start, start + _BLOCK)
            self._encode_block(X[rows], encoded[rows])
        return encoded

    def _encode_block(self, X: NDArray[np.floating], encoded: NDArray[np.floating]) -> None:
        missing = np.isnan(X)
        done = self._n_numbers
        if self.books:
            numbers, holes = X[:, self._numbers], missing[:, self._numbers]
        else:
            numbers, holes = X, missing
        encoded[:, :done] = bent(numbers, *self._of_numbers, holes)
        if len(self.bins):
            filled = np.where(missing, self.center, X)
            encoded[:, done : done + len(self.bins)] = self.bins.outputs(filled, self.center)
            done += len(self.bins)
        if self.books:
            # Behind the levels stands the row of a missing one.
            codes = np.where(missing[:, self._categories], self._of_missing, X[:, self._categories])
            for book, rows in zip(self.books, codes.T.astype(np.intp), strict=True):
                encoded[:, done : done + book.n_outputs] = book.outputs[rows]
                done += book.n_outputs
        encoded[:, done:] = missing[:, self.indicator]

    @cached_property
    def _numbers(self) -> NDArray[np.intp]:
        return np.setdiff1d(np.arange(len(self.center)), self._categories)

    @cached_property
    def _categories(self) -> NDArray[np.intp]:
        return np.array([book.feature for book in self.books], dtype=np.intp)

    @cached_property
    def _of_missing(self) -> Floats:
        return np.array([float(book.of_missing) for book in self.books])

    @cached_property
    def _of_numbers(self) -> tuple[Floats, Floats]:
        return self.center[self._numbers], self.scale[self._numbers]

    @cached_property
    def _n_numbers(self) -> int:
        return len(self.center) - len(self.books)

    @cached_property
    def _n_of_books(self) -> int:
        return sum(book.n_outputs for book in self.books)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The encoder as plain arrays, for a file.

        ``center``, ``scale``, ``indicator`` (uint8); ``low`` and ``high`` where they are known;
        where there are categories ``n_levels`` (int64) and those of each book; where there are bins
        theirs (`Bins.arrays`).
        """
        arrays: dict[str, NDArray[Any]] = {
            "center": self.center,
            "scale": self.scale,
            "indicator": self.indicator.astype(np.uint8),
        }
        if self.low is not None and self.high is not None:
            arrays |= {"low": self.low, "high": self.high}
        if self.books:
            arrays["n_levels"] = np.array(self.n_levels, dtype=np.int64)
        for book in self.books:
            arrays |= book.arrays()
        return arrays | self.bins.arrays()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Encoder":
        """Rebuild an encoder from what `arrays` gave.

        Raises
        ------
        DataError
            If an array is absent, superfluous, or not of the right type, shape or range.
        """
        left = dict(arrays)
        if not left.keys() >= {"center", "scale", "indicator"}:
            raise _odd_arrays(arrays)
        center, scale, indicator = (left.pop(key) for key in ("center", "scale", "indicator"))
        low, high = left.pop("low", None), left.pop("high", None)
        n_levels = left.pop("n_levels", np.zeros(center.shape, dtype=np.int64))
        ends = (low, high) if low is not None and high is not None else ()
        if (low is None) != (high is None):
            raise _odd_arrays(arrays)
        shape = center.shape
        rules = {
            "center": _is_vector(center) and np.isfinite(center).all(),
            "scale": _is_vector(scale, shape) and (np.isfinite(scale) & (scale >= 0)).all(),
            "indicator": indicator.dtype == np.uint8
            and indicator.shape == shape
            and (indicator <= 1).all(),
            "low and high": all(_is_vector(end, shape) for end in ends)
            and all(((abs(end) <= LARGEST) | np.isnan(end)).all() for end in ends)
            and (not ends or not (ends[0] > ends[1]).any()),
            "n_levels": n_levels.dtype == np.int64
            and n_levels.shape == shape
            and (n_levels >= 0).all(),
        }
        for name, holds in rules.items():
            if not holds:
                raise DataError(
                    "An array of the encoder has the wrong type, shape or range",
                    where=f'array "{name}"',
                    why="Center and scale are finite float64 vectors, scale is not negative, "
                    "indicator is a uint8 vector of zeros and ones, all of one length",
                )
        books = tuple(
            Book.from_arrays(int(feature), int(n_levels[feature]), left)
            for feature in np.flatnonzero(n_levels)
        )
        bins = bins_from_arrays(left, n_levels == 0)
        if left:
            raise _odd_arrays(arrays)
        return cls(center.copy(), scale.copy(), indicator.astype(np.bool_), books, low, high, bins)


def _is_vector(array: NDArray[Any], shape: tuple[int, ...] | None = None) -> bool:
    right = array.ndim == 1 if shape is None else array.shape == shape
    return array.dtype == np.float64 and right


def _odd_arrays(arrays: Mapping[str, NDArray[Any]]) -> DataError:
    return DataError(
        "An encoder consists of the arrays center, scale and indicator, of low and high where the "
        "ends are known, and of those of its categories and bins",
        where=f"found {sorted(arrays)}"[:300],
    )


def fit_encoder(
    X: NDArray[np.floating] | Numbers,
    weights: Floats,
    n_levels: Sequence[int] = (),
    cut: Cut = UNCUT,
) -> Encoder:
    """Measure centre and scale of each column, and which columns have holes.

    The centre is the median. The scale is 1 / (interquartile range); where that range is 0,
    2 / (max - min); where that is 0 too, 0. All quantiles are weighted, and a row of weight 2
    counts exactly as the row twice.

    Parameters
    ----------
    X : ndarray of float, or Numbers, shape (n_samples, n_features)
        Not above 1e300 in size; NaN where a value is missing; of a category the number of the
        level.
    weights : ndarray of float64, shape (n_samples,)
        Finite and not negative. Rows of weight 0 do not count, not even for their holes.
    n_levels : sequence of int, length n_features
        How many levels each column has: 0 where it is no category. Empty: there is none.
    cut : Cut, default none
        What numbers are cut into.

    Returns
    -------
    Encoder
        The same for every order of the rows, and for weights multiplied by any constant.
    """
    numbers = Numbers.of(X)
    counted = weights > 0
    if not counted.all():
        numbers, weights = numbers.pick(np.flatnonzero(counted)), weights[counted]
    n_features = numbers.shape[1]
    statistics, indicator = np.zeros((2, n_features)), np.zeros(n_features, dtype=np.bool_)
    ends = np.full((2, n_features), np.nan)
    books: list[Book] = []
    edges: list[tuple[int, Floats]] = []
    for j, values in enumerate(numbers.each_column()):
        counts = weights
        missing = np.isnan(values)
        indicator[j] = missing.any()
        if indicator[j]:
            values, counts = values[~missing], weights[~missing]
        if n_levels and n_levels[j]:
            books.append(fit_book(j, values.astype(np.intp), counts, n_levels[j]))
        elif len(values):
            statistics[:, j] = center_and_scale(values, counts)
            ends[:, j] = values.min(), values.max()
            edges.append((j, bin_ends(values, counts, cut.n_bins)))
    bins = bins_between(edges, cut.scale)
    return Encoder(statistics[0], statistics[1], indicator, tuple(books), ends[0], ends[1], bins)
