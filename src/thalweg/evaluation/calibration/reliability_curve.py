"""The CORP curve: observed shares by pool-adjacent-violators, their band, and MCB, DSC and UNC.

The curve c(p) is the non-decreasing function of the prediction that is closest to the truth; rows
with equal predictions are pooled first. A mean score S (Brier or log-loss) then is

    S(p) = MCB - DSC + UNC,   MCB = S(p) - S(c),   DSC = S(ȳ) - S(c),   UNC = S(ȳ)

with the base rate ȳ: miscalibration, discrimination and uncertainty, none below 0.
Dimitriadis, Gneiting & Jordan 2021, "Stable reliability diagrams for probabilistic classifiers",
PNAS 118:e2016191118.

MCB is above 0 even if the predictions are calibrated, because the curve follows the rows. So the
truth is drawn again from the predictions many times: the band holds 95 % of these curves at each
prediction, and their MCB says what calibrated predictions would show. These truths are independent.
If rows of one group depend on each other, calibrated predictions may show more, so the MCB then has
no p-value, and `two_class_calibration` says so.
"""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from thalweg.counter_based_random import generator
from thalweg.evaluation.calibration.calibration_shapes import (
    CurveData,
    DecompositionData,
    plain_number,
    rounded,
)
from thalweg.evaluation.calibration.probability_rows import ProbabilityRows

# Draws of the truth, and the number of rows from which fewer are enough: their cost is per row.
_DRAWS, _MANY_ROWS, _FEWER_DRAWS = 1000, 1000, 200
# Random numbers held at a time.
_BLOCK = 2**19
# The band is given at so many predictions at most.
_MOST_POINTS = 101
# Counters of draws of the purpose "bootstrap"; resampling has 0.
_BAND = 1


def n_draws(n_rows: int) -> int:
    """How often rows are drawn again: fewer times if there are many."""
    return _DRAWS if n_rows <= _MANY_ROWS else _FEWER_DRAWS


@dataclass(frozen=True, eq=False)
class ReliabilityCurve:
    """The curve, step by step, and the band.

    Parameters
    ----------
    low, high : ndarray, shape (n_steps,)
        The lowest and the highest prediction of each step.
    observed : ndarray, shape (n_steps,)
        The share of positive rows in each step.
    n_rows : ndarray, shape (n_steps,)
        Its (effective) number of rows.
    band_at, band_low, band_high : ndarray, shape (n_points,)
        What 95 % of the curves of calibrated predictions show at some of the predictions.
    """

    low: np.ndarray
    high: np.ndarray
    observed: np.ndarray
    n_rows: np.ndarray
    band_at: np.ndarray
    band_low: np.ndarray
    band_high: np.ndarray

    def as_dict(self) -> CurveData:
        """Plain data for JSON, with probabilities of three decimals."""
        return {
            "low": rounded(self.low),
            "high": rounded(self.high),
            "observed": rounded(self.observed),
            "n_rows": self.n_rows.tolist(),
            "band_at": rounded(self.band_at),
            "band_low": rounded(self.band_low),
            "band_high": rounded(self.band_high),
        }


@dataclass(frozen=True)
class Decomposition:
    """A mean score, S = MCB - DSC + UNC.

    Parameters
    ----------
    score, mcb, dsc, unc : float
        Infinite (score and mcb of the log-loss) if a prediction is certain and wrong.
    mcb_if_calibrated, mcb_if_calibrated_at_most : float
        The mean MCB of calibrated predictions, and what 95 % of them do not exceed.
    p_value : float
        The share of draws with an MCB as large as this one, which is counted among them; NaN if
        rows depend on each other.
    """

    score: float
    mcb: float
    dsc: float
    unc: float
    mcb_if_calibrated: float
    mcb_if_calibrated_at_most: float
    p_value: float

    def as_dict(self) -> DecompositionData:
        """Plain data for JSON."""
        return {
            "score": plain_number(self.score),
            "mcb": plain_number(self.mcb),
            "dsc": plain_number(self.dsc),
            "unc": plain_number(self.unc),
            "mcb_if_calibrated": plain_number(self.mcb_if_calibrated),
            "mcb_if_calibrated_at_most": plain_number(self.mcb_if_calibrated_at_most),
            "p_value": plain_number(self.p_value),
        }


