"""Some rows of a table that is read as a whole, as `predict` reads it.

A cell such as ``1.234`` can be read in two ways, and only other cells of its column prove which.
So a row must not be read apart from its table, and messages name it by its place there.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.schema.column_floats import unseen_levels
from thalweg.data.schema.given_table import GivenTable, table_of
from thalweg.data.schema.matching import report_unseen
from thalweg.estimators.input_tables import require_takeable
from thalweg.wording import row_number

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model


class TableRows(NamedTuple):
    """Rows of a table.

    Attributes
    ----------
    table : GivenTable
        These rows only.
    matrix : ndarray of float64, shape (n_rows, n_columns)
        Their cells as numbers, by the schema of the model.
    rows : list of int
        Their numbers in the table, from 1, or in its file if rows of that are left out.
    """

    table: GivenTable
    matrix: np.ndarray
    rows: list[int]


def table_rows(
    model: "Model", X: pd.DataFrame | np.ndarray, rows: Sequence[int] | np.ndarray
) -> TableRows:
    """Read a table as a whole, and take some of its rows.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted. Its ``unknown`` decides how unseen levels in these rows are handled.
    X : DataFrame or ndarray
        The whole table.
    rows : sequence of int
        Counted from 0.

    Raises
    ------
    DataError
        A cell of any row does not fit its column, as for `predict`.
    """
    return rows_of_matrix(model, X, whole_matrix(model, X), rows)


def whole_matrix(model: "Model", X: pd.DataFrame | np.ndarray) -> np.ndarray:
    """The cells of a whole table as numbers; a cell that does not fit its column is an error."""
    matrix = np.asarray(model.schema_.take(X).matrix, dtype=np.float64)
    require_takeable(model, matrix)
    return matrix


def rows_of_matrix(
    model: "Model",
    X: pd.DataFrame | np.ndarray,
    whole: np.ndarray,
    rows: Sequence[int] | np.ndarray,
) -> TableRows:
    """Some rows of a table whose cells are numbers already (`whole_matrix`)."""
    places = np.asarray(rows, dtype=np.intp)
    matrix = whole[places]
    taken = table_of(X.iloc[places] if isinstance(X, pd.DataFrame) else X[places])
    _report_levels(model, taken, matrix, places)
    return TableRows(taken, matrix, [row_number(int(place) + 1) for place in places])


def _report_levels(
    model: "Model", table: GivenTable, matrix: np.ndarray, places: NDArray[np.intp]
) -> None:
    """Report levels that the model does not know, with the rows of the whole table."""
    unseen = []
    named = model.schema_.named and table.named
    for j, column in enumerate(model.schema_.columns):
        if column.kind != "category":
            continue
        place = table.all_names().index(column.name) if named else j
        cells = table.column(place).values
        each = unseen_levels(column.name, matrix[:, j], cells.__getitem__)
        if each is not None:
            unseen.append(replace(each, row=int(places[each.row - 1]) + 1))
    report_unseen(unseen, model.unknown, settable=False)
