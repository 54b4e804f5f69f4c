"""Activations: value, slope and text of each, written once, side by side.

Every body runs on arrays of any shape and keeps their dtype, and is made of functions that a
compiler can run on scalars too; so each engine reads this file and none types a formula again.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import look_up

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Activation:
    """One activation A = f(Z), element by element.

    Attributes
    ----------
    name : str
    value : callable
        Z -> A, same shape and dtype.
    slope : callable
        Z -> dA/dZ, same shape and dtype.
    formula : str
        The value, as text.
    kinks : tuple of float
        Where the slope jumps; finite differences must not reach across.
    """

    name: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    formula: str
    kinks: tuple[float, ...] = ()


def identity(z: Array) -> Array:
    """The input as it is."""
    return z


def identity_slope(z: Array) -> Array:
    """One everywhere."""
    return np.ones_like(z)


def relu(z: Array) -> Array:
    """The positive part."""
    return np.maximum(z, 0)


def relu_slope(z: Array) -> Array:
    """One above zero, else 0."""
    # 0 at the kink itself: the article's choice, and scikit-learn's.
    return np.sign(np.maximum(z, 0))


def sigmoid(z: Array) -> Array:
    """The logistic function, between 0 and 1."""
    # exp only ever sees -|z|, so that no logit overflows and neither tail is rounded away:
    # 1 / (1 + e) on the right and e / (1 + e) on the left, with e = exp(-|z|).
    e = np.exp(-np.abs(z))
    return np.maximum(e, z >= 0) / (1 + e)


def sigmoid_slope(z: Array) -> Array:
    """The slope of the logistic function, exact in both tails."""
    # a (1 - a) would be 0 from z = 37 on.
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


def tanh(z: Array) -> Array:
    """The hyperbolic tangent, between -1 and 1."""
    return np.tanh(z)


def tanh_slope(z: Array) -> Array:
    """The slope of the hyperbolic tangent, exact in both tails."""
    # 1 - tanh² = 1 / cosh², for the same reason.
    e = np.exp(-2 * np.abs(z))
    return 4 * e / (1 + e) ** 2


ACTIVATIONS = {
    each.name: each
    for each in (
        Activation("identity", identity, identity_slope, "z"),
        Activation("relu", relu, relu_slope, "max(0, z)", kinks=(0.0,)),
        Activation("sigmoid", sigmoid, sigmoid_slope, "1 / (1 + exp(-z))"),
        Activation("tanh", tanh, tanh_slope, "(exp(z) - exp(-z)) / (exp(z) + exp(-z))"),
    )
}


def activation(name: str) -> Activation:
    """The activation of that name; a SettingsError where there is none."""
    return look_up(ACTIVATIONS, "activation", name)
