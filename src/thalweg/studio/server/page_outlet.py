"""What goes to one page: answers and events in order, the latest pictures, one frame at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable

from thalweg.studio.wire.frames import Frame
from thalweg.studio.wire.outbox import Numbered, Outbox

# Seconds in which a page says that it has dealt with a frame.
SECONDS_FOR_FRAME = 30.0


class SlowPageError(Exception):
    """A page takes nothing any more."""


class PageOutlet:
    """The outbox of a page and the one who empties it.

    A page says of each frame that it has dealt with it, and gets the next one then. So a page that
    is slow gets fewer pictures, and never old ones.
    """

    def __init__(self) -> None:
        self._box = Outbox()
        self._filled, self._taken = asyncio.Event(), asyncio.Event()

    def put_event(self, event: Numbered) -> None:
        """Send an event."""
        self._box.put_event(event)
        self._filled.set()

    def put_picture(self, slot: Hashable, frame: Frame) -> None:
        """Send a picture, unless a newer one of its slot comes before."""
        self._box.put_picture(slot, frame)
        self._filled.set()

    @property
    def n_waiting(self) -> int:
        """How many messages the page has still to get."""
        return len(self._box)

    def taken(self) -> None:
        """The page has dealt with the frame that it got."""
        self._taken.set()

    async def send_all(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Send what there is, and then what comes.

        Raises
        ------
        SlowPageError
            The page has not taken a frame in time, or far too many are waiting.
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
                await asyncio.wait_for(self._taken.wait(), SECONDS_FOR_FRAME)
            except TimeoutError:
                raise SlowPageError from None


def _bytes_of(message: Numbered | Frame) -> bytes:
    if isinstance(message, Numbered):
        frame = message.frame
        return Frame({**frame.head, "seq": message.number}, frame.arrays).to_bytes()
    return message.to_bytes()
