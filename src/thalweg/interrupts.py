"""Ctrl-C and cancellation: when they end training early, and when they are raised.

A library sets no signal handlers. Ctrl-C arrives as a KeyboardInterrupt in the main thread.
A cancellation arrives as a `Cancelled` in the thread that trains (`heeding`).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event, Lock, local

SECONDS_FOR_A_SECOND_ONE = 2.0

_last_taken = -float("inf")


class Cancelled(KeyboardInterrupt):
    """Another thread asks for the end of this work. It ends training as Ctrl-C does."""


class Cancellation:
    """A request to end the current work with the result so far.

    Any thread can make it, and only once: a job that was cancelled is not resumed.
    """

    def __init__(self) -> None:
        self._asked, self._taken, self._lock = Event(), False, Lock()

    def ask(self) -> None:
        """Ask for the end."""
        self._asked.set()

    @property
    def asked(self) -> bool:
        """Whether the end was requested."""
        return self._asked.is_set()

    def take(self) -> bool:
        """Whether the request is there and has not ended anything yet; then it is used up."""
        with self._lock:
            first = self.asked and not self._taken
            self._taken = self._taken or first
        return first


_heeded: ContextVar[Cancellation | None] = ContextVar("heeded", default=None)


@contextmanager
def heeding(cancellation: Cancellation) -> Iterator[None]:
    """Let this thread raise `Cancelled` where it waits for training, once the end is requested."""
    before = _heeded.set(cancellation)
    try:
        yield
    finally:
        _heeded.reset(before)


def raise_if_cancelled() -> None:
    """Raise `Cancelled`, once, if the cancellation of this thread asks for the end."""
    heeded = _heeded.get()
    if heeded is not None and heeded.take():
        raise Cancelled


def end_was_asked(since: float) -> bool:
    """Whether the end of this work was asked for, by Ctrl-C that a fit accepted, or cancelled.

    A fit that is just done accepts it, and gives its result as if nothing had come.

    Parameters
    ----------
    since : float
        Ctrl-C before this moment of `time.monotonic` was another work's.
    """
    heeded = _heeded.get()
    return _last_taken >= since or (heeded is not None and heeded.asked)


class _Region(local):
    """Whether this thread is where nothing may be raised, and what is to be raised after it."""

    depth = 0
    waiting: KeyboardInterrupt | None = None


_region = _Region()


@contextmanager
def held_back() -> Iterator[None]:
    """Let `raise_or_hold` in this thread wait for the end of this region.

    It is for code that calls Python back through ctypes, such as the compiler: what a signal
    handler raises in such a callback is printed and lost.
    """
    _region.depth += 1
    try:
        yield
    finally:
        _region.depth -= 1
        sign = _region.waiting
        if sign is not None and not _region.depth:
            _region.waiting = None
            raise sign


def raise_or_hold(sign: KeyboardInterrupt) -> None:
    """Raise what a signal handler has to raise: now, or after the region that holds it back."""
    if not _region.depth:
        raise sign
    _region.waiting = sign


def take_in(sign: KeyboardInterrupt) -> None:
    """Accept Ctrl-C as a request to end only the current fit; or raise it again.

    The caller ends with the result that it has. Two kinds are raised again: a second Ctrl-C within
    two seconds of the last accepted one, so that a search around a fit can be ended; and any
    subclass except `Cancelled`, which some program uses to end everything, such as the command
    line.

    Parameters
    ----------
    sign : KeyboardInterrupt
    """
    global _last_taken
    if isinstance(sign, Cancelled):
        return
    now = time.monotonic()
    is_own = type(sign) is not KeyboardInterrupt
    # The second one may come while the work for the first is still going on.
    is_second = isinstance(sign.__context__, KeyboardInterrupt)
    if is_own or is_second or now - _last_taken < SECONDS_FOR_A_SECOND_ONE:
        raise sign
    _last_taken = now
