import datetime
import decimal
import io
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from thalweg.data.column_roles import labels_of
from thalweg.data.formats import parquet as reader
from thalweg.data.formats.budget import Budget
from thalweg.data.formats.parquet import library
from thalweg.data.formats.parquet import read_parquet as _read_parquet
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError


def read_parquet(data, name, *, skip=(), max_memory=None):
    return _read_parquet(data, Budget(name, len(data), max_memory), skip=skip)


def parquet(table, **options):
    data = io.BytesIO()
    pq.write_table(table if isinstance(table, pa.Table) else pa.table(table), data, **options)
    return data.getvalue()


def column(values, **options):
    """A column after a round through a file."""
    frame, notes = read_parquet(parquet({"x": values}, **options), "my.parquet")
    assert notes == ["Read as Parquet."]
    assert list(frame.columns) == ["x"]
    return frame["x"]


def numbers(cells):
    """What the schema makes of a column."""
    frame = cells.to_frame()
    return infer_schema(frame).matrix(frame)[:, 0]


INTEGERS = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint64()]


@pytest.mark.parametrize("kind", [*INTEGERS, pa.float16(), pa.float32(), pa.float64()], ids=str)
def test_numbers_stay_numbers(kind):
    for values in ([1, 2, 3, 100], [1, None, 3, 100], [None, None, 3, 3]):
        cells = column(pa.array(values).cast(kind))
        assert cells.dtype.kind in "iuf"
        expected = [np.nan if value is None else value for value in values]
        np.testing.assert_array_equal(numbers(cells), expected)


def test_no_bit_of_a_number_is_lost():
    values = np.array([0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, np.inf, np.nan])
    assert column(values).to_numpy().tobytes() == values.tobytes()
    assert column(pa.array([2**53 + 1, -(2**63)])).tolist() == [2**53 + 1, -(2**63)]


def test_truth_values():
    assert column([True, False]).dtype == np.bool_
    holes = column([True, None, False])
    assert infer_schema(holes.to_frame()).columns[0].kind == "boolean"
    np.testing.assert_array_equal(numbers(holes), [1, np.nan, 0])


TEXTS = ["no", None, "größe", "", "no", "007", "NA"]


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.binary(),
        pa.large_binary(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.int32(), pa.large_string()),
    ],
    ids=str,
)
@pytest.mark.parametrize("options", [{}, {"use_dictionary": False}, {"row_group_size": 2}], ids=str)
def test_text_is_text_however_it_is_stored(kind, options):
    cells = column(pa.array(TEXTS).cast(kind), **options)
    assert cells.dtype == object
    assert cells.tolist() == TEXTS


def test_a_dictionary_of_numbers_is_numbers():
    cells = column(pa.array([3, 5, None, 3]).dictionary_encode())
    assert cells.dtype.kind == "f"
    np.testing.assert_array_equal(cells, [3, 5, np.nan, 3])
    assert column(pa.array([1.5, 2.5]).dictionary_encode()).tolist() == [1.5, 2.5]


def test_equal_texts_are_one_object():
    # A word of a megabyte in each of 100,000 rows would be 100 GB.
    words = pa.DictionaryArray.from_arrays(np.zeros(1000, dtype=np.int32), ["w" * 2**20])
    cells = column(words)
    assert len({id(cell) for cell in cells}) == 1


def test_text_that_unfolds_to_more_than_fits_is_refused():
    words = pa.DictionaryArray.from_arrays(np.zeros(1000, dtype=np.int32), ["w" * 2**16])
    data = parquet({"fine": range(1000), "x": words})
    with pytest.raises(DataError, match='column "x": texts, joined') as caught:
        read_parquet(data, "my.parquet", max_memory=1000 * 2**16 - 1)
    assert "max_memory" in caught.value.fix
    assert len(read_parquet(data, "x", max_memory=1000 * 2**16)[0]) == 1000
    assert len(read_parquet(data, "x", skip={"x"}, max_memory=1000 * 2**16 - 1)[0]) == 1000


@pytest.mark.parametrize("as_dictionary", [True, False])  # as the stored schema has it
def test_text_that_unfolds_to_too_much_is_refused_before_its_rows_are_read(
    as_dictionary, monkeypatch
):
    codes = np.zeros(3_000_000, dtype=np.int32)
    words = pa.DictionaryArray.from_arrays(codes, ["w" * 10_000])
    data = parquet(pa.table({"x": words}), store_schema=as_dictionary)
    monkeypatch.setattr("thalweg.data.formats.parquet._read", None)
    with pytest.raises(DataError, match='column "x": texts, joined') as caught:
        read_parquet(data, "my.parquet")
    assert "34GB" in caught.value.fix  # what all rows need, though only the first were counted


