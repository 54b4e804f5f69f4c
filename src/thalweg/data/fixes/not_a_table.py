"""Errors for an object that is given as a table and is none, with what to give instead."""

import json
import os
from typing import Any

from thalweg.errors import DataError
from thalweg.wording import printable


def no_table(X: Any, fix: str) -> DataError:
    """The error for an object of a library that is no table, or none in memory."""
    return DataError(
        f"An object of type {type(X).__name__} is not a table",
        why="A table has rows and named or numbered columns, all in memory",
        fix=fix,
    )


def a_path(X: str | os.PathLike[Any]) -> DataError:
    """The error for the path of a file, or the name of a bundled table."""
    # As JSON writes it, it is also Python, with the quotes of the rest.
    place = json.dumps(printable(os.fsdecode(X)), ensure_ascii=False)
    return DataError(
        "A path is given instead of a table",
        where=place,
        why="Files are read by load_table, which needs to know the target",
        fix=f"load it: table = load_table({place}, target=…), with the name of the target, and "
        f"give table.frame and table.target; without a target, X = load_table({place}, "
        "need_target=False).frame",
    )


def require_two_dimensions(shape: tuple[int, ...]) -> None:
    """Raise a DataError for an array that does not have two dimensions."""
    if len(shape) == 2:
        return
    if not shape:
        fix = "give a DataFrame of pandas or polars, an Arrow Table, or an array of two dimensions"
    elif len(shape) == 1:
        fix = "X.reshape(-1, 1) if it is one column, X.reshape(1, -1) if it is one row"
    else:
        fix = "X = np.asarray(X); X = X.reshape(len(X), -1), which makes one row of each X[i]"
    raise DataError(
        f"Expected 2D array, got {len(shape)}D array instead, of shape {shape}",
        why="A table has rows and columns",
        fix=f"Reshape your data: {fix}" if shape else fix,
    )
