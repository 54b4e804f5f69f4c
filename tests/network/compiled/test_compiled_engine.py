"""The compiled engine at the seam: what it refuses, when it ends, bits, memory and threads."""

import hashlib
import itertools
import re
import subprocess
import sys
import tracemalloc
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from numba.core.runtime import _nrt_python, rtsys

import by_hand
from checks import CHECKS
from slow_cases import slow_but
from thalweg.errors import EngineWarning, Status
from thalweg.network import engine
from thalweg.network.architecture import Architecture
from thalweg.network.compiled import compiled_engine, training_kernels
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.network.compiled.kernel_arguments import APART, OPTIONS
from thalweg.network.compiled.subnormals import KNOWN
from thalweg.network.compiled.training_kernels import CHUNK
from thalweg.network.compiled.vector_code import LINE
from thalweg.network.engine import Data, Method, Noise, Objective, Order, State, choose
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.losses import LOSSES, loss
from thalweg.network.formulas.rules import RULES
from thalweg.network.reference_engine import ReferenceEngine

# Their means are exp(z), beyond the floats for a large z.
OF_LOGARITHMS = {"poisson", "gamma", "tweedie"}
ENGINE, REFERENCE = CompiledEngine(), ReferenceEngine()
DTYPES = [np.float32, np.float64]
SMALL = Architecture.dense(3, (4,), 2, "tanh")
LINEAR = Architecture((3, 1), ("identity",))


