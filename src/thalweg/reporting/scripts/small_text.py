"""Minified scripts and styles of pages, made at development time, each with the hash of its source.

`make scripts` writes them to ``small/``. They are part of the package, so that a page is the
same wherever it is written, and no minifier is needed there. The sources stay in ``draw/``, to be
read. A text whose source has changed since, or that was changed itself, is refused.
"""

from hashlib import sha256
from importlib.resources import files

SMALL = files("thalweg.reporting") / "small"
_FIX = "This is a fault of the package: run `make scripts` where its sources are"


def small_text(name: str, source: str) -> str:
    """The minified text that was made from this source.

    Parameters
    ----------
    name : str
        The name of its file in ``small/``.
    source : str

    Raises
    ------
    ValueError
        If there is none, if it was made from another source, or if it was changed since.
    """
    try:
        file = (SMALL / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ValueError(f"There is no small/{name}. {_FIX}") from None
    if not is_of(file, source):
        raise ValueError(f"small/{name} was made from another source, or changed since. {_FIX}")
    return file.partition("\n")[2]


def is_of(file: str, source: str) -> bool:
    """Whether a minified file was made from this source, and is as it was made."""
    head, _, text = file.partition("\n")
    return head == head_line(source, text.removesuffix("\n"))


def head_line(source: str, text: str) -> str:
    """The first line of a minified file: the hashes of its source and of its text."""
    hashes = (f"sha256-{sha256(each.encode()).hexdigest()}" for each in (source, text))
    return f"/* source {' text '.join(hashes)} */"
