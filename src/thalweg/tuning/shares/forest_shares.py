"""How much of the variation of a forest over a box is due to each input alone (fANOVA).

A tree is constant on boxes, so its mean over all inputs but one is a sum over its leaves, and needs
no sampling: Hutter, Hoos & Leyton-Brown 2014, "An efficient approach for assessing hyperparameter
importance", ICML. Each input is uniform between its ends. The shares of single inputs are at most 1
together; the rest is of inputs that act together.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestRegressor

Floats: TypeAlias = NDArray[np.float64]
Tree: TypeAlias = Any  # sklearn.tree._tree.Tree, which has no types


def forest_of(
    X: Floats, y: Floats, n_trees: int, seed: int, *, scored: bool = False
) -> "RandomForestRegressor":
    """A fitted random forest of trees grown to the end, perhaps with its out-of-bag R²."""
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(n_trees, oob_score=scored, random_state=seed, n_jobs=1)
    return forest.fit(X, y)


def shares_of_forest(forest: "RandomForestRegressor", ends: Floats) -> Floats:
    """The share of each input alone, the mean over the trees that are not constant.

    Parameters
    ----------
    forest : RandomForestRegressor
        Fitted.
    ends : ndarray of float64, shape (n_inputs, 2)

    Returns
    -------
    ndarray of float64, shape (n_inputs,)
        Var(E[f | x_j]) / Var(f); 0 if all trees are constant.
    """
    found = [
        each for tree in forest.estimators_ if (each := _of_tree(tree.tree_, ends)) is not None
    ]
    return np.mean(found, axis=0) if found else np.zeros(len(ends))


def _of_tree(tree: Tree, ends: Floats) -> Floats | None:
    low, high, values = _leaves(tree, ends)
    widths = ends[:, 1] - ends[:, 0]
    sides = (high - low) / widths  # of each leaf, as shares of the box
    volumes = sides.prod(axis=1)
    mean = float(volumes @ values)
    total = float(volumes @ (values - mean) ** 2)
    if total <= 0:
        return None
    found = np.empty(len(ends))
    for j in range(len(ends)):
        # The mean over the other inputs is a step function: each leaf adds to some of its steps.
        cuts = np.unique(np.concatenate((low[:, j], high[:, j])))
        changes = np.zeros(len(cuts))
        without = (values - mean) * volumes / sides[:, j]
        np.add.at(changes, np.searchsorted(cuts, low[:, j]), without)
        np.add.at(changes, np.searchsorted(cuts, high[:, j]), -without)
        steps = np.cumsum(changes)[:-1]
        found[j] = np.diff(cuts) / widths[j] @ steps**2 / total
    return found


def _leaves(tree: Tree, ends: Floats) -> tuple[Floats, Floats, Floats]:
    """The lower and upper corners of the leaves within the box, and their values."""
    n = tree.node_count
    low, high = np.tile(ends[:, 0], (n, 1)), np.tile(ends[:, 1], (n, 1))
    nodes = np.zeros(1, np.intp)
    while len(nodes := nodes[tree.children_left[nodes] >= 0]):  # one depth after another
        left, right = tree.children_left[nodes], tree.children_right[nodes]
        columns, cuts = tree.feature[nodes], tree.threshold[nodes]
        low[left] = low[right] = low[nodes]
        high[left] = high[right] = high[nodes]
        high[left, columns] = np.minimum(high[nodes, columns], cuts)
        low[right, columns] = np.maximum(low[nodes, columns], cuts)
        nodes = np.concatenate((left, right))
    leaf = tree.children_left < 0
    kept = leaf & (high > low).all(axis=1)
    return low[kept], high[kept], tree.value[kept, 0, 0]
