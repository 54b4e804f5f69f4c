import itertools
from dataclasses import replace

import numpy as np
import pytest

import by_hand
from slow_cases import slow_but
from thalweg.counter_based_random import generator
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Noise, Objective
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.losses import LOSSES
from thalweg.network.gradcheck import FORMULA, POINTS, SHARES, STEP, check_gradient
from thalweg.network.held_weights import held
from thalweg.network.reference_engine import ReferenceEngine, forward

TOLERANCE = 1e-6
N_ROWS = 7


def case(architecture, loss, *key, alpha=0.0, l1=0.0, dropout=0.0, weighted=False):
    """One random problem: objective, θ and data."""
    rng = generator(20, "gradcheck", *key)
    weights = np.array([0.0, 1.0, 2.5, 0.0, 1.0, 0.5, 3.0]) if weighted else np.ones(N_ROWS)
    X = rng.normal(size=(N_ROWS, architecture.sizes[0]))
    data = Data.of(X, by_hand.targets(loss, N_ROWS, architecture.sizes[-1], rng), weights)
    theta = rng.normal(size=architecture.n_parameters) * 0.8
    return Objective.over(loss, alpha, weights, l1, dropout), theta, data


def check_redrawing(architecture, loss, number, rows, **settings):
    """The check of a case in which no step crosses a kink, and how many were thrown away."""
    for redraws in range(5):
        objective, theta, data = case(architecture, loss, number, redraws, **settings)
        noise = Noise(number, redraws) if objective.dropout else None
        check = check_gradient(architecture, objective, theta, data, rows, noise=noise)
        if not check.crossed:
            still = held(architecture, loss)
            assert check.compared == architecture.n_parameters - (still.stop - still.start)
            return check, redraws
    raise AssertionError("five cases in a row crossed a kink")


# Each of L2, L1, weights, a batch and dropout with and without each other one, in eight cases
# (an orthogonal array of strength 2).
SETTINGS = [
    {"alpha": 0.7 * a, "l1": 0.4 * b, "dropout": 0.4 * (b ^ c), "weighted": c, "batch": a ^ b}
    for a, b, c in itertools.product((0, 1), repeat=3)
]
LOSS_TEXTS = sorted({*LOSSES, "huber:delta=0.4", "quantile:level=0.8"} - {"huber", "quantile"})


def test_the_settings_meet_in_every_pair():
    for one, two in itertools.combinations(SETTINGS[0], 2):
        assert len({(bool(each[one]), bool(each[two])) for each in SETTINGS}) == 4


DEPTHS = (1, 2, 3, 4)


def check_gradients(activation, loss, cases):
    """The gradient in these cases: a number of layers, and the number of a setting."""
    redrawn = 0
    for n_layers, number in cases:
        architecture = Architecture.dense(3, (3,) * (n_layers - 1), 2, activation)
        settings = dict(SETTINGS[number])
        rows = np.array([4, 1, 3, 1]) if settings.pop("batch") else None
        check, redraws = check_redrawing(architecture, loss, number, rows, **settings)
        assert check.worst <= TOLERANCE, (n_layers, SETTINGS[number], check)
        redrawn += redraws
    assert redrawn <= len(cases) / 4


