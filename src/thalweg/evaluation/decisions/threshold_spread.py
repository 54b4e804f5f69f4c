"""How far a threshold moves: what each fold chooses alone, and a bootstrap interval.

Each rule is a function of the rows in each cell of `Cutoffs`, for many lines at a time: all rows,
the rows of each fold, or resamples. So the threshold, its folds and its interval come from the same
code. For the interval, neighbouring probabilities are joined to 256 cells; a threshold is then
exact to the width of a cell.

*Tuned costs.* The cost of every cut-off is found by sums over the sorted rows. The cut-offs around
the best one whose cost is within one standard error of it are as good as these rows can tell. The
threshold is the middle one of this plateau, counted in cut-offs. With 100, 200, 500 and 2,000
calibrated rows (p ~ Beta(1, 9), costs 9 and 1, 1,000 draws) new rows then cost 5.7, 4.1, 2.4 and
0.9 % more than at the threshold of the formula. The single best cut-off costs 7.6, 5.5, 3.2 and
1.1 % more; the middle between the ends of the plateau 8.5, 5.6, 2.9 and 0.9 %. If the probabilities
are calibrated, the formula of `cost_thresholds` needs no rows and costs nothing more.

*Floors.* Of m rows, the k-th score of a resample is not above the j-th one of the sample with the
probability P(Binomial(m, j / m) ≥ k). So these percentiles are exact, without a resample. If rows
of one group depend on each other, groups are drawn for these, too.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.decisions.chosen_threshold import Rule, Spread, Threshold
from thalweg.evaluation.decisions.cost_thresholds import checked_costs
from thalweg.evaluation.decisions.cutoffs import (
    Cutoffs,
    above,
    cutoffs,
    resampled,
    resampled_groups,
    with_groups,
)
from thalweg.evaluation.decisions.f_thresholds import f_threshold
from thalweg.evaluation.dependent_rows import group_codes

Floats = NDArray[np.float64]
# Cells, rows of the positive and of the negative class in each, shape (n_lines, n_cells) → the
# threshold of each line, NaN where there is none.
Chooser: TypeAlias = Callable[[Cutoffs, Floats, Floats], Floats]

_LEVELS = (0.025, 0.975)
_PURPOSE = 1  # of the bootstrap: `cutoffs.resampled`


def tuned_by_costs(answers: Answers, missed: float, alarm: float, seed: int = 0) -> Threshold:
    """The threshold with the least cost on these rows: the middle of its plateau.

    Parameters
    ----------
    answers : Answers
        Of two classes.
    missed, alarm : float
        The costs of a missed positive row and of a false alarm.
    seed : int, default 0
        Of the bootstrap.

    Returns
    -------
    Threshold
        With its spread. Refused without rows of both classes. Never report its cost on these rows,
        which is too low: take `at_threshold` on others.
    """
    missed, alarm = checked_costs(missed, alarm)
    chosen = Threshold(
        None, "tuned costs", missed=missed, alarm=alarm, how=answers.how, n_samples=len(answers)
    )
    cut = cutoffs(answers)
    if not cut.positive.any() or not cut.negative.any():
        why = "All rows are of one class, so no threshold is best. Give rows of both classes."
        return replace(chosen, refused=why)
    [value] = plateau(cut, cut.positive[np.newaxis], cut.negative[np.newaxis], missed, alarm)
    return with_spread(answers, replace(chosen, value=float(value)), seed)


def with_spread(answers: Answers, chosen: Threshold, seed: int = 0) -> Threshold:
    """A threshold with its spread on the rows that chose it.

    Parameters
    ----------
    answers : Answers
        The rows that chose the threshold. For one by costs, which no row chose: what tuning on
        these rows would give.
    chosen : Threshold
        Unchanged if it is refused, or by a rule that has no spread (given, precision).
    seed : int, default 0
        Of the bootstrap.
    """
    choose = _chooser(chosen)
    if choose is None or chosen.refused is not None:
        return chosen
    folds: tuple[float, ...] = ()
    if answers.folds is not None:
        parts = (answers.rows(answers.folds == fold) for fold in np.unique(answers.folds))
        folds = tuple(_alone(choose, part) for part in parts)
    cut = cutoffs(answers)
    if chosen.floor is None or group_codes(answers.groups) is not None:
        low, high = _interval(choose, cut.joined(), answers, seed)
    else:
        low, high = _quantile_interval(cut, chosen)
    if chosen.value is not None and chosen.how is not None:
        low, high = min(low, chosen.value), max(high, chosen.value)
    return replace(chosen, spread=Spread(low, high, folds))


def plateau(
    cut: Cutoffs, positive: Floats, negative: Floats, missed: float, alarm: float
) -> Floats:
    """The middle cut-off of the plateau of each line; NaN if a line has rows of one class only."""
    cost, error, best = _costs(cut, positive, negative, missed, alarm)
    places = np.arange(cost.shape[1])
    # Sums of fractional weights are rounded, so equal costs may differ in the last digits.
    outside = cost > (cost[np.arange(len(cost)), best] + error)[:, np.newaxis] * (1 + 1e-12)
    before = np.where(outside & (places < best[:, np.newaxis]), places, -1).max(axis=1)
    after = np.where(outside & (places > best[:, np.newaxis]), places, len(places)).min(axis=1)
    halfway = (before + after) // 2
    middle = cut.middle(halfway, halfway)
    both = (positive.sum(axis=1) > 0) & (negative.sum(axis=1) > 0)
    return np.where(both, middle, np.nan)


def best_cutoff(
    cut: Cutoffs, positive: Floats, negative: Floats, missed: float, alarm: float
) -> tuple[Floats, Floats]:
    """The middle of the single cut-off with the least cost in each line, and that cost."""
    cost, _, best = _costs(cut, positive, negative, missed, alarm)
    return cut.middle(best, best), cost[np.arange(len(cost)), best]


def _costs(
    cut: Cutoffs, positive: Floats, negative: Floats, missed: float, alarm: float
) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """The cost of a row at each cut-off, the standard error at the best, and which that is."""
    larger = max(missed, alarm)
    missed, alarm = missed / larger, alarm / larger  # squares of 1e50 are large enough to worry
    found, alarms = above(positive), above(negative)
    n = found[:, :1] + alarms[:, :1]
    overlooked = found[:, :1] - found
    cost = np.where(cut.reachable, (missed * overlooked + alarm * alarms) / n, np.inf)
    best = np.argmin(cost, axis=1)
    lines = np.arange(len(cost))
    squares = (missed**2 * overlooked + alarm**2 * alarms)[lines, best] / n[:, 0]
    variance = np.maximum(squares - cost[lines, best] ** 2, 0.0)
    share = cut.effective_n / (cut.positive.sum() + cut.negative.sum())
    return cost * larger, np.sqrt(variance / (n[:, 0] * share)) * larger, best


def _chooser(chosen: Threshold) -> Chooser | None:
    """The rule of a threshold, for many lines at a time."""
    if chosen.missed is not None and chosen.alarm is not None:
        missed, alarm = chosen.missed, chosen.alarm
        return lambda cut, positive, negative: plateau(cut, positive, negative, missed, alarm)
    if chosen.beta is not None:
        beta = chosen.beta
        return lambda cut, positive, negative: f_threshold(cut, positive + negative, beta)
    if chosen.by not in ("sensitivity", "specificity") or not chosen.n_class:
        return None
    share = chosen.not_met / chosen.n_class
    return lambda cut, positive, negative: _by_floor(chosen.by, cut, positive, negative, share)


def _by_floor(by: Rule, cut: Cutoffs, positive: Floats, negative: Floats, share: float) -> Floats:
    """The threshold that no more than a share of the rows of a class do not meet."""
    if by == "sensitivity":
        return _lower_quantile(cut, positive, share)
    return _upper_quantile(cut, negative, share)


def _lower_quantile(cut: Cutoffs, rows: Floats, share: float) -> Floats:
    """Just below the highest score with no more than a share of a line's rows below it."""
    total = rows.sum(axis=1, keepdims=True)
    below = np.cumsum(rows, axis=1) - rows
    fits = (below <= share * total * (1 + 1e-12)) & (rows > 0)
    place = np.where(fits, np.arange(rows.shape[1]), 0).max(axis=1)
    threshold = np.nextafter(cut.least[place], 0.0)
    return np.where(total[:, 0] > 0, threshold, np.nan)


