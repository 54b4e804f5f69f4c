"""The server of the studio: its address, its door, its routes, and where it listens."""

import asyncio
import errno
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from thalweg.errors import SettingsError
from thalweg.studio.doors.guarded_app import guarded
from thalweg.studio.doors.launch_key import PARAMETER, LaunchKey
from thalweg.studio.doors.served_address import LOOPBACK, ServedAddress
from thalweg.studio.server.bounded_socket import BoundedSocket
from thalweg.studio.server.impatient_protocol import ACCEPTED_AT_ONCE, ImpatientProtocol
from thalweg.studio.server.open_pages import OpenPages
from thalweg.studio.server.page_socket import page_endpoint
from thalweg.studio.wire.page_messages import MOST_TEXT

HOST, FIRST_PORT = LOOPBACK[0], 8631
_PORTS_TRIED = 20
# Bytes of a request line with its headers, and of a body unless its route takes more.
_MOST_HEADERS, MOST_BODY = 1 << 14, 1 << 16
# Connections that the system holds until they are accepted.
_MOST_UNACCEPTED = 2048
# Messages of a socket that the server holds before it stops reading.
_MOST_WAITING = 8
_OF_END = ("Cancel ", "Unknown child process pid ")


def listening(port: int | None) -> socket.socket:
    """A socket on this machine alone: on a given port, or on a free one near 8631.

    Raises
    ------
    SettingsError
        The port is taken.
    """
    near = [*range(FIRST_PORT, FIRST_PORT + _PORTS_TRIED), 0]  # 0 is any free one
    refused: OSError | None = None
    for each in near if port is None else [port]:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # a port whose last connections have just ended is free
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, each))
            listener.listen()
            listener.setblocking(False)
            return listener
        except OSError as why:
            refused = why
            listener.close()
    raise _no_port(port, refused)


def _no_port(port: int | None, refused: OSError | None) -> SettingsError:
    """The error that nothing can listen there, with a port that was free just now."""
    why = "" if refused is None else refused.strerror or str(refused)
    if port is None:
        return SettingsError(
            "No port of this machine is free",
            why=why,
            fix="end programs that listen, and try again",
        )
    with closing(listening(None)) as free:
        other = free.getsockname()[1]
    is_taken = refused is not None and refused.errno == errno.EADDRINUSE
    return SettingsError(
        f"Port {port} is taken" if is_taken else f"Nothing can listen on port {port}",
        where=f"--port {port}",
        why="Another program of this machine listens there" if is_taken else why,
        fix=f"leave out --port, and a free one is found; or take another one: --port {other}",
    )


class StudioServer:
    """A server on one socket, with a key of its own.

    Parameters
    ----------
    pages : OpenPages
    listener : socket
    routes : sequence of route, optional
        Beside the socket of the pages and ``/health``.
    most_bytes : callable, optional
        From the path of a request to the most bytes of its body.
    """

    def __init__(
        self,
        pages: OpenPages,
        listener: socket.socket,
        routes: Sequence[BaseRoute] = (),
        most_bytes: Callable[[str], int] = lambda path: MOST_BODY,
    ) -> None:
        self._listener = listener
        self.address = ServedAddress(listener.getsockname()[1])
        self._key = LaunchKey(self.address.port)
        inner = Starlette(
            routes=[
                WebSocketRoute("/ws", page_endpoint(pages)), Route("/health", _health), *routes
            ]
        )  # fmt: skip
        inner.router.redirect_slashes = False  # a path is one of ours, or nothing
        self.app = guarded(inner, self.address, self._key, most_bytes)
        self._server = _SignalledServer(self._config())

    @property
    def link(self) -> str:
        """The link that opens the studio; it has the key."""
        return f"{self.address.link}?{PARAMETER}={self._key.of_link}"

    async def run(self) -> KeyboardInterrupt | None:
        """Serve until `stop`, or until a signal, which is returned: what else runs ends first.

        If it were raised here, it would cancel everything in the loop, also who hears of that end.
        """
        for each in ("uvicorn.error", "asyncio"):
            logging.getLogger(each).addFilter(_is_told)
        try:
            await self._server.serve([self._listener])
        except KeyboardInterrupt as sign:
            return sign
        return None

    def stop(self) -> None:
        """End the server; open sockets are closed."""
        self._server.should_exit = True

    async def started(self) -> None:
        """Wait until the server accepts requests."""
        while not self._server.started:
            await asyncio.sleep(0.005)
        # Accepted a few at a time, but so many wait in the system, and none of them tries again.
        self._listener.listen(_MOST_UNACCEPTED)

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self.app,
            http=ImpatientProtocol,
            ws=BoundedSocket,
            lifespan="off",
            backlog=ACCEPTED_AT_ONCE,
            # The address of the first request has the key.
            access_log=False,
            log_config=None,
            # A header must not say where a request comes from, nor the server what it is.
            proxy_headers=False,
            server_header=False,
            h11_max_incomplete_event_size=_MOST_HEADERS,
            ws_max_size=MOST_TEXT,
            ws_max_queue=_MOST_WAITING,
            # A small frame must not become a large text.
            ws_per_message_deflate=False,
            ws_ping_interval=10.0,
            ws_ping_timeout=10.0,
            timeout_graceful_shutdown=1,
        )


class _SignalledServer(uvicorn.Server):
    """A server that also a closed terminal ends, as Ctrl-C does; the signal is raised after it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals from the program in which this runs, until the server has ended."""
        hangup = getattr(signal, "SIGHUP", None)
        is_main = threading.current_thread() is threading.main_thread()
        with super().capture_signals():
            if hangup is None or not is_main or signal.getsignal(hangup) is signal.SIG_IGN:
                yield
                return
            before = signal.signal(hangup, self.handle_exit)
            try:
                yield
            finally:
                signal.signal(hangup, before)


def _is_told(record: logging.LogRecord) -> bool:
    """Whether a terminal hears of it: not of requests that the end of the studio cuts off.

    Nor that a worker had ended before it was killed, which asyncio takes for an unknown process.
    """
    of_end = isinstance(record.msg, str) and record.msg.startswith(_OF_END)
    return not (of_end or (record.exc_info and record.exc_info[0] is asyncio.CancelledError))


async def _health(request: Request) -> Response:
    """Say that the server answers."""
    return PlainTextResponse("ok\n")
