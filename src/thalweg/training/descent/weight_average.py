"""The average of the weights: an exponential moving average of θ over the last epochs.

After an update m ← d m + (1 - d) θ, with d = exp(-1 / (τ k)) for a time constant of τ epochs and k
updates an epoch. m starts at 0, so the average after t updates is m / (1 - dᵗ): a mean of the θ so
far, with weights that sum to 1 (as in Adam, Kingma & Ba 2015; averages of θ: Polyak & Juditsky
1992, SIAM J. Control Optim. 30).
"""

import math
from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from thalweg.network.formulas.activations import Array

# Updates an epoch. More cost time and change next to nothing.
UPDATES = 4


def places(n_batches: int) -> tuple[int, ...]:
    """The steps of an epoch after which the average is updated, counted from 1.

    They are evenly spaced, and the last step is one of them. Only the number of the step decides,
    so the average does not depend on how many steps the engine makes in one call.
    """
    count = min(UPDATES, n_batches)
    return tuple(-(-n_batches * number // count) for number in range(1, count + 1))


@dataclass
class Average:
    """An average of the weights during training.

    Attributes
    ----------
    mean : ndarray of float64, shape (n_parameters,)
        m. With a d near 1, float32 would round the small changes away.
    epochs : float
        The time constant τ, > 0.
    places : tuple of int
        The steps of an epoch after which it is updated.
    count : int
        The number of updates so far, t.
    """

    mean: NDArray[np.float64]
    epochs: float
    places: tuple[int, ...]
    count: int = 0
    _change: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._change = np.empty_like(self.mean)

    def updates(self, done: int, within: int) -> int:
        """The number of updates in so many epochs and steps of the next one."""
        return done * len(self.places) + bisect_right(self.places, within)

    def update(self, theta: Array) -> None:
        """Take in one more θ."""
        self.count += 1
        with np.errstate(all="ignore"):  # θ may have become infinite: the next step says so
            np.subtract(theta, self.mean, out=self._change)
            self._change *= self._share(1)
            self.mean += self._change

    def write(self, theta: Array) -> None:
        """Overwrite θ with the average, if there has been an update."""
        if self.count:
            with np.errstate(all="ignore"):
                np.divide(self.mean, self._share(self.count), out=theta, casting="same_kind")

    def _share(self, count: int) -> float:
        """1 - dᶜᵒᵘⁿᵗ, accurate also for a d near 1."""
        return -math.expm1(-count / (self.epochs * len(self.places)))
