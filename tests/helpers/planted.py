"""Predictions with a planted error of calibration, and the rows that they are for."""

import numpy as np

from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.calibration.probability_rows import probability_rows


def expit(z):
    return 1 / (1 + np.exp(-z))


def two_classes(n, seed, slope=1.0, intercept=0.0, spread=2.0, **marks):
    """Answers whose logit z ~ N(0, spread²) should have been intercept + slope · z."""
    random = np.random.default_rng(seed)
    z = random.normal(0, spread, n)
    truth = random.random(n) < expit(intercept + slope * z)
    return answers_of(truth, expit(z), **marks)


def rows(truth, p, weights=None):
    """Rows of two classes in order."""
    return probability_rows(answers_of(np.asarray(truth, bool), np.asarray(p, float), weights))


def several_classes(n, seed, slope=1.0, n_classes=4, **marks):
    """Answers of several classes whose log-probabilities should have been multiplied by slope."""
    random = np.random.default_rng(seed)
    L = random.normal(0, 2, (n, n_classes))
    stated, true = (np.exp(each * L) for each in (1.0, slope))
    true = true.cumsum(axis=1) / true.sum(axis=1, keepdims=True)
    truth = (true < random.random((n, 1))).sum(axis=1)
    return answers_of(truth, stated / stated.sum(axis=1, keepdims=True), **marks)


def numbers(n, seed, slope=1.0, intercept=0.0, **marks):
    """Answers of a regression whose noise grows with the prediction."""
    random = np.random.default_rng(seed)
    x = random.normal(1, 2, n)
    truth = intercept + slope * x + random.normal(0, 0.5 + abs(x), n)
    return answers_of(truth, x, **marks)
