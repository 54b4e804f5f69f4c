"""Grounds that the tests of landscapes stand on; what is measured is written a second time here."""

from dataclasses import dataclass

import numpy as np

from thalweg.landscape.ground.terrain import Facts, NetworkTerrain
from thalweg.landscape.runs.path import DescentPath
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data, Objective

NO_ROWS = Facts("a formula", 0, 0, None, "float64")


@dataclass(frozen=True)
class Formula:
    """Any height over θ as a terrain, with its gradient where a test needs one."""

    n_parameters: int
    height: object
    slope: object = None
    work: int = 1
    facts: Facts = NO_ROWS

    def losses(self, thetas):
        return np.array([float(self.height(theta)) for theta in np.asarray(thetas, float)])

    def loss_and_gradient(self, theta):
        return float(self.height(theta)), np.asarray(self.slope(theta), float)


def parabola(matrix):
    """½ θᵀ M θ + 1."""
    matrix = np.asarray(matrix, float)
    return Formula(
        len(matrix),
        lambda theta: 1 + 0.5 * theta @ matrix @ theta,
        lambda theta: matrix @ theta,
    )


def network(sizes=(3, 6, 1), activation="relu", n_rows=40, seed=0, penalty=0.0, weights=None):
    """A terrain, and a point on it with biases that are not 0."""
    rng = np.random.default_rng([seed, *sizes])
    architecture = Architecture.dense(sizes[0], tuple(sizes[1:-1]), sizes[-1], activation)
    theta = initial_theta(architecture, "glorot", rng) + 0.1 * rng.standard_normal(
        architecture.n_parameters
    )
    X = rng.standard_normal((n_rows, sizes[0]))
    Y = (X[:, :1] + 0.3 * rng.standard_normal((n_rows, sizes[-1])) > 0).astype(float)
    data = Data.of(X, Y, weights)
    objective = Objective("sigmoid_cross_entropy", penalty, float(data.weights.mean()))
    return NetworkTerrain.of(architecture, objective, data), theta


def walk(name, start, n_points, seed, size=0.1):
    """A path of random steps."""
    rng = np.random.default_rng([seed, 77])
    steps = size * rng.standard_normal((n_points - 1, len(start)))
    return DescentPath.of(name, np.concatenate([start[None], start + np.cumsum(steps, axis=0)]))


def own_gradient(terrain, theta):
    """The gradient of a tanh or ReLU network under the sigmoid cross-entropy, by hand.

    For complex θ too, so that its imaginary part at θ + i h v is h H v without any difference.
    """
    layers = list(zip(terrain.architecture.sizes, terrain.architecture.sizes[1:], strict=False))
    parts, offset = [], 0
    for n_in, n_out in layers:
        W = theta[offset : offset + n_in * n_out].reshape(n_out, n_in)
        offset += n_in * n_out
        parts.append((W, theta[offset : offset + n_out]))
        offset += n_out
    relu = terrain.architecture.activations[0] == "relu"
    A = [terrain.data.X.T]
    slopes = []
    for W, b in parts[:-1]:
        Z = W @ A[-1] + b[:, None]
        up = Z.real > 0
        A.append(np.where(up, Z, 0) if relu else np.tanh(Z))
        slopes.append(up.astype(float) if relu else 1 - np.tanh(Z) ** 2)
    Z = parts[-1][0] @ A[-1] + parts[-1][1][:, None]
    share = terrain.data.weights / terrain.data.weights.sum()
    back = (1 / (1 + np.exp(-Z)) - terrain.data.Y.T) * share
    found = []
    for layer in range(len(parts) - 1, -1, -1):
        W, _ = parts[layer]
        dW = back @ A[layer].T + terrain.objective.penalty * W
        found.append(np.concatenate([dW.ravel(), back.sum(axis=1)]))
        if layer:
            back = (W.T @ back) * slopes[layer - 1]
    return np.concatenate(found[::-1])


def dense_hessian(terrain, theta):
    """Every second derivative, by complex steps: no cancellation, so about 15 places."""
    n, h = len(theta), 1e-30
    columns = [own_gradient(terrain, theta + 1j * h * np.eye(n)[j]).imag / h for j in range(n)]
    H = np.array(columns)
    return (H + H.T) / 2
