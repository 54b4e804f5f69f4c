"""The folders in which workers work: each of one worker alone, and empty between its jobs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from thalweg.errors import OutputError
from thalweg.studio.workspace.held_workspace import HeldWorkspace
from thalweg.studio.workspace.inner_folder import InnerFolder

_WORK = "work"


@contextmanager
def opened_work_folder(workspace: HeldWorkspace, keeper: str) -> Iterator[InnerFolder]:
    """The folder of a worker; it is made if needed, and is never one that a link names."""
    with (
        workspace.folder.folder(_WORK, make=True) as work,
        work.folder(keeper, make=True) as own,
    ):
        yield own


def work_folder(workspace: HeldWorkspace, keeper: str) -> Path:
    """The path of the folder of a worker; it is made if needed."""
    with opened_work_folder(workspace, keeper) as own:
        return own.path


def sweep_after(workspace: HeldWorkspace, keeper: str) -> None:
    """Remove what a killed worker has left behind; nothing of a workspace that is gone."""
    if workspace.folder.is_gone():
        return
    for each in workspace.kept:
        each.sweep(keeper)
    with opened_work_folder(workspace, keeper) as own:
        clear(own)


def clear(folder: InnerFolder) -> None:
    """Remove everything in a folder, and nothing that a link names.

    Raises
    ------
    OutputError
        Something cannot be removed.
    """
    try:
        folder.clear()
    except OSError as why:
        raise OutputError(
            "What an earlier job has left cannot be removed",
            where=str(folder.path),
            why=why.strerror or "",
            fix="close what has a file of it open, and try again",
        ) from why
