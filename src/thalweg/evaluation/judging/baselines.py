"""What a network has to beat before it is worth its weights."""

from collections.abc import Callable, Sequence
from typing import Protocol, Self

import numpy as np
from sklearn.linear_model import LogisticRegression, RidgeCV
from threadpoolctl import threadpool_limits

from thalweg.data.encoding.encoder import Encoder, fit_encoder

# Reached by no table that was tried; a descent that does reach it says so (ConvergenceWarning).
_MAX_ITER = 10_000


class Baseline(Protocol):
    """A simple model of the probability of a positive class."""

    def fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        weights: np.ndarray,
        n_levels: Sequence[int] = (),
    ) -> Self:
        """Learn from the training part.

        Parameters
        ----------
        X : ndarray of float64, shape (n_samples, n_features)
            NaN where a value is missing.
        y : ndarray of bool or 0/1, shape (n_samples,)
            Both classes must be there.
        weights : ndarray of float64, shape (n_samples,)
        n_levels : sequence of int, length n_features
            How many levels each column has: 0 where it is no category. Empty: there is none.
        """

    def predict_positive(self, X: np.ndarray) -> np.ndarray:
        """The probability of the positive class, shape (n_samples,)."""


class CommonerClass:
    """Always the class that was commoner in training, whatever the row.

    Every row gets the same probability, p = Σ wᵢ yᵢ / Σ wᵢ over the training part. At the
    threshold ½ the answer is the commoner class (the negative one when both are as common), and
    no constant has a lower log-loss on the training part.
    """

    def fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        weights: np.ndarray,
        n_levels: Sequence[int] = (),
    ) -> Self:
        """Measure how common the positive class is (`Baseline.fit`)."""
        self.rate = float(np.average(y, weights=weights))
        return self

    def predict_positive(self, X: np.ndarray) -> np.ndarray:
        """The same probability for each row, shape (n_samples,)."""
        return np.full(len(X), self.rate)


class LogisticBehindEncoder:
    """Logistic regression behind the encoder that the network stands behind, too.

    scikit-learn's, with the penalty ½‖w‖² on top of the summed cross-entropy (C = 1). The
    encoder sees the rows given to `fit`, and no others.
    """

    encoder: Encoder

    def fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        weights: np.ndarray,
        n_levels: Sequence[int] = (),
    ) -> Self:
        """Fit the encoder, then the regression on what it gives (`Baseline.fit`)."""
        self.encoder = fit_encoder(X, weights, n_levels)
        self.regression = LogisticRegression(C=1.0, solver="lbfgs", max_iter=_MAX_ITER)
        positive = np.asarray(y, dtype=np.bool_)
        with threadpool_limits(1):  # sums in one order, so the same bits on any machine load
            self.regression.fit(self.encoder.encode(X), positive, sample_weight=weights)
        return self

    def predict_positive(self, X: np.ndarray) -> np.ndarray:
        """The probability of the positive class, shape (n_samples,)."""
        # The columns stand as the classes do: False, then True.
        return np.asarray(self.regression.predict_proba(self.encoder.encode(X))[:, 1])


COMMONER = "always the commoner class"
LOGISTIC = "logistic regression"

BASELINES: dict[str, type[CommonerClass] | type[LogisticBehindEncoder]] = {
    LOGISTIC: LogisticBehindEncoder,
    COMMONER: CommonerClass,
}


class CommonestClass:
    """Every class with the probability that it had in training, whatever the row."""

    def fit(
        self,
        X: np.ndarray,
        codes: np.ndarray,
        weights: np.ndarray,
        n_levels: Sequence[int] = (),
    ) -> Self:
        """Measure how common each class is, 0 … n_classes - 1."""
        del X, n_levels
        self.rates = np.bincount(codes, weights) / weights.sum()
        return self

    def predict_proba(self, X: np.ndarray, n_classes: int) -> np.ndarray:
        """The same probabilities for each row, shape (n_samples, n_classes)."""
        row = np.zeros(n_classes)
        row[: len(self.rates)] = self.rates
        return np.tile(row, (len(X), 1))


class SoftmaxBehindEncoder:
    """Logistic regression of several classes (softmax) behind the network's encoder; C = 1."""

    encoder: Encoder

    def fit(
        self,
        X: np.ndarray,
        codes: np.ndarray,
        weights: np.ndarray,
        n_levels: Sequence[int] = (),
    ) -> Self:
        """Fit the encoder, then the regression on what it gives."""
        self.encoder = fit_encoder(X, weights, n_levels)
        self.regression = LogisticRegression(C=1.0, solver="lbfgs", max_iter=_MAX_ITER)
        with threadpool_limits(1):
            self.regression.fit(self.encoder.encode(X), codes, sample_weight=weights)
        return self

    def predict_proba(self, X: np.ndarray, n_classes: int) -> np.ndarray:
        """Probabilities, shape (n_samples, n_classes); 0 for a class that was not learned."""
        found = np.zeros((len(X), n_classes))
        learned = self.regression.classes_.astype(np.intp)
        found[:, learned] = self.regression.predict_proba(self.encoder.encode(X))
        return found


Find = Callable[[np.ndarray, np.ndarray], float]


def mean_of(y: np.ndarray, weights: np.ndarray) -> float:
    """The weighted mean: no constant has a lower RMSE on the rows it was taken from."""
    return float(np.average(y, weights=weights))


class Constant:
    """Always one number, whatever the row.

    Parameters
    ----------
    find : callable
        From the targets of the training part and the weights of its rows to that number.
    """

    def __init__(self, find: Find = mean_of) -> None:
        self.find = find

    def fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        weights: np.ndarray,
        n_levels: Sequence[int] = (),
    ) -> Self:
        """Find it."""
        del X, n_levels
        self.value = self.find(y, weights)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The same for each row, shape (n_samples,)."""
        return np.full(len(X), self.value)


class RidgeBehindEncoder:
    """Ridge regression behind the network's encoder.

    The weight of its penalty is that of 13 from 10⁻³ to 10³ with the lowest squared error when
    each row is predicted by all others.
    """

    encoder: Encoder

    def fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        weights: np.ndarray,
        n_levels: Sequence[int] = (),
    ) -> Self:
        """Fit the encoder, then the regression on what it gives."""
        self.encoder = fit_encoder(X, weights, n_levels)
        self.center = float(np.average(y, weights=weights))
        self.scale = float(np.abs(y - self.center).max()) or 1.0
        self.regression = RidgeCV(np.logspace(-3, 3, 13))
        with threadpool_limits(1):
            encoded = self.encoder.encode(X)
            self.regression.fit(encoded, (y - self.center) / self.scale, sample_weight=weights)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The value of each row, shape (n_samples,)."""
        found = self.regression.predict(self.encoder.encode(X))
        return np.asarray(self.center + self.scale * found)


COMMONEST = "the commonest class"
RIDGE = "ridge regression"
MEAN = "always the mean"

OF_CLASSES: dict[str, type[SoftmaxBehindEncoder] | type[CommonestClass]] = {
    LOGISTIC: SoftmaxBehindEncoder,
    COMMONEST: CommonestClass,
}
