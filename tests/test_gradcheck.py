import itertools

import numpy as np
import pytest

from thalweg.network.activations import ACTIVATIONS
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Objective
from thalweg.network.gradcheck import STEP, check_gradient
from thalweg.network.losses import LOSSES
from thalweg.network.reference import ReferenceEngine
from thalweg.random import generator

TOLERANCE = 1e-6
N_ROWS = 7


def targets(loss, n_outputs, rng):
    if loss == "squared_error":
        return rng.normal(size=(N_ROWS, n_outputs))
    if loss == "sigmoid_cross_entropy":
        return rng.integers(0, 2, (N_ROWS, n_outputs)).astype(float)
    return np.eye(n_outputs)[rng.integers(0, n_outputs, N_ROWS)]


def case(architecture, loss, *key, alpha=0.0, weighted=False):
    """One random problem: objective, θ and data."""
    rng = generator(20, "gradcheck", *key)
    weights = np.array([0.0, 1.0, 2.5, 0.0, 1.0, 0.5, 3.0]) if weighted else np.ones(N_ROWS)
    X = rng.normal(size=(N_ROWS, architecture.sizes[0]))
    data = Data.of(X, targets(loss, architecture.sizes[-1], rng), weights)
    theta = rng.normal(size=architecture.n_parameters) * 0.8
    return Objective.over(loss, alpha, weights), theta, data


def check_redrawing(architecture, loss, number, rows, **settings):
    """The check of a case in which no step crosses a kink, and how many were thrown away."""
    for redraws in range(5):
        objective, theta, data = case(architecture, loss, number, redraws, **settings)
        check = check_gradient(architecture, objective, theta, data, rows)
        if not check.crossed:
            assert check.compared == architecture.n_parameters
            return check, redraws
    raise AssertionError("five cases in a row crossed a kink")


@pytest.mark.parametrize("n_layers", [1, 2, 3, 6])
@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_every_gradient_agrees(activation, loss, n_layers):
    architecture = Architecture.dense(3, (3,) * (n_layers - 1), 2, activation)
    table = itertools.product((0.0, 0.7), (False, True), (None, np.array([4, 1, 3, 1])))
    redrawn = 0
    for number, (alpha, weighted, rows) in enumerate(table):
        check, redraws = check_redrawing(
            architecture, loss, number, rows, alpha=alpha, weighted=weighted
        )
        assert check.worst <= TOLERANCE, (alpha, weighted, rows, check)
        redrawn += redraws
    # Of eight cases; those without a kink can never cross one.
    assert redrawn <= (2 if ACTIVATIONS[activation].kinks else 0)


@pytest.mark.parametrize("n_layers", [1, 2, 3, 6])
@pytest.mark.parametrize("hidden", sorted(ACTIVATIONS))
@pytest.mark.parametrize("output", ["sigmoid", "tanh", "relu"])
def test_every_gradient_agrees_behind_a_curved_output(output, hidden, n_layers):
    architecture = Architecture((3,) * n_layers + (2,), (hidden,) * (n_layers - 1) + (output,))
    check, redraws = check_redrawing(architecture, "squared_error", 8, None, alpha=0.1)
    assert check.worst <= TOLERANCE
    assert redraws <= 2


def two_hundred_layers():
    """Tanh turns, ReLU on live units, identity back: signal and gradient reach both ends."""
    rng = generator(20, "gradcheck", 200)
    names = [("tanh", "relu", "identity")[layer % 3] for layer in range(199)]
    architecture = Architecture((3,) * 200 + (2,), (*names, "identity"))
    theta = np.zeros(architecture.n_parameters)
    for layer, (W, b) in enumerate(architecture.layers(theta)):
        turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        W[:] = (turn if layer % 3 == 0 else np.eye(3) + rng.normal(size=(3, 3)) * 0.03)[: len(W)]
        b[:] = (0.0, 1.5, -1.5)[layer % 3]
    return architecture, theta


def check_two_hundred_layers(elements):
    architecture, theta = two_hundred_layers()
    objective, _, data = case(architecture, "sigmoid_cross_entropy", 9, alpha=0.1)
    _, gradient = ReferenceEngine().loss_and_gradient(architecture, objective, theta, data)
    sizes = [np.linalg.norm(block.of(gradient)) for block in architecture.blocks]
    assert min(sizes[0], sizes[-2]) > 1e-3, "the gradient vanished: nothing would be tested"
    check = check_gradient(architecture, objective, theta, data, elements=elements)
    assert check.worst <= TOLERANCE
    assert check.crossed == 0
    return check


def test_two_hundred_layers_at_a_few_elements():
    architecture, _ = two_hundred_layers()
    last = architecture.n_parameters - 1
    elements = np.unique([0, 5, 9, *generator(20, "gradcheck", 201).integers(0, last, 40), last])
    check = check_two_hundred_layers(elements)
    assert check.compared == len(elements)
    assert {"W1", "b1", "b200"} <= set(check.errors)


@pytest.mark.slow
def test_two_hundred_layers_at_every_element():
    check = check_two_hundred_layers(None)
    assert len(check.errors) == 400


class Faulty(ReferenceEngine):
    """An engine whose gradient is wrong in one block, by one factor."""

    def __init__(self, block, factor):
        self.block, self.factor = block, factor

    def loss_and_gradient(self, architecture, *rest):
        height, gradient = super().loss_and_gradient(architecture, *rest)
        block = {each.name: each for each in architecture.blocks}[self.block]
        block.of(gradient)[-1, -1] *= self.factor
        return height, gradient


