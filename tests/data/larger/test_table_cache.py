"""The folder of a cache: the same bytes by every way, kills, full disks, and damaged files."""

import errno
import hashlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from children import environment
from faulty import Faulty
from larger import cached, mixed_table, small_shards
from thalweg import files
from thalweg.data.larger import table_cache
from thalweg.data.larger.table_cache import temporary_folder
from thalweg.errors import DataError, IdentifierWarning, OutputError

pytestmark = pytest.mark.usefixtures("small_shards")
__all__ = ["small_shards"]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return mixed_table(3000)


@pytest.fixture
def path(table, tmp_path) -> Path:
    table.to_parquet(tmp_path / "table.parquet", row_group_size=400)
    return tmp_path / "table.parquet"


def bytes_of(folder: Path) -> dict[str, str]:
    """What is in a cache, but for what says of which file it is."""
    names = [each for each in sorted(os.listdir(folder)) if each.startswith(("shard", "table"))]
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


def test_order_split_and_memory_change_no_byte(table, path, tmp_path):
    cached(path, tmp_path / "one")
    known = bytes_of(tmp_path / "one")
    assert len(known) > 3
    shuffled = table.sample(frac=1.0, random_state=3)
    shuffled.to_parquet(tmp_path / "shuffled.parquet", row_group_size=1111)
    cached(tmp_path / "shuffled.parquet", tmp_path / "two", memory=300_000)
    assert bytes_of(tmp_path / "two") == known
    folder = tmp_path / "parts"
    folder.mkdir()
    for number, start in enumerate(range(0, len(table), 900)):
        table[start : start + 900].to_parquet(folder / f"part-{number}.parquet")
    (folder / "notes.md").write_text("no table")
    cached(folder, tmp_path / "three")
    assert bytes_of(tmp_path / "three") == known
    assert not (tmp_path / "one" / "rows").exists()


def test_a_text_has_the_rows_of_the_same_parquet_file(table, tmp_path):
    whole = table.assign(b=table["b"].astype(float))
    whole.to_parquet(tmp_path / "table.parquet")
    whole.to_csv(tmp_path / "table.csv", index=False)
    tables = {}
    for ending in ("parquet", "csv"):
        found, shards = cached(tmp_path / f"table.{ending}", tmp_path / ending)
        records = np.concatenate([each for _, each in shards.checked()])
        tables[ending] = records[np.argsort(records["hash"], kind="stable")]["hash"]
        assert found.schema.kinds[:3] == ("number", "number", "category")
    np.testing.assert_array_equal(tables["parquet"], tables["csv"])


