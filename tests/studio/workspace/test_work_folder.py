"""The folders of workers: what a killed one has left goes, and nothing else."""

from pathlib import Path

from thalweg.studio.workspace.held_workspace import held_workspace, workspace_of
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
