"""Read the bytes of a file in blocks; decompress gzip safely, also gzip bombs."""

import io
import zlib
from collections.abc import Iterator

import numpy as np

from thalweg.data.formats.budget import Budget, text_memory
from thalweg.data.formats.text_encoding import LONGEST_LINE
from thalweg.errors import DataError

# The bytes of a block, and the compressed bytes that are decompressed at a time.
BLOCK = 1 << 20
_FED = 1 << 14
# If a block is more than this many times as large as its compressed bytes, the rest of the file is
# scanned before it is read.
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
        """Its content, a block at a time, if it is a text.

        Raises
        ------
        DataError
            It is damaged; or its rest, scanned after the first block that compresses very well,
            would take too much memory or has no content.
        """
        unpacking = _Unpacking(self._data, self._budget.name)
        for block, n_packed in unpacking:
            self._budget.share = unpacking.share
            yield block
            if not self._looked_over and len(block) > _TIGHT * n_packed:
                self._looked_over = True
                self._look_over(unpacking.copy())

    def whole(self) -> bytes:
        """Its complete content."""
        file = io.BytesIO()  # does not copy at the end
        for block, _ in _Unpacking(self._data, self._budget.name):
            self._budget.unpack(len(block))
            file.write(block)
        return file.getvalue()

    def beginning(self) -> bytes:
        """The first block of its content."""
        return next((block for block, _ in _Unpacking(self._data, self._budget.name)), b"")

    def _look_over(self, rest: "_Unpacking") -> None:
        """Count the bytes and cells of the rest, without keeping them."""
        n_bytes = n_cells = since_break = 0
        for block, _ in rest:
            marks = np.frombuffer(block, dtype=np.uint8)
            self._budget.share = rest.share
            n_marks = max(_count(marks, mark) for mark in _SEPARATORS)
            n_breaks = _count(marks, ord("\n")) or _count(marks, ord("\r"))
            since_break = 0 if n_breaks else since_break + len(block)
            if since_break > LONGEST_LINE:  # it is refused when it is read
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


# What zlib calls the damage, and what it means.
_DAMAGE = {
    "incorrect data check": "its content does not fit its checksum",
    "incorrect length check": "its content does not have the length that it gives",
    "incorrect header check": "something that is no archive follows it",
}


def _in_words(error: Exception) -> str:
    if isinstance(error, EOFError):
        return str(error)
    found = (words for raw, words in _DAMAGE.items() if raw in str(error))
    return next(found, "its bytes contradict one another")


class _Unpacking:
    """The blocks of an archive, each with the number of its compressed bytes."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name = data, name
        self._at = 0  # position in the data
        self._fed = b""  # read, but not decompressed yet
        self._stream = zlib.decompressobj(31)

    @property
    def share(self) -> float:
        """The share of the data that has been decompressed."""
        return (self._at - len(self._fed)) / len(self._data)

    def copy(self) -> "_Unpacking":
        """A copy at the same position that continues independently."""
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
                f"The gzip archive cannot be decompressed: {_in_words(error)}",
                where=self._name,
                why="It is damaged or incomplete",
                fix="download or compress the file again",
            ) from error
        if room < BLOCK:
            yield b"".join(parts), max(self._at - start, 1)

    def _next(self, most: int) -> bytes | None:
        """Up to ``most`` bytes more, perhaps none; None at the end of the last archive."""
        if self._stream.eof:
            self._fed = self._stream.unused_data.lstrip(b"\0")
            while not self._fed and self._at < len(self._data):  # there may be zeros as padding
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
