"""All cut-offs of some answers: rows of each class at each different probability, sorted once.

A row is predicted positive if its probability is strictly above the threshold. So all thresholds
from one probability up to the next, without the latter, are one cut-off: there is one below all
probabilities, if they are above 0, and one that begins at each of them.

*Resamples.* Where only the cut-off matters, rows are alike if they have the same probability and
class. To draw n rows with replacement is then to draw their numbers from the multinomial
distribution (Efron & Tibshirani 1993, "An Introduction to the Bootstrap", section 5.2). With
fractional weights, as many rows are drawn as Kish's effective number, in proportion to the weights.
If rows of one group depend on each other, groups are drawn, with all of their rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import generator
from thalweg.evaluation.answers import Answers, How, effective_number
from thalweg.evaluation.dependent_rows import Codes, group_codes
from thalweg.evaluation.judging.two_class_metrics import checked_rows

RESAMPLES = 2000
# Neighbouring probabilities are drawn together beyond so many.
MOST_CELLS = 256
# Numbers of drawn groups held at a time.
_BLOCK = 2**20

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cutoffs:
    """Rows by probability, in ascending order.

    Parameters
    ----------
    least, scores : ndarray of float64, shape (n_cells,)
        The lowest and the highest probability of a cell; equal, unless cells were joined.
    mean : ndarray of float64, shape (n_cells,)
        The mean probability.
    positive, negative : ndarray of float64, shape (n_cells,)
        The rows of each class in each cell; with weights their sums, which add up to the number of
        rows.
    effective_n, effective_positive, effective_negative : float
        Kish's effective numbers of all rows, and of each class.
    how : str
        As in `Answers`.
    """

    least: Floats
    scores: Floats
    mean: Floats
    positive: Floats
    negative: Floats
    effective_n: float
    effective_positive: float
    effective_negative: float
    how: How

    @property
    def starts(self) -> Floats:
        """The lowest threshold of each cut-off, shape (n_cells + 1,)."""
        return np.concatenate([[0.0], self.scores])

    @property
    def ends(self) -> Floats:
        """The threshold where the next cut-off begins, shape (n_cells + 1,)."""
        return np.concatenate([self.least, [1.0]])

    @property
    def reachable(self) -> NDArray[np.bool_]:
        """Whether a threshold from 0 to 1 makes it: rows of probability 0 are never called."""
        return np.concatenate([[self.least[0] > 0], np.ones(len(self.scores), np.bool_)])

    def middle(self, first: NDArray[np.intp], last: NDArray[np.intp]) -> Floats:
        """The threshold in the middle of some neighbouring cut-offs, inside them."""
        start, end = self.starts[first], self.ends[last]
        middle: Floats = (start + end) / 2
        # Between two neighbouring numbers there is none, and the upper one is outside.
        return np.where(middle < end, middle, start)

    def joined(self, most: int = MOST_CELLS) -> "Cutoffs":
        """The same rows in at most so many cells, of about equal numbers of rows."""
        if len(self.scores) <= most:
            return self
        rows = self.positive + self.negative
        before = np.cumsum(rows) - rows
        cell = np.minimum((before / rows.sum() * most).astype(np.intp), most - 1)
        first = np.flatnonzero(np.diff(cell, prepend=-1))
        last = np.append(first[1:], len(cell)) - 1
        positive, negative, sums = (
            np.add.reduceat(each, first)
            for each in (self.positive, self.negative, rows * self.mean)
        )
        return Cutoffs(
            self.least[first],
            self.scores[last],
            sums / (positive + negative),
            positive,
            negative,
            self.effective_n,
            self.effective_positive,
            self.effective_negative,
            self.how,
        )


def cutoffs(answers: Answers) -> Cutoffs:
    """Sort the answers of two classes, once for everything that scans thresholds.

    Parameters
    ----------
    answers : Answers
        Of two classes.

    Returns
    -------
    Cutoffs
        The same for every order of the rows, and every scale of the weights.

    Raises
    ------
    DataError
        As in `thalweg.evaluation.judging.two_class_metrics.judge`.
    """
    truth, probability, weights = in_order(answers)
    scores, cell = np.unique(probability, return_inverse=True)
    positive, negative = (
        np.bincount(cell[rows], weights[rows], len(scores)).astype(np.float64)
        for rows in (truth, ~truth)
    )
    return Cutoffs(
        scores,
        scores,
        scores,
        positive,
        negative,
        effective_number(weights),
        effective_number(weights[truth]),
        effective_number(weights[~truth]),
        answers.how,
    )


def in_order(answers: Answers) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """Truth, probability and weights of two classes, sorted; the weights have the mean 1."""
    return with_groups(answers)[:3]


def with_groups(answers: Answers) -> tuple[NDArray[np.bool_], Floats, Floats, Codes | None]:
    """As `in_order`, and the group of each row, as in `evaluation.dependent_rows`."""
    truth, probability = checked_rows(answers.truth, answers.answer)
    weights, groups = answers.counts(), group_codes(answers.groups)
    order = np.lexsort((*(() if groups is None else (groups,)), weights, truth, probability))
    weights = weights[order] / weights.max()  # the sum of weights of 1e308 would overflow
    if answers.weights is not None:
        weights = weights * (len(weights) / weights.sum())
    return truth[order], probability[order], weights, None if groups is None else groups[order]


def above(rows: Floats) -> Floats:
    """Of rows in cells, shape (…, n_cells), those above each cut-off, shape (…, n_cells + 1)."""
    total = np.zeros((*rows.shape[:-1], rows.shape[-1] + 1))
    np.cumsum(rows[..., ::-1], axis=-1, out=total[..., 1:])
    return total[..., ::-1]


def resampled_groups(
    cells: NDArray[np.intp], weights: Floats, groups: Codes, seed: int, purpose: int
) -> Floats:
    """How many rows, by weight, each cell has if groups are drawn, shape (n_resamples, n_cells).

    Parameters
    ----------
    cells : ndarray of int, shape (n_rows,)
        The cell of each row, 0 … n_cells - 1.
    weights : ndarray, shape (n_rows,)
    groups : ndarray of int, shape (n_rows,)
    seed, purpose : int
        As in `resampled`.
    """
    from scipy.sparse import coo_array

    n_groups, n_cells = int(groups.max()) + 1, int(cells.max()) + 1
    of_group = coo_array((weights, (cells, groups)), shape=(n_cells, n_groups)).tocsr()
    random = generator(seed, "bootstrap", 1, purpose)
    found = []
    block = max(1, _BLOCK // n_groups)
    for start in range(0, RESAMPLES, block):
        some = min(block, RESAMPLES - start)
        chances = np.full(n_groups, 1 / n_groups)
        drawn = random.multinomial(n_groups, chances, size=some)
        found.append((of_group @ drawn.T.astype(np.float64)).T)
    return np.concatenate(found)


def resampled(shares: Floats, effective_n: float, seed: int, purpose: int) -> Floats:
    """How many rows each cell has in each resample, shape (n_resamples, n_cells).

    Parameters
    ----------
    shares : ndarray, shape (n_cells,)
        The rows, or the weight, of each cell.
    effective_n : float
        The number of rows to draw, rounded.
    seed, purpose : int
        Two purposes never share numbers.
    """
    random = generator(seed, "bootstrap", 1, purpose)
    chances = shares / shares.sum()
    drawn = random.multinomial(max(1, round(effective_n)), chances, size=RESAMPLES)
    return drawn.astype(np.float64)
