"""The command that runs, as a shell reads it: what a person copies in order to go on."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from thalweg.shell_words import command_of

_FORCE = "--force"
_words: ContextVar[tuple[str, ...]] = ContextVar("words", default=())


@contextmanager
def known_command(words: Sequence[str]) -> Iterator[None]:
    """Inside the block, a command with these words after the program's name runs."""
    before = _words.set(tuple(words))
    try:
        yield
    finally:
        _words.reset(before)


def same_command(replaces: bool = False) -> str:
    """The same command again; "" if it reads standard input, which nobody can copy.

    Parameters
    ----------
    replaces : bool
        Whether it is to replace the files that it writes: otherwise it would be refused.
    """
    words = list(_words.get())
    if not words or "-" in words:
        return ""
    if replaces and _FORCE not in words:
        words.insert(1, _FORCE)
    return command_of(["thalweg", *words])


def would_be_refused(outputs: Iterable[str | None]) -> bool:
    """Whether the same command again is refused, because one of the files that it writes exists."""
    written = any(path is not None and os.path.lexists(path) for path in outputs)
    return written and _FORCE not in _words.get()
