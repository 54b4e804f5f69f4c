"""The place Train of the studio: what a page may ask about runs."""

import asyncio
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import Any

from thalweg.errors import DataError
from thalweg.persistence.plain_data_checks import (
    Form,
    Maybe,
    Perhaps,
    Several,
    number,
    one_of,
    whole,
)
from thalweg.studio.operations.asked_worker import Tells
from thalweg.studio.operations.known_run import LATE, PAUSED, RUNNING, STOPPED, KnownRun
from thalweg.studio.operations.run_desks import RunDesk, RunDesks
from thalweg.studio.server.open_pages import OpenPages, PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.packets import Array, Packet
from thalweg.studio.wire.page_messages import PageMessage
from thalweg.studio.wire.run_requests import (
    MOST_RUNS,
    MOST_STEPS,
    PICKS,
    ROW,
    RULE,
    RUN_ID,
    RUN_IDS,
    SETTINGS,
    STEP,
)
from thalweg.studio.wire.table_choices import CHOICES
from thalweg.studio.wire.table_ids import TABLE_ID
from thalweg.studio.worker.worker_process import WorkerProcess

# Seconds between two pictures of a run.
SECONDS_A_PICTURE = 0.1
# Seconds in which runs are written at the end of the studio; a second of each is lost otherwise.
SECONDS_FOR_END = 3.0
_START: dict[str, Form] = {
    "table": TABLE_ID,
    "choices": Perhaps(CHOICES),
    "settings": Perhaps(SETTINGS),
    "rules": Several(RULE, MOST_RUNS),
}
_FORK: dict[str, Form] = {
    "run": RUN_ID,
    "step": Perhaps(STEP),
    "rule": Perhaps(Maybe(RULE)),
    "rate": Perhaps(Maybe(number(0, 1e300))),
    "anew": Perhaps(one_of(True, False)),
}
_RUNS: dict[str, Form] = {"runs": RUN_IDS}


