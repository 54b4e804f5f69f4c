"""Everything about models in a studio: three workers, fits, searches, models, downloads."""

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from starlette.routing import BaseRoute

from thalweg.errors import DataError, OutputError
from thalweg.sealed_container import read_sealed
from thalweg.studio.operations.download_route import download_route
from thalweg.studio.operations.fit_place import FITS, PATIENCE, SEARCHES, FitKind, FitPlace
from thalweg.studio.operations.model_place import ModelPlace
from thalweg.studio.server.open_pages import OpenPages, PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage
from thalweg.studio.worker.worker_process import WorkerProcess
from thalweg.studio.workspace.held_workspace import HeldWorkspace
from thalweg.studio.workspace.kept_files import KeptFiles
from thalweg.studio.workspace.safe_names import MODEL, safe_name
from thalweg.studio.workspace.work_folder import sweep_after, work_folder

_PROGRAM = "thalweg.studio.models.models_worker"
_FITS, _SEARCHES, _ASKS = "fits", "searches", "asks"
_MOST_MODEL = 4_000_000_000
_AT_ONCE = 1 << 20


class StudioModels:
    """What a studio does with models.

    Parameters
    ----------
    pages : OpenPages
    workspace : HeldWorkspace
    source : str or None
        What the command line named: a table, a model, or nothing.
    """

    def __init__(self, pages: OpenPages, workspace: HeldWorkspace, source: str | None) -> None:
        self._workspace = workspace
        is_model = source is not None and source.endswith(MODEL)
        first = kept_model(workspace.models, source) if is_model and source else None
        table = None if is_model else source
        self.fits = self._fits(pages, _FITS, table, FITS)
        self.searches = self._fits(pages, _SEARCHES, table, SEARCHES)
        asks = self._worker(_ASKS, table)
        self.models = ModelPlace(
            pages, workspace, asks, partial(self._swept, _ASKS), self._running, first, table
        )

    def operations(self) -> Mapping[str, PageOperation]:
        """What a page may ask for."""
        of_fits, of_searches = self.fits.operations(), self.searches.operations()

        async def cancel(message: PageMessage, outlet: PageOutlet) -> Packet:
            is_search = message.args["model_run"] in self.searches.running
            asked = (of_searches if is_search else of_fits)["cancel"]
            return await asked.does(message, outlet)

        begins = {**of_searches, **of_fits}
        return {
            **self.models.operations(),
            **{name: self._and_load(begins[name]) for name in (FITS.task, SEARCHES.task)},
            "cancel": PageOperation(of_fits["cancel"].form, cancel),
            "finish": of_searches["finish"],
        }

    def _and_load(self, operation: PageOperation) -> PageOperation:
        """The same; and who answers for models loads what it needs: there will be one."""

        async def does(message: PageMessage, outlet: PageOutlet) -> Packet:
            answer = await operation.does(message, outlet)
            if not self.models.worker.has_begun:
                await self.models.worker.ask(Packet({"task": "load"}), lambda packet: None)
            return answer

        return PageOperation(operation.form, does)

    def _fits(self, pages: OpenPages, keeper: str, table: str | None, kind: FitKind) -> FitPlace:
        worker = self._worker(keeper, table, PATIENCE)
        swept = partial(self._swept, keeper)
        tables = self._workspace.tables
        return FitPlace(pages, tables, worker, swept, lambda: self.models.changed(), kind)

    def _running(self) -> list[dict[str, Any]]:
        return [*self.fits.listed(), *self.searches.listed()]

    def routes(self) -> list[BaseRoute]:
        """The routes of downloads."""
        return [download_route(self._workspace)]

    async def end(self) -> None:
        """End the workers; nothing half-written stays."""
        await self.fits.end()
        await self.searches.end()
        await self.models.worker.end()
        for keeper in (_FITS, _SEARCHES, _ASKS):
            with suppress(OSError, OutputError):  # the next start tries it again
                sweep_after(self._workspace, keeper)

    def _worker(self, keeper: str, table: str | None, patience: float = 3.0) -> WorkerProcess:
        folder = work_folder(self._workspace, keeper)
        words = [str(self._workspace.folder.path), str(folder), keeper]
        file = [] if table is None else [table]
        return WorkerProcess([sys.executable, "-m", _PROGRAM, *words, *file], patience)

    async def _swept(self, keeper: str) -> None:
        """Remove what a process has left that has ended."""
        await asyncio.to_thread(sweep_after, self._workspace, keeper)


def kept_model(models: KeptFiles, path: str) -> str:
    """Keep the model file that the command line names; its id.

    Raises
    ------
    ModelFileError
        It is no model file, or damaged.
    DataError
        It cannot be read.
    """
    read_sealed(path)
    name = os.path.basename(path)
    known = {"file": safe_name(name, MODEL), "table": None, "choices": None}
    upload = models.upload(name, _MOST_MODEL, **known, command="", python="")
    try:
        with open(path, "rb") as file:
            while part := file.read(_AT_ONCE):
                upload.write(part)
        return upload.finish(renames=False).id
    except OSError as why:
        raise DataError(
            "The model file cannot be read", where=path, why=why.strerror or str(why),
            fix="name a file that you may read",
        ) from why  # fmt: skip
    finally:
        upload.abandon()
