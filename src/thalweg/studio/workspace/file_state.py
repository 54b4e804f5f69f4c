"""Which file the command line has named, and how it was then: the id of its table is always "open".

What was made of it is of this file as it was: another start may name another file, and somebody
may write it anew.
"""

import hashlib
import json
import os

from thalweg.studio.wire.table_ids import OPEN
from thalweg.studio.workspace.kept_files import KeptFile


def state_of(file: str | None) -> str | None:
    """A text that is another one for another file, or for one that was written anew.

    Parameters
    ----------
    file : str or None

    Returns
    -------
    str or None
        None without a file.
    """
    if file is None:
        return None
    try:
        found = os.stat(file)
    except OSError:
        return None
    # A file that another one has replaced may have its size and its time.
    said = json.dumps([os.path.abspath(file), found.st_ino, found.st_size, found.st_mtime_ns])
    return hashlib.sha256(said.encode(errors="surrogateescape")).hexdigest()


def table_of(model: KeptFile, state: str | None) -> str | None:
    """The id of the table that a model was fitted on; None if that table is not there.

    Parameters
    ----------
    model : KeptFile
    state : str or None
        Of the file that the command line names now.
    """
    table: str | None = model.known["table"]
    is_gone = table == OPEN and (state is None or model.known.get("state") != state)
    return None if is_gone else table
