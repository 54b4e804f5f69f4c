"""The sealed container: a file is exactly itself, or refused in little time and memory."""

import ast
import errno
import gc
import hashlib
import io
import json
import math
import os
import pickle
import random
import subprocess
import sys
import time
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
import safetensors
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import thalweg.sealed_container
from faulty import os_error
from slow_cases import slow_but
from thalweg.errors import ModelFileError
from thalweg.files import write_atomic
from thalweg.sealed_container import read_sealed, seal, unseal

# ---------------------------------------------------------------------------- the round trip

scalars = (
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=8)
)
headers = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
        ),
        max_leaves=20,
    ),
    max_size=5,
)
names = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=8).filter(
    lambda name: name not in ("~seal", "__metadata__")
)
DTYPES = ["<f8", ">f8", "<f4", ">f4", "<i8", ">i8", "<i4", ">i4", "u1"]
shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
plain_arrays = st.sampled_from(DTYPES).flatmap(lambda dtype: hnp.arrays(dtype, shapes))
# The same numbers as they may lie in memory: row by row, column by column, backwards in steps.
layouts = st.sampled_from(
    [
        lambda array: array,
        np.asfortranarray,
        lambda array: array.T,
        lambda array: np.repeat(array, 2, axis=0)[::-2] if array.ndim else array,
    ]
)
arrays_as_given = st.builds(lambda layout, array: layout(array), layouts, plain_arrays)


def without_nan(value):
    """What JSON can say: None for NaN and infinities. Written apart from the code on purpose."""
    return json.loads(json.dumps(value), parse_constant=lambda _: None)


def equal_bits(left, right):
    return (
        left.shape == right.shape
        and left.dtype == right.dtype.newbyteorder("=")
        and left.tobytes() == right.astype(left.dtype).tobytes()
    )


@given(header=headers, arrays=st.dictionaries(names, arrays_as_given, max_size=5))
def test_the_round_trip_is_exact(header, arrays):
    data = seal(header, arrays)
    again, found = unseal(data)
    assert again == without_nan(header)
    assert repr(sorted(again)) == repr(sorted(header))
    assert set(found) == set(arrays)
    for name, array in found.items():
        assert equal_bits(array, arrays[name])
        assert array.flags.owndata
        assert array.flags.writeable
        assert array.flags.c_contiguous
        assert array.dtype.isnative
    assert seal(again, found) == data


@given(header=headers, arrays=st.dictionaries(names, arrays_as_given, max_size=5))
@settings(max_examples=50)
def test_safetensors_itself_reads_the_same(header, arrays):
    data = seal(header, arrays)
    found = safetensors.numpy.load(data)
    digest = hashlib.sha256(data[:-32]).digest()
    assert found.pop("~seal").tobytes() == data[-32:] == digest
    assert set(found) == set(arrays)
    assert all(equal_bits(found[name], array) for name, array in arrays.items())
    assert int.from_bytes(data[:8], "little") % 8 == 0


def test_the_metadata_is_one_key_of_strict_json(tmp_path):
    header = {"b": math.nan, "a": [math.inf, -0.0, 1e300, "é", True, None, 2**70]}
    write_atomic(tmp_path / "m", seal(header, {"x": np.zeros(3)}))
    with safetensors.safe_open(tmp_path / "m", "numpy") as file:
        text = '{"a":[null,-0.0,1e+300,"\\u00e9",true,null,1180591620717411303424],"b":null}'
        assert file.metadata() == {"thalweg": text}
        assert list(file.offset_keys())[-1] == "~seal"
    again, arrays = read_sealed(tmp_path / "m")
    assert again == without_nan(header)
    assert arrays["x"].tolist() == [0, 0, 0]


