"""95 % intervals in closed form: Hall's of mean losses, and DeLong's of AUCs on the logit.

*Mean losses* are skewed: most rows lose little, and a few lose much. If the few are missing in a
sample, its mean is too low and so is its spread: the bootstrap's percentiles are then too narrow,
and lie too low. Hall's interval corrects this by the skewness of the sample. Its ends are

    mean - se · g(±t),  g(x) = 3 / G · (∛(1 + G (x - G / 6)) - 1),  G = skewness of the mean,

with the quantiles ±t of Student's distribution.
Hall 1992, "On the removal of skewness by transformation", Journal of the Royal Statistical Society
B 54:221-228.

*What no interval may say.* Losses that are all 0 or the highest one are shares: their mean has
Wilson's interval. One or two rows show no spread: the interval is from the least to the highest
possible mean. Rows of one and the same loss (none, say) show none either: by Wilson, up to
3.84 / (n + 3.84) of new rows may have the least or the highest loss that is possible for their
predictions. A mean loss of rows that are not all 0 is not 0: where Hall's lower end is, it is that
of the logarithm, mean · exp(-t · se / mean). These come first; the following holds for the rest.

*Losses of numbers* may have tails that the sample does not show. So one more row is added, with
1.25 times the largest loss, and t has 2 n / (κ - 1) degrees of freedom, with the kurtosis κ of
these losses: as many as the variance of n rows is worth (Satterthwaite 1946, "An approximate
distribution of estimates of variance components", Biometrics Bulletin 2:110-114). From 100 rows on
this held the RMSE in 93 to 97 % of the samples for errors of the normal, uniform, Laplace,
exponential and lognormal distribution and of Student's with 3 to 10 degrees of freedom. Without the
row and with n - 1 degrees of freedom it was 83 to 96 %. With 3 the fourth moment is infinite, and
none of nine other intervals held it in 90 %. The figures are in `docs/decisions.md`. The interval
is not symmetric: of normal errors, the lower end is above the true value in 5 % of the samples, and
the upper end below it in 0.5 %.

*Losses of probabilities.* Here the rest is known of the tail that the sample does not show: what a
row would have lost if it had been of another class. So variance and third moment are averaged with
those of a row whose class is drawn from its probabilities, as if these came from 10 rows: with m
informative rows their weights are m and 10. Because probabilities may be too sure, each row counts
as one of n with 1 / n of the chances taken from all classes alike. And the skewness G is at most
0.4: beyond, the upper end rises without a limit. A loss that is infinite counts as that of a
probability of 2⁻⁵².

Of losses with a highest one (the Brier score), no end is farther than Wilson's.

In simulations with 10, 20, 50, 100 and 300 rows of each class, AUCs of 0.7, 0.9 and 0.993, and
logits that are right, 1.6 times too small, 1.6 and 2.5 times too large, this interval held the true
log-loss or Brier score in 93 to 100 % of the samples: the figures are in `docs/decisions.md`.

*AUCs.* DeLong's variance of an AUC (DeLong, DeLong & Clarke-Pearson 1988, "Comparing the areas
under two or more correlated receiver operating characteristic curves", Biometrics 44:837-845) is
that of the placements: of each row of a class, the share of the other class that it is in order
with. The interval is symmetric on the logit, so its ends are between 0 and 1.

Near 1, where a few pairs of rows decide, DeLong's variance is often too small: with 20 and 200 rows
its interval held a true AUC of 0.99 in 90 % of the samples, and with 10 and 300 rows in 86 %. So it
is averaged with Newcombe's variance, which knows only the AUC and the numbers of rows, as if that
came from 10 rows: with m rows of the rarest class their weights are m and 10. The quantile is that
of Student's distribution with m - 1 degrees of freedom.

In simulations with AUCs from 0.61 to 0.99 this interval held the true one in 94 to 97 % of the
samples with 100 rows of each class or more (the farther ends of bootstrap and Newcombe: 94 to
100 %), and in 92 % or more with 6 to 50 rows of the rarest class.

*Several classes.* The mean of the AUCs of each class against all others: the terms of its error are
added row by row, which takes their correlation into account.

*Groups.* Terms are summed over groups of dependent rows first, and groups are counted. For AUCs:
Obuchowski 1997, "Nonparametric analysis of clustered ROC curve data", Biometrics 53:567-578.

*Weights.* Means and placements are weighted, rows count as Kish's effective number of them, and all
moments are of the weighted terms. The row more has the mean weight and 1.25 times the largest
product of weight and loss: the rate of a short time does not say what a whole row may lose.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit, stdtrit

from thalweg.evaluation.answers import effective_number
from thalweg.evaluation.dependent_rows import (
    Codes,
    design_effect,
    independent_number,
    rows_of_mean,
    sums_of_groups,
)
from thalweg.evaluation.judging.informative_rows import FEWEST_ROWS
from thalweg.evaluation.judging.intervals import (
    Estimate,
    Ranks,
    auc_variance,
    bootstrapped,
    concordance,
    means,
    once,
    proportion,
    share_of,
)

# One more loss of a number is so many times the largest one.
_LARGEST = 1.25
# Newcombe's variance counts as if it came from so many rows of the rarest class.
_ROWS_OF_NEWCOMBE = 10.0
# So do the moments of losses of classes that are drawn from the probabilities, of informative rows.
_ROWS_OF_CHANCES = 10.0
# The largest skewness of a mean of such losses, and the largest loss of a row.
_MOST_SKEWNESS = 0.4
MOST_LOSS = 52 * np.log(2)
_NAN = float("nan")
# Fewer rows show no spread.
_FEWEST = 3.0


class ClassLosses(NamedTuple):
    """What rows lose, and what they would lose if they were of another class.

    Parameters
    ----------
    own : ndarray of float64, shape (n_rows,)
        In an order that does not depend on that of the table.
    possible : ndarray of float64, shape (n_rows, n_classes)
        The loss of a row if it is of each class.
    chances : ndarray of float64, shape (n_rows, n_classes)
        The predicted probabilities.
    n_telling : float
        The (effective) number of informative rows.
    highest : float
        No loss is higher.
    """

    own: np.ndarray
    possible: np.ndarray
    chances: np.ndarray
    n_telling: float
    highest: float = np.inf


def mean_loss(
    losses: np.ndarray | ClassLosses,
    seed: int,
    weights: np.ndarray | None = None,
    groups: Codes | None = None,
) -> Estimate:
    """The mean of losses from 0 on, with its interval.

    Parameters
    ----------
    losses : ndarray of float64, shape (n_rows,), or ClassLosses
        In an order that does not depend on that of the table. They may have ∞; then the interval is
        the bootstrap's, as a skewness does not exist.
    seed : int
        Of the bootstrap.
    weights : ndarray of float64, shape (n_rows,), optional
    groups : ndarray of int, shape (n_rows,), optional
        As in `evaluation.dependent_rows`.
    """
    of_classes = losses if isinstance(losses, ClassLosses) else None
    own = losses.own if isinstance(losses, ClassLosses) else losses
    highest = np.inf if of_classes is None else of_classes.highest
    if not np.isfinite(own).all():
        return mean_of_any(own, seed, weights, groups)
    n = independent_number(len(own), weights, groups)
    counts = once(len(own)) if weights is None else weights[np.newaxis]
    value, unit = float(means(counts, own)[0]), float(np.abs(own).max()) or 1.0
    if np.isfinite(highest) and np.all((own == 0) | (own == highest)):
        return share_of(own == highest, weights, groups).at(lambda share: highest * share)
    if np.ptp(own) <= 1e-12 * unit:  # as much is rounding
        ends = np.array([[0.0, np.inf]]) if of_classes is None else of_classes.possible
        least, most = (
            float(means(counts, np.broadcast_to(end, own.shape))[0])
            for end in (ends.min(axis=1), ends.max(axis=1))
        )
        n = rows_of_mean(np.zeros(len(own)), weights, groups) if n >= _FEWEST else 0.0
        return _of_equal_losses(value, proportion(0, n).high if n else 1.0, least, most)
    if n < _FEWEST:
        return Estimate(value, 0.0, highest)
    shares = np.full(len(own), 1 / len(own)) if weights is None else weights / weights.sum()
    if of_classes is not None:
        low, high = _of_classes(of_classes, value, shares, (weights, groups), n)
    else:  # powers must not overflow
        found = _ends_with_a_row_more(own / unit, shares, groups, n, uneven=np.ptp(shares) > 0)
        low, high = (unit * end for end in found)
    if np.isfinite(highest):
        n = rows_of_mean(own, weights, groups)
        share = proportion(min(value / highest, 1.0) * n, n)
        low, high = max(low, highest * share.low), min(high, highest * share.high)
    return Estimate(value, min(low, value), max(high, value))


def mean_of_any(
    numbers: np.ndarray, seed: int, weights: np.ndarray | None = None, groups: Codes | None = None
) -> Estimate:
    """The mean of numbers that may be infinite or below 0, with the interval of the bootstrap."""
    [found] = bootstrapped(
        len(numbers), seed, lambda counts: means(counts, numbers)[np.newaxis], weights, groups
    )
    return found


def _of_equal_losses(value: float, other: float, least: float, most: float) -> Estimate:
    """The mean of rows that all lose the same, if a share of new rows loses the least or most."""
    # 0 · ∞ must not be NaN.
    low = value if least >= value else value - other * (value - least)
    high = value if most <= value else value + other * (most - value)
    return Estimate(value, low, high)


def _of_classes(
    losses: ClassLosses,
    value: float,
    shares: np.ndarray,
    marks: tuple[np.ndarray | None, Codes | None],
    n: float,
) -> tuple[float, float]:
    """The ends for losses of probabilities, as in the module's docstring."""
    weights, groups = marks
    terms = shares * (losses.own - value)
    parts = sums_of_groups(terms, groups)
    drawn = _drawn_moments(losses, shares, n)
    part = _ROWS_OF_CHANCES / (losses.n_telling + _ROWS_OF_CHANCES)
    n_rows = independent_number(len(losses.own), weights, None)
    effect = design_effect(terms, groups, n_rows, n)
    variance = (1 - part) * float(np.sum(parts**2)) + part * drawn[0] * effect
    third = (1 - part) * float(np.sum(parts**3)) + part * drawn[1] * effect**2
    low, high = _ends(value, variance, third, n, _MOST_SKEWNESS)
    return low if low > 0 else _of_logarithm(value, variance, n), high


