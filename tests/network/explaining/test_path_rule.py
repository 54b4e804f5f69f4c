"""The path rule: closed forms, an independent integral, a refusal, and what must hold exactly."""

import mpmath
import numpy as np
import pytest

from thalweg.errors import SettingsError
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.explaining import path_rule
from thalweg.network.explaining.answer_links import LinkAnswer
from thalweg.network.explaining.path_rule import path_contributions
from thalweg.network.explaining.straight_way import DenseNetwork
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.losses import loss

SIGMOID, SOFTMAX, COUNTS, NUMBERS = (
    "sigmoid_cross_entropy", "softmax_cross_entropy", "poisson", "squared_error"
)  # fmt: skip


def made(activation="relu", hidden=(12, 9), n_outputs=1, seed=0, n_inputs=6, shift=0.3):
    """A random network with biases, and two rows."""
    rng = np.random.default_rng(seed)
    architecture = Architecture.dense(n_inputs, hidden, n_outputs, activation)
    theta = initial_theta(architecture, "he", rng)
    for _, b in architecture.layers(theta):
        b[:] = shift * rng.standard_normal(b.shape)
    start, end = rng.standard_normal((2, n_inputs))
    return DenseNetwork.of(architecture, theta), start, end


def explained(network, start, end, link=SIGMOID, factor=1.0):
    return path_contributions([network], [start], [end], LinkAnswer(loss(link), factor))


def by_midpoints(network, start, end, link, steps=40_000):
    """The same integral from differences of the network's own forward pass."""
    answer = LinkAnswer(loss(link))
    rows = start + (np.arange(steps)[:, None] + 0.5) / steps * (end - start)
    h = 1e-6
    found = []
    for place in range(len(start)):
        step = np.zeros(len(start))
        step[place] = h
        up, down = (answer.value(network.outputs(rows + each)[None]) for each in (step, -step))
        found.append(((up - down) / (2 * h)).mean(axis=0) * (end - start)[place])
    return np.array(found).T


def relu_of_sum():
    """ReLU(x1 + x2 - 1)."""
    formulas = Architecture.dense(2, (1,), 1, "relu").formulas[:-1]
    return DenseNetwork(((np.ones((1, 2)), -np.ones(1)), (np.ones((1, 1)), np.zeros(1))), formulas)


def test_relu_of_a_sum():
    # From (0, 0) to (2, 1) the unit is on for 2 of 3 parts of the way: 4/3 and 2/3.
    found = explained(relu_of_sum(), np.zeros(2), np.array([2.0, 1.0]), NUMBERS)
    np.testing.assert_allclose(found.inputs[0], [[4 / 3, 2 / 3]], rtol=1e-15)
    assert found.is_exact
    assert found.base == 0
    assert found.value == 2


def test_a_logistic_line_is_shared_out_by_weight_times_difference():
    network, start, end = made(hidden=())
    (W, _), (found,) = network.layers[0], explained(network, start, end).inputs
    gained = explained(network, start, end).value - explained(network, start, end).base
    share = W[0] * (end - start)
    np.testing.assert_allclose(found[0], share / share.sum() * gained, rtol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "identity"])
@pytest.mark.parametrize("link", [SIGMOID, COUNTS, NUMBERS])
@pytest.mark.parametrize("hidden", [(10,), (12, 9), (8, 8, 8, 8)])
def test_exact_sums_and_the_integral(activation, link, hidden):
    network, start, end = made(activation, hidden)
    found = explained(network, start, end, link)
    assert found.is_exact
    assert found.error <= 1e-12
    expected = by_midpoints(network, start, end, link, 4000)
    np.testing.assert_allclose(found.inputs[0], expected, atol=2e-3)


def test_the_integral_by_fifty_digits():
    # Piece by piece with mpmath: the slopes of a network that is written out here again.
    network, start, end = made("relu", (3,), seed=4, n_inputs=2)
    (W1, b1), (W2, b2) = network.layers
    mpmath.mp.dps = 50

    def slope(alpha, place):
        row = [mpmath.mpf(a) + alpha * (mpmath.mpf(e) - mpmath.mpf(a)) for a, e in both]
        units = [
            sum(mpmath.mpf(w) * x for w, x in zip(W, row, strict=True)) + mpmath.mpf(b)
            for W, b in zip(W1, b1, strict=True)
        ]
        z = sum(mpmath.mpf(w) * max(u, 0) for w, u in zip(W2[0], units, strict=True)) + b2[0]
        rise = sum(
            mpmath.mpf(w) * mpmath.mpf(W[place])
            for w, W, u in zip(W2[0], W1, units, strict=True)
            if u > 0
        )
        p = 1 / (1 + mpmath.exp(-z))
        return rise * p * (1 - p)

    both = list(zip(start, end, strict=True))
    crossings = -(W1 @ start + b1) / (W1 @ (end - start))
    ends = [0.0, *sorted(each for each in crossings if 0 < each < 1), 1.0]
    found = explained(network, start, end).inputs[0][0]
    for place in range(2):
        true = mpmath.quad(lambda alpha, j=place: slope(alpha, j), ends)
        true *= mpmath.mpf(end[place]) - mpmath.mpf(start[place])
        assert abs(found[place] - float(true)) < 1e-14


