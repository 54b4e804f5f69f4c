"""The workers that train, and whose turn it is: each run makes steps for a moment, and the next."""

import asyncio
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from thalweg.studio.operations.asked_worker import Tells, answer_of
from thalweg.studio.operations.known_run import KnownRun
from thalweg.studio.wire.packets import Packet, PacketError
from thalweg.studio.wire.run_requests import MOST_STEPS
from thalweg.studio.worker.worker_process import WorkerProcess

Hears = Callable[[KnownRun, Packet], None]
# After so many failures in a row a run is paused.
_MOST_FAILURES = 3


class RunDesk:
    """One worker, and the runs in its memory.

    Parameters
    ----------
    worker : WorkerProcess
    hears : callable
        Is called with a run and the answer to its turn, an error or where it is now.
    """

    def __init__(self, worker: WorkerProcess, hears: Hears) -> None:
        self.worker, self._hears = worker, hears
        self.runs: deque[KnownRun] = deque()
        self._wakes = asyncio.Event()
        self._turns: asyncio.Task[None] | None = None
        self._loads: asyncio.Task[Packet] | None = None
        self._failures: dict[str, int] = {}

    def wake(self) -> None:
        """Look whether a run has steps to make."""
        if self._turns is None or self._turns.done():
            self._turns = asyncio.create_task(self._take_turns())
        self._wakes.set()

    def load(self) -> None:
        """Let the worker begin before it is asked: to load what trains takes a second or two."""
        if self._loads is None:
            self._loads = asyncio.create_task(self.ask("keep", runs=[]))

    async def ask(self, task: str, tells: Tells | None = None, **asked: Any) -> Packet:
        """The answer of the worker to a task: what it gives, or a packet of the type "error"."""
        return await answer_of(self.worker, {"task": task, **asked}, "", tells or _passes)

    async def end(self) -> None:
        """End the turns and the worker."""
        for each in (self._turns, self._loads):
            if each is not None:
                each.cancel()
        await asyncio.gather(*filter(None, (self._turns, self._loads)), return_exceptions=True)
        await self.worker.end()

    async def _take_turns(self) -> None:
        while True:
            run = self._next()
            if run is None:
                self._wakes.clear()
                await self._wakes.wait()
                continue
            try:
                self._note(run, await self._turn(run))
            except Exception as why:  # the other runs go on, whatever one of them meets
                traceback.print_exception(why)
                run.want(0)

    async def _turn(self, run: KnownRun) -> Packet:
        """Let a run make steps for a moment."""
        steps = int(min(run.wanted, MOST_STEPS))
        found = await self.ask("advance", run=run.id, steps=steps, after=run.last)
        if found.head.get("type") not in ("error", "dropped"):
            try:
                run.take(found)
            except PacketError as why:
                return _unknown(why)
        return found

    def _next(self) -> KnownRun | None:
        """The run whose turn it is: after it, it is that of all others."""
        for _ in range(len(self.runs)):
            run = self.runs[0]
            self.runs.rotate(-1)
            if run.goes_on:
                return run
        return None

    def _note(self, run: KnownRun, found: Packet) -> None:
        if found.head.get("type") != "error":
            self._failures.pop(run.id, None)
        else:
            failures = self._failures[run.id] = self._failures.get(run.id, 0) + 1
            if failures < _MOST_FAILURES and found.head["error"].get("code") == "worker-ended":
                return  # its worker begins anew, and the run goes on from the disk
            self._failures.pop(run.id, None)
            run.want(0)
        self._hears(run, found)


class RunDesks:
    """All workers that train.

    Parameters
    ----------
    workers : sequence of WorkerProcess
    hears : callable
        As for a desk.
    """

    def __init__(self, workers: Sequence[WorkerProcess], hears: Hears) -> None:
        self.desks = [RunDesk(each, hears) for each in workers]
        self._of: dict[str, RunDesk] = {}

    def seat(self, run: KnownRun, desk: RunDesk | None = None) -> None:
        """Give a run its place: at a desk, or where the fewest runs are."""
        found = desk or min(self.desks, key=lambda each: len(each.runs))
        found.runs.append(run)
        self._of[run.id] = found

    def of(self, run: str) -> RunDesk:
        """The desk of a run."""
        return self._of[run]

    def leave(self, run: KnownRun) -> None:
        """Let a run go."""
        self._of.pop(run.id).runs.remove(run)

    def grouped(self, runs: Sequence[KnownRun]) -> Mapping[RunDesk, list[str]]:
        """The ids of runs, by their desks."""
        found: dict[RunDesk, list[str]] = {}
        for run in runs:
            found.setdefault(self.of(run.id), []).append(run.id)
        return found

    async def end(self) -> None:
        """End all of them."""
        await asyncio.gather(*(each.end() for each in self.desks))


def _passes(packet: Packet) -> None:
    """What a worker tells on its way is for nobody."""


def _unknown(why: PacketError) -> Packet:
    return Packet(
        {
            "type": "error",
            "error": {
                "code": "error", "what": "A worker said something unknown", "where": "",
                "why": str(why)[:300], "fix": "start the run again",
            },
        }
    )  # fmt: skip
