"""`Loss`: one loss with its value, its slope and its text."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.network.formulas.activations import Array, sigmoid
from thalweg.network.formulas.expressions.scaled_formula import OF_TARGET, Units
from thalweg.network.formulas.expressions.written_loss import (
    PREFIX,
    WrittenLoss,
    units_text,
)
from thalweg.network.formulas.loss_bodies import (
    as_it_is_slope,
    mean,
    normaliser,
    nowhere,
)
from thalweg.network.formulas.rising_bodies import risen

Element = Callable[..., Array]
# Of outputs that rise, the slope comes with the sum for the output below.
Slope = Callable[..., Any]

# Between the constants of the outputs in a text form; a comma is between options of an optimizer.
SLASH = "/"
# How many outputs may have a constant of their own.
FEWEST, MOST = 2, 50


@dataclass(frozen=True)
class Loss:
    """One loss ℓ(Z, Y), a number a sample.

    Attributes
    ----------
    name : str
    element, element_slope : callable
        (z, y, constant) -> the part of ℓ, and of dℓ/dZ, of one output.
    link : callable
        (z, constant) -> the prediction: a probability or a value.
    formula : str
        The value, as text.
    slope_formula : str
        The slope of one output in z, as text; Yh is the prediction.
    coupled : bool
        Whether the outputs exclude each other: bodies and link then get the results of
        ``normaliser`` for a sample, z - top and others. Their targets sum to 1.
    rising : bool
        Whether each output says how far the next cumulative logit lies above the last one: bodies
        and link then get the results of ``cumulated``, and the slope goes from the last output to
        the first (``rising_bodies``). The weights of all outputs but the first are held at 0
        (``held_weights``).
    constant : float
        The loss's own constant, if it has one.
    constant_name : str
        Its name in the text form (``"huber:delta=1.5"``); empty if there is none.
    above, below : float
        The constant lies between these, both excluded.
    link_slope : callable
        (z, constant) -> the slope of the link, if outputs are not coupled and do not rise.
    constants : tuple of float
        A constant for each output, in ascending order, if outputs differ in it; else empty.
    constants_name : str
        The name of these in the text form (``"quantile:levels=0.1/0.5/0.9"``); empty if all
        outputs of this loss have the same constant.
    written : WrittenLoss or None
        If a person wrote the loss: its formula, in units of the target.
    units : Units
        Of such a loss: what lies between the target and that of the network.
    kinks : callable
        constant -> the values of z - y at which the slope, or its own slope, jumps; finite
        differences must not cross them.
    """

    name: str
    element: Element
    element_slope: Slope
    link: Callable[..., Array]
    formula: str
    slope_formula: str
    coupled: bool = False
    rising: bool = False
    constant: float = 0.0
    constant_name: str = ""
    above: float = 0.0
    below: float = math.inf
    kinks: Callable[[float], tuple[float, ...]] = nowhere
    link_slope: Callable[..., Array] = as_it_is_slope
    constants: tuple[float, ...] = ()
    constants_name: str = ""
    written: WrittenLoss | None = None
    units: Units = OF_TARGET

    @property
    def joint(self) -> bool:
        """Whether a prediction depends on several outputs: they have a sum in common."""
        return self.coupled or self.rising

    @property
    def of_logarithm(self) -> bool:
        """Whether outputs are logarithms of means: the link is exp."""
        return self.link is mean

    def value(self, Z: Array, Y: Array) -> Array:
        """ℓ, shape (n_samples,), of outputs and targets of shape (n_outputs, n_samples)."""
        z, constant = self._seen(Z)
        return np.sum(self.element(z, Y, constant), axis=0)

    def slope(self, Z: Array, Y: Array) -> Array:
        """dℓ/dZ, shape (n_outputs, n_samples)."""
        z, constant = self._seen(Z)
        if self.rising:
            return self._falling(z, Y, constant)
        slope: Array = self.element_slope(z, Y, constant)
        return slope

    def predict(self, Z: Array) -> Array:
        """What the user is given: probabilities or values, shape as Z."""
        return self.link(*self._seen(Z))

    def predict_slope(self, Z: Array) -> Array:
        """The slope of the prediction in Z, shape as Z; only of outputs that stand alone."""
        return self.link_slope(*self._seen(Z))

    def _seen(self, Z: Array) -> tuple[Array, Any]:
        """What the bodies see of Z, and their constant."""
        if self.rising:
            return cumulated(Z)
        if self.constants:  # in the dtype of Z: float64 would widen it
            each = np.array(self.constants, Z.dtype)
            return Z, each.reshape(-1, *[1] * (Z.ndim - 1))
        if not self.coupled:
            return Z, self.constant
        top, others = normaliser(Z)
        return Z - top, others

    def _falling(self, gaps: Array, Y: Array, C: Array) -> Array:
        """The slope, output by output, from the last one down."""
        slope, above = np.empty_like(C), np.zeros_like(C[0])
        for k in reversed(range(len(C))):
            slope[k], above = self.element_slope(gaps[k], Y[k], C[k], above)
        return slope

    def sides(self, Z: Array, Y: Array) -> list[NDArray[Any]]:
        """On which side of its kinks each output is; finite differences must not cross them."""
        if self.written is None:
            return [kink < Z - Y for kink in self.kinks(self.constant)]
        center, scale = self.units[:2]
        return [*self.written.sides(center + scale * Z, center + scale * Y)]

    def __str__(self) -> str:
        """The text that ``loss`` reads."""
        if self.written is not None:
            return f"{PREFIX}{self.written.text}{units_text(self.units)}"
        if self.constants:
            values = SLASH.join(map(repr, self.constants))
            return f"{self.name}:{self.constants_name}={values}"
        return (
            f"{self.name}:{self.constant_name}={self.constant!r}"
            if self.constant_name
            else self.name
        )


def cumulated(Z: Array) -> tuple[Array, Array]:
    """The gaps and the cumulative logits of outputs that rise, both shape as Z."""
    gaps, C = Z.copy(), Z.copy()
    gaps[0] = np.inf  # a NaN of the first output stays in C
    for k in range(1, len(Z)):
        C[k] = risen(C[k - 1], Z[k])
    return gaps, C


def grade_probabilities(Z: Array) -> Array:
    """P of each grade, of outputs that rise (n_outputs, …); shape (n_outputs + 1, …).

    A product of three, σ(c_k) σ(-c_{k-1}) σ(z_k): the difference σ(c_k) - σ(c_{k-1}) would lose the
    digits of a small one (`thalweg.network.formulas.rising_bodies`).
    """
    gaps, C = cumulated(Z)
    one = np.ones_like(C[:1])
    ends = np.concatenate((sigmoid(C) * sigmoid(gaps), one))
    found: Array = ends * np.concatenate((one, sigmoid(-C)))
    return found
