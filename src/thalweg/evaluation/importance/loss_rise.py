"""Permutation importance: how far the loss of a model rises if cells are exchanged between rows.

    I(S) = mean over rows of [ mean over permutations π of ℓ(y, f(x with the cells S of row π))
                               - ℓ(y, f(x)) ]

for a set S of columns: one (*alone*), or a group of columns that tell the same, permuted together
(*group*). A raw cell is permuted with its missingness. That a column is idle alone does not show
that it tells nothing: another column may tell the same.

The interval is that of a paired mean over rows (`judging.intervals`: the bootstrap, or of groups of
rows where these depend on each other). It holds for this model and new rows; it does not say what
another fit would lean on. So the spread over the networks of a model stands beside it.

*Rows of folds.* Where each row trained the models that answer the rows of the other folds, rows
depend on each other through these models. A column of noise has a rise of about Σ r_i b(i), where
the model that answers row i has learned b(i) ∝ Σ r_j over the rows j of other folds, with products
r of the column and what the others leave. So each pair of rows counts twice, r_i r_j and r_j r_i,
and the variance is twice that of independent rows. For a column that matters, this part is small.
As nobody knows beforehand which kind a column is, both intervals are √2 as wide.

Breiman 2001, "Random forests", Machine Learning 45:5-32. Fisher, Rudin & Dominici 2019, "All models
are wrong, but many are useful", JMLR 20:177. Hooker, Mentch & Zhou 2021, "Unrestricted permutation
forces extrapolation", Statistics and Computing 31:82.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers, effective_number
from thalweg.evaluation.comparing.beside_constant import (
    require_knowledge,
    ruling_on_losses,
    widened,
)
from thalweg.evaluation.comparing.compared_answers import compare_answers
from thalweg.evaluation.comparing.margin_rule import Ruling
from thalweg.evaluation.dependent_rows import group_codes, independent_number
from thalweg.evaluation.importance.column_groups import Columns
from thalweg.evaluation.importance.importance_found import Rise
from thalweg.evaluation.importance.row_losses import RowLosses
from thalweg.evaluation.judging.intervals import Estimate, bootstrapped
from thalweg.parallel_map import spread
from thalweg.wording import counted, whole_rows

Floats = NDArray[np.float64]

# Fewer rows say nothing that could be ordered.
FEWEST_ROWS = 50
TOO_FEW = "There are too few rows for the importance of columns"


class MovedLosses(NamedTuple):
    """Losses with the cells of some columns permuted.

    Parameters
    ----------
    rows : ndarray of float64, shape (n_rows,)
        The mean loss of each row over the permutations.
    networks : ndarray of float64, shape (n_networks,)
        The mean loss of each network alone, over the rows that it answers; empty if the model has
        no networks, or one.
    """

    rows: Floats
    networks: Floats


def mean_of_permutations(parts: Iterable[Floats]) -> Floats:
    """The mean of some arrays; where all are equal it is this very number, without rounding.

    So a column that changes no answer has an importance of exactly 0.
    """
    count, first, total = 0, np.zeros(0), np.zeros(0)
    for count, part in enumerate(parts, start=1):
        if count == 1:
            first, total = part, np.zeros_like(part)
        else:
            total += part - first
    return first + total / max(1, count)


class AsksMoved(Protocol):
    """A model and rows, which can be asked with cells exchanged."""

    @property
    def losses_of_rows(self) -> RowLosses:
        """The loss, and the true targets of the rows."""

    def losses(self, columns: Columns) -> MovedLosses:
        """Losses with the cells of these columns permuted; of no column: as the rows are."""

    def answers(self) -> Floats | None:
        """The predictions for the rows as they are; None where networks answer rows apart."""


@dataclass(frozen=True, eq=False)
class UsedRows:
    """What is known of the rows beside their cells.

    Parameters
    ----------
    n : int
    weights : ndarray of float64, shape (n,), or None
    groups : ndarray, shape (n,), or None
        Rows of one group depend on each other.
    of_folds : bool
        Whether each row trained the models that answer the rows of other folds.
    n_different : float
        How many of the rows differ, where equal ones are never split.
    """

    n: int
    weights: Floats | None = None
    groups: np.ndarray | None = None
    of_folds: bool = False
    n_different: float = math.inf

    @property
    def effective_n(self) -> float:
        """Kish's effective number of rows."""
        return self.n if self.weights is None else effective_number(self.weights)

    def mean(self, values: Floats) -> float:
        """The weighted mean."""
        return float(np.average(values, weights=self.weights))


class Risen(NamedTuple):
    """The rises, and the two losses between which they stand."""

    rises: tuple[Rise, ...]
    loss: float
    constant: str
    constant_loss: float
    n_networks: int


