"""Tests of a metric between parts of the rows, and Holm's correction for many tests.

==========  ================================================================================
metric      test
==========  ================================================================================
a share     Fisher's exact test of two parts; Pearson's χ² of more
intercept   likelihood ratio of an intercept for each part against a common one
AUC         Σ (θ_g - θ̄)² / V_g(θ̄), with Newcombe's variance at the common AUC
a mean      Welch's analysis of variance; of two parts it is Welch's t-test
size        Kruskal-Wallis; of two parts it is the rank-sum test
==========  ================================================================================

Each part counts by Kish's effective number of rows.

Holm 1979, "A simple sequentially rejective multiple test procedure", Scandinavian J. of Statistics
6:65-70. Welch 1951, "On the comparison of several mean values", Biometrika 38:330-336. Kruskal &
Wallis 1952, "Use of ranks in one-criterion variance analysis", JASA 47:583-621.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc, fdtrc, gammaln

from thalweg.evaluation.judging.intervals import auc_variance

_NAN = float("nan")


class Contrast(NamedTuple):
    """A test: its statistic (about χ², except Fisher's, which has none), df and p-value."""

    statistic: float
    df: int
    p: float


def fisher(k: np.ndarray, n: int, k_rest: int, n_rest: int) -> np.ndarray:
    """Two-sided p-values of Fisher's exact test of k of n against k_rest of n_rest.

    The sum of the probabilities of all tables with these margins that are not likelier than the
    one that was found.

    Parameters
    ----------
    k : ndarray of int, shape (n_tables,)

    Returns
    -------
    ndarray of float, shape (n_tables,)
    """
    total = (k + k_rest)[:, np.newaxis]
    inside = np.arange(n + 1)
    outside = total - inside
    possible = (outside >= 0) & (outside <= n_rest)
    outside = np.where(possible, outside, 0)
    log_p = np.where(possible, _log_choose(n, inside) + _log_choose(n_rest, outside), -np.inf)
    log_p -= _log_choose(n + n_rest, total)
    found = log_p[np.arange(len(k)), k][:, np.newaxis]
    # Tables of equal probability differ by rounding.
    p: np.ndarray = np.sum(np.where(log_p <= found + 1e-7, np.exp(log_p), 0.0), axis=1)
    return p.clip(max=1.0)


def _log_choose(n: int, k: np.ndarray) -> np.ndarray:
    found: np.ndarray = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return found


def of_shares(parts: Sequence[tuple[float, float]]) -> Contrast:
    """Shares of parts, each given as (hits, rows)."""
    k, n = np.array(parts, dtype=np.float64).T
    if len(parts) == 2:
        # Rows that count in part are rounded down, and hits to the nearest number.
        whole = np.floor(n + 1e-9)
        hits = np.rint(k / n * whole).astype(int)
        p = fisher(hits[:1], int(whole[0]), int(hits[1]), int(whole[1]))
        return Contrast(_NAN, 1, float(p[0]))
    share = k.sum() / n.sum()
    if share * (1 - share) <= 0:
        return Contrast(0.0, len(parts) - 1, 1.0)
    return _chi2(float(np.sum((k - n * share) ** 2 / (n * share * (1 - share)))), len(parts))


def _chi2(statistic: float, n_parts: int) -> Contrast:
    statistic = max(0.0, statistic)  # rounding of a difference of log-likelihoods
    return Contrast(statistic, n_parts - 1, float(chdtrc(n_parts - 1, statistic)))


def of_likelihoods(parts: Sequence[float], common: float) -> Contrast:
    """Maximal log-likelihoods with a parameter for each part, and with a common one."""
    return _chi2(2 * (float(np.sum(parts)) - common), len(parts))


def of_aucs(parts: Sequence[tuple[float, float, float]]) -> Contrast:
    """AUCs of parts, each given as (AUC, rows of one class, of the other)."""
    aucs = np.array([auc for auc, _, _ in parts])
    common = common_auc(parts)
    if common * (1 - common) <= 0:
        return Contrast(0.0, len(parts) - 1, 1.0)
    variances = np.array([auc_variance(common, m, n) for _, m, n in parts])
    return _chi2(float(np.sum((aucs - common) ** 2 / variances)), len(parts))


def common_auc(parts: Sequence[tuple[float, float, float]]) -> float:
    """The mean AUC of parts, weighted by the inverse of their variance; that of AUCs of 1 is 1."""
    aucs = np.array([auc for auc, _, _ in parts])
    common = float(np.average(aucs, weights=[m * n / (m + n) for _, m, n in parts]))
    for _ in range(3):
        if not 0 < common < 1:
            break
        shares = [1 / auc_variance(common, m, n) for _, m, n in parts]
        common = float(np.average(aucs, weights=shares))
    return common


def of_means(parts: Sequence[tuple[float, float, float]]) -> Contrast:
    """Means of parts, each given as (mean, variance of a row, rows); NaN if a variance is 0."""
    mean, variance, n = np.array(parts, dtype=np.float64).T
    k = len(parts)
    if not (np.isfinite(mean).all() and np.isfinite(variance).all()) or variance.min() <= 0:
        return Contrast(_NAN, k - 1, _NAN)
    w = n / variance
    between = float(np.sum(w * (mean - np.average(mean, weights=w)) ** 2))
    lack = float(np.sum((1 - w / w.sum()) ** 2 / (n - 1)))
    f = between / (k - 1) / (1 + 2 * (k - 2) / (k**2 - 1) * lack)
    return Contrast(between, k - 1, float(fdtrc(k - 1, (k**2 - 1) / (3 * lack), f)))


def larger_share(part: tuple[np.ndarray, np.ndarray], rest: tuple[np.ndarray, np.ndarray]) -> float:
    """In how many of the pairs a size of the part is larger than one of the rest; ties count half.

    It is what the rank-sum test tests against one half (Mann & Whitney 1947, Annals of Mathematical
    Statistics 18:50-60). Each is given as (values, weights).
    """
    (values, weights), (others, other_weights) = part, rest
    order = np.argsort(others)
    below = np.concatenate([[0.0], np.cumsum(other_weights[order])])
    ends = [np.searchsorted(others[order], values, side) for side in ("left", "right")]
    smaller = (below[ends[0]] + below[ends[1]]) / 2 / below[-1]
    return float(np.average(smaller, weights=weights))


def of_sizes(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> Contrast:
    """Sizes of parts, each given as (values, weights that sum to its number of rows), by ranks."""
    values = np.concatenate([v for v, _ in parts])
    weights = np.concatenate([w for _, w in parts])
    _, where = np.unique(values, return_inverse=True)
    tied = np.bincount(where, weights=weights)
    # Of tied rows each has their mean rank.
    ranks = (np.cumsum(tied) - tied + (tied + 1) / 2)[where]
    total = weights.sum()
    ties = 1 - np.sum(tied**3 - tied) / (total**3 - total)
    if ties <= 1e-12:
        return Contrast(0.0, len(parts) - 1, 1.0)
    ends = np.cumsum([len(v) for v, _ in parts])[:-1]
    between = sum(
        float(w.sum()) * (float(np.average(r, weights=w)) - (total + 1) / 2) ** 2
        for r, w in zip(np.split(ranks, ends), np.split(weights, ends), strict=True)
    )
    return _chi2(12 / (total * (total + 1)) * between / float(ties), len(parts))