def problem(architecture, loss_text, n_samples, seed=0, *, weights=None, dtype=np.float64,
            alpha=0.0, l1=0.0, dropout=0.0):  # fmt: skip
    """Objective, θ and data that nobody may write to."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_samples, architecture.sizes[0]))
    Y = by_hand.targets(loss_text, n_samples, architecture.sizes[-1], rng)
    weights = np.ones(n_samples) if weights is None else np.array(weights, float)
    theta = (rng.normal(size=architecture.n_parameters) * 0.5).astype(dtype)
    data = Data.of(X.astype(dtype), Y, weights)
    for array in (theta, data.X, data.Y, data.weights):
        array.setflags(write=False)
    return Objective.over(loss_text, alpha, weights, l1, dropout), theta, data


def whole(data):
    return Order(np.arange(len(data.X)), len(data.X))


def descend(architecture, objective, theta, data, order, rates, method=None, *, with_=ENGINE,
            state=None, first=0):  # fmt: skip
    method = method or Method.of("sgd")
    state = state or State.at(theta, method.rule, seed=3)
    rates = np.asarray(rates, float)
    ran = with_.steps(architecture, objective, method, state, data, order, rates, first)
    return state, ran


# --- the checks that any engine can be put to -------------------------------------------------


@pytest.mark.parametrize("check", sorted(set(CHECKS) - {"papers"}))
def test_it_stands_every_check(check):
    CHECKS[check](ENGINE)


# --- what a step costs beside the products -----------------------------------------------------


class Penalized(NamedTuple):
    """What the penalty reads of a network."""

    penalty: float
    l1: float
    weights: np.ndarray
    sizes: np.ndarray


@pytest.mark.parametrize(("dtype", "kind"), [(np.float32, "float"), (np.float64, "double")])
def test_penalty_and_decay_pass_over_the_weights_in_vectors(dtype, kind):
    # One number at a time, they took 2.7 times as long as all the rest of a step.
    theta, net = np.ones(20, dtype), Penalized(2.0, 1.0, np.array([0]), np.array([4, 5]))
    for loop, arguments in (
        (training_kernels.penalty, (net, theta, np.zeros(20, dtype), 1, ())),
        (training_kernels._scale, (theta, dtype(0.5))),
    ):
        fresh = njit(**OPTIONS)(loop.py_func)
        fresh(*arguments)
        text = "".join(fresh.inspect_llvm().values())
        assert re.search(rf"\bfmul\b[^\n]*<\d+ x {kind}>", text), loop


# --- when a run ends --------------------------------------------------------------------------

DIVERGING = [
    ("squared_error", LINEAR, 1e3, "sgd"),
    ("squared_error", SMALL, 1e3, "nesterov"),
    ("poisson", SMALL, 3.0, "sgd"),
    ("squared_error", Architecture.dense(3, (17, 5), 1, "relu"), 5.0, "sgd"),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("text", "architecture", "rate", "name"), DIVERGING)
def test_divergence_is_seen_at_the_same_step(text, architecture, rate, name, dtype):
    objective, theta, data = problem(architecture, text, 21, dtype=dtype)
    method, order, rates = Method.of(name), Order(np.arange(21), 8), np.full(500, rate)
    state, ran = descend(architecture, objective, theta, data, order, rates, method)
    plain, expected = descend(
        architecture, objective, theta, data, order, rates, method, with_=REFERENCE
    )
    assert ran.status is expected.status is Status.DIVERGED
    assert 2 < len(ran.losses) == len(expected.losses) == len(ran.gradient_norms) < 500
    assert np.all(np.isfinite(ran.losses[:-1]))
    assert np.all(np.isfinite(ran.gradient_norms[:-1]))
    assert not (np.isfinite(ran.losses[-1]) and np.isfinite(ran.gradient_norms[-1]))
    # The step that met the end was not taken: θ and memory are those of a run that ends before.
    before, fine = descend(
        architecture, objective, theta, data, order, rates[: len(ran.losses) - 1], method
    )
    assert fine.status is Status.RUNNING
    np.testing.assert_array_equal(state.theta, before.theta)
    np.testing.assert_array_equal(state.slots, before.slots)
    assert state.step == before.step == plain.step == len(ran.losses) - 1


@pytest.mark.parametrize("wild", [np.nan, np.inf])
@pytest.mark.parametrize("place", ["theta", "X", "Y"])
def test_what_is_not_finite_ends_a_run_at_once(place, wild):
    objective, theta, data = problem(SMALL, "squared_error", 5)
    theta, X, Y = theta.copy(), data.X.copy(), data.Y.copy()
    {"theta": theta, "X": X, "Y": Y}[place].flat[-1] = wild
    state, ran = descend(SMALL, objective, theta, Data.of(X, Y), whole(data), [0.1, 0.1])
    assert (ran.status, len(ran.losses), state.step) == (Status.DIVERGED, 1, 0)
    np.testing.assert_array_equal(state.theta, theta)


def test_no_rates_no_steps():
    objective, theta, data = problem(SMALL, "squared_error", 5)
    state, ran = descend(SMALL, objective, theta, data, whole(data), [])
    assert (ran.status, len(ran.losses), len(ran.gradient_norms)) == (Status.RUNNING, 0, 0)
    np.testing.assert_array_equal(state.theta, theta)


# --- nothing but finite numbers from finite ones ----------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", sorted(set(LOSSES) - OF_LOGARITHMS))
@pytest.mark.parametrize("hidden", sorted(ACTIVATIONS))
def test_a_network_with_logits_of_ten_thousand(hidden, name, dtype):
    architecture = Architecture.dense(2, (2,), 2, hidden)
    X = np.array([[1e4, -1e4], [-1e4, 1e4], [0.0, 0.0], [1e4, 1e4]], dtype)
    theta = np.array([1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0], dtype)
    # What these squeeze into [-1, 1] or stretch is brought back.
    theta[6:10] *= dtype({"sigmoid": 1e4, "tanh": 1e4, "selu": 1 / by_hand.SCALE}.get(hidden, 1.0))
    for Y in (np.eye(2)[[0, 1, 0, 1]], np.eye(2)[[1, 0, 1, 0]]):
        data = Data.of(X, Y)
        predicted = ENGINE.predict(architecture, theta, data)
        assert np.max(np.abs(predicted)) == pytest.approx(1e4, rel=1e-6)
        height, gradient = ENGINE.loss_and_gradient(architecture, Objective(name), theta, data)
        assert np.isfinite(height)
        assert np.all(np.isfinite(gradient))
        expected, slopes = REFERENCE.loss_and_gradient(architecture, Objective(name), theta, data)
        assert height == pytest.approx(expected, rel=1e-5)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-5, atol=1e-5)


@given(
    sizes=st.lists(st.integers(1, 9), min_size=2, max_size=4), n=st.integers(1, 20),
    hidden=st.sampled_from(sorted(ACTIVATIONS)), scale=st.floats(-6, 3), seed=st.integers(0, 10**6),
    text=st.sampled_from(sorted(set(LOSSES) - OF_LOGARITHMS)), dtype=st.sampled_from(DTYPES),
)  # fmt: skip
def test_finite_numbers_give_finite_numbers(sizes, n, hidden, scale, seed, text, dtype):
    architecture = Architecture.dense(sizes[0], tuple(sizes[1:-1]), sizes[-1], hidden)
    objective, theta, data = problem(
        architecture, text, n, seed, dtype=dtype, alpha=0.1, l1=0.1, weights=np.ones(n)
    )
    large = dtype(10.0**scale)
    wild = Data.of(data.X * large, data.Y, data.weights)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        height, gradient = ENGINE.loss_and_gradient(architecture, objective, theta * large, wild)
        predicted = ENGINE.predict(architecture, theta * large, wild)
    assert np.isfinite(height)
    assert np.all(np.isfinite(gradient))
    assert np.all(np.isfinite(predicted))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 5, 15, 16, 17])
def test_what_fills_up_a_vector_is_no_sample_of_its_own(n, dtype):
    # f(0) = exp(100) is beyond float32, exp(800) beyond float64, and every f(x) is about 1.
    large = dtype(100 if dtype == np.float32 else 800)
    data = Data.of(large + np.arange(n, dtype=dtype)[:, None] / 16, np.ones((n, 1)))
    architecture, theta = Architecture((1, 1), ("identity",)), np.array([-1, large], dtype)
    height, gradient = ENGINE.loss_and_gradient(architecture, Objective("poisson"), theta, data)
    z = -np.arange(n) / 16
    assert height == pytest.approx(np.mean(np.exp(z) - z), rel=1e-6)
    assert gradient[1] == pytest.approx(np.mean(np.exp(z) - 1), abs=1e-6)


def test_nor_does_dropout_make_one_of_it():
    # Where nothing is dropped, five layers grow by 2⁴; the only sample has lost more than that.
    architecture, looked_at = Architecture.dense(5, (3, 3, 3, 3), 3, "identity"), 0
    for seed, scale in itertools.product(range(20), (1.0, 1.5, 2.0, 3.0)):
        objective, theta, data = problem(architecture, "poisson", 1, seed, dropout=0.5)
        theta, noise = scale * theta, Noise(seed, 0)
        narrow = Data.of(data.X.astype(np.float32), data.Y, data.weights)
        with np.errstate(over="ignore"):
            (expected,) = REFERENCE.losses(architecture, objective, theta[None], data, None, noise)
        if expected > 1e20:
            continue
        height, gradient = ENGINE.loss_and_gradient(
            architecture, objective, theta.astype(np.float32), narrow, None, noise
        )
        assert height == pytest.approx(expected, rel=1e-3, abs=1e-3)
        assert np.all(np.isfinite(gradient))
        looked_at += 1
    assert looked_at >= 40


# --- batches ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_a_batch_without_weight_moves_nothing_and_is_no_step(name):
    weights, method = [1, 1, 0, 0, 1, 0], Method.of(name)
    objective, theta, data = problem(SMALL, "squared_error", 6, weights=weights, alpha=0.5)
    order = Order(np.arange(6), 2)
    state, _ = descend(SMALL, objective, theta, data, order, [0.1], method)
    after_one = state.copy()
    _, empty = descend(SMALL, objective, theta, data, order, [0.1], method, state=state, first=1)
    np.testing.assert_array_equal(state.theta, after_one.theta)
    np.testing.assert_array_equal(state.slots, after_one.slots)
    assert (state.step, empty.status, len(empty.losses)) == (1, Status.RUNNING, 1)
    descend(SMALL, objective, theta, data, order, [0.1], method, state=state, first=2)
    assert state.step == 2
    assert np.any(state.theta != after_one.theta)
    # All in one call, and all rows without weight again and again.
    once, _ = descend(SMALL, objective, theta, data, order, [0.1] * 3, method)
    np.testing.assert_array_equal(once.theta, state.theta)
    nothing = Order(np.array([2, 3]), 2)
    still, _ = descend(SMALL, objective, theta, data, nothing, [0.1] * 3, method)
    np.testing.assert_array_equal(still.theta, theta)
    assert still.step == 0


ORDERS = [
    (7, 7, 0, 2), (7, 7, 0, 7), (7, 7, 0, 50), (21, 7, 7, 3), (21, 7, 7, 7), (40, 10, 10, 4),
    (1300, 1300, 0, 1300), (1300, 1300, 0, 600), (1100, 550, 550, 550),
]  # fmt: skip


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize(("n_rows", "_", "length", "size"), ORDERS)
def test_a_run_may_be_cut_anywhere(n_rows, _, length, size, dropout):
    weights = np.arange(n_rows) % 3
    objective, theta, data = problem(
        SMALL, "squared_error", n_rows, weights=weights, dropout=dropout, alpha=0.1
    )
    order, rates = (
        Order(np.random.default_rng(1).permutation(n_rows), size, length),
        np.full(11, 0.01),
    )
    method = replace(Method.of("adam"), clip=0.5, decay=0.1)
    straight, ran = descend(SMALL, objective, theta, data, order, rates, method)
    plain, expected = descend(SMALL, objective, theta, data, order, rates, method, with_=REFERENCE)
    np.testing.assert_allclose(straight.theta, plain.theta, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(ran.losses, expected.losses, rtol=1e-11)
    for cuts in ([0, 5, 11], [0, 1, 2, 3, 4, 11], [0, 10, 11], range(12)):
        state, losses = State.at(theta, method.rule, seed=3), []
        for start, stop in itertools.pairwise(cuts):
            _, part = descend(SMALL, objective, theta, data, order, rates[start:stop], method,
                              state=state, first=start)  # fmt: skip
            losses += part.losses.tolist()
        np.testing.assert_array_equal(state.theta, straight.theta)
        np.testing.assert_array_equal(state.slots, straight.slots)
        assert (losses, state.step) == (ran.losses.tolist(), straight.step)


@given(
    n=st.integers(1, 12), size=st.integers(1, 14), passages=st.integers(1, 4),
    first=st.integers(0, 40), n_steps=st.integers(0, 12),
)  # fmt: skip
def test_each_step_takes_the_rows_that_the_order_says(n, size, passages, first, n_steps):
    # The loss of a step tells its rows: each has a target of its own, a power of two.
    data = Data.of(np.zeros((n, 1)), np.zeros((n, 1)), 2.0 ** np.arange(n))
    data = Data(data.X, np.full((n, 1), 2.0**0.5), data.weights)
    rng = np.random.default_rng(n)
    order = Order(np.concatenate([rng.permutation(n) for _ in range(passages)]), size, n)
    architecture = Architecture((1, 1), ("identity",))
    _, ran = descend(architecture, Objective("squared_error"), np.zeros(2), data, order,
                     np.zeros(n_steps), first=first)  # fmt: skip
    batches = [order.batch(first + step) for step in range(n_steps)]
    expected = [np.sum(data.weights[rows]) / len(rows) for rows in batches]
    np.testing.assert_allclose(ran.losses, expected, rtol=1e-14)


def test_theta_moves_in_place_and_nothing_else_does():
    # ``problem`` has locked θ and the data; a write to them would be seen at the end.
    objective, theta, data = problem(SMALL, "squared_error", 6, alpha=0.1)
    before = [each.copy() for each in (theta, data.X, data.Y, data.weights)]
    method = Method.of("adam")
    state, order = State.at(theta, method.rule), Order(np.arange(6), 4)
    same, view, slots = state.theta, state.theta[:3], state.slots
    order.rows.setflags(write=False)
    descend(SMALL, objective, theta, data, order, [0.1, 0.1], method, state=state)
    assert state.theta is same
    assert state.slots is slots
    assert np.all(view != theta[:3])
    assert type(state.step) is int
    for now, then in zip((theta, data.X, data.Y, data.weights), before, strict=True):
        np.testing.assert_array_equal(now, then)
        assert not now.flags.writeable


# --- arrays of any kind -----------------------------------------------------------------------


def forms(array):
    """The same numbers, lying otherwise."""
    wide = np.full((*array.shape[:-1], 2 * array.shape[-1]), 9, array.dtype)
    wide[..., ::2] = array
    locked = array.copy()
    locked.setflags(write=False)
    tall = np.asfortranarray(array) if array.ndim == 2 else array[::-1].copy()[::-1]
    return {"as it is": array.copy(), "every second": wide[..., ::2], "locked": locked,
            "turned": tall}  # fmt: skip


def test_how_arrays_lie_does_not_matter():
    objective, theta, data = problem(SMALL, "squared_error", 6, alpha=0.1)
    theta = theta.copy()
    rows = np.array([4, 0, 3, 3])
    height, gradient = ENGINE.loss_and_gradient(SMALL, objective, theta, data, rows)
    predicted = ENGINE.predict(SMALL, theta, data, rows)
    several = np.stack([theta, 2 * theta, theta - 1])
    heights = ENGINE.losses(SMALL, objective, several, data, rows)
    for form in forms(theta):
        lying = Data(*(forms(each)[form] for each in (data.X, data.Y, data.weights)))
        own, places, many = forms(theta)[form], forms(rows)[form], forms(several)[form]
        found = ENGINE.loss_and_gradient(SMALL, objective, own, lying, places)
        assert found[0] == height, form
        np.testing.assert_array_equal(found[1], gradient)
        np.testing.assert_array_equal(ENGINE.predict(SMALL, own, lying, places), predicted)
        np.testing.assert_array_equal(ENGINE.losses(SMALL, objective, many, lying, places), heights)


def test_a_state_in_pieces_moves_in_its_place_and_its_neighbours_stay():
    objective, theta, data = problem(SMALL, "squared_error", 6)
    method = Method.of("nadam")
    expected, _ = descend(SMALL, objective, theta, data, Order(np.arange(6), 4), [0.1] * 5, method)
    table, slots = np.full((theta.size, 2), 7.0), np.full((3, 2, theta.size), 7.0)
    table[:, 1], slots[:, 1] = theta, 0.0
    state = State(table[:, 1], slots[:, 1], 0, 3)
    descend(SMALL, objective, theta, data, Order(np.arange(6), 4), [0.1] * 5, method, state=state)
    np.testing.assert_array_equal(table[:, 1], expected.theta)
    np.testing.assert_array_equal(slots[:, 1], expected.slots)
    assert np.all(table[:, 0] == 7)
    assert np.all(slots[:, 0] == 7)


@pytest.mark.parametrize("n", [1, 6, 511, 512, 513, 1300])
def test_no_rows_are_all_rows(n):
    objective, theta, data = problem(SMALL, "squared_error", n, weights=np.arange(n) % 3 + 0.5)
    rows = np.arange(n)
    for noise in (None, Noise(1, 2)):
        dropping = replace(objective, dropout=0.4)
        height, gradient = ENGINE.loss_and_gradient(SMALL, dropping, theta, data, None, noise)
        again = ENGINE.loss_and_gradient(SMALL, dropping, theta, data, rows, noise)
        assert again[0] == height
        np.testing.assert_array_equal(again[1], gradient)
        heights = ENGINE.losses(SMALL, dropping, theta[None], data, None, noise)
        assert heights.tolist() == ENGINE.losses(
            SMALL, dropping, theta[None], data, rows, noise
        ).tolist()  # fmt: skip
    np.testing.assert_array_equal(
        ENGINE.predict(SMALL, theta, data), ENGINE.predict(SMALL, theta, data, rows)
    )


def test_calls_leave_nothing_behind_for_the_next():
    # Scratch memory is kept: a large problem first, one with NaN, then the small one again.
    objective, theta, data = problem(SMALL, "softmax_cross_entropy", 9)
    height, gradient = ENGINE.loss_and_gradient(SMALL, objective, theta, data)
    for n, wild in ((9, np.nan), (500, np.inf), (16, np.nan), (9, 1e300)):
        X = np.full((n, 3), wild)
        other = Data.of(X, np.ones((n, 2)))
        ENGINE.loss_and_gradient(SMALL, objective, np.full_like(theta, wild), other)
        ENGINE.predict(SMALL, np.full_like(theta, wild), other)
        found = ENGINE.loss_and_gradient(SMALL, objective, theta, data)
        assert found[0] == height
        np.testing.assert_array_equal(found[1], gradient)
    found[1][:] = 0  # what is handed out is the caller's own
    np.testing.assert_array_equal(
        ENGINE.loss_and_gradient(SMALL, objective, theta, data)[1], gradient
    )


# --- prediction ---------------------------------------------------------------------------------


# One of comparisons, one of exponentials and one of logarithms.
HOW_MANY = {("relu", np.float32), ("relu", np.float64), ("tanh", np.float64), ("mish", np.float32)}


@pytest.mark.parametrize(
    ("hidden", "dtype"), slow_but(HOW_MANY, itertools.product(sorted(ACTIVATIONS), DTYPES))
)
def test_a_rows_prediction_does_not_depend_on_how_many_there_are(hidden, dtype):
    architecture = Architecture.dense(5, (7,), 2, hidden)
    _, theta, data = problem(architecture, "squared_error", 1100, dtype=dtype)
    full = ENGINE.predict(architecture, theta, data)
    for n in range(1, 1101):
        part = ENGINE.predict(architecture, theta, Data(data.X[:n], data.Y[:n], data.weights[:n]))
        assert np.array_equal(part, full[:n]), n


@settings(max_examples=3 * settings().max_examples)  # 60; and in `make test-all` 300
@given(
    sizes=st.lists(
        st.one_of(st.integers(1, 40), st.sampled_from([64, 100, 129])), min_size=2, max_size=5
    ),
    hidden=st.sampled_from(sorted(ACTIVATIONS)), output=st.sampled_from(sorted(ACTIVATIONS)),
    dtype=st.sampled_from(DTYPES), n=st.integers(1, 1100), cut=st.integers(1, 600),
    cores=st.integers(1, 5), seed=st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_a_rows_prediction_does_not_depend_on_its_company(
    sizes, hidden, output, dtype, n, cut, cores, seed
):
    names = (hidden,) * (len(sizes) - 2) + (output,)
    architecture = Architecture(tuple(sizes), names)
    _, theta, data = problem(architecture, "squared_error", n, seed, dtype=dtype)
    full = ENGINE.predict(architecture, theta, data)
    assert (full.shape, full.dtype) == ((n, sizes[-1]), dtype)
    shuffled = np.random.default_rng(seed).permutation(n)
    for rows in (shuffled[start : start + cut] for start in range(0, n, cut)):
        np.testing.assert_array_equal(ENGINE.predict(architecture, theta, data, rows), full[rows])
    np.testing.assert_array_equal(
        ENGINE.predict(architecture, theta, Data.of(data.X[shuffled])), full[shuffled]
    )
    with pytest.MonkeyPatch.context() as patch:
        shared(patch, cores)
        np.testing.assert_array_equal(ENGINE.predict(architecture, theta, data), full)
    with np.errstate(over="ignore", under="ignore"):
        expected = REFERENCE.predict(
            architecture, theta.astype(float), Data.of(data.X.astype(float))
        )
    scale = np.max(np.abs(expected), initial=1.0)
    np.testing.assert_allclose(full, expected, rtol=0, atol=2e4 * np.finfo(dtype).eps * scale)


def shared(patch, cores):
    """Share out the smallest prediction among so many cores."""
    patch.setattr(compiled_engine, "SHARED_OUT", 0)
    patch.setattr(compiled_engine, "usable_cores", lambda: cores)


@pytest.mark.parametrize("cores", [1, 2, 3, 4, 16])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 17, 512, 1025, 1100])
def test_rows_shared_out_among_cores(n, cores, monkeypatch):
    architecture = Architecture.dense(5, (7,), 2, "mish")
    _, theta, data = problem(architecture, "squared_error", 1100)
    rows = np.random.default_rng(n).integers(0, 1100, n)
    alone = ENGINE.predict(architecture, theta, data, rows)
    shared(monkeypatch, cores)
    seen, spread = [], compiled_engine.spread
    monkeypatch.setattr(
        compiled_engine, "spread", lambda part, items, threads: seen.append((len(items), threads))
        or spread(part, items, threads),
    )  # fmt: skip
    np.testing.assert_array_equal(ENGINE.predict(architecture, theta, data, rows), alone)
    assert seen == [(-(-n // -(-n // cores)), cores)]


def test_only_large_predictions_are_shared_out(monkeypatch):
    seen, spread = [], compiled_engine.spread
    monkeypatch.setattr(compiled_engine, "usable_cores", lambda: 2)
    monkeypatch.setattr(
        compiled_engine, "spread", lambda part, items, threads: seen.append(threads)
        or spread(part, items, threads),
    )  # fmt: skip
    architecture = Architecture.dense(50, (256, 256), 1, "relu")
    assert architecture.n_parameters * 1000 > compiled_engine.SHARED_OUT
    _, theta, data = problem(architecture, "squared_error", 1000, dtype=np.float32)
    for n in (1, 100, 1000):
        ENGINE.predict(architecture, theta, data, np.arange(n))
    assert seen == [2]


def test_no_rows_no_predictions():
    _, theta, data = problem(SMALL, "squared_error", 3)
    assert ENGINE.predict(SMALL, theta, data, np.array([], int)).shape == (0, 2)
    assert ENGINE.predict(SMALL, theta, Data.of(np.empty((0, 3)))).shape == (0, 2)


@pytest.mark.parametrize("n", [40, 600])  # laid by itself, and read as it lies
def test_a_damaged_row_does_not_reach_its_neighbours(n):
    _, theta, data = problem(SMALL, "squared_error", n)
    X = data.X.copy()
    X[4], X[n - 1] = np.nan, np.inf
    damaged = ENGINE.predict(SMALL, theta, Data.of(X))
    assert np.all(np.isnan(damaged[4]))
    others = np.delete(np.arange(n), [4, n - 1])
    np.testing.assert_array_equal(damaged[others], ENGINE.predict(SMALL, theta, data)[others])


GUARDED = """
import ctypes, mmap, sys
import numpy as np
from thalweg.network.architecture import Architecture
from thalweg.network.compiled.kernel_arguments import OPTIONS
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.network.engine import Data

