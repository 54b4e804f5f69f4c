"""HTTP for clients that send their request at once; others lose their connection."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

# Seconds for the headers of the first request, and of every later one after its first byte.
SECONDS_FOR_HEADERS = 10.0
# Connections at a time, sockets of pages included; a browser has a handful.
MOST_CONNECTIONS = 512
# Connections that are accepted before those of before are read. A request that has arrived is read
# after two such crowds at most, so no crowd drives it out.
ACCEPTED_AT_ONCE = 100


class ImpatientProtocol(H11Protocol):
    """The protocol of uvicorn, which waits for ever for the first request of a connection.

    It has no bound on connections that keeps the others answered, either: beyond its bound it
    refuses all. Here the connection goes that has waited the longest for its request.
    """

    _hurry: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS and not self._made_room():
            transport.abort()
            return
        self._hurry = self.loop.call_later(SECONDS_FOR_HEADERS, self._give_up)

    def data_received(self, data: bytes) -> None:
        """Wait anew for each request whose headers are not whole yet."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._calm()
        elif self._hurry is None and self.conn.trailing_data[0]:
            self._hurry = self.loop.call_later(SECONDS_FOR_HEADERS, self._give_up)

    def on_response_complete(self) -> None:
        """Read no more of a body that the answer did not wait for."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY and not self.transport.is_closing():
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._calm()
        super().connection_lost(exc)

    def _made_room(self) -> bool:
        """End the connection that has waited the longest for a request, if one waits."""
        waiting = [
            (each._hurry.when(), place, each)
            for place, each in enumerate(self.connections)
            if isinstance(each, ImpatientProtocol) and each._hurry is not None
        ]
        if not waiting:
            return False
        _, _, oldest = min(waiting)
        oldest._calm()
        oldest.transport.abort()
        return True

    def _calm(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None

    def _give_up(self) -> None:
        self._hurry = None
        if not self.transport.is_closing():
            self.transport.close()
