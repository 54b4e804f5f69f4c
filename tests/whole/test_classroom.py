"""`make classroom`: what it builds, what it refuses, and the notebooks with either engine."""

import hashlib
import io
import json
import os
import re
import runpy
import sys
import tarfile
from types import SimpleNamespace
from unittest.mock import patch

import nbformat
import pytest

from classroom_site import FOLDER, built
from notebooks import METADATA, code_cells, executed
from places import ROOT
from thalweg import lesson
from thalweg.reporting.lessons.known_lessons import LESSONS

CONTENTS = SimpleNamespace(**runpy.run_path(str(FOLDER / "site_contents.py")))
ARCHIVE = runpy.run_path(str(FOLDER / "pyodide_archive.py"))
LESSON_NOTEBOOKS = sorted((ROOT / "notebooks" / "lessons").glob("*.ipynb"))
VERSION = "314.0.6"
ADDRESS = re.compile(r"https?://[^\s\"'<>)]+")


def name(path):
    return str(path.relative_to(ROOT / "notebooks").with_suffix(""))


# The notebooks


def test_each_lesson_has_a_notebook_without_outputs():
    assert {path.stem for path in LESSON_NOTEBOOKS} == set(LESSONS)
    assert set(LESSON_NOTEBOOKS) < set(CONTENTS.NOTEBOOKS)
    assert {"article.ipynb", "landscape.ipynb"} < {path.name for path in CONTENTS.NOTEBOOKS}
    for path in LESSON_NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata == METADATA
        assert [cell for cell in code_cells(notebook) if cell.outputs or cell.execution_count] == []
        assert sum(cell.source.count("> **Guess first.** ") for cell in notebook.cells) == 1
        assert f'lesson("{path.stem}")' in notebook.cells[1].source


@pytest.mark.slow
def test_the_notebook_on_faults_has_the_network_of_its_lesson():
    (path,) = (path for path in LESSON_NOTEBOOKS if path.stem == "fault")
    cells = [each.source for each in code_cells(nbformat.read(path, as_version=4))]
    names = {}
    exec("\n".join(each for each in cells if "ThalwegClassifier(" in each), names)
    shown = lesson("fault").prepared.facts["theta"]
    assert names["network"].theta_.tolist() == shown


@pytest.mark.parametrize("path", CONTENTS.NOTEBOOKS, ids=name)
def test_the_first_cell_installs_in_a_browser_alone_and_tells_no_answer(path):
    made = nbformat.reads(CONTENTS.notebook_for_browsers(path), as_version=4)
    nbformat.validate(made)
    before = nbformat.read(path, as_version=4)
    assert made.cells[0].source == CONTENTS.FIRST_CELL
    assert [cell.source for cell in made.cells[1:]] == [cell.source for cell in before.cells]
    assert [cell for cell in code_cells(made) if cell.outputs] == []


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["compiled", "numpy"])
@pytest.mark.parametrize("path", CONTENTS.NOTEBOOKS, ids=name)
def test_a_notebook_of_the_classroom_runs(path, engine, tmp_path):
    if engine == "compiled" and path not in LESSON_NOTEBOOKS:
        assert path.parent == ROOT / "notebooks"  # tests/whole/test_notebooks.py runs it
        return
    copy = tmp_path / path.name
    copy.write_text(CONTENTS.notebook_for_browsers(path), encoding="utf-8")
    more = {"NUMBA_DISABLE_JIT": "1"} if engine == "numpy" else {}
    with patch.dict(os.environ, more):
        first, *others = code_cells(executed(copy, patience=1200))
    assert first.outputs == []  # elsewhere it does nothing
    said = json.dumps([cell.outputs for cell in others])
    assert "<iframe" in said
    assert ("reference engine" in said) <= (engine == "numpy")


# The archive of Pyodide


@pytest.fixture
def kernel_version(monkeypatch):
    """The version that JupyterLite's kernel asks for, where JupyterLite is not installed."""
    constants = SimpleNamespace(PYODIDE_VERSION=VERSION)
    monkeypatch.setitem(sys.modules, "jupyterlite_pyodide_kernel", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "jupyterlite_pyodide_kernel.constants", constants)


def a_pyodide(folder, version=VERSION, *, lacks=(), other_bytes=()):
    """A folder as an archive of Pyodide has, with small files."""
    folder.mkdir()
    names = [*ARCHIVE["KERNEL_NEEDS"], *ARCHIVE["THALWEG_NEEDS"], "six", "lxml"]
    packages = {}
    for each in names:
        file = f"{each}-1.0-py3-none-any.whl"
        depends = ["Six"] if each == "matplotlib" else []
        packages[each] = {
            "file_name": file, "depends": depends,
            "sha256": hashlib.sha256(each.encode()).hexdigest(),
        }  # fmt: skip
        if each not in lacks:
            text = "other" if each in other_bytes else each
            (folder / file).write_bytes(text.encode())
    for file in ARCHIVE["CORE"]:
        if file not in lacks:
            (folder / file).write_bytes(b"")
    lock = {"info": {}, "packages": packages}
    (folder / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    (folder / "package.json").write_text(json.dumps({"version": version}), encoding="utf-8")
    return folder


def packed(folder, path):
    with tarfile.open(path, "w:bz2") as archive:
        archive.add(folder, "pyodide")
    return path


@pytest.mark.usefixtures("kernel_version")
def test_an_archive_is_reduced_to_what_is_needed(tmp_path):
    folder = a_pyodide(tmp_path / "made")
    for source in (folder, packed(folder, tmp_path / "pyodide.tar.bz2")):
        target = tmp_path / f"from-{source.name}"
        ARCHIVE["extracted"](source, target)
        names = {path.name for path in target.iterdir()}
        assert {*ARCHIVE["CORE"], "pyodide-lock.json", "six-1.0-py3-none-any.whl"} < names
        assert "lxml-1.0-py3-none-any.whl" not in names
        lock = json.loads((target / "pyodide-lock.json").read_text("utf-8"))
        assert {each["file_name"] for each in lock["packages"].values()} < names
        assert "lxml" not in lock["packages"]


@pytest.mark.usefixtures("kernel_version")
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"version": "0.29.0"}, r"has Pyodide 0\.29\.0, and the kernel .* needs 314\.0\.6"),
        ({"lacks": ["numpy", "scipy"]}, "has only a part of Pyodide: numpy, scipy and others"),
        ({"lacks": ["pyodide.asm.wasm"]}, r"has only a part of Pyodide: pyodide\.asm\.wasm"),
        ({"other_bytes": ["pandas"]}, "pandas-1.0-py3-none-any.whl in made is not the file"),
    ],
)  # fmt: skip
def test_an_archive_that_does_not_fit_is_refused(fault, said, tmp_path):
    folder = a_pyodide(tmp_path / "made", **fault)
    with pytest.raises(Exception, match=said) as refused:
        ARCHIVE["extracted"](folder, tmp_path / "target")
    assert type(refused.value) is ARCHIVE["Refused"]
    assert "Fix: " in str(refused.value)
    assert "pyodide-314.0.6.tar.bz2" in str(refused.value)
    assert not (tmp_path / "target").exists()


