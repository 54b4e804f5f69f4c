"""ROC curve, histogram and counts at every threshold, for pictures of two classes.

They are counts, or sums of weights, and contain no row of the table.

*The grid*: how many rows of each class are above each threshold 0, 0.001, …, 1. As in `judge`, a
row is predicted positive if its probability is strictly above the threshold.

*The ROC curve* (Fawcett 2006, "An introduction to ROC analysis", Pattern Recognition Letters
27:861-874): (false positives, true positives) for a threshold that falls from above the highest
probability to below the lowest. Rows of equal probability make one slanted step. Vertices on a
straight part of the curve are left out, which is exact. Of vertices that lie within a
thousandth of its length only the outermost two are kept, which moves the curve by less than
0.001 and leaves at most some 2,000, for any number of rows. (No rule can guarantee both 0.001 and
200 vertices: a curve of 400 equal stairs has 799 corners that are farther out than that.)

*The histogram*: rows of each class in 20 bins (a, b], the first [0, 0.05], so that the bars to
the right of a threshold contain exactly the rows predicted positive.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.evaluation.answers import effective_number
from thalweg.evaluation.judging.intervals import sorted_with
from thalweg.evaluation.judging.shapes import CurvesData, EffectiveData
from thalweg.evaluation.judging.two_class_metrics import checked_rows

STEPS = 1000
BINS = 20
# The length of a stretch of the curve, in (false positive rate + true positive rate) / 2.
_STRETCH = 1e-3

Counts = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Curves:
    """Counts of rows of the two classes, as int64; as float64 where rows have weights.

    Parameters
    ----------
    n_positive, n_negative : int or float
    true_positive, false_positive : ndarray, shape (1001,)
        Rows of the positive and of the negative class above the threshold k / 1000.
    roc_true_positive, roc_false_positive : ndarray, shape (n_vertices,)
        The ROC curve from (0, 0) to (n_positive, n_negative), in rows.
    histogram_positive, histogram_negative : ndarray, shape (20,)
        Rows by probability.
    effective : EffectiveData or None
        Kish's effective numbers of weighted rows.
    """

    n_positive: float
    n_negative: float
    true_positive: Counts
    false_positive: Counts
    roc_true_positive: Counts
    roc_false_positive: Counts
    histogram_positive: Counts
    histogram_negative: Counts
    effective: EffectiveData | None = None

    def as_dict(self) -> CurvesData:
        """The counts as plain data, fit for JSON."""
        plain: CurvesData = {
            "n_positive": self.n_positive,
            "n_negative": self.n_negative,
            "steps": STEPS,
            "true_positive": self.true_positive.tolist(),
            "false_positive": self.false_positive.tolist(),
            "roc": {
                "true_positive": self.roc_true_positive.tolist(),
                "false_positive": self.roc_false_positive.tolist(),
            },
            "histogram": {
                "positive": self.histogram_positive.tolist(),
                "negative": self.histogram_negative.tolist(),
            },
        }
        if self.effective is not None:
            plain["effective"] = self.effective
        return plain


class _Class(NamedTuple):
    """The probabilities of one class in ascending order, and how many rows the first k count as."""

    rising: NDArray[np.float64]
    counted: Counts

    @classmethod
    def of(cls, probability: NDArray[np.float64], weights: NDArray[np.float64] | None) -> "_Class":
        """The rows of the class."""
        rising, weights, _ = sorted_with(probability, weights)
        if weights is None:
            return cls(rising, np.arange(len(rising) + 1))
        return cls(rising, np.concatenate([[0.0], np.cumsum(weights)]))

    @property
    def n(self) -> float:
        """The number of its rows."""
        found: float = self.counted[-1].item()
        return found

    def above(self, thresholds: NDArray[np.float64]) -> Counts:
        """How many are above each threshold."""
        return self.n - self.counted[np.searchsorted(self.rising, thresholds, side="right")]

    def from_on(self, thresholds: NDArray[np.float64]) -> Counts:
        """How many are not below each threshold."""
        return self.n - self.counted[np.searchsorted(self.rising, thresholds, side="left")]


def curves(y: np.ndarray, probability: np.ndarray, weights: np.ndarray | None = None) -> Curves:
    """Count rows above and below every threshold.

    Parameters
    ----------
    y, probability, weights
        As in `thalweg.evaluation.judging.two_class_metrics.judge`.

    Returns
    -------
    Curves
        The same for every order of the rows.

    Raises
    ------
    DataError
        As in `judge`.
    """
    y, probability = checked_rows(y, probability)
    positive, negative = (
        _Class.of(probability[of], None if weights is None else weights[of]) for of in (y, ~y)
    )
    thresholds = np.arange(STEPS + 1) / STEPS
    true_positive, false_positive = positive.above(thresholds), negative.above(thresholds)
    roc = _roc(positive, negative)
    return Curves(
        n_positive=positive.n,
        n_negative=negative.n,
        true_positive=true_positive,
        false_positive=false_positive,
        roc_true_positive=roc[0],
        roc_false_positive=roc[1],
        histogram_positive=_histogram(true_positive, positive.n),
        histogram_negative=_histogram(false_positive, negative.n),
        effective=None
        if weights is None
        else {
            "positive": effective_number(weights[y]),
            "negative": effective_number(weights[~y]),
            "all": effective_number(weights),
        },
    )


def _histogram(above: Counts, n: float) -> Counts:
    at_edges = above[:: STEPS // BINS].copy()
    at_edges[0] = n  # a probability of exactly 0 belongs to the first bin
    return at_edges[:-1] - at_edges[1:]


def _roc(positive: _Class, negative: _Class) -> Counts:
    """The vertices of the ROC curve: true positives, then false positives, shape (2, n)."""
    falling = np.unique(np.concatenate([positive.rising, negative.rising]))[::-1]
    reached = [each.from_on(falling) for each in (positive, negative)]
    path = np.pad(np.stack(reached), ((0, 0), (1, 0)))
    return _thinned(_corners(path))


def _corners(path: Counts) -> Counts:
    """The ends, and the vertices where the path turns."""
    (dy, dx) = np.diff(path)
    turns = dx[:-1] * dy[1:] != dx[1:] * dy[:-1]
    return path[:, np.concatenate([[True], turns, [True]])]


def _thinned(path: Counts) -> Counts:
    """The first and the last vertex of each stretch.

    Both rates only grow, so the vertices of one stretch are in a box whose width and height sum
    to at most twice its length s; none is farther than s / √2 from the diagonal of that box.
    """
    rates = path / np.maximum(path[:, -1:], 1)
    stretch = np.floor(rates.mean(axis=0) / _STRETCH)
    changes = np.diff(stretch) != 0
    first = np.concatenate([[True], changes])
    last = np.concatenate([changes, [True]])
    return path[:, first | last]