def some_cases(activation, loss):
    """Every depth and every setting once or twice, paired otherwise for another formula."""
    turn = sorted(ACTIVATIONS).index(activation) + LOSS_TEXTS.index(loss)
    return [(DEPTHS[(number + number // 4 + turn) % 4], number) for number in range(len(SETTINGS))]


def test_each_depth_meets_each_setting_for_some_formula():
    for activation in ACTIVATIONS:
        met = {case for loss in LOSS_TEXTS for case in some_cases(activation, loss)}
        assert met == {*itertools.product(DEPTHS, range(len(SETTINGS)))}
    for loss in LOSS_TEXTS:
        assert {depth for depth, _ in some_cases("relu", loss)} == {*DEPTHS}


# Each activation with two losses, and so each loss with some: their slopes meet in a product.
PAIRS = list(itertools.product(sorted(ACTIVATIONS), LOSS_TEXTS))
SOME_PAIRS = {
    (activation, LOSS_TEXTS[(place + turn) % len(LOSS_TEXTS)])
    for place, activation in enumerate(sorted(ACTIVATIONS))
    for turn in (0, 3)
}


def test_some_pairs_have_every_activation_and_every_loss():
    assert {activation for activation, _ in SOME_PAIRS} == {*ACTIVATIONS}
    assert {loss for _, loss in SOME_PAIRS} == {*LOSS_TEXTS}


@pytest.mark.parametrize(("activation", "loss"), slow_but(SOME_PAIRS, PAIRS))
def test_every_gradient_agrees(activation, loss):
    check_gradients(activation, loss, some_cases(activation, loss))


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSS_TEXTS)
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_every_gradient_agrees_on_the_whole_grid(activation, loss):
    check_gradients(activation, loss, [*itertools.product(DEPTHS, range(len(SETTINGS)))])


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("n_layers", [1, 2, 3, 6])
@pytest.mark.parametrize("hidden", sorted(ACTIVATIONS))
@pytest.mark.parametrize("output", ["sigmoid", "tanh", "relu"])
def test_every_gradient_agrees_behind_a_curved_output(output, hidden, n_layers):
    architecture = Architecture((3,) * n_layers + (2,), (hidden,) * (n_layers - 1) + (output,))
    check, redraws = check_redrawing(architecture, "squared_error", 8, None, alpha=0.1)
    assert check.worst <= TOLERANCE
    assert redraws <= 2


def thirty_layers():
    """Every activation in turn, each Z brought to its middle and each W stretched by 1 / slope."""
    rng = generator(20, "gradcheck", 30)
    names = [sorted(ACTIVATIONS)[layer % len(ACTIVATIONS)] for layer in range(29)]
    architecture = Architecture((3,) * 30 + (2,), (*names, "identity"))
    theta, A = np.zeros(architecture.n_parameters), rng.normal(size=(3, 50))
    for (W, b), formula in zip(architecture.layers(theta), architecture.formulas, strict=True):
        W[:] = np.linalg.qr(rng.normal(size=(3, 3)))[0][: len(W)]
        centred = W @ A - np.mean(W @ A, axis=1, keepdims=True)
        W /= np.sqrt(np.mean(formula.slope(centred + 0.5) ** 2))
        b[:] = 0.5 - np.mean(W @ A, axis=1, keepdims=True)
        A = formula.value(W @ A + b)
    return architecture, theta


# A network as deep in the quick run: test_two_hundred_layers_at_a_few_elements.
@pytest.mark.slow
@pytest.mark.parametrize("dropout", [0.0, 0.05])
def test_thirty_layers(dropout):
    architecture, theta = thirty_layers()
    objective, _, data = case(
        architecture, "huber", 19, alpha=0.1, l1=0.1, dropout=dropout, weighted=True
    )
    noise = Noise(1, 2)
    _, gradient = ReferenceEngine().loss_and_gradient(
        architecture, replace(objective, penalty=0.0, l1=0.0), theta, data, noise=noise
    )
    sizes = [np.linalg.norm(block.of(gradient)) for block in architecture.blocks]
    assert min(sizes) > 1e-3, "the gradient vanished: nothing would be tested"
    check = check_gradient(architecture, objective, theta, data, noise=noise)
    assert check.worst <= TOLERANCE
    assert len(check.errors) == 60
    assert check.crossed <= 0.02 * check.compared


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


# --- kinks of the loss and of |W|, and dropout ----------------------------------------------

LINE = Architecture((1, 1), ("identity",))


@pytest.mark.parametrize(
    ("text", "kink"), [("absolute_error", 0.0), ("quantile:level=0.3", 0.0), ("huber", 1.0)]
)
def test_a_kink_of_the_loss_is_not_crossed(text, kink):
    # One row, Z = w + b, y = -1.
    data = Data.of(np.ones((1, 1)), np.full((1, 1), -1.0))
    for off, shortened, crossed in ((2.1, 0, 0), (1.5, 2, 0), (0.021, 2, 0), (0.015, 0, 2)):
        for side in (1, -1):
            Z = -1.0 + kink + side * off * STEP
            check = check_gradient(LINE, Objective(text), np.array([1.0, Z - 1.0]), data)
            assert (check.shortened, check.crossed) == (shortened, crossed)
            assert crossed or check.worst <= TOLERANCE
    # What another row has for a target is another row's kink.
    away = check_gradient(LINE, Objective(text), np.array([1.0, 3.0]), data)
    assert (away.shortened, away.crossed) == (0, 0)


@pytest.mark.parametrize("side", [1, -1])
def test_a_weight_does_not_cross_0_under_l1_and_a_bias_may(side):
    data = Data.of(np.full((1, 1), 0.5), np.full((1, 1), -1.0))
    theta = np.array([0.5, 0.5]) * STEP * side
    check = check_gradient(LINE, Objective("squared_error", l1=0.3), theta, data)
    assert (check.compared, check.shortened, check.crossed) == (2, 1, 0)
    assert check.worst <= TOLERANCE
    free = check_gradient(LINE, Objective("squared_error"), theta, data)
    assert free.shortened == 0


def test_a_weight_of_0_has_no_slope_under_l1_to_compare_with():
    data = Data.of(np.full((1, 1), 0.5), np.full((1, 1), -1.0))
    check = check_gradient(LINE, Objective("squared_error", l1=0.3), np.zeros(2), data)
    assert (check.compared, check.crossed, set(check.errors)) == (1, 1, {"b1"})


class OtherNoise(ReferenceEngine):
    """An engine whose gradient drops other outputs than its losses."""

    def loss_and_gradient(self, architecture, objective, theta, data, rows, noise):
        other = Noise(noise.seed, noise.step + 1)
        return super().loss_and_gradient(architecture, objective, theta, data, rows, other)


def test_the_gradient_is_that_of_the_same_draw():
    objective, theta, data = case(ARTICLE, "squared_error", 16, dropout=0.5)
    noise = Noise(3, 4)
    assert check_gradient(ARTICLE, objective, theta, data, noise=noise).worst <= TOLERANCE
    other = check_gradient(ARTICLE, objective, theta, data, engine=OtherNoise(), noise=noise)
    assert other.worst > 0.01
    # Without noise nothing is dropped.
    still = check_gradient(ARTICLE, replace(objective, dropout=0.0), theta, data)
    assert check_gradient(ARTICLE, objective, theta, data) == still


def test_a_kink_behind_a_dropped_output_is_found_where_it_is():
    # The kink of the second layer's ReLU depends on which units of the first are kept.
    architecture = Architecture((2, 4, 1), ("identity", "relu"))
    objective, theta, data = case(architecture, "squared_error", 17, dropout=0.5)
    noise = Noise(0, 0)
    Z = forward(architecture, theta, data.X.T, 0.5, noise).Z[-1]
    row = int(np.argmin(np.abs(Z)))
    theta[-1] += 0.5 * STEP - Z[0, row]
    check = check_gradient(architecture, objective, theta, data, noise=noise)
    assert check.shortened > 0
    assert check.worst <= TOLERANCE


def test_the_formula_in_words_is_the_difference_that_is_computed():
    def L(w):
        return np.exp(w) + w**3

    w, h = 0.7, 0.01
    said = FORMULA.replace("12h", "(12 * h)").replace("2h", "2 * h").replace("(8 (", "(8 * (")
    computed = SHARES @ L(w + h * POINTS) / h
    assert eval(said, {"L": L, "w": w, "h": h}) == pytest.approx(computed, rel=1e-12)
    assert computed == pytest.approx(np.exp(w) + 3 * w**2, rel=1e-8)
