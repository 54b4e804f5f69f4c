"""A table in which the words that somebody named for a missing value are missing cells."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from thalweg.data.notation.missing_words import MissingWords, WordsOfColumn
from thalweg.data.schema.column_floats import distinct
from thalweg.data.schema.given_table import Cells, GivenTable

# Larger integers have no exact float.
_WHOLE = 2**53


def emptied(table: GivenTable, missing: MissingWords, names: Sequence[str]) -> GivenTable:
    """The table as it is where a cell is none of the words, and missing elsewhere.

    Parameters
    ----------
    table : GivenTable
    missing : MissingWords
    names : sequence of str
        By which the words of single columns find them, one for each column.
    """
    if not missing:
        return table
    of_place = [missing.words(name) for name in names]
    has_numbers = any(words.numbers for words in of_place)

    def objects() -> NDArray[np.object_]:
        cells = table.objects().astype(object)  # a copy
        for row in cells:
            for place, cell in enumerate(row):
                if cell in of_place[place]:
                    row[place] = None
        return cells

    return replace(
        table,
        column=lambda place: emptied_cells(table.column(place), of_place[place]),
        objects=objects,
        block=(lambda: None) if has_numbers else table.block,
        take=lambda rows: emptied(table.take(rows), missing, names),
    )


def emptied_cells(cells: Cells, words: WordsOfColumn) -> Cells:
    """A column with missing cells where it has one of these words."""
    values = cells.values
    if not words or values.dtype.kind in "bM":
        return cells
    if values.dtype.kind in "iuf":
        wrong = np.isin(values, [*words.numbers]) if words.numbers else np.zeros(0, np.bool_)
        if not wrong.any():
            return cells
        exact = values.dtype.kind == "f" or int(np.abs(values.astype(np.float64)).max()) < _WHOLE
        if exact:
            floats = values if values.dtype.kind == "f" else values.astype(np.float64)
            return replace(cells, values=np.where(wrong, floats.dtype.type(np.nan), floats))
        values = values.astype(object)
    else:
        different = distinct(values)
        places = [place for place, cell in enumerate(different.cells) if cell in words]
        wrong = np.isin(different.codes, places)
        if not places:
            return cells
        values = values.copy()
    values[wrong] = None
    return replace(cells, values=values)
