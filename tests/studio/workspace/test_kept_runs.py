"""Runs of the workspace: not more of them, and of their bytes, than there may be."""

import errno
import os
from pathlib import Path

import pytest

from thalweg.errors import OutputError
from thalweg.studio.workspace import kept_runs
from thalweg.studio.workspace.held_workspace import RunsOnDisk, held_workspace
from thalweg.studio.workspace.inner_folder import InnerFolder

RUNS = [f"{n:064x}" for n in range(6)]


@pytest.fixture
def store(tmp_path: Path) -> RunsOnDisk:
    """Six runs of 1,000 bytes; the first one was written the longest ago."""
    root = tmp_path / "w"
    with held_workspace(root):
        pass
    runs = RunsOnDisk(root)
    for n, run in enumerate(RUNS):
        for name in ("run.json", "state.bin"):
            runs.write(run, name, b"x" * 500)
            os.utime(root / "runs" / run / name, (n, n))
    return runs


def left(store: RunsOnDisk) -> list[str]:
    return sorted(os.listdir(store.path / "runs"))


def test_the_oldest_runs_go_first_and_those_that_are_held_stay(
    store: RunsOnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.sweep([])
    assert left(store) == RUNS
    monkeypatch.setattr(kept_runs, "MOST_RUNS", 4)
    store.sweep([RUNS[0], RUNS[2]])
    assert left(store) == [RUNS[0], RUNS[2], RUNS[4], RUNS[5]]
    monkeypatch.setattr(kept_runs, "MOST_BYTES_OF_ALL", 2500)
    store.sweep([RUNS[0]])
    assert left(store) == [RUNS[0], RUNS[5]]
    assert store.read(RUNS[0], "run.json") == b"x" * 500


def test_a_new_start_sweeps_and_follows_no_link(
    store: RunsOnDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept.csv").write_bytes(b"mine")
    (store.path / "runs" / ("f" * 64)).symlink_to(tmp_path / "outside")
    monkeypatch.setattr(kept_runs, "MOST_RUNS", 2)
    with held_workspace(store.path):
        assert left(store) == RUNS[-2:]
    assert (tmp_path / "outside" / "kept.csv").read_bytes() == b"mine"


def test_a_file_that_nobody_would_read_is_not_written(
    store: RunsOnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_runs, "MOST_BYTES", 600)
    with pytest.raises(OutputError, match="too large"):
        store.write(RUNS[0], "state.bin", b"y" * 601)
    assert store.read(RUNS[0], "state.bin") == b"x" * 500
    store.write(RUNS[0], "state.bin", b"y" * 600)
    assert store.read(RUNS[0], "state.bin") == b"y" * 600


def test_a_run_that_cannot_be_written_leaves_no_empty_folder(
    store: RunsOnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: InnerFolder, name: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(InnerFolder, "created", full)
    for run in (RUNS[0], "f" * 64):
        with pytest.raises(OutputError, match="cannot be written"):
            store.write(run, "run.json", b"x")
    assert left(store) == RUNS
    assert store.read(RUNS[0], "run.json") == b"x" * 500
