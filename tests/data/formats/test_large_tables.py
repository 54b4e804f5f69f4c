"""Honest large tables are read whole, however tightly they are packed, by the default budget."""

import gzip
import io

import numpy as np
import pandas as pd
import pytest

from thalweg.data.read import load_table

N = 10_000_000
ZEROS, ONES = np.zeros(N), np.ones(N, dtype=np.int64)


def parquet(frame):
    data = io.BytesIO()
    frame.to_parquet(data, index=False)
    return data.getvalue()


TABLES = {
    "a constant column in gzip": lambda: (gzip.compress(b"a\n" + b"1\n" * N), ["1"], N),
    "zeros in gzip": lambda: (gzip.compress(b"a,b\n" + b"0.0,0.0\n" * N), ["0.0"] * 2, N),
    "zeros in CSV": lambda: (b"a,b\n" + b"0,0\n" * N, ["0", "0"], N),
    "a million empty rows behind": lambda: (
        gzip.compress(b"a,b\n" + b"1,2\n" * 999 + b",\n" * (1 << 20)), ["1", "2"], 999 + (1 << 20),
    ),
    "a constant column in Parquet": lambda: (parquet(pd.DataFrame({"a": ONES})), [1], N),
    "zeros of 2 GB in Parquet": lambda: (
        parquet(pd.DataFrame({f"x{j}": ZEROS for j in range(25)})), [0.0] * 25, N,
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLES)
def test_an_honest_large_table_is_read_whole(tmp_path, name):
    data, row, n_rows = TABLES[name]()
    path = tmp_path / "table"
    path.write_bytes(data)
    frame = load_table(path, need_target=False).frame
    assert frame.shape == (n_rows, len(row))
    n_filled = 999 if "empty" in name else n_rows
    for j, value in enumerate(row):
        cells = frame.iloc[:, j].to_numpy()
        assert (cells[:n_filled] == value).all()
        assert (cells[n_filled:] == "").all()
