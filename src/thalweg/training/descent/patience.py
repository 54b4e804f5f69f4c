"""Patience: how many epochs without a lower loss end training."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass
class Patience:
    """Counts the epochs since the loss last fell by more than the tolerance."""

    limit: int | None
    tol: float
    lowest: float = np.inf
    waited: int = 0

    @property
    def left(self) -> int:
        """The number of epochs before patience can run out."""
        return sys.maxsize if self.limit is None else self.limit - self.waited

    def see(self, losses: Sequence[float]) -> None:
        """Count the watched losses of more epochs."""
        if self.limit is None:
            return
        for loss in losses:
            self.waited += 1
            if loss < self.lowest - self.tol:
                self.lowest, self.waited = loss, 0
