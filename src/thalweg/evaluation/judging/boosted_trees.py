"""Boosted trees as a baseline: scikit-learn's histogram gradient boosting.

100 trees with the learning rate 0.1, at most 31 leaves of at least 20 rows each, and no early
stopping. Categories and missing values are used as they are. A column without a value in the
training rows is left out. The trees are no simpler model than a network: they are compared with it,
and never saved.

*The loss* is that of the network where scikit-learn has it (squared, absolute, quantile, Poisson,
gamma), the squared error for Huber and for a formula that a person wrote, and Poisson for Tweedie,
which also learns the logarithm of the mean of amounts from 0 on. Very large and very small targets
are divided by a power of 2, because scikit-learn keeps gradients in single precision.

*Categories.* scikit-learn takes at most 255 levels. The 254 most common ones stay, all others share
one. A level that no training row has counts as missing.

*The same for every order of the rows*, and in every run: rows are sorted before the fit, and one
thread sums. A whole-number weight is so many rows.
"""

import numpy as np
from threadpoolctl import threadpool_limits

from thalweg.evaluation.answers import MOST_ROWS, copies_of
from thalweg.evaluation.judging.baselines import Answer, TrainingPart, constant_number, mean_of

_LEAF = 20
# A split needs two leaves.
FEWEST_TRAINING_ROWS = 2 * _LEAF
_MOST_LEVELS = 255
_SETTINGS = {
    "early_stopping": False, "learning_rate": 0.1, "max_iter": 100, "min_samples_leaf": _LEAF,
    "random_state": 0,
}  # fmt: skip
# The losses of scikit-learn, by the key of the measure.
_LOSSES = {
    "rmse": "squared_error", "mae": "absolute_error", "pinball": "quantile",
    "huber": "squared_error", "poisson": "poisson", "gamma": "gamma", "tweedie": "poisson",
    "own": "squared_error",
}  # fmt: skip
# Bins are the means of two values, which must not overflow.
_LARGEST_EXPONENT = 1000
# Between 2⁻⁶⁰ and 2⁶⁰, gradients and their squares fit into single precision.
_USUAL_EXPONENT = 60


def boosted_two_classes(part: TrainingPart) -> Answer:
    """The probability of the positive class."""
    answer = boosted_classes(part._replace(y=np.asarray(part.y, dtype=np.intp)), 2)
    return lambda X: answer(X)[:, 1]


def boosted_classes(part: TrainingPart, n_classes: int) -> Answer:
    """Probabilities of all classes; a class without training rows gets the probability 0."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    columns, part = _Columns(part), _in_order(part)
    if not columns.kept:
        rates = np.bincount(part.y, part.weights, n_classes) / part.weights.sum()
        return lambda X: np.tile(rates, (len(X), 1))
    trees = HistGradientBoostingClassifier(**_SETTINGS, **columns.settings)
    with threadpool_limits(1):
        trees.fit(columns.read(part.X), part.y, sample_weight=_weights(part))
    learned = trees.classes_.astype(np.intp)

    def answer(X: np.ndarray) -> np.ndarray:
        found = np.zeros((len(X), n_classes))
        with threadpool_limits(1):
            found[:, learned] = trees.predict_proba(columns.read(X))
        return found

    return answer


def boosted_numbers(part: TrainingPart, loss: str = "rmse", level: float = 0.5) -> Answer:
    """Numbers, by the loss of a measure (`judging.regression_loss`); ``level`` is of a quantile."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    columns, part = _Columns(part), _in_order(part)
    if not columns.kept or part.y.min() == part.y.max():
        return constant_number(part, mean_of)
    size = _exponent(part.y)
    size = 0 if abs(size) <= _USUAL_EXPONENT else size
    quantile = {"quantile": level} if loss == "pinball" else {}
    trees = HistGradientBoostingRegressor(
        **_SETTINGS, **columns.settings, loss=_LOSSES[loss], **quantile
    )
    with threadpool_limits(1):
        trees.fit(columns.read(part.X), np.ldexp(part.y, -size), sample_weight=_weights(part))

    def answer(X: np.ndarray) -> np.ndarray:
        with threadpool_limits(1):
            return np.asarray(np.ldexp(trees.predict(columns.read(X)), size))

    return answer


def _in_order(part: TrainingPart) -> TrainingPart:
    """The rows in an order that depends on their content alone, each as often as its weight."""
    order = np.lexsort((part.weights, part.y, *part.X.T))
    copies = copies_of(part.weights[order], MOST_ROWS)
    if copies is None:
        return part._replace(X=part.X[order], y=part.y[order], weights=part.weights[order])
    order = order[copies]
    return part._replace(X=part.X[order], y=part.y[order], weights=np.ones(len(order)))


def _weights(part: TrainingPart) -> np.ndarray | None:
    return None if np.all(part.weights == 1) else part.weights


class _Columns:
    """The columns as the trees take them, from the training rows."""

    def __init__(self, part: TrainingPart) -> None:
        n_levels = part.n_levels or (0,) * part.X.shape[1]
        self.kept = [j for j, column in enumerate(part.X.T) if not np.isnan(column).all()]
        self._levels = {
            j: _common_levels(part.X[:, j], part.weights) for j in self.kept if n_levels[j] > 0
        }
        sizes = [_exponent(part.X[:, j]) for j in self.kept]
        self._shifts = np.minimum(_LARGEST_EXPONENT - np.array(sizes, dtype=np.int64), 0)

    @property
    def settings(self) -> dict[str, list[bool]]:
        """Which of the columns are categories."""
        return {"categorical_features": [j in self._levels for j in self.kept]}

    def read(self, X: np.ndarray) -> np.ndarray:
        """The columns of some rows, shape (n_samples, n_kept)."""
        with np.errstate(under="ignore"):
            found: np.ndarray = np.ldexp(X[:, self.kept], self._shifts)
        for place, j in enumerate(self.kept):
            if j in self._levels:
                found[:, place] = _ranks(X[:, j], *self._levels[j])
        return found


def _exponent(column: np.ndarray) -> int:
    return int(np.frexp(np.nanmax(np.abs(column)))[1])


def _common_levels(column: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The levels in ascending order, and the rank of each by how common it is."""
    there = ~np.isnan(column)
    levels, places = np.unique(column[there], return_inverse=True)
    common = np.bincount(places, np.round(weights[there], 9), len(levels))
    ranks = np.empty(len(levels))
    ranks[np.lexsort((levels, -common))] = np.arange(len(levels))
    return levels, np.minimum(ranks, _MOST_LEVELS - 1)


def _ranks(column: np.ndarray, levels: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """The ranks of levels; NaN for a missing one, and for one that no training row has."""
    places = np.minimum(np.searchsorted(levels, column), len(levels) - 1)
    found: np.ndarray = np.where(levels[places] == column, ranks[places], np.nan)
    return found
