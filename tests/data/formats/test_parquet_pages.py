"""How much the pages of a Parquet file unpack to: files of pyarrow, and forged files."""

import io
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.data.formats import parquet_pages
from thalweg.data.formats.parquet_pages import chunks, leaves


def unsigned(number):
    digits = b""
    while number > 127:
        number, digits = number >> 7, digits + bytes([number & 127 | 128])
    return digits + bytes([number])


def whole(number):
    """An integer as Thrift's compact protocol has it: zigzag first."""
    return unsigned(2 * number if number >= 0 else -2 * number - 1)


def struct(fields):
    """A structure of (kind, bytes) by the numbers of its fields."""
    told, before = b"", 0
    for number, (kind, value) in sorted(fields.items()):
        told += bytes([(number - before) << 4 | kind]) + value
        before = number
    return told + b"\0"


def structs(each):
    return 9, bytes([0xFC]) + unsigned(len(each)) + b"".join(each)


def footer(places, promised):
    """A footer of one group with a column for each (first byte, bytes) of its pages."""
    schema = [struct({5: (5, whole(len(places)))}), *[struct({4: (8, b"\1c")})] * len(places)]
    columns = [
        struct(
            {3: (12, struct({5: (6, whole(promised)), 7: (6, whole(packed)), 9: (6, whole(at))}))}
        )
        for at, packed in places
    ]
    return struct(
        {2: structs(schema), 4: structs([struct({1: structs(columns), 3: (6, whole(9))})])}
    )


def file(before, places, promised=9):
    told = footer(places, promised)
    return before + told + len(told).to_bytes(4, "little") + b"PAR1"


def page(more=None, packed=0, unpacked=100, values=9):
    return struct(
        {2: (5, whole(unpacked)), 3: (5, whole(packed)), 5: (12, struct({1: (5, whole(values))}))}
        | (more or {})
    )


def test_pages_are_counted_where_the_footer_says():
    header = page(packed=3)
    before = b"PAR1" + header + b"abc" + header + b"abc"
    (found,) = chunks(file(before, [(4, len(before) - 4)], promised=18))
    assert (found.n_values, found.n_bytes, found.n_rows, found.column) == (18, 200, 9, 0)
    assert leaves(file(before, [(4, 10)] * 3)) == [0, 1, 2]


def test_the_pages_of_a_written_file_are_those_of_its_metadata():
    frame = pd.DataFrame(
        {
            "x": np.arange(5_000.0),
            "t": [f"w{k % 70}" for k in range(5_000)],
            "b": [True, False] * 2500,
        }
    )
    for how in ({}, {"compression": "zstd"}, {"use_dictionary": False, "data_page_version": "2.0"}):
        data = io.BytesIO()
        frame.to_parquet(data, index=False, row_group_size=1_234, data_page_size=2_000, **how)
        told = pa.parquet.ParquetFile(data).metadata
        found = list(chunks(data.getvalue()))
        assert len(found) == 3 * told.num_row_groups
        assert sum(each.n_values for each in found) == 3 * 5_000
        groups = [told.row_group(g).column(j) for g in range(told.num_row_groups) for j in range(3)]
        # Headers count in the file's own figure, and not in ours.
        for each, column in zip(found, groups, strict=True):
            assert 0 < each.n_bytes < column.total_uncompressed_size <= each.n_bytes + 2_000


@pytest.mark.parametrize("promised", [-1, 0, 17, 19, 2**40, 2**62])
def test_a_footer_that_promises_other_values_than_the_pages_have_is_refused(promised):
    header = page(packed=3)
    before = b"PAR1" + header + b"abc" + header + b"abc"
    with pytest.raises(ValueError, match=f"promises {promised:,} values .* its pages have 18"):
        list(chunks(file(before, [(4, len(before) - 4)], promised)))


ENDLESS = {
    "a list of numbers": (9, bytes([0xF7]) + unsigned(2**40)),
    "a list of truth values": (9, bytes([0xF1]) + unsigned(2**40)),
    "a list of structures": (9, bytes([0xFC]) + unsigned(2**40)),
    "a set of words": (10, bytes([0xF8]) + unsigned(2**40)),
    "a word": (8, unsigned(2**40)),
    "lists in lists": (9, b"\x19" * 100_000),
    "structures in structures": (12, b"\x1c" * 100_000),
    "a map": (11, unsigned(2**40) + b"\x55"),
    "a number that does not end": (6, b"\xff" * 50),
}


