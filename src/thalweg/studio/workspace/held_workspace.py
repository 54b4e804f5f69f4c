"""The workspace of a studio: a private folder, in which one server works at a time."""

import os
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from thalweg.errors import SettingsError
from thalweg.files import FileLock
from thalweg.private_directories import HAS_HANDLES, NotPrivateError
from thalweg.shell_words import in_shell
from thalweg.studio.workspace.inner_folder import InnerFolder, NotOursError, outer_folder
from thalweg.studio.workspace.kept_files import KeptFiles
from thalweg.studio.workspace.kept_kinds import KINDS, TABLES
from thalweg.studio.workspace.kept_runs import KeptRuns
from thalweg.studio.workspace.unwritten import gone_workspace

_LOCK, _RUNS = "lock", "runs"
_OTHERS = 0o077


@dataclass(frozen=True)
class HeldWorkspace:
    """The workspace while a server works in it.

    Attributes
    ----------
    folder : InnerFolder
    tables, models, predictions, reports : KeptFiles
    """

    folder: InnerFolder
    tables: KeptFiles
    models: KeptFiles
    predictions: KeptFiles
    reports: KeptFiles

    @property
    def kept(self) -> tuple[KeptFiles, ...]:
        """The files of all kinds."""
        return self.tables, self.models, self.predictions, self.reports


def usual_workspace() -> Path:
    """The workspace of a user who names none."""
    return user_data_path("thalweg", appauthor=False) / "studio"


@contextmanager
def held_workspace(path: Path) -> Iterator[HeldWorkspace]:
    """The workspace, made if needed, and kept from other servers until the block ends.

    Raises
    ------
    SettingsError
        It cannot be a workspace, or another server works in it.
    """
    lock = FileLock()
    with _opened(path) as folder:
        with _writable(path):
            _make_lock(folder)
        if not lock.take(folder.path / _LOCK):
            raise SettingsError(
                "Another studio works in this workspace",
                where=str(path),
                fix="open the link that its terminal printed, or name another folder with "
                "--workspace",
            )
        try:
            with ExitStack() as kinds:
                with _writable(path):
                    held = kinds.enter_context(_all_kinds(folder, "", make=True))
                for each in held.kept:
                    each.sweep()
                if folder.has(_RUNS):
                    with folder.folder(_RUNS) as inner:
                        KeptRuns(inner).sweep()
                yield held
        finally:
            lock.release()


def _make_lock(folder: InnerFolder) -> None:
    """Make the file of the lock; what else has its name would let every server in."""
    with suppress(FileExistsError):
        folder.created(_LOCK).close()
    folder.opened(_LOCK).close()


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    """Turn an error of the system into one that says which folder takes nothing new."""
    try:
        yield
    except NotOursError:
        raise
    except OSError as why:
        raise SettingsError(
            "Nothing can be written into the workspace",
            where=str(path),
            why=why.strerror or str(why),
            fix="free some space, or name a folder that you may write in with --workspace",
        ) from why


@contextmanager
def _of_another(path: Path) -> Iterator[InnerFolder]:
    """A workspace that another process holds; it is never made here.

    Raises
    ------
    OutputError
        It is gone, or goes meanwhile.
    """
    place = Path(os.path.abspath(path))
    try:
        # Below the place of an unmounted disk may be an empty folder, which is not the workspace.
        if not os.path.lexists(place / _LOCK):
            raise gone_workspace(place)
        with _opened(path) as folder:
            yield folder
    except (OSError, SettingsError) as why:
        if not os.path.lexists(place / _LOCK):
            raise gone_workspace(place) from why
        missing = [each.folder for each in KINDS if not os.path.lexists(place / each.folder)]
        if missing and isinstance(why, FileNotFoundError):
            raise gone_workspace(place / missing[0]) from why
        raise


@contextmanager
def tables_of(path: Path) -> Iterator[KeptFiles]:
    """The tables of a workspace that another process holds: what a worker reads."""
    with _of_another(path) as folder, folder.folder(TABLES.folder) as inner:
        yield KeptFiles(inner, TABLES)


@contextmanager
def workspace_of(path: Path, keeper: str) -> Iterator[HeldWorkspace]:
    """A workspace that another process holds, for a worker that keeps what it has made in it."""
    with _of_another(path) as folder, _all_kinds(folder, keeper) as held:
        yield held


@contextmanager
def _all_kinds(folder: InnerFolder, keeper: str, *, make: bool = False) -> Iterator[HeldWorkspace]:
    with ExitStack() as held:
        files = {
            kind.folder: KeptFiles(
                held.enter_context(folder.folder(kind.folder, make=make)), kind, keeper
            )
            for kind in KINDS
        }
        yield HeldWorkspace(folder, **files)


@contextmanager
def runs_of(path: Path) -> Iterator[KeptRuns]:
    """The runs of a workspace that another process holds: what a worker reads and writes."""
    with _of_another(path) as folder, folder.folder(_RUNS, make=True) as inner:
        yield KeptRuns(inner)


@dataclass(frozen=True)
class RunsOnDisk:
    """The files of runs; the workspace is opened for each of them."""

    path: Path

    def read(self, run: str, name: str) -> bytes | None:
        """The bytes of a file of a run; None if there is none, or none of ours."""
        with runs_of(self.path) as runs:
            return runs.read(run, name)

    def sweep(self, held: Collection[str]) -> None:
        """Remove the oldest runs if there are too many, but for these."""
        with suppress(OSError, SettingsError), runs_of(self.path) as runs:  # another time
            runs.sweep(held)

    def write(self, run: str, name: str, data: bytes) -> None:
        """Write a file of a run, completely or not at all."""
        with runs_of(self.path) as runs:
            runs.write(run, name, data)


@contextmanager
def _opened(path: Path) -> Iterator[InnerFolder]:
    """The folder, or an error that says what is wrong with it."""
    place = Path(os.path.abspath(path))
    try:
        _require_own(place)
        opened = outer_folder(place)
        folder = opened.__enter__()
    except SettingsError:
        raise
    except (OSError, ValueError) as why:
        said = str(why) if isinstance(why, NotPrivateError) else ""
        raise SettingsError(
            "The workspace cannot be made, or is not private",
            where=str(path),
            why=said or getattr(why, "strerror", None) or str(why),
            fix="name a folder in a folder of your own with --workspace",
        ) from why
    try:
        yield folder
    except NotOursError as why:
        raise SettingsError(
            f"The workspace has something that is not the studio's: {why}",
            where=str(path),
            fix="remove it, or name another folder with --workspace",
        ) from why
    finally:
        opened.__exit__(None, None, None)


def _require_own(place: Path) -> None:
    """Refuse a folder that others may enter with the command that changes that."""
    if not HAS_HANDLES or not place.is_dir():
        return
    found = place.stat()
    if found.st_uid == os.geteuid() and found.st_mode & _OTHERS:
        raise SettingsError(
            "Others may enter the workspace",
            where=str(place),
            why="Tables of patients and customers may lie there",
            fix=f"chmod 700 {in_shell(str(place))}; or name a new folder, which is made private",
        )
