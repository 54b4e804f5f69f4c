"""Formulas once more, in fifty digits of mpmath, and how far a number is from them."""

import mpmath
import numpy as np
from mpmath import mpf

# NumPy's exp and tanh are good to one place of float64 and, on some processors, to three of
# float32; a quotient or a sum adds a half each. These are one exp, and several, in places.
FEW, SOME = 4, 8
exp, tanh, expm1 = mpmath.exp, mpmath.tanh, mpmath.expm1
SCALE, ALPHA = mpf("1.0507009873554805"), mpf("1.6732632423543772")


def sigmoid(z):
    return 1 / (1 + exp(-z))


def softplus(z):
    return mpmath.log1p(exp(z))


def bent(z):
    """What the logistic function in gelu is taken of, and its slope."""
    root = 2 * mpmath.sqrt(2 / mpmath.pi)
    cubic = mpf("0.044715")
    return root * (z + cubic * z**3), root * (1 + 3 * cubic * z**2)


def gelu_slope(z):
    x, slope = bent(z)
    return sigmoid(x) * (1 + z * slope * sigmoid(-x))


def mish_slope(z):
    return tanh(softplus(z)) + z * sigmoid(z) * mpmath.sech(softplus(z)) ** 2


SIGMOID = (sigmoid, lambda z: 1 / (2 + 2 * mpmath.cosh(z)))
EXACT = {
    "identity": (lambda z: z, lambda z: mpf(1)),
    "relu": (lambda z: max(z, mpf(0)), lambda z: mpf(z > 0)),
    "leaky_relu": (lambda z: max(z, z / 100), lambda z: mpf(1) if z > 0 else mpf(1) / 100),
    "elu": (lambda z: z if z > 0 else expm1(z), lambda z: mpf(1) if z > 0 else exp(z)),
    "selu": (
        lambda z: SCALE * (z if z > 0 else ALPHA * expm1(z)),
        lambda z: SCALE * (1 if z > 0 else ALPHA * exp(z)),
    ),
    "sigmoid": SIGMOID,
    "softplus": (softplus, sigmoid),
    "tanh": (tanh, lambda z: mpmath.sech(z) ** 2),
    "silu": (lambda z: z * sigmoid(z), lambda z: sigmoid(z) * (1 + z * sigmoid(-z))),
    "gelu": (lambda z: z * sigmoid(bent(z)[0]), gelu_slope),
    "mish": (lambda z: z * tanh(softplus(z)), mish_slope),
}
# These slopes are a sum of two terms, and 0 where they cancel: this is the larger one.
TERMS = {
    "silu": sigmoid,
    "gelu": lambda z: sigmoid(bent(z)[0]),
    "mish": lambda z: tanh(softplus(z)),
}


def allowance(name, z):
    """Places that rounding of an intermediate is allowed beside FEW and SOME."""
    # exp multiplies a relative error by its argument. This is what z moved by one place does.
    return 3 * abs(float(bent(z)[0])) if name == "gelu" and -100 < z < 0 else 0.0


def ulps(got, exact, at=None, least=0.0):
    """|got - exact| in units of the last place of ``exact``, or of ``at``; or in ``least``."""
    place = np.spacing(np.abs(got.dtype.type(float(exact if at is None else at))))
    return float(abs(mpf(float(got)) - exact) / max(mpf(float(place)), least))


def errors_of_activation(name, z, value, slope):
    """The larger of both errors at each z, as a share of what is allowed."""
    tiny = mpf(float(np.finfo(z.dtype).smallest_subnormal))
    exact_value, exact_slope = EXACT[name]
    found = []
    for x, a, d in zip(z, value, slope, strict=True):
        x = mpf(float(x))
        # Below the normal numbers the places of exp have one size, and z may multiply them.
        least, more = abs(x) * tiny, allowance(name, x)
        of_value = ulps(a, exact_value(x), least=least)
        terms = max(abs(exact_slope(x)), TERMS[name](x) if name in TERMS else 0)
        of_slope = ulps(d, exact_slope(x), at=terms, least=least)
        few = SOME if name == "mish" else FEW  # a quotient of two polynomials in e
        found.append(max(of_value / (few + more), of_slope / (SOME + more)))
    return found
