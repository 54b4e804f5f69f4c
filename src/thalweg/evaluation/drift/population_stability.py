"""The population stability index (PSI) of shares, and how large it is without drift.

PSI = Σ (a - b) ln(a / b), the symmetric divergence of Jeffreys. Between two samples of n and m rows
of one distribution with B parts, PSI is about (1/n + 1/m) χ² with B - 1 degrees of freedom
(Yurdakul & Naranjo 2020, "Statistical properties of the population stability index", Journal of
Risk Model Validation 14). So no fixed limit, such as 0.1 or 0.2, tells drift from noise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

Floats = NDArray[np.float64]

# The share of tables without drift whose PSI is beyond the limit.
BEYOND = 0.05


def psi(then: Floats, now: Floats) -> float:
    """Σ (a - b) ln(a / b) of shares that are all above 0."""
    return float(np.sum((then - now) * np.log(then / now)))


@dataclass(frozen=True)
class Stability:
    """A PSI, beside what it is without drift.

    Attributes
    ----------
    psi : float
        NaN if there is only one part.
    expected : float
        Its mean without drift, (B - 1)(1/n + 1/m).
    limit : float
        95 % of tables without drift have less.
    """

    psi: float
    expected: float
    limit: float

    @property
    def excess(self) -> float:
        """What is beyond its mean without drift."""
        return self.psi - self.expected


def stability(then: Floats, now: Floats) -> Stability:
    """The PSI of two samples.

    Parameters
    ----------
    then, now : ndarray of float64, shape (n_parts,)
        The rows of each sample in each part. If a part of one sample is empty, every part of both
        has half a row more, so that no share is 0.
    """
    n, m, parts = float(then.sum()), float(now.sum()), len(then)
    if parts < 2 or not n > 0 or not m > 0:
        return Stability(np.nan, np.nan, np.nan)
    if not (then > 0).all() or not (now > 0).all():
        then, now = then + 0.5, now + 0.5
    per_row = 1.0 / n + 1.0 / m
    limit = per_row * float(chdtri(parts - 1, BEYOND))
    found = psi(then / then.sum(), now / now.sum())
    return Stability(found, per_row * (parts - 1), limit)
