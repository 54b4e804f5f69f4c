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

Whether the lowest cell is below a constant answer is asked in the same way: of the differences on
the same rows, not of two intervals, and shared among all cells, because the lowest was chosen from
them. If no cell is truly below the constant answer, one is called so in at most 5 of 100 tables.
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

    def limits(self, n_comparisons: int) -> tuple[float, float]:
        """The one-sided lower and upper limit, each at 5 % shared among so many comparisons."""
        reach = float(stdtrit(self.df, 1 - ALPHA / max(1, n_comparisons))) * self.error
        return self.mean - reach, self.mean + reach

    def is_above_0(self, n_comparisons: int) -> bool:
        """Whether the mean is above 0, one-sided, at 5 % shared among so many comparisons."""
        return self.limits(n_comparisons)[0] > 0


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


@dataclass(frozen=True)
class LowestBesideConstant:
    """The lowest cell and a constant answer, on the same rows.

    Attributes
    ----------
    difference : float
        The mean loss of the cell minus that of the constant answer.
    low, high : float
        Its one-sided 95 % limits, each shared among all cells.
    n_cells : int
        The cells with a mean, of which the lowest was chosen.
    shown : bool
        Whether the cell is shown to be lower.
    """

    difference: float
    low: float
    high: float
    n_cells: int
    shown: bool


def beside_constant(
    losses: list[Floats], constant: Floats, weights: Floats
) -> LowestBesideConstant | None:
    """The lowest cell minus a constant answer; ``None`` without a cell.

    Parameters
    ----------
    losses : list of ndarray of shape (n_seeds, n_rows)
    constant : ndarray of shape (n_rows,)
        The losses of the constant answer on the same rows.
    weights : ndarray of shape (n_rows,)
    """
    if not losses:
        return None
    lowest = min(losses, key=lambda each: SeedRowMean.of(each, weights).mean)
    found = SeedRowMean.of(lowest - constant, weights)
    low, high = found.limits(len(losses))
    return LowestBesideConstant(found.mean, low, high, len(losses), high < 0)
