"""The first layer with inputs that are bins of numbers, against the dense product."""

import time
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from slow_cases import slow_but
from thalweg.network.architecture import Architecture
from thalweg.network.compiled import compiled_engine, jit_cache, vector_code
from thalweg.network.compiled.binned import binned_inputs, binned_layer
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.network.compiled.team import team_threads
from thalweg.network.engine import (
    Data,
    Method,
    Noise,
    Objective,
    Order,
    State,
)
from thalweg.network.made_inputs import InBins
from thalweg.network.reference_engine import ReferenceEngine
from thalweg.parallel_map import is_working

CLOSE = {np.float64: 1e-11, np.float32: 2e-5}


@dataclass
class Binned:
    """Numbers by their bins, and all other inputs."""

    at: NDArray[np.uint8]
    output: np.ndarray
    others: np.ndarray
    first: int
    starts: NDArray[np.intp]
    below: np.ndarray
    above: np.ndarray

    def __len__(self):
        return len(self.at)

    @property
    def shape(self):
        return len(self.at), self.others.shape[1] + len(self.below)

    @property
    def dtype(self):
        return self.output.dtype

    def __getitem__(self, rows):
        """Bin by bin, as the protocol says it in words."""
        numbers = np.arange(len(self.at))[rows]
        X = np.empty((len(numbers), self.shape[1]), self.dtype)
        n_bins = len(self.below)
        X[:, : self.first] = self.others[numbers, : self.first]
        X[:, self.first + n_bins :] = self.others[numbers, self.first :]
        for place, row in enumerate(numbers):
            for column, (start, end) in enumerate(pairwise(self.starts)):
                for k in range(start, end):
                    own = start + self.at[row, column]
                    beside = self.below[k] if k < own else self.above[k]
                    X[place, self.first + k] = self.output[row, column] if k == own else beside
        return X


def binned(rng, n, counts, n_left, n_right, dtype):
    """A random table; the middle bin of a column may be any."""
    starts = np.concatenate(([0], np.cumsum(counts))).astype(np.intp)
    below, above = np.zeros(starts[-1]), np.zeros(starts[-1])
    for start, end in pairwise(starts):
        middle = rng.integers(start, end)
        below[middle + 1 : end] = above[start:middle] = rng.normal()
        above[start:middle] *= -1
        below[middle], above[middle] = rng.normal(size=2)
    at = np.stack([rng.integers(0, count, n) for count in counts], 1).astype(np.uint8)
    return Binned(
        at, rng.normal(size=at.shape).astype(dtype),
        rng.normal(size=(n, n_left + n_right)).astype(dtype), n_left, starts, below, above,
    )  # fmt: skip


def problem(seed, counts, *, left=0, right=0, n=90, hidden=(20,), dtype=np.float64, outputs=1):
    rng = np.random.default_rng(seed)
    inputs = binned(rng, n, counts, left, right, dtype)
    architecture = Architecture.dense(inputs.shape[1], hidden, outputs, "tanh")
    theta = rng.normal(0, 0.3, architecture.n_parameters).astype(dtype)
    Y, weights = rng.normal(size=(n, outputs)), rng.random(n) + 0.5
    return architecture, theta, Data.of(inputs, Y, weights), Data.of(inputs[:], Y, weights)


def agree(found, expected, dtype):
    for a, b in zip(found, expected, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        size = max(1.0, np.abs(b).max(initial=0.0))
        np.testing.assert_allclose(a, b, rtol=0, atol=CLOSE[dtype] * size)


def gradients(problem_, objective, rows=None, noise=None):
    """By the compiled engine from bins, and by the reference engine from dense inputs."""
    architecture, theta, told, dense = problem_
    assert told.in_bins
    assert not dense.in_bins
    ours = CompiledEngine().loss_and_gradient(architecture, objective, theta, told, rows, noise)
    plain = ReferenceEngine().loss_and_gradient(architecture, objective, theta, dense, rows, noise)
    return ours, plain


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("counts", "left", "right"),
    [
        ((3,), 0, 0),
        ((1, 4), 2, 0),
        ((12, 2, 7), 0, 3),
        ((5, 5, 5, 5), 1, 1),
        ((2, 9, 30, 4, 4), 3, 18),
        ((256, 2, 2, 2, 2, 2, 2, 2, 2), 17, 0),
    ],
)
@pytest.mark.parametrize("hidden", [(), (1,), (20,), (33, 4), (130,)])
def test_loss_and_gradient_are_those_of_dense_inputs(counts, left, right, hidden, dtype):
    made = problem(1, counts, left=left, right=right, hidden=hidden, dtype=dtype, outputs=2)
    agree(*gradients(made, Objective("squared_error", penalty=0.1)), dtype)


@pytest.mark.parametrize("n", [1, 15, 16, 17, 512, 513, 700])
def test_any_number_of_rows_in_any_order(n):
    made = problem(2, (4, 6, 3, 3, 5), left=2, right=3, n=n)
    objective = Objective("squared_error")
    agree(*gradients(made, objective), np.float64)
    rows = np.random.default_rng(n).integers(0, n, n)
    agree(*gradients(made, objective, rows), np.float64)
    dropping = Objective("squared_error", dropout=0.4)
    agree(*gradients(made, dropping, rows, Noise(3, n)), np.float64)


