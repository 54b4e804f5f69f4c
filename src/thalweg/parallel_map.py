"""``spread``: a parallel map of one function over many items, in threads.

The threads are of our own. Those of ``concurrent.futures`` are joined when the process ends, so a
fit that nobody waits for any more would delay the end of the process.

Ctrl-C is raised between any two steps of Python in the main thread, and so also between those of a
``Future``, an ``Event`` or ``Thread.start``: these would leave their locks as they are at that
moment, and the worker that uses them next would fail or wait for ever. So a caller and its workers
share plain locks only, which change in one step.
"""

import _thread
import atexit
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar
from multiprocessing import parent_process
from numbers import Integral
from threading import Event, Lock
from typing import Any, Protocol, TypeVar
from weakref import WeakSet, ref

from thalweg.errors import SettingsError
from thalweg.interrupts import raise_if_cancelled
from thalweg.wording import parameter

SECONDS_BETWEEN_LOOKS = 0.1
# How long Ctrl-C waits for running calls: nothing can interrupt the compiler.
SECONDS_TO_END = 0.2
# How long the end of the process waits: stopping a thread inside the compiler, or inside compiled
# code, can crash the process.
SECONDS_TO_LEAVE = 10.0

Item = TypeVar("Item")
Result = TypeVar("Result")


def all_cores() -> int:
    """The number of cores that this process may use; one in a browser, which has no threads."""
    if sys.platform == "emscripten":
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def usable_cores() -> int:
    """The default number of threads: the cores that are available for this work.

    In a worker of joblib, in a task of Dask, or in a process that another one started to share its
    work, it is one, because the other workers use the other cores. ``joblib.parallel_config`` can
    set a number.
    """
    given = _given.get()
    if given is not None and sys.platform != "emscripten":
        return given
    if _in_task_of_dask():
        return 1
    parallel = sys.modules.get("joblib.parallel")  # a worker of joblib has loaded it
    if parallel is not None:
        backend, asked = parallel.get_active_backend()
        if asked is not None or backend.nesting_level:
            return int(parallel.effective_n_jobs(None))
    return all_cores() if parent_process() is None else 1


def _in_task_of_dask() -> bool:
    """Whether this thread runs a task of Dask, whose other slots are other tasks.

    joblib's backend for Dask says in its tasks that all cores of the cluster are free.
    """
    worker = sys.modules.get("distributed.worker")  # a worker has loaded it
    if worker is None:
        return False
    try:
        worker.get_worker()
    except ValueError:
        return False
    return True


_given: ContextVar[int | None] = ContextVar("given", default=None)


@contextmanager
def working_with(threads: int) -> Iterator[None]:
    """Inside the block, work takes so many threads: the other cores have other items."""
    before = _given.set(threads)
    try:
        yield
    finally:
        _given.reset(before)


def working_alone() -> AbstractContextManager[None]:
    """Inside the block, work takes this thread only."""
    return working_with(1)


def usable_threads(n_jobs: int | None) -> int:
    """Threads for ``n_jobs``, as scikit-learn counts them: -2 is all cores but one.

    None is `usable_cores`. In a browser it is 1, whatever ``n_jobs`` says.

    Raises
    ------
    SettingsError
        For 0, as joblib, and for what is no whole number.
    """
    given: object = n_jobs
    if given is not None and (not isinstance(given, Integral) or given == 0):
        raise SettingsError(
            f"{parameter('n_jobs', given)} is no number of threads",
            why="At least one thread has to do the work",
            fix=f"give {parameter('n_jobs', 1)} for one, or {parameter('n_jobs', -1)} for one for "
            "each core",
        )
    if n_jobs is None or sys.platform == "emscripten":
        return usable_cores()
    return n_jobs if n_jobs > 0 else max(1, all_cores() + 1 + n_jobs)


def spread(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    threads: int = 1,
    *,
    halt: Event | None = None,
    aside: bool = False,
) -> list[Result]:
    """Apply a function to every item; results come in the order of the items.

    Parameters
    ----------
    function : callable
        Called once for each item. The first exception, in item order, is raised here.
    items : iterable
    threads : int, default 1
        With 1 everything runs in the calling thread. The results do not depend on it.
    halt : threading.Event, optional
        Set as soon as one call has failed, or after Ctrl-C. A long function may check it and
        return early; its result is then dropped.
    aside : bool, default False
        Whether the calling thread, which receives Ctrl-C, only waits and computes nothing.

    Returns
    -------
    list
        The results. While other threads compute, Ctrl-C is raised after 0.2 s at most, and so is a
        cancellation (`interrupts.heeding`); a longer call goes on in the background.
    """
    work, halt = list(items), halt or Event()
    threads = max(1, min(threads, len(work)))
    if sys.platform == "emscripten" or not (aside or threads > 1):  # emscripten has no threads
        try:
            return [function(item) for item in work]
        except BaseException:
            halt.set()
            raise
    calls = [_Call() for _ in work]
    shared = _Shared(function, deque(zip(calls, work, strict=True)), halt)
    try:
        _wait_for(calls, [_begun(shared) for _ in range(threads)])
    except BaseException:
        shared.has_failed = True
        halt.set()
        until = time.monotonic() + SECONDS_TO_END
        for each in calls:
            each.wait(until - time.monotonic())
        raise
    # Calls that were not started come after a failure, so the failure is raised before them.
    for each in calls:
        if each.error is not None:
            raise each.error
    return [each.result for each in calls]


