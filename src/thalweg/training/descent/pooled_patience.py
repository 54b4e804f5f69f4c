"""Pooled patience: the networks of several folds stop together, by their mean held-out loss.

The mean of five curves has less noise than each of them, so fewer epochs of patience are enough.
Each network still keeps its own best epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from thalweg.training.descent.patience import Patience

# How many epochs a network may be ahead of the last that all have finished. It changes no result;
# `others_epochs` keeps the weights of these epochs.
MOST_AHEAD = 10


@dataclass(frozen=True)
class Pooled:
    """Which networks stop together, and when.

    Attributes
    ----------
    patience : int
        The number of epochs in a row without a lower mean after which all stop.
    tol : float
        A mean counts as lower if it is lower by more than this.
    shares : tuple of float
        The share of each network in the mean: the weight of its held-out rows.
    curves : tuple of sequences, optional
        For each network, a list that grows with its epochs and is pooled instead of its held-out
        losses, such as minus its scores.
    """

    patience: int
    tol: float
    shares: tuple[float, ...]
    curves: tuple[Sequence[float], ...] = ()


class Pool:
    """The shared patience of networks that train at the same time, in any order.

    The mean of epoch e is known when all networks have finished it. If the mean has then not
    improved for w epochs, no network stops before epoch e + (patience - w). So each may go on until
    there, whatever the others do, and none goes further. Therefore all stop after the same epoch,
    for any number of threads, and no epoch is trained in vain.

    A network that ends before the others (it diverged, or its time was up) leaves the pool. From
    then on, the mean is that of the networks that are left, also over the earlier epochs. Epochs
    without improvement in which only the network that left was worse are no longer counted; none is
    counted that was not, so that no network has gone too far.

    Parameters
    ----------
    pooled : Pooled
    """

    def __init__(self, pooled: Pooled) -> None:
        self.pooled, self.lock = pooled, Lock()
        self.patience = Patience(pooled.patience, pooled.tol)
        self.curves: list[list[float]] = [[] for _ in pooled.shares]
        self.ended = [False] * len(pooled.shares)
        self.epoch, self.left = 0, list(range(len(pooled.shares)))
        # What other threads read, without the lock: replaced as one, never half changed.
        self._known = self._now()

    @property
    def over(self) -> bool:
        """Whether patience has run out: then all have finished the last epoch."""
        return self._known[0]

    @property
    def limit(self) -> int:
        """The last epoch that each network may train, as far as is known."""
        return self._known[1]

    def _now(self) -> tuple[bool, int]:
        left = self.patience.left
        return left <= 0, self.epoch + max(0, min(left, MOST_AHEAD))

    def see(self, number: int, losses: Sequence[float], done: int, *, ended: bool) -> None:
        """Take the losses of a network after so many sound epochs, and whether it has ended."""
        curve = self.curves[number]
        source = self.pooled.curves[number] if self.pooled.curves else losses
        with self.lock:
            curve += source[len(curve) : done]
            self.ended[number] = ended
            while self.patience.left > 0 and self._next():
                pass
            self._known = self._now()

    def _next(self) -> bool:
        """Count one more epoch, if all networks that are left have finished it."""
        done = self.epoch + 1
        there = [number for number, curve in enumerate(self.curves) if len(curve) >= done]
        if not there or not all(self.ended[i] for i in self.left if i not in there):
            return False
        if there != self.left:
            waited, self.left = self.patience.waited, there
            self.patience = Patience(self.pooled.patience, self.pooled.tol)
            self.patience.see([self._mean(epoch) for epoch in range(1, done)])
            self.patience.waited = min(waited, self.patience.waited)
        self.patience.see([self._mean(done)])
        self.epoch = done
        return True

    def _mean(self, epoch: int) -> float:
        """The mean of an epoch over the networks that are left."""
        shares = self.pooled.shares
        total = sum(shares[number] * self.curves[number][epoch - 1] for number in self.left)
        return total / sum(shares[number] for number in self.left)
