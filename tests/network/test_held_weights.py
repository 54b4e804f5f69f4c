"""Weights of a loss whose outputs rise: held at 0 by every rule, in both engines."""

from dataclasses import replace

import numpy as np
import pytest

import by_hand
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.network.engine import Data, Method, Objective, Order, State
from thalweg.network.formulas.rules import RULES
from thalweg.network.held_weights import are_held, held
from thalweg.network.reference_engine import ReferenceEngine

ARCHITECTURE = Architecture.dense(4, (5,), 3, "relu")


def problem():
    rng = np.random.default_rng(3)
    Y = by_hand.targets("ordinal", 40, 3, rng)
    data = Data.of(rng.normal(size=(40, 4)), Y, rng.uniform(0.5, 2, 40))
    theta = initial_theta(ARCHITECTURE, "he", rng)
    theta[held(ARCHITECTURE, "ordinal")] = 0
    return data, theta


def test_they_are_the_rows_of_the_last_weights_but_the_first():
    theta = np.arange(ARCHITECTURE.n_parameters, dtype=float)
    W, _ = ARCHITECTURE.layers(theta)[-1]
    assert theta[held(ARCHITECTURE, "ordinal")].tolist() == W[1:].ravel().tolist()
    for other in ("softmax_cross_entropy", "huber:delta=2"):
        assert theta[held(ARCHITECTURE, other)].size == 0
    assert not are_held(ARCHITECTURE, "ordinal", theta)
    assert are_held(ARCHITECTURE, "softmax_cross_entropy", theta)


@pytest.mark.quick_each(4)
@pytest.mark.parametrize("engine", [ReferenceEngine(), CompiledEngine()])
@pytest.mark.parametrize("rule", sorted(RULES))
def test_no_rule_moves_them(rule, engine):
    data, theta = problem()
    objective = Objective.over("ordinal", 0.5, data.weights, 0.1, 0.2)
    method = replace(Method.of(rule), decay=0.1, clip=0.5, scales=2.0)
    state = State.begin(ARCHITECTURE, method, theta, seed=1)
    order = Order(np.arange(40), 16)
    engine.steps(ARCHITECTURE, objective, method, state, data, order, np.full(30, 0.01), 0)
    assert are_held(ARCHITECTURE, "ordinal", state.theta)
    (_, _), (W, b) = ARCHITECTURE.layers(state.theta)
    assert (W[0] != ARCHITECTURE.layers(theta)[1][0][0]).any()
    assert (b != 0).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_engines_agree_over_several_chunks(dtype):
    rng = np.random.default_rng(5)
    n, architecture = 1300, Architecture.dense(6, (7, 3), 5, "tanh")
    Y = by_hand.targets("ordinal", n, 5, rng)
    data = Data.of(rng.normal(size=(n, 6)).astype(dtype), Y, rng.uniform(0, 2, n))
    theta = initial_theta(architecture, "glorot", rng).astype(dtype)
    objective = Objective.over("ordinal", 0.3, data.weights)
    one, two = (
        each.loss_and_gradient(architecture, objective, theta, data)
        for each in (ReferenceEngine(), CompiledEngine())
    )
    allowed = 200 * float(np.finfo(dtype).eps)
    assert one[0] == pytest.approx(two[0], rel=allowed)
    np.testing.assert_allclose(one[1], two[1], atol=allowed)
    assert not one[1][held(architecture, "ordinal")].any()
    assert not two[1][held(architecture, "ordinal")].any()
