"""The table of an evaluation: it is split, fitted on some rows, and asked for others, with weights.

*Weights.* Rows of weight 0 are left out. If all weights are whole numbers, a weight of 2 gives the
same as two equal rows: in the split, in every count, metric and interval. Other weights only say
how much a row counts in the fit and in the metrics; a split then counts each row once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from thalweg.data.dates.time_windows import TimeOrder
from thalweg.evaluation.answers import (
    Answers,
    How,
    checked_weights,
    copies_of,
    require_comparable_weights,
    why_no_rows,
)
from thalweg.evaluation.comparing.ruling_sentences import as_rows_of_equal_weight
from thalweg.evaluation.judging.baselines import TrainingPart
from thalweg.evaluation.judging.boosted_trees import FEWEST_TRAINING_ROWS
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.evaluation.splits import Splits, count_cases, fold_splits, holdout_split, of_rows
from thalweg.evaluation.task_judging import Task
from thalweg.evaluation.task_kinds import TREES

NETWORK = "network"
# Among predictions: the classes that the model decides for, where it is asked for them.
LABELS = "labels of predict"
Predictions = Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class JudgedTable:
    """Rows of a table, all of a weight above 0.

    Parameters
    ----------
    X : DataFrame, shape (n_samples, n_features)
        The table as the model takes it.
    y : ndarray, shape (n_samples,)
        Labels or numbers.
    matrix : ndarray of float64, shape (n_samples, n_features)
        The same table as numbers.
    n_levels : sequence of int
        The number of levels of each column.
    groups : ndarray, shape (n_samples,), or None
    times : TimeOrder or None
    weights : ndarray of float64, shape (n_samples,), or None
    counts : ndarray of int, shape (n_samples,), or None
        The weights, if all are whole numbers: each row stands for so many.
    kept : ndarray of int, shape (n_samples,), or None
        The positions of the rows in the table that was given, if some of its rows do not count.
    trees : bool
        Whether boosted trees are among the baselines.
    """

    X: pd.DataFrame
    y: np.ndarray
    matrix: np.ndarray
    n_levels: Sequence[int]
    groups: np.ndarray | None
    times: TimeOrder | None
    weights: np.ndarray | None = None
    counts: np.ndarray | None = None
    kept: np.ndarray | None = None
    trees: bool = True

    @classmethod
    def of(
        cls,
        X: pd.DataFrame,
        y: np.ndarray,
        matrix: np.ndarray,
        n_levels: Sequence[int],
        groups: np.ndarray | None,
        times: TimeOrder | None,
        weights: np.ndarray | None,
    ) -> "JudgedTable":
        """The rows that count; raises the errors of `answers_of` if the weights are invalid."""
        table = cls(X, y, matrix, n_levels, groups, times)
        if weights is None:
            return table
        weights = checked_weights(weights, len(y))
        require_comparable_weights(weights)
        kept = np.flatnonzero(weights > 0)
        weights = weights[kept]
        copies = copies_of(weights)
        return cls(
            X.iloc[kept],
            y[kept],
            matrix[kept],
            n_levels,
            None if groups is None else groups[kept],
            None if times is None else replace(times, values=times.values[kept]),
            weights,
            None if copies is None else np.bincount(copies, minlength=len(kept)),
            kept,
        )

    def places(self, rows: np.ndarray) -> np.ndarray:
        """The positions of some rows in the table that was given."""
        return rows if self.kept is None else self.kept[rows]

    def places_of_answers(self, rows: np.ndarray) -> np.ndarray:
        """The position in the table that was given of each of the `answers` for some rows."""
        places = self.places(rows)
        return places if self.counts is None else np.repeat(places, self.counts[rows])

    def given_splits(self, splits: Splits) -> Splits:
        """Splits of the table that was given as splits of the rows that count."""
        if self.kept is None:
            return splits
        of_place = np.full(int(self.kept.max(initial=-1)) + 1, -1)
        of_place[self.kept] = np.arange(len(self.kept))

        def kept(rows: np.ndarray) -> np.ndarray:
            found = of_place[rows[rows < len(of_place)]]
            return np.asarray(found[found >= 0])

        return [(kept(train), kept(test)) for train, test in splits]

    def with_trees(self, task: Task, splits: Splits, *, wanted: bool) -> tuple["JudgedTable", str]:
        """The table with boosted trees among the baselines, if a person wants them and they can be.

        Returns
        -------
        JudgedTable, str
            And a sentence about too few training rows, or "".
        """
        fewest = min(self.n_rows(train) for train, _ in splits)
        if not wanted or fewest >= FEWEST_TRAINING_ROWS or TREES not in task.baselines():
            return replace(self, trees=wanted), ""
        return replace(self, trees=False), (
            f"Not compared with boosted trees: they need {FEWEST_TRAINING_ROWS} training rows for "
            f"one split, and there {'is' if fewest == 1 else 'are'} {fewest:,}."
        )

    def strata_of(self, task: Task, given: np.ndarray | None) -> np.ndarray:
        """What the rows are split in proportion of: the given strata, or the classes."""
        if given is None:
            return task.kind.strata(self.y)
        return self.given_rows(given)

    def given_rows(self, values: np.ndarray) -> np.ndarray:
        """Values of the table that was given, for the rows that count."""
        return values if self.kept is None else values[self.kept]

    def holdout(
        self, strata: np.ndarray, fraction: float, seed: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Training and test rows, as in `holdout_split`."""
        return holdout_split(self.matrix, strata, fraction=fraction, seed=seed, **self._marks())

    def folds(self, strata: np.ndarray, n_folds: int, seed: int) -> Splits:
        """Training and test rows of each fold, as in `fold_splits`."""
        return fold_splits(self.matrix, strata, n_folds=n_folds, seed=seed, **self._marks())

    def _marks(self) -> dict[str, Any]:
        return {"groups": self.groups, "times": self._when, "counts": self.counts}

    @property
    def _when(self) -> np.ndarray | None:
        return None if self.times is None else self.times.values

    def fit(self, model: JudgedModel, rows: np.ndarray) -> None:
        """Fit a model in place on some rows, with their groups or times, and their weights."""
        more = of_rows(self.groups, self._when, rows)
        if self.weights is not None:
            more["sample_weight"] = self.weights[rows]
        model.fit(self.X.iloc[rows], self.y[rows], **more)

    def predictions(
        self,
        task: Task,
        model: JudgedModel,
        truth: np.ndarray,
        train: np.ndarray,
        test: np.ndarray,
    ) -> dict[str, np.ndarray]:
        """What a fitted model and each baseline predict for the test rows."""
        baselines = self.baselines(task, truth, train, test)
        return {**asked_of(task, model, self.X.iloc[test]), **baselines}

    def baselines(
        self, task: Task, truth: np.ndarray, train: np.ndarray, test: np.ndarray
    ) -> dict[str, np.ndarray]:
        """What each baseline predicts for the test rows."""
        part = TrainingPart(
            self.matrix[train], truth[train], self._of_baselines(train), self.n_levels
        )
        asked = self.matrix[test]
        return {
            name: fit(part)(asked)
            for name, fit in task.baselines().items()
            if self.trees or name != TREES
        }

    def _of_baselines(self, rows: np.ndarray) -> np.ndarray:
        """The weights of some rows: whole numbers, or with the mean 1, as a penalty counts rows."""
        if self.weights is None:
            return np.ones(len(rows))
        weights = self.weights[rows]
        return np.asarray(weights if self.counts is not None else weights / weights.mean())

    def answers(
        self,
        truth: np.ndarray,
        predicted: Predictions,
        rows: np.ndarray,
        folds: np.ndarray | None = None,
        how: How = "test",
    ) -> dict[str, Answers]:
        """The answers of each model for some rows; all arrays are those of these rows."""
        groups = None if self.groups is None else self.groups[rows]
        weights = None if self.weights is None or self.counts is not None else self.weights[rows]
        found = {
            name: Answers(truth, answer, weights, folds, groups, how)
            for name, answer in predicted.items()
            if name != LABELS
        }
        if LABELS in predicted:
            labels = predicted[LABELS].astype(truth.dtype)
            found[NETWORK] = replace(found[NETWORK], predicted=labels)
        if self.counts is None:
            return found
        copies = np.repeat(np.arange(len(rows)), self.counts[rows])
        return {
            name: replace(answers.rows(copies), given=rows[copies])
            for name, answers in found.items()
        }

    def n_rows(self, rows: np.ndarray) -> int:
        """The number of some rows, by their counts."""
        return len(rows) if self.counts is None else int(self.counts[rows].sum())

    def n_cases(self, rows: np.ndarray) -> int:
        """How many of some rows count as different cases."""
        if self.groups is None and self.times is None:
            return count_cases(self.matrix[rows])
        return self.n_rows(rows)


def asked_of(task: Task, model: JudgedModel, X: pd.DataFrame) -> dict[str, np.ndarray]:
    """What a fitted model predicts for some rows, with its labels if they are asked for."""
    answer = task.ask(model, X)
    decided = getattr(model, "decided", None)
    labels = None if decided is None else decided(X, answer)
    return {NETWORK: answer} if labels is None else {NETWORK: answer, LABELS: labels}


def said_of_weights(answers: Answers) -> str:
    """That answers are weighted, and how many rows of equal weight they are; else ""."""
    why = "" if answers.weights is None else why_no_rows(answers.weights)
    why = f"; {why}" if why else ""
    if answers.in_rows() is None:
        return f", each of the same weight{why}" if why else ""
    return f", weighted: {as_rows_of_equal_weight(answers.effective_n)} (Kish){why}"
