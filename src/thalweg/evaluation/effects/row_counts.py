"""How many rows each row stands for, and resamples of the rows.

Whole-number weights are numbers of rows (`thalweg.evaluation.answers.copies_of`): a row of weight 2
counts as two equal rows, also in a resample. With other weights, the rows together count as Kish's
effective number of them, and each as its share of that.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from thalweg.evaluation.answers import copies_of, effective_number
from thalweg.evaluation.dependent_rows import Codes, independent_number
from thalweg.evaluation.effects.effect_source import Floats, Rows
from thalweg.evaluation.judging.informative_rows import FEWEST_ROWS as FEWEST_INDEPENDENT
from thalweg.evaluation.judging.intervals import multiplicities
from thalweg.wording import amount, counted_rows

RESAMPLES = 400
# What networks learned of a class from fewer rows, nobody can tell from noise; as of a level.
FEWEST_TAUGHT = 20


@dataclass(frozen=True, eq=False)
class RowCounts:
    """The rows of a table, and how much each counts.

    Parameters
    ----------
    weights : ndarray of float64, shape (n_rows,)
        All above 0.
    seed : int
        Of the resamples.
    groups : ndarray of int, shape (n_rows,), optional
        Rows of one group are drawn together.
    """

    weights: Floats
    seed: int = 0
    groups: Codes | None = None

    @cached_property
    def counts(self) -> Floats:
        """How many rows each row stands for, shape (n_rows,)."""
        if self._copies is not None:
            return self.weights
        found: Floats = self.weights * (effective_number(self.weights) / self.weights.sum())
        return found

    @property
    def n(self) -> float:
        """The number of rows."""
        return float(self.counts.sum())

    @property
    def too_few_groups(self) -> str:
        """Why these rows show no direction; "" unless they are of too few groups.

        It is the rule of verdicts: resamples of few groups hardly differ, or not at all, so their
        interval is too narrow, and fewer than 6 groups can show no difference.
        """
        if self.groups is None:
            return ""
        n = independent_number(len(self.weights), self.weights, self.groups)
        if n >= FEWEST_INDEPENDENT * (1 - 1e-9):
            return ""
        groups = amount(n, 2)
        return (
            f"the rows count as {groups} {'group' if groups == '1' else 'groups'}, and fewer than "
            f"{FEWEST_INDEPENDENT} show no direction and have no interval"
        )

    @cached_property
    def _copies(self) -> Rows | None:
        return copies_of(self.weights)

    @cached_property
    def resamples(self) -> NDArray[np.float32]:
        """How much each row counts in each resample, shape (n_rows, `RESAMPLES`)."""
        n = len(self.weights)
        copies = np.arange(n) if self._copies is None else self._copies
        groups = None if self.groups is None else self.groups[copies]
        found = np.empty((n, RESAMPLES), np.float32)
        first = np.searchsorted(copies, np.arange(n))
        done = 0
        for block in islice(multiplicities(len(copies), self.seed, groups), RESAMPLES):
            some = block[: RESAMPLES - done]
            found[:, done : done + len(some)] = np.add.reduceat(some, first, axis=1).T
            done += len(some)
            if done == RESAMPLES:
                break
        return found if self._copies is not None else found * np.float32(self.counts[:, np.newaxis])


def too_few_taught(n: float, *, grouped: bool, of_two: bool) -> str:
    """Why no direction is claimed for a class that a model learned from few rows; or "".

    Every network has seen nearly all of these rows, so the networks agree on what only they show.

    Parameters
    ----------
    n : float
        The training rows of the class, of two classes of the rarer one; of groups one row each.
    grouped, of_two : bool
    """
    if n >= FEWEST_TAUGHT * (1 - 1e-9):
        return ""
    what = "the rarer class" if of_two else "this class"
    rows = counted_rows(n, "group") if grouped else counted_rows(n)
    return f"the model learned {what} from {rows}, and fewer than {FEWEST_TAUGHT} show no direction"


# A point varies at least this share as much as the one that varies most: less may be rounding.
_LEAST_SPREAD = 1e-3


def half_widths(deviations: Floats) -> Floats:
    """Half the widths of simultaneous 95 % intervals, shape (n_points,).

    With deviations dᵦₖ of resample b at point k and their standard deviation sₖ, it is sₖ times the
    95 % quantile over b of max over k of |dᵦₖ| / sₖ (Montiel Olea & Plagborg-Møller 2019,
    "Simultaneous confidence bands", Journal of Applied Econometrics 34:1-17): 95 % of the resampled
    curves lie within the interval everywhere.

    Parameters
    ----------
    deviations : ndarray of float64, shape (n_resamples, n_points)
    """
    spread = deviations.std(axis=0)
    spread = np.maximum(spread, _LEAST_SPREAD * spread.max(initial=0.0))
    if not spread.any():
        return np.asarray(np.abs(deviations).max(axis=0, initial=0.0), np.float64)
    factor = np.quantile((np.abs(deviations) / spread).max(axis=1), 0.95)
    found: Floats = factor * spread
    return found