def test_columns_that_number_the_rows_are_said_by_every_fit_of_the_cache(tmp_path):
    rng = np.random.default_rng(5)
    table = mixed_table(3000).drop_duplicates(ignore_index=True)
    n = len(table)
    assert n == 3000
    columns = {
        "running": np.arange(7, n + 7), "patient_id": 10 * rng.permutation(n) + 10**7,
        "dose": 10 * rng.permutation(n), "with_gap": np.where(np.arange(n) < 9, -5, np.arange(n)),
        "half": np.arange(n) / 2, "holes_id": pd.array(rng.permutation(n), "Int64"),
    }  # fmt: skip
    table = pd.concat([pd.DataFrame(columns), table], axis=1)
    table.loc[: n // 10, "holes_id"] = pd.NA
    table.to_parquet(tmp_path / "table.parquet", row_group_size=400)
    for _ in range(2):  # the second time nothing is read again
        with pytest.warns(IdentifierWarning) as heard:
            _, shards = cached(tmp_path / "table.parquet", tmp_path / "cache")
        [warning] = heard
        assert warning.message.about == ("running", "patient_id")
        said = str(warning.message)
        assert f'"running" ({n:,} whole numbers from 7 to {n + 6:,})'.replace(",", "") in (
            said.replace(",", "")
        )
        assert "(whole numbers that hardly repeat, under such a name)" in said
    assert shards.n_shards > 3


def test_a_changed_table_of_the_same_size_and_time_is_refused(table, tmp_path):
    path, cells = tmp_path / "table.csv", table[["a", "target"]].round(1)
    cells.to_csv(path, index=False)
    cached(path, tmp_path / "cache")
    before = os.stat(path)
    text = path.read_text()
    path.write_text(text.replace("yes", "YES", 1))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert os.stat(path).st_size == before.st_size
    with pytest.raises(DataError, match=r"table\.csv has changed since"):
        cached(path, tmp_path / "cache")


def test_pipes_links_and_endless_brackets_in_a_cache_are_refused(path, tmp_path):
    folder = tmp_path / "cache"
    cached(path, folder)
    for name in ("shard-0000", "columns.json", "table.json"):
        data = (folder / name).read_bytes()
        (folder / name).unlink()
        os.mkfifo(folder / name)
        with pytest.raises(DataError, match="damaged or absent"):
            [*cached(path, folder)[1].checked()]
        (folder / name).unlink()
        (folder / name).write_bytes(data)
    (folder / "columns.json").write_text("[" * 200_000)
    with pytest.raises(DataError, match="damaged or absent"):
        cached(path, folder)
    (folder / "columns.json").unlink()
    for each in folder.glob("shard-*"):
        each.unlink()
    (folder / "table.json").unlink()
    (tmp_path / "own").write_text("precious")
    (folder / "shard-0000").symlink_to("../own")
    with pytest.raises((DataError, OutputError)):
        cached(path, folder)
    assert (tmp_path / "own").read_text() == "precious"


def test_a_finished_cache_is_used_again_and_a_changed_table_refused(path, tmp_path, table):
    cached(path, tmp_path / "cache")
    before = bytes_of(tmp_path / "cache")
    times = {name: os.stat(tmp_path / "cache" / name).st_mtime_ns for name in before}
    cached(path, tmp_path / "cache")
    assert {name: os.stat(tmp_path / "cache" / name).st_mtime_ns for name in before} == times
    with pytest.raises(DataError, match="made for other columns"):
        cached(path, tmp_path / "cache", of_classes=False)
    table[:-1].to_parquet(path)
    with pytest.raises(DataError, match=r"table\.parquet has changed since"):
        cached(path, tmp_path / "cache")


def test_a_table_that_changes_while_it_is_read_is_refused(path, tmp_path, table, monkeypatch):
    real = table_cache.write_spill

    def slow(*given):
        real(*given)
        table[:-5].to_parquet(path)

    monkeypatch.setattr(table_cache, "write_spill", slow)
    with pytest.raises(DataError, match="changed while it was read"):
        cached(path, tmp_path / "cache")


@pytest.mark.parametrize("harm", ["cut", "flip", "delete"])
def test_a_damaged_shard_is_named(path, tmp_path, harm):
    _, shards = cached(path, tmp_path / "cache")
    victim = tmp_path / "cache" / "shard-0001"
    data = bytearray(victim.read_bytes())
    if harm == "cut":
        victim.write_bytes(data[:-40])
    elif harm == "flip":
        data[100] ^= 1
        victim.write_bytes(data)
    else:
        victim.unlink()
    with pytest.raises(DataError, match="damaged or absent") as raised:
        for _ in shards.checked():
            pass
    assert "shard-0001" in str(raised.value)
    assert "remove the folder" in str(raised.value)


@pytest.mark.parametrize("name", ["columns.json", "table.json"])
def test_a_damaged_header_is_named(path, tmp_path, name):
    cached(path, tmp_path / "cache")
    there = tmp_path / "cache" / name
    there.write_bytes(there.read_bytes().replace(b"4", b"5", 1))
    with pytest.raises(DataError, match="damaged or absent") as raised:
        cached(path, tmp_path / "cache")
    assert name in str(raised.value)


def test_a_flipped_bit_of_the_first_pass_is_found(path, tmp_path, monkeypatch):
    real = table_cache.write_spill

    def flipped(place, *given):
        real(place, *given)
        data = bytearray(place.read_bytes())
        data[5001] ^= 1
        place.write_bytes(data)

    monkeypatch.setattr(table_cache, "write_spill", flipped)
    with pytest.raises(DataError, match="damaged or absent"):
        cached(path, tmp_path / "cache")


def test_other_files_and_another_process_are_respected(path, tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(DataError, match="has other files"):
        cached(path, folder)
    (folder / "thesis.txt").unlink()
    lock = files.FileLock()
    (folder / "lock").touch()
    assert lock.take(folder / "lock")
    with pytest.raises(DataError, match="Another process"):
        cached(path, folder)
    lock.release()
    cached(path, folder)


@pytest.mark.parametrize("leads_to", ["lock", "nowhere/x", "../own"])
def test_a_lock_that_is_a_link_is_refused_and_not_followed(path, tmp_path, leads_to):
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "lock").symlink_to(leads_to)
    with pytest.raises(DataError, match="The lock of the cache is a link"):
        cached(path, folder)
    assert not (tmp_path / "own").exists()


def test_a_folder_without_a_lock_that_nobody_may_write_in_is_named(path, tmp_path, monkeypatch):
    def refused(path, mode):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(DataError, match=r"cannot be locked .*lock.*Read-only file system"):
        cached(path, tmp_path / "cache")


def test_a_link_that_leads_nowhere_is_no_folder_of_a_cache(path, tmp_path):
    (tmp_path / "cache").symlink_to("nowhere")
    with pytest.raises(DataError, match="taken by a file or a link"):
        cached(path, tmp_path / "cache")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("anew", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_full_disk_at_each_operation_is_named_and_the_same_call_goes_on(
    path, tmp_path, monkeypatch, anew
):
    def full():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    cached(path, tmp_path / "whole")
    known = bytes_of(tmp_path / "whole")
    folder, at, n_errors = tmp_path / "cache", 1, 0
    while True:
        disk = Faulty(at, full, for_ever=False)
        with monkeypatch.context() as broken:
            broken.setattr(files, "filesystem", disk)
            broken.setattr(table_cache, "filesystem", disk)
            try:
                cached(path, folder)
            except OutputError as error:
                said = str(error)
            else:
                break
        n_errors += 1
        assert "No space left" in said
        assert not [each for each in os.listdir(folder) if each.endswith(".tmp")]
        if anew:  # every operation of a whole run fails once
            cached(path, folder)
            assert bytes_of(folder) == known
            folder = tmp_path / f"cache-{at}"
        at += 1
    assert n_errors > (20 if anew else 8)
    assert bytes_of(folder) == known


def test_a_temporary_folder_is_removed_also_that_of_a_killed_process(tmp_path):
    left = tmp_path / ".thalweg-cache-left"
    left.mkdir()
    (left / "lock").touch()
    with temporary_folder(tmp_path) as folder:
        assert not left.exists()
        assert folder.parent == tmp_path
        (folder / "rows").write_bytes(b"1")
    assert os.listdir(tmp_path) == []


_CHILD = """
import sys
from pathlib import Path
from thalweg.data.larger import row_records
row_records.OF_A_SHARD = 1 << 13
from larger import cached
print("begins", flush=True)
cached(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.slow
def test_fifty_kills_at_random_times_end_in_the_same_bytes(tmp_path):
    mixed_table(40_000).to_parquet(tmp_path / "table.parquet", row_group_size=2000)
    command = [sys.executable, "-c", _CHILD, str(tmp_path / "table.parquet")]

    def begun(folder: Path) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [*command, str(folder)], stdout=subprocess.PIPE, text=True, env=environment()
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "begins\n"
        return child

    def ended(child: subprocess.Popen[str], seconds: float | None = None) -> bool:
        """Whether it ended by itself; after so many seconds it is killed."""
        with child:
            try:
                assert child.wait(seconds) == 0
            except subprocess.TimeoutExpired:
                child.kill()
                return False
            return True

    child = begun(tmp_path / "whole")
    start = time.monotonic()
    assert ended(child)
    took = time.monotonic() - start
    known, rng = bytes_of(tmp_path / "whole"), random.Random(0)
    n_killed = n_whole = 0
    while n_killed < 50:
        folder = tmp_path / f"cache-{n_whole}"
        if ended(begun(folder), rng.uniform(0.0, 0.5 * took)):
            assert bytes_of(folder) == known
            n_whole += 1
        else:
            n_killed += 1
    assert n_whole > 3
    assert ended(begun(tmp_path / f"cache-{n_whole}"))
    assert bytes_of(tmp_path / f"cache-{n_whole}") == known


def test_rows_that_are_read_are_counted_and_many_equal_ones_take_no_room(tmp_path, monkeypatch):
    sizes, real = [], table_cache.write_spill

    def measured(path, *given):
        real(path, *given)
        sizes.append(path.stat().st_size)

    monkeypatch.setattr(table_cache, "write_spill", measured)
    monkeypatch.setattr(table_cache, "rows_of_batch", lambda *_: 500)
    table = pd.DataFrame({"a": 1.0, "target": ["no", "yes"] * 1000})
    table.to_parquet(tmp_path / "t.parquet", row_group_size=500)
    heard = []
    found, shards = cached(tmp_path / "t.parquet", tmp_path / "rows", heard=heard.append)
    assert {name for name, *_ in heard} == {"Reading the columns", "Pass 1 of 2", "Pass 2 of 2"}
    for name in ("Reading the columns", "Pass 1 of 2"):
        told = [each[1:] for each in heard if each[0] == name]
        assert told == [(500 * k, 2000) for k in range(1, 5)]
    assert heard[-1] == ("Pass 2 of 2", 2000, 2000)
    assert sizes[0] < 2000  # of 64,000 bytes
    rows = np.concatenate([shards.read(number) for number in range(shards.n_shards)])
    assert rows["weight"].tolist() == [1000.0, 1000.0]
    assert found.counts == {"no": 1000, "yes": 1000}


def test_rows_that_are_lost_between_the_passes_are_missed(tmp_path, monkeypatch):
    real = table_cache.write_spill

    def heavier(path, layout, parts, most):
        def changed():
            for records in parts:
                records["weight"][0] = 2.0
                yield records

        real(path, layout, changed(), most)

    monkeypatch.setattr(table_cache, "write_spill", heavier)
    frame = pd.DataFrame({"a": np.arange(60.0), "target": ["no", "yes"] * 30})
    frame.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match="damaged or absent"):
        cached(tmp_path / "t.parquet", tmp_path / "rows")
