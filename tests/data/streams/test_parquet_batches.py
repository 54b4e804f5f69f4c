"""Parquet in batches: texts that repeat one another are not all in memory at once."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from thalweg.data.streams.parquet_batches import ParquetBatches
from thalweg.errors import DataError

LONG, N = "ab" * 30_000, 600


def test_texts_that_share_their_beginnings_are_held_some_at_a_time(tmp_path):
    texts = [f"{LONG}{row}" for row in range(N)]
    pq.write_table(
        pa.table({"t": texts, "x": np.arange(N)}), tmp_path / "t.parquet", row_group_size=500,
        use_dictionary=False, column_encoding={"t": "DELTA_BYTE_ARRAY"},
    )  # fmt: skip
    batches = [*ParquetBatches(str(tmp_path / "t.parquet"), "t", None).batches(None, 400)]
    assert sum(batch.n_rows for batch in batches) == N
    # 36 MB of texts, in parts of hardly more than 8 MiB.
    assert max(batch.n_bytes for batch in batches) < 13 << 20
    assert len(batches) < 20  # and not one for each few rows that are unpacked at a time
    assert [batch.group for batch in batches] == sorted(batch.group for batch in batches)
    frames = [batch.frame() for batch in batches]
    assert [x for frame in frames for x in frame["x"]] == [*range(N)]
    assert [t for frame in frames for t in frame["t"]] == texts


def _with_a_text_beyond_the_dictionary(path):
    """A Parquet file in which the code of a damaged cell names no text: 3 of 0 to 2."""
    texts = pa.array(["north", "south", "west"] * 100)
    pq.write_table(pa.table({"ward": texts}), path, compression="none", write_statistics=False)
    data = bytearray(path.read_bytes())
    # The codes have two bits each: 0, 1, 2, 0 … is 0b00_10_01_00 …
    at = bytes(data).find(bytes((0x24, 0x49, 0x92)))
    data[at + 30] |= 0b11
    path.write_bytes(data)


def test_a_damaged_code_of_a_text_is_refused_before_a_cell_is_read(tmp_path):
    path = tmp_path / "damaged.parquet"
    _with_a_text_beyond_the_dictionary(path)
    with pytest.raises(DataError, match=r"cannot be read.*out of bounds"):
        [*ParquetBatches(str(path), "damaged", None).batches(None, 100)]


def test_the_types_of_many_columns_are_looked_up_without_a_walk_through_all(tmp_path):
    """Of 20,000 columns, walks of 20,000 steps took minutes."""
    pq.write_table(pa.table({"a": [1], "t": ["x"]}), tmp_path / "t.parquet")
    source = ParquetBatches(str(tmp_path / "t.parquet"), "t", None)
    source._fields = []
    assert [source.schema_of(name) for name in ("a", "t")] == [pa.int64(), pa.string()]
