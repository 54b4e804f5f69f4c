"""Predictions of several targets as rows of one table: each column has its target as prefix."""

from collections.abc import Sequence

import numpy as np

from thalweg.errors import SettingsError
from thalweg.jobs.predictions.predicted_columns import PredictedColumns
from thalweg.jobs.predictions.predicted_rows import FOLD, REPETITION, ROW, PredictedRows
from thalweg.wording import parameter

# Of a row, whatever its target: they stand before the predictions, or behind them.
_OF_ROWS = (ROW, REPETITION, FOLD)
_LAST = ("unlike", "outside")


def joined(
    names: Sequence[str], made: Sequence[PredictedRows], ids: Sequence[str] = ()
) -> PredictedRows:
    """The predictions of each target side by side.

    Columns that all targets have with the same cells (the row's number, the repetition and the
    fold, and columns that are carried along) stand first, once.

    Parameters
    ----------
    names : sequence of str
        Of the targets.
    made : sequence of PredictedRows
        For each target, of the same rows.
    ids : sequence of str
        The columns that are carried along.
    """
    columns = [
        PredictedColumns(each.columns, [*zip(*each.rows, strict=True)] or [()] * len(each.columns))
        for each in made
    ]
    return joined_columns(names, columns, ids).rows()


def joined_columns(
    names: Sequence[str], made: Sequence[PredictedColumns], ids: Sequence[str] = ()
) -> PredictedColumns:
    """As `joined`, column by column."""
    first = made[0]
    shared = [name for name in first.columns if name in ids or name in _OF_ROWS]
    columns, cells = list(shared), [first.of(name) for name in shared]
    for name, each in zip(names, made, strict=True):
        own = [k for k, column in enumerate(each.columns) if column not in shared]
        columns += [_named(name, each.columns[k]) for k in own]
        cells += [each.cells[k] for k in own]
    _require_different(columns, names)
    return PredictedColumns(columns, cells)


def _named(target: str, column: str) -> str:
    """The name of a column of one target; what is of the row keeps its name."""
    return column if column in _LAST else f"{target}_{column}"


def _require_different(columns: Sequence[str], names: Sequence[str]) -> None:
    different, counts = np.unique(np.asarray(columns, dtype=object).astype(str), return_counts=True)
    if (counts > 1).any():
        raise SettingsError(
            f'Two columns of the predictions would have the name "{different[counts > 1][0]}"',
            why="Each column has the name of its target, and what it holds",
            fix=f"predict one target at a time: {parameter('target', names[0])}",
        )
