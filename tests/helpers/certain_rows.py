"""Rows without sampling noise: of each probability p a positive row of weight p, and the rest."""

import numpy as np

from thalweg.evaluation.answers import answers_of


def uniform(n=20_000):
    """Calibrated answers with p ~ U(0, 1)."""
    return calibrated((np.arange(n) + 0.5) / n)


def beta_1_9(n=20_000):
    """Calibrated answers with p ~ Beta(1, 9): a tenth of the rows is positive."""
    return calibrated(1 - (1 - (np.arange(n) + 0.5) / n) ** (1 / 9))


def calibrated(p):
    truth = np.repeat([True, False], len(p))
    return answers_of(truth, np.concatenate([p, p]), np.concatenate([p, 1 - p]))


def of_counts(found, missed, alarms, right, *, above=0.9, below=0.1, how="test"):
    """Rows by their counts on the two sides of a threshold."""
    truth = np.repeat([True, True, False, False], [found, missed, alarms, right])
    answer = np.repeat([above, below, above, below], [found, missed, alarms, right])
    return answers_of(truth, answer, how=how)
