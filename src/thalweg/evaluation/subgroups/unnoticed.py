"""What could have gone unnoticed: the difference that a test would have found with 80 % power.

A test that finds nothing says little if the group is small. So the difference is computed that the
test of this group, at the level that Holm's correction asks of the smallest p-value, would have
found in four of five such tables.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import bdtrik, gammaln, ndtr, ndtri, stdtrit

from thalweg.evaluation.judging.intervals import auc_variance
from thalweg.evaluation.subgroups.group_contrasts import common_auc, fisher

POWER = 0.8
# Up to so many rows, the power of Fisher's test is computed from all of its outcomes.
_EXACT_ROWS = 120
# The rest is taken at the middles of nine parts of equal probability.
_NINTHS = (np.arange(9) + 0.5) / 9


def lower_share(n: int, rest: float, n_rest: int, level: float) -> float | None:
    """The highest share, below that of the rest, that is found with 80 % power.

    Parameters
    ----------
    n, n_rest : int
        Rows of the group and of the rest.
    rest : float
        The share of the rest.
    level : float
        Of Fisher's two-sided test.

    Returns
    -------
    float or None
        None if not even a share of 0 would be found.
    """
    if n > _EXACT_ROWS:
        return _below(lambda share: _normal_power(share, n, rest, n_rest, level), rest)
    typical = bdtrik(_NINTHS, n_rest, rest) if 0 < rest < 1 else np.full(9, n_rest * rest)
    rests = np.unique(np.clip(np.rint(typical), 0, n_rest), return_counts=True)
    k = np.arange(n + 1)
    found = np.zeros(n + 1)
    for k_rest, count in zip(*rests, strict=True):
        lower = k / n < k_rest / n_rest
        found += count / 9 * (lower & (fisher(k, n, int(k_rest), n_rest) <= level))
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)

    def power(share: float) -> float:
        if share <= 0:
            return float(found[0])
        log_p = choose + k * math.log(share) + (n - k) * math.log1p(-min(share, 1 - 1e-15))
        return float(np.sum(found * np.exp(log_p)))

    return _below(power, rest)


def _normal_power(share: float, n: int, rest: float, n_rest: int, level: float) -> float:
    common = (share * n + rest * n_rest) / (n + n_rest)
    null = math.sqrt(common * (1 - common) * (1 / n + 1 / n_rest))
    spread = math.sqrt(share * (1 - share) / n + rest * (1 - rest) / n_rest)
    # Fisher's test is about the normal one with Yates's correction.
    gap = rest - share - (1 / n + 1 / n_rest) / 2 - float(ndtri(1 - level / 2)) * null
    return float(gap > 0) if spread == 0 else float(ndtr(gap / spread))


def _below(power: Callable[[float], float], rest: float) -> float | None:
    """The highest value from 0 to that of the rest with enough power, by bisection."""
    if power(0.0) < POWER:
        return None
    inside, outside = 0.0, rest
    for _ in range(40):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if power(middle) >= POWER else (inside, middle)
    return inside


def lower_auc(m: float, n: float, rest: tuple[float, float, float], level: float) -> float | None:
    """The highest AUC, below that of the rest, that is found with 80 % power; None if none is.

    Parameters
    ----------
    m, n : float
        Rows of the two classes in the group.
    rest : tuple of float
        The AUC of the rest, and its rows of the two classes.
    level : float
    """

    def power(auc: float) -> float:
        common = common_auc([(auc, m, n), rest])
        null = auc_variance(common, m, n) + auc_variance(common, *rest[1:])
        spread = auc_variance(auc, m, n) + auc_variance(*rest)
        gap = rest[0] - auc - float(ndtri(1 - level / 2)) * math.sqrt(null)
        return float(gap > 0) if spread <= 0 else float(ndtr(gap / math.sqrt(spread)))

    return _below(power, rest[0])


def shift(standard_error: float, level: float, df: float = math.inf) -> float:
    """The difference of means, in either direction, that is found with 80 % power."""
    if math.isinf(df):
        return float(ndtri(1 - level / 2) + ndtri(POWER)) * standard_error
    return float(stdtrit(df, 1 - level / 2) + stdtrit(df, POWER)) * standard_error


def larger_sizes(
    n: float, rest: np.ndarray, weights: Sequence[float] | np.ndarray, level: float
) -> float | None:
    """How many times the sizes of the rest are found with 80 % power, by the rank-sum test.

    The test finds P(a size of the group is above one of the rest) = 1/2 + (z + z) √((N + 1) /
    (12 n n_rest)); that of the sizes of the rest times a factor is counted.
    Noether 1987, "Sample size determination for some common nonparametric tests", JASA 82:645-647.

    Parameters
    ----------
    n : float
        Rows of the group.
    rest, weights : ndarray of float, shape (n_rest,)
        The sizes of the rest, and weights that sum to its number of rows.
    level : float

    Returns
    -------
    float or None
        None if no factor up to 1,000 would be found.
    """
    order = np.argsort(rest)
    sizes, shares = rest[order], np.asarray(weights)[order]
    total = float(shares.sum())
    z = float(ndtri(1 - level / 2) + ndtri(POWER))
    asked = 0.5 + z * math.sqrt((n + total + 1) / (12 * n * total))
    reached = np.concatenate([[0.0], np.cumsum(shares)]) / total

    def above(factor: float) -> float:
        left, right = (np.searchsorted(sizes, factor * sizes, side=s) for s in ("left", "right"))
        return float(np.sum(shares * (reached[left] + reached[right])) / 2 / total)

    low, high = 0.0, math.log(1000)
    if above(math.exp(high)) < asked:
        return None
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if above(math.exp(middle)) >= asked else (middle, high)
    return math.exp(high)
