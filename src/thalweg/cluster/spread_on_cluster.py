"""``spread_on``: a parallel map of one function over many items, by the workers of a Dask cluster.

What all items share is sent once. Dask decides where an item runs, and runs it again if its worker
is lost. What Dask cannot do is done here: an item whose workers end again and again runs once more
with nothing beside it, then in a process on this machine, and then there is an error that names it.
"""

import time
import uuid
import warnings
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from thalweg.cluster.cluster_watch import (
    SECONDS_FOR_A_CALL,
    ClusterWatch,
    require_same_version,
    require_usable,
    said_of_processors,
    within,
)
from thalweg.cluster.item_on_worker import (
    ItemDone,
    WorkerFacts,
    facts_here,
    run_on_worker,
    stop_items,
)
from thalweg.cluster.packed_work import PackedWork, packed_item, version_here
from thalweg.cluster.process_beside import ProcessBeside
from thalweg.errors import ClusterError, ClusterWarning, outer_level
from thalweg.interrupts import raise_if_cancelled
from thalweg.wording import amount, brief, counted, shown

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")

# How often an item is given to workers whose machine fails it (disk, memory), and how often its
# table may be lost with all workers that had it, until it is done without them.
RETRIES, LOSSES = 2, 5
# Items that wait at a worker for the one that runs: a worker that ends is a failure of both.
_WAITING = 2
_SECONDS_TO_SEND, _SECONDS_FOR_WORKERS = 120.0, 10.0
_SECONDS_TO_LEAVE = 5.0
_LOOK = 0.02


def spread_on(
    client: Any,
    function: Callable[[Shared, Item], Result],
    items: Iterable[Item],
    shared: Shared,
    *,
    on_done: Callable[[], None] = lambda: None,
) -> list[Result]:
    """Apply a function to what is shared and every item; results come in the order of the items.

    Parameters
    ----------
    client : distributed.Client
        Of a cluster that the caller started.
    function : callable
        Called as ``function(shared, item)``. Its result depends on nothing else. It changes
        neither, and uses `parallel_map.usable_cores` threads.
    items : iterable
        Small: settings, numbers of folds, seeds. Equal ones are done once.
    shared : object
        Such as the table. It is sent once.
    on_done : callable
        Called after each item.

    Returns
    -------
    list

    Raises
    ------
    ClusterError
        If workers cannot do an item, or nobody is left to do it.
    SettingsError
        If the client or the work cannot be used.
    Exception
        The first one, in item order, that the function raised.
    """
    require_usable(client)
    work = PackedWork.of(function, shared)
    try:
        return spread_packed(client, work, items, on_done=on_done)
    finally:
        work.release()


def spread_packed(
    client: Any,
    work: PackedWork,
    items: Iterable[Item],
    *,
    on_done: Callable[[], None] = lambda: None,
) -> list[Any]:
    """`spread_on` for work that is packed, and is sent once for several calls."""
    require_usable(client)
    wanted = list(items)
    packed = [packed_item(each) for each in wanted]
    keys = [work.key_of(each) for each in packed]
    parts = {
        key: _Part(key, each, item)
        for key, each, item in zip(keys, packed, wanted, strict=True)
    }  # fmt: skip
    with ClusterWatch(client) as watch:
        spreading = _Spreading(client, work, list(parts.values()), watch, on_done)
        try:
            spreading.check_workers()
            spreading.run()
        finally:
            spreading.leave()
    spreading.warn()
    return [parts[key].result() for key in keys]


@dataclass(eq=False)
class _Part:
    """An item on its way.

    Attributes
    ----------
    key : str
    packed : bytes
    item : object
    done : ItemDone or None
    """

    key: str
    packed: bytes
    item: Any
    done: ItemDone | None = None
    attempt: int = 0
    losses: int = 0
    retries: int = 0
    ended: int = 0

    @property
    def failed(self) -> bool:
        return self.done is not None and self.done.error is not None

    def result(self) -> Any:
        assert self.done is not None
        return self.done.result


