"""Activation functions: value, slope and text of each, side by side.

A body contains only elementary functions, arithmetic and numbers with a decimal point. So it runs
on NumPy arrays of any shape and keeps their dtype, and the compiled engine makes a loop of it, with
the numbers in the dtype of θ. No engine writes a formula again.

In the bodies, e is always exp of something that is at most 0: it cannot overflow, and where it
vanishes, the rest is the limit. Both halves of a curve share it, and one division if that is exact:
then ``where`` chooses between their numerators. a = |z| is limited to where e has long been 0, so
that nothing infinite is multiplied by it. In minimum and maximum z comes first, so that a NaN there
gives NaN in compiled code, too.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.elementary_functions import exp, expm1, log1p, maximum, minimum, where
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
        Where the slope or its own slope jumps; finite differences must not reach across.
    odd : bool
        Whether f(-z) = -f(z), so that both signs of a hidden unit give one function.
    """

    name: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    formula: str
    kinks: tuple[float, ...] = ()
    in_place: bool = False
    initialiser: str = "he"
    odd: bool = False


def identity(z: Array) -> Array:
    """The input as it is."""
    return z


def identity_slope(z: Array) -> Array:
    """One everywhere."""
    return where(z == z, 1.0, z)  # a NaN stays NaN


def relu(z: Array) -> Array:
    """The positive part."""
    return maximum(z, 0.0)


def relu_slope(z: Array) -> Array:
    """One above zero, else 0."""
    # 0 at the kink itself, as in the article and in scikit-learn.
    return where(z > 0.0, 1.0, where(z == z, 0.0, z))


def leaky_relu(z: Array) -> Array:
    """The positive part, and a hundredth of the negative."""
    return maximum(z, 0.01 * z)


def leaky_relu_slope(z: Array) -> Array:
    """One above zero, else 0.01."""
    return where(z > 0.0, 1.0, where(z == z, 0.01, z))


def elu(z: Array) -> Array:
    """The positive part, and below zero an exponential that settles at -1."""
    return maximum(z, 0.0) + expm1(minimum(z, 0.0))


def elu_slope(z: Array) -> Array:
    """One above zero, the exponential itself below."""
    return exp(minimum(z, 0.0))


def selu(z: Array) -> Array:
    """λ times elu, with the exponential stretched by α."""
    # 1.7580… is λ α.
    return 1.0507009873554805 * maximum(z, 0.0) + 1.7580993408473768 * expm1(minimum(z, 0.0))


def selu_slope(z: Array) -> Array:
    """λ above zero, λ α times the exponential below."""
    return where(z > 0.0, 1.0507009873554805, 1.7580993408473768 * exp(minimum(z, 0.0)))


def sigmoid(z: Array) -> Array:
    """The logistic function, between 0 and 1."""
    # Neither tail is rounded away: 1 / (1 + e) on the right and e / (1 + e) on the left.
    e = exp(-abs(z))
    return where(z < 0.0, e, 1.0) / (1.0 + e)


def sigmoid_slope(z: Array) -> Array:
    """The slope of the logistic function, exact in both tails."""
    # a (1 - a) would be 0 from z = 37 on.
    e = exp(-abs(z))
    return e / ((1.0 + e) * (1.0 + e))


def softplus(z: Array) -> Array:
    """The positive part, its corner rounded off; the slope is the logistic function."""
    return maximum(z, 0.0) + log1p(exp(-abs(z)))


def tanh(z: Array) -> Array:
    """The hyperbolic tangent, between -1 and 1."""
    # -e / (e + 2) with e = exp(-2 |z|) - 1, and the sign put back: exp itself would lose the
    # small z.
    e = expm1(-2.0 * minimum(abs(z), 50.0))
    a = e / (e + 2.0)
    return where(z < 0.0, a, -a)


def tanh_slope(z: Array) -> Array:
    """The slope of the hyperbolic tangent, exact in both tails."""
    # 1 - tanh² = 1 / cosh², for the same reason.
    e = exp(-2.0 * minimum(abs(z), 400.0))
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


def silu(z: Array) -> Array:
    """The input times its logistic function."""
    a = minimum(abs(z), 800.0)
    e = exp(-a)
    return where(z < 0.0, -a * e, z) / (1.0 + e)


def silu_slope(z: Array) -> Array:
    """σ(z) (1 + z σ(-z))."""
    a = minimum(abs(z), 800.0)
    e = exp(-a)
    return where(z < 0.0, e * (1.0 + e - a), 1.0 + e + a * e) / ((1.0 + e) * (1.0 + e))


