"""Several encoders over the same few rows, in one pass: what a single row has to be quick for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.bins import from_median
from thalweg.data.encoding.encoder import Encoder
from thalweg.data.encoding.scaling import FAR, bend, held

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Panel:
    """Encoders side by side; what each makes of a column may be another number of outputs.

    Outputs of one kind are computed for all encoders at once, then put in order. Of each kind the
    arrays have an element an output, those of the first encoder in front.

    Parameters
    ----------
    column : ndarray of int
        The column of each number, then that of each bin.
    n_numbers : int
    median, start, per_unit, least, most : ndarray of float64
        Of the same: what a missing one counts as, and what `thalweg.data.encoding.scaling.held`
        wants.
    bin_shift, bin_scale : ndarray of float64
        Of each bin, as `thalweg.data.encoding.bins.from_median` wants them.
    text : ndarray of float64
        What all levels of all categories become.
    level_column, first, step : ndarray of int
        Of each output of a category: its column, where in ``text`` that of level 0 stands, and
        how far it is to the next level.
    of_missing : ndarray of float64
        Of the same: the level that a missing one counts as.
    indicator : ndarray of int
        The column of an indicator.
    order : ndarray of int, shape (n_outputs,)
        Where each output of each encoder stands among the outputs by kind.
    """

    column: Places
    n_numbers: int
    median: Floats
    start: Floats
    per_unit: Floats
    least: Floats
    most: Floats
    bin_shift: Floats
    bin_scale: Floats
    text: Floats
    level_column: Places
    first: Places
    step: Places
    of_missing: Floats
    indicator: Places
    order: Places

    def encode(self, X: NDArray[np.floating], dtype: Any = np.float64) -> NDArray[Any]:
        """Encode a few rows.

        Parameters
        ----------
        X : ndarray of float, shape (n_samples, n_features)
        dtype : {float64, float32}

        Returns
        -------
        ndarray of ``dtype``, shape (n_samples, n_outputs of all encoders)
            Side by side, bit for bit, what each of the encoders gives.
        """
        X = X.astype(np.float64, copy=False)
        missing = np.isnan(X)
        whole = not np.count_nonzero(missing)
        parts = []
        if len(self.column):
            values = X.take(self.column, 1)
            if not whole:
                np.copyto(values, self.median, where=missing.take(self.column, 1))
            found = held(values, self.start, self.per_unit, self.least, self.most)
            bend(found[:, : self.n_numbers])
            from_median(found[:, self.n_numbers :], self.bin_shift, self.bin_scale)
            parts.append(found)
        if len(self.level_column):
            levels = X.take(self.level_column, 1)
            if not whole:
                np.copyto(levels, self.of_missing, where=missing.take(self.level_column, 1))
            places = levels.astype(np.intp)
            places *= self.step
            places += self.first
            parts.append(self.text.take(places))
        if len(self.indicator):
            parts.append(missing.take(self.indicator, 1))
        return np.concatenate(parts, axis=1, dtype=dtype).take(self.order, 1)


def panel_of(encoders: Sequence[Encoder]) -> Panel:
    """These encoders as a panel."""
    numbers = [np.flatnonzero(np.array(each.n_levels) == 0) for each in encoders]
    bins = [each.bins for each in encoders]
    columns, twice = [*numbers, *(own.feature for own in bins)], [*encoders, *encoders]
    centers = [each.center[own] for each, own in zip(encoders, numbers, strict=True)]
    scales = [each.scale[own] for each, own in zip(encoders, numbers, strict=True)]
    n_numbers, n_bins = sum(map(len, numbers)), sum(map(len, bins))
    books = [book for each in encoders for book in each.books]
    begins = np.cumsum([0, *(book.outputs.size for book in books)])
    indicators = [np.flatnonzero(each.indicator) for each in encoders]
    return Panel(
        column=_places(columns),
        n_numbers=n_numbers,
        median=_joined(each.center[own] for each, own in zip(twice, columns, strict=True)),
        start=_joined([*centers, *(own.low for own in bins)]),
        per_unit=_joined([*(scale / 3.0 for scale in scales), *(own.per_unit for own in bins)]),
        least=_joined([np.full(n_numbers, -FAR), np.zeros(n_bins)]),
        most=_joined([np.full(n_numbers, FAR), np.ones(n_bins)]),
        bin_shift=_joined(each.bins.shift(each.center) for each in encoders),
        bin_scale=_joined(np.full(len(own), own.scale) for own in bins),
        text=_joined(book.outputs.ravel() for book in books),
        level_column=_places([np.full(book.n_outputs, book.feature) for book in books]),
        first=_places(
            [
                begin + np.arange(book.n_outputs)
                for begin, book in zip(begins[:-1].tolist(), books, strict=True)
            ]
        ),
        step=_places([np.full(book.n_outputs, book.n_outputs) for book in books]),
        of_missing=_joined(np.full(book.n_outputs, float(book.of_missing)) for book in books),
        indicator=_places(indicators),
        order=_order(
            [
                (len(own), len(each.bins), sum(book.n_outputs for book in each.books), len(marked))
                for each, own, marked in zip(encoders, numbers, indicators, strict=True)
            ]
        ),
    )


def _order(widths: Sequence[tuple[int, ...]]) -> Places:
    """From outputs by kind to outputs by encoder; ``widths`` has as many of each kind."""
    sizes = np.array(widths).T
    ends = np.cumsum(sizes.ravel()).reshape(sizes.shape)
    stretches = zip((ends - sizes).T.ravel().tolist(), ends.T.ravel().tolist(), strict=True)
    return _places([np.arange(begin, end) for begin, end in stretches])


def _joined(parts: Iterable[Floats]) -> Floats:
    return np.concatenate([np.empty(0), *parts])


def _places(parts: Sequence[NDArray[np.integer]]) -> Places:
    return np.concatenate([np.empty(0, np.intp), *parts]).astype(np.intp)
