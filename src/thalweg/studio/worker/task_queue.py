"""The tasks that a worker has still to do: of each slot the latest one only."""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Condition

from thalweg.interrupts import Cancellation
from thalweg.studio.wire.packets import Packet


@dataclass(frozen=True, eq=False)
class AskedTask:
    """A task that was asked for.

    Attributes
    ----------
    number : int
        Every answer to it has this number.
    slot : str
        A newer task of the same slot makes this one useless. "" has no slot.
    packet : Packet
    cancellation : Cancellation
    finish : Cancellation
        Asks for the end with the result so far; a task that has none goes on.
    deserted : Cancellation
        Says that it is cancelled because the server has gone, and not because somebody asked.
    """

    number: int
    slot: str
    packet: Packet
    cancellation: Cancellation = field(default_factory=Cancellation)
    finish: Cancellation = field(default_factory=Cancellation)
    deserted: Cancellation = field(default_factory=Cancellation)


class TaskQueue:
    """Tasks in the order in which they were asked for; one thread adds, another one takes."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[int, AskedTask] = OrderedDict()
        self._running: AskedTask | None = None
        self._changed = Condition()
        self._has_ended = False

    def add(self, asked: AskedTask) -> list[AskedTask]:
        """Add a task; returns those that will not begin because of it."""
        with self._changed:
            dropped = [] if not asked.slot else self._same_slot(asked.slot)
            for each in dropped:
                del self._waiting[each.number]
            running = self._running
            if running is not None and asked.slot and running.slot == asked.slot:
                running.cancellation.ask()
            self._waiting[asked.number] = asked
            self._changed.notify()
        return dropped

    def cancel(self, number: int) -> AskedTask | None:
        """Cancel a task; returns it if it will not begin because of that."""
        with self._changed:
            if self._running is not None and self._running.number == number:
                self._running.cancellation.ask()
            return self._waiting.pop(number, None)

    def finish(self, number: int) -> None:
        """Ask a task that runs or waits to end with the result so far."""
        with self._changed:
            for each in (self._running, self._waiting.get(number)):
                if each is not None and each.number == number:
                    each.finish.ask()

    def end(self) -> None:
        """Cancel everything, and let `take` return None."""
        with self._changed:
            self._has_ended = True
            self._waiting.clear()
            if self._running is not None:
                self._running.deserted.ask()
                self._running.cancellation.ask()
            self._changed.notify()

    def take(self) -> AskedTask | None:
        """Wait for the next task; None after the end."""
        with self._changed:
            self._running = None
            self._changed.wait_for(lambda: self._waiting or self._has_ended)
            if self._has_ended:
                return None
            self._running = self._waiting.popitem(last=False)[1]
            return self._running

    def _same_slot(self, slot: str) -> list[AskedTask]:
        return [each for each in self._waiting.values() if each.slot == slot]
