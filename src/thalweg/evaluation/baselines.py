"""What a network has to beat before it is worth its weights."""

from collections.abc import Sequence
from typing import Protocol, Self

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from thalweg.data.encode import Encoder, fit_encoder

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