page, room = mmap.PAGESIZE, 64 * mmap.PAGESIZE
memory = mmap.mmap(-1, room + page)
bytes_ = np.frombuffer(memory, np.uint8)
protect = ctypes.CDLL(None, use_errno=True).mprotect
protect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
assert protect(bytes_.ctypes.data + room, page, 0) == 0
for dtype in ("f4", "f8"):
    for n_inputs in (1, 3, 7, 8, 16, 17, 50):
        architecture = Architecture((n_inputs, 2, 1), ("relu", "identity"))
        theta = np.ones(architecture.n_parameters, dtype)
        for n in (1, 16, 17, 496, 512, 513, 528, 1024):
            size = n * n_inputs * theta.itemsize
            if size <= room:
                X = bytes_[room - size : room].view(dtype).reshape(n, n_inputs)
                X[:] = 1
                z = CompiledEngine().predict(architecture, theta, Data.of(X))
                assert (z == 2 * n_inputs + 3).all()
print("read to the end and no further")
"""


def test_prediction_reads_nothing_that_lies_behind_the_table():
    done = subprocess.run(
        [sys.executable, "-c", GUARDED], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "read to the end and no further\n"


# --- memory -------------------------------------------------------------------------------------


@pytest.fixture
def counted():
    """How often Numba has allocated, and freed."""
    _nrt_python.memsys_enable_stats()
    yield lambda: rtsys.get_allocation_stats()
    _nrt_python.memsys_disable_stats()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", sorted(RULES))
def test_as_many_allocations_for_one_step_as_for_a_thousand(name, dtype, counted):
    architecture = Architecture.dense(3, (6, 4), 2, "gelu")
    objective, theta, data = problem(
        architecture, "softmax_cross_entropy", 600, dtype=dtype, alpha=0.1, l1=0.1, dropout=0.2
    )
    method = replace(Method.of(name), clip=0.1, decay=0.1, factors=(1.0, 2.0) * 3)
    taken = []
    for size, n_steps in ((32, 1), (32, 1000), (600, 1), (600, 20)):
        state = State.at(theta, method.rule)
        rates, order = np.full(n_steps, 1e-4), Order(np.arange(600), size)
        ENGINE.steps(architecture, objective, method, state, data, order, rates[:1], 0)
        before = counted()
        ENGINE.steps(architecture, objective, method, state, data, order, rates, 0)
        taken.append(tuple(np.subtract(counted(), before).tolist()))
    assert taken[0] == taken[1]
    assert taken[2] == taken[3]
    assert taken[0][0] == taken[0][1] > 0  # and all of it is freed


def test_python_allocates_two_numbers_a_step():
    objective, theta, data = problem(SMALL, "squared_error", 20)
    method, order, peaks = Method.of("adam"), Order(np.arange(20), 6), []
    for n_steps in (10, 10, 20010):
        state, rates = State.at(theta, method.rule), np.full(n_steps, 1e-4)
        tracemalloc.start()
        ENGINE.steps(SMALL, objective, method, state, data, order, rates, 0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert abs(peaks[2] - peaks[1] - 2 * 8 * 20000) < 20000 / 2  # half a byte a step


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("ahead", ["share", "Y", "Z", "A", "constant", "top"])
def test_bits_do_not_depend_on_where_memory_lies(ahead, dtype, monkeypatch):
    # Few rows: their arrays are short, so that one may begin close behind another.
    objective, theta, data = problem(SMALL, "squared_error", 8, dtype=dtype)
    bench = compiled_engine._new_bench(SMALL.sizes, np.dtype(dtype), 8, False)
    buffer, seen = np.zeros(2**15, np.uint8), set()
    size = bench.D.itemsize
    for apart in (
        APART,
        APART + 16,
        2 * APART,
        2**13,
    ):
        begin = -buffer.ctypes.data % 64
        first, length = getattr(bench, ahead), getattr(bench, ahead).nbytes
        begin_D = begin + max(apart, length)
        placed = bench._replace(**{
            ahead: buffer[begin : begin + length].view(dtype).reshape(first.shape),
            "D": buffer[begin_D : begin_D + size * bench.D.size].view(dtype),
        })  # fmt: skip
        monkeypatch.setattr(compiled_engine, "_bench", lambda *_, placed=placed: placed)
        found = ENGINE.steps(
            SMALL, objective, Method.of("adam"), State.at(theta, Method.of("adam").rule), data,
            Order(np.arange(8), 8), np.full(3, 0.01), 0,
        )  # fmt: skip
        seen.add((found.losses.tobytes(), found.gradient_norms.tobytes()))
    assert len(seen) == 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_on_a_bench_begin_far_from_each_other(dtype):
    for sizes in ((1, 1), SMALL.sizes, (9, 15, 1), (3, 64, 2)):
        bench = compiled_engine._new_bench(sizes, np.dtype(dtype), 1, False)
        names = set(bench._fields) - {"step", "starts", "terms"}
        begins = sorted(getattr(bench, name).ctypes.data for name in names)
        assert min(np.diff(begins)) >= APART


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_on_a_bench_begin_where_a_line_of_the_cache_does(dtype):
    # Else every vector that is read or written lies in two: a quarter more time.
    for n in (1, 100, CHUNK):
        bench = compiled_engine._new_bench((50, 64, 64, 1), np.dtype(dtype), n, True)
        for name in ("X", "XT", "Y", "share", "Z", "A", "D", "T"):
            assert getattr(bench, name).ctypes.data % LINE == 0
        assert bench.step * bench.A.itemsize % LINE == 0


def test_scratch_memory_is_bounded_by_a_chunk():
    few, many = (compiled_engine._bench(SMALL.sizes, np.dtype(float), n) for n in (CHUNK, 10**9))
    assert few.Z.nbytes == many.Z.nbytes
    assert few.X.nbytes == many.X.nbytes
    assert compiled_engine._bench(SMALL.sizes, np.dtype(float), 10**9) is many


# --- threads ------------------------------------------------------------------------------------


def a_member(number):
    """A descent that uses everything, each in its own shape; returns the bytes it ends at."""
    hidden = sorted(ACTIVATIONS)[number % len(ACTIVATIONS)]
    dtype = DTYPES[number % 2]
    architecture = Architecture.dense(4, (5 + number % 3, 9), 2, hidden)
    objective, theta, data = problem(
        architecture, "softmax_cross_entropy", 700, 5, dtype=dtype, alpha=0.1, dropout=0.1
    )
    method = replace(Method.of(sorted(RULES)[number % len(RULES)]), clip=1.0)
    order = Order(np.random.default_rng(number).permutation(700), (700, 64)[number % 2])
    state, ran = State.at(theta, method.rule, seed=number), []
    for first in range(0, 60, 6):
        part = ENGINE.steps(
            architecture, objective, method, state, data, order, np.full(6, 0.01), first
        )
        ran.append(part.losses)
    predicted = ENGINE.predict(architecture, state.theta, data)
    return b"".join(each.tobytes() for each in (state.theta, state.slots, *ran, predicted))


def test_the_number_of_threads_changes_no_bit():
    def digest(n_threads):
        with ThreadPoolExecutor(n_threads) as pool:
            return hashlib.sha256(b"".join(pool.map(a_member, range(24)))).hexdigest()

    assert len({digest(n) for n in (1, 2, 4, 1, 4)}) == 1


def test_threads_let_each_other_run():
    # Both wait inside Python for the other while it is in the kernel: each has its own bench.
    objective, theta, data = problem(SMALL, "squared_error", 40)
    meet = Barrier(2, timeout=30)

    def member(number):
        benches = []
        for _ in range(20):
            meet.wait()
            descend(SMALL, objective, theta, data, whole(data), np.full(200, 0.01))
            (bench,) = compiled_engine._OWN.benches.values()
            benches.append(id(bench))
        return benches, bench

    with ThreadPoolExecutor(2) as pool:
        (one, kept_one), (two, kept_two) = pool.map(member, range(2))
    assert kept_one is not kept_two
    assert len({*one}) == len({*two}) == 1


# --- which engine -------------------------------------------------------------------------------


def test_without_numba_the_readable_engine_computes_and_says_so_once(monkeypatch):
    # None: as if it were not installed.
    for name in [*sys.modules]:
        if name in ("numba", "thalweg.network.compiled.compiled_engine"):
            monkeypatch.setitem(sys.modules, name, None)
    cached = (engine._loaded, engine._can_compile)
    for each in cached:
        each.cache_clear()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        chosen = [choose(), choose(), choose("auto"), choose("reference")]
    for each in cached:  # or every later fit of this process would be by the readable engine
        each.cache_clear()
    assert {type(each) for each in chosen} == {ReferenceEngine}
    (said,) = caught
    assert said.category is EngineWarning
    assert "no Numba that works here" in str(said.message)
    assert "pip install --upgrade numba" in str(said.message)
    assert said.filename == __file__


def test_formulas_are_looked_up_for_every_network_and_kept():
    first = compiled_engine._net(SMALL, Objective("huber:delta=0.5"), np.dtype(float))
    assert compiled_engine._net(SMALL, Objective("huber:delta=0.5"), np.dtype(float)) is first
    other = compiled_engine._net(SMALL, Objective("huber:delta=0.7"), np.dtype(float))
    assert (first.constant, other.constant) == (0.5, 0.7)
    # Only outputs that differ in their constant have one each.
    assert (len(first.constants), len(other.constants)) == (0, 0)
    levels = compiled_engine._net(SMALL, Objective("quantile:levels=0.2/0.9"), np.dtype(float))
    assert levels.constants.tolist() == [0.2, 0.9]
    assert first.height_and_slope == other.height_and_slope
    assert loss("huber").coupled == bool(first.joined)
    assert training_kernels.CHUNK % 64 == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_too_small_for_a_normal_number_is_dropped_in_a_step_and_nowhere_else(dtype):
    architecture = Architecture.dense(2, (3,), 1, "relu")
    tiny = np.finfo(dtype).tiny
    theta = np.full(architecture.n_parameters, tiny / 4, dtype)
    data = Data.of(np.ones((4, 2), dtype), np.zeros((4, 1), dtype))
    method = Method.of("sgd")
    state = State.at(theta, method.rule)
    order = Order(np.arange(4), 4)
    objective = Objective("squared_error")
    choose("compiled").steps(
        architecture, objective, method, state, data, order, np.array([1e-3]), 0
    )
    assert state.theta.any() != KNOWN
    # The processor is as it was: this thread's numbers keep their digits, and so do predictions.
    assert theta[0] * dtype(0.5) == dtype(tiny / 8) > 0
    assert choose("compiled").predict(architecture, theta, data)[0, 0] >= tiny / 4


def test_the_processor_is_as_it_was_after_a_descent_that_diverged():
    architecture, objective = Architecture.dense(1, (), 1, "identity"), Objective("squared_error")
    data = Data.of(np.full((4, 1), 1e200), np.zeros((4, 1)))
    method = Method.of("sgd")
    state = State.at(np.ones(2), method.rule)
    ran = choose("compiled").steps(
        architecture, objective, method, state, data, Order(np.arange(4), 4), np.ones(3), 0
    )
    assert ran.status is Status.DIVERGED
    assert np.float64(5e-324) * 1.0 > 0
