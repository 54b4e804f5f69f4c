"""Which test runs which line of thalweg, and how long it takes: seen once, in a sound source.

What several tests share, a fixture of their file or a helper's cache, counts for each of them.
"""

import functools
import gc
import hashlib
import json
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType

import pytest

from mutants.child import ARGUMENTS, HELPERS, ROOT, SOURCE, TESTS, end_group, outcome, start

# Nobody waits longer for one test, some hundred times over.
TOO_LONG = 8.0
# A fault is served in this process only.
ELSEWHERE = {"subprocess.Popen", "os.posix_spawn", "os.fork", "os.forkpty", "os.exec"}

Lines = dict[str, list[int]]


class Trace:
    """Collects the lines of thalweg that run, in all threads."""

    def __init__(self) -> None:
        self.lines: set[tuple[str, int]] = set()
        self.known: dict[CodeType, str] = {}

    def begin(self) -> None:
        threading.settrace(self.called)
        sys.settrace(self.called)

    def end(self) -> None:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]

    def called(self, frame: FrameType, event: str, argument: object) -> Callable | None:
        code = frame.f_code
        name = self.known.get(code)
        if name is None:
            inside = code.co_filename.startswith(f"{SOURCE}{os.sep}")
            name = os.path.relpath(code.co_filename, SOURCE) if inside else ""
            self.known[code] = name
        if not name:
            return None
        lines, first = self.lines, (name, frame.f_lineno)
        lines.add(first)

        def ran(frame: FrameType, event: str, argument: object) -> Callable:
            if event == "line":
                lines.add((name, frame.f_lineno))
            return ran

        return ran


class Recorder:
    """A plugin that notes lines and seconds of each test, and what leaves this process."""

    def __init__(self) -> None:
        self.trace = Trace()
        self.shared: dict[object, tuple[set[tuple[str, int]], float]] = {}
        self.found: dict[str, tuple[set[tuple[str, int]], float]] = {}
        self.left_out: dict[str, str] = {}
        self.now = ""
        sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: object) -> None:
        if event in ELSEWHERE and self.now:
            self.left_out[self.now] = "starts another process"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: object, request: pytest.FixtureRequest) -> object:
        if fixturedef.scope == "function":
            return (yield)
        before, self.trace.lines = self.trace.lines, set()
        self.trace.begin()
        began = time.process_time()
        try:
            return (yield)
        finally:
            lines, seconds = self.trace.lines, time.process_time() - began
            self.trace.lines = before | lines
            self.trace.begin()
            self.shared[fixturedef] = lines, seconds

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> object:
        forget_caches()
        self.now, self.trace.lines = item.nodeid, set()
        began = time.process_time()
        self.trace.begin()
        try:
            return (yield)
        finally:
            self.trace.end()
            self.now = ""
            lines, seconds = self.trace.lines, time.process_time() - began
            for name in item.fixturenames:
                for definition in item._fixtureinfo.name2fixturedefs.get(name, ()):
                    more, took = self.shared.get(definition, (set(), 0.0))
                    lines, seconds = lines | more, seconds + took
            self.found[item.nodeid] = lines, seconds
            if seconds > TOO_LONG:
                self.left_out[item.nodeid] = f"takes {seconds:.0f} s"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.left_out[report.nodeid] = "fails here without any fault"

    def as_dict(self) -> dict[str, object]:
        tests = {}
        for name, (lines, seconds) in self.found.items():
            of_file = defaultdict(list)
            for path, line in sorted(lines):
                of_file[path].append(line)
            tests[name] = {"seconds": round(seconds, 3), "lines": of_file}
        return {"tests": tests, "left_out": self.left_out}


def forget_caches() -> None:
    """What tests and their helpers have kept would hide which lines a test needs."""
    helpers = {path.stem for path in HELPERS.glob("*.py")}
    for each in gc.get_objects():
        if type(each) is functools._lru_cache_wrapper:
            room, _, _ = each.__module__.partition(".")
            if room in {*helpers, TESTS.name}:
                each.cache_clear()


def recorded(tests: list[Path], state: Path, tell: Callable[[str], None]) -> dict[str, dict]:
    """The records of these files of tests, made where none fits the sources as they are."""
    found = {}
    for path in tests:
        name = ".".join(path.relative_to(TESTS).with_suffix("").parts)
        kept = state / "records" / f"{name}.json"
        mark = _mark(path)
        if not (kept.exists() and json.loads(kept.read_text())["mark"] == mark):
            _record(path, kept, mark, tell)
        record = json.loads(kept.read_text())
        for name, test in record["tests"].items():
            if name not in record["left_out"]:
                found[name] = test
    return found


def _mark(path: Path) -> str:
    """What a record hangs on: the sources, the helpers, the tests themselves."""
    digest = hashlib.sha256()
    shared = [TESTS / "conftest.py", *HELPERS.glob("*.py")]
    for each in sorted([*SOURCE.rglob("*.py"), *shared, path]):
        digest.update(each.read_bytes())
    return digest.hexdigest()


def _record(path: Path, kept: Path, mark: str, tell: Callable[[str], None]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)

    def work(say: Callable[..., None]) -> None:
        recorder = Recorder()
        arguments = [each for each in ARGUMENTS if each != "-x"]
        pytest.main([*arguments, str(path)], plugins=[recorder])
        text = json.dumps({"mark": mark, **recorder.as_dict()})
        whole = kept.with_suffix(".part")
        whole.write_text(text)
        whole.replace(kept)

    child, folder = start(work)
    _, status = os.waitpid(child, 0)
    end_group(child)
    heard = outcome(folder, status, keep_screen=True)
    if status:
        raise SystemExit(f"{path.relative_to(ROOT)} could not be recorded:\n{heard['screen']}")
    record = json.loads(kept.read_text())
    out = f", {len(record['left_out'])} left out" if record["left_out"] else ""
    tell(f"recorded {path.relative_to(ROOT)}: {len(record['tests'])} tests{out}")
