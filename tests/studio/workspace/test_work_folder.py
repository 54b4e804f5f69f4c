"""The folders of workers: what a killed one has left goes, and nothing else."""

import os
from pathlib import Path

import pytest

from studio.served_studio import ServedStudio, with_studio
from thalweg.errors import SettingsError
from thalweg.studio.models.worker_desk import WorkerDesk
from thalweg.studio.tasks.opened_tables import OpenedTables
from thalweg.studio.workspace.held_workspace import held_workspace, workspace_of
from thalweg.studio.workspace.inner_folder import NotOursError
from thalweg.studio.workspace.work_folder import sweep_after, work_folder


def test_only_what_the_killed_worker_has_left_is_swept(tmp_path: Path) -> None:
    root, outside = tmp_path / "w", tmp_path / "outside"
    outside.mkdir()
    (outside / "kept.csv").write_text("x")
    made = {"file": "t.csv", "command": "", "python": ""}
    with held_workspace(root) as held:
        folder, other = work_folder(held, "fits"), work_folder(held, "asks")
        assert folder.stat().st_mode & 0o077 == 0
        uploads = []
        for keeper in ("fits", "asks"):
            with workspace_of(root, keeper) as own:
                upload = own.predictions.upload("t.csv", 100, **made)
                upload.write(b"half")
                assert upload._file is not None
                upload._file.close()  # as the end of a process does
                uploads.append(upload)
        (folder / ".thalweg-half.tmp").write_text("half")
        (folder / "inner").mkdir()
        (folder / "inner" / "a").write_text("a")
        (folder / "link").symlink_to(outside)
        (other / "read.safetensors").write_text("of a job that runs")
        sweep_after(held, "fits")
        assert list(folder.iterdir()) == []
        assert (outside / "kept.csv").exists()
        assert [each.name for each in other.iterdir()] == ["read.safetensors"]
        (left,) = (root / "predictions").iterdir()
        assert left.name.startswith("part-asks")
    with held_workspace(root) as held:  # the next server sweeps everything
        assert list((root / "predictions").iterdir()) == []


def test_a_link_in_the_place_of_a_work_folder_is_refused_and_nothing_there_is_removed(
    tmp_path: Path,
) -> None:
    root, outside = tmp_path / "w", tmp_path / "outside"
    (outside / "inner").mkdir(parents=True)
    (outside / "inner" / "a").write_text("a")
    before = os.getcwd()
    with held_workspace(root) as held:
        folder = work_folder(held, "asks")
        try:
            worker = WorkerDesk(root, folder, OpenedTables(root), "asks")
            folder.rename(tmp_path / "moved")
            folder.symlink_to(outside)
            with pytest.raises(SettingsError, match="not the studio's: asks"), worker.cleared():
                pass
            assert (outside / "inner" / "a").exists()
            folder.unlink()
            with worker.cleared():
                Path("written").write_text("of a job")
                assert (folder / "written").exists()  # and not where the folder was moved to
            assert os.listdir(folder) == []
        finally:
            os.chdir(before)
        folder.rmdir()
        folder.symlink_to(outside)
        with pytest.raises(NotOursError):
            sweep_after(held, "asks")
        assert (outside / "inner" / "a").exists()


def test_what_cannot_be_swept_is_no_error_of_the_end(tmp_path: Path) -> None:
    async def play(studio: ServedStudio) -> None:
        folder = tmp_path / "w" / "work" / "asks"
        folder.rmdir()
        folder.symlink_to(tmp_path)

    with_studio(play, tmp_path / "w")
    assert (tmp_path / "w" / "lock").exists()
