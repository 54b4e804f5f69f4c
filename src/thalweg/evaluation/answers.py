"""Answers: the true targets and the predictions of some rows, and how the predictions came about.

Everything that judges a model, calibrates it or chooses a threshold takes this one object. It holds
arrays only, so it serves any estimator, and predictions of other programs.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from thalweg.errors import DataError

# Which rows the predictions are for: rows that the model has not seen ("test"), rows that were
# predicted in cross-validation, rows of a fold by the network that they did not train, at an epoch
# that they did not choose ("out-of-fold") or did choose ("stopped on these rows"), the rows that
# the model was trained on, and rows of which nobody knows whether it was.
How: TypeAlias = Literal[
    "test", "cross-validated", "out-of-fold", "stopped on these rows", "training", "origin unknown"
]
OUT_OF_FOLD: How = "out-of-fold"
OF_FOLDS = (
    "Models of folds answered these rows, and not the model that is used, so they do not evaluate "
    "it."
)
STOPPED: How = "stopped on these rows"
UNKNOWN: How = "origin unknown"
# What judges a model; the others choose something, and say nothing about the shipped model.
JUDGES: tuple[How, ...] = ("test", "cross-validated")
# Whole-number weights are rows up to this sum, or up to so many for each row, but never above the
# last; beyond, intervals use the effective number of rows. So the time depends on the table.
_ALWAYS_ROWS = 100_000
_ROWS_OF_ONE = 10
MOST_ROWS = 10_000_000
# The range of a weight, so that sums and quotients are finite.
LIGHTEST, HEAVIEST = 1e-100, 1e100
# A weight is at most so many times another. `Answers.in_rows` rounds to 2⁻³⁰ of a row.
FARTHEST_APART = 1e9
# `Answers.in_rows` rounds to 2⁻³⁰ of a row if there are no more rows than this.
_FINE = 2**22


@dataclass(frozen=True, eq=False)
class Answers:
    """Targets and predictions of some rows.

    Parameters
    ----------
    truth : ndarray, shape (n_samples,)
        Two classes: bool, whether a row is positive; several: 0 … n_classes - 1; regression:
        numbers.
    answer : ndarray of float64, shape (n_samples,) or (n_samples, n_classes)
        The probability of the positive class, the probabilities of all classes, or a number.
    weights : ndarray of float64, shape (n_samples,), optional
        Above 0. None: each row counts once. `answers_of` makes rows of whole-number weights.
    folds : ndarray of int, shape (n_samples,), optional
        The fold of each row, if each fold was predicted by a model of its own.
    groups : ndarray, shape (n_samples,), optional
        Rows of one group depend on each other.
    how : How, default "test"
        How the predictions came about.
    predicted : ndarray of bool or int, shape (n_samples,), optional
        The class that the model decides for, as in ``truth``, where `predict` was asked.
    given : ndarray of int, shape (n_samples,), optional
        Where `answers_of` made rows of whole-number weights: the number of the row that was given.
    """

    truth: np.ndarray
    answer: np.ndarray
    weights: np.ndarray | None = None
    folds: np.ndarray | None = None
    groups: np.ndarray | None = None
    how: How = "test"
    predicted: np.ndarray | None = None
    given: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def may_judge(self) -> bool:
        """Whether these rows say how good the model is on new rows."""
        return self.how in JUDGES

    @property
    def effective_n(self) -> float:
        """Kish's effective number of rows, (Σw)² / Σw²: their number if all weights are equal.

        Kish 1965, "Survey Sampling", section 11.7.
        """
        return effective_number(np.ones(len(self)) if self.weights is None else self.weights)

    def counts(self) -> np.ndarray:
        """The weights, or ones; shape (n_samples,)."""
        return np.ones(len(self)) if self.weights is None else self.weights

    def in_rows(self) -> np.ndarray | None:
        """The weights as shares of rows, with the mean 1; None if all are equal.

        They are multiples of 2⁻³⁰ (of a larger power of 2 above 4 million rows). So sums of them
        are exact: counts of rows add up, and do not depend on the order of the rows.
        """
        if self.weights is None or np.all(self.weights == self.weights[:1]):
            return None
        shares = self.weights / self.weights.max()
        unit = 2.0**-30 * max(1.0, 2.0 ** np.ceil(np.log2(len(self) / _FINE)))
        relative = shares * (len(self) / np.sort(shares).sum())
        return np.asarray(np.maximum(np.rint(relative / unit), 1.0) * unit)

    def rows(self, chosen: np.ndarray) -> "Answers":
        """The answers of some rows, by their numbers or by truth values."""
        return self._each(lambda of_rows: of_rows[chosen])

    def _each(self, change: Callable[[np.ndarray], np.ndarray]) -> "Answers":
        weights, folds, groups, predicted, given = (
            None if mark is None else change(mark)
            for mark in (self.weights, self.folds, self.groups, self.predicted, self.given)
        )
        truth, answer = change(self.truth), change(self.answer)
        return Answers(truth, answer, weights, folds, groups, self.how, predicted, given)


def effective_number(weights: np.ndarray) -> float:
    """Kish's effective number of rows with these weights; 0 without a row."""
    if len(weights) == 0:
        return 0.0
    # The squares of 1e200 would overflow; sorted, so that the order of rows changes no bit.
    shares = np.sort(weights / weights.max())
    return float(shares.sum() ** 2 / np.sum(shares**2))


