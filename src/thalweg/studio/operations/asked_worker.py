"""What a page asks of a worker: one answer, and on the way to it what the worker tells."""

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from thalweg.studio.wire.packets import Array, Packet
from thalweg.studio.worker.serving_loop import DROPPED, FAILED, TOLD
from thalweg.studio.worker.worker_process import ENDED, WorkerProcess

Tells = Callable[[Packet], None]


async def answer_of(
    worker: WorkerProcess, asked: Mapping[str, Any], slot: str, tells: Tells,
    arrays: Mapping[str, Array] = MappingProxyType({}),
) -> Packet:  # fmt: skip
    """The last answer of a task; whoever is cancelled meanwhile cancels the task.

    Parameters
    ----------
    worker : WorkerProcess
    asked : dict
        The head of the packet: "task" and its arguments.
    slot : str
        A newer task of the same slot takes the place of this one.
    tells : callable
        Gets what the task tells on its way.
    arrays : dict of ndarray, optional
        The arrays of the packet.

    Returns
    -------
    Packet
        What the task gave; or one of the type "error" or "dropped", for the page.
    """
    for _ in range(2):
        has_begun, last = await asked_once(worker, asked, slot, tells, arrays=arrays)
        # A process may have been killed for a task of another page that did not end.
        if has_begun or last is not ENDED:
            break
    if last.head["is"] == FAILED:
        return Packet({"type": "error", "error": last.head["error"]})
    return Packet({"type": "dropped"}) if last.head["is"] == DROPPED else last


async def asked_once(
    worker: WorkerProcess,
    asked: Mapping[str, Any],
    slot: str,
    tells: Tells,
    numbered: Callable[[int], None] = lambda number: None,
    arrays: Mapping[str, Array] = MappingProxyType({}),
) -> tuple[bool, Packet]:
    """Whether the task has begun, and its last answer; ``numbered`` gets its number at once."""
    last: asyncio.Future[Packet] = asyncio.get_running_loop().create_future()
    has_begun = False

    def hears(packet: Packet) -> None:
        nonlocal has_begun
        if packet.head["is"] == TOLD:
            has_begun = True
            tells(packet)
        elif not last.done():
            last.set_result(packet)

    asking = asyncio.ensure_future(worker.ask(Packet(asked, arrays), hears, slot))
    try:
        number = await asyncio.shield(asking)
        numbered(number)
        found = await last
    except asyncio.CancelledError:  # the page has gone; a process that starts is not left half-made
        await worker.cancel(await asking)
        raise
    return has_begun, found


def passes(packet: Packet) -> None:
    """Hear what a task tells on its way, of which nobody makes use."""
