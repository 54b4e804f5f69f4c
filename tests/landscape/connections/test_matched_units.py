"""Matched hidden units: the function stays, and no other order is closer where all were tried."""

from itertools import permutations, product

import numpy as np
import pytest

from thalweg.landscape.connections import matched_units
from thalweg.landscape.connections.matched_units import match_units, reorder
from thalweg.network.architecture import Architecture
from thalweg.network.formulas.activations import ACTIVATIONS


def answers(architecture, theta, X):
    """A forward pass of its own."""
    A = X.T
    for (W, b), formula in zip(architecture.layers(theta), architecture.formulas, strict=True):
        A = formula.value(W @ A + b)
    return A


def scrambled(architecture, theta, seed, *, flips):
    """The same function: hidden units in another order, some with both signs changed."""
    random, copy = np.random.default_rng(seed), theta.copy()
    for layer, size in enumerate(architecture.sizes[1:-1]):
        sign = random.choice([-1.0, 1.0], size) if flips else np.ones(size)
        reorder(architecture, copy, layer, random.permutation(size), sign)
    return copy


@pytest.mark.parametrize("hidden", [(7,), (6, 5), (4, 4, 4)])
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
def test_a_scrambled_copy_is_found_again_and_answers_alike(hidden, activation):
    architecture = Architecture.dense(3, hidden, 2, activation)
    random = np.random.default_rng(1)
    theta = random.standard_normal(architecture.n_parameters)
    copy = scrambled(architecture, theta, 2, flips=activation == "tanh")
    X = random.standard_normal((40, 3))
    assert answers(architecture, copy, X) == pytest.approx(
        answers(architecture, theta, X), abs=1e-12
    )
    found = match_units(architecture, theta, copy)
    assert found.before > 1
    assert answers(architecture, found.theta, X) == pytest.approx(
        answers(architecture, copy, X), abs=1e-12
    )
    assert found.after == pytest.approx(0, abs=1e-12)
    # What it says of places and signs makes these weights of those.
    again = copy.copy()
    for layer, (order, sign) in enumerate(zip(found.orders, found.signs, strict=True)):
        reorder(architecture, again, layer, order, sign)
    assert again == pytest.approx(found.theta, abs=1e-15)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_one_hidden_layer_is_matched_as_well_as_any_order_and_signs(activation):
    architecture = Architecture.dense(3, (4,), 2, activation)
    random = np.random.default_rng(5)
    one, other = random.standard_normal((2, architecture.n_parameters))
    found = match_units(architecture, one, other)
    least = np.inf
    for order in permutations(range(4)):
        for sign in product(*[(1.0, -1.0) if activation == "tanh" else (1.0,)] * 4):
            copy = other.copy()
            reorder(architecture, copy, 0, np.array(order), np.array(sign))
            least = min(least, np.linalg.norm(one - copy))
    assert found.after == pytest.approx(least, rel=1e-12)
    assert found.after < found.before


def test_in_a_deep_network_no_single_layer_can_be_improved():
    architecture = Architecture.dense(3, (4, 3, 4), 1, "tanh")
    one, other = np.random.default_rng(3).standard_normal((2, architecture.n_parameters))
    found = match_units(architecture, one, other)
    assert found.after < found.before
    for layer, size in enumerate((4, 3, 4)):
        for order in permutations(range(size)):
            for sign in product((1.0, -1.0), repeat=size):
                copy = found.theta.copy()
                reorder(architecture, copy, layer, np.array(order), np.array(sign))
                assert np.linalg.norm(one - copy) >= found.after - 1e-9


def test_a_network_matches_itself_as_it_is():
    architecture = Architecture.dense(3, (5, 5), 1, "relu")
    theta = np.random.default_rng(0).standard_normal(architecture.n_parameters)
    found = match_units(architecture, theta, theta)
    assert (found.moved, found.flipped, found.sweeps, found.after) == (0, 0, 1, 0)


def test_signs_change_only_where_the_activation_is_odd():
    z = np.linspace(-6, 6, 121)
    for name, each in ACTIVATIONS.items():
        assert each.odd == bool(np.allclose(each.value(-z), -each.value(z), atol=1e-14)), name


@pytest.mark.parametrize("fault", ["no signs out", "no bias"])
def test_planted_faults_are_seen(monkeypatch, fault):
    def wrong(architecture, theta, layer, order, sign):
        (W, b), (V, _) = architecture.layers(theta)[layer : layer + 2]
        W[:] = W[order] * sign[:, None]
        if fault != "no bias":
            b[:] = b[order] * sign[:, None]
        V[:] = V[:, order] * (1 if fault == "no signs out" else sign)

    architecture = Architecture.dense(3, (6,), 1, "tanh")
    random = np.random.default_rng(1)
    theta = random.standard_normal(architecture.n_parameters)
    copy = scrambled(architecture, theta, 2, flips=True)
    monkeypatch.setattr(matched_units, "reorder", wrong)
    found, X = match_units(architecture, theta, copy), random.standard_normal((9, 3))
    apart = answers(architecture, found.theta, X) - answers(architecture, copy, X)
    assert np.abs(apart).max() > 1e-3 or found.after > 0.1
