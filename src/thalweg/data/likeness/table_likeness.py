"""`Likeness`: what a model keeps of the rows that it was fitted on; summaries, and no row.

It says what a typical row is, how unlike the training rows another row is, and what a later table
is compared with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.cluster.stored_fields import StoredFields
from thalweg.data.likeness.column_summary import ColumnSummary, column_summaries
from thalweg.data.likeness.unlike_score import N_PARTS, Marked, Shape, shapes_of
from thalweg.data.row_view import Numbers

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

# Scores are of at most so many different rows, and of so many cells.
MOST_ROWS, MOST_CELLS, FEWEST_ROWS = 20_000, 5_000_000, 500
# Of the scores, those are kept at which the number of rows from the top grows by this factor.
_GROWTH = 1.025
# Rows that are compared at a time.
_BLOCK = 4096


@dataclass(frozen=True, eq=False)
class Scores:
    """How unlike the training rows are, each scored by the rows of other parts.

    Attributes
    ----------
    n : float
        The rows that were scored; weights count as rows.
    values : ndarray of float64, shape (n_kept,)
        Scores, increasing.
    above : ndarray of float64, shape (n_kept,)
        The share of rows whose score is above the score before; 1 for the first.
    """

    n: float
    values: Floats
    above: Floats

    def p_of(self, scores: Floats) -> Floats:
        """(1 + the number of rows with at least this score) / (n + 1), or a little more."""
        place = np.searchsorted(self.values, scores, side="left")
        share = np.concatenate((self.above, [0.0]))[place]
        found: Floats = (1.0 + self.n * share) / (self.n + 1.0)
        return found


@dataclass(frozen=True, eq=False)
class Likeness(StoredFields):
    """Summaries of the rows that a model was fitted on; it holds no row.

    Attributes
    ----------
    columns : tuple of ColumnSummary
        One a column of the schema, in its order.
    shape : Shape
        Of the numbers and clock times that vary, as they are bent by the encoder.
    scores : Scores
        How unlike the training rows are.
    target : ndarray of float64
        The share of each class, shape (n_classes,); of a number its mean and standard deviation,
        and, for a loss whose best constant answer is not the mean, that constant.
    """

    columns: tuple[ColumnSummary, ...]
    shape: Shape
    scores: Scores
    target: Floats

    @property
    def n(self) -> float:
        """The rows of the training table; weights count as rows."""
        return self.columns[0].n

    @cached_property
    def typical(self) -> Floats:
        """A typical row, shape (n_features,).

        The median of each number or date, the most common level of each category or boolean, as
        the matrix of the schema has them; nothing is missing, but a column that has no value.
        """
        return np.array([each.typical for each in self.columns])

    @cached_property
    def marked(self) -> Marked:
        """What of the columns enters a score."""
        return Marked(self.columns)

    def unlikeness(self, matrix: Floats) -> Floats:
        """The score s of each row, shape (n_samples,), the higher, the more unlike.

        Parameters
        ----------
        matrix : ndarray of float64, shape (n_samples, n_features)
            As the matrix of the schema; NaN for a missing value.
        """
        found = np.empty(len(matrix))
        for start in range(0, len(matrix), _BLOCK):
            rows = slice(start, start + _BLOCK)
            part = np.asarray(matrix[rows], dtype=np.float64)
            found[rows] = self.marked.costs(part)
            if len(self.marked.numbers):
                found[rows] += self.shape.distances(self.marked.bent(part))
        return found

    def outlier_p(self, matrix: Floats) -> Floats:
        """The share of training rows that are at least as unlike the others as each row is.

        The numbers, levels and missing cells of a row count, but not its days of the calendar.
        p = (1 + #{sᵢ ≥ s}) / (n + 1), where sᵢ is the score of a training row by the rows of other
        parts. Of new rows like the training rows, a share of at most p has this p or a smaller one,
        about.

        Parameters
        ----------
        matrix : ndarray of float64, shape (n_samples, n_features)
            As the matrix of the schema; NaN for a missing value.

        Returns
        -------
        ndarray of float64, shape (n_samples,)
            Above 0 and at most 1.
        """
        return self.scores.p_of(self.unlikeness(matrix))


def likeness_of(
    kinds: Sequence[str],
    X: Numbers,
    weights: Floats,
    n: float,
    target: Floats,
    groups: Places | None = None,
) -> Likeness:
    """Summarise the rows of a fit.

    Parameters
    ----------
    kinds : sequence of str, length n_features
        Of the columns of the schema.
    X : Numbers, shape (n_rows, n_features)
        Canonical rows, at least one: merged, and in the order of their hashes.
    weights : ndarray of float64, shape (n_rows,)
        Above 0.
    n : float
        How many rows they stand for.
    target : ndarray of float64
        As in `Likeness`.
    groups : ndarray of int, shape (n_rows,), optional
        Rows of one group depend on each other, and are scored by the rows of other groups.

    Returns
    -------
    Likeness
        The same for every order of the rows of the table.
    """
    rows = weights * (n / weights.sum())
    columns = tuple(column_summaries(tuple(kinds), X, rows))
    marked = Marked(columns)
    most = min(MOST_ROWS, max(FEWEST_ROWS, MOST_CELLS // X.shape[1]))
    if len(X) > most:  # canonical rows are in no order that says anything of them
        X, rows = X.pick(np.arange(most)), rows[:most]
        groups = None if groups is None else groups[:most]
    matrix = X[slice(None)]
    own, parts, shares = _in_parts(rows, groups)
    matrix = matrix[own]
    costs = marked.costs(matrix, left_out=1.0)
    if groups is not None and len(np.unique(parts)) > 1:
        costs = marked.crossed_costs(matrix, shares, parts)
    return Likeness(columns, *_scored(marked, matrix, shares, parts, costs), target)


def _scored(
    marked: Marked, matrix: Floats, weights: Floats, parts: Places, scores: Floats
) -> tuple[Shape, Scores]:
    """The shape of some rows, and their scores: what their levels cost, and their distances.

    A distance is by the shape of the other parts; of a single part, by its own.
    """
    shape = Shape(np.empty(0), np.empty((0, 0)))
    if len(marked.numbers):
        bent = marked.bent(matrix)
        missing = np.isnan(bent)
        whole, others = shapes_of(bent, weights, parts)
        bent[missing] = np.nan
        shape = Shape(whole.mean, _rounded(whole.factor))
        for part in np.unique(parts).tolist():
            here = parts == part
            scores[here] += others.get(part, shape).distances(bent[here])
    return shape, _kept(scores, weights)


def _rounded(factor: Floats) -> Floats:
    """With the bits that a file keeps."""
    return factor.astype(np.float32).astype(np.float64)


def _in_parts(weights: Floats, groups: Places | None) -> tuple[Places, Places, Floats]:
    """Rows in parts: the place of a row, its part, and how many such rows are there.

    A row that stands for several ones is in several parts, as these would be. Rows of one group
    are in one part.
    """
    if groups is not None:
        return np.arange(len(weights)), np.asarray(groups % N_PARTS, np.intp), weights
    each = np.floor(weights / N_PARTS)
    left = (weights - N_PARTS * each)[:, np.newaxis] - np.arange(N_PARTS)
    shares = each[:, np.newaxis] + np.clip(left, 0.0, 1.0)
    own, turn = np.nonzero(shares > 0)
    return own, (own + turn) % N_PARTS, shares[own, turn]


def _kept(scores: Floats, weights: Floats) -> Scores:
    """Some of the scores, the highest ones all, and how many rows are above those before them."""
    order = np.argsort(-scores, kind="stable")
    values, sums = scores[order], np.cumsum(weights[order])
    last = np.append(values[1:] < values[:-1], True)  # of rows with equal scores
    values, sums = values[last], sums[last]
    steps = np.floor(np.log(sums) / np.log(_GROWTH))
    chosen = np.append(True, steps[1:] > steps[:-1])
    # Of a step, the highest score is kept: those below it count as if they were not lower.
    values = values[chosen][::-1]
    before = np.flatnonzero(chosen)
    ends = np.append(before[1:] - 1, len(sums) - 1)
    above = (sums[ends] / sums[-1])[::-1]
    return Scores(float(sums[-1]), values.copy(), above.copy())