@dataclass(frozen=True, eq=False)
class _Levels:
    """The rows by different predictions; ``starts``: the first row of each."""

    p: np.ndarray
    starts: np.ndarray
    weights: np.ndarray


def _levels(rows: ProbabilityRows) -> _Levels:
    p, starts = np.unique(rows.p, return_index=True)
    return _Levels(p, starts, np.add.reduceat(rows.weights, starts))


class CurveSteps(NamedTuple):
    """The steps of one or more curves, one curve after the other.

    Parameters
    ----------
    starts : ndarray of int, shape (n_steps,)
        Where each step begins, in places of all curves together.
    of_curve : ndarray of int, shape (n_curves,)
        The first step of each curve.
    shares, sizes : ndarray, shape (n_steps,)
        The height of each step, and the weight on it.
    """

    starts: np.ndarray
    of_curve: np.ndarray
    shares: np.ndarray
    sizes: np.ndarray


def pooled(positive: np.ndarray, weights: np.ndarray) -> CurveSteps:
    """The steps of the non-decreasing curves that are closest to the shares of positive rows.

    Parameters
    ----------
    positive : ndarray, shape (n_curves, n_levels)
        The weight of the positive rows at each prediction.
    weights : ndarray, shape (n_levels,)
        The weight of all rows at each prediction.
    """
    from scipy.optimize import isotonic_regression

    n_curves, n_levels = positive.shape
    # All curves at once, each above the one before, so that no step belongs to two.
    above = 2.0 * np.arange(n_curves)[:, np.newaxis]
    repeated = np.broadcast_to(weights, positive.shape).ravel()
    found = isotonic_regression((positive / weights + above).ravel(), weights=repeated)
    starts = found.blocks[:-1]
    sizes = np.add.reduceat(repeated, starts)
    # Rounding of the sums must not take a share of ones above 1.
    shares = np.minimum(np.add.reduceat(positive.ravel(), starts) / sizes, 1.0)
    return CurveSteps(
        starts, np.searchsorted(starts, n_levels * np.arange(n_curves)), shares, sizes
    )


def reliability(
    rows: ProbabilityRows, seed: int
) -> tuple[ReliabilityCurve, Decomposition, Decomposition]:
    """The curve, and the decompositions of the Brier score and of the log-loss.

    Parameters
    ----------
    rows : ProbabilityRows
        At least one.
    seed : int
        Of the draws.
    """
    levels = _levels(rows)
    scores = _Scores(rows)
    positive = np.add.reduceat(rows.weights * rows.y, levels.starts)[np.newaxis]
    steps = pooled(positive, levels.weights)
    at = _some(len(levels.p))
    drawn, curves = _drawn(rows, levels, scores, at, seed)
    band = np.quantile(curves, (0.025, 0.975), axis=0, method="inverted_cdf")
    last = np.append(steps.starts[1:], len(levels.p)) - 1
    found = ReliabilityCurve(
        levels.p[steps.starts], levels.p[last], steps.shares, steps.sizes, levels.p[at], *band
    )
    whole = np.array([np.sum(steps.shares * steps.sizes) / rows.n])
    sums = np.concatenate(
        [
            scores.of_predictions(rows.y)[:, np.newaxis],
            _of_steps(steps.shares, steps.sizes).sum(axis=1, keepdims=True),
            _of_steps(whole, np.array([rows.n])),
            drawn,
        ],
        axis=1,
    )
    brier, log_loss = (_decomposed(each) for each in sums / rows.n)
    if rows.groups is not None:
        brier, log_loss = (replace(each, p_value=math.nan) for each in (brier, log_loss))
    return found, brier, log_loss


