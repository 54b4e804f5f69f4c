"""The forward and backward pass on a few rows, with every number kept and named.

The names are those of the derivation on paper: ``X Z1 A1 Z2 Yh Loss`` in the forward pass, and
``dLoss_V`` in the backward pass for the derivative of the loss with respect to V. ``Loss`` is that
of all rows; ``Loss[17]`` is the part of row 17 in it, and ``dLoss[17]_W1`` the derivative of this
part. Units, rows and columns are counted from 1, as in mathematics: ``W1[3,2]`` goes from the
second input to the third unit. All arithmetic is that of the reference engine.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import DataError
from thalweg.network.architecture import Architecture
from thalweg.network.blas import one_blas_thread
from thalweg.network.engine import Data, Noise, Objective
from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.loss_kind import cumulated, grade_probabilities
from thalweg.network.formulas.losses import loss, own_text
from thalweg.network.held_weights import held
from thalweg.network.reference_engine import (
    Backward,
    Forward,
    backward_kept,
    forward,
    penalty_height,
    penalty_slope,
)


class Node(NamedTuple):
    """One named quantity of the two passes.

    Attributes
    ----------
    name : str
        ``X``, ``W1``, ``b1``, ``Z1``, ``A1``, …, ``Yh``, ``Loss``.
    formula : str
        How it is computed.
    value : ndarray
        (n_units, n_rows); blocks of θ in their own shape, ``Loss`` (1, 1).
    derivative : str
        ``dLoss_Z1``, …; empty if there is none. Those of blocks of θ are of all rows together.
    back : str
        How the derivative is computed.
    gradient : ndarray or None
        The derivative, in the shape of ``value``.
    """

    name: str
    formula: str
    value: Array
    derivative: str = ""
    back: str = ""
    gradient: Array | None = None


@dataclass(frozen=True, eq=False)
class Trace:
    """All numbers of the forward and backward pass on a few rows.

    Attributes
    ----------
    architecture : Architecture
    objective : Objective
        The loss is that of these rows as one batch, penalties included.
    theta : ndarray of float64, shape (n_parameters,)
    data : Data
        The rows, encoded, in float64.
    noise : Noise or None
        The dropout mask; None means no dropout.
    passed : Forward
    back : Backward
        Its ``gradient`` is that of the data alone, without penalties.
    shares : ndarray of shape (n_rows,)
        wᵢ / (n w̄): the share of each row's loss in L.
    losses : ndarray of shape (n_rows,)
        ℓᵢ, without weights.
    """

    architecture: Architecture
    objective: Objective
    theta: Array
    data: Data
    noise: Noise | None
    passed: Forward
    back: Backward
    shares: NDArray[np.float64]
    losses: NDArray[np.float64]

    @property
    def n_rows(self) -> int:
        """How many rows are traced."""
        return len(self.losses)

    @property
    def penalty(self) -> float:
        """½ penalty ‖W‖² + l1 Σ |W|."""
        layers = self.architecture.layers(self.theta)
        return sum(float(penalty_height(self.objective, W)) for W, _ in layers)

    @property
    def parts(self) -> NDArray[np.float64]:
        """``Loss[r]``: the part of each row in L, its share times its loss; shape (n_rows,)."""
        parts: NDArray[np.float64] = self.shares * self.losses
        return parts

    @property
    def data_height(self) -> float:
        """The weighted mean of the losses of the rows, without penalties: the sum of `parts`."""
        return float(self.losses @ self.shares)

    @property
    def height(self) -> float:
        """L, the training loss: the weighted mean of the losses, and the penalties."""
        return self.data_height + self.penalty

    @property
    def prediction(self) -> Array:
        """Yh, (n_outputs, n_rows): probabilities or values."""
        return loss(self.objective.loss).predict(self.passed.A[-1])

    @property
    def link_slope(self) -> Array | None:
        """dYh/dA of the last layer's output; None if outputs share sums (softmax, grades)."""
        formula = loss(self.objective.loss)
        return None if formula.joint else formula.predict_slope(self.passed.A[-1])

    @property
    def gradient_of_prediction(self) -> Array | None:
        """dLoss_Yh, (n_outputs, n_rows), or None for a softmax and for grades.

        The engine steps from the loss directly to the logit, Yh - Y, which is exact where 1 / Yh
        overflows. So dLoss_Yh is that divided by the slope of the link function: for a probability
        (Yh - Y) / (Yh (1 - Yh)), which is -Y / Yh + (1 - Y) / (1 - Yh) on one denominator. It is
        NaN where the slope is too small to divide by.
        """
        slope = self.link_slope
        if slope is None:
            return None
        quotient = np.full_like(slope, np.nan)
        with np.errstate(over="ignore"):
            np.divide(self.back.dA[-1], slope, out=quotient, where=slope > 0)
        quotient[~np.isfinite(quotient)] = np.nan
        return quotient

    @property
    def gradient(self) -> Array:
        """dL/dθ, penalties included, shape (n_parameters,)."""
        gradient = self.back.gradient.copy()
        layers = self.architecture.layers
        for (W, _), (dW, _) in zip(layers(self.theta), layers(gradient), strict=True):
            dW += penalty_slope(self.objective, W)
        gradient[held(self.architecture, self.objective.loss)] = 0
        return gradient

    def nodes(self) -> list[Node]:
        """Every quantity in the order of the forward pass, its derivative beside it."""
        found = [Node("X", "the encoded row", self.passed.A[0])]
        for layer in range(1, self.architecture.n_layers + 1):
            found += self._layer(layer)
        return [*found, *self._ends()]

    def _layer(self, layer: int) -> list[Node]:
        """W, b, Z and A of a layer; without A if it equals Z."""
        architecture, gradient = self.architecture, self.gradient
        W, b = architecture.blocks[2 * layer - 2 : 2 * layer]
        before, last = "X" if layer == 1 else f"A{layer - 1}", layer == architecture.n_layers
        penalty = " + penalty" if self.objective.penalty or self.objective.l1 else ""
        from_Z, from_A = f"dLoss_Z{layer}", f"dLoss_A{layer}"
        from_W = f"{from_Z} {before}ᵀ{penalty}"
        from_b = f"Σ over rows of {from_Z}"
        found = [
            Node(W.name, "", W.of(self.theta), f"dLoss_{W.name}", from_W, W.of(gradient)),
            Node(b.name, "", b.of(self.theta), f"dLoss_{b.name}", from_b, b.of(gradient)),
        ]
        Z, back = self.passed.Z[layer - 1], self._back_text(layer)
        affine = f"{W.name} {before} + {b.name}"
        found.append(Node(f"Z{layer}", affine, Z, from_Z, back, self.back.dZ[layer - 1]))
        name = architecture.activations[layer - 1]
        if not last or name != "identity":
            A, dA = self.passed.A[layer], self.back.dA[layer - 1]
            back = self._first_text() if last else f"W{layer + 1}ᵀ dLoss_Z{layer + 1}"
            found.append(Node(f"A{layer}", f"{name}(Z{layer})", A, from_A, back, dA))
        return found

    def _ends(self) -> list[Node]:
        """The prediction and the loss."""
        formula, last = loss(self.objective.loss), output_name(self.architecture)
        link = {
            "as_it_is": last, "probability": f"σ({last})", "mean": f"exp({last})",
            "at_most": "σ(C)",
        }  # fmt: skip
        text = link.get(formula.link.__name__, f"softmax({last})")
        gradient = self.gradient_of_prediction
        name = "" if gradient is None else "dLoss_Yh"
        quotient = f"dLoss_{last} / dYh_{last}" if name else ""
        return [
            *self._cumulative_logits(last),
            Node("Yh", text, self.prediction, name, quotient, gradient),
            *self._probabilities(),
            Node("Loss", own_text(str(formula)), np.array([[self.height]])),
        ]

    def _cumulative_logits(self, last: str) -> list[Node]:
        """C of grades, the logits of "at most this grade"; nothing for another loss."""
        if not loss(self.objective.loss).rising:
            return []
        text = f"C[1] = {last}[1], C[k] = C[k-1] + softplus({last}[k])"
        return [Node("C", text, cumulated(self.passed.A[-1])[1])]

    def _probabilities(self) -> list[Node]:
        """P of grades; nothing for another loss."""
        if not loss(self.objective.loss).rising:
            return []
        text = "P[k] = Yh[k] - Yh[k-1], Yh[0] = 0 and 1 above the last"
        return [Node("P", text, grade_probabilities(self.passed.A[-1]))]

    def _back_text(self, layer: int) -> str:
        """How dLoss_Z of a layer is computed."""
        formula = self.architecture.formulas[layer - 1]
        if layer == self.architecture.n_layers and formula.name == "identity":
            return self._first_text()
        dropped = " · kept" if isinstance(self.passed.kept[layer - 1], np.ndarray) else ""
        return f"dLoss_A{layer} · {formula.name}'(Z{layer}){dropped}"

    def _first_text(self) -> str:
        """The name of the first derivative of the backward pass."""
        whole = self.n_rows > 1 or not np.all(self.shares == 1)
        slope = loss(self.objective.loss).slope_formula
        if not whole:
            return slope
        plain = slope.startswith("sign")
        return f"share of the row · {slope if plain else f'({slope})'}"


