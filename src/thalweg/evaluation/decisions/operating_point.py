"""What a threshold does on some rows: counts, sensitivity, predictive values, costs, intervals.

*The expected cost* of a row is (C_missed FN + C_alarm FP) / n. Its interval is that of a sum of two
shares (MOVER): with the Wilson intervals [lᵢ, uᵢ] of the two shares qᵢ, each times its cost, and
their correlation r = -√(q₁ q₂ / ((1 - q₁) (1 - q₂))),

low = cost - √(a² + b² + 2 r a b), with a = C₁ (q₁ - l₁) and b = C₂ (q₂ - l₂)

and high in the same way. It has a width even if no row is wrong, and the bootstrap's has none.
Zou & Donner 2008, "Construction of confidence limits about effect measures: a general approach",
Statistics in Medicine 27:1693-1702.

Where rows of one group depend on each other, the numbers of rows are those of
`evaluation.dependent_rows`: for both shares of the cost, that of the cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thalweg.errors import SettingsError
from thalweg.evaluation.answers import Answers, How
from thalweg.evaluation.decisions.cost_thresholds import checked_costs
from thalweg.evaluation.decisions.cutoffs import with_groups
from thalweg.evaluation.decisions.decision_shapes import OperatingPointData
from thalweg.evaluation.dependent_rows import Codes, rows_of_mean
from thalweg.evaluation.judging.intervals import Estimate, proportion


@dataclass(frozen=True)
class OperatingPoint:
    """Two classes at one threshold.

    Parameters
    ----------
    threshold : float or None
        A row is predicted positive if its probability is strictly above it. None: the labels are
        those of a model that no threshold explains.
    how : str
        What kind of rows these are, as in `Answers`.
    n_samples : int
        Rows.
    true_positive, false_negative, false_positive, true_negative : float
        Rows; with fractional weights their sums, which add up to the number of rows.
    sensitivity, specificity, ppv, npv, accuracy : Estimate
        Shares with Wilson's interval; NaN if there is no row of the kind.
    missed, alarm : float or None
        The costs of a missed positive row and of a false alarm.
    cost : Estimate or None
        The expected cost of a row.
    """

    threshold: float | None
    how: How
    n_samples: int
    true_positive: float
    false_negative: float
    false_positive: float
    true_negative: float
    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate
    npv: Estimate
    accuracy: Estimate
    missed: float | None
    alarm: float | None
    cost: Estimate | None

    def as_dict(self) -> OperatingPointData:
        """The numbers as plain data for JSON."""
        return {
            "threshold": self.threshold,
            "how": self.how,
            "n_samples": self.n_samples,
            "true_positive": self.true_positive,
            "false_negative": self.false_negative,
            "false_positive": self.false_positive,
            "true_negative": self.true_negative,
            "sensitivity": self.sensitivity.as_dict(),
            "specificity": self.specificity.as_dict(),
            "ppv": self.ppv.as_dict(),
            "npv": self.npv.as_dict(),
            "accuracy": self.accuracy.as_dict(),
            "missed": self.missed,
            "alarm": self.alarm,
            "cost": None if self.cost is None else self.cost.as_dict(),
        }


def at_threshold(
    answers: Answers, threshold: float, *, missed: float | None = None, alarm: float | None = None
) -> OperatingPoint:
    """What a threshold does on these rows.

    Parameters
    ----------
    answers : Answers
        Of two classes. Take rows that did not choose the threshold.
    threshold : float
        From 0 to 1. A row is predicted positive if its probability is strictly above it.
    missed, alarm : float, optional
        The costs of a missed positive row and of a false alarm: both or none.

    Returns
    -------
    OperatingPoint
        The same for every order of the rows.

    Raises
    ------
    DataError
        As in `thalweg.evaluation.judging.two_class_metrics.judge`.
    SettingsError
        If the threshold is not from 0 to 1, or a cost is not above 0.
    """
    threshold = checked_threshold(threshold)
    if (missed is None) != (alarm is None):
        raise SettingsError("One of two costs is given", fix="give both: missed=9, alarm=1")
    truth, probability, weights, groups = with_groups(answers)
    called = probability > threshold
    kinds = (truth & called, truth & ~called, ~truth & called, ~truth & ~called)
    tp, fn, fp, tn = (_plain(float(weights[rows].sum())) for rows in kinds)
    cost = None
    if missed is not None and alarm is not None:
        missed, alarm = checked_costs(missed, alarm)
        costs = missed * kinds[1] + alarm * kinds[2]
        n = rows_of_mean(costs, weights, groups)
        shares = [share_of(rows, weights, n=n) for rows in kinds[1:3]]
        found = sum_of_shares(shares, (missed, alarm))
        cost = Estimate(found.value, max(found.low, 0.0), min(found.high, max(missed, alarm)))
    return OperatingPoint(
        threshold,
        answers.how,
        len(truth),
        tp,
        fn,
        fp,
        tn,
        sensitivity=share_among(truth, called, weights, groups),
        specificity=share_among(~truth, ~called, weights, groups),
        ppv=share_among(called, truth, weights, groups),
        npv=share_among(~called, ~truth, weights, groups),
        accuracy=share_of(truth == called, weights, groups),
        missed=missed,
        alarm=alarm,
        cost=cost,
    )


def checked_threshold(threshold: float) -> float:
    """The threshold as a float; raises a SettingsError if it is not from 0 to 1."""
    if not 0 <= threshold <= 1:
        raise SettingsError(
            f"The threshold is {threshold}, not a number from 0 to 1",
            why="Probabilities are compared with it",
            fix="give a number from 0 to 1, such as 0.1",
        )
    return float(threshold)


def share_among(
    rows: np.ndarray, these: np.ndarray, weights: np.ndarray, groups: Codes | None
) -> Estimate:
    """The share of these among some rows."""
    return share_of(these[rows], weights[rows], None if groups is None else groups[rows])


def share_of(
    these: np.ndarray, weights: np.ndarray, groups: Codes | None = None, n: float | None = None
) -> Estimate:
    """The share of these rows, with Wilson's interval by the effective number of rows, or by n."""
    total = float(weights.sum())
    n = rows_of_mean(these, weights, groups) if n is None else n
    right = float(weights[these].sum())
    if these.all():  # sums of weights are rounded
        right = total
    return proportion(right / total * n if total else 0.0, n)


def sum_of_shares(shares: Sequence[Estimate], factors: Sequence[float]) -> Estimate:
    """F₁ q₁ + F₂ q₂ with the interval of the first lines; a factor may be negative.

    The shares are of the same rows, none of which counts in both.
    """
    value = sum(factor * each.value for factor, each in zip(factors, shares, strict=True))
    odds = [each.value / max(1 - each.value, 1e-300) for each in shares]
    correlation = -np.sqrt(min(odds[0] * odds[1], 1.0))
    ends = []
    for sign in (-1, 1):
        # How far each term may move to this side.
        a, b = (
            factor * ((each.high if sign * factor > 0 else each.low) - each.value)
            for factor, each in zip(factors, shares, strict=True)
        )
        correlated = 2 * correlation * np.sign(factors[0] * factors[1]) * abs(a * b)
        ends.append(value + sign * np.sqrt(max(a * a + b * b + correlated, 0.0)))
    return Estimate(value, float(ends[0]), float(ends[1]))


def _plain(rows: float) -> float:
    """A whole number as an int: 45, not 45.0."""
    return int(rows) if rows == int(rows) else rows
