"""95 % intervals of metrics: Wilson's, of shares and their mean, the bootstrap's, and Newcombe's.

*The bootstrap* (Efron & Tibshirani 1993, "An Introduction to the Bootstrap", section 13.3)
resamples the n rows 2,000 times, with replacement, and takes the 2.5th and the 97.5th percentile.
These are too narrow for few rows: a resample varies as if n were one larger, and they take no
account of the unknown spread. So the levels are those that give Student's interval for normally
distributed rows, Φ(∓√(n / (n - 1)) t), with the 97.5th percentile t of n - 1 degrees of freedom
(Hesterberg 2015, "What teachers should know about the bootstrap", The American Statistician
69:371-386, section 3.3): 1.6 and 98.4 % with 20 rows. Resamples in which a number is undefined
(NaN) are left out.

*Wilson's interval* is from Wilson 1927, "Probable inference, the law of succession, and
statistical inference", JASA 22:209-212.

*Weights.* A whole-number weight is so many rows (`thalweg.evaluation.answers.answers_of`). With
other weights, values are weighted means. Wilson's and Newcombe's intervals take Kish's effective
number (Σw)² / Σw² of the rows concerned for the number of rows. The bootstrap draws rows, each with
its weight.

*Groups.* Where rows of a group depend on each other, `evaluation.dependent_rows` says how many
independent rows they are worth, and the bootstrap draws groups.

*Wilson's interval of a mean of shares*: see `mean_of_proportions`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import ceil
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, stdtrit

from thalweg.counter_based_random import generator
from thalweg.evaluation.dependent_rows import Codes, independent_number, rows_of_mean
from thalweg.evaluation.judging.shapes import EstimateData

_RESAMPLES = 2000
# The 0.975 quantile of the standard normal distribution.
_Z = 1.959963984540054
# Multiplicities held at a time (1 MB): they stay in the cache.
_BLOCK = 2**17

_NAN = float("nan")


@dataclass(frozen=True)
class Estimate:
    """A number measured on a sample, and its 95 % interval.

    Parameters
    ----------
    value : float
        NaN if the metric is undefined; then the ends are NaN, too.
    low, high : float
    """

    value: float
    low: float
    high: float

    def at(self, change: Callable[[float], float]) -> "Estimate":
        """The estimate of an increasing function of the number."""
        return Estimate(*(float(change(each)) for each in (self.value, self.low, self.high)))

    def as_dict(self) -> EstimateData:
        """The three numbers for JSON: NaN is None, ∞ is the text ``"Infinity"``."""
        return {"value": _plain(self.value), "low": _plain(self.low), "high": _plain(self.high)}


def share_of(
    right: np.ndarray, weights: np.ndarray | None = None, groups: Codes | None = None
) -> Estimate:
    """The share of rows that are right, with Wilson's interval.

    Parameters
    ----------
    right : ndarray of bool, shape (n_rows,)
    weights : ndarray of float64, shape (n_rows,), optional
    groups : ndarray of int, shape (n_rows,), optional
        As in `evaluation.dependent_rows`, here and below.
    """
    if weights is None and groups is None:
        return proportion(int(right.sum()), len(right))
    n = rows_of_mean(right, weights, groups)
    if weights is None:
        return proportion(part_of(float(right.sum()), float(len(right)), n), n)
    return proportion(part_of(float(weights[right].sum()), float(weights.sum()), n), n)


def part_of(k: float, total: float, n: float) -> float:
    """k / total · n: exactly n if k is all there is."""
    return n if k >= total else k / total * n


def proportion(k: float, n: float) -> Estimate:
    """k of n with Wilson's interval: (k + z²/2 ± z √(k (n-k) / n + z²/4)) / (n + z²)."""
    if n == 0:
        return Estimate(_NAN, _NAN, _NAN)
    centre = k + _Z**2 / 2
    half = _Z * np.sqrt(k * (n - k) / n + _Z**2 / 4)
    # At the ends the formula gives 0 and 1, apart from rounding.
    low = 0.0 if k == 0 else float((centre - half) / (n + _Z**2))
    high = 1.0 if k == n else float((centre + half) / (n + _Z**2))
    return Estimate(k / n, low, high)


