"""The training loop: slices of steps, and what is checked between them."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError, Status
from thalweg.network.engine import Engine, Order, Steps, choose
from thalweg.network.formulas.activations import Array
from thalweg.training.callbacks import Callback, Crew, Moment, moment
from thalweg.training.checkpoint import Checkpoint, Keeper
from thalweg.training.descent.lbfgs import descend_lbfgs
from thalweg.training.descent.optimizer_settings import Lbfgs
from thalweg.training.descent.patience import Patience
from thalweg.training.descent_inputs import Course, Member
from thalweg.training.descent_state import Standing
from thalweg.training.history import Epoch, History, epochs, watched
from thalweg.training.progress import Progress
from thalweg.training.trouble import Trouble, exploded, not_finite

# One call of the engine should take so many seconds, estimated by counting multiply-adds and not
# by a clock. No result depends on it.
SLICE_SECONDS = 0.1
# So many times as many steps for several threads, which have to be started for each call. The
# seconds above are those of a slow machine; others take a tenth.
LONGER_FOR_SEVERAL = 4
# The cost of a step and of a multiply-add, for an engine without ``step_seconds`` and
# ``work_per_second``: roughly that of the reference engine.
STEP_SECONDS = 5e-5
WORK_PER_SECOND = 5e9
# The largest number of steps in one call, however small the network is.
SLICE_STEPS = 2**16
SLICE_ROWS = 2**20

# A loss of so many times the first epoch's (or 1, if that is more) counts as divergence.
EXPLODED = 1e4


class Run:
    """A training run in progress, which advances by one slice of steps at a time.

    Parameters
    ----------
    member : Member
    engine : Engine, optional
    callbacks : sequence of Callback
    checkpoint : Checkpoint, optional
    progress : Progress, optional
    clock : callable
        A clock in seconds, with any zero.
    halted : callable
        Whether to end after this slice, because of Ctrl-C or an error in another run.
    standing : Standing, optional
        Where the run was, if it is one of several that resume; it is the run's own from now on.
    threads : callable
        How many threads the next slice, or loss, may use; no result depends on it.

    Raises
    ------
    SettingsError
        For a checkpoint of L-BFGS.
    """

    def __init__(
        self,
        member: Member,
        engine: Engine | None = None,
        *,
        callbacks: Sequence[Callback] = (),
        checkpoint: Checkpoint | None = None,
        progress: Progress | None = None,
        clock: Callable[[], float] = time.monotonic,
        halted: Callable[[], bool] = lambda: False,
        standing: Standing | None = None,
        threads: Callable[[], int] = lambda: 1,
    ) -> None:
        self.course = course = Course(member, engine or choose())
        self.settings = member.settings
        if checkpoint and course.by_lbfgs:
            raise SettingsError(
                "L-BFGS cannot be kept in a checkpoint",
                why="Its memory of past steps lies inside SciPy, and cannot be taken out",
                fix="leave the checkpoint out, or take another rule, such as adam",
            )
        self.crew, self.halted, self.threads = Crew(callbacks), halted, threads
        self.progress = progress
        self.keeper = Keeper(checkpoint, course, clock) if checkpoint else None
        resumed = self.keeper.resume() if self.keeper else standing
        self.standing = resumed or Standing.at_start(course)
        self.patience = Patience(self.settings.patience, self.settings.tol)
        self.watched = [watched(record) for record in self.standing.history]
        self.patience.see(self.watched)
        self.trouble: Trouble | None = None
        limit = self.settings.time_limit
        self.clock, self.until = clock, np.inf if limit is None else clock() + limit
        self.status = Status.RUNNING
        self._orders: tuple[int, int, Order] | None = None
        step = getattr(course.engine, "step_seconds", STEP_SECONDS)
        step += course.step_work / getattr(course.engine, "work_per_second", WORK_PER_SECOND)
        self.budget = int(min(SLICE_STEPS, max(1, SLICE_SECONDS / step)))

    def begin(self) -> None:
        """Before the first slice; a resumed run may have ended already."""
        self.tell("train_begin", None)
        self._settle()

    def is_out_of_time(self) -> bool:
        """Whether the time limit has passed in the slices of others; then the run has ended."""
        if self._steps and self.clock() >= self.until:
            self.status = Status.TIME_LIMIT
        return self.status is Status.TIME_LIMIT

    def advance(self) -> None:
        """Run one slice of steps and return whether it was the last; with L-BFGS, run them all."""
        if self.course.by_lbfgs:
            self._by_lbfgs()
            return
        self._open()
        if not self.crew.stopped:
            count, within = self._count(), self.standing.within
            rates = self.course.rates(self._steps, count, self.watched)
            order = self._order(count)
            state, threads = self.standing.state, self.threads()
            arguments = self.course.arguments(state, order, rates, within, threads)
            self._close(self.course.engine.steps(*arguments), rates, within)
        self._settle()
        if self.keeper and self.status is not Status.DIVERGED:
            self.keeper.keep(self.standing, ended=self.status is not Status.RUNNING)

    def _by_lbfgs(self) -> None:
        """Run L-BFGS; each iteration is an epoch of one step."""
        course, state = self.course, self.standing.state
        # Loss and norm at the start of an iteration go into the record of its epoch.
        found: list[tuple[float, float]] = []

        def look(theta: Array) -> tuple[float, Array]:
            loss, gradient = course.engine.loss_and_gradient(
                course.member.architecture, course.objective, theta, course.lesson, course.rows
            )
            if not found:
                found.append((loss, float(np.linalg.norm(gradient))))
            return loss, gradient

        def after(theta: Array, loss: float, norm: float) -> Status | None:
            began = [np.array([number]) for number in found.pop()]
            found.append((loss, norm))
            state.theta[:] = theta
            state.step += 1
            self._close(Steps(Status.RUNNING, *began), np.array([np.nan]), 0)
            self._settle()
            if self.status is Status.RUNNING:
                self._open()
                self._settle()
            return None if self.status is Status.RUNNING else self.status

        optimizer = self.settings.optimizer
        assert isinstance(optimizer, Lbfgs)
        self._open()
        self._settle()
        if self.status is Status.RUNNING:
            status = descend_lbfgs(
                state.theta, look, after, history=optimizer.history, max_iterations=course.end
            )
            if status is Status.DIVERGED and not self.trouble:
                self.trouble = not_finite(course, state, 0, 0, None)
            self.status = status

    def _open(self) -> None:
        """Call the callbacks before a slice, and before an epoch if one begins."""
        standing = self.standing
        if not standing.within:
            if self.course.judge is None:
                standing.start = standing.hold()
            self.tell("epoch_begin", None)
        self.tell("step_begin", None)

    def _close(self, ran: Steps, rates: NDArray[np.float64], within: int) -> None:
        """Record the results of a slice, and call the callbacks.

        ``rates`` has one rate for each requested step; ``within`` steps of the epoch came before.
        """
        before = self.standing.best.kept.epoch
        records = self._commit(ran, rates, within)
        if self.crew.by_step and ran.status is not Status.DIVERGED:
            self.tell("step_end", self._record_of_step(ran, rates, len(records)))
        if (progress := self.progress) and records:
            with self._nothing_lost():
                for record in records:
                    progress.epoch(record)
        if records:
            self.tell("epoch_end", records[-1])
        if self.standing.best.kept.epoch != before:
            self._tell_improved()

    def _tell_improved(self) -> None:
        best = self.standing.best.kept
        self.tell("improved", self.standing.history[best.epoch - 1], best.state.theta)

    def _settle(self) -> None:
        """Whether the run has ended, and why."""
        if self.trouble:
            self.status = Status.DIVERGED
        elif self.patience.left <= 0:
            self.status = Status.PATIENCE
        elif len(self.standing.history) >= self.course.end:
            self.status = Status.MAX_EPOCHS
        elif self.halted():
            self.status = Status.INTERRUPTED
        elif self.crew.stopped:
            self.status = Status.STOPPED
        elif self._steps and self.clock() >= self.until:
            self.status = Status.TIME_LIMIT

    def look(self) -> None:
        """Without held-out rows, evaluate the last epoch, which no later step has evaluated."""
        standing, best = self.standing, self.standing.best
        if self.course.judge is not None or self.status is Status.DIVERGED:
            return
        last = standing.start if standing.within else standing.hold()
        if len(standing.history) == self.settings.stop_after:
            # This epoch was requested, whatever its loss.
            best.kept = best.kept._replace(loss=np.inf)
        if best.offer(self.course.training_loss(last, self.threads()), len(standing.history), last):
            self._tell_improved()

    @property
    def _steps(self) -> int:
        """The number of steps so far."""
        return len(self.standing.history) * self.course.n_batches + self.standing.within

    def _count(self) -> int:
        """How many steps the engine may make in one call."""
        standing, course = self.standing, self.course
        if self.crew.by_step:
            return 1
        n, done = course.n_batches, len(standing.history)
        longer = LONGER_FOR_SEVERAL if self.threads() > 1 else 1
        budget = min(SLICE_STEPS, longer * self.budget)
        by_epoch = self.crew.by_epoch or course.by_epoch or standing.average is not None
        if standing.within or budget < n or by_epoch:
            return course.at_once(done, standing.within, min(budget, n - standing.within))
        count = min(budget // n, course.end - done, self.patience.left)
        if n > 1:
            count = min(count, SLICE_ROWS // len(course.rows))
        if self.keeper:
            count = min(count, self.keeper.epochs_left(done))
        return max(1, count) * n

    def _order(self, count: int) -> Order:
        """The order of the rows in the epochs of a slice; an unfinished epoch keeps its order."""
        epoch, n_epochs = len(self.standing.history), max(1, count // self.course.n_batches)
        if self._orders is None or self._orders[:2] != (epoch, n_epochs):
            self._orders = epoch, n_epochs, self.course.order(epoch, n_epochs)
        return self._orders[2]

    def _commit(self, ran: Steps, rates: NDArray[np.float64], within: int) -> History:
        """Record the results of a slice; returns the records of the epochs that ended in it."""
        standing, n = self.standing, self.course.n_batches
        done = len(standing.history)
        losses, norms = ran.losses, ran.gradient_norms
        diverged = ran.status is Status.DIVERGED
        part = within > 0 or len(rates) < n  # part of one epoch; else whole epochs
        if part:
            standing.within = within + len(losses)
            standing.losses[within : standing.within] = losses
            standing.norms[within : standing.within] = norms
            losses, norms = standing.losses[: standing.within], standing.norms[: standing.within]
            rates = self.course.rates(done * n, n, self.watched)
        bad = len(losses) - 1
        whole = len(losses) - diverged
        whole -= whole % n
        records = epochs(losses[:whole], norms[:whole], rates[:whole], self.course.shares, done)
        if self.course.by_lbfgs:
            records[0]["rate"] = None
        if records:
            standing.within = 0
            records = self._judge(records)
        if diverged and not self.trouble:
            epoch, batch = divmod(bad, n)
            self.trouble = not_finite(
                self.course, standing.state, done + epoch, batch, float(rates[bad])
            )
        return records

    def _judge(self, records: History) -> History:
        """Check the losses of finished epochs; returns those up to the first that exploded."""
        standing, best, done = self.standing, self.standing.best, len(self.standing.history)
        judged = self.course.judge is not None
        if standing.average:  # then a slice has no more than one epoch
            standing.average.update(standing.state.theta)
        if judged:
            shown = standing.hold() if standing.average else standing.state
            records[0]["valid_loss"] = self.course.held_out_loss(shown, self.threads())
        # Not ``watched``: with full batches an epoch may take only a few microseconds.
        losses = [record["valid_loss" if judged else "train_loss"] for record in records]
        first = (standing.history or records)[0]["train_loss"]
        limit = EXPLODED * max(1.0, first)
        if not max(losses) <= limit:
            state, made = standing.state, len(records)
            whole = 1 + next(i for i, loss in enumerate(losses) if not loss <= limit)
            records, losses = records[:whole], losses[:whole]
            if whole < made:
                state = standing.start.copy()
                self.course.replay(state, done, whole)
            self.trouble = exploded(self.course, state, records[-1], first)
        # Before the best epoch, so that its record always exists.
        standing.history += records
        if self.course.judge is None:
            # The loss of an epoch's steps evaluates the θ at its start: record i evaluates θ after
            # i epochs of this slice. Before the very first epoch comes the start, which is not
            # the end of an epoch.
            skip = int(done == 0)
            lowest = min(losses[skip:], default=np.inf)
            if lowest < best.kept.loss:
                ahead = losses.index(lowest, skip)
                best.offer(lowest, done + ahead, standing.start, ahead)
        elif losses[0] < best.kept.loss:
            best.offer(losses[0], done + 1, standing.hold())
        self.watched += losses
        self.patience.see(losses)
        return records

    def _record_of_step(self, ran: Steps, rates: NDArray[np.float64], ended: int) -> Epoch:
        return {
            "epoch": len(self.standing.history) + 1 - ended,
            "steps": self._steps,
            "train_loss": float(ran.losses[-1]),
            "valid_loss": None,
            "rate": None if self.course.by_lbfgs else float(rates[-1]),
            "gradient_norm": float(ran.gradient_norms[-1]),
        }

    def tell(self, name: str, record: Epoch | None, theta: Array | None = None) -> None:
        """Call the callbacks with the record of what has just ended, and with θ."""
        if not self.crew.ears[name]:
            return

        def made() -> Moment:
            standing, done = self.standing, len(self.standing.history)
            running = name in ("epoch_begin", "step_begin")
            epoch = record["epoch"] if record else done + running
            shown = standing.state.theta if theta is None else theta
            if name == "epoch_end" and standing.average:
                shown = shown.copy()
                standing.average.write(shown)
            best = standing.best.kept.epoch
            return moment(epoch, self._steps, shown, record, best, self.settings)

        with self._nothing_lost():
            self.crew.tell(name, made)

    @contextmanager
    def _nothing_lost(self) -> Iterator[None]:
        """Pass on an exception of a callback, after writing a checkpoint.

        After Ctrl-C no checkpoint is written: θ may have moved while the counts have not.
        """
        try:
            yield
        except BaseException:
            if self.keeper and not self.trouble and self.status is not Status.INTERRUPTED:
                self.keeper.keep(self.standing, ended=True)
            raise
