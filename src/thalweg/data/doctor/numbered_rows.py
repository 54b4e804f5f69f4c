"""Columns of numbers that identify single rows, such as a running number or a long code."""

import re
import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.column_names import listed, says_whose
from thalweg.data.doctor.examined_table import Look, dropping
from thalweg.data.doctor.findings import Finding, FixByOptions
from thalweg.data.notation.said_columns import say_category
from thalweg.data.schema.column_floats import distinct
from thalweg.data.schema.given_table import GivenTable
from thalweg.data.schema.schema import Schema
from thalweg.errors import IdentifierWarning, outer_level

_ID_NAME = re.compile(
    r"(?:^|[\s_.-])(?:id|ids|uuid|guid|index|idx|key|pk|rowid|row|no|nr|num|number|record|code)$",
    re.IGNORECASE,
)
FEW_ROWS = 20  # with fewer rows, all cells of any column may differ
# Why such a column harms.
WHY = (
    "A model can learn the numbers of single rows, or the order in which they were entered; "
    "neither is valid for new rows"
)
_MOST = 6
# Up to here a float is exact for each whole number.
_EXACT = 2**53


def why_numbered(
    name: str, known: NDArray[np.float64], n_rows: int, n_different: Callable[[], int]
) -> str:
    """Why a column of numbers looks like an identifier; "" if it does not.

    Parameters
    ----------
    name : str
        Of the column.
    known : ndarray of float64
        Its numbers, without missing ones, in the order of the rows.
    n_rows : int
        Of the table.
    n_different : callable
        How many different cells it has; asked only where that matters.
    """
    if len(known) < max(FEW_ROWS, 0.95 * n_rows) or (known != np.floor(known)).any():
        return ""
    named = _is_of_rows(name)
    consecutive = known.max() - known.min() == len(known) - 1
    increasing = bool((np.diff(known) > 0).all())
    if not (named or consecutive or increasing):
        return ""
    different = n_different()
    if different == len(known):
        if consecutive:
            return f"{len(known):,} consecutive whole numbers"
        if increasing:
            return "whole numbers that increase from row to row"
        if named:
            return "whole numbers, all different, under such a name"
    if named and different > 0.9 * len(known) and np.abs(known).max() > 1000:
        return "whole numbers, nearly all different, under such a name"
    return ""


def _is_of_rows(name: str) -> bool:
    """Whether a column with such a name mostly says which row it is, or whose."""
    named = bool(_ID_NAME.search(name)) or re.search(r"[a-z]I[Dd]$", name) is not None
    return named or says_whose(name)


class NumberedParts:
    """The same of a column whose cells come in parts, in any order.

    A part is a random share of the rows, so numbers that repeat often in the table repeat in one.
    """

    def __init__(self) -> None:
        self._n, self._low, self._high = 0, np.inf, -np.inf

    def see(self, known: NDArray[np.float64]) -> bool:
        """Take note of the numbers of a part; whether the column may still number the rows."""
        if not len(known):
            return True
        if (known != np.floor(known)).any() or len(np.unique(known)) < len(known):
            return False
        self._n += len(known)
        self._low = min(self._low, float(known.min()))
        self._high = max(self._high, float(known.max()))
        return True

    def why(self, name: str, n_rows: int) -> str:
        """Why it looks like an identifier; "" if it does not."""
        if self._n < max(FEW_ROWS, 0.95 * n_rows):
            return ""
        if self._high - self._low == self._n - 1:
            return f"{self._n:,} whole numbers from {self._low:.0f} to {self._high:.0f}"
        return "whole numbers that hardly repeat, under such a name" if _is_of_rows(name) else ""


def rounded_alike(look: Look) -> Finding | None:
    """The finding that different whole numbers of a column are read as one; None if none are."""
    if look.kind != "number" or not len(look.known) or np.abs(look.known).max() <= _EXACT:
        return None
    by_float: dict[float, set[int]] = {}
    for text in look.texts:
        if re.fullmatch(r"\s*[+-]?\d+\s*", text, re.ASCII):
            by_float.setdefault(float(text), set()).add(int(text))
    one = next((sorted(found) for found in by_float.values() if len(found) > 1), None)
    if one is None:
        return None
    different = sum(map(len, by_float.values()))
    return Finding(
        "identifier", "caution",
        f"Whole numbers that differ only in digits which are not read: {different:,} different "
        f"ones are read as {len(by_float):,}",
        f"{look.where}, such as {one[0]} and {one[1]}",
        f"A number is read as a 64-bit float, which is exact up to 2^53 ({_EXACT:,}); numbers this "
        "long are mostly codes",
        f"if they are names of groups, {say_category(look.name)}, as which each keeps its digits; "
        f"if they number the rows, {dropping([look.name])}", (look.name,),
        fixes=(FixByOptions({"category": [look.name]}), FixByOptions.without(look.name)),
    )  # fmt: skip


def warn_of_numbered_rows(frame: pd.DataFrame, schema: Schema, matrix: NDArray[np.float64]) -> None:
    """Warn of features that number the rows, which a model is trained on like any other.

    Parameters
    ----------
    frame : DataFrame
        The features.
    schema : Schema
    matrix : ndarray of float64, shape (n_rows, n_features)
        The features as numbers.
    """
    table, found = schema.table(frame), {}
    places = {name: place for place, name in enumerate(table.all_names())}
    for j, column in enumerate(schema.columns):
        if column.kind == "number":
            known = matrix[~np.isnan(matrix[:, j]), j]
            count = partial(_n_different, table, places[column.name])
            if why := why_numbered(column.name, known, len(matrix), count):
                found[column.name] = why
    if found:
        warnings.warn(numbered_rows_warning(found), stacklevel=outer_level())


def _n_different(table: GivenTable, place: int) -> int:
    return len(distinct(table.column(place).values).cells)


def numbered_rows_warning(found: dict[str, str]) -> IdentifierWarning:
    """What is said of columns that number the rows, each with the reason."""
    names = list(found)
    said = ", ".join(f"{listed([name])} ({found[name]})" for name in names[:_MOST])
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    several = len(names) > 1
    what = f"{'Columns that look' if several else 'A column that looks'} like an identifier"
    keep = (
        "if one measures something, keep that" if several else "if it measures something, keep it"
    )
    fix = f"if {'they number' if several else 'it numbers'} the rows, {dropping(names)}; {keep}"
    return IdentifierWarning(f"{what}: {said}{more}. {WHY}. Fix: {fix}.", tuple(names))