def output_name(architecture: Architecture) -> str:
    """The input of the loss: ``Z2``, or ``A2`` if the last layer has an activation."""
    n = architecture.n_layers
    return f"{'Z' if architecture.activations[-1] == 'identity' else 'A'}{n}"


def trace(
    architecture: Architecture,
    objective: Objective,
    theta: Array,
    data: Data,
    noise: Noise | None = None,
) -> Trace:
    """Trace a few rows through a network and back.

    Parameters
    ----------
    architecture : Architecture
    objective : Objective
    theta : ndarray of shape (n_parameters,)
        All computations are in float64.
    data : Data
        The rows as one batch, with their targets and weights.
    noise : Noise, optional
        A dropout mask; without it nothing is dropped.

    Returns
    -------
    Trace

    Raises
    ------
    DataError
        If there is no row or no target, or if the network does not fit the rows.
    """
    n_rows, n_in = data.X.shape
    sizes = architecture.sizes
    if not n_rows or n_in != sizes[0] or data.Y.shape != (n_rows, sizes[-1]):
        raise DataError(
            f"Rows of shape {data.X.shape} with targets of shape {data.Y.shape} cannot be traced",
            why=f"The network takes {sizes[0]} inputs to {sizes[-1]} outputs",
            fix="give one row or more, encoded, with a target for each output",
        )
    theta = theta.astype(np.float64)
    data = Data.of(data.X.astype(np.float64), data.Y, data.weights)
    formula = loss(objective.loss)
    with one_blas_thread():
        passed = forward(architecture, theta, data.X.T, objective.dropout, noise)
        shares = data.weights / (n_rows * objective.mean_weight)
        dA = formula.slope(passed.A[-1], data.Y.T) * shares
        back = backward_kept(architecture, theta, passed, dA)
        back.gradient[held(architecture, objective.loss)] = 0
    losses = formula.value(passed.A[-1], data.Y.T).astype(np.float64)
    return Trace(architecture, objective, theta, data, noise, passed, back, shares, losses)
