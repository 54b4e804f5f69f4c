"""How good predictions of several quantiles are: pinball loss, and coverage by level.

=======  ==========================================  ===============================
number   formula                                     interval
=======  ==========================================  ===============================
pinball  (1/(n L)) Σ max(τ (y - q), (τ - 1) (y - q))  Hall's
below    share of rows with y < q, equal ones half   exact (Clopper & Pearson)
between  share of rows with q_τ ≤ y ≤ q_(1-τ)        Wilson's
=======  ==========================================  ===============================

The pinball loss is the mean over rows and L levels, so that models with the same levels compare. A
right quantile of level τ has a share τ of the rows below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from thalweg.data.encoding.quantiles import quantiles
from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers, effective_number
from thalweg.evaluation.calibration.regression_calibration import quantile_calibration
from thalweg.evaluation.dependent_rows import group_codes
from thalweg.evaluation.judging.closed_form_intervals import mean_loss
from thalweg.evaluation.judging.intervals import Estimate, share_of, sorted_with
from thalweg.evaluation.judging.regression_loss import Measure
from thalweg.evaluation.judging.shapes import FanData, QuantilesData
from thalweg.evaluation.quantiles.levels_of_loss import central_pairs

# A picture has at most so many groups of rows, each of at least so many.
MOST_GROUPS, FEWEST_IN_GROUP = 24, 10


@dataclass(frozen=True)
class QuantilesJudgement:
    """The evaluation of one model of several quantiles on test rows.

    Parameters
    ----------
    n_samples : int
    metrics : dict of str to Estimate
        ``pinball``: the mean over all levels.
    levels : tuple of float
    pinball, below : tuple of Estimate
        Of each level: its pinball loss, and the share of rows below its predictions.
    between : tuple of Estimate
        The share of rows between two predictions, for each of `central_pairs`.
    n_effective : float, optional
        Kish's effective number of weighted rows.
    """

    n_samples: int
    metrics: dict[str, Estimate]
    levels: tuple[float, ...]
    pinball: tuple[Estimate, ...]
    below: tuple[Estimate, ...]
    between: tuple[Estimate, ...]
    n_effective: float | None = None

    def as_dict(self) -> QuantilesData:
        """The evaluation as plain data for JSON."""
        plain: QuantilesData = {
            "n_samples": self.n_samples,
            "metrics": {name: metric.as_dict() for name, metric in self.metrics.items()},
            "levels": [*self.levels],
            "pinball": [each.as_dict() for each in self.pinball],
            "below": [each.as_dict() for each in self.below],
            "between": [each.as_dict() for each in self.between],
        }
        if self.n_effective is not None:
            plain["n_effective"] = self.n_effective
        return plain


@dataclass(frozen=True, eq=False)
class Fan:
    """Predicted quantiles of groups of rows, for a picture; it contains no row of the table.

    Rows are ordered by the predicted quantile of the middle level and divided into groups of
    nearly equal size, of at least 10 rows; rows of one prediction are in one group, since only
    their true values could divide them.

    Parameters
    ----------
    rows : ndarray of float64, shape (n_groups,)
        Rows of each group, or the sum of their weights.
    predicted : ndarray of float64, shape (n_levels, n_groups)
        The median of the predictions of each level.
    truth : ndarray of float64, shape (n_groups,)
        The quantile of the true values of the middle level: of 0.5 their median.
    """

    rows: np.ndarray
    predicted: np.ndarray
    truth: np.ndarray

    def as_dict(self) -> FanData:
        """The same as plain data for JSON."""
        rows = [int(n) if float(n).is_integer() else float(n) for n in self.rows]
        return {
            "rows": rows, "predicted": self.predicted.tolist(), "truth": self.truth.tolist()
        }  # fmt: skip


def losses_of_rows(answers: Answers, levels: Sequence[float]) -> np.ndarray:
    """The pinball loss of each row, the mean over the levels; shape (n_samples,)."""
    y, predicted = checked_quantiles(answers, levels)
    each = [Measure("pinball", tau).losses(y, q) for tau, q in zip(levels, predicted, strict=True)]
    return np.asarray(np.mean(each, axis=0))


def checked_quantiles(answers: Answers, levels: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """The truth and the predictions, shape (n_levels, n_samples); a DataError if they are unfit."""
    y, predicted = answers.truth, np.asarray(answers.answer, np.float64)
    if predicted.shape != (len(y), len(levels)):
        raise DataError(
            f"Predictions of shape {predicted.shape} are not of {len(levels)} levels",
            fix=f"give an array of shape ({len(y)}, {len(levels)}), a column for each level",
        )
    if len(y) == 0:
        raise DataError("There is no row to evaluate", fix="give at least one row")
    odd = ~(np.isfinite(y) & np.isfinite(predicted).all(axis=1))
    if odd.any():
        raise DataError(
            "A true or predicted value is missing or infinite",
            where=f"row {int(np.argmax(odd)) + 1}",
            fix="correct it, or leave the row out",
        )
    return y, predicted.T


def judge_quantiles(answers: Answers, levels: Sequence[float], seed: int) -> QuantilesJudgement:
    """Evaluate predicted quantiles against true numbers; the same for every order of the rows.

    Parameters
    ----------
    answers : Answers
        With predictions of shape (n_samples, n_levels).
    levels : sequence of float
    seed : int
        Of the bootstrap.

    Raises
    ------
    DataError
        If there is no row, shapes differ, or a number is missing or infinite.
    """
    y, predicted = checked_quantiles(answers, levels)
    weights, codes = answers.in_rows(), group_codes(answers.groups)
    losses, own, groups = sorted_with(losses_of_rows(answers, levels), weights, codes)
    inside = [(predicted[low] <= y) & (y <= predicted[high]) for low, high in central_pairs(levels)]
    return QuantilesJudgement(
        len(y),
        {"pinball": mean_loss(losses, seed, own, groups)},
        tuple(levels),
        tuple(
            Measure("pinball", tau).value(y, q, seed, weights, answers.groups)
            for tau, q in zip(levels, predicted, strict=True)
        ),
        tuple(
            quantile_calibration(replace(answers, answer=q), tau).below
            for tau, q in zip(levels, predicted, strict=True)
        ),
        tuple(share_of(each, weights, codes) for each in inside),
        None if weights is None else effective_number(weights),
    )


def fan_of(answers: Answers, levels: Sequence[float]) -> Fan:
    """Medians of groups of rows, in the order of the predicted middle level.

    Medians of predictions and not means: in a group of unlike rows, the mean of predicted medians
    is not the median of the rows, also if each prediction is right.
    """
    y, predicted = checked_quantiles(answers, levels)
    counts = answers.in_rows()
    counts = np.ones(len(y)) if counts is None else np.asarray(counts, np.float64)
    counted = counts > 0
    y, counts, predicted = y[counted], counts[counted], predicted[:, counted]
    middle = len(levels) // 2
    parts = _groups(np.lexsort((counts, y, *predicted, predicted[middle])), predicted)
    return Fan(
        np.array([counts[rows].sum() for rows in parts]),
        np.array([[_quantile(q, counts, rows, 0.5) for rows in parts] for q in predicted]),
        np.array([_quantile(y, counts, rows, levels[middle]) for rows in parts]),
    )


def _groups(order: np.ndarray, predicted: np.ndarray) -> list[np.ndarray]:
    """Rows in groups of nearly equal size; those of one prediction stay together."""
    n = len(order)
    differs = np.any([np.diff(q[order]) != 0 for q in predicted], axis=0)
    ends = np.append(np.flatnonzero(differs) + 1, n)
    n_groups = max(1, min(MOST_GROUPS, n // FEWEST_IN_GROUP))
    starts = [0]
    for k in range(1, n_groups):
        end = int(ends[np.searchsorted(ends, -(-k * n // n_groups))])
        if end - starts[-1] >= FEWEST_IN_GROUP <= n - end:
            starts.append(end)
    return np.split(order, starts[1:])


def _quantile(values: np.ndarray, counts: np.ndarray, rows: np.ndarray, level: float) -> float:
    return float(quantiles(values[rows], counts[rows], np.array([level]))[0])
