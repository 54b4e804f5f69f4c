"""A covariance matrix that is shrunk towards a multiple of the identity, and its inverse factor."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def ledoit_wolf_share(squares: Floats, fourth: float, n: float) -> float:
    """How far to shrink a covariance matrix.

    Ledoit & Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices",
    Journal of Multivariate Analysis 88: (1 - a) S + a μ I with μ = tr S / d and
    a = min(b², d²) / d², d² = |S - μ I|² / d, b² = (mean of |x|⁴ - |S|²) / (n d).

    Parameters
    ----------
    squares : ndarray of float64, shape (d, d)
        S = the weighted mean of x xᵀ, of centred rows x.
    fourth : float
        The weighted mean of |x|⁴.
    n : float
        Rows.

    Returns
    -------
    float
        a, from 0 to 1.
    """
    d = len(squares)
    mean, size = float(np.trace(squares)) / d, float(np.sum(squares**2))
    away = size / d - mean**2
    if away <= 1e-12 * mean**2:  # S is μ I
        return 0.0
    return min(max((fourth - size) / (n * d), 0.0) / away, 1.0)


def shrunk(squares: Floats, share: float) -> Floats:
    """(1 - a) S + a μ I; a vector is a diagonal matrix, and stays as it is."""
    if squares.ndim == 1:
        return squares
    found = (1.0 - share) * squares
    found.flat[:: len(squares) + 1] += share * np.trace(squares) / len(squares)
    return found


def inverse_factor(covariance: Floats, n: float) -> Floats:
    """W with Wᵀ W = C⁻¹, where C is a covariance matrix with one more row of variance 1.

    The row, (n C + I) / (n + 1), keeps C invertible where a column does not vary.

    Parameters
    ----------
    covariance : ndarray of float64, shape (d, d), or (d,) for a diagonal matrix
    n : float

    Returns
    -------
    ndarray of float64
        Lower triangular, or the diagonal.
    """
    found = covariance * (n / (n + 1.0))
    if covariance.ndim == 1:
        root: Floats = 1.0 / np.sqrt(found + 1.0 / (n + 1.0))
        return root
    found.flat[:: len(found) + 1] += 1.0 / (n + 1.0)
    lower = np.linalg.cholesky(found)
    return np.tril(np.linalg.inv(lower))
