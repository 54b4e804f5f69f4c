"""Tests run in a process of their own, with another source served for one module.

The parent has read what is heavy, so a child begins at once. It works in a folder of its own that
is removed after it, and a test that takes far longer than it did without a fault ends the process.
"""

import ast
import contextlib
import gc
import importlib
import importlib.util
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TESTS = ROOT / "tests"
HELPERS = TESTS / "helpers"
SOURCE = ROOT / "src" / "thalweg"

ARGUMENTS = ["-x", "-q", "--tb=short", "-p", "no:cacheprovider", "-p", "no:xdist"]
ARGUMENTS += ["-p", "no:faulthandler", f"--rootdir={ROOT}", f"--config-file={ROOT}/pyproject.toml"]
ARGUMENTS += ["-m", "not slow and not browser"]
# The parent has read Hypothesis already, which is what saves the time.
ARGUMENTS += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
MEMORY, FILE_SIZE = 16 * 2**30, 2**29


def read_what_is_heavy(leave: Iterable[str]) -> None:
    """Import the libraries, and of thalweg what never learns of the modules to leave.

    A child imports the others anew, with the fault in one of them, so that nothing of the
    sound module is about.
    """
    sys.path[:0] = [str(SOURCE.parent), str(TESTS), str(HELPERS)]
    own = {"thalweg", "mutants", "same", "bench", *(path.stem for path in HELPERS.glob("*.py"))}
    for path in [*TESTS.rglob("*.py"), *SOURCE.rglob("*.py")]:
        for name in imported(path):
            if name.split(".")[0] not in {*own, "__future__"}:
                # Some packages say by a RuntimeError that they lack another one.
                with contextlib.suppress(ImportError, RuntimeError):
                    importlib.import_module(name)
    graph = {module_of(path): set(imported(path)) for path in SOURCE.rglob("*.py")}
    del graph["thalweg"]
    touched = set(leave)
    while more := {name for name, known in graph.items() if known & touched} - touched:
        touched |= more
    for name in sorted(graph.keys() - touched):
        importlib.import_module(name)
    if "thalweg.network.compiled.compiled_engine" not in touched:
        sys.modules.pop("conftest", None)
        spec = importlib.util.spec_from_file_location("conftest", TESTS / "conftest.py")
        conftest = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(conftest)
        conftest.pytest_sessionstart()
    gc.collect()
    gc.freeze()


def imported(path: Path) -> list[str]:
    """Every module that a file imports, inside functions too."""
    found = []
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
    return found


def mirror_of(source: Path) -> Path:
    """The file of tests that mirrors a source, whether or not there is one."""
    mirrored = TESTS / source.relative_to(SOURCE)
    return mirrored.with_name(f"test_{source.name}")


def module_of(path: Path) -> str:
    """The name by which a source is imported."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class Served(SourceFileLoader):
    """Gives a module another text than its file has; finds it for the import, too."""

    def __init__(self, path: Path, text: bytes) -> None:
        super().__init__(module_of(path), str(path))
        self.text = text

    def get_code(self, fullname: str) -> object:
        return compile(self.text, self.path, "exec", dont_inherit=True)

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)


class Watched:
    """A plugin: these tests alone, in this order, each in its time; says how far it has come."""

    def __init__(self, seconds: dict[str, float], say: Callable[..., None]) -> None:
        self.place = {name: k for k, name in enumerate(seconds)}
        self.seconds, self.say = dict(seconds), say

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        # A fault may rename a test that is named by its numbers: it is asked under its new name.
        lost = self.place.keys() - {item.nodeid for item in items}
        renamed = {name.split("[")[0]: name for name in lost}
        for item in items:
            if item.nodeid not in self.place and (name := renamed.get(item.nodeid.split("[")[0])):
                self.place[item.nodeid] = self.place[name]
                self.seconds[item.nodeid] = self.seconds[name]
        items[:] = [item for item in items if item.nodeid in self.place]
        items.sort(key=lambda item: self.place[item.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> object:
        self.say(running=item.nodeid)
        allow(self.seconds[item.nodeid])
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.say(failed=report.nodeid)


def allow(seconds: float) -> None:
    """So much time as a test may take that took so many seconds; the end of the process after.

    The time of the processor counts, since others may use it as well; but one who waits for
    ever uses none.
    """
    signal.setitimer(signal.ITIMER_PROF, 3 + 5 * seconds)
    signal.setitimer(signal.ITIMER_REAL, 60 + 40 * seconds)


def start(work: Callable[[Callable[..., None]], None]) -> tuple[int, Path]:
    """Begin some work in a child; its number, and its folder, for `outcome`."""
    folder = Path(tempfile.mkdtemp(prefix="mutant-"))
    child = os.fork()
    if child:
        return child, folder
    code = 3
    try:
        os.setsid()
        for each in (signal.SIGPROF, signal.SIGALRM):
            signal.signal(each, signal.SIG_DFL)
        # Whoever started this may have had it ignored, and some tests press Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_SIZE, FILE_SIZE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _move_into(folder)
        with open(folder / "said", "w", encoding="utf-8") as said:

            def say(**what: object) -> None:
                said.write(json.dumps(what) + "\n")
                said.flush()

            work(say)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _move_into(folder: Path) -> None:
    """Nothing that a fault does may reach anybody's files or screen."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    (folder / "temporary").mkdir()
    os.environ |= {"TMPDIR": str(folder / "temporary"), "XDG_CACHE_HOME": cache}
    os.environ |= {"HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    tempfile.tempdir = None
    os.chdir(folder)
    screen = os.open(folder / "screen", os.O_WRONLY | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, target in enumerate((nothing, screen, screen)):
        os.dup2(target, number)


def outcome(folder: Path, status: int, *, keep_screen: bool = False) -> dict[str, object]:
    """What a child said last of each thing, and the signal that ended it, if one did."""
    heard: dict[str, object] = {}
    with contextlib.suppress(OSError):
        for line in (folder / "said").read_text(encoding="utf-8").splitlines():
            heard |= json.loads(line)
    if keep_screen:
        heard["screen"] = (folder / "screen").read_text(encoding="utf-8", errors="replace")
    heard["ended_by"] = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    heard["code"] = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
    shutil.rmtree(folder, ignore_errors=True)
    return heard


def end_group(child: int) -> None:
    """Whatever a child has started and left behind."""
    with contextlib.suppress(OSError):
        os.killpg(child, signal.SIGKILL)


def run_tests(seconds: dict[str, float], say: Callable[..., None], *plugins: object) -> None:
    """Run these tests in this order, in the process as it is."""
    files = dict.fromkeys(str(ROOT / name.split("::")[0]) for name in seconds)
    code = pytest.main([*ARGUMENTS, *files], plugins=[Watched(seconds, say), *plugins])
    say(pytest=int(code))


def judged(path: Path, text: bytes, seconds: dict[str, float]) -> Callable[[Callable], None]:
    """The work of running tests on one changed source."""

    def work(say: Callable[..., None]) -> None:
        allow(1)
        sys.meta_path.insert(0, Served(path, text))
        if module_of(path).startswith("thalweg.network"):
            # Compiled code is kept under the name of what the file says.
            os.environ["XDG_CACHE_HOME"] = os.environ["TMPDIR"]
        run_tests(seconds, say)

    return work
