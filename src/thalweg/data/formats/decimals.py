"""Recognise numbers with a decimal comma, and write them with a decimal point.

Thousands separators are never guessed: if ``1,234`` may be 1234 or 1.234, an error asks the user.
"""

import re
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from thalweg.data.cells import MISSING
from thalweg.errors import DataError
from thalweg.wording import parameter

_COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)(e[+-]?\d+)?", re.I)
_POINT = re.compile(r"[+-]?(\d+\.\d*|\.\d+)(e[+-]?\d+)?", re.I)
# A comma that could be a thousands separator.
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
# Anything meant as a number, perhaps with thousands separators.
_NUMERAL = re.compile(
    r"[+-]?(?=[.,]?\d)(\d{1,3}([.,'\u2019 \u00a0\u202f]\d{3})+|\d*)([.,]\d*)?(e[+-]?\d+)?", re.I
)


def commas_to_points(
    header: Sequence[str],
    cells: np.ndarray,
    name: str,
    *,
    is_given: bool = False,
    skip: Collection[str] = (),
) -> bool:
    """Replace decimal commas with points in columns of numbers, in place.

    A column is a column of numbers if more than half of its filled cells are numerals. Its other
    cells stay unchanged; the schema reports them. A column of words is never changed.

    Parameters
    ----------
    header : sequence of str, length n_columns
    cells : ndarray of str, shape (n_rows, n_columns)
    name : str
        The file's name in errors.
    is_given : bool
        Whether the user said that the decimal sign is a comma. Otherwise it is one if there are
        numbers with a comma, and at least one of them cannot be read in another way.
    skip : collection of str
        Columns to leave unchanged.

    Returns
    -------
    bool
        Whether any number was changed.

    Raises
    ------
    DataError
        A number can be read in two ways; the error names its column and row.
    """
    columns = [j for j, column in enumerate(header) if column not in skip]
    rewritten = {j: new for j in columns if (new := _rewritten(cells[:, j])) is not None}
    if not (rewritten or is_given):
        return False
    if not is_given and all(_EITHER.fullmatch(each) for each in _commas(cells, rewritten)):
        raise _doubtful(header, cells, name, min(rewritten))
    for j in columns:
        _refuse_points(header, cells, name, j, min(rewritten, default=None))
    for j, new in rewritten.items():
        cells[:, j] = new
    return bool(rewritten)


def _rewritten(column: np.ndarray) -> list[str] | None:
    """The cells with points for decimal commas; None if this is not a column of such numbers."""
    joined = "\0".join(column)
    if "," not in joined:
        return None
    if "." not in joined and "_" not in joined:  # faster, if all cells are numerals
        new = joined.replace(",", ".").split("\0")
        try:
            np.array([cell or "nan" for cell in new], dtype=object).astype(np.float64)
        except ValueError:
            pass
        else:
            return new
    is_comma = [_COMMA.fullmatch(cell.strip()) is not None for cell in column]
    if not (any(is_comma) and _are_numbers(column)):
        return None
    pairs = zip(column, is_comma, strict=True)
    return [cell.replace(",", ".") if has else cell for cell, has in pairs]


def _are_numbers(column: np.ndarray) -> bool:
    filled = [word for cell in column if (word := cell.strip()).casefold() not in MISSING]
    return 2 * sum(_NUMERAL.fullmatch(word) is not None for word in filled) > len(filled)


def _commas(cells: np.ndarray, columns: Iterable[int]) -> Iterable[str]:
    """The numbers with a comma in these columns, without surrounding spaces."""
    words = (cell.strip() for j in columns for cell in cells[:, j])
    return (word for word in words if _COMMA.fullmatch(word))


def _doubtful(header: Sequence[str], cells: np.ndarray, name: str, j: int) -> DataError:
    row = _first(_COMMA, cells[:, j])
    number = cells[row, j].strip()
    return DataError(
        f"{number} may be {number.replace(',', '')} or {number.replace(',', '.')}",
        where=f'{name}, column "{header[j]}", row {row + 1}',
        why="No number in the file shows whether a comma is before decimals or thousands",
        fix=f"set {parameter('decimal', ',')} if it is before decimals, or write the numbers "
        "without a thousands separator",
    )


def _refuse_points(
    header: Sequence[str], cells: np.ndarray, name: str, j: int, comma: int | None
) -> None:
    """Refuse a number with a point in column j if other numbers, or the user, have the comma."""
    if "." not in "".join(cells[:, j]) or not _are_numbers(cells[:, j]):
        return
    row = _first(_POINT, cells[:, j])
    if row == len(cells):
        return
    why = "The decimal sign was set to a comma"
    if comma is not None:
        other = _first(_COMMA, cells[:, comma])
        why = (
            f'The comma in {cells[other, comma].strip()}, column "{header[comma]}", row '
            f"{other + 1}, and this point cannot both be decimal signs"
        )
    raise DataError(
        f"The point in {cells[row, j].strip()} may be before decimals or thousands",
        where=f'{name}, column "{header[j]}", row {row + 1}',
        why=why,
        fix="write all numbers with the same decimal sign, without thousands separators; or leave "
        f"out one of the columns ({parameter('drop')}); or set {parameter('decimal')}",
    )


def _first(pattern: re.Pattern[str], column: np.ndarray) -> int:
    """The first row whose cell matches the pattern; the number of rows if none does."""
    hits = (row for row, cell in enumerate(column) if pattern.fullmatch(cell.strip()))
    return next(hits, len(column))
