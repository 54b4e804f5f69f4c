"""Everything about models in a studio: two workers, the places of fits and models, downloads."""

import asyncio
import os
import sys
from collections.abc import Mapping
from functools import partial

from starlette.routing import BaseRoute

from thalweg.errors import DataError
from thalweg.sealed_container import read_sealed
from thalweg.studio.operations.download_route import download_route
from thalweg.studio.operations.fit_place import PATIENCE, FitPlace
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
_FITS, _ASKS = "fits", "asks"
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
        fits = self._worker(_FITS, table, PATIENCE)
        self.fits = FitPlace(
            pages,
            workspace.tables,
            fits,
            partial(self._swept, _FITS),
            lambda: self.models.changed(),
        )
        asks = self._worker(_ASKS, table)
        self.models = ModelPlace(
            pages, workspace, asks, partial(self._swept, _ASKS), self.fits.listed, first
        )

    def operations(self) -> Mapping[str, PageOperation]:
        """What a page may ask for."""
        operations = {**self.fits.operations(), **self.models.operations()}
        fit = operations["fit"]

        async def fit_and_load(message: PageMessage, outlet: PageOutlet) -> Packet:
            answer = await fit.does(message, outlet)
            if not self.models.worker.has_begun:  # the model will be asked as soon as it is there
                await self.models.worker.ask(Packet({"task": "load"}), lambda packet: None)
            return answer

        return {**operations, "fit": PageOperation(fit.form, fit_and_load)}

    def routes(self) -> list[BaseRoute]:
        """The routes of downloads."""
        return [download_route(self._workspace)]

    async def end(self) -> None:
        """End the workers; nothing half-written stays."""
        await self.fits.end()
        await self.models.worker.end()
        for keeper in (_FITS, _ASKS):
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
