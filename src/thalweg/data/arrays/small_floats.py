"""Floats of 32 and 16 bits in a column: as Python's floats they would have other texts."""

from typing import Any

import pandas as pd


def changes_as_objects(kind: Any) -> bool:
    """Whether pandas makes other cells of a column: whole numbers are floats, small ones large."""
    if isinstance(kind, pd.CategoricalDtype):
        return kind.categories.dtype.kind in "iu" or is_small(kind.categories.dtype)
    return is_small(kind)


def is_small(kind: Any) -> bool:
    """Whether the cells of a column are floats of less than 64 bits, also with missing ones.

    As Python's floats they would have other texts as levels.
    """
    return bool(kind.kind == "f" and numpy_type(kind).itemsize < 8)


def numpy_type(kind: Any) -> Any:
    """The type of the numbers in a column of pandas, which may be nullable, of Arrow or sparse."""
    return getattr(kind, "numpy_dtype", getattr(kind, "subtype", kind))
