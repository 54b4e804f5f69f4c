"""File name endings: which ones each kind of output accepts, and errors for all others."""

import os
from pathlib import Path

from thalweg.errors import SettingsError

# The file name endings of each kind of output.
PAGE, TABLE_OF_TEXT, MODEL = (".html", ".htm"), (".csv",), (".safetensors",)
PARQUET = (".parquet", ".pq")
PREDICTIONS = (*TABLE_OF_TEXT, *PARQUET)
MARKDOWN, JSON = (".md", ".markdown"), (".json",)


def check_ending(
    path: str | os.PathLike[str],
    what: str,
    endings: tuple[str, ...],
    *,
    flag: str = "",
    bare: bool = True,
) -> str:
    """The ending of a file name, in lower case, which must fit what is written.

    Parameters
    ----------
    path : path
    what : str
        What is written, for the message, such as "A report".
    endings : tuple of str
        The allowed endings, with the default one first; one may have two parts, as ``.d.ts``.
    flag : str
        The command line option that names the file.
    bare : bool, default True
        Whether a name without an ending is allowed.

    Raises
    ------
    SettingsError
        For any other ending.
    """
    named = Path(path)
    ending = named.suffix.lower()
    both = "".join(named.suffixes[-2:]).lower()
    if both in endings:
        return both
    if ending in endings or (bare and not ending):
        return ending
    shorter = named.with_suffix("")  # of x.csv.gz it is x.csv
    fits = shorter.suffix.lower() in endings
    renamed = f"{flag} {shorter if fits else named.with_suffix(endings[0])}".strip()
    raise SettingsError(
        f"{what} is not written as {ending or 'a file without an ending'}",
        where=f"{flag} {path}".strip(),
        fix=f"write {renamed}" if bare else f"let the name end in one of {', '.join(endings)}",
    )
