"""The state of a training run between two slices of steps: all that it needs to continue."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.network.engine import State
from thalweg.network.formulas.activations import Array
from thalweg.training.descent.weight_average import Average
from thalweg.training.descent_inputs import Course
from thalweg.training.history import History


class Kept(NamedTuple):
    """The end of an epoch, stored as an earlier state and the epochs to repeat from there.

    Attributes
    ----------
    state : State
        ``ahead`` epochs before the end of the epoch. With an average of the weights, ``ahead`` is 0
        and the average is its θ.
    loss : float
        The loss at the end of the epoch.
    epoch : int
        Counted from 1; 0 is the start.
    ahead : int
        Epochs to repeat from ``state``.
    """

    state: State
    loss: float = np.inf
    epoch: int = 0
    ahead: int = 0

    def theta(self, course: Course) -> Array:
        """θ at the end of that epoch, or the average of the weights."""
        if not self.ahead:
            return self.state.theta
        state = self.state.copy()  # the stored state must not change
        course.replay(state, self.epoch - self.ahead, self.ahead)
        return state.theta


@dataclass
class Best:
    """The epoch with the lowest loss.

    There are two states: one stores the best epoch, the other is spare. So nothing is allocated
    during training, and the stored one is complete whenever Ctrl-C comes.
    """

    kept: Kept
    spare: State

    @classmethod
    def at(cls, state: State) -> "Best":
        """No epoch yet: store the start."""
        return cls(Kept(state.copy()), state.copy())

    def hold(self, state: State) -> State:
        """Copy a state into the spare one."""
        self.spare.overwrite(state)
        return self.spare

    def offer(self, loss: float, epoch: int, held: State, ahead: int = 0) -> bool:
        """Store an epoch if its loss is the lowest, and return whether; ``held`` is the spare."""
        if not (epoch > 0 and loss < self.kept.loss):
            return False
        old, self.kept = self.kept, Kept(held, loss, epoch, ahead)
        self.spare = old.state
        return True


@dataclass
class Standing:
    """The state of a training run.

    Attributes
    ----------
    state : State
    best : Best
    losses, norms : ndarray of shape (n_batches,)
        Losses and gradient norms of the steps of the unfinished epoch.
    within : int
        The number of these steps.
    start : State
        The state at the start of this epoch, or of the last run of whole epochs. It is the spare
        state of ``best``. If ``best`` stores it, the next slice begins in the other state.
    history : list of dict
    average : Average, optional
        The average of the weights, if there is one.
    """

    state: State
    best: Best
    losses: NDArray[np.float64]
    norms: NDArray[np.float64]
    within: int = 0
    start: State = field(init=False)
    history: History = field(default_factory=list)
    average: Average | None = None

    def __post_init__(self) -> None:
        self.start = self.best.spare

    @classmethod
    def at_start(cls, course: Course) -> "Standing":
        """The state before the first step."""
        state = course.start()
        losses, norms = np.empty((2, course.n_batches))
        return cls(state, Best.at(state), losses, norms, average=course.average())

    def hold(self) -> State:
        """Copy what this state gives into the spare one: θ, or the average of the weights."""
        if self.average is None or not self.average.count:
            return self.best.hold(self.state)
        # No step is ever made from an average, so its memory of gradients is left as it was.
        held = self.best.spare
        self.average.write(held.theta)
        held.step = self.state.step
        return held
