import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression, Ridge

import by_hand
from thalweg.errors import Status
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data, Method, Objective, Order, State
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.losses import LOSSES, smoothed
from thalweg.network.formulas.rules import RULES, rule
from thalweg.network.reference_engine import ReferenceEngine, backward, forward

ENGINE = ReferenceEngine()
DTYPES = [np.float32, np.float64]
PLAIN = (rule("sgd"), (0.0,))
ADAM = (rule("adam"), tuple(rule("adam").constants.values()))
SMALL = Architecture.dense(3, (4,), 2, "tanh")


def problem(
    architecture, loss, n_samples, seed=0, *, weights=None, alpha=0.0, l1=0.0, dropout=0.0,
    dtype=np.float64,
):  # fmt: skip
    """Objective, θ and data that nobody may write to."""
    rng = np.random.default_rng(seed)
    X, n_outputs = rng.normal(size=(n_samples, architecture.sizes[0])), architecture.sizes[-1]
    Y = by_hand.targets(loss, n_samples, n_outputs, rng)
    weights = np.ones(n_samples) if weights is None else np.array(weights, float)
    theta = rng.normal(size=architecture.n_parameters).astype(dtype) * dtype(0.5)
    data = Data.of(X.astype(dtype), Y, weights)
    for array in (theta, data.X, data.Y, data.weights):
        array.setflags(write=False)
    return Objective.over(loss, alpha, weights, l1, dropout), theta, data


def descend(architecture, objective, theta, data, order, rates, how=PLAIN, state=None, first=0):
    state = state or State.at(theta, how[0])
    ran = ENGINE.steps(
        architecture, objective, Method(*how), state, data, order, np.asarray(rates, float), first
    )
    return state, ran


def whole(data):
    return Order(np.arange(len(data.X)), len(data.X))


# --- one pass -------------------------------------------------------------------------------


def test_a_pass_by_hand():
    # Two inputs, one ReLU unit, one output.
    architecture = Architecture((2, 1, 1), ("relu", "identity"))
    theta, X = np.array([2.0, -1.0, 0.5, 3.0, -1.0]), np.array([[1.0, 0.0], [1.0, 2.0]])
    (Z1, Z2), (A0, A1, A2), _ = forward(architecture, theta, X)
    assert A0 is X
    assert (Z1.tolist(), A1.tolist()) == ([[1.5, -1.5]], [[1.5, 0.0]])
    assert Z2.tolist() == A2.tolist() == [[3.5, -1.0]]
    # L = ½ ((3.5 - 1)² + (-1 - 0)²) / 2, and the second sample's unit is off.
    data = Data.of(X.T, np.array([[1.0], [0.0]]))
    height, gradient = ENGINE.loss_and_gradient(
        architecture, Objective("squared_error"), theta, data
    )
    assert height == (2.5**2 + 1) / 4
    assert gradient.tolist() == [
        3 * 2.5 / 2,
        3 * 2.5 / 2,
        3 * 2.5 / 2,
        1.5 * 2.5 / 2,
        (2.5 - 1) / 2,
    ]


def articles_backward(X, Y, W1, b1, W2, b2):
    """The chain rule as the article writes it: probabilities first, sample by sample."""
    n = X.shape[1]
    dW1, db1, dW2, db2 = (np.zeros_like(each) for each in (W1, b1, W2, b2))
    for s in range(n):
        x, y = X[:, s], Y[0, s]
        z1 = [sum(W1[i, j] * x[j] for j in range(len(x))) + b1[i, 0] for i in range(len(b1))]
        a1 = [max(0.0, z) for z in z1]
        yh = 1 / (1 + math.exp(-sum(W2[0, i] * a for i, a in enumerate(a1)) - b2[0, 0]))
        dyh = -(y / yh - (1 - y) / (1 - yh)) / n
        dz2 = dyh * yh * (1 - yh)
        db2[0, 0] += dz2
        for i, a in enumerate(a1):
            dW2[0, i] += dz2 * a
            dz1 = dz2 * W2[0, i] * (1 if z1[i] > 0 else 0)
            db1[i, 0] += dz1
            for j in range(len(x)):
                dW1[i, j] += dz1 * x[j]
    return dW1, db1, dW2, db2


