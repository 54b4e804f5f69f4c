"""The slope of softmax and cross-entropy, spelled out with the Jacobian of the softmax.

The engine steps from the loss to Z at once, Yh - Y. On paper there are two steps: from the loss to
the probabilities, and from these to Z. Every probability depends on every Z[j], because they share
one sum, so the second step is a matrix, and the chain rule a sum over the classes::

    dLoss_Yh[k] = -Y[k] / Yh[k]
    dYh[k]_Z[j] = Yh[k] (1 - Yh[k])  where k = j,  else  -Yh[k] Yh[j]
    dLoss_Z[j]  = Σ over k of dLoss_Yh[k] · dYh[k]_Z[j]  =  Yh[j] Σ Y[k] - Y[j]  =  Yh[j] - Y[j]
"""

from typing import NamedTuple

import numpy as np

from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.losses import loss
from thalweg.tracing.row_trace import Trace


class SoftmaxSlope(NamedTuple):
    """The two steps for one row, and the one step of the engine.

    Attributes
    ----------
    slopes : ndarray of shape (n_classes,)
        dLoss_Yh[k], times the share of the row; NaN where Yh[k] is too small to divide by.
    jacobian : ndarray of shape (n_classes, n_classes)
        dYh[k]_Z[j] at [k, j].
    at_once : ndarray of shape (n_classes,)
        The share of the row times Yh[j] - Y[j].
    """

    slopes: Array
    jacobian: Array
    at_once: Array

    @property
    def products(self) -> Array:
        """dLoss_Yh[k] · dYh[k]_Z[j] at [k, j]; the sum over k is dLoss_Z[j]."""
        return self.slopes[:, np.newaxis] * self.jacobian


def softmax_slope(trace: Trace, row: int) -> SoftmaxSlope | None:
    """The slope of one row, counted from 0, in two steps; None for a loss without a softmax.

    Parameters
    ----------
    trace : Trace
    row : int
    """
    if not loss(trace.objective.loss).coupled:
        return None
    Yh, Y, share = trace.prediction[:, row], trace.data.Y[row], trace.shares[row]
    quotient = np.full_like(Yh, np.nan)
    with np.errstate(over="ignore"):
        np.divide(-share * Y, Yh, out=quotient, where=Yh > 0)
    quotient[~np.isfinite(quotient)] = np.nan
    quotient += 0.0  # no -0 for the classes whose target is 0
    return SoftmaxSlope(quotient, softmax_jacobian(Yh), trace.back.dA[-1][:, row])


def softmax_jacobian(Yh: Array) -> Array:
    """dYh[k]_Z[j] of probabilities that sum to 1, shape (n_classes, n_classes).

    1 - Yh[k] is the sum of the others: the difference would lose the digits of a Yh near 1.
    """
    n = len(Yh)
    others = np.array([np.sum(np.delete(Yh, k)) for k in range(n)])
    jacobian: Array = -np.outer(Yh, Yh)
    jacobian[np.arange(n), np.arange(n)] = Yh * others
    return jacobian
