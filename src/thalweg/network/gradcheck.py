"""The gradient check: backpropagation against finite differences, for each block of θ."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.network.architecture import Architecture, Block
from thalweg.network.blas import one_blas_thread
from thalweg.network.engine import Data, Engine, Noise, Objective, Rows, choose
from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.losses import loss
from thalweg.network.held_weights import held, is_held
from thalweg.network.reference_engine import forward

# The four points of the difference, in steps from θ, and their weights. The remaining term of the
# Taylor series is h⁴ L⁽⁵⁾ / 30 (Abramowitz & Stegun 1964, 25.3.6).
POINTS = np.array([-2.0, -1.0, 1.0, 2.0])
SHARES = np.array([1.0, -8.0, 8.0, -1.0]) / 12
# The same in words; w is the weight that is moved, and the other weights stay.
FORMULA = "(8 (L(w+h) - L(w-h)) - (L(w+2h) - L(w-2h))) / 12h"
# h⁴ is 1e-12, and rounding divided by h is 1e-13: neither hides an error of 1e-6.
STEP = 1e-3
# A step that crosses a kink is replaced so many times by one ten times shorter.
SHORTENINGS = 2
# The rounding error of the quotient, in units of ε (|L| + Σ |θ ∂L/∂θ|) / h.
ROUNDING = 4.0


@dataclass(frozen=True)
class GradientCheck:
    """How well a gradient agrees with differences of the loss.

    Attributes
    ----------
    errors : dict of str to float
        The largest relative error in each block of θ (``W1``, ``b1``, …) that had an element
        to compare; NaN if a loss or a gradient is not finite.
    compared : int
        Elements of θ that were compared.
    shortened : int
        How many of these needed a shorter step to avoid a kink.
    crossed : int
        Elements left out because even the shortest step crossed a kink. To check all of θ, draw
        another θ if this is not 0.
    """

    errors: dict[str, float]
    compared: int
    shortened: int
    crossed: int

    @property
    def worst(self) -> float:
        """The largest error of all; NaN where there is none or one is NaN."""
        return float(np.max(list(self.errors.values()) or [np.nan]))


def check_gradient(
    architecture: Architecture,
    objective: Objective,
    theta: Array,
    data: Data,
    rows: Rows | None = None,
    engine: Engine | None = None,
    elements: NDArray[np.intp] | None = None,
    noise: Noise | None = None,
) -> GradientCheck:
    """Compare ``loss_and_gradient`` with fourth-order central differences of ``losses``.

    With d = (8 (L(+h) - L(-h)) - (L(+2h) - L(-2h))) / 12h and the gradient g, the error of a
    block is max (|d - g| - r)₊ / max(|d|, |g|), both maxima over its elements, and 0 where all
    of d and g are 0. r is the effect of rounding on d: L is known to about
    δ = ε (|L| + Σ |θ g|), since a rounded product is the exact product of weights with an error of
    ε, and r = 4 δ / h, about 1e-12. So rounding does not spoil the check of a block with a tiny
    gradient, and an error larger than r is still detected.

    Parameters
    ----------
    architecture : Architecture
    objective : Objective
    theta : ndarray of shape (n_parameters,)
        The point of the check. Everything is computed in float64.
    data : Data
    rows : ndarray of int, optional
        The batch; default: all rows.
    engine : Engine, optional
        The engine whose gradient is checked; default: that of ``choose``.
    elements : ndarray of int, optional
        Which elements of θ; default: all. Each costs four losses. Those that are held at 0 are
        left out (``held_weights``).
    noise : Noise, optional
        The dropout mask, the same in all losses; default: no dropout.

    Returns
    -------
    GradientCheck
    """
    compared = compare(architecture, objective, theta, data, rows, engine, elements, noise)
    steps, errors = compared.steps, block_errors(architecture, compared)
    n_compared, whole = int(np.count_nonzero(steps)), int(np.count_nonzero(steps == STEP))
    return GradientCheck(errors, n_compared, n_compared - whole, len(compared.left_out))


class GradientComparison(NamedTuple):
    """A gradient beside its differences, element by element of θ.

    Attributes
    ----------
    differences, steps : ndarray of shape (n_parameters,)
        The difference quotient of each requested element, and its step h; 0 elsewhere.
    gradient : ndarray of shape (n_parameters,)
    left_out : ndarray of int
        The requested elements whose shortest step crossed a kink.
    doubt : float
        δ: the effect of rounding on a loss, times 4. A difference is known to δ / h.
    """

    differences: Array
    steps: Array
    gradient: Array
    left_out: NDArray[np.intp]
    doubt: float


def compare(
    architecture: Architecture, objective: Objective, theta: Array, data: Data,
    rows: Rows | None = None, engine: Engine | None = None,
    elements: NDArray[np.intp] | None = None, noise: Noise | None = None,
) -> GradientComparison:  # fmt: skip
    """The numbers that `check_gradient` judges; it has the parameters."""
    engine = engine or choose()
    theta = theta.astype(np.float64)
    data = Data.of(data.X.astype(np.float64), data.Y, data.weights)
    kinks = _Kinks(architecture, objective, data, rows, noise)
    wanted = np.arange(theta.size) if elements is None else np.unique(elements)
    still = held(architecture, objective.loss)
    wanted = wanted[(wanted < still.start) | (wanted >= still.stop)]
    differences, steps = np.zeros_like(theta), np.zeros_like(theta)
    with one_blas_thread():
        height, gradient = engine.loss_and_gradient(
            architecture, objective, theta, data, rows, noise
        )
        here = kinks.sides(theta)
        for i in wanted:
            found = _difference(engine, kinks, here, theta, i)
            differences[i], steps[i] = found.value, found.step
    doubt = ROUNDING * np.finfo(np.float64).eps * (abs(height) + np.sum(np.abs(theta * gradient)))
    return GradientComparison(
        differences, steps, gradient, wanted[steps[wanted] == 0], float(doubt)
    )


class Difference(NamedTuple):
    """The difference quotient of one element of θ, and how it came about.

    Attributes
    ----------
    value : float
        (8 (L(+h) - L(-h)) - (L(+2h) - L(-2h))) / 12h; 0 if there is no step.
    step : float
        h, or 0 if even the shortest step crossed a kink, or the element is held at 0.
    crossings : int
        How many longer steps crossed a kink and were replaced by one ten times shorter.
    heights : tuple of float
        L at θ - 2h, θ - h, θ + h and θ + 2h.
    """

    value: float
    step: float
    crossings: int
    heights: tuple[float, ...]


def difference(
    architecture: Architecture,
    objective: Objective,
    theta: Array,
    data: Data,
    element: int,
    engine: Engine | None = None,
    noise: Noise | None = None,
) -> Difference:
    """The fourth-order central difference of L in one element of θ, in float64.

    None, with a step of 0, of an element that is held at 0: its slope is set, not computed.
    """
    if is_held(architecture, objective.loss, element):
        return Difference(0.0, 0.0, 0, ())
    kinks = _Kinks(architecture, objective, data, None, noise)
    with one_blas_thread():
        return _difference(engine or choose(), kinks, kinks.sides(theta), theta, element)


def _difference(
    engine: Engine, kinks: "_Kinks", here: bytes, theta: Array, element: int
) -> Difference:
    """Over the longest step that crosses no kink."""
    for crossings in range(SHORTENINGS + 1):
        h = STEP / 10.0**crossings
        around = _around(theta, element, h)
        if all(kinks.sides(each) == here for each in around):
            losses = engine.losses(
                kinks.architecture, kinks.objective, around, kinks.data, kinks.rows, kinks.noise
            )
            return Difference(float(SHARES @ losses / h), h, crossings, tuple(losses.tolist()))
    return Difference(0.0, 0.0, SHORTENINGS + 1, ())


def _around(theta: Array, element: int, h: float) -> Array:
    """θ at the four points of the difference, a row each."""
    thetas = np.tile(theta, (len(POINTS), 1))
    thetas[:, element] += h * POINTS
    return thetas


@dataclass(frozen=True)
class _Kinks:
    """The kinks of a height: those of activations, of the loss, and of |W| at 0."""

    architecture: Architecture
    objective: Objective
    data: Data
    rows: Rows | None
    noise: Noise | None

    def sides(self, theta: Array) -> bytes:
        """On which side of each of them θ lies."""
        formula = loss(self.objective.loss)
        of_loss = bool(formula.written or formula.kinks(formula.constant))
        of_layer = [each.kinks for each in self.architecture.formulas]
        found = []
        if self.objective.l1:
            found += [np.sign(W).tobytes() for W, _ in self.architecture.layers(theta)]
        if of_loss or any(of_layer):
            X, Y = self.data.X, self.data.Y
            if self.rows is not None:
                X, Y = X[self.rows], Y[self.rows]
            dropout = self.objective.dropout
            passed = forward(self.architecture, theta, X.T, dropout, self.noise)
            found += [side.tobytes() for side in formula.sides(passed.A[-1], Y.T)]
            for z, kinks in zip(passed.Z, of_layer, strict=True):
                found += [(z > kink).tobytes() for kink in kinks]
        return b"".join(found)


def block_errors(architecture: Architecture, compared: GradientComparison) -> dict[str, float]:
    """The largest relative error of each block that had an element to compare."""
    return {
        block.name: _error(block, compared)
        for block in architecture.blocks
        if np.any(block.of(compared.steps))
    }


def above_rounding(architecture: Architecture, compared: GradientComparison) -> set[str]:
    """The blocks in which a derivative is larger than the effect of rounding on a difference.

    In the others there is nothing to compare: any gradient of this size would agree.
    """
    sizes = np.maximum(np.abs(compared.differences), np.abs(compared.gradient))
    # A NaN is not below any bound: it counts as seen, and fails the check.
    seen = np.where(sizes * compared.steps <= compared.doubt, 0.0, compared.steps)
    return {block.name for block in architecture.blocks if np.any(block.of(seen))}


def _error(block: Block, compared: GradientComparison) -> float:
    """The largest relative error among the elements of a block that were compared."""
    there = block.of(compared.steps) > 0
    d, g, h = (
        block.of(each)[there] for each in (compared.differences, compared.gradient, compared.steps)
    )
    scale = np.max(np.maximum(np.abs(d), np.abs(g)))
    excess = np.maximum(np.abs(d - g) - compared.doubt / h, 0)
    return 0.0 if scale == 0 else float(np.max(excess) / scale)
