"""The values of a column whose groups are evaluated: as the model reads them.

A number is a number in the notation of its column, a word for a missing value is missing, and "Ja"
and "ja" are one answer. A column that is no feature is read as if it were one.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from thalweg.data.cells import missing_cells, number_of, trimmed
from thalweg.data.notation.missing_words import MissingWords
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.schema import Schema, infer_schema
from thalweg.errors import DataError


def group_values(cells: pd.Series, schema: Schema, said: SaidColumns, *, known: bool) -> np.ndarray:
    """Numbers, texts or dates, shape (n_rows,), of dtype object; None is missing.

    Parameters
    ----------
    cells : Series
        A column of the table.
    schema : Schema
        The columns of the model.
    said : SaidColumns
        What was said of the columns of this table.
    known : bool
        Whether the column is one of the model's, and the cells are those that it reads.
    """
    name = str(cells.name)
    if cells.dtype.kind in "mM":
        return cells.to_numpy()
    words = schema.missing.and_of(MissingWords.of(_all_words(said, name)))
    if not known:
        cells = words.emptied(cells)
        found = _alone(cells, said, name)
        if found is None:
            return _texts(cells)
        schema = found
    own = tuple(each for each in schema.given if each.name == name)
    column = own[0]
    if column.kind == "date":
        return np.zeros(len(cells), "datetime64[s]")  # whose groups are refused, whatever they are
    values = replace(schema, columns=own, named=True).matrix(cells.to_frame(name), unknown="ignore")
    texts = _texts(words.emptied(cells))
    if column.kind == "number":
        return _objects(values[:, 0])
    if column.kind == "category":
        for row in np.flatnonzero(values[:, 0] > 0):  # 0 is a level that the model does not know
            texts[row] = column.levels[int(values[row, 0]) - 1]
        texts[np.isnan(values[:, 0])] = None
    if column.kind == "boolean":
        numbers = [number_of(each) for each in texts if each is not None]
        if not any(each is None or isinstance(each, bool) for each in numbers):
            return _objects(values[:, 0])
        return np.array([None if np.isnan(v) else str(bool(v)) for v in values[:, 0]], object)
    return texts


def _alone(cells: pd.Series, said: SaidColumns, name: str) -> Schema | None:
    """The column as a feature by itself; None if it cannot be read, and is text then."""
    own = said
    for other in {*said.names, *said.missing.of_column} - {name}:
        own = own.but(other)
    try:
        return infer_schema(cells.to_frame(name), said=own)
    except DataError:
        return None


def _all_words(said: SaidColumns, name: str) -> Mapping[str, list[str]]:
    return {name: [*said.missing.all_of(name)]}


def _objects(numbers: np.ndarray) -> np.ndarray:
    """Numbers of dtype object, None for NaN."""
    values = np.full(len(numbers), None, dtype=object)
    there = ~np.isnan(numbers)
    values[there] = numbers[there].tolist()
    return values


def _texts(cells: pd.Series) -> np.ndarray:
    """Cells as text without spaces around it; None is missing."""
    values = np.full(len(cells), None, dtype=object)
    there = ~missing_cells(cells)
    values[there] = [trimmed(str(cell)) for cell in cells[there]]
    return values