def mean_of_proportions(right: Sequence[float], of: Sequence[float]) -> Estimate:
    """The mean p̄ of the shares kⱼ of nⱼ of m groups of rows, with Wilson's interval of such a mean.

    As in Wilson's interval of one share, its ends are the true means θ̄ for which |p̄ - θ̄| = z √V,
    with the variance V = Σ θⱼ (1 - θⱼ) / nⱼ / m² of the true shares θⱼ. These are the likeliest
    ones with this mean. Of one group it is Wilson's interval, and of groups with equal shares and
    sizes that of all rows together. A group without rows is left out.
    Martín Andrés, Álvarez Hernández & Herranz Tejedor 2011, "Inferences about a linear combination
    of proportions", Statistical Methods in Medical Research 20:369-387.

    In simulations of 2, 3 and 6 groups of 5 to 100 rows, with true shares from 0.5 to 1, it held
    the true mean in 90 % or more of the samples; in 86 % of those with 15 rows and shares of 0.99,
    as Wilson's does. The bootstrap's held it in 13 % of the latter: it says [1, 1] if all rows are
    right. The interval from the squared distances of the shares from the ends of their own
    intervals (MOVER) held it in 83 % at the least, and is up to 1.7 times as wide near 1.
    """
    pairs = np.array([(k, n) for k, n in zip(right, of, strict=True) if n], dtype=np.float64)
    if not len(pairs):
        return Estimate(_NAN, _NAN, _NAN)
    k, n = pairs.T
    mean = float(np.mean(k / n))
    low, high = (_end_of_mean(k, n, mean, sign) for sign in (1, -1))
    return Estimate(mean, min(low, mean), max(high, mean))


def _end_of_mean(k: np.ndarray, n: np.ndarray, mean: float, sign: int) -> float:
    """The lower end (sign 1) or the upper one (-1) of `mean_of_proportions`, by bisection."""
    inside, outside, end = -40.0, 60.0, mean  # log₂ |λ|
    for _ in range(60):
        middle = (inside + outside) / 2
        shares = _likeliest_shares(k, n, sign * 2.0**middle)
        true = float(np.mean(shares))
        spread = np.sqrt(np.sum(shares * (1 - shares) / n)) / len(n)
        if abs(mean - true) <= _Z * spread + 1e-12:  # where shares are 0 or 1, both may be 0
            inside, end = middle, true
        else:
            outside = middle
    return end


def _likeliest_shares(k: np.ndarray, n: np.ndarray, penalty: float) -> np.ndarray:
    """The θ with the largest Σ [k ln θ + (n - k) ln(1 - θ) - λθ]: the likeliest of their mean.

    The Lagrange multiplier λ takes the mean from 1 (-∞) past that of k / n (0) to 0 (∞). The slope
    is 0 where λθ² - (n + λ) θ + k = 0; of the two forms of the root, each is exact on one side.
    """
    b = n + penalty
    root = np.sqrt(np.maximum(b * b - 4 * penalty * k, 0))
    larger = (b + np.where(b >= 0, root, -root)) / 2
    shares = np.where(b >= 0, k, larger) / np.where(b >= 0, larger, penalty)
    return np.clip(shares, 0.0, 1.0)


def bootstrapped(
    n: int,
    seed: int,
    measure: Callable[[np.ndarray], np.ndarray],
    weights: np.ndarray | None = None,
    groups: Codes | None = None,
) -> tuple[Estimate, ...]:
    """Numbers measured on a sample, with their intervals.

    Parameters
    ----------
    n : int
        Rows of the sample.
    seed : int
    measure : callable
        Maps multiplicities of shape (n_resamples, n) to numbers of shape (n_numbers, n_resamples).
        With weights, they are multiplied by these; with groups, they are floats.
    weights : ndarray of float64, shape (n,), optional
    groups : ndarray of int, shape (n,), optional

    Returns
    -------
    tuple of Estimate
        The rows of a single group say nothing about others: from -∞ to ∞.
    """
    drawn = chain([once(n)], multiplicities(n, seed, groups))
    measured = [measure(counts if weights is None else counts * weights) for counts in drawn]
    values, resampled = measured[0][:, 0], np.concatenate(measured[1:], axis=1)
    n_independent = independent_number(n, weights, groups)
    if groups is not None and n_independent <= 1:
        return tuple(Estimate(float(value), -np.inf, np.inf) for value in values)
    level = tail_level(n_independent)
    return tuple(estimate(value, row, level) for value, row in zip(values, resampled, strict=True))


