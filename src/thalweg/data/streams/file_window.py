"""`FileWindow`: the bytes of a file by their positions, of which only some are in memory."""

from typing import BinaryIO, overload

# Bytes that are read at once.
_SIZE = 1 << 14


class FileWindow:
    """A file as a sequence of bytes that is read where it is looked at.

    Parameters
    ----------
    file : binary file
        Nobody else moves in it.
    end : int
        The number of bytes.
    """

    def __init__(self, file: BinaryIO, end: int) -> None:
        self._file, self._end = file, end
        self._first, self._bytes = 0, b""

    def __len__(self) -> int:
        return self._end

    def until(self, end: int) -> "FileWindow":
        """The same file, up to this position."""
        return FileWindow(self._file, min(end, self._end))

    @overload
    def __getitem__(self, at: int) -> int: ...

    @overload
    def __getitem__(self, at: slice) -> bytes: ...

    def __getitem__(self, at: int | slice) -> int | bytes:
        if isinstance(at, slice):
            first, last, _ = at.indices(self._end)
            return self._read(first, max(last - first, 0))
        place = at - self._first
        if 0 <= place < len(self._bytes):
            return self._bytes[place]
        at += self._end if at < 0 else 0
        if not 0 <= at < self._end:
            raise IndexError(at)
        self._first, self._bytes = at, self._read(at, min(_SIZE, self._end - at))
        if not self._bytes:  # the file was cut meanwhile
            raise IndexError(at)
        return self._bytes[0]

    def _read(self, first: int, size: int) -> bytes:
        self._file.seek(first)
        return self._file.read(size)
