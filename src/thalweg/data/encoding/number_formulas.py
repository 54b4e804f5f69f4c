"""The formulas that encode numbers: a linear ramp, smooth clipping, and bins around the median.

Scaled numbers, bins, levels and panels share them. Each stands here twice: as a body of elementary
functions, from which other languages are written (``export``), and for arrays in place, which is
faster and has the same bits.
"""

import numpy as np
from numpy.typing import NDArray

from thalweg.elementary_functions import maximum, minimum, sqrt

Floats = NDArray[np.float64]

# At this size the smoothly clipped value is exactly 3: the square is exact, and adding 1 does not
# change it.
FAR = 1e8
# The largest size of a smoothly clipped value.
FARTHEST = 3.0
# The largest size of a number that a network takes as it is: far below that, float32 has no
# overflow in any usual network.
FARTHEST_AS_IS = 1e15


def ramp_body(
    value: Floats, start: Floats, per_unit: Floats, least: Floats, most: Floats
) -> Floats:
    """(value - start) · per_unit, clipped to [least, most]; no value is missing."""
    return minimum(maximum((value - start) * per_unit, least), most)


def smooth_body(third: Floats) -> Floats:
    """3 t / √(1 + t²)."""
    return third / sqrt(1.0 + third * third) * FARTHEST


def from_median_body(share: Floats, shift: Floats, scale: Floats) -> Floats:
    """scale · (t(x) - t(median)), with -t(median) as the shift."""
    return (share + shift) * scale


def ramp(
    values: NDArray[np.floating],
    start: Floats,
    per_unit: Floats,
    least: float | Floats,
    most: float | Floats,
    missing: NDArray[np.bool_] | None = None,
) -> Floats:
    """(value - start) · per_unit, clipped to [least, most]; a missing value counts as the start.

    Each column of ``values``, which is not above 1e300 in size, has its own ``start`` and
    ``per_unit``. ``missing`` says where ``values`` is NaN; None: nowhere.
    """
    found = values - start
    if missing is not None and missing.any():
        np.copyto(found, 0.0, where=missing)
    # A product that overflows is far outside the limits; one that underflows is zero.
    with np.errstate(over="ignore", under="ignore"):
        found *= per_unit
    np.minimum(np.maximum(found, least, out=found), most, out=found)
    return found


def clip_smoothly(third: Floats) -> None:
    """Replace t, which is at most `FAR` in size, with 3 t / √(1 + t²), in place."""
    with np.errstate(under="ignore"):  # the square of a tiny number
        third /= np.sqrt(1.0 + third * third)
    third *= FARTHEST


def clipped(
    values: NDArray[np.floating],
    center: Floats,
    scale: Floats,
    missing: NDArray[np.bool_] | None = None,
) -> Floats:
    """z / √(1 + (z/3)²) with z = scale · (value - center), in [-3, 3]; 0 if a value is missing.

    Parameters
    ----------
    values : ndarray of float, shape (n_samples, n_columns)
        Not above 1e300 in size.
    center, scale : ndarray of float64, shape (n_columns,)
    missing : ndarray of bool, shape (n_samples, n_columns), optional
        Where ``values`` is NaN; None: nowhere.
    """
    third = ramp(values, center, scale / 3.0, -FAR, FAR, missing)
    clip_smoothly(third)
    return third


def from_median(share: Floats, shift: Floats, scale: float | Floats) -> None:
    """Replace t(x) with scale · (t(x) - t(median)), in place.

    Parameters
    ----------
    share : ndarray of float64, shape (n_samples, n_bins)
    shift : ndarray of float64, shape (n_bins,)
        -t(median).
    scale : float, or ndarray of float64, shape (n_bins,)
    """
    share += shift
    share *= scale