def gelu(z: Array) -> Array:
    """The input times σ(2 u), u = √(2/π) (z + 0.044715 z³)."""
    # ½ (1 + tanh u) is σ(2 u), and has a left tail. At 100 it has long been 0 or 1.
    a = minimum(abs(z), 100.0)
    e = exp(-1.5957691216057308 * a * (1.0 + 0.044715 * a * a))
    return where(z < 0.0, -a * e, z) / (1.0 + e)


def gelu_slope(z: Array) -> Array:
    """σ(2 u) (1 + 2 z u' σ(-2 u))."""
    a = minimum(abs(z), 100.0)
    e = exp(-1.5957691216057308 * a * (1.0 + 0.044715 * a * a))
    bent = 1.5957691216057308 * a * (1.0 + 0.134145 * a * a)  # 2 |z| u'
    return where(z < 0.0, e * (1.0 + e - bent), 1.0 + e + bent * e) / ((1.0 + e) * (1.0 + e))


def mish(z: Array) -> Array:
    """The input times tanh(softplus(z))."""
    # With w = exp(z), tanh(log(1 + w)) is (w² + 2 w) / (w² + 2 w + 2). Above zero, numerator and
    # denominator are multiplied by e² = 1 / w².
    a = minimum(abs(z), 800.0)
    e = exp(-a)
    top = where(z < 0.0, -a * e * (e + 2.0), z * (1.0 + 2.0 * e))
    return top / ((1.0 + e) * (1.0 + e) + where(z < 0.0, 1.0, e * e))


def mish_slope(z: Array) -> Array:
    """tanh(s) + z σ(z) / cosh²(s) with s = softplus(z)."""
    # 1 / cosh²(s) = 4 (1 + w)² / d², d being the denominator above.
    a = minimum(abs(z), 800.0)
    e = exp(-a)
    d = (1.0 + e) * (1.0 + e) + where(z < 0.0, 1.0, e * e)
    bent = 4.0 * a * e * (1.0 + e)
    return where(z < 0.0, e * (e + 2.0) * d - bent, (1.0 + 2.0 * e) * d + bent * e) / (d * d)


ACTIVATIONS = {
    each.name: each
    for each in (
        Activation(
            "identity", identity, identity_slope, "z", in_place=True, initialiser="glorot", odd=True
        ),
        Activation("relu", relu, relu_slope, "max(0, z)", kinks=(0.0,), in_place=True),
        # Maas, Hannun & Ng 2013, "Rectifier nonlinearities improve neural network acoustic models".
        Activation(
            "leaky_relu",
            leaky_relu,
            leaky_relu_slope,
            "max(0.01 * z, z)",
            kinks=(0.0,),
            in_place=True,
        ),
        # Clevert, Unterthiner & Hochreiter 2016, arXiv 1511.07289, α = 1.
        Activation("elu", elu, elu_slope, "max(0, z) + min(0, exp(z) - 1)", kinks=(0.0,)),
        # Klambauer, Unterthiner, Mayr & Hochreiter 2017, arXiv 1706.02515, with its λ and α.
        Activation(
            "selu",
            selu,
            selu_slope,
            "1.0507009873554805 * (max(0, z) + 1.6732632423543772 * min(0, exp(z) - 1))",
            kinks=(0.0,),
            initialiser="article",
        ),
        Activation("sigmoid", sigmoid, sigmoid_slope, "1 / (1 + exp(-z))", initialiser="glorot"),
        # Dugas, Bengio, Bélisle, Nadeau & Garcia 2001, NIPS 13.
        Activation("softplus", softplus, sigmoid, "log(1 + exp(z))", initialiser="glorot"),
        Activation(
            "tanh",
            tanh,
            tanh_slope,
            "(exp(z) - exp(-z)) / (exp(z) + exp(-z))",
            initialiser="glorot",
            odd=True,
        ),
        # Elfwing, Uchibe & Doya 2018, arXiv 1702.03118; "swish" with β = 1.
        Activation("silu", silu, silu_slope, "z / (1 + exp(-z))"),
        # Hendrycks & Gimpel 2016, arXiv 1606.08415: the form with tanh, not that with erf.
        Activation(
            "gelu",
            gelu,
            gelu_slope,
            "z * (1 + tanh(sqrt(2 / pi) * (z + 0.044715 * z**3))) / 2",
        ),
        # Misra 2020, arXiv 1908.08681.
        Activation("mish", mish, mish_slope, "z * tanh(log(1 + exp(z)))"),
    )
}


def activation(name: str) -> Activation:
    """The activation of that name; a SettingsError where there is none."""
    return look_up(ACTIVATIONS, "activation", name)