def example(seed=0):
    draw = np.random.default_rng(seed)
    header = {
        "format": 1,
        "kind": "model",
        "architecture": {"widths": [9, 15, 1], "hidden": "relu"},
        "training": {"history": [{"epoch": e, "loss": 1 / (e + 1)} for e in range(5)]},
    }
    return header, {
        "theta": draw.standard_normal(60),
        "median": draw.standard_normal((3, 3)).astype(np.float32),
        "codes": draw.integers(0, 9, 7),
        "few": draw.integers(0, 9, (2, 2)).astype(np.int32),
        "bytes": np.arange(5, dtype=np.uint8),
        "nothing": np.zeros((0, 4)),
        "one": np.array(2.5),
    }


def test_the_same_content_has_the_same_bytes():
    header, arrays = example()
    data = seal(header, arrays)
    turned = dict(reversed(header.items()))
    swapped = {
        name: np.array(array, array.dtype.newbyteorder(">"), order="F")
        for name, array in reversed(arrays.items())
    }
    assert seal(turned, swapped) == data
    assert seal({**header, "format": 2}, arrays) != data
    assert seal(header, {**arrays, "one": np.array(-2.5)}) != data


def test_the_bytes_are_those_of_every_version_and_machine():
    arrays = {"theta": np.arange(4) / 8, "few": np.arange(3, dtype=np.int32)}
    data = seal({"format": 1, "rate": 0.1, "none": math.nan}, arrays)
    assert data[8:-32] == (
        b'{"__metadata__":{"thalweg":"{\\"format\\":1,\\"none\\":null,\\"rate\\":0.1}"},'
        b'"theta":{"dtype":"F64","shape":[4],"data_offsets":[0,32]},'
        b'"few":{"dtype":"I32","shape":[3],"data_offsets":[32,44]},'
        b'"~seal":{"dtype":"U8","shape":[32],"data_offsets":[44,76]}}'
        + b" " * 2
        + bytes.fromhex("0000000000000000 000000000000c03f 000000000000d03f 000000000000d83f")
        + bytes.fromhex("00000000 01000000 02000000")
    )


@pytest.mark.parametrize(
    ("header", "arrays"),
    [
        ([], {}),
        ({1: 2}, {}),
        ({"a": {None: 2}}, {}),
        ({"a": (1, 2)}, {}),
        ({"a": {1, 2}}, {}),
        ({"a": b"bytes"}, {}),
        ({"a": 1j}, {}),
        ({"a": np.int64(1)}, {}),
        ({"a": np.bool_(True)}, {}),
        ({"a": np.zeros(2)}, {}),
        ({}, {"a": [1.0]}),
        ({}, {"a": np.float64(1)}),
        ({}, {"a": np.ma.masked_array([1.0, 2.0], [True, False])}),
        ({}, {"a": np.zeros(2, bool)}),
        ({}, {"a": np.zeros(2, np.float16)}),
        ({}, {"a": np.zeros(2, np.longdouble)}),
        ({}, {"a": np.zeros(2, np.uint64)}),
        ({}, {"a": np.zeros(2, complex)}),
        ({}, {"a": np.zeros(2, "M8[s]")}),
        ({}, {"a": np.array(["text"])}),
        ({}, {"a": np.array([None, {}], dtype=object)}),
        ({}, {"a": np.zeros(2, [("x", "<f8")])}),
    ],
)
def test_what_a_file_cannot_hold_is_a_type_error(header, arrays):
    with pytest.raises(TypeError):
        seal(header, arrays)


def nested(depth, inner=None):
    for _ in range(depth):
        inner = {"a": inner}
    return inner


