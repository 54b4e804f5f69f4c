"""A worker process as the server sees it: asked, cancelled, killed, and started again."""

import asyncio
import os
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

from thalweg.studio.wire.packets import Packet, PacketError
from thalweg.studio.worker.packet_pipe import LENGTH, checked_length, with_length
from thalweg.studio.worker.serving_loop import CANCEL, DONE, DROPPED, FAILED, FINISH, TASK

# Seconds that a worker has for ending a cancelled task by itself.
PATIENCE = 3.0
_LAST = (DONE, FAILED, DROPPED)
# One thread: several workers share the cores, and a fit counts its own threads.
_THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# Ctrl-C on a terminal reaches all processes of a group; the server alone decides what ends.
_APART: dict[str, Any] = (
    {"process_group": 0} if os.name == "posix"
    else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
)  # fmt: skip
ENDED = Packet(
    {
        "is": FAILED,
        "error": {
            "code": "worker-ended",
            "what": "The process that computed this has ended",
            "where": "",
            "why": "It was killed, or the memory was not enough",
            "fix": "start it again; what was kept is still there",
        },
    }
)

Hears = Callable[[Packet], None]


class WorkerProcess:
    """One process that does tasks, and everything that is said about them.

    It begins with the first task, and again with the next one after it has ended.

    Parameters
    ----------
    command : sequence of str
        Of a program that runs `serving_loop.serve`.
    patience : float
        Seconds between a cancellation and the end of the process, if the task goes on.
    """

    def __init__(self, command: Sequence[str], patience: float = PATIENCE) -> None:
        self._command, self._patience = tuple(command), patience
        self._process: Process | None = None
        self._listens: asyncio.Task[None] | None = None
        self._heard: dict[int, Hears] = {}
        self._numbers = count(1)
        self._kills: dict[int, asyncio.TimerHandle] = {}
        self._starting = asyncio.Lock()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is asked that has no answer."""
        return not self._heard

    @property
    def has_begun(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    async def ask(self, packet: Packet, hears: Hears, slot: str = "") -> int:
        """Ask for a task; ``hears`` gets every answer, the last one "done", "failed" or "dropped".

        Returns
        -------
        int
            The number by which it can be cancelled.
        """
        number = next(self._numbers)
        self._heard[number] = hears
        await self._say({**packet.head, "is": TASK, "slot": slot, "number": number}, packet)
        return number

    async def cancel(self, number: int) -> None:
        """Cancel a task. If it does not end, its process does."""
        if number not in self._heard or number in self._kills:
            return
        loop = asyncio.get_running_loop()
        self._kills[number] = loop.call_later(self._patience, self._kill)
        await self._say({"is": CANCEL, "number": number}, Packet({}))

    async def finish(self, number: int) -> None:
        """Ask a task to end with the result so far; it takes the time that it needs."""
        if number in self._heard:
            await self._say({"is": FINISH, "number": number}, Packet({}))

    async def end(self) -> None:
        """End the process and everything that it does."""
        self._kill()
        if self._listens is not None:
            await self._listens

    def _kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def _say(self, head: dict[str, Any], packet: Packet) -> None:
        process = await self._running()
        assert process.stdin is not None
        with suppress(ConnectionError):  # it has just ended; who listens says so
            process.stdin.write(with_length(Packet(head, packet.arrays)))
            await process.stdin.drain()

    async def _running(self) -> Process:
        async with self._starting:
            if self._listens is not None and self._listens.done():
                self._process = self._listens = None
            if self._process is None:
                self._process = await asyncio.create_subprocess_exec(
                    *self._command, stdin=PIPE, stdout=PIPE, env={**os.environ, **_THREADS},
                    **_APART,
                )  # fmt: skip
                self._listens = asyncio.create_task(self._listen(self._process))
            return self._process

    async def _listen(self, process: Process) -> None:
        """Hand on what the process says until it ends; then nothing has an answer any more."""
        assert process.stdout is not None
        try:
            while True:
                length = checked_length(await process.stdout.readexactly(LENGTH.size))
                self._hear(Packet.from_bytes(await process.stdout.readexactly(length)))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except PacketError as why:
            print(f"thalweg studio: a worker said something unknown: {why}", file=sys.stderr)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            for timer in self._kills.values():
                timer.cancel()
            self._kills.clear()
            unanswered, self._heard = list(self._heard.values()), {}
            for hears in unanswered:
                hears(ENDED)

    def _hear(self, packet: Packet) -> None:
        number, kind = packet.head.get("re"), packet.head.get("is")
        if type(number) is not int or not isinstance(kind, str):
            raise PacketError("It is the answer to nothing")
        hears = self._heard.get(number)
        if kind in _LAST:
            self._heard.pop(number, None)
            if timer := self._kills.pop(number, None):
                timer.cancel()
        if hears is not None:
            hears(packet)
