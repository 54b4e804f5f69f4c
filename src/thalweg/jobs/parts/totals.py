"""Says which rows of a training table are totals of the rows above them, and no cases."""

import warnings
from contextlib import suppress

import numpy as np
import pandas as pd

from thalweg.data.doctor.total_rows import is_total, totals_of
from thalweg.data.read import Table
from thalweg.data.schema.schema import Schema, infer_schema
from thalweg.data.target_kind import only
from thalweg.errors import DataError, TotalRowWarning


def warn_of_totals(
    table: Table, schema: Schema, matrix: np.ndarray, values: np.ndarray | None
) -> None:
    """Warn of rows that are sums or means of the rows above them.

    ``matrix`` and ``values`` are the features and a numeric target as numbers.
    """
    numbers = {
        each.name: matrix[:, j] for j, each in enumerate(schema.columns) if each.kind == "number"
    }
    if values is not None:
        numbers[str(table.target_name)] = values
    found = totals_of(_with_all(table), numbers)
    if found:
        what, where, why, fix = is_total(found).unspelled
        warnings.warn(f"{what} ({where}). {why}. Fix: {fix}.", TotalRowWarning, stacklevel=2)


def beside_totals(error: DataError, table: Table, values: np.ndarray | None = None) -> DataError:
    """The error about columns; if a row of totals is in the table, that comes first.

    Its word, such as "Summe" among numbers, may be what cannot be read. ``values`` are a numeric
    target, which may alone prove the totals.
    """
    numbers = {} if values is None else {str(table.target_name): values}
    for name in table.frame.columns:
        alone = table.frame[[name]]
        with suppress(DataError):
            schema = infer_schema(alone, said=only(table.said, name))
            if schema.kinds[0] == "number":
                numbers[name] = schema.matrix(alone)[:, 0]
    found = totals_of(_with_all(table), numbers)
    if not found:
        return error
    what, where, why, fix = is_total(found).unspelled
    also, whose, reason, _ = error.unspelled
    also += f" ({whose})" if whose else ""
    _, _, others = reason.partition("Also: ")  # of an error about several columns
    also += f"; {others}" if others else ""
    return DataError(what, where=where, why=f"{why}. Also: {also}", fix=fix)


def _with_all(table: Table) -> pd.DataFrame:
    """The features, the target, the groups and the columns that are left out."""
    more = {str(each.name): each for each in (table.target_cells, table.groups) if each is not None}
    dropped = {name: table.dropped[name] for name in table.dropped.columns}
    return table.frame.assign(**more, **{k: v for k, v in dropped.items() if k not in table.frame})
