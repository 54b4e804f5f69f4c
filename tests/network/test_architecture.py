import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thalweg.errors import SettingsError
from thalweg.network.architecture import (
    INITIALISERS,
    Architecture,
    hidden_activations,
    initial_theta,
    initialisers_of,
)
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.network.engine import Data, Objective
from thalweg.network.formulas.activations import ACTIVATIONS, activation
from thalweg.network.gradcheck import check_gradient
from thalweg.network.reference_engine import ReferenceEngine

sizes = st.lists(st.integers(1, 9), min_size=2, max_size=7).map(tuple)


def of(sizes):
    return Architecture(sizes, ("tanh",) * (len(sizes) - 1))


@settings(deadline=None)
@given(sizes=sizes)
def test_the_blocks_tile_theta(sizes):
    architecture = of(sizes)
    owners = np.zeros(architecture.n_parameters)
    for block in architecture.blocks:
        block.of(owners)[:] += 1
    assert owners.tolist() == [1.0] * sum(n_out * (n_in + 1) for n_in, n_out in pairwise(sizes))
    ends = [block.offset + block.size for block in architecture.blocks]
    assert [block.offset for block in architecture.blocks] == [0, *ends[:-1]]


def test_the_blocks_of_the_articles_network():
    assert [tuple(block) for block in of((9, 15, 1)).blocks] == [
        ("W1", 0, (15, 9), "weights"),
        ("b1", 135, (15, 1), "biases"),
        ("W2", 150, (1, 15), "weights"),
        ("b2", 165, (1, 1), "biases"),
    ]


@settings(deadline=None)
@given(sizes=sizes)
def test_theta_is_W1_b1_W2_b2_each_row_by_row(sizes):
    theta = np.random.default_rng(0).normal(size=of(sizes).n_parameters)
    layers = of(sizes).layers(theta)
    assert len(layers) == of(sizes).n_layers == len(sizes) - 1
    for (W, b), n_in, n_out in zip(layers, sizes[:-1], sizes[1:], strict=True):
        assert (W.shape, b.shape) == ((n_out, n_in), (n_out, 1))
    joined = np.concatenate([piece.ravel() for layer in layers for piece in layer])
    np.testing.assert_array_equal(joined, theta)


@settings(deadline=None)
@given(sizes=sizes, dtype=st.sampled_from([np.float32, np.float64]))
def test_layers_are_views_that_write_through(sizes, dtype):
    architecture = of(sizes)
    theta = np.zeros(architecture.n_parameters, dtype)
    for number, (W, b) in enumerate(architecture.layers(theta), 1):
        assert np.shares_memory(W, theta)
        assert W.dtype == b.dtype == dtype
        W[:], b[:] = number, -number
    for block in architecture.blocks:
        number = int(block.name[1:]) * (1 if block.kind == "weights" else -1)
        part = theta[block.offset : block.offset + block.size]
        assert part.tolist() == [number] * block.size


def test_an_architecture_is_a_value():
    one, same = of((3, 2, 1)), of((3, 2, 1))
    assert one == same
    assert hash(one) == hash(same)
    assert one != of((3, 1, 2))
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.sizes = (1, 1)


def test_the_usual_network():
    architecture = Architecture.dense(9, (15, 4), 2, "relu")
    assert architecture == Architecture((9, 15, 4, 2), ("relu", "relu", "identity"))
    assert architecture.formulas == tuple(map(activation, ("relu", "relu", "identity")))
    assert Architecture.dense(9, (), 1, "relu") == Architecture((9, 1), ("identity",))


@pytest.mark.parametrize(
    "wrong", [(), (3,), (3, 0, 1), (3, -1), (0, 1), (3, 2.5, 1), (3.0, 1), ("3", 1), (None, 1)]
)
def test_wrong_sizes_are_refused(wrong):
    with pytest.raises(SettingsError, match="cannot have the layers") as caught:
        Architecture(wrong, ("relu",) * (len(wrong) - 1))
    assert str(wrong) in str(caught.value)


def test_sizes_may_come_from_numpy():
    assert of(tuple(np.array([3, 2, 1]))).n_parameters == of((3, 2, 1)).n_parameters


@pytest.mark.parametrize("names", [(), ("relu",), ("relu", "relu", "relu")])
def test_one_activation_a_layer(names):
    with pytest.raises(SettingsError, match=f"{len(names)} activations do not fit 2 layers"):
        Architecture((3, 2, 1), names)


