"""Which tests the quick run passes over is measured: the list, and how it is made."""

import subprocess
import sys
from pathlib import Path

import pytest

import measure_tests
from places import ROOT
from slow_cases import LISTED, QUICK, listed


@pytest.mark.parametrize("path", [LISTED, QUICK], ids=lambda path: path.name)
def test_a_list_names_tests_that_exist_once_and_sorted(path):
    """A test that has another name now is quick again, and nobody would know."""
    names = listed(path)
    assert names == sorted(set(names))
    gone = []
    for name in names:
        file, *of_class, function = name.partition("[")[0].split("::")
        # The test of a state machine of Hypothesis has no function in the file.
        there = f"{of_class[0]} = " if function == "runTest" else f"def {function}("
        source = ROOT / file
        if not source.is_file() or there not in source.read_text(encoding="utf-8"):
            gone.append(name)
    assert gone == [], "run `make measure-tests`, or take these lines out"


def test_what_takes_long_is_slow_but_for_guarantees_and_the_cheapest_of_a_file():
    long = 2 * measure_tests.LIMIT
    taken = {
        "a.py::test_fast": 0.0, "a.py::test_long[x[1]]": long, "a.py::test_long[2]": 0.0,
        "b.py::test_guarantee[1]": long, "b.py::test_other": long + 1,
        "b.py::test_case[a]": long, "b.py::test_case[b]": long,
        "c.py::test_long": long + 1, "c.py::test_cheapest": long,
    }  # fmt: skip
    assert measure_tests.slow_of(taken, ["b.py::test_case[b]", "b.py::test_guarantee"]) == [
        "a.py::test_long[x[1]]", "b.py::test_case[a]", "b.py::test_other", "c.py::test_long",
    ]  # fmt: skip


def test_a_run_measures_children_and_passes_over_what_is_listed(tmp_path, monkeypatch):
    (tmp_path / "test_it.py").write_text(
        "import subprocess, sys\n"
        "WORK = 'import time\\nwhile time.process_time() < 0.4: pass'\n"
        "def test_child(): subprocess.run([sys.executable, '-c', WORK], check=True)\n"
        "def test_fast(): pass\n"
    )
    helpers = Path(measure_tests.__file__).parent
    for name in ("measure_tests.py", "slow_cases.py"):
        (tmp_path / name).write_bytes((helpers / name).read_bytes())
    (tmp_path / "slow_tests.txt").write_text("")
    (tmp_path / "quick_tests.txt").write_text("# guarantees\n")
    (tmp_path / "conftest.py").write_text(
        "from slow_cases import mark_slow_as_measured\n"
        "def pytest_collection_modifyitems(items): mark_slow_as_measured(items)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def run(*options):
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
             "-p", "no:hypothesispytest", "-W", "ignore", *options],
            cwd=tmp_path, capture_output=True, text=True,
        ).stdout  # fmt: skip

    assert "2 passed" in run("-p", "measure_tests")
    assert listed(tmp_path / "slow_tests.txt") == ["test_it.py::test_child"]
    assert "1 passed, 1 deselected" in run("-m", "not slow")