def is_working() -> bool:
    """Whether a thread of `spread` still computes, perhaps for a caller who does not wait."""
    return any(each.working.locked() for each in _all_workers())


class _Call:
    """What came of one call. Only its worker writes it, and releases `_running` once."""

    def __init__(self) -> None:
        self.is_done, self._running = False, Lock()
        self.result: Any = None
        self.error: BaseException | None = None
        self._running.acquire()

    def end(self) -> None:
        """Say that the result or the error is there."""
        self.is_done = True
        self._running.release()

    def wait(self, seconds: float) -> None:
        """Wait until the call is done, for so many seconds at most."""
        if not self.is_done:
            self._running.acquire(timeout=max(0.0, seconds))


class _Shared:
    """What the workers of one `spread` share: the function, and the calls that are left."""

    def __init__(
        self, function: Callable[[Any], Any], left: deque[tuple[_Call, Any]], halt: Event
    ) -> None:
        self.function, self.left, self.halt, self.has_failed = function, left, halt, False


class _Worker:
    """Calls a function on one item after another, until none is left."""

    def __init__(self, shared: _Shared) -> None:
        self.shared, self.working = shared, Lock()
        self.working.acquire()

    def run(self) -> None:
        try:
            sys.settrace(threading.gettrace())  # as threading.Thread does, for debuggers
            while self.shared.left:
                try:
                    call, item = self.shared.left.popleft()
                except IndexError:  # another worker was faster
                    break
                try:
                    if self.shared.has_failed:
                        raise CancelledError
                    call.result = self.shared.function(item)
                except BaseException as error:
                    self.shared.has_failed = True
                    call.error = error
                    self.shared.halt.set()
                finally:
                    call.end()
                # A thread that waits for the next item must not keep this one, and an error, which
                # refers to this frame, must not be kept alive by it.
                del call, item
        finally:
            self.working.release()


# All of them, also those for which nobody waits any more. Only its thread keeps a worker.
_workers: WeakSet["Working"] = WeakSet()


class Working(Protocol):
    """A thread that computes while its lock `working` is held, until `shared.halt` is set."""

    @property
    def working(self) -> Lock:
        """Held while it runs."""

    @property
    def shared(self) -> Any:
        """Its attribute ``halt`` has a method ``set``."""


def keep_working(worker: Working) -> None:
    """Count a thread of another module among those that the end of the process waits for."""
    _workers.add(worker)


def _all_workers() -> list[Working]:
    """Those of now; other threads may begin more in the meantime."""
    while True:
        with suppress(RuntimeError):  # the set changed while it was read
            return list(_workers)


def _begun(shared: _Shared) -> ref[_Worker]:
    """A new worker in a thread of its own."""
    worker = _Worker(shared)
    _workers.add(worker)
    # Not threading.Thread, whose `start` waits for a sign of the new thread. Where memory is short
    # the thread can end before it gives one.
    _thread.start_new_thread(worker.run, ())
    return ref(worker)


def _works(worker: ref[_Worker]) -> bool:
    found = worker()
    return found is not None and found.working.locked()


def _wait_for(calls: list[_Call], workers: list[ref[_Worker]]) -> None:
    for each in calls:
        # With a timeout: on some systems a wait without one does not receive Ctrl-C.
        while not each.is_done:
            each.wait(SECONDS_BETWEEN_LOOKS)
            raise_if_cancelled()
            # In this order, because a worker ends its calls before it ends itself.
            if not any(map(_works, workers)) and not each.is_done:
                raise MemoryError("a thread ended before its work")
    if _process_ends.is_set():  # a call that was halted for this has no valid result
        raise SystemExit


_process_ends = Event()


@atexit.register
def _leave() -> None:
    """Stop all threads; the process does not wait for those that cannot stop."""
    _process_ends.set()
    workers = _all_workers()
    for each in workers:
        each.shared.halt.set()
    until = time.monotonic() + SECONDS_TO_LEAVE
    for each in workers:
        if each.working.locked():
            each.working.acquire(timeout=max(0.0, until - time.monotonic()))
