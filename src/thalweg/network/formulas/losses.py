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

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from thalweg.errors import SettingsError, look_up
from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.expressions.scaled_formula import OF_TARGET, Units
from thalweg.network.formulas.expressions.written_loss import (
    MARK,
    PREFIX,
    read_units,
    written_by,
    written_loss,
)
from thalweg.network.formulas.loss_bodies import (
    absolute_error,
    absolute_error_slope,
    as_it_is,
    at_both_ends,
    at_the_target,
    gamma,
    gamma_slope,
    huber,
    huber_slope,
    mean,
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
    tweedie,
    tweedie_slope,
)
from thalweg.network.formulas.loss_kind import FEWEST, MOST, SLASH, Loss
from thalweg.network.formulas.rising_bodies import at_most, ordinal, ordinal_slope

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
            constants_name="levels",
        ),
        # McCullagh & Nelder 1989, Generalized Linear Models, chapter 6.
        Loss("poisson", poisson, poisson_slope, mean, "Σ exp(z) - y z", "Yh - Y", link_slope=mean),
        # The same, chapter 8.
        Loss(
            "gamma",
            gamma,
            gamma_slope,
            mean,
            "Σ z + y exp(-z)",
            "1 - Y / Yh",
            link_slope=mean,
        ),
        # Jørgensen 1987, J. R. Stat. Soc. B 49: amounts of which many are 0, with the variance
        # μ^p; p = 1 would be Poisson, p = 2 gamma.
        Loss(
            "tweedie",
            tweedie,
            tweedie_slope,
            mean,
            "Σ exp((2 - p) z) / (2 - p) + y exp((1 - p) z) / (p - 1)",
            "(Yh - Y) / Yh^(p - 1)",
            constant=1.5,
            constant_name="power",
            above=1.0,
            below=2.0,
            link_slope=mean,
        ),
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


def standard_text(given: str | Callable[..., Any]) -> str:
    """The text form of a loss that a user gave, as a text or as a function of z and y."""
    if callable(given):
        return f"{PREFIX}{written_by(given).text}"
    if MARK.strip() in given:
        raise SettingsError(
            "The loss has the character '@'", where=repr(given[:80]), fix="write it without"
        )
    return str(loss(given))


def own_text(text: str) -> str:
    """A text form of a loss as its user wrote it: without the units of a network."""
    return f"{PREFIX}{read_units(text.removeprefix(PREFIX))[0]}" if is_formula(text) else text


def leaves_out_a_term(text: str) -> bool:
    """Whether a loss leaves out a term of y alone, so that a right answer has another loss than 0.

    Those of a logarithm do.
    """
    return loss(text).link is mean


def lowest_losses(text: str, Y: Array) -> Array:
    """The lowest loss that each row of targets allows, shape (n_rows,); most losses have 0.

    Those of `leaves_out_a_term` are lowest where exp(z) is y.

    Parameters
    ----------
    text : str
        The text form of a loss.
    Y : ndarray of shape (n_rows, n_outputs)
    """
    formula, found = loss(text), np.zeros(len(Y))
    if not leaves_out_a_term(text):
        return found
    positive = np.all(Y > 0, axis=1)  # the lowest of an amount of 0 is 0, at the mean 0
    found[positive] = formula.value(np.log(Y[positive]).T, Y[positive].T)
    return found


def is_formula(text: str) -> bool:
    """Whether the text form is that of a formula that a person wrote."""
    return text.startswith(PREFIX)


def _of_formula(text: str, units: Units) -> Loss:
    """The loss that a person wrote, for a network that sees the target in these units."""
    written = written_loss(text)
    formula, slope = written.text, written.slope_text
    if units != OF_TARGET:
        center, scale, size = (f"{each:.6g}" for each in units[:3])
        at = f"at z = {center} + {scale} Yh and y = {center} + {scale} Y"
        formula, slope = f"({formula}) / {size} {at}", f"({slope}) · {scale} / {size} {at}"

    def element(z: Array, y: Array, constant: float) -> Array:
        return _in_float64(written.element, z, y, units)

    def element_slope(z: Array, y: Array, constant: float) -> Array:
        return _in_float64(written.element_slope, z, y, units)

    return Loss(
        "formula",
        element,
        element_slope,
        as_it_is,
        formula,
        slope,
        written=written,
        units=units,
    )


def _in_float64(body: Callable[..., Any], z: Array, y: Array, units: Units) -> Array:
    """A body of a written loss, computed in float64, in the dtype of z."""
    with np.errstate(all="ignore"):  # where takes one of two values, and computes both
        found = body(np.asarray(z, np.float64), np.asarray(y, np.float64), *units)
        same = np.broadcast_to(np.asarray(found), np.broadcast(z, y).shape)
        return same.astype(np.asarray(z).dtype)


