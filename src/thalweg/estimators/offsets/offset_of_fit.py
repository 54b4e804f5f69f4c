"""Offsets and exposures: what a row's own size adds to, or multiplies, its answer.

With the logarithm as link (``poisson``, ``gamma``, ``tweedie``) the mean of a row is e · m(x), with
its exposure e = exp(offset). For the variance mean^p (1 of Poisson, 2 of gamma)

    d(y, e m) = e^(2-p) d(y / e, m),

so the fit of y with exposures is that of the rates y / e with weights w e^(2-p). These weights are
multiplied by one number, so that their sum stays Σ w: then the unit of the exposures (days or
years) changes rates by a factor, and nothing else. With the other losses the answer is
offset + m(x), and the fit is that of y - offset.

McCullagh & Nelder 1989, Generalized Linear Models, section 6.3.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.data.schema.schema import Schema
from thalweg.network.formulas.losses import loss
from thalweg.wording import parameter

Floats = NDArray[np.float64]
Kind: TypeAlias = Literal["offset", "exposure"]

# The bits of a rate, or a weight, by which rows are put in order. The last bits of a quotient
# depend on the unit of the exposures, and would change which rows are in a fold.
_BITS = 30


@dataclass(frozen=True, eq=False)
class OffsetOfFit:
    """What a model keeps of the offsets of its fit.

    Attributes
    ----------
    kind : {"offset", "exposure"}
        Whether a row has an offset, or an exposure, which is exp(offset).
    schema : Schema or None
        Of the one column that has them; None if they were an array beside the table.
    level : float
        What weights are multiplied by, so that their sum stayed the same in the fit.
    """

    kind: Kind
    schema: Schema | None = None
    level: float = 1.0

    @property
    def column(self) -> str | None:
        """The name of the column, if it is known."""
        return None if self.schema is None else self.schema.names[0]

    @property
    def of_one(self) -> str:
        """What asks for the answer for one unit: ``exposure=1`` or ``offset=0``."""
        return "exposure=1" if self.kind == "exposure" else "offset=0"


def power_of(text: str) -> float | None:
    """p of a loss whose link is the logarithm, where the variance is mean^p; None of others."""
    formula = loss(text)
    if not formula.of_logarithm:
        return None
    return {"poisson": 1.0, "gamma": 2.0}.get(formula.name, formula.constant)


def in_rates(
    y: Floats, weights: Floats, sizes: Floats, power: float | None, level: float | None = None
) -> tuple[Floats, Floats, float]:
    """Targets and weights per unit of exposure, or less the offset.

    Parameters
    ----------
    y, weights : ndarray of float64, shape (n_samples,)
    sizes : ndarray of float64, shape (n_samples,)
        Exposures above 0; offsets, if ``power`` is None.
    power : float or None
        As `power_of` gives it.
    level : float, optional
        That of an earlier fit; by default the one that leaves the sum of the weights as it is.

    Returns
    -------
    rates, weights : ndarray of float64, shape (n_samples,)
    level : float
    """
    if power is None:
        return y - sizes, weights, 1.0
    rates = y / sizes
    if power == 2:
        return rates, weights, 1.0
    shares = sizes ** (2 - power)
    if level is None:
        level = float(weights.sum() / np.sum(weights * shares))
    return rates, weights * rounded(shares * level), level


def rounded(values: Floats) -> Floats:
    """Numbers with their first bits alone, the same in every unit of the exposures."""
    mantissa, exponent = np.frexp(values)
    found: Floats = np.ldexp(np.round(mantissa * 2.0**_BITS) * 2.0**-_BITS, exponent)
    return found


def no_intervals(kind_of: OffsetOfFit | None, text: str) -> str | None:
    """Why a model with offsets has no intervals, as the end of a sentence; None if it may have.

    A rate of a small exposure has more noise than that of a large one, so errors of held-out rates
    are not those of new rows. A gamma target has the same relative noise for all of them.
    """
    if kind_of is None or power_of(text) in (None, 2.0):
        return None
    return (
        f"it was fitted with {parameter(kind_of.kind)}, and a rate has the more noise the smaller "
        f"its exposure is, so the errors of held-out rows are not those of new ones. Fix: take "
        f"{parameter('loss', 'gamma')}, if the target is an amount above 0"
    )
