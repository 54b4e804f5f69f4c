"""Rows as records of a fixed width: the bits of their numbers, in a file and in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.canonical_rows import content_hashes

Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]
Records = NDArray[np.void]

# A shard has about so many bytes, and a table at most so many shards. They depend on the table
# alone: then its rows are in the same windows, whatever the memory is.
OF_A_SHARD, MOST_SHARDS = 1 << 21, 1 << 12


@dataclass(frozen=True)
class Layout:
    """How rows are written as records.

    Attributes
    ----------
    small : tuple of bool
        Whether float32 holds each column exactly: then it has four bytes, else eight.
    n_shards : int
        A power of two; a row is in the shard of its hash modulo this number.
    """

    small: tuple[bool, ...]
    n_shards: int

    @classmethod
    def of(cls, small: Sequence[bool], n_rows: int) -> "Layout":
        """The layout of a table of so many rows."""
        one = cls(tuple(small), 1)
        shards = 1
        while shards < MOST_SHARDS and shards * OF_A_SHARD < n_rows * one.record.itemsize:
            shards *= 2
        return cls(tuple(small), shards)

    @cached_property
    def _narrow(self) -> NDArray[np.intp]:
        return np.flatnonzero(np.array(self.small, np.bool_))

    @cached_property
    def _wide(self) -> NDArray[np.intp]:
        return np.flatnonzero(~np.array(self.small, np.bool_))

    @cached_property
    def record(self) -> np.dtype[Any]:
        """A row: its hash, how many rows it stands for, its target and its columns."""
        return np.dtype(
            [
                ("hash", "<u8"), ("weight", "<f8"), ("y", "<f8"),
                ("wide", "<f8", (len(self._wide),)), ("narrow", "<f4", (len(self._narrow),)),
            ]
        )  # fmt: skip

    def records(self, matrix: Floats, y: Floats) -> Records:
        """Rows as records, each of which stands for one row.

        Parameters
        ----------
        matrix : ndarray of float64, shape (n_rows, n_features)
        y : ndarray of float64, shape (n_rows,)
        """
        matrix = matrix + 0.0  # one zero
        matrix[np.isnan(matrix)] = np.nan  # one NaN
        y = y + 0.0
        found = np.empty(len(y), self.record)
        found["hash"] = content_hashes(matrix, y)
        found["weight"], found["y"] = 1.0, y
        found["wide"], found["narrow"] = matrix[:, self._wide], matrix[:, self._narrow]
        return found

    def matrix(self, records: Records) -> Floats:
        """The columns of records, shape (n_rows, n_features)."""
        found = np.empty((len(records), len(self.small)))
        found[:, self._wide] = records["wide"]
        found[:, self._narrow] = records["narrow"]
        return found

    def column(self, records: Records, place: int) -> Floats:
        """One column of records, shape (n_rows,)."""
        own, name = (self._narrow, "narrow") if self.small[place] else (self._wide, "wide")
        column: Floats = records[name][:, int(np.searchsorted(own, place))].astype(np.float64)
        return column

    def shard_of(self, records: Records) -> NDArray[np.intp]:
        """The shard of each row."""
        return np.asarray(records["hash"] % np.uint64(self.n_shards), np.intp)


def merged(records: Records) -> Records:
    """Records sorted by their hash, in which equal rows are one that stands for all of them."""
    order = np.argsort(records["hash"], kind="stable")
    records = records[order]
    first, has_collision = _firsts(records)
    if has_collision:  # about once in 37 million tables of a million rows
        contents = _contents(records)
        places = sorted(
            range(len(records)), key=lambda k: (records["hash"][k], contents[k].tobytes())
        )
        records = records[places]
        first, _ = _firsts(records)
    starts = np.flatnonzero(first)
    weights = np.add.reduceat(records["weight"], starts) if len(starts) else np.empty(0)
    found = records[starts]
    found["weight"] = weights
    return found


def _contents(records: Records) -> NDArray[np.uint8]:
    """The bytes of target and columns of each record."""
    whole = records.view(np.uint8).reshape(len(records), records.dtype.itemsize)
    return whole[:, 16:]


def _firsts(records: Records) -> tuple[NDArray[np.bool_], bool]:
    """Whether each row differs from the row before, and whether any such pair has equal hashes."""
    hashes = records["hash"]
    first = np.ones(len(records), np.bool_)
    first[1:] = hashes[1:] != hashes[:-1]
    alike = np.flatnonzero(~first)
    contents = _contents(records)
    differ = (contents[alike] != contents[alike - 1]).any(axis=1)
    first[alike[differ]] = True
    return first, bool(differ.any())
