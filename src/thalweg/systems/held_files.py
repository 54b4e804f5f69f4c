"""Files that another program has open: on Windows, they can be neither replaced nor removed.

A virus scanner or the indexer opens a new file for a moment, so a short wait mostly helps. A
viewer or a spreadsheet keeps its file open, and only a person can close it.
"""

import os
import stat
import time
from contextlib import suppress
from pathlib import Path

IS_WINDOWS = os.name == "nt"
# Seconds between tries: about one second in all.
_WAITS = (0.01, 0.03, 0.1, 0.3, 0.6)
# A temporary file to which nothing was written for so many seconds is left over.
_LEFT_OVER = 600


def replace_patiently(source: Path, target: Path) -> None:
    """Rename a file in one step, replacing what has the new name; on Windows, try for a second.

    Parameters
    ----------
    source, target : Path
    """
    for wait in _WAITS if IS_WINDOWS else ():
        try:
            os.replace(source, target)
        except PermissionError:
            time.sleep(wait)
        else:
            return
    os.replace(source, target)


def how_to_release(error: OSError, path: str | os.PathLike[str]) -> str | None:
    """The fix of an error of a file that another program may have open; None for other errors."""
    if not (IS_WINDOWS and isinstance(error, PermissionError) and os.path.isfile(path)):
        return None
    return (
        "close the program that has the file open, such as a spreadsheet or a browser, and remove "
        "a write protection; or choose another name"
    )


def remove_left_over(path: str) -> None:
    """Remove a temporary file whose process has ended, where the system has no locks.

    On Windows, a file that is open cannot be removed, so its writer is safe. A second name of a
    file that is being replaced is no leftover, whatever its age.
    """
    if not IS_WINDOWS:
        return
    with suppress(OSError):
        found = os.lstat(path)
        old = time.time() - found.st_mtime > _LEFT_OVER
        if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and old:
            os.unlink(path)
