"""Writes the few messages of protocol buffers that an ONNX file consists of.

A message is a sequence of fields: a key (number · 8 + type) and a value. Whole numbers are varints
(type 0); texts, bytes and inner messages have their length in front (type 2).
"""

from collections.abc import Iterable

_VARINT, _LENGTH = 0, 2


def varint(value: int) -> bytes:
    """A whole number in groups of seven bits, the lowest first; a negative one takes ten bytes."""
    value &= 2**64 - 1
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def whole(number: int, value: int) -> bytes:
    """A field that is a whole number."""
    return varint(number << 3 | _VARINT) + varint(value)


def chunk(number: int, value: bytes) -> bytes:
    """A field that is an inner message, or bytes."""
    return varint(number << 3 | _LENGTH) + varint(len(value)) + value


def text(number: int, value: str) -> bytes:
    """A field that is a text; half of a pair of surrogates, which UTF-8 has not, is escaped."""
    return chunk(number, value.encode("utf-8", "backslashreplace"))


def wholes(number: int, values: Iterable[int]) -> bytes:
    """A field that is repeated, a whole number each."""
    return b"".join(whole(number, each) for each in values)


def texts(number: int, values: Iterable[str]) -> bytes:
    """A field that is repeated, a text each."""
    return b"".join(text(number, each) for each in values)
