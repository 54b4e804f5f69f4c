"""Decode a text file piece by piece: its encoding is given, or recognised from the bytes.

A file is decoded only as far as it is read, so an error at its beginning is found at once, even in
a long file.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Any

from thalweg.errors import DataError
from thalweg.wording import parameter

# The most bytes of a line, and half of the most separators of a line longer than a block: a
# million columns of sixteen characters. Only one line and one block of a text are kept.
LONGEST_LINE = 1 << 24
MOST_COLUMNS = 1 << 20

_MARKS = {b"\xef\xbb\xbf": "UTF-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_COMMON_NAMES = {"utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}
_CONTROL = bytes([*range(9), *range(14, 32), 127])
_HIGH = bytes(range(128, 256))
_TOGETHER = re.compile(rb"[\x80-\xff]{3,}")
# The number of bytes that are searched for the zeros of UTF-16.
_PREFIX = 1 << 17


class Text:
    """The text of a file, without its byte order mark and the empty lines at its beginning.

    Its encoding is, in this order: the given one; that of a byte order mark; UTF-16 if every other
    byte is mostly zero; UTF-8; Windows-1252, for a text that cannot be anything else. All text
    must be valid in it.

    Parameters
    ----------
    blocks : callable
        The bytes of the file from its beginning, a block at a time.
    name : str
        The file's name in errors.
    encoding : str, optional

    Attributes
    ----------
    line : int
        The number of its first line.

    Raises
    ------
    DataError
        A byte is not valid, here or in a later read; the error names the line of the first one.
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
        self._read: list[str] = []  # read by `beginning`, and not yet given by `pieces`
        self.line = 1
        self._skip_empty_lines()

    @property
    def encoding(self) -> str:
        """The common name of the encoding; final only when all text has been read."""
        return _COMMON_NAMES.get(self._encoding, self._encoding)

    def beginning(self, size: int) -> str:
        """At least the first ``size`` characters; all, if there are fewer."""
        known = sum(map(len, self._read))
        while known < size and (piece := next(self._pieces, None)) is not None:
            self._read.append(piece)
            known += len(piece)
        if len(self._read) > 1:
            self._read = ["".join(self._read)]
        return self._read[0] if self._read else ""

    def drop_line(self, length: int) -> None:
        """Remove the first line, which has ``length`` characters."""
        self._read = [self.beginning(length)[length:]]
        self.line += 1

    def pieces(self) -> Iterator[str]:
        """The text in pieces; each except the last ends with a line."""
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
        """The text, cut at ends of lines."""
        parts: list[str] = []  # of a line whose end is not read yet
        size = 0
        for new, n_bytes in self._decoded():
            # A return as the last character may be the first half of a line break.
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
            why="Its rows may not end with line breaks",
            fix="end each row with a line break, or give fewer columns",
        )

    def _decoded(self) -> Iterator[tuple[str, int]]:
        """The text of each block, and its number of bytes."""
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
                    "The file has a zero byte, which is not allowed in text",
                    where=f"{self._name}, line {self._line_after(new[:zero])}",
                    fix="it is damaged or not text; export the table again as CSV in UTF-8",
                )
            # Programs that add a mark to a file that has one leave two.
            new = new.lstrip("\ufeff") if is_first else new
            is_ascii, is_first = is_ascii and new.isascii(), False
            yield new, len(block)
            self._line_feeds += new.count("\n")
            self._returns += 0 if self._line_feeds else new.count("\r")

    def _decoder(self) -> codecs.IncrementalDecoder:
        try:
            return codecs.getincrementaldecoder(self._encoding)()
        except LookupError:  # a few encodings have no incremental decoder
            return _AtOnce(self._encoding)

    def _line_after(self, head: str) -> int:
        """The number of the line that follows all decoded text and this text."""
        feeds = self._line_feeds + head.count("\n")
        return (feeds or self._returns + head.count("\r")) + 1

    # --- text that is not UTF-8 ----------------------------------------------------------------

    def _as_windows(
        self, decoder: codecs.IncrementalDecoder, error: UnicodeError, block: bytes
    ) -> str:
        data = error.object if isinstance(error, UnicodeDecodeError) else block
        try:
            return decoder.decode(data)
        except UnicodeDecodeError as other:  # five bytes are undefined in Windows-1252
            raise self._undecodable("UTF-8 or Windows-1252", other) from other

    def _require_windows(self, error: UnicodeError, is_ascii: bool) -> None:
        """Refuse text that is not Windows-1252 either (it includes Latin-1's printable characters).

        That is: text that is UTF-8 in other places, or was cut within a character; text with
        control characters; and text whose bytes beyond ASCII are mostly in sequences of three or
        more, as in other alphabets and scripts.
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
            f"The file is not text in {_COMMON_NAMES.get(encoding, encoding)}{byte}",
            where=f"{self._name}{place}",
            why="It was saved in another encoding, or in two encodings, or is damaged",
            fix=f"set {parameter('encoding')}, or save it again as UTF-8 (in Excel: CSV UTF-8)",
        )


class _AtOnce(codecs.BufferedIncrementalDecoder):
    """A decoder for encodings that can only be decoded as a whole."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    def _buffer_decode(self, data: Any, errors: str, final: bool) -> tuple[str, int]:
        return (codecs.decode(data, self._encoding, errors), len(data)) if final else ("", 0)


def _zero_pattern(first: bytes) -> str | None:
    """Recognise UTF-16 without a mark, in which ASCII text has a zero in every other byte."""
    even, odd = first[:_PREFIX:2], first[1:_PREFIX:2]
    for encoding, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        zeros = high.count(0)
        if 4 * zeros > len(high) and zeros > low.count(0):
            return encoding
    return None


def _with_last(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each block, and whether it is the last one; an empty block if there is none."""
    block = next(blocks, b"")
    for following in blocks:
        yield block, False
        block = following
    yield block, True


def _whole_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks, cut at ends of lines, so that no character is cut."""
    rest = b""
    for block in blocks:
        end = block.rfind(b"\n") + 1 or block.rfind(b"\r") + 1
        if end:
            yield rest + block[:end]
        rest = block[end:] if end else rest + block
        if len(rest) > LONGEST_LINE:  # it is refused when it is read
            return
    yield rest
