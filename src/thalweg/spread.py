"""One ``spread``: the same function over many items, here, in threads."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

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
    halt = halt or Event()
    if threads <= 1 or len(work) <= 1:
        try:
            return [function(item) for item in work]
        except BaseException:
            halt.set()
            raise
    with ThreadPoolExecutor(min(threads, len(work))) as pool:
        pending = [pool.submit(function, item) for item in work]
        try:
            undone = wait(pending, return_when=FIRST_EXCEPTION).not_done
            if undone:
                _stop(pending, halt)
                wait(pending)
        except BaseException:
            _stop(pending, halt)
            raise
        # What was cancelled stands behind a failure, so that this raises before it gets there.
        return [each.result() for each in pending]


def _stop(pending: list[Future[Result]], halt: Event) -> None:
    """Let those that run know, and begin no more."""
    halt.set()
    for each in pending:
        each.cancel()
