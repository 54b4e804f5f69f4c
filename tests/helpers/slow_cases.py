"""Cases of a test of which the quick run takes some of each kind, and `make test-all` every one."""

from collections.abc import Container, Iterable
from typing import Any

import pytest


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


def place_of(item: pytest.Function) -> int:
    """The sum of the places that a case has in the lists of parameters of its test.

    If that is divisible by n in the quick cases (``quick_each``), each value of each list is in one
    of them, as in a Latin square, where there are two lists, one of them of n values or more. Of
    one list each n-th case is quick.
    """
    first = [mark.args[0] for mark in item.iter_markers("parametrize")]
    names = [each.split(",")[0].strip() if isinstance(each, str) else each[0] for each in first]
    return sum(item.callspec.indices[name] for name in names)
