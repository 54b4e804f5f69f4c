"""The formulas of numbers: a straight ramp between two ends, and what is made of it.

The scaled numbers, the bins, the levels and the panel share them.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# From here on the bent value is exactly 3, and its square is still exact.
FAR = 1e8
# How far from 0 a bent value can lie.
FARTHEST = 3.0


def ramp(
    values: NDArray[np.floating],
    start: Floats,
    per_unit: Floats,
    least: float | Floats,
    most: float | Floats,
    missing: NDArray[np.bool_] | None = None,
) -> Floats:
    """(value - start) · per_unit, held between two ends; what is missing counts as the start.

    Each column of ``values``, which is not above 1e300 in size, has its own ``start`` and
    ``per_unit``. ``missing`` says where ``values`` is NaN; None where nowhere.
    """
    found = values - start
    if missing is not None and missing.any():
        np.copyto(found, 0.0, where=missing)
    # A product beyond the floats lies far outside, one below them is a zero.
    with np.errstate(over="ignore", under="ignore"):
        found *= per_unit
    np.minimum(np.maximum(found, least, out=found), most, out=found)
    return found


def bend(third: Floats) -> None:
    """3 t / √(1 + t²), in the place of t, which is at most `FAR` in size."""
    with np.errstate(under="ignore"):  # the square of a tiny number
        third /= np.sqrt(1.0 + third * third)
    third *= FARTHEST


def bent(
    values: NDArray[np.floating],
    center: Floats,
    scale: Floats,
    missing: NDArray[np.bool_] | None = None,
) -> Floats:
    """z / √(1 + (z/3)²) with z = scale · (value - center), in [-3, 3]; 0 where one is missing.

    Parameters
    ----------
    values : ndarray of float, shape (n_samples, n_columns)
        Not above 1e300 in size.
    center, scale : ndarray of float64, shape (n_columns,)
    missing : ndarray of bool, shape (n_samples, n_columns), optional
        Where ``values`` is NaN; None where nowhere.
    """
    third = ramp(values, center, scale / 3.0, -FAR, FAR, missing)
    bend(third)
    return third


def from_median(share: Floats, shift: Floats, scale: float | Floats) -> None:
    """scale · (t(x) - t(median)), in the place of t(x).

    Parameters
    ----------
    share : ndarray of float64, shape (n_samples, n_bins)
    shift : ndarray of float64, shape (n_bins,)
        -t(median).
    scale : float, or ndarray of float64, shape (n_bins,)
    """
    share += shift
    share *= scale
