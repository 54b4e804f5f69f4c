"""The line with the lowest cost on some rows, beside the line of the formula.

The rows chose the lowest line, so it looks cheaper here than it is on new rows. How it compares
with the line of the formula is a difference of two shares: only rows between the two lines count.
"""

from dataclasses import dataclass

import numpy as np

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.decisions.cutoffs import with_groups
from thalweg.evaluation.decisions.operating_point import (
    OperatingPoint,
    at_threshold,
    share_of,
    sum_of_shares,
)
from thalweg.evaluation.dependent_rows import rows_of_mean
from thalweg.evaluation.judging.intervals import Estimate

# The ends of the picture, in log-odds.
_END = 8.0


@dataclass(frozen=True)
class LowestCost:
    """The cheapest line on some rows.

    Attributes
    ----------
    start, end : float
        Every line from start on, and below end, calls the same rows: its cost is the lowest.
    line : float
        The middle of these, in log-odds.
    point : OperatingPoint
        What it does there.
    formula : OperatingPoint
        What the line of the formula does.
    difference : Estimate
        The cost at `line` minus the cost of the formula's line, with its 95 % interval as if other
        rows had chosen the line.
    one_more : float or None
        What a row costs at `line` if one found row more is missed; None if none is found.
    """

    start: float
    end: float
    line: float
    point: OperatingPoint
    formula: OperatingPoint
    difference: Estimate
    one_more: float | None

    @property
    def has_formula(self) -> bool:
        """Whether the line of the formula is one of these."""
        threshold = self.formula.threshold
        return threshold is not None and self.start <= threshold < self.end

    @property
    def is_shown(self) -> bool:
        """Whether the interval of the difference is below 0."""
        return not self.has_formula and self.difference.high < 0


def lowest_cost(answers: Answers, formula: float, *, missed: float, alarm: float) -> LowestCost:
    """The line with the lowest cost; of several the one nearest to that of the formula.

    Parameters
    ----------
    answers : Answers
        Of two classes.
    formula : float
        The line of the formula.
    missed, alarm : float
        What a missed row and a false alarm cost.
    """
    truth, probability, weights, groups = with_groups(answers)
    starts = np.concatenate(([0.0], np.unique(probability)))
    ends = np.append(starts[1:], 1.0)
    costs = missed * _below(probability, weights * truth, starts)
    costs += alarm * (float(weights[~truth].sum()) - _below(probability, weights * ~truth, starts))
    lines = (_log_odds(starts) + _log_odds(ends)) / 2
    lowest = np.flatnonzero(np.isclose(costs, costs.min(), rtol=1e-12, atol=0))
    inside = (starts[lowest] <= formula) & (formula < ends[lowest])
    far = np.where(inside, -1.0, np.abs(lines[lowest] - _log_odds(formula)))
    place = int(lowest[np.argmin(far)])
    start, end = float(starts[place]), float(ends[place])
    line = float(np.clip(1 / (1 + np.exp(-lines[place])), start, np.nextafter(end, 0)))
    point = at_threshold(answers, line, missed=missed, alarm=alarm)
    low, high = sorted((line, formula))
    between = (probability > low) & (probability <= high)
    sign = 1 if line > formula else -1
    more = sign * (missed * (between & truth) - alarm * (between & ~truth))
    n = rows_of_mean(more, weights, groups)
    shares = [share_of(rows, weights, n=n) for rows in (between & truth, between & ~truth)]
    assert point.cost is not None
    return LowestCost(
        start, end, line, point, at_threshold(answers, formula, missed=missed, alarm=alarm),
        sum_of_shares(shares, (sign * missed, -sign * alarm)),
        point.cost.value + missed / float(weights.sum()) if point.true_positive else None,
    )  # fmt: skip


def _below(probability: np.ndarray, weights: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The weight of the rows at or below each line."""
    order = np.argsort(probability, kind="stable")
    sums = np.concatenate(([0.0], np.cumsum(weights[order])))
    return np.asarray(sums[np.searchsorted(probability[order], starts, side="right")])


def _log_odds(p: np.ndarray | float) -> np.ndarray:
    """Log-odds within the ends of the picture."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.clip(np.log(p) - np.log1p(-np.asarray(p)), -_END, _END))
