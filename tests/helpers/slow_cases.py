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
