"""The error for a file that is not there, with the most similar name that is."""

import os
from collections.abc import Sequence

from thalweg.data.column_names import likely, listed
from thalweg.errors import DataError


def absent_file(place: str, bundled: Sequence[str]) -> DataError:
    """The error that there is no such file, with the most similar name that there is."""
    if os.path.islink(place):
        return DataError(
            "The link leads nowhere: what it names does not exist",
            where=f"{place!r} leads to {os.readlink(place)!r}",
            fix="name the file itself, or make the link anew",
        )
    folder, name = os.path.split(place)
    try:
        beside = [each.name for each in os.scandir(folder or ".") if os.path.exists(each.path)]
    except OSError:  # the folder does not exist, or may not be read
        beside = []
    guess = likely(name, [*bundled, *beside])
    if guess in beside:
        guess = os.path.join(folder, guess)
    return DataError(
        "There is no such file, and no bundled table of this name",
        where=repr(place),
        why=f'Did you mean "{guess}"?' if guess else "",
        fix=f"check the path; bundled tables are {listed(bundled)}",
    )
