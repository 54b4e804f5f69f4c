"""Dropout: the bits against whole numbers of Python, the masks as draws, the network around."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import by_hand
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Method, Noise, Objective, Order, State
from thalweg.network.formulas.dropout_mask import dropout_threshold, kept, layer_key, scrambled
from thalweg.network.formulas.rules import rule
from thalweg.network.reference_engine import ReferenceEngine, forward, mask

ENGINE = ReferenceEngine()
words = st.integers(0, 2**64 - 1)


def word(*numbers):
    return np.array(numbers, np.uint64)


def draw(shape, dropout, *, seed=0, step=0, layer=0):
    """Which outputs stay, as booleans."""
    return mask(np.ones(shape), layer, dropout, Noise(seed, step)) > 0


# --- the bits -------------------------------------------------------------------------------


def test_the_hash_is_that_of_splitmix64():
    # Its first five numbers from 1234567, as published for implementers to compare with.
    places = word(1, 2, 3, 4, 5) * word(by_hand.GOLDEN)
    assert scrambled(word(1234567) + places).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@given(one=words)
def test_the_hash_is_that_of_whole_numbers(one):
    assert int(scrambled(word(one))[0]) == by_hand.scrambled(one)


@given(
    seed=words,
    step=st.integers(0, 2**40),
    layer=st.integers(0, 300),
    place=st.integers(0, 2**40),
    dropout=st.floats(0, 0.99),
)
def test_an_output_stays_or_not_as_whole_numbers_say(seed, step, layer, place, dropout):
    key = layer_key(word(seed), word(step), word(layer))
    stays = kept(word(place), key, dropout_threshold(dropout))[0]
    assert stays == by_hand.kept_by_hand(seed, step, layer, place, dropout)


@pytest.mark.parametrize(
    ("noise", "layer", "bits"),
    [
        # Whoever changes these changes what every stored seed means.
        (Noise(0, 0), 0, 0x48AFAF67104619BC),
        (Noise(1, 2), 3, 0xAC281281D38AFC6A),
        (Noise(2**64 - 1, 5), 1, 0x06CECF2E990F6DED),
    ],
)
def test_the_first_sixty_four_of_a_layer(noise, layer, bits):
    stays = mask(np.ones((8, 8)), layer, 0.5, noise).ravel() > 0
    assert int("".join("01"[each] for each in stays.tolist()), 2) == bits


def test_the_threshold_counts_in_shares_of_two_to_the_24():
    # 0.1 · 2²⁴ is 1,677,721.6.
    for dropout, threshold in ((0.0, 0), (0.5, 2**23), (0.25, 2**22), (2**-24, 1), (0.1, 1677722)):
        assert dropout_threshold(dropout) == threshold
    key = layer_key(word(0), word(0), word(0))
    assert np.all(kept(np.arange(10**4, dtype=np.uint64), key, dropout_threshold(0.0)))


# --- the masks as draws ---------------------------------------------------------------------


@pytest.mark.parametrize("dropout", [0.01, 0.1, 0.25, 0.5, 0.9])
def test_the_share_that_stays(dropout):
    n = 10**6
    stays = draw((1000, 1000), dropout, seed=3)
    for axis, size in ((None, n), (0, 1000), (1, 1000)):
        off = np.abs(np.mean(stays, axis=axis) - (1 - dropout))
        # Five standard errors: among 2,001 shares none is further off, but for one in a thousand.
        assert np.max(off) <= 5 * math.sqrt(dropout * (1 - dropout) / size)


def correlation(a, b):
    return np.corrcoef(a.ravel(), b.ravel())[0, 1]


def test_layers_steps_and_seeds_are_independent():
    shape = (200, 200)
    base = draw(shape, 0.5)
    others = {
        f"{name} {by}": draw(shape, 0.5, **{name: by})
        for name in ("seed", "step", "layer")
        for by in (1, 2, 3, 64)
    }
    found = [("base", base), *others.items()]
    for (one, a), (two, b) in itertools.combinations(found, 2):
        assert abs(correlation(a, b)) <= 5 / math.sqrt(a.size), (one, two)


def test_neighbours_are_independent():
    stays = draw((400, 400), 0.5, seed=9).ravel()
    for lag in (1, 2, 3, 7, 8, 16, 64, 256, 400, 401, 4096):
        assert abs(correlation(stays[lag:], stays[:-lag])) <= 5 / math.sqrt(stays.size), lag


def test_no_layer_is_another_one_moved():
    # (seed, step, layer) are not added up: no two of 27,000 keys are equal.
    numbers = np.arange(30, dtype=np.uint64)
    seeds, steps, layers = np.meshgrid(numbers, numbers, numbers)
    keys = layer_key(seeds, steps, layers)
    assert len(np.unique(keys)) == 30**3
    # Nor are two a whole number of places apart, as far as a layer may reach.
    few = np.unique(keys.ravel()[:: 30**3 // 200])
    inverse = pow(by_hand.GOLDEN, -1, 2**64)
    for one, two in itertools.combinations(few.tolist(), 2):
        apart = (one - two) * inverse % 2**64
        assert min(apart, 2**64 - apart) > 2**40


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_mask_holds_what_keeps_the_mean(dtype):
    A = np.ones((5, 7), dtype)
    found = mask(A, 1, 0.2, Noise(4, 5))
    assert (found.shape, found.dtype) == (A.shape, dtype)
    expected = [
        [by_hand.kept_by_hand(4, 5, 1, 7 * i + j, 0.2) / 0.8 for j in range(7)] for i in range(5)
    ]
    np.testing.assert_allclose(found, np.array(expected), rtol=2 * np.finfo(dtype).eps)
    assert 0 < np.count_nonzero(found) < 35
    # However A lies in memory.
    np.testing.assert_array_equal(mask(np.asfortranarray(A), 1, 0.2, Noise(4, 5)), found)


def test_a_linear_network_is_right_on_average():
    # E[A m] = A: over many draws the mean of the output is the output without dropout.
    architecture = Architecture((3, 6, 5, 2), ("identity",) * 3)
    rng = np.random.default_rng(0)
    theta, X = rng.normal(size=architecture.n_parameters), rng.normal(size=(3, 4))
    plain = forward(architecture, theta, X).A[-1]
    draws = np.array(
        [forward(architecture, theta, X, 0.3, Noise(1, step)).A[-1] for step in range(2000)]
    )
    error = np.std(draws, axis=0) / math.sqrt(len(draws))
    assert np.all(np.abs(np.mean(draws, axis=0) - plain) <= 5 * error)
    assert np.all(error > 0)


# --- the network around ---------------------------------------------------------------------

DEEP = Architecture((3, 6, 5, 2), ("tanh", "relu", "identity"))


def deep(dropout, n_rows=8):
    rng = np.random.default_rng(2)
    data = Data.of(rng.normal(size=(n_rows, 3)), rng.normal(size=(n_rows, 2)))
    theta = rng.normal(size=DEEP.n_parameters)
    return Objective("squared_error", dropout=dropout), theta, data


def test_every_hidden_layer_has_a_mask_of_its_own_and_the_last_none():
    _, theta, data = deep(0.5)
    noise = Noise(1, 1)
    passed = forward(DEEP, theta, data.X.T, 0.5, noise)
    for layer in (0, 1):
        np.testing.assert_array_equal(passed.kept[layer], mask(passed.Z[layer], layer, 0.5, noise))
        plain = DEEP.formulas[layer].value(passed.Z[layer])
        np.testing.assert_array_equal(passed.A[layer + 1], plain * passed.kept[layer])
    assert passed.kept[2] == 1.0
    np.testing.assert_array_equal(passed.A[3], passed.Z[2])


@pytest.mark.parametrize("noise", [None, Noise(0, 0)])
def test_without_noise_or_dropout_nothing_is_dropped(noise):
    dropping, theta, data = deep(0.5)
    plain = deep(0.0)[0]
    with_it = ENGINE.loss_and_gradient(DEEP, plain, theta, data, noise=noise)
    without = ENGINE.loss_and_gradient(DEEP, dropping, theta, data)
    assert with_it[0] == without[0]
    np.testing.assert_array_equal(with_it[1], without[1])


def test_losses_and_gradient_drop_the_same():
    objective, theta, data = deep(0.4)
    for noise in (Noise(0, 0), Noise(0, 1), Noise(7, 0)):
        height, gradient = ENGINE.loss_and_gradient(DEEP, objective, theta, data, noise=noise)
        assert ENGINE.losses(DEEP, objective, theta[None], data, noise=noise) == [height]
        rows = (data.X.tolist(), data.Y.tolist(), data.weights.tolist())
        expected, slopes = by_hand.loss_and_gradient(DEEP, objective, theta.tolist(), *rows, noise)
        assert height == pytest.approx(expected, rel=1e-14)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-12, atol=1e-14)


def test_a_row_of_a_batch_is_dropped_by_its_place_there():
    objective, theta, data = deep(0.5)
    rows, noise = np.array([5, 1, 5]), Noise(2, 3)
    picked = Data.of(data.X[rows], data.Y[rows])
    one = ENGINE.loss_and_gradient(DEEP, objective, theta, data, rows, noise)
    two = ENGINE.loss_and_gradient(DEEP, objective, theta, picked, None, noise)
    assert one[0] == two[0]
    np.testing.assert_array_equal(one[1], two[1])


def descend(data, objective, theta, n_steps, *, state=None, first=0, seed=5):
    state = state or State.at(theta, rule("sgd"), seed)
    order = Order(np.arange(len(data.X)), 3)
    ENGINE.steps(
        DEEP, objective, Method.of("sgd"), state, data, order, np.full(n_steps, 0.05), first
    )
    return state


def test_a_descent_draws_with_its_seed_and_the_steps_that_moved_it():
    objective, theta, data = deep(0.5)
    straight = descend(data, objective, theta, 7)
    cut = descend(data, objective, theta, 3).copy()
    np.testing.assert_array_equal(
        descend(data, objective, theta, 4, state=cut, first=3).theta, straight.theta
    )
    assert np.any(descend(data, objective, theta, 7, seed=6).theta != straight.theta)
    batches = [[0, 1, 2], [3, 4, 5], [6, 7]] * 3
    plain, _, _ = by_hand.descent(
        DEEP, objective, Method.of("sgd"), theta, data, batches[:7], [0.05] * 7, seed=5
    )
    np.testing.assert_allclose(straight.theta, plain, rtol=1e-12)


def test_a_batch_without_weight_draws_nothing():
    objective, theta, data = deep(0.5)
    weights = np.array([1.0, 1, 1, 0, 0, 0, 1, 1])
    holey = Data.of(data.X, data.Y, weights)
    order, short = Order(np.arange(8), 3), Order(np.array([0, 1, 2, 6, 7]), 3)
    found = []
    for batches, n_steps in ((order, 6), (short, 4)):
        state = State.at(theta, rule("sgd"), 1)
        rates = np.full(n_steps, 0.05)
        ENGINE.steps(DEEP, objective, Method.of("sgd"), state, holey, batches, rates, 0)
        assert state.step == 4
        found.append(state.theta)
    np.testing.assert_array_equal(*found)