def test_names_depth_and_size_have_limits_that_both_sides_share():
    for name in ("", "~seal", "__metadata__", "é", "a\nb", "\ud800"):
        with pytest.raises(ValueError, match="may not have the name"):
            seal({}, {name: np.zeros(1)})
    unseal(seal(nested(31), {}))
    large = {"a": [0] * (2**19 - 100), "b": "x" * 15_000_000}
    unseal(seal(large, {"theta": np.zeros(2**17)}))
    unseal(seal({"a": "x" * 500_000}, {}))
    circle = {}
    circle["a"] = circle
    for header in (nested(32), circle, nested(100_000)):
        with pytest.raises(ValueError, match="deep"):
            seal(header, {})
    for header in ({"a": "x" * 2**24}, {"a": [0] * 2**19}, {"a": [[]] * 2**18}):
        with pytest.raises(ValueError, match="too large"):
            seal(header, {"theta": np.zeros(2**18)})
    # A header that is large for a file without arrays.
    for header in (large, {"a": "x" * 2**19}, {"a": [0] * 2**16}, {"a": [[]] * 2**15}):
        with pytest.raises(ValueError, match="too large"):
            seal(header, {})
    with pytest.raises(ValueError, match="digits"):
        seal({"a": 10**5000}, {})


# ---------------------------------------------------------------------------- damaged files


def refuse(data):
    with pytest.raises(ModelFileError) as caught:
        unseal(data)
    assert type(caught.value) is ModelFileError
    return caught.value


def damaged(data, draw):
    """One accident: flipped bits, a cut, additions, swapped bytes, a zeroed span, a repeat."""
    kind = draw.randrange(6)
    bad = bytearray(data)
    a, b = sorted(draw.sample(range(len(data) + 1), 2))
    if kind == 0:
        for _ in range(draw.choice([1, 2, 8, 100])):
            bad[draw.randrange(len(bad))] ^= 1 << draw.randrange(8)
    elif kind == 1:
        del bad[a:b]
    elif kind == 2:
        bad[a:a] = draw.randbytes(draw.choice([1, 2, 32, 1000]))
    elif kind == 3:
        a, b = draw.sample(range(len(data)), 2)
        bad[a], bad[b] = bad[b], bad[a]
    elif kind == 4:
        bad[a:b] = bytes(b - a)
    else:
        bad[a:b] = bad[a:b] * 2
    return bytes(bad)


def damage_many(count):
    data, draw = seal(*example()), random.Random(20)
    tried = 0
    while tried < count:
        bad = damaged(data, draw)
        if bad != data:  # two equal bytes may have been swapped
            refuse(bad)
            tried += 1


def test_10_000_damaged_files_are_refused():
    damage_many(10_000)


@pytest.mark.slow
def test_a_million_damaged_files_are_refused():
    damage_many(1_000_000)


def test_every_flipped_bit_is_seen():
    data = seal(*example())
    assert 1000 < len(data) < 2000
    bad = bytearray(data)
    for place in range(len(data)):
        for bit in range(8):
            bad[place] ^= 1 << bit
            with pytest.raises(ModelFileError):
                unseal(bytes(bad))
            bad[place] ^= 1 << bit
    unseal(bytes(bad))


def test_every_cut_is_seen_and_a_second_end_too():
    data = seal(*example())
    for length in range(len(data)):
        refuse(data[:length])
    for length in (len(data) - 40, len(data) - 31, len(data) + 1, 2 * len(data)):
        why = refuse(resealed((data + data)[: length - 32])).why
        assert why.startswith(f"By its head it has {len(data):,} bytes, and it has {length:,}")


# ---------------------------------------------------------------------------- forged files


def resealed(body):
    """A body with the seal that belongs to it: damage that the seal does not show."""
    return body + hashlib.sha256(body).digest()


def with_head(text, numbers=b""):
    """A sealed file with this JSON text as its header, padded as it should be."""
    text = text if isinstance(text, bytes) else text.encode()
    text += b" " * (-len(text) % 8)
    return resealed(len(text).to_bytes(8, "little") + text + numbers)


def with_directory(directory, numbers=b"", header="{}"):
    """A sealed file with these entries; the seal's entry stands where it belongs."""
    entries = {"__metadata__": {"thalweg": header}, **directory}
    entries["~seal"] = entry("U8", [32], len(numbers))
    return with_head(json.dumps(entries, separators=(",", ":")), numbers)


