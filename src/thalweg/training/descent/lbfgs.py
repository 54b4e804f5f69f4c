"""L-BFGS through SciPy, driven one iteration at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import Status
from thalweg.network.blas import one_blas_thread
from thalweg.network.formulas.activations import Array

Vector = NDArray[np.float64]


class _Valley:
    """The loss as the line search sees it, and its value where the line search started."""

    def __init__(
        self, loss_and_gradient: Callable[[Array], tuple[float, Array]], theta: Array
    ) -> None:
        self.dtype, self.loss_and_gradient = theta.dtype, loss_and_gradient
        self.loss, self.gradient = self.trial = self._look(theta)

    @property
    def is_finite(self) -> bool:
        """Whether the last evaluated point has a finite loss and gradient."""
        loss, gradient = self.trial
        return bool(np.isfinite(loss) and np.all(np.isfinite(gradient)))

    def _look(self, theta: Array) -> tuple[float, Vector]:
        with np.errstate(over="ignore", invalid="ignore"):
            loss, gradient = self.loss_and_gradient(theta.astype(self.dtype))
        return float(loss), gradient.astype(np.float64)

    def at(self, theta: Vector) -> tuple[float, Vector]:
        """Loss and gradient; at a non-finite point, the last loss with a slope back to it."""
        self.trial = self._look(theta)
        # An infinite loss would make SciPy give up, and report convergence.
        return self.trial if self.is_finite else (self.loss, -self.gradient)

    def go_on(self) -> bool:
        """Start the next line search at the last evaluated point, if it is finite."""
        if self.is_finite:
            self.loss, self.gradient = self.trial
        return self.is_finite


def descend_lbfgs(
    theta: Array,
    loss_and_gradient: Callable[[Array], tuple[float, Array]],
    after: Callable[[Array, float, float], Status | None],
    *,
    history: int,
    max_iterations: int,
) -> Status:
    """Minimise by L-BFGS (Liu & Nocedal 1989; Zhu et al. 1997, algorithm 778, without bounds).

    Parameters
    ----------
    theta : ndarray of shape (n_parameters,)
        The starting point; it is not changed. The search is in float64; the functions below get
        the dtype of ``theta``.
    loss_and_gradient : callable
        ``θ -> (L, dL/dθ)``, the same at every call: all rows, no dropout. A step to a point
        without a finite loss is undone.
    after : callable
        ``(θ, L, ‖dL/dθ‖) -> Status or None``, called at the end of every iteration with its
        result; a status ends the search.
    history : int
        Pairs of steps and gradient changes that approximate the curvature.
    max_iterations : int

    Returns
    -------
    Status
        The status from ``after``, or ``MAX_EPOCHS``; ``PATIENCE`` if the gradient is 0, or if no
        step lowers the loss measurably, or only a step to non-finite numbers does; ``DIVERGED``
        if the start has no finite loss.
    """
    # Before BLAS is limited, because the limit applies to libraries that are already loaded.
    from scipy.optimize import minimize

    ended: list[Status] = []

    def look(intermediate_result: Any) -> None:  # SciPy goes by the name of the parameter
        status: Status | None = Status.PATIENCE  # only infinite points are lower
        if valley.go_on():
            norm = float(np.linalg.norm(valley.gradient))
            status = after(intermediate_result.x.astype(theta.dtype), valley.loss, norm)
        if status is not None:
            ended.append(status)
            raise StopIteration

    with one_blas_thread():
        valley = _Valley(loss_and_gradient, theta)
        if not valley.is_finite:
            return Status.DIVERGED
        found = minimize(
            valley.at, theta.astype(np.float64), jac=True, method="L-BFGS-B", callback=look,
            options=_options(history, max_iterations),
        )  # fmt: skip
    if ended:
        return ended[0]
    return Status.MAX_EPOCHS if found.nit >= max_iterations else Status.PATIENCE


def _options(history: int, max_iterations: int) -> dict[str, float]:
    return {
        "maxcor": history,
        "maxiter": max_iterations,
        # More evaluations than possible, and no tolerance: the callback ends the search.
        "maxfun": 100 * (max_iterations + 1),
        "ftol": 0.0,
        "gtol": 0.0,
    }
