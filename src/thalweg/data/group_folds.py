"""Assign groups of rows to folds, stratified: each fold gets its share of every class."""

import numpy as np
from numpy.typing import NDArray


def dealt_groups(
    codes: NDArray[np.intp],
    groups: NDArray[np.intp],
    n_folds: int,
    random: np.random.Generator,
) -> NDArray[np.intp]:
    """Assign the groups one by one, the largest first, to the fold that balances the classes best.

    Let s be the share of each class that the group has, and L the share that a fold has so far.
    The group goes to the fold with the lowest Σ L s over the classes, where Σ L² grows least; in a
    tie, to the fold with the fewest rows, so no fold stays empty. Groups of equal size are taken
    in random order.

    Parameters
    ----------
    codes : ndarray of int, shape (n_rows,)
        The class of each row, 0 … n_classes - 1.
    groups : ndarray of int, shape (n_rows,)
        The group of each row, 0 … n_groups - 1.
    n_folds : int
        At most as many as there are groups.
    random : Generator

    Returns
    -------
    ndarray of int, shape (n_rows,)
        The fold of each row; none is empty.
    """
    n_groups = int(groups.max()) + 1
    share = np.zeros((n_groups, int(codes.max()) + 1))
    np.add.at(share, (groups, codes), 1.0)
    sizes = share.sum(axis=1)
    order = random.permutation(n_groups)
    order = order[np.argsort(-sizes[order], kind="stable")]
    share /= share.sum(axis=0)
    load, n_rows = np.zeros((n_folds, share.shape[1])), np.zeros(n_folds)
    fold_of = np.empty(n_groups, np.intp)
    for group in order:
        fold = fold_of[group] = np.lexsort((n_rows, (load * share[group]).sum(axis=1)))[0]
        load[fold] += share[group]
        n_rows[fold] += sizes[group]
    return fold_of[groups]
