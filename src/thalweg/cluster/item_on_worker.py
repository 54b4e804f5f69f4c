"""What a worker does: one item of a spread, alone in its thread, with its warnings noted."""

import pickle
import platform
import threading
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from threading import Lock
from typing import Any, NamedTuple

from thalweg.cluster.packed_work import version_here
from thalweg.errors import ClusterError, ThalwegError
from thalweg.interrupts import Cancellation, heeding
from thalweg.parallel_map import working_with
from thalweg.wording import brief, shown

# How many tables a worker keeps unpacked.
_TABLES = 2


class WorkerFacts(NamedTuple):
    """What bits depend on, of a worker.

    Attributes
    ----------
    thalweg : str
        Its version.
    arithmetic : str
        Versions of Numba and NumPy, and the processor with its vector instructions.
    """

    thalweg: str
    arithmetic: str


class ItemDone(NamedTuple):
    """What came of an item.

    Attributes
    ----------
    facts : WorkerFacts
    result : object
    error : Exception or None
    warned : tuple of (Warning, type)
    refused : bool
        Whether the worker has another version of thalweg; nothing was done then.
    passing : bool
        Whether another worker may do what this one failed: it had no disk or no memory.
    """

    facts: WorkerFacts
    result: Any = None
    error: Exception | None = None
    warned: tuple[tuple[Warning | str, type[Warning]], ...] = ()
    refused: bool = False
    passing: bool = False


class StoppedItem(Exception):
    """The spread of this item was stopped: its result is not valid."""


@cache
def _arithmetic() -> str:
    from llvmlite import binding

    features = sorted(name for name, has in binding.get_host_cpu_features().items() if has)
    vectors = [name for name in features if name.startswith(("avx", "fma", "neon", "sve"))]
    parts = [f"Numba {version('numba')}", f"NumPy {version('numpy')}", platform.machine()]
    return ", ".join([*parts, str(binding.get_host_cpu_name()), " ".join(vectors)])


def facts_here() -> WorkerFacts:
    """The facts of this process."""
    return WorkerFacts(version_here(), _arithmetic())


def run_item(blob: bytes, digest: str, item: bytes, threads: int, token: str) -> ItemDone:
    """Call the packed function on what is shared and a packed item.

    Parameters
    ----------
    blob, digest : bytes and str
        Those of `PackedWork`.
    item : bytes
    threads : int
        How many it may use.
    token : str
        Of the spread: `stop_items` stops those with it.

    Raises
    ------
    StoppedItem
        Any other error is in the result.
    """
    facts = facts_here()
    function, shared = _unpacked(blob, digest)
    with _stoppable(token) as stop, _noted_warnings() as warned:
        try:
            with working_with(threads), heeding(stop):
                result = function(shared, pickle.loads(item))
        except (OSError, MemoryError) as error:
            passing = not isinstance(error, ThalwegError)
            return _sendable(
                ItemDone(facts, error=error, warned=tuple(warned), passing=passing), item
            )
        except Exception as error:
            if stop.asked:
                raise StoppedItem from error
            return _sendable(ItemDone(facts, error=error, warned=tuple(warned)), item)
        except KeyboardInterrupt as sign:
            raise StoppedItem from sign
        if stop.asked:  # a fit that was ended early has a result, which nobody may get
            raise StoppedItem
    return _sendable(ItemDone(facts, result, warned=tuple(warned)), item)


def _sendable(done: ItemDone, item: bytes) -> ItemDone:
    """The same, or an error that names the item: Dask would lose without end what it cannot send.

    An error is read again, too, because many write what their own type does not read.
    """
    import cloudpickle

    try:
        # Arrays stay where they are, so this takes no memory of theirs.
        cloudpickle.dumps(done._replace(error=None), protocol=5, buffer_callback=_left_out)
    except Exception as error:
        return done._replace(result=None, warned=(), error=_not_sent("result", item, error))
    try:
        pickle.loads(cloudpickle.dumps(done.error))
    except Exception:
        failed = _not_sent("error", item, done.error)
        return done._replace(error=failed)
    return done


def _left_out(buffer: object) -> None:
    """What is not written."""


def _not_sent(what: str, item: bytes, error: Exception | None) -> ClusterError:
    return ClusterError(
        f"The {what} of an item cannot be sent from a worker: "
        f"{brief(shown(pickle.loads(item)), 300)}",
        where=f"{type(error).__name__}: {error}",
        fix="use values and errors that pickle can write and read; a list in place of a generator",
    )


def run_on_worker(blob: bytes, sent: tuple[str, str, bytes, int, str]) -> ItemDone:
    """`run_item` for the same version of thalweg; ``sent`` has the version and its arguments."""
    wanted, digest, item, threads, token = sent
    if version_here() != wanted:
        return ItemDone(WorkerFacts(version_here(), ""), refused=True)
    return run_item(blob, digest, item, threads, token)


def stop_items(token: str) -> None:
    """Ask the running items of a spread to end."""
    with _lock:
        for stop in _running.get(token, []):
            stop.ask()


_lock = Lock()
_running: dict[str, list[Cancellation]] = {}
_tables: OrderedDict[str, Any] = OrderedDict()


def _unpacked(blob: bytes, digest: str) -> Any:
    """The function and what is shared, which nobody changes: one copy for a whole worker."""
    with _lock:
        if digest not in _tables:
            _tables[digest] = pickle.loads(blob)
        _tables.move_to_end(digest)
        while len(_tables) > _TABLES:
            _tables.popitem(last=False)
        return _tables[digest]


@contextmanager
def _stoppable(token: str) -> Iterator[Cancellation]:
    stop = Cancellation()
    with _lock:
        _running.setdefault(token, []).append(stop)
    try:
        yield stop
    finally:
        with _lock:
            _running[token].remove(stop)
            if not _running[token]:
                del _running[token]


class _Noted(threading.local):
    """The warnings of the item of this thread."""

    warned: list[tuple[Warning | str, type[Warning]]] | None = None


_noted = _Noted()


@contextmanager
def _noted_warnings() -> Iterator[list[tuple[Warning | str, type[Warning]]]]:
    """Note the warnings of this thread, for the process that asked.

    Not ``catch_warnings``, whose state all threads share: items of several threads would get each
    other's, or leave it changed.
    """
    _install()
    before, _noted.warned = _noted.warned, []
    try:
        yield _noted.warned
    finally:
        _noted.warned = before


def _install() -> None:
    """Show warnings as before, except in threads that note them."""
    shows = warnings.showwarning
    if getattr(shows, "notes_items", False):
        return

    def note_or_show(
        message: Warning | str, category: type[Warning], *place: Any, **more: Any
    ) -> None:
        if _noted.warned is None:
            shows(message, category, *place, **more)
        else:
            _noted.warned.append((message, category))

    note_or_show.notes_items = True  # type: ignore[attr-defined]
    warnings.showwarning = note_or_show
