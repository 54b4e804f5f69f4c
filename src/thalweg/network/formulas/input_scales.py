"""Scales of the inputs: each input has a scale that training learns beside its weights.

A descent with scales writes the first layer as W1 = V diag(s): input j is multiplied by its scale
s_j, and V has the weights of the scaled inputs. With dW1 = dL/dW1,

    dL/dV = dW1 diag(s),    dL/ds_j = Σ_u V_uj dW1_uj    (u runs over the units).

A step moves V and s by the same rule, s at a larger rate; then W1 is V diag(s) again. So the
network stays a dense one, and its loss stays that of W1: only the way of a descent is another.
Under Adam, a weight of an input with a large scale moves faster, and an input whose weights all
move the same way gains scale. So inputs that matter are learned soon, and others stay small
(RealMLP has such a layer: Holzmüller et al. 2024, arXiv 2407.04491).

A scale stays at least ``LEAST``, because V = W1 / s.
"""

from thalweg.network.formulas.activations import Array

LEAST = 0.05


def to_scaled(W: Array, dW: Array, scales: Array) -> Array:
    """Overwrite W1 by V and dL/dW1 by dL/dV; return dL/ds, shape (n_inputs,).

    ``W`` and ``dW`` are (n_units, n_inputs), ``scales`` is (n_inputs,).
    """
    W /= scales
    slopes: Array = (W * dW).sum(axis=0)
    dW *= scales
    return slopes


def from_scaled(W: Array, scales: Array) -> None:
    """Overwrite V by W1 = V diag(s); scales below ``LEAST`` become ``LEAST``."""
    scales[scales < LEAST] = LEAST
    W *= scales
