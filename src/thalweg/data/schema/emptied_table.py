"""A table in which the words that somebody named for a missing value are missing cells."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import Cell
from thalweg.data.notation.missing_words import MissingWords, WordsOfColumn
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.schema.column_floats import Column, distinct
from thalweg.data.schema.given_table import Cells, GivenTable
from thalweg.errors import DataError

# Larger integers have no exact float.
_WHOLE = 2**53


def emptied(
    table: GivenTable,
    missing: MissingWords,
    names: Sequence[str],
    known: Iterable[Column | DataError] = (),
) -> GivenTable:
    """The table as it is where a cell is none of the words, and missing elsewhere.

    Parameters
    ----------
    table : GivenTable
    missing : MissingWords
    names : sequence of str
        By which the words of single columns find them, one for each column.
    known : iterable of Column or DataError, optional
        What columns are; in a column of numbers, its notation says which cells are such a number.
    """
    if not missing:
        return table
    of_place = [missing.words(name) for name in names]
    columns = {each.name: each for each in known if isinstance(each, Column)}
    tests = [is_word(words, columns.get(name)) for name, words in zip(names, of_place, strict=True)]
    has_numbers = any(words.numbers for words in of_place)

    def objects() -> NDArray[np.object_]:
        cells = table.objects().astype(object)  # a copy
        for row in cells:
            for place, cell in enumerate(row):
                if tests[place](cell):
                    row[place] = None
        return cells

    return replace(
        table,
        column=lambda place: emptied_cells(table.column(place), of_place[place], tests[place]),
        objects=objects,
        block=(lambda: None) if has_numbers else table.block,
        take=lambda rows: emptied(table.take(rows), missing, names, list(columns.values())),
    )


def is_word(words: WordsOfColumn, column: Column | None) -> Callable[[Cell], bool]:
    """Tells whether a cell is one of the words, in a column of which this is known."""
    if column is None or column.kind != "number":
        return words.__contains__
    notation = column.notation
    return words.by(notation if isinstance(notation, NumberNotation) else None)


def emptied_cells(
    cells: Cells, words: WordsOfColumn, test: Callable[[Cell], bool] | None = None
) -> Cells:
    """A column with missing cells where it has one of these words, or as the test tells."""
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
        holds = words.__contains__ if test is None else test
        places = [place for place, cell in enumerate(different.cells) if holds(cell)]
        wrong = np.isin(different.codes, places)
        if not places:
            return cells
        values = values.copy()
    values[wrong] = None
    return replace(cells, values=values)


def no_cell_holds(
    missing: MissingWords, table: GivenTable, known: Iterable[Column | DataError]
) -> list[str]:
    """Which of the words no cell of a table is, a sentence each."""
    if not missing:
        return []
    columns = {each.name: each for each in known if isinstance(each, Column)}
    cells = {name: table.column(place) for place, name in enumerate(table.all_names())}

    def is_there(word: str, name: str) -> bool:
        words = WordsOfColumn.of([word])
        return (
            name in cells
            and emptied_cells(cells[name], words, is_word(words, columns.get(name)))
            is not cells[name]
        )

    notes = [
        f'No cell of any column holds "{word}", which is said to be missing.'
        for word in missing.everywhere
        if not any(is_there(word, name) for name in cells)
    ]
    return notes + [
        f'No cell of "{name}" holds "{word}", which is said to be missing.'
        for name, words in missing.of_column.items()
        for word in words
        if not is_there(word, name)
    ]
