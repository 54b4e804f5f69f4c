"""Read the headers of a Parquet file's pages: how much they unpack to, without unpacking them.

A Parquet file has pages. Each page follows a header with its size and its number of values; the
footer says where the pages of a column begin. Both are structures of Thrift's compact protocol
(parquet.thrift, thrift-compact-protocol.md). This module reads them itself, because a library that
reads the footer trusts it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from thalweg.data.streams.file_window import FileWindow

# Encodings of texts: lengths first (DELTA_LENGTH_BYTE_ARRAY), and by what each text shares with
# the text before (DELTA_BYTE_ARRAY).
_LENGTHS, _SHARED = 6, 7
# The numbers of the fields of parquet.thrift that are read.
_SCHEMA, _CHILDREN, _GROUPS, _COLUMNS, _META, _ROWS = 2, 5, 4, 1, 3, 3
_PROMISED, _PACKED, _FIRST, _DICTIONARY = 5, 7, 9, 11
_UNPACKED_SIZE, _PACKED_SIZE, _DATA, _WORDS, _DATA_2 = 2, 3, 5, 7, 8
_N_VALUES, _ENCODING, _ENCODING_2 = 1, 2, 4

# Nearly all headers of pages have fewer bytes.
_SHORT = 512
# Structures that a structure may be inside of, as in Thrift itself.
_DEEPEST = 64

_Bytes: TypeAlias = bytes | memoryview | FileWindow
_Struct = dict[int, Any]
# The fields of a structure that are kept, and the fields of a field that is a structure or a list
# of structures. All others are skipped: whatever they contain, they take no memory.
_Kept = dict[int, "_Kept"]
_PAGE: _Kept = {_N_VALUES: {}, _ENCODING: {}, _ENCODING_2: {}}
_HEADER: _Kept = {_UNPACKED_SIZE: {}, _PACKED_SIZE: {}, _DATA: _PAGE, _DATA_2: _PAGE}
_TREE: _Kept = {_CHILDREN: {}}
_LEAF: _Kept = {_PROMISED: {}, _PACKED: {}, _FIRST: {}, _DICTIONARY: {}}
_GROUP: _Kept = {_COLUMNS: {_META: _LEAF}, _ROWS: {}}
_FOOTER: _Kept = {_SCHEMA: _TREE, _GROUPS: _GROUP}


@dataclass(frozen=True)
class Chunk:
    """The pages of one leaf of a column in one group of rows.

    Attributes
    ----------
    column : int
        Position of the column in the table; a nested column can have several leaves.
    n_rows : int
        The rows of the group.
    n_values : int
        Values in all pages, including missing ones.
    n_bytes : int
        The unpacked size of all pages.
    delta : bool
        Whether texts are stored after their lengths, or by what they share with the text before.
    repeated : int
        The unpacked size of the largest page from which each of several cells may repeat nearly
        all: a dictionary, or texts that share with the text before. 0 if there is none.
    """

    column: int
    n_rows: int
    n_values: int
    n_bytes: int
    delta: bool
    repeated: int


def chunks(data: bytes | FileWindow) -> Iterator[Chunk]:
    """All leaves of all groups of rows, in the order of the file.

    Their order says which column they belong to, as in Arrow, not their stored names.

    Raises
    ------
    ValueError
        The file contradicts itself.
    """
    length = int.from_bytes(data[-8:-4], "little")
    if len(data) < length + 12 or data[-4:] != b"PAR1":
        raise ValueError("its end is not that of a Parquet file")
    try:
        footer, _ = _struct(_footer(data), 0, _FOOTER)
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
        raise ValueError("its footer or a page header is damaged") from error


def leaves(data: bytes | FileWindow) -> list[int]:
    """The position of the column that each leaf belongs to; the footer must be sound."""
    # What stands behind the tree, the places of all pages, is many times as long.
    return _owners(_struct(_footer(data), 0, {_SCHEMA: _TREE}, to=_SCHEMA)[0][_SCHEMA])


def _footer(data: bytes | FileWindow) -> bytes:
    """The bytes of the footer, which is at the end of the file."""
    end = len(data) - 8
    return data[end - int.from_bytes(data[-8:-4], "little") : end]


def _owners(schema: list[_Struct]) -> list[int]:
    """The same from the tree of columns, stored as a list with each node before its children."""
    owners: list[int] = []
    column, n_open = -1, 0  # n_open: nodes of this column that are not read yet
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


def _chunk(data: bytes | FileWindow, column: int, meta: _Struct, n_rows: int) -> Chunk:
    # 0 if there is no such page, as in a group without rows.
    at = min((each for each in (meta[_FIRST], meta.get(_DICTIONARY, 0)) if each > 0), default=0)
    end = at + meta[_PACKED]
    if at < end and not 4 <= at < end <= len(data):
        raise IndexError
    n_values = n_bytes = repeated = 0
    delta = False
    while at < end:
        header, at = _header(data, at, end)
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
        if page is None or page.get(encoding) == _SHARED:  # None: a dictionary page
            repeated = max(repeated, unpacked)
    # Arrow 25 and older allocates for as many values as are promised, before it reads a page.
    if meta[_PROMISED] != n_values:
        raise ValueError(
            f"its footer promises {meta[_PROMISED]:,} values of a column, its pages have "
            f"{n_values:,}"
        )
    return Chunk(column, n_rows, n_values, n_bytes, delta, repeated)


def _header(data: bytes | FileWindow, at: int, end: int) -> tuple[_Struct, int]:
    """The header of the page that begins here, and the position after it.

    It is read within the chunk only; otherwise many columns could share one long header.
    """
    try:
        header, length = _struct(data[at : min(at + _SHORT, end)], 0, _HEADER)
    except IndexError:  # it is longer, or does not end
        own = data.until(end) if isinstance(data, FileWindow) else memoryview(data)[:end]
        return _struct(own, at, _HEADER)
    return header, at + length


# --- Thrift's compact protocol ----------------------------------------------------------------


def _varint(data: _Bytes, at: int) -> tuple[int, int]:
    """An unsigned number with 7 bits in each byte, and the position after it."""
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
    """The length of a list, the type of its elements, and the position of the first."""
    head = data[at]
    at += 1
    length, kind = head >> 4, head & 15
    if length == 15:
        length, at = _varint(data, at)
    if length > len(data) - at:  # each takes at least one byte
        raise IndexError
    return length, 3 if kind in (1, 2) else kind, at  # booleans take one byte each in a list


def _struct(data: _Bytes, at: int, kept: _Kept, to: int | None = None) -> tuple[_Struct, int]:
    """The fields of a structure that are kept, by their numbers, and the position after it.

    With ``to``, reading ends after the field of this number. A table of thousands of columns has
    millions of fields, so a number of one byte (kinds 4 to 6) is read here, and so is a short word.
    """
    found: _Struct = {}
    number = 0
    while head := data[at]:
        at += 1
        kind = head & 15
        if head > 15:
            number += head >> 4
        else:
            number, at = _integer(data, at)
        if number not in kept:
            if 3 < kind < 7 and data[at] < 128:
                at += 1
            elif kind == 8 and data[at] < 128:
                at += 1 + data[at]
            elif kind > 2:
                at = _behind(kind, data, at)
        elif kind <= 2:  # true or false: the type is the value
            found[number] = kind == 1
        elif 3 < kind < 7 and data[at] < 128:
            found[number], at = (data[at] >> 1) ^ -(data[at] & 1), at + 1
        elif kind <= 6:
            found[number], at = (data[at], at + 1) if kind == 3 else _integer(data, at)
        elif kind == 12:
            found[number], at = _struct(data, at, kept[number])
        elif kind in (9, 10):
            found[number], at = _structs(data, at, kept[number])
        else:
            raise KeyError(kind)
        if number == to:
            return found, at
    return found, at + 1


def _structs(data: _Bytes, at: int, kept: _Kept) -> tuple[list[_Struct], int]:
    length, kind, at = _list(data, at)
    if kind != 12:  # only lists of structures are kept
        raise KeyError(kind)
    found = []
    for _ in range(length):
        each, at = _struct(data, at, kept)
        found.append(each)
    return found, at


def _behind(kind: int, data: _Bytes, at: int) -> int:
    """The position after a value that is not kept."""
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
        return _behind_structs(1, data, at)
    if kind not in (9, 10):
        raise KeyError(kind)
    length, kind, at = _list(data, at)
    if kind == 12:
        return _behind_structs(length, data, at)
    for _ in range(length):
        at = at + 1 if 3 < kind < 7 and data[at] < 128 else _behind(kind, data, at)
        if at > len(data):
            raise IndexError
    return at


def _behind_structs(left: int, data: _Bytes, at: int) -> int:
    """The position after so many structures, without a call for each of their fields."""
    outer: list[int] = []  # around these: how many are left there, with the one that is open
    while left or outer:
        if not left:
            left = outer.pop()
        elif not (head := data[at]):
            at, left = at + 1, left - 1
        else:
            kind, at = head & 15, at + 1
            if head < 16:
                at = _varint(data, at)[1]
            if 3 < kind < 7 and data[at] < 128:
                at += 1
            elif kind == 8 and data[at] < 128:
                at += 1 + data[at]
            elif kind == 12:
                outer.append(left)
                left = 1
            elif kind > 2:
                at = _behind(kind, data, at)
            if len(outer) > _DEEPEST:
                raise IndexError
    return at


# The sizes of a byte and of a double.
_WIDTHS = {3: 1, 7: 8}
