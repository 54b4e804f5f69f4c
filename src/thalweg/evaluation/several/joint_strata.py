"""Strata of rows with several labels: every target is split on the same rows.

A stratum is a pattern of labels that enough different rows have. The other rows are in the stratum
of their rarest class, so that each class of each label is on both sides of a split where that is
possible.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from thalweg.data.canonical_rows import row_groups

# A pattern of so many different rows is a stratum: a fifth of them is one row or more.
_PATTERN = 10
# The stratum of the rows that have no rare class, and no pattern of their own.
_OTHERS = "other"


def joint_strata(
    codes: NDArray[np.bool_],
    names: Sequence[str],
    matrix: NDArray[np.float64],
    groups: NDArray[np.str_] | None = None,
) -> NDArray[np.str_]:
    """The stratum of each row.

    Parameters
    ----------
    codes : ndarray of bool, shape (n_rows, n_labels)
        Whether each row has the first class of each label.
    names : sequence of str
        Of the labels.
    matrix : ndarray of float64, shape (n_rows, n_features)
        Equal rows are never split.
    groups : ndarray of str, shape (n_rows,), optional
        Rows of one group are never split.

    Returns
    -------
    ndarray of str, shape (n_rows,)
    """
    sets = row_groups(matrix) if groups is None else np.unique(groups, return_inverse=True)[1]
    rare = codes == (codes.sum(axis=0) * 2 <= len(codes))
    _, pattern = np.unique(rare, axis=0, return_inverse=True)
    pattern = pattern.reshape(-1)
    found = np.array([f"pattern {each}" for each in pattern], dtype=object)
    few = _are_few(pattern, sets)
    # Of the rarest class last, which decides.
    for label in np.argsort(-_different(rare, sets), kind="stable"):
        own = rare[:, label] & few
        found[own] = f"the rarer class of {names[label]}"
    none = few & ~rare.any(axis=1)
    found[none] = _OTHERS
    return _without_single(found, sets)


def _different(rare: NDArray[np.bool_], sets: NDArray[np.intp]) -> NDArray[np.intp]:
    """How many different rows have the rarer class of each label."""
    return np.array([len(np.unique(sets[own])) for own in rare.T])


def _are_few(pattern: NDArray[np.intp], sets: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which rows have a pattern of too few different rows."""
    pairs = np.unique(np.column_stack([pattern, sets]), axis=0)
    return np.asarray(np.bincount(pairs[:, 0])[pattern] < _PATTERN)


def _without_single(found: NDArray[np.object_], sets: NDArray[np.intp]) -> NDArray[np.str_]:
    """The strata, with those of one row alone in the largest: they could not be split."""
    names, place, sizes = np.unique(found.astype(str), return_inverse=True, return_counts=True)
    single = np.array([len(np.unique(sets[place == k])) < 2 for k in range(len(names))])
    single[np.argmax(sizes)] = False
    return np.asarray(np.where(single[place], names[np.argmax(sizes)], names[place]))
