"""The rows of a table in shards, as training reads them: windows of four shards, shuffled.

The shards of an epoch come in an order that is drawn, and the rows of a window in another. As a row
is in the shard of its hash, every window is a random part of the table, in whatever order the table
was. What an epoch is depends on the table, the seed and its number; memory decides how far is read
ahead.
(Xu et al. 2022, "In-database machine learning with CorgiPile", SIGMOD, for blocks that are not
random.)
"""

import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import generator
from thalweg.data.encoding.encoder import Encoder
from thalweg.data.encoding.lazy_encoded import MANY_BINS, Compact, Encoded
from thalweg.data.larger.counted_encoder import codes_of_rows
from thalweg.data.larger.row_records import Records
from thalweg.data.larger.shard_files import ShardedRows
from thalweg.data.larger.training_counts import TrainingCounts, inner_part
from thalweg.data.row_view import Numbers
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.target_outputs import Outputs
from thalweg.network.engine import Data
from thalweg.training.descent_inputs import RowWindow

Floats = NDArray[np.float64]

# The shards of a window: a constant, because the rows of a batch are those of one window.
TOGETHER = 4
# Encoded numbers of held-out rows that are in memory together.
_ENCODED = 1 << 22
# The most windows that are read ahead.
MOST_AHEAD = 4


@dataclass(frozen=True, eq=False)
class EncodedRows:
    """Records as inputs, targets and weights of a network.

    Attributes
    ----------
    shards : ShardedRows
    encoder : Encoder
    code_outputs : tuple of ndarray
        For each category with target codes, the outputs of levels for rows of each part.
    outputs : Classes or Values
    dtype : dtype
    """

    shards: ShardedRows
    encoder: Encoder
    code_outputs: tuple[Floats, ...]
    outputs: Outputs
    dtype: np.dtype[Any]

    def data(self, records: Records, *, training: bool) -> Data:
        """The rows as a network takes them; training rows have target codes of other parts."""
        matrix = self.shards.layout.matrix(records)
        parts = inner_part(records, matrix.shape[1]) if training and self.code_outputs else None
        codes = codes_of_rows(self.encoder, self.code_outputs, parts, len(records))
        made = Encoded(self.encoder, Numbers(matrix), self.dtype, codes)
        bins, y = self.encoder.bins, records["y"]
        # Steps are faster if the engine is told the bins.
        in_bins = bins.is_short and bins.n_outputs >= MANY_BINS * bins.n_columns
        inputs = Compact.of(made) if in_bins else made
        targets = self.outputs.targets(y)
        return Data.of(inputs, targets, records["weight"] * self.outputs.costs_of(y))


@dataclass(eq=False)
class ShardWindows:
    """The rows of a table in windows (`thalweg.training.descent_inputs.RowsInWindows`).

    Parameters
    ----------
    rows : EncodedRows
    counts : TrainingCounts
    ahead : int
        How many windows are read ahead, in a thread of its own.
    """

    rows: EncodedRows
    counts: TrainingCounts
    ahead: int = 0
    n_rows: int = field(init=False)
    n_held_out: int = field(init=False)
    weight: float = field(init=False)
    held_out_weight: float = field(init=False)

    def __post_init__(self) -> None:
        counts, outputs = self.counts, self.rows.outputs
        self.n_rows, self.n_held_out = sum(counts.n_training), sum(counts.n_held_out)
        self.weight, self.held_out_weight = counts.weight, counts.held_out_weight
        if isinstance(outputs, Classes):
            costs = outputs.costs_of(np.arange(len(outputs.labels), dtype=np.float64))
            self.weight = float(counts.target.of_classes @ costs)
            self.held_out_weight = float(counts.target.held_out @ costs)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="thalweg-windows")
        self._coming: deque[Future[RowWindow | None]] = deque()
        self._made: Iterator[RowWindow] = iter(())
        self._key: tuple[int, int, int] | None = None
        self._now: RowWindow | None = None

    def window(self, epoch: int, batch: int, batch_size: int, seed: int) -> RowWindow:
        """The window of a batch; an epoch is read again from its start for an earlier one."""
        key = epoch, batch_size, seed
        if key != self._key or (self._now is not None and batch < self._now.first):
            self._forget()
            self._made, self._key = self._windows(epoch, batch_size, seed), key
        while self._now is None or batch >= self._now.first + self._now.n_batches:
            self._now = None  # before the next one is made
            self._now = self._next()
        return self._now

    def _next(self) -> RowWindow:
        while len(self._coming) <= self.ahead:
            self._coming.append(self._begun())
        found = self._coming.popleft().result()
        if found is None:
            raise IndexError("an epoch has no further batch")
        return found

    def _begun(self) -> "Future[RowWindow | None]":
        """The next window, which another thread makes; in a browser, which has none, this one."""
        if sys.platform == "emscripten":
            made: Future[RowWindow | None] = Future()
            made.set_result(next(self._made, None))
            return made
        return self._pool.submit(next, self._made, None)

    def _windows(self, epoch: int, batch_size: int, seed: int) -> Iterator[RowWindow]:
        shards, held_out = self.rows.shards, self.counts.n_held_out
        order = generator(seed, "order in windows", epoch, 0).permutation(shards.n_shards)
        starts = range(0, len(order), TOGETHER)
        rest, first = np.empty(0, shards.layout.record), 0
        for number, start in enumerate(starts, 1):
            group = order[start : start + TOGETHER].tolist()
            records = np.concatenate([shards.read(each, held_out[each]) for each in group])
            drawn = generator(seed, "order in windows", epoch, number)
            records = records[drawn.permutation(len(records))]
            if len(rest):
                records = np.concatenate((rest, records))
            # The last rows wait for the next window, so that only an epoch's last batch is short.
            end = len(records) if number == len(starts) else len(records) // batch_size * batch_size
            rest = records[end:].copy()
            if end:
                n_batches = -(-end // batch_size)
                data = self.rows.data(records[:end], training=True)
                del records
                yield RowWindow(data, first, n_batches)
                first += n_batches

    def held_out(self) -> Iterator[Data]:
        """The held-out rows in parts, always the same."""
        self._forget()  # their memory is needed
        at_once = max(512, _ENCODED // max(1, self.rows.encoder.n_outputs))
        for records in self._held_out_records():
            for start in range(0, len(records), at_once):
                yield self.rows.data(records[start : start + at_once], training=False)

    def _held_out_records(self) -> Iterator[Records]:
        """They are the first rows of each shard; about as many together as a window has."""
        counts = self.counts.n_held_out
        most = max(1, TOGETHER * max(self.rows.shards.n_rows))
        group: list[int] = []
        for number, n in enumerate(counts):
            if group and sum(counts[each] for each in group) + n > most:
                yield self._first_rows(group)
                group = []
            group.append(number)
        yield self._first_rows(group)

    def _first_rows(self, group: list[int]) -> Records:
        shards, counts = self.rows.shards, self.counts.n_held_out
        return np.concatenate([shards.read(each, 0, counts[each]) for each in group])

    def _forget(self) -> None:
        """Drop the windows that are there or come."""
        for each in self._coming:
            each.cancel()
        for each in self._coming:
            with suppress(BaseException):
                each.result()
        self._coming.clear()
        self._key, self._now, self._made = None, None, iter(())

    def close(self) -> None:
        """Drop all windows, and end the thread."""
        self._forget()
        self._pool.shutdown(wait=True)
