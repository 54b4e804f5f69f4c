"""The one loop: from a starting point θ₀ down to the best epoch that the descent met."""

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import Status
from thalweg.network.activations import Array
from thalweg.network.architecture import Architecture
from thalweg.network.engine import (
    Data,
    Engine,
    Method,
    Objective,
    Order,
    Rows,
    State,
    Steps,
    choose,
)
from thalweg.random import generator
from thalweg.training.history import History, epochs, watched
from thalweg.training.progress import Progress, Silent
from thalweg.training.schedules import rates
from thalweg.training.settings import Settings

# Multiply-adds in one call of the engine at the most (some 0.1 s of the reference engine).
# A count and not a clock decides, since what is kept must not depend on the time of day.
SLICE_WORK = 2**26

# A loss so many times the first epoch's (or 1, if that is more) is no descent any longer.
EXPLODED = 1e4

StepsOf = tuple[Architecture, Objective, Method, State, Data, Order, NDArray[np.float64], int]


@dataclass(frozen=True)
class Descent:
    """What a descent came to.

    Attributes
    ----------
    theta : ndarray of shape (n_parameters,)
        θ at the end of the best epoch.
    best_epoch : int
        Counted from 1; 0 where no epoch ended with finite numbers, and then θ is the start.
    status : Status
        Why it ended.
    history : list of dict
        Every epoch that ended, those behind the best too.
    """

    theta: Array
    best_epoch: int
    status: Status
    history: History


@dataclass(frozen=True)
class _Course:
    """What stays the same from the first step to the last."""

    engine: Engine
    architecture: Architecture
    objective: Objective
    data: Data
    rows: Rows
    settings: Settings

    @property
    def batch_size(self) -> int:
        return min(self.settings.batch_size or len(self.rows), len(self.rows))

    def order(self, epoch: int) -> Order:
        """The order of the rows in an epoch, counted from 0; whole batches need no shuffling."""
        rows = self.rows
        if self.batch_size < len(rows):
            rows = generator(self.settings.seed, "order", epoch).permutation(rows)
        return Order(rows, self.batch_size)

    def slice_length(self, epoch: int, judged: bool, patience: int) -> int:
        """How many epochs, from this one on, the engine may run without looking up."""
        if judged or self.batch_size < len(self.rows):
            return 1
        fit = SLICE_WORK // (3 * self.architecture.n_parameters * len(self.rows))
        return max(1, min(self.end - epoch, fit, patience))

    @property
    def end(self) -> int:
        return self.settings.stop_after or self.settings.max_epochs

    def rates(self, n_batches: int, epoch: int, count: int) -> NDArray[np.float64]:
        """The learning rates of ``count`` epochs, the first of which is ``epoch``."""
        optimizer, n = self.settings.optimizer, n_batches
        total = self.settings.max_epochs * n
        return rates(optimizer.schedule, optimizer.rate, epoch * n, count * n, total)

    def arguments(self, state: State, order: Order, rate: NDArray[np.float64]) -> StepsOf:
        """What ``Engine.steps`` is called with, one step a rate."""
        optimizer = self.settings.optimizer
        return (
            self.architecture, self.objective, Method(optimizer.formula, optimizer.constants),
            state, self.data, order, rate, 0,
        )  # fmt: skip

    def records(self, ran: Steps, rate: NDArray[np.float64], order: Order, epoch: int) -> History:
        """The epochs of a run that ended with finite numbers."""
        whole = len(ran.losses) - (ran.status is Status.DIVERGED)
        whole -= whole % order.n_batches
        sizes = [len(order.batch(i)) for i in range(order.n_batches)]
        return epochs(ran.losses[:whole], ran.gradient_norms[:whole], rate[:whole], sizes, epoch)


@dataclass
class _Best:
    """The epoch with the lowest loss: a state and how many epochs to run from it."""

    state: State
    loss: float = np.inf
    epoch: int = 0
    ahead: int = 0

    def offer(self, loss: float, epoch: int, state: State, ahead: int = 0) -> None:
        if epoch > 0 and loss < self.loss:
            self.state = state.copy()
            self.loss, self.epoch, self.ahead = loss, epoch, ahead

    def theta(self, course: _Course) -> Array:
        if self.ahead:
            start = self.epoch - self.ahead
            order = course.order(start)
            rate = course.rates(order.n_batches, start, self.ahead)
            course.engine.steps(*course.arguments(self.state, order, rate))
        return self.state.theta


