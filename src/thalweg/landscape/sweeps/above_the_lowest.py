"""Which cells of a map are shown to be higher than the lowest: differences over rows and seeds.

A cell has a loss for each of S seeds and each of n held-out rows. Its mean loss would be another
one with other rows, and with other seeds. The variance of a mean over both is at most the sum of

    that of the means over seeds, over the rows: Σ w² (x̄ᵢ - x̄)² n / (n - 1) / (Σ w)²,
    and that of the means over rows, over the seeds: Σ (x̄ₛ - x̄)² / (S - 1) / S,

which counts the noise of single rows in single seeds twice, so that errors are rather too large.

The lowest of many cells is low by luck, too. So a cell counts as higher only beyond its one-sided
limit at 5 %, shared among all comparisons with the lowest (Hsu 1981, Annals of Statistics 9,
multiple comparisons with the best, with Bonferroni's limit). In 95 of 100 repetitions, or more, the
cell with the truly lowest mean loss is not called higher.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]
# The share of errors of an interval, and of all comparisons with the lowest together.
ALPHA = 0.05


@dataclass(frozen=True)
class SeedRowMean:
    """A mean over seeds and rows.

    Attributes
    ----------
    mean : float
    of_rows, of_seeds : float
        The standard errors of the two kinds.
    df : float
        Degrees of freedom of their sum (Satterthwaite).
    """

    mean: float
    of_rows: float
    of_seeds: float
    df: float

    @classmethod
    def of(cls, losses: Floats, weights: Floats) -> "SeedRowMean":
        """From losses of shape (n_seeds, n_rows), and the weights of the rows, shape (n_rows,).

        Two seeds and two rows are the least.
        """
        n_seeds, n_rows = losses.shape
        shares = weights / weights.sum()
        by_row, by_seed = losses.mean(axis=0), losses @ shares
        mean = float(by_seed.mean())
        rows = float(np.sum(shares**2 * (by_row - mean) ** 2)) * n_rows / (n_rows - 1)
        seeds = float(np.var(by_seed, ddof=1)) / n_seeds
        total = rows + seeds
        parts = rows**2 / (n_rows - 1) + seeds**2 / (n_seeds - 1)
        df = total**2 / parts if parts > 0 else float(n_seeds - 1)
        return cls(mean, float(np.sqrt(rows)), float(np.sqrt(seeds)), df)

    @property
    def error(self) -> float:
        """The standard error of both kinds together."""
        return float(np.hypot(self.of_rows, self.of_seeds))

    def interval(self) -> tuple[float, float]:
        """The 95 % interval, by Student's t."""
        half = float(stdtrit(self.df, 1 - ALPHA / 2)) * self.error
        return self.mean - half, self.mean + half

    def is_above_0(self, n_comparisons: int) -> bool:
        """Whether the mean is above 0, one-sided, at 5 % shared among so many comparisons."""
        limit = float(stdtrit(self.df, 1 - ALPHA / max(1, n_comparisons)))
        return self.mean > limit * self.error


def shown_higher(losses: list[Floats], weights: Floats) -> list[bool]:
    """For each cell, whether its mean loss is shown to be above that of the lowest.

    Parameters
    ----------
    losses : list of ndarray of shape (n_seeds, n_rows)
        Of the same rows; seed k of one cell is paired with seed k of another.
    weights : ndarray of shape (n_rows,)
    """
    means = [SeedRowMean.of(each, weights).mean for each in losses]
    lowest = losses[int(np.argmin(means))]
    n = len(losses) - 1
    return [
        each is not lowest and SeedRowMean.of(each - lowest, weights).is_above_0(n)
        for each in losses
    ]
