"""A training run that is advanced by any number of steps, goes back, and changes its optimizer.

The steps are those of the training loop, one slice a step: however they are cut, a run gives the
bits of ``train``.
"""

import weakref
from collections.abc import Sequence
from dataclasses import replace

from thalweg.errors import SettingsError, Status
from thalweg.network.engine import Engine, choose
from thalweg.network.formulas.activations import Array
from thalweg.training.callbacks import Callback, Moment
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer
from thalweg.training.descent.training_settings import parse_optimizer
from thalweg.training.descent_inputs import Course, Member
from thalweg.training.stepping.hand_over import HandOver
from thalweg.training.stepping.place_in_run import PlaceInRun
from thalweg.training.train import Descent, outcome
from thalweg.training.training_loop import Run


class SteppedRun:
    """A training run that goes on when it is told to.

    Parameters
    ----------
    member : Member
    engine : Engine, optional
    callbacks : sequence of Callback
        They hear every step. When a run goes on from a place, they hear ``train_begin`` again.
    last_step : int, optional
        End after this step, also within an epoch.
    place : PlaceInRun, optional
        Where to begin; not with L-BFGS, whose memory cannot be taken out of SciPy.
    first : int
        How many steps came before the start of ``member``.
    """

    def __init__(
        self,
        member: Member,
        engine: Engine | None = None,
        *,
        callbacks: Sequence[Callback] = (),
        last_step: int | None = None,
        place: PlaceInRun | None = None,
        first: int = 0,
    ) -> None:
        engine = engine or choose()
        self.first, self.last_step = first, last_step
        own_last = None if last_step is None else last_step - first
        hand = self._hand = HandOver()
        standing = None if place is None else place.standing(Course(member, engine))
        ends = _Ends(own_last, hand if isinstance(member.settings.optimizer, Lbfgs) else None)
        self.run = run = Run(member, engine, callbacks=[*callbacks, ends], standing=standing)
        run.crew.stopped = own_last is not None and self.step - first >= own_last
        run.begin()
        weakref.finalize(self, hand.leave)

    @property
    def member(self) -> Member:
        """The run as an argument of ``train``."""
        return self.run.course.member

    @property
    def course(self) -> Course:
        """What does not change from step to step."""
        return self.run.course

    @property
    def by_lbfgs(self) -> bool:
        """Whether it has no steps of ours, and no place to go back to but its start."""
        return self.run.course.by_lbfgs

    @property
    def status(self) -> Status:
        """Whether it has ended, and why."""
        return self.run.status

    @property
    def step(self) -> int:
        """How many steps have moved θ."""
        return self.first + self.run.standing.state.step

    @property
    def total(self) -> int:
        """The number of the last step, if nothing ends the run before."""
        own = self.course.end * self.course.n_batches
        return self.first + own if self.last_step is None else min(self.last_step, self.first + own)

    @property
    def theta(self) -> Array:
        """θ after the last step; it changes with the next one."""
        return self.run.standing.state.theta

    def advance(self, steps: int = 1) -> int:
        """Make at most so many steps; returns how many there were."""
        began = self.step
        end = began + steps
        while self.status is Status.RUNNING and self.step < end:
            if self.by_lbfgs:  # the first time up to its first step
                self._hand.go_on(self.run.advance)
            else:
                self.run.advance()
        return self.step - began

    def place(self) -> PlaceInRun:
        """Where it stands now, for going back.

        Raises
        ------
        SettingsError
            With L-BFGS, and after divergence.
        """
        if self.status is Status.DIVERGED:
            raise SettingsError(
                "A run that has diverged has no place to go back to",
                why="The counts of its last epoch have a step that did not move the weights",
                fix="go back to an earlier place",
            )
        if self.by_lbfgs:
            raise SettingsError(
                "L-BFGS has no place to go back to",
                why="Its memory of past steps lies inside SciPy, and cannot be taken out",
                fix="begin anew, and advance by as many steps",
            )
        return PlaceInRun.of(self.run.standing)

    def changed(
        self, optimizer: str, *, callbacks: Sequence[Callback] = (), engine: Engine | None = None
    ) -> "SteppedRun":
        """A run that goes on from here with another optimizer; this one stays as it is.

        The same rule with another rate, schedule or constants keeps its memory, the order of the
        rows, and its place in the schedule. Another rule cannot use this memory: it begins anew at
        this θ, with the rest of the steps.

        Parameters
        ----------
        optimizer : str
            In text form.
        callbacks, engine : optional
            As for a run.
        """
        old, member = self.member.settings, self.member
        engine = engine or self.course.engine
        new = replace(old, optimizer=parse_optimizer(optimizer))
        if keeps_memory(old.optimizer, new.optimizer):
            return SteppedRun(
                replace(member, settings=new), engine, callbacks=callbacks,
                last_step=self.last_step, place=self.place(), first=self.first,
            )  # fmt: skip
        left = max(1, self.total - self.step)
        last, epochs = self.step + left, -(-left // self.course.n_batches)
        new = replace(new, max_epochs=epochs, stop_after=None)
        again = replace(member, theta=self.theta.copy(), settings=new)
        return SteppedRun(again, engine, callbacks=callbacks, last_step=last, first=self.step)

    def outcome(self) -> Descent:
        """What ``train`` returns, once the run has ended."""
        if self.status is not Status.RUNNING:
            self.run.look()
        return outcome(self.run)

    def leave(self) -> None:
        """Give up what waits for a next step."""
        self._hand.leave()


def keeps_memory(old: Optimizer | Lbfgs, new: Optimizer | Lbfgs) -> bool:
    """Whether a run can go on with another optimizer and the memory of this one."""
    if isinstance(old, Lbfgs) or isinstance(new, Lbfgs):
        return False
    return (old.rule, old.average, old.scales > 0) == (new.rule, new.average, new.scales > 0)


class _Ends(Callback):
    """Makes every step a slice, ends the run after a step, and lets L-BFGS wait before each."""

    def __init__(self, last_step: int | None, hand: HandOver | None) -> None:
        self.last_step, self.hand = last_step, hand

    def step_begin(self, moment: Moment) -> None:
        """Wait for the caller."""
        if self.hand is not None:
            self.hand.pause()

    def step_end(self, moment: Moment) -> bool:
        """Whether it was the last step."""
        return moment.step == self.last_step
