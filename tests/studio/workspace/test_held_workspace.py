"""The workspace: private, made when needed, and used by one server at a time."""

import os
import stat
import subprocess
import sys
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
    for place in (file, file / "below", tmp_path / "a\0b"):
        with pytest.raises(SettingsError, match="workspace"), held_workspace(place):
            pass
    root = tmp_path / "w"
    with held_workspace(root):
        pass
    (root / "tables").rmdir()
    os.symlink(tmp_path, root / "tables")
    with pytest.raises(SettingsError, match="not the studio's"), held_workspace(root):
        pass
