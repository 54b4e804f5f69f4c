"""Whether the rows of a later table are unlike the training rows, and what they are predicted."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from thalweg.data.likeness.table_likeness import Scores
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.wording import amount

Floats = NDArray[np.float64]

# A row is called unlike the training rows at this outlier p, or below it.
UNLIKE = 0.05
# So large a share of unlike rows matters.
MANY_UNLIKE = 0.10
# Beside fewer training rows, the share of unlike ones can be far below that of its p: distances by
# four fifths of few rows are larger than those by all.
MANY_TRAINED = 500
_Z = 1.959963984540054


@dataclass(frozen=True)
class UnlikeRows:
    """How many rows of a table are unlike the training rows.

    Attributes
    ----------
    n_unlike, n_rows : int
    p_value : float
        That so many or more are unlike without drift. The outlier p of rows like the training rows
        is a rank among n scores of training rows; so the number of rows at or below 0.05 is
        beta-binomial, with ⌊0.05 (n + 1)⌋ ranks of n + 1. Of very many training rows it is
        binomial, with 0.05. NaN if no rank is at or below 0.05.
    p_adjusted : float
        Holm's, over all tests of a table.
    n_then : float
        The training rows that were scored.
    """

    n_unlike: int
    n_rows: int
    p_value: float
    p_adjusted: float = math.nan
    n_then: float = math.inf

    @property
    def share(self) -> float:
        """The share of unlike rows."""
        return self.n_unlike / self.n_rows

    def fails(self, level: float) -> bool:
        """Whether they are significantly more than without drift, and many."""
        return self.share >= MANY_UNLIKE and self.p_adjusted <= level


def unlike_rows(p: Floats, scores: Scores) -> UnlikeRows:
    """The rows with an outlier p of at most 0.05.

    Parameters
    ----------
    p : ndarray of float64, shape (n_rows,)
    scores : Scores
        Of the training rows.
    """
    n_unlike, m = int(np.count_nonzero(p <= UNLIKE)), len(p)
    n = scores.n
    ranks = math.floor(UNLIKE * (n + 1.0) * (1.0 + 1e-12))
    if ranks < 1:
        return UnlikeRows(n_unlike, m, math.nan, n_then=n)
    from scipy.stats import betabinom  # SciPy's statistics take long to import

    p_value = float(betabinom.sf(n_unlike - 1, m, ranks, n + 1.0 - ranks))
    return UnlikeRows(n_unlike, m, min(1.0, max(0.0, p_value)), n_then=n)


class LossMeasure(NamedTuple):
    """The training loss of a model in words.

    Parameters
    ----------
    name, unit : str
        Such as "absolute error" and "standard deviations of the target".
    scale : float or None
        What such a standard deviation, or the mean of counts, is in the target's unit; None of
        classes. A squared error, and the part of a Huber loss that is one, is in its square.
    """

    name: str
    unit: str
    scale: float | None = None

    def __str__(self) -> str:
        said = f"{self.name}, in {self.unit}"
        if self.scale is None:
            return said
        what = "the mean" if self.unit.startswith("means") else "the standard deviation"
        return f"{said}; {what} is {amount(self.scale)}"


@dataclass(frozen=True)
class LossChange:
    """The loss of rows whose truth is known, beside the out-of-fold loss of the fit.

    Attributes
    ----------
    now : Estimate
        With its 95 % interval.
    then : float
        The out-of-fold loss.
    change : Estimate
        ``now`` - ``then``, with its 95 % interval. The losses of the fit are taken to vary as those
        of these rows do: se² = s² (1/m + 1/n).
    p_value : float
        One-sided, of the hypothesis that the loss is not higher.
    p_adjusted : float
        Holm's, over all tests of a table.
    too_low : bool
        Whether the rows of the fit stopped its training, so that ``then`` is too low.
    measure : LossMeasure or None
        What the loss is, and in which unit.
    """

    now: Estimate
    then: float
    change: Estimate
    p_value: float
    p_adjusted: float = math.nan
    too_low: bool = False
    measure: LossMeasure | None = None

    def fails(self, level: float) -> bool:
        """Whether the loss is significantly higher."""
        return self.p_adjusted <= level and not self.too_low


def loss_change(
    losses: Floats, then: float, n: float, *, too_low: bool, measure: LossMeasure | None = None
) -> LossChange:
    """Compare the losses of rows with the out-of-fold loss of so many training rows."""
    m, mean = len(losses), float(losses.mean())
    spread = float(losses.std(ddof=1))
    own, both = spread / math.sqrt(m), spread * math.sqrt(1.0 / m + 1.0 / n)
    now = Estimate(mean, mean - _Z * own, mean + _Z * own)
    gap = mean - then
    change = Estimate(gap, gap - _Z * both, gap + _Z * both)
    p_value = float(ndtr(-gap / both)) if both > 0 else float(gap <= 0)
    return LossChange(now, then, change, p_value, too_low=too_low, measure=measure)


@dataclass(frozen=True)
class PredictedShare:
    """What is predicted for the rows, beside the training rows; it is shown, and no test.

    Attributes
    ----------
    what : str
        "Mean predicted probability of malignant", or "Mean prediction".
    now : Estimate
        The mean over the rows, with its 95 % interval.
    then : float
        The share of the class, or the mean, among the training rows.
    observed_by_expected : Estimate or None
        O/E: the observed number by the sum of the probabilities; of a number, the mean of the
        truths less that of the predictions. None without a truth, and of a predicted quantile.
    is_share : bool
        Whether it is of a class.
    level : float or None
        The level of a predicted quantile.
    at_or_below : Estimate or None
        The share of truths at or below a predicted quantile, which should be the level.
    """

    what: str
    now: Estimate
    then: float
    observed_by_expected: Estimate | None = None
    is_share: bool = True
    level: float | None = None
    at_or_below: Estimate | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        found = self.observed_by_expected
        return {
            "what": self.what,
            "now": self.now.as_dict(),
            "then": self.then,
            "observed_by_expected": found and found.as_dict(),
            **({} if self.level is None else {
                "level": self.level, "at_or_below": self.at_or_below and self.at_or_below.as_dict()
            }),
        }  # fmt: skip


def mean_estimate(values: Floats) -> Estimate:
    """A mean with its 95 % interval, by the normal distribution."""
    mean = float(values.mean())
    error = float(values.std(ddof=1)) / math.sqrt(len(values))
    return Estimate(mean, mean - _Z * error, mean + _Z * error)


def shift_to_find(n: float, m: float, level: float, power: float = 0.8) -> float:
    """The shift of one number, in standard deviations, that is found so often; inf for none.

    Two normal distributions δ standard deviations apart have distribution functions that differ
    by 2 Φ(δ / 2) - 1 at most. The test of Kolmogorov and Smirnov finds a difference of
    c √(1/n + 1/m), with P(K > c) = level; the one that is measured varies with a standard deviation
    of at most √(1/n + 1/m) / 2.

    Parameters
    ----------
    n, m : float
        Rows of both tables.
    level : float
        Of the test: that of all tests, by their number.
    power : float, default 0.8
    """
    from scipy.special import kolmogi

    gap = (float(kolmogi(level)) + 0.5 * float(ndtri(power))) * math.sqrt(1.0 / n + 1.0 / m)
    return 2.0 * float(ndtri((1.0 + gap) / 2.0)) if gap < 1.0 else math.inf
