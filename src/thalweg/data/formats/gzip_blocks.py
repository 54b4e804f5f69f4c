"""The bytes of a file in blocks, unpacked if gzip packed them, and looked over where it matters."""

import io
import zlib
from collections.abc import Iterator

import numpy as np

from thalweg.data.formats.budget import Budget, text_memory
from thalweg.data.formats.text_encoding import LONGEST_LINE
from thalweg.errors import DataError

# A block, in bytes, and how much of an archive is fed at a time.
BLOCK = 1 << 20
_FED = 1 << 14
# A block that comes from less than this share of its bytes is so repetitive that what is behind
# it is looked over before it is read.
_TIGHT = 100
_SEPARATORS = b",;\t|"
_NOTHING = b' \r\n\0"'


def raw_blocks(data: bytes, budget: Budget) -> Iterator[bytes]:
    """The bytes of a file, a block at a time."""
    for start in range(0, len(data), BLOCK):
        budget.share = min(start + BLOCK, len(data)) / len(data)
        yield data[start : start + BLOCK]


class Archive:
    """A gzip archive.

    Parameters
    ----------
    data : bytes
    budget : Budget
    """

    def __init__(self, data: bytes, budget: Budget) -> None:
        self._data, self._budget = data, budget
        self._looked_over = False

    def text_blocks(self) -> Iterator[bytes]:
        """What it holds, a block at a time, if it is a text.

        Raises
        ------
        DataError
            If it is damaged; or if the rest of it, looked over from the first tight block on,
            would take too much, or says nothing.
        """
        unpacking = _Unpacking(self._data, self._budget.name)
        for block, n_packed in unpacking:
            self._budget.share = unpacking.share
            yield block
            if not self._looked_over and len(block) > _TIGHT * n_packed:
                self._looked_over = True
                self._look_over(unpacking.copy())

    def whole(self) -> bytes:
        """All that it holds."""
        file = io.BytesIO()  # which does not copy at the end
        for block, _ in _Unpacking(self._data, self._budget.name):
            self._budget.unpack(len(block))
            file.write(block)
        return file.getvalue()

    def beginning(self) -> bytes:
        """The first block of what it holds."""
        return next((block for block, _ in _Unpacking(self._data, self._budget.name)), b"")

    def _look_over(self, rest: "_Unpacking") -> None:
        """Count what is still to come, without keeping it."""
        n_bytes = n_cells = since_break = 0
        for block, _ in rest:
            marks = np.frombuffer(block, dtype=np.uint8)
            self._budget.share = rest.share
            n_marks = max(_count(marks, mark) for mark in _SEPARATORS)
            n_breaks = _count(marks, ord("\n")) or _count(marks, ord("\r"))
            since_break = 0 if n_breaks else since_break + len(block)
            if since_break > LONGEST_LINE:  # who reads it will refuse it
                return
            n_bytes += len(block)
            n_cells += n_marks + n_breaks
            n_empty = n_marks + sum(_count(marks, mark) for mark in _NOTHING)
            if 32 * (len(block) - n_empty) < len(block):
                self._budget.hollow(len(block))
            self._budget.require(
                text_memory(n_bytes, n_cells), f"{n_cells:,} cells or more, {n_bytes:,} bytes"
            )


def _count(marks: np.ndarray, mark: int) -> int:
    return int(np.count_nonzero(marks == mark))


class _Unpacking:
    """The blocks of an archive, each with the number of packed bytes that it came from."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name = data, name
        self._at = 0  # in the data
        self._fed = b""  # and not unpacked yet
        self._stream = zlib.decompressobj(31)

    @property
    def share(self) -> float:
        """How much of the data has been unpacked."""
        return (self._at - len(self._fed)) / len(self._data)

    def copy(self) -> "_Unpacking":
        """The same archive at the same place, to go on from there on its own."""
        other = _Unpacking(self._data, self._name)
        other._at, other._fed, other._stream = self._at, self._fed, self._stream.copy()
        return other

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        start = self._at - len(self._fed)
        parts: list[bytes] = []
        room = BLOCK
        try:
            while (part := self._next(room)) is not None:
                parts.append(part)
                room -= len(part)
                if not room:
                    now = self._at - len(self._fed)
                    yield b"".join(parts), now - start
                    start, parts, room = now, [], BLOCK
        except (zlib.error, EOFError) as error:
            raise DataError(
                f"The gzip archive cannot be unpacked: {error}",
                where=self._name,
                why="It is damaged, or was cut short",
                fix="fetch or pack the file again",
            ) from error
        if room < BLOCK:
            yield b"".join(parts), max(self._at - start, 1)

    def _next(self, most: int) -> bytes | None:
        """Some bytes more, perhaps none; None at the end of the last archive."""
        if self._stream.eof:
            self._fed = self._stream.unused_data.lstrip(b"\0")
            while not self._fed and self._at < len(self._data):  # zeros may fill it up
                self._feed()
                self._fed = self._fed.lstrip(b"\0")
            if not self._fed:
                return None
            self._stream = zlib.decompressobj(31)
        elif not self._fed:
            self._feed()
        was_fed = bool(self._fed)
        part = self._stream.decompress(self._fed, most)
        self._fed = self._stream.unconsumed_tail
        if not (part or was_fed or self._stream.eof):
            raise EOFError("it ends in the middle")
        return part

    def _feed(self) -> None:
        self._fed = self._data[self._at : self._at + _FED]
        self._at += len(self._fed)