def tail_level(n: float, tail: float = 0.025) -> float:
    """The share of resamples below the lower end, for n rows; ``tail`` is that of many rows."""
    return float(ndtr(-np.sqrt(n / (n - 1)) * stdtrit(n - 1, 1 - tail))) if n > 1 else tail


def newcombe(auc: float, m: float, n: float) -> tuple[float, float]:
    """The 95 % interval of an AUC between classes of m and n rows: a Wilson interval for an AUC.

    Its ends are the true values θ for which |auc - θ| = z √V(θ), with V(θ) of `auc_variance`.
    """
    ends = []
    for inside, outside in ((auc, 0.0), (auc, 1.0)):
        for _ in range(60):  # bisection
            middle = (inside + outside) / 2
            if abs(auc - middle) <= _Z * np.sqrt(auc_variance(middle, m, n)):
                inside = middle
            else:
                outside = middle
        ends.append(float(inside))
    return ends[0], ends[1]


def auc_variance(auc: float, m: float, n: float) -> float:
    """Newcombe's variance of an AUC θ between classes of m and n rows, which need not be whole.

    That of exponential scores, θ (1 - θ) / (m n) · (1 + N ((1 - θ) / (2 - θ) + θ / (1 + θ))), with
    N + 1 the mean of m and n.
    Newcombe 2006, "Confidence intervals for an effect size measure based on the Mann-Whitney
    statistic. Part 2", Statistics in Medicine 25:559-573, method 5.
    """
    extra = (m + n) / 2 - 1
    spread = 1 + extra * ((1 - auc) / (2 - auc) + auc / (1 + auc))
    return auc * (1 - auc) / (m * n) * spread


def sorted_with(
    values: np.ndarray, weights: np.ndarray | None, groups: Codes | None = None
) -> tuple[np.ndarray, np.ndarray | None, Codes | None]:
    """The values in ascending order, and their weights and groups in the same order."""
    marks = [mark for mark in (groups, weights) if mark is not None]
    if not marks:
        return np.sort(values), None, None
    order = np.lexsort((*marks, values))
    weights, groups = (None if mark is None else mark[order] for mark in (weights, groups))
    return values[order], weights, groups


