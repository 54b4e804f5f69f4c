"""The page survives: a server that is killed, a socket that is lost, a reload, at a hundred points.

No event is lost, doubled or out of its order, and the run has the bits of a calm one.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect

from thalweg.studio.wire.packets import Packet

POINTS, KILLS = 100, 12
STEPS, RULE = 6_000, "adam:lr=0.02"


class KilledStudio:
    """The program of the studio, which can be killed and started again in its workspace."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self.start()

    def start(self) -> None:
        """Start it; wait for its link, and take the cookie."""
        words = ["studio", "--no-browser", "--workspace", str(self._workspace)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "thalweg", *words], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        link = next(word for line in self._process.stdout for word in line.split() if "?" in word)
        with urllib.request.urlopen(link, timeout=60) as answer:
            self.cookie = answer.headers["set-cookie"].split(";")[0]
        self.origin = link.split("/?")[0]

    def kill(self) -> None:
        """Kill it, as the memory that ran out would."""
        self._process.kill()
        self._process.communicate()

    def end(self) -> None:
        """End it as Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)
        self._process.communicate(timeout=60)


class FollowingPage:
    """A page that knows the last event that it has, and comes back."""

    def __init__(self, studio: KilledStudio) -> None:
        self.studio, self.session, self.last = studio, "", 0
        self.socket: ClientConnection | None = None
        self._next: asyncio.Task[Any] | None = None
        self._number, self.n_events = 0, 0
        self.states: dict[str, dict[str, Any]] = {}
        self.curves: dict[str, dict[str, NDArray[Any]]] = {}
        self.arrays: dict[str, NDArray[Any]] = {}

    async def come(self) -> None:
        """Open a socket, and go on with the events, or begin anew at another session."""
        studio = self.studio
        self.socket = await connect(
            studio.origin.replace("http", "ws") + "/ws", origin=studio.origin,
            additional_headers={"Cookie": studio.cookie}, compression=None, max_size=1 << 26,
        )  # fmt: skip
        hello = await self._heard()
        assert hello["type"] == "hello"
        if hello["session"] != self.session:
            self.session, self.last = hello["session"], hello["seq"]
        await self.say("resume", seq=self.last)

    def forget(self) -> None:
        """Know nothing any more, as after a reload."""
        self.session, self.states, self.curves = "", {}, {}

    async def drop(self) -> None:
        """Lose the socket, without a word to the server."""
        assert self.socket is not None
        self.socket.transport.abort()
        await self.socket.wait_closed()
        if self._next is not None:
            await asyncio.gather(self._next, return_exceptions=True)
            self._next = None

    async def say(self, op: str, **args: Any) -> int:
        self._number += 1
        assert self.socket is not None
        await self.socket.send(json.dumps({"op": op, "id": self._number, **args}))
        return self._number

    async def asks(self, op: str, **args: Any) -> dict[str, Any]:
        number = await self.say(op, **args)
        while (head := await self._heard()).get("re") != number or head["type"] == "progress":
            pass
        assert head["type"] != "error", head
        return head

    async def until(self, run: str, *states: str) -> None:
        while self.states.get(run, {}).get("state") not in states:
            await self._heard()

    async def whole_curve(self, run: str, n: int) -> dict[str, NDArray[Any]]:
        """The curve from the server, all of it."""
        self.curves = {}
        await self.asks("runs")
        while len(self.curves.get(run, {}).get("step", ())) < n:
            await self._heard()
        return self.curves[run]

    async def listen(self, seconds: float) -> None:
        """Take what comes for a while; a packet is taken completely or not at all."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while await asyncio.wait({self._coming()}, timeout=max(0.0, end - loop.time())) and (
            self._coming().done()
        ):
            await self._heard()

    def _coming(self) -> asyncio.Task[Any]:
        """What waits for the next packet."""
        assert self.socket is not None
        if self._next is None:
            self._next = asyncio.ensure_future(self.socket.recv())
        return self._next

    async def _heard(self) -> dict[str, Any]:
        data = await asyncio.wait_for(self._coming(), 120)
        self._next = None
        assert isinstance(data, bytes)
        await self.say("taken")
        packet = Packet.from_bytes(data)
        head = dict(packet.head)
        assert head["type"] != "anew"
        if "seq" in head and head["type"] != "hello":
            assert head["seq"] == self.last + 1, "an event was lost, doubled or out of its order"
            self.last, self.n_events = head["seq"], self.n_events + 1
            if head["type"] == "run":
                self.states[head["run"]] = head
        elif head["type"] == "curve":
            self._draw(head, packet)
        else:
            self.arrays = dict(packet.arrays)
        return head

    def _draw(self, head: dict[str, Any], packet: Packet) -> None:
        """Put new points behind those that are there: never a gap, never one twice."""
        if not packet.arrays:
            return
        new = {name: array.copy() for name, array in packet.arrays.items()}
        assert (np.diff(new["step"]) == 1).all()
        old = self.curves.get(head["run"])
        if old is not None:
            kept = old["step"] < head["first"]
            assert new["step"][0] == (old["step"][kept][-1] + 1 if kept.any() else 0)
            new = {name: np.concatenate([old[name][kept], new[name]]) for name in new}
        self.curves[head["run"]] = new


