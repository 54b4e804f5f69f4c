"""Where a descent stands: which epoch is the best, and when patience runs out."""

import numpy as np
import pytest

from thalweg.network.engine import State
from thalweg.network.formulas.rules import RULES
from thalweg.training.descent.patience import Patience
from thalweg.training.descent_state import Best


def patience(limit=3, tol=0.0):
    return Patience(limit, tol)


@pytest.mark.parametrize(
    ("losses", "tol", "left"),
    [
        # A loss that stays where it is has not fallen.
        ([1.0, 1.0, 1.0], 0.0, 1),
        ([1.0, 1.0, 0.9], 0.0, 3),
        # It must fall by more than the tolerance, and from the lowest, not from the last.
        ([2.0, 1.75, 1.75], 0.25, 1),
        ([2.0, 1.5, 1.75], 0.25, 2),
        ([2.0, 1.9, 1.8, 1.7], 0.25, 3),
        ([np.nan, np.nan], 0.0, 1),
    ],
)
def test_patience_counts_epochs_since_the_loss_fell(losses, tol, left):
    counted, one_by_one = patience(tol=tol), patience(tol=tol)
    counted.see(losses)
    for loss in losses:
        one_by_one.see([loss])
    assert counted.left == one_by_one.left == left


def test_without_a_limit_there_is_no_end():
    endless = patience(None)
    endless.see([1.0] * 100)
    assert endless.left > 10**9


def test_the_first_of_equal_epochs_is_kept():
    best = Best.at(State.at(np.zeros(2), RULES["sgd"]))
    for epoch, loss in enumerate([np.inf, 2.0, 1.0, 1.0, 1.5], 1):
        held = best.hold(State.at(np.full(2, float(epoch)), RULES["sgd"]))
        assert best.offer(loss, epoch, held) == (epoch in (2, 3))
    assert (best.kept.epoch, best.kept.loss, best.kept.state.theta[0]) == (3, 1.0, 3.0)


def test_the_start_is_no_epoch():
    best = Best.at(State.at(np.zeros(2), RULES["sgd"]))
    assert not best.offer(-1.0, 0, best.hold(State.at(np.ones(2), RULES["sgd"])))
    assert best.kept.epoch == 0
