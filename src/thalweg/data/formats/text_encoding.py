"""The text of a file: its encoding, found out or said, and its characters, piece by piece.

No more of a file is decoded than is read, so that what is wrong at its beginning is found there,
however long it is.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Any

from thalweg.errors import DataError

# A line may have so many bytes, and if it is longer than a block so many separators: a million
# columns of sixteen characters. No more is kept of a text than a line and a block.
LONGEST_LINE = 1 << 24
MOST_COLUMNS = 1 << 20

_MARKS = {b"\xef\xbb\xbf": "UTF-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_SPOKEN = {"utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}
_CONTROL = bytes([*range(9), *range(14, 32), 127])
_HIGH = bytes(range(128, 256))
_TOGETHER = re.compile(rb"[\x80-\xff]{3,}")
# How much is looked at for the zeros of UTF-16, in bytes.
_PREFIX = 1 << 17


class Text:
    """The text of a file, without its byte order mark and the empty lines it begins with.

    Its encoding is, in this order: what was said; that of a byte order mark; UTF-16 if every
    other byte is mostly zero; UTF-8; Windows-1252, for a text that cannot be anything else. All
    that is read must then be valid.

    Parameters
    ----------
    blocks : callable
        The bytes of the file from their beginning, a block at a time.
    name : str
        What errors call the file.
    encoding : str, optional

    Attributes
    ----------
    line : int
        The number of the line that it begins with.

    Raises
    ------
    DataError
        Here or while it is read, with the line of the first byte that does not fit.
    """

    def __init__(
        self, blocks: Callable[[], Iterator[bytes]], name: str, encoding: str | None = None
    ) -> None:
        self._blocks, self._name = blocks, name
        first = next(blocks(), b"")
        marked = [each for mark, each in _MARKS.items() if first.startswith(mark)]
        self._guessed = encoding is None and not marked
        self._encoding = encoding or (marked[0] if marked else _zero_pattern(first) or "UTF-8")
        self._line_feeds = self._returns = 0
        self._pieces = self._cut()
        self._read: list[str] = []  # for a look at the beginning, and not handed out yet
        self.line = 1
        self._skip_empty_lines()

    @property
    def encoding(self) -> str:
        """The encoding by the name that people know; certain when all has been read."""
        return _SPOKEN.get(self._encoding, self._encoding)

    def beginning(self, size: int) -> str:
        """The first so many characters, or more; all, if there are fewer."""
        known = sum(map(len, self._read))
        while known < size and (piece := next(self._pieces, None)) is not None:
            self._read.append(piece)
            known += len(piece)
        if len(self._read) > 1:
            self._read = ["".join(self._read)]
        return self._read[0] if self._read else ""

    def drop_line(self, length: int) -> None:
        """Leave out so many characters at the beginning, which are its first line."""
        self._read = [self.beginning(length)[length:]]
        self.line += 1

    def pieces(self) -> Iterator[str]:
        """The characters, each piece but the last up to the end of a line."""
        while self._read:
            yield self._read.pop(0)
        yield from self._pieces

    def _skip_empty_lines(self) -> None:
        for piece in self._pieces:
            rest = piece.lstrip("\r\n")
            empty = piece[: len(piece) - len(rest)]
            self.line += empty.count("\n") + empty.count("\r") - empty.count("\r\n")
            if rest:
                self._read = [rest]
                return

    # --- pieces --------------------------------------------------------------------------------

    def _cut(self) -> Iterator[str]:
        """The characters, cut at ends of lines."""
        parts: list[str] = []  # of a line that has not ended
        size = 0
        for new, n_bytes in self._decoded():
            # A return at the very end may be half of a line break.
            end = new.rfind("\n") + 1 or new.rfind("\r", 0, len(new) - 1) + 1
            if end:
                piece = "".join((*parts, new[:end]))
                if parts:
                    self._require_columns(piece)
                yield piece
                parts, size = [], 0
            parts.append(new[end:])
            size += n_bytes
            if size > LONGEST_LINE:
                raise self._too_long(f"A line of more than {LONGEST_LINE:,} bytes")
        if last := "".join(parts):
            self._require_columns(last)
            yield last

    def _require_columns(self, piece: str) -> None:
        if len(piece) > MOST_COLUMNS and max(map(piece.count, ",;\t|")) > 2 * MOST_COLUMNS:
            raise self._too_long(f"A line of more than {MOST_COLUMNS:,} cells")

    def _too_long(self, what: str) -> DataError:
        return DataError(
            what,
            where=f"{self._name}, line {self._line_after('')}",
            why="No table has such lines: its rows may not be ended by line breaks",
            fix="end each row with a line break, or give fewer columns",
        )

    def _decoded(self) -> Iterator[tuple[str, int]]:
        """The characters of each block, and its number of bytes."""
        decoder = self._decoder()
        is_ascii = is_first = True
        for block, is_last in _with_last(self._blocks()):
            try:
                new = decoder.decode(block, is_last)
            except UnicodeError as error:
                if not (self._guessed and self._encoding == "UTF-8"):
                    is_windows = self._guessed and self._encoding == "cp1252"
                    tried = "UTF-8 or Windows-1252" if is_windows else self._encoding
                    raise self._undecodable(tried, error) from error
                self._require_windows(error, is_ascii)
                self._encoding = "cp1252"
                decoder = self._decoder()
                new = self._as_windows(decoder, error, block)
            zero = new.find("\0")
            if zero >= 0:
                raise DataError(
                    "The file holds a zero byte, which no text has",
                    where=f"{self._name}, line {self._line_after(new[:zero])}",
                    fix="it is damaged or no text; export the table again as CSV in UTF-8",
                )
            new = new.removeprefix("\ufeff") if is_first else new
            is_ascii, is_first = is_ascii and new.isascii(), False
            yield new, len(block)
            self._line_feeds += new.count("\n")
            self._returns += 0 if self._line_feeds else new.count("\r")

    def _decoder(self) -> codecs.IncrementalDecoder:
        try:
            return codecs.getincrementaldecoder(self._encoding)()
        except LookupError:  # of the few that have none
            return _AtOnce(self._encoding)

    def _line_after(self, head: str) -> int:
        """The line on which a text stands after all that was decoded, and after this."""
        feeds = self._line_feeds + head.count("\n")
        return (feeds or self._returns + head.count("\r")) + 1

    # --- what is no UTF-8 ----------------------------------------------------------------------

    def _as_windows(
        self, decoder: codecs.IncrementalDecoder, error: UnicodeError, block: bytes
    ) -> str:
        data = error.object if isinstance(error, UnicodeDecodeError) else block
        try:
            return decoder.decode(data)
        except UnicodeDecodeError as other:  # one of five bytes without a meaning
            raise self._undecodable("UTF-8 or Windows-1252", other) from other

    def _require_windows(self, error: UnicodeError, is_ascii: bool) -> None:
        """Refuse what is not Windows-1252 either, which contains Latin-1's printable characters.

        That is a text that is UTF-8 elsewhere, or was cut within a character; one with control
        characters; and one whose characters beyond ASCII mostly stand three or more together, as
        they do in other alphabets and scripts.
        """
        n_together = n_high = 0
        is_other = not is_ascii or "unexpected end" in str(error)
        for lines in _whole_lines(self._blocks()):
            if is_other:
                break
            is_other = len(lines.translate(None, _CONTROL)) < len(lines)
            if lines.isascii():
                continue
            escaped = lines.decode("utf-8", "surrogateescape")
            is_other = is_other or bool(re.search("[\x80-\ud7ff\ue000-\U0010ffff]", escaped))
            n_together += sum(map(len, _TOGETHER.findall(lines)))
            n_high += len(lines) - len(lines.translate(None, _HIGH))
        if is_other or 2 * n_together > n_high:
            raise self._undecodable("UTF-8", error) from error

    def _undecodable(self, encoding: str, error: UnicodeError) -> DataError:
        place, byte = "", ""
        if isinstance(error, UnicodeDecodeError) and error.start < len(error.object):
            codec = encoding if encoding.lower().startswith("utf-16") else "latin-1"
            head = error.object[: error.start].decode(codec, "ignore")
            place = f", line {self._line_after(head)}"
            byte = f": byte 0x{error.object[error.start]:02x}"
        return DataError(
            f"The file is not text in {_SPOKEN.get(encoding, encoding)}{byte}",
            where=f"{self._name}{place}",
            why="It was saved in another encoding, or in two of them, or is damaged",
            fix="name its encoding (--encoding on the command line), or save it again as UTF-8 "
            "(in Excel: CSV UTF-8)",
        )


class _AtOnce(codecs.BufferedIncrementalDecoder):
    """A decoder of what can only be decoded as a whole."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    def _buffer_decode(self, data: Any, errors: str, final: bool) -> tuple[str, int]:
        return (codecs.decode(data, self._encoding, errors), len(data)) if final else ("", 0)


def _zero_pattern(first: bytes) -> str | None:
    """UTF-16 without a mark: ASCII in it has a zero in every other byte."""
    even, odd = first[:_PREFIX:2], first[1:_PREFIX:2]
    for encoding, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        zeros = high.count(0)
        if 4 * zeros > len(high) and zeros > low.count(0):
            return encoding
    return None


def _with_last(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each block, and whether it is the last one; an empty one, if there is none."""
    block = next(blocks, b"")
    for following in blocks:
        yield block, False
        block = following
    yield block, True


def _whole_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks, cut at ends of lines, where no character is cut."""
    rest = b""
    for block in blocks:
        end = block.rfind(b"\n") + 1 or block.rfind(b"\r") + 1
        if end:
            yield rest + block[:end]
        rest = block[end:] if end else rest + block
        if len(rest) > LONGEST_LINE:  # who reads it will refuse it
            return
    yield rest
