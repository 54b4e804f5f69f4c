"""Who watches a check of a table: it hears when the columns are read, and of each check.

A check of a large table takes a while. A page shows its columns meanwhile, and how far it is.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from thalweg.data.doctor.examined_table import Examined
from thalweg.data.schema.column_floats import Column
from thalweg.errors import DataError


class CheckWatcher(Protocol):
    """Hears of a check in the thread that makes it."""

    def reading(self, done: int, total: int) -> None:
        """So many columns are read."""

    def examined(
        self, seen: Examined, columns: Sequence[Column | DataError], notes: Sequence[str]
    ) -> None:
        """All columns are read: what each is, the target among them, and how they are read."""

    def checking(self, name: str, done: int, total: int) -> None:
        """A check begins."""


class _Nobody:
    def reading(self, done: int, total: int) -> None:
        """Nothing."""

    def examined(
        self, seen: Examined, columns: Sequence[Column | DataError], notes: Sequence[str]
    ) -> None:
        """Nothing."""

    def checking(self, name: str, done: int, total: int) -> None:
        """Nothing."""


_NOBODY = _Nobody()
_watcher: ContextVar[CheckWatcher | None] = ContextVar("watcher", default=None)


@contextmanager
def check_watched_by(watcher: CheckWatcher) -> Iterator[None]:
    """Let someone hear of the checks inside the block."""
    before = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(before)


def watcher() -> CheckWatcher:
    """Who hears of the check that this thread makes."""
    return _watcher.get() or _NOBODY
