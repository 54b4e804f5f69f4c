"""Minified scripts and styles of pages, made at development time, each with the hash of its source.

`make scripts` writes them to ``small/``. They are part of the package, so that a page is the
same wherever it is written, and no minifier is needed there. The sources stay in ``draw/``, to be
read. A text whose source has changed since is refused.
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
        If there is none, or if it was made from another source.
    """
    try:
        head, _, text = (SMALL / name).read_text(encoding="utf-8").partition("\n")
    except FileNotFoundError:
        raise ValueError(f"There is no small/{name}. {_FIX}") from None
    if head != head_line(source):
        raise ValueError(f"small/{name} was made from another source. {_FIX}")
    return text


def head_line(source: str) -> str:
    """The first line of a minified text: the hash of its source."""
    return f"/* made from sha256-{sha256(source.encode()).hexdigest()} */"
