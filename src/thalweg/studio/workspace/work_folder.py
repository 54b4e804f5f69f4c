"""The folders in which workers work: each of one worker alone, and empty between its jobs."""

import os
import shutil
from pathlib import Path

from thalweg.errors import OutputError
from thalweg.studio.workspace.held_workspace import HeldWorkspace

_WORK = "work"


def work_folder(workspace: HeldWorkspace, keeper: str) -> Path:
    """The folder of a worker; it is made if needed."""
    with (
        workspace.folder.folder(_WORK, make=True) as work,
        work.folder(keeper, make=True) as own,
    ):
        return own.path


def sweep_after(workspace: HeldWorkspace, keeper: str) -> None:
    """Remove what a killed worker has left behind; nothing of a workspace that is gone."""
    if workspace.folder.is_gone():
        return
    for each in workspace.kept:
        each.sweep(keeper)
    clear(work_folder(workspace, keeper))


def clear(folder: Path) -> None:
    """Remove everything in a folder, and nothing that a link names.

    Raises
    ------
    OutputError
        Something cannot be removed.
    """
    try:
        for each in os.scandir(folder):
            if each.is_dir(follow_symlinks=False):
                shutil.rmtree(each.path)
            else:
                os.unlink(each.path)
    except OSError as why:
        raise OutputError(
            "What an earlier job has left cannot be removed",
            where=str(folder),
            why=why.strerror or "",
            fix="close what has a file of it open, and try again",
        ) from why
