import io
import re
import resource

import pytest

from thalweg.data.formats import budget
from thalweg.data.formats.budget import Budget, half_of_memory, memory_of, of_bytes, text_memory
from thalweg.data.read import load_table
from thalweg.errors import DataError, SettingsError


@pytest.mark.parametrize(
    ("size", "n_bytes"),
    [
        (5, 5),
        ("5", 5),
        ("8GB", 8 * 10**9),
        ("8 gb", 8 * 10**9),
        ("8g", 8 * 10**9),
        (" 1.5 GiB ", 3 << 29),
        ("500MB", 5 * 10**8),
        ("2KiB", 2048),
        ("1TB", 10**12),
    ],
)
def test_a_size_of_memory(size, n_bytes):
    assert memory_of(size) == n_bytes


@pytest.mark.parametrize(
    "size", ["", "lots", "-1GB", "0", 0, -5, True, 2.5, "1e3MB", "9" * 30, "B"]
)
def test_what_is_no_size_of_memory(size):
    with pytest.raises(SettingsError, match="not a size of memory") as caught:
        memory_of(size)
    assert "8GB" in caught.value.fix


def test_sizes_in_words():
    assert [of_bytes(n) for n in (0, 999, 1500, 2 * 10**9, 5e15)] == [
        "0 bytes", "999 bytes", "1.5 KB", "2 GB", "5e+03 TB"
    ]  # fmt: skip


def test_half_of_the_memory_that_there_is(monkeypatch):
    monkeypatch.setattr(budget, "_of_machine", lambda: 16 * 10**9)
    monkeypatch.setattr(budget, "_of_groups", list)
    assert half_of_memory() == (8 * 10**9, "That is half of the 16 GB of memory here")
    monkeypatch.setattr(budget, "_of_groups", lambda: [2**63 - 1, 3 * 10**9, 4 * 10**9])
    half, whence = half_of_memory()
    assert half == 1_500_000_000
    assert "3 GB" in whence
    assert "control group" in whence
    monkeypatch.setattr(budget, "half_of_memory", lambda: (half, whence))
    with pytest.raises(DataError, match="half of the 3 GB") as caught:
        Budget("my.csv", 10**9).hold(half + 1)
    assert 'max_memory="2GB"' in caught.value.fix


def test_the_machine_has_some_memory():
    half, whence = half_of_memory()
    assert 2**26 < half < 2**50
    assert whence


@pytest.mark.parametrize("version", [1, 2])
def test_limits_of_control_groups_are_found(tmp_path, version):
    lines = {1: "3:cpu:/a/b\n5:memory,x:/a/b\n", 2: "0::/a/b\n"}[version]
    base = tmp_path / "sys/fs/cgroup" / ("memory" if version == 1 else "")
    name = {1: "memory.limit_in_bytes", 2: "memory.max"}[version]
    (base / "a/b").mkdir(parents=True)
    (base / name).write_text("999\n")
    (base / "a" / name).write_text("max\n" if version == 2 else "888\n")
    (base / "a/b" / name).write_text("777\n")
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(lines)
    assert budget._of_groups(tmp_path) == ([777, 888, 999] if version == 1 else [777, 999])
    assert budget._of_groups(tmp_path / "nowhere") == []


def test_a_small_file_may_take_less_than_the_machine_has(monkeypatch):
    monkeypatch.setattr(budget, "half_of_memory", lambda: (10**12, "half"))
    assert Budget("a", 1000).allowed == budget.SMALL_FILE
    assert Budget("a", 10**9).allowed == 256 * 10**9
    assert Budget("a", 10**11).allowed == 10**12
    assert Budget("a", 1000, "9TB").allowed == 9 * 10**12


def test_what_is_held_adds_up_and_what_is_required_does_not():
    account = Budget("my.csv", 10, max_memory=100)
    account.hold(60)
    account.require(40)
    account.require(40)
    account.hold(40)
    with pytest.raises(DataError, match="101 bytes of memory, but only 100 bytes are allowed"):
        account.require(1, "3 rows", "here")


def test_what_is_suggested_is_enough_for_the_whole_file():
    account = Budget("my.csv", 10, max_memory="1GB")
    account.share = 0.1
    with pytest.raises(DataError) as caught:
        account.require(2 * 10**9)
    assert re.search('max_memory="(.*?)"', caught.value.fix)[1] == "22GB"


def test_idle_things_are_bounded_by_size_and_cells():
    account = Budget("a", 1000)
    limit = budget.IDLE + 500
    account.idle(limit, "things", "a")
    with pytest.raises(DataError, match=f"More than {limit:,} things"):
        account.idle(1, "things", "a")
    account.n_filled = 1
    account.idle(budget.IDLE_PER_CELL - 1, "things", "a")
    with pytest.raises(DataError, match="1 filled cells"):
        account.idle(1, "things", "a")
    Budget("a", 1000, "10GB").idle(10 * limit, "things", "a")


def test_hollow_texts_are_bounded_by_size():
    account = Budget("a", 1000)
    account.hollow(budget.HOLLOW + 8000)
    with pytest.raises(DataError, match="separators and empty lines"):
        account.hollow(1)
    Budget("a", 1000, "10GB").hollow(10 * budget.HOLLOW)


def test_the_memory_of_a_text():
    assert text_memory(2000, 1000) == 16_000  # texts of one character are shared
    assert text_memory(11_000, 1000) == 1000 * (16 + 56 + 11)
    assert text_memory(5, 0) == 0


def test_max_memory_is_what_a_table_may_take(tmp_path):
    path = tmp_path / "my.csv"
    path.write_text("a,b,y\n" + "12,34,yes\n34,12,no\n" * 50_000)
    with pytest.raises(DataError) as caught:
        load_table(path, target="y", max_memory="10MB")
    assert "10 MB are allowed" in caught.value.what
    assert "my.csv" in caught.value.where
    mended = re.search('max_memory="(.*?)"', caught.value.fix)[1]
    assert len(load_table(path, target="y", max_memory=mended).frame) == 100_000
    with pytest.raises(DataError, match="its bytes alone"):
        load_table(path, target="y", max_memory="1KB")
    with pytest.raises(DataError, match="its bytes alone"):
        load_table("-", target="y", stdin=io.BytesIO(path.read_bytes()), max_memory="1KB")
    with pytest.raises(SettingsError, match="max_memory"):
        load_table(path, target="y", max_memory="much")


def test_the_memory_that_is_available_is_read(tmp_path):
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9 kB\nMemFree: 1 kB\nMemAvailable:   7 kB\n")
    assert budget.available_memory(tmp_path) == 7 * 1024
    assert budget.available_memory(tmp_path / "nowhere") is None


def test_a_limit_of_the_address_space_leaves_what_is_not_in_use(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY,) * 2)
    assert budget.address_space_left() is None
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1, 1))
    assert budget.address_space_left() in (0, None)  # None: the system does not say what is in use
