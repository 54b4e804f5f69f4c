"""What a network has to beat before it is worth its weights.

A baseline is a function from a training part to a function that answers rows: with the probability
of the positive class, the probabilities of all classes, or a number. The three regressions stand
behind the encoder that the network stands behind, too; it sees the training part, and no other row.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression, RidgeCV
from threadpoolctl import threadpool_limits

from thalweg.data.encoding.encoder import Encoder, fit_encoder

# Reached by no table that was tried; a descent that does reach it says so (ConvergenceWarning).
_MAX_ITER = 10_000


class TrainingPart(NamedTuple):
    """Rows to learn from.

    Parameters
    ----------
    X : ndarray of float64, shape (n_samples, n_features)
        NaN where a value is missing.
    y : ndarray, shape (n_samples,)
        Of two classes whether a row is of the positive one; of several 0 … n_classes - 1; numbers.
    weights : ndarray of float64, shape (n_samples,)
    n_levels : sequence of int, length n_features
        How many levels each column has: 0 where it is no category. Empty: there is none.
    """

    X: np.ndarray
    y: np.ndarray
    weights: np.ndarray
    n_levels: Sequence[int] = ()

    def encoder(self) -> Encoder:
        """The network's encoder, fitted on these rows."""
        return fit_encoder(self.X, self.weights, self.n_levels)


Answer = Callable[[np.ndarray], np.ndarray]
Baseline = Callable[[TrainingPart], Answer]
Find = Callable[[np.ndarray, np.ndarray], float]


def commoner_class(part: TrainingPart) -> Answer:
    """Always the class that was commoner in training, whatever the row.

    Every row gets the same probability, p = Σ wᵢ yᵢ / Σ wᵢ over the training part. At the
    threshold ½ the answer is the commoner class (the negative one when both are as common), and
    no constant has a lower log-loss on the training part.
    """
    rate = float(np.average(part.y, weights=part.weights))
    return lambda X: np.full(len(X), rate)


def commonest_class(part: TrainingPart, n_classes: int) -> Answer:
    """Every class with the probability that it had in training, whatever the row."""
    rates = np.bincount(part.y, part.weights, n_classes) / part.weights.sum()
    return lambda X: np.tile(rates, (len(X), 1))


def mean_of(y: np.ndarray, weights: np.ndarray) -> float:
    """The weighted mean: no constant has a lower RMSE on the rows it was taken from."""
    return float(np.average(y, weights=weights))


def constant_number(part: TrainingPart, find: Find = mean_of) -> Answer:
    """Always one number, which ``find`` takes from targets and weights of the training part."""
    value = find(part.y, part.weights)
    return lambda X: np.full(len(X), value)


def logistic_regression(part: TrainingPart) -> Answer:
    """Logistic regression: scikit-learn's, with the penalty ½‖w‖² on the summed loss (C = 1)."""
    encoder, positive = part.encoder(), np.asarray(part.y, dtype=np.bool_)
    regression = _fitted_logistic(encoder, part, positive)
    # The columns stand as the classes do: False, then True.
    return lambda X: np.asarray(regression.predict_proba(encoder.encode(X))[:, 1])


def softmax_regression(part: TrainingPart, n_classes: int) -> Answer:
    """Logistic regression of several classes (softmax), C = 1; 0 for a class not learned."""
    encoder = part.encoder()
    regression = _fitted_logistic(encoder, part, part.y)
    learned = regression.classes_.astype(np.intp)

    def answer(X: np.ndarray) -> np.ndarray:
        found = np.zeros((len(X), n_classes))
        found[:, learned] = regression.predict_proba(encoder.encode(X))
        return found

    return answer


def _fitted_logistic(encoder: Encoder, part: TrainingPart, y: np.ndarray) -> LogisticRegression:
    regression = LogisticRegression(C=1.0, solver="lbfgs", max_iter=_MAX_ITER)
    with threadpool_limits(1):  # sums in one order, so the same bits on any machine load
        return regression.fit(encoder.encode(part.X), y, sample_weight=part.weights)


def ridge_regression(part: TrainingPart) -> Answer:
    """Ridge regression.

    The weight of its penalty is that of 13 from 10⁻³ to 10³ with the lowest squared error when
    each row is predicted by all others.
    """
    encoder, center = part.encoder(), mean_of(part.y, part.weights)
    scale = float(np.abs(part.y - center).max()) or 1.0
    regression = RidgeCV(np.logspace(-3, 3, 13))
    with threadpool_limits(1):
        encoded = encoder.encode(part.X)
        regression.fit(encoded, (part.y - center) / scale, sample_weight=part.weights)
    return lambda X: np.asarray(center + scale * regression.predict(encoder.encode(X)))
