"""The types of ASGI, the interface between a server and an application, as its text has them."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]


def all_of(headers: Headers, name: bytes) -> list[bytes]:
    """All values of a header; a server writes the names in small letters."""
    return [value for key, value in headers if key == name]


def only(headers: Headers, name: bytes) -> bytes | None:
    """The value of a header that is there exactly once."""
    found = all_of(headers, name)
    return found[0] if len(found) == 1 else None
