"""The first pass: rows as records in one file, in pieces that are sorted by shard."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thalweg.data.larger.row_records import Layout, Records, merged
from thalweg.errors import DataError
from thalweg.files import open_file, written_atomically

_MAGIC = b"thalweg rows 1\0\0"
_COUNT = 8
# The first rows of a piece that say whether it has many equal ones.
_LOOKED_AT = 4096


def write_spill(path: Path, layout: Layout, parts: Iterable[Records], most: int) -> None:
    """Write records to a file, completely or not at all.

    Parameters
    ----------
    path : Path
    layout : Layout
    parts : iterable of ndarray
    most : int
        The bytes that are held before they are sorted and written; no row depends on it.
    """
    index: list[NDArray[np.int64]] = []
    with written_atomically(path, overwrite=True, synced=False, follow=False) as write:
        for piece in _pieces(parts, most):
            records = merged(piece) if _has_many_equal(piece) else piece
            shards = layout.shard_of(records)
            order = np.argsort(shards, kind="stable")
            index.append(np.bincount(shards, minlength=layout.n_shards).astype("<i8"))
            write(_bytes_of(records[order]))
        write(_bytes_of(np.array(index, "<i8").reshape(len(index), layout.n_shards)))
        write(len(index).to_bytes(_COUNT, "little") + _MAGIC)


def _pieces(parts: Iterable[Records], most: int) -> Iterator[Records]:
    held: list[Records] = []
    size = 0
    for records in parts:
        held.append(records)
        size += records.nbytes
        if size >= most:
            yield np.concatenate(held)
            held, size = [], 0
    if held:
        yield np.concatenate(held)


def _has_many_equal(records: Records) -> bool:
    """Whether many rows are equal, by the first of them.

    All equal rows are in one shard, which then would not fit into the memory.
    """
    some = records["hash"][:_LOOKED_AT]
    return 2 * len(np.unique(some)) <= len(some)


def _bytes_of(array: np.ndarray) -> memoryview:
    return np.ascontiguousarray(array).view(np.uint8).reshape(-1).data


class SpilledRows:
    """What `write_spill` has written, a shard at a time.

    Parameters
    ----------
    path : Path
    layout : Layout

    Raises
    ------
    DataError
        The file is damaged.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self._path, self._layout = path, layout
        size = os.path.getsize(path)
        tail = _COUNT + len(_MAGIC)
        try:
            opened = open_file(path)
        except OSError as error:
            raise self._damaged() from error
        with opened as file:
            file.seek(max(0, size - tail))
            end = file.read()
            n_pieces = int.from_bytes(end[:_COUNT], "little")
            length = 8 * layout.n_shards * n_pieces
            if end[_COUNT:] != _MAGIC or length > size - tail:
                raise self._damaged()
            file.seek(size - tail - length)
            index = np.frombuffer(file.read(length), "<i8").reshape(n_pieces, layout.n_shards)
        self._counts = index
        ends = np.cumsum(index.ravel()).reshape(index.shape) if index.size else index
        self._starts = ends - index
        if index.min(initial=0) < 0 or int(index.sum()) * layout.record.itemsize != (
            size - tail - length
        ):
            raise self._damaged()

    def shard(self, number: int) -> Records:
        """The records of a shard, in the order of the source."""
        itemsize = self._layout.record.itemsize
        counts, starts = self._counts[:, number], self._starts[:, number]
        found = np.empty(int(counts.sum()), self._layout.record)
        target, at = found.view(np.uint8).reshape(-1).data, 0
        with open_file(self._path, buffering=0) as file:
            for count, start in zip(counts.tolist(), starts.tolist(), strict=True):
                file.seek(start * itemsize)
                at += read_into(file, target[at : at + count * itemsize], self._path)
        return found

    def _damaged(self) -> DataError:
        return damaged_cache(self._path)


def read_into(file: object, target: memoryview, path: Path) -> int:
    """Fill the memory from a file; a DataError if it ends before."""
    done = 0
    while done < len(target):
        n = file.readinto(target[done:])  # type: ignore[attr-defined]
        if not n:
            raise damaged_cache(path)
        done += n
    return done


def damaged_cache(path: Path) -> DataError:
    """The error for a file of a cache that is not as it was written."""
    return DataError(
        "A file of the cache is damaged or absent",
        where=str(path),
        why="The cache holds the rows of the table, and cannot do without one of its files",
        fix=f"remove the folder {path.parent}, and fit again",
    )
