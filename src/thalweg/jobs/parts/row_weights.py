"""The column of sample weights: checked, and read as numbers from 0 on."""

from contextlib import suppress

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.cells import missing_cells, number_of
from thalweg.data.column_roles import is_missing
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.target_kind import numbers_of
from thalweg.errors import DataError
from thalweg.evaluation.answers import unsound_weight
from thalweg.wording import parameter, row_number, row_numbers, shown

_OTHER = f"name another column with {parameter('weight_column')}"

# Up to so many rows are named, to be left out.
_MOST_ROWS = 20


def weights_of(cells: pd.Series, said: SaidColumns) -> NDArray[np.float64]:
    """The weights of the rows, shape (n_rows,); at least one is above 0.

    Parameters
    ----------
    cells : Series
        The cells of the column.
    said : SaidColumns
        What the user said of columns, such as how the numbers of this one are written.

    Raises
    ------
    DataError
        If a cell is missing, or not a number from 0 on, or all are 0; or if some are too far from
        others for sums of them.
    """
    name = str(cells.name)
    missing = np.flatnonzero(missing_cells(cells))
    if len(missing):
        raise is_missing("weight", name, missing, len(cells))
    weights = _numbers(cells, said)
    odd = ~(np.isfinite(weights) & (weights >= 0))
    if odd.any():
        row, rows = int(np.argmax(odd)), row_numbers(odd)
        these = "the row" if len(rows) == 1 else "these rows"
        leave = f"leave {these} out with {parameter('drop_row', ','.join(map(str, rows)))}, "
        raise DataError(
            f"A weight is {shown(cells.iloc[row])}, and not a number from 0 on",
            where=f'column "{name}", row {row_number(row + 1):,}',
            why="A weight says as how many rows a row counts",
            fix=f"{leave if len(rows) <= _MOST_ROWS else ''}correct the cell (0 for a row that "
            f"does not count), or {_OTHER}",
        )
    if not weights.any():
        raise DataError(
            "All weights are 0, so no row counts",
            where=f'column "{name}"',
            fix=f"{_OTHER}, or leave out {parameter('weight_column')}",
        )
    found = unsound_weight(weights)
    if found is not None:
        raise DataError(
            f"A weight is {shown(cells.iloc[found.row])}",
            where=f'column "{name}", row {row_number(found.row + 1):,}',
            why=found.why,
            fix=f"{found.fix}; or {_OTHER}",
        )
    return weights


def _numbers(cells: pd.Series, said: SaidColumns) -> NDArray[np.float64]:
    """The cells as numbers; NaN where they are none, and none is a number if none can be read."""
    name = str(cells.name)
    if name not in said.number:
        plain = [number_of(cell) for cell in cells]
        if not any(value is None or isinstance(value, bool) for value in plain):
            return np.asarray(plain, dtype=np.float64)
    with suppress(DataError):  # its errors are about a target; `weights_of` says the row
        read = numbers_of(cells, name, said)
        if read is not None:
            return read.values
    values = (number_of(cell) for cell in cells)
    return np.array([np.nan if each is None or isinstance(each, bool) else each for each in values])
