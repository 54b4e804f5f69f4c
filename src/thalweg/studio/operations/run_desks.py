"""The workers that train, and whose turn it is: each run makes steps for a moment, and the next.

Runs that one press lets go begin together, and make their steps at one pace.
"""

import asyncio
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from thalweg.studio.operations.asked_worker import Tells, answer_of, passes
from thalweg.studio.operations.known_run import LATE, LOADED, LOADING, KnownRun
from thalweg.studio.wire.packets import Array, Packet, PacketError
from thalweg.studio.wire.run_requests import MOST_STEPS
from thalweg.studio.worker.worker_process import WorkerProcess

Hears = Callable[[KnownRun, Packet], None]
TellsOf = Callable[[KnownRun], None]
# After so many failures in a row a run is paused.
_MOST_FAILURES = 3
# Seconds that runs wait for one of them that is not loaded, or makes no step.
PATIENCE = 20.0
# How far a run may be ahead of the others: the steps of so many seconds, but at most this part of
# all steps. Who watches sees neither.
_SECONDS_AHEAD, _PART_AHEAD = 0.1, 50


class RunsTogether:
    """Runs that one press has let go: they begin when all are loaded, and none runs ahead.

    A run that is not loaded in time, or makes no step for so long, is left behind.

    Parameters
    ----------
    runs : sequence of KnownRun
    tell : callable
        Is called with a run whose ``gate`` has changed.
    wake : callable
        Is called when runs may have got steps to make.
    patience : float
        Seconds that runs wait for one of them.
    clock : callable
        A clock in seconds, with any zero.
    """

    def __init__(
        self, runs: Sequence[KnownRun], tell: TellsOf, wake: Callable[[], None],
        patience: float, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._tell, self._wake, self._patience, self._clock = tell, wake, patience, clock
        self._runs = {run.id: run for run in runs}
        self._from = {run.id: run.step for run in runs}
        self._loading = {*self._runs}
        self._most = max(1, min(run.total - run.step for run in runs) // _PART_AHEAD)
        self._least, self._lead, self._moved = 0, self._most, clock()
        self._round = self._moved, 0
        for run in runs:
            self._set(run, LOADING)

    @property
    def seconds_left(self) -> float | None:
        """Seconds until somebody is left behind, if nothing comes; None if nobody waits."""
        if len(self._members) < 2:
            return None
        return max(0.0, self._moved + self._patience - self._clock())

    def is_loading(self, run: KnownRun) -> bool:
        """Whether a run has to be loaded before it makes a step."""
        return run.id in self._loading

    def room(self, run: KnownRun) -> int:
        """How many steps a run may make now."""
        members = self._members
        if run.id not in self._runs or len(members) < 2:
            return MOST_STEPS
        if any(self.is_loading(each) for each in members):
            return 0
        return self._least_made() + self._lead - self._made(run)

    def note(self, run: KnownRun, *, loaded: bool = False) -> None:
        """Note that a run has had a turn, in which it may have failed."""
        if loaded and self.is_loading(run):
            self._loading.discard(run.id)
            self._set(run, LOADED)
        if not run.goes_on:  # it has ended, or failed
            self.leave(run)
            return
        self._open()
        least, now = self._least_made(), self._clock()
        if least > self._least:
            self._least, self._moved = least, now
            began, at = self._round
            if least - at >= self._lead:
                pace = _SECONDS_AHEAD / max(now - began, 1e-9)
                wanted = round(self._lead * min(2.0, max(0.5, pace)))
                self._lead = min(self._most, max(1, wanted))
                self._round = now, least
        self._wake()

    def leave(self, run: KnownRun, gate: str = "") -> None:
        """Wait no more for a run."""
        if self._runs.pop(run.id, None) is not None:
            self._loading.discard(run.id)
            self._set(run, gate)
            self._open()
            self._wake()

    def leave_behind(self) -> None:
        """Leave behind for whom the others have waited too long."""
        members = self._members
        if len(members) < 2 or self._clock() < self._moved + self._patience:
            return
        is_at_gate = any(self.is_loading(each) for each in members)
        least, self._moved = self._least_made(), self._clock()
        late = [
            each for each in members
            if (self.is_loading(each) if is_at_gate else self._made(each) == least)
        ]  # fmt: skip
        if len(late) < len(members):
            for each in late:
                self.leave(each, LATE)

    @property
    def _members(self) -> list[KnownRun]:
        return [run for run in self._runs.values() if run.goes_on]

    def _made(self, run: KnownRun) -> int:
        return run.step - self._from[run.id]

    def _least_made(self) -> int:
        return min((self._made(each) for each in self._members), default=self._least)

    def _open(self) -> None:
        """Let the runs go if all are loaded."""
        members = self._members
        if any(self.is_loading(each) for each in members):
            return
        if any(each.gate for each in members):
            self._moved = self._clock()
            self._round = self._moved, self._least_made()
        for each in members:
            if each.gate:
                each.want(each.wanted)  # the wait is no part of the seconds of a step
            self._set(each, "")

    def _set(self, run: KnownRun, gate: str) -> None:
        if run.gate != gate:
            run.gate = gate
            self._tell(run)


class RunDesk:
    """One worker, and the runs in its memory.

    Parameters
    ----------
    worker : WorkerProcess
    hears : callable
        Is called with a run and the answer to its turn, an error or where it is now.
    together : dict of RunsTogether
        With whom runs go, by their ids; a run alone is not there.
    """

    def __init__(
        self, worker: WorkerProcess, hears: Hears, together: Mapping[str, RunsTogether]
    ) -> None:
        self.worker, self._hears, self._together = worker, hears, together
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

    async def ask(
        self, task: str, tells: Tells | None = None,
        arrays: Mapping[str, Array] = MappingProxyType({}), **asked: Any,
    ) -> Packet:  # fmt: skip
        """The answer of the worker to a task: what it gives, or a packet of the type "error"."""
        return await answer_of(self.worker, {"task": task, **asked}, "", tells or passes, arrays)

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
            together = self._together.get(run.id)
            is_loaded = False
            try:
                found = await self._turn(run, together)
                is_loaded = found.head.get("type") not in ("error", "dropped")
                self._note(run, found)
            except Exception as why:  # the other runs go on, whatever one of them meets
                traceback.print_exception(why)
                run.want(0)
            if together is not None:
                together.note(run, loaded=is_loaded)

    async def _turn(self, run: KnownRun, together: RunsTogether | None) -> Packet:
        """Let a run make steps for a moment; or load it, if others wait for it."""
        if together is not None and together.is_loading(run):
            found = await self.ask("ready", run=run.id, after=run.last)
        else:
            room = MOST_STEPS if together is None else together.room(run)
            steps = int(min(run.wanted, MOST_STEPS, room))
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
            if run.goes_on and self._may(run):
                return run
        return None

    def _may(self, run: KnownRun) -> bool:
        """Whether a run has no others to wait for."""
        together = self._together.get(run.id)
        return together is None or together.is_loading(run) or together.room(run) >= 1

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
    tell : callable
        Is called with a run whose ``gate`` has changed.
    """

    def __init__(self, workers: Sequence[WorkerProcess], hears: Hears, tell: TellsOf) -> None:
        self._together: dict[str, RunsTogether] = {}
        self.desks = [RunDesk(each, hears, self._together) for each in workers]
        self._of: dict[str, RunDesk] = {}
        self._tell = tell
        self._watches: set[asyncio.Task[None]] = set()

    def seat(self, run: KnownRun, desk: RunDesk | None = None) -> None:
        """Give a run its place: at a desk, or where the fewest runs are."""
        found = desk or min(self.desks, key=lambda each: len(each.runs))
        found.runs.append(run)
        self._of[run.id] = found

    def of(self, run: str) -> RunDesk:
        """The desk of a run."""
        return self._of[run]

    def let_go(self, runs: Sequence[KnownRun]) -> None:
        """Let runs begin, and make their steps at one pace, from where each of them is."""
        for run in runs:
            self.part(run)
        if len(runs) > 1:
            together = RunsTogether(runs, self._tell, self._wake, PATIENCE)
            self._together.update({run.id: together for run in runs})
            watch = asyncio.create_task(_watched(together))
            self._watches.add(watch)
            watch.add_done_callback(self._watches.discard)
        self._wake()

    def part(self, run: KnownRun) -> None:
        """Let no other run wait for this one any more, nor this one for others."""
        together = self._together.pop(run.id, None)
        if together is not None:
            together.leave(run)

    def _wake(self) -> None:
        for each in self.desks:
            if each.runs:
                each.wake()

    def leave(self, run: KnownRun) -> None:
        """Let a run go."""
        self.part(run)
        self._of.pop(run.id).runs.remove(run)

    def grouped(self, runs: Sequence[KnownRun]) -> Mapping[RunDesk, list[str]]:
        """The ids of runs, by their desks."""
        found: dict[RunDesk, list[str]] = {}
        for run in runs:
            found.setdefault(self.of(run.id), []).append(run.id)
        return found

    async def end(self) -> None:
        """End all of them."""
        for each in self._watches:
            each.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        await asyncio.gather(*(each.end() for each in self.desks))


async def _watched(together: RunsTogether) -> None:
    """Let nobody wait for too long, until nobody waits."""
    while (left := together.seconds_left) is not None:
        await asyncio.sleep(left + 0.05)
        together.leave_behind()


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
