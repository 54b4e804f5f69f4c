"""Rows in windows: the same steps, losses and weights as with all rows in memory."""

from dataclasses import replace

import numpy as np
import pytest

from thalweg.counter_based_random import generator
from thalweg.errors import Status
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Member, RowWindow
from thalweg.training.many import train_many

LOSS, BATCH = "sigmoid_cross_entropy", 16


class FewWindows:
    """Rows in memory, given in windows of so many batches, in the order of a run in memory."""

    def __init__(self, data: Data, rows, held_out, together: int):
        self.data, self.rows, self.held, self.together = data, rows, held_out, together
        self.n_rows, self.n_held_out = len(rows), len(held_out)
        self.weight = float(data.weights[rows].sum())
        self.held_out_weight = float(data.weights[held_out].sum())
        self.asked = []

    def window(self, epoch, batch, batch_size, seed):
        self.asked.append((epoch, batch))
        order = generator(seed, "order", epoch).permutation(self.rows)
        first = batch // self.together * self.together
        rows = order[first * batch_size : (first + self.together) * batch_size]
        return RowWindow(self.data.part(rows), first, -(-len(rows) // batch_size))

    def held_out(self):
        for start in range(0, len(self.held), 50):
            yield self.data.part(self.held[start : start + 50])


def members(**changes):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(450, 5))
    y = (X[:, :1] + rng.normal(size=(450, 1)) > 0).astype(float)
    data = Data.of(X.astype(np.float32), y, rng.integers(1, 4, 450).astype(float))
    architecture = Architecture.dense(5, (6,), 1, "relu")
    theta = initial_theta(architecture, "he", generator(0, "weights")).astype(np.float32)
    rows, held_out = np.arange(340), np.arange(340, 450)
    optimizer = parse_optimizer("adam:lr=0.02")
    settings = Settings(optimizer, BATCH, 6, seed=3, dropout=0.2, **changes)
    whole = Member(architecture, theta, data, LOSS, 1.0, settings, rows, held_out)
    windows = FewWindows(data, rows, held_out, 5)
    return whole, Member(
        architecture, theta, data, LOSS, 1.0, settings, rows[:50], held_out, windows
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_weights_are_those_of_all_rows_in_memory(smoothing):
    whole, parts = members(label_smoothing=smoothing)
    (one,), (other,) = train_many([whole], 1), train_many([parts], 1)
    np.testing.assert_array_equal(other.theta, one.theta)
    assert other.status is one.status is Status.MAX_EPOCHS
    assert len({epoch for epoch, _ in parts.windows.asked}) == 6
    for mine, theirs in zip(other.history, one.history, strict=True):
        assert mine["train_loss"] == theirs["train_loss"]
        assert mine["valid_loss"] == pytest.approx(theirs["valid_loss"], rel=1e-6)
    assert other.best_epoch == one.best_epoch


def test_a_run_that_diverges_says_where():
    whole, parts = members()
    wild = parse_optimizer("sgd:lr=1e30")
    said = []
    for member in (whole, parts):
        settings = replace(member.settings, optimizer=wild)
        (descent,) = train_many([replace(member, settings=settings)], 1)
        assert descent.status is Status.DIVERGED
        said.append(descent.trouble.what)
    assert said[0] == said[1]
