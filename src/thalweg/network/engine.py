"""The seam between what is to be computed and who computes it: four calls.

Whoever trains, predicts or draws a landscape speaks to an ``Engine``; today that is the
readable one (``reference``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from thalweg.errors import SettingsError, Status
from thalweg.network.activations import Array
from thalweg.network.architecture import Architecture
from thalweg.network.rules import Rule

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Data:
    """One encoded table; a sample is a row and contiguous.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_features)
    Y : ndarray of shape (n_samples, n_outputs)
        Targets; (n_samples, 0) where there are none.
    weights : ndarray of shape (n_samples,)
    """

    X: Array
    Y: Array
    weights: Array

    @classmethod
    def of(cls, X: Array, Y: Array | None = None, weights: Array | None = None) -> "Data":
        """Data in the dtype of ``X``; no weights means that every sample weighs 1."""
        n_samples = len(X)
        return cls(
            np.ascontiguousarray(X),
            np.empty((n_samples, 0), X.dtype) if Y is None else Y.astype(X.dtype, order="C"),
            np.ones(n_samples, X.dtype) if weights is None else weights.astype(X.dtype),
        )


@dataclass(frozen=True)
class Objective:
    """The height over θ: L(θ) = Σ wᵢ ℓᵢ(θ) / (n w̄) + ½ penalty ‖W‖², over n rows.

    Attributes
    ----------
    loss : str
        Name of the loss ℓ.
    penalty : float
        α / Σ w over all training rows, so that it does not depend on the batch (α as in
        scikit-learn at full batch; 1 / C of logistic regression). Biases are free.
    mean_weight : float
        w̄ over all training rows: a batch of heavy rows takes a longer step.
    """

    loss: str
    penalty: float = 0.0
    mean_weight: float = 1.0

    @classmethod
    def over(cls, loss: str, alpha: float, weights: Array) -> "Objective":
        """The objective of training on rows with these weights."""
        total = float(np.sum(weights, dtype=np.float64))
        return cls(loss, alpha / total, total / len(weights))


@dataclass(frozen=True)
class Order:
    """Which rows each step descends on: batch i is ``rows[i * size : (i + 1) * size]``.

    The last, short batch is kept; behind it the first comes again.
    """

    rows: Rows
    batch_size: int

    @property
    def n_batches(self) -> int:
        """Steps in one passage through the rows."""
        return -(-len(self.rows) // self.batch_size)

    def batch(self, step: int) -> Rows:
        """The rows of a step, counted from 0."""
        start = (step % self.n_batches) * self.batch_size
        return self.rows[start : start + self.batch_size]


@dataclass
class State:
    """Where a descent stands: all that the next step needs."""

    theta: Array
    slots: Array
    step: int = 0

    @classmethod
    def at(cls, theta: Array, rule: Rule) -> "State":
        """A fresh start at a copy of θ."""
        return cls(theta.copy(), np.zeros((rule.n_slots, theta.size), theta.dtype))


class Steps(NamedTuple):
    """What a run of steps reports: one loss and one ‖gradient‖ a step, taken before it moved."""

    status: Status
    losses: NDArray[np.float64]
    gradient_norms: NDArray[np.float64]


class Engine(Protocol):
    """Four calls. ``rows`` are indices into ``data``; ``None`` means all."""

    def predict(
        self, architecture: Architecture, theta: Array, data: Data, rows: Rows | None = None
    ) -> Array:
        """The last layer's output, shape (n_rows, n_outputs); a row's bits depend on it alone."""

    def losses(
        self,
        architecture: Architecture,
        objective: Objective,
        thetas: Array,
        data: Data,
        rows: Rows | None = None,
    ) -> NDArray[np.float64]:
        """L at each of many θ, shape (n_thetas, n_parameters) -> (n_thetas,)."""

    def loss_and_gradient(
        self,
        architecture: Architecture,
        objective: Objective,
        theta: Array,
        data: Data,
        rows: Rows | None = None,
    ) -> tuple[float, Array]:
        """L and dL/dθ, shape (n_parameters,)."""

    def steps(
        self,
        architecture: Architecture,
        objective: Objective,
        rule: Rule,
        constants: tuple[float, ...],
        state: State,
        data: Data,
        order: Order,
        rates: NDArray[np.float64],
        first: int,
    ) -> Steps:
        """One step a rate, from batch ``first`` of the order on; moves ``state`` in place.

        Stops at the first loss that is not finite with ``Status.DIVERGED``.
        """


def choose(name: str = "reference") -> Engine:
    """The engine of that name, imported when asked for."""
    if name == "reference":
        from thalweg.network.reference import ReferenceEngine

        return ReferenceEngine()
    raise SettingsError(f"There is no engine {name!r}", fix="take 'reference'")


@dataclass
class _BlasHold:
    """Holds BLAS to one thread while anybody computes; counts, since callers run in threads."""

    lock: Lock = field(default_factory=Lock)
    depth: int = 0
    controller: Any = None
    limiter: Any = None

    def enter(self) -> None:
        with self.lock:
            if self.depth == 0:
                self.controller = self.controller or ThreadpoolController()
                self._disown()
                self.limiter = self.controller.limit(limits=1, user_api="blas")
            self.depth += 1

    def leave(self) -> None:
        with self.lock:
            self.depth -= 1
            if self.depth == 0:
                self._disown()
                self.limiter.restore_original_limits()
                self._disown()

    def _disown(self) -> None:
        # From 3.8 on threadpoolctl heeds only the thread that was the first to set a limit, as
        # long as it lives, and says nothing to the others. A hold may end in another thread than
        # it began in, and it must not keep anybody else from setting limits afterwards.
        for library in self.controller.lib_controllers:
            if hasattr(library, "clear_controlling_thread"):
                library.clear_controlling_thread(force=True)


_HOLD = _BlasHold()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """BLAS with one thread: small products are faster so, and the bits do not depend on cores."""
    _HOLD.enter()
    try:
        yield
    finally:
        _HOLD.leave()
