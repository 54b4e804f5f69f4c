"""The files of the page: all are reached, no other one is served, and together they are small."""

import gzip
import re
from functools import cache
from html.parser import HTMLParser

from starlette.applications import Starlette

from studio.asgi_driver import ask
from thalweg.reporting.inline import DRAW
from thalweg.studio.server.page_files import file_routes, page_files

# Over the wire, by gzip: all files, and those of a page that opens. And as a browser has them.
MOST_SENT, MOST_SENT_AT_FIRST = 300_000, 160_000
MOST_BYTES, MOST_BYTES_AT_FIRST = 750_000, 400_000
# The only modules that are loaded later: those of places and lessons that many never open.
LATER = {
    "/studio/lessons/later_lessons.js": {
        "lesson_place.js", *(f"draw/learn/{name}_lesson.js" for name in (
            "derivative", "row/forward", "row/backward", "fault", "threshold", "feature", "article",
            "descent", "plane",
        )),
    },
    "/studio/table/empty_state.js": {"lessons/playing_hills.js"},
    "/studio/ground/later_ground.js": {"ground_acts.js", "ground_place.js"},
    "/studio/app.js": {"decide/decide_place.js"},
}  # fmt: skip
# Longer than any of them should be, as the Python modules' rule says.
MOST_LINES = 400
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|parseFromString|\beval\b|new Function"
    r"|createContextualFragment|srcdoc|javascript:|\.setAttribute\(\"(?:style|on)"
)


def texts():
    return {path: file.data.decode("utf-8") for path, file in page_files().items()}


def reached_from(known, start, *, later):
    """The modules that one imports, and those that these import; ``later`` ones too, if wanted."""
    open_, reached = [start], {start}
    while open_:
        here = open_.pop()
        asked = re.findall(r'^import \{[^}]*\} from "([^"]+)";$', known[here], re.MULTILINE)
        asked += re.findall(r'\bimport\("([^"]+)"\)', known[here]) if later else []
        for other in asked:
            folder = here.rsplit("/", 1)[0]
            path = other if other.startswith("/") else _joined(folder, other)
            if path not in reached:
                reached.add(path)
                open_.append(path)
    return reached


def test_the_whole_page_is_small():
    files = page_files()
    files.pop("/studio/index.html")  # the same as "/"
    known = {path: file.data.decode("utf-8") for path, file in files.items()}
    scripts = reached_from(known, "/studio/app.js", later=False)
    first = [file for path, file in files.items() if path in scripts or not path.endswith(".js")]
    assert sum(len(file.packed) for file in files.values()) <= MOST_SENT
    assert sum(len(file.packed) for file in first) <= MOST_SENT_AT_FIRST
    assert sum(len(file.data) for file in files.values()) <= MOST_BYTES
    assert sum(len(file.data) for file in first) <= MOST_BYTES_AT_FIRST


def test_every_script_and_style_is_asked_for():
    known = texts()
    asked = set(re.findall(r'(?:src|href)="(/[^"]*)"', known["/"]))
    known.pop("/studio/index.html")  # the same as "/"
    styles = {path for path in known if path.endswith(".css")}
    assert asked == styles | {"/studio/app.js"}
    reached = reached_from(known, "/studio/app.js", later=True)
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
            assert not re.search(r"^import(?! \{)", code, re.MULTILINE), path
            later = {each.strip('"./') for each in re.findall(r"\bimport\(([^)]*)\)", code)}
            assert later == {each.strip("./") for each in LATER.get(path, ())}, path


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


def asked(path, **more):
    headers = [("host", "a"), *((name.replace("_", "-"), each) for name, each in more.items())]
    return ask(page_alone(), path=path, headers=headers)


@cache
def page_alone():
    return Starlette(routes=file_routes(page_files()))


def test_files_come_by_gzip_to_who_takes_it():
    file = page_files()["/studio/app.js"]
    for accepted in ("gzip", "br, gzip;q=0.8", "deflate,GZIP"):
        answer = asked("/studio/app.js", accept_encoding=accepted)
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["content-length"] == str(len(file.packed))
        assert gzip.decompress(answer.body) == file.data
    for accepted in ("", "br", "gzip;q=0", "gzip; q=0.0", "identity"):
        answer = asked("/studio/app.js", accept_encoding=accepted)
        assert answer.body == file.data
        assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "accept-encoding"
    assert file.packed == page_files()["/studio/app.js"].packed  # nothing of the time of day


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