@pytest.mark.usefixtures("kernel_version")
def test_what_is_no_archive_of_pyodide_is_refused(tmp_path):
    other = tmp_path / "other.tar.gz"
    with tarfile.open(other, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("a"), io.BytesIO())
    (tmp_path / "torn.tar.bz2").write_bytes(b"BZh9torn")
    for path, said in (
        (tmp_path / "absent", "There is no"), (other, "is no archive of Pyodide"),
        (tmp_path / "torn.tar.bz2", "cannot be unpacked"),
    ):  # fmt: skip
        with pytest.raises(ARCHIVE["Refused"], match=said):
            ARCHIVE["extracted"](path, tmp_path / "target")


# The built site


@pytest.mark.slow
def test_the_site_has_the_notebooks_and_the_page_for_the_teacher():
    site, said = built()
    for path in CONTENTS.NOTEBOOKS:
        place = site / "files" / path.relative_to(ROOT / "notebooks")
        assert place.read_text("utf-8") == CONTENTS.notebook_for_browsers(path)
    listed = json.loads((site / "api" / "contents" / "lessons" / "all.json").read_text("utf-8"))
    assert {each["name"] for each in listed["content"]} == {p.name for p in LESSON_NOTEBOOKS}
    page = (site / "files" / "teacher.md").read_text("utf-8")
    assert page.startswith("# ")
    assert ".md)" not in page  # a link that would lead nowhere
    (megabytes,) = re.findall(r": \d+ notebooks, (\d+) MB\.", said)
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    assert round(size / 1e6) == int(megabytes) < 60
    (about,) = re.findall(r"about (\d+) MB", (ROOT / "docs/classroom.md").read_text("utf-8"))
    assert abs(int(about) - int(megabytes)) <= 2


@pytest.mark.slow
def test_the_site_serves_thalweg_and_what_pyodide_lacks():
    site, _ = built()
    config = json.loads((site / "jupyter-lite.json").read_text("utf-8"))["jupyter-config-data"]
    (kernel,) = config["litePluginSettings"].values()
    assert kernel["disablePyPIFallback"] is True
    assert kernel["pipliteUrls"][0].startswith("./pypi/all.json?sha256=")
    index = json.loads((site / "pypi" / "all.json").read_text("utf-8"))
    wanted = {
        line.partition("==")[0]
        for line in (FOLDER / "wheels.txt").read_text("utf-8").splitlines()
        if not line.startswith("#")
    }
    assert set(index) == {"thalweg", *wanted}
    for package in index.values():
        ((release,),) = package["releases"].values()
        wheel = site / "pypi" / release["filename"]
        assert release["url"] == f"./{wheel.name}"
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        assert release["digests"]["sha256"] == digest
        assert wheel.name.endswith("none-any.whl")


@pytest.mark.slow
def test_without_an_archive_the_site_says_whom_it_asks_and_asks_nobody_else():
    site, said = built()
    (told,) = ADDRESS.findall(said)
    config = (site / "jupyter-lite.json").read_text("utf-8")
    assert ADDRESS.findall(config) == []
    assert "pyodideUrl" not in config  # the kernel's own: that of the CDN
    schema = next((site / "extensions").rglob("kernel.v0.schema.json")).read_text("utf-8")
    assert f'"default": "{told}pyodide.mjs"' in schema
    assert "does not hold Pyodide" in said
    for page in sorted(site.rglob("*.html")):
        if "extensions" not in page.parts:
            loaded = re.findall(r"(?:src|href)=\"(https?://[^\"]+)", page.read_text("utf-8"))
            assert loaded == [], page


@pytest.mark.slow
def test_with_an_archive_the_site_names_its_own_pyodide():
    site, _ = built("core")
    config = json.loads((site / "jupyter-lite.json").read_text("utf-8"))["jupyter-config-data"]
    (kernel,) = config["litePluginSettings"].values()
    assert kernel["pyodideUrl"] == "./static/pyodide/pyodide.mjs"
    lock = json.loads((site / "static" / "pyodide" / "pyodide-lock.json").read_text("utf-8"))
    for entry in lock["packages"].values():
        assert (site / "static" / "pyodide" / entry["file_name"]).is_file()
