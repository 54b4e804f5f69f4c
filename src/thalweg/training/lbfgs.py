"""L-BFGS: SciPy's, driven one iteration at a time, so that a loop can look on and end it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import Status
from thalweg.network.activations import Array
from thalweg.network.engine import one_blas_thread

# How much higher than the last point a trial point without a finite loss is said to be, in units
# of the fall that the slope had promised: the line search then comes back to some 4 % of the way.
WALL = 4.0


Vector = NDArray[np.float64]


class _Valley:
    """The height as the line search sees it, and the last point that it went on from."""

    def __init__(
        self, loss_and_gradient: Callable[[Array], tuple[float, Array]], theta: Array
    ) -> None:
        self.dtype, self.loss_and_gradient = theta.dtype, loss_and_gradient
        self.theta: Vector = theta.astype(np.float64)
        self.loss, self.gradient = self.trial = self._look(self.theta)

    @property
    def is_finite(self) -> bool:
        return bool(np.isfinite(self.loss) and np.all(np.isfinite(self.gradient)))

    def _look(self, theta: Vector) -> tuple[float, Vector]:
        with np.errstate(over="ignore", invalid="ignore"):
            loss, gradient = self.loss_and_gradient(theta.astype(self.dtype))
        return float(loss), gradient.astype(np.float64)

    def at(self, theta: Vector) -> tuple[float, Vector]:
        """Height and slope; where there are none, a wall that falls back to the last point."""
        self.trial = self._look(theta)
        loss, gradient = self.trial
        if np.isfinite(loss) and np.all(np.isfinite(gradient)):
            return self.trial
        # An infinite height would make SciPy give up, and call that convergence.
        promised = abs(float(self.gradient @ (theta - self.theta)))
        return self.loss + WALL * promised, -self.gradient

    def go_on(self, theta: Vector) -> None:
        # A line search ends at the point that it looked at last.
        self.theta, (self.loss, self.gradient) = theta.copy(), self.trial


def descend_lbfgs(
    theta: Array,
    loss_and_gradient: Callable[[Array], tuple[float, Array]],
    after: Callable[[Array, float, float], Status | None],
    *,
    history: int,
    max_iterations: int,
) -> Status:
    """Descend by L-BFGS (Liu & Nocedal 1989; Zhu et al. 1997, algorithm 778, without bounds).

    Parameters
    ----------
    theta : ndarray of shape (n_parameters,)
        The starting point; it is not changed. The search is in float64; what the functions below
        are given has the dtype of ``theta``.
    loss_and_gradient : callable
        ``θ -> (L, dL/dθ)``, the same at every look: all rows, no dropout. A point without a finite
        loss is stepped back from.
    after : callable
        ``(θ, L, ‖dL/dθ‖) -> Status or None``, called at the end of every iteration with where it
        led; a status ends the descent.
    history : int
        Pairs of steps and changes of the gradient that stand for the curvature.
    max_iterations : int

    Returns
    -------
    Status
        What ``after`` said, or ``MAX_EPOCHS``; ``PATIENCE`` where the gradient is 0 or no step
        lowers the loss by what numbers can tell; ``DIVERGED`` where the start has no finite loss.
    """
    # Before the hold on BLAS, which takes in what is loaded by then.
    from scipy.optimize import minimize

    ended: list[Status] = []

    def look(intermediate_result: Any) -> None:  # SciPy goes by the name of the parameter
        valley.go_on(intermediate_result.x)
        norm = float(np.linalg.norm(valley.gradient))
        status = after(valley.theta.astype(theta.dtype), valley.loss, norm)
        if status is not None:
            ended.append(status)
            raise StopIteration

    with one_blas_thread():
        valley = _Valley(loss_and_gradient, theta)
        if not valley.is_finite:
            return Status.DIVERGED
        found = minimize(
            valley.at, valley.theta, jac=True, method="L-BFGS-B", callback=look,
            options=_options(history, max_iterations),
        )  # fmt: skip
    if ended:
        return ended[0]
    return Status.MAX_EPOCHS if found.nit >= max_iterations else Status.PATIENCE


def _options(history: int, max_iterations: int) -> dict[str, float]:
    return {
        "maxcor": history,
        "maxiter": max_iterations,
        # More looks than there can be, and no tolerance: whoever looks on ends it.
        "maxfun": 100 * (max_iterations + 1),
        "ftol": 0.0,
        "gtol": 0.0,
    }
