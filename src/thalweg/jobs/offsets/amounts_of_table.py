"""Amounts and counts of a table, as a loss of logarithms takes them."""

import numpy as np

from thalweg.data.fixes.named_rows import in_ranges
from thalweg.data.read import Table
from thalweg.errors import DataError
from thalweg.estimators.outputs.value_outputs import Values, no_amounts
from thalweg.estimators.parameters.parameter import Settings
from thalweg.network.formulas.losses import LOSSES, loss
from thalweg.wording import parameter, row_number, row_numbers

# So many different cells are named in an error.
_MOST_CELLS = 3
# So many ranges of rows are named.
_MOST_RANGES = 12


def require_amounts_of_table(table: Table, values: np.ndarray, settings: Settings) -> None:
    """Refuse targets that the loss is not for, before any row is set aside for an evaluation.

    The error says of how many rows this is so, and which options leave them out.

    Parameters
    ----------
    table : Table
    values : ndarray of float64, shape (n_samples,)
        Its target.
    settings : mapping
        Parameters of the estimator that were given.
    """
    text = settings.get("loss")
    if not isinstance(text, str) or text.partition(":")[0] not in LOSSES:
        return
    name = loss(text).name
    if not loss(text).of_logarithm or not (odd := no_amounts(name, values)).any():
        return
    try:
        Values(text).numbers(values)
    except DataError as error:
        rows = np.flatnonzero(odd)
        what, _, why, fix = error.unspelled
        where = f'column "{table.target_name}", row {row_number(int(rows[0]) + 1):,}'
        if len(rows) > 1:
            where += f", the first of {len(rows):,} such rows"
        options = "" if odd.all() else f" with {_leaving_out(table, odd)}"
        raise DataError(what, where=where, why=why, fix=fix + options) from error


def _leaving_out(table: Table, odd: np.ndarray) -> str:
    """The options that leave out the rows: by their cells, or, of many different ones, by row."""
    name = str(table.target_name)
    cells = table.target if table.target_cells is None else table.target_cells
    texts = sorted({str(cell) for cell in np.asarray(cells, dtype=object)[odd]})
    if len(texts) <= _MOST_CELLS:
        said = [f"{name}={text}" for text in texts]
        words = parameter("missing", said if said[1:] else said[0])
        return f"{words} {parameter('drop_missing', name)}"
    ranges = in_ranges(row_numbers(odd))
    part = "" if len(ranges) <= _MOST_RANGES else "; that is a part of them"
    return parameter("drop_row", ",".join(ranges[:_MOST_RANGES])) + part
