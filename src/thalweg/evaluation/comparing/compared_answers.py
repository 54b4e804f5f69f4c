"""Compare the answers of two models for the same rows: on test rows, or over folds.

On a test set, the difference of the measure is measured on its rows, with bootstrap intervals. In
cross-validation, repeated or not, it is the mean of the differences of the folds, with the
intervals and the probabilities of the corrected resampled t (`comparing.corrected_resampling`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.comparing.corrected_resampling import CorrectedT, corrected_t
from thalweg.evaluation.comparing.margin_rule import Margin, Ruling, margin_of, rule
from thalweg.evaluation.comparing.paired_differences import PairedDifference
from thalweg.evaluation.dependent_rows import group_codes, independent_number
from thalweg.evaluation.judging.informative_rows import rows_that_tell, weighted_rows_that_tell
from thalweg.evaluation.task_kinds import LOG_LOSS

Rounds = Sequence[tuple[Answers, Answers]]
# The training rows of each fold, for each repetition; empty if they are unknown.
Taught = Sequence[np.ndarray]


class Measuring(Protocol):
    """What a task says of its measure."""

    @property
    def measure(self) -> str:
        """The measure in words."""

    def difference(self, a: Answers, b: Answers, seed: int) -> PairedDifference:
        """By how much the measure of a exceeds that of b for the same rows, paired."""

    def alone(self, rows: Answers) -> float:
        """The measure without an interval."""


def compare_answers(
    task: Measuring,
    rounds: Rounds,
    *,
    taught: Taught = (),
    margin: float | None,
    seed: int,
    n_different: float = np.inf,
) -> Ruling:
    """Compare a model with another one, by the rule of `comparing.margin_rule`.

    Parameters
    ----------
    task : Measuring
    rounds : sequence of (Answers, Answers)
        Of the model and of the other one, in each repetition.
    taught : sequence of ndarray of int, shape (n_folds,), optional
        The training rows of each fold, for each repetition. Without them, or with a single fold in
        all, the rows of the first repetition are compared.
    margin : float or None
        As ``asked`` in `margin_of`.
    seed : int
    n_different : float, optional
        How many of the rows differ, where equal rows are never split.

    Raises
    ------
    DataError
        If the answers are for different rows.
    SettingsError
        As in `margin_of`.
    """
    for mine, other in rounds:
        _require_same_rows(mine, other)
        _require_same_folds(mine, other)
    mine, other = rounds[0]
    alone = _mean([task.alone(each) for _, each in rounds])
    limit = margin_of(task.measure, alone, _counts(task.measure, mine), margin)
    found = _over_folds(task, rounds, taught)
    difference = task.difference(mine, other, seed) if found is None else found.difference()
    ruling = ruling_of(task.measure, mine, difference, limit, n_different)
    if found is None:
        return ruling
    return replace(ruling, chances=found.chances(limit.value), n_folds=found.df + 1)


def ruling_of(
    measure: str,
    rows: Answers,
    difference: PairedDifference,
    limit: Margin,
    n_different: float = np.inf,
) -> Ruling:
    """The ruling on a difference that was measured on some rows.

    Parameters
    ----------
    measure : str
        As in `Ruling`.
    rows : Answers
        Their targets, weights and groups say whether they are too few.
    difference : PairedDifference
    limit : Margin
    n_different : float, optional
        As in `compare_answers`.
    """
    found = rule(
        measure,
        difference,
        limit,
        n_telling=_telling(rows, _counts(measure, rows)),
        n_different=n_different,
        n_effective=rows.effective_n,
        n_groups=_groups(rows),
    )
    return replace(found, how=rows.how)


def _mean(values: Sequence[float]) -> float:
    with np.errstate(invalid="ignore"):  # ∞ - ∞ is NaN
        return float(np.mean(values))


def _require_same_folds(mine: Answers, other: Answers) -> None:
    """Raise a DataError if both have folds, and these divide the rows in two ways."""
    if mine.folds is None or other.folds is None:
        return
    both = np.unique(np.stack([mine.folds, other.folds]), axis=1).shape[1]
    numbers = len(np.unique(mine.folds)), len(np.unique(other.folds))
    if numbers != (both, both):
        raise DataError(
            "The two models' answers are not of the same folds",
            where=f"{numbers[0]:,} and {numbers[1]:,} folds",
            why="Then the models of a fold were trained on other rows, and the result would depend "
            "on whose folds count",
            fix="evaluate both with the same how, seed, folds and repeats",
        )


def _require_same_rows(mine: Answers, other: Answers) -> None:
    if len(mine) == len(other) and np.array_equal(mine.truth, other.truth):
        # Weights that are multiples of each other give the same means.
        if np.allclose(_shares(mine), _shares(other), rtol=1e-9, atol=0):
            return
        raise DataError(
            "The two models' answers have other weights",
            where="evaluated with different sample_weight",
            why="A difference of two means is one of models only if both weigh the rows alike",
            fix="evaluate both with the same sample_weight, or both without",
        )
    raise DataError(
        "The two models' answers are not for the same rows",
        where=f"{len(mine):,} and {len(other):,} rows",
        why="Models are compared on the same rows",
        fix="evaluate both on the same table, with the same how, seed, folds and repeats",
    )


def _shares(rows: Answers) -> np.ndarray:
    counts = rows.counts()
    shares: np.ndarray = counts / counts.max()
    return shares


def _counts(measure: str, rows: Answers) -> list[float]:
    """The rows of each class, or the sums of their weights; empty in regression."""
    if measure != LOG_LOSS:
        return []
    counts: list[float] = np.bincount(rows.truth.astype(np.intp), rows.in_rows()).tolist()
    return counts


def _telling(rows: Answers, counts: Sequence[float]) -> float:
    """The number of informative rows."""
    if not counts:
        return rows.effective_n
    weights = rows.in_rows()
    if weights is None:
        return rows_that_tell(counts)
    return weighted_rows_that_tell(rows.truth.astype(np.intp), weights)


def _groups(rows: Answers) -> float:
    """The effective number of groups; infinite where rows are independent."""
    codes = group_codes(rows.groups)
    return math.inf if codes is None else independent_number(len(rows), rows.in_rows(), codes)


def _over_folds(task: Measuring, rounds: Rounds, taught: Taught) -> CorrectedT | None:
    """The differences of all folds; None if there are fewer than two."""
    differences, n_test, n_train = list[float](), list[float](), list[float]()
    for (mine, other), of_folds in zip(rounds if taught else (), taught, strict=True):
        folds = np.zeros(len(mine), dtype=np.intp) if mine.folds is None else mine.folds
        for fold, n_rows in enumerate(of_folds.tolist()):
            rows = np.flatnonzero(folds == fold)
            if not len(rows):  # all of them have the weight 0
                continue
            with np.errstate(invalid="ignore"):  # ∞ - ∞ is NaN
                found = np.subtract(task.alone(mine.rows(rows)), task.alone(other.rows(rows)))
            differences.append(float(found))
            n_test.append(len(rows))
            n_train.append(n_rows)
    if len(differences) < 2:
        return None
    return corrected_t(np.array(differences), np.array(n_test), np.array(n_train))


def rounds_of(
    mine: Sequence[Mapping[str, Answers]],
    name: str,
    others: Sequence[Mapping[str, Answers]],
    theirs: str,
) -> list[tuple[Answers, Answers]]:
    """The answers of two models in each repetition.

    Raises
    ------
    DataError
        If the numbers of repetitions differ.
    """
    if len(mine) != len(others):
        raise DataError(
            "The two evaluations have not the same number of repetitions",
            where=f"{len(mine)} and {len(others)}",
            fix="evaluate both with the same repeats",
        )
    return [(a[name], b[theirs]) for a, b in zip(mine, others, strict=True)]
