"""Descents of every kind on a small problem, and what the tests of the loop do to them."""

import math

from thalweg.counter_based_random import generator
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data, choose
from thalweg.training import training_loop as run_module

LOSS = "sigmoid_cross_entropy"


def problem(n_samples=60, seed=0):
    """Two noisy classes, a small network and a starting point."""
    rng = generator(seed, "weights", 1)
    X = rng.standard_normal((n_samples, 3))
    Y = (X[:, :1] + 0.5 * rng.standard_normal((n_samples, 1)) > 0).astype(float)
    architecture = Architecture.dense(3, (5,), 1, "tanh")
    theta = initial_theta(architecture, "glorot", generator(seed, "weights"))
    return architecture, theta, Data.of(X, Y, rng.uniform(0.5, 2, n_samples))


def in_slices_of(steps, engine="auto"):
    """An engine that is called for so many steps at a time at the most, and counts them."""
    kind = type(choose(engine))

    def counted(self, *arguments):
        self.calls.append(len(arguments[6]))
        return kind.steps(self, *arguments)

    made = type(kind.__name__, (kind,), {"steps": counted})()
    made.step_seconds = run_module.SLICE_SECONDS / (steps + 0.5)
    made.work_per_second, made.calls = math.inf, []
    return made


def same(one, other):
    """Whether two descents are one, to the last bit."""
    assert one.theta.tobytes() == other.theta.tobytes()
    assert one.history == other.history
    assert (one.best_epoch, one.status) == (other.best_epoch, other.status)
    assert (one.trouble, one.dead_units) == (other.trouble, other.dead_units)
    return True


CASES = {
    "all rows": (None, "sgd:lr=0.5", {}),
    "batches": (8, "adam:lr=0.05,schedule=cosine", {}),
    "one row": (1, "sgd:lr=0.05,momentum=0.5,schedule=step", {}),
    "oscillating": (None, "sgd:lr=8,momentum=0.9", {}),
    "patience": (8, "adam:lr=0.5", {"patience": 3, "tol": 0.01}),
    "plateau": (8, "adam:lr=0.2,schedule=plateau(patience=1)", {}),
    "dropout": (8, "adam:lr=0.05", {"dropout": 0.3}),
    "cut": (8, "adam:lr=0.05,schedule=cosine", {"stop_after": 7}),
    "smoothed": (8, "adam:lr=0.05", {"label_smoothing": 0.2, "l1": 0.3}),
    "average": (8, "adam:lr=0.05,schedule=cosine,average=0.7", {}),
    "average over all rows": (None, "sgd:lr=8,momentum=0.9,average=3", {}),
    "average, one row": (1, "sgd:lr=0.05,schedule=plateau(patience=1),average=1", {"patience": 3}),
    "scales": (8, "adam:lr=0.05,schedule=cosine,average=2,scales=6", {}),
    "diverging": (8, "sgd:lr=1e80", {}),
}


class Clock:
    """Seconds that pass by one every time somebody looks."""

    def __init__(self, jump=1.0):
        self.now, self.jump = 0.0, jump

    def __call__(self):
        self.now += self.jump
        return self.now
