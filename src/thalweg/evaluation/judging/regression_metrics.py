"""Metrics for regression: RMSE, MAE and R², with 95 % intervals.

=======  ==============================  =============================
metric   formula                         interval
=======  ==============================  =============================
rmse     √((1/n) Σ (y - ŷ)²)             the root of Hall's of the MSE
mae      (1/n) Σ |y - ŷ|                 Hall's
r2       1 - Σ (y - ŷ)² / Σ (y - ȳ)²     bootstrap
=======  ==============================  =============================

R² is undefined (NaN) if all y are equal; ȳ is the mean of the test rows, or of each resample.
"""

import math
from dataclasses import dataclass

import numpy as np

from thalweg.errors import DataError
from thalweg.evaluation.answers import effective_number
from thalweg.evaluation.comparing.paired_differences import (
    PairedDifference,
    bootstrapped_difference,
    sd_of_rows,
)
from thalweg.evaluation.dependent_rows import Codes, group_codes
from thalweg.evaluation.judging.closed_form_intervals import mean_loss
from thalweg.evaluation.judging.intervals import Estimate, bootstrapped, means, sorted_with
from thalweg.evaluation.judging.shapes import ResidualsData, ValuesData

# Cells per side in the picture of predicted against true values, and bars of the residuals.
CELLS = 24


@dataclass(frozen=True)
class ValuesJudgement:
    """The evaluation of one model on test rows.

    Parameters
    ----------
    n_samples : int
    metrics : dict of str to Estimate
        ``rmse mae r2``.
    n_effective : float, optional
        Kish's effective number of weighted rows.
    """

    n_samples: int
    metrics: dict[str, Estimate]
    n_effective: float | None = None

    def as_dict(self) -> ValuesData:
        """The evaluation as plain data for JSON."""
        metrics = {name: metric.as_dict() for name, metric in self.metrics.items()}
        plain: ValuesData = {"n_samples": self.n_samples, "metrics": metrics}
        if self.n_effective is not None:
            plain["n_effective"] = self.n_effective
        return plain


@dataclass(frozen=True, eq=False)
class Residuals:
    """Counts of rows by true and predicted value, for pictures; they contain no row of the table.

    Parameters
    ----------
    low, high : float
        Of all true and predicted values.
    counts : ndarray of int64, or of float64 with weights, shape (24, 24)
        Rows by true (first) and predicted value, in bins of equal width.
    reach : float
        The largest absolute residual.
    residuals : the same, shape (24,)
        Rows by true minus predicted, from -reach to reach.
    """

    low: float
    high: float
    counts: np.ndarray
    reach: float
    residuals: np.ndarray

    def as_dict(self) -> ResidualsData:
        """The counts as plain data for JSON."""
        return {
            "low": self.low,
            "high": self.high,
            "counts": self.counts.tolist(),
            "reach": self.reach,
            "residuals": self.residuals.tolist(),
        }


def judge_values(
    y: np.ndarray,
    predicted: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    seed: int = 0,
    groups: np.ndarray | None = None,
) -> ValuesJudgement:
    """Evaluate predicted numbers against the true ones.

    Parameters
    ----------
    y, predicted : ndarray of float, shape (n_samples,)
    weights : ndarray of float, shape (n_samples,), optional
        How many rows each row counts as, above 0.
    seed : int, default 0
        Of the bootstrap.
    groups : ndarray, shape (n_samples,), optional
        Rows of one group depend on each other; intervals then count groups
        (`evaluation.dependent_rows`).

    Returns
    -------
    ValuesJudgement
        The same for every order of the rows.

    Raises
    ------
    DataError
        If there is no row, lengths differ, or a number is missing or infinite.
    """
    y, predicted = checked_values(y, predicted)
    marks = group_codes(groups), weights
    order = np.lexsort((*(mark for mark in marks if mark is not None), predicted, y))
    y, predicted = y[order], predicted[order]
    codes, weights = (None if mark is None else mark[order] for mark in marks)
    unit = float(np.abs(y - predicted).max()) or 1.0  # squares must not overflow
    errors = (y - predicted) / unit
    mse, mae = (mean_loss(each, seed, weights, codes) for each in (errors**2, abs(errors)))
    rmse, mae = mse.at(lambda square: unit * np.sqrt(square)), mae.at(lambda size: unit * size)
    r2 = _r_squared(y, errors**2, unit, (weights, codes), seed)
    n_effective = None if weights is None else effective_number(weights)
    return ValuesJudgement(len(y), {"rmse": rmse, "mae": mae, "r2": r2}, n_effective)


