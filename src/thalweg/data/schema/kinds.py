"""Find the kind of a column (number, boolean, category …) in the table that a model is fitted on.

It is decided on the distinct cells, so in a long column of few texts each text is read once.
"""

import math

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import affixes_of, is_date, level_of, number_of, plain_numbers
from thalweg.data.schema.column_floats import Distinct, distinct
from thalweg.data.schema.given_table import Cells
from thalweg.data.schema.misfit_messages import (
    leave_out,
    misfit,
    numbers_with_affixes,
    require_moderate,
    say_category,
    written_dates,
)
from thalweg.errors import DataError
from thalweg.wording import counted, shown

KINDS = ("number", "boolean", "category", "identifier", "empty")
# With more different numerals than this and few words, a column is a column of numbers with errors
# in it, not a category.
FEW_NUMERALS = 8
RARE_WORDS = 4  # cells with numerals for each with a word, at least
# Text with more levels than this is an identifier if it has fewer than two rows for each level.
FEW_LEVELS = 20

Kind = tuple[str, tuple[str, ...]]
Weights = NDArray[np.float64]


def find_kind(name: str, cells: Cells, weights: Weights) -> Kind:
    """Find the kind of a column, and the levels of a category.

    Parameters
    ----------
    name : str
    cells : Cells
    weights : ndarray of float64, shape (n_rows,)
        All above zero.

    Returns
    -------
    kind : str
        One of `KINDS`.
    levels : tuple of str
        Sorted; empty if it is not a category.

    Raises
    ------
    DataError
        A cell is a date, infinite, a list or similar; or numbers are mixed with a few words.
    """
    values = cells.values
    if cells.declared:
        different = distinct(values)
        if different.cells and all(isinstance(cell, bool | np.bool_) for cell in different.cells):
            return "boolean", ()
        return _category(name, different)
    numbers = plain_numbers(values) if values.dtype == object else values
    if numbers is None:
        return _of_objects(name, values, weights)
    require_moderate(name, numbers, values)
    # Testing the first cell saves testing all cells of most columns.
    if numbers.dtype.kind == "f" and np.isnan(numbers[:1]).all() and np.isnan(numbers).all():
        return "empty", ()
    return ("boolean" if numbers.dtype == np.bool_ else "number"), ()


def _of_objects(name: str, values: NDArray[np.object_], weights: Weights) -> Kind:
    different = distinct(values)
    read = [number_of(cell) for cell in different.cells]
    known = [place for place, value in enumerate(read) if value is None or not math.isnan(value)]
    words = [place for place in known if read[place] is None]
    for place in words:
        if not isinstance(different.cells[place], str):
            raise misfit(name, "", different.row(place), different.cells[place])
    if words:
        _require_few_numerals(name, different, read, words, weights)
        if all(is_date(str(different.cells[place])) for place in known):
            raise written_dates(name, different.row(known[0]), different.cells[known[0]])
        affixes = {affixes_of(str(different.cells[place])) for place in words}
        if len(known) > FEW_NUMERALS and len(affixes) == 1 and None not in affixes:
            row, place = min((different.row(place), place) for place in words)
            raise numbers_with_affixes(name, row, different.cells[place], affixes.pop() or ("", ""))
        return _category(name, different, weights)
    truth = {isinstance(read[place], bool) for place in known}
    if len(truth) == 2:
        raise _both(name, different, read, known)
    require_moderate(name, different.spread([value or 0.0 for value in read]), values)
    return ("boolean" if True in truth else "number" if known else "empty"), ()


def _category(name: str, different: Distinct, weights: Weights | None = None) -> Kind:
    """A category or, if weights are given, perhaps an identifier (never if declared a category)."""
    texts = []
    for place, cell in enumerate(different.cells):
        text = level_of(cell)
        if text is None:
            raise misfit(name, "category", different.row(place), cell)
        texts.append(text)
    levels = tuple(sorted(set(texts) - {""}))
    if weights is not None and len(levels) > FEW_LEVELS:
        known = np.array([*(text != "" for text in texts), False])[different.codes]
        # This sum does not depend on the order of the rows.
        if 2 * len(levels) > math.fsum(weights[known]):
            return "identifier", ()
    return ("category" if levels else "empty"), levels


def _require_few_numerals(
    name: str,
    different: Distinct,
    read: list[float | None],
    words: list[int],
    weights: Weights,
) -> None:
    """Refuse a column of numbers with a few words in it: as levels, numbers lose their order."""
    numerals = [place for place, value in enumerate(read) if value is not None and value == value]
    if len(numerals) <= FEW_NUMERALS:
        return
    is_word, is_numeral = (np.isin(different.codes, places) for places in (words, numerals))
    if RARE_WORDS * math.fsum(weights[is_word]) > math.fsum(weights[is_numeral]):
        return
    word = different.cells[words[0]]
    raise DataError(
        f"Text instead of a number: {shown(word)}",
        where=f'column "{name}", row {different.row(words[0])}',
        why=f"In this column {is_numeral.sum():,} cells are numbers, and "
        f"{counted(int(is_word.sum()), 'is', 'are')} other text",
        fix="correct these cells, or leave them empty if the value is not known; or "
        f"{leave_out(name)}; if both numbers and words are names of groups, {say_category(name)}",
    )


def _both(name: str, different: Distinct, read: list[float | None], known: list[int]) -> DataError:
    rows = sorted((different.row(place), place) for place in known)
    (row, first), *others = rows
    other, second = next(
        pair for pair in others if isinstance(read[pair[1]], bool) != isinstance(read[first], bool)
    )
    return DataError(
        "Numbers and true or false in one column",
        where=f'column "{name}", row {other}',
        why=f"Row {row} has {shown(different.cells[first])}, "
        f"this row has {shown(different.cells[second])}",
        fix="write only numbers, or only true and false",
    )
