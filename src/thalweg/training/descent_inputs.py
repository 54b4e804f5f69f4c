"""The fixed part of a training run: what does not change from the first step to the last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import generator
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Engine, Method, Noise, Objective, Order, Rows, State
from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.losses import loss, smoothed
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer
from thalweg.training.descent.training_settings import Settings
from thalweg.training.descent.weight_average import Average

# Learning rates are computed in blocks of this size that start at fixed steps, so that no rate
# depends on how many were requested together.
BLOCK = 1024


StepsOf = tuple[
    Architecture, Objective, Method, State, Data, Order, NDArray[np.float64], int, int
]  # fmt: skip


class RowWindow(NamedTuple):
    """Training rows that are in memory together, in the order of the steps.

    Attributes
    ----------
    data : Data
    first : int
        The number of their first batch in the epoch.
    n_batches : int
    """

    data: Data
    first: int
    n_batches: int


class RowsInWindows(Protocol):
    """Rows of a table that is larger than memory: each epoch has them in windows.

    A batch is in one window; only the last one of an epoch is short.

    Attributes
    ----------
    n_rows, n_held_out : int
        The training rows and the held-out rows.
    weight, held_out_weight : float
        Their total weights.
    """

    n_rows: int
    n_held_out: int
    weight: float
    held_out_weight: float

    def window(self, epoch: int, batch: int, batch_size: int, seed: int) -> RowWindow:
        """The window of a batch, counted from 0; fast for the same window, and for the next."""

    def held_out(self) -> Iterator[Data]:
        """The held-out rows in parts, always the same."""


@dataclass(frozen=True, eq=False)
class Member:
    """One training run: the arguments of ``train``, without engine, callbacks and progress.

    Attributes
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
        The starting point; it is not changed. Its dtype is that of ``data``.
    data : Data
    loss : str
        Text form of the loss.
    alpha : float
        The penalty: α / (2 Σ w) ‖W‖² is added to the loss, with Σ w over all training rows.
    settings : Settings
    rows, held_out : ndarray of int, optional
        Training rows (default: all) and held-out rows.
    windows : RowsInWindows, optional
        All rows, where ``data`` has some of them alone, for messages.
    """

    architecture: Architecture
    theta: Array
    data: Data
    loss: str
    alpha: float
    settings: Settings
    rows: Rows | None = None
    held_out: Rows | None = None
    windows: RowsInWindows | None = None


@dataclass(frozen=True, eq=False)
class Course:
    """A member and its engine: row order, learning rates and losses by epoch and step."""

    member: Member
    engine: Engine

    @cached_property
    def rows(self) -> Rows:
        """The training rows."""
        rows = self.member.rows
        return np.arange(len(self.member.data.X)) if rows is None else rows

    @cached_property
    def objective(self) -> Objective:
        """The training loss."""
        member, settings = self.member, self.member.settings
        if (windows := member.windows) is not None:
            mean = windows.weight / windows.n_rows
            return Objective.per(
                windows.weight, member.loss, member.alpha, mean, settings.l1, settings.dropout
            )
        weights = member.data.weights[self.rows]
        return Objective.over(member.loss, member.alpha, weights, settings.l1, settings.dropout)

    @cached_property
    def judge(self) -> Objective | None:
        """The loss on the held-out rows, without penalties."""
        member = self.member
        if member.held_out is None:
            return None
        if (windows := member.windows) is not None:
            mean = windows.held_out_weight / windows.n_held_out
            return Objective.per(windows.held_out_weight, member.loss, 0.0, mean)
        return Objective.over(member.loss, 0.0, member.data.weights[member.held_out])

    @cached_property
    def lesson(self) -> Data:
        """The data that steps use: those of the member, with label smoothing if it is on."""
        return self._smoothed(self.member.data)

    def _smoothed(self, data: Data) -> Data:
        amount = self.member.settings.label_smoothing
        if not amount:
            return data
        return replace(data, Y=smoothed(data.Y, amount, coupled=loss(self.member.loss).coupled))

    @cached_property
    def optimizer(self) -> Optimizer:
        """The update rule with its learning rate and schedule."""
        optimizer = self.member.settings.optimizer
        assert isinstance(optimizer, Optimizer)
        return optimizer

    @cached_property
    def method(self) -> Method:
        """How an engine moves θ."""
        return self.optimizer.method(self.member.architecture)

    @cached_property
    def by_lbfgs(self) -> bool:
        """Whether L-BFGS is used, which has no steps of ours and no learning rate."""
        return isinstance(self.member.settings.optimizer, Lbfgs)

    @cached_property
    def by_epoch(self) -> bool:
        """Whether every epoch must be evaluated before the next one starts."""
        return self.judge is not None or self.optimizer.schedule.answers

    def start(self) -> State:
        """The state before the first step."""
        theta, seed = self.member.theta, self.member.settings.seed
        if self.by_lbfgs:  # SciPy keeps the memory
            return State(theta.copy(), np.empty((0, theta.size), theta.dtype), seed=seed)
        return State.begin(self.member.architecture, self.method, theta, seed)

    def average(self) -> Average | None:
        """The average of the weights before the first step, if the optimizer has one."""
        if self.by_lbfgs or not self.optimizer.average:
            return None
        return Average(np.zeros(self.member.theta.size), self.optimizer.average)

    @property
    def n_rows(self) -> int:
        """The number of training rows."""
        windows = self.member.windows
        return len(self.rows) if windows is None else windows.n_rows

    @cached_property
    def batch_size(self) -> int:
        """The number of rows in a full batch."""
        return min(self.member.settings.batch_size or self.n_rows, self.n_rows)

    @cached_property
    def n_batches(self) -> int:
        """The number of steps in an epoch."""
        return -(-self.n_rows // self.batch_size)

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """The share of the rows in each batch."""
        starts = np.arange(self.n_batches) * self.batch_size
        return np.minimum(self.batch_size, self.n_rows - starts) / self.n_rows

    @cached_property
    def end(self) -> int:
        """The number of the last epoch."""
        return self.member.settings.stop_after or self.member.settings.max_epochs

    @cached_property
    def step_work(self) -> int:
        """Multiply-adds of a step, roughly."""
        return 3 * self.member.architecture.n_parameters * self.batch_size

    def order(self, epoch: int, count: int = 1) -> Order:
        """The order of the rows in ``count`` epochs, starting with ``epoch`` (from 0).

        Of rows in windows it is the number of the epoch alone, which `arguments` needs.
        """
        if self.member.windows is not None:
            return Order(np.array([epoch]), 1)
        if self.batch_size == len(self.rows):  # full batches need no shuffling
            return Order(self.rows, self.batch_size)
        seed = self.member.settings.seed
        orders = [
            generator(seed, "order", each).permutation(self.rows)
            for each in range(epoch, epoch + count)
        ]
        rows = np.concatenate(orders) if count > 1 else orders[0]
        return Order(rows, self.batch_size, len(self.rows))

    def rates(self, first: int, count: int, watched: Sequence[float] = ()) -> NDArray[np.float64]:
        """The learning rates of ``count`` steps, starting with step ``first`` of the run.

        ``watched`` is the watched loss of every epoch so far, for schedules that depend on it.
        """
        if self.optimizer.schedule.answers:
            return self.optimizer.rates(first, count, self._total, watched)
        numbers = range(first // BLOCK, (first + count - 1) // BLOCK + 1)
        blocks = [self._rates_of(number) for number in numbers]
        joined = np.concatenate(blocks) if len(blocks) > 1 else blocks[0]
        begin = first % BLOCK
        return joined[begin : begin + count]

    def _rates_of(self, block: int) -> NDArray[np.float64]:
        found = self._blocks.get(block)
        if found is None:
            first = block * BLOCK
            found = self.optimizer.rates(first, min(BLOCK, self._total - first), self._total)
            self._blocks.clear()
            self._blocks[block] = found
        return found

    @cached_property
    def _total(self) -> int:
        """The number of steps of the whole schedule."""
        return self.member.settings.max_epochs * self.n_batches

    @cached_property
    def _blocks(self) -> dict[int, NDArray[np.float64]]:
        """The block of rates that was computed last."""
        return {}

    def arguments(
        self, state: State, order: Order, rates: NDArray[np.float64], first: int, threads: int = 1
    ) -> StepsOf:
        """The arguments of ``Engine.steps``: one step for each rate, from batch ``first`` on."""
        data = self.lesson
        if self.member.windows is not None:
            window = self._window(int(order.rows[0]), first)
            data, first = self._smoothed(window.data), first - window.first
            order = Order(np.arange(len(data.weights)), self.batch_size)
        return (
            self.member.architecture, self.objective, self.method, state, data, order, rates, first,
            threads,
        )  # fmt: skip

    def _window(self, epoch: int, batch: int) -> RowWindow:
        windows = self.member.windows
        assert windows is not None
        return windows.window(epoch, batch, self.batch_size, self.member.settings.seed)

    def at_once(self, epoch: int, first: int, count: int) -> int:
        """How many of ``count`` steps of an epoch, from batch ``first`` on, one call can make."""
        if self.member.windows is None:
            return count
        window = self._window(epoch, first)
        return min(count, window.first + window.n_batches - first)

    def rows_of_step(self, epoch: int, batch: int) -> tuple[Data, Rows]:
        """The data of a step, and the rows of it; both counted from 0."""
        if self.member.windows is None:
            return self.lesson, self.order(epoch).batch(batch)
        window = self._window(epoch, batch)
        data = self._smoothed(window.data)
        order = Order(np.arange(len(data.weights)), self.batch_size)
        return data, order.batch(batch - window.first)

    def replay(self, state: State, epoch: int, count: int) -> None:
        """Repeat ``count`` epochs, starting with ``epoch`` (from 0)."""
        n = self.n_batches
        order, rates = self.order(epoch, count), self.rates(epoch * n, count * n)
        self.engine.steps(*self.arguments(state, order, rates, 0))

    def training_loss(self, state: State, threads: int = 1) -> float:
        """Loss and gradient of a step over all training rows, dropout included."""
        noise = Noise(state.seed, state.step) if self.objective.dropout else None
        return self.height(self.objective, state, self.lesson, self.rows, noise, threads)

    def held_out_loss(self, state: State, threads: int = 1) -> float:
        """The loss on the held-out rows."""
        assert self.judge is not None
        if (windows := self.member.windows) is not None:
            found = 0.0  # parts are always the same, and so is the order of this sum
            for part in windows.held_out():
                share = len(part.weights) / windows.n_held_out
                found += share * self.height(self.judge, state, part, None, threads=threads)
            return found
        held_out = self.member.data, self.member.held_out
        return self.height(self.judge, state, *held_out, threads=threads)

    def height(
        self,
        objective: Objective,
        state: State,
        data: Data,
        rows: Rows | None,
        noise: Noise | None = None,
        threads: int = 1,
    ) -> float:
        """An objective at a state, on some rows; it may be infinite or NaN."""
        with np.errstate(over="ignore", invalid="ignore"):
            heights = self.engine.losses(
                self.member.architecture, objective, state.theta[None], data, rows, noise, threads
            )
        return float(heights[0])