@lru_cache(maxsize=256)
def loss(text: str) -> Loss:
    """The loss of that name, ``NAME`` or ``NAME:constant=value``.

    A constant for each output is written with slashes: ``quantile:levels=0.1/0.5/0.9``.

    Raises
    ------
    SettingsError
        If there is no such loss, or no such constant, or the constant is not valid.

    Examples
    --------
    >>> loss("huber: delta=2").value(np.array([[1.0, 5.0]]), np.array([[0.0, 0.0]]))
    array([0.5, 8. ])
    >>> loss("formula: abs(z - y)").value(np.array([[1.0, 5.0]]), np.array([[0.0, 0.0]]))
    array([1., 5.])
    """
    name, colon, rest = text.partition(":")
    if name.strip() + colon == PREFIX:
        return _of_formula(*read_units(rest.strip()))
    formula = look_up(LOSSES, "loss", name.strip())
    if not colon:
        return formula
    key, _, value = (part.strip() for part in rest.partition("="))
    if key and key == formula.constants_name:
        return replace(formula, constants=_constants(text, formula, value))
    if not key or key != formula.constant_name:
        raise _no_such_constant(text, formula, key)
    try:
        constant = float(value)
    except ValueError:
        constant = math.nan
    if not formula.above < constant < formula.below:
        bound = f"above {formula.above:g}"
        bound += f" and below {formula.below:g}" if formula.below < math.inf else ""
        raise SettingsError(
            f"{key}={value} has no meaning for the loss {formula.name}",
            where=repr(text),
            fix=f"give a number {bound}, as in {str(formula)!r}",
        )
    return replace(formula, constant=constant)


def _no_such_constant(text: str, formula: Loss, key: str) -> SettingsError:
    """The error for a constant that a loss does not have; it names those that it has."""
    one, several = formula.constant_name, formula.constants_name
    why = f"Its only one is {one}." if one else "It has none."
    fix = f"write {str(formula)!r}"
    if several:
        why = f"It has {one}, or for several outputs {several}."
        fix += f", or {f'{formula.name}:{several}=0.1/0.5/0.9'!r}"
    return SettingsError(
        f"The loss {formula.name} has no constant {key!r}", where=repr(text), why=why, fix=fix
    )


def _constants(text: str, formula: Loss, given: str) -> tuple[float, ...]:
    """The constants of the outputs, from their text ``0.1/0.5/0.9``."""
    key, parts = formula.constants_name, given.split(SLASH)[: MOST + 1]
    try:
        found = tuple(float(part) for part in parts)
    except ValueError:
        found = ()
    example = f"{formula.name}:{key}=0.1/0.5/0.9"
    if not FEWEST <= len(found) <= MOST and len(parts) == len(found):
        one = f"; for one, write {formula.name}:{formula.constant_name}={given}"
        raise SettingsError(
            f"The loss {formula.name} takes {FEWEST} to {MOST} {key}",
            where=repr(text[:200]),
            fix=f"give so many, as in {example!r}{one if len(found) == 1 else ''}",
        )
    if not found or not all(0 < each < formula.below for each in found):
        raise SettingsError(
            f"{key}={given[:100]} has no meaning for the loss {formula.name}",
            where=repr(text[:200]),
            fix=f"give numbers above 0 and below {formula.below:g} with {SLASH} between them, as "
            f"in {example!r}",
        )
    if not all(low < high for low, high in itertools.pairwise(found)):
        different = sorted(set(found))
        ordered = SLASH.join(map(repr, different)) if len(different) > 1 else "0.1/0.5/0.9"
        raise SettingsError(
            f"The {key} of the loss {formula.name} do not ascend",
            where=repr(text[:200]),
            why="Each output has the place of its level",
            fix=f"write {formula.name}:{key}={ordered}",
        )
    return found


def smoothed(Y: Array, amount: float, *, coupled: bool = True) -> Array:
    """Targets that are less sure: Y (1 - s) + s / K (Szegedy et al. 2016, arXiv 1512.00567, § 7).

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_outputs)
        Targets of classes that exclude each other: one of several outputs is 1, or the only
        output is 0 or 1.
    amount : float
        s, at least 0 and below 1: the share that is spread over all K classes.
    coupled : bool, default True
        Whether several outputs exclude each other. If not, each is one of two classes.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
        In the dtype of Y. K is n_outputs; 2 for one output, and for outputs that are not coupled.
        A row of coupled outputs sums to 1 as before.

    Raises
    ------
    SettingsError
        If ``amount`` is out of range.
    """
    if not 0 <= amount < 1:
        raise SettingsError(
            f"Labels cannot be smoothed by {amount}", fix="give a number from 0 up to, not with, 1"
        )
    n_classes = max(Y.shape[1], 2) if coupled else 2
    return Y * (1 - amount) + amount / n_classes
