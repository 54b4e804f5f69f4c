"""Exact Shapley values of columns: what each adds to an answer, on average over all orders.

For a set S of columns, v(S) is the mean answer of rows that have the columns of S from the row
that is explained, and all others from a background row. Column j gets

    φⱼ = Σ over S without j of |S|! (d - |S| - 1)! / d! · (v(S ∪ {j}) - v(S)),

so that Σⱼ φⱼ = v(all) - v(none) (Shapley 1953; Lundberg & Lee 2017, arXiv 1705.07874). Layer 1 is
additive over columns: the part of each column is computed once for each row, and the parts of a set
are added. Nothing is encoded anew, and only the layers above see all 2^d sets.
"""

from collections.abc import Sequence
from math import factorial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.network.explaining.answer_links import Answer
from thalweg.network.explaining.straight_way import DenseNetwork, Floats
from thalweg.wording import parameter

# 2^12 sets for each background row: a second or two for 100 rows and five networks of two layers.
MOST_COLUMNS = 12
# Rows of sets that go through the networks at a time.
_BLOCK = 8192


class ShapleyContributions(NamedTuple):
    """Shapley values of columns.

    Attributes
    ----------
    columns : ndarray of float64, shape (n_answers, n_columns)
        0 for columns in which the row and the background do not differ.
    base, value : ndarray of float64, shape (n_answers,)
        The mean answer of the background, and the answer of the row.
    """

    columns: Floats
    base: Floats
    value: Floats


def shapley_contributions(
    networks: Sequence[DenseNetwork],
    backgrounds: Sequence[Floats],
    rows: Sequence[Floats],
    owners: Sequence[NDArray[np.intp]],
    n_columns: int,
    answer: Answer,
) -> ShapleyContributions:
    """Exact Shapley values of the columns for an answer of one network, or of several together.

    Parameters
    ----------
    networks : sequence of DenseNetwork
    backgrounds : sequence of ndarray of float64, shape (n_background, n_inputs of the network)
    rows : sequence of ndarray of float64, shape (n_inputs of the network,)
    owners : sequence of ndarray of int, shape (n_inputs of the network,)
        The column of each input.
    n_columns : int
    answer : Answer

    Raises
    ------
    SettingsError
        If the row differs from the background in more than `MOST_COLUMNS` columns.
    """
    first = [
        _first_layer(*each, n_columns)
        for each in zip(networks, backgrounds, rows, owners, strict=True)
    ]
    active = np.flatnonzero(np.any([(change != 0).any(axis=(0, 2)) for _, change in first], axis=0))
    if len(active) > MOST_COLUMNS:
        raise SettingsError(
            f"The row differs from its base in {len(active)} columns, and Shapley values are "
            f"computed for at most {MOST_COLUMNS}",
            why=f"They need the answer for each of 2^{len(active)} sets of columns",
            fix=f"leave out {parameter('method', 'shapley')}, or take a base that differs in fewer "
            f"columns ({parameter('against')})",
        )
    sets = (np.arange(2 ** len(active))[:, None] >> np.arange(len(active)) & 1).astype(np.float64)
    worth = np.zeros((len(sets), 1))
    for place in range(len(backgrounds[0])):
        parts = [(at_base[place], change[place][active]) for at_base, change in first]
        worth = worth + _worths(networks, parts, sets, answer)
    worth = worth / len(backgrounds[0])
    found = np.zeros((worth.shape[1], n_columns))
    found[:, active] = _averaged_over_orders(worth, sets.sum(axis=1).astype(int), len(active))
    return ShapleyContributions(found + 0.0, worth[0], worth[-1])


def _first_layer(
    network: DenseNetwork,
    background: Floats,
    row: Floats,
    owner: NDArray[np.intp],
    n_columns: int,
) -> tuple[Floats, Floats]:
    """Layer 1 of each background row, and what each column of the row changes in it."""
    W, b = network.layers[0]
    change = np.zeros((len(background), n_columns, len(b)))
    for column in range(n_columns):
        own = owner == column
        change[:, column] = (row[own] - background[:, own]) @ W[:, own].T
    return background @ W.T + b, change


def _worths(
    networks: Sequence[DenseNetwork],
    parts: Sequence[tuple[Floats, Floats]],
    sets: Floats,
    answer: Answer,
) -> Floats:
    """v of each set for one background row, shape (n_sets, n_answers)."""
    found = []
    for start in range(0, len(sets), _BLOCK):
        some = sets[start : start + _BLOCK]
        Z = [
            network.after_first(at_base + some @ change)
            for network, (at_base, change) in zip(networks, parts, strict=True)
        ]
        found.append(answer.value(np.stack(Z)))
    return np.concatenate(found)


def _averaged_over_orders(worth: Floats, sizes: NDArray[np.int_], n_columns: int) -> Floats:
    """The Shapley values of a table of v: (2^d, n_answers) to (n_answers, d)."""
    share = np.array(
        [
            factorial(size) * factorial(n_columns - size - 1) / factorial(n_columns)
            for size in range(n_columns)
        ]
    )
    numbers = np.arange(len(worth))
    found = np.zeros((worth.shape[1], n_columns))
    for column in range(n_columns):
        without = numbers[numbers >> column & 1 == 0]
        gains = worth[without | 1 << column] - worth[without]
        found[:, column] = share[sizes[without]] @ gains
    return found
