"""The encoder of a table in shards: exact counts, and quantiles of a sample of its training rows.

The parts of the encoder are fitted by their own rules (`thalweg.data.encoding`). They see a number
by the sample, with the ends of all rows; and a category by one row for each level, inner part and
class, which stands for as many rows as were counted.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.encoder import Encoder, encoder_of
from thalweg.data.encoding.encoder_part import FitColumn
from thalweg.data.encoding.piecewise_linear import Cut
from thalweg.data.encoding.target_codes.coded_levels import TrainingCodes, outputs_of_parts
from thalweg.data.encoding.target_codes.inner_parts import PARTS
from thalweg.data.encoding.target_codes.level_codes import CodeTarget
from thalweg.data.larger.row_records import Records
from thalweg.data.larger.shard_files import ShardedRows
from thalweg.data.larger.training_counts import TrainingCounts

Floats = NDArray[np.float64]

# The targets of a network from values of the target of the table, shape (n_rows, 1).
Targets = Callable[[Floats], Floats]


class CountedColumns:
    """The columns of a table as an encoder is fitted on them.

    Parameters
    ----------
    shards : ShardedRows
    counts : TrainingCounts
    n_levels : sequence of int, length n_features
    targets : callable
        Of a number; not called for classes.
    most : int
        The bytes that columns of the sample may take which are read together.
    """

    def __init__(
        self,
        shards: ShardedRows,
        counts: TrainingCounts,
        n_levels: Sequence[int],
        targets: Targets,
        most: int,
    ) -> None:
        self._shards, self._counts, self._n_levels = shards, counts, n_levels
        self._targets, self._most = targets, most

    def sample(self) -> Iterator[Records]:
        """The sample of the training rows, a shard at a time."""
        counts = self._counts
        for number, (first, n) in enumerate(zip(counts.n_held_out, counts.n_training, strict=True)):
            records = self._shards.read(number, first, first + n)
            end = int(np.searchsorted(records["hash"], np.uint64(counts.last), side="right"))
            yield records[:end]

    def each(self) -> Iterator[FitColumn]:
        """All columns in order."""
        numbers = [j for j, n in enumerate(self._n_levels) if not n]
        held: dict[int, Floats] = {}
        weights = np.concatenate([records["weight"].copy() for records in self.sample()])
        together = max(1, self._most // max(1, 8 * len(weights)))
        for j, n_levels in enumerate(self._n_levels):
            if n_levels:
                yield self._category(j, n_levels)
                continue
            if j not in held:
                place = numbers.index(j)
                held = self._read(numbers[place : place + together])
            yield self._number(j, held.pop(j), weights)

    def _read(self, places: list[int]) -> dict[int, Floats]:
        parts: list[list[Floats]] = [[] for _ in places]
        for records in self.sample():
            for part, place in zip(parts, places, strict=True):
                part.append(self._shards.layout.column(records, place))
        return {place: np.concatenate(part) for place, part in zip(places, parts, strict=True)}

    def _number(self, place: int, values: Floats, weights: Floats) -> FitColumn:
        counts, there = self._counts, ~np.isnan(values)
        ends = float(counts.low[place]), float(counts.high[place])
        return FitColumn(
            place, values[there], weights[there], 0, bool(counts.has_missing[place]),
            known_ends=ends,
        )  # fmt: skip

    def _category(self, place: int, n_levels: int) -> FitColumn:
        has_missing = bool(self._counts.has_missing[place])
        if place not in self._counts.coded:
            rows = self._counts.levels[place]
            seen = np.flatnonzero(rows)
            return FitColumn(place, seen.astype(np.float64), rows[seen], n_levels, has_missing)
        levels, weights, target = self.code_rows(place)
        return FitColumn(place, levels, weights, n_levels, has_missing, target=target)

    def code_rows(self, place: int) -> tuple[Floats, Floats, CodeTarget]:
        """Rows that stand for all training rows of a category with many levels.

        Of classes, one for each level, inner part and class. Of a number two for each level and
        part, at the mean plus and minus the standard deviation: they have the number, the sum and
        the sum of squares of all, which is what codes are computed from.

        Returns
        -------
        levels, weights : ndarray of float64, shape (n_rows,)
        target : CodeTarget
        """
        sums, counts = self._counts.coded[place], self._counts
        n_classes = len(counts.target.of_classes)
        if n_classes:
            level, part, code = np.nonzero(sums)
            weights = sums[level, part, code]
            values = np.asarray(code[:, None] == np.arange(n_classes), np.float64)
        else:
            level, part = np.nonzero(sums[:, :, 0])
            n, first, second = sums[level, part].T
            mean = first / n
            deviation = np.sqrt(np.maximum(0.0, second / n - mean**2))
            level, part, weights = np.tile(level, 2), np.tile(part, 2), np.tile(n / 2, 2)
            both = np.concatenate((mean - deviation, mean + deviation))
            values = self._targets(both + counts.origin)
        unit = counts.weight / sum(counts.n_training)
        target = CodeTarget(values, weights / unit, np.asarray(part, np.intp), n_classes > 0)
        return level.astype(np.float64), weights, target

    def encoder(self, cut: Cut) -> Encoder:
        """The encoder of these columns."""
        return encoder_of(self.each(), cut)

    def training_codes(self, encoder: Encoder) -> tuple[Floats, ...]:
        """For each category with target codes, the outputs of levels for rows of each part."""
        return tuple(
            outputs_of_parts(each, levels, target)
            for each in encoder.codes.categories
            for levels, _, target in [self.code_rows(each.feature)]
        )


def codes_of_rows(
    encoder: Encoder, outputs: tuple[Floats, ...], parts: NDArray[np.intp] | None, n_rows: int
) -> TrainingCodes | None:
    """The target codes of some rows; None if there are none.

    ``parts`` are the inner parts of training rows; None: rows that are held out.
    """
    if not encoder.codes.n_outputs:
        return None
    own = np.full(n_rows, PARTS) if parts is None else parts
    return TrainingCodes(encoder.codes, own, outputs)
