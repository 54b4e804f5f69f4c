"""The place Train over real sockets: runs that are played, left, forked, and whose worker dies."""

import asyncio
import os
import random
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.served_studio import AskingPage, ServedStudio, with_studio
from thalweg.data.read import load_table
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.own_batches import with_own_batches
from thalweg.landscape.runs.path import record
from thalweg.landscape.runs.presets import Preset
from thalweg.studio.wire.packets import Packet

RULES = ["sgd:lr=0.5", "adam:lr=0.02"]
SMALL = {"steps": 60, "hidden": [4]}


class RunsPage(AskingPage):
    """A page that draws curves."""

    def __init__(self, page: AskingPage) -> None:
        super().__init__(page.socket)
        self.curves: dict[str, list[Packet]] = {}
        self.states: dict[str, str] = {}
        self.last: Packet = Packet({})

    async def heard(self) -> dict[str, Any]:
        data = await asyncio.wait_for(self.socket.recv(), 120)
        assert isinstance(data, bytes)
        await self.say("taken")
        self.last = packet = Packet.from_bytes(data)
        if packet.head["type"] == "curve" and packet.arrays:
            self.curves.setdefault(packet.head["run"], []).append(packet)
        if packet.head["type"] == "run":
            self.states[packet.head["run"]] = packet.head["state"]
        return dict(packet.head)

    async def until(self, state: str, runs: list[str]) -> None:
        while any(self.states.get(run) != state for run in runs):
            await self.heard()

    def curve(self, run: str, name: str = "step") -> NDArray[Any]:
        """The curve as it is drawn: a packet replaces what it has itself."""
        parts: list[NDArray[Any]] = []
        steps: list[NDArray[Any]] = []
        for each in self.curves[run]:
            kept = [step < each.head["first"] for step in steps]
            parts = [part[keep] for part, keep in zip(parts, kept, strict=True)]
            steps = [step[keep] for step, keep in zip(steps, kept, strict=True)]
            parts, steps = [*parts, each.arrays[name]], [*steps, each.arrays["step"]]
        return np.concatenate(parts)

    async def start(self, rules: list[str] = RULES, **settings: Any) -> list[str]:
        found = await self.asks(
            "start-runs", table="sample:wisconsin", settings={**SMALL, **settings}, rules=rules
        )
        assert found["type"] == "runs", found
        return [each["id"] for each in found["runs"]]


async def page_of(studio: ServedStudio) -> RunsPage:
    return RunsPage(await studio.page())


class ScriptedTables:
    """A worker whose answer is a table."""

    async def ask(self, packet: Packet, hears: Callable[[Packet], None], slot: str = "") -> int:
        hears(Packet({"is": "done", "table": {"rows": 3, "findings": []}}))
        return 1

    async def end(self) -> None:
        pass


def end_by_library(rule: str, steps: int = 60) -> NDArray[Any]:
    member, _ = member_of(load_table("wisconsin"), hidden=(4,), steps=steps, held_out=0.2)
    run, last = with_own_batches(member, Preset(rule, rule, ""))
    return record(run, last_step=last).thetas[-1]


def trainers(studio: ServedStudio) -> list[int]:
    workers = [desk.worker for desk in studio.studio.runs.desks.desks]
    return [each._process.pid for each in workers if each._process is not None]


def test_runs_are_played_to_their_end_whoever_looks(tmp_path: Path) -> None:
    async def play(studio: ServedStudio) -> None:
        page = await page_of(studio)
        runs = await page.start()
        told = await page.asks("step", runs=runs, count=3)
        assert [each["state"] for each in told["runs"]] == ["running", "running"]
        await page.until("paused", runs)
        listed = await page.asks("runs")
        assert [each["step"] for each in listed["runs"]] == [3, 3]
        assert (await page.asks("play", runs=runs))["type"] == "runs"
        await page.close()  # nobody looks
        late = await page_of(studio)
        await late.asks("runs")
        while {each["state"] for each in (await late.asks("runs"))["runs"]} != {"ended"}:
            await asyncio.sleep(0.05)
        await late.close()
        last = await page_of(studio)
        listed = await last.asks("runs")
        total = listed["runs"][0]["total"]
        while any(len(last.curve(run)) < total for run in runs if run in last.curves) or (
            set(last.curves) != set(runs)
        ):
            await last.heard()
        for rule, run in zip(RULES, runs, strict=True):
            assert list(last.curve(run)) == list(range(total))
            assert np.isfinite(last.curve(run, "valid")).all()
            found = await last.asks("at", run=run, step=total)
            assert found["type"] == "at"
            assert np.array_equal(last.last.arrays["theta"], end_by_library(rule))
        text = await last.asks("recipe", run=runs[0])
        assert text["python"].startswith("import thalweg\n")
        await last.asks("path", run=runs[1])
        assert last.last.arrays["theta"].shape[0] == total + 1
        assert (await last.asks("play", runs=["0" * 64]))["error"]["code"] == "data"
        await last.asks("stop", runs=runs[:1])
        assert [each["id"] for each in (await last.asks("runs"))["runs"]] == runs[1:]
        await last.close()

    with_studio(play, tmp_path / "w")


