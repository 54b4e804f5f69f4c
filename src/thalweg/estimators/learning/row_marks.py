"""What is said of each row beside the table: its group, or its time."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.matrix_view import Numbers
from thalweg.data.names import likely, listed
from thalweg.data.schema.schema import Schema, infer_schema
from thalweg.data.time_windows import require_times
from thalweg.data.typing import GroupsLike, TimesLike
from thalweg.errors import DataError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Marks:
    """A number for each row of a table.

    Attributes
    ----------
    of : {"groups", "times"}
        Whether equal numbers mean one group, or numbers are an order in time.
    values : ndarray of float64, shape (n_samples,)
    """

    of: Literal["groups", "times"]
    values: Floats


def group_marks(groups: GroupsLike, n_rows: int) -> Marks:
    """The groups of rows, numbered."""
    marks = _of_rows("groups", groups, n_rows, "the group")
    return Marks("groups", np.unique(marks.astype(str), return_inverse=True)[1].astype(np.float64))


def time_marks(times: TimesLike, schema: Schema, matrix: Numbers) -> Marks:
    """The times of rows: a column of the table, or an array of dates or numbers.

    Raises
    ------
    DataError
        If there is no such column, it is no time, or a time is missing.
    """
    if isinstance(times, str):
        if times not in schema.names:
            guess = likely(times, schema.names)
            raise DataError(
                f'There is no column "{times}" to order the rows by',
                where=f"the table has {listed(schema.names)}",
                why=f'Did you mean "{guess}"?' if guess else "",
                fix="use one of these names, spelled as it is there; or give the time of each row",
            )
        place = schema.names.index(times)
        kind, values = schema.kinds[place], matrix.column(place)
        name = times
    else:
        given = _of_rows("time_column", times, len(matrix), "the time")
        name = "time_column"
        frame = pd.DataFrame({name: given})
        found = infer_schema(frame)
        kind, values = found.kinds[0], found.matrix(frame)[:, 0]
    require_times(name, kind, values)
    return Marks("times", values.astype(np.float64))


def _of_rows(what: str, given: Any, n_rows: int, of_each: str) -> NDArray[Any]:
    marks = np.asarray(given)
    if marks.ndim != 1 or len(marks) != n_rows:
        raise DataError(
            f"{what} of shape {marks.shape} {'do' if what == 'groups' else 'does'} not belong to "
            f"{n_rows} rows",
            fix=f"give {of_each} of each row",
        )
    return marks