def require_rows(rows: UsedRows) -> None:
    """Raise a DataError below 50 rows, and if all rows are of one group."""
    codes = group_codes(rows.groups)
    if codes is not None and independent_number(rows.n, rows.weights, codes) < 2:
        raise DataError(
            "All rows are of one group, so they say nothing of others",
            where=counted(rows.n, "row"),
            fix="give rows of more groups",
        )
    if rows.effective_n < FEWEST_ROWS:
        kind = "" if rows.weights is None else " of equal weight"
        raise DataError(
            f"{TOO_FEW}: at least {FEWEST_ROWS} are needed",
            where=f"{counted(whole_rows(rows.effective_n), 'row')}{kind}",
            why="An order of columns from so few rows would be one of chance",
            fix="give more rows that the model was not trained on",
        )


def risen(
    asks: AsksMoved,
    items: Sequence[Columns],
    rows: UsedRows,
    seed: int,
    *,
    threads: int = 1,
    tell: Callable[[], None] = lambda: None,
) -> Risen:
    """How far the loss rises for each item.

    Parameters
    ----------
    asks : AsksMoved
    items : sequence of tuple of int
        Columns, and groups of columns.
    rows : UsedRows
    seed : int
        Of the intervals.
    threads : int, default 1
        Items that are computed at the same time. No result depends on it.
    tell : callable, optional
        Called after each item.

    Returns
    -------
    Risen

    Raises
    ------
    DataError
        Below 50 rows; or if the model is not shown to know more than a constant answer
        (`comparing.beside_constant`), because a ranking would be one of noise.
    """
    require_rows(rows)
    before = asks.losses(())
    losses = asks.losses_of_rows
    losses.require_finite(before.rows)
    name, of_constant = _beaten_constant(asks, rows, before.rows, seed)

    def moved(item: Columns) -> MovedLosses:
        found = asks.losses(item)
        tell()
        return found

    after = spread(moved, items, threads)
    rises = np.array([each.rows - before.rows for each in after]).reshape(len(items), rows.n)
    losses.require_finite(rises.ravel())
    estimates = mean_rises(rises, rows, seed)
    spreads = [_ends(each.networks - before.networks) for each in after]
    found = tuple(
        Rise(tuple(item), estimate, ends)
        for item, estimate, ends in zip(items, estimates, spreads, strict=True)
    )
    n_networks = len(before.networks)
    return Risen(found, rows.mean(before.rows), name, rows.mean(of_constant), n_networks)


def _beaten_constant(asks: AsksMoved, rows: UsedRows, own: Floats, seed: int) -> tuple[str, Floats]:
    """The constant answer and its losses; raises a DataError unless the model knows more."""
    losses = asks.losses_of_rows
    name, answer = losses.constant_answer(rows.weights)
    of_constant, beside = losses.of(answer), losses.beside
    if beside is None:
        require_knowledge(name, _ruling(asks, rows, own, answer, seed), rows.n)
    else:
        require_knowledge(beside.name, beside.ruling, beside.n_rows)
    losses.require_lower(rows.mean(own), rows.mean(of_constant), name, rows.n)
    return name, of_constant


def _ruling(asks: AsksMoved, rows: UsedRows, own: Floats, constant: Floats, seed: int) -> Ruling:
    """The model compared with a constant answer on these rows."""
    losses = asks.losses_of_rows
    task, truth, answer = losses.task, losses.truth, asks.answers()
    theirs = Answers(truth, constant, rows.weights, groups=rows.groups)
    if answer is None:
        return ruling_on_losses(task.measure, theirs, own, losses.of(constant), seed)
    mine = replace(theirs, answer=answer)
    return compare_answers(
        task, [(mine, theirs)], margin=None, seed=seed, n_different=rows.n_different
    )


def mean_rises(rises: Floats, rows: UsedRows, seed: int) -> list[Estimate]:
    """The mean of each item over the rows, with its interval.

    These are the intervals of `paired_difference`, from the same resamples for all items; of rows
    of folds they are √2 as wide.

    Parameters
    ----------
    rises : ndarray of float64, shape (n_items, n_rows)
    rows : UsedRows
    seed : int
    """
    if not len(rises):
        return []

    def means_of(counts: np.ndarray) -> np.ndarray:
        drawn = counts.astype(np.float64)
        # Not a matrix product: BLAS may sum in another order with another number of threads.
        sums = np.einsum("ij,kj->ki", drawn, rises)
        return np.asarray(sums / drawn.sum(axis=1))

    shares = None if rows.weights is None else rows.weights / rows.weights.max()
    found = bootstrapped(rows.n, seed, means_of, shares, group_codes(rows.groups))
    return [widened(each) for each in found] if rows.of_folds else list(found)


def _ends(rises: Floats) -> tuple[float, float] | None:
    """The least and the greatest; None of fewer than two networks."""
    return (float(rises.min()), float(rises.max())) if len(rises) > 1 else None
