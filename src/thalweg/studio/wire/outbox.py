"""The outbox of a page: messages in their order, and of pictures only the latest.

A slow page must neither lose an event nor make the server keep pictures that nobody will see.
Events (a run began, a run diverged) have numbers, 1, 2, …, and are kept for a while. A page that
comes back says the number of the last one that it has, and gets the rest. A picture (a part of a
curve, a surface) has a slot; a newer one takes the place of an older one that was not sent yet. A
picture may be a function that draws it when it is sent: then it has all that has come meanwhile.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import islice

from thalweg.studio.wire.packets import Packet

KEPT_EVENTS = 2000
Picture = Packet | Callable[[], Packet]


@dataclass(frozen=True)
class Numbered:
    """An event and its number."""

    number: int
    packet: Packet


class EventLog:
    """The events of a studio, numbered from 1; the oldest ones are forgotten."""

    def __init__(self, most: int = KEPT_EVENTS) -> None:
        self._events: deque[Numbered] = deque(maxlen=most)
        self.last = 0

    def add(self, packet: Packet) -> Numbered:
        """Number an event, and keep it."""
        self.last += 1
        event = Numbered(self.last, packet)
        self._events.append(event)
        return event

    def after(self, number: int) -> list[Numbered] | None:
        """The events after one; None if some are forgotten, or it is no number of ours."""
        first = self._events[0].number if self._events else self.last + 1
        if not first - 1 <= number <= self.last:
            return None
        return list(islice(self._events, number - first + 1, None))


class Outbox:
    """What one page has still to be sent: all events, and of each slot the latest picture."""

    def __init__(self, most_events: int = KEPT_EVENTS) -> None:
        self._events: deque[Numbered] = deque()
        self._pictures: OrderedDict[Hashable, Picture] = OrderedDict()
        self._most = most_events
        self.has_overflowed = False

    def put_event(self, event: Numbered) -> None:
        """Add an event; a page that does not take them has to begin anew."""
        if len(self._events) == self._most:
            self.has_overflowed = True
            self._events.clear()
            self._pictures.clear()
        if not self.has_overflowed:
            self._events.append(event)

    def put_picture(self, slot: Hashable, picture: Picture) -> None:
        """Add a picture in the place of an older one of its slot, which keeps its turn."""
        if not self.has_overflowed:
            self._pictures[slot] = picture

    def take(self) -> Numbered | Packet | None:
        """The next message: events first, in their order, then pictures by turns."""
        if self._events:
            return self._events.popleft()
        if self._pictures:
            picture = self._pictures.popitem(last=False)[1]
            return picture if isinstance(picture, Packet) else picture()
        return None

    def n_of(self, kind: str) -> int:
        """How many pictures wait whose slot is a tuple that begins with this word."""
        return sum(isinstance(slot, tuple) and slot[:1] == (kind,) for slot in self._pictures)

    def __len__(self) -> int:
        return len(self._events) + len(self._pictures)