def _drawn_moments(losses: ClassLosses, shares: np.ndarray, n: float) -> tuple[float, float]:
    """Variance and third moment of the mean loss of rows whose classes are drawn."""
    possible = np.minimum(losses.possible, MOST_LOSS)
    with np.errstate(under="ignore"):
        chances = (1 - 1 / n) * losses.chances + 1 / (n * losses.chances.shape[1])
        mean = float(np.sum(shares * np.sum(chances * possible, axis=1)))
        away = possible - mean
        square, cube = (np.sum(chances * away**power, axis=1) for power in (2, 3))
        return float(np.sum(shares**2 * square)), float(np.sum(shares**3 * cube))


def hall_ends(value: float, parts: np.ndarray, n: float) -> tuple[float, float]:
    """The ends of Hall's interval of a mean.

    Parameters
    ----------
    value : float
        Measured on the sample.
    parts : ndarray of float64, shape (n_rows,)
        The share of each row in its error: they sum to 0, and their squares to its variance.
    n : float
        The number of rows, or the effective one.
    """
    return _ends(value, float(np.sum(parts**2)), float(np.sum(parts**3)), n)


def _ends_with_a_row_more(
    losses: np.ndarray, shares: np.ndarray, groups: Codes | None, n: float, *,
    uneven: bool | np.bool_,
) -> tuple[float, float]:  # fmt: skip
    """Hall's ends for losses with unknown tails, as in the module's docstring.

    Of groups, these are the mean losses, and their shares. ``uneven``: whether weights differ.
    """
    if groups is not None:
        of_groups = sums_of_groups(shares, groups)
        losses = sums_of_groups(shares * losses, groups) / of_groups
        shares = of_groups
    value = float(np.sum(shares * losses))
    if np.ptp(losses) <= 1e-12 * losses.max():
        return value, value
    parts = shares * (losses - value)
    largest = n * float(np.max(shares * losses)) if uneven else losses.max()
    losses = np.append(losses, _LARGEST * largest)
    shares = np.append(shares * (n / (n + 1)), 1 / (n + 1))
    mean = float(np.sum(shares * losses))
    with np.errstate(under="ignore"):
        away = losses - mean
        variance, third = (float(np.sum((shares * away) ** power)) for power in (2, 3))
        if uneven:
            kurtosis = (n + 1) * np.sum((shares * away) ** 4) / variance**2
        else:
            kurtosis = np.sum(shares * away**4) / np.sum(shares * away**2) ** 2
    df = float(np.clip(2 * (n + 1) / (kurtosis - 1), 1.0, n)) if kurtosis > 1 else n
    low, high = _ends(mean, variance, third, n + 1, df=df)
    if min(low, hall_ends(value, parts, n)[0]) <= 0:  # a row that is not there refutes no low mean
        low = _of_logarithm(value, variance, n + 1, df)
    return low, high


