"""What Windows does to a file that another program has open, played on this system."""

import errno
import os
import time
from pathlib import Path

import pytest

from thalweg import OutputError, files
from thalweg.files import write_atomic
from thalweg.systems import held_files


@pytest.fixture
def windows(monkeypatch):
    """The branches of Windows; the list has the seconds that were waited."""
    waited = []
    monkeypatch.setattr(held_files, "IS_WINDOWS", True)
    monkeypatch.setattr(held_files.time, "sleep", waited.append)
    monkeypatch.setattr(files, "_CAN_LOCK", False)
    return waited


def held(monkeypatch, times):
    """`os.replace` onto any file fails so often, as onto a file that is open."""
    real, left = os.replace, [times]

    def replace(source, target, **more):
        if left[0]:
            left[0] -= 1
            raise PermissionError(errno.EACCES, "Access is denied", str(source), None, str(target))
        real(source, target, **more)

    monkeypatch.setattr(held_files.os, "replace", replace)


def test_a_file_that_is_open_for_a_moment_is_replaced(tmp_path, windows, monkeypatch):
    (tmp_path / "a.csv").write_text("old")
    held(monkeypatch, 3)
    write_atomic(tmp_path / "a.csv", b"new", overwrite=True)
    assert (tmp_path / "a.csv").read_text() == "new"
    assert windows == [0.01, 0.03, 0.1]
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_file_that_stays_open_is_named_with_what_helps(tmp_path, windows, monkeypatch):
    (tmp_path / "a.csv").write_text("old")
    held(monkeypatch, 10**9)
    with pytest.raises(OutputError) as caught:
        write_atomic(tmp_path / "a.csv", b"new", overwrite=True)
    assert caught.value.where == str(tmp_path / "a.csv")
    assert caught.value.why == "Access is denied"
    assert "close the program that has the file open" in caught.value.fix
    assert (tmp_path / "a.csv").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert sum(windows) < 2.5  # the undoing tries, too


def test_elsewhere_nothing_is_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr(held_files.time, "sleep", lambda _: pytest.fail("it waited"))
    (tmp_path / "a.csv").write_text("old")
    held(monkeypatch, 1)
    with pytest.raises(OutputError) as caught:
        write_atomic(tmp_path / "a.csv", b"new", overwrite=True)
    assert "a folder that you may write in" in caught.value.fix


def test_another_error_and_a_folder_have_their_own_fix(tmp_path, windows):
    (tmp_path / "a").touch()
    full, denied = OSError(errno.ENOSPC, "full"), PermissionError(errno.EACCES, "denied")
    assert held_files.how_to_release(full, tmp_path / "a") is None
    assert held_files.how_to_release(denied, tmp_path) is None
    assert held_files.how_to_release(denied, tmp_path / "not there") is None
    assert "close the program" in held_files.how_to_release(denied, tmp_path / "a")


def test_leftovers_are_removed_where_nothing_can_be_locked(tmp_path, windows):
    def temporary(number):
        return tmp_path / f".thalweg-{number:016x}.tmp"

    for number in range(3):
        temporary(number).write_bytes(b"half")
        os.utime(temporary(number), (0, time.time() - 3600))
    os.utime(temporary(1))  # its writer is at work
    os.link(temporary(2), tmp_path / "model")  # the second name of what is being replaced
    write_atomic(tmp_path / "new", b"whole")
    assert {path.name for path in tmp_path.iterdir()} == {
        temporary(1).name, temporary(2).name, "model", "new",
    }  # fmt: skip


def test_a_leftover_that_is_open_is_left_alone(tmp_path, windows, monkeypatch):
    def unlink(path, **more):
        raise PermissionError(errno.EACCES, "Access is denied")

    left = tmp_path / f".thalweg-{7:016x}.tmp"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    with monkeypatch.context() as patched:
        patched.setattr(held_files.os, "unlink", unlink)
        held_files.remove_left_over(str(left))
    assert left.exists()
    held_files.remove_left_over(str(left))
    assert not left.exists()


def test_elsewhere_locks_decide_what_is_left_over(tmp_path):
    left = tmp_path / f".thalweg-{7:016x}.tmp"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    held_files.remove_left_over(str(left))
    assert left.exists()
    assert isinstance(held_files.IS_WINDOWS, bool)
    assert (os.name == "nt") is held_files.IS_WINDOWS
    assert Path(left).read_bytes() == b"half"
