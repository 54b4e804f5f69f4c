"""The job of ``thalweg studio``: a workspace, workers and a server, until someone ends it."""

import asyncio
import html
import secrets
import sys
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from starlette.routing import Route

from thalweg.errors import SettingsError
from thalweg.parallel_map import usable_cores
from thalweg.studio.operations.ground_place import GroundPlace
from thalweg.studio.operations.lesson_place import LessonPlace
from thalweg.studio.operations.run_place import RunPlace
from thalweg.studio.operations.studio_models import StudioModels
from thalweg.studio.operations.table_place import TablePlace, first_table
from thalweg.studio.operations.upload_route import PATH, UploadRoute
from thalweg.studio.server.open_pages import OpenPages, PageOperation
from thalweg.studio.server.page_files import PageFile, file_routes, page_files
from thalweg.studio.server.studio_server import MOST_BODY, StudioServer, listening
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.table_ids import OPEN
from thalweg.studio.worker.worker_process import WorkerProcess
from thalweg.studio.workspace.held_workspace import (
    HeldWorkspace,
    RunsOnDisk,
    held_workspace,
    usual_workspace,
)
from thalweg.studio.workspace.inner_folder import InnerFolder

_PROGRAM = "thalweg.studio.tasks.worker_program"
_LINK_PAGE = "open.html"
# Processes that train at the same time.
MOST_TRAINERS = 4


@dataclass(frozen=True, kw_only=True)
class StudioRequest:
    """A studio to open.

    Attributes
    ----------
    table : str, optional
        The table that is open at once: a file, or the name of a bundled one; or a model file.
    port : int, optional
        By default a free one.
    workspace : str, optional
        The folder of what is kept; by default one in the user's data.
    browser : bool
        Whether the browser is opened.
    """

    table: str | None = None
    port: int | None = None
    workspace: str | None = None
    browser: bool = True


def studio(request: StudioRequest, ready: Callable[[str], None]) -> None:
    """Serve a studio until the process is asked to end.

    Parameters
    ----------
    request : StudioRequest
    ready : callable
        Is called once with the link, when the server answers.

    Raises
    ------
    SettingsError
        The port is taken, or the workspace cannot be used.
    DataError
        There is no such table.
    """
    if request.workspace == "":  # as an unset variable gives it
        raise SettingsError(
            "The name of the workspace is empty",
            where='--workspace ""',
            fix="name a folder, or leave out --workspace to take the usual one",
        )
    first = first_table(request.table)
    folder = usual_workspace() if request.workspace is None else Path(request.workspace)
    with ExitStack() as held:
        listener = held.enter_context(listening(request.port))
        workspace = held.enter_context(held_workspace(folder))
        opened = OpenedStudio(request, first, workspace, page_files())
        server = StudioServer(opened.pages, listener, opened.routes, opened.most_bytes)
        with suppress(asyncio.CancelledError):
            asyncio.run(opened.serve(server, ready))


class OpenedStudio:
    """The parts of a studio, joined: pages, places, workers and routes.

    Parameters
    ----------
    request : StudioRequest
    first : str or None
        The id of the table that is open at once.
    workspace : HeldWorkspace
    shown : dict of PageFile
        The files of the page.
    """

    def __init__(
        self,
        request: StudioRequest,
        first: str | None,
        workspace: HeldWorkspace,
        shown: dict[str, PageFile],
    ) -> None:
        self._request, self._workspace = request, workspace
        path = str(workspace.folder.path)
        file = [request.table] if first == OPEN and request.table is not None else []
        program = [sys.executable, "-m", _PROGRAM, path, *file]
        self.worker = WorkerProcess(program)
        operations: dict[str, PageOperation] = {}
        self.pages = OpenPages(operations, secrets.token_hex(8))
        self.place = TablePlace(self.pages, workspace.tables, self.worker, first)
        operations.update(self.place.operations())
        workers = [WorkerProcess(program) for _ in range(min(MOST_TRAINERS, usable_cores()))]
        self.runs = RunPlace(self.pages, workers, RunsOnDisk(workspace.folder.path).sweep)
        self.place.is_read = self.runs.load
        operations.update(self.runs.operations())
        self.ground = GroundPlace(self.runs, WorkerProcess(program))
        operations.update(self.ground.operations())
        self.lessons = LessonPlace(WorkerProcess(program))
        operations.update(self.lessons.operations())
        self.models = StudioModels(self.pages, workspace, request.table)
        operations.update(self.models.operations())
        self.upload = UploadRoute(workspace.tables, self.place.most_upload, self.place.changed)
        self.routes = [Route(PATH, self.upload, methods=["POST"]), *self.models.routes()]
        self.routes += file_routes(shown)

    def most_bytes(self, path: str) -> int:
        """The most bytes of the body of a request."""
        return self.place.most_upload if path == PATH else MOST_BODY

    async def serve(
        self, server: StudioServer, ready: Callable[[str], None], *, loads: bool = True
    ) -> None:
        """Serve until the server is stopped; no worker is left.

        Parameters
        ----------
        server : StudioServer
        ready : callable
            Is called once with the link, when the server answers.
        loads : bool
            Whether the worker starts before somebody asks it: to load what reads tables takes a
            second or two.

        Raises
        ------
        KeyboardInterrupt
            A signal has ended the server. It is raised when all has ended.
        """
        runs = asyncio.create_task(server.run())
        starts = asyncio.create_task(server.started())
        try:
            await asyncio.wait((runs, starts), return_when=asyncio.FIRST_COMPLETED)
            if starts.done():
                ready(server.link)
                if loads:
                    self.runs.has_runs = self.ground.load
                    await self.worker.ask(Packet({"task": "load"}), lambda packet: None)
                if self._request.browser:
                    opens = Thread(target=_open, args=(self._workspace.folder, server.link))
                    opens.daemon = True  # a browser of the terminal may go on
                    opens.start()
            sign = await runs
        finally:
            starts.cancel()
            server.stop()
            with suppress(OSError):  # it may be gone
                self._workspace.folder.remove(_LINK_PAGE)
            await self.runs.end()
            await self.ground.end()
            await self.lessons.end()
            await self.worker.end()
            await self.models.end()
        if sign is not None:
            raise sign


def _open(folder: InnerFolder, link: str) -> None:
    """Open the browser by a private file: other users see the arguments of its process."""
    target = html.escape(link, quote=True)
    page = (
        '<!doctype html><meta charset="utf-8"><title>thalweg studio</title>'
        f'<meta http-equiv="refresh" content="0; url={target}"><a href="{target}">Open</a>'
    )
    with suppress(webbrowser.Error, OSError):  # the terminal has the link, too
        folder.write(_LINK_PAGE, page.encode())
        webbrowser.open((folder.path / _LINK_PAGE).as_uri())
