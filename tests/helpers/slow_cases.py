"""Tests that only `make test-all` runs: those that take long, and further cases of some kinds."""

from collections import Counter
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

import pytest

# Tests that take long, as measured, and those that are quick whatever they take: one on each line.
LISTED = Path(__file__).with_name("slow_tests.txt")
QUICK = Path(__file__).with_name("quick_tests.txt")


def listed(path: Path) -> list[str]:
    """The tests that a file names."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def mark_slow_as_measured(items: Iterable[pytest.Item]) -> None:
    """Mark the tests slow that `slow_tests.txt` names."""
    slow = {*listed(LISTED)}
    for item in items:
        if item.nodeid in slow:
            item.add_marker(pytest.mark.slow)


def slow_but(quick: Container[Any], every: Iterable[Any]) -> list[Any]:
    """Every case for ``parametrize``, all but the quick ones marked slow."""
    cases = list(every)
    assert any(case in quick for case in cases), "no case is quick"
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=[] if case in quick else pytest.mark.slow,
        )
        for case in cases
    ]


def mark_slow_but_each(items: Iterable[pytest.Item]) -> None:
    """Mark the cases of the tests with ``quick_each(n)`` slow, all but each n-th.

    With one list of parameters these are each n-th, from the first on, or from another place with
    ``quick_each(n, place)``: so tests of the same kinds of target do not all take the same one.
    With several lists the sum of the places in the lists is divisible by n: each value of each list
    is in a quick case, as in a Latin square, if there are two lists of n values or more.
    """
    seen: Counter[Any] = Counter()
    for item in items:
        if each := item.get_closest_marker("quick_each"):
            test = item.nodeid.partition("[")[0]
            n, first = (*each.args, 0)[:2]
            if sum(places(item, seen[test])) % n != first:
                item.add_marker(pytest.mark.slow)
            seen[test] += 1


def places(item: pytest.Item, number: int) -> list[int]:
    """The place in each list of parameters of the case of this number."""
    found = []
    # The list nearest to the test is gone through slowest.
    for mark in reversed(list(item.iter_markers("parametrize"))):
        number, place = divmod(number, len(mark.args[1]))
        found.append(place)
    return found
