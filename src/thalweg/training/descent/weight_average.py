"""The average of the weights: an exponential moving average of θ over the last epochs.

After each epoch m ← d m + (1 - d) θ, with d = exp(-1 / τ) for a time constant of τ epochs. m starts
at 0, so the average after t epochs is m / (1 - dᵗ): a mean of the θ at the ends of epochs, with
weights that sum to 1 (as in Adam, Kingma & Ba 2015; averages of θ: Polyak & Juditsky 1992, SIAM J.
Control Optim. 30).
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from thalweg.network.formulas.activations import Array


@dataclass
class Average:
    """An average of the weights during training.

    Attributes
    ----------
    mean : ndarray of float64, shape (n_parameters,)
        m. With a d near 1, float32 would round the small changes away.
    epochs : float
        The time constant τ, > 0.
    count : int
        The number of epochs so far, t.
    """

    mean: NDArray[np.float64]
    epochs: float
    count: int = 0
    _change: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._change = np.empty_like(self.mean)

    def update(self, theta: Array) -> None:
        """Take in the θ at the end of one more epoch."""
        self.count += 1
        with np.errstate(all="ignore"):  # θ may have become infinite: the next step says so
            np.subtract(theta, self.mean, out=self._change)
            self._change *= self._share(1)
            self.mean += self._change

    def write(self, theta: Array) -> None:
        """Overwrite θ with the average, if an epoch has ended."""
        if self.count:
            with np.errstate(all="ignore"):
                np.divide(self.mean, self._share(self.count), out=theta, casting="same_kind")

    def _share(self, count: int) -> float:
        """1 - dᶜᵒᵘⁿᵗ, accurate also for a d near 1."""
        return -math.expm1(-count / self.epochs)