def multiplicities(n: int, seed: int, groups: Codes | None = None) -> Iterator[np.ndarray]:
    """How often each of n rows is drawn in each resample, in blocks of int64 (some, n).

    With groups these are drawn, and the numbers are floats: resamples then differ in their rows.
    """
    n_drawn = n if groups is None else int(groups.max()) + 1
    random = generator(seed, "bootstrap")
    block = max(1, _BLOCK // n)
    for start in range(0, _RESAMPLES, block):
        some = min(block, _RESAMPLES - start)
        drawn = random.integers(n_drawn, size=(some, n_drawn))
        drawn += n_drawn * np.arange(some)[:, np.newaxis]
        counts = np.bincount(drawn.ravel(), minlength=some * n_drawn).reshape(some, n_drawn)
        yield counts if groups is None else counts.astype(np.float64)[:, groups]


def once(n: int) -> np.ndarray:
    """The multiplicities of the sample itself."""
    return np.ones((1, n), dtype=np.int64)


def means(counts: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The mean of each resample, Σ_i c_i v_i / Σ_i c_i; values may be infinite or NaN.

    Counts that are whole numbers sum to the number of columns: a resample has so many rows.
    """
    finite = np.isfinite(values)
    with np.errstate(invalid="ignore", under="ignore"):  # ∞ - ∞ is NaN
        # Not a matrix product: BLAS may sum in another order with another number of threads.
        sums = np.einsum("ij,j->i", counts, np.where(finite, values, 0.0))
        if not finite.all():
            # A row that was not drawn must not count as 0 · ∞.
            sums += np.where(counts[:, ~finite] > 0, values[~finite], 0.0).sum(axis=1)
        n_rows = counts.shape[1] if counts.dtype.kind == "i" else counts.sum(axis=1)
        found: np.ndarray = sums / n_rows
    return found


class Ranks(NamedTuple):
    """The order of some rows by score, for `concordance`.

    Parameters
    ----------
    rows : ndarray of int64, shape (n,)
        The positive ones first, then the negative ones by ascending score.
    below, up_to : ndarray of int64, shape (n_positive,)
        For each positive row, the number of negative rows with a lower score, and of those with a
        score that is not higher.
    """

    rows: np.ndarray
    below: np.ndarray
    up_to: np.ndarray


def ranked(truth: np.ndarray, score: np.ndarray, folds: np.ndarray | None) -> list[Ranks]:
    """The ranks within each fold, whose rows were scored by one model; None is a single fold."""
    order = np.lexsort((score, ~truth))
    parts = [order] if folds is None else [order[folds[order] == k] for k in np.unique(folds)]
    found = []
    for rows in parts:
        positive, negative = np.split(score[rows], [int(truth[rows].sum())])
        below, up_to = (np.searchsorted(negative, positive, side) for side in ("left", "right"))
        found.append(Ranks(rows, below, up_to))
    return found


def concordance(counts: np.ndarray, parts: Sequence[Ranks]) -> np.ndarray:
    """The AUC of each resample: the Mann-Whitney count of ordered pairs, ties as one half.

    Parameters
    ----------
    counts : ndarray of int64 or float64, shape (n_resamples, n_samples)
        Multiplicities of the rows, or these times their weights.
    parts : sequence of Ranks
        Only rows of the same part make pairs.

    Returns
    -------
    ndarray of float64, shape (n_resamples,)
        NaN if no part has rows of both classes.
    """
    right, pairs = np.zeros((2, len(counts)), dtype=counts.dtype)
    for rows, below, up_to in parts:
        positive, negative = np.split(counts.take(rows, axis=1), [len(below)], axis=1)
        cumulative = np.zeros((len(counts), negative.shape[1] + 1), dtype=counts.dtype)
        np.cumsum(negative, axis=1, out=cumulative[:, 1:])
        twice = cumulative.take(below, axis=1) + cumulative.take(up_to, axis=1)
        found = np.einsum("ij,ij->i", positive, twice)
        right += found
        if counts.dtype.kind == "i":
            pairs += 2 * positive.sum(axis=1) * cumulative[:, -1]
        else:  # by the wrong pairs: if there are none, the AUC is 1 without a rounding error
            pairs += found + np.einsum("ij,ij->i", positive, 2 * cumulative[:, -1:] - twice)
    auc: np.ndarray = np.divide(right, pairs, out=np.full(len(pairs), _NAN), where=pairs > 0)
    return auc


def estimate(value: float, resampled: np.ndarray, level: float = 0.025) -> Estimate:
    """A value with the percentiles of its resamples; resamples with NaN are left out.

    ``level`` is the share of resamples below the lower end, and above the upper one.

    The interval always contains the value. (Of a metric that is not a mean, percentiles need not.)
    """
    if np.isnan(value):
        return Estimate(_NAN, _NAN, _NAN)
    defined = resampled[~np.isnan(resampled)]
    if not len(defined):
        return Estimate(float(value), _NAN, _NAN)
    # Order statistics, NumPy's "inverted_cdf", which takes longer to choose its way than to go it.
    # Interpolation between a finite number and ∞ would give NaN.
    places = [max(0, ceil(len(defined) * share - 1)) for share in (level, 1 - level)]
    defined.partition(places)
    low, high = (float(defined[place]) for place in places)
    return Estimate(float(value), min(float(value), low), max(float(value), high))


def _plain(number: float) -> float | str | None:
    if np.isnan(number):
        return None
    if np.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number
