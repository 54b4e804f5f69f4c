"""Small fits with a checkpoint, cut after some slices of steps: a helper of the tests."""

from contextlib import contextmanager
from itertools import count

import numpy as np
import pandas as pd
import pytest

from thalweg import Checkpoint, ThalwegClassifier, ThalwegRegressor, files
from thalweg.training.callbacks import Callback
from thalweg.training.keeping.two_generations import TwoGenerations
from thalweg.training.training_loop import Run

N_ROWS = 70
draw = np.random.default_rng(0)
X = pd.DataFrame(draw.standard_normal((N_ROWS, 3)), columns=list("abc"))
X["d"] = draw.choice(["p", "q", "r"], N_ROWS)
VALUES = X["a"].to_numpy() + 0.3 * draw.standard_normal(N_ROWS)
CLASSES = (VALUES > 0).astype(int)
SMALL = {"hidden_layer_sizes": (3,), "max_iter": 5, "random_state": 0, "n_iter_no_change": 2}


class Ear(Callback):
    """Hears every epoch."""

    def __init__(self):
        self.epochs = []

    def epoch_end(self, moment):
        self.epochs.append(moment.epoch)


# The estimators, and what their fits get besides the rows.
FITS = {
    "folds": (ThalwegClassifier, {}, {}),
    "cross-validation": (ThalwegClassifier, {"early_stopping": "cross-validation"}, {}),
    "hold-out": (ThalwegClassifier, {"early_stopping": "hold-out", "n_ensemble": 2}, {}),
    "no early stopping": (ThalwegRegressor, {"early_stopping": False, "max_iter": 40}, {}),
    "scoring": (ThalwegClassifier, {"scoring": "roc_auc"}, {}),
    "callbacks": (ThalwegClassifier, {"callbacks": [Ear()]}, {}),
    "lbfgs": (ThalwegRegressor, {"optimizer": "lbfgs", "early_stopping": "folds"}, {}),
    "average": (ThalwegClassifier, {"optimizer": "adam:average=0.9"}, {}),
    "weights": (ThalwegClassifier, {}, {"sample_weight": 0.5 + np.arange(N_ROWS) % 3}),
    "groups": (ThalwegClassifier, {}, {"groups": np.arange(N_ROWS) // 3}),
    "validation": (ThalwegRegressor, {}, {"X_val": X[:20].assign(a=1.0), "y_val": VALUES[:20]}),
    "exposure": (ThalwegRegressor, {"loss": "poisson"}, {"exposure": 0.5 + draw.random(N_ROWS)}),
    "several targets": (ThalwegRegressor, {}, {}),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def without_waiting_for_the_disk():
    """These tests write after every slice, and a busy disk takes its time for each `fsync`."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(files.FileSystem, "sync", lambda self, handle: None)
        patched.setattr(files.FileSystem, "sync_directory", lambda self, folder: None)
        yield


def target_of(name):
    """The target of a fit."""
    if name == "several targets":
        return np.column_stack((VALUES, VALUES**2))
    if FITS[name][0] is ThalwegClassifier:
        return CLASSES
    return np.round(np.exp(VALUES)) if name == "exposure" else VALUES


def fitted(name, checkpoint=None, **more):
    """The model of a fit."""
    kind, settings, given = FITS[name]
    made = kind(**{**SMALL, **settings, **more})
    return made.fit(X, target_of(name), checkpoint=checkpoint, **given)


def bytes_of(model, folder):
    """The bytes of its file."""
    path = folder / "model.safetensors"
    model.save(path, overwrite=True)
    return path.read_bytes()


def at_once(path, **more):
    """A checkpoint that is written after every slice."""
    return Checkpoint(path, every_seconds=0, **more)


class Cut(Exception):
    """The fit was cut."""


@contextmanager
def cut_at(number, *, moved=False):
    """Let the slice of this number raise; yields the numbers of the slices that began.

    ``moved``: after its steps, where θ has moved and nobody has heard of it.
    """
    real, begun, counter = Run.advance, [], count(1)

    def advance(run):
        begun.append(next(counter))
        if begun[-1] == number and not moved:
            raise Cut
        real(run)
        if begun[-1] == number:
            raise Cut

    Run.advance = advance
    try:
        yield begun
    finally:
        Run.advance = real


@contextmanager
def all_written():
    """The bytes of every file that a fit writes: what a kill at any time may leave."""
    real, written = TwoGenerations.write, []

    def write(file, data):
        written.append(data)
        real(file, data)

    TwoGenerations.write = write
    try:
        yield written
    finally:
        TwoGenerations.write = real


def left_by(path):
    """The names of the files that stand at a checkpoint and beside it."""
    return sorted(each.name for each in path.parent.iterdir() if each.name.startswith(path.name))
