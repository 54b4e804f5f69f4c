"""Activations: value, slope and text of each, written once, side by side.

A body holds elementary functions, arithmetic and numbers with a decimal point, and nothing else:
so it runs on NumPy arrays of any shape, keeping their dtype, and the compiled engine makes a
loop of it, with the numbers in the dtype of θ. No engine types a formula again.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import look_up
from thalweg.network.elementary import exp, expm1, maximum, where

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
    return where(z == z, 1.0, z)  # a NaN stays one


def relu(z: Array) -> Array:
    """The positive part."""
    return maximum(z, 0.0)


def relu_slope(z: Array) -> Array:
    """One above zero, else 0."""
    # 0 at the kink itself: the article's choice, and scikit-learn's.
    return where(z > 0.0, 1.0, where(z == z, 0.0, z))


def sigmoid(z: Array) -> Array:
    """The logistic function, between 0 and 1."""
    # exp only ever sees -|z|, so that no logit overflows and neither tail is rounded away:
    # 1 / (1 + e) on the right and e / (1 + e) on the left, with e = exp(-|z|).
    e = exp(-abs(z))
    return where(z < 0.0, e, 1.0) / (1.0 + e)


def sigmoid_slope(z: Array) -> Array:
    """The slope of the logistic function, exact in both tails."""
    # a (1 - a) would be 0 from z = 37 on.
    e = exp(-abs(z))
    return e / ((1.0 + e) * (1.0 + e))


def tanh(z: Array) -> Array:
    """The hyperbolic tangent, between -1 and 1."""
    # -e / (e + 2) with e = exp(-2 |z|) - 1, and the sign put back: exp itself would lose the
    # small z.
    e = expm1(-2.0 * abs(z))
    a = e / (e + 2.0)
    return where(z < 0.0, a, -a)


def tanh_slope(z: Array) -> Array:
    """The slope of the hyperbolic tangent, exact in both tails."""
    # 1 - tanh² = 1 / cosh², for the same reason.
    e = exp(-2.0 * abs(z))
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


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
