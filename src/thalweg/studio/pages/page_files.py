"""The files of the page, read once when the studio starts, by the paths that a browser asks for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from posixpath import dirname, join, normpath

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from thalweg.reporting.inline import DRAW

PAGES = files("thalweg.studio") / "pages"
_TYPES = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}  # fmt: skip
_IMPORT = re.compile(r'^import \{[^}]*\} from "([^"]+)";$', re.MULTILINE)


@dataclass(frozen=True)
class PageFile:
    """A file as it is sent: its bytes, and its type for the browser."""

    content: bytes
    media_type: str


def page_files() -> dict[str, PageFile]:
    """All files that the page needs, by their paths.

    ``/`` is the page, ``/studio/…`` is what it consists of, and ``/draw/…`` the modules of reports
    that these import. No other file of the package has a path.
    """
    found = {"/": _file(PAGES / "index.html", ".html")}
    for path, file in _below(PAGES, "/studio"):
        if ending := next((each for each in (".css", ".js") if path.endswith(each)), None):
            found[path] = _file(file, ending)
    open_ = list(found)
    while open_:
        for path in _imports(open_.pop(), found):
            if path not in found:
                found[path] = _file(DRAW.joinpath(*path.split("/")[2:]), ".js")
                open_.append(path)
    return found


def page_routes(known: Mapping[str, PageFile]) -> list[Route]:
    """Routes that answer these paths, letter by letter, and no other one."""

    async def answer(request: Request) -> Response:
        file = known.get(request.url.path)
        if file is None:
            return PlainTextResponse("thalweg studio: there is no such file\n", 404)
        return Response(file.content, media_type=file.media_type)

    return [Route(path, answer) for path in ("/", "/studio/{rest:path}", "/draw/{rest:path}")]


def _file(file: Traversable, ending: str) -> PageFile:
    return PageFile(file.read_bytes(), _TYPES[ending])


def _below(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for each in sorted(folder.iterdir(), key=lambda one: one.name):
        here = f"{path}/{each.name}"
        if each.is_dir():
            yield from _below(each, here)
        else:
            yield here, each


def _imports(path: str, known: Mapping[str, PageFile]) -> Iterator[str]:
    """The paths of the modules that a file imports."""
    if path.endswith(".js"):
        for other in _IMPORT.findall(known[path].content.decode("utf-8")):
            yield normpath(join(dirname(path), other))
