"""The end of the program before its imports are done: a signal, or too little memory.

Imports next to nothing, so that it is there at once, and also where memory is short. What it prints
is what `console_listener` prints later, in the same words and with the same keys.
"""

import _thread
import os
import sys
import time

from thalweg import __version__
from thalweg.document import (
    address_space_limit,
    document,
    error_parts,
    limit_in_words,
    says_shortage,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from types import FrameType
    from typing import NoReturn
else:  # in Python itself, while to import `signal` takes longer than all of the above
    import _signal as signal

VERBS = (
    "card", "check", "decide", "drift", "evaluate", "explain", "export", "fit", "landscape",
    "lesson", "predict", "report", "show", "studio", "sweep", "trace", "tune", "warm",
)  # fmt: skip
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # as far as the system has them

# Bytes of address space that the imports of a verb take, measured with two cores and rounded up.
# With less, libraries abort the process, crash it or wait forever while they are imported.
LEAST_MEMORY = 800 * 1000**2
# The same with the compiler, which verbs load that compute with networks.
LEAST_TO_COMPILE = 1500 * 1000**2
_COMPILING = ("evaluate", "fit", "landscape", "predict", "trace", "tune", "warm")
_NEARLY_NOTHING = 48 * 1000**2

# Seconds that the end may take once a second signal has come, and what is then left to be said.
SECONDS_TO_END, _SECONDS_TO_SAY = 2.0, 1.0


class _Run:
    """What one run of a command line has written; each lock is taken by the one who writes it."""

    def __init__(self) -> None:
        self.document, self.interruption = _thread.allocate_lock(), _thread.allocate_lock()
        self.has_deadline = False


_run = _Run()
# Whether all output is written; whether the end before a verb has begun.
_is_done = _is_ending = False


def begin_run() -> None:
    """Say that a command line begins, of which nothing is written."""
    global _run, _is_done
    _run, _is_done = _Run(), False


def claim_document() -> bool:
    """Whether the caller is to write the document: true once, so that no second one follows."""
    return _run.document.acquire(False)


def has_document() -> bool:
    """Whether stdout contains a document already, or a part of it."""
    return _run.document.locked()


def claim_interruption() -> bool:
    """Whether the caller is to say on stderr that a signal ended the program: true once."""
    return _run.interruption.acquire(False)


def end_run() -> None:
    """Say that all output is written: from now on a signal can end nothing, and is ignored."""
    global _is_done
    _is_done = True


def is_done() -> bool:
    """Whether all output is written."""
    return _is_done


def end_at_once() -> None:
    """Let a signal end the process with a message from now on, before any work has begun.

    While a verb works, `ended_by_signals` handles signals instead.
    """
    for number in ending_signals():
        signal.signal(number, _end)


def _end(number: int, frame: "FrameType | None") -> None:
    del frame
    if _is_done:
        return
    if _is_ending:
        end_soon(number)
    else:
        end_by_signal(number)


def end_by_signal(number: int) -> "NoReturn":
    """End the process with the message about a signal."""
    _leave(128 + number, interruption(number), claim_interruption())


def end_soon(number: int) -> None:
    """Let an end that has begun finish, and end the process if it has not within two seconds.

    This is what a second signal does. At once it would lose the document.
    """
    run = _run
    if run.has_deadline:
        return
    run.has_deadline = True

    def cut() -> None:
        time.sleep(SECONDS_TO_END)
        if _is_done or run is not _run:
            return
        # In another thread again, because stdout or stderr may be a pipe that takes nothing.
        _thread.start_new_thread(end_by_signal, (number,))
        time.sleep(_SECONDS_TO_SAY)
        os._exit(128 + number)

    try:
        # Not threading.Thread: the signal may have come while its lock is taken.
        _thread.start_new_thread(cut, ())
    except RuntimeError:  # no memory for a thread
        end_by_signal(number)


def interruption(number: int) -> dict[str, str]:
    """The error that a signal ends the program."""
    name = next(each for each in _ENDING if getattr(signal, each, None) == number)
    by = "" if number == signal.SIGINT else f" by {name}"
    what = f"Interrupted{by}; no file was left half-written"
    return {**error_parts("interrupted", what), "signal": name}


def ending_signals() -> list[int]:
    """The signals that may end the process, without those that are ignored, as by nohup."""
    numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    return [each for each in numbers if signal.getsignal(each) not in (signal.SIG_IGN, None)]


def require_memory(arguments: list[str]) -> None:
    """End the process if its limit of memory is below what the imports of a verb take."""
    limit, verb = address_space_limit(), verb_of(arguments)
    if limit is None or limit >= _least(verb) or {"-h", "--help"}.intersection(arguments):
        return
    if verb:
        end_for_memory()


def _least(verb: str | None) -> int:
    return LEAST_TO_COMPILE if verb in _COMPILING else LEAST_MEMORY


def end_for_memory() -> "NoReturn":
    """End the process with the message that memory is short."""
    _leave(1, shortage())


def shortage() -> dict[str, str]:
    """The error that memory is short; it names the limit of the process, if there is one."""
    what, limit = "There is not enough memory", address_space_limit()
    if limit is None:
        fix = "give a smaller table, or use a machine with more memory"
        return error_parts("memory", what, fix=fix)
    where = limit_in_words(limit)
    least = _least(verb_of(sys.argv[1:]))
    if limit < least:  # so much is enough to start, but not for every table
        fix = f"allow more than {least // 1000**2} MB (ulimit -v unlimited)"
    else:
        fix = "allow more (ulimit -v unlimited), or give a smaller table"
    return error_parts("memory", what, where, fix=fix)


def is_shortage(error: BaseException) -> bool:
    """Whether an error, or one that led to it, says that memory is short."""
    if says_shortage(error):
        return True
    # At the limit itself, libraries also fail in ways that say nothing of memory.
    limit, used = address_space_limit(), _used()
    return limit is not None and used is not None and limit - used < _NEARLY_NOTHING


def _used() -> int | None:
    """The address space that this process has; None where the system does not say it."""
    try:
        with open("/proc/self/statm", "rb") as pages:
            return int(pages.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def verb_of(arguments: list[str]) -> str | None:
    """The verb of a command line."""
    return next((word for word in arguments if word in VERBS), None)


def _leave(code: int, error: dict[str, str], has_words: bool = True) -> "NoReturn":
    """Print the error, with --json also the document, and end the process."""
    global _is_ending
    _is_ending = True  # first of all, so that no signal from here on says the same again
    where = f" ({error['where']})" if error["where"] else ""
    fix = f"Fix: {error['fix']}.\n" if error["fix"] else ""
    if has_words:
        _write(2, f"Error: {error['what']}{where}.\n{fix}")
    if "--json" in sys.argv[1:] and claim_document():
        _write(1, _json(document(__version__, verb_of(sys.argv[1:]), "failed", error)) + "\n")
    os._exit(code)


def _write(handle: int, text: str) -> None:
    try:
        os.write(handle, text.encode())
    except OSError:  # it is closed, and there is nobody to tell
        return


def _json(value: object, line: str = "\n") -> str:
    """Plain data as `json.dumps` with an indent of 2 has it: that module may not be there yet."""
    if isinstance(value, dict):
        inner = line + "  "
        items = (f'{inner}"{key}": {_json(each, inner)}' for key, each in value.items())
        return "{" + ",".join(items) + line + "}"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return "null" if value is None else str(value)
