"""What the pages of a Parquet file unfold to, seen without unfolding one.

A Parquet file is made of pages, each behind a header of its own that says how large it is and how
many values it holds; the footer says where the pages of a column begin. Both are structures of
Thrift's compact protocol (parquet.thrift, thrift-compact-protocol.md). They are read here by
ourselves, for a library that reads the footer takes it at its word.
"""

from collections.abc import Iterator
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

_Bytes = bytes | memoryview
_Struct = dict[int, Any]
# What is kept of a structure: the fields, and of a field that is one, or a list of them, its own.
# All else is passed over: a file may hold there what it likes, and costs no memory.
_Kept = dict[int, "_Kept"]
_PAGE: _Kept = {_N_VALUES: {}, _ENCODING: {}, _ENCODING_2: {}}
_HEADER: _Kept = {_UNPACKED_SIZE: {}, _PACKED_SIZE: {}, _DATA: _PAGE, _DATA_2: _PAGE}
_TREE: _Kept = {_CHILDREN: {}}
_GROUP: _Kept = {_COLUMNS: {_META: {_PACKED: {}, _FIRST: {}, _DICTIONARY: {}}}, _ROWS: {}}
_FOOTER: _Kept = {_SCHEMA: _TREE, _GROUPS: _GROUP}


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
        footer, _ = _struct(data, start, _FOOTER)
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
    return _owners(_struct(data, start, {_SCHEMA: _TREE})[0][_SCHEMA])


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
    # No header reaches beyond its pages, or many columns could send us through the same long one.
    own = memoryview(data)[:end]
    while at < end:
        header, at = _struct(own, at, _HEADER)
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


def _varint(data: _Bytes, at: int) -> tuple[int, int]:
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


def _integer(data: _Bytes, at: int) -> tuple[int, int]:
    number, at = _varint(data, at)
    return (number >> 1) ^ -(number & 1), at


def _list(data: _Bytes, at: int) -> tuple[int, int, int]:
    """How many elements of which kind a list has, and the place of the first."""
    head = data[at]
    at += 1
    length, kind = head >> 4, head & 15
    if length == 15:
        length, at = _varint(data, at)
    if length > len(data) - at:  # each takes a byte at least
        raise IndexError
    return length, 3 if kind in (1, 2) else kind, at  # truth values take a byte each here


def _struct(data: _Bytes, at: int, kept: _Kept) -> tuple[_Struct, int]:
    """The fields of a structure that are kept, by their numbers, and the place behind it."""
    found: _Struct = {}
    number = 0
    while head := data[at]:
        at += 1
        kind = head & 15
        if head >> 4:
            number += head >> 4
        else:
            number, at = _integer(data, at)
        if number not in kept:
            at = _behind(kind, data, at)
        elif kind <= 2:  # true or false, told by the kind itself
            found[number] = kind == 1
        elif kind <= 6:
            found[number], at = (data[at], at + 1) if kind == 3 else _integer(data, at)
        elif kind == 12:
            found[number], at = _struct(data, at, kept[number])
        elif kind in (9, 10):
            found[number], at = _structs(data, at, kept[number])
        else:
            raise KeyError(kind)
    return found, at + 1


def _structs(data: _Bytes, at: int, kept: _Kept) -> tuple[list[_Struct], int]:
    length, kind, at = _list(data, at)
    if kind != 12:  # no other lists are kept
        raise KeyError(kind)
    found = []
    for _ in range(length):
        each, at = _struct(data, at, kept)
        found.append(each)
    return found, at


def _behind(kind: int, data: _Bytes, at: int) -> int:
    """The place behind a value that is not kept."""
    if kind <= 2:
        return at
    if kind in _WIDTHS:
        return at + _WIDTHS[kind]
    if kind <= 6:
        return _varint(data, at)[1]
    if kind == 8:
        length, at = _varint(data, at)
        return at + length
    if kind == 12:
        while head := data[at]:
            at = at + 1 if head >> 4 else _varint(data, at + 1)[1]
            at = _behind(head & 15, data, at)
        return at + 1
    if kind not in (9, 10):
        raise KeyError(kind)
    length, kind, at = _list(data, at)
    for _ in range(length):
        at = _behind(kind, data, at)
        if at > len(data):
            raise IndexError
    return at


# A byte, and a number of double precision.
_WIDTHS = {3: 1, 7: 8}
