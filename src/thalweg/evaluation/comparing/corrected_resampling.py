"""The difference of two models over the folds of repeated cross-validation, with its uncertainty.

The scores of folds are not independent, because their training rows are the same in large part.
With J differences of standard deviation s, the variance of their mean is not s² / J but about

    (1/J + n_test / n_train) s²

and (mean - δ) / √variance has a t distribution with J - 1 degrees of freedom.
Nadeau & Bengio 2003, "Inference for the generalization error", Machine Learning 52:239-281.

*The Bayesian correlated t-test* has the same location, scale and degrees of freedom as the
posterior of the true difference. It gives the probabilities that a model is worse, practically
equal (within the margin) and better.
Benavoli, Corani, Demšar & Zaffalon 2017, "Time for a change: a tutorial for comparing multiple
classifiers through Bayesian analysis", JMLR 18:1-36.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from thalweg.errors import DataError
from thalweg.evaluation.comparing.paired_differences import PairedDifference
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.judging.shapes import ChancesData


@dataclass(frozen=True)
class Chances:
    """The probabilities that a model is worse, practically equal and better than another."""

    worse: float
    equal: float
    better: float

    def as_dict(self) -> ChancesData:
        """The probabilities as plain data."""
        return {"worse": self.worse, "equal": self.equal, "better": self.better}


@dataclass(frozen=True)
class CorrectedT:
    """The mean of J differences of scores, as a t distribution.

    Parameters
    ----------
    mean : float
    scale : float
        √((1/J + n_test / n_train) s²); NaN if it is unknown.
    df : int
        J - 1.
    """

    mean: float
    scale: float
    df: int

    @property
    def t(self) -> float:
        """The mean divided by its scale; 0 if all differences are 0."""
        return 0.0 if self.mean == self.scale == 0 else self.mean / self.scale

    @property
    def p(self) -> float:
        """The two-sided p-value of no difference."""
        return float(2 * stdtr(self.df, -abs(self.t)))

    def interval(self, level: float) -> Estimate:
        """The mean with the interval of this level."""
        half = float(stdtrit(self.df, (1 + level) / 2)) * self.scale
        return Estimate(self.mean, self.mean - half, self.mean + half)

    def difference(self) -> PairedDifference:
        """The mean with its 95 % and its 90 % interval."""
        return PairedDifference(self.interval(0.95), self.interval(0.9))

    def chances(self, margin: float, *, more_is_better: bool = False) -> Chances | None:
        """The probabilities by the Bayesian correlated t-test.

        Parameters
        ----------
        margin : float
            Differences within it, in both directions, are practically none.
        more_is_better : bool, default False
            Whether a difference above 0 speaks for the model.

        Returns
        -------
        Chances or None
            None if the scale is unknown.
        """
        if not math.isfinite(self.scale):
            return None
        if self.scale == 0:
            return Chances(0.0, 1.0, 0.0)  # all differences are 0
        below = float(stdtr(self.df, (-margin - self.mean) / self.scale))
        above = float(stdtr(self.df, (self.mean - margin) / self.scale))
        equal = max(0.0, 1 - below - above)
        return Chances(below, equal, above) if more_is_better else Chances(above, equal, below)


def corrected_t(
    differences: np.ndarray, n_test: float | np.ndarray, n_train: float | np.ndarray
) -> CorrectedT:
    """The mean difference over folds, by the corrected resampled t of the module's docstring.

    Parameters
    ----------
    differences : ndarray of float, shape (n_scores,)
        The score of one model minus that of the other, in each fold of each repetition.
    n_test, n_train : float or ndarray of float, shape (n_scores,)
        Rows of the folds; if folds differ, the mean of their ratios counts.

    Returns
    -------
    CorrectedT
        The scale is NaN if a difference is not finite, and if all are the same number, other than
        0: their spread is then unknown, and not 0.

    Raises
    ------
    DataError
        If there are fewer than two differences.
    """
    differences = np.sort(np.asarray(differences, dtype=np.float64))
    n = len(differences)
    if n < 2:
        raise DataError(
            "A comparison over folds needs at least two differences",
            where=f"{n} given",
            fix="use at least two folds",
        )
    ratio = float(np.mean(np.sort(np.ravel(np.asarray(n_test) / np.asarray(n_train)))))
    with np.errstate(invalid="ignore"):  # ∞ - ∞ is NaN
        mean = float(np.mean(differences))
    if not np.isfinite(differences).all():
        return CorrectedT(mean, math.nan, n - 1)
    if differences[0] == differences[-1]:
        mean = float(differences[0])
        return CorrectedT(mean, 0.0 if mean == 0 else math.nan, n - 1)
    return CorrectedT(mean, math.sqrt((1 / n + ratio) * np.var(differences, ddof=1)), n - 1)
