"""HTTP for clients that send their request at once; others lose their connection."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

# Seconds for the headers of the first request, and of every later one after its first byte.
SECONDS_FOR_HEADERS = 10.0


class ImpatientProtocol(H11Protocol):
    """The protocol of uvicorn, which waits for ever for the first request of a connection."""

    _hurry: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._hurry = self.loop.call_later(SECONDS_FOR_HEADERS, self._give_up)

    def data_received(self, data: bytes) -> None:
        """Wait anew for each request whose headers are not whole yet."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._calm()
        elif self._hurry is None and self.conn.trailing_data[0]:
            self._hurry = self.loop.call_later(SECONDS_FOR_HEADERS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._calm()
        super().connection_lost(exc)

    def _calm(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None

    def _give_up(self) -> None:
        self._hurry = None
        if not self.transport.is_closing():
            self.transport.close()
