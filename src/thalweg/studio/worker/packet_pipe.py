"""Packets in a pipe: each after its length, 8 bytes, little-endian."""

import struct
from typing import IO

from thalweg.studio.wire.packets import MOST_BYTES, Packet, PacketError

LENGTH = struct.Struct("<Q")


def with_length(packet: Packet) -> bytes:
    """The bytes of a packet as they go into a pipe."""
    data = packet.to_bytes()
    return LENGTH.pack(len(data)) + data


def checked_length(data: bytes) -> int:
    """The length of the next packet.

    Raises
    ------
    PacketError
        No packet is so long.
    """
    length = int(LENGTH.unpack(data)[0])
    if length > MOST_BYTES:
        raise PacketError(f"A packet of {length} bytes is longer than any may be")
    return length


def read_packet(pipe: IO[bytes]) -> Packet | None:
    """The next packet; None where the pipe has ended, also in the middle of a packet."""
    start = pipe.read(LENGTH.size)
    if len(start) < LENGTH.size:
        return None
    length = checked_length(start)
    data = pipe.read(length)
    return Packet.from_bytes(data) if len(data) == length else None