class RunPlace:
    """The runs of a studio, and who trains them.

    A run goes on whatever pages there are. All pages see the same runs.

    Parameters
    ----------
    pages : OpenPages
    workers : sequence of WorkerProcess
    sweep : callable
        Removes runs from the disk if there are too many, but for those that it is given.
    """

    def __init__(
        self,
        pages: OpenPages,
        workers: Sequence[WorkerProcess],
        sweep: Callable[[Collection[str]], None] = lambda held: None,
    ) -> None:
        self.pages, self._sweep = pages, sweep
        self.desks = RunDesks(workers, self._hear, self._tell)
        self.runs: dict[str, KnownRun] = {}
        self._shown: dict[str, float] = {}
        self._later: dict[str, asyncio.TimerHandle] = {}
        self._starting: set[asyncio.Task[Packet]] = set()
        self._starts: dict[str, asyncio.Task[Packet]] = {}
        # Is called when there are runs: what else will be asked about them can be made ready.
        self.has_runs: Callable[[], None] = lambda: None

    def operations(self) -> Mapping[str, PageOperation]:
        """What a page may ask for here."""
        of_run: dict[str, Form] = {"run": RUN_ID}
        return {
            "runs": PageOperation({}, self._list),
            "start-runs": PageOperation(_START, self._start),
            "cancel-start": PageOperation(_START, self._cancel_start),
            "open-runs": PageOperation(_RUNS, self._open),
            "play": PageOperation(_RUNS, self._play),
            "pause": PageOperation(_RUNS, self._pause),
            "step": PageOperation({**_RUNS, "count": whole(1, MOST_STEPS)}, self._step),
            "epoch": PageOperation(_RUNS, self._epoch),
            "stop": PageOperation(_RUNS, self._stop),
            "fork": PageOperation(_FORK, self._fork),
            "at": PageOperation({**of_run, "step": STEP}, self._at),
            "path": PageOperation(of_run, self._path),
            "inside": PageOperation(
                {
                    **of_run, "step": STEP, "row": Perhaps(Maybe(ROW)),
                    "pick": Perhaps(Maybe(one_of(*PICKS))),
                },
                self._inside,
            ),
            "recipe": PageOperation({**of_run, "step": Perhaps(STEP)}, self._recipe),
        }  # fmt: skip

    def load(self) -> None:
        """Let a worker begin: whoever has seen a table may train with it next."""
        self.desks.desks[0].load()

    async def end(self) -> None:
        """Write what is there, and end the workers."""
        for timer in self._later.values():
            timer.cancel()
        for run in self.runs.values():
            run.want(0)
        for desk, ids in self.desks.grouped([*self.runs.values()]).items():
            if desk.worker.has_begun:
                with suppress(TimeoutError):
                    async with asyncio.timeout(SECONDS_FOR_END):
                        await desk.ask("keep", runs=ids)
        await self.desks.end()

    async def _list(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """All runs; the page gets their whole curves."""
        for run in self.runs.values():
            run.again(outlet)
            self._draw(run, outlet)
        return self._told([*self.runs.values()])

    async def _start(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """Runs from one start. They are started whether the page stays or not."""
        asked, key = _asked_start(message)
        if key in self._starts:  # a page that has come back asks again
            return await _unless_cancelled(self._starts[key])
        desk = min(self.desks.desks, key=lambda each: len(each.runs))
        for each in self.desks.desks[: len(asked["rules"])]:
            each.load()

        def tells(packet: Packet) -> None:
            what = str(packet.head.get("what", ""))
            told = Packet({"type": "progress", "re": message.number, "what": what})
            outlet.put_picture(("progress", message.number), told)

        making = self._starts[key] = self._making(desk, "start-runs", asked, tells, spread=True)
        making.add_done_callback(lambda _: self._starts.pop(key, None))
        return await _unless_cancelled(making)

    async def _cancel_start(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """End a start whose runs are not there yet; nothing of it is left."""
        making = self._starts.get(_asked_start(message)[1])
        if making is not None:
            making.cancel()
        return Packet({"type": "start-cancelled", "was_starting": making is not None})

    async def _open(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """Runs that are on the disk, such as those of a link or of a server before this one."""
        asked = message.args["runs"]
        new = [each for each in asked if each not in self.runs]
        if new:
            desk = min(self.desks.desks, key=lambda each: len(each.runs))
            found = await self._made(desk, "open", {"runs": new}, None, spread=False)
            if found.head.get("type") != "runs":
                return found
        return self._told([self.runs[each] for each in asked])

    async def _fork(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        run = self.known(message.args["run"])
        return await self._made(self.desks.of(run.id), "fork", message.args, None, spread=False)

    async def begin_at(self, run: KnownRun, theta: Array, rule: str | None) -> Packet:
        """A run that begins at a point of the network of another one, with an empty memory."""
        asked = {"run": run.id, "rule": rule}
        making = self._making(
            self.desks.of(run.id), "fork", asked, None, spread=False, arrays={"theta": theta}
        )
        return await asyncio.shield(making)

    async def _made(
        self, desk: RunDesk, task: str, asked: Mapping[str, Any], tells: Tells | None, *,
        spread: bool,
    ) -> Packet:  # fmt: skip
        return await asyncio.shield(self._making(desk, task, asked, tells, spread=spread))

    def _making(
        self, desk: RunDesk, task: str, asked: Mapping[str, Any], tells: Tells | None, *,
        spread: bool, arrays: Mapping[str, Array] = MappingProxyType({}),
    ) -> asyncio.Task[Packet]:  # fmt: skip
        """The runs that a task makes, whether the page that asked waits for them or not."""

        async def make() -> Packet:
            found = await desk.ask(task, tells, arrays, **asked)
            own = asyncio.current_task()  # its runs are there: it is too late to cancel it
            self._starts = {key: each for key, each in self._starts.items() if each is not own}
            if "runs" not in found.head:
                return found
            runs = [self._new(KnownRun.of(each), desk, spread) for each in found.head["runs"]]
            await asyncio.to_thread(self._sweep, [*self.runs])
            others = [run.id for run in runs if self.desks.of(run.id) is not desk]
            if others:  # one worker alone has a run in its memory
                await desk.ask("keep", runs=others, close=True)
            return self._told(runs)

        making = asyncio.create_task(make())
        self._starting.add(making)
        making.add_done_callback(self._starting.discard)
        return making

    def _new(self, run: KnownRun, desk: RunDesk, spread: bool) -> KnownRun:
        if run.id in self.runs:
            return self.runs[run.id]
        self.runs[run.id] = run
        self.has_runs()
        self.desks.seat(run, None if spread else desk)
        self._tell(run)
        if run.step > run.about["first"]:  # from the disk: its curve is there already
            asyncio.get_running_loop().create_task(self._fetch(run))
        return run

    async def _fetch(self, run: KnownRun) -> None:
        found = await self.desks.of(run.id).ask("advance", run=run.id, steps=0, after=-1)
        if found.head.get("type") != "error":
            run.take(found)
            self._show(run)

    async def _play(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """Let runs go: those of one press begin together, and none runs ahead."""
        return self._want(message, float("inf"), together=True)

    async def _step(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        return self._want(message, message.args["count"])

    async def _epoch(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """Steps to the end of an epoch of each run."""
        return self._want(message, None)

    def _want(self, message: PageMessage, steps: float | None, *, together: bool = False) -> Packet:
        """Let runs make steps; None stands for those up to the end of an epoch."""
        runs = [self.known(each) for each in dict.fromkeys(message.args["runs"])]
        for run in runs:
            if run.state not in (RUNNING, PAUSED):
                continue
            left = run.about["epoch"] - run.step % run.about["epoch"]
            run.want(left if steps is None else steps)
            self._set(run, RUNNING)
        going = [run for run in runs if run.goes_on]
        for each in [going] if together else [[run] for run in going]:
            self.desks.let_go(each)
        return self._told(runs)

    async def _pause(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """Pause runs, and write them to the disk."""
        return await self._rest(message, PAUSED)

    async def _stop(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """Pause runs, and let pages see them no more; they stay on the disk."""
        found = await self._rest(message, STOPPED)
        for each in message.args["runs"]:
            run = self.runs.pop(each, None)
            if run is not None:
                self.desks.leave(run)
        return found

    async def _rest(self, message: PageMessage, state: str) -> Packet:
        runs = [self.known(each) for each in message.args["runs"]]
        for run in runs:
            run.want(0)
            self.desks.part(run)
            if state == STOPPED or run.state == RUNNING:
                self._set(run, state)
        for desk, ids in self.desks.grouped(runs).items():
            found = await desk.ask("keep", runs=ids, close=state == STOPPED)
            if found.head.get("type") == "error":
                return found
        return self._told(runs)

    async def _at(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """The state of a run after a step."""
        found = await self._asked("at", message)
        return _typed(found, "at", "run", "step", "losses")

    async def _path(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        found = await self._asked("path", message)
        return _typed(found, "path")

    async def _inside(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """A row through the network of a run at a step, and back."""
        found = await self._asked("inside", message)
        return _typed(
            found, "inside", "run", "step", "row", "rows", "beside", "trace", "rule", "rate",
            "memory",
        )  # fmt: skip

    async def _recipe(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """The Python that makes a run again up to a step; by default to where it is."""
        found = await self._asked("recipe", message)
        return _typed(found, "recipe", "python")

    async def _asked(self, task: str, message: PageMessage) -> Packet:
        run = self.known(message.args["run"])
        return await self.desks.of(run.id).ask(task, **message.args)

    def known(self, run: str) -> KnownRun:
        """A run that pages see.

        Raises
        ------
        DataError
            There is none.
        """
        if run not in self.runs:
            raise DataError("There is no such run", where=run, fix="start it again")
        return self.runs[run]

    def _hear(self, run: KnownRun, found: Packet) -> None:
        """After a turn of a run: show it, and say so if it has ended or failed."""
        if run.id not in self.runs:
            return
        if found.head.get("type") == "error":
            run.why = str(found.head["error"].get("what", ""))
            self._set(run, PAUSED, anyway=True)
            return
        failed = found.head.get("failed")
        if isinstance(failed, dict) and not run.is_unkept:
            run.is_unkept = True
            self.pages.happen("run-not-kept", run=run.id, error=failed)
        self._show(run)
        if run.gate == LATE:
            run.gate = ""
            self._tell(run)
        if run.state not in (RUNNING, PAUSED):
            self._tell(run)
        elif not run.goes_on:
            self._set(run, PAUSED)

    def _set(self, run: KnownRun, state: str, *, anyway: bool = False) -> None:
        if run.state != state or anyway:
            run.state = state
            self._tell(run)
        if state == RUNNING:
            run.why = ""

    def _tell(self, run: KnownRun) -> None:
        told = run.as_dict()
        event = {key: told[key] for key in ("state", "step", "why", "divergence", "gate")}
        self.pages.happen("run", run=run.id, **event)

    def _show(self, run: KnownRun) -> None:
        """Show all pages the curve, at most ten times a second."""
        loop = asyncio.get_running_loop()
        wait = self._shown.get(run.id, -1.0) + SECONDS_A_PICTURE - loop.time()
        if run.id in self._later:
            return
        if wait > 0:
            self._later[run.id] = loop.call_later(wait, self._show_late, run)
            return
        self._shown[run.id] = loop.time()
        for outlet in self.pages.outlets:
            self._draw(run, outlet)

    def _show_late(self, run: KnownRun) -> None:
        self._later.pop(run.id, None)
        self._show(run)

    def _draw(self, run: KnownRun, outlet: PageOutlet) -> None:
        outlet.put_picture(("curve", run.id), partial(run.picture, outlet))

    def _told(self, runs: Sequence[KnownRun]) -> Packet:
        return Packet({"type": "runs", "runs": [each.as_dict() for each in runs]})


def _asked_start(message: PageMessage) -> tuple[dict[str, Any], str]:
    """What a page asks of a start, and its key: the same question is the same start."""
    asked = {"choices": {}, "settings": {}, **message.args}
    return asked, json.dumps(asked, sort_keys=True)


async def _unless_cancelled(making: asyncio.Task[Packet]) -> Packet:
    """The answer of a start, or "dropped" if somebody has cancelled it."""
    try:
        return await asyncio.shield(making)
    except asyncio.CancelledError:
        if making.cancelled():
            return Packet({"type": "dropped"})
        raise  # the page has gone


def _typed(found: Packet, type_: str, *keys: str) -> Packet:
    """An answer of a worker as a page gets it; an error as it is."""
    if found.head.get("type") in ("error", "dropped"):
        return found
    return Packet({"type": type_, **{key: found.head.get(key) for key in keys}}, found.arrays)