@given(
    seed=st.integers(0, 10**6),
    counts=st.lists(st.integers(1, 9), min_size=1, max_size=9),
    others=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    units=st.integers(1, 70),
)
def test_any_layout_of_inputs(seed, counts, others, units):
    made = problem(seed, counts, left=others[0], right=others[1], n=30, hidden=(units,))
    agree(*gradients(made, Objective("squared_error", l1=0.01)), np.float64)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_steps_are_those_of_dense_inputs(dtype):
    architecture, theta, told, dense = problem(3, (8, 5, 11), left=2, right=1, n=300, dtype=dtype)
    method, order = Method.of("adam"), Order(np.random.default_rng(0).permutation(300), 64)
    objective, rates = Objective("squared_error", penalty=1e-3, dropout=0.2), np.full(23, 0.01)
    ends = []
    for engine, data in ((CompiledEngine(), told), (ReferenceEngine(), dense)):
        state = State.at(theta, method.rule, 5)
        ran = engine.steps(architecture, objective, method, state, data, order, rates, 0)
        ends.append((ran.losses, ran.gradient_norms, state.theta))
    agree(*ends, dtype)
    assert not np.allclose(ends[0][2], theta, atol=0.01)


def test_losses_and_predictions_are_those_of_dense_inputs():
    architecture, theta, told, dense = problem(4, (6, 4), left=1, right=2, n=1200)
    thetas = np.stack([theta, 2 * theta, -theta])
    objective, ours, plain = Objective("squared_error"), CompiledEngine(), ReferenceEngine()
    expected = plain.losses(architecture, objective, thetas, dense)
    agree([ours.losses(architecture, objective, thetas, told)], [expected], np.float64)
    rows = np.array([7, 7, 1199, 0])
    for some in (None, rows, rows[:0]):
        expected = plain.predict(architecture, theta, dense, some)
        agree([ours.predict(architecture, theta, told, some)], [expected], np.float64)


def test_predictions_need_no_more_memory_than_a_window(monkeypatch):
    architecture, theta, told, dense = problem(5, (6, 4), n=50)
    asked, whole = [], Binned.__getitem__
    monkeypatch.setattr(compiled_engine, "WINDOW", 10 * 8 * 7)
    monkeypatch.setattr(
        Binned, "__getitem__", lambda self, rows: asked.append(len(rows)) or whole(self, rows)
    )
    found = CompiledEngine().predict(architecture, theta, told)
    assert asked == [7] * 7 + [1]
    agree([found], [ReferenceEngine().predict(architecture, theta, dense)], np.float64)


def test_a_fit_beside_another_does_not_disturb_it():
    """Scratch memory is kept: what other inputs left there must not be read."""
    first = problem(6, (7, 3, 3), left=2, hidden=(20,))
    second = problem(7, (3, 7, 3), left=2, hidden=(20,))
    objective = Objective("squared_error")
    (loss, gradient), _ = gradients(first, objective)
    gradients(second, objective)
    (again, same), _ = gradients(first, objective)
    assert again == loss
    assert same.tobytes() == gradient.tobytes()


@pytest.mark.parametrize(
    ("width", "dtype"), slow_but([(32, np.float32)], [(32, np.float32), (16, np.float64)])
)
def test_vectors_of_other_machines(monkeypatch, width, dtype):
    monkeypatch.setattr(jit_cache, "directory", lambda: None)  # nothing of it must be kept
    asked = []
    monkeypatch.setattr(vector_code, "registers", lambda: asked.append(1) or (width, 12))
    made = binned_layer.loops.__wrapped__(np.dtype(dtype))
    assert asked
    monkeypatch.undo()
    monkeypatch.setattr(binned_inputs, "loops", lambda _: made)
    told = problem(10, (5, 9, 2, 2, 4), left=1, right=2, hidden=(37,), dtype=dtype)
    agree(*gradients(told, Objective("squared_error")), dtype)


def test_inputs_that_are_an_array_or_made_are_not_in_bins():
    *_, told, dense = problem(8, (3, 3))
    assert isinstance(told.X, InBins)
    assert not isinstance(dense.X, InBins)
    assert not told.part(np.arange(3)).in_bins


def test_the_middle_is_where_the_outputs_beside_a_number_change():
    *_, told, _ = problem(9, (4, 4))
    told.X.below[:] = [0, 0, 0.3, 1, 1, 1, 1, 1]
    told.X.above[:] = [-1, -1, -0.7, 0, 0, 0, 0, 0]
    assert binned_inputs._middles(told.X).tolist() == [2, 4]


@pytest.mark.slow  # until the kernel is compiled
@pytest.mark.parametrize(("dtype", "others"), [(np.float32, 2), (np.float32, 0), (np.float64, 2)])
def test_several_threads_give_the_bits_of_one(dtype, others, monkeypatch):
    monkeypatch.setattr(compiled_engine, "worthwhile", lambda threads, *_, **__: threads)
    monkeypatch.setattr(team_threads.Pace, "wants_several", lambda self: True)
    architecture, theta, told, _ = problem(
        3, (8, 5, 11), left=others, right=others, n=300, hidden=(70, 9), dtype=dtype, outputs=2
    )
    method, order = replace(Method.of("adam"), scales=6.0), Order(np.arange(300), 64)
    objective, rates = Objective("squared_error", penalty=1e-3, dropout=0.2), np.full(23, 0.01)
    ends = []
    for threads in (1, 2, 2, 3, 5, 7, 16):
        state = State.begin(architecture, method, theta, 5)
        ran = CompiledEngine().steps(
            architecture, objective, method, state, told, order, rates, 0, threads
        )
        while is_working():  # the first call with several threads lets the kernel be compiled
            time.sleep(0.001)
        ends.append((ran.losses.tobytes(), ran.gradient_norms.tobytes(), state.theta.tobytes()))
    assert len(set(ends)) == 1
