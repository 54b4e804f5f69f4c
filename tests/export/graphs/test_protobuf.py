"""Protocol buffers by hand: the examples of their documentation, and a reader written from it."""

from hypothesis import given
from hypothesis import strategies as st

from thalweg.export.graphs.protobuf import chunk, text, texts, varint, whole, wholes


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def test_the_examples_of_the_documentation():
    assert whole(1, 150) == b"\x08\x96\x01"
    assert text(2, "testing") == b"\x12\x07testing"
    assert chunk(3, whole(1, 150)) == b"\x1a\x03\x08\x96\x01"
    assert varint(-2) == b"\xfe" + b"\xff" * 8 + b"\x01"
    assert wholes(4, [3, 270]) == whole(4, 3) + whole(4, 270)
    assert texts(1, ["a", ""]) == b"\x0a\x01a\x0a\x00"


@given(st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_are_read_back(value):
    found, end = read_varint(varint(value), 0)
    assert end == len(varint(value))
    assert found == value % 2**64


def test_half_of_a_pair_of_surrogates_is_escaped():
    assert text(1, "\ud800") == b"\x0a\x06\\ud800"