@pytest.mark.parametrize("name", ENDLESS)
@pytest.mark.parametrize("field", [1, 5, 9])
def test_what_does_not_end_is_damaged(name, field):
    before = b"PAR1" + page({field: ENDLESS[name]}) + bytes(1_000)
    with pytest.raises(ValueError, match="damaged"):
        list(chunks(file(before, [(4, len(before) - 4)])))
    told = struct({field: ENDLESS[name]}) + bytes(1_000)
    with pytest.raises(ValueError, match="damaged"):
        list(chunks(b"PAR1" + told + len(told).to_bytes(4, "little") + b"PAR1"))


def test_what_nobody_asks_for_is_not_kept():
    nothing = structs([struct({1: (1, b"")})] * 10_000)
    header, _ = parquet_pages._struct(page({9: nothing, 1: nothing}), 0, parquet_pages._HEADER)
    assert sorted(header) == [2, 3, 5]
    assert header[5] == {1: 9}


def test_many_columns_do_not_lead_through_the_same_long_header_again_and_again(monkeypatch):
    steps, honest = [], parquet_pages._behind
    monkeypatch.setattr(parquet_pages, "_behind", lambda *all: steps.append(1) or honest(*all))
    long = page(dict.fromkeys(range(9, 3020), (9, b"\x00")))
    before = b"PAR1" + long
    told = list(chunks(file(before, [(4, len(long))])))
    assert told[0].n_values == 9
    once = len(steps)
    assert once > 3_000
    steps.clear()
    with pytest.raises(ValueError, match="damaged"):
        list(chunks(file(before + bytes(300), [(4, 5)] * 300)))
    assert len(steps) < 3 * once  # the columns' own fields


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_damaged(noise):
    for data in (
        noise,
        file(b"PAR1" + noise, [(4, len(noise))], promised=0),
        b"PAR1" + noise + b"\0\0\0\0PAR1",
    ):
        try:
            found = list(chunks(data))
        except ValueError:
            continue
        assert all(each.n_values >= 0 and each.n_bytes >= 0 for each in found)


def calls_of(read):
    """How many functions of the module a call uses."""
    n_calls = 0

    def seen(frame, what, _):
        nonlocal n_calls
        n_calls += what == "call" and frame.f_code.co_filename == parquet_pages.__file__

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        read()
    finally:
        sys.setprofile(before)
    return n_calls


def test_a_column_of_a_wide_table_takes_few_calls():
    data = io.BytesIO()
    pd.DataFrame({f"c{k}": [0.5, 1.5] for k in range(100)}).to_parquet(data, index=False)
    held = data.getvalue()
    assert calls_of(lambda: list(chunks(held))) < 45 * 100
    assert calls_of(lambda: leaves(held)) < 5 * 100


def test_structures_that_are_skipped_may_be_in_lists_and_in_one_another():
    inner = struct({1: (12, struct({1: structs([struct({2: (6, whole(300))}), struct({})])}))})
    # A word, a byte of field 40, a double.
    plain = b"\x78\3abc" + b"\3" + whole(40) + b"x" + b"\x17" + bytes(8) + b"\0"
    whole_page = page({9: structs([inner, plain, inner]), 10: (12, inner)})
    header, length = parquet_pages._struct(whole_page, 0, parquet_pages._HEADER)
    assert sorted(header) == [2, 3, 5]
    assert length == len(whole_page)
    deep = b"\x1c" * 65
    with pytest.raises(IndexError):
        parquet_pages._behind(12, deep + bytes(66), 0)
    assert parquet_pages._behind(12, deep[1:] + bytes(65), 0) == 64 + 65


def test_the_header_of_a_page_may_be_long():
    header = page({9: (8, unsigned(2_000) + bytes(2_000))}, packed=3)
    before = b"PAR1" + header + b"abc" + header + b"abc"
    (found,) = chunks(file(before, [(4, len(before) - 4)], promised=18))
    assert (found.n_values, found.n_bytes) == (18, 200)
