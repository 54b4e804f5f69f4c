"""Packets: a head of JSON and arrays, as bytes: the messages of workers, the server and pages.

A packet is, in this order: the length of the head (4 bytes, little-endian), the head (JSON, UTF-8),
spaces up to a multiple of 8 bytes, and the arrays one after another, each filled up to a multiple
of 8 bytes. The head lists the arrays: name, type, shape. A page can look at the arrays where they
lie.

Nothing in a packet becomes code. A worker that has read an untrusted file may say whatever it
likes, so the server reads its packets with the same care as those of a page.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# The types of numbers that a page has arrays for.
KINDS = {"f8": "<f8", "f4": "<f4", "i4": "<i4", "u1": "|u1"}
MOST_HEAD, MOST_BYTES = 1 << 20, 1 << 26
_MOST_ARRAYS, _MOST_DIMENSIONS = 256, 4
_LENGTH = struct.Struct("<I")
_STEP = 8


class PacketError(ValueError):
    """Bytes that are no packet; the message says why."""


class TooLongError(PacketError):
    """What is to be said is longer than a packet may be."""


@dataclass(frozen=True)
class Packet:
    """A message and the arrays that belong to it.

    Parameters
    ----------
    head : dict
        Plain data for JSON. The key "arrays" is taken.
    arrays : dict of ndarray
        float64, float32, int32 or uint8, at most four dimensions.
    """

    head: Mapping[str, Any]
    arrays: Mapping[str, Array] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The bytes of this packet.

        Raises
        ------
        PacketError
            It is larger than a packet may be.
        """
        listed = [[name, _kind(array), list(array.shape)] for name, array in self.arrays.items()]
        head = json.dumps(
            {**self.head, "arrays": listed}, allow_nan=False, separators=(",", ":")
        ).encode()
        head += b" " * (-(_LENGTH.size + len(head)) % _STEP)
        parts = [_LENGTH.pack(len(head)), head]
        for array in self.arrays.values():
            held = np.ascontiguousarray(array, KINDS[_kind(array)]).tobytes()
            parts += [held, bytes(-len(held) % _STEP)]
        if len(head) > MOST_HEAD or sum(map(len, parts)) > MOST_BYTES:
            long = "it is too long" if len(head) <= MOST_HEAD else "its head is too long"
            raise TooLongError(f"This is no packet: {long}")
        return b"".join(parts)

    @classmethod
    def from_bytes(cls, data: bytes, most: int = MOST_BYTES) -> "Packet":
        """The packet in these bytes; arrays are views of them.

        Raises
        ------
        PacketError
            They are no packet, or one of more than ``most`` bytes.
        """
        _require(len(data) <= most, "it is too long")
        _require(len(data) >= _LENGTH.size, "it ends before its head")
        (length,) = _LENGTH.unpack_from(data)
        _require(length <= MOST_HEAD, "its head is too long")
        start = _LENGTH.size + length
        _require(start <= len(data), "it ends in its head")
        _require(start % _STEP == 0, "its head ends between two words")
        head = _head(data[_LENGTH.size : start])
        listed = head.pop("arrays", None)
        _require(isinstance(listed, list) and len(listed) <= _MOST_ARRAYS, "it lists no arrays")
        arrays, end = _arrays(data, start, listed)
        _require(end == len(data), "it has bytes after its last array")
        return cls(head, arrays)


def _require(holds: bool, why: str) -> None:
    if not holds:
        raise PacketError(f"This is no packet: {why}")


def _kind(array: Array) -> str:
    kind = array.dtype.str[1:]
    _require(kind in KINDS, f"an array has the type {array.dtype}")
    return kind


def _head(text: bytes) -> dict[str, Any]:
    try:
        head = json.loads(text.decode("utf-8"), parse_constant=_no_number)
    except (UnicodeDecodeError, ValueError, RecursionError) as why:
        raise PacketError("This is no packet: its head is no JSON") from why
    _require(isinstance(head, dict), "its head is no object")
    return dict(head)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def _arrays(data: bytes, start: int, listed: list[Any]) -> tuple[dict[str, Array], int]:
    """The listed arrays, which begin at a byte, and where the last one ends."""
    arrays: dict[str, Array] = {}
    for each in listed:
        _require(isinstance(each, list) and len(each) == 3, "an array is not described")
        name, kind, shape = each
        _require(isinstance(name, str) and name not in arrays, "an array has no name of its own")
        _require(isinstance(kind, str) and kind in KINDS, "an array has another type")
        n_numbers = _product(shape)
        dtype = np.dtype(KINDS[kind])
        end = start + n_numbers * dtype.itemsize
        _require(end <= len(data), "it ends in an array")
        arrays[name] = np.frombuffer(data, dtype, n_numbers, start).reshape(shape)
        start = end + -end % _STEP
    return arrays, start


def _product(shape: object) -> int:
    _require(isinstance(shape, list) and len(shape) <= _MOST_DIMENSIONS, "an array has no shape")
    assert isinstance(shape, list)
    n_numbers = 1
    for size in shape:
        _require(type(size) is int and 0 <= size <= MOST_BYTES, "an array has no size")
        n_numbers *= size
        _require(n_numbers <= MOST_BYTES, "an array is too large")
    return n_numbers
