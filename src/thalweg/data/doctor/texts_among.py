"""The texts among the numbers of a column that is read as levels."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import number_of, trimmed
from thalweg.data.notation.column_notation import CODES, is_yes_no
from thalweg.data.schema.column_floats import Column, Distinct
from thalweg.data.schema.kinds import is_numeral

# Fewer different numbers beside texts are levels, such as 1 and 2 beside "both".
_FEW_LEVELS = 3


class TextsAmongNumbers(NamedTuple):
    """The cells of a column that is neither numbers nor texts.

    Attributes
    ----------
    texts : list of str
        The different ones.
    counts : list of int
        How many rows have each.
    places : list of int
        Of each the place among the different cells.
    n_numbers, n_different : int
        How many rows have numbers, and how many numbers differ.
    """

    texts: list[str]
    counts: list[int]
    places: list[int]
    n_numbers: int
    n_different: int


def texts_among_numbers(
    column: Column | None, different: Distinct, rows_of: NDArray[np.intp]
) -> TextsAmongNumbers | None:
    """The texts among the numbers of a column that is read as levels; None if it has none.

    Parameters
    ----------
    column : Column or None
    different : Distinct
        Its distinct cells.
    rows_of : ndarray of int
        How many rows have each of them.
    """
    if column is None or column.kind not in ("category", "identifier"):
        return None
    if column.notation == CODES or is_yes_no(column.notation):
        return None
    cells, counts = different.cells, rows_of.tolist()
    values = [number_of(cell) for cell in cells]
    is_number = [is_numeral(*each) for each in zip(cells, values, strict=True)]
    places = [
        k for k, value in enumerate(values)
        if not is_number[k] and value is None and isinstance(cells[k], str)
    ]  # fmt: skip
    n_numbers = sum(n for n, holds in zip(counts, is_number, strict=True) if holds)
    found = TextsAmongNumbers(
        [trimmed(str(cells[k])) for k in places], [counts[k] for k in places], places, n_numbers,
        sum(is_number),
    )  # fmt: skip
    is_mixed = places and found.n_different >= _FEW_LEVELS and n_numbers >= sum(found.counts)
    return found if is_mixed else None