def _r_squared(
    y: np.ndarray,
    squares: np.ndarray,
    unit: float,
    marks: tuple[np.ndarray | None, Codes | None],
    seed: int,
) -> Estimate:
    """R², from squared errors in a unit."""
    if not squares.any() and np.ptp(y) > 0:  # rows without an error say nothing of other rows
        return Estimate(1.0, -np.inf, 1.0)
    weights, groups = marks
    offset = y - np.average(y, weights=weights)
    spread = float(np.abs(offset).max()) or 1.0
    offset = offset / spread

    def measure(counts: np.ndarray) -> np.ndarray:
        variance = means(counts, offset**2) - means(counts, offset) ** 2
        share = (unit / spread) ** 2 * means(counts, squares)
        undefined = np.full(len(variance), np.nan)
        ratio = np.divide(share, variance, out=undefined, where=variance > 1e-14)
        return np.asarray(1 - ratio[np.newaxis])

    [found] = bootstrapped(len(y), seed, measure, weights, groups)
    return Estimate(found.value, found.low, min(found.high, 1.0))


def rmse_difference(
    y: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    seed: int = 0,
    weights: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> PairedDifference:
    """By how much the RMSE of model a exceeds that of model b on the same rows.

    Below 0, a is better. The bootstrap is paired: it draws rows, for both models together. A row
    with the errors e contributes e_a² / (2 RMSE_a) - e_b² / (2 RMSE_b) to it, to the first order:
    the standard deviation is that of these numbers.
    """
    y, a = checked_values(y, a)
    y, b = checked_values(y, b)
    marks = group_codes(groups), weights
    order = np.lexsort((*(mark for mark in marks if mark is not None), b, a, y))
    codes, weights = (None if mark is None else mark[order] for mark in marks)
    left = np.stack((y - a, y - b))[:, order]
    unit = float(np.abs(left).max()) or 1.0
    squares = (left / unit) ** 2

    def measure(counts: np.ndarray) -> np.ndarray:
        counts = counts if weights is None else counts * weights
        of_a, of_b = (np.sqrt(means(counts, each)) for each in squares)
        return np.asarray(unit * (of_a - of_b))

    sd = math.nan
    roots = np.sqrt(np.average(squares, axis=1, weights=weights))
    if roots.all():
        parts = squares / (2 * roots[:, np.newaxis])
        sd = unit * sd_of_rows(parts[0] - parts[1], weights, codes)
    return bootstrapped_difference(measure, len(y), seed, (weights, codes), sd)


def rmse(y: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None = None) -> float:
    """The RMSE alone, the same for every order of the rows."""
    y, predicted = checked_values(y, predicted)
    errors, weights, _ = sorted_with(np.abs(y - predicted), weights)
    unit = float(errors[-1]) or 1.0  # squares must not overflow
    return unit * math.sqrt(np.average((errors / unit) ** 2, weights=weights))


def residuals(y: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None = None) -> Residuals:
    """Count rows by true and predicted value, or sum their weights."""
    y, predicted = checked_values(y, predicted)
    low, high = float(min(y.min(), predicted.min())), float(max(y.max(), predicted.max()))
    left = y - predicted
    reach = float(np.abs(left).max())
    counts = np.zeros((CELLS, CELLS), dtype=np.int64 if weights is None else np.float64)
    each = 1 if weights is None else weights
    np.add.at(counts, (_bins(y, low, high), _bins(predicted, low, high)), each)
    bars = np.bincount(_bins(left, -reach, reach), weights, minlength=CELLS)
    return Residuals(low, high, counts, reach, bars)


def checked_values(y: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both as floats; raises a DataError if they cannot be compared."""
    y, predicted = np.asarray(y, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if y.ndim != 1 or predicted.shape != y.shape:
        raise DataError(
            "The true and the predicted values do not match",
            where=f"shapes {y.shape} and {predicted.shape}",
            fix="pass two one-dimensional arrays of the same length",
        )
    if len(y) == 0:
        raise DataError("There is no row to evaluate", fix="pass at least one row")
    for name, values in (("true", y), ("predicted", predicted)):
        odd = ~np.isfinite(values)
        if odd.any():
            row = int(np.argmax(odd))
            raise DataError(
                f"A {name} value is {values[row]}",
                where=f"row {row + 1}",
                why="No error is a number there, so no mean of errors is",
                fix="correct it, or leave the row out of the true and the predicted values",
            )
    return y, predicted


def _bins(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """The bin of each value; bins have equal width, and the last includes its upper end."""
    if not high > low:
        return np.zeros(len(values), np.intp)
    share = (values - low) / (high - low)
    bins: np.ndarray = np.clip((share * CELLS).astype(np.intp), 0, CELLS - 1)
    return bins
