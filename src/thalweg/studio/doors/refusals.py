"""Answers that refuse a request, with the reason and what to do, and nothing of what was asked."""

from dataclasses import dataclass

from thalweg.studio.doors.asgi import Send

_POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1


@dataclass(frozen=True)
class Refusal:
    """A status of HTTP and a text for people."""

    status: int
    text: str

    async def answer(self, scope_type: str, send: Send) -> None:
        """Refuse a request, or a socket before it is open."""
        if scope_type == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": self.text})
            return
        body = f"thalweg studio: {self.text}\n".encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


WRONG_HOST = Refusal(
    421, "this name of the machine is not served; open the link that the terminal printed"
)
WRONG_ORIGIN = Refusal(403, "only pages of the studio itself may ask for this")
NO_KEY = Refusal(401, "the key of this launch is missing; open the link that the terminal printed")
TOO_LARGE = Refusal(413, "the request is too large")
