"""Boosted trees that are grown once for the same rows: a helper of all tests.

Most tests of an evaluation compare a network with the trees of the same few tables. The tests of
the trees themselves call `judging.boosted_trees`, which grows them each time.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np
import pytest

from thalweg.evaluation import task_judging
from thalweg.evaluation.judging.baselines import TrainingPart
from thalweg.evaluation.quantiles import level_baselines

_MOST = 64  # a few hundred kilobytes each
_PLACES = [
    (task_judging, "boosted_two_classes"), (task_judging, "boosted_classes"),
    (task_judging, "boosted_numbers"), (level_baselines, "boosted_numbers"),
]  # fmt: skip


@contextmanager
def kept_trees() -> Iterator[None]:
    """Let evaluations take trees that an earlier one has grown from the same rows."""
    kept: OrderedDict[Any, Any] = OrderedDict()
    with pytest.MonkeyPatch.context() as patch:
        for module, name in _PLACES:
            patch.setattr(module, name, _once(getattr(module, name), kept))
        yield


def _once(grow: Callable[..., Any], kept: OrderedDict[Any, Any]) -> Callable[..., Any]:
    @wraps(grow)
    def grown(part: TrainingPart, *others: Any, **more: Any) -> Any:
        if np.asarray(part.y).dtype.hasobject:
            return grow(part, *others, **more)
        rows = (_content(part.X), _content(part.y), _content(part.weights), tuple(part.n_levels))
        asked = (grow.__name__, rows, others, tuple(sorted(more.items())))
        if asked not in kept:
            kept[asked] = grow(part, *others, **more)
            while len(kept) > _MOST:
                kept.popitem(last=False)
        return kept[asked]

    return grown


def _content(values: Any) -> tuple[Any, ...]:
    array = np.asarray(values)
    return array.dtype.str, array.shape, array.tobytes()
