"""The errors of a workspace that takes nothing: it is gone, full, or may not be written."""

import errno
from pathlib import Path

from thalweg.errors import OutputError
from thalweg.studio.workspace.inner_folder import InnerFolder

# What else an error says of a folder whose disk is away.
_AWAY = {errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.ESTALE}
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
ELSEWHERE = "free some space, or start the studio with --workspace on another disk"
_ALLOW = "allow yourself to write there, or start the studio with --workspace elsewhere"


def gone_workspace(path: Path) -> OutputError:
    """The error of a workspace that was there when the studio started."""
    return OutputError(
        "The workspace is gone",
        where=str(path),
        why="Its folder was removed or moved, or its disk unmounted, while the studio ran",
        fix="bring the folder or its disk back and try again; or end the studio with Ctrl-C and "
        "start it again, which makes an empty one",
    )


def unwritten(what: str, folder: InnerFolder, why: OSError) -> OutputError:
    """The error that something cannot be written into a folder of the workspace."""
    if why.errno in _AWAY or folder.is_gone():
        return gone_workspace(folder.path)
    fix = ELSEWHERE if why.errno in NO_ROOM else _ALLOW
    return OutputError(what, where=str(folder.path), why=why.strerror or str(why), fix=fix)
