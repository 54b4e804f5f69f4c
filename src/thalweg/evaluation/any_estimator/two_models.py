"""Compare the answers of two models for the same rows with a margin, for each task.

The log-loss is compared row by row. In repeated cross-validation it is the mean of each fold, with
the corrected resampled t. In regression, where the measure (RMSE, say) is no mean over rows, only
the 95 % interval is known, and stands for the 90 % interval as well.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.comparing.corrected_resampling import CorrectedT, corrected_t
from thalweg.evaluation.comparing.margin_rule import Ruling, margin_of, rule
from thalweg.evaluation.comparing.paired_differences import PairedDifference, paired_difference
from thalweg.evaluation.dependent_rows import group_codes, independent_number
from thalweg.evaluation.judging.comparison_rule import LOG_LOSS, metric_of
from thalweg.evaluation.judging.informative_rows import rows_that_tell, weighted_rows_that_tell
from thalweg.evaluation.judging.multiclass_metrics import checked_classes, log_losses
from thalweg.evaluation.judging.two_class_metrics import checked_rows, log_losses_of_two
from thalweg.evaluation.task_judging import Task

Rounds = Sequence[tuple[Answers, Answers]]


def compare_answers(
    task: Task, rounds: Rounds, *, n_train: int | None, margin: float | None, seed: int
) -> Ruling:
    """Compare a model with another one, by the rule of `comparing.margin_rule`.

    Parameters
    ----------
    task : Task
    rounds : sequence of (Answers, Answers)
        Of the model and of the other one, in each repetition.
    n_train : int or None
        Training rows of a fold; None if they are unknown.
    margin : float or None
        As ``asked`` in `margin_of`.
    seed : int
    """
    for mine, other in rounds:
        _require_same_rows(mine, other)
    mine, other = rounds[0]
    counts = _counts(task, mine)
    simpler = float(
        np.mean(
            [
                task.judge(each, None, seed=seed).metrics[metric_of(task.measure)].value
                for _, each in rounds
            ]
        )
    )
    limit = margin_of(task.measure, simpler, counts, margin)
    n_telling, n_effective = _telling(task, mine, counts)
    if len(rounds) > 1 and n_train:
        found = _over_folds(task, rounds, n_train, seed)
        difference, chances = found.difference(), found.chances(limit.value)
    else:
        difference, chances = _difference(task, mine, other, seed), None
    return rule(
        task.measure,
        difference,
        limit,
        n_telling=min(n_telling, n_effective),
        chances=chances,
    )


def _require_same_rows(mine: Answers, other: Answers) -> None:
    if len(mine) == len(other) and np.array_equal(mine.truth, other.truth):
        return
    raise DataError(
        "The two models' answers are not for the same rows",
        where=f"{len(mine):,} and {len(other):,} rows",
        why="Models are compared on the same rows",
        fix="evaluate both on the same table, with the same how, seed, folds and repeats",
    )


def _counts(task: Task, rows: Answers) -> list[float]:
    if task.measure != LOG_LOSS:
        return []
    counts: list[float] = np.bincount(rows.truth.astype(np.intp), rows.in_rows()).tolist()
    return counts


def _telling(task: Task, rows: Answers, counts: list[float]) -> tuple[float, float]:
    """The informative rows, and the effective number of all rows, or of groups of them."""
    weights = rows.in_rows()
    n = float(independent_number(len(rows), weights, group_codes(rows.groups)))
    if not counts:
        return rows.effective_n, n
    if weights is None:
        return rows_that_tell(counts), n
    return weighted_rows_that_tell(rows.truth.astype(np.intp), weights), n


def _losses(rows: Answers) -> np.ndarray:
    """The log-loss of each row."""
    if rows.answer.ndim == 1:
        return log_losses_of_two(*checked_rows(rows.truth, rows.answer))
    return log_losses(*checked_classes(rows.truth, rows.answer))


def _difference(task: Task, mine: Answers, other: Answers, seed: int) -> PairedDifference:
    if task.measure == LOG_LOSS:
        return paired_difference(_losses(mine), _losses(other), seed, mine.in_rows(), mine.groups)
    return PairedDifference.of_95(task.difference(mine, other, seed))


def _over_folds(task: Task, rounds: Rounds, n_train: int, seed: int) -> CorrectedT:
    differences, n_test = [], []
    for mine, other in rounds:
        folds = np.zeros(len(mine)) if mine.folds is None else mine.folds
        for fold in np.unique(folds):
            rows = np.flatnonzero(folds == fold)
            pair = mine.rows(rows), other.rows(rows)
            n_test.append(len(rows))
            differences.append(_value(task, pair, seed))
    return corrected_t(np.array(differences), np.array(n_test, dtype=np.float64), float(n_train))


def _value(task: Task, pair: tuple[Answers, Answers], seed: int) -> float:
    mine, other = pair
    if task.measure != LOG_LOSS:
        return task.difference(mine, other, seed).value
    with np.errstate(invalid="ignore"):  # ∞ - ∞ is NaN
        return float(np.average(_losses(mine) - _losses(other), weights=mine.counts()))


def rounds_of(
    mine: Sequence[Mapping[str, Answers]],
    name: str,
    others: Sequence[Mapping[str, Answers]],
    theirs: str,
) -> list[tuple[Answers, Answers]]:
    """The answers of two models in each repetition."""
    if len(mine) != len(others):
        raise DataError(
            "The two evaluations have not the same number of repetitions",
            where=f"{len(mine)} and {len(others)}",
            fix="evaluate both with the same repeats",
        )
    return [(a[name], b[theirs]) for a, b in zip(mine, others, strict=True)]
