"""A bound on the bytes of a request, whatever it says of its own size."""

from thalweg.studio.doors.asgi import Headers, Message, Receive, all_of


class TooLargeError(Exception):
    """A request has sent more bytes than it may."""


def says_too_much(headers: Headers, most: int) -> bool:
    """Whether a request says itself that it is too large, or does not say it in one number."""
    said = all_of(headers, b"content-length")
    if not said:
        return False
    return len(said) > 1 or not said[0].isdigit() or len(said[0]) > 18 or int(said[0]) > most


def bounded(receive: Receive, most: int) -> Receive:
    """Receive the parts of a body until there are more than so many bytes.

    Raises
    ------
    TooLargeError
        By the part that goes beyond; it is not handed on.
    """
    received = 0

    async def part() -> Message:
        nonlocal received
        message = await receive()
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            if received > most:
                raise TooLargeError
        return message

    return part
