"""The files of a table: what a folder has beside good files, and what is said of it."""

import os
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from thalweg.data.formats.any_format import Format
from thalweg.data.formats.budget import memory_of
from thalweg.data.larger.found_table import LargerColumns, find_table
from thalweg.data.larger.table_files import TableFiles
from thalweg.errors import DataError

TABLE = pd.DataFrame({"a": np.arange(40.0), "b": ["x", "y"] * 20, "y": ["no", "yes"] * 20})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "parts").mkdir()
    TABLE.to_parquet(tmp_path / "parts/a.parquet")
    return tmp_path / "parts"


def files(path, memory=10**8):
    return TableFiles(path, Format(), memory)


def test_what_is_left_out_of_a_folder_is_named(folder):
    for name in ("_SUCCESS", ".a.parquet.crc", "b.csv.gz", "notes.md"):
        (folder / name).write_text("")
    (folder / "c.parquet").mkdir()
    os.symlink(".", folder / "d.parquet")
    TABLE.to_csv(folder / "E.CSV", index=False)
    found = files(folder)
    assert [os.path.basename(path) for path in found.paths] == ["E.CSV", "a.parquet"]
    assert found.left_out == ["b.csv.gz", "c.parquet", "d.parquet", "notes.md"]
    assert files(folder / "a.parquet").left_out == []


@pytest.mark.parametrize("leads_to", ["nowhere.parquet", "b.parquet"])
def test_a_link_that_leads_nowhere_is_no_file_less(folder, leads_to):
    os.symlink(leads_to, folder / "b.parquet")
    with pytest.raises(DataError, match=r"leads nowhere \(.*b\.parquet.*or remove the link"):
        files(folder)
    os.unlink(folder / "b.parquet")
    TABLE.to_parquet(folder.parent / "outside.parquet")
    os.symlink("../outside.parquet", folder / "b.parquet")
    assert files(folder).n_rows == 80


def test_a_part_of_0_bytes_is_no_part_without_rows(folder):
    (folder / "z.csv").touch()
    with pytest.raises(DataError, match=r"has 0 bytes \(.*z\.csv.*or remove it from the folder"):
        files(folder)
    TABLE[:0].to_csv(folder / "z.csv", index=False)
    assert files(folder / "z.csv").names == files(folder / "a.parquet").names


def test_a_name_that_a_file_has_twice_is_refused(folder):
    table = pa.Table.from_pandas(TABLE).append_column("a", pa.array(np.zeros(40)))
    pq.write_table(table, folder / "b.parquet")
    with pytest.raises(DataError, match=r'Duplicate.*"a" \(.*b\.parquet: columns 1 and 4\)'):
        files(folder)


def test_files_without_rows_are_an_empty_table(folder):
    TABLE[:0].to_parquet(folder / "a.parquet")
    TABLE[:0].to_parquet(folder / "b.parquet")
    for of_classes in (True, False):
        with pytest.raises(DataError, match=r"empty .*1 file more: 0 rows, 3 columns"):
            find_table(files(folder), LargerColumns("y", of_classes=of_classes), 100, 10**8)


def test_a_group_of_rows_takes_a_quarter_of_the_budget_and_the_fix_works(folder):
    table = pd.DataFrame({f"x{j}": np.random.default_rng(j).normal(size=9_000) for j in range(9)})
    table.to_parquet(folder / "a.parquet")  # 648 KB
    with pytest.raises(DataError, match=r"9,000 rows .*below 500 KB .*1/4") as refused:
        list(files(folder, 2_000_000).batches(["x1", *table], 1_000))
    size, memory = re.search(
        r"row_group_size=([0-9_]+)\); .* max_memory=\"(\w+)\"", str(refused.value)
    ).groups()
    assert (
        sum(len(b.frame) for b in files(folder, memory_of(memory)).batches([*table], 999)) == 9_000
    )
    table.to_parquet(folder / "a.parquet", row_group_size=int(size.replace("_", "")))
    assert sum(len(b.frame) for b in files(folder, 2_000_000).batches([*table], 1_000)) == 9_000
    few = ["x1", "x2"]  # of the columns that are read
    table.to_parquet(folder / "a.parquet")
    assert sum(len(b.frame) for b in files(folder, 2_000_000).batches(few, 1_000)) == 9_000


@pytest.mark.skipif(os.name == "nt", reason="names are no bytes there")
def test_a_name_that_is_no_utf_8_is_read(folder):
    name = os.fsencode(folder) + b"/\xff.parquet"
    try:
        os.rename(folder / "a.parquet", name)
    except OSError:  # a file system that has no such names (macOS)
        return
    (batch,) = files(folder).batches(["a"], 100)
    assert len(batch.frame) == 40
    assert batch.name == "\\udcff.parquet"