@dataclass(eq=False)
class _Spreading:
    """One spread, from its first item to its last."""

    client: Any
    work: PackedWork
    parts: list[_Part]
    watch: ClusterWatch
    on_done: Callable[[], None]
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    facts: set[WorkerFacts] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    _call: Any = None
    _futures: dict[Any, _Part] = field(default_factory=dict)
    _progress: float = field(default_factory=time.monotonic)

    def check_workers(self) -> None:
        """Raise a ClusterError if a worker has another version; note what machines there are."""
        try:
            found = within(
                SECONDS_FOR_A_CALL, lambda: self.client.run(facts_here, on_error="return")
            )
        except (TimeoutError, OSError):  # a worker went; each item says its facts, too
            return
        require_same_version(found.values())
        self.facts.update(each for each in found.values() if isinstance(each, WorkerFacts))

    def run(self) -> None:
        """Run all items: beside each other, then those that ended workers, one after another."""
        self._run_all(self.parts, _WAITING)
        left = [each for each in self.parts if each.done is None]
        for each in left:
            if self._first_failure() is None:
                self._run_all([each], 0)
        beside = ProcessBeside(self.work)
        try:
            for each in left:
                if each.done is None and self._first_failure() is None:
                    self._run_beside(each, beside)
        finally:
            beside.close()
        failed = self._first_failure()
        if failed is not None:
            raise self._error_of(failed)

    def _run_all(self, parts: list[_Part], waiting: int) -> None:
        """Run these items; those that ended workers are left when it returns."""
        ready = deque(parts)
        threads = self.watch.threads_for(len(parts))
        while ready or self._futures:
            raise_if_cancelled()
            self.watch.look(self._progress)
            if (failed := self._first_failure()) is not None:
                # As in a loop, the first error counts: only items before it may still have one.
                before = set(map(id, self.parts[: self.parts.index(failed)]))
                ready = deque(each for each in ready if id(each) in before)
                if not ready and not any(id(each) in before for each in self._futures.values()):
                    return
            room = max(1, self.watch.slots) + waiting - len(self._futures)
            while ready and room > 0 and self._submit(ready[0], threads):
                ready.popleft()
                room -= 1
            done = [each for each in self._futures if each.status != "pending"]
            for future in done:
                part = self._futures.pop(future)
                if self._settle(future, part):
                    ready.append(part)
                future.release()
            if not done:
                time.sleep(_LOOK)

    def _submit(self, part: _Part, threads: int) -> bool:
        """Give an item to the cluster; False if that is not possible now."""
        if self.client.status != "running" or not self._send():
            return False
        key = part.key if not part.attempt else f"{part.key}-{self.token[:8]}-{part.attempt}"
        sent = version_here(), self.work.digest, part.packed, threads, self.token
        self._futures[self.client.submit(run_on_worker, self.work.sent, sent, key=key)] = part
        return True

    def _send(self) -> bool:
        """Send what is shared to all workers, unless they have it."""
        if self.work.sent is not None and self.work.sent.status == "finished":
            return True
        if not self.watch.slots:
            if self._call is None:  # a cluster that adapts starts a worker only for a task
                self._call = self.client.submit(facts_here, key=f"call-{self.token}")
            return False
        self._call = None
        key = self.work.table_key
        try:
            self.work.sent = within(
                _SECONDS_TO_SEND,
                lambda: self.client.scatter(
                    {key: self.work.blob}, broadcast=True, timeout=_SECONDS_FOR_WORKERS
                )[key],
            )
        except Exception:  # of many types: a worker went while it was sent to; `look` says how long
            self.work.sent = None
            time.sleep(_LOOK)
            return False
        return True

    def _settle(self, future: Any, part: _Part) -> bool:
        """Take what came of a future; True if its item is to be submitted again."""
        from distributed.scheduler import KilledWorker

        part.attempt += 1
        if future.status == "finished":
            try:
                done = within(_SECONDS_TO_SEND, future.result)
            except Exception:  # the worker went before it had sent the result
                return self._lost(part)
            if done.passing and part.retries < RETRIES:
                part.retries += 1
                return True
            self._take(part, done)
            return False
        if future.status != "error":  # cancelled or lost: its table went with the workers
            return self._lost(part)
        try:
            error = within(SECONDS_FOR_A_CALL, future.exception)
        except Exception as no_answer:
            error = no_answer
        if isinstance(error, KilledWorker):
            part.ended += 1
            return False
        require_same_version([error] if isinstance(error, Exception) else [])
        return self._lost(part)

    def _lost(self, part: _Part) -> bool:
        self.work.sent = None
        part.losses += 1
        return part.losses <= LOSSES

    def _take(self, part: _Part, done: ItemDone) -> None:
        """Keep a result."""
        self.facts.add(done.facts)
        if done.refused:
            require_same_version([done.facts])
        part.done, self._progress = done, time.monotonic()
        self.on_done()

    def _run_beside(self, part: _Part, beside: ProcessBeside) -> None:
        """Run an item that no worker finished in a process on this machine."""
        ended = f"its workers ended {counted(part.ended + part.losses, 'time')}"
        memory = self._memory()
        done = beside.run(part.packed)
        if done is None:
            raise ClusterError(
                f"An item ended every process that ran it: {brief(shown(part.item), 300)}",
                where="; ".join(filter(None, (ended, memory))),
                why="It ran alone on a worker, then in a process on this machine, and ended both",
                fix="see what the processes wrote before they ended; give workers more memory, or "
                "leave this item out",
            )
        more = f" ({memory})" if memory else ""
        self.said.append(
            f"An item was done on this machine, because {ended}{more}: "
            f"{brief(shown(part.item), 300)}."
        )
        self._take(part, done)

    def _memory(self) -> str:
        """What memory workers have, if they have a limit."""
        limits = self.watch.memory_limits()
        if not limits:
            return ""
        least, most = amount(limits[0] / 1e6), amount(limits[-1] / 1e6)
        return f"a worker may use {least if least == most else f'{least} to {most}'} MB"

    def _first_failure(self) -> _Part | None:
        return next((each for each in self.parts if each.failed), None)

    def _error_of(self, part: _Part) -> Exception:
        assert part.done is not None
        error = part.done.error
        assert error is not None
        if not part.done.passing:
            return error
        tries = part.retries + part.ended + part.losses + 1
        failed = ClusterError(
            f"An item failed {counted(tries, 'time')}: {brief(shown(part.item), 300)}",
            where="; ".join(filter(None, (f"{type(error).__name__}: {error}", self._memory()))),
            why="What ran it had no disk or no memory for it",
            fix="give the workers what they lack, or use others",
        )
        failed.__cause__ = error
        return failed

    def leave(self) -> None:
        """Leave no task on the cluster."""
        futures = [*self._futures, *filter(None, [self._call])]
        self._futures, self._call = {}, None
        if not futures or self.client.status != "running":
            return
        client, token = self.client, self.token

        def cancel() -> None:
            client.cancel(futures, force=True)
            client.run(stop_items, token, on_error="ignore")

        try:
            within(_SECONDS_TO_LEAVE, cancel)
        except Exception:  # of a cluster that no longer answers; the first error is the one to see
            return

    def warn(self) -> None:
        """Give the warnings of the items, in their order, each once; and of the cluster."""
        noted = {
            (category, str(message)): message
            for each in self.parts if each.done is not None
            for message, category in each.done.warned
        }  # fmt: skip
        for (category, _), message in noted.items():
            warnings.warn(message, category, stacklevel=outer_level())
        for said in filter(None, (*self.said, said_of_processors(self.facts))):
            warnings.warn(ClusterWarning(said), stacklevel=outer_level())
