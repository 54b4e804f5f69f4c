"""A workspace that vanished while the studio runs is called gone, and not a full disk."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.served_studio import ServedStudio, with_studio
from thalweg.errors import OutputError
from thalweg.studio.models.worker_desk import WorkerDesk
from thalweg.studio.tasks.opened_tables import OpenedTables
from thalweg.studio.workspace.held_workspace import (
    HeldWorkspace,
    RunsOnDisk,
    held_workspace,
    tables_of,
    workspace_of,
)
from thalweg.studio.workspace.inner_folder import InnerFolder
from thalweg.studio.workspace.kept_studies import running_study
from thalweg.studio.workspace.unwritten import unwritten

RUN = "a" * 64


def write_run(root: Path, held: HeldWorkspace) -> None:
    RunsOnDisk(root).write(RUN, "state", b"x")


def read_run(root: Path, held: HeldWorkspace) -> None:
    RunsOnDisk(root).read(RUN, "state")


def read_table(root: Path, held: HeldWorkspace) -> None:
    with tables_of(root) as tables:
        tables.read(RUN)


def list_table(root: Path, held: HeldWorkspace) -> None:
    held.tables.about(RUN)


def add_table(root: Path, held: HeldWorkspace) -> None:
    held.tables.upload("a.csv", 100).abandon()


def search(root: Path, held: HeldWorkspace) -> None:
    with workspace_of(root, "") as own, running_study(own.folder, RUN, {}):
        pass


def work(root: Path, held: HeldWorkspace) -> None:
    with workspace_of(root, "fits"):
        pass


@pytest.mark.parametrize(
    "does", [write_run, read_run, read_table, list_table, add_table, search, work]
)
def test_a_moved_workspace_is_gone_and_works_again_when_it_is_back(
    does: Callable[[Path, HeldWorkspace], None], tmp_path: Path
) -> None:
    root, elsewhere = tmp_path / "w", tmp_path / "elsewhere"
    with held_workspace(root) as held:
        os.rename(root, elsewhere)
        for is_empty in (False, True):  # as below the place of an unmounted disk
            if is_empty:
                root.mkdir(mode=0o755)
            with pytest.raises(OutputError, match="workspace is gone") as told:
                does(root, held)
            assert "unmounted" in told.value.why
            assert "back" in told.value.fix
            assert os.path.exists(root) == is_empty  # nothing is made in its place
            assert not is_empty or not os.listdir(root)
        root.rmdir()
        os.rename(elsewhere, root)
        write_run(root, held)
        held.tables.upload("a.csv", 100).abandon()


def test_a_folder_of_the_workspace_that_was_removed_is_gone_and_others_errors_stay(
    tmp_path: Path,
) -> None:
    root = tmp_path / "w"
    with held_workspace(root) as held:
        with pytest.raises(FileNotFoundError), workspace_of(root, "fits"):
            raise FileNotFoundError
        (root / "models").rmdir()
        with pytest.raises(OutputError, match="workspace is gone") as told:
            work(root, held)
        assert told.value.where == str(root / "models")


def test_a_worker_that_begins_after_it_was_deleted_says_so(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="workspace is gone"):
        WorkerDesk(tmp_path / "w", tmp_path / "w" / "work", OpenedTables(tmp_path, None), "fits")


def test_a_deleted_workspace_is_made_anew_by_the_next_start(tmp_path: Path) -> None:
    root = tmp_path / "w"
    with held_workspace(root) as held:
        shutil.rmtree(root)
        with pytest.raises(OutputError, match="gone") as told:
            add_table(root, held)
        assert "start it again" in told.value.fix
    with held_workspace(root) as held:
        add_table(root, held)


@pytest.mark.parametrize(
    ("number", "fix"), [(errno.ENOSPC, "free some space"), (errno.EROFS, "allow yourself to write")]
)
def test_a_disk_that_takes_nothing_says_what_helps(number: int, fix: str, tmp_path: Path) -> None:
    folder = InnerFolder(tmp_path, None)
    told = unwritten("It cannot be kept", folder, OSError(number, "No"))
    assert told.what == "It cannot be kept"
    assert told.fix.startswith(fix)


def test_a_page_hears_that_the_workspace_is_gone(tmp_path: Path) -> None:
    root = tmp_path / "w"

    async def play(studio: ServedStudio) -> None:
        page = await studio.page()
        status, said = await studio.add("a.csv", b"a,b\n1,2\n")
        assert status == 200
        shutil.rmtree(root)
        status, told = await studio.add("b.csv", b"a,b\n1,3\n")
        assert told["error"]["what"] == "The workspace is gone"
        removed = await page.asks("remove-table", table=said["table"])
        assert removed["error"]["what"] == "The workspace is gone"
        await page.close()

    with_studio(play, root)  # and its end is quiet
    assert not root.exists()
