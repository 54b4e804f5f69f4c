"""Signals that end the command line: in a sentence, with exit code 128 + n, and without a file.

Only a program may say what becomes of signals; nothing below ``cli`` does.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # as far as the system has them


class Stopped(KeyboardInterrupt):
    """A signal asks for the end. It passes through a fit, which takes in Ctrl-C alone.

    Attributes
    ----------
    number : int
    told : bool
        Whether somebody has said so.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number, self.told = number, False

    @property
    def exit_code(self) -> int:
        """As a shell reports a process that the signal ended."""
        return 128 + self.number

    @property
    def name(self) -> str:
        """Such as "SIGTERM"."""
        return signal.Signals(self.number).name


def end_at_once() -> None:
    """Have a signal end the process with a sentence, from now on: nothing is begun yet.

    `ended_by_signals` has its own way while a verb is at work.
    """
    for number in _ours():
        signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    del frame
    with suppress(OSError):
        os.write(2, f"Error: {interrupted(number)}.\n".encode())
    os._exit(128 + number)


def interrupted(number: int) -> str:
    """What is said of the end by a signal, without a full stop."""
    by = "" if number == signal.SIGINT else f" by {signal.Signals(number).name}"
    return f"Interrupted{by}; no file was left half-written"


def _ours() -> list[int]:
    """The signals that may end the process; one that is ignored stays ignored, as by nohup."""
    numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    return [each for each in numbers if signal.getsignal(each) not in (signal.SIG_IGN, None)]


@contextmanager
def ended_by_signals() -> Iterator[list[Stopped]]:
    """Have the first signal raise `Stopped` here, and the second one end the process at once.

    One that is ignored stays ignored, as under ``nohup``. Gives a list that will have what came.
    """
    came: list[Stopped] = []
    if threading.current_thread() is not threading.main_thread():  # signals are not its concern
        yield came
        return
    ours = _ours()
    before = {number: signal.getsignal(number) for number in ours}

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        for each in ours:
            signal.signal(each, signal.SIG_DFL)
        came.append(Stopped(number))
        raise came[-1]

    for number in ours:
        signal.signal(number, stop)
    try:
        yield came
    finally:
        for number in ours:
            signal.signal(number, before[number])


def leave(code: int) -> None:
    """End the process; after a signal at once, whatever a thread that was left behind computes."""
    if code > 128 and threading.active_count() > 1:
        if sys.stderr is not None:  # stdout is flushed by whoever writes, and may be stuck
            with suppress(OSError):
                sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
