"""A constant of the loss for each output: gradients, both engines, and steps."""

import numpy as np
import pytest

from thalweg.network.architecture import Architecture
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.network.engine import Data, Objective, Order, State
from thalweg.network.gradcheck import check_gradient
from thalweg.network.reference_engine import ReferenceEngine, forward
from thalweg.training.descent.training_settings import parse_optimizer

TEXT, LEVELS = "quantile:levels=0.1/0.5/0.8", np.array([0.1, 0.5, 0.8])
COMPILED, REFERENCE = CompiledEngine(), ReferenceEngine()


def problem(hidden, n_rows, dtype=np.float64, seed=0):
    rng = np.random.default_rng([seed, n_rows, *hidden])
    architecture = Architecture.dense(4, hidden, 3, "tanh")
    X, Y = rng.normal(size=(n_rows, 4)), np.repeat(rng.normal(size=(n_rows, 1)), 3, axis=1)
    # Slopes are a few numbers, whose sums would be 0 in one order of the rows.
    data = Data.of(X.astype(dtype), Y, rng.uniform(0.2, 2, n_rows))
    theta = (rng.normal(size=architecture.n_parameters) * 0.7).astype(dtype)
    return architecture, Objective.over(TEXT, 0.3, data.weights), theta, data


@pytest.mark.parametrize("hidden", [(), (5,), (6, 4)])
def test_gradients_are_those_of_differences(hidden):
    architecture, objective, theta, data = problem(hidden, 9)
    check = check_gradient(architecture, objective, theta, data)
    assert check.compared == architecture.n_parameters
    assert check.worst <= 1e-6


@pytest.mark.parametrize("engine", [COMPILED, REFERENCE])
@pytest.mark.parametrize("n_rows", [7, 600])
def test_the_height_is_the_mean_sum_of_the_pinball_losses(engine, n_rows):
    architecture, objective, theta, data = problem((5,), n_rows)
    Z = forward(architecture, theta, data.X.T).A[-1].T
    lacking = data.Y - Z
    rows = np.maximum(LEVELS * lacking, (LEVELS - 1) * lacking).sum(axis=1)
    squares = sum(float(np.sum(W**2)) for W, _ in architecture.layers(theta))
    expected = np.average(rows, weights=data.weights) + 0.5 * 0.3 / data.weights.sum() * squares
    height, _ = engine.loss_and_gradient(architecture, objective, theta, data)
    assert height == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("dtype", "allowed"), [(np.float64, 1e-12), (np.float32, 1e-5)])
@pytest.mark.parametrize("n_rows", [7, 600])
def test_engines_agree(dtype, allowed, n_rows):
    architecture, objective, theta, data = problem((5,), n_rows, dtype)
    (one, ours), (other, theirs) = (
        engine.loss_and_gradient(architecture, objective, theta, data)
        for engine in (COMPILED, REFERENCE)
    )
    assert one == pytest.approx(other, rel=allowed)
    assert np.linalg.norm(ours - theirs) <= allowed * np.linalg.norm(theirs)


def test_fifty_steps_end_at_the_same_place():
    architecture, objective, theta, data = problem((5,), 64)
    ended = []
    for engine in (COMPILED, REFERENCE):
        method = parse_optimizer("sgd:lr=0.01").method(architecture)
        state = State.begin(architecture, method, theta.copy(), 3)
        order = Order(np.arange(64), 16)
        for _ in range(12):
            engine.steps(architecture, objective, method, state, data, order, np.full(4, 0.01), 0)
        ended.append(state.theta)
    assert np.linalg.norm(ended[0] - ended[1]) <= 1e-12 * np.linalg.norm(ended[1])
    assert np.linalg.norm(ended[0] - theta) > 0.01


def test_a_loss_with_one_constant_is_not_touched_by_one_with_several():
    """The bench is shared: the constants of the last output must not stay on it."""
    architecture, objective, theta, data = problem((5,), 64)
    plain = Objective.over("quantile:level=0.3", 0.3, data.weights)
    before = COMPILED.loss_and_gradient(architecture, plain, theta, data)
    COMPILED.loss_and_gradient(architecture, objective, theta, data)
    after = COMPILED.loss_and_gradient(architecture, plain, theta, data)
    assert before[0] == after[0]
    np.testing.assert_array_equal(before[1], after[1])