@dataclass
class _Patience:
    """Counts the epochs since the loss last fell by more than the tolerance."""

    limit: int | None
    tol: float
    lowest: float = np.inf
    waited: int = 0

    @property
    def left(self) -> int:
        """Epochs that may end before it can run out."""
        return sys.maxsize if self.limit is None else self.limit - self.waited

    def ran_out(self, losses: list[float]) -> bool:
        for loss in losses:
            self.waited += 1
            if loss < self.lowest - self.tol:
                self.lowest, self.waited = loss, 0
        return self.left <= 0


def train(
    architecture: Architecture,
    theta: Array,
    data: Data,
    loss: str,
    alpha: float,
    settings: Settings,
    *,
    rows: Rows | None = None,
    held_out: Rows | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Descent:
    """Descend from θ and come back with the best epoch.

    With held-out rows the best epoch is the one at whose end their loss was lowest. Without,
    the loss of an epoch's steps judges the θ it began with, and one more look judges the last;
    but where ``settings.stop_after`` names the epoch, that one comes back.
    The best epoch is what is returned for every way of ending, Ctrl-C included.

    Parameters
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
        The starting point; it is not changed. Its dtype is that of ``data``.
    data : Data
    loss : str
        Name of the loss.
    alpha : float
        Weight of the penalty: α / (2 Σ w) ‖W‖² is added, Σ w over all training rows.
    settings : Settings
    rows, held_out : ndarray of int, optional
        Training rows (all, if not given), and rows that only judge.
    engine : Engine, optional
    progress : Progress, optional

    Returns
    -------
    Descent
    """
    rows = np.arange(len(data.X)) if rows is None else rows
    objective = Objective.over(loss, alpha, data.weights[rows])
    course = _Course(engine or choose(), architecture, objective, data, rows, settings)
    state = State.at(theta, settings.optimizer.formula)
    history: History = []
    best = _Best(State.at(theta, settings.optimizer.formula))
    try:
        status = _descend(course, state, best, history, held_out, progress or Silent())
        if held_out is None and status is not Status.DIVERGED:
            if settings.stop_after is not None:
                best.loss = np.inf  # that epoch is what was asked for, whatever its loss
            best.offer(_loss(course, objective, state, rows), len(history), state)
    except KeyboardInterrupt:
        status = Status.INTERRUPTED
    return Descent(best.theta(course), best.epoch, status, history)


def _descend(
    course: _Course,
    state: State,
    best: _Best,
    history: History,
    held_out: Rows | None,
    progress: Progress,
) -> Status:
    """Fill ``best`` and ``history``, slice by slice."""
    patience = _Patience(course.settings.patience, course.settings.tol)
    judge = None
    if held_out is not None:
        judge = Objective.over(course.objective.loss, 0.0, course.data.weights[held_out])
    while len(history) < course.end:
        done = len(history)
        start = state.copy()
        count = course.slice_length(done, judge is not None, patience.left)
        order = course.order(done)
        rate = course.rates(order.n_batches, done, count)
        ran = course.engine.steps(*course.arguments(state, order, rate))
        records = course.records(ran, rate, order, done)
        if judge is None:
            for i, record in enumerate(records):
                best.offer(record["train_loss"], done + i, start, ahead=i)
        elif records:
            valid = _loss(course, judge, state, held_out)
            records[0]["valid_loss"] = valid
            best.offer(valid, done + 1, state)
        history += records
        for record in records:
            progress.epoch(record)
        losses = [watched(record) for record in records]
        if ran.status is Status.DIVERGED or _exploded(losses, history):
            return Status.DIVERGED
        if patience.ran_out(losses):
            return Status.PATIENCE
    return Status.MAX_EPOCHS


def _exploded(losses: list[float], history: History) -> bool:
    """Whether the loss has left the finite numbers, or is on its way out of them."""
    limit = EXPLODED * max(1.0, history[0]["train_loss"])
    return not all(loss <= limit for loss in losses)


def _loss(course: _Course, objective: Objective, state: State, rows: Rows | None) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        theta = state.theta[None]
        return float(
            course.engine.losses(course.architecture, objective, theta, course.data, rows)[0]
        )