def with_entries(texts, n_numbers=0):
    """A sealed file with the entries that these texts are."""
    seal_entry = json.dumps(entry("U8", [32], n_numbers), separators=(",", ":"))
    entries = ['"__metadata__":{"thalweg":"{}"}', *texts, f'"~seal":{seal_entry}']
    return with_head("{" + ",".join(entries) + "}", bytes(n_numbers))


def entry(dtype, shape, start, stop=None):
    sizes = {"F64": 8, "I64": 8, "F32": 4, "I32": 4}
    if stop is None:
        stop = start + math.prod(shape) * sizes.get(dtype, 1)
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


def test_the_forger_can_also_write_a_true_file():
    # Otherwise the refusals below would show nothing.
    directory = {"b": entry("F64", [2], 0), "a": entry("U8", [3], 16)}
    header, arrays = unseal(with_directory(directory, bytes(19), '{"x":1}'))
    assert header == {"x": 1}
    assert arrays["b"].tolist() == [0, 0]
    assert arrays["a"].shape == (3,)
    whole = {f"k{i}": entry("U8", [1], i) for i in range(3)}
    texts = [json.dumps({k: v}, separators=(",", ":"))[1:-1] for k, v in whole.items()]
    assert with_entries(texts, 3) == with_directory(whole, bytes(3))
    assert [*unseal(with_entries(texts, 3))[1]] == ["k0", "k1", "k2"]


def shape_bombs():
    giant = "1" + "0" * 4000  # as text: Python takes long to write such a number
    huge = with_directory({"a": entry("U8", ["GIANT"] * 2000, 0, 8)}, bytes(8))
    text = huge[8:-40].rstrip().replace(b'"GIANT"', giant.encode())
    for dtype in (b"F64", b"U8"):
        yield with_head(text.replace(b"U8", dtype, 1), bytes(8))
    giants = [
        [2**50],
        [2**25, 2**25],
        [2**63 - 1],
        [2**63],
        [2**64],
        [2**62, 4],
        [2**32, 2**32],
        [0, 2**64],
        [2**10] * 7,
        [2**62] * 64,
        [1] * 65,
        [2] * 10_000,
    ]
    for shape in giants:
        for dtype in ("F64", "U8"):
            # What it claims, and what the file really has.
            yield with_directory({"a": entry(dtype, shape, 0)}, bytes(8))
            yield with_directory({"a": entry(dtype, shape, 0, 8)}, bytes(8))
    for shape in ([-1], [-8, -1], [True], [1.0], ["1"], [None], [[1]], "1", 1, None, {}, {"1": 1}):
        yield with_directory({"a": entry("U8", shape, 0, 1)}, bytes(1))


def entry_bombs():
    one, two = entry("F64", [1], 0), entry("F64", [1], 8)
    for dtype in ("BOOL", "F16", "BF16", "U64", "f64", "object", "", 8, None, [], {}):
        yield with_directory({"a": {**one, "dtype": dtype}}, bytes(8))
    for offsets in (
        [0, 7],
        [0, 9],
        [8, 16],
        [8, 0],
        [-8, 0],
        [0, 2**64],
        [0.0, 8],
        [0],
        [],
        0,
        "a",
    ):
        yield with_directory({"a": {**one, "data_offsets": offsets}}, bytes(16))
    yield with_directory({"a": one, "b": one}, bytes(8))  # overlap
    yield with_directory({"a": one, "b": entry("F64", [1], 4)}, bytes(16))
    yield with_directory({"a": one, "b": entry("F64", [1], 16)}, bytes(24))  # hole
    yield with_directory({"b": one, "a": two}, bytes(16))  # order
    yield with_directory({"a": {**one, "type": "posix.system"}}, bytes(8))
    yield with_directory({"a": {key: one[key] for key in reversed(one)}}, bytes(8))
    for missing in one:
        yield with_directory({"a": {key: one[key] for key in one if key != missing}}, bytes(8))
    for wrong in (None, 1, "a", [], [1, 2, 3]):
        yield with_directory({"a": wrong})
    for name in ("", "é", "\n", "\ud800", "a" * 10**6):
        yield with_directory({name: entry("U8", [1], 0, 2)}, bytes(2))
    # Written as text, which is quicker than as 400,000 lists.
    whole = '{{"dtype":"U8","shape":[1],"data_offsets":[{},{}]}}'
    numbers = (whole.format(i, i + 1) for i in range(100_000))
    yield with_entries([f'"k{i}":{each}' for i, each in enumerate(numbers)], 100_000)
    yield with_entries([f'"k{i}":{{}}' for i in range(100_000)])
    yield with_entries([f'"k{i}":[]' for i in range(400_000)])


