"""Any fitted estimator, asked for predictions of rows whose cells are exchanged."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from thalweg.evaluation.any_estimator.wrapped_estimator import wrapping
from thalweg.evaluation.importance.column_groups import Columns
from thalweg.evaluation.importance.loss_rise import MovedLosses, mean_of_permutations
from thalweg.evaluation.importance.moved_tables import AnyTable
from thalweg.evaluation.importance.row_losses import RowLosses
from thalweg.evaluation.task_judging import Task


@dataclass(frozen=True, eq=False)
class AskedEstimator:
    """A fitted estimator and rows, as `loss_rise.risen` asks them.

    Parameters
    ----------
    model : object
        With ``predict`` and, for classes, ``predict_proba``.
    table : AnyTable
        The rows that are used.
    losses_of_rows : RowLosses
    donors : ndarray of int, shape (n_permutations, n_rows)
    """

    model: Any
    table: AnyTable
    losses_of_rows: RowLosses
    donors: np.ndarray

    @property
    def _task(self) -> Task:
        return self.losses_of_rows.task

    def losses(self, columns: Columns) -> MovedLosses:
        """Losses with the cells of these columns permuted; of no column: as the rows are."""
        donors = self.donors if columns else self.donors[:1]
        moved = (self._losses_of(self.table.moved(columns, each)) for each in donors)
        return MovedLosses(mean_of_permutations(moved), np.empty(0))

    def answers(self) -> np.ndarray:
        """The predictions for the rows as they are."""
        return self._asked(self.table.moved((), self.donors[0]))

    def _losses_of(self, X: Any) -> np.ndarray:
        return self.losses_of_rows.of(self._asked(X))

    def _asked(self, X: Any) -> np.ndarray:
        wrapped = wrapping(self.model, of_classes=self._task.kind.of_classes, fitted=True)
        places = np.arange(self.donors.shape[1])
        return self._task.ask(wrapped(self.model, X), places)
