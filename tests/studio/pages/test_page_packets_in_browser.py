"""Packets that Python writes are read in the page; what Python refuses, the page refuses."""

import base64
import json
import struct

import numpy as np
import pytest

from studio_browser import complaints, open_studio
from thalweg.studio.wire.packets import MOST_HEAD, Packet, PacketError

pytestmark = pytest.mark.browser

READ = """
(async (text) => {
  const { packetFrom, PacketError } = await import("/studio/core/packets.js");
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  try {
    const { head, arrays } = packetFrom(bytes.buffer);
    return { head, arrays: [...arrays].map(([name, { values, shape }]) =>
      [name, values.constructor.name, shape, [...values].map((v) =>
        Object.is(v, -0) ? "-0" : String(v))]) };
  } catch (why) {
    if (!(why instanceof PacketError)) throw why;
    return { refused: why.message };
  }
})
"""


def read(browser, data):
    return browser.run(f"{READ}({json.dumps(base64.b64encode(data).decode())})")


def made(head, *arrays):
    """Bytes that a careless program could send."""
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    text += b" " * (-(4 + len(text)) % 8)
    return struct.pack("<I", len(text)) + text + b"".join(arrays)


@pytest.fixture
def page(browser, studio):
    open_studio(browser, studio.server.link)
    return browser


def test_a_packet_comes_as_it_was(page):
    arrays = {
        "step": np.arange(3, dtype="i4"), "loss": np.array([1.5, np.nan, -np.inf, -0.0, 5e-324]),
        "grid": np.float32([[0.25, 1e-45], [3, -4]]), "ink": np.arange(5, dtype="u1"),
        "none": np.zeros((0, 4)), "one": np.array(7.0),
    }  # fmt: skip
    head = {"type": "x", "text": "größe \u2028 <script> 𝒙", "deep": [1, {"a": None}], "big": 2**53}
    found = read(page, Packet(head, arrays).to_bytes())
    assert found["head"] == head
    names = {"f8": "Float64Array", "f4": "Float32Array", "i4": "Int32Array", "u1": "Uint8Array"}
    for (name, array), (other, kind, shape, values) in zip(
        arrays.items(), found["arrays"], strict=True
    ):
        assert (other, kind, shape) == (name, names[array.dtype.str[1:]], list(array.shape))
        back = np.array([float(each) for each in values], array.dtype)
        assert back.tobytes() == array.tobytes() or np.isnan(array).any()
        assert np.array_equal(back, array.ravel(), equal_nan=array.dtype.kind == "f")
    assert found["arrays"][1][3][3] == "-0"
    assert complaints(page) == []


REFUSED = {
    "nothing": b"", "half a length": b"\1\0", "no head": struct.pack("<I", 12),
    "long head": struct.pack("<I", MOST_HEAD + 4) + b" " * (MOST_HEAD + 4),
    "between words": struct.pack("<I", 5) + b'{"a":1}  '[:5],
    "no JSON": made(b"{nothing"), "no UTF-8": made(b'{"a":"\xff","arrays":[]}'),
    "a list": made([1]), "null": made(b"null"), "no arrays": made({}),
    "arrays that are none": made({"arrays": 3}), "many": made({"arrays": [["a", "u1", [0]]] * 257}),
    "two of a name": made({"arrays": [["a", "u1", [0]], ["a", "u1", [0]]]}),
    "another type": made({"arrays": [["a", "f2", [0]]]}),
    "a type of Object": made({"arrays": [["a", "constructor", [0]]]}),
    "no shape": made({"arrays": [["a", "u1", None]]}),
    "five dimensions": made({"arrays": [["a", "u1", [1] * 5]]}, bytes(8)),
    "minus": made({"arrays": [["a", "u1", [-8]]]}), "half": made({"arrays": [["a", "u1", [0.5]]]}),
    "huge": made({"arrays": [["a", "f8", [2**26, 2**26, 2**26, 2**26]]]}),
    "too short": made({"arrays": [["a", "f8", [2]]]}, bytes(8)),
    "too long": made({"arrays": [["a", "f8", [1]]]}, bytes(16)),
    "not filled up": made({"arrays": [["a", "u1", [3]]]}, bytes(3)),
}  # fmt: skip


def test_what_python_refuses_the_page_refuses(page):
    for name, data in REFUSED.items():
        with pytest.raises(PacketError) as here:
            Packet.from_bytes(data)
        assert read(page, data)["refused"] == str(here.value), name


@pytest.mark.slow
def test_broken_packets_are_refused_or_read_alike(page):
    random = np.random.default_rng(0)
    whole = Packet(
        {"type": "x", "n": [1, 2.5]}, {"a": np.arange(6.0), "b": np.arange(3, dtype="u1")}
    )
    bytes_, n_read = whole.to_bytes(), 0
    for _ in range(300):
        data = bytearray(bytes_)
        for _ in range(int(random.integers(1, 4))):
            data[int(random.integers(len(data)))] = int(random.integers(256))
        if random.random() < 0.3:
            data = data[: int(random.integers(len(data)))]
        data = bytes(data)
        found = read(page, data)
        try:
            head = Packet.from_bytes(data).head
        except PacketError:
            # JSON of JavaScript and of Python differ in nothing that the head uses.
            assert "refused" in found
            continue
        assert found["head"] == head
        n_read += 1
    assert n_read > 20
