"""The functions of the derivative lesson: value and three derivatives, as formulas.

Their bodies are elementary functions and arithmetic, so a page computes them from the same text.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.elementary_functions import where
from thalweg.network.formulas.activations import relu, relu_slope, sigmoid, sigmoid_slope
from thalweg.network.formulas.expressions.symbols import Formula, traced

Numbers = NDArray[np.floating]
Body = Callable[[Numbers], Numbers]

# The distance from 1 to the next number of float64.
EPSILON = 2.0**-52


class Curve(NamedTuple):
    """A function of one number.

    Attributes
    ----------
    text, rule : str
        The function and its derivative, as text.
    value, slope, second, third : callable
        f, f', f'' and f'''.
    """

    text: str
    rule: str
    value: Body
    slope: Body
    second: Body
    third: Body


def square_of(x: Numbers) -> Numbers:
    """The article's function."""
    return x * x


def slope_of_square(x: Numbers) -> Numbers:
    """Twice the number."""
    return 2.0 * x


def two(x: Numbers) -> Numbers:
    """2 everywhere."""
    return where(x == x, 2.0, x)


def zero(x: Numbers) -> Numbers:
    """0 everywhere."""
    return where(x == x, 0.0, x)


def sigmoid_second(x: Numbers) -> Numbers:
    """σ (1 - σ) (1 - 2σ)."""
    return sigmoid_slope(x) * (1.0 - 2.0 * sigmoid(x))


def sigmoid_third(x: Numbers) -> Numbers:
    """σ (1 - σ) (1 - 6σ + 6σ²)."""
    return sigmoid_slope(x) * (1.0 - 6.0 * sigmoid_slope(x))


CURVES = {
    "square": Curve("x²", "2x", square_of, slope_of_square, two, zero),
    "sigmoid": Curve(
        "σ(x)", "σ(x) (1 − σ(x))", sigmoid, sigmoid_slope, sigmoid_second, sigmoid_third
    ),
    "relu": Curve("relu(x)", "1 above 0, else 0", relu, relu_slope, zero, zero),
}


def quotient(curve: Curve, x: float, h: float, sides: int = 1) -> float:
    """(f(x + h) - f(x)) / h in float64, or (f(x + h) - f(x - h)) / 2h for two sides.

    Examples
    --------
    >>> round(quotient(CURVES["square"], 3.0, 0.001), 9)
    6.001
    """
    points = np.array([x + h, x - h if sides == 2 else x])
    ahead, behind = (float(each) for each in curve.value(points))
    return (ahead - behind) / (h * sides)


def best_step(curve: Curve, x: float, sides: int = 1) -> float:
    """The h where truncation and rounding together are smallest; NaN without truncation.

    One side errs by about h |f''| / 2 + ε |f| / h, which is smallest at √(2 ε |f| / |f''|); two
    sides by h² |f'''| / 6 + ε |f| / h, smallest at the third root of 3 ε |f| / |f'''|. (Nocedal &
    Wright 2006, section 8.1)
    """
    at = np.array([x])
    size, bend, third = (float(abs(f(at)[0])) for f in (curve.value, curve.second, curve.third))
    if sides == 2:
        return float((3 * EPSILON * size / third) ** (1 / 3)) if third else float("nan")
    return float((2 * EPSILON * size / bend) ** 0.5) if bend else float("nan")


def curve_formulas(argument: str) -> dict[str, Formula]:
    """The formulas of all curves, for pages: ``square``, ``square_slope`` and so on.

    Parameters
    ----------
    argument : str
        What the formulas call their number.
    """
    parts: dict[str, Body] = {}
    for name, curve in CURVES.items():
        parts |= {
            name: curve.value, f"{name}_slope": curve.slope, f"{name}_second": curve.second,
            f"{name}_third": curve.third,
        }  # fmt: skip
    return {name: traced(body, argument) for name, body in parts.items()}
