"""Rows with a probability of the positive class, in one order, and the logits of probabilities."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from thalweg.evaluation.answers import Answers, effective_number
from thalweg.evaluation.dependent_rows import Codes, group_codes
from thalweg.evaluation.judging.two_class_metrics import checked_rows


@dataclass(frozen=True, eq=False)
class ProbabilityRows:
    """Rows by ascending probability.

    Parameters
    ----------
    y : ndarray of float64, shape (n_samples,)
        1 for a positive row, else 0.
    p : ndarray of float64, shape (n_samples,)
        The predicted probability of the positive class.
    weights : ndarray of float64, shape (n_samples,)
        Their sum is the effective number of rows, so that a likelihood with these weights is as
        sure as that many rows are.
    n_positive, n_negative : float
        The (effective) number of rows of each class.
    groups : ndarray of int, shape (n_samples,), optional
        Rows of one group depend on each other, as in `evaluation.dependent_rows`.
    """

    y: np.ndarray
    p: np.ndarray
    weights: np.ndarray
    n_positive: float
    n_negative: float
    groups: Codes | None = None

    @cached_property
    def z(self) -> np.ndarray:
        """The logits: -∞ for 0, ∞ for 1."""
        return logit(self.p)

    @property
    def n(self) -> float:
        """The (effective) number of rows."""
        return float(self.weights.sum())

    @cached_property
    def finite(self) -> np.ndarray:
        """Whether the logit of each row is finite."""
        finite: np.ndarray = np.isfinite(self.z)
        return finite

    @cached_property
    def certain_and_wrong(self) -> int:
        """How many rows have a probability of exactly 0 or 1 that is wrong."""
        return int(np.sum(~self.finite & (self.p != self.y)))


def probability_rows(answers: Answers) -> ProbabilityRows:
    """The rows of answers for two classes.

    Raises
    ------
    DataError
        If a truth is not 0 or 1, or a probability is missing or outside 0 … 1.
    """
    truth, p = checked_rows(answers.truth, answers.answer)
    counts = answers.counts()
    groups = group_codes(answers.groups)
    order = np.lexsort((*(() if groups is None else (groups,)), counts, truth, p))
    truth, p, counts = truth[order], p[order], counts[order]
    groups = None if groups is None else groups[order]
    positive, negative = (effective_number(counts[truth == each]) for each in (True, False))
    weights = counts / counts.max()  # the sum of 1e308 and 1e308 would overflow
    weights = weights * (effective_number(counts) / weights.sum())
    return ProbabilityRows(truth.astype(np.float64), p, weights, positive, negative, groups)


def logit(p: np.ndarray) -> np.ndarray:
    """log(p / (1 - p)): -∞ for 0, ∞ for 1."""
    with np.errstate(divide="ignore", under="ignore"):
        z: np.ndarray = np.log(p) - np.log1p(-p)
    return z


def expit(z: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z)) without overflow."""
    with np.errstate(under="ignore"):
        e = np.exp(-np.abs(z))
        p: np.ndarray = np.where(z >= 0, 1.0, e) / (1 + e)
    return p