def json_bombs():
    open_metadata, seal_entry = '{"__metadata__":{"thalweg":"', json.dumps(entry("U8", [32], 0))
    rest = f'"~seal":{seal_entry}'.replace(" ", "")
    yield with_head(open_metadata + '{}"},' + rest + "," + rest + "}")  # doubled keys
    yield with_head(open_metadata + '{}","thalweg":"{}"},' + rest + "}")
    yield with_head(open_metadata + '{}"},"__metadata__":{"thalweg":"{}"},' + rest + "}")
    yield with_head(open_metadata + '{}","more":"x"},' + rest + "}")
    yield with_head(open_metadata + '{}"} ,' + rest + "}")
    yield with_head(open_metadata + '{}"},' + rest + "}" + "{}")
    yield with_head(open_metadata + '{}"}}')  # no seal
    yield with_head(open_metadata + '{}"},' + rest)  # not ended
    yield with_head((open_metadata + '{}"},"é":[],' + rest + "}").encode("latin-1"))
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        for depth in (33, 1000, 100_000, 260_000):
            deep = opening * depth + "1" + closing * depth
            yield with_directory({}, header='{"a":' + deep + "}")
            yield with_head(open_metadata + '{}"},"a":' + deep + "," + rest + "}")
        yield with_directory({}, header=opening * 100_000)
    for text in ("", "1", "null", "[]", '"a"', "{}{}", "{} ", "{'a':1}", "{,}", '{"a":1,}'):
        yield with_directory({}, header=text)
    for text in (
        '"a":1,"a":1',
        '"b":1,"a":1',
        '"a": 1',
        '"a":{"b":1,"b":2}',
        '"é":1',
        '"\\u0061":1',
    ):
        yield with_directory({}, header="{" + text + "}")
    digits = "1" * 1_000_000
    for number in ("NaN", "Infinity", "-Infinity", "1e999", "-0", "01", "1.", "+1", "1.50", "1E5"):
        yield with_directory({}, header='{"a":' + number + "}")
    for number in (digits, digits + ".0", "1e" + digits, "0." + digits):
        yield with_directory({}, header='{"a":' + number + "}")
    for value in (None, 1, [], {}):
        yield with_head(json.dumps({"__metadata__": {"thalweg": value}}))
    yield with_directory({}, header='{"a":[' + "0," * 2**19 + "0]}")
    yield with_directory({}, header='{"a":[' + "{}," * 2**19 + "0]}")


def length_bombs():
    data = seal(*example())
    right = int.from_bytes(data[:8], "little")
    lengths = [0, 1, 8, right - 8, right - 1, right + 1, right + 8, len(data) - 8, len(data)]
    for length in (*lengths, 2**24, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1):
        yield resealed(length.to_bytes(8, "little") + data[8:-32])
    head = b'{"__metadata__":{"thalweg":"{}"},'
    for length in (2**24, 2**25):
        yield resealed(length.to_bytes(8, "little") + head + b" " * (length - len(head)))


