"""The rows that importance is measured on: in an order of their own, as often as they weigh."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from thalweg.counter_based_random import generator
from thalweg.evaluation.answers import (
    checked_weights,
    copies_of,
    number_of_rows,
    require_comparable_weights,
)
from thalweg.evaluation.importance.loss_rise import UsedRows
from thalweg.wording import count_text, counted, effective_text

# More rows make the intervals narrower than a person can use, and take memory and time.
MOST_ROWS = 20_000


class ChosenRows(NamedTuple):
    """Rows of a table.

    Parameters
    ----------
    places : ndarray of int
        Their positions in the table; one of weight 2 stands here twice.
    used : UsedRows
        What is known of them.
    said : str
        That they are a sample; else "".
    """

    places: np.ndarray
    used: UsedRows
    said: str


def chosen_rows(
    matrix: np.ndarray,
    y: np.ndarray,
    seed: int,
    *,
    weights: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    most: int = MOST_ROWS,
) -> ChosenRows:
    """The rows in an order that depends on their content alone, with the weights of rows.

    A whole-number weight is so many rows; rows of weight 0 are left out. Of more than ``most`` rows
    a random sample is taken.

    Parameters
    ----------
    matrix : ndarray of float64, shape (n_rows, n_columns)
    y : ndarray, shape (n_rows,)
        Codes or numbers.
    seed : int
    weights, groups : ndarray, shape (n_rows,), optional
    most : int
    """
    if weights is not None:
        weights = checked_weights(weights, len(y))
        require_comparable_weights(weights)
    marks = [mark for mark in (_codes(groups), weights) if mark is not None]
    order = np.lexsort((*marks, y, *matrix.T[::-1]))
    if weights is not None:
        order = order[weights[order] > 0]
        copies = copies_of(weights[order])
        if copies is not None:
            order, weights = order[copies], None
    n_all = len(order)
    if n_all > most:
        drawn = generator(seed, "some of the rows").choice(n_all, most, replace=False)
        order = order[np.sort(drawn)]
    said = f"{len(order):,} of these {counted(n_all, 'row')} were used, drawn at random."
    used = UsedRows(
        len(order),
        None if weights is None else weights[order],
        None if groups is None else groups[order],
    )
    return ChosenRows(order, used, said if n_all > most else "")


def _codes(groups: np.ndarray | None) -> np.ndarray | None:
    return None if groups is None else np.unique(groups, return_inverse=True)[1]


def parts_of(places: np.ndarray, parts: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Of each part of the rows of a table, the numbers of the chosen rows that are in it."""
    return [np.flatnonzero(np.isin(places, part)) for part in parts]


def said_of_weights(weights: np.ndarray | None) -> str:
    """That rows with weights count as another number of rows; "" if they do not."""
    if weights is None or number_of_rows(weights) == len(weights):
        return ""
    n = number_of_rows(weights)
    kish = copies_of(weights[weights > 0]) is None
    said = f"{effective_text(n)} effective rows (Kish)" if kish else f"{count_text(n)} rows"
    return (
        f"By their weights, the {counted(len(weights), 'row')} of the table that are used count as "
        f"{said}."
    )