def _ends(
    value: float,
    variance: float,
    third: float,
    n: float,
    most: float = np.inf,
    df: float | None = None,
) -> tuple[float, float]:
    """Hall's ends, by variance and third central moment of a mean, with a largest skewness."""
    if n <= 1 or variance == 0:
        return value, value
    skewness = min(third / variance**1.5, most)
    se, t = np.sqrt(variance * n / (n - 1)), float(stdtrit(n - 1 if df is None else df, 0.975))
    low, high = (value - se * _without_skewness(end, skewness) for end in (t, -t))
    return float(min(low, value)), float(max(high, value))


def _of_logarithm(value: float, variance: float, n: float, df: float | None = None) -> float:
    """The lower end by the logarithm of a mean above 0: mean · exp(-t · se / mean)."""
    if value <= 0:  # also where a mean of tiny losses is rounded to 0
        return 0.0
    t = float(stdtrit(n - 1 if df is None else df, 0.975))
    error = float(np.sqrt(variance * n / (n - 1))) * t
    with np.errstate(under="ignore"):
        return float(value * np.exp(-error / value))


def _without_skewness(x: float, skewness: float) -> float:
    """g(x) of the module's docstring."""
    if abs(skewness) < 1e-6:
        return x
    return float(3 / skewness * (np.cbrt(1 + skewness * (x - skewness / 6)) - 1))


