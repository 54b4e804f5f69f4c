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
    """The height as the line search sees it, and what it was at the last point it went on from."""

    def __init__(
        self, loss_and_gradient: Callable[[Array], tuple[float, Array]], theta: Array
    ) -> None:
        self.dtype, self.loss_and_gradient = theta.dtype, loss_and_gradient
        self.loss, self.gradient = self.trial = self._look(theta)

    @property
    def is_finite(self) -> bool:
        """Whether the point that was looked at last has a height and a slope."""
        loss, gradient = self.trial
        return bool(np.isfinite(loss) and np.all(np.isfinite(gradient)))

    def _look(self, theta: Array) -> tuple[float, Vector]:
        with np.errstate(over="ignore", invalid="ignore"):
            loss, gradient = self.loss_and_gradient(theta.astype(self.dtype))
        return float(loss), gradient.astype(np.float64)

    def at(self, theta: Vector) -> tuple[float, Vector]:
        """Height and slope; where there are none, as high as the last point and falling to it."""
        self.trial = self._look(theta)
        # An infinite height would make SciPy give up, and call that convergence.
        return self.trial if self.is_finite else (self.loss, -self.gradient)

    def go_on(self) -> bool:
        """From the point that was looked at last, where a line search ends; if there is one."""
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
        What ``after`` said, or ``MAX_EPOCHS``; ``PATIENCE`` where the gradient is 0, or no step
        lowers the loss by what numbers can tell, or only one that leaves the finite numbers;
        ``DIVERGED`` where the start has no finite loss.
    """
    # Before the hold on BLAS, which takes in what is loaded by then.
    from scipy.optimize import minimize

    ended: list[Status] = []

    def look(intermediate_result: Any) -> None:  # SciPy goes by the name of the parameter
        status: Status | None = Status.PATIENCE  # at the edge of the infinite
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
        # More looks than there can be, and no tolerance: whoever looks on ends it.
        "maxfun": 100 * (max_iterations + 1),
        "ftol": 0.0,
        "gtol": 0.0,
    }
