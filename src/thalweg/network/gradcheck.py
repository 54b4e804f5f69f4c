"""Is the gradient right? Backpropagation against differences of the loss, block by block of θ."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.network.activations import Array
from thalweg.network.architecture import Architecture, Block
from thalweg.network.engine import Data, Engine, Objective, Rows, choose, one_blas_thread
from thalweg.network.reference import forward

# The four points of the difference, in steps from θ, and their weights: what is left of the
# Taylor series is h⁴ L⁽⁵⁾ / 30 (Abramowitz & Stegun 1964, 25.3.6).
POINTS = np.array([-2.0, -1.0, 1.0, 2.0])
SHARES = np.array([1.0, -8.0, 8.0, -1.0]) / 12
# h⁴ is 1e-12, and rounding over h is 1e-13: neither hides a fault of 1e-6.
STEP = 1e-3
# A step that crosses a kink is tried again this many times, each ten times shorter.
SHORTENINGS = 2
# Rounding of the quotient in units of ε (|L| + Σ |θ ∂L/∂θ|) / h.
ROUNDING = 4.0


@dataclass(frozen=True)
class GradientCheck:
    """How well a gradient agrees with differences of the loss.

    Attributes
    ----------
    errors : dict of str to float
        The largest relative error in each block of θ (``W1``, ``b1``, …) that had an element
        to compare; NaN where a loss or a gradient is not finite.
    compared : int
        Elements of θ that were compared.
    shortened : int
        How many of these needed a shorter step, so as not to cross a kink.
    crossed : int
        Elements left out because even the shortest step crossed a kink. Whoever wants all of
        θ checked draws another θ where this is not 0.
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
) -> GradientCheck:
    """Compare ``loss_and_gradient`` with fourth-order central differences of ``losses``.

    With d = (8 (L(+h) - L(-h)) - (L(+2h) - L(-2h))) / 12h and the gradient g, the error of a
    block is max (|d - g| - r)₊ / max(|d|, |g|), both maxima over its elements, and 0 where all
    of d and g are 0. r is what rounding alone may do to d: L is known to about
    δ = ε (|L| + Σ |θ g|), since a rounded product is the exact product of weights that are off
    by ε, and r = 4 δ / h, some 1e-12. So a block with a tiny gradient does not drown in
    rounding, and yet is found wrong as soon as it is off by more than r.

    Parameters
    ----------
    architecture : Architecture
    objective : Objective
    theta : ndarray of shape (n_parameters,)
        Where to look. Everything is computed in float64.
    data : Data
    rows : ndarray of int, optional
        The batch; all rows without it.
    engine : Engine, optional
        Whose gradient; the one that ``choose`` gives without it.
    elements : ndarray of int, optional
        Which elements of θ; all without it. Each costs four losses.

    Returns
    -------
    GradientCheck
    """
    engine = engine or choose()
    theta = theta.astype(np.float64)
    data = Data.of(data.X.astype(np.float64), data.Y, data.weights)
    X = (data.X if rows is None else data.X[rows]).T
    differences, steps = np.zeros_like(theta), np.zeros_like(theta)
    crossed = 0
    with one_blas_thread():
        height, gradient = engine.loss_and_gradient(architecture, objective, theta, data, rows)
        for i in range(theta.size) if elements is None else elements:
            h = _step(architecture, theta, X, i)
            crossed += h == 0
            if h:
                around = engine.losses(architecture, objective, _around(theta, i, h), data, rows)
                differences[i], steps[i] = SHARES @ around / h, h
    doubt = ROUNDING * np.finfo(np.float64).eps * (abs(height) + np.sum(np.abs(theta * gradient)))
    errors = {
        block.name: _error(block, differences, gradient, steps, doubt)
        for block in architecture.blocks
        if np.any(block.of(steps))
    }
    compared, whole = int(np.count_nonzero(steps)), int(np.count_nonzero(steps == STEP))
    return GradientCheck(errors, compared, compared - whole, crossed)


def _around(theta: Array, element: int, h: float) -> Array:
    """θ at the four points of the difference, a row each."""
    thetas = np.tile(theta, (len(POINTS), 1))
    thetas[:, element] += h * POINTS
    return thetas


def _step(architecture: Architecture, theta: Array, X: Array, element: int) -> float:
    """The longest step that crosses no kink, or 0."""
    here = _sides(architecture, theta, X)
    for h in STEP / 10.0 ** np.arange(SHORTENINGS + 1):
        if all(_sides(architecture, each, X) == here for each in _around(theta, element, h)):
            return float(h)
    return 0.0


def _sides(architecture: Architecture, theta: Array, X: Array) -> bytes:
    """On which side of every kink each Z of the forward pass lies."""
    kinks = [formula.kinks for formula in architecture.formulas]
    if not any(kinks):
        return b""
    Z = forward(architecture, theta, X).Z
    return b"".join(
        (z > kink).tobytes() for z, of_layer in zip(Z, kinks, strict=True) for kink in of_layer
    )


def _error(block: Block, differences: Array, gradient: Array, steps: Array, doubt: float) -> float:
    """The largest relative error among the elements of a block that were compared."""
    h = block.of(steps)
    d, g, h = (block.of(each)[h > 0] for each in (differences, gradient, steps))
    scale = np.max(np.maximum(np.abs(d), np.abs(g)))
    excess = np.maximum(np.abs(d - g) - doubt / h, 0)
    return 0.0 if scale == 0 else float(np.max(excess) / scale)
