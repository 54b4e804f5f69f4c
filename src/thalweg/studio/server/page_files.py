"""The files of the page: a table of names that is made at the start, so no request names a path."""

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from posixpath import join, normpath

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from thalweg.reporting.inline import lean_module, lean_style

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
}
_IMPORT = re.compile(r"""(?:\bfrom|\bimport|@import)\s*\(?\s*(?:url\()?["']([^"'\n]+)["']""")
_LINK = re.compile(r"""(?:\bsrc|\bhref)=["']([^"'\n]+)["']""")
_INDEX, _OURS, _DRAWN = "/studio/index.html", "/studio/", "/draw/"
# Modules that other pages get written for their one network stand here for all networks.
_OURS_DRAWN = "/studio/draw/"
# The styles of lessons name what other places have, too: here they hold inside of a lesson alone.
_OF_LESSONS, _LESSON = "/draw/learn/", b":is(.lesson-frame, .of-hills) {\n%s}\n"


@dataclass(frozen=True)
class PageFile:
    """A file of the page.

    Attributes
    ----------
    data : bytes
    content_type : str
    """

    data: bytes
    content_type: str

    @cached_property
    def packed(self) -> bytes:
        """The same by gzip, made once.

        It is the same for everybody: a file of the page has no secret, and nothing that somebody
        has sent. So its length tells nothing (BREACH needs both in one answer).
        """
        return gzip.compress(self.data, 9, mtime=0)  # without the time of day


def page_files(pages: Traversable | None = None) -> dict[str, PageFile]:
    """All files that are served, by their paths in an address.

    Parameters
    ----------
    pages : Traversable, optional
        A folder in the place of ``studio/pages``.

    Returns
    -------
    dict
        The files of the studio, and of the modules that draw those that they import.
    """
    own = files("thalweg.studio") / "pages" if pages is None else pages
    found = dict(_all_in(own, _OURS)) if own.is_dir() else {}
    drawn = dict(_all_in(files("thalweg.reporting") / "draw", _DRAWN))
    for path in [each for each in found if each.startswith(_OURS_DRAWN)]:
        drawn[_DRAWN + path.removeprefix(_OURS_DRAWN)] = found.pop(path)
    asked = [path for name, file in found.items() for path in _asked_for(name, file)]
    while asked:
        path = asked.pop()
        if path in drawn and path not in found:
            found[path] = _within_lesson(path, drawn[path])
            asked += _asked_for(path, drawn[path])
    if _INDEX in found:
        found["/"] = found[_INDEX]
    return found


def _within_lesson(path: str, file: PageFile) -> PageFile:
    """A style of lessons, nested in the frame of one; any other file as it is."""
    if not (path.startswith(_OF_LESSONS) and path.endswith(".css")):
        return file
    return PageFile(_LESSON % file.data, file.content_type)


def _all_in(folder: Traversable, start: str) -> Iterator[tuple[str, PageFile]]:
    for each in folder.iterdir():
        ending = f".{each.name.rpartition('.')[2]}"
        if each.is_dir():
            yield from _all_in(each, f"{start}{each.name}/")
        elif ending in _TYPES:
            yield f"{start}{each.name}", PageFile(_sent(each, ending), _TYPES[ending])


def _sent(file: Traversable, ending: str) -> bytes:
    """What is sent of a file: a browser does not need comments."""
    data, lean = file.read_bytes(), {".js": lean_module, ".css": lean_style}.get(ending)
    return data if lean is None else lean(data.decode("utf-8")).encode()


def _asked_for(path: str, file: PageFile) -> list[str]:
    """The paths that a file asks for by name."""
    if not file.content_type.startswith("text/"):
        return []
    text = file.data.decode("utf-8")
    pattern = _LINK if path.endswith(".html") else _IMPORT
    folder = path.rpartition("/")[0]
    return [normpath(join(folder, each)) for each in pattern.findall(text)]


def _takes_gzip(accepted: str) -> bool:
    """Whether a client takes gzip, by what it accepts (RFC 9110, 12.5.3)."""
    for each in accepted.lower().split(","):
        coding, _, weight = each.replace(" ", "").partition(";")
        if coding == "gzip":
            return not re.fullmatch(r"q=0(\.0*)?", weight)
    return False


def file_routes(found: Mapping[str, PageFile]) -> list[BaseRoute]:
    """A route for each file; what is no name of the table has none."""

    def route(path: str, file: PageFile) -> BaseRoute:
        async def answer(request: Request) -> Response:
            headers = {"content-type": file.content_type, "vary": "accept-encoding"}
            if not _takes_gzip(request.headers.get("accept-encoding", "")):
                return Response(file.data, headers=headers)
            return Response(file.packed, headers={**headers, "content-encoding": "gzip"})

        return Route(path, answer, methods=["GET"])

    return [route(path, file) for path, file in found.items()]
