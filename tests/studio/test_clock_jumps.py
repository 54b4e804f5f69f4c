"""What the studio does when the clock of the system is set back or forward by an hour."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

import thalweg
from children import environment
from thalweg.studio.doors.launch_key import LaunchKey
from thalweg.studio.workspace import kept_runs, kept_studies
from thalweg.studio.workspace.held_workspace import RunsOnDisk, held_workspace
from thalweg.studio.workspace.kept_studies import running_study
from thalweg.studio.workspace.written_order import oldest_first

SOURCE = Path(thalweg.__file__).parent
HOUR = 3600.0
WITH_A_JUMP = """
import runpy, time
assert abs(time.time() - time.time()) > 7000
runpy.run_module("studio.whole_journey", run_name="__main__", alter_sys=True)
"""
IDS = [f"{n:064x}" for n in range(1, 8)]


@pytest.mark.slow
def test_the_whole_journey_under_a_clock_that_jumps(tmp_path: Path) -> None:
    """In the server and in each of its workers: nothing is lost, nothing waits for an hour."""
    inherited = environment()
    path = os.pathsep.join([str(Path(__file__).parent / "jumping"), inherited["PYTHONPATH"]])
    done = subprocess.run(
        [sys.executable, "-c", WITH_A_JUMP, str(tmp_path / "w")],
        env={**inherited, "PYTHONPATH": path}, capture_output=True, text=True, timeout=590,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]


def test_a_key_has_no_time_at_which_it_ends() -> None:
    assert not re.search("expires|max-age", LaunchKey(1).set_cookie, re.IGNORECASE)


def test_only_the_times_of_files_are_compared_with_the_clock() -> None:
    """Durations are measured by a clock that nobody sets."""
    reads = re.compile(rb"\btime\.time\b|datetime\.now|Date\.now")
    studio = SOURCE / "studio"
    files = [each for each in studio.rglob("*.*") if each.suffix in (".py", ".js")]
    found = [each.name for each in files if reads.search(each.read_bytes())]
    assert found == ["written_order.py"]


def test_a_time_that_is_still_to_come_becomes_now() -> None:
    written, now = {"old": 5.0, "later": 30.0, "sooner": 20.0, "new": 9.0}, iter([10.0, 10.5] * 4)

    def clock() -> float:
        return next(now)

    order = oldest_first(written, written.__setitem__, clock)
    assert order == ["old", "new", "sooner", "later"]
    assert (written["old"], written["new"]) == (5.0, 9.0)
    assert 10 <= written["sooner"] < written["later"] <= 11


def write(store: RunsOnDisk, run: str, ahead: float) -> None:
    for name in ("run.json", "state"):
        store.write(run, name, b"x")
        os.utime(store.path / "runs" / run / name, (time.time() + ahead,) * 2)


def test_runs_of_before_the_clock_was_set_back_do_not_push_out_those_of_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held_workspace(tmp_path / "w"):
        pass
    store = RunsOnDisk(tmp_path / "w")
    for run, ahead in zip(IDS[:3], (-HOUR, HOUR, 2 * HOUR), strict=True):
        write(store, run, ahead)
    monkeypatch.setattr(kept_runs, "MOST_RUNS", 3)
    store.sweep([])  # the clock was set back
    write(store, IDS[3], 0.0)
    store.sweep([])
    assert sorted(os.listdir(tmp_path / "w" / "runs")) == IDS[1:4]
    write(store, IDS[4], 0.0)
    store.sweep([])
    assert sorted(os.listdir(tmp_path / "w" / "runs")) == IDS[2:5]


def test_nor_do_searches_and_what_a_second_name_leads_to_keeps_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_studies, "MOST_STUDIES", 3)
    with held_workspace(tmp_path / "w") as held:
        for study, ahead in zip(IDS[:3], (-HOUR, HOUR, 2 * HOUR), strict=True):
            with running_study(held.folder, study, {}) as kept:
                pass
            os.utime(kept.folder.path, (time.time() + ahead,) * 2)
        for study in IDS[3:5]:
            with running_study(held.folder, study, {}):
                pass
        assert sorted(os.listdir(tmp_path / "w" / "studies")) == IDS[2:5]
        (tmp_path / "mine").write_bytes(b"mine")
        os.utime(tmp_path / "mine", (1.0, 1.0))
        with held.folder.folder("studies") as studies:
            os.link(tmp_path / "mine", studies.path / "second")
            (studies.path / "third").symlink_to(tmp_path / "mine")
            for name in ("second", "third"):
                studies.touch(name, 2.0)
    assert (tmp_path / "mine").stat().st_mtime == 1.0
