"""The groups of a column: its values, or thirds of a number; missing values are a group.

*Numbers* with more than 5 different values are cut at their tertiles, which are values of the
column; the names of the groups hold them. Other numbers and all other columns have a group for each
value.

*Small groups*, with fewer than 10 rows, are put together: next to nothing can be said about them,
and their figures could tell something about a person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from thalweg.errors import DataError
from thalweg.evaluation.answers import answers_of
from thalweg.wording import amount, printable

SMALLEST_GROUP = 10
_FEW_VALUES = 5
_ALL_DIGITS = 17
OTHER, MISSING = "other (small groups)", "missing"


@dataclass(frozen=True, eq=False)
class NamedGroups:
    """The groups of a column.

    Parameters
    ----------
    column : str
    names : tuple of str
        Numbers from low to high, other values by name; then "missing" and "other (small groups)".
    codes : ndarray of int, shape (n_samples,)
        The group of each row.
    """

    column: str
    names: tuple[str, ...]
    codes: np.ndarray


def kept_rows(n_rows: int, weights: np.ndarray | None) -> np.ndarray:
    """The row of the table that each row of `answers_of` comes from.

    ``column[kept_rows(len(column), weights)]`` is a column beside the answers with these weights.
    """
    kept: np.ndarray = answers_of(np.arange(n_rows), np.zeros(n_rows), weights).truth
    return kept


def require_no_dates(column: str, values: np.ndarray) -> None:
    """Raise a DataError if the values of a column are dates or durations."""
    if values.dtype.kind in "mM":
        raise DataError(
            "A column of dates names no groups",
            where=f'column "{column}"',
            fix="make a column of text from it, such as the year",
        )


def named_groups(column: str, values: np.ndarray, weights: np.ndarray | None = None) -> NamedGroups:
    """The groups of a column, as in the module's docstring.

    Parameters
    ----------
    column : str
        Its name.
    values : ndarray, shape (n_samples,)
        Numbers, booleans, text, or any mixture; None, NaN and empty text are missing.
    weights : ndarray of float64, shape (n_samples,), optional
        Tertiles are then those of the weighted rows. Small groups are those with few rows.

    Returns
    -------
    NamedGroups

    Raises
    ------
    DataError
        If the values are dates.
    """
    values = np.asarray(values)
    require_no_dates(column, values)
    missing = pd.isna(values) | np.array([isinstance(v, str) and not v.strip() for v in values])
    codes = np.full(len(values), -1)
    there = ~missing
    names, codes[there] = _grouped(values[there], None if weights is None else weights[there])
    return _without_small(column, names, codes)


def _grouped(values: np.ndarray, weights: np.ndarray | None) -> tuple[list[str], np.ndarray]:
    """The names of groups of values that are there, and the group of each value."""
    if not _are_numbers(values):
        return _by_value(values, lambda value: printable(str(value)))
    numbers = values.astype(np.float64)
    if len(np.unique(numbers)) <= _FEW_VALUES:
        return _by_value(numbers, lambda value: _exact(float(value)))
    cuts = _tertiles(numbers, np.ones(len(numbers)) if weights is None else weights)
    texts, cuts = _written(cuts, numbers)
    names = [f"≤ {texts[0]}"]
    names += [f"> {a}, ≤ {b}" for a, b in pairwise(texts)]
    # A value is in the group of the first cut that is not below it.
    return [*names, f"> {texts[-1]}"], np.searchsorted(cuts, numbers, side="left")


def _are_numbers(values: np.ndarray) -> bool:
    if values.dtype.kind in "iuf":
        return True
    number = (int, float, np.integer, np.floating)
    return values.dtype.kind == "O" and all(
        isinstance(value, number) and not isinstance(value, bool) for value in values
    )


def _by_value(
    values: np.ndarray, write: Callable[[np.generic], str]
) -> tuple[list[str], np.ndarray]:
    """A group for each value; of equal texts one."""
    if values.dtype.kind == "f":
        different, codes = np.unique(values, return_inverse=True)
        return [write(value) for value in different], codes
    texts = np.array([write(value) for value in values], dtype=object)
    different, codes = np.unique(texts.astype(str), return_inverse=True)
    return [str(text) for text in different], codes


def _exact(value: float) -> str:
    return f"{int(value):,}" if value.is_integer() and abs(value) < 1e15 else repr(value)


def _tertiles(numbers: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The values at which a third and two thirds of the weight are reached."""
    order = np.lexsort((weights, numbers))
    reached = np.cumsum(weights[order])
    # A sum of equal weights may miss a third by rounding.
    places = np.searchsorted(reached, reached[-1] * np.array([1, 2]) / 3 * (1 - 1e-12))
    cuts: np.ndarray = np.unique(numbers[order][places])
    return cuts


def _written(cuts: np.ndarray, numbers: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The cuts as short texts, and the numbers that the texts say: names must be true.

    There are as many digits as the groups need to stay as they are, and 17 at most.
    """
    exact = np.searchsorted(cuts, numbers, side="left")
    for digits in range(3, _ALL_DIGITS + 1):
        texts = [amount(float(cut), digits) for cut in cuts]
        said = np.array([float(text.replace(",", "")) for text in texts])
        if np.array_equal(np.searchsorted(said, numbers, side="left"), exact):
            return texts, said
    return [_exact(float(cut)) for cut in cuts], cuts


def _without_small(column: str, names: list[str], codes: np.ndarray) -> NamedGroups:
    """Small groups put together, empty ones left out, and the last two at the end."""
    counts = np.bincount(codes + 1, minlength=len(names) + 1)
    kept = [k for k in range(len(names)) if counts[k + 1] >= SMALLEST_GROUP]
    # A value may be called like one of the two.
    said = [f'"{names[k]}"' if names[k] in (OTHER, MISSING) else names[k] for k in kept]
    target = np.full(len(names) + 1, -1)
    target[[k + 1 for k in kept]] = range(len(kept))
    if counts[0] >= SMALLEST_GROUP:
        target[0] = len(said)
        said.append(MISSING)
    found = target[codes + 1]
    if (found < 0).any():
        found = np.where(found < 0, len(said), found)
        said.append(OTHER)
    return NamedGroups(column, tuple(said), found)
