"""Scales of the inputs: V and s against differences, closed forms and a written-out descent."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.errors import SettingsError
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.network.engine import Data, Method, Objective, Order, State
from thalweg.network.formulas.input_scales import LEAST, from_scaled, to_scaled
from thalweg.network.reference_engine import ReferenceEngine

ENGINES = [CompiledEngine(), ReferenceEngine()]
NETWORK = Architecture.dense(4, (6,), 1, "tanh")


def lesson(n_rows=20, seed=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 4))
    return Data.of(X, X[:, :1] * 2 - X[:, 1:2], rng.uniform(0.5, 2, n_rows))


def at(scales=None):
    """A state in the middle of a descent."""
    method = replace(Method.of("adam"), scales=3.0)
    state = State.begin(NETWORK, method, initial_theta(NETWORK, "he", np.random.default_rng(2)))
    if scales is not None:
        state.scales[0] = scales
    return method, state


def test_both_slopes_are_those_of_the_loss_in_v_and_s():
    data, engine = lesson(), ENGINES[1]
    objective = Objective.over("squared_error", 1.5, data.weights, 0.2)
    _, state = at()
    scales = np.array([0.3, 1.0, 2.5, 0.05])
    first = NETWORK.blocks[0]

    def loss(V, s):
        theta = state.theta.copy()
        first.of(theta)[:] = V * s
        return engine.losses(NETWORK, objective, theta[None], data)[0]

    _, gradient = engine.loss_and_gradient(NETWORK, objective, state.theta, data)
    V, dV = first.of(state.theta).copy(), first.of(gradient).copy()
    slopes = to_scaled(V, dV, scales)
    step = 1e-6
    for j in range(4):
        one = step * (np.arange(4) == j)
        expected = (loss(V, scales + one) - loss(V, scales - one)) / (2 * step)
        assert slopes[j] == pytest.approx(expected, rel=1e-6, abs=1e-8)
        for unit in range(6):
            own = np.zeros_like(V)
            own[unit, j] = step
            expected = (loss(V + own, scales) - loss(V - own, scales)) / (2 * step)
            assert dV[unit, j] == pytest.approx(expected, rel=1e-5, abs=1e-8)


@given(st.lists(st.floats(LEAST, 50), min_size=1, max_size=7), st.integers(1, 5))
def test_there_and_back_is_the_same_place(scales, n_units):
    rng = np.random.default_rng(len(scales))
    W = rng.normal(size=(n_units, len(scales)))
    before, s = W.copy(), np.array(scales)
    to_scaled(W, np.zeros_like(W), s)
    from_scaled(W, s)
    assert pytest.approx(before, rel=1e-15) == W
    assert s.tolist() == scales


@pytest.mark.parametrize("engine", ENGINES)
def test_one_step_of_descent_by_hand(engine):
    """Plain gradient descent in V and s, with a rate 3 times as large for s."""
    data = lesson()
    objective = Objective.over("squared_error", 1.5, data.weights)
    method = replace(Method.of("sgd"), scales=3.0)
    s = np.array([0.5, 1.0, 2.0, 0.25])
    state = State.begin(NETWORK, method, at()[1].theta)
    state.scales[0] = s
    before = state.theta.copy()
    _, gradient = engine.loss_and_gradient(NETWORK, objective, before, data)
    order = Order(np.arange(20), 20)
    engine.steps(NETWORK, objective, method, state, data, order, np.array([0.01]), 0)
    W, g = NETWORK.blocks[0].of(before), NETWORK.blocks[0].of(gradient)
    V = W / s - 0.01 * g * s
    following = s - 0.03 * (W / s * g).sum(axis=0)
    assert state.scales[0] == pytest.approx(following, rel=1e-12)
    assert NETWORK.blocks[0].of(state.theta) == pytest.approx(V * following, rel=1e-12)
    rest = NETWORK.blocks[0].size
    assert state.theta[rest:] == pytest.approx((before - 0.01 * gradient)[rest:], rel=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_first_layer_that_is_frozen_stays(engine):
    data, (method, state) = lesson(), at()
    method = replace(method, factors=(0.0, *(1.0,) * 3))
    objective = Objective.over("squared_error", 1.5, data.weights)
    W, before = NETWORK.blocks[0], state.theta.copy()
    order = Order(np.arange(20), 5)
    engine.steps(NETWORK, objective, method, state, data, order, np.full(8, 0.1), 0)
    assert np.array_equal(W.of(state.theta), W.of(before))
    assert not np.allclose(state.theta[W.size :], before[W.size :])


@pytest.mark.parametrize("engine", ENGINES)
def test_no_scale_falls_below_the_least(engine):
    """Inputs of noise lose scale, down to the least; the one that helps keeps its own."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(300, 4))
    data = Data.of(X, X[:, :1].copy())
    objective = Objective.over("squared_error", 1.0, data.weights)
    method, state = at()
    order, rates = Order(rng.permutation(300), 30), np.full(600, 0.01)
    engine.steps(NETWORK, objective, method, state, data, order, rates, 0)
    helps, *noise = state.scales[0]
    assert helps > 0.5
    assert min(noise) == LEAST
    assert max(noise) < helps / 3


@pytest.mark.parametrize("engine", ENGINES)
def test_without_scales_the_method_asks_for_none(engine):
    data, (method, state) = lesson(), at()
    objective = Objective.over("squared_error", 0.0, data.weights)
    order = Order(np.arange(20), 20)
    unscaled = State.at(state.theta, method.rule)
    with pytest.raises(SettingsError, match=r"scales of inputs.*\(3, 4\).*State\.begin"):
        engine.steps(NETWORK, objective, method, unscaled, data, order, np.ones(1), 0)
    plain = replace(method, scales=0.0)
    ends = []
    for each in (state.copy(), unscaled):
        engine.steps(NETWORK, objective, plain, each, data, order, np.full(3, 0.1), 0)
        ends.append(each.theta.tobytes())
    assert ends[0] == ends[1]


def test_a_copy_and_an_overwritten_state_have_scales_of_their_own():
    _, state = at([1.0, 2.0, 3.0, 4.0])
    other = state.copy()
    other.scales[0] = 9
    assert state.scales[0].tolist() == [1, 2, 3, 4]
    other.overwrite(state)
    assert other.scales[0].tolist() == [1, 2, 3, 4]
    state.scales[0] = 7
    assert other.scales[0].tolist() == [1, 2, 3, 4]
