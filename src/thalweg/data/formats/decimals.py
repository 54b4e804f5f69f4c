"""A decimal mark that a person names for a whole file: its numbers are written as Python does.

What nobody names is left as it is: each column decides for itself (`thalweg.data.notation`).
"""

from collections.abc import Collection, Sequence

import numpy as np

from thalweg.data.cells import MISSING
from thalweg.data.notation.units import is_unit
from thalweg.data.notation.written_number import NumberReading, Written, plain_text, written
from thalweg.errors import DataError
from thalweg.wording import parameter

_NAMES = {",": "comma", ".": "point"}


def with_decimal_points(
    header: Sequence[str],
    cells: np.ndarray,
    name: str,
    decimal: str,
    *,
    skip: Collection[str] = (),
) -> bool:
    """Write the numbers of a file, whose decimal mark was named, with a point, in place.

    A column is one of numbers if more than half of its filled cells are. What else is in it stays
    as it is, for the schema to name. A column of words is never touched.

    Parameters
    ----------
    header : sequence of str, length n_columns
    cells : ndarray of str, shape (n_rows, n_columns)
    name : str
        What errors call the file.
    decimal : {".", ","}
    skip : collection of str
        Columns to leave unchanged.

    Returns
    -------
    bool
        Whether any number was written anew.

    Raises
    ------
    DataError
        With column and row, if a number has a decimal point and the comma was named.
    """
    other = "." if decimal == "," else ","
    made = {}
    for j, column in enumerate(header):
        marks = "".join(cells[:, j])
        if column in skip or not ("," in marks or (other == "." and "." in marks)):
            continue
        made[j] = _column(cells[:, j], decimal, f'{name}, column "{column}"')
    changed = False
    for j, new in made.items():
        changed = changed or bool((cells[:, j] != new).any())
        cells[:, j] = new
    return changed


def _column(column: np.ndarray, decimal: str, where: str) -> np.ndarray:
    texts = {text: written(text) for text in dict.fromkeys(column)}
    numbers = {text: said for text, said in texts.items() if said is not None and _is_bare(said)}
    filled = [text for text in column if text.strip().casefold() not in MISSING]
    if 2 * sum(text in numbers for text in filled) <= len(filled):
        return column
    new = {}
    for text, said in numbers.items():
        reading = _reading(said, decimal)
        if reading is None and decimal == ".":
            continue  # the schema names it
        if reading is None:
            row = int(np.argmax(column == text)) + 1
            raise DataError(
                f"{text.strip()} has another decimal mark than the {_NAMES[decimal]}",
                where=f"{where}, row {row}",
                why=f"The decimal sign was set to a {_NAMES[decimal]}",
                fix=f"leave {parameter('decimal')} out: each column is then read alone; or say "
                f"how single columns are written ({parameter('number')})",
            )
        new[text] = plain_text(text, reading)
    return np.array([new.get(text, text) for text in column], dtype=object)


def _is_bare(cell: Written) -> bool:
    return not cell.unit or is_unit(cell.unit)


def _reading(cell: Written, decimal: str) -> NumberReading | None:
    """The reading of a cell in which nothing but this mark stands before decimals."""
    fits = [
        each
        for each in cell.readings
        if each.decimal in ("", decimal) and each.thousands != decimal
    ]
    return fits[0] if len(fits) == 1 else None
