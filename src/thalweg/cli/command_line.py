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


def same_command(outputs: Iterable[str | None] = ()) -> str:
    """The same command again; "" if it reads standard input, which nobody can copy.

    Parameters
    ----------
    outputs : iterable of str or None
        The files that it writes. If one is there by now, the command replaces it: otherwise it
        would be refused.
    """
    words = list(_words.get())
    if not words or "-" in words:
        return ""
    written = any(path is not None and os.path.lexists(path) for path in outputs)
    if written and _FORCE not in words:
        words.insert(1, _FORCE)
    return command_of(["thalweg", *words])
