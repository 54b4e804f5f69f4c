"""CV+ intervals of numbers, from the residuals of held-out rows and the networks' predictions.

With Rᵢ = |yᵢ - μₖ₍ᵢ₎(xᵢ)|, where network k(i) has not seen row i, the interval of a new row x goes

    from the ⌊α(n+1)⌋-th smallest of μₖ₍ᵢ₎(x) - Rᵢ to the ⌈(1-α)(n+1)⌉-th smallest of μₖ₍ᵢ₎(x) + Rᵢ.

An end is infinite if there are too few rows for it. If each network has at least ⌊α(n+1)⌋ held-out
rows (with five folds of equal size at 90 %, for example), the interval contains the predictions of
all networks, and so their mean.

Barber, Candès, Ramdas & Tibshirani 2021, "Predictive inference with the jackknife+", Annals of
Statistics 49:486-507.

The matrix of all rows and residuals is never made. Each network has one sorted list of residuals,
and a new row shifts each list by a number. `_from_the_top` finds the t-th largest value of these K
shifted lists. `_passed_over` comes near to it by bisection. The rest is exact: with s = ⌊t/K⌋, it
looks at the s-th value of each list. Up to the largest of these values there are at most
K(s - 1) + 1 ≤ t values, so the s values of this list are passed over. That alone takes about
K log(t/K) + K steps of K values for a row. The memory is that of the residuals and of a few numbers
for each row and network.
"""

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import DataError
from thalweg.evaluation.conformal.conformal_ranks import rank_from_the_top
from thalweg.evaluation.conformal.equal_masses import Floats
from thalweg.evaluation.conformal.residual_store import HeldOutResiduals

# Rows whose numbers are held at a time.
_PIECE = 2**14
# Bisections before the exact steps, unless these are few: so many networks, or steps of each.
_FEW_NETWORKS = 10
_BISECTIONS, _FEW_STEPS = 10, 4


def cv_plus_intervals(
    residuals: HeldOutResiduals, predictions: Floats, confidence_level: float = 0.9
) -> Floats:
    """The CV+ interval of each new row.

    Parameters
    ----------
    residuals : HeldOutResiduals
    predictions : ndarray of float64, shape (n_networks, n_samples)
        The prediction of each network, in the order of the residuals.
    confidence_level : float, default 0.9
        From 0.5 on and below 1.

    Returns
    -------
    ndarray of float64, shape (n_samples, 2)
        The lower and the upper end.
    """
    predictions = np.asarray(predictions, dtype=np.float64)
    if predictions.ndim != 2 or len(predictions) != residuals.n_networks:
        raise DataError(
            "The predictions do not match the residuals",
            where=f"predictions of shape {predictions.shape}, {residuals.n_networks} networks",
            fix="give the predictions of each network, n_networks × n_samples",
        )
    rank = rank_from_the_top(residuals.n, confidence_level, residuals.mass)
    ends = np.empty((predictions.shape[1], 2))
    if rank == 0:
        ends[:] = -np.inf, np.inf
        return ends
    for start in range(0, len(ends), _PIECE):
        rows = slice(start, start + _PIECE)
        shifts = predictions[:, rows]
        ends[rows, 1] = _from_the_top(residuals, shifts, rank)
        ends[rows, 0] = -_from_the_top(residuals, -shifts, rank)
    return ends


def pooled_quantile(residuals: HeldOutResiduals, confidence_level: float = 0.9) -> float:
    """The ⌈(1-α)(n+1)⌉-th smallest residual of all networks; ∞ if there are too few rows."""
    ends = cv_plus_intervals(residuals.pooled(), np.zeros((1, 1)), confidence_level)
    return float(ends[0, 1])


def pooled_intervals(
    residuals: HeldOutResiduals,
    mean: Floats,
    sigma: Floats | None = None,
    confidence_level: float = 0.9,
) -> Floats:
    """The interval mean ± q σ of each new row, with the quantile q of all residuals.

    With a scale σ of each row, it is wide where the noise is large: |y - mean| ≤ q σ, where the
    residuals were divided by their own σ. It has no guarantee as CV+ has: the residuals are those
    of single networks, and the mean is that of all.
    Lei, G'Sell, Rinaldo, Tibshirani & Wasserman 2018, "Distribution-free predictive inference for
    regression", JASA 113:1094-1111, section 5.2.

    Parameters
    ----------
    residuals : HeldOutResiduals
        As `residuals_of` gives them, with sigma if there is one here.
    mean : ndarray of float64, shape (n_samples,)
    sigma : ndarray of float64, shape (n_samples,), optional
        Above 0.
    confidence_level : float, default 0.9

    Returns
    -------
    ndarray of float64, shape (n_samples, 2)
    """
    half = pooled_quantile(residuals, confidence_level) * (
        np.ones(len(mean)) if sigma is None else sigma
    )
    return np.stack((mean - half, mean + half), axis=1)


def _from_the_top(residuals: HeldOutResiduals, shifts: Floats, rank: int) -> Floats:
    """The rank-th largest of all shift + residual, for each column of the shifts.

    Parameters
    ----------
    residuals : HeldOutResiduals
    shifts : ndarray of shape (n_networks, n_samples)
    rank : int
        From 1 to the number of residuals.

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    n_networks = len(shifts)
    # After each list comes -∞, which is never passed over.
    ends = np.cumsum(residuals.sizes)
    listed = np.insert(residuals.values, ends, -np.inf)
    ends = (ends + np.arange(n_networks))[:, np.newaxis]
    passed = _passed_over(residuals, shifts, rank)
    heads = ends - residuals.sizes[:, np.newaxis] + passed
    left = rank - passed.sum(axis=0)
    while len(rows := np.flatnonzero(left > 1)):
        step = np.clip(left[rows] // n_networks, 1, left[rows] - 1)
        values = shifts[:, rows] + listed[np.minimum(heads[:, rows] + (step - 1), ends)]
        heads[np.argmax(values, axis=0), rows] += step
        left[rows] -= step
    largest: Floats = np.max(shifts + listed[heads], axis=0)
    return largest


def _passed_over(residuals: HeldOutResiduals, shifts: Floats, rank: int) -> NDArray[np.intp]:
    """How many values of each list certainly are among the rank - 1 largest, for each row.

    Bisection on the value: the rank-th largest lies between that of the unshifted lists plus the
    smallest, and plus the largest shift. Sums are rounded, so a value counts as above a limit only
    if it is so by more than ``slack``.
    """
    n_networks = len(shifts)
    passed = np.zeros(shifts.shape, dtype=np.intp)
    if n_networks <= _FEW_NETWORKS or rank <= _FEW_STEPS * n_networks:
        return passed
    lists = [each[::-1] for each in np.split(residuals.values, np.cumsum(residuals.sizes)[:-1])]

    def above(limit: Floats) -> NDArray[np.intp]:
        counts = [
            len(each) - np.searchsorted(each, limit - shift, side="right")
            for each, shift in zip(lists, shifts, strict=True)
        ]
        return np.stack(counts)

    middle = np.partition(residuals.values, -rank)[-rank]
    slack = 4 * np.spacing(np.abs(shifts).max() + residuals.values.max())
    low, high = middle + shifts.min(axis=0) - slack, middle + shifts.max(axis=0) + slack
    for _ in range(_BISECTIONS):
        limit = (low + high) / 2
        few = above(limit - slack).sum(axis=0) < rank
        low, high = np.where(few, low, limit), np.where(few, limit, high)
    found = above(high + slack)
    fits: NDArray[np.bool_] = above(high - slack).sum(axis=0) < rank
    return np.where(fits, found, passed)