async def to_the_end(page: FollowingPage, run: str) -> dict[str, NDArray[Any]]:
    """Play a run to its end: its curve, and its θ."""
    listed = await page.asks("play", runs=[run])
    total = listed["runs"][0]["total"]
    while (await page.asks("runs"))["runs"][0]["state"] != "ended":
        await asyncio.sleep(0.2)
    found = await page.whole_curve(run, total)
    assert found["step"].tolist() == list(range(total))
    await page.asks("at", run=run, step=total)
    return {**found, "theta": page.arrays["theta"]}


async def started(page: FollowingPage) -> str:
    settings = {"steps": STEPS, "hidden": [4]}
    told = await page.asks("start-runs", table="sample:wisconsin", settings=settings, rules=[RULE])
    return str(told["runs"][0]["id"])


async def disturbed(studio: KilledStudio) -> dict[str, NDArray[Any]]:
    draw, page = random.Random(8), FollowingPage(studio)
    await page.come()
    run = await started(page)
    what = ["kill"] * KILLS + ["drop"] * ((POINTS - KILLS) // 2)
    what += ["reload"] * (POINTS - len(what))
    draw.shuffle(what)
    furthest = 0
    for each in what:
        await page.say("step", runs=[run], count=draw.randint(20, 60))
        await page.listen(draw.uniform(0, 0.3))
        if each == "kill":
            studio.kill()
            await asyncio.to_thread(studio.start)
        await page.drop()
        if each == "reload":
            page.forget()
        await page.come()
        if each == "kill":  # what the link of the page names
            found = await page.asks("open-runs", runs=[run])
            assert [one["id"] for one in found["runs"]] == [run]
        [listed] = (await page.asks("runs"))["runs"]
        assert each == "kill" or listed["step"] >= furthest
        furthest = listed["step"]
    print(f"{furthest} of {STEPS} steps after {POINTS} points, {page.n_events} events")
    assert 0 < furthest < STEPS  # it was never at its end meanwhile
    found = await to_the_end(page, run)
    await page.drop()
    last = page.last
    await page.come()
    assert page.last == last
    assert page.n_events >= POINTS // 4  # how many, is up to the machine
    await page.drop()
    return found


async def calm(studio: KilledStudio) -> dict[str, NDArray[Any]]:
    page = FollowingPage(studio)
    await page.come()
    found = await to_the_end(page, await started(page))
    await page.drop()
    return found


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="processes are killed")
def test_a_hundred_breaks_lose_no_event_and_change_no_bit(tmp_path: Path) -> None:
    found = []
    for name, play in (("calm", calm), ("disturbed", disturbed)):
        studio = KilledStudio(tmp_path / name)
        try:
            found.append(asyncio.run(play(studio)))
        finally:
            studio.end()
    for name, of_calm in found[0].items():
        assert np.array_equal(of_calm, found[1][name], equal_nan=True), name
