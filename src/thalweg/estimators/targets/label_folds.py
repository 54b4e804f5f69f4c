"""Folds of rows with several labels: every fold gets its share of each label, as far as it can.

Iterative stratification (Sechidis, Tsoumakas & Vlahavas 2011, "On the stratification of
multi-label data", ECML PKDD, algorithm 1): the label with the fewest rows left comes first, and
each of its rows goes to the fold that lacks most of this label, in a tie to the one that lacks most
rows. Here the rarer class of each label counts, whichever of the two it is. The only row of a class
is in no fold: it is a training row of all.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Folds = NDArray[np.intp]


def label_folds(codes: Floats, shares: Floats, random: np.random.Generator) -> Folds:
    """The fold of each row.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_labels)
        0 or 1.
    shares : ndarray of shape (n_folds,)
        The share of the rows that each fold wants; their sum is 1.
    random : Generator

    Returns
    -------
    ndarray of int, shape (n_rows,)
        -1 for the only row of a class.
    """
    there = rare_classes(codes)
    counts = there.sum(axis=0)
    fold = np.full(len(codes), -1, np.intp)
    free: NDArray[np.bool_] = np.logical_not(there[:, counts == 1].any(axis=1))
    there = there & free[:, None]
    wanted_rows = shares * free.sum()
    wanted = shares[:, None] * there.sum(axis=0)
    order = random.permutation(np.flatnonzero(free))
    left = there.sum(axis=0)
    taken = np.zeros(len(codes), np.bool_)
    while left.any():
        label = int(np.argmin(np.where(left > 0, left, len(codes) + 1)))
        for row in order[there[order, label] & ~taken[order]]:
            chosen = _neediest(wanted[:, label], wanted_rows)
            fold[row], taken[row] = chosen, True
            own = there[row]
            wanted[chosen, own] -= 1
            wanted_rows[chosen] -= 1
            left = left - own
    for row in order[~taken[order]]:
        chosen = _neediest(wanted_rows, wanted_rows)
        fold[row] = chosen
        wanted_rows[chosen] -= 1
    return fold


def rare_classes(codes: Floats) -> NDArray[np.bool_]:
    """Whether each row has the rarer class of each label; shape (n_rows, n_labels)."""
    ones = codes.sum(axis=0)
    return np.asarray(codes == (ones * 2 <= len(codes)))


def most_folds(codes: Floats) -> int:
    """How many folds may have a row of each class: of the rarest one that has two rows or more."""
    counts = rare_classes(codes).sum(axis=0)
    several = counts[counts > 1]
    return int(several.min()) if len(several) else 0


def _neediest(first: Floats, then: Floats) -> int:
    """The fold that wants most; in a tie by the second number, and then the first one."""
    best = np.flatnonzero(first >= first.max() - 1e-9)
    return int(best[np.argmax(then[best])])
