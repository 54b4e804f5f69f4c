"""The files of the page: all are reached, no other one is served, and together they are small."""

import re
from html.parser import HTMLParser

from starlette.applications import Starlette

from studio.asgi_driver import ask
from thalweg.reporting.inline import DRAW
from thalweg.studio.server.page_files import file_routes, page_files

MOST_BYTES = 405_000
# Longer than any of them should be, as the Python modules' rule says.
MOST_LINES = 400
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|parseFromString|\beval\b|new Function"
    r"|createContextualFragment|srcdoc|javascript:|\.setAttribute\(\"(?:style|on)"
)


def texts():
    return {path: file.data.decode("utf-8") for path, file in page_files().items()}


def test_the_whole_page_is_small():
    assert sum(len(file.data) for file in page_files().values()) <= MOST_BYTES


def test_every_script_and_style_is_asked_for():
    known = texts()
    asked = set(re.findall(r'(?:src|href)="(/[^"]*)"', known["/"]))
    known.pop("/studio/index.html")  # the same as "/"
    styles = {path for path in known if path.endswith(".css")}
    assert asked == styles | {"/studio/app.js"}
    open_, reached = ["/studio/app.js"], {"/studio/app.js"}
    while open_:
        here = open_.pop()
        for other in re.findall(r'^import \{[^}]*\} from "([^"]+)";$', known[here], re.MULTILINE):
            folder = here.rsplit("/", 1)[0]
            path = other if other.startswith("/") else _joined(folder, other)
            if path not in reached:
                reached.add(path)
                open_.append(path)
    assert reached == {path for path in known if path.endswith(".js")}


def _joined(folder: str, other: str) -> str:
    parts = folder.split("/")
    for each in other.split("/"):
        if each == "..":
            parts.pop()
        elif each != ".":
            parts.append(each)
    return "/".join(parts)


def test_no_module_is_long_or_makes_markup_of_text():
    for path, text in texts().items():
        if path.endswith(".js"):
            assert len(text.splitlines()) <= MOST_LINES, path
            assert not FORBIDDEN.search(text), (path, FORBIDDEN.search(text))
            code = re.sub(
                r"^ *(?:/\*\*.*?\*/|//[^\n]*)\n", "", text, flags=re.MULTILINE | re.DOTALL
            )
            assert not re.search(r"^import(?! \{)|\bimport\(", code, re.MULTILINE), path


class _Attributes(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found += [name for name, _ in attrs if name == "style" or name.startswith("on")]
        self.found += [tag for _ in [0] if tag == "style"]


def test_the_page_has_no_styles_or_scripts_inside():
    parser = _Attributes()
    parser.feed(texts()["/"])
    assert parser.found == []


def test_colours_are_those_of_the_other_pages():
    """Each is light-dark(a, b) here, and stands twice in a page that has no switch."""
    own = dict(re.findall(r"(--[\w-]+): light-dark\((#\w+, #\w+)\)", texts()["/studio/studio.css"]))
    page = (DRAW / "landscape.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"(--[\w-]+): (#\w+)", each)) for each in page.split("@media", 1)
    )
    assert {name: own[name] for name in light} == {
        name: f"{light[name]}, {dark[name]}" for name in light
    }


def asked(path):
    return ask(Starlette(routes=file_routes(page_files())), path=path, headers=[("host", "a")])


def test_only_these_paths_are_answered():
    for path, file in page_files().items():
        answer = asked(path)
        assert (answer.status, answer.body) == (200, file.data)
        assert answer.headers["content-type"] == file.content_type
    inside = ["page_files.py", "__init__.py", "../doors/launch_key.py", "core", "core/", ""]
    inside += ["//app.js", "%2e%2e/app.js", "APP.JS", "core/../app.js", "core\\state.js"]
    inside += ["\0", "app.js\0"]
    for path in [f"/studio/{each}" for each in inside] + ["/draw/report.js", "/draw/../x", "/etc"]:
        assert asked(path).status == 404, path
