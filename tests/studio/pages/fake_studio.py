"""A studio with answers that a test gives, behind the real door, in a thread of its own."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from studio.pages import canned
from studio.pages.fake_ground import FakeGround
from studio.pages.fake_lessons import FakeLessons
from studio.pages.fake_models import FakeModels
from studio.pages.fake_runs import FakeRuns
from thalweg.errors import DataError
from thalweg.persistence.plain_data_checks import FormRule, Perhaps, text_of, whole
from thalweg.studio.doors.launch_key import LaunchKey
from thalweg.studio.server.open_pages import OpenPages, PageOperation
from thalweg.studio.server.page_files import file_routes, page_files
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.server.studio_server import StudioServer, listening
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage

_ANY = FormRule("an object", lambda value: isinstance(value, dict))
MOST_UPLOAD = 3_000_000


class FakeStudio:
    """What a test may set: what is answered, and how long that takes.

    Attributes
    ----------
    snapshot : dict
    table : callable
        From the arguments to the head of the answer, or an error that it raises.
    uploaded : callable
        From the name and the bytes to what the upload answers.
    """

    def __init__(self) -> None:
        self.snapshot: dict[str, Any] = canned.snapshot()
        self.table: Callable[[dict[str, Any]], dict[str, Any]] = canned.table
        self.uploaded: Callable[[str, bytes], dict[str, Any]] = lambda name, body: {
            "table": canned.ID
        }
        self.preview: Callable[[dict[str, Any]], dict[str, Any]] | None = None
        self.seconds = 0.0
        self.asked: list[dict[str, Any]] = []
        self.cancelled: list[dict[str, Any]] = []
        self.runs = FakeRuns(canned.ID)
        self.models = FakeModels()
        self.ground = FakeGround()
        self.lessons = FakeLessons()
        self.pages = OpenPages(
            {
                **self.runs.operations(),
                **self.models.operations(),
                **self.ground.operations(),
                **self.lessons.operations(),
                "snapshot": PageOperation({}, self._snapshot),
                "table": PageOperation(
                    {
                        "table": text_of(100), "choices": _ANY, "from": Perhaps(whole(0)),
                        "count": Perhaps(whole(1)),
                    },
                    self._table,
                ),
            },
            "one",
        )  # fmt: skip
        self.runs.pages = self.models.pages = self.pages
        self._files = page_files()
        self._key: LaunchKey | None = None
        self._thread: threading.Thread | None = None
        self.port: int | None = None

    async def _snapshot(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        return Packet(self.snapshot)

    async def _table(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        self.asked.append(message.args)
        if self.seconds:
            outlet.put_picture(
                "progress", Packet({"type": "progress", "re": message.number, "what": "reading"})
            )
            if self.preview:
                head = {**self.preview(message.args), "re": message.number}
                outlet.put_picture("table", Packet(head))
            end = time.monotonic() + self.seconds
            try:
                while self.seconds and time.monotonic() < end:  # a test may end it
                    await asyncio.sleep(min(0.05, self.seconds))
            except asyncio.CancelledError:
                self.cancelled.append(message.args)
                raise
        return Packet(self.table(message.args))

    async def _upload(self, request: Request) -> Response:
        body = await request.body()
        await asyncio.sleep(self.seconds)
        try:
            return JSONResponse(self.uploaded(request.query_params["name"], body))
        except DataError as why:
            return JSONResponse({"error": why.as_dict()}, 422)

    def start(self, *, same_key: bool = True) -> Self:
        """Serve; after a stop on the same port, with the same key or a new one."""
        self._listener = listening(self.port)
        routes = [*file_routes(self._files), Route("/tables", self._upload, methods=["POST"])]
        self.server = StudioServer(
            self.pages,
            self._listener,
            routes,
            lambda path: MOST_UPLOAD if path == "/tables" else 1 << 16,
        )
        self.port = self.server.address.port
        if self._key and same_key:
            self._restore_key(self._key)
        self._key = self.server._key
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()
        self.call(self.server.started())
        return self

    def _restore_key(self, key: LaunchKey) -> None:
        for name in ("of_link", "of_cookie"):
            object.__setattr__(self.server._key, name, getattr(key, name))

    def _run(self, ready: threading.Event) -> None:
        with asyncio.Runner() as runner:
            self.loop = runner.get_loop()
            ready.set()
            runner.run(self.server.run())

    def call(self, work: Awaitable[Any]) -> Any:
        """The result of what runs in the loop of the server."""
        return asyncio.run_coroutine_threadsafe(_awaited(work), self.loop).result(20)

    def happen(self, type_: str, **more: Any) -> None:
        """Tell an event to all pages."""

        async def happen() -> None:
            self.pages.happen(type_, **more)

        self.call(happen())

    def stop(self) -> None:
        """End the server; its sockets are closed."""
        self.server.stop()
        assert self._thread
        self._thread.join(20)
        self._listener.close()
        self.pages.outlets.clear()


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work
