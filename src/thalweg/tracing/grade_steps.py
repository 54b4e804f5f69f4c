"""The steps of grades, spelled out: from the outputs to the probability of each grade, and back.

The engine steps from the loss to Z at once. On paper there are four steps, of which the first two
and the last are those of a cumulative model (McCullagh 1980, J. R. Stat. Soc. B 42)::

    C[1] = Z[1],  C[k] = C[k-1] + softplus(Z[k])      cumulative logits
    Yh[k] = σ(C[k])                                   P(grade ≤ k)
    P[k] = Yh[k] - Yh[k-1],  Yh[0] = 0,  Yh[K] = 1    the probability of each grade
    Loss = -log P[g]                                  g is the true grade

A true grade g ends at the threshold g, where Y is 1, and begins at the one below, where Y is -1. So

    dLoss_Yh[k] = -Y[k] / P[g]
    dYh[k]_C[k] = Yh[k] (1 - Yh[k])
    dC[k]_Z[j]  = 1 where j = 1,  σ(Z[j]) where 1 < j ≤ k,  else 0
    dLoss_Z[j]  = Σ over k of dLoss_Yh[k] · dYh[k]_C[k] · dC[k]_Z[j]

and dLoss_Z[1] = Yh[g] + Yh[g-1] - 1.
"""

from typing import NamedTuple

import numpy as np

from thalweg.network.formulas.activations import Array, sigmoid, sigmoid_slope
from thalweg.network.formulas.loss_kind import cumulated, grade_probabilities
from thalweg.network.formulas.losses import loss
from thalweg.tracing.row_trace import Trace


class GradeSteps(NamedTuple):
    """The steps of one row.

    Attributes
    ----------
    C : ndarray of shape (n_outputs,)
        The cumulative logits.
    probabilities : ndarray of shape (n_outputs + 1,)
        P of each grade, in their order.
    grade : int
        The place of the true grade, from 0.
    slopes : ndarray of shape (n_outputs,)
        dLoss_Yh[k], times the share of the row; NaN where P is too small to divide by.
    link : ndarray of shape (n_outputs,)
        dYh[k]_C[k].
    risen : ndarray of shape (n_outputs, n_outputs)
        dC[k]_Z[j] at [k, j].
    at_once : ndarray of shape (n_outputs,)
        dLoss_Z of the engine, times the share of the row.
    """

    C: Array
    probabilities: Array
    grade: int
    slopes: Array
    link: Array
    risen: Array
    at_once: Array

    @property
    def products(self) -> Array:
        """dLoss_Yh[k] · dYh[k]_C[k] · dC[k]_Z[j] at [k, j]; the sum over k is dLoss_Z[j]."""
        return (self.slopes * self.link)[:, np.newaxis] * self.risen


def grade_steps(trace: Trace, row: int) -> GradeSteps | None:
    """The steps of one row, counted from 0; None for a loss without grades.

    Parameters
    ----------
    trace : Trace
    row : int
    """
    if not loss(trace.objective.loss).rising:
        return None
    Z, Y, share = trace.passed.A[-1][:, row], trace.data.Y[row], trace.shares[row]
    gaps, C = cumulated(Z)
    P, grade = grade_probabilities(Z), true_grade(Y)
    quotient = np.full_like(C, np.nan)
    with np.errstate(over="ignore"):
        np.divide(-share * Y, P[grade], out=quotient, where=P[grade] > 0)
    quotient[~np.isfinite(quotient)] = np.nan
    quotient += 0.0  # no -0 for the thresholds that the grade does not touch
    risen = np.tril(np.ones((len(C), len(C)))) * sigmoid(gaps)
    at_once = trace.back.dA[-1][:, row]
    return GradeSteps(C, P, grade, quotient, sigmoid_slope(C), risen, at_once)


def true_grade(y: Array) -> int:
    """The place of the true grade, from 0, by the targets of its outputs; the last one has no 1."""
    ends = np.flatnonzero(y == 1)
    return int(ends[0]) if len(ends) else len(y)
