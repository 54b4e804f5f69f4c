"""The reference engine: NumPy code that follows the derivation line by line.

Forward, for l = 1 … L with A₀ = X::

    Z_l = W_l A_{l-1} + b_l          A_l = activation_l(Z_l)

Backward is the chain rule from the loss back to W₁, where dV stands for dL/dV::

    dZ_l = dA_l * slope_l(Z_l)       dW_l = dZ_l A_{l-1}ᵀ
    dA_{l-1} = W_lᵀ dZ_l             db_l = Σ over samples of dZ_l
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import Status
from thalweg.network.architecture import Architecture
from thalweg.network.blas import one_blas_thread
from thalweg.network.checks import (
    checked,
    checked_each,
    checked_inputs,
    checked_order,
    checked_side,
)
from thalweg.network.engine import (
    Data,
    Method,
    Noise,
    Objective,
    Order,
    Rows,
    State,
    Steps,
)
from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.dropout_mask import dropout_threshold, kept, layer_key
from thalweg.network.formulas.input_scales import from_scaled, to_scaled
from thalweg.network.formulas.losses import loss
from thalweg.network.held_weights import held

# Prediction multiplies this many columns at a time, with the last tile filled up with zeros. BLAS
# rounds differently for other shapes, and the prediction for a row must not depend on other rows,
# nor on its place in the tile. OpenBLAS' float32 kernel for AVX2 sums the outer eight of 32 columns
# in another order than the inner ones; 16 columns, stored row by row, use one kernel alone.
TILE = 16


class Forward(NamedTuple):
    """Every intermediate of one forward pass.

    ``Z[l]`` and ``A[l]`` are (n_units, n_samples). ``A[0]`` is the input, so layer l computes
    ``Z[l]`` and ``A[l + 1]`` from ``A[l]``. ``kept[l]`` is the factor of dropout on the layer's
    output, 1 without dropout.
    """

    Z: list[Array]
    A: list[Array]
    kept: list[Array | float]


def forward(
    architecture: Architecture,
    theta: Array,
    X: Array,
    dropout: float = 0.0,
    noise: Noise | None = None,
) -> Forward:
    """From the inputs, a sample a column, to the last layer."""
    passed = Forward([], [X], [])
    for layer, (W, b) in enumerate(architecture.layers(theta)):
        passed.Z.append(W @ passed.A[-1] + b)
        A = architecture.formulas[layer].value(passed.Z[-1])
        hidden = layer < architecture.n_layers - 1
        passed.kept.append(mask(A, layer, dropout, noise) if noise and hidden and dropout else 1.0)
        passed.A.append(A * passed.kept[-1] if noise else A)
    return passed


def mask(A: Array, layer: int, dropout: float, noise: Noise) -> Array:
    """1 / (1 - dropout) where an output stays, 0 where it is dropped; shape and dtype of A."""
    key = layer_key(*(np.array([word], np.uint64) for word in (*noise, layer)))
    places = np.arange(A.size, dtype=np.uint64).reshape(A.shape)
    return kept(places, key, dropout_threshold(dropout)).astype(A.dtype) / A.dtype.type(1 - dropout)


def backward(architecture: Architecture, theta: Array, passed: Forward, dA: Array) -> Array:
    """The gradient of the loss in all of θ, from its gradient in the last layer's output.

    Parameters
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
    passed : Forward
        The result of ``forward`` for the same θ.
    dA : ndarray of shape (n_outputs, n_samples)
        dL/dA of the last layer.

    Returns
    -------
    ndarray of shape (n_parameters,)
    """
    return backward_kept(architecture, theta, passed, dA).gradient


class Backward(NamedTuple):
    """Every intermediate of one backward pass.

    ``dA[l]`` and ``dZ[l]`` are the derivatives of the loss with respect to layer l's output and
    its ``Z[l]``, (n_units, n_samples), with layers counted as in ``Forward.Z``.
    """

    dA: list[Array]
    dZ: list[Array]
    gradient: Array


def backward_kept(architecture: Architecture, theta: Array, passed: Forward, dA: Array) -> Backward:
    """As ``backward``, with all that it passes through."""
    back = Backward([], [], np.empty_like(theta))
    weights = architecture.layers(theta)
    gradients = architecture.layers(back.gradient)
    for layer in reversed(range(architecture.n_layers)):
        W, (dW, db) = weights[layer][0], gradients[layer]
        dZ = dA * passed.kept[layer] * architecture.formulas[layer].slope(passed.Z[layer])
        back.dA.insert(0, dA)
        back.dZ.insert(0, dZ)
        dW[:] = dZ @ passed.A[layer].T
        db[:] = np.sum(dZ, axis=1, keepdims=True)
        if layer > 0:
            dA = W.T @ dZ
    return back


class ReferenceEngine:
    """The five calls of ``engine.Engine``, in NumPy."""

    def predict(
        self, architecture: Architecture, theta: Array, data: Data, rows: Rows | None = None
    ) -> Array:
        """The last layer's output, shape (n_rows, n_outputs); a row's bits depend on it alone."""
        rows = checked_inputs(architecture, theta, data, rows)
        X = data.X[:] if rows is None else data.X[rows]
        output = np.empty((len(X), architecture.sizes[-1]), theta.dtype)
        tile = np.zeros((X.shape[1], TILE), theta.dtype)
        with one_blas_thread():
            for start in range(0, len(X), TILE):
                part = X[start : start + TILE]
                tile[:, : len(part)] = part.T
                tile[:, len(part) :] = 0
                last = forward(architecture, theta, tile).A[-1]
                output[start : start + TILE] = last.T[: len(part)]
        return output

    def predictor(
        self, architectures: Sequence[Architecture], thetas: Sequence[Array]
    ) -> Callable[[Array], Array]:
        """What several networks give for a few rows, as a function of the rows."""
        checked_each(architectures, thetas)
        ends = np.cumsum([architecture.sizes[0] for architecture in architectures])
        lying = [np.ascontiguousarray(theta) for theta in thetas]

        def predict(X: Array) -> Array:
            checked_side(X, int(ends[-1]), thetas[0].dtype)
            each = zip(architectures, lying, np.split(X, ends[:-1], axis=1), strict=True)
            return np.stack([self.predict(one, theta, Data.of(own)) for one, theta, own in each])

        return predict

    def losses(
        self, architecture: Architecture, objective: Objective, thetas: Array, data: Data,
        rows: Rows | None = None, noise: Noise | None = None, threads: int = 1,
    ) -> NDArray[np.float64]:  # fmt: skip
        """L at each of many θ, shape (n_thetas, n_parameters) -> (n_thetas,)."""
        del threads  # it computes in one
        rows = checked(architecture, thetas, data, rows)
        X, Y, w = _columns(data, rows)
        heights = np.empty(len(thetas))
        with one_blas_thread():
            for i, theta in enumerate(thetas):
                output = forward(architecture, theta, X, objective.dropout, noise).A[-1]
                heights[i] = _height(architecture, objective, theta, output, Y, w)
        return heights

    def loss_and_gradient(
        self, architecture: Architecture, objective: Objective, theta: Array, data: Data,
        rows: Rows | None = None, noise: Noise | None = None,
    ) -> tuple[float, Array]:  # fmt: skip
        """L and dL/dθ, shape (n_parameters,)."""
        rows = checked(architecture, theta, data, rows)
        X, Y, w = _columns(data, rows)
        with one_blas_thread():
            passed = forward(architecture, theta, X, objective.dropout, noise)
            output = passed.A[-1]
            height = _height(architecture, objective, theta, output, Y, w)
            share = (w / (w.size * objective.mean_weight)).astype(theta.dtype)
            dA = loss(objective.loss).slope(output, Y) * share
            gradient = backward(architecture, theta, passed, dA)
            if objective.penalty or objective.l1:
                for W, dW in _weight_blocks(architecture, theta, gradient):
                    dW += penalty_slope(objective, W)
            gradient[held(architecture, objective.loss)] = 0
        return height, gradient

    def steps(
        self, architecture: Architecture, objective: Objective, method: Method, state: State,
        data: Data, order: Order, rates: NDArray[np.float64], first: int, threads: int = 1,
    ) -> Steps:  # fmt: skip
        """One step a rate, from batch ``first`` of the order on; moves ``state`` in place."""
        del threads  # it computes in one
        checked_order(architecture, method, state, data, order)
        losses = np.full(len(rates), np.nan)
        norms = np.full(len(rates), np.nan)
        with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
            for i, rate in enumerate(rates.tolist()):
                rows = order.batch(first + i)
                noise = Noise(state.seed, state.step)
                height, gradient = self.loss_and_gradient(
                    architecture, objective, state.theta, data, rows, noise
                )
                losses[i], norms[i] = height, np.linalg.norm(gradient.astype(np.float64))
                if not (np.isfinite(height) and np.isfinite(norms[i])):
                    return Steps(Status.DIVERGED, losses[: i + 1], norms[: i + 1])
                if np.any(data.weights[rows]):
                    state.step += 1
                    _move(architecture, method, state, gradient, norms[i], rate)
        return Steps(Status.RUNNING, losses, norms)


def _move(
    architecture: Architecture,
    method: Method,
    state: State,
    gradient: Array,
    norm: float,
    rate: float,
) -> None:
    """One step of the rule, stretch by stretch of θ."""
    if norm > method.clip:
        gradient *= float(method.clip / norm)
    scales, first = state.scales, architecture.blocks[0]
    if scales is not None and method.scales:
        slopes = to_scaled(first.of(state.theta), first.of(gradient), scales[0])
    for start, stop, factor, decay in method.stretches(architecture):
        theta = state.theta[start:stop]
        if decay:
            theta *= 1 - rate * factor * decay
        method.rule.update(
            theta, gradient[start:stop], state.slots[:, start:stop], state.step, rate * factor,
            *method.constants,
        )  # fmt: skip
    if scales is not None and method.scales:
        own_rate = rate * method.stretches(architecture)[0].factor * method.scales
        method.rule.update(scales[0], slopes, scales[1:], state.step, own_rate, *method.constants)
        from_scaled(first.of(state.theta), scales[0])


def _columns(data: Data, rows: Rows | None) -> tuple[Array, Array, Array]:
    """Inputs, targets and weights of the rows, a sample a column."""
    if rows is None:
        return data.X[:].T, data.Y.T, data.weights
    return data.X[rows].T, data.Y[rows].T, data.weights[rows]


def _height(
    architecture: Architecture,
    objective: Objective,
    theta: Array,
    output: Array,
    Y: Array,
    w: Array,
) -> float:
    """L(θ): the weighted mean of the losses, and the penalty."""
    per_sample = loss(objective.loss).value(output, Y)
    height = np.dot(per_sample, w) / (w.size * objective.mean_weight)
    if objective.penalty or objective.l1:
        for W, _ in _weight_blocks(architecture, theta, theta):
            height += penalty_height(objective, W)
    return float(height)


def penalty_height(objective: Objective, W: Array) -> float:
    """What the weights of a layer add to L."""
    return objective.penalty / 2 * np.sum(W**2) + objective.l1 * np.sum(np.abs(W))


def penalty_slope(objective: Objective, W: Array) -> Array:
    """Its slope in each weight, shape as W; that of |W| at 0 is 0."""
    return objective.penalty * W + objective.l1 * np.sign(W)


def _weight_blocks(
    architecture: Architecture, theta: Array, gradient: Array
) -> list[tuple[Array, Array]]:
    """(W, dW) of each layer: what the penalty rests on."""
    return [
        (block.of(theta), block.of(gradient))
        for block in architecture.blocks
        if block.kind == "weights"
    ]
