"""Worker processes: what is asked is answered once, whatever happens to the process."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.packet_pipe import read_packet, with_length
from thalweg.studio.worker.worker_process import WorkerProcess

COMMAND = [sys.executable, str(Path(__file__).with_name("odd_worker.py"))]


class Heard:
    """What was said about one task."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self._last = asyncio.Event()

    def __call__(self, packet: Packet) -> None:
        assert not self._last.is_set(), "something was said after the last answer"
        self.packets.append(packet)
        if packet.head["is"] != "told":
            self._last.set()

    async def last(self) -> Packet:
        await asyncio.wait_for(self._last.wait(), 60)
        return self.packets[-1]

    async def begun(self) -> None:
        while not self.packets:
            await asyncio.sleep(0.005)


def with_worker(play: Callable[[WorkerProcess], Awaitable[None]], patience: float = 3.0) -> None:
    async def whole() -> None:
        worker = WorkerProcess(COMMAND, patience)
        try:
            await asyncio.wait_for(play(worker), 120)
        finally:
            await worker.end()

    asyncio.run(whole())


async def asked(worker: WorkerProcess, task: str, slot: str = "", **head: Any) -> Heard:
    heard = Heard()
    await worker.ask(Packet({"task": task, **head}), heard, slot)
    return heard


def test_tasks_are_answered_and_errors_have_their_parts() -> None:
    async def play(worker: WorkerProcess) -> None:
        heard = Heard()
        await worker.ask(Packet({"task": "double", "n": 4}, {"x": np.array([1.5, np.nan])}), heard)
        back = await heard.last()
        assert (back.head["is"], back.head["n"]) == ("done", 8)
        np.testing.assert_array_equal(back.arrays["x"], [3.0, np.nan])

        told = await asked(worker, "steps", most=3)
        assert (await told.last()).head["ended_at"] == 3
        assert [each.head["n"] for each in told.packets[:3]] == [1, 2, 3]

        error = (await (await asked(worker, "fails")).last()).head
        assert error["is"] == "failed"
        assert error["error"]["what"] == "Row 3 has no target"
        assert error["error"]["fix"] == "drop it"

        odd = (await (await asked(worker, "breaks")).last()).head["error"]["what"]
        assert "ZeroDivisionError" in odd
        assert "\x1b" not in odd
        memory = (await (await asked(worker, "lacks_memory")).last()).head["error"]["what"]
        assert "memory" in memory
        vast = (await (await asked(worker, "vast")).last()).head
        assert vast["error"]["what"] == "The answer is too long for a page"
        assert "fewer columns" in vast["error"]["fix"]
        unknown = (await (await asked(worker, "no_such_task")).last()).head
        assert unknown["is"] == "failed"
        assert (await (await asked(worker, "interrupted")).last()).head["is"] == "dropped"

        printed = await asked(worker, "prints")
        assert (await printed.last()).head["input"] == ""
        known = (await (await asked(worker, "threads")).last()).head
        assert known["threads"] == "1"
        assert worker.is_idle

    with_worker(play)


def test_a_newer_task_of_a_slot_takes_the_place_of_older_ones() -> None:
    async def play(worker: WorkerProcess) -> None:
        busy = Heard()
        number = await worker.ask(
            Packet({"task": "steps", "most": 100_000, "pause": 0.005}), busy, "busy"
        )
        await busy.begun()  # so the others wait
        second = await asked(worker, "steps", "ground", most=5)
        other = await asked(worker, "double", "curve", n=1)
        third = await asked(worker, "steps", "ground", most=7)
        assert (await second.last()).head["is"] == "dropped"
        assert len(second.packets) == 1
        assert len({packet.head["is"] for packet in busy.packets}) == 1, "it goes on"
        await worker.cancel(number)
        assert (await other.last()).head["n"] == 2
        assert (await third.last()).head["ended_at"] == 7

    with_worker(play)


def test_a_newer_task_of_a_slot_ends_the_one_that_runs() -> None:
    async def play(worker: WorkerProcess) -> None:
        first = await asked(worker, "steps", "ground", most=100_000, pause=0.005)
        await first.begun()
        second = await asked(worker, "steps", "ground", most=7)
        ended = (await first.last()).head
        assert ended["is"] == "done"
        assert ended["ended_at"] < 100_000
        assert (await second.last()).head["ended_at"] == 7

    with_worker(play)


def test_a_cancelled_task_ends_with_what_it_has_and_the_process_goes_on() -> None:
    async def play(worker: WorkerProcess) -> None:
        before = (await (await asked(worker, "threads")).last()).head["pid"]
        heard = Heard()
        number = await worker.ask(Packet({"task": "steps", "most": 10**6, "pause": 0.005}), heard)
        waiting = Heard()
        waits = await worker.ask(Packet({"task": "double", "n": 1}), waiting)
        await heard.begun()
        await worker.cancel(waits)
        await worker.cancel(number)
        await worker.cancel(number)
        await worker.cancel(12345)
        assert (await waiting.last()).head["is"] == "dropped"
        assert (await heard.last()).head["is"] == "done"
        assert (await (await asked(worker, "threads")).last()).head["pid"] == before

    with_worker(play)


def test_a_task_that_does_not_hear_is_killed_and_the_next_one_has_a_new_process() -> None:
    async def play(worker: WorkerProcess) -> None:
        before = (await (await asked(worker, "threads")).last()).head["pid"]
        heard, waiting = Heard(), Heard()
        number = await worker.ask(Packet({"task": "deaf"}), heard)
        await worker.ask(Packet({"task": "double", "n": 1}), waiting)
        await heard.begun()
        await worker.cancel(number)
        assert (await heard.last()).head["error"]["code"] == "worker-ended"
        assert (await waiting.last()).head["error"]["code"] == "worker-ended"
        assert worker.is_idle
        after = (await (await asked(worker, "threads")).last()).head["pid"]
        assert after != before
        with pytest.raises(ProcessLookupError):
            os.kill(before, 0)

    with_worker(play, patience=0.2)


def test_every_way_to_die_is_answered() -> None:
    async def play(worker: WorkerProcess) -> None:
        for task in ("dies", "lies"):
            heard, waiting = await asked(worker, task), await asked(worker, "double", n=1)
            assert (await heard.last()).head["error"]["code"] == "worker-ended", task
            assert (await waiting.last()).head["is"] == "failed", task
        pid = (await (await asked(worker, "threads")).last()).head["pid"]
        deaf = await asked(worker, "deaf")
        await deaf.begun()
        os.kill(pid, signal.SIGKILL)
        assert (await deaf.last()).head["is"] == "failed"
        assert (await (await asked(worker, "double", n=3)).last()).head["n"] == 6

    with_worker(play)


@pytest.mark.parametrize(
    ("task", "is_killed"), [("steps", False), ("deaf", False), ("steps", True)]
)
def test_a_worker_ends_when_its_server_has_gone(task: str, is_killed: bool) -> None:
    """Also in the middle of a task that does not hear; nobody is left to kill it, or to read."""
    process = subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    head = {"task": task, "most": 10**6, "pause": 0.01, "is": "task", "slot": "", "number": 1}
    process.stdin.write(with_length(Packet(head)))
    process.stdin.flush()
    first = read_packet(process.stdout)
    assert first is not None
    assert first.head["is"] == "told"
    if is_killed:
        process.stdout.close()
    process.stdin.close()
    began = time.monotonic()
    while process.poll() is None and time.monotonic() - began < 30:
        time.sleep(0.02)
    assert process.poll() is not None
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b""