def test_long_texts_in_few_rows_are_read(monkeypatch):
    # All rows times the longest text would be too much, the texts themselves are not.
    monkeypatch.setattr("thalweg.data.formats.parquet._ROWS_AT_ONCE", 700)
    words = ["é", "w" * 10_000]
    codes = pa.array([None, 0, None, 1] + [0] * 2000, pa.int32())
    data = parquet(pa.table({"x": pa.DictionaryArray.from_arrays(codes, words)}))
    frame, _ = read_parquet(data, "x", max_memory=200_000)
    assert frame["x"].tolist() == [None, "é", None, "w" * 10_000, *["é"] * 2000]


SHARED = {"use_dictionary": False, "column_encoding": {"w": "DELTA_BYTE_ARRAY"}}


def test_texts_that_share_their_beginnings_are_read_and_bounded():
    # As Spark's second version of pages has them: each text by what it shares with the last one.
    texts = [f"ward {i // 7:05d}/bed {i % 7}" for i in range(5_000)]
    frame, _ = read_parquet(parquet({"w": texts}, **SHARED, data_page_size=1 << 12), "my.parquet")
    assert frame["w"].tolist() == texts
    long = ["x" * 100_000 + f"{i:05d}" for i in range(700)]
    bomb = parquet({"w": long}, **SHARED, data_page_size=1 << 29, compression="zstd")
    assert len(bomb) < 10_000
    with pytest.raises(DataError, match="would unpack to"):
        read_parquet(bomb, "my.parquet")
    assert read_parquet(bomb, "my.parquet", max_memory="1GB")[0]["w"].tolist() == long


LENGTHS = {"use_dictionary": False, "column_encoding": {"w": "DELTA_LENGTH_BYTE_ARRAY"}}


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), pa.string_view()])
def test_texts_behind_their_lengths_are_read(kind, version):
    texts = ["north", None, "", "süd", *(f"bed {i}" for i in range(3000))]
    words = pa.array(texts).cast(kind) if kind != pa.string_view() else pa.array(texts, kind)
    data = parquet({"w": words}, **LENGTHS, data_page_version=version)
    frame, _ = read_parquet(data, "my.parquet")
    assert frame["w"].tolist() == texts


def test_cells_of_several_parts_are_not_unfolded():
    # Of 10 lists with 10 MB each nothing is read: not a byte is counted but for their places.
    word = pa.array(["w" * 10**6] * 100)
    lists = pa.ListArray.from_arrays(pa.array(range(0, 101, 10), pa.int32()), word)
    data = parquet({"l": lists, "x": range(10)})
    frame, _ = read_parquet(data, "my.parquet", max_memory=1000)
    assert frame["x"].tolist() == list(range(10))
    with pytest.raises(DataError, match="A cell of type list instead of a number: not read"):
        infer_schema(frame)
    with pytest.raises(DataError, match="The target has cells of type list"):
        labels_of(frame["l"])


def test_cells_of_fixed_width_are_counted_by_it():
    cells = pa.array([b"w" * 10_000] * 5_000, pa.binary(10_000))
    for each in (cells, cells.dictionary_encode()):
        assert "would unpack to 99.4 MB" in refusal(parquet({"x": each}))
        kept = pa.table({"x": each, "y": range(5_000)})
        assert len(read_parquet(parquet(kept), "my.parquet", max_memory="1GB")[0]) == 5_000
    assert column(pa.array([b"ab"] * 5, pa.binary(2))).tolist() == [b"ab"] * 5


def test_two_columns_of_one_name_are_both_bounded():
    # Arrow is told by name what to read as a dictionary, and finds only one of them.
    word = pa.array(["w" * 100_000] * 2_000)
    same = pa.Table.from_arrays([word, word], ["a", "a"])
    assert "would unpack to" in refusal(parquet(same))
    inside = pa.StructArray.from_arrays([word], ["b"])
    same = pa.Table.from_arrays([inside, word], ["a", "a.b"])
    assert "would unpack to" in refusal(parquet(same))