BOMBS = (shape_bombs, entry_bombs, json_bombs, length_bombs)


def least_time_of_refusing(data, tries=5):
    """Seconds of this thread alone: neither other work nor a collection of garbage counts."""
    gc.disable()
    try:
        least = math.inf
        while least > QUICK and tries:
            started = time.thread_time()
            refuse(data)
            least, tries = min(least, time.thread_time() - started), tries - 1
        return least
    finally:
        gc.enable()


# The dearest takes some 0.02 s, most of it for the checksum of 8 MB.
QUICK = 0.05


def test_more_than_100_bombs_are_refused_quickly_and_in_little_memory():
    count = 0
    for bombs in BOMBS:
        for number, data in enumerate(bombs()):
            name = f"{bombs.__name__} {number}"
            assert len(str(refuse(data))) < 1000
            assert least_time_of_refusing(data) <= QUICK, name
            tracemalloc.start()
            refuse(data)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            # A few bytes of text make one value of some 60: what is claimed does not count.
            assert peak < 2**20 + 24 * len(data), f"{name}: {peak} bytes"
            count += 1
    assert count > 100


def forged(data, draw):
    """One change to the structure of a file, under a seal that belongs to it."""
    end = 8 + int.from_bytes(data[:8], "little")
    text, numbers = data[8:end].decode(), data[end:-32]
    kind = draw.randrange(7)
    if kind == 0:  # one sign of the header
        place = draw.randrange(len(text))
        text = text[:place] + draw.choice('0123456789{}[]",:\\eE.- naé') + text[place + 1 :]
    elif kind == 1:  # a piece of the header is lost or doubled
        a, b = sorted(draw.sample(range(len(text)), 2))
        text = text[:a] + text[a:b] * draw.choice([0, 2]) + text[b:]
    elif kind == 2:  # a number is another number
        digits = [place for place, sign in enumerate(text) if sign.isdigit()]
        place = draw.choice(digits)
        other = draw.choice(["0", "1", "-1", "9" * 20, "1.0", "1e9", "null", "true", "NaN"])
        text = text[:place] + other + text[place + 1 :]
    elif kind == 3:  # an entry is another entry, or has another name
        directory = json.loads(text)
        one, two = draw.sample(list(directory), 2)
        directory[draw.choice([one, "", "new"])] = directory[two]
        text = json.dumps(directory, separators=(",", ":"))
    elif kind == 4:  # a field is another thing
        directory = json.loads(text)
        fields = directory[draw.choice(list(directory))]
        other = [None, True, 0, 2**60, -1, "U8", "F64", [], [0, 8], [2**60], {}, [[]]]
        fields[draw.choice(list(fields))] = draw.choice(other)
        text = json.dumps(directory, separators=(",", ":"))
    elif kind == 5:  # numbers are other numbers
        numbers = draw.randbytes(len(numbers))
    else:  # there are too few or too many numbers
        numbers = numbers[: draw.randrange(len(numbers))] + draw.randbytes(draw.randrange(9))
    return with_head(text.rstrip().encode(), numbers)


def forge_many(count):
    data, draw = seal(*example()), random.Random(30)
    refused = 0
    for _ in range(count):
        bad = forged(data, draw)
        try:
            header, arrays = unseal(bad)
        except ModelFileError:
            refused += 1
        else:
            # What is accepted is exactly what the writer would write: nothing hides in it.
            assert seal(header, arrays) == bad
    assert 0.5 * count < refused < 0.95 * count, "other numbers alone make a true file"


@pytest.mark.parametrize("n", slow_but((2_000,), (2_000, 10_000)))
def test_forged_files_are_refused_or_true(n):
    forge_many(n)


@pytest.mark.slow
def test_a_million_forged_files_are_refused_or_true():
    forge_many(1_000_000)


