"""Measure what each quick test takes, and write which tests are slow: ``make measure-tests``.

A plugin of pytest. What counts is the processor time of the test itself and of the processes that
it starts, without its fixtures: those of a module are paid once, by whichever test comes first. A
test that takes more than ``LIMIT`` is slow, unless `quick_tests.txt` names it as a guarantee. Of
each file at least one test stays quick, the cheapest.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from slow_cases import LISTED, QUICK, listed

LIMIT = 0.15  # seconds of processor time

_taken: dict[str, float] = {}


def processor_seconds() -> float:
    taken = os.times()
    return taken.user + taken.system + taken.children_user + taken.children_system


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    before = processor_seconds()
    try:
        return (yield)
    finally:
        _taken[item.nodeid] = processor_seconds() - before


def pytest_sessionfinish(exitstatus: int) -> None:
    """A run that failed or was ended measured something else, or not everything."""
    if exitstatus == 0:
        write(slow_of(_taken, listed(QUICK)), LISTED)


def slow_of(taken: Mapping[str, float], guarantees: Iterable[str]) -> list[str]:
    """The tests that are slow, sorted."""
    kept, slow = {*guarantees}, []
    by_file = defaultdict(list)
    for test, seconds in taken.items():
        by_file[test.partition("::")[0]].append((seconds, test))
    for tests in by_file.values():
        above = [
            test
            for seconds, test in sorted(tests)
            if seconds > LIMIT and not kept & {test, test.partition("[")[0]}
        ]
        slow += above[len(above) == len(tests) :]
    return sorted(slow)


def write(tests: Iterable[str], to: Path) -> None:
    head = "# Tests that take long. Written by `make measure-tests`; see measure_tests.py.\n"
    to.write_text(head + "".join(f"{test}\n" for test in tests), encoding="utf-8")
