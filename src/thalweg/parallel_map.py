"""``spread``: a parallel map of one function over many items, in threads.

The threads are daemon threads of our own. Those of ``concurrent.futures`` are joined when the
process ends, so a fit that nobody waits for any more would delay the end of the process.
"""

import atexit
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future, wait
from multiprocessing import parent_process
from threading import Event, Thread
from typing import Any, TypeVar

from thalweg.interrupts import raise_if_cancelled

SECONDS_BETWEEN_LOOKS = 0.1
# How long Ctrl-C waits for running calls: nothing can interrupt the compiler.
SECONDS_TO_END = 0.2
# How long the end of the process waits: stopping a thread inside the compiler, or inside compiled
# code, can crash the process.
SECONDS_TO_LEAVE = 10.0

Item = TypeVar("Item")
Result = TypeVar("Result")


def all_cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def usable_cores() -> int:
    """The default number of threads: the cores that are available for this work.

    In a worker of joblib, or in a process that another one started to share its work, it is one,
    because the other workers use the other cores. ``joblib.parallel_config`` can set a number.
    """
    parallel = sys.modules.get("joblib.parallel")  # a worker of joblib has loaded it
    if parallel is not None:
        backend, asked = parallel.get_active_backend()
        if asked is not None or backend.nesting_level:
            return int(parallel.effective_n_jobs(None))
    return all_cores() if parent_process() is None else 1


def usable_threads(n_jobs: int | None) -> int:
    """Threads for ``n_jobs``, as scikit-learn counts them: -2 is all cores but one.

    None is `usable_cores`.
    """
    if n_jobs is None:
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
    pending: list[Future[Result]] = [Future() for _ in work]
    left, failed = deque(zip(pending, work, strict=True)), Event()
    try:
        for _ in range(threads):
            _Worker(function, left, failed, halt).start()
        _wait_for(pending)
    except BaseException:
        failed.set()
        halt.set()
        wait(pending, timeout=SECONDS_TO_END)
        raise
    # Calls that were not started come after a failure, so the failure is raised before them.
    return [each.result() for each in pending]


class _Worker(Thread):
    """Calls a function on one item after another, until none is left."""

    def __init__(
        self,
        function: Callable[[Any], Any],
        left: deque[tuple[Future[Any], Any]],
        failed: Event,
        halt: Event,
    ) -> None:
        super().__init__(daemon=True)
        self.function, self.left, self.failed, self.halt = function, left, failed, halt

    def run(self) -> None:
        while True:
            try:
                future, item = self.left.popleft()
            except IndexError:
                return
            try:
                if self.failed.is_set():
                    raise CancelledError
                future.set_result(self.function(item))
            except BaseException as error:
                self.failed.set()
                self.halt.set()
                future.set_exception(error)
            # A thread that waits for the next item must not keep this one, and an error, which
            # refers to this frame, must not be kept alive by it.
            del future, item


def _wait_for(pending: list[Future[Result]]) -> None:
    for each in pending:
        # With a timeout: on some systems a wait without one does not receive Ctrl-C.
        while not each.done():
            wait([each], timeout=SECONDS_BETWEEN_LOOKS)
            raise_if_cancelled()
    if _process_ends.is_set():  # a call that was halted for this has no valid result
        raise SystemExit


_process_ends = Event()


@atexit.register
def _leave() -> None:
    """Stop all threads; the process does not wait for those that cannot stop."""
    _process_ends.set()
    workers = [each for each in threading.enumerate() if isinstance(each, _Worker)]
    for each in workers:
        each.halt.set()
    until = time.monotonic() + SECONDS_TO_LEAVE
    for each in workers:
        each.join(max(0.0, until - time.monotonic()))
