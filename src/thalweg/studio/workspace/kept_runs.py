"""The runs of the workspace: each in a folder named by the hash of what it is."""

from thalweg.errors import OutputError
from thalweg.studio.workspace.content_ids import is_content_id
from thalweg.studio.workspace.inner_folder import InnerFolder, NotOursError

# A larger file is none of ours.
MOST_BYTES = 1 << 28


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
            It cannot be written; an older one is as it was.
        """
        try:
            with self._folder.folder(run, make=True) as own:
                own.write(name, data)
        except OSError as why:
            raise OutputError(
                "The run cannot be written into the workspace",
                where=str(self._folder.path / run),
                why=why.strerror or str(why),
                fix="free some space, or name another folder with --workspace",
            ) from why
