"""Baselines for several quantiles: constants, ridge regression with its errors, boosted trees.

Each predicts a column for each level, in ascending order: what crosses is put in order, as the
predictions of the network are.
"""

from collections.abc import Sequence

import numpy as np

from thalweg.evaluation.judging.baselines import Answer, TrainingPart, ridge_regression
from thalweg.evaluation.judging.boosted_trees import boosted_numbers
from thalweg.evaluation.judging.regression_loss import Measure


def constant_quantiles(part: TrainingPart, levels: Sequence[float]) -> Answer:
    """The quantiles of the training rows, for every row."""
    found = _quantiles(part.y, part.weights, levels)
    return lambda X: np.tile(found, (len(X), 1))


def ridge_quantiles(part: TrainingPart, levels: Sequence[float]) -> Answer:
    """Ridge regression, plus the quantiles of its errors on the training rows.

    Its lines are parallel: it is right where all rows have the same noise.
    """
    mean = ridge_regression(part)
    errors = _quantiles(part.y - mean(part.X), part.weights, levels)
    return lambda X: np.asarray(mean(X)[:, np.newaxis] + errors)


def boosted_quantiles(part: TrainingPart, levels: Sequence[float]) -> Answer:
    """Boosted trees of the pinball loss, for each level by themselves."""
    each = [boosted_numbers(part, "pinball", level) for level in levels]
    return lambda X: np.sort(np.stack([answer(X) for answer in each], axis=1), axis=1)


def _quantiles(values: np.ndarray, weights: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    return np.array([Measure("pinball", level).constant_for(values, weights) for level in levels])
