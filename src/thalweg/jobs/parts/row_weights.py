"""The column of sample weights: read as a feature would be, and checked: numbers from 0 on."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST, missing_cells, number_of
from thalweg.data.column_roles import is_missing
from thalweg.data.fixes.column_errors import ColumnError, remedies_of
from thalweg.data.notation.number_notation import PLAIN, NumberNotation
from thalweg.data.notation.said_columns import SaidColumns, leave_out, say_category
from thalweg.data.notation.written_number import written
from thalweg.data.read import Table
from thalweg.data.schema.column_floats import Column, read_column, reader
from thalweg.data.schema.given_table import GivenTable, table_of
from thalweg.data.target_kind import find_target, numbers_by
from thalweg.errors import DataError
from thalweg.evaluation.answers import unsound_weight
from thalweg.jobs.offsets.table_offsets import later_rate_weights
from thalweg.jobs.parts.model_table import require_not_reversed
from thalweg.wording import parameter, row_number, row_numbers, shown

if TYPE_CHECKING:
    from thalweg.persistence.model_file import ModelFile

_OTHER = f"name another column with {parameter('weight_column')}"

# Up to so many rows are named, to be left out.
_MOST_ROWS = 20
# What the fix of a feature says for Python, where weights are given as numbers.
_IN_PYTHON = re.compile(r", number=(?:\{.*?\}|\[.*?\]) in Python")


@dataclass(frozen=True, eq=False)
class RowWeights:
    """The weights of rows, and how their column is written.

    Attributes
    ----------
    values : ndarray of float64, shape (n_rows,)
        From 0 on; at least one is above 0.
    notation : NumberNotation or None
        How the numbers are written; None where no cell has a mark that tells.
    notes : list of str
        How they are read, where that is not plain; a sentence or none.
    name : str
        The column of exposures, where no column says weights.
    """

    values: NDArray[np.float64]
    notation: NumberNotation | None
    notes: list[str]
    name: str = ""


def weights_of(
    cells: pd.Series, said: SaidColumns, beside: pd.DataFrame | None = None
) -> RowWeights:
    """The weights of the rows, by the rules by which a feature is read.

    Parameters
    ----------
    cells : Series
        The cells of the column.
    said : SaidColumns
        What is said or known of columns, such as how the numbers of this one are written.
    beside : DataFrame, optional
        The other columns, which may prove what a mark means.

    Raises
    ------
    DataError
        If a cell is missing, or not a number from 0 on, or may be two numbers, or all are 0; or if
        some are too far from others for sums of them.
    """
    name = str(cells.name)
    _require_all(cells)
    alone = table_of(cells.to_frame(name).reset_index(drop=True))
    found = _found(alone, name, said, beside)
    if isinstance(found, Column) and found.kind == "number":
        values = read_column(found, reader(found), alone.column(0))
        notation = found.notation if isinstance(found.notation, NumberNotation) else None
        notes = _notes(name, notation)
        notation = notation or said.number.get(name) or _plain_if_seen(cells)
        return RowWeights(_checked(cells, values), notation, notes)
    values = _roughly(cells)
    if isinstance(found, DataError) and _may_be_numbers(values):
        raise _refused(found, name)
    return RowWeights(_checked(cells, values), None, [])


def later_weights(table: Table, file: "ModelFile", said: SaidColumns) -> RowWeights | None:
    """The weights of the rows of a table for a saved model; None if each counts once.

    With exposures a row also counts by them; parameters are those of `_written_weights`.
    """
    read = _written_weights(table, file, said)
    weights = later_rate_weights(file.model, table, None if read is None else read.values)
    if weights is None:
        return None
    if read is not None:
        return replace(read, values=weights)
    offset = file.model._known.offset
    return RowWeights(weights, None, [], str(offset and offset.column))


def _written_weights(table: Table, file: "ModelFile", said: SaidColumns) -> RowWeights | None:
    """The weights that a column says; None without one.

    The notation is the one that a person names, else that of the fit, else what the table proves.

    Parameters
    ----------
    table : Table
        With its cells as they are in the file.
    file : ModelFile
    said : SaidColumns
        What a person said of the columns of this table.

    Raises
    ------
    DataError
        As `weights_of` does; or if other columns prove that this table is written in another way.
    """
    cells = table.weights
    if cells is None:
        return None
    name = str(cells.name)
    known = _known(file, name)
    if known is None or name in said.number or not _may_be_numbers(_roughly(cells)):
        of_model = file.model.schema_.said.number
        said = replace(said, number={**of_model, **said.number})
        return weights_of(cells, said, all_cells(table))
    _require_all(cells)
    try:
        values = numbers_by(known, cells, name).values
        require_not_reversed(file, table, cells, known)
    except DataError as error:
        raise _refused(error, name) from None
    return RowWeights(_checked(cells, values), known, _notes(name, known))


def with_values(table: Table, weights: RowWeights | None) -> Table:
    """The table with its weights as numbers; without a column of them, they are of exposures."""
    if weights is None:
        return table
    name = weights.name if table.weights is None else table.weights.name
    numbers = pd.Series(weights.values, table.frame.index, name=name)
    return replace(table, weights=numbers)


def all_cells(table: Table) -> pd.DataFrame:
    """The features and the target of a table."""
    if table.target_cells is None:
        return table.frame
    return table.frame.assign(**{str(table.target_name): table.target_cells})


def _known(file: "ModelFile", name: str) -> NumberNotation | None:
    """How a model knows the numbers of a column of weights: of its fit, or of an input."""
    if file.roles.get("weight") == name:
        return file.weight_notation
    of_inputs = {each.name: each.notation for each in file.model.schema_.given}
    found = of_inputs.get(name)
    return found if isinstance(found, NumberNotation) else None


def _found(
    alone: GivenTable, name: str, said: SaidColumns, beside: pd.DataFrame | None
) -> Column | DataError:
    """What the column is as a feature; codes such as ``01`` are numbers here."""
    # It is named as numbers, so nothing else that is said of it counts.
    said = replace(said.but(name), number=said.number, missing=said.missing)

    def both() -> GivenTable:
        others = pd.DataFrame() if beside is None else beside.drop(columns=name, errors="ignore")
        last = pd.Series(alone.column(0).values, name=name)
        return table_of(pd.concat([others.reset_index(drop=True), last], axis="columns"))

    found = find_target(alone, both, said)
    is_text = isinstance(found, Column) and found.kind in ("category", "identifier")
    if is_text and name not in said.number:
        found = find_target(alone, both, replace(said, number={**said.number, name: None}))
    return found


def _plain_if_seen(cells: pd.Series) -> NumberNotation | None:
    """A decimal point, if a text has one: it was read as such."""
    return PLAIN if any(isinstance(cell, str) and "." in cell for cell in cells) else None


def _notes(name: str, notation: NumberNotation | None) -> list[str]:
    """How the weights are read, where that is not plain."""
    if notation is None or notation.is_plain:
        return []
    return [f'The weights "{name}" are read as {replace(notation, bounded=False).words}.']


def _roughly(cells: pd.Series) -> NDArray[np.float64]:
    """Each cell as one of the numbers that it may be; NaN of what is none."""

    def value_of(cell: object) -> float:
        value = number_of(cell)
        if value is None and isinstance(cell, str) and (said := written(cell)) is not None:
            return said.readings[0].value
        return float("nan") if value is None or isinstance(value, bool) else value

    return np.array([value_of(cell) for cell in cells], dtype=np.float64)


def _may_be_numbers(values: NDArray[np.float64]) -> bool:
    """Whether all are numbers that a column may hold; else it is said which row has none."""
    return bool((np.abs(values) <= LARGEST).all())


def _refused(error: DataError, name: str) -> DataError:
    """The error for weights that may be two numbers or contradict each other, with their fixes."""
    what, where, why, fix = error.unspelled
    features_only = (leave_out(name), say_category(name))
    kept = [each for each in fix.split("; ") if not any(said in each for said in features_only)]
    fixes = [_IN_PYTHON.sub("", each.removeprefix("or ")) for each in kept]
    remedies = [each for each in remedies_of(error) if not {"drop", "category"} & {*each.said}]
    what, fix = f"{what}, in the weights", "; or ".join([*fixes, _OTHER])
    if not remedies:
        return DataError(what, where=where, why=why, fix=fix)
    return ColumnError(what, where=where, why=why, fix=fix, remedies=remedies)


def _require_all(cells: pd.Series) -> None:
    missing = np.flatnonzero(missing_cells(cells))
    if len(missing):
        raise is_missing("weight", str(cells.name), missing, len(cells))


def _checked(cells: pd.Series, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights, if all are numbers from 0 on that sums can hold, and one is above 0."""
    name = str(cells.name)
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
