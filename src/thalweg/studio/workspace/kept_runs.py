"""The runs of the workspace: each in a folder named by the hash of what it is."""

from collections.abc import Collection
from contextlib import suppress

from thalweg.errors import OutputError
from thalweg.studio.workspace.content_ids import is_content_id
from thalweg.studio.workspace.inner_folder import InnerFolder, NotOursError
from thalweg.studio.workspace.unwritten import unwritten
from thalweg.studio.workspace.written_order import oldest_first

# A larger file is none of ours.
MOST_BYTES = 1 << 28
# Runs that are kept, and the bytes of all of them: a run can be made again from what it is.
MOST_RUNS, MOST_BYTES_OF_ALL = 500, 1 << 30


class KeptRuns:
    """All runs of a workspace.

    Parameters
    ----------
    folder : InnerFolder
        The folder of the runs, as long as it is open.
    """

    def __init__(self, folder: InnerFolder) -> None:
        self._folder = folder

    def listed(self) -> list[str]:
        """The ids of all runs."""
        return [each for each in self._folder.names() if is_content_id(each)]

    def sweep(self, held: Collection[str] = ()) -> None:
        """Remove the runs that were written the longest ago, until there are not too many.

        Parameters
        ----------
        held : collection of str
            Runs that stay, because pages show them.
        """
        found = {run: self._state_of(run) for run in self.listed()}
        n_runs, n_bytes = len(found), sum(size for _, size in found.values())
        for run in oldest_first({run: time for run, (time, _) in found.items()}, self._touch):
            size = found[run][1]
            if n_runs <= MOST_RUNS and n_bytes <= MOST_BYTES_OF_ALL:
                return
            if run not in held:
                with suppress(OSError):  # another time
                    self._folder.remove_folder(run)
                    n_runs, n_bytes = n_runs - 1, n_bytes - size

    def _state_of(self, run: str) -> tuple[float, int]:
        """When a run was written last, and its bytes; what is no folder of ours is the oldest."""
        try:
            with self._folder.folder(run) as own:
                found = [own.state(name) for name in own.names()]
        except OSError:
            return 0.0, 0
        return max((time for time, _ in found), default=0.0), sum(size for _, size in found)

    def _touch(self, run: str, written: float) -> None:
        with suppress(OSError), self._folder.folder(run) as own:
            for name in own.names():
                own.touch(name, written)

    def read(self, run: str, name: str) -> bytes | None:
        """The bytes of a file of a run; None if there is none, or none of ours."""
        if not is_content_id(run):
            return None
        try:
            with self._folder.folder(run) as own, own.opened(name) as file:
                data = file.read(MOST_BYTES + 1)
        except (FileNotFoundError, NotOursError):
            return None
        return data if len(data) <= MOST_BYTES else None

    def write(self, run: str, name: str, data: bytes) -> None:
        """Write a file of a run, completely or not at all.

        Raises
        ------
        OutputError
            It cannot be written, or is longer than what is read; an older one is as it was.
        """
        require_small(name, len(data))
        try:
            with self._folder.folder(run, make=True) as own:
                own.write(name, data)
        except OSError as why:
            self._folder.remove_if_empty(run)
            raise unwritten(
                "The run cannot be written into the workspace", self._folder, why
            ) from why


def require_small(name: str, size: int) -> None:
    """Refuse a file of a run that has more bytes than are read, also before it is made.

    Raises
    ------
    OutputError
        It has.
    """
    if size > MOST_BYTES:
        raise OutputError(
            "The run is too large to be kept in the workspace",
            where=name,
            why=f"It takes {size:,} bytes, and a file of a run may have {MOST_BYTES:,}",
            fix="start it with fewer hidden units; it goes on, and is lost with the studio",
        )
