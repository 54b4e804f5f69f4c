"""File name endings: which ones each kind of output accepts, and errors for all others."""

import os
from pathlib import Path

from thalweg.errors import SettingsError

# What the name of a file may end in, by what it holds.
PAGE, TABLE_OF_TEXT, MODEL = (".html", ".htm"), (".csv",), (".safetensors",)


def check_ending(
    path: str | os.PathLike[str],
    what: str,
    endings: tuple[str, ...],
    *,
    flag: str = "",
    bare: bool = True,
) -> str:
    """The ending of a file's name, in small letters; it must say what is written there.

    Parameters
    ----------
    path : path
    what : str
        What is written, for the message: "A report".
    endings : tuple of str
        The usual one first.
    flag : str
        Of the command line, where it is named.
    bare : bool, default True
        Whether a name without an ending will do, which says nothing false.

    Raises
    ------
    SettingsError
        For any other ending.
    """
    named = Path(path)
    ending = named.suffix.lower()
    if ending in endings or (bare and not ending):
        return ending
    renamed = f"{flag} {named.with_suffix(endings[0])}".strip()
    raise SettingsError(
        f"{what} is not written as {ending or 'a file without an ending'}",
        where=f"{flag} {path}".strip(),
        fix=f"write {renamed}" if bare else f"let the name end in one of {', '.join(endings)}",
    )
