"""A file system whose k-th operation fails: a helper of the tests, put in place of the real one."""

import os
from collections.abc import Callable
from typing import Any

from thalweg.files import FileSystem

OPERATIONS = [name for name in vars(FileSystem) if not name.startswith("_")]


class Faulty(FileSystem):
    """Real files, but operation number ``at`` (from 1) strikes.

    Parameters
    ----------
    at : int
        The operation that strikes; one beyond the last never does.
    strike : callable
        Called instead of the operation; it raises, or ends the process.
    for_ever : bool
        Whether all later operations strike as well.
    performed : bool
        Whether a striking operation is done first: the disk did it, and still says no.
    largest : int
        The most bytes that one write takes.
    """

    def __init__(
        self,
        at: int,
        strike: Callable[[], Any],
        *,
        for_ever: bool = False,
        performed: bool = False,
        largest: int = 2**30,
    ) -> None:
        self.at, self.strike, self.for_ever = at, strike, for_ever
        self.performed, self.largest = performed, largest
        self.asked: list[str] = []
        self.done: list[str] = []
        self.handles: set[int] = set()

    def _operate(self, name: str, *arguments: Any) -> Any:
        self.asked.append(name)
        count = len(self.asked)
        struck = count == self.at or (self.for_ever and count > self.at)
        if name == "write":
            # A struck write leaves half of its bytes, as a full disk does.
            handle, data = arguments
            arguments = (handle, data[: len(data) // 2 if struck else self.largest])
        # A close that fails closes all the same, and a half write is written.
        if not struck or self.performed or name in ("close", "write"):
            result = getattr(super(), name)(*arguments)
            self.done.append(name)
            if name == "create" and struck:
                os.close(result)  # nobody gets the handle of an open that failed
            elif name == "create":
                self.handles.add(result)
            elif name == "close":
                self.handles.discard(*arguments)
        if struck:
            self.strike()
        return result


def _through(name: str) -> Callable[..., Any]:
    return lambda self, *arguments: self._operate(name, *arguments)


for _name in OPERATIONS:
    setattr(Faulty, _name, _through(_name))


def raising(error: BaseException) -> Callable[[], Any]:
    """A strike that raises this."""

    def strike() -> None:
        raise error

    return strike


def os_error(code: int) -> Callable[[], Any]:
    """A strike as the operating system strikes."""
    return raising(OSError(code, os.strerror(code)))


def crash() -> None:
    """A strike that ends the process at once: nothing is flushed, nothing undone."""
    os._exit(77)
