"""A command that several tests of a file begin with is run once: a helper of the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

_Said = tuple[int, str, str]
_done: dict[Any, tuple[_Said, dict[str, bytes]]] = {}


def once(cli: Callable[..., _Said], *words: Any) -> _Said:
    """Run a command in the folder of the test, or write and return what it gave before.

    Before means in a folder with the same files. What the command writes must depend on them and on
    the words alone.
    """
    before = _files()
    asked = (tuple(map(str, words)), tuple(sorted(before.items())))
    if asked not in _done:
        said = cli(*words)
        written = {name: data for name, data in _files().items() if before.get(name) != data}
        _done[asked] = said, written
        return said
    said, written = _done[asked]
    for name, data in written.items():
        Path(name).write_bytes(data)
    return said


def _files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path().iterdir() if path.is_file()}
