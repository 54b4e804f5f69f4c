"""Losses: value, slope and text of each, written once, side by side.

A loss compares the network's last layer Z, shape (n_outputs, n_samples), with the targets Y of
the same shape. A probability is never formed and then passed to a logarithm: both
cross-entropies start from the logit, so that they are exact for any finite Z.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from thalweg.errors import look_up
from thalweg.network.activations import Array, identity, sigmoid


@dataclass(frozen=True)
class Loss:
    """One loss ℓ(Z, Y), a number a sample.

    Attributes
    ----------
    name : str
    value : callable
        (Z, Y) -> ℓ of shape (n_samples,).
    slope : callable
        (Z, Y) -> dℓ/dZ of shape (n_outputs, n_samples).
    predict : callable
        Z -> what the user is given: probabilities or values, shape as Z.
    formula : str
        The value, as text.
    """

    name: str
    value: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]
    predict: Callable[[Array], Array]
    formula: str


def squared_error(z: Array, y: Array) -> Array:
    """Half the squared distance, summed over the outputs."""
    return np.sum((z - y) ** 2, axis=0) / 2


def squared_error_slope(z: Array, y: Array) -> Array:
    """Its slope in Z."""
    return z - y


def sigmoid_cross_entropy(z: Array, y: Array) -> Array:
    """Binary cross-entropy of logits, summed over the outputs."""
    # -y log σ(z) - (1 - y) log(1 - σ(z)), with σ taken out: nothing overflows, nothing is log(0).
    return np.sum(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))), axis=0)


def sigmoid_cross_entropy_slope(z: Array, y: Array) -> Array:
    """Its slope in Z: probability minus target."""
    return sigmoid(z) - y


def softmax(z: Array) -> Array:
    """The shares of exp(z), which sum to 1 over the outputs."""
    e = np.exp(z - np.max(z, axis=0))
    return e / np.sum(e, axis=0)


def softmax_cross_entropy(z: Array, y: Array) -> Array:
    """Cross-entropy of logits between classes that exclude each other."""
    # Σ y (log Σ exp(z) - z). The largest logit is taken out first: it alone could overflow, and
    # the 1 that it leaves in the sum would swallow the others: log1p wants the sum without it.
    below = z - np.max(z, axis=0)
    others = np.sort(below, axis=0)[:-1]
    return np.sum(y * (np.log1p(np.sum(np.exp(others), axis=0)) - below), axis=0)


def softmax_cross_entropy_slope(z: Array, y: Array) -> Array:
    """Its slope in Z: probability minus target."""
    return softmax(z) * np.sum(y, axis=0) - y


LOSSES = {
    each.name: each
    for each in (
        Loss("squared_error", squared_error, squared_error_slope, identity, "½ Σ (z - y)²"),
        Loss(
            "sigmoid_cross_entropy",
            sigmoid_cross_entropy,
            sigmoid_cross_entropy_slope,
            sigmoid,
            "-y log σ(z) - (1 - y) log(1 - σ(z))",
        ),
        Loss(
            "softmax_cross_entropy",
            softmax_cross_entropy,
            softmax_cross_entropy_slope,
            softmax,
            "-Σ y log softmax(z)",
        ),
    )
}


def loss(name: str) -> Loss:
    """The loss of that name; a SettingsError where there is none."""
    return look_up(LOSSES, "loss", name)
