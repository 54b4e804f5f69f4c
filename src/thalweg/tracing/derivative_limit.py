"""The derivative as a limit, and why floating-point numbers cannot reach it.

The article begins with (f(x + h) - f(x)) / h for f(x) = x² at 3 and -2. In exact arithmetic the
quotient approaches the slope as h shrinks. The remaining difference is truncation: ½ h f'' for one
step forward, and h² f''' / 6 for a step to both sides. But the computer knows f only to about 16
digits. The subtraction loses some of them, and after division by h the loss grows like 1 / h: that
is rounding. The best h is where the two are equal. (Nocedal & Wright 2006, Numerical Optimization,
section 8.1)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError

Function = Callable[[float], float]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Quotients:
    """The difference quotients at one point.

    Attributes
    ----------
    at : float
        x.
    slope : float
        The exact slope, from its formula.
    forward, central : ndarray of shape (n_steps,)
        (f(x + h) - f(x)) / h and (f(x + h) - f(x - h)) / 2h.
    """

    at: float
    slope: float
    forward: Floats
    central: Floats

    def error(self, kind: str) -> Floats:
        """The error of the ``"forward"`` or ``"central"`` quotients."""
        return np.abs((self.forward if kind == "forward" else self.central) - self.slope)


@dataclass(frozen=True)
class DerivativeLesson:
    """The data of the derivative lesson.

    Attributes
    ----------
    name : str
        f, as text.
    steps : ndarray of shape (n_steps,)
        h, decreasing.
    points : tuple of Quotients
    """

    name: str
    steps: Floats
    points: tuple[Quotients, ...]

    def turn(self, kind: str) -> float:
        """The h with the smallest error over all points, where truncation turns to rounding."""
        together = np.max([point.error(kind) for point in self.points], axis=0)
        return float(self.steps[int(np.argmin(together))])


def square(x: float) -> float:
    """The article's function, x²."""
    return x * x


def square_slope(x: float) -> float:
    """Its slope, 2x."""
    return 2 * x


def derivative_lesson(
    function: Function = square,
    slope: Function = square_slope,
    points: Sequence[float] = (3.0, -2.0),
    *,
    name: str = "x²",
    steps: Sequence[float] | None = None,
) -> DerivativeLesson:
    """Difference quotients of a function, for a sequence of step lengths.

    Parameters
    ----------
    function, slope : callable
        f and its exact derivative, for plain numbers; default: x² and 2x.
    points : sequence of float, default (3, -2)
        The points x.
    name : str, default "x²"
        f, as text.
    steps : sequence of float, optional
        The step lengths h; default: 1, 0.1, … 1e-15.

    Returns
    -------
    DerivativeLesson

    Raises
    ------
    SettingsError
        If there is no point, or a step is not above 0.

    Examples
    --------
    >>> lesson = derivative_lesson()
    >>> lesson.points[0].forward[:3].round(6).tolist()
    [7.0, 6.1, 6.01]
    >>> lesson.turn("forward")
    1e-08
    """
    usual = [float(f"1e-{k}") for k in range(16)]
    h = np.array(usual if steps is None else steps, float)
    if not len(points) or not h.size or not np.all(h > 0):
        raise SettingsError(
            "A difference quotient needs a point and steps above 0",
            fix="give points such as (3, -2) and steps such as (0.1, 0.01)",
        )
    h = np.sort(h)[::-1]
    return DerivativeLesson(
        name, h, tuple(_quotients(function, slope, float(x), h) for x in points)
    )


def _quotients(function: Function, slope: Function, x: float, h: Floats) -> Quotients:
    ahead = np.array([function(x + each) for each in h.tolist()])
    behind = np.array([function(x - each) for each in h.tolist()])
    return Quotients(x, float(slope(x)), (ahead - function(x)) / h, (ahead - behind) / (2 * h))
