"""The tool that plants faults: what it plants, and that it tells a caught one from a survivor."""

import ast
import os
import re
import subprocess
import sys

import pytest

from mutants.__main__ import judging, reasons, sources_of
from mutants.child import ROOT, TESTS
from mutants.faults import faults_of
from mutants.judge import Judges

SOURCE = b'''
"""A text of 3 < 4."""
LIMIT = 2
if TYPE_CHECKING:
    from a import B

def total(values: "list[int]", first=0) -> float:
    """Sum up to 5."""
    done = first
    for value in values[first:]:
        if value < LIMIT and not value == 1:
            done += max(value, 7)
        if value is None:
            raise ValueError(f"{value + 1} of {9}")
    other = weigh(done, values, strict=True)
    return done
'''


def planted(line):
    return {fault.becomes for fault in faults_of("a.py", SOURCE) if fault.line == line}


def test_every_kind_of_fault_is_planted():
    assert planted(3) == {"LIMIT = 1", "LIMIT = 3"}
    assert planted(7) == {'def total(values: "list[int]", first=1) -> float:'}
    assert planted(10) == {f"for value in values[(first) {step} 1:]:" for step in "+-"}
    start, end = "if value", "and not value == 1:"
    assert planted(11) == {
        f"{start} <= LIMIT {end}", f"{start} >= LIMIT {end}", f"{start} < LIMIT or not value == 1:",
        "if (value < LIMIT):", "if (not value == 1):", f"{start} < LIMIT and not value != 1:",
        f"{start} < LIMIT and (value == 1):", f"{start} < LIMIT and not value == 0:",
        f"{start} < LIMIT and not value == 2:", "if (not (value < LIMIT and not value == 1)):",
    }  # fmt: skip
    assert planted(12) == {
        "done -= max(value, 7)", "pass", "done += min(value, 7)", "done += max(value, 6)",
        "done += max(value, 8)",
    }  # fmt: skip
    assert planted(15) == {"other = weigh(values, done, strict=True)"}
    assert planted(16) == {"return other"}


def test_texts_and_types_and_errors_are_left_alone():
    assert not any(planted(line) for line in (2, 4, 5, 8, 14))


def test_every_fault_is_another_source_that_can_be_read():
    faults = faults_of("a.py", SOURCE)
    sources = {ast.dump(ast.parse(fault.planted(SOURCE))) for fault in faults}
    assert len(sources) == len(faults) == len({fault.key for fault in faults})
    assert ast.dump(ast.parse(SOURCE)) not in sources


def test_a_fault_is_asked_of_the_tests_that_run_its_line_the_quick_and_the_own_first():
    records = {
        "tests/test_b.py::slow": {"seconds": 0.5, "lines": {"a.py": [12]}},
        "tests/test_b.py::quick": {"seconds": 0.2, "lines": {"a.py": [12, 16]}},
        "tests/test_a.py::own": {"seconds": 0.4, "lines": {"a.py": [12]}},
        "tests/test_a.py::elsewhere": {"seconds": 0.1, "lines": {"a.py": [16], "b.py": [12]}},
        "tests/test_b.py::stranger": {"seconds": 0.1, "lines": {"b.py": [12]}},
        "tests/test_c.py::reader": {"seconds": 0.1, "lines": {}},
    }
    imports = {"tests/test_c.py": ["thalweg.a"]}

    def asked(line, budget=9.0):
        fault = next(fault for fault in faults_of("a.py", SOURCE) if fault.line == line)
        chosen, left = Judges(records, budget, lambda name: imports.get(name, ())).of(fault)
        return [name.split("::")[1] for name in chosen], left

    assert asked(12) == (["own", "quick", "slow"], 0)
    assert asked(12, budget=0.7) == (["own", "quick"], 1)
    # What a file says outside of functions is for all who run or read it, a default for who runs
    # the function.
    assert sorted(asked(3)[0]) == ["elsewhere", "own", "quick", "reader", "slow"]
    assert sorted(asked(7)[0]) == ["elsewhere", "own", "quick", "slow"]


def test_the_tests_of_a_module_are_those_that_import_it():
    files = set(judging(sources_of("data/group_folds")))
    assert TESTS / "evaluation" / "test_splits.py" in files
    assert TESTS / "network" / "formulas" / "test_rules.py" not in files
    assert TESTS / "data" / "test_canonical_rows.py" in judging(sources_of("data/canonical_rows"))
    with pytest.raises(SystemExit, match="no room and no module attic"):
        sources_of("attic")


def test_every_reason_is_for_a_fault_that_can_be_planted():
    keys = reasons()
    # A number behind the name tells faults of one text apart.
    names = {*keys, *(re.sub(r" #\d+$", "", key) for key in keys)}
    there = set()
    for path in {key.split()[0] for key in keys}:
        source = ROOT / "src" / "thalweg" / path
        there |= {fault.key for fault in faults_of(path, source.read_bytes(), names)}
    assert set(keys) <= there, "the source has changed: prove it anew, or take it out"


def test_the_faults_of_some_names_are_those_among_all():
    every = [fault.key for fault in faults_of("a.py", SOURCE)]
    for key in every:
        assert [fault.key for fault in faults_of("a.py", SOURCE, {key})] == [key]
    twice = b"def f(a):\n    b = [a < 1, 2]\n    b = [a < 1, 2]\n"
    every = [fault.key for fault in faults_of("a.py", twice)]
    numbered = [key for key in every if key.endswith(" #2")]
    assert numbered
    for key in numbered:
        name = key.removesuffix(" #2")
        assert [fault.key for fault in faults_of("a.py", twice, {name})] == [name, key]


@pytest.mark.slow
def test_faults_are_caught_and_survivors_named(tmp_path):
    # The room is `random`, small and with a test file of its own.
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    call = ("-m", "mutants", "counter_based_random")
    ran = subprocess.run(
        [sys.executable, *call, "--state", tmp_path, "--seed", "1"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode in (0, 1), ran.stderr
    assert " caught" in ran.stdout
    again = subprocess.run(
        [sys.executable, *call, "--state", tmp_path, "--seed", "1"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert again.stdout.splitlines()[-1] == ran.stdout.splitlines()[-1]
    assert "recorded" in ran.stdout
    assert "recorded" not in again.stdout
