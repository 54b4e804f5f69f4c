"""What ends a descent early: Ctrl-C, or the wish of another thread, told as a `Cancellation`.

A library sets no handlers of signals. Ctrl-C comes as a KeyboardInterrupt, to the main thread.
A wish comes as a `Cancelled`, to the thread that `heeding` it runs the descent.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event, Lock

SECONDS_FOR_A_SECOND_ONE = 2.0

_last_taken = -float("inf")


class Cancelled(KeyboardInterrupt):
    """Another thread wishes the end of what runs here. It ends a descent as Ctrl-C does."""


class Cancellation:
    """A wish that what runs should end, with what there is by then.

    It can be given from any thread, and once: a job that was cancelled is not taken up again.
    """

    def __init__(self) -> None:
        self._asked, self._taken, self._lock = Event(), False, Lock()

    def ask(self) -> None:
        """Ask for the end."""
        self._asked.set()

    @property
    def asked(self) -> bool:
        """Whether somebody has asked for the end."""
        return self._asked.is_set()

    def take(self) -> bool:
        """Whether the wish is there and nobody has ended anything for it yet; then it is taken."""
        with self._lock:
            first = self.asked and not self._taken
            self._taken = self._taken or first
        return first


_heeded: ContextVar[Cancellation | None] = ContextVar("heeded", default=None)


@contextmanager
def heeding(cancellation: Cancellation) -> Iterator[None]:
    """Have this thread raise `Cancelled` where it waits for descents, once the end is asked for."""
    before = _heeded.set(cancellation)
    try:
        yield
    finally:
        _heeded.reset(before)


def raise_if_cancelled() -> None:
    """Raise `Cancelled`, once, where the cancellation that this thread heeds asks for the end."""
    heeded = _heeded.get()
    if heeded is not None and heeded.take():
        raise Cancelled


def take_in(sign: KeyboardInterrupt) -> None:
    """Take Ctrl-C as the wish to end what runs, and nothing around it; or raise it again.

    Who calls this ends with what there is. Raised again is a second one within two seconds of the
    last that was taken in, so that a search around a fit can be ended; and any subclass but
    `Cancelled`, which is somebody's own way to end all, such as the command line's.

    Parameters
    ----------
    sign : KeyboardInterrupt
    """
    global _last_taken
    if isinstance(sign, Cancelled):
        return
    now = time.monotonic()
    is_own = type(sign) is not KeyboardInterrupt
    # The second may come while what the first asked for is still under way.
    is_second = isinstance(sign.__context__, KeyboardInterrupt)
    if is_own or is_second or now - _last_taken < SECONDS_FOR_A_SECOND_ONE:
        raise sign
    _last_taken = now
