"""A worker without a process, which says what a script has."""

from typing import Any

from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.worker_process import Hears


class Scripted:
    """A worker that says to each question what a script has for it."""

    def __init__(self, *script: list[Packet]) -> None:
        self.script, self.cancelled = [*script], list[int]()
        self.asked: list[tuple[dict[str, Any], str]] = []

    async def ask(self, packet: Packet, hears: Hears, slot: str = "") -> int:
        self.asked.append((dict(packet.head), slot))
        for each in self.script.pop(0):
            hears(each)
        return len(self.asked)

    async def cancel(self, number: int) -> None:
        self.cancelled.append(number)

    async def end(self) -> None:
        """Nothing is left."""
