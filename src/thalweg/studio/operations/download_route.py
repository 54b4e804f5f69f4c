"""The route by which a page gets files: models, predictions and reports, by their ids alone."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from thalweg.errors import ThalwegError
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.studio.workspace.held_workspace import HeldWorkspace

PATH = "/downloads/{kind}/{id}"
_AT_ONCE = 1 << 18
_TYPES = {
    "model": "application/octet-stream",
    "predictions": "text/csv; charset=utf-8",
    "report": "text/html; charset=utf-8",
}


def download_route(workspace: HeldWorkspace) -> Route:
    """The route, for the files of a workspace."""
    kinds = {
        "model": workspace.models, "predictions": workspace.predictions,
        "report": workspace.reports,
    }  # fmt: skip

    async def answer(request: Request) -> Response:
        kind, id_ = request.path_params["kind"], request.path_params["id"]
        if kind not in kinds:
            return Response("There is no such file\n", 404, media_type="text/plain")
        try:
            kept = kinds[kind].about(id_)
            file = kinds[kind].opened(id_)
        except ThalwegError as why:
            body = json.dumps({"error": why.as_dict(as_option)})
            return Response(body, 404, media_type="application/json")
        headers = {
            # The name has letters of ASCII without quotes alone (`safe_names`).
            "content-disposition": f'attachment; filename="{kept.known["file"]}"',
            "content-length": str(os.fstat(file.fileno()).st_size),
            "content-type": _TYPES[kind],
        }
        return StreamingResponse(_parts(file), headers=headers)

    return Route(PATH, answer, methods=["GET"])


async def _parts(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while part := await asyncio.to_thread(file.read, _AT_ONCE):
            yield part