@pytest.mark.parametrize("activation", [*ACTIVATIONS])
@pytest.mark.parametrize("link", [SIGMOID, SOFTMAX])
def test_every_activation_adds_up_or_is_refused(activation, link):
    network, start, end = made(activation, n_outputs=3 if link == SOFTMAX else 1, seed=2)
    found = explained(network, start, end, link)
    assert found.error <= (1e-12 if found.is_exact else 1e-8)
    assert found.is_exact == (activation in ("relu", "leaky_relu", "identity") and link == SIGMOID)
    expected = by_midpoints(network, start, end, link, 4000)
    np.testing.assert_allclose(found.inputs[0], expected, atol=2e-3)


@pytest.mark.parametrize("activation", ["tanh", "selu", "relu"])
def test_quadrature_agrees_with_a_dense_one(activation):
    # Not only the sum: every contribution. With relu, softmax of two is the sigmoid, exactly.
    link = SOFTMAX if activation == "relu" else SIGMOID
    network, start, end = made(activation, (7,), n_outputs=2 if link == SOFTMAX else 1, seed=5)
    found = explained(network, start, end, link).inputs[0]
    if activation == "relu":
        (W, b) = network.layers[-1]
        last = (W[1:] - W[:1], b[1:] - b[:1])
        alone = DenseNetwork((*network.layers[:-1], last), network.formulas)
        expected = explained(alone, start, end).inputs[0]
        np.testing.assert_allclose(found[1], expected[0], atol=1e-11)
        np.testing.assert_allclose(found[0], -expected[0], atol=1e-11)
    else:
        expected = by_midpoints(network, start, end, link)
        np.testing.assert_allclose(found, expected, atol=2e-6 if activation == "selu" else 2e-9)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("link", [SIGMOID, SOFTMAX, COUNTS])
def test_swapping_the_rows_changes_every_sign_to_the_bit(activation, link):
    network, start, end = made(activation, n_outputs=3 if link == SOFTMAX else 1, seed=7)
    one, other = explained(network, start, end, link), explained(network, end, start, link)
    assert np.array_equal(one.inputs[0], -other.inputs[0])
    assert np.array_equal(one.base, other.value)


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_an_unused_input_gets_exactly_zero(activation):
    network, start, end = made(activation, seed=3)
    network.layers[0][0][:, 2] = 0.0
    end[4] = start[4]
    found = explained(network, start, end).inputs[0][0]
    assert found[2] == 0
    assert not np.signbit(found[2])
    assert found[4] == 0
    assert (found[[0, 1, 3, 5]] != 0).all()


def test_equal_rows_gain_nothing():
    network, start, _ = made()
    found = explained(network, start, start)
    assert (found.inputs[0] == 0).all()
    assert found.error == 0


def test_the_scale_of_numbers_is_a_factor():
    network, start, end = made()
    one, other = (
        explained(network, start, end, NUMBERS),
        explained(network, start, end, NUMBERS, 50),
    )
    np.testing.assert_allclose(other.inputs[0], 50 * one.inputs[0], rtol=1e-13)


def test_steep_networks_keep_their_digits():
    network, start, end = made(seed=11)
    steep = DenseNetwork(
        (*network.layers[:-1], (300 * network.layers[-1][0], 300 * network.layers[-1][1])),
        network.formulas,
    )
    found = explained(steep, start, end)
    assert found.error <= 1e-12
    assert np.isfinite(found.inputs[0]).all()


def test_a_quadrature_that_does_not_add_up_is_refused(monkeypatch):
    network, start, end = made("tanh")
    monkeypatch.setattr(path_rule, "_MOST_NODES", 10)
    steep = DenseNetwork(
        ((400 * network.layers[0][0], network.layers[0][1]), *network.layers[1:]),
        network.formulas,
    )
    with pytest.raises(SettingsError, match=r"cannot be computed by the path rule.*background"):
        explained(steep, start, end)


def test_a_wrong_sum_is_never_returned(monkeypatch):
    network, start, end = made()
    monkeypatch.setattr(path_rule, "_closed_form", lambda ways, answer: [np.ones((1, 6))])
    with pytest.raises(SettingsError, match="add up to"):
        explained(network, start, end)


def test_an_answer_that_is_not_finite_is_refused():
    network, start, end = made(hidden=())
    huge = DenseNetwork(((1e4 * network.layers[0][0], network.layers[0][1]),), ())
    if (huge.outputs(end[None]) < 710).all():
        start, end = end, start
    with pytest.raises(SettingsError, match="not a finite number"), np.errstate(over="ignore"):
        explained(huge, start, end + 100 * np.sign(huge.layers[0][0][0]), COUNTS)
