"""Large honest tables are read completely within the default budget, however well compressed."""

import gzip
import io

import numpy as np
import pandas as pd
import pytest

from thalweg.data.read import load_table

N = 10_000_000


def parquet(frame, **how):
    data = io.BytesIO()
    frame.to_parquet(data, index=False, **how)
    return data.getvalue()


def excel(frame):
    data = io.BytesIO()
    frame.to_excel(data, index=False, engine="openpyxl")
    return data.getvalue()


TABLES = {
    "a constant column in gzip": lambda: (gzip.compress(b"a\n" + b"1\n" * N), ["1"], N),
    "zeros in gzip": lambda: (gzip.compress(b"a,b\n" + b"0.0,0.0\n" * N), ["0.0"] * 2, N),
    "zeros in CSV": lambda: (b"a,b\n" + b"0,0\n" * N, ["0", "0"], N),
    "a million empty rows behind": lambda: (
        gzip.compress(b"a,b\n" + b"1,2\n" * 999 + b",\n" * (1 << 20)), ["1", "2"], 999 + (1 << 20),
    ),
    "a constant column in Parquet": lambda: (
        parquet(pd.DataFrame({"a": np.ones(N, dtype=np.int64)})), [1], N,
    ),
    "zeros of 2 GB in Parquet": lambda: (
        parquet(pd.DataFrame(dict.fromkeys([f"x{j}" for j in range(25)], np.zeros(N)))),
        [0.0] * 25, N,
    ),
}  # fmt: skip


def frame_of(n=200_000, seed=0):
    """Numbers, whole numbers, words, text and yes or no, each with missing values."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=n).round(4),
            "count": rng.integers(0, 10**6, n),
            "town": rng.choice(["Bern", "Oslo", "São Paulo"], n),
            "note": [f'row {k}, said "so"' for k in range(n)],
            "yes": rng.random(n) < 0.5,
        }
    )
    frame.loc[::7, ["x", "town"]] = None
    return frame


def text_of(frame, **how):
    return frame.to_csv(index=False, **how)


# The bytes of a file, and the table that was written to it.
WRITTEN = {
    "CSV of every kind": lambda frame: text_of(frame).encode(),
    "CSV in UTF-16": lambda frame: text_of(frame).encode("utf-16"),
    "CSV in Latin-1": lambda frame: text_of(frame).encode("latin-1"),
    "CSV with semicolons and decimal commas": lambda frame: text_of(
        frame, sep=";", decimal=","
    ).encode(),
    "TSV": lambda frame: text_of(frame, sep="\t").encode(),
    "CSV with every cell in quotes": lambda frame: text_of(frame, quoting=1).encode(),
    "CSV with the line ends of Windows": lambda frame: text_of(
        frame, lineterminator="\r\n"
    ).encode(),
    "CSV in gzip": lambda frame: gzip.compress(text_of(frame).encode(), 1),
    "Parquet of every kind": parquet,
    "Parquet without compression": lambda frame: parquet(frame, compression=None),
    "Parquet by gzip": lambda frame: parquet(frame, compression="gzip"),
    "Parquet by zstd": lambda frame: parquet(frame, compression="zstd"),
    "Parquet in small groups of rows": lambda frame: parquet(frame, row_group_size=1_000),
    "Parquet of categories": lambda frame: parquet(
        frame.assign(town=frame["town"].astype("category"))
    ),
    "Excel": lambda frame: excel(frame[:20_000]),
}


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


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITTEN)
def test_a_large_table_of_every_kind_comes_back_as_it_was_written(tmp_path, name):
    wrote = frame_of()
    path = tmp_path / "table"
    path.write_bytes(WRITTEN[name](wrote))
    read = load_table(path, need_target=False).frame
    wrote = wrote[: len(read)]
    assert len(read) == (20_000 if name == "Excel" else 200_000)
    assert list(read) == list(wrote)
    x = read["x"]
    if name == "CSV with semicolons and decimal commas":  # a schema reads them, not `load_table`
        x = x.str.replace(",", ".")
    np.testing.assert_array_equal(
        pd.to_numeric(x, errors="coerce").to_numpy(float), wrote["x"].to_numpy(float)
    )
    assert (pd.to_numeric(read["count"]).to_numpy() == wrote["count"].to_numpy()).all()
    assert (
        read["town"].astype(object).fillna("").replace({None: ""}) == wrote["town"].fillna("")
    ).all()
    assert (read["note"] == wrote["note"]).all()
    assert (read["yes"].astype(str).str.lower() == wrote["yes"].astype(str).str.lower()).all()


@pytest.mark.slow
def test_a_table_of_two_thousand_columns_is_read_whole(tmp_path):
    wide = pd.DataFrame(np.random.default_rng(1).integers(0, 9, (5_000, 2_000))).add_prefix("x")
    path = tmp_path / "table"
    path.write_bytes(text_of(wide).encode())
    read = load_table(path, need_target=False).frame
    assert (read.astype(int).to_numpy() == wide.to_numpy()).all()