class _Auc(NamedTuple):
    """An AUC, the term of each row in its error, and the (effective) rows of both classes.

    ``of_classes``: the independent rows, or groups with a row, of both classes.
    """

    value: float
    terms: np.ndarray
    m: float
    n: float
    of_classes: tuple[float, ...]


def auc_estimate(
    classes: Sequence[Sequence[Ranks]],
    n_rows: int,
    weights: np.ndarray | None = None,
    groups: Codes | None = None,
) -> Estimate:
    """The AUC of two classes, or the mean of several AUCs, with its interval.

    If all scores are the same, the AUC is 0.5 for sure. Otherwise, if a class has fewer than 6
    rows, or rows in fewer than 6 groups (Kish's numbers), the interval is [0, 1]. If all rows are
    in order (an AUC of 1 or 0), an AUC is still the mean, over the rows of a class, of a number
    from 0 to 1: its interval is Wilson's for a proportion, with the rows (or groups) of the rarest
    class, the widest for such a mean.

    Parameters
    ----------
    classes : sequence of sequence of Ranks
        For each AUC the ranks of the rows in each fold: `thalweg.evaluation.judging.intervals.
        ranked`. An AUC of a class without rows, or without other rows, is left out.
    n_rows : int
    weights : ndarray of float64, shape (n_rows,), optional
    groups : ndarray of int, shape (n_rows,), optional
        As in `evaluation.dependent_rows`.

    Returns
    -------
    Estimate
        NaN if no AUC is defined.
    """
    counts = once(n_rows)[0] if weights is None else weights
    measured = [_measured(parts, counts, groups) for parts in classes]
    found = [each for each in measured if not np.isnan(each.value)]
    if not found:
        return Estimate(_NAN, _NAN, _NAN)
    value = float(np.mean([each.value for each in found]))
    rarest = min(min(each.of_classes) for each in found)
    if value == 0.5 and not any(each.terms.any() for each in found):
        return Estimate(value, value, value)  # all scores are the same, however few the rows
    if rarest < FEWEST_ROWS:
        return Estimate(value, 0.0, 1.0)
    if value in (0.0, 1.0):
        return proportion(value * rarest, rarest)
    terms = np.mean([each.terms for each in found], axis=0)
    delong = float(np.sum(sums_of_groups(terms, groups) ** 2))
    if delong == 0:
        return Estimate(value, value, value)
    newcombe = float(np.mean([auc_variance(each.value, each.m, each.n) for each in found]))
    newcombe /= len(found)
    if groups is not None:  # the variance of Newcombe's is that of independent rows
        n, n_groups = (independent_number(n_rows, weights, each) for each in (None, groups))
        newcombe *= design_effect(terms, groups, n, n_groups)
    variance = (rarest * delong + _ROWS_OF_NEWCOMBE * newcombe) / (rarest + _ROWS_OF_NEWCOMBE)
    half = float(stdtrit(rarest - 1, 0.975)) * np.sqrt(variance) / (value * (1 - value))
    low, high = (float(expit(logit(value) + side * half)) for side in (-1, 1))
    return Estimate(value, min(low, value), max(high, value))