def _decomposed(means: np.ndarray) -> Decomposition:
    """From the mean scores of predictions, curve and base rate, and the MCB of the draws."""
    score, of_curve, base = (max(0.0, float(each)) for each in means[:3])
    drawn = means[3:]
    mcb = max(0.0, score - of_curve)  # rounding may take it below 0
    # Draws that differ in rounding only are as large.
    as_large = int(np.sum(drawn >= mcb - 1e-12 * max(1.0, score if np.isfinite(score) else 1.0)))
    return Decomposition(
        score,
        mcb,
        max(0.0, base - of_curve),
        base,
        float(np.mean(drawn)),
        float(np.quantile(drawn, 0.95, method="inverted_cdf")),
        (1 + as_large) / (1 + len(drawn)),
    )


def _some(n: int) -> np.ndarray:
    """The places of at most 101 of n different predictions, in equal steps, with both ends."""
    return np.unique(np.linspace(0, n - 1, min(n, _MOST_POINTS)).round().astype(np.intp))


class _Scores:
    """Sums of the Brier score and of the log-loss of fixed predictions, for any truth.

    Both are linear in the truth: Σ w (y - p)² = Σ w y (1 - 2p) + Σ w p², and
    -Σ w [y log p + (1 - y) log(1 - p)] = -Σ w y z - Σ w log(1 - p), with the logit z.
    Rows that are certain are counted by themselves: the sum would be ∞ - ∞.
    """

    def __init__(self, rows: ProbabilityRows) -> None:
        w, p, finite = rows.weights, rows.p, rows.finite
        self._certain = np.where(finite, 0.0, w), p
        self._brier = w * (1 - 2 * p), float(np.sum(w * p * p))
        with np.errstate(under="ignore"):
            rest = np.log1p(-np.where(finite, p, 0.0))
        self._log_loss = (
            np.where(finite, -w * np.where(finite, rows.z, 0.0), 0.0),
            -float(np.sum(w * rest)),
        )

    def of_predictions(self, y: np.ndarray) -> np.ndarray:
        """Both sums; y has the shape (n_samples,) or (n_draws, n_samples)."""
        sums = [np.einsum("...n,n->...", y, each) + more for each, more in (self._brier,
                self._log_loss)]  # fmt: skip
        weights, p = self._certain
        wrong = np.einsum("...n,n->...", np.abs(y - p), weights) if weights.any() else 0.0
        return np.stack([sums[0], np.where(np.asarray(wrong) > 0, np.inf, sums[1])])


def _of_steps(shares: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Both scores of each step, predicted by its own share: W c (1 - c), and W H(c)."""
    with np.errstate(divide="ignore", invalid="ignore", under="ignore"):
        logs = [np.where(c > 0, c * np.log(c), 0.0) for c in (shares, 1 - shares)]
    return np.stack([sizes * shares * (1 - shares), -sizes * (logs[0] + logs[1])])


def _drawn(
    rows: ProbabilityRows, levels: _Levels, scores: _Scores, at: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """The sums of MCB (2, n_draws) and the curves (n_draws, n_points) of truths drawn from p."""
    random = generator(seed, "bootstrap", _BAND)
    n, draws = len(rows.p), n_draws(len(rows.p))
    sums, curves = [], []
    block = max(1, _BLOCK // n)
    for start in range(0, draws, block):
        y = (random.random((min(block, draws - start), n)) < rows.p).astype(np.float64)
        positive = np.add.reduceat(y * rows.weights, levels.starts, axis=1)
        steps = pooled(positive, levels.weights)
        each = _of_steps(steps.shares, steps.sizes)
        sums.append(scores.of_predictions(y) - np.add.reduceat(each, steps.of_curve, axis=1))
        lengths = np.diff(np.append(steps.starts, positive.size))
        curves.append(np.repeat(steps.shares, lengths).reshape(positive.shape)[:, at])
    return np.maximum(0.0, np.concatenate(sums, axis=1)), np.concatenate(curves)
