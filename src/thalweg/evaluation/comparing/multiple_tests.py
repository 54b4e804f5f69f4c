"""Holm's adjusted p-values: several tests at once, with one level for all of them together."""

import numpy as np


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's adjusted p-values: the largest (m - i) p₍ᵢ₎ up to each one, with i from 0, at most 1.

    NaN is no test: it does not count.
    Holm 1979, "A simple sequentially rejective multiple test procedure", Scand J Statist 6:65-70.

    Parameters
    ----------
    p : ndarray of float, shape (n_tests,)

    Returns
    -------
    ndarray of float64, shape (n_tests,)
        A test rejects at a level, together with the others, if its value is not above the level.
    """
    adjusted = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    factors = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(factors * p[order]))
    return adjusted
