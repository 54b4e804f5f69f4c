"""The parts of the score of a row as plain numbers, for a program that is not Python.

A reader adds them up: what a table without missing cells costs; for each missing cell what it costs
more; for each cell of a level what that costs; and |W (u - m)|² of the numbers, as they are bent.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.data.likeness.row_slots import filling_costs
from thalweg.data.likeness.table_likeness import Likeness, Scores

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class LevelCosts(NamedTuple):
    """What the levels of a column cost.

    Attributes
    ----------
    column : int
    codes : ndarray of float64, shape (n_kept,)
        Its kept levels, as the matrix of the schema has them.
    costs : ndarray of float64, shape (n_kept + 2,)
        Of each of them, of a further level of the training table, and of one never seen.
    has_others : bool
        Whether the training table has further levels, which the schema numbers from 1.
    """

    column: int
    codes: Floats
    costs: Floats
    has_others: bool


@dataclass(frozen=True, eq=False)
class ScoreParts:
    """What the score of a row is made of, and the scores of training rows.

    Attributes
    ----------
    base : float
        What a row without a missing cell costs.
    filled : ndarray of int, shape (n_filled,)
        The columns whose missing cells count.
    if_missing : ndarray of float64, shape (n_filled,)
        What a missing cell of them costs more than a filled one.
    levels : tuple of LevelCosts
    numbers : ndarray of int, shape (d,)
        The numbers and clock times that vary.
    center, scale : ndarray of float64, shape (d,)
        u = 3 t / √(1 + t²), with t = scale (value - center) clipped to ± 1e8.
    mean : ndarray of float64, shape (d,)
        m, of u.
    factor : ndarray of float64
        W, row by row up to its diagonal, shape (d (d + 1) / 2,); or its diagonal alone, shape (d,).
    is_diagonal : bool
    scores : Scores
    """

    base: float
    filled: Places
    if_missing: Floats
    levels: tuple[LevelCosts, ...]
    numbers: Places
    center: Floats
    scale: Floats
    mean: Floats
    factor: Floats
    is_diagonal: bool
    scores: Scores


def score_parts(likeness: Likeness) -> ScoreParts:
    """The parts of the score by which a likeness finds unlike rows."""
    marked, shape, n = likeness.marked, likeness.shape, likeness.n
    rates = np.array([likeness.columns[j].missing for j in marked.filled])
    full, none = filling_costs(n * rates, n)
    center, scale = marked.center_and_scale
    is_diagonal = shape.factor.ndim == 1
    lower = np.tril_indices(len(shape.mean))
    return ScoreParts(
        base=float(full.sum()),
        filled=marked.filled,
        if_missing=none - full,
        levels=tuple(
            LevelCosts(j, slots.codes, slots.costs(slots.counts), slots.summary.n_others > 0)
            for j, slots in marked.slots.items()
        ),
        numbers=marked.numbers,
        center=center,
        scale=scale / 3.0,
        mean=shape.mean,
        factor=shape.factor if is_diagonal else shape.factor[lower],
        is_diagonal=is_diagonal,
        scores=likeness.scores,
    )
