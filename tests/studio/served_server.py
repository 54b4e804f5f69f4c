"""A server of the studio with a few operations of its own, and clients of it."""

import asyncio
import http.client
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from thalweg.errors import SettingsError
from thalweg.persistence.plain_data_checks import text_of, whole
from thalweg.studio.server.open_pages import OpenPages, PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.server.studio_server import HOST, StudioServer, listening
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage


async def echo(message: PageMessage, outlet: PageOutlet) -> Packet:
    return Packet({"type": "echo", "said": message.args["said"]}, {"n": np.arange(3.0)})


async def fail(message: PageMessage, outlet: PageOutlet) -> Packet:
    raise SettingsError("This cannot be", fix="ask for something else")


async def curve(message: PageMessage, outlet: PageOutlet) -> Packet:
    for n in range(message.args["n"]):
        outlet.put_picture("curve", Packet({"type": "curve", "n": n}))
    return Packet({"type": "drawn"})


WAITING: list[str] = []


async def wait(message: PageMessage, outlet: PageOutlet) -> Packet:
    """Never answer; note how it ended."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        WAITING.append("cancelled")
        raise
    return Packet({"type": "waited"})


async def breaks(message: PageMessage, outlet: PageOutlet) -> Packet:
    raise ZeroDivisionError("no\x1b[31mthing")


OPERATIONS = {
    "wait": PageOperation({}, wait),
    "break": PageOperation({}, breaks),
    "echo": PageOperation({"said": text_of(20)}, echo),
    "fail": PageOperation({}, fail),
    "curve": PageOperation({"n": whole(0, 1000)}, curve),
}


async def sized(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


class Served:
    """A server that runs, and clients of it."""

    def __init__(self) -> None:
        self.pages = OpenPages(OPERATIONS, "one")
        routes = [Route("/sized", sized, methods=["POST"])]
        self.server = StudioServer(self.pages, listening(None), routes)
        self.address = self.server.address
        self.host = f"{HOST}:{self.address.port}"
        self.origin = f"http://{self.host}"
        self.cookie = ""

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(HOST, self.address.port, timeout=30)
        try:
            connection.request(method, path, body, {"Cookie": self.cookie, **headers})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    async def asked(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return await asyncio.to_thread(self.ask, method, path, body, **headers)

    async def enter(self) -> None:
        link = urlsplit(self.server.link)
        status, headers, _ = await self.asked("GET", f"{link.path}?{link.query}")
        assert status == 200
        self.cookie = headers["set-cookie"].split(";")[0]

    def page(self, **changed: Any) -> connect:
        given = {"origin": self.origin, "cookie": self.cookie, **changed}
        return connect(
            f"ws://{self.host}/ws", origin=given["origin"],
            additional_headers={"Cookie": given["cookie"]}, compression=None, max_size=1 << 26,
        )  # fmt: skip


def with_server(play: Callable[[Served], Awaitable[None]]) -> None:
    async def whole_play() -> None:
        served = Served()
        runs = asyncio.create_task(served.server.run())
        await served.server.started()
        try:
            await served.enter()
            await asyncio.wait_for(play(served), 120)
        finally:
            served.server.stop()
            await runs

    asyncio.run(whole_play())


async def heard(page: ClientConnection) -> Packet:
    data = await asyncio.wait_for(page.recv(), 20)
    assert isinstance(data, bytes)
    await page.send(json.dumps({"op": "taken", "id": 0}))
    return Packet.from_bytes(data)


async def opened(page: ClientConnection) -> ClientConnection:
    assert (await heard(page)).head["type"] == "hello"
    return page


async def say(page: ClientConnection, op: str, id: int = 1, **args: Any) -> None:
    await page.send(json.dumps({"op": op, "id": id, **args}))


async def close_code(page: ClientConnection) -> int:
    with suppress(ConnectionClosed):
        while True:
            await asyncio.wait_for(page.recv(), 20)
    assert page.close_code is not None
    return page.close_code


def raw(served: Served, data: bytes) -> socket.socket:
    """A connection that has sent these bytes, as far as the server takes them."""
    client = socket.create_connection((HOST, served.address.port), timeout=20)
    with suppress(ConnectionError):
        client.sendall(data)
    return client
