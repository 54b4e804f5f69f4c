"""The second pass: a file for each shard, with its rows merged, sorted by hash, and sealed."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from thalweg.data.canonical_rows import content_hashes
from thalweg.data.larger.row_records import Layout, Records, merged
from thalweg.data.larger.spilled_rows import SpilledRows, damaged_cache, read_into
from thalweg.files import open_file, written_atomically

_SEAL = 32


def shard_name(number: int) -> str:
    """The name of the file of a shard."""
    return f"shard-{number:04d}"


class WrittenShard(NamedTuple):
    """A shard that is written.

    Attributes
    ----------
    n_rows : int
        Its different rows.
    n_equal : int
        The rows of the table that they stand for.
    seal : str
        The hash of its bytes.
    """

    n_rows: int
    n_equal: int
    seal: str

    @classmethod
    def of(cls, rows: Records, seal: str) -> "WrittenShard":
        """That of these rows."""
        return cls(len(rows), int(rows["weight"].sum()), seal)


def write_shard(folder: Path, layout: Layout, spilled: SpilledRows, number: int) -> WrittenShard:
    """Write a shard, completely or not at all, if it is not there from before."""
    path = folder / shard_name(number)
    known = _known(path, layout)
    if known is not None:
        return known
    found = spilled.shard(number)
    matrix = layout.matrix(found)
    # The bytes of the first pass have not been read since they were written.
    sound = np.array_equal(content_hashes(matrix, found["y"]), found["hash"])
    weights = found["weight"]  # whose sum is checked at the end
    whole = (weights >= 1.0) & (weights < 2.0**53) & (weights == np.floor(weights))
    if not (sound and whole.all()):
        raise damaged_cache(path.parent / "rows")
    del matrix
    rows = merged(found)
    data = rows.tobytes()
    seal = hashlib.sha256(data)
    with written_atomically(path, overwrite=True, synced=False, follow=False) as write:
        write(data)
        write(seal.digest())
    return WrittenShard.of(rows, seal.hexdigest())


def _known(path: Path, layout: Layout) -> WrittenShard | None:
    """What a finished shard has; None if there is none, or it is not whole."""
    try:
        with open_file(path) as file:
            data = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise damaged_cache(path) from error
    seal = hashlib.sha256(data[:-_SEAL])
    if seal.digest() != data[-_SEAL:] or (len(data) - _SEAL) % layout.record.itemsize:
        return None
    return WrittenShard.of(np.frombuffer(data[:-_SEAL], layout.record), seal.hexdigest())


@dataclass(frozen=True, eq=False)
class ShardedRows:
    """The canonical rows of a table, in the files of its shards.

    Attributes
    ----------
    folder : Path
    layout : Layout
    n_rows : tuple of int
        Of each shard.
    seals : tuple of str
        The SHA-256 of each shard, 64 hexadecimal digits.
    """

    folder: Path
    layout: Layout
    n_rows: tuple[int, ...]
    seals: tuple[str, ...]

    @property
    def n_shards(self) -> int:
        """The number of shards."""
        return len(self.n_rows)

    def read(self, number: int, start: int = 0, stop: int | None = None) -> Records:
        """Rows of a shard, in the order of their hashes.

        Raises
        ------
        DataError
            The file is absent, or shorter than it was.
        """
        path, itemsize = self.folder / shard_name(number), self.layout.record.itemsize
        stop = self.n_rows[number] if stop is None else stop
        found = np.empty(stop - start, self.layout.record)
        try:
            with open_file(path, buffering=0) as file:
                if os.fstat(file.fileno()).st_size != self.n_rows[number] * itemsize + _SEAL:
                    raise damaged_cache(path)
                file.seek(start * itemsize)
                read_into(file, found.view(np.uint8).reshape(-1).data, path)
        except OSError as error:
            raise damaged_cache(path) from error
        return found

    def checked(self) -> Iterator[tuple[int, Records]]:
        """All shards in order, each with its number; a DataError if one has other bytes."""
        for number, seal in enumerate(self.seals):
            records = self.read(number)
            if hashlib.sha256(records.view(np.uint8).data).hexdigest() != seal:
                raise damaged_cache(self.folder / shard_name(number))
            yield number, records
