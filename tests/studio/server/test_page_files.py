"""The files of the page: known by name from the start, and nothing else of the disk."""

from pathlib import Path

import pytest
from starlette.applications import Starlette

from studio.asgi_driver import ask
from thalweg.studio.server.page_files import file_routes, page_files


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    (folder / "places").mkdir(parents=True)
    (folder / "index.html").write_text(
        '<!doctype html><link rel="stylesheet" href="/studio/a.css">'
        '<script type="module" src="/studio/main.js"></script>'
    )
    (folder / "main.js").write_text('import { el } from "/draw/dom.js";\nimport "./places/t.js";')
    (folder / "places" / "t.js").write_text("export const t = 1;")
    (folder / "a.css").write_text("a { color: red }")
    (folder / "notes.txt").write_text("not served")
    (folder / "x.py").write_text("not served")
    return folder


def test_the_page_its_files_and_the_modules_that_it_imports_are_served(pages: Path) -> None:
    found = page_files(pages)
    ours = {path for path in found if not path.startswith("/draw/")}
    assert ours == {
        "/", "/studio/index.html", "/studio/main.js", "/studio/places/t.js", "/studio/a.css"
    }  # fmt: skip
    assert "/draw/dom.js" in found
    assert len([path for path in found if path.startswith("/draw/")]) < 10
    assert found["/"].content_type == "text/html; charset=utf-8"
    assert found["/studio/main.js"].content_type == "text/javascript; charset=utf-8"
    assert found["/studio/a.css"].content_type == "text/css; charset=utf-8"


def test_a_module_brings_what_it_imports_itself(pages: Path) -> None:
    (pages / "main.js").write_text('export * from "/draw/ground/block.js";')
    found = page_files(pages)
    drawn = {path for path in found if path.startswith("/draw/")}
    assert "/draw/ground/block.js" in drawn
    for path in drawn:
        text = found[path].data.decode()
        for line in text.splitlines():
            if line.startswith("import") and "from" in line:
                name = line.rpartition('from "')[2].partition('"')[0].rpartition("/")[2]
                assert any(each.endswith(name) for each in drawn), (path, name)


def test_files_are_answered_from_memory_and_others_are_not_there(pages: Path) -> None:
    app = Starlette(routes=file_routes(page_files(pages)))
    for each in pages.rglob("*.*"):
        each.unlink()
    answer = ask(app, path="/studio/main.js")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.body.startswith(b"import")
    for path in ("/studio/x.py", "/studio/notes.txt", "/studio/../studio/main.js", "/studio/",
                 "/draw/../draw/dom.js", "/studio/MAIN.js", "/studio//main.js"):  # fmt: skip
        assert ask(app, path=path).status == 404, path
    assert ask(app, method="POST", path="/studio/main.js").status == 405
