"""A whole studio in this process: its server, its worker, and pages that ask it."""

import asyncio
import http.client
import json
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from websockets.asyncio.client import ClientConnection, connect

from thalweg.studio.operations.table_place import first_table
from thalweg.studio.server.page_files import page_files
from thalweg.studio.server.studio_server import HOST, StudioServer, listening
from thalweg.studio.studio import OpenedStudio, StudioRequest
from thalweg.studio.wire.packets import Packet
from thalweg.studio.workspace.held_workspace import held_workspace

Play = Callable[["ServedStudio"], Awaitable[None]]


class ServedStudio:
    """A studio that runs, and clients of it."""

    def __init__(self, studio: OpenedStudio, server: StudioServer) -> None:
        self.studio, self.server = studio, server
        self.host = f"{HOST}:{server.address.port}"
        self.origin = f"http://{self.host}"
        self.cookie = ""

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """One request, with the cookie and the origin of a page."""
        connection = http.client.HTTPConnection(HOST, self.server.address.port, timeout=60)
        own = {"Cookie": self.cookie, "Origin": self.origin, **headers}
        try:
            connection.request(method, path, body, own)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    async def asked(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The same, while the server goes on."""
        return await asyncio.to_thread(self.ask, method, path, body, **headers)

    async def add(self, name: str, data: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        """Add a table, as a page does."""
        status, _, body = await self.asked("POST", f"/tables?name={quote(name)}", data, **headers)
        return status, json.loads(body)

    async def enter(self) -> None:
        """Take the cookie for the link."""
        link = urlsplit(self.server.link)
        status, headers, _ = await self.asked("GET", f"{link.path}?{link.query}")
        assert status == 200
        self.cookie = headers["set-cookie"].split(";")[0]

    async def page(self) -> "AskingPage":
        """A page that has said hello."""
        socket = await connect(
            f"ws://{self.host}/ws", origin=self.origin,
            additional_headers={"Cookie": self.cookie}, compression=None, max_size=1 << 26,
        )  # fmt: skip
        page = AskingPage(socket)
        hello = await page.heard()
        assert hello["type"] == "hello"
        await page.say("resume", seq=hello["seq"])
        return page


class AskingPage:
    """A page as its socket sees it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket, self._number = socket, 0
        self.told: list[dict[str, Any]] = []

    async def say(self, op: str, **args: Any) -> int:
        """Say something; the number of the message."""
        self._number += 1
        await self.socket.send(json.dumps({"op": op, "id": self._number, **args}))
        return self._number

    async def heard(self) -> dict[str, Any]:
        """The head of the next packet."""
        data = await asyncio.wait_for(self.socket.recv(), 120)
        assert isinstance(data, bytes)
        await self.say("taken")
        return dict(Packet.from_bytes(data).head)

    async def answer_to(self, number: int) -> dict[str, Any]:
        """The last answer to a message; what was told before is in ``told``."""
        while True:
            head = await self.heard()
            if (
                head.get("re") != number
                or head["type"] == "progress"
                or (head["type"] == "table" and head["findings"] is None)
            ):
                self.told.append(head)
            else:
                return head

    async def asks(self, op: str, **args: Any) -> dict[str, Any]:
        """Ask, and wait for the answer."""
        return await self.answer_to(await self.say(op, **args))

    async def close(self) -> None:
        """Close the page."""
        await self.socket.close()


def with_studio(play: Play, workspace: Path, table: str | None = None) -> None:
    """Play with a studio whose worker begins when it is asked."""

    async def whole() -> None:
        with ExitStack() as held:
            listener = held.enter_context(listening(None))
            folder = held.enter_context(held_workspace(workspace))
            request = StudioRequest(table=table, browser=False)
            studio = OpenedStudio(request, first_table(table), folder, page_files())
            server = StudioServer(studio.pages, listener, studio.routes, studio.most_bytes)
            ready = asyncio.Event()
            runs = asyncio.create_task(studio.serve(server, lambda link: ready.set(), loads=False))
            await asyncio.wait_for(ready.wait(), 20)
            served = ServedStudio(studio, server)
            try:
                await served.enter()
                await asyncio.wait_for(play(served), 300)
            finally:
                server.stop()
                with suppress(asyncio.CancelledError):
                    await runs

    asyncio.run(whole())