@given(st.binary(max_size=300), st.sampled_from([b"", b'{"__metadata__":{"thalweg":"']))
def test_any_bytes_at_all_are_refused(noise, opening):
    refuse(noise)
    refuse(resealed(len(noise).to_bytes(8, "little") + opening + noise))


# ---------------------------------------------------------------------------- foreign files


class Gadget:
    """Once unpickled, it leaves a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (os.mkdir, (self.path,))


def foreign_files(canary):
    """What other programs write, some of it hostile, with what the refusal calls it."""
    gadget = Gadget(canary)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        yield "pickle", pickle.dumps(gadget, protocol)
    yield "text", pickle.dumps(gadget, 0)
    yield "unknown", pickle.dumps(gadget, 1)
    yield "zlib", zlib.compress(pickle.dumps(gadget))
    yield "gzip", b"\x1f\x8b\x08" + zlib.compress(pickle.dumps(gadget))
    for save in (np.savez, np.savez_compressed):
        archive = io.BytesIO()
        save(archive, a=np.array([gadget], dtype=object))
        yield "zip", archive.getvalue()
    array = io.BytesIO()
    np.save(array, np.array([gadget], dtype=object))
    yield "npy", array.getvalue()
    yield "HDF5", b"\x89HDF\r\n\x1a\n" + bytes(100)
    yield "ONNX", b"\x08\x07\x12\x07pytorch\x1a\x052.0.1"
    yield "safetensors", safetensors.numpy.save({"a": np.zeros(3)})
    yield "safetensors", safetensors.numpy.save({"a": np.zeros(3)}, {"thalwegs": "{}"})
    yield "JSON", b'{"theta": [1, 2]}'
    yield "JSON", b"\n [1]"
    yield "text", b"radius,texture\n1.0,2.0\n"
    yield "text", "größe;name\n1,5;Jürgen\n".encode("latin-1")
    yield "text", b"tree\nversion=v4\nnum_class=1\n"
    yield "unknown", bytes(range(256))
    yield "empty", b""


def test_foreign_files_are_called_by_their_name_and_never_opened(tmp_path):
    for number, (name, data) in enumerate(foreign_files(tmp_path / "canary")):
        path = tmp_path / f"model{number}.pkl"
        path.write_bytes(data)
        with pytest.raises(ModelFileError, match="not a model file of thalweg") as caught:
            read_sealed(path)
        assert name in caught.value.why
        assert caught.value.where == str(path)
        assert "thalweg fit" in caught.value.fix
    assert not (tmp_path / "canary").exists()
    with pytest.raises(ModelFileError, match="empty file"):
        unseal(b"")


def test_a_gadget_would_go_off_if_it_were_unpickled(tmp_path):
    pickle.loads(pickle.dumps(Gadget(tmp_path / "canary")))
    assert (tmp_path / "canary").exists()


def test_a_large_foreign_file_is_not_read_whole(tmp_path):
    with open(tmp_path / "a.csv", "wb") as file:
        file.write(b"a,b\n")
        file.truncate(2**30)
    tracemalloc.start()
    with pytest.raises(ModelFileError):
        read_sealed(tmp_path / "a.csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


def test_a_sparse_file_of_12_gib_with_a_right_opening_is_refused_by_its_head(tmp_path):
    data = seal(*example())
    end = 8 + int.from_bytes(data[:8], "little")
    for begin in (data[:100], data[:end], data, (2**33).to_bytes(8, "little") + data[8:]):
        path = tmp_path / "sparse"
        with open(path, "wb") as file:
            file.write(begin)
            file.truncate(12 * 2**30)
        started = time.process_time()
        tracemalloc.start()
        with pytest.raises(ModelFileError, match="damaged"):
            read_sealed(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2**20
        assert time.process_time() - started < 0.05
        path.unlink()


def test_too_little_memory_is_a_model_file_error(tmp_path, monkeypatch):
    data = seal(*example())
    (tmp_path / "m").write_bytes(data)

    def none_left(*_, **__):
        raise MemoryError

    monkeypatch.setattr(np, "array", none_left)
    with pytest.raises(ModelFileError, match="not enough memory"):
        unseal(data)

    class Full(io.FileIO):
        def read(self, size=-1):
            return none_left() if size == -1 else super().read(size)

    monkeypatch.setattr(thalweg.sealed_container, "open", Full, raising=False)
    with pytest.raises(ModelFileError, match="not enough memory") as caught:
        read_sealed(tmp_path / "m")
    assert "more memory" in caught.value.fix


def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "missing", tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(ModelFileError, match="cannot be read") as caught:
            read_sealed(path)
        assert caught.value.where == str(path)
        assert caught.value.why
    monkeypatch.setattr(os, "stat", lambda _: os_error(errno.EACCES)())
    with pytest.raises(ModelFileError, match="Permission denied"):
        read_sealed(tmp_path / "a")


def test_errors_name_the_file(tmp_path):
    data = seal(*example())
    for bad, match in ((data[:-1], "damaged"), (with_directory({}, header="[]"), "malformed")):
        (tmp_path / "m").write_bytes(bad)
        with pytest.raises(ModelFileError, match=match) as caught:
            read_sealed(tmp_path / "m")
        assert caught.value.where == str(tmp_path / "m")
        assert caught.value.fix


AUDIT = """
import sys
from pathlib import Path
from thalweg.errors import ModelFileError
from thalweg.sealed_container import unseal

