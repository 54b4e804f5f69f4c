"""Signals that end the command line: with a message, exit code 128 + n, and no half-written file.

Only a program may decide how to handle signals, so nothing below ``cli`` does.
"""

import _thread
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from thalweg.cli.early_end import begin_run, end_soon, ending_signals, is_done
from thalweg.interrupts import Cancellation, raise_or_hold


class Stopped(KeyboardInterrupt):
    """A signal asked the program to end. It passes through a fit, which handles only Ctrl-C.

    Attributes
    ----------
    number : int
        The number of the signal.
    why : str
        What the end means for the work; "" if that is known.
    reported : bool
        Whether the user was told.
    """

    def __init__(self, number: int, why: str = "") -> None:
        super().__init__(number)
        self.number, self.why, self.reported = number, why, False

    @property
    def exit_code(self) -> int:
        """The exit code that a shell reports for a process that the signal ended."""
        return 128 + self.number

    @property
    def name(self) -> str:
        """The name of the signal, such as "SIGTERM"."""
        return signal.Signals(self.number).name


class _Gentle:
    """The work that the first Ctrl-C ends with what it has."""

    cancellation: Cancellation | None = None
    words = b""


_gentle = _Gentle()


@contextmanager
def first_asks(cancellation: Cancellation, words: str) -> Iterator[None]:
    """Let the first Ctrl-C inside the block ask for the end of its work; the next one ends all.

    Parameters
    ----------
    cancellation : Cancellation
    words : str
        What is said on standard error at that moment.
    """
    _gentle.cancellation, _gentle.words = cancellation, f"\n{words}\n".encode()
    try:
        yield
    finally:
        _gentle.cancellation = None


def _asks_for_the_end() -> bool:
    """Whether this Ctrl-C asked for the end of a work, and so ends nothing else."""
    cancellation = _gentle.cancellation
    if cancellation is None or cancellation.asked:
        return False
    cancellation.ask()
    with suppress(OSError):  # stderr has no reader, or is closed
        os.write(2, _gentle.words)
    return True


@contextmanager
def ended_by_signals() -> Iterator[list[Stopped]]:
    """Let the first signal raise `Stopped` here, and a second one end the process soon after.

    A signal that is ignored, as under ``nohup``, stays ignored, and so is one that comes when all
    output is written. Yields a list that collects what was raised.
    """
    came: list[Stopped] = []
    begin_run()
    if threading.current_thread() is not threading.main_thread():  # it cannot handle signals
        yield came
        return
    ours = ending_signals()
    before = {number: signal.getsignal(number) for number in ours}

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        if is_done() or (number == signal.SIGINT and not came and _asks_for_the_end()):
            return
        if came:  # the first one's end is under way, and is not to be interrupted
            end_soon(came[0].number)
            return
        came.append(Stopped(number))
        raise_or_hold(came[-1])

    try:
        for number in ours:
            signal.signal(number, stop)
        yield came
    finally:
        for number in ours:
            signal.signal(number, before[number])


def ignore_signals() -> None:
    """Ignore signals from now on: all is said.

    Python takes up to half a second to end, and runs no handlers in it. A signal would end it
    without a sentence, and with a code that denies the result.
    """
    for number in ending_signals():
        signal.signal(number, signal.SIG_IGN)


def leave(code: int) -> None:
    """End the process; after a signal at once, even if another thread is still computing."""
    if code > 128 and _others_work():
        if sys.stderr is not None:  # stdout is flushed after each write, and may block
            with suppress(OSError):
                sys.stderr.flush()
        os._exit(code)
    _drop_what_nobody_takes()
    sys.exit(code)


def _drop_what_nobody_takes() -> None:
    """Let Python's own last flush succeed where stdout cannot be written, as the user was told.

    It would fail a second time, print that, and end the process with 120.
    """
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _others_work() -> bool:
    from thalweg.parallel_map import is_working  # takes long to import, and only ends need it

    # Not threading.active_count(): it misses the thread that writes a document. While that waits
    # for a reader, it holds the lock of a buffered stdout, which Python's last flush takes.
    return is_working() or _thread._count() > 0
