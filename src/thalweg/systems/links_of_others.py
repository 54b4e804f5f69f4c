"""Links and files that other users placed in a shared folder: they are not followed or changed."""

import errno
import os
import stat
from pathlib import Path

from thalweg.errors import OutputError

_MOST_LINKS = 40  # the limit of Linux


def is_anothers(found: os.stat_result, around: os.stat_result) -> bool:
    """Whether another user placed an entry in a folder that everyone may write to.

    Such a folder is sticky, as /tmp is. An entry of this user, or of the folder's owner, is none,
    as Linux has it (fs.protected_symlinks).

    Parameters
    ----------
    found, around : os.stat_result
        Of the entry itself, and of its folder.
    """
    shared = around.st_mode & stat.S_ISVTX and around.st_mode & stat.S_IWOTH
    return bool(shared) and found.st_uid not in (os.geteuid(), around.st_uid)


def followed(path: str | os.PathLike[str]) -> Path:
    """The file that a path leads to, link by link; its last part is no link.

    Another user's link could lead to a file that only this user may change. Nothing is opened
    through a link later.

    Raises
    ------
    OutputError
        If a link of another user in a shared folder is on the way.
    """
    here = Path(path)
    for _ in range(_MOST_LINKS):
        folder = Path(os.path.realpath(here.parent))
        here = folder / here.name
        try:
            found = os.lstat(here)
        except FileNotFoundError:
            return here
        if not stat.S_ISLNK(found.st_mode):
            return here
        if is_anothers(found, os.stat(folder)):
            raise OutputError(
                "The result cannot be written", where=os.fspath(path),
                why="It is, or leads to, a link of another user in a shared folder",
                fix="name the file itself, or choose another folder",
            )  # fmt: skip
        here = folder / os.readlink(here)
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
