"""Packets: equal on both sides, and strange bytes are refused without a cost."""

import json
import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_arrays

from thalweg.studio.wire.packets import KINDS, MOST_BYTES, MOST_HEAD, Packet, PacketError

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.text(), deeper, max_size=3),
    max_leaves=8,
)  # fmt: skip
_HEADS = st.dictionaries(st.text().filter(lambda name: name != "arrays"), _VALUES, max_size=4)
_ARRAYS = st.dictionaries(
    st.text(),
    st.sampled_from(sorted(KINDS.values())).flatmap(
        lambda kind: st_arrays.arrays(
            np.dtype(kind), st_arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
        )
    ),
    max_size=4,
)


@given(head=_HEADS, arrays=_ARRAYS)
def test_a_frame_comes_back_as_it_was(head: dict[str, Any], arrays: dict[str, Any]) -> None:
    back = Packet.from_bytes(Packet(head, arrays).to_bytes())
    assert back.head == head
    assert list(back.arrays) == list(arrays)
    for name, array in arrays.items():
        assert back.arrays[name].dtype == array.dtype
        assert back.arrays[name].shape == array.shape
        assert back.arrays[name].tobytes() == array.tobytes()  # NaN and −0 too


def test_arrays_lie_at_multiples_of_eight() -> None:
    """A page makes a Float64Array on the bytes, which must begin at such an address."""
    arrays = {"a": np.arange(3, dtype="u1"), "b": np.array([1.5, 2.5]), "c": np.float32([[7]])}
    data = Packet({"type": "x"}, arrays).to_bytes()
    (length,) = struct.unpack_from("<I", data)
    assert (4 + length) % 8 == 0
    start = 4 + length
    assert data[start : start + 8] == bytes([0, 1, 2, 0, 0, 0, 0, 0])
    assert np.frombuffer(data, "<f8", 2, start + 8).tolist() == [1.5, 2.5]
    assert len(data) == start + 8 + 16 + 8
    assert json.loads(data[4:start])["arrays"] == [
        ["a", "u1", [3]], ["b", "f8", [2]], ["c", "f4", [1, 1]],
    ]  # fmt: skip


def test_arrays_in_another_order_are_written_by_rows() -> None:
    turned = np.arange(6.0).reshape(2, 3).T
    swapped = np.arange(3.0)[::-1]
    back = Packet.from_bytes(Packet({}, {"t": turned, "s": swapped}).to_bytes()).arrays
    assert back["t"].tolist() == turned.tolist()
    assert back["s"].tolist() == [2.0, 1.0, 0.0]


@pytest.mark.parametrize(
    "array", [np.array(["a"]), np.array([None]), np.arange(3), np.array([1j]), np.array([True])]
)
def test_other_types_are_refused_when_written(array: Any) -> None:
    with pytest.raises(PacketError, match="type"):
        Packet({}, {"a": array}).to_bytes()


def test_numbers_that_json_lacks_are_refused_when_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        Packet({"loss": float("nan")}).to_bytes()


def test_what_is_too_large_is_refused_when_written() -> None:
    with pytest.raises(PacketError, match="head is too long"):
        Packet({"a": "x" * MOST_HEAD}).to_bytes()
    with pytest.raises(PacketError, match="too long"):
        Packet({}, {"a": np.zeros(MOST_BYTES, "u1")}).to_bytes()


def raw(head: Any, after: bytes = b"", fill: bool = True) -> bytes:
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    if fill:
        text += b" " * (-(4 + len(text)) % 8)
    return struct.pack("<I", len(text)) + text + after


STRANGE = [
    b"", b"\x00", b"\xff" * 4, b"\xff" * 100, struct.pack("<I", 10), struct.pack("<I", 2**31),
    raw(b""), raw(b"{"), raw(b"[]"), raw(b"null"), raw(b"1"), raw(b'"a"'), raw(b"\xff\xfe{}"),
    raw({}), raw({"arrays": None}), raw({"arrays": {}}), raw({"arrays": 1}),
    raw({"arrays": []}, b"x"), raw({"arrays": []}, bytes(8)), raw({"arrays": []}, fill=False),
    raw({"arrays": [1]}), raw({"arrays": [[]]}), raw({"arrays": [["a", "f8"]]}),
    raw({"arrays": [[1, "f8", [1]]]}, bytes(8)), raw({"arrays": [["a", "O", [1]]]}, bytes(8)),
    raw({"arrays": [["a", "f16", [1]]]}, bytes(16)), raw({"arrays": [["a", 8, [1]]]}, bytes(8)),
    raw({"arrays": [["a", ["f8"], [1]]]}, bytes(8)), raw({"arrays": [["a", "f8", 1]]}, bytes(8)),
    raw({"arrays": [["a", "f8", [-1]]]}), raw({"arrays": [["a", "f8", [1.0]]]}, bytes(8)),
    raw({"arrays": [["a", "f8", [True]]]}, bytes(8)), raw({"arrays": [["a", "f8", ["1"]]]}),
    raw({"arrays": [["a", "f8", [2]]]}, bytes(8)), raw({"arrays": [["a", "f8", [1]]]}, bytes(7)),
    raw({"arrays": [["a", "f8", [2**62, 4]]]}), raw({"arrays": [["a", "u1", [2**40]]]}),
    raw({"arrays": [["a", "u1", [1, 1, 1, 1, 1]]]}, bytes(8)),
    raw({"arrays": [["a", "u1", [2**20, 2**20, 2**20, 0]]]}),
    raw({"arrays": [["a", "f8", [1]], ["a", "f8", [1]]]}, bytes(16)),
    raw({"arrays": [["a", "u1", [0]]] * 300}), raw({"arrays": [[None, "u1", [0]]]}),
    raw(b'{"arrays": [], "a": NaN}'), raw(b'{"arrays": [], "a": Infinity}'),
    raw(b"[" * 100_000), raw(b'{"a":' * 100_000),
]  # fmt: skip


@pytest.mark.parametrize("data", STRANGE, ids=range(len(STRANGE)))
def test_strange_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(PacketError, match="This is no packet"):
        Packet.from_bytes(data)


def test_a_bound_of_the_reader_holds() -> None:
    data = Packet({"a": 1}).to_bytes()
    assert Packet.from_bytes(data, len(data)).head == {"a": 1}
    with pytest.raises(PacketError, match="too long"):
        Packet.from_bytes(data, len(data) - 1)


def test_a_promise_of_numbers_costs_no_memory() -> None:
    data = raw({"arrays": [["a", "f8", [2**23]]]})
    tracemalloc.start()
    with pytest.raises(PacketError):
        Packet.from_bytes(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 1 << 17


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda end: raw({"arrays": []}, end)))
def test_any_bytes_are_a_frame_or_refused(data: bytes) -> None:
    try:
        packet = Packet.from_bytes(data)
    except PacketError:
        return
    assert Packet.from_bytes(packet.to_bytes()).head == packet.head


@given(st.data())
def test_a_changed_byte_is_a_frame_or_refused(data: Any) -> None:
    whole = bytearray(Packet({"type": "x", "n": 3}, {"a": np.arange(4.0)}).to_bytes())
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] = data.draw(st.integers(0, 255))
    try:
        packet = Packet.from_bytes(bytes(whole))
    except PacketError:
        return
    assert sum(array.nbytes for array in packet.arrays.values()) <= len(whole)
