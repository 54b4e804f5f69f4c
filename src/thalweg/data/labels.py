"""Labels of classes as they come: of one kind, so that they can be told apart and sorted."""

import numbers
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import DataError
from thalweg.wording import shown


def of_one_kind(y: NDArray[Any]) -> NDArray[Any]:
    """Labels that came as objects, as from a Series, in an array of their type.

    Integers and floats are one kind: both are numbers.

    Raises
    ------
    DataError
        If labels are of different kinds, as 1 and "one", or 1 and true.
    """
    if y.dtype != object or not y.size:
        return y
    labels = y.ravel().tolist()
    kinds = [_kind_of(label) for label in labels]
    other = next((place for place, kind in enumerate(kinds) if kind != kinds[0]), None)
    if other is not None:
        raise DataError(
            f"Labels of different types: {shown(labels[0])} is {kinds[0]}, "
            f"{shown(labels[other])} is {kinds[other]}",
            where=f"target, rows 1 and {other + 1}",
            why="Classes are told apart by their labels and stand in sorted order, and these "
            "cannot be compared",
            fix="write all labels alike, as numbers, or as text: np.array([str(label) for label "
            "in y])",
        )
    plain = len({type(label) for label in labels}) == 1 or kinds[0] == "a number"
    return np.array(y.tolist()) if plain else y


def _kind_of(label: Any) -> str:
    if isinstance(label, bool | np.bool_):
        return "true or false"
    if isinstance(label, str):
        return "a text"
    if isinstance(label, numbers.Real):
        return "a number"
    return f"of type {type(label).__name__}"
