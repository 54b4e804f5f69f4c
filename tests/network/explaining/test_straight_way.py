"""Where a network bends along a way, and its value and slope between the bends."""

import numpy as np
import pytest

from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.explaining.straight_way import DenseNetwork, StraightWay

ALPHAS = np.linspace(0.001, 0.999, 371)


def a_way(activation, hidden=(20, 16), n_outputs=2, seed=0):
    rng = np.random.default_rng(seed)
    architecture = Architecture.dense(5, hidden, n_outputs, activation)
    theta = initial_theta(architecture, "he", rng)
    for _, b in architecture.layers(theta):
        b[:] = 0.5 * rng.standard_normal(b.shape)
    network = DenseNetwork.of(architecture, theta)
    return StraightWay(network, *rng.standard_normal((2, 5)))


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "identity", "tanh", "selu"])
def test_z_is_that_of_the_rows_on_the_way(activation):
    way = a_way(activation)
    rows = way.start + ALPHAS[:, None] * (way.end - way.start)
    np.testing.assert_allclose(way.z(ALPHAS), way.network.outputs(rows), atol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh", "selu"])
def test_speed_is_the_slope_of_z(activation):
    way, h = a_way(activation), 1e-6
    away = np.abs(ALPHAS[:, None] - way.breaks).min(axis=1) > 2 * h
    alphas = ALPHAS[away]
    slope = (way.z(alphas + h) - way.z(alphas - h)) / (2 * h)
    np.testing.assert_allclose(way.speed(alphas), slope, atol=1e-5)


@pytest.mark.parametrize("activation", ["relu", "selu"])
def test_breaks_are_where_a_unit_crosses_zero(activation):
    way = a_way(activation)
    assert way.breaks[0] == 0
    assert way.breaks[-1] == 1
    assert (np.diff(way.breaks) > 0).all()
    layers = way._before(way.breaks[1:-1], 1)
    nearest = np.abs(np.concatenate(layers, axis=1)).min(axis=1)
    assert nearest.max() < 1e-12
    # And no unit of either layer changes its sign inside a piece.
    inside = (
        way.breaks[:-1] + 0.01 * np.diff(way.breaks),
        way.breaks[1:] - 0.01 * np.diff(way.breaks),
    )
    for depth in (0, 1):
        left, right = (way._before(each, depth)[-1] > 0 for each in inside)
        assert np.array_equal(left, right)


def test_float32_weights_are_used_in_float64():
    architecture = Architecture.dense(3, (4,), 1, "relu")
    theta = initial_theta(architecture, "he", np.random.default_rng(0)).astype(np.float32)
    network = DenseNetwork.of(architecture, theta, 2.0, 0.5)
    assert all(W.dtype == b.dtype == np.float64 for W, b in network.layers)
    plain = DenseNetwork.of(architecture, theta)
    row = np.ones((1, 3))
    np.testing.assert_allclose(network.outputs(row), 2 * plain.outputs(row) + 0.5, rtol=1e-15)


def test_a_last_activation_is_refused():
    architecture = Architecture((2, 1), ("relu",))
    with pytest.raises(ValueError, match="last layer"):
        DenseNetwork.of(architecture, np.zeros(3))
