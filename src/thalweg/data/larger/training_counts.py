"""What is counted exactly over all training rows of a table in shards, and which rows these are.

A row is held out if its hash is below a share of 2⁶⁴. So no list of rows is needed, and as a shard
is sorted by hash, its held-out rows are its first ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from thalweg.data.canonical_rows import input_hashes
from thalweg.data.encoding.levels import MOST_OUTPUTS
from thalweg.data.encoding.target_codes.inner_parts import PARTS, Parts
from thalweg.data.larger.row_records import Records
from thalweg.data.larger.shard_files import ShardedRows
from thalweg.errors import DataError
from thalweg.wording import parameter

Floats = NDArray[np.float64]

# Quantiles are those of so many training rows, which have the smallest hashes: a random sample
# that depends on the content alone. A quantile of it is wrong by 0.11 % of the ranks (one σ), a
# thirtieth of a bin of 32.
SAMPLE = 200_000


@dataclass(frozen=True, eq=False)
class TargetCounts:
    """The target of the training rows.

    Attributes
    ----------
    of_classes, held_out : ndarray of float64, shape (n_classes,)
        How many rows each class has, and how many held-out rows; empty for a number.
    mean, deviation, low, high : float
        Of a number.
    """

    of_classes: Floats
    held_out: Floats
    mean: float = 0.0
    deviation: float = 0.0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, eq=False)
class TrainingCounts:
    """What is counted over the training rows. Weights are numbers of equal rows.

    Attributes
    ----------
    n_held_out : tuple of int
        The held-out rows of each shard, which are its first ones.
    n_training : tuple of int
        Its other rows.
    weight, held_out_weight : float
        How many rows of the table the training rows, and the held-out rows, stand for.
    low, high : ndarray of float64, shape (n_features,)
        The smallest and the largest value of each column; NaN if all are missing.
    has_missing : ndarray of bool, shape (n_features,)
    levels : dict of int to ndarray of float64, shape (n_levels + 1,)
        The rows of each level, by the column.
    coded : dict of int to ndarray of float64, shape (n_levels + 1, 5, n_sums)
        Of columns with many levels, for each level and inner part: the rows of each class; or the
        number of rows, and the sum and the sum of squares of the target's distance from ``origin``.
    target : TargetCounts
    origin : float
    last : int
        The hash of the last row of the sample of training rows.
    """

    n_held_out: tuple[int, ...]
    n_training: tuple[int, ...]
    weight: float
    held_out_weight: float
    low: Floats
    high: Floats
    has_missing: NDArray[np.bool_]
    levels: dict[int, Floats]
    coded: dict[int, Floats]
    target: TargetCounts
    origin: float
    last: int


def inner_part(records: Records, n_features: int) -> Parts:
    """The inner part of each row: by the hash of its inputs, so equal inputs are in one part."""
    hashes = input_hashes(records["hash"], records["y"], n_features)
    return np.asarray((hashes >> np.uint64(32)) % np.uint64(PARTS), np.intp)


@dataclass(eq=False)
class _Counting:
    """The counts so far."""

    n_levels: Sequence[int]
    n_classes: int
    low: Floats = field(init=False)
    high: Floats = field(init=False)
    has_missing: NDArray[np.bool_] = field(init=False)
    levels: dict[int, Floats] = field(init=False)
    coded: dict[int, Floats] = field(init=False)
    weight: float = 0.0
    sums: Floats = field(init=False)
    held_out: Floats = field(init=False)
    ends: list[float] = field(default_factory=lambda: [np.inf, -np.inf])
    origin: float | None = None
    smallest: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))

    def __post_init__(self) -> None:
        n = len(self.n_levels)
        self.low, self.high = np.full(n, np.nan), np.full(n, np.nan)
        self.has_missing = np.zeros(n, np.bool_)
        many = {j: k for j, k in enumerate(self.n_levels) if k > 0}
        self.levels = {j: np.zeros(k + 1) for j, k in many.items()}
        width = self.n_classes or 3
        self.coded = {
            j: np.zeros((k + 1, PARTS, width)) for j, k in many.items() if k > MOST_OUTPUTS
        }
        self.sums, self.held_out = np.zeros(self.n_classes or 3), np.zeros(self.n_classes)

    def see(self, matrix: Floats, records: Records) -> None:
        """Count some training rows."""
        y, weights = records["y"], records["weight"]
        if self.origin is None and len(y):
            self.origin = 0.0 if self.n_classes else float(np.average(y, weights=weights))
        self.weight += float(weights.sum())
        parts = inner_part(records, matrix.shape[1]) if self.coded else None
        missing = np.isnan(matrix)
        self.has_missing |= missing.any(axis=0)
        self.low = np.fmin(self.low, np.fmin.reduce(matrix, axis=0, initial=np.nan))
        self.high = np.fmax(self.high, np.fmax.reduce(matrix, axis=0, initial=np.nan))
        each = self._of_each_row(y, weights)
        for j, counts in self.levels.items():
            there = ~missing[:, j]
            places = matrix[there, j].astype(np.intp)
            counts += np.bincount(places, weights[there], len(counts))
            if j in self.coded and parts is not None:
                at = places * PARTS + parts[there]
                for k, values in enumerate(each):
                    size = len(counts) * PARTS
                    found = np.bincount(at, values[there], size).reshape(-1, PARTS)
                    self.coded[j][:, :, k] += found
        self.sums += [values.sum() for values in each]
        if len(y):
            self.ends = [min(self.ends[0], y.min()), max(self.ends[1], y.max())]
        self.smallest = np.concatenate((self.smallest, records["hash"][:SAMPLE]))
        if len(self.smallest) > SAMPLE:
            self.smallest = np.partition(self.smallest, SAMPLE - 1)[:SAMPLE]

    def _of_each_row(self, y: Floats, weights: Floats) -> list[Floats]:
        """What is summed: the rows of each class; or rows, distances and squares of distances."""
        if self.n_classes:
            return [weights * (y == k) for k in range(self.n_classes)]
        distance = y - (self.origin or 0.0)
        return [weights, weights * distance, weights * distance**2]

    def see_held_out(self, records: Records) -> float:
        """Count some held-out rows; how many rows of the table they stand for."""
        weights = records["weight"]
        if self.n_classes:
            self.held_out += np.bincount(records["y"].astype(np.intp), weights, self.n_classes)
        return float(weights.sum())

    def target(self) -> TargetCounts:
        """The target of the rows seen."""
        if self.n_classes:
            return TargetCounts(self.sums, self.held_out)
        n, first, second = self.sums.tolist()
        mean = first / n
        variance = max(0.0, second / n - mean**2)
        low, high = self.ends
        none = np.empty(0)
        return TargetCounts(
            none, none, (self.origin or 0.0) + mean, float(np.sqrt(variance)), low, high
        )


def count_rows(
    shards: ShardedRows, n_levels: Sequence[int], n_classes: int, share: float, most: int
) -> TrainingCounts:
    """Count the training rows of a table, and check the seals of its shards.

    Parameters
    ----------
    shards : ShardedRows
    n_levels : sequence of int, length n_features
        How many levels each column has, 0 if it is not a category.
    n_classes : int
        0 for a number.
    share : float
        Of the rows that are held out.
    most : int
        The bytes that the counts of levels may take.

    Raises
    ------
    DataError
        A shard is damaged, or there are too many levels.
    """
    width = n_classes or 3
    size = 8 * sum((k + 1) * (3 * PARTS * width if k > MOST_OUTPUTS else 1) for k in n_levels if k)
    if size > most:
        raise DataError(
            f"The counts of {sum(n_levels):,} levels do not fit into {most:,} bytes",
            why="A quarter of the memory that is allowed may be taken by them",
            fix=f"allow more memory ({parameter('max_memory')}), or leave out the column with the "
            "most levels",
        )
    counting = _Counting(n_levels, n_classes)
    cut = np.uint64(min(share * 2.0**64, 2.0**64 - 2049))
    n_held_out, n_training, held_out_weight = [], [], 0.0
    for _, records in shards.checked():
        first = int(np.searchsorted(records["hash"], cut))
        n_held_out.append(first)
        n_training.append(len(records) - first)
        held_out_weight += counting.see_held_out(records[:first])
        training = records[first:]
        counting.see(shards.layout.matrix(training), training)
    return TrainingCounts(
        tuple(n_held_out), tuple(n_training), counting.weight, held_out_weight,
        counting.low, counting.high, counting.has_missing, counting.levels, counting.coded,
        counting.target(), counting.origin or 0.0, int(counting.smallest.max(initial=0)),
    )  # fmt: skip
