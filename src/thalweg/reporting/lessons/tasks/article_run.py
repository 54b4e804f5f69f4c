"""The article's program on the bundled table: its run, its split, and the rows that repeat."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from thalweg.data.read import load_table
from thalweg.data.schema.schema import infer_schema
from thalweg.estimators.article_network import LOSS, SEED
from thalweg.evaluation.splits import fold_splits
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data, Method, Objective, Order, State, choose
from thalweg.network.formulas.activations import sigmoid
from thalweg.network.formulas.losses import loss
from thalweg.network.formulas.rules import rule
from thalweg.network.reference_engine import forward

Floats = NDArray[np.float64]
# The article trains on rows 0 to 499 and validates on 501 to 682; row 500 is in neither.
N_TRAINED, FIRST_VALID = 500, 501
STEPS, EVERY, RATE = 67_000, 500, 0.07
# Of each fold: as many as an estimator with the article's settings takes.
STEPS_OF_FOLD, N_FOLDS = 2_500, 5


@dataclass(frozen=True, eq=False)
class ArticleRows:
    """The complete rows of the table, as the article takes them.

    Attributes
    ----------
    raw, scaled : ndarray, shape (683, 9)
        Scores of 1 to 10, and from 0 to 1 by minimum and maximum over all rows.
    malignant : ndarray of bool, shape (683,)
    """

    raw: Floats
    scaled: Floats
    malignant: NDArray[np.bool_]

    @property
    def twins(self) -> NDArray[np.bool_]:
        """Which validation rows equal a training row."""
        known = {tuple(row) for row in self.raw[:N_TRAINED].tolist()}
        return np.array([tuple(row) in known for row in self.raw[FIRST_VALID:].tolist()])


@dataclass(frozen=True, eq=False)
class ArticleRun:
    """The article's descent, seen at every 500th step.

    Attributes
    ----------
    steps : ndarray of int
    train_loss, valid_loss : ndarray
    right : ndarray of int
        Right answers of the 182 validation rows at a threshold of 0.5.
    wrong : ndarray of bool, shape (182,)
        The validation rows that are wrong at the end.
    """

    steps: NDArray[np.int_]
    train_loss: Floats
    valid_loss: Floats
    right: NDArray[np.int_]
    wrong: NDArray[np.bool_]


@cache
def article_rows() -> ArticleRows:
    """Read the bundled table, without the rows that lack a cell."""
    table = load_table("wisconsin")
    matrix = infer_schema(table.frame).matrix(table.frame)
    whole = ~np.isnan(matrix).any(axis=1)
    raw = matrix[whole]
    low, high = raw.min(axis=0), raw.max(axis=0)
    malignant = np.asarray(table.target)[whole] == "malignant"
    return ArticleRows(raw, (raw - low) / (high - low), malignant)


@cache
def article_run(n_steps: int = STEPS) -> ArticleRun:
    """Train as the article does, on its first 500 rows."""
    rows = article_rows()
    X, y = rows.scaled[FIRST_VALID:], rows.malignant[FIRST_VALID:]
    found = []
    descent = _Descent(rows.scaled[:N_TRAINED], rows.malignant[:N_TRAINED])
    for step in range(0, n_steps + 1, EVERY):
        z = descent.logits(X)
        valid = float(np.mean(loss(LOSS).value(z, y[None].astype(float))))
        wrong = (z[0] > 0) != y
        found.append((step, descent.loss(), valid, len(y) - int(wrong.sum())))
        if step < n_steps:
            descent.go(EVERY)
    steps, train, valid_loss, n_right = (np.array(each) for each in zip(*found, strict=True))
    return ArticleRun(steps, train, valid_loss, n_right, wrong)


@cache
def held_out_probabilities(n_steps: int = STEPS_OF_FOLD, seed: int = 0) -> Floats:
    """For each complete row the answer of a network that was not trained on it, nor on its twins.

    Five folds; equal rows are in one fold. The columns are scaled by the training rows alone.
    """
    rows = article_rows()
    found = np.empty(len(rows.malignant))
    for train, test in fold_splits(rows.raw, rows.malignant, n_folds=N_FOLDS, seed=seed):
        low, high = rows.raw[train].min(axis=0), rows.raw[train].max(axis=0)
        scaled = (rows.raw - low) / np.where(high > low, high - low, 1.0)
        descent = _Descent(scaled[train], rows.malignant[train])
        descent.go(n_steps)
        found[test] = sigmoid(descent.logits(scaled[test]))[0]
    return found


class _Descent:
    """The article's network: 15 ReLU units, plain gradient descent over all rows, its start."""

    def __init__(self, X: Floats, malignant: NDArray[np.bool_]) -> None:
        self._architecture = Architecture((X.shape[1], 15, 1), ("relu", "identity"))
        theta = initial_theta(self._architecture, "article", np.random.RandomState(SEED))
        self._state = State.at(theta, rule("sgd"))
        self._data = Data.of(X, malignant[:, None].astype(float))

    def go(self, n_steps: int) -> None:
        order = Order(np.arange(len(self._data.X)), len(self._data.X))
        choose().steps(
            self._architecture, Objective(LOSS), Method.of("sgd"), self._state, self._data, order,
            np.full(n_steps, RATE), 0,
        )  # fmt: skip

    def loss(self) -> float:
        z = self.logits(self._data.X)
        return float(np.mean(loss(LOSS).value(z, self._data.Y.T)))

    def logits(self, X: Floats) -> Floats:
        return np.asarray(forward(self._architecture, self._state.theta, X.T).Z[-1])