def test_a_column_that_is_left_out_is_not_read():
    data = bytearray(parquet({"w": ["abc"] * 9, "x": range(9)}, write_page_checksum=True))
    data[12] ^= 255
    assert "cannot be read" in refusal(bytes(data))
    frame, _ = read_parquet(bytes(data), "x", skip={"w"})
    assert frame["x"].tolist() == list(range(9))


def test_cells_that_are_longer_than_any_text_are_refused():
    data = parquet({"w": ["x" * 10_000_000]}, use_dictionary=False)
    assert "10,000,010 bytes on average" in refusal(data)
    assert column(["x" * 131_072]).tolist() == ["x" * 131_072]


def test_bytes_that_are_no_text_are_left_for_the_schema_to_name():
    cells = column(pa.array([b"\xff\xfe", b"a", None]))
    assert cells.tolist() == [b"\xff\xfe", b"a", None]
    with pytest.raises(DataError, match=r'cell of type bytes.*column "x", row 1'):
        infer_schema(cells.to_frame())


def test_decimals_are_numbers():
    cells = column(pa.array([decimal.Decimal("1.10"), None, decimal.Decimal("-2")]))
    np.testing.assert_array_equal(numbers(cells), [1.1, np.nan, -2])


@pytest.mark.parametrize("n_rows", [0, 3])
def test_an_empty_column(n_rows):
    cells = column(pa.nulls(n_rows))
    assert cells.tolist() == [None] * n_rows
    if n_rows:
        assert np.isnan(numbers(cells)).all()