files = [path.read_bytes() for path in sorted(Path(sys.argv[1]).iterdir())]
seen, on = [], False

def watch(event, arguments):
    if on:
        seen.append(event)

def read_all():
    refused = 0
    for data in files:
        try:
            unseal(data)
        except ModelFileError:
            refused += 1
    return refused

read_all()  # what NumPy and Python load on first use
sys.addaudithook(watch)
on = True
refused = read_all()
on = False
print("refused", refused, "seen", *sorted(set(seen)))
on = True
eval("1")
on = False
print("control", *sorted(set(seen)))
"""


def test_reading_runs_nothing_opens_nothing_and_calls_nobody(tmp_path):
    data, draw = seal(*example()), random.Random(40)
    hostile = [data for _, data in foreign_files(tmp_path / "canary")]
    hostile += [forged(data, draw) for _ in range(300)]
    hostile += [resealed(each) for each in hostile[:20]]
    hostile += [bomb for bombs in BOMBS for bomb in bombs() if len(bomb) < 10**6]
    (tmp_path / "files").mkdir()
    for number, each in enumerate([data, *hostile]):
        (tmp_path / "files" / f"{number:04}").write_bytes(each)
    ended = subprocess.run(
        [sys.executable, "-c", AUDIT, tmp_path / "files"],
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = ended.stdout.splitlines()
    assert first.endswith("seen"), first
    assert len(hostile) * 0.5 < int(first.split()[1]) < len(hostile)
    assert second == "control compile exec"
    assert not (tmp_path / "canary").exists()


def test_no_door_to_code_is_in_the_source():
    tree = ast.parse(Path(thalweg.sealed_container.__file__).read_text(encoding="utf-8"))
    imported, called = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module)
        elif isinstance(node, ast.Name):
            called.add(node.id)
        elif isinstance(node, ast.Attribute):
            called.add(node.attr)
        elif isinstance(node, ast.keyword):
            called.add(node.arg)
    # An allow-list: whoever needs another module comes past here.
    assert imported == {
        *("hashlib", "json", "math", "numpy", "numpy.typing", "os", "re", "stat", "typing"),
        "thalweg.errors",
    }
    forbidden = {"eval", "exec", "compile", "__import__", "import_module", "getattr", "globals"}
    forbidden |= {"allow_pickle", "load", "fromfile", "system", "popen", "loads"}
    assert called & forbidden == {"compile", "loads"}  # re.compile, json.loads