def _measured(parts: Sequence[Ranks], counts: np.ndarray, groups: Codes | None) -> _Auc:
    """One AUC. Its error is about the sum of the terms, whose squares sum to DeLong's variance."""
    value = float(concordance(counts[np.newaxis], parts)[0])
    places = np.concatenate([each.rows[: len(each.below)] for each in parts])
    is_positive = np.zeros(len(counts), dtype=np.bool_)
    is_positive[places] = True
    rows = [counts[of].astype(np.float64) for of in (is_positive, ~is_positive)]
    m, n = of_classes = tuple(effective_number(each) for each in rows)
    if groups is not None:
        of_classes = tuple(
            independent_number(len(each), each, groups[of]) if len(each) else 0.0
            for each, of in zip(rows, (is_positive, ~is_positive), strict=True)
        )
    terms, pairs = np.zeros(len(counts)), 0.0
    for places, below, up_to in parts:
        positive, negative = np.split(places, [len(below)])
        of_positive, of_negative = counts[positive], counts[negative]
        under = np.concatenate([[0], np.cumsum(of_negative)])
        terms[positive] = of_positive * ((under[below] + under[up_to]) / 2 - value * under[-1])
        # A positive row is above the first `below` negative ones, and tied up to `up_to`.
        above = np.zeros(len(negative) + 1)
        for ends in (below, up_to):
            np.add.at(above, ends, of_positive / 2)
        over = above[::-1].cumsum()[::-1][1:]
        terms[negative] = of_negative * (over - value * of_positive.sum())
        pairs += float(of_positive.sum() * under[-1])
    if not pairs:
        return _Auc(_NAN, terms, m, n, of_classes)
    corrections = [np.sqrt(each / (each - 1)) if each > 1 else 1.0 for each in of_classes]
    return _Auc(value, terms / pairs * np.where(is_positive, *corrections), m, n, of_classes)
