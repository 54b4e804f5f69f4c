"""Loss functions: value, slope and text of each, side by side.

A loss compares the network's last layer Z, shape (n_outputs, n_samples), with the targets Y of
the same shape, and sums over the outputs. A probability is never formed and then passed to a
logarithm: both cross-entropies start from the logit, so that they are exact for any finite Z.

The bodies compute one output, and use only the functions of ``elementary_functions``, like those of
``activations``: ``element(z, y, constant)`` is the loss of one output, ``element_slope`` its slope
in z. If the outputs exclude each other (softmax), a sample's Z goes through ``normaliser`` first:
a body then gets z - top for z, and ``others`` for the constant. If they rise (grades), a body gets
the cumulative logit c for the constant (``rising_bodies``).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from thalweg.errors import SettingsError, look_up
from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.loss_bodies import (
    absolute_error,
    absolute_error_slope,
    as_it_is,
    as_it_is_slope,
    at_both_ends,
    at_the_target,
    huber,
    huber_slope,
    mean,
    normaliser,
    nowhere,
    poisson,
    poisson_slope,
    probability,
    probability_slope,
    quantile,
    quantile_slope,
    share,
    sigmoid_cross_entropy,
    sigmoid_cross_entropy_slope,
    softmax_cross_entropy,
    softmax_cross_entropy_slope,
    squared_error,
    squared_error_slope,
)
from thalweg.network.formulas.rising_bodies import at_most, ordinal, ordinal_slope, risen

Element = Callable[..., Array]
# Of outputs that rise, the slope comes with the sum for the output below.
Slope = Callable[..., Any]


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
    below : float
        The constant lies between 0 and this, both excluded.
    link_slope : callable
        (z, constant) -> the slope of the link, if outputs are not coupled and do not rise.
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
    below: float = math.inf
    kinks: Callable[[float], tuple[float, ...]] = nowhere
    link_slope: Callable[..., Array] = as_it_is_slope

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

    def __str__(self) -> str:
        """The text that ``loss`` reads."""
        return (
            f"{self.name}:{self.constant_name}={self.constant!r}"
            if self.constant_name
            else self.name
        )


LOSSES = {
    each.name: each
    for each in (
        Loss(
            "squared_error",
            squared_error,
            squared_error_slope,
            as_it_is,
            "½ Σ (z - y)²",
            "Yh - Y",
        ),
        Loss(
            "absolute_error",
            absolute_error,
            absolute_error_slope,
            as_it_is,
            "Σ |z - y|",
            "sign(Yh - Y)",
            kinks=at_the_target,
        ),
        # Huber 1964, Ann. Math. Statist. 35. δ = 1 in units of y is the default of PyTorch, Keras
        # and XGBoost; scikit-learn's 1.35 is in units of a σ that it estimates alongside.
        Loss(
            "huber",
            huber,
            huber_slope,
            as_it_is,
            "Σ ½ (z - y)² where |z - y| ≤ δ, else δ (|z - y| - ½ δ)",
            "Yh - Y, clipped to ±δ",
            constant=1.0,
            constant_name="delta",
            kinks=at_both_ends,
        ),
        # Koenker & Bassett 1978, Econometrica 46: the τ-quantile of y is where this is lowest.
        Loss(
            "quantile",
            quantile,
            quantile_slope,
            as_it_is,
            "Σ max(τ (y - z), (1 - τ) (z - y))",
            "1 - τ where Yh > Y, -τ where Yh < Y",
            constant=0.5,
            constant_name="level",
            below=1.0,
            kinks=at_the_target,
        ),
        # McCullagh & Nelder 1989, Generalized Linear Models, chapter 6.
        Loss("poisson", poisson, poisson_slope, mean, "Σ exp(z) - y z", "Yh - Y", link_slope=mean),
        Loss(
            "sigmoid_cross_entropy",
            sigmoid_cross_entropy,
            sigmoid_cross_entropy_slope,
            probability,
            "-Σ (y log σ(z) + (1 - y) log(1 - σ(z)))",
            "Yh - Y",
            link_slope=probability_slope,
        ),
        Loss(
            "softmax_cross_entropy",
            softmax_cross_entropy,
            softmax_cross_entropy_slope,
            share,
            "-Σ y log softmax(z)",
            "Yh - Y",
            coupled=True,
        ),
        # McCullagh 1980, J. R. Stat. Soc. B 42: cumulative logits, proportional odds.
        Loss(
            "ordinal",
            ordinal,
            ordinal_slope,
            at_most,
            "-log(σ(c_y) - σ(c_{y-1})), c_1 = z_1, c_k = c_{k-1} + softplus(z_k)",
            "σ(z_k) Σ_{j ≥ k} ∂ℓ/∂c_j, less 1 - σ(z_k) where k = y > 1",
            rising=True,
        ),
    )
}


def cumulated(Z: Array) -> tuple[Array, Array]:
    """The gaps and the cumulative logits of outputs that rise, both shape as Z."""
    gaps, C = Z.copy(), Z.copy()
    gaps[0] = np.inf  # a NaN of the first output stays in C
    for k in range(1, len(Z)):
        C[k] = risen(C[k - 1], Z[k])
    return gaps, C


@lru_cache(maxsize=256)
def loss(text: str) -> Loss:
    """The loss of that name, ``NAME`` or ``NAME:constant=value``.

    Raises
    ------
    SettingsError
        If there is no such loss, or no such constant, or the constant is not valid.

    Examples
    --------
    >>> loss("huber: delta=2").value(np.array([[1.0, 5.0]]), np.array([[0.0, 0.0]]))
    array([0.5, 8. ])
    """
    name, colon, rest = text.partition(":")
    formula = look_up(LOSSES, "loss", name.strip())
    if not colon:
        return formula
    key, _, value = (part.strip() for part in rest.partition("="))
    if not key or key != formula.constant_name:
        only = formula.constant_name
        raise SettingsError(
            f"The loss {formula.name} has no constant {key!r}",
            where=repr(text),
            why=f"Its only one is {only}." if only else "It has none.",
            fix=f"write {str(formula)!r}",
        )
    try:
        constant = float(value)
    except ValueError:
        constant = math.nan
    if not 0 < constant < formula.below:
        bound = f"above 0 and below {formula.below:g}" if formula.below < math.inf else "above 0"
        raise SettingsError(
            f"{key}={value} has no meaning for the loss {formula.name}",
            where=repr(text),
            fix=f"give a number {bound}, as in {str(formula)!r}",
        )
    return replace(formula, constant=constant)


def smoothed(Y: Array, amount: float) -> Array:
    """Targets that are less sure: Y (1 - s) + s / K (Szegedy et al. 2016, arXiv 1512.00567, § 7).

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_outputs)
        Targets of classes that exclude each other: one of several outputs is 1, or the only
        output is 0 or 1.
    amount : float
        s, at least 0 and below 1: the share that is spread over all K classes.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
        In the dtype of Y. K is n_outputs, or 2 if there is one output. A row of several outputs
        sums to 1 as before.

    Raises
    ------
    SettingsError
        If ``amount`` is out of range.
    """
    if not 0 <= amount < 1:
        raise SettingsError(
            f"Labels cannot be smoothed by {amount}", fix="give a number from 0 up to, not with, 1"
        )
    n_classes = max(Y.shape[1], 2)
    return Y * (1 - amount) + amount / n_classes