def test_two_layers_against_the_articles_backward():
    architecture = Architecture.dense(9, (15,), 1, "relu")
    objective, theta, data = problem(architecture, "sigmoid_cross_entropy", 40)
    _, gradient = ENGINE.loss_and_gradient(architecture, objective, theta, data)
    (W1, b1), (W2, b2) = architecture.layers(theta)
    expected = articles_backward(data.X.T, data.Y.T, W1, b1, W2, b2)
    for block, theirs in zip(architecture.blocks, expected, strict=True):
        np.testing.assert_allclose(block.of(gradient), theirs, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize(
    "activations",
    [("sigmoid", "tanh", "identity"), ("tanh", "relu", "sigmoid"), ("relu", "identity", "tanh")],
)
def test_backward_is_the_vector_jacobian_product_of_forward(activations):
    architecture = Architecture((3, 5, 4, 2), activations)
    rng = np.random.default_rng(5)
    theta, X = rng.normal(size=architecture.n_parameters), rng.normal(size=(3, 6))
    passed = forward(architecture, theta, X)
    kept = [each.copy() for each in (*passed.Z, *passed.A, theta)]

    def output(step, direction):
        return forward(architecture, theta + step * direction, X).A[-1]

    for _ in range(5):
        dA, direction, h = rng.normal(size=(2, 6)), rng.normal(size=theta.size), 1e-4
        near = output(h, direction) - output(-h, direction)
        far = output(2 * h, direction) - output(-2 * h, direction)
        pushed = np.sum(dA * (8 * near - far) / (12 * h))
        before = dA.copy()
        pulled = backward(architecture, theta, passed, dA)
        assert pulled @ direction == pytest.approx(pushed, rel=1e-8)
        # The same pass serves again, and says the same.
        np.testing.assert_array_equal(backward(architecture, theta, passed, dA), pulled)
        np.testing.assert_array_equal(dA, before)
    for now, then in zip((*passed.Z, *passed.A, theta), kept, strict=True):
        np.testing.assert_array_equal(now, then)


# --- the height -----------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [None, np.array([5, 0, 5, 2])])
@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_losses_at_many_thetas_are_what_the_gradient_call_says(loss, rows):
    objective, theta, data = problem(SMALL, loss, 8, weights=[0, 1, 2, 3, 0, 1, 1, 4], alpha=0.3)
    thetas = theta + np.random.default_rng(1).normal(size=(5, theta.size))
    thetas.setflags(write=False)
    heights = ENGINE.losses(SMALL, objective, thetas, data, rows)
    assert (heights.shape, heights.dtype) == ((5,), np.float64)
    singly = [ENGINE.loss_and_gradient(SMALL, objective, each, data, rows)[0] for each in thetas]
    assert heights.tolist() == singly


def test_the_gradient_of_a_batch_is_the_weighted_sum_over_its_rows():
    weights = np.array([0.0, 1.0, 2.0, 3.0, 0.0, 1.5, 1.0, 4.0])
    objective, theta, data = problem(SMALL, "softmax_cross_entropy", 8, weights=weights)
    rows = np.array([7, 1, 0, 3, 7])
    height, gradient = ENGINE.loss_and_gradient(SMALL, objective, theta, data, rows)
    unweighted = Data.of(data.X, data.Y)
    singly = [
        ENGINE.loss_and_gradient(SMALL, Objective(objective.loss), theta, unweighted, row[None])
        for row in rows
    ]
    share = weights[rows] / (len(rows) * np.mean(weights))
    assert height == pytest.approx(share @ [each[0] for each in singly], rel=1e-14)
    np.testing.assert_allclose(
        gradient, share @ [each[1] for each in singly], rtol=1e-12, atol=1e-16
    )


@pytest.mark.parametrize("rows", [None, np.array([3]), np.array([0, 1, 2, 2, 7])])
def test_the_penalty_does_not_depend_on_the_batch_and_leaves_biases_free(rows):
    weights, alpha = [1, 2, 0, 3, 1, 1, 1, 1], 0.7
    with_it, theta, data = problem(SMALL, "squared_error", 8, weights=weights, alpha=alpha)
    without = Objective.over("squared_error", 0.0, data.weights)
    height, gradient = ENGINE.loss_and_gradient(SMALL, with_it, theta, data, rows)
    bare_height, bare_gradient = ENGINE.loss_and_gradient(SMALL, without, theta, data, rows)
    W = np.concatenate([block.of(theta).ravel() for block in SMALL.blocks if block.name[0] == "W"])
    assert height - bare_height == pytest.approx(alpha / (2 * sum(weights)) * W @ W, rel=1e-12)
    for block in SMALL.blocks:
        pull = block.of(gradient - bare_gradient)
        expected = alpha / sum(weights) * block.of(theta) * (block.name[0] == "W")
        np.testing.assert_allclose(pull, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_weight_2_is_the_row_twice(loss):
    weights = np.array([1, 2, 0, 3, 1, 2, 1, 1])
    heavy, theta, data = problem(SMALL, loss, 8, weights=weights, alpha=0.3)
    repeated = np.repeat(np.arange(8), weights)
    long = Data.of(data.X[repeated], data.Y[repeated])
    light = Objective.over(loss, 0.3, long.weights)
    one, ran = descend(SMALL, heavy, theta, data, whole(data), np.full(50, 0.1))
    two, ran_too = descend(SMALL, light, theta, long, whole(long), np.full(50, 0.1))
    np.testing.assert_allclose(ran.losses, ran_too.losses, rtol=1e-12)
    np.testing.assert_allclose(ran.gradient_norms, ran_too.gradient_norms, rtol=1e-12)
    np.testing.assert_allclose(one.theta, two.theta, rtol=1e-12, atol=1e-13)


def test_descent_on_one_linear_layer_ends_at_ridge_regression():
    weights, alpha = [1, 2, 0, 3, 1, 2, 1, 1, 5, 0.5], 0.8
    linear = Architecture((3, 2), ("identity",))
    objective, theta, data = problem(linear, "squared_error", 10, weights=weights, alpha=alpha)
    state, ran = descend(linear, objective, theta, data, whole(data), np.full(3000, 0.3))
    (W, b) = linear.layers(state.theta)[0]
    # The closed form: weighted means out, then (XᵀDX + αI)⁻¹ XᵀDY.
    D = np.diag(weights)
    x, y = (np.average(each, axis=0, weights=weights) for each in (data.X, data.Y))
    Xc, Yc = data.X - x, data.Y - y
    closed = np.linalg.solve(Xc.T @ D @ Xc + alpha * np.eye(3), Xc.T @ D @ Yc).T
    np.testing.assert_allclose(W, closed, rtol=1e-10)
    np.testing.assert_allclose(b[:, 0], y - closed @ x, rtol=1e-10)
    theirs = Ridge(alpha).fit(data.X, data.Y, weights)
    np.testing.assert_allclose(W, theirs.coef_, rtol=1e-10)
    assert ran.gradient_norms[-1] < 1e-12


def test_descent_on_one_logistic_layer_ends_at_scikit_learns():
    logistic = Architecture((3, 1), ("identity",))
    objective, theta, data = problem(logistic, "sigmoid_cross_entropy", 30, alpha=0.5)
    state, _ = descend(logistic, objective, theta, data, whole(data), np.full(3000, 0.5))
    theirs = LogisticRegression(C=1 / 0.5, tol=1e-12).fit(data.X, data.Y[:, 0])
    np.testing.assert_allclose(state.theta[:3], theirs.coef_[0], rtol=1e-6)
    np.testing.assert_allclose(state.theta[3:], theirs.intercept_, rtol=1e-6)


# --- prediction -----------------------------------------------------------------------------


@settings(deadline=None, max_examples=150)
@given(
    sizes=st.sampled_from(
        [(1, 1), (3, 1), (9, 15, 1), (7, 13, 5), (50, 64, 64, 3), (200, 33, 17, 2), (1, 40, 7)]
    ),
    activation=st.sampled_from(["relu", "tanh", "sigmoid"]),
    dtype=st.sampled_from(DTYPES),
    n_samples=st.integers(1, 120),
    chunk=st.integers(1, 130),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_rows_prediction_does_not_depend_on_its_company(
    sizes, activation, dtype, n_samples, chunk, seed
):
    architecture = Architecture.dense(sizes[0], sizes[1:-1], sizes[-1], activation)
    _, theta, data = problem(architecture, "squared_error", n_samples, seed, dtype=dtype)
    full = ENGINE.predict(architecture, theta, data)
    assert (full.shape, full.dtype) == ((n_samples, sizes[-1]), dtype)
    shuffled = np.random.default_rng(seed).permutation(n_samples)
    parts = [shuffled[start : start + chunk] for start in range(0, n_samples, chunk)]
    for rows in parts:
        again = ENGINE.predict(architecture, theta, data, rows)
        np.testing.assert_array_equal(again, full[rows])
    copied = Data.of(data.X[shuffled])
    np.testing.assert_array_equal(ENGINE.predict(architecture, theta, copied), full[shuffled])
    # And it is the forward pass, up to the rounding of the terms that its last sum is made of.
    passed, W = forward(architecture, theta, data.X.T), architecture.layers(theta)[-1][0]
    terms = np.max(np.abs(W) @ np.abs(passed.A[-2]))
    tolerance = 100 * np.finfo(dtype).eps * max(1.0, terms)
    np.testing.assert_allclose(full, passed.A[-1].T, rtol=0, atol=tolerance)


def test_a_row_predicts_the_same_at_every_place_of_a_tile():
    architecture = Architecture.dense(50, (64, 64), 3, "relu")
    for dtype in DTYPES:
        _, theta, data = problem(architecture, "squared_error", 1, dtype=dtype)
        many = ENGINE.predict(architecture, theta, data, np.zeros(100, int))
        np.testing.assert_array_equal(many, np.tile(many[:1], (100, 1)))


def test_no_rows_no_predictions():
    _, theta, data = problem(SMALL, "squared_error", 3)
    assert ENGINE.predict(SMALL, theta, data, np.array([], int)).shape == (0, 2)


def test_a_damaged_row_does_not_reach_its_neighbours():
    _, theta, data = problem(SMALL, "squared_error", 20)
    X = data.X.copy()
    X[4] = np.nan
    damaged = ENGINE.predict(SMALL, theta, Data.of(X))
    assert np.all(np.isnan(damaged[4]))
    others = np.delete(np.arange(20), 4)
    np.testing.assert_array_equal(damaged[others], ENGINE.predict(SMALL, theta, data)[others])


# --- steps ----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [PLAIN, (rule("sgd"), (0.9,)), ADAM])
def test_steps_go_through_the_batches_keep_the_short_one_and_begin_again(how):
    objective, theta, data = problem(SMALL, "squared_error", 8, alpha=0.2)
    rows = np.array([6, 0, 3, 5, 1, 2, 4])
    rates = np.linspace(0.1, 0.02, 8)
    state, ran = descend(SMALL, objective, theta, data, Order(rows, 3), rates, how)
    by_hand, slots = theta.copy(), np.zeros((how[0].n_slots, theta.size))
    batches = [[6, 0, 3], [5, 1, 2], [4]] * 3
    for step, rate in enumerate(rates, 1):
        batch = np.array(batches[step - 1])
        height, gradient = ENGINE.loss_and_gradient(SMALL, objective, by_hand, data, batch)
        # Loss and norm are those of the place that the step leaves.
        assert ran.losses[step - 1] == height
        assert ran.gradient_norms[step - 1] == pytest.approx(math.hypot(*gradient), rel=1e-14)
        how[0].update(by_hand, gradient, slots, step, float(rate), *how[1])
    np.testing.assert_array_equal(state.theta, by_hand)
    np.testing.assert_array_equal(state.slots, slots)
    assert (ran.status, state.step) == (Status.RUNNING, 8)


def test_a_run_may_be_cut_anywhere():
    objective, theta, data = problem(SMALL, "squared_error", 7)
    order, rates = Order(np.arange(7), 2), np.full(11, 0.01)
    straight, ran = descend(SMALL, objective, theta, data, order, rates, ADAM)
    cut, early = descend(SMALL, objective, theta, data, order, rates[:5], ADAM)
    _, late = descend(SMALL, objective, theta, data, order, rates[5:], ADAM, cut, first=5)
    np.testing.assert_array_equal(cut.theta, straight.theta)
    np.testing.assert_array_equal(np.concatenate([early.losses, late.losses]), ran.losses)
    assert cut.step == straight.step == 11


def test_theta_moves_in_place_and_nothing_else_does():
    # ``problem`` has locked θ and the data; a write to them would be an error.
    objective, theta, data = problem(SMALL, "squared_error", 6, alpha=0.1)
    state = State.at(theta, ADAM[0])
    same, view, slots = state.theta, state.theta[:3], state.slots
    descend(SMALL, objective, theta, data, Order(np.arange(6), 4), [0.1, 0.1], ADAM, state)
    assert state.theta is same
    assert state.slots is slots
    assert np.all(view != theta[:3])


@pytest.mark.parametrize("how", [(rule("sgd"), (0.9,)), ADAM])
def test_a_batch_without_weight_moves_nothing_and_is_no_step(how):
    weights = [1, 1, 0, 0, 1, 0]
    objective, theta, data = problem(SMALL, "squared_error", 6, weights=weights, alpha=0.5)
    order = Order(np.arange(6), 2)
    state, _ = descend(SMALL, objective, theta, data, order, [0.1], how)
    after_one = state.theta.copy(), state.slots.copy()
    _, empty = descend(SMALL, objective, theta, data, order, [0.1], how, state, first=1)
    np.testing.assert_array_equal(state.theta, after_one[0])
    np.testing.assert_array_equal(state.slots, after_one[1])
    assert state.step == 1
    assert empty.status is Status.RUNNING
    # A batch with some weight is a step.
    descend(SMALL, objective, theta, data, order, [0.1], how, state, first=2)
    assert state.step == 2
    assert np.any(state.theta != after_one[0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_divergence_is_reported_with_all_that_was_finite(dtype):
    linear = Architecture((3, 1), ("identity",))
    objective, theta, data = problem(linear, "squared_error", 10, dtype=dtype)
    state, ran = descend(linear, objective, theta, data, whole(data), np.full(2000, 1e3))
    assert ran.status is Status.DIVERGED
    assert 2 < len(ran.losses) == len(ran.gradient_norms) < 2000
    assert np.all(np.isfinite(ran.losses[:-1]))
    assert np.all(np.isfinite(ran.gradient_norms[:-1]))
    assert not (np.isfinite(ran.losses[-1]) and np.isfinite(ran.gradient_norms[-1]))
    # The step that met the end was not taken.
    assert state.step == len(ran.losses) - 1


def test_a_start_that_is_not_finite_ends_at_once():
    objective, theta, data = problem(SMALL, "squared_error", 4)
    wild = theta.copy()
    wild[0] = np.nan
    state, ran = descend(SMALL, objective, wild, data, whole(data), [0.1, 0.1])
    assert (ran.status, len(ran.losses), state.step) == (Status.DIVERGED, 1, 0)
    np.testing.assert_array_equal(state.theta, wild)


@pytest.mark.parametrize("how", [PLAIN, ADAM])
def test_float32_stays_float32_and_close(how):
    objective, theta, data = problem(SMALL, "softmax_cross_entropy", 20, alpha=0.3)
    narrow = Data.of(data.X.astype(np.float32), data.Y, data.weights)
    order, rates = Order(np.arange(20), 6), np.full(20, 0.02)
    wide, _ = descend(SMALL, objective, theta, data, order, rates, how)
    state, _ = descend(SMALL, objective, theta.astype(np.float32), narrow, order, rates, how)
    _, gradient = ENGINE.loss_and_gradient(SMALL, objective, state.theta, narrow)
    assert state.theta.dtype == state.slots.dtype == gradient.dtype == np.float32
    np.testing.assert_allclose(state.theta, wide.theta, rtol=1e-4, atol=1e-5)


# --- what stands around the rule ------------------------------------------------------------


def moved(method, rate=0.25, alpha=0.0, l1=0.0):
    """θ before and after one step, and the gradient between them."""
    objective, theta, data = problem(SMALL, "squared_error", 8, alpha=alpha, l1=l1)
    state = State.at(theta, method.rule)
    ran = ENGINE.steps(SMALL, objective, method, state, data, whole(data), np.array([rate]), 0)
    gradient = ENGINE.loss_and_gradient(SMALL, objective, theta, data)[1]
    assert ran.gradient_norms[0] == np.linalg.norm(gradient)
    return theta, state.theta, gradient


WEIGHTS = np.concatenate([np.full(block.size, block.kind == "weights") for block in SMALL.blocks])


def test_l1_pulls_by_the_sign_and_not_at_all_at_0():
    weights = [1, 2, 0, 3, 1, 1, 1, 1]
    with_it, theta, data = problem(SMALL, "squared_error", 8, weights=weights, l1=0.7)
    theta = theta.copy()
    theta[[1, 5, 13]] = [0.0, -0.0, 0.0]  # of W1, W1 and a bias
    without = Objective.over("squared_error", 0.0, data.weights)
    height, gradient = ENGINE.loss_and_gradient(SMALL, with_it, theta, data)
    bare_height, bare_gradient = ENGINE.loss_and_gradient(SMALL, without, theta, data)
    strength = 0.7 / sum(weights)
    W = theta[WEIGHTS]
    assert height - bare_height == pytest.approx(strength * math.fsum(abs(W)), rel=1e-12)
    expected = [strength * by_hand.sign(w) for w in W]
    np.testing.assert_allclose((gradient - bare_gradient)[WEIGHTS], expected, atol=1e-15)
    np.testing.assert_array_equal((gradient - bare_gradient)[~WEIGHTS], 0)


def test_descent_under_l1_ends_at_the_soft_threshold():
    # Independent columns, XᵀX = n I: the lasso is the least-squares slope pulled towards 0.
    linear, n = Architecture((3, 1), ("identity",)), 8
    X = np.array([[1, 1, 1], [1, -1, 1], [1, 1, -1], [1, -1, -1]] * 2, float)
    X[4:, 0] = -1
    assert np.array_equal(X.T @ X, n * np.eye(3))
    Y = X @ np.array([[2.0], [-1.0], [0.25]])
    data = Data.of(X, Y)
    objective = Objective.over("squared_error", 0.0, data.weights, l1=4.0)
    state = State.at(np.array([1.0, -0.5, 0.5, 0.0]), rule("sgd"))
    rates = 0.5 * 0.99 ** np.arange(2000)
    ENGINE.steps(linear, objective, Method(*PLAIN), state, data, whole(data), rates, 0)
    np.testing.assert_allclose(state.theta, [1.5, -0.5, 0.0, 0.0], atol=1e-8)


def test_decay_shrinks_weights_before_the_rule_and_leaves_biases_free():
    before, after, gradient = moved(Method(*PLAIN, decay=0.5))
    np.testing.assert_allclose(after, before * (1 - 0.125 * WEIGHTS) - 0.25 * gradient, rtol=1e-15)
    # It is no part of the gradient: not in the velocity of the next step, nor in Adam's scale.
    _, adam, _ = moved(Method(*ADAM, decay=0.5))
    _, bare, _ = moved(Method(*ADAM))
    np.testing.assert_allclose(bare - adam, 0.125 * before * WEIGHTS, atol=1e-15)


def test_decay_of_the_rate_times_the_factor():
    before, after, gradient = moved(Method(*PLAIN, decay=0.5, factors=(2.0, 1.0, 0.5, 0.0)))
    factors = np.repeat([2.0, 1.0, 0.5, 0.0], [block.size for block in SMALL.blocks])
    expected = before * (1 - 0.25 * 0.5 * factors * WEIGHTS) - 0.25 * factors * gradient
    np.testing.assert_allclose(after, expected, rtol=1e-14)
    np.testing.assert_array_equal(after[-2:], before[-2:])  # a factor of 0 holds a block still


def test_factors_of_1_are_none():
    _, plain, _ = moved(Method(*ADAM))
    _, same, _ = moved(Method(*ADAM, factors=(1.0, 1.0, 1.0, 1.0)))
    np.testing.assert_array_equal(plain, same)


@pytest.mark.parametrize("share", [0.5, 0.01])
def test_a_gradient_that_is_too_long_is_cut_to_the_length_allowed(share):
    before, after, gradient = moved(Method(*PLAIN))
    length = float(np.linalg.norm(gradient))
    _, clipped, _ = moved(Method(*PLAIN, clip=share * length))
    step = (before - clipped) / 0.25
    assert np.linalg.norm(step) == pytest.approx(share * length, rel=1e-14)
    np.testing.assert_allclose(step, share * gradient, rtol=1e-12, atol=1e-15)
    # Not one bit of a gradient that is short enough.
    for clip in (length, 1.0001 * length, 2 * length, math.inf):
        np.testing.assert_array_equal(moved(Method(*PLAIN, clip=clip))[1], after)


def test_the_length_is_that_of_the_whole_gradient_penalties_included():
    method = Method(*PLAIN, clip=0.5, factors=(2.0, 1.0, 0.5, 0.25))
    before, after, gradient = moved(method, alpha=3.0, l1=2.0)
    assert np.linalg.norm(gradient) > 0.5
    factors = np.repeat(method.factors, [block.size for block in SMALL.blocks])
    step = (before - after) / 0.25 / factors
    assert np.linalg.norm(step) == pytest.approx(0.5, rel=1e-14)


def test_a_smoothed_label_is_the_share_that_one_logit_settles_at():
    logistic = Architecture((1, 1), ("identity",))
    Y = smoothed(np.array([[1.0], [1.0], [1.0], [0.0]]), 0.2)
    data, objective = Data.of(np.zeros((4, 1)), Y), Objective("sigmoid_cross_entropy")
    state, _ = descend(logistic, objective, np.zeros(2), data, whole(data), np.full(500, 2.0))
    share = (3 * 0.9 + 0.1) / 4
    assert state.theta[1] == pytest.approx(math.log(share / (1 - share)), rel=1e-12)


# --- replay ---------------------------------------------------------------------------------
# Against plain floats and exactly rounded sums: 50 steps must come out at the same θ.


def a_run(activations, loss, rule_name, constants=(), *, rate=0.05, batch=5, alpha=0.0, l1=0.0,
          dropout=0.0, **around):  # fmt: skip
    """One line of the table below."""
    method = replace(Method.of(rule_name, *constants), **around)
    return activations, loss, method, rate, batch, alpha, l1, dropout


TANH, RATES = ("tanh", "tanh", "identity"), {"lion": 0.01, "adagrad": 0.1, "rmsprop": 0.005}
RUNS = {
    "article": a_run(
        ("relu", "relu", "identity"), "sigmoid_cross_entropy", "sgd", rate=0.3, batch=12
    ),
    "momentum": a_run(("sigmoid", "tanh", "tanh"), "squared_error", "sgd", (0.9,), alpha=0.4),
    "adam": a_run(("tanh", "relu", "identity"), "softmax_cross_entropy", "adam", alpha=0.1),
    "l1": a_run(TANH, "squared_error", "sgd", (0.5,), l1=0.3),
    "dropout": a_run(TANH, "squared_error", "adam", dropout=0.3, batch=4),
    "decay": a_run(TANH, "squared_error", "adam", decay=0.2),
    "factors": a_run(TANH, "squared_error", "rmsprop", factors=(1.0, 2.0, 0.5, 0.0, 0.1, 3.0)),
    "clip": a_run(TANH, "squared_error", "sgd", (0.9,), clip=0.3),
    "all": a_run(
        ("silu", "mish", "identity"), "huber:delta=0.5", "nadam", alpha=0.3, l1=0.2, dropout=0.2,
        decay=0.1, factors=(1.0, 2.0, 1.0, 2.0, 0.5, 0.5), clip=0.4,
    ),
}  # fmt: skip
RUNS |= {f"rule {n}": a_run(TANH, "squared_error", n, rate=RATES.get(n, 0.02)) for n in RULES}
RUNS |= {f"loss {n}": a_run(TANH, n, "sgd", rate=0.02) for n in LOSSES}
RUNS |= {
    f"activation {n}": a_run((n, n, "identity"), "squared_error", "sgd", rate=0.02)
    for n in ACTIVATIONS
}


@pytest.mark.parametrize("name", sorted(RUNS))
def test_replay(name):
    activations, loss, method, rate, batch_size, alpha, l1, dropout = RUNS[name]
    architecture = Architecture((4, 5, 4, 2), activations)
    weights = [1, 2, 0.5, 3, 1, 2, 1, 1, 5, 0, 1, 2]
    objective, _, data = problem(
        architecture, loss, 12, 8, weights=weights, alpha=alpha, l1=l1, dropout=dropout
    )
    theta = initial_theta(architecture, "article", np.random.RandomState(1))
    rows = np.random.RandomState(2).permutation(12)
    state = State.at(theta, method.rule, seed=9)
    rates, order = np.linspace(rate, rate / 2, 50), Order(rows, batch_size)
    ran = ENGINE.steps(architecture, objective, method, state, data, order, rates, 0)
    cut = [rows[i : i + batch_size].tolist() for i in range(0, 12, batch_size)]
    batches = [cut[step % len(cut)] for step in range(50)]
    plain, heights, norms = by_hand.descent(
        architecture, objective, method, theta, data, batches, rates.tolist(), seed=9
    )
    assert np.linalg.norm(plain - theta) > 0.1
    assert np.linalg.norm(state.theta - plain) <= 1e-12 * np.linalg.norm(plain)
    np.testing.assert_allclose(ran.losses, heights, rtol=1e-11)
    np.testing.assert_allclose(ran.gradient_norms, norms, rtol=1e-10)