def test_a_worker_begins_to_load_after_a_table_and_not_with_a_page(tmp_path: Path) -> None:
    async def play(studio: ServedStudio) -> None:
        page = await page_of(studio)
        assert (await page.asks("runs"))["runs"] == []
        assert trainers(studio) == []  # it would take the processor from the table that is read
        place, loaded = studio.studio.place, list[str]()
        desk = studio.studio.runs.desks.desks[0]
        desk.load = lambda: loaded.append("loads")  # type: ignore[method-assign]
        place.worker = ScriptedTables()  # type: ignore[assignment]
        assert (await page.asks("table", table="sample:wisconsin", choices={}))["rows"] == 3
        assert loaded == ["loads"]
        await page.close()

    with_studio(play, tmp_path / "w")


@pytest.mark.slow  # four workers and two servers begin
def test_a_run_is_forked_at_a_step_with_another_rate(tmp_path: Path) -> None:
    async def play(studio: ServedStudio) -> None:
        page = await page_of(studio)
        [run] = await page.start(["adam:lr=0.02"])
        await page.asks("step", runs=[run], count=20)
        await page.until("paused", [run])
        found = await page.asks("fork", run=run, step=12, rate=0.1)
        [fork] = found["runs"]
        assert (fork["parent"], fork["first"], fork["step"]) == (run, 12, 12)
        assert fork["title"].endswith("from step 12")
        await page.asks("epoch", runs=[fork["id"]])
        await page.until("paused", [fork["id"]])
        listed = {each["id"]: each for each in (await page.asks("runs"))["runs"]}
        assert listed[fork["id"]]["step"] % fork["epoch"] == 0
        bad = await page.asks("fork", run=run, step=50, rate=0.1)
        assert "has not been at step 50" in bad["error"]["what"]
        await page.asks("at", run=run, step=7)
        theta = page.last.arrays["theta"]
        point = await page.asks("fork", run=run, step=7, anew=True)
        assert point["runs"][0]["title"].endswith("from a point")
        await page.asks("at", run=point["runs"][0]["id"], step=0)
        assert np.array_equal(page.last.arrays["theta"], theta)
        kept.update({run: 20, fork["id"]: listed[fork["id"]]["step"]})
        await page.close()

    async def again(studio: ServedStudio) -> None:
        page = await page_of(studio)
        found = await page.asks("open-runs", runs=[*kept])
        assert {each["id"]: each["step"] for each in found["runs"]} == kept
        assert "no such run" in (await page.asks("open-runs", runs=["1" * 64]))["error"]["what"]
        await page.close()

    kept: dict[str, int] = {}
    with_studio(play, tmp_path / "w")
    with_studio(again, tmp_path / "w")  # another server, another day


@pytest.mark.slow  # a worker takes seconds to begin, twenty times
def test_a_killed_worker_goes_on_with_equal_bits(tmp_path: Path) -> None:
    """Of twenty kills at random moments none is seen in the curve or in the weights."""
    steps, moments = 6000, random.Random(3)

    async def play(studio: ServedStudio) -> None:
        page = await page_of(studio)
        [run] = await page.start(["adam:lr=0.02"], steps=steps)
        seen: list[int] = []

        async def kill() -> None:
            for _ in range(20):
                await asyncio.sleep(moments.uniform(0.0, 2.0))
                for pid in trainers(studio):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        seen.append(studio.studio.runs.runs[run].step)

        kills = asyncio.create_task(kill())
        await page.say("play", runs=[run])
        while page.states.get(run) != "ended":
            await page.heard()
            if page.states.get(run) == "paused":  # killed three times before a step
                page.states[run] = ""
                await page.say("play", runs=[run])
        await kills
        assert len(seen) >= 10
        total = (await page.asks("runs"))["runs"][0]["total"]
        assert list(page.curve(run)) == list(range(total))
        await page.asks("at", run=run, step=total)
        assert np.array_equal(page.last.arrays["theta"], end_by_library("adam:lr=0.02", steps))
        await page.close()

    with_studio(play, tmp_path / "w")
