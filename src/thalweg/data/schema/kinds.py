"""What kind a column is, found out from the table that a model is fitted on.

Decided on the different cells of a column: a long column of few texts is read once a text.
"""

import math
import shlex

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import dress_of, level_of, number_of, plain_numbers
from thalweg.data.notation.date_reading import DateReading
from thalweg.data.schema.column_floats import Distinct, distinct
from thalweg.data.schema.date_columns import find_dates
from thalweg.data.schema.frames import Cells
from thalweg.data.schema.misfit_messages import (
    dressed_numbers,
    misfit,
    require_moderate,
    say_category,
)
from thalweg.errors import DataError
from thalweg.wording import counted, shown

KINDS = ("number", "boolean", "category", "identifier", "date", "empty")
# More different numerals than this, and few words among them, and it is a number column with wrong
# words in it, not a category.
FEW_NUMERALS = 8
RARE_WORDS = 4  # numerals to a word, at least
# A category of more levels than this is an identifier if it has less than two rows a level.
FEW_LEVELS = 20

# What `Column` has beside its name.
Kind = tuple[str, tuple[str, ...], DateReading | None]
Weights = NDArray[np.float64]


def find_kind(name: str, cells: Cells, weights: Weights, date: str = "") -> Kind:
    """What a column is.

    Parameters
    ----------
    name : str
    cells : Cells
    weights : ndarray of float64, shape (n_rows,)
        All above zero.
    date : str
        How the column is read as dates, if somebody has said that it holds them.

    Returns
    -------
    kind : str
        One of `KINDS`.
    levels : tuple of str
        Of a category, sorted; elsewhere empty.
    dates : DateReading or None
        Of a date.

    Raises
    ------
    DataError
        If a cell is infinite, a list or the like, if words stand among numbers or dates, or dates
        can be read in several ways.
    """
    values = cells.values
    if date or values.dtype.kind == "M":
        dates = find_dates(name, cells, distinct(values), weights, date)
        return ("empty" if dates is None else "date"), (), dates
    if cells.declared:
        different = distinct(values)
        if different.cells and all(isinstance(cell, bool | np.bool_) for cell in different.cells):
            return "boolean", (), None
        return _category(name, different)
    numbers = plain_numbers(values) if values.dtype == object else values
    if numbers is None:
        return _of_objects(name, cells, weights)
    require_moderate(name, numbers, values)
    # One look at the first cell spares most columns a look at all.
    if numbers.dtype.kind == "f" and np.isnan(numbers[:1]).all() and np.isnan(numbers).all():
        return "empty", (), None
    return ("boolean" if numbers.dtype == np.bool_ else "number"), (), None


def _of_objects(name: str, cells: Cells, weights: Weights) -> Kind:
    values = cells.values
    different = distinct(values)
    read = [number_of(cell) for cell in different.cells]
    known = [place for place, value in enumerate(read) if value is None or not math.isnan(value)]
    words = [place for place in known if read[place] is None]
    if words:
        dates = find_dates(name, cells, different, weights)
        if dates is not None:
            return "date", (), dates
    for place in words:
        if not isinstance(different.cells[place], str):
            raise misfit(name, "", different.row(place), different.cells[place])
    if words:
        _require_few_numerals(name, different, read, words, weights)
        dresses = {dress_of(str(different.cells[place])) for place in words}
        if len(known) > FEW_NUMERALS and len(dresses) == 1 and None not in dresses:
            row, place = min((different.row(place), place) for place in words)
            raise dressed_numbers(name, row, different.cells[place], dresses.pop() or ("", ""))
        return _category(name, different, weights)
    truth = {isinstance(read[place], bool) for place in known}
    if len(truth) == 2:
        raise _both(name, different, read, known)
    require_moderate(name, different.spread([value or 0.0 for value in read]), values)
    return ("boolean" if True in truth else "number" if known else "empty"), (), None


def _category(name: str, different: Distinct, weights: Weights | None = None) -> Kind:
    """A category; or, with weights, an identifier: what is declared a category is one."""
    texts = []
    for place, cell in enumerate(different.cells):
        text = level_of(cell)
        if text is None:
            raise misfit(name, "category", different.row(place), cell)
        texts.append(text)
    levels = tuple(sorted(set(texts) - {""}))
    if weights is not None and len(levels) > FEW_LEVELS:
        known = np.array([*(text != "" for text in texts), False])[different.codes]
        # A sum that does not depend on the order of the rows.
        if 2 * len(levels) > math.fsum(weights[known]):
            return "identifier", (), None
    return ("category" if levels else "empty"), levels, None


def _require_few_numerals(
    name: str,
    different: Distinct,
    read: list[float | None],
    words: list[int],
    weights: Weights,
) -> None:
    """Refuse a column of numbers with a few words in it: as a category it would lose its order."""
    numerals = [place for place, value in enumerate(read) if value is not None and value == value]
    if len(numerals) <= FEW_NUMERALS:
        return
    is_word, is_numeral = (np.isin(different.codes, places) for places in (words, numerals))
    if RARE_WORDS * math.fsum(weights[is_word]) > math.fsum(weights[is_numeral]):
        return
    word, quoted = different.cells[words[0]], shlex.quote(name)
    raise DataError(
        f"Text instead of a number: {shown(word)}",
        where=f'column "{name}", row {different.row(words[0])}',
        why=f"Of this column {is_numeral.sum():,} cells are numbers, and "
        f"{counted(int(is_word.sum()), 'is', 'are')} other text",
        fix="correct these cells, or leave them empty where the value is not known; or leave the "
        f"column out (--drop {quoted} on the command line); if numbers and words alike are names "
        f"of groups, {say_category(name)}",
    )


def _both(name: str, different: Distinct, read: list[float | None], known: list[int]) -> DataError:
    rows = sorted((different.row(place), place) for place in known)
    (row, first), *others = rows
    other, second = next(
        pair for pair in others if isinstance(read[pair[1]], bool) != isinstance(read[first], bool)
    )
    return DataError(
        "Both numbers and true or false in one column",
        where=f'column "{name}", row {other}',
        why=f"Row {row} holds {shown(different.cells[first])}, "
        f"this one {shown(different.cells[second])}",
        fix="write either numbers or true and false throughout",
    )
