"""What is told of a network in trouble: the layer, the step, the mend; and dead units."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.counter_based_random import generator
from thalweg.errors import Status
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data, Objective, choose
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.training import trouble as trouble_module
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Course, Member
from thalweg.training.train import train
from thalweg.training.trouble import dead_units, not_finite

ENGINE = choose()
CHAIN = Architecture((1, 1, 1, 1), ("identity", "identity", "identity"))


def chain(W, b=(0.0, 0.0, 0.0), dtype=float):
    """θ of three layers of one unit each: z = w₃(w₂(w₁x + b₁) + b₂) + b₃."""
    return np.array([number for pair in zip(W, b, strict=True) for number in pair], dtype)


def descend(theta, X, Y, loss="squared_error", text="sgd:lr=0.5", alpha=0.0, batch=None, **more):
    X, Y = np.array(X, theta.dtype)[:, None], np.array(Y)[:, None]
    settings = Settings(parse_optimizer(text), batch, 50, **more)
    return train(CHAIN, theta, Data.of(X, Y), loss, alpha, settings)


@pytest.mark.parametrize(
    ("theta", "X", "loss", "alpha", "layer", "quantity"),
    [
        (chain((1.0, np.nan, 1.0)), [1.0], "squared_error", 0.0, 2, "weights"),
        (chain((1.0, 1.0, 1.0), (0.0, 0.0, np.inf)), [1.0], "squared_error", 0.0, 3, "weights"),
        # w² is infinite, and only the penalty needs it.
        (chain((1.0, 1e200, 1e-200)), [0.0], "squared_error", 1.0, 2, "weights"),
        (chain((1e200, 1e200, 1e200)), [1.0], "squared_error", 0.0, 2, "outputs"),
        (chain((1e20, 1e20, 1.0), dtype="f"), [1.0], "squared_error", 0.0, 2, "outputs"),
        (chain((1e100, 1e100, 1.0)), [1.0], "squared_error", 0.0, 3, "loss"),
        # The slope of |z - y| is 1 or -1, so that the loss stays small; dA₁ = w₂ w₃ is infinite.
        (chain((1.0, 1e160, 1e150)), [0.0], "absolute_error", 0.0, 1, "gradient"),
        # Every number is finite here, but the square of db₂ = w₃ is not.
        (chain((1.0, 1.0, 1e200)), [0.0], "absolute_error", 0.0, 2, "gradient"),
    ],
)
def test_the_layer_that_left_the_finite_numbers_first_is_named(
    theta, X, loss, alpha, layer, quantity
):
    descent = descend(theta, X, [0.5], loss, alpha=alpha)
    assert descent.status is Status.DIVERGED
    assert (descent.best_epoch, descent.history) == (0, [])
    trouble = descent.trouble
    assert (trouble.layer, trouble.quantity) == (layer, quantity)
    assert (trouble.epoch, trouble.step, trouble.rate) == (1, 1, 0.5)
    assert f"layer {layer} became NaN or infinite in epoch 1, step 1" in trouble.what
    assert trouble.what.endswith("learning rate 0.5, at the start")
    assert "smaller weights" in trouble.fix


def by_hand(theta, X, Y, rates):
    """Steps of squared error through the chain, until a number is not finite: how many."""
    data = Data.of(X, Y)
    objective = Objective.over("squared_error", 0.0, data.weights)
    for step, (rows, rate) in enumerate(rates):
        with np.errstate(all="ignore"):
            loss, gradient = ENGINE.loss_and_gradient(CHAIN, objective, theta, data, rows)
            if not np.isfinite(loss) or not np.isfinite(np.linalg.norm(gradient)):
                return step
        theta = theta - rate * gradient
    raise AssertionError("it does not diverge")


@pytest.mark.parametrize("clip", ["", ",clip=1e300"])
def test_epoch_step_and_rate_are_those_of_the_step_that_went_wrong(clip):
    X, Y = np.linspace(-3, 3, 10)[:, None], np.linspace(-1, 1, 10)[:, None]
    theta = chain((1.0, 0.9, 1.1))
    text = f"sgd:lr=1e9,schedule=cosine{clip}"
    rates = [
        (order[first : first + 4], 1e9 * (1 + np.cos(np.pi * (3 * epoch + i) / 150)) / 2)
        for epoch in range(50)
        for order in [generator(0, "order", epoch).permutation(np.arange(10))]
        for i, first in enumerate((0, 4, 8))
    ]
    step = by_hand(theta, X, Y, rates)
    assert step % 3, "the step must be inside an epoch, or this test shows less"
    trouble = descend(theta, X[:, 0], Y[:, 0], text=text, batch=4).trouble
    assert (trouble.epoch, trouble.step) == (step // 3 + 1, step + 1)
    assert trouble.rate == pytest.approx(rates[step][1], rel=1e-12)
    # A tenth of 1e9 would be as bad: the usual rate of the rule is named.
    assert "such as lr=0.1" in trouble.fix
    assert ("clip" in trouble.fix) == (clip == "")


@pytest.mark.parametrize(
    ("text", "named"),
    [("sgd:lr=1e30", "lr=0.1"), ("adam:lr=1e30", "lr=0.001"), ("sgd:lr=0.9", "lr=0.09")],
)
def test_the_rate_that_is_named_as_a_fix_is_a_sane_one(text, named):
    trouble = descend(chain((1.0, 1.0, 1.0)), [1.0, 20.0], [30.0, 60.0], text=text).trouble
    assert f"such as {named}," in trouble.fix


def test_a_loss_that_explodes_names_the_layer_that_grew_most():
    architecture = Architecture((2, 1), ("identity",))
    theta = np.array([0.5, 0.0, 0.0])
    data = Data.of(np.array([[3.0, 0.1]]), np.array([[0.0]]))
    rate, loss = 1.0, 1.5**2 / 2
    settings = Settings(parse_optimizer(f"sgd:lr={rate}"), None, 100)
    descent = train(architecture, theta, data, "squared_error", 0.0, settings)
    # z ← z (1 - η (x·x + 1)), so that the loss grows by (1 - 10.01)² = 81.18… a step.
    factor = (1 - rate * (9 + 0.01 + 1)) ** 2
    heights = [loss * factor**epoch for epoch in range(10)]
    last = next(i for i, height in enumerate(heights) if height > 1e4 * loss)
    assert [record["train_loss"] for record in descent.history] == pytest.approx(
        heights[: last + 1], rel=1e-12
    )
    trouble = descent.trouble
    assert (trouble.layer, trouble.quantity) == (1, "weights")
    assert (trouble.epoch, trouble.step, trouble.rate) == (last + 1, last + 1, rate)
    # The epoch's own step is the last that was taken.
    z, W = 1.5, np.array([0.5, 0.0])
    for _ in range(last + 1):
        W -= rate * z * data.X[0]
        z *= 1 - rate * 10.01
    assert f"from 1.125 to {heights[last]:,.0f}" in trouble.what
    assert f"from a norm of 0.5 to {np.linalg.norm(W):,.0f}" in trouble.what


def test_the_layer_that_grew_most_is_found_among_several():
    # The first layer's weight is near 0, so the second has the small gradient.
    descent = descend(chain((1e-3, 1.0, 1.0)), [1.0, 2.0], [30.0, 60.0], text="sgd:lr=0.9")
    trouble = descent.trouble
    assert descent.status is Status.DIVERGED
    assert (trouble.layer, trouble.quantity) == (1, "weights")


def test_a_loss_of_held_out_rows_that_explodes_is_reported_as_such():
    settings = Settings(parse_optimizer("sgd:lr=0.5"), None, 50)
    data = Data.of(np.array([[1.0], [1e9]]), np.array([[1.0], [0.0]]))
    theta = np.array([0.0, 0.0])
    descent = train(
        Architecture((1, 1), ("identity",)), theta, data, "squared_error", 0.0, settings,
        rows=np.array([0]), held_out=np.array([1]),
    )  # fmt: skip
    assert descent.status is Status.DIVERGED
    assert len(descent.history) == 1
    # One step: w = b = 0.5, and ½ (0.5e9 + 0.5)² on the row that only judges.
    assert "to 1.25e17 on the held-out rows in epoch 1" in descent.trouble.what
    assert "from a norm of 0 to 0.5" in descent.trouble.what


def test_a_norm_is_right_where_its_square_is_infinite():
    settings = Settings(parse_optimizer("sgd:lr=1e200"), None, 50)
    data = Data.of(np.ones((2, 1)), np.array([[1.0], [0.0]]))
    descent = train(
        Architecture((1, 1), ("identity",)), np.zeros(2), data, "absolute_error", 0.0, settings,
        rows=np.array([0]), held_out=np.array([1]),
    )  # fmt: skip
    assert descent.status is Status.DIVERGED
    assert "from a norm of 0 to 1e200" in descent.trouble.what


def test_weights_that_shrank_did_not_grow_and_the_row_that_has_the_loss_is_named():
    settings = Settings(parse_optimizer("sgd:lr=0.1"), None, 50)
    data = Data.of(np.ones((4, 1)), np.array([[0.0], [1.0], [1e6], [2.0]]))
    descent = train(
        Architecture((1, 1), ("identity",)), np.array([1.0, 0.0]), data, "squared_error", 0.0,
        settings, rows=np.array([0]), held_out=np.array([1, 2, 3]),
    )  # fmt: skip
    assert descent.status is Status.DIVERGED
    assert (descent.trouble.layer, descent.trouble.quantity) == (1, "loss")
    what = descent.trouble.what
    assert "grew most" not in what
    assert "the weights of no layer grew (those of layer 1 went from a norm of 1 to 0.9)" in what
    assert "one of 3 held-out rows has 100 % of that loss, with a target of 1,000,000 in" in what
    assert descent.trouble.fix.startswith("look for errors in the targets and inputs; or take ")


def test_the_worst_row_is_that_of_the_outputs_and_not_of_what_comes_before_them():
    settings = Settings(parse_optimizer("sgd:lr=0.1"), None, 50)
    # At x = 1000 the network gives about -900: far from the first target, near the second.
    data = Data.of(np.array([[1.0], [1e3], [1e3]]), np.array([[0.0], [1e3], [-1e3]]))
    descent = train(
        Architecture((1, 1), ("identity",)), np.array([-1.0, 0.0]), data, "squared_error", 0.0,
        settings, rows=np.array([0]), held_out=np.array([2, 1]),
    )  # fmt: skip
    # One step: w = -0.9 and b = 0.1, so the errors are 1899.9 and 100.1.
    share = 100 * 1899.9**2 / (1899.9**2 + 100.1**2)
    said = f"one of 2 held-out rows has {share:.3g} % of that loss, with a target of 1,000 in"
    assert said in descent.trouble.what


def test_the_worst_of_many_rows_is_found_wherever_it_is():
    settings = Settings(parse_optimizer("sgd:lr=0.1"), None, 50)
    targets = np.full((1_201, 1), 1e5)
    targets[0] = 0.0  # of the training row
    targets[1_101] = 3e5
    data = Data.of(np.ones((1_201, 1)), targets)
    descent = train(
        Architecture((1, 1), ("identity",)), np.array([1.0, 0.0]), data, "squared_error", 0.0,
        settings, rows=np.array([0]), held_out=np.arange(1, 1_201),
    )  # fmt: skip
    # After a step the network gives 0.8, which is nothing beside these targets.
    share = 100 * 9 / (9 + 1_199)
    said = f"one of 1,200 held-out rows has {share:.3g} % of that loss, with a target of 300,000 in"
    assert said in descent.trouble.what


def test_a_sound_descent_has_no_trouble():
    assert descend(chain((1.0, 1.0, 1.0)), [1.0], [0.5], text="sgd:lr=0.01").trouble is None


def test_lbfgs_has_no_rate_to_fix():
    trouble = descend(chain((1e200, 1e200, 1.0)), [1.0], [0.5], text="lbfgs").trouble
    assert (trouble.layer, trouble.quantity, trouble.rate) == (2, "outputs", None)
    assert "learning rate" not in trouble.what + trouble.fix


def counted(architecture, theta, X):
    """Units without slope, one unit and one row at a time, in plain Python."""
    dead = []
    columns = [list(map(float, row)) for row in X]
    for layer, (W, b) in enumerate(architecture.layers(theta)[:-1]):
        formula = architecture.formulas[layer]
        Z = [
            [sum(w * x for w, x in zip(W[j], row, strict=True)) + b[j, 0] for j in range(len(W))]
            for row in columns
        ]
        dead.append(sum(all(formula.slope(np.array(z[j])) == 0 for z in Z) for j in range(len(W))))
        columns = [[float(formula.value(np.array(each))) for each in z] for z in Z]
    return tuple(dead)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@given(st.integers(0, 2**32 - 1), st.floats(-2, 1))
def test_dead_units_are_those_without_slope_on_any_row(activation, seed, shift):
    random = np.random.default_rng(seed)
    architecture = Architecture((2, 4, 3, 1), (activation, activation, "identity"))
    theta = initial_theta(architecture, "he", random)
    for _, b in architecture.layers(theta):
        b += shift * random.uniform(0, 1, b.shape)
    X = random.standard_normal((7, 2))
    rows = np.array([0, 2, 3, 6])
    found = dead_units(architecture, theta, Data.of(X), rows)
    assert found == counted(architecture, theta, X[rows])


def test_a_descent_counts_the_dead_units_of_what_it_returns():
    architecture = Architecture((1, 3, 2, 1), ("relu", "relu", "identity"))
    theta = np.zeros(architecture.n_parameters)
    (_, b1), (W2, b2), _ = architecture.layers(theta)
    b1[:, 0], b2[:, 0] = (-1.0, 1.0, -1.0), (1.0, 1.0)
    W2[0, 1] = -2.0  # from the one that lives
    data = Data.of(np.ones((5, 1)), np.ones((5, 1)))
    settings = Settings(parse_optimizer("sgd:lr=1e-9"), None, 3)
    descent = train(architecture, theta, data, "squared_error", 0.0, settings)
    assert descent.dead_units == (2, 1)
    assert train(CHAIN, chain((1.0, 1.0, 1.0)), data, "squared_error", 0, settings).dead_units == (
        0,
        0,
    )


@pytest.mark.parametrize(
    ("activation", "W", "loss", "layer", "quantity"),
    [
        # tanh of what is infinite is 1, and all that follows is finite.
        ("tanh", (1e308, 1.0, 1.0), "squared_error", 1, "outputs"),
        # exp(z) is infinite, and e^y, z e^y and the slope at y are not.
        ("identity", (10.0, 10.0, 10.0), "poisson", 3, "loss"),
        # exp(704.7) is finite, and its product with the unit before it is not.
        ("identity", (1.0, 78.3, 1.0), "poisson", 3, "gradient"),
        # All is finite: ‖dW₃‖ = 35 · 36 is the largest.
        ("identity", (2.0, 2.0, 1.0), "squared_error", 3, "gradient"),
    ],
)
def test_where_only_one_quantity_is_not_finite_it_is_named(activation, W, loss, layer, quantity):
    architecture = Architecture((1, 1, 1, 1), (activation, activation, "identity"))
    data = Data.of(np.array([[9.0], [0.0]]), np.ones((2, 1)))  # on the second row all is finite
    settings = Settings(parse_optimizer("sgd"), None, 5)
    course = Course(Member(architecture, chain(W), data, loss, 0.0, settings), ENGINE)
    found = not_finite(course, course.start(), 0, 0, 0.1)
    assert (found.layer, found.quantity) == (layer, quantity)


def test_a_unit_that_lives_on_later_rows_only_is_not_dead():
    # One unit lives on the first row, the other on the last, two tiles away.
    architecture = Architecture((1, 2, 1), ("relu", "identity"))
    theta = np.array([1.0, -1.0, 0.0, 0.0, 1.0, 1.0, 0.0])
    X = np.zeros((1500, 1))
    X[0], X[-1] = 1.0, -1.0
    assert dead_units(architecture, theta, Data.of(X), np.arange(1500)) == (0,)
    assert dead_units(architecture, theta, Data.of(X), np.arange(1499)) == (1,)


def test_of_many_rows_some_are_looked_at_evenly_picked():
    assert (trouble_module.ROWS_LOOKED_AT, trouble_module.TILE) == (4096, 512)
    architecture = Architecture((1, 1, 1), ("relu", "identity"))
    theta = np.array([1.0, 0.0, 1.0, 0.0])
    rows = np.arange(2, 3 * 4096 + 2)

    def alive_on(*places):
        X = np.full((3 * 4096 + 5, 1), -1.0)
        X[rows[list(places)]] = 1.0
        return dead_units(architecture, theta, Data.of(X), rows) == (0,)

    assert alive_on(0)
    assert alive_on(3 * 4095)  # in the last tile
    assert alive_on(3 * 700)
    assert not alive_on(1, 2, 4, 3 * 4096 - 1)
    assert not alive_on()
    few = Data.of(np.where(np.arange(4096) == 4095, 1.0, -1.0)[:, None])
    assert dead_units(architecture, theta, few, np.arange(4096)) == (0,)
    assert dead_units(architecture, theta, few, np.arange(4095)) == (1,)
