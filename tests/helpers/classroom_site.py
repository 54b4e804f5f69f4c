"""The classroom, built once for all tests of a run, and Python inside Pyodide's core."""

import fcntl
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from places import HELPERS, ROOT
from thalweg.export.running.export_runtimes import found_program

PYTHON = Path(os.environ.get("CLASSROOM_PYTHON", ROOT / ".venv-classroom" / "bin" / "python"))
FOLDER = ROOT / "docs" / "classroom"
RUN = HELPERS / "pyodide" / "run.mjs"
CORE = HELPERS / "pyodide" / "node_modules" / "pyodide"
_MADE_BY = "`make test-all` makes it first"


@cache
def built(kind="plain"):
    """The folder of the site, and what its builder said.

    "plain" is what a teacher gets without an archive; "core" has a Pyodide without NumPy.
    """
    if not PYTHON.exists():
        raise FileNotFoundError(f"{PYTHON} is not there: {_MADE_BY}; or set CLASSROOM_PYTHON")
    target = ROOT / "build" / f"tested-classroom-{kind}"
    target.parent.mkdir(exist_ok=True)
    said = target.with_suffix(".txt")
    # Workers of one run share what the first of them has built.
    with target.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
        if not said.exists() or said.read_text("utf-8").partition("\n")[0] != run:
            said.write_text(f"{run}\n{_build(target, kind)}", encoding="utf-8")
    return target, said.read_text("utf-8").partition("\n")[2]


def _build(target, kind):
    """Build the site; what the program says."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    wheels = PYTHON.parents[1] / "wheels"
    if kind == "plain":
        command = [PYTHON, FOLDER / "build_classroom.py", target, "--wheels", wheels]
    else:
        archive = target.with_name("archive-of-core")
        archive_of_core(archive)
        code = (
            "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
            "import build_classroom;"
            "build_classroom.build(*map(Path, sys.argv[2:]), whole=False)"
        )
        command = [PYTHON, "-c", code, FOLDER, target, wheels, archive]
    ended = subprocess.run(
        [*map(str, command)], env=environment, capture_output=True, encoding="utf-8"
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def require_core():
    """Pyodide's core as npm installs it; an error says what makes it."""
    if not CORE.exists():
        raise FileNotFoundError(f"{CORE} is not there: {_MADE_BY}")
    return CORE


def archive_of_core(folder):
    """A folder as a teacher's archive is, but with the core and pure Python alone.

    Wheels of an index have other hashes than those that Pyodide builds: its lock file says theirs.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(require_core(), folder, ignore=shutil.ignore_patterns("*.map", "*.d.ts"))
    lock = json.loads((folder / "pyodide-lock.json").read_text("utf-8"))
    for wheel in sorted((CORE.parent / "wheels").glob("*.whl")):
        shutil.copyfile(wheel, folder / wheel.name)
        (entry,) = (e for e in lock["packages"].values() if e["file_name"] == wheel.name)
        entry["sha256"] = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (folder / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    return folder


def run_in_pyodide(program, *places, core=None, packages=""):
    """What a program of Python prints inside Pyodide, in Node."""
    node = found_program("node")
    assert node, "node is not on the path, and this test needs it"
    command = [node, RUN, core or require_core(), program, *places]
    ended = subprocess.run(
        [*map(str, command)], env={**os.environ, "PYODIDE_PACKAGES": packages},
        capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-4000:]
    return ended.stdout


def run_in_disguise(program, *arguments):
    """What a program prints under CPython in the disguise of Pyodide."""
    command = [sys.executable, HELPERS / "as_in_a_browser.py", program, *arguments]
    ended = subprocess.run([*map(str, command)], capture_output=True, encoding="utf-8")
    assert ended.returncode == 0, ended.stdout[-1000:] + ended.stderr[-4000:]
    return ended.stdout


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def served(folder):
    """A folder on 127.0.0.1; its address."""
    handler = functools.partial(_Silent, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
