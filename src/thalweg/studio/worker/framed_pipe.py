"""Frames in a pipe: each after its length, 8 bytes, little-endian."""

import struct
from typing import IO

from thalweg.studio.wire.frames import MOST_BYTES, Frame, FrameError

LENGTH = struct.Struct("<Q")


def with_length(frame: Frame) -> bytes:
    """The bytes of a frame as they go into a pipe."""
    data = frame.to_bytes()
    return LENGTH.pack(len(data)) + data


def checked_length(data: bytes) -> int:
    """The length of the next frame.

    Raises
    ------
    FrameError
        No frame is so long.
    """
    length = int(LENGTH.unpack(data)[0])
    if length > MOST_BYTES:
        raise FrameError(f"A frame of {length} bytes is longer than any may be")
    return length


def read_frame(pipe: IO[bytes]) -> Frame | None:
    """The next frame; None where the pipe has ended, also in the middle of a frame."""
    start = pipe.read(LENGTH.size)
    if len(start) < LENGTH.size:
        return None
    length = checked_length(start)
    data = pipe.read(length)
    return Frame.from_bytes(data) if len(data) == length else None