def test_unknown_names_are_refused():
    with pytest.raises(SettingsError, match="no activation 'rellu'"):
        Architecture((3, 2, 1), ("rellu", "identity"))
    with pytest.raises(SettingsError, match="no initialiser 'xavier'") as caught:
        initial_theta(of((3, 1)), "xavier", np.random.default_rng(0))
    assert all(name in caught.value.fix for name in INITIALISERS)


@pytest.mark.parametrize(
    ("name", "variance"), [("article", 1 / 400), ("he", 2 / 400), ("glorot", 2 / 500)]
)
def test_initial_weights_have_the_variance_that_the_name_stands_for(name, variance):
    architecture = of((400, 100, 5))
    theta = initial_theta(architecture, name, np.random.default_rng(1))
    (W, b), (_, b2) = architecture.layers(theta)
    # The variance of n normal numbers is known to √(2 / n), their mean to √(variance / n).
    assert np.mean(W**2) == pytest.approx(variance, rel=4 * np.sqrt(2 / W.size))
    assert abs(np.mean(W)) < 4 * np.sqrt(variance / W.size)
    assert not np.any(b)
    assert not np.any(b2)


def test_the_articles_initial_weights():
    architecture = of((9, 15, 1))
    theta = initial_theta(architecture, "article", np.random.RandomState(1))
    stream = np.random.RandomState(1)
    (W1, b1), (W2, b2) = architecture.layers(theta)
    # σ times a number may differ from the number over √fan_in in the last bit.
    np.testing.assert_array_max_ulp(W1, stream.randn(15, 9) / 3, 1)
    np.testing.assert_array_max_ulp(W2, stream.randn(1, 15) / np.sqrt(15), 1)
    assert not np.any(b1)
    assert not np.any(b2)


def test_a_network_that_is_too_deep_to_be_followed_is_refused():
    assert Architecture((1,) * 257, ("tanh",) * 256).n_layers == 256
    with pytest.raises(SettingsError, match="A network of 257 layers is too deep"):
        Architecture((1,) * 258, ("tanh",) * 257)


def test_one_name_is_that_of_all_hidden_layers():
    assert hidden_activations("tanh", 3) == ("tanh",) * 3
    assert hidden_activations(["relu", "tanh"], 2) == ("relu", "tanh")
    assert hidden_activations("relu", 0) == hidden_activations((), 0) == ()
    both = Architecture.dense(4, (3, 2), 1, ("relu", "tanh"))
    assert both.activations == ("relu", "tanh", "identity")


@pytest.mark.parametrize("names", [("relu",), ("relu", "tanh", "elu"), ()])
def test_another_number_of_names_is_refused_with_both_numbers(names):
    with pytest.raises(SettingsError, match=rf"names {len(names)} activ.*are 2 hidden layers"):
        hidden_activations(names, 2)
    with pytest.raises(SettingsError, match="There is no activation 'tnh'"):
        hidden_activations(("relu", "tnh"), 2)


def test_each_layer_begins_by_its_own_activation():
    assert initialisers_of(("relu", "tanh"), 2) == ("he", "glorot", "glorot")
    assert initialisers_of(("tanh", "relu"), 2) == ("glorot", "he", "he")
    assert initialisers_of("selu", 2) == ("article",) * 3  # as it was with one name
    assert initialisers_of("relu", 0) == ("he",)
    architecture = Architecture.dense(400, (300, 200), 100, ("relu", "tanh"))
    names = initialisers_of(("relu", "tanh"), 2)
    drawn = initial_theta(architecture, names, np.random.default_rng(0))
    spreads = [float(W.std()) for W, _ in architecture.layers(drawn)]
    np.testing.assert_allclose(
        spreads, [(2 / 400) ** 0.5, (2 / 500) ** 0.5, (2 / 300) ** 0.5], rtol=0.01
    )


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("first", ACTIVATIONS)
def test_gradients_and_engines_of_every_pair_of_activations(first):
    rng = np.random.default_rng(5)
    X, Y = rng.normal(size=(6, 3)), rng.normal(size=(6, 1))
    data, objective = Data.of(X, Y), Objective.per(6.0, "squared_error", 0.1, 1.0)
    for second in ACTIVATIONS:
        architecture = Architecture.dense(3, (3, 2), 1, (first, second))
        theta = rng.normal(size=architecture.n_parameters) * 0.7
        compiled, readable = CompiledEngine(), ReferenceEngine()
        assert check_gradient(architecture, objective, theta, data, engine=readable).worst < 1e-6
        found = [
            each.loss_and_gradient(architecture, objective, theta, data)
            for each in (compiled, readable)
        ]
        np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-12)
        np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-10, atol=1e-13)
