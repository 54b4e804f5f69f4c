"""``in_order``: a function over a stream of items, in threads, with results in the order of items.

One thread reads the items, several call the function, and whoever iterates gets the results. No
more items are held than a budget of bytes allows, so memory does not grow with the stream.

As in `parallel_map`, Ctrl-C is raised between any two steps of Python in the main thread. So the
threads share only what changes in one step: plain locks, queues of C, and single attributes.
"""

import _thread
import queue
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from threading import Lock
from typing import Any, Generic, TypeVar

from thalweg.interrupts import raise_if_cancelled
from thalweg.parallel_map import (
    SECONDS_BETWEEN_LOOKS,
    SECONDS_TO_END,
    SECONDS_TO_LEAVE,
    keep_working,
    working_alone,
)

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    threads: int,
    *,
    weigh: Callable[[Item], int],
    most: int,
) -> Generator[Result, None, None]:
    """Apply a function to every item of a stream; yield the results in the order of the items.

    Parameters
    ----------
    function : callable
        Called once for each item. The first exception, in the order of the items, is raised here.
    items : iterable
        Read in a thread of its own; what it raises is raised after the results before it.
    threads : int
        How many calls run at the same time. The results do not depend on it.
    weigh : callable
        The bytes of an item.
    most : int
        The bytes of all items that are read and whose results are not yet used; one item may have
        more.

    Yields
    ------
    Result
        When the next one is asked for, the one before counts as used.
    """
    if sys.platform == "emscripten":  # it has no threads
        yield from map(function, items)
        return
    stream = _Stream(function, items, weigh, most, threads)
    patience = SECONDS_TO_LEAVE
    try:
        stream.begin()
        yield from stream.results()
    except KeyboardInterrupt:
        patience = SECONDS_TO_END
        raise
    finally:
        stream.end(patience)


class _Call:
    """An item, and what came of it. Only its worker writes it, and releases `_running` once."""

    def __init__(self, item: Any, weight: int) -> None:
        self.item, self.weight = item, weight
        self.result: Any = None
        self.error: BaseException | None = None
        self._running = Lock()
        self._running.acquire()

    def end(self) -> None:
        """Say that the result or the error is there."""
        self._running.release()

    def wait(self) -> None:
        """Wait until the call is done."""
        while not self._running.acquire(timeout=SECONDS_BETWEEN_LOOKS):
            raise_if_cancelled()


class _Halt:
    """Asks all threads to end, as an Event does; `parallel_map` sets it as the process ends."""

    def __init__(self, freed: "queue.SimpleQueue[int | None]") -> None:
        self.is_set, self._freed = False, freed

    def set(self) -> None:
        """Ask for the end; a reader that waits for room hears it, too."""
        self.is_set = True
        self._freed.put(None)


class _Thread:
    """A thread of a stream, as `parallel_map` counts them."""

    def __init__(self, body: Callable[[], None], halt: _Halt) -> None:
        self.shared, self.halt, self._body, self.working = self, halt, body, Lock()
        self.working.acquire()

    def run(self) -> None:
        """Do its work, and say when it is done."""
        try:
            sys.settrace(threading.gettrace())  # as threading.Thread does, for debuggers
            self._body()
        finally:
            self.working.release()


class _Stream(Generic[Item, Result]):
    """The queues between the reader, the workers and whoever takes the results."""

    def __init__(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        weigh: Callable[[Item], int],
        most: int,
        threads: int,
    ) -> None:
        self._function, self._items, self._weigh, self._most = function, items, weigh, most
        self._n = max(1, threads)
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._work: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._freed: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._halt = _Halt(self._freed)
        self._threads: list[_Thread] = []

    def begin(self) -> None:
        """Start the threads."""
        for body in (self._read, *[self._serve] * self._n):
            thread = _Thread(body, self._halt)
            keep_working(thread)
            _thread.start_new_thread(thread.run, ())
            self._threads.append(thread)

    def results(self) -> Iterator[Result]:
        """The results in order."""
        while (call := self._next()) is not None:
            call.wait()
            if call.error is not None:
                raise call.error
            result, call.result = call.result, None
            yield result
            del result
            self._freed.put(call.weight)

    def end(self, seconds: float) -> None:
        """Let all threads end, and wait for them so many seconds at most."""
        self._halt.set()
        until = time.monotonic() + seconds
        for each in self._threads:
            if each.working.acquire(timeout=max(0.0, until - time.monotonic())):
                each.working.release()

    def _next(self) -> _Call | None:
        while True:
            try:
                return self._calls.get(timeout=SECONDS_BETWEEN_LOOKS)
            except queue.Empty:
                raise_if_cancelled()

    def _read(self) -> None:
        """Read the items, each as soon as there is room for it."""
        held, n_held = 0, 0
        try:
            for item in self._items:
                weight = self._weigh(item)
                while n_held and (held + weight > self._most or n_held >= 4 * self._n + 4):
                    freed = self._freed.get()
                    if freed is None:
                        return
                    held, n_held = held - freed, n_held - 1
                if self._halt.is_set:
                    return
                held, n_held = held + weight, n_held + 1
                call = _Call(item, weight)
                del item
                self._calls.put(call)
                self._work.put(call)
                del call
            self._calls.put(None)
        except BaseException as error:
            call = _Call(None, 0)
            call.error = error
            call.end()
            self._calls.put(call)
        finally:
            for _ in range(self._n):
                self._work.put(None)

    def _serve(self) -> None:
        """Call the function on one item after another."""
        while (call := self._work.get()) is not None:
            try:
                if not self._halt.is_set:
                    with working_alone():
                        call.result = self._function(call.item)
            except BaseException as error:
                call.error = error
            call.item = None
            call.end()
            del call
