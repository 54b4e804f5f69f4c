"""Counts and amounts per unit of exposure, and how much a row then counts.

With the mean e · m(x) of a row of exposure e, and the variance mean^p (1 of Poisson, 2 of gamma),

    d(y, e m) = e^(2-p) d(y / e, m)

holds for the deviance d. So the deviance of y is that of the rates y / e with weights w e^(2-p).
These are multiplied by one number, so that their sum stays Σ w: then the unit of the exposures
(days or years) changes rates by a factor, and nothing else.

McCullagh & Nelder 1989, Generalized Linear Models, section 6.3.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Why a model of rates has no intervals, as the end of a sentence.
NO_INTERVALS = (
    "it was fitted with exposures, and a rate has the more noise the smaller its exposure is, so "
    "the errors of held-out rows are not those of new ones"
)


def rate_of(target: str, column: str | None) -> str:
    """What a model of rates answers, such as ``claims per unit of years``; "" of no name."""
    return f"{target} per unit of {column or 'exposure'}" if target else ""


def note_of_rates(unit: str, power: float) -> str:
    """That rates are evaluated, in sentences.

    Parameters
    ----------
    unit : str
        Such as ``per unit of "years"``.
    power : float
        p of the variance: 1 of Poisson, 2 of gamma, that of Tweedie between them.
    """
    weights = "" if power == 2 else ", and a row counts by its exposure"
    weights += f" to the power of {2 - power:g}" if 1 < power < 2 else ""
    return (
        f"The target is evaluated as a rate, {unit}{weights}: the deviance is that of the target "
        "from exposure times rate. The baselines predict the rate, too"
    )


# The bits of a rate, or a weight, by which rows are put in order. The last bits of a quotient
# depend on the unit of the exposures, and would change which rows are in a fold.
_BITS = 30


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
        p; None where sizes are offsets.
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
