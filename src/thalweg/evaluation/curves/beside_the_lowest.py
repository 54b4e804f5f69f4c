"""Which values of a setting are shown to be worse than the lowest one: differences over folds.

All values have the same folds, so the losses of two values are compared fold by fold, by their
ratio: the mean of ln(loss / loss of the lowest). Where a network is far off, its loss may be 10
times too large in one fold and 40 times in the next; the differences then vary so much that a t
test of them shows nothing, although every fold says the same. For losses that are nearly equal,
ratio and difference say the same. A loss that may be 0 or below is compared by its difference.

The folds share training rows, so the variance of the mean is that of the corrected resampled t
(`evaluation.comparing.corrected_resampling`; Nadeau & Bengio 2003).

The lowest of several values is low by luck, too. So a value counts as worse only beyond its
one-sided limit at 5 %, shared among all comparisons with the lowest (Hsu 1981, Annals of Statistics
9, multiple comparisons with the best, with Bonferroni's limit). Then a value with the truly lowest
mean loss is called worse in at most 5 of 100 repetitions.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from thalweg.evaluation.comparing.corrected_resampling import corrected_t

# The share of errors of all comparisons with the lowest together.
SHARE_OF_ERRORS = 0.05
_FEWEST_FOLDS = 2


@dataclass(frozen=True)
class AboveLowest:
    """How far a value is above the lowest.

    Attributes
    ----------
    by_ratio : bool
        Whether both numbers are ratios of losses, and not differences.
    mean : float
        Its loss beside that of the lowest, over folds: a geometric mean of ratios.
    at_least : float
        The one-sided lower limit, at 5 % shared among all comparisons; NaN where it is unknown.
    is_shown : bool
        Whether the limit is above 1, or above 0 of differences.
    """

    by_ratio: bool
    mean: float
    at_least: float
    is_shown: bool


def above_lowest(
    losses: Sequence[NDArray[np.float64]],
    lowest: int,
    n_test: NDArray[np.float64],
    n_train: NDArray[np.float64],
) -> list[AboveLowest | None]:
    """Compare each value with the lowest.

    Parameters
    ----------
    losses : sequence of ndarray of float64, shape (n_folds,)
        Of each value; the folds are the same.
    lowest : int
        The place of the lowest.
    n_test, n_train : ndarray of float64, shape (n_folds,)
        The rows of the folds.

    Returns
    -------
    list of AboveLowest or None
        None for the lowest itself.
    """
    by_ratio = all(bool((each > 0).all()) for each in losses)
    known = [np.log(each) if by_ratio else each for each in losses]
    n_compared, found = len(losses) - 1, []
    for place, each in enumerate(known):
        mean, at_least = _compared(each - known[lowest], n_test, n_train, n_compared)
        write = math.exp if by_ratio else float
        found.append(
            None if place == lowest
            else AboveLowest(by_ratio, write(mean), write(at_least), is_shown=at_least > 0)
        )  # fmt: skip
    return found


def _compared(
    differences: NDArray[np.float64],
    n_test: NDArray[np.float64],
    n_train: NDArray[np.float64],
    n_compared: int,
) -> tuple[float, float]:
    """The mean difference, and its lower limit."""
    if len(differences) < _FEWEST_FOLDS or not n_compared:
        return float(differences.mean()), math.nan
    t = corrected_t(differences, n_test, n_train)
    if t.scale == 0:  # all differences are 0
        return 0.0, 0.0
    reach = float(stdtrit(t.df, 1 - SHARE_OF_ERRORS / n_compared)) * t.scale
    return t.mean, t.mean - reach
