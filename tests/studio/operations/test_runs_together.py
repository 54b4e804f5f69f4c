"""Runs of one press begin together and go at one pace; nobody waits for ever."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from thalweg.studio.operations import run_desks
from thalweg.studio.operations.known_run import KnownRun
from thalweg.studio.operations.run_desks import RunsTogether
from thalweg.studio.operations.run_place import RunPlace
from thalweg.studio.runs.shared_start import all_settings
from thalweg.studio.server.open_pages import OpenPages
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage
from thalweg.studio.worker.worker_process import ENDED, Hears

TOTAL = 400


def listed(letter: str) -> dict[str, Any]:
    return {
        "run": letter * 64, "step": 0, "total": TOTAL, "state": "open", "why": "", "epoch": 4,
        "divergence": None, "id": letter * 64, "name": "sgd", "title": letter, "rule": "sgd:lr=0.1",
        "first": 0, "parent": None, "layers": 1, "table": "sample:wisconsin", "choices": {},
        "settings": all_settings({}), "about": [],
    }  # fmt: skip


class Trainer:
    """A worker that is slow to load, or dies, and makes so many steps in a turn."""

    def __init__(self, seconds: float, steps: int, dies: int = 0, total: int = TOTAL) -> None:
        self.seconds, self.steps, self.dies, self.total = seconds, steps, dies, total
        self.at: dict[str, int] = {}
        self.is_loaded, self.has_begun, self.asked = False, True, list[str]()
        self.waits: set[asyncio.Task[None]] = set()

    async def ask(self, packet: Packet, hears: Hears, slot: str = "") -> int:
        self.asked.append(packet.head["task"])
        task = asyncio.create_task(self._answers(dict(packet.head), hears))
        self.waits.add(task)
        return len(self.asked)

    async def _answers(self, asked: dict[str, Any], hears: Hears) -> None:
        if asked["task"] in ("ready", "advance") and not self.is_loaded:
            hears(Packet({"is": "told", "what": "Loading"}))
            await asyncio.sleep(self.seconds)
            if self.dies:
                self.dies -= 1
                hears(ENDED)
                return
            self.is_loaded = True
        await asyncio.sleep(0.001)
        run = asked.get("run", "")
        before = self.at.get(run, 0)
        made = min(asked.get("steps", 0), self.steps, self.total - before)
        step = self.at[run] = before + made
        state = "ended" if step == self.total else "open"
        told = {**listed(run[:1]), "step": step, "total": self.total, "state": state}
        steps = np.arange(asked.get("after", -1) + 1, step, dtype=np.int32)
        numbers = dict.fromkeys(("train", "valid", "whole", "rate"), steps + 0.5)
        points = {"step": steps, **numbers, "gradient": np.ones((len(steps), 1), np.float32)}
        hears(Packet({"is": "done", "failed": None, **told}, points))

    async def cancel(self, number: int) -> None:
        pass

    async def end(self) -> None:
        for each in self.waits:
            each.cancel()


class Loads(Trainer):
    """A worker that loads, until a start is cancelled; the next start gives a run."""

    def __init__(self) -> None:
        super().__init__(0.0, 300)
        self.cancelled, self.waiting = list[int](), list[Hears]()

    async def ask(self, packet: Packet, hears: Hears, slot: str = "") -> int:
        self.asked.append(packet.head["task"])
        if packet.head["task"] != "start-runs":
            hears(Packet({"is": "done"}))
        elif not self.cancelled:
            self.waiting.append(hears)
        else:
            hears(Packet({"is": "done", "runs": [listed("c")]}))
        return len(self.asked)

    async def cancel(self, number: int) -> None:
        self.cancelled.append(number)
        self.waiting.pop()(Packet({"is": "dropped"}))


def test_a_start_is_cancelled_while_its_worker_loads_and_nothing_is_left() -> None:
    async def play() -> None:
        worker = Loads()
        place = RunPlace(OpenPages({}, "session"), [worker])  # type: ignore[list-item]

        async def ask(operation: str) -> Packet:
            args = {"table": "sample:wisconsin", "rules": ["adam:lr=0.1"]}
            message = PageMessage(1, operation, args)
            return await place.operations()[operation].does(message, PageOutlet())

        assert not (await ask("cancel-start")).head["was_starting"]
        first, second = (
            asyncio.create_task(ask("start-runs")),
            asyncio.create_task(ask("start-runs")),
        )
        while not worker.waiting:
            await asyncio.sleep(0)
        assert (await ask("cancel-start")).head["was_starting"]
        async with asyncio.timeout(5):  # the page that came back asked for the same start
            assert [(await each).head["type"] for each in (first, second)] == ["dropped"] * 2
        assert worker.asked.count("start-runs") == len(worker.cancelled) == 1
        assert place.runs == {}
        assert [each["id"] for each in (await ask("start-runs")).head["runs"]] == ["c" * 64]
        assert not (await ask("cancel-start")).head["was_starting"]
        await place.end()

    asyncio.run(play())


class Raced:
    """Two runs at two workers, and all steps at which they were seen together."""

    def __init__(self, *trainers: Trainer) -> None:
        self.pages = OpenPages({}, "session")
        self.place = RunPlace(self.pages, trainers)  # type: ignore[arg-type]
        for letter, desk in zip("ab", self.place.desks.desks, strict=True):
            run = KnownRun.of(listed(letter))
            self.place.runs[run.id] = run
            self.place.desks.seat(run, desk)
        self.runs = [*self.place.runs.values()]
        self.seen: list[tuple[int, int]] = []
        self.told: list[dict[str, Any]] = []
        happen = self.pages.happen

        def heard(type_: str, **more: Any) -> None:
            self.told.append(more)
            happen(type_, **more)

        self.pages.happen = heard  # type: ignore[method-assign]

    async def ask(self, operation: str, *runs: KnownRun) -> Packet:
        args = {"runs": [run.id for run in runs or self.runs]}
        message = PageMessage(1, operation, args)
        return await self.place.operations()[operation].does(message, PageOutlet())

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds():
                self.seen.append((self.runs[0].step, self.runs[1].step))
                await asyncio.sleep(0.002)


def raced(play: Callable[[Raced], Awaitable[None]], *trainers: Trainer) -> Raced:
    async def whole() -> Raced:
        race = Raced(*trainers)
        await play(race)
        await race.place.end()
        return race

    return asyncio.run(whole())


def test_a_fast_run_waits_for_a_slow_worker_and_is_never_far_ahead() -> None:
    async def play(race: Raced) -> None:
        await race.ask("play")
        await race.until(lambda: race.runs[0].gate == "loaded")
        assert [run.step for run in race.runs] == [0, 0]
        await race.until(lambda: all(run.state == "ended" for run in race.runs))

    race = raced(play, Trainer(0.0, 300), Trainer(0.2, 5))
    assert max(abs(a - b) for a, b in race.seen) <= 16
    gates = [each["gate"] for each in race.told if each["run"][0] == "a"]
    assert gates[:4] == ["", "loading", "loaded", ""]  # it plays, waits, and goes


def test_a_worker_that_dies_at_the_gate_begins_again_and_in_the_end_blocks_nobody() -> None:
    async def twice(race: Raced) -> None:
        await race.ask("play")
        await race.until(lambda: all(run.state == "ended" for run in race.runs))

    race = raced(twice, Trainer(0.0, 300), Trainer(0.02, 300, dies=2))
    assert all(b > 0 for a, b in race.seen if a > 8)

    async def ever(race: Raced) -> None:
        await race.ask("play")
        await race.until(lambda: race.runs[0].state == "ended")
        assert (race.runs[1].state, race.runs[1].gate) == ("paused", "")
        assert race.runs[1].why == "The process that computed this has ended"

    raced(ever, Trainer(0.0, 300), Trainer(0.02, 300, dies=9))


def test_the_others_begin_without_a_run_that_is_not_loaded_in_time_and_pages_hear_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_desks, "PATIENCE", 0.1)

    async def play(race: Raced) -> None:
        await race.ask("play")
        await race.until(lambda: race.runs[0].state == "ended")
        assert (race.runs[1].step, race.runs[1].gate, race.runs[1].state) == (0, "late", "running")
        assert race.runs[1].as_dict()["gate"] == "late"
        await race.until(lambda: race.runs[1].state == "ended")
        assert race.runs[1].gate == ""

    race = raced(play, Trainer(0.0, 300), Trainer(0.5, 300))
    assert "late" in [each["gate"] for each in race.told if each["run"][0] == "b"]


def test_runs_are_paused_stopped_and_played_again_while_they_wait() -> None:
    async def play(race: Raced) -> None:
        await race.ask("play")
        await race.until(lambda: race.runs[0].gate == "loaded")
        await race.ask("pause", race.runs[0])
        assert [(run.state, run.gate) for run in race.runs] == [
            ("paused", ""),
            ("running", "loading"),
        ]
        await race.until(lambda: race.runs[1].step > 40)
        assert race.runs[0].step == 0  # it rests, and nobody waits for it
        await race.ask("pause")
        behind = race.runs[1].step
        await race.ask("play")
        await race.until(lambda: race.runs[0].step > 20)
        await race.ask("stop", race.runs[0])
        assert race.runs[1].step < behind + 200
        await race.until(lambda: race.runs[1].state == "ended")

    raced(play, Trainer(0.0, 10), Trainer(0.1, 10))


class Forks(Trainer):
    """A worker that is asked for a fork of one of its runs."""

    async def ask(self, packet: Packet, hears: Hears, slot: str = "") -> int:
        if packet.head["task"] != "fork":
            return await super().ask(packet, hears, slot)
        self.asked.append("fork")
        hears(Packet({"is": "done", "runs": [{**listed("c"), "rule": "sgd:lr=0.5"}]}))
        return len(self.asked)


def test_a_fork_that_is_asked_for_at_the_gate_goes_its_own_way_and_opens_no_gate() -> None:
    async def play(race: Raced) -> None:
        await race.ask("play")
        await race.until(lambda: race.runs[0].gate == "loaded")
        args = {"run": race.runs[0].id, "step": 0, "rate": 0.5}
        message = PageMessage(1, "fork", args)
        await race.place.operations()["fork"].does(message, PageOutlet())
        fork = race.place.runs["c" * 64]
        assert (fork.state, fork.gate, race.runs[0].gate) == ("paused", "", "loaded")
        await race.ask("play", fork)
        await race.until(lambda: fork.state == "ended")
        assert [run.step for run in race.runs] == [0, 0]  # they wait for each other still
        assert [run.gate for run in race.runs] == ["loaded", "loading"]
        await race.until(lambda: all(run.state == "ended" for run in race.runs))

    race = raced(play, Forks(0.0, 300), Trainer(1.0, 5))
    assert max(abs(a - b) for a, b in race.seen) <= 16


def test_a_run_that_ends_early_or_makes_no_step_lets_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def play(race: Raced) -> None:
        await race.ask("play")
        await race.until(lambda: all(run.state == "ended" for run in race.runs))

    raced(play, Trainer(0.0, 300), Trainer(0.0, 300, total=30))
    monkeypatch.setattr(run_desks, "PATIENCE", 0.1)
    stuck = Trainer(0.0, 3)

    async def sticks(race: Raced) -> None:
        await race.ask("play")
        await race.until(lambda: race.runs[1].step > 8)
        stuck.is_loaded, stuck.seconds = False, 60.0
        await race.until(lambda: race.runs[0].state == "ended")
        assert race.runs[1].gate == "late"

    raced(sticks, Trainer(0.0, 300), stuck)


def test_the_lead_is_what_a_page_cannot_see() -> None:
    """It is what a tenth of a second makes, at most a fiftieth of all steps, and at least one."""
    now = [0.0]
    runs = [KnownRun.of({**listed(letter), "total": 10_000}) for letter in "ab"]
    for run in runs:
        run.want(float("inf"))
    together = RunsTogether(runs, lambda run: None, lambda: None, 20.0, lambda: now[0])
    assert [together.room(run) for run in runs] == [0, 0]
    for run in runs:
        together.note(run, loaded=True)
    step = 0
    for seconds, expected in ((0.001, range(60, 201)), (1.0, [1]), (1e-6, [200])):  # of a step
        for _ in range(2000):
            step, now[0] = step + 1, now[0] + seconds
            for run in runs:
                run.step = step
                together.note(run)
        assert together.room(runs[0]) in expected
