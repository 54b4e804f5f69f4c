"""Parquet in batches: texts that repeat one another are not all in memory at once."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from thalweg.data.streams.parquet_batches import ParquetBatches

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
