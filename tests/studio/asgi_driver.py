"""A server of ASGI that sends one request to an application, and keeps what it answers."""

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Answer:
    """What an application has sent."""

    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> int:
        return next(m["status"] for m in self.messages if m["type"] == "http.response.start")

    @property
    def body(self) -> bytes:
        return b"".join(m.get("body", b"") for m in self.messages)

    @property
    def headers(self) -> dict[str, str]:
        return {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for message in self.messages
            for name, value in message.get("headers", [])
        }

    @property
    def is_open(self) -> bool:
        """Whether a socket was accepted."""
        return any(m["type"] == "websocket.accept" for m in self.messages)


def ask(
    app: Any,
    kind: str = "http",
    method: str = "GET",
    path: str = "/",
    query: bytes = b"",
    headers: Iterable[tuple[str, str]] = (),
    parts: Iterable[bytes] = (b"",),
) -> Answer:
    """Send one request, its body in parts, or open one socket."""
    answer = Answer()
    scope: dict[str, Any] = {
        "type": kind, "path": path, "raw_path": path.encode(), "query_string": query,
        "headers": [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers],
    }  # fmt: skip
    if kind == "http":
        scope["method"] = method
        given = list(parts)
        incoming = [
            {"type": "http.request", "body": part, "more_body": n + 1 < len(given)}
            for n, part in enumerate(given)
        ]
    else:
        incoming = [{"type": "websocket.connect"}, {"type": "websocket.disconnect"}]

    async def receive() -> Any:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answer.messages.append(dict(message))

    done(app(scope, receive, send))
    return answer


def asked_in_loop(app: Any, method: str, path: str) -> Answer:
    """Send one request to an application that waits for threads, too."""
    answer = Answer()
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": b"", "query_string": b"",
        "headers": [],
    }  # fmt: skip

    asked = [{"type": "http.request"}]

    async def receive() -> Any:
        if not asked:
            await asyncio.Event().wait()  # the client stays
        return asked.pop()

    async def send(message: Any) -> None:
        answer.messages.append(dict(message))

    asyncio.run(app(scope, receive, send))
    return answer


def done(work: Coroutine[Any, Any, None]) -> None:
    """Run what waits for nothing but the functions here; a loop for each request would be slow."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("the application waits for something else")
