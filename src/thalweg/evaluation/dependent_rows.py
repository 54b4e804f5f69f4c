"""Rows of one group, such as those of a person, depend on each other: what intervals make of it.

*Sums over groups.* The error of a mean, an AUC or a slope is about a sum with a term for each row.
If rows of one group depend on each other and groups do not, its variance is Σ_g (Σ_{i in g} termᵢ)²
(Liang & Zeger 1986, "Longitudinal data analysis using generalized linear models", Biometrika
73:13-22), here times G / (G - 1). G is the number of groups, or Kish's effective number of them by
their rows: (Σ m_g)² / Σ m_g². The quantile is that of Student's distribution with G - 1 degrees of
freedom.

*Shares.* The design effect is this variance over that of independent rows. Wilson's interval of a
share takes n / design effect for the number of rows n, times (z / t)² because the design effect is
an estimate (Korn & Graubard 1998, "Confidence intervals for proportions with small expected number
of positive counts estimated from survey data", Survey Methodology 24:193-201). It is at least 1,
and at most n / G, that of rows that are all equal within a group. The latter stands where a sample
does not show it, because all rows are right or all are wrong.

*The bootstrap* draws groups with all of their rows (Davison & Hinkley 1997, "Bootstrap methods and
their application", section 3.8).

Where each row is a group of its own, and without groups, rows are independent.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from thalweg.evaluation.answers import effective_number

# The 0.975 quantile of the standard normal distribution.
_Z = 1.959963984540054

Codes = NDArray[np.intp]


def group_codes(groups: np.ndarray | None) -> Codes | None:
    """The group of each row, 0 … n_groups - 1; None if rows are independent."""
    if groups is None:
        return None
    different, codes = np.unique(groups, return_inverse=True)
    return None if len(different) == len(groups) else codes.reshape(-1).astype(np.intp)


def sums_of_groups(terms: np.ndarray, groups: Codes | None) -> np.ndarray:
    """The sum of the terms of each group, along the last axis; without groups the terms."""
    if groups is None:
        return terms
    n = int(groups.max(initial=-1)) + 1
    if terms.ndim == 1:
        return np.bincount(groups, terms, n)
    return np.stack([sums_of_groups(each, groups) for each in terms])


def independent_number(n_rows: int, weights: np.ndarray | None, groups: Codes | None) -> float:
    """How many rows, or groups of rows, are independent: their effective number."""
    if groups is None:
        return n_rows if weights is None else effective_number(weights)
    sizes = sums_of_groups(np.ones(n_rows) if weights is None else weights / weights.max(), groups)
    return effective_number(sizes[sizes > 0])


def design_effect(terms: np.ndarray, groups: Codes | None, n: float, n_groups: float) -> float:
    """How many times as large the variance of a sum of terms is as if rows were independent.

    Parameters
    ----------
    terms : ndarray of float64, shape (n_rows,)
        They sum to about 0.
    groups : ndarray of int, shape (n_rows,), or None
    n, n_groups : float
        The effective numbers of rows and of groups (`independent_number`).
    """
    if groups is None:
        return 1.0
    alone, most = float(np.sum(terms**2)), max(1.0, n / n_groups)
    if alone == 0 or n_groups <= 1:
        return most
    together = float(np.sum(sums_of_groups(terms, groups) ** 2)) * n_groups / (n_groups - 1)
    return float(np.clip(together / (alone * n / (n - 1)), 1.0, most))


def z_by_t(n_groups: float) -> float:
    """(z / t)²: how much less the rows of so many groups count because a variance is estimated."""
    return float((_Z / stdtrit(n_groups - 1, 0.975)) ** 2) if n_groups > 1 else 0.01


def rows_of_mean(
    values: np.ndarray, weights: np.ndarray | None = None, groups: Codes | None = None
) -> float:
    """As many independent rows know the mean of some values as well as these rows do.

    Parameters
    ----------
    values : ndarray, shape (n_rows,)
    weights : ndarray of float64, shape (n_rows,), optional
        Kish's effective number of the rows then counts.
    groups : ndarray of int, shape (n_rows,), optional
        `group_codes`.
    """
    n = independent_number(len(values), weights, None)
    if groups is None or not len(values):
        return n
    n_groups = independent_number(len(values), weights, groups)
    w = np.ones(len(values)) if weights is None else weights / weights.max()
    terms = w * (values - np.average(values, weights=w))
    terms[np.abs(terms) < 1e-14 * np.abs(values).max()] = 0.0  # equal values, but for rounding
    return n / design_effect(terms, groups, n, n_groups) * z_by_t(n_groups)