def _upper_quantile(cut: Cutoffs, rows: Floats, share: float) -> Floats:
    """The lowest score with no more than a share of a line's rows above it."""
    total = rows.sum(axis=1, keepdims=True)
    fits = (above(rows)[:, 1:] <= share * total * (1 + 1e-12)) & (rows > 0)
    place = np.where(fits, np.arange(rows.shape[1]), rows.shape[1] - 1).min(axis=1)
    return np.where(total[:, 0] > 0, cut.scores[place], np.nan)


def _alone(choose: Chooser, part: Answers) -> float:
    """What the rows of one fold choose."""
    cut = cutoffs(part)
    [value] = choose(cut, cut.positive[np.newaxis], cut.negative[np.newaxis])
    return float(value)


def _quantile_interval(cut: Cutoffs, chosen: Threshold) -> tuple[float, float]:
    """The bootstrap percentiles of a threshold by a floor, in closed form."""
    from scipy.special import betaincinv

    m, k = chosen.n_class, chosen.not_met + 1
    rows = cut.positive[np.newaxis], cut.negative[np.newaxis]
    ends = []
    for share in betaincinv(k, m - k + 1, _LEVELS):
        before = max(np.ceil(share * m) - 1, 0)  # how many rows lie before that score
        ends += _by_floor(chosen.by, cut, *rows, before / m).tolist()
    return min(ends), max(ends)


def _interval(choose: Chooser, cut: Cutoffs, answers: Answers, seed: int) -> tuple[float, float]:
    """The percentiles of the thresholds of all resamples."""
    truth, probability, weights, groups = with_groups(answers)
    if groups is None:
        cells = np.concatenate([cut.positive, cut.negative])
        drawn = resampled(cells, cut.effective_n, seed, _PURPOSE)
    else:
        n = len(cut.scores)
        cell = np.searchsorted(cut.scores, probability) + np.where(truth, 0, n)
        # A last row of weight 0, so that the last cell is there.
        padded = np.append(cell, 2 * n - 1), np.append(weights, 0.0), np.append(groups, 0)
        drawn = resampled_groups(*padded, seed, _PURPOSE)
    positive, negative = np.split(drawn, 2, axis=1)
    chosen = choose(cut, positive, negative)
    defined = chosen[~np.isnan(chosen)]
    if not len(defined):
        return float("nan"), float("nan")
    low, high = np.quantile(defined, _LEVELS, method="inverted_cdf")
    return float(low), float(high)
