"""One row through a network with one hidden layer of relu, written once more for tests."""

import math

import numpy as np


def by_hand(subject, cells):
    """Inputs, sums and probability, from θ and the cells, with no help of the network's code."""
    model = subject.model
    n_inputs, n_units, _ = model.architecture_.sizes
    theta = np.asarray(model.theta_, float)
    W1, rest = theta[: n_inputs * n_units].reshape(n_units, n_inputs), theta[n_inputs * n_units :]
    b1, W2, b2 = rest[:n_units], rest[n_units : 2 * n_units], rest[2 * n_units]
    X = np.asarray(model.members_[0].encoder.encode(np.asarray(cells, float)), float)[0]
    Z1 = [
        sum(w * x for w, x in zip(row, X, strict=True)) + b for row, b in zip(W1, b1, strict=True)
    ]
    A1 = [max(0.0, z) for z in Z1]
    Z2 = sum(w * a for w, a in zip(W2, A1, strict=True)) + b2
    return {"W1": W1, "X": X, "Z1": np.array(Z1), "Z2": Z2, "Yh": 1 / (1 + math.exp(-Z2)), "W2": W2}


def cells_of(subject):
    return [[float(cell) for cell in subject.rows.iloc[subject.row]]]
