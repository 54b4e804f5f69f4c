"""What goes to one page: answers and events in order, the latest pictures, one packet at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable

from thalweg.studio.wire.outbox import Numbered, Outbox, Picture
from thalweg.studio.wire.packets import Packet

# Seconds in which a page says that it has dealt with a packet.
SECONDS_FOR_PACKET = 30.0
_ANSWER = "answer"


class SlowPageError(Exception):
    """A page takes nothing any more."""


class PageOutlet:
    """The outbox of a page and the one who empties it.

    A page says of each packet that it has dealt with it, and gets the next one then. So a page that
    is slow gets fewer pictures, and never old ones.
    """

    def __init__(self) -> None:
        self._box = Outbox()
        self._filled, self._taken = asyncio.Event(), asyncio.Event()
        self._last_event: int | None = None

    def follow(self, last: int) -> None:
        """Send the events after this one from now on; before, the page gets none.

        A page says first which event it has. One that happens in the meantime would otherwise
        come before those that the page has missed.
        """
        self._last_event = last

    def put_event(self, event: Numbered) -> None:
        """Send an event, once, if the page follows them."""
        if self._last_event is None or event.number <= self._last_event:
            return
        self._last_event = event.number
        self._box.put_event(event)
        self._filled.set()

    def put_picture(self, slot: Hashable, picture: Picture) -> None:
        """Send a picture, unless a newer one of its slot comes before."""
        self._box.put_picture(slot, picture)
        self._filled.set()

    def put_answer(self, place: int, answer: Packet) -> None:
        """Send the answer to what the page has asked; ``place`` is its own number for it."""
        self.put_picture((_ANSWER, place), answer)

    @property
    def n_answers(self) -> int:
        """How many answers the page has still to get.

        Events and pictures do not count: they are bounded by themselves, and a page that comes
        back may have missed hundreds of them when it asks.
        """
        return self._box.n_of(_ANSWER)

    def taken(self) -> None:
        """The page has dealt with the packet that it got."""
        self._taken.set()

    async def send_all(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Send what there is, and then what comes.

        Raises
        ------
        SlowPageError
            The page has not taken a packet in time, or far too many are waiting.
        """
        while True:
            while (message := self._box.take()) is None:
                if self._box.has_overflowed:
                    raise SlowPageError
                self._filled.clear()
                await self._filled.wait()
            self._taken.clear()
            await send(_bytes_of(message))
            try:
                # Not wait_for: in Python 3.11 it loses a cancellation that comes with the event.
                async with asyncio.timeout(SECONDS_FOR_PACKET):
                    await self._taken.wait()
            except TimeoutError:
                raise SlowPageError from None


def _bytes_of(message: Numbered | Packet) -> bytes:
    if isinstance(message, Numbered):
        packet = message.packet
        return Packet({**packet.head, "seq": message.number}, packet.arrays).to_bytes()
    return message.to_bytes()
