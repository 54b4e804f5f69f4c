"""Baselines: constant predictions, logistic regression and ridge regression.

A baseline is a function from training rows to a function that predicts rows: the probability of the
positive class, the probabilities of all classes, or a number. The three regressions use the same
encoder as the network. The encoder is fitted on the training rows only.

scikit-learn's estimators are imported where they are fitted: a process that predicts needs none.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from thalweg.data.encoding.encoder import Encoder, fit_encoder

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

# No tested table needed so many iterations; scikit-learn warns if one does (ConvergenceWarning).
_MAX_ITER = 10_000


class TrainingPart(NamedTuple):
    """Training rows.

    Parameters
    ----------
    X : ndarray of float64, shape (n_samples, n_features)
        NaN where a value is missing.
    y : ndarray, shape (n_samples,)
        Two classes: whether a row is positive; several: 0 … n_classes - 1; regression: numbers.
    weights : ndarray of float64, shape (n_samples,)
    n_levels : sequence of int, length n_features
        The number of levels of each column, 0 if it is not a category; empty without categories.
    """

    X: np.ndarray
    y: np.ndarray
    weights: np.ndarray
    n_levels: Sequence[int] = ()

    def encoder(self) -> Encoder:
        """The encoder that the network uses, fitted on these rows."""
        return fit_encoder(self.X, self.weights, self.n_levels)


Answer = Callable[[np.ndarray], np.ndarray]
Baseline = Callable[[TrainingPart], Answer]
Find = Callable[[np.ndarray, np.ndarray], float]


def commoner_class(part: TrainingPart) -> Answer:
    """Predict the class that is more common in training, for every row.

    Every row gets the same probability, p = Σ wᵢ yᵢ / Σ wᵢ over the training rows. At the
    threshold ½ the prediction is the more common class (the negative one if both are equally
    common). No constant has a lower log-loss on the training rows.
    """
    rate = float(np.average(part.y, weights=part.weights))
    return lambda X: np.full(len(X), rate)


def commonest_class(part: TrainingPart, n_classes: int) -> Answer:
    """Predict the training frequencies of the classes, for every row."""
    rates = np.bincount(part.y, part.weights, n_classes) / part.weights.sum()
    return lambda X: np.tile(rates, (len(X), 1))


def mean_of(y: np.ndarray, weights: np.ndarray) -> float:
    """The weighted mean: no constant has a lower RMSE on these rows."""
    return float(np.average(y, weights=weights))


def constant_number(part: TrainingPart, find: Find = mean_of) -> Answer:
    """Predict one number, which ``find`` computes from the training targets and weights."""
    value = find(part.y, part.weights)
    return lambda X: np.full(len(X), value)


def logistic_regression(part: TrainingPart) -> Answer:
    """scikit-learn's logistic regression, with the penalty ½‖w‖² on the summed loss (C = 1)."""
    encoder, positive = part.encoder(), np.asarray(part.y, dtype=np.bool_)
    regression = _fitted_logistic(encoder, part, positive)
    # The columns are in the order of the classes: False, then True.
    return lambda X: np.asarray(regression.predict_proba(encoder.encode(X))[:, 1])


def softmax_regression(part: TrainingPart, n_classes: int) -> Answer:
    """Softmax regression with C = 1; a class without training rows gets the probability 0."""
    encoder = part.encoder()
    regression = _fitted_logistic(encoder, part, part.y)
    learned = regression.classes_.astype(np.intp)

    def answer(X: np.ndarray) -> np.ndarray:
        found = np.zeros((len(X), n_classes))
        found[:, learned] = regression.predict_proba(encoder.encode(X))
        return found

    return answer


def _fitted_logistic(encoder: Encoder, part: TrainingPart, y: np.ndarray) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression

    regression = LogisticRegression(C=1.0, solver="lbfgs", max_iter=_MAX_ITER)
    with threadpool_limits(1):  # one order of summation, so the same bits under any machine load
        return regression.fit(encoder.encode(part.X), y, sample_weight=part.weights)


def ridge_regression(part: TrainingPart) -> Answer:
    """Ridge regression.

    The weight of its penalty is the one of 13, from 10⁻³ to 10³, with the lowest squared error in
    leave-one-out cross-validation.
    """
    from sklearn.linear_model import RidgeCV

    encoder, center = part.encoder(), mean_of(part.y, part.weights)
    scale = float(np.abs(part.y - center).max()) or 1.0
    regression = RidgeCV(np.logspace(-3, 3, 13))
    with threadpool_limits(1):
        encoded = encoder.encode(part.X)
        regression.fit(encoded, (part.y - center) / scale, sample_weight=part.weights)
    return lambda X: np.asarray(center + scale * regression.predict(encoder.encode(X)))
