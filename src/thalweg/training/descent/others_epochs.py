"""The epoch of each fold that the other folds find best, and its weights, kept while folds train.

The rows of a fold have chosen the best epoch of its network. Its loss is too low there: it is the
lowest of many. At the epoch that the other folds choose, it is the loss of rows that had no part in
the training and none in the choice. It costs no further epoch.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.network.engine import Rows
from thalweg.network.formulas.activations import Array
from thalweg.training.callbacks import Moment, Resumable
from thalweg.training.descent.pooled_patience import MOST_AHEAD, Pooled
from thalweg.training.descent_inputs import Member
from thalweg.training.history import History
from thalweg.training.train import Descent

# All folds together keep weights of so many bytes at the most. Where they would need more, nothing
# is kept, so that the result depends neither on threads nor on the machine.
MOST_BYTES = 2**28
# Epochs that are kept besides those that others have not reached: the best, the last two, the next.
BESIDES = 4


class Election:
    """The best epoch of some folds, found while their curves grow.

    An epoch is better than the best one before if the weighted mean of the held-out losses is
    lower there, over the folds that have reached it. If all have equally many epochs, this is the
    epoch with the lowest mean.

    Parameters
    ----------
    curves : sequence of sequence of float
        The held-out losses of each fold, which grow with its epochs. NaN counts as infinity.
    shares : sequence of float
        The weight of each fold.
    """

    def __init__(self, curves: Sequence[Sequence[float]], shares: Sequence[float]) -> None:
        self.curves, self.shares = curves, shares
        self.best = self.seen = 0

    def go_on(self, ended: Sequence[bool]) -> int:
        """Look at all epochs that every fold has reached, or will never reach; the best so far."""
        over = list(ended)  # before the curves: they do not grow after that
        while True:
            epoch = self.seen + 1
            there = [number for number, curve in enumerate(self.curves) if len(curve) >= epoch]
            waits = any(not over[i] for i in range(len(over)) if i not in there)
            if not there or waits:
                return self.best
            if not self.best or self._mean(epoch, there) < self._mean(self.best, there):
                self.best = epoch
            self.seen = epoch

    def _mean(self, epoch: int, there: Sequence[int]) -> float:
        losses = [self.curves[number][epoch - 1] for number in there]
        total = sum(
            self.shares[number] * (np.inf if np.isnan(loss) else loss)
            for number, loss in zip(there, losses, strict=True)
        )
        return float(total / sum(self.shares[number] for number in there))


class Deal:
    """The folds of one division of the rows, which are trained at the same time.

    Parameters
    ----------
    shares : sequence of float
        The weight of the held-out rows of each fold.
    scores : sequence of sequences or None
        Minus the scores of each fold, if there are some.
    known : sequence of sequence of float, optional
        The whole curves of all folds, if they were trained before.
    """

    def __init__(
        self,
        shares: Sequence[float],
        scores: Sequence[Sequence[float] | None],
        known: Sequence[Sequence[float]] | None = None,
    ) -> None:
        n_folds = len(shares)
        self.shares, self.scores = shares, scores
        self.is_known = known is not None
        self.curves: list[list[float]] = [list(each) for each in known or [()] * n_folds]
        self.ended = [self.is_known] * n_folds


class KeepsOthersBest(Resumable):
    """Keeps θ of a fold at the epoch that the other folds find best, as far as can be known.

    These are the best epoch so far, all that some other fold has not reached yet, and the last two,
    in case that this fold ends before the others.
    """

    def __init__(self, deal: Deal, number: int) -> None:
        self.deal, self.number = deal, number
        self.others = [k for k in range(len(deal.shares)) if k != number]
        curves = [deal.curves[k] for k in self.others]
        self.election = Election(curves, [deal.shares[k] for k in self.others])
        self.kept: dict[int, Array] = {}

    @property
    def curve(self) -> list[float]:
        """The held-out losses of this fold so far, or minus its scores."""
        return self.deal.curves[self.number]

    def epoch_end(self, moment: Moment) -> None:
        """Keep one more epoch, and drop those that cannot be chosen any more."""
        assert moment.record is not None
        self.kept[moment.epoch] = moment.theta.copy()
        if not self.deal.is_known:
            scores = self.deal.scores[self.number]
            self.curve.append(moment.record["valid_loss"] if scores is None else scores[-1])
        best = self.election.go_on([self.deal.ended[k] for k in self.others])
        for epoch in list(self.kept):
            if epoch <= min(self.election.seen, moment.epoch - 2) and epoch != best:
                del self.kept[epoch]

    def train_end(self, moment: Moment) -> None:
        """The others need not wait for this fold any more."""
        del moment
        self.deal.ended[self.number] = True

    def packed(self) -> dict[str, NDArray[Any]]:
        """The epochs that are kept, and their weights."""
        if not self.kept:
            return {}
        epochs = sorted(self.kept)
        thetas = np.array([self.kept[epoch] for epoch in epochs])
        return {"epochs": np.array(epochs, np.int64), "thetas": thetas}

    def resume(
        self, arrays: dict[str, NDArray[Any]], history: History, theta: Array, *, ended: bool
    ) -> None:
        """Keep these epochs; the curve is that of the history, or of the scores."""
        if not self.deal.is_known:
            scores = self.deal.scores[self.number]
            losses = [record["valid_loss"] for record in history] if scores is None else scores
            self.curve[:] = losses
        self.deal.ended[self.number] |= ended
        if not arrays and not history:
            return
        if set(arrays) != {"epochs", "thetas"}:
            raise ValueError("Its kept epochs are not complete")
        epochs, thetas = arrays["epochs"], arrays["thetas"]
        found = epochs.tolist()
        if epochs.dtype != np.int64 or epochs.ndim != 1 or found != sorted(set(found)):
            raise ValueError("Its kept epochs are not numbered")
        if not found or not 1 <= found[0] <= found[-1] <= len(history):
            raise ValueError("Its kept epochs are not those of its history")
        if thetas.shape != (len(found), theta.size) or thetas.dtype != theta.dtype:
            raise ValueError("Its kept weights are not those of its network")
        self.kept = {epoch: each.copy() for epoch, each in zip(found, thetas, strict=True)}


class ByOthers(NamedTuple):
    """Each fold at the epoch that the other folds find best.

    Attributes
    ----------
    epochs : tuple of int
        Counted from 1. For a fold that ended earlier: its last one.
    losses : tuple of float
        The held-out losses of these epochs.
    thetas : tuple of ndarray
        The weights of these epochs.
    shares : tuple of float
        The weights of the held-out rows.
    n_ended_earlier : int
        The number of folds that ended earlier.
    """

    epochs: tuple[int, ...]
    losses: tuple[float, ...]
    thetas: tuple[Array, ...]
    shares: tuple[float, ...]
    n_ended_earlier: int


def keepers_of(
    members: Sequence[Member],
    shares: Sequence[float],
    pooled: Pooled | None,
    scores: Sequence[Sequence[float] | None],
    known: Sequence[Sequence[float]] | None = None,
) -> list[KeepsOthersBest] | list[None]:
    """What keeps the weights of each fold.

    Parameters
    ----------
    members : sequence of Member
        The folds, one division of the rows after the other.
    shares : sequence of float
        The weight of the held-out rows of each.
    pooled : Pooled or None
        How they stop together.
    scores : sequence of sequences or None
        Minus the scores of each fold, if these choose the epoch in place of its losses.
    known : sequence of sequence of float, optional
        The whole curves of all folds, if they were trained before.

    Returns
    -------
    list of KeepsOthersBest or None
        All None if the weights could exceed `MOST_BYTES`, or if a fold is the only one of its
        division.
    """
    nothing = [None] * len(members)
    held_out = [each.held_out for each in members if each.held_out is not None]
    settings = members[0].settings
    n_epochs = settings.stop_after or settings.max_epochs
    if pooled or known:
        n_epochs = min(n_epochs, BESIDES + (min(pooled.patience, MOST_AHEAD) if pooled else 0))
    if n_epochs * sum(each.theta.nbytes for each in members) > MOST_BYTES:
        return nothing
    found: list[KeepsOthersBest] = []
    for folds in deals_of(held_out):
        curves = None if known is None else [known[k] for k in folds]
        deal = Deal([shares[k] for k in folds], [scores[k] for k in folds], curves)
        found += [KeepsOthersBest(deal, k) for k in range(len(folds))]
    return found if found and all(each.others for each in found) else nothing


def deals_of(held_out: Sequence[Rows]) -> list[list[int]]:
    """The numbers of the folds of each division: no row is held out twice in one."""
    deals: list[list[int]] = []
    there = np.zeros(max((int(rows.max()) + 1 for rows in held_out if len(rows)), default=0), bool)
    for number, rows in enumerate(held_out):
        if not deals or there[rows].any():
            deals.append([])
            there[:] = False
        deals[-1].append(number)
        there[rows] = True
    return deals


def by_others(
    keepers: Sequence[KeepsOthersBest | None], descents: Sequence[Descent]
) -> ByOthers | None:
    """Each fold at the epoch that the others find best.

    None if no weights were kept, or not those, as after Ctrl-C at an unlucky moment.
    """
    found: list[tuple[int, float, Array, float]] = []
    n_ended_earlier = 0
    for keeper, descent in zip(keepers, descents, strict=True):
        if keeper is None:
            return None
        best = keeper.election.go_on([True] * len(keeper.others))
        # An epoch that exploded may have a record.
        trouble, n_epochs = descent.trouble, len(descent.history)
        last = max(1, trouble.epoch - 1) if trouble else n_epochs
        epoch = min(best, last)
        if epoch not in keeper.kept or epoch > n_epochs:
            return None
        loss, share = descent.history[epoch - 1]["valid_loss"], keeper.deal.shares[keeper.number]
        found.append((epoch, float(loss), keeper.kept[epoch], share))
        n_ended_earlier += last < best
    epochs, losses, thetas, shares = zip(*found, strict=True)
    return ByOthers(epochs, losses, thetas, shares, n_ended_earlier)
