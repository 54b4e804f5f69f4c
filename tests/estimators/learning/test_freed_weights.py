"""A fit frees its weights when it ends: none waits for the collector of circles.

That one runs after many new objects, and arrays count as few: a search would fill the memory.
"""

import gc

import numpy as np
import pytest

from thalweg import ThalwegClassifier

X = np.random.default_rng(0).normal(size=(90, 3))
Y = np.where(X[:, 0] > X[:, 1], "left", "right")


def left_behind(act):
    """What a second call leaves in circles, by the names of its types."""
    act()
    gc.freeze()  # whatever is there already is not looked at
    gc.disable()
    try:
        act()
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        return sorted({type(each).__name__ for each in gc.garbage})
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


@pytest.mark.parametrize(
    "settings",
    [
        {"n_folds": 3, "n_jobs": 2},
        {"n_folds": 3, "n_ensemble": 2},
        {"early_stopping": False},
        {"early_stopping": False, "optimizer": "lbfgs"},
    ],
    ids=["folds", "ensemble", "one network", "lbfgs"],
)
def test_a_fit_leaves_no_circle(settings):
    model = ThalwegClassifier((4,), max_iter=5, random_state=0, **settings)
    assert left_behind(lambda: model.fit(X, Y)) == []


def test_a_circle_is_seen():
    def circle():
        found = []
        found.append(found)

    assert left_behind(circle) == ["list"]
