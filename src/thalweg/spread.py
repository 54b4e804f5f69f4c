"""One ``spread``: the same function over many items, here, in threads."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def spread(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int = 1
) -> list[Result]:
    """Apply a function to every item; results come in the order of the items.

    Parameters
    ----------
    function : callable
        Called once an item. The first exception, in the order of the items, is raised here.
    items : iterable
    threads : int, default 1
        With 1 everything runs in the calling thread. The results do not depend on it.

    Returns
    -------
    list
    """
    work = list(items)
    if threads <= 1 or len(work) <= 1:
        return [function(item) for item in work]
    with ThreadPoolExecutor(min(threads, len(work))) as pool:
        pending = [pool.submit(function, item) for item in work]
        try:
            return [each.result() for each in pending]
        except BaseException:
            for each in pending:
                each.cancel()
            raise
