"""The pages that are open: what happens is told to all of them, and each asks for itself."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from thalweg.persistence.plain_data_checks import Form
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.outbox import EventLog
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage

MOST_PAGES = 16


@dataclass(frozen=True)
class PageOperation:
    """What a page may ask for.

    Parameters
    ----------
    form : dict
        The form of its arguments.
    does : coroutine function
        From the message and the outlet of the page to the head and the arrays of the answer. It
        must not compute: that is the task of a worker.
    """

    form: dict[str, Form]
    does: Callable[[PageMessage, PageOutlet], Awaitable[Packet]]


@dataclass
class OpenPages:
    """All open pages of a studio, and the events that they have in common."""

    operations: Mapping[str, PageOperation]
    session: str
    log: EventLog = field(default_factory=EventLog)
    outlets: set[PageOutlet] = field(default_factory=set)

    @property
    def forms(self) -> dict[str, dict[str, Form]]:
        """The forms of the arguments of all operations."""
        return {name: each.form for name, each in self.operations.items()}

    @property
    def has_room(self) -> bool:
        """Whether one more page may open."""
        return len(self.outlets) < MOST_PAGES

    def happen(self, type_: str, **more: Any) -> None:
        """Tell an event to all pages that follow them, and to those that come back later."""
        event = self.log.add(Packet({**more, "type": type_}))
        for outlet in self.outlets:
            outlet.put_event(event)

    def show(self, slot: Hashable, packet: Packet) -> None:
        """Show all pages a picture, in the place of an older one of its slot."""
        for outlet in self.outlets:
            outlet.put_picture(slot, packet)