def answers_of(
    truth: np.ndarray,
    answer: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    folds: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    how: How = "test",
) -> Answers:
    """Checked answers, in which a row with a whole-number weight stands so many times.

    Rows of weight 0 are left out. Weights that are not all whole numbers stay: intervals then use
    the effective number of rows.

    Parameters
    ----------
    truth, answer, weights, folds, groups, how
        As in `Answers`.

    Raises
    ------
    DataError
        If lengths differ, or a weight is negative or not finite, or none is above 0.
    """
    found = Answers(
        np.asarray(truth), np.asarray(answer, dtype=np.float64), None, folds, groups, how
    )
    for name, other in (("predictions", found.answer), ("folds", folds), ("groups", groups)):
        if other is not None and len(other) != len(found):
            raise DataError(
                f"The targets and the {name} do not match",
                where=f"{len(found):,} targets, {len(other):,} {name}",
                fix="pass one of each for every row",
            )
    if weights is None:
        return found
    weights = checked_weights(weights, len(found))
    kept = weights > 0
    found, weights = found.rows(kept), weights[kept]
    copies = copies_of(weights)
    if copies is None:
        return replace(found, weights=weights)
    return replace(found.rows(copies), given=copies)


def copies_of(weights: np.ndarray, most: int | None = None) -> np.ndarray | None:
    """The number of each row, as often as its weight says; None if not all are whole numbers.

    None also if there would be more than ``most``, by default `most_rows`.
    """
    if not _are_whole(weights) or weights.sum() > (most or most_rows(weights)):
        return None
    return np.repeat(np.arange(len(weights)), weights.astype(np.intp))


def _are_whole(weights: np.ndarray) -> bool:
    return bool(np.all(weights == np.floor(weights)))


def most_rows(weights: np.ndarray) -> int:
    """The largest sum up to which whole-number weights are rows.

    100,000, or 10 for each row that counts if that is more, and 10 million at most.
    """
    return min(MOST_ROWS, max(_ALWAYS_ROWS, _ROWS_OF_ONE * int(np.count_nonzero(weights))))


def number_of_rows(weights: np.ndarray) -> float:
    """The rows that weights stand for: their sum if they are numbers of rows, else the effective n.

    Rows of weight 0 do not count.
    """
    counting = weights[weights > 0]
    if _are_whole(counting) and counting.sum() <= most_rows(counting):
        return float(counting.sum())
    return effective_number(counting)


def why_no_rows(weights: np.ndarray) -> str:
    """That weights are whole numbers, but too large to be numbers of rows; else ""."""
    most = most_rows(weights)
    if not _are_whole(weights) or weights.sum() <= most:
        return ""
    return f"whole numbers that sum to more than {most:,} are not taken as numbers of rows"


class UnsoundWeight(NamedTuple):
    """The row of a weight that no evaluation can use, from 0 on, and why."""

    row: int
    why: str
    fix: str


def unsound_weight(weights: np.ndarray) -> UnsoundWeight | None:
    """A weight above 0 that is too large, too small, or too far from the others; None without one.

    Parameters
    ----------
    weights : ndarray of float64, shape (n_samples,)
        Finite, from 0 on.
    """
    odd = np.flatnonzero((weights != 0) & ((weights < LIGHTEST) | (weights > HEAVIEST)))
    if len(odd):
        ends = f"{LIGHTEST:g} to {HEAVIEST:g}"
        why = f"Sums and quotients of weights outside {ends} are not exact"
        return UnsoundWeight(int(odd[0]), why, f"give weights from {ends}, or 0")
    counting = weights > 0
    if not counting.any() or weights.max() <= FARTHEST_APART * weights[counting].min():
        return None
    row = int(np.argmin(np.where(counting, weights, np.inf)))
    return UnsoundWeight(
        row,
        f"The largest weight is {weights.max():g}, more than {FARTHEST_APART:,.0f} times as much, "
        "and beside it this row counts less than rounding",
        f"give 0 to rows below {weights.max() / FARTHEST_APART:g}, or correct the largest weights",
    )


def require_comparable_weights(weights: np.ndarray) -> None:
    """Raise a DataError if `unsound_weight` finds one."""
    found = unsound_weight(weights)
    if found is not None:
        raise DataError(
            f"A sample weight is {weights[found.row]:g}",
            where=f"row {found.row + 1}",
            why=found.why,
            fix=found.fix,
        )


def require_from_zero(weights: np.ndarray) -> None:
    """Raise a DataError unless each weight is a number from 0 on."""
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        row = int(np.argmax(bad))
        raise DataError(
            f"A sample weight is {weights[row]}, not a number from 0 on",
            where=f"row {row + 1}",
            fix="give 0 to rows that do not count",
        )


def require_one_per_row(weights: np.ndarray, n_rows: int) -> None:
    """Raise a DataError unless there is one weight for each row."""
    if weights.shape == (n_rows,):
        return
    raise DataError(
        "The sample weights do not match the rows",
        where=f"shape {weights.shape}, {n_rows:,} rows",
        why="Each weight says how much the row with its number counts",
        fix="pass one weight for every row, in the order of the rows, as a 1D array",
    )


def checked_weights(weights: np.ndarray, n_rows: int) -> np.ndarray:
    """The weights as floats, shape (n_rows,); raises the errors of `answers_of`."""
    weights = np.asarray(weights, dtype=np.float64)
    require_one_per_row(weights, n_rows)
    require_from_zero(weights)
    if n_rows and not weights.any():
        raise DataError("All sample weights are 0", fix="give some rows a weight above 0")
    return weights
