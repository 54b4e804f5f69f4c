"""The article's own loop: NumPy, float64, all rows in every step, a column is a sample.

Its formulas stand as the article has them, with their slope of the loss by way of the probability
(`docs/article.md` says why one should not); the starting point and the data are ours.
"""

import numpy as np

from bench.contenders import Pass
from bench.workloads import Array, Work, start, table


def sigmoid(Z: Array) -> Array:
    return 1 / (1 + np.exp(-Z))


def sigmoid_slope(Z: Array) -> Array:
    s = 1 / (1 + np.exp(-Z))
    return s * (1 - s)


def relu(Z: Array) -> Array:
    return np.maximum(0, Z)


def relu_slope(Z: Array) -> Array:
    Z[Z <= 0] = 0
    Z[Z > 0] = 1
    return Z


class ArticleNumpy:
    """Two layers, ReLU and sigmoid, under cross-entropy."""

    def __init__(self, threads: int) -> None:
        del threads

    def versions(self) -> dict[str, str]:
        return {"NumPy": np.__version__}

    def prepare(self, work: Work) -> Pass:
        data = table(work)
        X, Y = data.X.T.astype(float), data.y.T.astype(float)
        (W1, b1), (W2, b2) = ((W.astype(float), b[:, None].astype(float)) for W, b in start(work))
        first = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}

        def run() -> float:
            param = dict(first)
            for _ in range(work.epochs):
                loss = step(param, X, Y, work.rate)
            return float(loss.item())

        return run


def step(param: dict[str, Array], X: Array, Y: Array, rate: float) -> Array:
    """Forward, backward, and one step; the loss before it."""
    n = Y.shape[1]
    Z1 = param["W1"].dot(X) + param["b1"]
    A1 = relu(Z1)
    Z2 = param["W2"].dot(A1) + param["b2"]
    Yh = sigmoid(Z2)
    loss = (1.0 / n) * (-np.dot(Y, np.log(Yh).T) - np.dot(1 - Y, np.log(1 - Yh).T))
    dYh = -(np.divide(Y, Yh) - np.divide(1 - Y, 1 - Yh))
    dZ2 = dYh * sigmoid_slope(Z2)
    dA1 = np.dot(param["W2"].T, dZ2)
    dW2 = 1.0 / n * np.dot(dZ2, A1.T)
    db2 = 1.0 / n * np.dot(dZ2, np.ones([n, 1]))
    dZ1 = dA1 * relu_slope(Z1)
    dW1 = 1.0 / n * np.dot(dZ1, X.T)
    db1 = 1.0 / n * np.dot(dZ1, np.ones([n, 1]))
    param["W1"] = param["W1"] - rate * dW1
    param["b1"] = param["b1"] - rate * db1
    param["W2"] = param["W2"] - rate * dW2
    param["b2"] = param["b2"] - rate * db2
    return np.asarray(loss)
