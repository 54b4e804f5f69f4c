"""What the pages of a Parquet file unfold to, seen without unfolding one.

A Parquet file is made of pages, each behind a header of its own that says how large it is and how
many values it holds; the footer says where the pages of a column begin. Both are structures of
Thrift's compact protocol (parquet.thrift, thrift-compact-protocol.md). They are read here by
ourselves, for a library that reads the footer takes it at its word.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

# Pages of words behind their lengths (DELTA_LENGTH_BYTE_ARRAY), and of words that are told by what
# they share with the word before (DELTA_BYTE_ARRAY).
_LENGTHS, _SHARED = 6, 7
# The fields of the structures of parquet.thrift that are looked at, by their numbers.
_SCHEMA, _CHILDREN, _GROUPS, _COLUMNS, _META, _ROWS = 2, 5, 4, 1, 3, 3
_PACKED, _FIRST, _DICTIONARY = 7, 9, 11
_UNPACKED_SIZE, _PACKED_SIZE, _DATA, _WORDS, _DATA_2 = 2, 3, 5, 7, 8
_N_VALUES, _ENCODING, _ENCODING_2 = 1, 2, 4

_Struct = dict[int, Any]


@dataclass(frozen=True)
class Chunk:
    """The pages of one leaf of a column in one group of rows.

    Attributes
    ----------
    column : int
        Place of the column in the table; a nested one has more leaves than one.
    n_rows : int
        The rows of the group.
    n_values : int
        Values in all pages, those that are missing included.
    n_bytes : int
        All pages, unpacked.
    delta : bool
        Whether words are told by their lengths, or by what they share with the word before.
    repeated : int
        The bytes of the largest page, unpacked, of which a cell may hold nearly all and the next
        one, too: a dictionary, or words that are told by the word before. 0 if there is none.
    """

    column: int
    n_rows: int
    n_values: int
    n_bytes: int
    delta: bool
    repeated: int


def chunks(data: bytes) -> Iterator[Chunk]:
    """All leaves of all groups of rows, in the order of the file.

    Whose they are is told by their order, as Arrow takes it, and not by the name they give.

    Raises
    ------
    ValueError
        If what is told contradicts itself.
    """
    length = int.from_bytes(data[-8:-4], "little")
    start = len(data) - 8 - length
    if start < 4 or data[-4:] != b"PAR1":
        raise ValueError("it has no sound end")
    try:
        footer, _ = _struct(data, start)
        owners = _owners(footer[_SCHEMA])
        packed = 0
        for group in footer.get(_GROUPS, ()):
            if len(group[_COLUMNS]) != len(owners):
                raise IndexError
            for owner, column in zip(owners, group[_COLUMNS], strict=True):
                packed += column[_META][_PACKED]
                if packed > len(data):
                    raise IndexError
                yield _chunk(data, owner, column[_META], group[_ROWS])
    except (LookupError, AttributeError, TypeError, RecursionError, OverflowError) as error:
        raise ValueError("it is damaged where it says what is in it") from error


def leaves(data: bytes) -> list[int]:
    """Of each leaf the place of the column that it belongs to; of a sound footer."""
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    return _owners(_struct(data, start)[0][_SCHEMA])


def _owners(schema: list[_Struct]) -> list[int]:
    """The same of the tree of columns, which stands as a list: each node before its children."""
    owners: list[int] = []
    column, n_open = -1, 0  # nodes of this column that are still to come
    for node in schema[1:]:
        if n_open == 0:
            column, n_open = column + 1, 1
        n_children = node.get(_CHILDREN, 0)
        n_open += n_children - 1
        if n_children < 0:
            raise IndexError
        if n_children == 0:
            owners.append(column)
    return owners


def _chunk(data: bytes, column: int, meta: _Struct, n_rows: int) -> Chunk:
    # 0 where there is no such page, as in a group without rows.
    at = min((each for each in (meta[_FIRST], meta.get(_DICTIONARY, 0)) if each > 0), default=0)
    end = at + meta[_PACKED]
    if at < end and not 4 <= at < end <= len(data):
        raise IndexError
    n_values = n_bytes = repeated = 0
    delta = False
    while at < end:
        header, at = _struct(data, at)
        packed, unpacked = header[_PACKED_SIZE], header[_UNPACKED_SIZE]
        if packed < 0 or unpacked < 0:
            raise IndexError
        at += packed
        n_bytes += unpacked
        page, encoding = header.get(_DATA), _ENCODING
        if page is None:
            page, encoding = header.get(_DATA_2), _ENCODING_2
        if page is not None:
            n_values += max(page[_N_VALUES], 0)
            delta |= page.get(encoding) in (_LENGTHS, _SHARED)
        if page is None or page.get(encoding) == _SHARED:  # without either, a dictionary
            repeated = max(repeated, unpacked)
    return Chunk(column, n_rows, n_values, n_bytes, delta, repeated)


# --- Thrift's compact protocol ----------------------------------------------------------------


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned number of 7 bits a byte, and the place behind it."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
        shift += 7
        if shift > 63:
            raise OverflowError


def _integer(data: bytes, at: int) -> tuple[int, int]:
    number, at = _varint(data, at)
    return (number >> 1) ^ -(number & 1), at


def _binary(data: bytes, at: int) -> tuple[bytes, int]:
    length, at = _varint(data, at)
    if at + length > len(data):
        raise IndexError
    return data[at : at + length], at + length


def _list(data: bytes, at: int) -> tuple[list[Any], int]:
    head = data[at]
    at += 1
    length, kind = head >> 4, head & 15
    if length == 15:
        length, at = _varint(data, at)
    if kind in (1, 2):  # truth values take a byte each here
        kind = 3
    read, found = _READERS[kind], []
    for _ in range(length):
        value, at = read(data, at)
        found.append(value)
    return found, at


def _struct(data: bytes, at: int) -> tuple[_Struct, int]:
    """The fields of a structure by their numbers, and the place behind it."""
    found: _Struct = {}
    number = 0
    while head := data[at]:
        at += 1
        kind = head & 15
        if head >> 4:
            number += head >> 4
        else:
            number, at = _integer(data, at)
        if 4 <= kind <= 6 and data[at] < 128:  # the usual one first
            found[number] = (data[at] >> 1) ^ -(data[at] & 1)
            at += 1
        elif kind <= 2:  # true or false, told by the kind itself
            found[number] = kind == 1
        else:
            found[number], at = _READERS[kind](data, at)
    return found, at + 1


_READERS: dict[int, Callable[[bytes, int], tuple[Any, int]]] = {
    3: lambda data, at: (data[at], at + 1),
    4: _integer,
    5: _integer,
    6: _integer,
    7: lambda data, at: (data[at : at + 8], at + 8),
    8: _binary,
    9: _list,
    10: _list,
    12: _struct,
}
