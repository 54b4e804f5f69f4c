"""The route by which a page adds a table: its bytes go to the disk as they come."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from thalweg.errors import DataError, OutputError, ThalwegError
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.studio.doors.asgi import Receive, Scope, Send
from thalweg.studio.doors.bounded_body import TooLargeError
from thalweg.studio.workspace.kept_files import KeptFile, KeptFiles, Upload

PATH = "/tables"
# Seconds in which the next part comes; bytes that are written at a time.
SECONDS_FOR_PART, _AT_ONCE = 30.0, 1 << 20
_MOST_AT_ONCE = 4


class _GoneError(Exception):
    """The page has gone, or sends nothing any more."""


class UploadRoute:
    """An application of ASGI that keeps the body of a request as a table.

    Parameters
    ----------
    tables : KeptFiles
    most : int
        The most bytes.
    kept : callable
        Is called for each table that is kept.
    """

    def __init__(self, tables: KeptFiles, most: int, kept: Callable[[], None]) -> None:
        self._tables, self.most, self._kept = tables, most, kept
        self.n_running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the id of the table, or with the error."""
        self.n_running += 1
        said: dict[str, Any]
        try:
            if self.n_running > _MOST_AT_ONCE:
                raise DataError(
                    "Too many files are being added at the same time",
                    fix="wait until one of them is done",
                )
            table = await self._taken(_name(scope["query_string"]), receive)
            status, said = 200, {"table": table.id, "name": table.name}
            self._kept()
        except TooLargeError:
            status, said = 413, {"error": self._tables.kind.too_large(self.most).as_dict(as_option)}
        except OutputError as why:
            status, said = 507, {"error": why.as_dict(as_option)}
        except ThalwegError as why:
            status, said = 400, {"error": why.as_dict(as_option)}
        except _GoneError:
            return
        finally:
            self.n_running -= 1
        await _answer(send, status, said)

    async def _taken(self, name: str, receive: Receive) -> KeptFile:
        """Keep what comes; nothing is left of a table that does not come whole."""
        upload = await asyncio.to_thread(self._tables.upload, name, self.most)
        try:
            await _all_parts(receive, upload)
            return await asyncio.to_thread(upload.finish)
        finally:
            upload.abandon()


async def _all_parts(receive: Receive, upload: Upload) -> None:
    held, has_more = bytearray(), True
    while has_more:
        body, has_more = await _next_part(receive)
        held += body
        if held and (len(held) >= _AT_ONCE or not has_more):
            await asyncio.to_thread(upload.write, bytes(held))
            held.clear()


async def _next_part(receive: Receive) -> tuple[bytes, bool]:
    try:
        async with asyncio.timeout(SECONDS_FOR_PART):
            message = await receive()
    except TimeoutError:
        raise _GoneError from None
    if message["type"] != "http.request":
        raise _GoneError
    return message.get("body", b""), message.get("more_body", False)


def _name(query: bytes) -> str:
    """What the page calls the file; "" if it does not say it."""
    try:
        said = parse_qs(query.decode("latin-1"), max_num_fields=4, encoding="utf-8")
    except ValueError:
        return ""
    return said.get("name", [""])[0]


async def _answer(send: Send, status: int, said: dict[str, Any]) -> None:
    body = json.dumps(said).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    if status != 200:  # the rest of the body is not read
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