ARTICLE = Architecture((3, 4, 2), ("tanh", "identity"))


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
@pytest.mark.parametrize("factor", [-1.0, 0.0, 2.0, 1.001])
def test_a_fault_is_seen_in_its_block_and_in_no_other(name, factor):
    objective, theta, data = case(ARTICLE, "softmax_cross_entropy", 10, alpha=0.5)
    check = check_gradient(ARTICLE, objective, theta, data, engine=Faulty(name, factor))
    assert check.errors.pop(name) > 10 * TOLERANCE
    assert max(check.errors.values()) <= TOLERANCE


def test_the_error_is_relative_to_the_block():
    # L = ½ (w + b - 0)² at one row: dL/dw = dL/db = w + b.
    architecture, data = (
        Architecture((1, 1), ("identity",)),
        Data.of(np.ones((1, 1)), np.zeros((1, 1))),
    )
    theta, objective = np.array([1.0, 2.0]), Objective("squared_error")
    check = check_gradient(architecture, objective, theta, data, engine=Faulty("W1", 0.75))
    assert check.errors["W1"] == pytest.approx(0.25, rel=1e-9)
    assert check.errors["b1"] == 0.0
    assert check.worst == check.errors["W1"]


@pytest.mark.parametrize("scale", [1e-4, 1e-7, 1e-9])
def test_a_tiny_block_neither_drowns_in_rounding_nor_hides_a_fault(scale):
    # A thin last layer: the gradient of the first is as thin.
    objective, theta, data = case(ARTICLE, "squared_error", 11)
    ARTICLE.layers(theta)[1][0][:] *= scale
    gradient = ReferenceEngine().loss_and_gradient(ARTICLE, objective, theta, data)[1]
    assert np.max(np.abs(ARTICLE.layers(gradient)[0][0])) < 10 * scale
    assert check_gradient(ARTICLE, objective, theta, data).worst <= TOLERANCE
    check = check_gradient(ARTICLE, objective, theta, data, engine=Faulty("W1", 0.0))
    assert check.errors["W1"] > 0.01


def test_a_gradient_of_zero_is_right_where_units_are_dead():
    architecture = Architecture((2, 3, 1), ("relu", "identity"))
    theta = np.array([0, 0, 0, 0, 0, 0, -5, -5, -5, 1, 1, 1, 0], float)
    objective, _, data = case(architecture, "squared_error", 12)
    check = check_gradient(architecture, objective, theta, data)
    assert check.errors["W1"] == check.errors["b1"] == check.errors["W2"] == 0.0
    assert check.compared == architecture.n_parameters


def test_the_differences_are_of_fourth_order():
    # Second order would leave h² L''' / 6, some 1e-7 of this gradient.
    architecture, objective = (
        Architecture((1, 1), ("identity",)),
        Objective("sigmoid_cross_entropy"),
    )
    data = Data.of(np.full((1, 1), 3.0), np.ones((1, 1)))
    check = check_gradient(architecture, objective, np.array([0.5, 0.0]), data)
    assert check.worst < 1e-9


KINK = Architecture((1, 1), ("relu",))


def check_at_a_kink(Z):
    """One unit and one row with Z = w + b, so that every step moves Z by itself."""
    data = Data.of(np.ones((1, 1)), np.full((1, 1), -1.0))
    return check_gradient(KINK, Objective("squared_error"), np.array([1.0, Z - 1.0]), data)


def test_a_step_that_would_cross_a_kink_is_shortened():
    for Z, shortened in ((2.1 * STEP, 0), (1.5 * STEP, 2), (0.5 * STEP, 2), (0.021 * STEP, 2)):
        for side in (1, -1):
            check = check_at_a_kink(side * Z)
            assert (check.compared, check.shortened, check.crossed) == (2, shortened, 0)
            assert check.worst <= TOLERANCE


def test_an_element_that_still_crosses_is_left_out_and_counted():
    for Z in (0.015 * STEP, -0.015 * STEP, 0.0):
        check = check_at_a_kink(Z)
        assert (check.compared, check.shortened, check.crossed) == (0, 0, 2)
        assert check.errors == {}
        assert np.isnan(check.worst), "nothing compared is no agreement"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_no_agreement(value):
    objective, theta, data = case(ARTICLE, "squared_error", 13)
    with np.errstate(invalid="ignore"):
        check = check_gradient(ARTICLE, objective, theta, data, engine=Faulty("b1", value))
    assert not check.worst <= TOLERANCE
    assert not check.errors["b1"] <= TOLERANCE


def test_rows_outside_the_batch_cross_no_kink():
    # Z = x - 1 is 0 in the first row, and the batch is the second.
    data = Data.of(np.array([[1.0], [3.0]]), np.zeros((2, 1)))
    theta, objective = np.array([1.0, -1.0]), Objective("squared_error")
    check = check_gradient(KINK, objective, theta, data, np.array([1]))
    assert (check.compared, check.shortened, check.crossed) == (2, 0, 0)
    assert check_gradient(KINK, objective, theta, data).crossed == 2


def test_the_losses_asked_for_are_those_of_the_rows():
    objective, theta, data = case(ARTICLE, "squared_error", 14)
    rows = np.array([2, 5])
    wild = Data(data.X.copy(), data.Y, data.weights)
    wild.X[[0, 1, 3, 4, 6]] = np.nan
    assert check_gradient(ARTICLE, objective, theta, wild, rows).worst <= TOLERANCE


def test_float32_is_checked_in_float64_and_nothing_is_written():
    objective, theta, data = case(ARTICLE, "squared_error", 15)
    theta = theta.astype(np.float32)
    narrow = Data.of(data.X.astype(np.float32), data.Y, data.weights)
    for array in (theta, narrow.X, narrow.Y, narrow.weights):
        array.setflags(write=False)
    assert check_gradient(ARTICLE, objective, theta, narrow).worst <= TOLERANCE
