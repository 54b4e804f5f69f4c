"""What is slow, endless or never read: refused or ended, in a bounded memory, and others go on."""

import asyncio
import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Awaitable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import connect

from studio.served_server import Served, close_code, heard, opened, raw, say, with_server
from studio.served_studio import ServedStudio, with_studio
from thalweg.studio.server import impatient_protocol
from thalweg.studio.server.impatient_protocol import ACCEPTED_AT_ONCE
from thalweg.studio.server.open_pages import PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import MOST_TEXT, PageMessage

CLIENTS = Path(__file__).with_name("slow_clients.py")
# The promise: bytes that the memory of the server grows by, and seconds of an answer.
MOST_GROWN, MOST_SECONDS = 50_000_000, 0.2


def resident() -> int:
    """The bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def held_up() -> float:
    """The seconds in which threads of this process could have run, and others had the cores."""
    found = 0.0
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # the thread has just ended
            found += int((task / "schedstat").read_text().split()[1]) / 1e9
    return found


class Watch:
    """How long ``/health`` takes meanwhile, and how the memory of the server grows.

    What other programs of a busy machine take is not counted.
    """

    def __init__(self, served: Any) -> None:
        self._served, self.seconds, self.grown = served, list[float](), 0

    async def during(self, what: Awaitable[Any]) -> Any:
        """Look every 20 ms while something goes on."""
        before, doing = resident(), asyncio.ensure_future(what)
        while not doing.done():
            began, others = time.monotonic(), held_up()
            assert (await self._served.asked("GET", "/health"))[2] == b"ok\n"
            self.seconds.append(time.monotonic() - began - (held_up() - others))
            self.grown = max(self.grown, resident() - before)
            await asyncio.sleep(0.02)
        return await doing

    def check(self) -> None:
        """Both are within the promise."""
        assert self.grown <= MOST_GROWN, f"{self.grown / 1e6:.0f} MB"
        assert max(self.seconds) <= MOST_SECONDS, self

    def __str__(self) -> str:
        ms = 1000 * np.quantile(self.seconds, [0.5, 1])
        return f"{self.grown / 1e6:.1f} MB, /health {ms[0]:.0f} ms (median), {ms[1]:.0f} ms at most"


@pytest.mark.slow
def test_five_hundred_slow_clients_keep_nobody_waiting(tmp_path: Path) -> None:
    async def play(studio: ServedStudio) -> None:
        port, quiet, watch = studio.server.address.port, Watch(studio), Watch(studio)
        await quiet.during(asyncio.sleep(3))
        program = [sys.executable, str(CLIENTS), str(port), studio.cookie, "500"]
        clients = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            assert clients.stdout is not None
            await watch.during(asyncio.to_thread(clients.stdout.readline))
            await watch.during(asyncio.sleep(25))
            page = await studio.page()
            assert (await page.asks("snapshot"))["type"] == "snapshot"
            await page.close()
        finally:
            clients.communicate()
        print(f"quiet: {quiet}; 500 slow clients: {watch}")
        watch.check()

    with_studio(play, tmp_path / "w")


def test_beyond_the_bound_the_one_that_waits_longest_has_to_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(impatient_protocol, "MOST_CONNECTIONS", 4)

    async def play(served: Served) -> None:
        async with served.page() as socket_:
            page = await opened(socket_)
            idle = [await asyncio.to_thread(raw, served, b"GET /") for _ in range(7)]
            assert (await served.asked("GET", "/health"))[2] == b"ok\n"
            ended = []
            for each in idle:
                each.settimeout(0.3)
                try:
                    await asyncio.to_thread(each.recv, 1)
                    ended.append(True)
                except ConnectionError:
                    ended.append(True)
                except TimeoutError:
                    ended.append(False)
                each.close()
            assert ended == [True] * 5 + [False] * 2
            await say(page, "echo", said="still here")
            assert (await heard(page)).head["said"] == "still here"

    with_server(play)


@pytest.mark.parametrize(("before", "after"), [(300, 0), (150, 150), (0, 300)])
def test_a_crowd_that_comes_at_once_refuses_and_drives_out_no_request(
    monkeypatch: pytest.MonkeyPatch, before: int, after: int
) -> None:
    monkeypatch.setattr(impatient_protocol, "MOST_CONNECTIONS", 2 * ACCEPTED_AT_ONCE)

    async def play(served: Served) -> None:
        head = f"GET /health HTTP/1.1\r\nHost: {served.host}\r\nCookie: {served.cookie}\r\n\r\n"
        with ExitStack() as held:  # all of them come while the server does something else
            sent = [b""] * before + [head.encode()] + [b""] * after
            clients = [held.enter_context(raw(served, each)) for each in sent]
            answer = await asyncio.to_thread(clients[before].recv, 4000)
            assert answer.split()[1:2] == [b"200"]

    with_server(play)


def test_a_body_that_no_answer_waits_for_is_not_read() -> None:
    async def play(served: Served) -> None:
        head = (
            f"POST /health HTTP/1.1\r\nHost: {served.host}\r\nCookie: {served.cookie}\r\n"
            f"Origin: {served.origin}\r\nTransfer-Encoding: chunked\r\n\r\n"
        ).encode()
        client = await asyncio.to_thread(raw, served, head)
        assert (await asyncio.to_thread(client.recv, 4000)).split()[1] == b"405"

        def stream() -> None:
            for _ in range(100):
                client.sendall(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
                time.sleep(0.01)

        with client, pytest.raises(ConnectionError):
            await asyncio.to_thread(stream)

    with_server(play)


LYING = [
    ("Content-Length: 10000000000", b"413"), ("Content-Length: -1", b"400"),
    ("Content-Length: 1e3", b"400"), ("Content-Length: 5\r\nContent-Length: 6", b"400"),
    ("Content-Length: " + "9" * 30, b"400"),
    ("Content-Length: 5\r\nTransfer-Encoding: chunked", b"400"),
]  # fmt: skip


@pytest.mark.parametrize(("says", "status"), LYING)
def test_a_body_that_lies_about_its_length_is_refused(says: str, status: bytes) -> None:
    async def play(served: Served) -> None:
        head = (
            f"POST /sized HTTP/1.1\r\nHost: {served.host}\r\nCookie: {served.cookie}\r\n"
            f"Origin: {served.origin}\r\n{says}\r\n\r\n"
        ).encode()
        client = await asyncio.to_thread(raw, served, head + b"GET /health HTTP/1.1\r\n\r\n")
        answer = b""
        with suppress(ConnectionError):
            while part := await asyncio.to_thread(client.recv, 4000):
                answer += part
        client.close()
        assert answer.split()[1:2] == [status], answer[:200]
        assert answer.count(b"HTTP/1.1 ") == 1  # what follows is no request

    with_server(play)


def frame(kind: int, data: bytes, length: int | None = None) -> bytes:
    """A frame of a client; its header may say another length."""
    n = len(data) if length is None else length
    size = struct.pack("!B", 0x80 | n) if n < 126 else struct.pack("!BQ", 0x80 | 127, n)
    return bytes([kind]) + size + bytes(4) + data


TEXT, CONTINUED, PING, FINAL, COMPRESSED = 0x1, 0x0, 0x9, 0x80, 0x40
FRAMES = {
    "a header that says 10 GB": (frame(FINAL | TEXT, b"", 10**10), 1009),
    "a byte too much": (frame(FINAL | TEXT, b"x" * (MOST_TEXT + 1)), 1009),
    "parts that are too much": (
        frame(TEXT, b"x" * 50_000) + frame(CONTINUED, b"x" * 50_000), 1009,
    ),
    "a compressed frame": (frame(FINAL | COMPRESSED | TEXT, b"\x00" * 100), 1002),
    "empty parts without an end": (frame(TEXT, b"") + frame(CONTINUED, b"") * 500, 1008),
    "a ping that is too long": (frame(FINAL | PING, b"x" * 126), 1002),
}  # fmt: skip


@pytest.mark.parametrize("what", FRAMES)
def test_frames_without_measure_close_their_page(what: str) -> None:
    data, code = FRAMES[what]

    async def play(served: Served) -> None:
        async with served.page() as page:
            await opened(page)
            page.transport.write(data)
            assert await close_code(page) == code
        assert (await served.asked("GET", "/health"))[2] == b"ok\n"

    with_server(play)


def test_no_message_is_compressed() -> None:
    async def play(served: Served) -> None:
        asked = connect(
            f"ws://{served.host}/ws", origin=served.origin, compression="deflate",
            additional_headers={"Cookie": served.cookie}, max_size=1 << 26,
        )  # fmt: skip
        async with asked as page:
            await opened(page)
            assert page.protocol.extensions == []
            assert "Sec-WebSocket-Extensions" not in page.response.headers

    with_server(play)


def upgraded(served: Served) -> socket.socket:
    """A socket of a page that reads nothing but the answer."""
    head = (
        f"GET /ws HTTP/1.1\r\nHost: {served.host}\r\nOrigin: {served.origin}\r\n"
        f"Cookie: {served.cookie}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()
    client = raw(served, head)
    assert client.recv(12) == b"HTTP/1.1 101"
    return client


def test_pings_whose_answers_are_not_read_end_their_page() -> None:
    async def play(served: Served) -> None:
        client = await asyncio.to_thread(upgraded, served)
        before, pings = resident(), frame(FINAL | PING, b"x" * 125) * 1000

        def flood() -> None:
            for _ in range(400):  # 50 MB of answers
                client.sendall(pings)

        with pytest.raises(ConnectionError):
            await asyncio.to_thread(flood)
        assert resident() - before < 30_000_000
        client.close()

    with_server(play)


async def large(message: PageMessage, outlet: PageOutlet) -> Packet:
    return Packet({"type": "large"}, {"x": np.zeros(3_000_000)})


def test_a_page_that_reads_nothing_gives_its_place_back() -> None:
    async def play(served: Served) -> None:
        served.pages.operations = {**served.pages.operations, "large": PageOperation({}, large)}
        config = served.server._server.config
        config.ws_ping_interval = config.ws_ping_timeout = 0.2
        client = await asyncio.to_thread(upgraded, served)
        for said in ({"op": "taken", "id": 1}, {"op": "large", "id": 2}):
            data = json.dumps(said).encode()
            await asyncio.to_thread(client.sendall, frame(FINAL | TEXT, data))
        deadline = time.monotonic() + 20
        while served.server._server.server_state.connections:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        while served.pages.outlets:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        client.close()

    with_server(play)


def many_messages(served: Served, seconds: float) -> int:
    """Pages that say 10,000 messages at once, one after another; how many were ended."""
    until, ended = time.monotonic() + seconds, 0
    data = frame(FINAL | TEXT, json.dumps({"op": "taken", "id": 1}).encode()) * 10_000
    while time.monotonic() < until:
        with upgraded(served) as client, suppress(ConnectionError):
            client.sendall(data)
            said = b""
            while b"too many messages" not in said:
                said = said[-20:] + client.recv(1 << 16)
        ended += 1
    return ended


@pytest.mark.slow
def test_messages_without_end_keep_nobody_waiting() -> None:
    async def play(served: Served) -> None:
        quiet, watch = Watch(served), Watch(served)
        await quiet.during(asyncio.sleep(2))
        closed = await watch.during(asyncio.to_thread(many_messages, served, 10))
        print(f"quiet: {quiet}; {closed} pages were closed: {watch}")
        watch.check()

    with_server(play)
