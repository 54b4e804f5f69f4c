"""Curvature of the loss: Hessian-vector products and the largest Hessian eigenvalues."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from thalweg.errors import SettingsError
from thalweg.landscape.ground.terrain import KRYLOV, Terrain, draws
from thalweg.landscape.plain_data import fields_of
from thalweg.landscape.planes.plane import Vector
from thalweg.network.blas import one_blas_thread
from thalweg.network.formulas.activations import Array

# Step lengths of a finite difference that are tried, as shares of ‖θ‖.
STEPS = 10.0 ** np.arange(-3, -9.5, -0.5)
# If g(θ + h v) + g(θ - h v) - 2 g(θ) is more than this share of g(θ + h v) - g(θ - h v), a kink
# lies between: the second difference of a smooth gradient over so short a step is far smaller.
BENT = 1e-4
# The rounding error, as a multiple of what was measured at the shortest step.
ROUNDING = 10.0
SHORTENINGS = 4
# A second difference over the shortest step that is more than this share of the gradient, at θ and
# beside it, is no rounding. At θ alone the gradient may be 0, as at a minimum.
AT_KINK = 1e-9
# A kink at θ itself has the same second difference over so many of the shortest steps, up to this
# share: the jump of the gradient. That of a smooth function shrinks with the step, and rounding has
# another one each time.
SHORTEST, SAME_JUMP = 4, 1e-2

MOST_PRODUCTS = 80
# An eigenvalue is accepted once its residual ‖H v - λ v‖ is below this share of the largest |λ|;
# its error is of the order of the square.
TOLERANCE = 1e-5

Product = Callable[[Vector], Vector]


class Hessian:
    """The Hessian of the loss at θ, as an operator on vectors.

    H v = (g(θ + h v) - g(θ - h v)) / 2h for ‖v‖ = 1, where g is the gradient: two gradients for
    each product, and no matrix. The step h is chosen once, among 13 lengths, as the one at which
    two neighbouring lengths agree best: rounding spoils shorter ones (ε / h), and the next term of
    the Taylor series longer ones (h²). A ReLU network has no curvature at its kinks, and a step
    across one sees a jump instead. That shows in the second difference, and a shorter step is
    taken.

    Parameters
    ----------
    terrain : Terrain
    theta : ndarray of shape (n_parameters,)
    like : Hessian, optional
        The Hessian at a point near θ, whose step is reused.

    Attributes
    ----------
    loss : float
    gradient : ndarray of shape (n_parameters,)
    step, noise : float
        h, in the units of θ, and the measured rounding error of a second difference.
    products : int
        How many were computed.
    kinks : int
        How many of them crossed a kink even with the shortest step.
    on_kink : bool
        Whether θ itself lies on a kink, where there is no Hessian: a product is then a difference
        over ``step`` alone, and another step gives another one. A row without any input (all of
        its columns at their medians) puts the start of a ReLU network there, whose biases are 0.
    """

    def __init__(self, terrain: Terrain, theta: Array, like: "Hessian | None" = None) -> None:
        self.terrain, self.theta = terrain, np.asarray(theta, np.float64)
        self.loss, self.gradient = terrain.loss_and_gradient(self.theta)
        if not (np.isfinite(self.loss) and np.isfinite(self.gradient).all()):
            raise SettingsError(
                "There is no curvature where the loss or its gradient is not finite",
                fix="take another point of the path",
            )
        self.products, self.kinks = 0, 0
        self.step: float
        self.noise: float
        self.noise, self.step = (like.noise, like.step) if like else (0.0, 0.0)
        self.on_kink: bool = bool(like and like.on_kink)
        if not like:
            self._choose_step()

    def __call__(self, vector: Vector) -> Vector:
        """H times a vector of shape (n_parameters,)."""
        self.products += 1
        length = float(np.linalg.norm(vector))
        if length == 0:
            return np.zeros_like(vector)
        step = self.step
        for shortened in range(SHORTENINGS + 1):
            product, bent = self._difference(vector / length, step)
            if not bent:
                break
            if shortened < SHORTENINGS:
                step /= 10
        self.kinks += bent
        return product * length

    def _difference(self, unit: Vector, step: float) -> tuple[Vector, bool]:
        """The central difference, and whether a kink lies in it."""
        ahead = self.terrain.loss_and_gradient(self.theta + step * unit)[1] - self.gradient
        behind = self.terrain.loss_and_gradient(self.theta - step * unit)[1] - self.gradient
        slope, bend = ahead - behind, float(np.linalg.norm(ahead + behind))
        straight = max(BENT * float(np.linalg.norm(slope)), ROUNDING * self.noise)
        return slope / (2 * step), not bend <= straight

    def _choose_step(self) -> None:
        """Choose the step length at which two neighbouring lengths agree best."""
        unit = draws(0, KRYLOV, 1).standard_normal(self.theta.size)
        unit /= np.linalg.norm(unit)
        size = float(np.linalg.norm(self.theta)) or 1.0
        bend = self._bend(STEPS[-1] * size * unit)
        # So short a step rarely crosses a kink; if it does, only kinks as large are detected.
        self.noise = float(np.linalg.norm(bend))
        self.on_kink = self._is_kink(bend, size * unit)
        found = [self._difference(unit, step * size)[0] for step in STEPS]
        apart = [float(np.linalg.norm(one - other)) for one, other in pairwise(found)]
        self.step = float(STEPS[int(np.argmin(apart)) + 1] * size)

    def _bend(self, move: Vector) -> Vector:
        """The second difference of the gradient, g(θ + move) + g(θ - move) - 2 g(θ)."""
        ends = (self.terrain.loss_and_gradient(self.theta + each)[1] for each in (move, -move))
        return np.asarray(sum(ends) - 2 * self.gradient)

    def _is_kink(self, bend: Vector, way: Vector) -> bool:
        """Whether the second difference over the shortest step is the jump of a kink at θ."""
        if self.noise <= AT_KINK * float(np.linalg.norm(self.gradient)):
            return False
        beside = self.terrain.loss_and_gradient(self.theta + STEPS[0] * way)[1]
        if self.noise <= AT_KINK * float(np.linalg.norm(beside)):
            return False
        others = (self._bend(step * way) for step in STEPS[-SHORTEST:-1])
        return all(float(np.linalg.norm(each - bend)) <= SAME_JUMP * self.noise for each in others)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The largest eigenvalues of a symmetric matrix, and its smallest.

    Attributes
    ----------
    top : ndarray of shape (n_top,)
        Largest first.
    bottom : float
        The smallest; below 0 the loss curves downwards in some direction.
    residuals : ndarray of shape (n_top,)
        ‖H v - λ v‖ as a share of the largest |λ|.
    bottom_residual : float
    vectors : ndarray of shape (n_top, n_parameters)
    bottom_vector : ndarray of shape (n_parameters,)
        The directions, of length 1.
    products : int
        The number of matrix-vector products.
    kinks : int
        Products that crossed a kink.
    on_kink : bool
        Whether θ lies on one (`Hessian`).
    step : float
        The length of the differences.
    """

    top: Vector
    bottom: float
    residuals: Vector
    bottom_residual: float
    vectors: Vector
    bottom_vector: Vector
    products: int
    kinks: int = 0
    on_kink: bool = False
    step: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, except the directions."""
        return fields_of(self, "vectors", "bottom_vector")


def lanczos(
    product: Product,
    start: Vector,
    *,
    top: int = 3,
    most: int = MOST_PRODUCTS,
    tolerance: float = TOLERANCE,
    bottom: bool = True,
) -> Spectrum:
    """Eigenvalues at the ends of the spectrum of a symmetric matrix, by Lanczos' method.

    The matrix is restricted to the space of start, H start, H² start, …, whose basis is
    orthogonalised twice in every step (Parlett 1998, "The symmetric eigenvalue problem",
    chapter 13). A repeated eigenvalue is found once.

    Parameters
    ----------
    product : callable
        Matrix times vector.
    start : ndarray of shape (n,)
        Random, or close to an eigenvector; it must not be orthogonal to those looked for.
    top : int, default 3
        How many of the largest to find.
    most : int, default 80
        The largest number of products.
    tolerance : float, default 1e-5
        Stop as soon as the residuals are below this share of the largest |λ|.
    bottom : bool, default True
        Whether the smallest eigenvalue must be found as well.

    Returns
    -------
    Spectrum
    """
    n = len(start)
    most = min(most, n)
    Q, alpha, beta = np.zeros((most, n)), np.zeros(most), np.zeros(most)
    vector, count = start / np.linalg.norm(start), 0
    with one_blas_thread():
        while True:
            Q[count] = vector
            image = product(vector)
            alpha[count] = vector @ image
            count += 1
            for _ in range(2):
                image = image - (Q[:count] @ image) @ Q[:count]
            beta[count - 1] = np.linalg.norm(image)
            values, vectors, residuals = _ritz(alpha[:count], beta[:count])
            wanted = residuals[::-1][:top]
            met = np.all(wanted <= tolerance) and (not bottom or residuals[0] <= tolerance)
            # The whole space has been used, or nothing is left of the vector.
            spent = beta[count - 1] <= n * np.finfo(float).eps * np.max(np.abs(values))
            if count == most or spent or (met and count >= min(top + 1, n)):
                break
            vector = image / beta[count - 1]
        found, lowest = vectors[:, ::-1][:, :top].T @ Q[:count], vectors[:, 0] @ Q[:count]
    return Spectrum(
        values[::-1][:top].copy(), float(values[0]), wanted.copy(), float(residuals[0]),
        found, lowest, count,
    )  # fmt: skip


def _ritz(alpha: Vector, beta: Vector) -> tuple[Vector, Vector, Vector]:
    """Eigenvalues and vectors of the tridiagonal matrix, and the residuals of the large one.

    ‖H Q y - λ Q y‖ is the last β times the last element of y, as a share of the largest |λ|.
    """
    T = np.diag(alpha) + np.diag(beta[:-1], 1) + np.diag(beta[:-1], -1)
    values, vectors = np.linalg.eigh(T)
    scale = float(np.max(np.abs(values)))
    left = beta[-1] * np.abs(vectors[-1])
    return values, vectors, left / scale if scale else np.zeros(len(alpha))


def spectrum(
    terrain: Terrain,
    theta: Array,
    *,
    top: int = 3,
    most: int = MOST_PRODUCTS,
    seed: int = 0,
    measured: bool = False,
) -> Spectrum:
    """The largest eigenvalues of the Hessian at θ, and the smallest.

    Parameters
    ----------
    terrain : Terrain
    theta : ndarray of shape (n_parameters,)
    top : int, default 3
    most : int, default 80
        The largest number of products, each of which costs two gradients.
    seed : int, default 0
        The random seed of the starting vector.
    measured : bool, default False
        Whether to compute the residuals from products of their own, two or more: those of Lanczos'
        recursion do not know the rounding of the differences.

    Returns
    -------
    Spectrum

    Raises
    ------
    SettingsError
        If loss or gradient is not finite.
    """
    hessian = Hessian(terrain, theta)
    start = draws(seed, KRYLOV, 0).standard_normal(hessian.theta.size)
    found = lanczos(hessian, start, top=top, most=most)
    if measured:
        found = _measured(hessian, found)
    return replace(
        found, products=hessian.products, kinks=hessian.kinks, on_kink=hessian.on_kink,
        step=hessian.step,
    )  # fmt: skip


def _measured(hessian: Hessian, found: Spectrum) -> Spectrum:
    """The same with ‖H v - λ v‖ computed anew, where that is larger."""
    scale = max(float(np.max(np.abs(found.top))), abs(found.bottom))
    pairs = [*zip(found.top, found.vectors, strict=True), (found.bottom, found.bottom_vector)]
    left = [float(np.linalg.norm(hessian(vector) - value * vector)) for value, vector in pairs]
    shares = np.array(left) / scale if scale else np.zeros(len(left))
    return replace(
        found, residuals=np.maximum(found.residuals, shares[:-1]),
        bottom_residual=max(found.bottom_residual, float(shares[-1])),
    )  # fmt: skip
