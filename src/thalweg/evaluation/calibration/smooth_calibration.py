"""How far predictions are from a smooth curve of the truth: ICI, E50, E90 and Emax.

The curve is a logistic regression of the truth on a restricted cubic spline of the logit, linear
beyond the outer knots (Harrell 2015, "Regression Modeling Strategies", section 2.4.5, also for the
places of the knots). ICI is the mean of |p - c(p)| over the rows, E50, E90 and Emax are its median,
its 90 % quantile and its maximum: Austin & Steyerberg 2019, "The integrated calibration index",
Statistics in Medicine 38:4051-4065.

A mean of absolute distances is above 0 even if the predictions are calibrated. So its interval is
the basic one, [2 ICI - q₉₇.₅, 2 ICI - q₂.₅] but not below 0, which takes the same bias off again.
It begins at 0, too, if the ICI is not above what 95 % of calibrated predictions show. The
quantiles q are those of 1,000 curves whose coefficients are drawn from the normal distribution of
the estimates, as in Rhodes' pmcalibration (R). That costs the same for any number of rows; a
bootstrap of fits does not. If rows of one group depend on each other, the covariances are those of
`logistic_newton.covariance_of_groups`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from thalweg.counter_based_random import generator
from thalweg.evaluation.calibration.calibration_shapes import SmoothData, plain_number, rounded
from thalweg.evaluation.calibration.logistic_newton import (
    LogisticFit,
    covariance_at,
    covariance_of_groups,
    newton,
)
from thalweg.evaluation.calibration.probability_rows import ProbabilityRows, expit
from thalweg.evaluation.dependent_rows import independent_number
from thalweg.evaluation.judging.intervals import Estimate

# Where the knots are, as quantiles of the logits (Harrell, table 2.3), by their number.
_PLACES = {
    5: (0.05, 0.275, 0.5, 0.725, 0.95),
    4: (0.05, 0.35, 0.65, 0.95),
    3: (0.1, 0.5, 0.9),
}
# The rows of the rarer class from which there are so many knots.
_ENOUGH = {5: 200, 4: 100, 3: 0}
# Draws of β, and the rows at which they are followed; the curve is given at fewer.
_DRAWS, _MOST_ROWS, _MOST_POINTS = 1000, 500, 101
# Counters of draws of the purpose "bootstrap"; resampling has 0, the band of the CORP curve 1.
_FITTED, _CALIBRATED = 2, 3


@dataclass(frozen=True, eq=False)
class SmoothCalibration:
    """Distances of the predictions from a smooth curve.

    Parameters
    ----------
    n_knots : int
        0 if the logits are too much alike for a spline, or a spline has no finite optimum: the
        curve is a line in logits.
    ici : Estimate
    ici_if_calibrated, ici_if_calibrated_at_most : float
        The mean ICI of calibrated predictions, and what 95 % of them do not exceed.
    e50, e90, emax : float
    at, observed : ndarray, shape (n_points,)
        The curve at some predictions.
    """

    n_knots: int
    ici: Estimate
    ici_if_calibrated: float
    ici_if_calibrated_at_most: float
    e50: float
    e90: float
    emax: float
    at: np.ndarray
    observed: np.ndarray

    def as_dict(self) -> SmoothData:
        """Plain data for JSON."""
        return {
            "n_knots": self.n_knots,
            "ici": self.ici.as_dict(),
            "ici_if_calibrated": plain_number(self.ici_if_calibrated),
            "ici_if_calibrated_at_most": plain_number(self.ici_if_calibrated_at_most),
            "e50": plain_number(self.e50),
            "e90": plain_number(self.e90),
            "emax": plain_number(self.emax),
            "at": rounded(self.at),
            "observed": rounded(self.observed),
        }


class _Fitted(NamedTuple):
    """Knots, inputs and the fit; β and covariance if the predictions were calibrated."""

    n_knots: int
    X: np.ndarray
    fit: LogisticFit
    null: np.ndarray
    of_null: np.ndarray


def smooth_calibration(rows: ProbabilityRows, seed: int) -> SmoothCalibration | None:
    """The distances, or None if not even a line in logits has a finite optimum.

    Rows with a probability of exactly 0 or 1 have no logit: their curve is their observed share.
    """
    p, w = rows.p[rows.finite], rows.weights[rows.finite]
    fitted = _fitted(rows) if len(p) else None
    if fitted is None:
        return None
    n_knots, X, fit, null, of_null = fitted
    curve = expit(np.einsum("ni,i->n", X, fit.beta))
    fixed = [_share_of_certain(rows, at) for at in (0.0, 1.0)]
    distances = np.concatenate([np.abs(p - curve), [each for each, _ in fixed]])
    sizes = np.concatenate([w, [size for _, size in fixed]])
    ici = float(np.sum(sizes * distances) / rows.n)
    some = _some(len(p), _MOST_ROWS)

    def moved(centre: np.ndarray, root: np.ndarray, purpose: int) -> np.ndarray:
        """The part of the ICI of the rows with a logit, if β is drawn around a centre."""
        noise = generator(seed, "bootstrap", purpose).standard_normal((_DRAWS, len(centre)))
        betas = centre + np.einsum("ij,rj->ri", root, noise)
        away = np.abs(p[some] - expit(np.einsum("ri,ni->rn", betas, X[some])))
        mean: np.ndarray = np.einsum("n,rn->r", w[some], away) / w[some].sum()
        mean *= w.sum() / rows.n
        return mean

    here = np.abs(p - curve)[some]
    base = float(np.sum(w[some] * here) / w[some].sum() * (w.sum() / rows.n))
    low, high = np.quantile(moved(fit.beta, _root(fit.covariance), _FITTED) - base, (0.025, 0.975))
    expected = moved(null, _root(of_null), _CALIBRATED)
    at_most = float(np.quantile(expected, 0.95, method="inverted_cdf"))
    least = 0.0 if ici <= at_most else float(np.clip(ici - high, 0.0, ici))
    order = np.argsort(distances, kind="stable")
    e50, e90, emax = (weighted_quantile(distances[order], sizes[order], q) for q in (0.5, 0.9, 1.0))
    some = _some(len(p), _MOST_POINTS)
    return SmoothCalibration(
        n_knots,
        Estimate(ici, least, max(ici, float(ici - low))),
        float(np.mean(expected)),
        at_most,
        e50, e90, emax, p[some], curve[some],
    )  # fmt: skip


def weighted_quantile(values: np.ndarray, weights: np.ndarray, level: float) -> float:
    """The smallest of ascending values that has at least this share of the weight up to it."""
    up_to = np.cumsum(weights)
    place = np.searchsorted(up_to, level * up_to[-1] * (1 - 1e-12))
    return float(values[min(int(place), int(np.flatnonzero(weights)[-1]))])


def spline(z: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """1, z and the terms of the restricted cubic spline, shape (n_samples, max(2, n_knots)).

    Term j of k - 2 is [(z - tⱼ)³₊ - (z - tₖ₋₁)³₊ (tₖ - tⱼ) / (tₖ - tₖ₋₁)
    + (z - tₖ)³₊ (tₖ₋₁ - tⱼ) / (tₖ - tₖ₋₁)] / (tₖ - t₁)².
    """
    columns = [np.ones(len(z)), z]
    if len(knots):
        before, last = knots[-2:]
        cubes = [np.maximum(z - knot, 0.0) ** 3 for knot in knots]
        for knot, cube in zip(knots[:-2], cubes[:-2], strict=True):
            tail = cubes[-2] * (last - knot) - cubes[-1] * (before - knot)
            columns.append((cube - tail / (last - before)) / (last - knots[0]) ** 2)
    return np.stack(columns, axis=1)


def _fitted(rows: ProbabilityRows) -> _Fitted | None:
    """The curve with the most knots that has a finite optimum."""
    z, y, w = (each[rows.finite] for each in (rows.z, rows.y, rows.weights))
    centre = float(np.sum(w * z) / w.sum())
    spread = float(np.sqrt(np.sum(w * (z - centre) ** 2) / w.sum()))
    if spread == 0:
        return None
    inputs = (z - centre) / spread
    rarer = min(rows.n_positive, rows.n_negative)
    n_groups = independent_number(len(rows.p), rows.weights, rows.groups)
    for n_knots in [*(k for k in _PLACES if rarer >= _ENOUGH[k]), 0]:
        places = _PLACES[n_knots] if n_knots else ()
        knots = np.array([weighted_quantile(inputs, w, place) for place in places])
        if np.any(np.diff(knots) < 1e-6):
            continue
        X = spline(inputs, knots)
        null = np.zeros(X.shape[1])
        null[:2] = centre, spread
        fit, of_null = newton(X, y, w, null), covariance_at(X, null, w)
        if fit is None or of_null is None:
            continue
        if rows.groups is None:
            return _Fitted(n_knots, X, fit, null, of_null)
        if n_groups <= X.shape[1]:
            continue
        errors = w * (y - expit(np.einsum("ni,i->n", X, fit.beta)))
        robust, of_null = (
            covariance_of_groups(each, X, errors, rows.groups[rows.finite], n_groups)
            for each in (fit.covariance, of_null)
        )
        return _Fitted(n_knots, X, fit._replace(covariance=robust), null, of_null)
    return None


def _share_of_certain(rows: ProbabilityRows, at: float) -> tuple[float, float]:
    """How far the observed share of the rows with this probability is from it, and their weight."""
    here = rows.weights * (rows.p == at)
    if not here.any():
        return 0.0, 0.0
    return abs(float(np.sum(here * rows.y) / here.sum()) - at), float(here.sum())


def _some(n: int, most: int) -> np.ndarray:
    """At most so many of n places, in equal steps, with both ends."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.intp))


def _root(covariance: np.ndarray) -> np.ndarray:
    """A matrix L with L Lᵀ = covariance."""
    size = np.sqrt(np.diag(covariance))
    scaled = covariance / np.outer(size, size)
    try:
        return np.asarray(size[:, np.newaxis] * np.linalg.cholesky(scaled))
    except np.linalg.LinAlgError:  # that of few groups is singular to within rounding
        values, vectors = np.linalg.eigh(scaled)
        return np.asarray(size[:, np.newaxis] * vectors * np.sqrt(np.maximum(values, 0.0)))
