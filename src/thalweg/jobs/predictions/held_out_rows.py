"""The predictions of held-out rows, collected while settings or a model are evaluated."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from thalweg.errors import SettingsError
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.jobs.offsets.table_offsets import kind_of_answers
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.parts.training_table import TrainingTable
from thalweg.jobs.predictions.predicted_columns import predicted
from thalweg.jobs.predictions.predicted_rows import (
    FOLD,
    PREDICTION,
    REPETITION,
    TRUTH,
    PredictedRows,
    Row,
    places_in_file,
    with_truth,
)
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

OnTest: TypeAlias = Callable[[JudgedModel, np.ndarray], None]


class HeldOutRows:
    """Collects what fitted models predict for their test rows.

    Parameters
    ----------
    table : TrainingTable
    n_folds : int, optional
        The number of folds of a cross-validation; then rows have a repetition and a fold, from 1.

    Raises
    ------
    SettingsError
        If a column that is carried along has the name of another one: before anything is trained.
    """

    def __init__(self, table: TrainingTable, n_folds: int | None = None) -> None:
        self._table, self._n_folds = table, n_folds
        self._columns: list[str] = []
        self._found: list[tuple[int, int, Row]] = []
        self._done = 0
        folds = [] if n_folds is None else [REPETITION, FOLD]
        own = sorted(set(table.y.tolist())) if table.task.kind.of_classes else []
        self._kind = kind_of_answers(table.offset, table.facts)
        named = [f"{each}_{self._kind}" if self._kind else each for each in (TRUTH, PREDICTION)]
        columns = [*folds, *named, *(f"p_{label}" for label in own)]
        PredictedRows(columns, []).with_ids(table.table.ids[:0], np.empty(0, np.intp))

    def add(self, model: JudgedModel, test: np.ndarray) -> None:
        """Add what a model predicts for its test rows; folds come in order."""
        table = self._table
        classes = np.unique(table.y) if table.task.kind.of_classes else None
        made = predicted(cast("Model", model), table.table.frame.iloc[test], classes)
        if self._n_folds is not None:
            place = self._done // self._n_folds + 1, self._done % self._n_folds + 1
            made = made.with_first([REPETITION, FOLD], [place] * len(test))
        self._done += 1
        made = with_truth(made, table.y[test].tolist(), self._kind)
        made = made.with_ids(table.table.ids.iloc[test], places_in_file(table.table.kept, test))
        self._columns = made.columns
        repetition = 0 if self._n_folds is None else (self._done - 1) // self._n_folds
        self._found += [
            (repetition, place, row) for place, row in zip(test.tolist(), made.rows, strict=True)
        ]

    def rows(self) -> PredictedRows:
        """All rows, by repetition and in the order of the table."""
        ordered = sorted(self._found, key=lambda each: each[:2])
        return PredictedRows(self._columns, [row for *_, row in ordered])


def nothing_kept(model: JudgedModel, test: np.ndarray) -> None:
    """Keep no predictions, where no file is asked for."""


def require_used(
    ids: Sequence[str], predictions: str | None, columns: Columns | None = None
) -> None:
    """Raise a SettingsError if columns are to be carried along, and no file takes them.

    ``columns`` are those of a fit, for which such a column would be a feature without the option.
    """
    if ids and predictions is None:
        without = f"leave out {parameter('id')}"
        if columns is not None and ids[0] in columns.without_ids().drop:
            without = f"leave the column out with {parameter('drop', ids[0])}"
        raise SettingsError(
            f"{parameter('id', ids[0])} is for the file of predictions, and none is asked for",
            fix=f"name a file with {parameter('predictions')}, or {without}",
        )
