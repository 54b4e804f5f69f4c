"""The workspace: private, made when needed, and used by one server at a time."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from thalweg.errors import SettingsError
from thalweg.studio.workspace.held_workspace import held_workspace, usual_workspace


def test_it_is_made_for_this_user_alone(tmp_path: Path) -> None:
    root = tmp_path / "a" / "b"
    with held_workspace(root):
        assert stat.S_IMODE(root.stat().st_mode) == 0o700
        assert stat.S_IMODE((root / "tables").stat().st_mode) == 0o700
    with held_workspace(root):
        pass
    assert usual_workspace().parts[-2:] == ("thalweg", "studio")


def test_one_server_works_in_it_and_another_one_after_it_was_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from thalweg.studio.workspace.held_workspace import held_workspace\n"
        "with held_workspace(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    root = tmp_path / "w"
    run = [sys.executable, "-c", program, str(root)]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(SettingsError, match="Another studio") as told, held_workspace(root):
            pass
        assert "--workspace" in told.value.fix
        other.kill()
        other.wait()
    with held_workspace(root), pytest.raises(SettingsError, match="Another"), held_workspace(root):
        pass


def test_a_folder_that_others_may_enter_is_refused_with_what_to_do(tmp_path: Path) -> None:
    root = tmp_path / "w"
    root.mkdir(mode=0o755)
    root.chmod(0o755)
    with pytest.raises(SettingsError, match="Others may enter") as told, held_workspace(root):
        pass
    assert told.value.fix.startswith(f"chmod 700 {root}")
    subprocess.run(told.value.fix.partition(";")[0], shell=True, check=True)
    with held_workspace(root):
        pass


def test_what_is_no_workspace_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    for place in (file, file / "below", tmp_path / "a\0b", tmp_path / ("a" * 300)):
        with pytest.raises(SettingsError, match="workspace"), held_workspace(place):
            pass
    root = tmp_path / "w"
    with held_workspace(root):
        pass
    (root / "tables").rmdir()
    os.symlink(tmp_path, root / "tables")
    with pytest.raises(SettingsError, match="not the studio's"), held_workspace(root):
        pass


def test_a_lock_that_is_no_file_of_ours_lets_no_second_server_in(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "w", tmp_path / "elsewhere"
    root.mkdir(mode=0o700)
    lock = root / "lock"

    def second_name(place: Path) -> None:
        elsewhere.touch()
        os.link(elsewhere, place)

    makers: list[Callable[[Path], None]] = [
        lambda place: place.symlink_to(elsewhere), Path.mkdir, os.mkfifo, second_name
    ]  # fmt: skip
    for make in makers:
        make(lock)
        with pytest.raises(SettingsError, match="not the studio's"), held_workspace(root):
            pass
        if lock.is_dir():
            lock.rmdir()
        else:
            lock.unlink()
    with held_workspace(root):
        pass


@pytest.mark.parametrize("operation", ["open", "mkdir"])
def test_a_disk_that_takes_nothing_is_said(
    operation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, usual = tmp_path / "w", getattr(os, operation)
    root.mkdir(mode=0o700)

    def refuse(path: str, *given: int, dir_fd: int | None = None) -> int:
        if path in ("lock", "tables"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return int(usual(path, *given, dir_fd=dir_fd) or 0)

    monkeypatch.setattr(os, operation, refuse)
    with pytest.raises(SettingsError, match="Nothing can be written") as told, held_workspace(root):
        pass
    assert "Read-only" in told.value.why
    assert "--workspace" in told.value.fix
