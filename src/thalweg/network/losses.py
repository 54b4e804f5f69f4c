"""Losses: value, slope and text of each, written once, side by side.

A loss compares the network's last layer Z, shape (n_outputs, n_samples), with the targets Y of
the same shape, and sums over the outputs. A probability is never formed and then passed to a
logarithm: both cross-entropies start from the logit, so that they are exact for any finite Z.

The bodies speak of one output, and are held to the words of ``elementary`` like those of
``activations``: ``element(z, y, constant)`` is its share of the loss, ``element_slope`` the
slope of that in z. Where the outputs exclude each other (softmax), a sample's Z goes through
``normaliser`` first: a body then sees z - top for z, and ``others`` for the constant.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from thalweg.errors import SettingsError, look_up
from thalweg.network.activations import Array, sigmoid
from thalweg.network.elementary import exp, log1p, maximum

Element = Callable[..., Array]


@dataclass(frozen=True)
class Loss:
    """One loss ℓ(Z, Y), a number a sample.

    Attributes
    ----------
    name : str
    element, element_slope : callable
        (z, y, constant) -> an output's share of ℓ, and of dℓ/dZ.
    link : callable
        (z, constant) -> what the user is given: a probability or a value.
    formula : str
        The value, as text.
    coupled : bool
        Whether the outputs exclude each other: bodies and link then take what ``normaliser``
        makes of a sample, z - top and others. Their targets sum to 1.
    constant : float
        The loss's own constant, where it has one.
    constant_name : str
        Its name in the text form (``"huber:delta=1.5"``); empty where there is none.
    """

    name: str
    element: Element
    element_slope: Element
    link: Callable[..., Array]
    formula: str
    coupled: bool = False
    constant: float = 0.0
    constant_name: str = ""

    def value(self, Z: Array, Y: Array) -> Array:
        """ℓ, shape (n_samples,), of outputs and targets of shape (n_outputs, n_samples)."""
        z, constant = self._seen(Z)
        return np.sum(self.element(z, Y, constant), axis=0)

    def slope(self, Z: Array, Y: Array) -> Array:
        """dℓ/dZ, shape (n_outputs, n_samples)."""
        z, constant = self._seen(Z)
        return self.element_slope(z, Y, constant)

    def predict(self, Z: Array) -> Array:
        """What the user is given: probabilities or values, shape as Z."""
        return self.link(*self._seen(Z))

    def _seen(self, Z: Array) -> tuple[Array, Any]:
        """What the bodies see of Z, and their constant."""
        if not self.coupled:
            return Z, self.constant
        top, others = normaliser(Z)
        return Z - top, others

    def __str__(self) -> str:
        """The text that ``loss`` reads."""
        return (
            f"{self.name}:{self.constant_name}={self.constant!r}"
            if self.constant_name
            else self.name
        )


def normaliser(z: Array) -> tuple[Array, Array]:
    """log Σ exp(z) over the outputs (the first axis) as top + log(1 + others).

    The largest logit alone could overflow, and the 1 that it leaves in the sum would swallow the
    others: log1p wants the sum without it.
    """
    top, others = z[0], 0.0 * z[0]
    for k in range(1, len(z)):
        top, others = joined(top, others, z[k])
    return top, others


def joined(top: Array, others: Array, z: Array) -> tuple[Array, Array]:
    """One more output in the normaliser: the largest z, and Σ exp(z - top) over the others."""
    higher = maximum(top, z)
    return higher, others * exp(top - higher) + exp(-abs(z - top))


def as_it_is(z: Array, constant: float) -> Array:
    """The output itself."""
    return z


def probability(z: Array, constant: float) -> Array:
    """The probability that a logit stands for."""
    return sigmoid(z)


def share(z: Array, others: Array) -> Array:
    """The probability of one class among several."""
    # Not exp(log-probability): the rounding of -700 alone would cost 700 units of the last place.
    return exp(z) / (1.0 + others)


def squared_error(z: Array, y: Array, constant: float) -> Array:
    """Half the squared distance."""
    return 0.5 * (z - y) * (z - y)


def squared_error_slope(z: Array, y: Array, constant: float) -> Array:
    """Its slope in z."""
    return z - y


def sigmoid_cross_entropy(z: Array, y: Array, constant: float) -> Array:
    """Binary cross-entropy of a logit."""
    # -y log σ(z) - (1 - y) log(1 - σ(z)), with σ taken out: nothing overflows, nothing is log(0).
    return maximum(z, 0.0) - y * z + log1p(exp(-abs(z)))


def sigmoid_cross_entropy_slope(z: Array, y: Array, constant: float) -> Array:
    """Its slope in z: probability minus target."""
    return sigmoid(z) - y


def softmax_cross_entropy(z: Array, y: Array, others: Array) -> Array:
    """Cross-entropy between classes that exclude each other."""
    return y * (log1p(others) - z)


def softmax_cross_entropy_slope(z: Array, y: Array, others: Array) -> Array:
    """Its slope in the logit: probability minus target, since the targets sum to 1."""
    return share(z, others) - y


LOSSES = {
    each.name: each
    for each in (
        Loss("squared_error", squared_error, squared_error_slope, as_it_is, "½ Σ (z - y)²"),
        Loss(
            "sigmoid_cross_entropy",
            sigmoid_cross_entropy,
            sigmoid_cross_entropy_slope,
            probability,
            "-y log σ(z) - (1 - y) log(1 - σ(z))",
        ),
        Loss(
            "softmax_cross_entropy",
            softmax_cross_entropy,
            softmax_cross_entropy_slope,
            share,
            "-Σ y log softmax(z)",
            coupled=True,
        ),
    )
}


@lru_cache(maxsize=256)
def loss(text: str) -> Loss:
    """The loss of that name, ``NAME`` or ``NAME:constant=value``.

    Raises
    ------
    SettingsError
        Where there is no such loss, or the constant has no meaning.
    """
    name, colon, rest = text.partition(":")
    formula = look_up(LOSSES, "loss", name.strip())
    if not colon:
        return formula
    key, _, value = (part.strip() for part in rest.partition("="))
    try:
        constant = float(value)
    except ValueError:
        constant = float("nan")
    if key != formula.constant_name or not 0 < constant < float("inf"):
        raise SettingsError(f"{text!r} is no loss", fix=f"write {formula}")
    return replace(formula, constant=constant)
