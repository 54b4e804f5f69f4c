"""Sockets of pages that hold no more than a message, whatever a page sends or leaves unread.

The bound on the bytes of a message is that of `websockets`, over all of its frames.
"""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

# Frames of a message: empty ones add no byte to it, but each takes memory. And pings in a row
# whose answers are not read.
_MOST_FRAMES, _MOST_PINGS = 64, 64
_POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1


class BoundedSocket(WebSocketsSansIOProtocol):
    """The protocol of uvicorn with bounds where it has none.

    What waits to be read by a page that reads nothing keeps a connection open for ever, unless it
    is thrown away.
    """

    _n_pings = 0

    def handle_cont(self, event: Frame) -> None:
        """Take a further frame of a message, if there are not too many."""
        if len(self.frames) < _MOST_FRAMES:
            super().handle_cont(event)
        elif not self.close_sent:
            self.conn.fail(_POLICY_VIOLATION, "a message of too many frames")
            self.handle_parser_exception()

    def handle_ping(self) -> None:
        """Answer a ping, if the answers are read."""
        super().handle_ping()
        self._n_pings = self._n_pings + 1 if self.transport.get_write_buffer_size() else 0
        if self._n_pings > _MOST_PINGS:
            self.transport.abort()

    def keepalive_timeout(self) -> None:
        """End the connection at once."""
        super().keepalive_timeout()
        self.transport.abort()

    async def send(self, message: Any) -> None:
        """Send, or close; after a while the connection ends also if the page does not answer."""
        await super().send(message)
        if self.close_timer is not None:
            self.close_timer.cancel()
            self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)
