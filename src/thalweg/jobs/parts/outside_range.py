"""The numbers of a later table outside the range of the training rows, with their cells."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.cells import Cell
from thalweg.data.notation.as_said import readings
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.notation.said_columns import say_how
from thalweg.data.notation.written_number import written
from thalweg.data.schema.ranges import Beyond, OutsideCounts, beyond
from thalweg.estimators.input_tables import seen_range
from thalweg.jobs.parts.model_table import Features
from thalweg.wording import row_number, shown

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model


def outside_range(model: "Model", X: Features, matrix: NDArray[np.floating]) -> list[Beyond]:
    """The numbers outside the range of the training rows, their rows as in the file.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    X : DataFrame or ndarray
        The features.
    matrix : ndarray of float, shape (n_rows, n_columns)
        What the schema of the model reads of them.
    """
    schema = model.schema_
    found = beyond(schema.names, matrix, *seen_range(model), schema.dates)
    return list(_with_cells(found, model, X))


def counted_outside(model: "Model", X: Features, matrix: NDArray[np.floating]) -> OutsideCounts:
    """The same as `outside_range`, counted: of each column only the farthest one is kept."""
    schema = model.schema_
    counts = OutsideCounts.of_matrix(schema.names, matrix, *seen_range(model), schema.dates)
    worst = list(_with_cells([*counts.worst.values()], model, X))
    counts.worst = {each.column: each for each in worst}
    return counts


def outside_in_words(
    model: "Model", X: Features, matrix: NDArray[np.floating], found: list[Beyond]
) -> list[str]:
    """For each row, its cells that no training row was like: ``age 140, not 20 to 90``.

    These are numbers outside the range of the training rows, and levels that the model was not
    fitted on.

    Parameters
    ----------
    model, X, matrix
        As in `outside_range`.
    found : list of Beyond
        From `outside_range`.
    """
    said: list[list[str]] = [[] for _ in range(len(matrix))]
    places = {row_number(row + 1): row for row in range(len(matrix))} if found else {}
    for each in found:
        ends = f"{each.text(each.low)} to {each.text(each.high)}"
        said[places[each.row]].append(f"{each.column} {each.read_as.rstrip(',')}, not {ends}")
    schema = model.schema_
    for j, column in enumerate(schema.columns):
        if column.kind != "category":
            continue
        for row in np.flatnonzero(matrix[:, j] == 0).tolist():
            said[row].append(f"{column.name}{_cell_of(X, column.name, j, row)}, unknown")
    return ["; ".join(each) for each in said]


def _cell_of(X: Features, name: str, place: int, row: int) -> str:
    """A cell in words after the name of its column; "" if the column is read from another one."""
    if not isinstance(X, pd.DataFrame):
        return f" {shown(X[row, place])}"
    return f" {shown(X[name].iloc[row])}" if name in X.columns else ""


def _with_cells(found: list[Beyond], model: "Model", X: Features) -> Iterator[Beyond]:
    written_so = {
        column.name: column.notation
        for column in model.schema_.given
        if isinstance(column.notation, NumberNotation) and not column.notation.is_plain
    }
    cells: dict[str, np.ndarray] = {}
    for each in found:
        notation = written_so.get(each.column)
        if notation is not None and isinstance(X, pd.DataFrame):
            if each.column not in cells:
                cells[each.column] = X[each.column].to_numpy()
            cell = cells[each.column][each.row - 1]
            each = replace(each, cell=str(cell), how=_how(each, cell, notation))
        yield replace(each, row=row_number(each.row))


def _how(each: Beyond, cell: Cell, notation: NumberNotation) -> str:
    """The option by which a cell of two readings is the other number."""
    said = written(cell) if isinstance(cell, str) else None
    if said is None or said.is_sure:
        return ""
    others = [shown for value, shown in readings(str(cell), (), notation) if value != each.value]
    return say_how(each.column, others[0]) if others else ""