MOMENT = datetime.datetime(2021, 3, 14, 1, 59, 26)
MOMENTS = {
    "datetime": (pa.array([MOMENT]), "dates with times"),
    "zone": (
        pa.array([MOMENT], pa.timestamp("us", tz="Europe/Berlin")),
        "dates with times, time zone Europe/Berlin",
    ),
    "date": (pa.array([MOMENT.date()]), "dates"),
    "time": (pa.array([MOMENT.time()]), "times of day"),
}
STRANGE = {
    "duration": pa.array([datetime.timedelta(days=1)]),
    "list": pa.array([[1, 2]]),
    "large list": pa.array([[1.5]], pa.large_list(pa.float64())),
    "fixed list": pa.array([[1, 2]], pa.list_(pa.int8(), 2)),
    "struct": pa.array([{"a": 1, "b": "x"}]),
    "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
    "fixed bytes": pa.array([b"ab"], pa.binary(2)),
    "deep": pa.array([[[{"a": [1]}]]]),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_no_number_is_named_by_the_schema_and_can_be_left_out(kind):
    table = pa.table({"fine": [1.5], "my column": STRANGE[kind]})
    frame, _ = read_parquet(parquet(table), "x")
    assert frame["fine"].tolist() == [1.5]
    with pytest.raises(DataError) as caught:
        infer_schema(frame)
    for part in ["cell of type", 'column "my column", row 1', "--drop 'my column'"]:
        assert part in str(caught.value)
    skipped, _ = read_parquet(parquet(table), "x", skip={"my column"})
    assert skipped["my column"].tolist() == [None]
    assert infer_schema(skipped[["fine"]]).names == ("fine",)


@pytest.mark.parametrize("kind", MOMENTS)
def test_dates_are_read(kind):
    cells, words = MOMENTS[kind]
    frame, _ = read_parquet(parquet(pa.table({"seen": cells})), "x")
    schema = infer_schema(frame)
    assert schema.columns[0].notation.words == words
    clock = (MOMENT.hour + (kind == "zone")) * 3600 + 59 * 60 + 26
    of_day = schema.matrix(frame)[0, 0] % 1 * 86_400
    assert of_day == pytest.approx(0 if kind == "date" else clock, abs=1e-3)


def test_a_year_that_no_calendar_has_is_named():
    frame, _ = read_parquet(parquet(pa.table({"seen": pa.array([2**61], pa.timestamp("us"))})), "x")
    with pytest.raises(DataError, match=r'outside the years 1 to 9999.*column "seen", row 1'):
        infer_schema(frame)


def test_row_labels_that_pandas_stored_are_left_out_if_they_have_no_name():
    frame = pd.DataFrame({"x": [1, 2]}, index=["r", "s"])
    read, notes = read_parquet(frame.to_parquet(), "x")
    assert list(read.columns) == ["x"]
    assert notes == ["Read as Parquet.", 'Left out "__index_level_0__": row labels without a name.']
    assert read.index.tolist() == [0, 1]
    named, notes = read_parquet(frame.rename_axis("id").to_parquet(), "x")
    assert named["id"].tolist() == ["r", "s"]
    assert notes == ["Read as Parquet."]


def test_names_are_kept_as_they_are_even_twice():
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    frame, _ = read_parquet(parquet(table), "x")
    assert frame.columns.tolist() == ["a", "a"]  # column_names refuses them
    assert frame.to_numpy().tolist() == [[1, 2]]
    strange = pa.table({"a.b": ["u"], "": ["v"], " line\nbreak ": ["w"], "ü": ["x"]})
    frame, _ = read_parquet(parquet(strange), "x")
    assert frame.to_numpy().tolist() == [["u", "v", "w", "x"]]
    assert frame.columns.tolist() == ["a.b", "", " line\nbreak ", "ü"]


def test_a_table_without_columns_has_its_rows():
    frame, _ = read_parquet(parquet({}), "x")
    assert frame.shape == (0, 0)


# --- what is refused --------------------------------------------------------------------------


def refusal(data, **options):
    with pytest.raises(DataError) as caught:
        read_parquet(data, "my.parquet", **options)
    assert "my.parquet" in caught.value.where
    assert caught.value.fix
    assert len(str(caught.value)) < 600
    return str(caught.value)


def test_a_damaged_file_is_refused():
    data = parquet({"x": [1, 2]})
    assert "cannot be read" in refusal(data[: len(data) // 2])
    assert "cannot be read" in refusal(data[:4] + bytes(len(data) - 8) + data[-4:])
    assert "cannot be read" in refusal(b"PAR1\x15")


def test_the_checksum_of_a_page_is_verified():
    data = bytearray(parquet({"x": np.arange(100.0)}, write_page_checksum=True, compression="none"))
    data[200] ^= 1
    assert "CRC" in refusal(bytes(data))


def test_a_file_that_promises_more_than_is_allowed_is_refused():
    data = parquet({"x": np.zeros(10_000), "y": np.zeros(10_000)})
    size = 2 * 8 * 10_000 * 2
    assert len(read_parquet(data, "x", max_memory=size)[0]) == 10_000
    with pytest.raises(DataError, match="10,000 rows, 2 columns") as caught:
        read_parquet(data, "x", max_memory=size - 1)
    assert "max_memory" in caught.value.fix


@pytest.mark.parametrize(
    "values",
    [
        pa.array([decimal.Decimal("1.5")] * 100_000),
        pa.array(["abc"] * 500_000),
    ],
    ids=["decimals", "texts"],
)
def test_what_becomes_objects_is_counted_by_its_values(values):
    data = parquet({"x": values})
    with pytest.raises(DataError, match="would take"):
        read_parquet(data, "x", max_memory="6MB")
    assert len(read_parquet(data, "x", max_memory="13MB")[0]) == len(values)


def varint(number):
    """An integer as the footer has it: zigzag, then 7 bits a byte."""
    number, digits = 2 * number, b""
    while number > 127:
        number, digits = number >> 7, digits + bytes([number & 127 | 128])
    return digits + bytes([number])


def lying(data, told, tell, places):
    """The file with another number in its footer, at those of its places that are named."""
    length = int.from_bytes(data[-8:-4], "little")
    parts = data[-8 - length : -8].split(varint(told))
    numbers = [varint(tell if i in places else told) for i in range(len(parts) - 1)]
    footer = b"".join(map(b"".join, zip(parts, [*numbers, b""], strict=True)))
    return data[: -8 - length] + footer + len(footer).to_bytes(4, "little") + b"PAR1", len(numbers)


def test_a_file_that_lies_about_its_rows_is_refused_or_read_right():
    values = np.arange(12_345.0)
    data = parquet({"x": values}, compression="none", use_dictionary=False)
    same, n_places = lying(data, 12_345, 12_345, ())
    assert (same, n_places) == (data, 4)  # of the file, of its group, in the column and its pages
    refused = 0
    for tell in (1, 12_000, 12_346, 2**31, 2**40, 2**60):
        for subset in range(1, 2**n_places - 1):
            places = [i for i in range(n_places) if subset >> i & 1]
            if {0, 3} <= set(places) and tell < 12_345:
                continue  # a footer that is of one mind is believed
            try:
                frame, _ = read_parquet(lying(data, 12_345, tell, places)[0], "x")
            except DataError:
                refused += 1
            else:
                assert not {0, 3} <= set(places)
                assert frame["x"].to_numpy().tobytes() == values.tobytes()
    assert refused > 50


def test_values_that_a_column_promises_are_compared_with_its_pages():
    """Arrow 25 and older allocates for all of them: 2**40 took minutes, or the memory."""
    data = parquet({"x": np.arange(12_345.0)}, compression="none", use_dictionary=False)
    for tell in (12_346, 2**31, 2**60):
        said = refusal(lying(data, 12_345, tell, [1])[0])
        assert f"promises {tell:,} values of a column, its pages have 12,345" in said


def test_without_pyarrow_it_is_said_what_to_do(monkeypatch):
    data = parquet({"x": [1]})
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert 'Fix: pip install "thalweg[parquet]", or give the table as CSV' in refusal(data)
    with pytest.raises(DataError, match="cannot be written") as caught:
        library("pyarrow.parquet", "the output", written=True)
    assert 'Fix: pip install "thalweg[parquet]", or write CSV' in str(caught.value)


def test_the_memory_at_its_end_is_no_damage(monkeypatch):
    def exhaust(*_):
        raise MemoryError

    monkeypatch.setattr(reader, "_values", exhaust)
    with pytest.raises(MemoryError):
        read_parquet(parquet({"x": [1]}), "x")


# --- memory ----------------------------------------------------------------------------------

_PEAK = """
import resource, sys
import thalweg.data.formats.parquet as parquet
from pathlib import Path
from thalweg.data.formats.budget import Budget
small, large, allowed = sys.argv[1:]
def read(path, most):
    data = Path(path).read_bytes()
    parquet.read_parquet(data, Budget("table", len(data), most))
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = read(small, "1GB")
print(read(large, int(allowed)) - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the size of a process is counted otherwise")
@pytest.mark.parametrize("kind", ["int8", "int64 with missing", "days", "float64"])
def test_reading_takes_no_more_memory_than_it_counts(tmp_path, kind):
    n, n_columns = 3_000_000, 8
    cells = {
        "int8": lambda: pa.array(np.zeros(n, np.int8)),
        "int64 with missing": lambda: pa.array(np.zeros(n, np.int64), mask=np.arange(n) % 2 == 0),
        "days": lambda: pa.array(np.zeros(n, "datetime64[D]")),
        "float64": lambda: pa.array(np.zeros(n)),
    }[kind]()
    table = pa.table({f"x{k}": cells for k in range(n_columns)})
    pq.write_table(table, tmp_path / "large", compression="zstd")
    pq.write_table(table.slice(0, 10), tmp_path / "small")
    data = (tmp_path / "large").read_bytes()
    with pytest.raises(DataError, match="would take") as refused:
        _read_parquet(data, Budget("table", len(data), "1MB"))
    said = float(re.search(r"would take ([0-9.]+) MB", str(refused.value))[1]) * 1e6
    line = [
        sys.executable,
        "-c",
        _PEAK,
        tmp_path / "small",
        tmp_path / "large",
        str(int(1.1 * said)),
    ]
    ran = subprocess.run(line, capture_output=True, text=True, check=True)
    assert int(ran.stdout) <= 1.1 * said + 30e6


def test_each_different_text_and_each_date_is_counted_as_an_object():
    texts = parquet({"x": pa.array([f"{i:06}" for i in range(20_000)])})
    with pytest.raises(DataError, match="would take"):
        read_parquet(texts, "x", max_memory=64 * 20_000)
    dates = parquet({"x": pa.array(np.zeros(20_000, "i4")).cast(pa.date32())})
    with pytest.raises(DataError, match="would take"):
        read_parquet(dates, "x", max_memory=27 * 20_000)


def test_groups_of_rows_with_and_without_missing_cells_make_one_column():
    x = pa.array([1, 2, None, 4], pa.int64())
    b = pa.array([True, False, None, True])
    file = io.BytesIO()
    pq.write_table(pa.table({"x": x, "b": b}), file, row_group_size=2)
    frame = read_parquet(file.getvalue(), "x")[0]
    np.testing.assert_equal(frame["x"].to_numpy(), [1.0, 2.0, np.nan, 4.0])
    assert frame["b"].tolist() == [True, False, None, True]
