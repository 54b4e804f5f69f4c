"""One ``spread``: the same function over many items, here, in threads."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

SECONDS_BETWEEN_LOOKS = 0.1

Item = TypeVar("Item")
Result = TypeVar("Result")


def usable_cores() -> int:
    """How many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    threads: int = 1,
    *,
    halt: Event | None = None,
) -> list[Result]:
    """Apply a function to every item; results come in the order of the items.

    Parameters
    ----------
    function : callable
        Called once an item. The first exception, in the order of the items, is raised here.
    items : iterable
    threads : int, default 1
        With 1 everything runs in the calling thread. The results do not depend on it.
    halt : threading.Event, optional
        Set as soon as one call has failed, or Ctrl-C has come: a function that takes long may
        look at it and return early. What it returns then is dropped.

    Returns
    -------
    list
    """
    work = list(items)
    halt, failed = halt or Event(), Event()

    def call(item: Item) -> Result:
        if failed.is_set():
            raise CancelledError
        try:
            return function(item)
        except BaseException:
            failed.set()
            halt.set()
            raise

    if threads <= 1 or len(work) <= 1:
        return [call(item) for item in work]
    pending: list[Future[Result]] = []
    with ThreadPoolExecutor(min(threads, len(work))) as pool:
        try:
            for item in work:
                pending.append(pool.submit(call, item))
            for each in pending:
                # With a limit: who waits without one does not hear Ctrl-C on every system.
                while not each.done():
                    wait([each], timeout=SECONDS_BETWEEN_LOOKS)
        except BaseException:
            failed.set()
            halt.set()
            raise
    # Whatever was not begun stands behind a failure, so that this raises before it gets there.
    return [each.result() for each in pending]
